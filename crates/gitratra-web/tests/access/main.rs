//! Who may look, as browsers and programs meet it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod door;
mod house;
mod pages;
