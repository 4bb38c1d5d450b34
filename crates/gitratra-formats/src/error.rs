//! What can go wrong with a file: its text cannot be read, or the disk says no.

use std::path::{Path, PathBuf};

/// A place in a text that is not what the format asks for.
///
/// *Units*: lines count from 1, columns are characters counted from 1; a byte order mark has no
/// column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{file}\" line {line}, column {column}: {found}, expected {expected}")]
pub struct FormatError {
    /// The file, as the caller calls it.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column at which it goes wrong.
    pub column: usize,
    /// What stands there and why it cannot be, such as `"x" is no count`.
    pub found: String,
    /// What should stand there.
    pub expected: String,
}

/// A file that cannot be written or locked; the source says why.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Nothing was changed: the old file, if there was one, is as it was.
    #[error("cannot write \"{}\"", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Whether another run holds the file cannot be told.
    #[error("cannot lock \"{}\"", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl FileError {
    pub(crate) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }

    pub(crate) fn lock(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Lock { path, source }
    }
}
