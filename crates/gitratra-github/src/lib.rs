//! GitHub's HTTP to core values: the only socket to GitHub.
//!
//! Questions go in as core values, answers come out as core values or as a [`Failure`] that says
//! what to do next. No JSON, no header and no bare status leaves this crate, and it knows nothing
//! of the store. The credential goes to the host of [`ApiUrl`] and to no other.
//!
//! What holds at all times, whatever GitHub answers: of REST and of GraphQL never more requests in a
//! minute than [`Options::points_per_minute`], never more of the hour than [`Options::rate_share`], never more
//! in flight than [`Options::concurrency`], nothing sent while a limit is known to be used up,
//! nothing after a 401. Where an installation of an [`App`] asks, that is the 401 to a token made
//! anew. Time is GitHub's: each answer carries its `Date`, and the local clock only measures how
//! long to wait.

mod answer;
pub mod api_url;
pub mod app;
mod ask;
pub mod auth;
pub mod client;
pub mod clock;
mod decode;
pub mod device;
pub mod endpoint;
pub mod failure;
mod fault;
mod gate;
mod head;
pub mod limit;
mod meter;
mod pace;
mod pages;
mod purse;
mod query;
mod redirect;
mod refusal;
pub mod retry;
pub mod site;
mod socket;
mod standing;
mod tally;

pub use api_url::{ApiUrl, ApiUrlError};
pub use app::{App, AppError, AppOptions, Installation, InstallationCredential};
pub use auth::Credential;
pub use client::{
    Answer, Client, ClientError, CountedMany, Listed, LookUp, Options, RateLimit, StarPage,
};
pub use clock::{BoxFuture, Clock, TokioClock};
pub use device::{Begun, DeviceError, DeviceOptions};
pub use endpoint::{Listing, Target};
pub use failure::{Failure, FailureKind, Need};
pub use limit::Rate;
pub use purse::{HourWant, Purse, PurseWant, Share};
pub use retry::RetryPolicy;
pub use secrecy::SecretString;
pub use site::{SiteUrl, SiteUrlError};
pub use tally::Counters;
