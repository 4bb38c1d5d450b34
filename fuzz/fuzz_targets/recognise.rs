//! What a file is, by how it begins.

#![no_main]

use gitratra_formats::import::recognise_bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for name in ["views.json", "clones.csv", "x"] {
        let _ = recognise_bytes(bytes, name);
    }
});
