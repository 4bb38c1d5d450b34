//! The files of a folder, sorted, within bounds: at most eight folders deep, at most
//! [`MOST`] of them, and never outside of it.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use gitratra_core::import::Listener;

use super::{ImportError, leave_out, whole};

/// How many folders lie at most above a file.
const DEEPEST: usize = 8;

/// How many files a folder may have.
const MOST: usize = 200_000;

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// The names of the folders below the one that was given, without the file's own.
    pub(super) folders: Vec<String>,
    /// The file's own name.
    pub(super) name: String,
    /// Where it is.
    pub(super) path: PathBuf,
}

impl Found {
    /// What errors call it.
    pub(super) fn label(&self) -> String {
        self.path.display().to_string()
    }
}

/// Whether a folder is meant; it is an error where nothing is there.
pub(super) fn is_folder(path: &Path) -> Result<bool, ImportError> {
    Ok(fs::metadata(path).map_err(ImportError::io(path))?.is_dir())
}

/// The file itself, or all files below a folder, in the order of their names. Links, and what
/// begins with a dot, are not looked into; what lies too deep is told to be left out.
pub(super) fn files(root: &Path, to: &mut dyn Listener) -> Result<Vec<Found>, ImportError> {
    let (found, notes) = walk(root, MOST)?;
    for note in notes {
        leave_out(to, note);
    }
    Ok(found)
}

/// The first files of a folder, to see what is in it.
pub(super) fn first_files(root: &Path, most: usize) -> Result<Vec<Found>, ImportError> {
    let (mut found, _) = walk(root, MOST)?;
    found.truncate(most);
    Ok(found)
}

fn walk(root: &Path, most: usize) -> Result<(Vec<Found>, Vec<&'static str>), ImportError> {
    if !is_folder(root)? {
        let name = root.file_name().unwrap_or_default();
        let file = Found {
            folders: vec![],
            name: name.to_string_lossy().into_owned(),
            path: root.to_owned(),
        };
        return Ok((vec![file], vec![]));
    }
    let mut found = Vec::new();
    let mut notes = Vec::new();
    let mut waiting = vec![(root.to_owned(), Vec::new())];
    while let Some((folder, folders)) = waiting.pop() {
        let entries = fs::read_dir(&folder).map_err(ImportError::io(&folder))?;
        for entry in entries {
            let entry = entry.map_err(ImportError::io(&folder))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(ImportError::io(&path))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            if kind.is_symlink() {
                notes.push("links: they are not followed");
            } else if kind.is_dir() && folders.len() == DEEPEST {
                notes.push("folders that lie deeper than eight: import them by themselves");
            } else if kind.is_dir() {
                let mut below: Vec<String> = folders.clone();
                below.push(name);
                waiting.push((path, below));
            } else if kind.is_file() {
                let folders = folders.clone();
                found.push(Found {
                    folders,
                    name,
                    path,
                });
            }
        }
        if found.len() > most || waiting.len() > most {
            let found = format!("more than {most} files are in it");
            let label = root.display().to_string();
            return Err(whole(&label, found, "a folder of one tool, imported by itself").into());
        }
    }
    found.sort();
    notes.sort_unstable();
    notes.dedup();
    Ok((found, notes))
}

/// Opens a file for reading.
pub(super) fn open(path: &Path) -> Result<BufReader<File>, ImportError> {
    let is_file = fs::metadata(path).map(|data| data.is_file());
    if !is_file.map_err(ImportError::io(path))? {
        let label = path.display().to_string();
        return Err(whole(&label, "this is no file", "a file").into());
    }
    let file = File::open(path).map_err(ImportError::io(path))?;
    Ok(BufReader::with_capacity(super::guard::AHEAD, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_sorted_and_links_and_hidden_ones_are_not_followed() {
        let root = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        make("b/2.csv");
        make("b/1.csv");
        make("a.csv");
        make(".git/config");
        make("1/2/3/4/5/6/7/8/deep.csv");
        make("1/2/3/4/5/6/7/8/9/too-deep.csv");
        #[cfg(unix)]
        std::os::unix::fs::symlink("/", root.path().join("out")).unwrap();
        let (found, notes) = walk(root.path(), 100).unwrap();
        let names: Vec<_> = found.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["a.csv", "deep.csv", "1.csv", "2.csv"]);
        assert_eq!(found[2].folders, ["b"]);
        assert_eq!(notes.len(), 1 + usize::from(cfg!(unix)));
        assert!(matches!(
            walk(root.path(), 2),
            Err(ImportError::Format(error)) if error.found.contains("more than 2")
        ));
    }

    #[test]
    fn what_is_not_there_is_named() {
        let error = walk(Path::new("/no/such/place"), 1).unwrap_err();
        assert_eq!(error.to_string(), "cannot read \"/no/such/place\"");
    }
}
