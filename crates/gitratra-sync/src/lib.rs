//! Where GitHub meets the store: one pass asks what is due, records what was answered and reports.
//!
//! This crate draws nothing, prints nothing and reads no configuration. [`pass::run`] makes one
//! pass, [`Collector`] makes all of them for years; both go by the planner of `gitratra_core` and
//! share everything from the choice of repositories to the record of an answer.
//! [`list::collect`] serves the original tool's calls, which have no store.

pub mod asker;
#[cfg(test)]
mod at_scale;
mod chores;
pub mod collector;
mod copies;
mod counters;
mod crew;
mod journal;
mod lease;
pub mod list;
mod others;
pub mod pass;
mod purse;
mod queue;
mod read;
pub mod report;
mod round;
mod scope;
mod selftest;
pub mod status;
mod visit;
pub mod watch;

pub use asker::{Asker, AskerKind};
pub use collector::{Collector, CollectorError, House};
pub use copies::{Copier, Copy};
pub use crew::AskerSource;
pub use lease::Terms;
pub use pass::{Ask, Event, Options, run};
pub use purse::SharedPurse;
pub use report::{Ended, Note, PassError, Report, Trouble};
pub use status::{CredentialStatus, RepoStatus, Snapshot, Status};
pub use watch::{Messenger, Watch};
