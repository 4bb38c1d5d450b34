//! What an assistant is told, asked over the line as it asks: every tool, on both engines.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows the functions shared by tests for no test; a broken one should stop them"
)]

mod assistant;
mod honesty;
mod mistakes;
mod place;
mod privacy;
mod protocol;
mod tools;
mod world;
