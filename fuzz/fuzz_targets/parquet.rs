//! Our export of days as Parquet.

#![no_main]

use gitratra_fuzz::whole;
use libfuzzer_sys::fuzz_target;

/// How many rows are read at most: a few bytes may stand for a million.
const PATIENCE: usize = 10_000;

fuzz_target!(|bytes: &[u8]| {
    whole(bytes, |path| {
        let Ok(days) = gitratra_tables::read(path) else {
            return;
        };
        for day in days.take(PATIENCE) {
            if day.is_err() {
                break;
            }
        }
    });
});
