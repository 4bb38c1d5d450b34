//! Tables and zips of sangonzal/repository-traffic-action.

#![no_main]

use gitratra_core::import::Kind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let names = [
        "views.csv",
        "views_2026-01-08.csv",
        "2026-01-08_snapshot.zip",
    ];
    gitratra_fuzz::run(Kind::RepositoryTrafficAction, &names, bytes);
});
