//! What can go wrong, by what the caller can do about it.

use std::error::Error;
use std::path::{Path, PathBuf};

use gitratra_core::import::{Enough, Kind};
use rusqlite::ErrorCode;

/// The error behind an error.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why a database of another tool cannot be taken over. The file was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// The file, or room for a copy of it, is closed to us.
    #[error("cannot read \"{}\"; see that the file is there and may be read, and that the folder for temporary files has room for a copy", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: Cause,
    },
    /// Others lock or change the file all the time.
    #[error("\"{}\" is being written all the time; try again, or stop the tool that writes it while it is imported", file.display())]
    Busy {
        /// The file.
        file: PathBuf,
    },
    /// It begins like a database and does not go on like one.
    #[error("\"{}\" is damaged: {why}; take a backup of it, or repair a copy with `sqlite3 FILE .recover`", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What SQLite says.
        why: String,
    },
    /// It is not what it was said to be.
    #[error("\"{}\" is no database of {}: {why}; leave `--from` away to have it recognised", file.display(), kind.word())]
    NotThisKind {
        /// The file.
        file: PathBuf,
        /// What it was said to be.
        kind: Kind,
        /// What is missing.
        why: String,
    },
    /// A value cannot be.
    #[error("\"{}\": table \"{table}\", row {row}, column \"{column}\": found {found}, expected {expected}; correct it in a copy of the file and import that", file.display())]
    Value {
        /// The file.
        file: PathBuf,
        /// The table.
        table: &'static str,
        /// The row's `rowid`.
        row: i64,
        /// The column.
        column: &'static str,
        /// What is there, cut where it is long.
        found: String,
        /// What should be there.
        expected: String,
    },
}

impl ForeignError {
    pub(crate) fn unreadable(file: &Path, source: impl Into<Cause>) -> Self {
        Self::Unreadable {
            file: file.to_owned(),
            source: source.into(),
        }
    }

    pub(crate) fn damaged(file: &Path, why: impl Into<String>) -> Self {
        Self::Damaged {
            file: file.to_owned(),
            why: why.into(),
        }
    }

    /// What SQLite's error means for whoever asked for this file.
    pub(crate) fn of(file: &Path, error: rusqlite::Error) -> Self {
        use ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked | Code::FileLockingProtocolFailed) => {
                Self::Busy {
                    file: file.to_owned(),
                }
            }
            Some(
                Code::CannotOpen
                | Code::PermissionDenied
                | Code::ReadOnly
                | Code::SystemIoFailure
                | Code::DiskFull
                | Code::OutOfMemory,
            ) => Self::unreadable(file, error),
            Some(Code::TooBig) => Self::damaged(file, "a value is longer than it can be"),
            _ => Self::damaged(file, error.to_string()),
        }
    }
}

/// Why telling ended before the end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The listener has heard enough.
    Enough,
    /// The file cannot be read on.
    Failed(Box<ForeignError>),
}

impl From<Enough> for Stop {
    fn from(_: Enough) -> Self {
        Self::Enough
    }
}

impl From<ForeignError> for Stop {
    fn from(error: ForeignError) -> Self {
        Self::Failed(Box::new(error))
    }
}
