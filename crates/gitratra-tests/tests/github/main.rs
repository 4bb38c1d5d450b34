//! The client against servers that answer as GitHub does, and as it should not.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows the set-up shared by tests for no test; a broken one should stop them"
)]

mod answers;
mod apps;
mod device;
mod hosts;
mod limits;
mod lists;
mod network;
mod others;
mod queries;
mod raw;
mod refusals;
mod server;
mod share;
mod told;
mod trouble;
