//! Databases of other tools, opened for reading only.
