//! Databases made for a test, and what a folder holds.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

/// A database in a folder of its own.
pub(crate) struct Made {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The folder, which goes with this.
    pub(crate) folder: TempDir,
}

impl Made {
    /// The database that these statements make, closed.
    pub(crate) fn of(statements: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.db");
        let made = Self { path, folder };
        made.run(statements);
        made
    }

    /// The same, with a write-ahead log.
    pub(crate) fn with_log(statements: &[&str]) -> Self {
        let made = Self::of(&["pragma journal_mode = wal"]);
        made.run(statements);
        made
    }

    /// Runs more statements and closes it again.
    pub(crate) fn run(&self, statements: &[&str]) {
        let connection = self.connection();
        for statement in statements {
            connection.execute_batch(statement).unwrap();
        }
    }

    /// A connection as the tool has it.
    pub(crate) fn connection(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }
}

/// The names of a folder's files with a hash of what is in them.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, u64> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let mut hasher = DefaultHasher::new();
            fs::read(entry.path()).unwrap().hash(&mut hasher);
            let name = entry.file_name().into_string().unwrap();
            (name, hasher.finish())
        })
        .collect()
}
