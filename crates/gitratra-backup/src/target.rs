//! Where copies are kept: a folder, or a bucket.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::BackupError;
use crate::bucket::{Bucket, BucketOptions};
use crate::check::{blocking, scratch};
use crate::file::place;

/// A place for copies. `Display` shows it as it was given; it holds no secret.
#[derive(Debug, Clone)]
pub struct Target {
    shown: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Folder(PathBuf),
    Bucket(Bucket),
}

impl Target {
    /// Reads a folder's path, or `s3://BUCKET/PREFIX`. What a bucket needs besides comes from
    /// `options` and from variables that `variable` tells, as other tools have them: `AWS_REGION`,
    /// `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, and
    /// those by which a machine or a container has a role.
    ///
    /// # Errors
    /// [`BackupError::Setting`].
    pub fn parse(
        text: &str,
        options: &BucketOptions,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, BackupError> {
        let kind = match text.split_once("://") {
            Some(("s3", rest)) => Kind::Bucket(Bucket::open(rest, options, variable)?),
            Some((scheme, _)) => {
                let what = format!("copies cannot go to {scheme}://: name a folder or s3://BUCKET");
                return Err(BackupError::Setting(what));
            }
            None if text.is_empty() => {
                let what = "copies go nowhere: name a folder or s3://BUCKET/PREFIX";
                return Err(BackupError::Setting(what.to_owned()));
            }
            None => Kind::Folder(text.into()),
        };
        Ok(Self {
            shown: text.to_owned(),
            kind,
        })
    }

    /// The names of what lies there, ours and others, in any order.
    ///
    /// # Errors
    /// [`BackupError::File`] or [`BackupError::Bucket`].
    pub async fn names(&self) -> Result<Vec<String>, BackupError> {
        match &self.kind {
            Kind::Folder(folder) => {
                let path = folder.clone();
                let names = blocking(move || {
                    make(&path)?;
                    let names = std::fs::read_dir(&path)?.map(|entry| {
                        let name = entry?.file_name();
                        Ok(name.to_string_lossy().into_owned())
                    });
                    names.collect()
                })
                .await;
                names.map_err(BackupError::file("list", folder))
            }
            Kind::Bucket(bucket) => bucket.names().await,
        }
    }

    /// The place of a copy, for people.
    #[must_use]
    pub fn place_of(&self, name: &str) -> String {
        format!("{}/{name}", self.shown.trim_end_matches('/'))
    }

    /// The folder in which a copy is made before it goes there.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Folder(folder) => Some(folder),
            Kind::Bucket(_) => None,
        }
    }

    /// Puts a file there, which appears at once and whole.
    pub(crate) async fn put(&self, file: &Path, name: &str) -> Result<(), BackupError> {
        match &self.kind {
            Kind::Folder(folder) => {
                let scratch = scratch(Some(folder))?;
                let copy = scratch.path().join("ready.db");
                copy_synced(file, &copy).await?;
                place(&copy, &folder.join(name), false)
            }
            Kind::Bucket(bucket) => bucket.put(file, name).await,
        }
    }

    /// Reads back what lies there.
    pub(crate) async fn get(&self, name: &str, to: &Path) -> Result<(), BackupError> {
        match &self.kind {
            Kind::Folder(folder) => {
                let from = folder.join(name);
                let (path, to) = (from.clone(), to.to_owned());
                let read = blocking(move || std::fs::copy(path, to)).await;
                read.map(drop)
                    .map_err(BackupError::file("read back", &from))
            }
            Kind::Bucket(bucket) => bucket.get(name, to).await,
        }
    }

    /// Removes a copy.
    pub(crate) async fn remove(&self, name: &str) -> Result<(), BackupError> {
        match &self.kind {
            Kind::Folder(folder) => {
                let path = folder.join(name);
                let told = path.clone();
                let removed = blocking(move || std::fs::remove_file(path)).await;
                removed.map_err(BackupError::file("remove", &told))
            }
            Kind::Bucket(bucket) => bucket.remove(name).await,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown)
    }
}

/// Makes a folder for nobody but the user, where it is missing.
fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Copies a file with its permissions, and waits until it is on the disk.
async fn copy_synced(from: &Path, to: &Path) -> Result<(), BackupError> {
    let (path, copy) = (from.to_owned(), to.to_owned());
    let copied = blocking(move || {
        std::fs::copy(path, &copy)?;
        std::fs::File::open(&copy)?.sync_all()
    });
    copied.await.map_err(BackupError::file("write", to))
}
