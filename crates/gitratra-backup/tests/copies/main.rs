//! Copies are made, read back, looked at, kept and put back; whatever stops that leaves what was
//! there.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows the functions shared by tests for no test; a broken one should stop them"
)]

mod bucket;
mod folder;
#[cfg(unix)]
mod kills;
mod samples;
