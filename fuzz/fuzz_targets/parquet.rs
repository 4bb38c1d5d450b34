//! Our export of days as Parquet.

#![no_main]

use std::sync::Once;

use gitratra_fuzz::whole;
use libfuzzer_sys::fuzz_target;

/// How many rows are read at most: a few bytes may stand for a million.
const PATIENCE: usize = 10_000;

static QUIET: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    // Libraries panic at some damaged files, which our reader tells as an error. What it lets out
    // ends this all the same.
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| ())));
    whole(bytes, |path| {
        let Ok(days) = gitratra_tables::parquet_read::read(path) else {
            return;
        };
        for day in days.take(PATIENCE) {
            if day.is_err() {
                break;
            }
        }
    });
});
