//! What is kept, a file per table or pair of tables that are always used together. Each has the
//! public questions about it, then what a transaction asks of it.

pub(crate) mod alarm;
pub(crate) mod asked;
pub(crate) mod ranked;
pub(crate) mod repo;
pub(crate) mod rhythm;
pub(crate) mod rule;
pub(crate) mod run;
pub(crate) mod sighting;
pub(crate) mod source;
pub(crate) mod suspect;
pub(crate) mod traffic_day;
