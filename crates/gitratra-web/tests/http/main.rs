//! The server as a client meets it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod api;
mod bounds;
mod groups;
mod house;
mod numbers;
mod pages;
mod program;
mod roles;
mod routes;
mod schemathesis;
mod secrets;
