//! States of djdarcy/github-traffic-tracker.

#![no_main]

use gitratra_core::import::Kind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    gitratra_fuzz::run(Kind::GithubTrafficTracker, &["state.json"], bytes);
});
