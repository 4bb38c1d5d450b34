//! What is kept, a file per table or pair of tables that are always used together. Each has the
//! public questions about it, then what a transaction asks of it.

pub(crate) mod alarm;
pub(crate) mod asked;
pub(crate) mod budget;
pub(crate) mod changed;
pub(crate) mod collector;
pub(crate) mod counters;
pub(crate) mod extent;
pub(crate) mod group;
pub(crate) mod house_key;
pub(crate) mod invite;
pub(crate) mod lease;
pub(crate) mod ledger;
pub(crate) mod login_failure;
pub(crate) mod note;
pub(crate) mod person;
pub(crate) mod profile;
pub(crate) mod ranked;
pub(crate) mod releases;
pub(crate) mod repo;
pub(crate) mod rhythm;
pub(crate) mod rule;
pub(crate) mod run;
pub(crate) mod seal;
pub(crate) mod session;
pub(crate) mod share;
pub(crate) mod sighting;
pub(crate) mod source;
pub(crate) mod stars;
pub(crate) mod suspect;
pub(crate) mod sweep;
pub(crate) mod token;
pub(crate) mod told_total;
pub(crate) mod traffic_day;
pub(crate) mod traffic_week;
pub(crate) mod workflow_day;
