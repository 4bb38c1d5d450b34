//! When files were written, as the file system tells. It is asked only where GitHub's time is not
//! known far enough.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use gitratra_core::{Day, Timestamp};

/// How many folders lie at most above a file.
const DEEPEST: usize = 8;

/// The newest day on which anything was written of a file, of what its tool keeps beside it, or of
/// the files of a folder. Links are not followed below a folder.
///
/// # Errors
/// What the system says.
pub(super) fn newest_day(path: &Path) -> Result<Day> {
    let newest = newest(path);
    let newest = newest.with_context(|| format!("cannot read \"{}\"", path.display()))?;
    Ok(newest.map_or(Day::MIN, Day::of))
}

fn newest(path: &Path) -> io::Result<Option<Timestamp>> {
    let metadata = fs::metadata(path)?;
    let mut newest = time_of(&metadata);
    if !metadata.is_dir() {
        // What is in a database's log is newer than the database.
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let log = fs::metadata(log).ok();
        return Ok(newest.max(log.as_ref().and_then(time_of)));
    }
    let mut waiting = vec![(path.to_owned(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            newest = newest.max(time_of(&metadata));
            if metadata.is_dir() && depth < DEEPEST {
                waiting.push((entry.path(), depth + 1));
            }
        }
    }
    Ok(newest)
}

/// When a file was changed, or came to where it is: what unpacks or copies it may give it any time
/// of change, also one from before it was made.
fn time_of(metadata: &Metadata) -> Option<Timestamp> {
    let changed = metadata.modified().ok();
    let changed = changed.and_then(|time| Timestamp::try_from(time).ok());
    changed.max(came_at(metadata))
}

#[cfg(unix)]
fn came_at(metadata: &Metadata) -> Option<Timestamp> {
    use std::os::unix::fs::MetadataExt as _;
    Timestamp::from_second(metadata.ctime()).ok()
}

#[cfg(not(unix))]
fn came_at(metadata: &Metadata) -> Option<Timestamp> {
    let created = metadata.created().ok();
    created.and_then(|time| Timestamp::try_from(time).ok())
}
