//! A warehouse in a folder. Whoever writes holds a lock, which the system gives back however the
//! process ends; files are written beside, flushed, and renamed.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::WarehouseError;
use crate::manifest::FOLDER;
use crate::place::{Body, BoxFuture, Expected, Found, Place, PlaceError, Version};

/// What the names of files begin with that are not ready yet.
const NEW: &str = "new-";

/// A warehouse in a folder.
#[derive(Debug)]
pub struct FolderPlace {
    folder: PathBuf,
    shown: String,
    /// Held as long as this lives; nothing where nobody writes.
    _lock: Option<File>,
}

impl FolderPlace {
    /// Opens a folder to write to it, which is made where there is none.
    ///
    /// # Errors
    /// [`WarehouseError::Busy`] where somebody else writes to it, [`WarehouseError::Place`].
    pub fn open(folder: &Path) -> Result<Self, WarehouseError> {
        let shown = folder.display().to_string();
        let failed = |error: io::Error| WarehouseError::Place {
            what: "write to the folder",
            place: shown.clone(),
            why: error.to_string(),
        };
        let ours = folder.join(FOLDER);
        fs::create_dir_all(&ours).map_err(failed)?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let lock = options.open(ours.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(WarehouseError::Busy(shown)),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        sweep(&ours).map_err(failed)?;
        Ok(Self {
            folder: folder.to_owned(),
            shown,
            _lock: Some(lock),
        })
    }

    /// Looks at a folder, to read alone. It need not be there.
    #[must_use]
    pub fn look(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            shown: folder.display().to_string(),
            _lock: None,
        }
    }

    fn path(&self, path: &str) -> PathBuf {
        path.split('/')
            .fold(self.folder.clone(), |mut folder, part| {
                folder.push(part);
                folder
            })
    }

    fn version_of(&self, path: &str) -> io::Result<Option<Version>> {
        match fs::metadata(self.path(path)) {
            Ok(found) => Ok(Some(version(&found))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn write(&self, path: &str, body: Body<'_>) -> io::Result<Version> {
        let target = self.path(path);
        let folder = target.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder)?;
        let mut new = new_file(&self.folder.join(FOLDER))?;
        match body {
            Body::Bytes(bytes) => new.write_all(bytes)?,
            Body::File(file, _) => {
                let mut file = file;
                file.seek(SeekFrom::Start(0))?;
                io::copy(&mut file, &mut new)?;
            }
        }
        new.as_file().sync_all()?;
        let written = version(&new.as_file().metadata()?);
        new.persist(&target).map_err(|error| error.error)?;
        // Not every system can do this with a folder; the file itself is on the disk.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(written)
    }

    fn found(&self) -> io::Result<BTreeMap<String, Version>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![(self.folder.clone(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            for entry in entries {
                let entry = entry?;
                let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push((entry.path(), format!("{path}/")));
                } else if kind.is_file() {
                    found.insert(path, version(&entry.metadata()?));
                }
            }
        }
        Ok(found)
    }
}

impl Place for FolderPlace {
    fn shown(&self) -> &str {
        &self.shown
    }

    fn is_alone(&self) -> bool {
        true
    }

    fn list(&self) -> BoxFuture<'_, Result<BTreeMap<String, Version>, PlaceError>> {
        Box::pin(async { self.found().map_err(failed) })
    }

    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let mut file = match File::open(self.path(path)) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(failed(error)),
            };
            let version = version(&file.metadata().map_err(failed)?);
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(failed)?;
            Ok(Some((bytes, version)))
        })
    }

    fn put<'a>(
        &'a self,
        path: &'a str,
        body: Body<'a>,
        expected: Expected<'a>,
    ) -> BoxFuture<'a, Result<Version, PlaceError>> {
        Box::pin(async move {
            let there = self.version_of(path).map_err(failed)?;
            let is_expected = match expected {
                Expected::Nothing => there.is_none(),
                Expected::Version(version) => there.as_deref() == Some(version),
            };
            if !is_expected {
                return Err(PlaceError::Moved);
            }
            self.write(path, body).map_err(failed)
        })
    }

    fn remove<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<(), PlaceError>> {
        Box::pin(async move {
            match fs::remove_file(self.path(path)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
                _ => Ok(()),
            }
        })
    }
}

fn failed(error: io::Error) -> PlaceError {
    PlaceError::Failed(error.to_string())
}

/// Size and time: whatever is written again has another one.
fn version(found: &Metadata) -> Version {
    let at = found.modified().ok();
    let at = at.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let nanos = at.map_or(0, |at| at.as_nanos());
    format!("{}-{nanos}", found.len())
}

/// A file with the rights that other programs give theirs, since others read it.
fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(NEW);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Removes what a run has left that was killed; nobody else is here.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(NEW) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
