//! Putting a copy back: looked at first, then in its place at once.

use std::path::Path;

use gitratra_store::{Location, Store, check_file, copy_file, replace_file};

use crate::BackupError;
use crate::check::{self, Checked, folder_of, scratch};

/// What may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restore {
    /// What the store holds is given up for the copy.
    pub may_replace: bool,
    /// A copy that breaks rules is taken as well, since there is no better one.
    pub accepts_unsound: bool,
}

/// A copy that was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What was found in it.
    pub checked: Checked,
}

/// Puts a copy in the place of the store at a location, a file or a server. The copy is only read.
/// One of an older program is brought up to date on the way.
///
/// At every moment the store is the old one or the new one; on a server all of it is one
/// transaction.
///
/// # Errors
/// [`BackupError::NotEmpty`] and [`BackupError::Unsound`] unless they were allowed. In
/// [`BackupError::Store`], [`gitratra_store::StoreError::Newer`] and
/// [`gitratra_store::StoreError::NotAStore`] name the copy, and [`gitratra_store::StoreError::Busy`]
/// the store that somebody has open. After every error the store is as it was.
pub async fn put_back(
    file: &Path,
    location: &Location,
    how: Restore,
) -> Result<Restored, BackupError> {
    check_file(file).await?;
    let folder = location.path().map(folder_of);
    if let Some(folder) = &folder {
        make_folder(folder)?;
    }
    let scratch = scratch(folder.as_deref())?;
    let ready = scratch.path().join("restore.db");
    copy_file(file, &ready).await?;
    let checked = check::check(&ready).await?;
    if !(checked.is_sound() || how.accepts_unsound) {
        return Err(BackupError::Unsound {
            place: file.display().to_string(),
            wrong: checked.verified.wrong,
            first: checked.first(),
        });
    }
    match location.path() {
        Some(path) => {
            if !how.may_replace && path.exists() {
                let store = Store::open(location).await?;
                let is_empty = store.is_empty().await;
                store.close().await;
                if !is_empty? {
                    return Err(not_empty(location));
                }
            }
            replace_file(&ready, location).await?;
        }
        None => {
            let store = Store::open(location).await?;
            if !how.may_replace && !store.is_empty().await? {
                return Err(not_empty(location));
            }
            store.replace_by(&ready).await?;
            store.close().await;
        }
    }
    Ok(Restored { checked })
}

fn not_empty(location: &Location) -> BackupError {
    BackupError::NotEmpty {
        place: location.to_string(),
    }
}

/// Makes a folder for nobody but the user, where it is missing.
fn make_folder(folder: &Path) -> Result<(), BackupError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.create(folder);
    made.map_err(BackupError::file("make the folder", folder))
}
