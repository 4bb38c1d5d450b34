//! Files of HafidIdrissi/github-traffic-archive.

#![no_main]

use gitratra_core::import::Kind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let names = ["views.json", "clones.csv", "referrers.json", "paths.json"];
    gitratra_fuzz::run(Kind::TrafficArchive, &names, bytes);
});
