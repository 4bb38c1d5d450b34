//! Whole histories as a folder of sorted text that git keeps well, and back without loss.
//!
//! `gitratra-archive.txt` says what the folder is, `repositories.txt` which repositories are in it,
//! `house.txt` has rules, groups and suspicions. A repository's folder is named by its number, with
//! a file for each year and `repository.txt` for what has no year. Each line is one fact that stands
//! for itself, its fields divided by tabs, sorted; a fact's line changes only when the fact does.
//! Reading joins facts, so that their order does not matter and one may be there twice. The whole
//! format is told by `docs/archive.md`.
//!
//! Files that did not change are left alone, others are put in place as a whole. Nothing is touched
//! or removed that does not begin as our files do.

mod error;
mod fields;
mod house;
mod repository;
mod year;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use gitratra_core::history::{History, House};
use gitratra_core::{RepoId, RepoName};

pub use self::error::ArchiveError;
use self::fields::{Fields, HEADER};
use crate::lines::lines;
use crate::replace_file;

/// The file by which an archive is known.
pub const MARK: &str = "gitratra-archive.txt";
const REPOSITORIES: &str = "repositories.txt";
const HOUSE: &str = "house.txt";
const REPOSITORY: &str = "repository.txt";

/// What stands in [`MARK`] after the first line.
const ABOUT: &str = "\
# Everything that gitratra keeps of some repositories, one fact a line.
# Give it back with: gitratra import --from archive FOLDER
# It may tell of private repositories: keep it where only those may look who may see them.
";

/// Bytes of a file at most. A repository with thousands of files in its releases has some ten
/// million a year.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// Bytes of a line at most.
const MOST_LINE: usize = 64 * 1024;

/// A folder with an archive in it.
#[derive(Debug, Clone)]
pub struct Archive {
    folder: PathBuf,
}

/// What writing did to files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Files that are new or have other bytes.
    pub written: u64,
    /// Files that were as they should be.
    pub unchanged: u64,
    /// Files that are no more.
    pub removed: u64,
}

impl std::ops::AddAssign for Written {
    fn add_assign(&mut self, other: Self) {
        self.written += other.written;
        self.unchanged += other.unchanged;
        self.removed += other.removed;
    }
}

impl Archive {
    /// Whether a folder holds an archive: by its mark, or, where a merge or a hand has lost that, by
    /// any file of ours.
    #[must_use]
    pub fn is_at(folder: &Path) -> bool {
        let is_file_of_ours = |path: &Path| is_ours(path).unwrap_or(false);
        if [MARK, HOUSE, REPOSITORIES]
            .iter()
            .any(|name| is_file_of_ours(&folder.join(name)))
        {
            return true;
        }
        let entries = entries(folder).unwrap_or_default().into_iter();
        entries
            .filter(|(name, _)| number(name).is_some())
            .any(|(_, path)| {
                let files = self::entries(&path).unwrap_or_default();
                files
                    .iter()
                    .any(|(name, path)| is_fact_file(name) && is_file_of_ours(path))
            })
    }

    /// The archive in a folder.
    ///
    /// # Errors
    /// [`ArchiveError::None`] where there is none, [`ArchiveError::Format`] where it is of a newer
    /// program.
    pub fn open(folder: &Path) -> Result<Self, ArchiveError> {
        if !Self::is_at(folder) {
            return Err(ArchiveError::None {
                folder: folder.to_owned(),
            });
        }
        let archive = Self {
            folder: folder.to_owned(),
        };
        if folder.join(MARK).is_file() {
            archive.each_line(Path::new(MARK), |_| Ok(()))?;
        }
        Ok(archive)
    }

