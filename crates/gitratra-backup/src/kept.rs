//! One more copy among those that are kept: written, read back, checked, and the old ones let go.

use gitratra_core::Timestamp;
use gitratra_store::Store;

use crate::check::{self, Checked, scratch};
use crate::names::{Keep, name_of};
use crate::{BackupError, Target};

/// A copy that was written, and is there as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it is called.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// What was found in it.
    pub checked: Checked,
    /// The names of those that were removed.
    pub removed: Vec<String>,
    /// Why an old one could not be removed; the new one is there all the same.
    pub not_removed: Option<String>,
}

/// Writes a copy of the store to a target, reads all of it back from there, compares it, and checks
/// everything that is in it. Only then are copies removed that `keep` does not want any more, and
/// none where the copy is not sound; without `keep` none are.
///
/// *Shape*: the name is that of `at`. For a while it takes the room of three copies.
///
/// # Errors
/// [`BackupError::Exists`] where there is one of the same minute. [`BackupError::Differs`] where
/// what was read back is not what was written.
pub async fn keep(
    store: &Store,
    target: &Target,
    at: Timestamp,
    keep: Option<Keep>,
) -> Result<Kept, BackupError> {
    let name = name_of(at);
    let mut names = target.names().await?;
    if names.contains(&name) {
        return Err(BackupError::Exists {
            place: target.place_of(&name),
        });
    }
    let scratch = scratch(target.folder())?;
    let copy = scratch.path().join("copy.db");
    store.copy_to_file(&copy).await?;
    let written = check::digest(&copy).await?;
    target.put(&copy, &name).await?;
    let back = scratch.path().join("back.db");
    target.get(&name, &back).await?;
    let found = check::digest(&back).await?;
    if found != written {
        // A copy that is none would be taken for one.
        let _ = target.remove(&name).await;
        return Err(BackupError::Differs {
            place: target.place_of(&name),
            what: format!(
                "{} bytes with SHA-256 {} were written, {} bytes with {} were read",
                written.bytes, written.sha256, found.bytes, found.sha256
            ),
        });
    }
    drop(std::fs::remove_file(&copy));
    let checked = check::check(&back).await?;
    names.push(name.clone());
    let gone = match keep {
        Some(keep) if checked.is_sound() => keep.superfluous(&names),
        _ => Vec::new(),
    };
    let mut removed = Vec::with_capacity(gone.len());
    let mut not_removed = None;
    for gone in gone {
        match target.remove(&gone).await {
            Ok(()) => removed.push(gone),
            Err(error) => not_removed = Some(error.to_string()),
        }
    }
    Ok(Kept {
        name,
        bytes: written.bytes,
        sha256: written.sha256,
        checked,
        removed,
        not_removed,
    })
}
