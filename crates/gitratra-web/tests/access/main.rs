//! Who may look, as browsers and programs meet it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_fun_call,
    reason = "a test fails by panicking"
)]

mod door;
mod house;
mod pages;
