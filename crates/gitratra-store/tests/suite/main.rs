//! What the store promises, on both engines.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows the functions shared by tests for no test; a broken one should stop them"
)]

mod accounts;
mod alarms;
#[cfg(target_os = "linux")]
mod disk;
mod faults;
mod foreign;
mod kills;
mod names;
#[cfg(unix)]
mod outages;
mod place;
mod regimes;
mod samples;
mod schema;
mod server;
mod together;
mod visits;
mod watching;
