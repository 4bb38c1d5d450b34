//! Which file stands at the store's path. SQLite goes on writing to a file that was deleted or
//! moved away, where nobody would ever find it; so it is looked at before each question.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Fault;

/// The path of the store, and the file that was opened there.
pub(super) struct File {
    path: PathBuf,
    opened: Mutex<Opened>,
}

#[derive(Clone, Copy, Default)]
struct Opened {
    itself: Option<Identity>,
    /// The log and the index of the log, as far as they were there.
    beside: [Option<Identity>; 2],
}

/// What tells a file from any other on the machine: device and number.
pub(super) type Identity = (u64, u64);

/// What stands at the path, compared with what was opened there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Same(Identity),
    Other,
    Nothing,
}

/// What SQLite adds to the name for the log and for its index
/// (<https://sqlite.org/wal.html>, "The WAL File").
const BESIDE: [&str; 2] = ["-wal", "-shm"];

impl File {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            opened: Mutex::default(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn look(&self) -> Look {
        match (identity(&self.path), self.opened().itself) {
            (None, _) => Look::Nothing,
            (Some(found), Some(opened)) if found == opened => Look::Same(found),
            (Some(_), _) => Look::Other,
        }
    }

    /// Opens what stands at the path and remembers what that was.
    pub(super) fn open<R>(&self, open: impl FnOnce(&Path) -> Result<R, Fault>) -> Result<R, Fault> {
        // Looked at before, so that a file that comes in between is another one the next time.
        let before = identity(&self.path);
        let opened = open(&self.path)?;
        *self.opened() = Opened {
            // At the first opening the file is only just made.
            itself: before.or_else(|| identity(&self.path)),
            beside: self.log(),
        };
        Ok(opened)
    }

    /// Remembers the log, which is there at the latest when something was written.
    pub(super) fn note_log(&self) {
        let mut opened = self.opened();
        if opened.beside.contains(&None) {
            opened.beside = self.log();
        }
    }

    /// Takes the log of the file that was opened away from the one that stands in its place now,
    /// for which it would be nonsense. A log that came along with that file stays.
    pub(super) fn remove_log(&self) -> Result<(), Fault> {
        let noted = self.opened().beside;
        for (end, noted) in BESIDE.into_iter().zip(noted) {
            let path = self.beside(end);
            if noted.is_some() && identity(&path) == noted {
                std::fs::remove_file(path).map_err(|error| {
                    let why = "the log of the file that stood there cannot be removed, check its \
                               folder's permissions";
                    Fault::CannotOpen(why.into(), Some(Arc::new(error)))
                })?;
            }
        }
        Ok(())
    }

    fn log(&self) -> [Option<Identity>; 2] {
        BESIDE.map(|end| identity(&self.beside(end)))
    }

    fn beside(&self, end: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(end);
        path.into()
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks for what stands at a path, without opening it.
#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;

    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

/// Elsewhere an open file can be neither deleted nor moved away.
#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    std::fs::metadata(path).ok().map(|_| (0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_is_seen_whatever_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let away = folder.path().join("away.db");
        std::fs::write(&path, "one").unwrap();
        let file = File::new(path.clone());
        assert_eq!(file.look(), Look::Other);
        file.open(|_| Ok(())).unwrap();
        let Look::Same(first) = file.look() else {
            panic!("it is the same file");
        };
        std::fs::rename(&path, &away).unwrap();
        assert_eq!(file.look(), Look::Nothing);
        std::fs::write(&path, "one").unwrap();
        assert_eq!(file.look(), Look::Other);
        std::fs::rename(&away, &path).unwrap();
        assert_eq!(file.look(), Look::Same(first));
    }

    #[test]
    fn only_the_log_that_was_noted_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let log = folder.path().join("store.db-wal");
        std::fs::write(&path, "one").unwrap();
        let file = File::new(path);
        file.open(|_| Ok(())).unwrap();
        std::fs::write(&log, "old").unwrap();
        file.note_log();
        // Another one has come in its place.
        let other = folder.path().join("other");
        std::fs::write(&other, "new").unwrap();
        std::fs::rename(&other, &log).unwrap();
        file.remove_log().unwrap();
        assert!(log.exists());
        file.open(|_| Ok(())).unwrap();
        file.note_log();
        file.remove_log().unwrap();
        assert!(!log.exists());
    }
}
