//! Files of a folder that are of another kind than the one that is read: they are named, so that
//! nobody takes them for imported.

use std::collections::BTreeMap;
use std::path::Path;

use gitratra_core::import::{Kind, Listener};

use super::folder::Found;
use super::{ImportError, leave_out, recognise};
use crate::lines::quoted;

/// How many files are named of each kind.
const NAMED: usize = 5;

/// Ends of names behind which a history may lie that was not recognised.
const ENDS: [&str; 9] = [
    "csv", "json", "jsonl", "txt", "zip", "parquet", "db", "sqlite", "sqlite3",
];

/// The files that are not read, by what they are.
#[derive(Debug)]
pub(super) struct Others {
    kind: Kind,
    found: BTreeMap<Option<Kind>, (Vec<String>, usize)>,
}

impl Others {
    /// Of a folder that is read as this kind.
    pub(super) const fn than(kind: Kind) -> Self {
        let found = BTreeMap::new();
        Self { kind, found }
    }

    /// Whether a file is of the kind that is read; if not, note is taken of it.
    pub(super) fn is_ours(&mut self, found: &Found) -> Result<bool, ImportError> {
        let kind = recognise::file(&found.path)?;
        if kind == Some(self.kind) {
            return Ok(true);
        }
        self.note(found, kind);
        Ok(false)
    }

    /// Takes note of a file that is not read.
    pub(super) fn take(&mut self, found: &Found) -> Result<(), ImportError> {
        let kind = recognise::file(&found.path)?;
        // What looks like ours and is called otherwise can be read by itself no more than here.
        self.note(found, kind.filter(|kind| *kind != self.kind));
        Ok(())
    }

    fn note(&mut self, found: &Found, kind: Option<Kind>) {
        let end = Path::new(&found.name).extension();
        let end = end.map(|end| end.to_string_lossy().to_ascii_lowercase());
        if kind.is_none() && !end.is_some_and(|end| ENDS.contains(&end.as_str())) {
            return;
        }
        let (names, number) = self.found.entry(kind).or_default();
        *number += 1;
        if names.len() < NAMED {
            let way = found.folders.iter().chain([&found.name]);
            let way: Vec<&str> = way.map(String::as_str).collect();
            names.push(quoted(&way.join("/")));
        }
    }

    /// Tells what was left out.
    pub(super) fn tell(self, to: &mut dyn Listener) {
        for (kind, (names, number)) in self.found {
            let more = match number - names.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let (are, them) = match number {
                1 => ("is", "it by itself"),
                _ => ("are", "them by themselves"),
            };
            let what = match kind {
                Some(kind) => format!("{are} of the kind {}: import {them}", kind.word()),
                None => {
                    format!("{are} nothing that is known here: if it is a history, import {them}")
                }
            };
            leave_out(to, &format!("{}{more} {what}", names.join(", ")));
        }
    }
}
