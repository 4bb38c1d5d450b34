//! GitHub's own answers.

#![no_main]

use gitratra_core::import::Kind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let names = [
        "answer",
        "octo__alpha_views_20260108_120000.json",
        "referrers_20260108.json",
    ];
    gitratra_fuzz::run(Kind::Raw, &names, bytes);
});
