//! Any bytes as a database of another tool.

#![no_main]

use gitratra_fuzz::{databases, whole};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    whole(bytes, databases::read);
});
