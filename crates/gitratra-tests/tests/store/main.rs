//! What the store promises, on both engines.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows the functions shared by tests for no test; a broken one should stop them"
)]

mod access;
mod accounts;
mod alarms;
mod budgets;
mod carried;
mod changes;
mod copies;
mod counts;
#[cfg(target_os = "linux")]
mod disk;
mod faults;
mod foreign;
mod imports;
mod joined;
mod kills;
mod layout;
mod leases;
mod lists;
mod marks;
mod meeting;
mod names;
mod notes;
#[cfg(unix)]
mod outages;
mod place;
mod presence;
mod regimes;
mod releases;
mod samples;
mod schema;
mod seals;
mod server;
mod stars;
mod sweep;
mod together;
mod verified;
mod visits;
mod watching;
mod weeks;
