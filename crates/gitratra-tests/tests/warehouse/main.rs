//! A warehouse from outside: what is written when, what other programs read, and what is left when a
//! run is cut off or meets another one.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows the functions shared by tests for no test; a broken one should stop them"
)]

mod changes;
mod cuts;
mod engines;
mod house;
mod places;
mod s3;