    /// The archive in a folder, which is begun where there is none. Other files may lie there too.
    ///
    /// # Errors
    /// As [`Archive::open`], and [`ArchiveError::File`] where the folder cannot be written to.
    pub fn begin(folder: &Path) -> Result<Self, ArchiveError> {
        if folder.join(MARK).is_file() {
            return Self::open(folder);
        }
        let archive = Self {
            folder: folder.to_owned(),
        };
        archive.write(Path::new(MARK), &format!("{HEADER}\n{ABOUT}"))?;
        Ok(archive)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The repositories that have a folder of ours. *Shape*: by number.
    ///
    /// # Errors
    /// [`ArchiveError::Read`].
    pub fn repositories(&self) -> Result<Vec<RepoId>, ArchiveError> {
        let mut repositories: Vec<RepoId> = Vec::new();
        for (name, path) in entries(&self.folder)? {
            let Some(id) = number(&name).filter(|_| path.is_dir()) else {
                continue;
            };
            // One that lost `repository.txt` is there as well: whoever reads it is told so.
            for (name, path) in entries(&path)? {
                if is_fact_file(&name) && is_ours(&path)? {
                    repositories.push(RepoId(id));
                    break;
                }
            }
        }
        repositories.sort_unstable();
        Ok(repositories)
    }

    /// Writes a repository's files. Those of years of which nothing is known any more go.
    ///
    /// # Errors
    /// [`ArchiveError::File`], [`ArchiveError::Read`].
    pub fn write_repo(&self, history: &History) -> Result<Written, ArchiveError> {
        let folder = PathBuf::from(history.repo.to_string());
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        // First, since nothing of a repository is read without it.
        let about = text(&mut repository::lines(history));
        let mut done = self.write(&folder.join(REPOSITORY), &about)?;
        for (year, line) in year::lines(history) {
            files
                .entry(format!("{year:04}.txt"))
                .or_default()
                .push(line);
        }
        for (name, lines) in &mut files {
            done += self.write(&folder.join(name), &text(lines))?;
        }
        for (name, path) in entries(&self.folder.join(&folder))? {
            if is_year(&name) && !files.contains_key(&name) && is_ours(&path)? {
                fs::remove_file(&path).map_err(crate::FileError::write(&path))?;
                done.removed += 1;
            }
        }
        Ok(done)
    }

    /// Writes rules, groups and suspicions.
    ///
    /// # Errors
    /// [`ArchiveError::File`], [`ArchiveError::Read`].
    pub fn write_house(&self, house: &House) -> Result<Written, ArchiveError> {
        self.write(Path::new(HOUSE), &text(&mut house::lines(house)))
    }

    /// Writes which repositories there are, for people: nothing is read from it.
    ///
    /// # Errors
    /// [`ArchiveError::File`], [`ArchiveError::Read`].
    pub fn write_index<'n>(
        &self,
        names: impl Iterator<Item = (RepoId, &'n RepoName)>,
    ) -> Result<Written, ArchiveError> {
        let mut lines: Vec<String> = names.map(|(id, name)| format!("{name}\t{id}")).collect();
        self.write(Path::new(REPOSITORIES), &text(&mut lines))
    }

    /// Removes the files of a repository, and its folder where nothing else lies in it.
    ///
    /// # Errors
    /// [`ArchiveError::File`], [`ArchiveError::Read`].
    pub fn remove_repo(&self, repo: RepoId) -> Result<Written, ArchiveError> {
        let folder = self.folder.join(repo.to_string());
        let mut done = Written::default();
        for (name, path) in entries(&folder)? {
            if is_fact_file(&name) && is_ours(&path)? {
                fs::remove_file(&path).map_err(crate::FileError::write(&path))?;
                done.removed += 1;
            }
        }
        // Somebody else's files keep it.
        let _ = fs::remove_dir(&folder);
        Ok(done)
    }

    /// Reads everything about a repository.
    ///
    /// # Errors
    /// [`ArchiveError::Format`] at the first place that cannot be read, [`ArchiveError::Read`],
    /// [`ArchiveError::TooLarge`].
    pub fn read_repo(&self, repo: RepoId) -> Result<History, ArchiveError> {
        let folder = PathBuf::from(repo.to_string());
        let mut history = History::new(repo);
        self.each_line(&folder.join(REPOSITORY), |fields| {
            repository::take(&mut history, fields)
        })?;
        let mut years: Vec<String> = Vec::new();
        for (name, _) in entries(&self.folder.join(&folder))? {
            years.extend(Some(name).filter(|name| is_year(name)));
        }
        years.sort();
        let mut told = Vec::new();
        for name in years {
            self.each_line(&folder.join(name), |fields| {
                year::take(&mut history, &mut told, fields)
            })?;
        }
        history.tell(&told);
        Ok(history)
    }

    /// Reads rules, groups and suspicions.
    ///
    /// # Errors
    /// As [`Archive::read_repo`].
    pub fn read_house(&self) -> Result<House, ArchiveError> {
        let mut house = House::default();
        if self.folder.join(HOUSE).is_file() {
            self.each_line(Path::new(HOUSE), |fields| house::take(&mut house, fields))?;
        }
        Ok(house)
    }

    /// Shows the fields of each line of a file of ours.
    fn each_line(
        &self,
        name: &Path,
        mut take: impl FnMut(&mut Fields<'_>) -> Result<(), crate::FormatError>,
    ) -> Result<(), ArchiveError> {
        let path = self.folder.join(name);
        let bytes = read(&path)?;
        let shown = path.display().to_string();
        let mut has_header = false;
        for line in lines(&bytes, &shown) {
            let line = line?;
            if line.text.len() > MOST_LINE {
                return Err(line
                    .wrong(line.text, "is too long", "at most 64 KiB")
                    .into());
            }
            let mut fields = Fields::new(line);
            match fields.kind()? {
                fields::LineKind::Blank => {}
                fields::LineKind::Header => has_header = true,
                fields::LineKind::Fact => take(&mut fields)?,
            }
        }
        if has_header {
            return Ok(());
        }
        Err(crate::FormatError {
            file: shown,
            line: 1,
            column: 1,
            found: "this is no file of an archive".into(),
            expected: format!("\"{HEADER}\" as the first line"),
        }
        .into())
    }

    /// Puts a file in its place where it is not there as it should be.
    fn write(&self, name: &Path, text: &str) -> Result<Written, ArchiveError> {
        let path = self.folder.join(name);
        let mut done = Written::default();
        if path.is_file() {
            if !is_ours(&path)? {
                return Err(ArchiveError::NotOurs { path });
            }
            let length = fs::metadata(&path).map(|known| known.len()).unwrap_or(0);
            if length == text.len() as u64 && read(&path)? == text.as_bytes() {
                done.unchanged = 1;
                return Ok(done);
            }
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(crate::FileError::write(folder))?;
        }
        replace_file(&path, text.as_bytes())?;
        done.written = 1;
        Ok(done)
    }
}

/// A file's text: our first line, then all others, sorted, each once.
fn text(lines: &mut Vec<String>) -> String {
    lines.sort_unstable();
    lines.dedup();
    let length = lines.iter().map(|line| line.len() + 1).sum::<usize>();
    let mut text = String::with_capacity(HEADER.len() + 1 + length);
    text.push_str(HEADER);
    text.push('\n');
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// What lies in a folder, by name; nothing where there is no such folder.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, ArchiveError> {
    let failed = |source| ArchiveError::Read {
        path: folder.to_owned(),
        source,
    };
    let found = match fs::read_dir(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut entries = Vec::new();
    for entry in found {
        let entry = entry.map_err(failed)?;
        // A name that is no text is none of ours.
        if let Ok(name) = entry.file_name().into_string() {
            entries.push((name, entry.path()));
        }
    }
    Ok(entries)
}

fn read(path: &Path) -> Result<Vec<u8>, ArchiveError> {
    let failed = |source| ArchiveError::Read {
        path: path.to_owned(),
        source,
    };
    let file = fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let mut bounded = file.take(MOST_BYTES + 1);
    bounded.read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ArchiveError::TooLarge {
            path: path.to_owned(),
        });
    }
    Ok(bytes)
}

/// Whether a file begins as ours do, whatever git did to its line ends.
fn is_ours(path: &Path) -> Result<bool, ArchiveError> {
    let failed = |source| ArchiveError::Read {
        path: path.to_owned(),
        source,
    };
    let file = fs::File::open(path).map_err(failed)?;
    let mut begin = Vec::new();
    let mut bounded = file.take(fields::MAGIC.len() as u64);
    bounded.read_to_end(&mut begin).map_err(failed)?;
    Ok(begin == fields::MAGIC.as_bytes())
}

/// The number of a repository as a folder's name has it.
fn number(name: &str) -> Option<u64> {
    let number: u64 = name.parse().ok()?;
    (number.to_string() == name).then_some(number)
}

/// Whether a file of this name in a repository's folder is one of ours.
fn is_fact_file(name: &str) -> bool {
    name == REPOSITORY || is_year(name)
}

fn is_year(name: &str) -> bool {
    let year = name.strip_suffix(".txt").unwrap_or_default();
    year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests;
