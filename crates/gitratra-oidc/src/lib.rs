//! Logging in to the dashboard through another house, by `OpenID` Connect.
