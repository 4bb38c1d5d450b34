//! One copy as a file of its own.

use std::path::Path;

use gitratra_store::Store;
use tempfile::TempPath;

use crate::BackupError;
use crate::check::{self, Checked, blocking, folder_of, scratch};

/// A copy that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// What was found in it. A copy of a store that is not sound is as unsound, and kept all the
    /// same.
    pub checked: Checked,
}

/// Writes one state of the store into a file, at once: whoever looks sees no part of it. Nobody who
/// writes meanwhile waits. It takes the room of two copies in the folder for a while.
///
/// # Errors
/// [`BackupError::Exists`] where the file is there and may not be replaced. After any error what
/// was there is there.
pub async fn make(store: &Store, file: &Path, may_replace: bool) -> Result<Copied, BackupError> {
    if !may_replace && file.exists() {
        return Err(BackupError::Exists {
            place: file.display().to_string(),
        });
    }
    let scratch = scratch(Some(&folder_of(file)))?;
    let copy = scratch.path().join("copy.db");
    store.copy_to_file(&copy).await?;
    let digest = check::digest(&copy).await?;
    let look = scratch.path().join("look.db");
    let (from, to) = (copy.clone(), look.clone());
    let copied = blocking(move || std::fs::copy(from, to)).await;
    copied.map_err(BackupError::file("write", &look))?;
    let checked = check::check(&look).await?;
    place(&copy, file, may_replace)?;
    Ok(Copied {
        bytes: digest.bytes,
        sha256: digest.sha256,
        checked,
    })
}

/// Puts a finished file in its place, on the same disk, at once.
pub(crate) fn place(from: &Path, to: &Path, may_replace: bool) -> Result<(), BackupError> {
    let ready = TempPath::try_from_path(from).map_err(BackupError::file("read", from))?;
    let placed = match may_replace {
        true => ready.persist(to),
        false => ready.persist_noclobber(to),
    };
    placed.map_err(|error| match error.error.kind() {
        std::io::ErrorKind::AlreadyExists => BackupError::Exists {
            place: to.display().to_string(),
        },
        _ => BackupError::file("write", to)(error.error),
    })?;
    // Not every system can do this with a folder; the file itself is on the disk.
    let folder = std::fs::File::open(folder_of(to));
    let _ = folder.and_then(|folder| folder.sync_all());
    Ok(())
}
