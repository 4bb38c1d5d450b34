//! Looking at a copy as at any store, and what a file is by its bytes.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use gitratra_store::{Finding, Location, Store, Verified};
use ring::digest::{Context, SHA256};
use tempfile::TempDir;

use crate::BackupError;

/// Findings that are kept to be shown.
const SHOWN: usize = 20;

/// What was found out about a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What was looked at.
    pub verified: Verified,
    /// The first findings that are no remarks, 20 at most.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Whether no rule is broken.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.verified.wrong == 0
    }

    /// The first finding as one line.
    #[must_use]
    pub fn first(&self) -> String {
        self.findings.first().map_or_else(String::new, line)
    }
}

fn line(finding: &Finding) -> String {
    let day = finding.day.map(|day| day.to_string());
    let places = [finding.repo.clone(), day, Some(finding.table.to_owned())];
    let places: Vec<String> = places.into_iter().flatten().collect();
    format!("{}: {}", places.join(", "), finding.what)
}

/// Opens a copy of the copy, which brings it up to date, and checks everything in it.
pub(crate) async fn check(path: &Path) -> Result<Checked, BackupError> {
    let store = Store::open(&Location::file(path)).await?;
    let mut findings = Vec::new();
    let verified = store
        .verify(|finding| {
            if !finding.is_remark && findings.len() < SHOWN {
                findings.push(finding);
            }
        })
        .await;
    store.close().await;
    Ok(Checked {
        verified: verified?,
        findings,
    })
}

/// A file by its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: String,
}

/// Reads a file from its beginning to its end.
pub(crate) async fn digest(path: &Path) -> Result<Digest, BackupError> {
    let path = path.to_owned();
    let told = path.clone();
    blocking(move || read(&path))
        .await
        .map_err(BackupError::file("read", &told))
}

fn read(path: &Path) -> std::io::Result<Digest> {
    let mut file = std::fs::File::open(path)?;
    let mut context = Context::new(&SHA256);
    let mut part = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            break;
        }
        context.update(part.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
    let sha256 = context.finish();
    let sha256 = sha256.as_ref().iter().map(|byte| format!("{byte:02x}"));
    Ok(Digest {
        bytes,
        sha256: sha256.collect(),
    })
}

/// Does on another thread what waits for the disk.
pub(crate) async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<R> + Send + 'static,
) -> std::io::Result<R> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(std::io::Error::other(error)))
}

/// What the folders begin with in which copies are made ready.
const PREFIX: &str = ".gitratra-copy-";

/// A folder that is older than this by another one's reckoning was left by a kill.
const LEFT: std::time::Duration = std::time::Duration::from_secs(2 * 86_400);

/// A folder of our own in another, gone when it is dropped. A kill leaves it, and nothing else; the
/// next one sweeps those away that were left long ago.
pub(crate) fn scratch(folder: Option<&Path>) -> Result<TempDir, BackupError> {
    let (made, told) = match folder {
        Some(folder) => (TempDir::with_prefix_in(PREFIX, folder), folder.to_owned()),
        None => (TempDir::with_prefix(PREFIX), std::env::temp_dir()),
    };
    let made = made.map_err(BackupError::file("make a file in", &told))?;
    sweep(&told, made.path());
    Ok(made)
}

/// Removes what was left long before `fresh` was made. What cannot be removed is no reason to fail.
fn sweep(folder: &Path, fresh: &Path) {
    let made_at = |path: &Path| std::fs::metadata(path).and_then(|found| found.modified());
    let (Ok(now), Ok(entries)) = (made_at(fresh), std::fs::read_dir(folder)) else {
        return;
    };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let age = made_at(&entry.path()).map(|then| now.duration_since(then));
        if is_ours && matches!(age, Ok(Ok(age)) if age > LEFT) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// The folder that a file lies in.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
