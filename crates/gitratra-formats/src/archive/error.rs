//! What can go wrong with an archive.

use std::path::PathBuf;

use crate::{FileError, FormatError};

/// Why an archive cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// There is none.
    #[error(
        "\"{}\" holds no archive: there is no gitratra-archive.txt in it, write one with \
         `gitratra archive`",
        folder.display()
    )]
    None {
        /// The folder.
        folder: PathBuf,
    },
    /// A line that is no fact.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A file that cannot be written; what was there is as it was.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file or folder that cannot be read.
    #[error("cannot read \"{}\"", path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file that no archive has.
    #[error("\"{}\" is larger than any file of an archive", path.display())]
    TooLarge {
        /// Which one.
        path: PathBuf,
    },
    /// Somebody else's file where one of ours belongs.
    #[error(
        "\"{}\" is not ours and in the way: move it, or name another folder",
        path.display()
    )]
    NotOurs {
        /// Which one.
        path: PathBuf,
    },
}
