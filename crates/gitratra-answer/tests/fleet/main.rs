//! What the book of the fleet promises, on both engines.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows the functions shared by tests for no test; a broken one should stop them"
)]

mod place;
mod plain;
mod privacy;
mod shelf;
mod sums;
mod world;
