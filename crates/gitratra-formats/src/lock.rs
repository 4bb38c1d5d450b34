//! Keeps two runs from reading and replacing one file at the same time.
//!
//! The lock is held on a file beside it, `.NAME.lock`, since the file itself is renamed away under
//! a lock. The system gives the lock back when the process ends, however it ends; the file that is
//! left behind by a kill is taken over by the next run.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::FileError;
use crate::replace::{folder_of, is_regular_or_new, target_of};

/// The right to read and replace a file, given back when dropped.
#[derive(Debug)]
#[must_use = "the lock is given back as soon as this is dropped"]
pub struct FileLock {
    held: Option<(PathBuf, File)>,
}

impl FileLock {
    /// Takes the lock of the file at `path`, waiting for whoever holds it.
    ///
    /// `on_wait` is called once before waiting begins, so that the program can say that it waits.
    /// Two paths that lead to one file through links share its lock. What is no regular file is
    /// never replaced and needs no lock.
    ///
    /// # Errors
    /// [`FileError::Lock`] where the folder cannot be written to or has no locks to give.
    pub fn take(path: &Path, on_wait: impl FnOnce()) -> Result<Self, FileError> {
        let mut on_wait = Some(on_wait);
        let lock = take(path, |file| match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                if let Some(on_wait) = on_wait.take() {
                    on_wait();
                }
                file.lock().map(|()| true)
            }
            Err(TryLockError::Error(error)) => Err(error),
            Ok(()) => Ok(true),
        });
        lock.map(|lock| lock.unwrap_or(Self { held: None }))
            .map_err(FileError::lock(path))
    }

    /// Takes the lock, or nothing where another run holds it.
    ///
    /// # Errors
    /// As [`FileLock::take`].
    pub fn try_take(path: &Path) -> Result<Option<Self>, FileError> {
        let lock = take(path, |file| match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        });
        lock.map_err(FileError::lock(path))
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Removed while still held: who waits on the removed file notices and starts again. Only
        // Unix can tell that two names are one file, so elsewhere the file stays.
        if let Some((path, file)) = self.held.take().filter(|_| cfg!(unix)) {
            let _ = fs::remove_file(path);
            drop(file);
        }
    }
}

/// Opens the lock file and locks it by `lock`, which says whether it could.
fn take(
    path: &Path,
    mut lock: impl FnMut(&File) -> io::Result<bool>,
) -> io::Result<Option<FileLock>> {
    let target = target_of(path)?;
    if !is_regular_or_new(&target)? {
        return Ok(Some(FileLock { held: None }));
    }
    let path = lock_path(&target)?;
    loop {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        if !lock(&file)? {
            return Ok(None);
        }
        if is_at(&file, &path)? {
            return Ok(Some(FileLock {
                held: Some((path, file)),
            }));
        }
    }
}

fn lock_path(target: &Path) -> io::Result<PathBuf> {
    let name = target
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(".lock");
    Ok(folder_of(target).join(hidden))
}

/// Whether `file` is still the one that `path` names: a run that ended in between removed it, and
/// another may have made a new one, which a lock on the old one would not stop.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(found) => Ok(found.dev() == ours.dev() && found.ino() == ours.ino()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;
    use crate::replace_file;

    #[test]
    fn a_second_run_is_told_that_the_file_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.txt");
        let first = FileLock::try_take(&path).unwrap();
        assert!(first.is_some());
        assert!(FileLock::try_take(&path).unwrap().is_none());
        drop(first);
        assert!(FileLock::try_take(&path).unwrap().is_some());
    }

    #[test]
    fn the_lock_outlives_the_file_being_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.txt");
        let lock = FileLock::take(&path, || ()).unwrap();
        replace_file(&path, b"one").unwrap();
        assert!(FileLock::try_take(&path).unwrap().is_none());
        drop(lock);
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), if cfg!(unix) { 1 } else { 2 });
    }

    #[test]
    fn a_lock_file_left_by_a_kill_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".out.txt.lock"), "").unwrap();
        let lock = FileLock::try_take(&folder.path().join("out.txt")).unwrap();
        assert!(lock.is_some());
    }

    #[test]
    fn who_waits_says_so_and_goes_on_when_the_other_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.txt");
        let first = FileLock::take(&path, || unreachable!("nobody holds it")).unwrap();
        let (waits, is_waiting) = mpsc::channel();
        let second = thread::spawn({
            let path = path.clone();
            move || FileLock::take(&path, || waits.send(()).unwrap()).map(drop)
        });
        is_waiting.recv().unwrap();
        drop(first);
        second.join().unwrap().unwrap();
    }

    #[test]
    fn runs_at_once_lose_nothing_of_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.txt");
        let add_lines = || {
            for _ in 0..25 {
                let lock = FileLock::take(&path, || ()).unwrap();
                let mut text = fs::read(&path).unwrap_or_default();
                text.push(b'\n');
                replace_file(&path, &text).unwrap();
                drop(lock);
            }
        };
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(add_lines);
            }
        });
        assert_eq!(fs::read(&path).unwrap().len(), 100);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_shares_the_lock_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.txt");
        let link = folder.path().join("link.txt");
        std::os::unix::fs::symlink("out.txt", &link).unwrap();
        let lock = FileLock::try_take(&link).unwrap();
        assert!(FileLock::try_take(&path).unwrap().is_none());
        drop(lock);
    }
}
