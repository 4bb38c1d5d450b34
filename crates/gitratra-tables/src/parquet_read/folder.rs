//! Which files are meant: one, or those of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::{ReadFault, bound};

/// The file itself, or the Parquet files of the folder and of its folders `year=…`. *Shape*: by
/// path, at least one.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>, ReadFault> {
    if !fs::metadata(path).map_err(ReadFault::Io)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut years = Vec::new();
    look(path, &mut found, Some(&mut years))?;
    for year in years {
        look(&year, &mut found, None)?;
    }
    if found.is_empty() {
        return Err(ReadFault::NoFiles);
    }
    found.sort();
    Ok(found)
}

fn look(
    folder: &Path,
    files: &mut Vec<PathBuf>,
    mut years: Option<&mut Vec<PathBuf>>,
) -> Result<(), ReadFault> {
    for entry in fs::read_dir(folder).map_err(ReadFault::Io)? {
        let entry = entry.map_err(ReadFault::Io)?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let kind = entry.file_type().map_err(ReadFault::Io)?;
        if kind.is_dir() {
            if let Some(years) = years.as_deref_mut().filter(|_| name.starts_with("year=")) {
                years.push(path);
            }
        } else if name.ends_with(".parquet") && !name.starts_with('.') {
            files.push(path);
        }
        let seen = files.len() + years.as_deref().map_or(0, Vec::len);
        if seen > bound::FILES {
            return Err(ReadFault::TooLarge {
                what: "the files",
                found: seen as u64,
                limit: bound::FILES as u64,
            });
        }
    }
    Ok(())
}
