//! Reads a file as the database of each tool.

use std::path::Path;

use gitratra_core::import::Kind;

use crate::Told;

const KINDS: [Kind; 5] = [
    Kind::Ghstats,
    Kind::Gghstats,
    Kind::GitCloneStats,
    Kind::GhTracker,
    Kind::TrafficVault,
];

/// Recognises it, and reads it twice as each kind.
pub fn read(path: &Path) {
    let _ = gitratra_foreign::recognise(path);
    for kind in KINDS {
        let read = || {
            let mut told = Told::default();
            let read = gitratra_foreign::read(kind, path, &mut told);
            (told, read.map_err(|error| error.to_string()))
        };
        assert_eq!(read(), read(), "{kind:?}");
    }
}
