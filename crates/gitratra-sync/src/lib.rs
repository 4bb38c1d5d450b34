//! Where GitHub meets the store: one pass asks what is due, records what was answered and reports.
//!
//! This crate draws nothing, prints nothing and reads no configuration. [`pass::run`] is the main
//! path; [`list::collect`] serves the original tool's calls, which have no store.

pub mod list;
pub mod pass;
pub mod report;
pub mod scope;
mod visit;

pub use pass::{Ask, Event, Options, run};
pub use report::{Ended, Note, PassError, Report, Trouble};
