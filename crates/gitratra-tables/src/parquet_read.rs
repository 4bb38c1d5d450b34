//! Reads the Parquet export of days back: one file, or a folder of them by year.
//!
//! The file may have been written by another program in between, or by somebody who means harm, so
//! nothing in it is believed: rows, sizes and texts are bounded, columns are found by name and must
//! have the type that [`DAILY`](gitratra_formats::table::known::DAILY) gives them. Columns that are
//! not known are not read. Rows come batch by batch; texts are not copied until they are known to
//! be short.

use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use gitratra_core::{Count, CountError, Day, DayState, RepoId};

mod batch_rows;
mod folder;
mod open_file;
mod page_sizes;

use batch_rows::Rows;
use open_file::OpenFile;

/// What is believed of a file at most.
mod bound {
    /// Rows of all files together: 27,000 years of 10 repositories, or 27 of 10,000.
    pub(super) const ROWS: u64 = 100_000_000;
    /// Files of a folder.
    pub(super) const FILES: usize = 10_000;
    /// Row groups of a file.
    pub(super) const GROUPS: usize = 100_000;
    /// Columns of a file.
    pub(super) const COLUMNS: usize = 256;
    /// Bytes of a file's description of itself.
    pub(super) const FOOTER: u64 = 64 << 20;
    /// Bytes of one column of a row group, packed and unpacked.
    pub(super) const CHUNK: u64 = 512 << 20;
    /// Pages of one column of a row group.
    pub(super) const PAGES: u64 = 100_000;
    /// Bytes of a page when it is unpacked; usual is 1 MiB.
    pub(super) const PAGE: u64 = 32 << 20;
    /// Bytes of what a page says of itself.
    pub(super) const PAGE_HEADER: usize = 8 << 10;
    /// Bytes of a repository's name: an owner of 39, a name of 100, and some room.
    pub(super) const NAME: usize = 300;
}

/// One row of the export of days, as the file tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadDay {
    /// What the repository was called.
    pub repo: String,
    /// GitHub's number of the repository, where the file has it.
    pub repo_id: Option<RepoId>,
    /// The day.
    pub day: Day,
    /// How sure the numbers are.
    pub state: DayState,
    /// Views; nothing where they are not known.
    pub views: Option<Count>,
    /// Clones; nothing where they are not known.
    pub clones: Option<Count>,
}

/// Why a file cannot be read, and where.
///
/// *Units*: row groups and rows within them count from 0.
#[derive(Debug, thiserror::Error)]
#[error("cannot read \"{}\"{place}: {fault}", file.display())]
pub struct ReadError {
    /// The file.
    pub file: PathBuf,
    /// Where in it.
    pub place: ReadPlace,
    /// What is wrong.
    #[source]
    pub fault: Box<ReadFault>,
}

/// Where in a Parquet file something is wrong, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadPlace {
    /// The row group.
    pub group: Option<usize>,
    /// The column.
    pub column: Option<String>,
    /// The row within the row group.
    pub row: Option<u64>,
}

impl fmt::Display for ReadPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(group) = self.group {
            write!(f, ", row group {group}")?;
        }
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column \"{column}\"")?;
        }
        Ok(())
    }
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// The system does not let it be read.
    #[error("the system says no")]
    Io(#[source] std::io::Error),
    /// A folder holds no such file.
    #[error("there is no Parquet file in it; name the folder that `export daily -o DIR/` wrote")]
    NoFiles,
    /// It is no Parquet, or damaged.
    #[error("it is no Parquet, or damaged: {0}")]
    Damaged(String),
    /// A column is missing.
    #[error("there is no such column; only the export of days can be read")]
    Missing,
    /// A column is of another type.
    #[error("it holds {found}, expected {expected}")]
    Type {
        /// What it is.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Something is larger than is believed.
    #[error("{what} are {found}, the limit is {limit}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// How much.
        found: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// A cell is empty that must not be.
    #[error("it is empty")]
    Empty,
    /// Of events and people one is known without the other.
    #[error("a count and its uniques are known together or not at all")]
    HalfKnown,
    /// A number that cannot be one.
    #[error("{0} is no number of events or people")]
    Negative(i64),
    /// A pair of numbers that cannot be one.
    #[error(transparent)]
    Count(#[from] CountError),
    /// A number that is no day.
    #[error("{0} days after 1970-01-01 is no day")]
    Day(i32),
    /// A word that is no state.
    #[error("\"{0}\" is no state: measured, partial, suspect, doubted or gap")]
    State(String),
}

impl ReadError {
    fn new(file: &Path, place: ReadPlace, fault: ReadFault) -> Self {
        Self {
            file: file.to_owned(),
            place,
            fault: Box::new(fault),
        }
    }
}

/// The rows of some files, one after another. After the first error there are no more.
pub struct DayReader {
    files: VecDeque<PathBuf>,
    open: Option<OpenFile>,
    rows: Option<Rows>,
    /// How many more are believed.
    left: u64,
}

/// Begins to read a file, or all `*.parquet` of a folder and of its folders `year=…`, by name.
///
/// # Errors
/// [`ReadError`] where the folder cannot be read, or holds no such file.
pub fn read(path: &Path) -> Result<DayReader, ReadError> {
    let fault = |fault| ReadError::new(path, ReadPlace::default(), fault);
    let files = folder::files(path).map_err(fault)?;
    Ok(DayReader {
        files: files.into(),
        open: None,
        rows: None,
        left: bound::ROWS,
    })
}

/// Whether a file is Parquet, or a folder one of parts by year, by what is in it.
///
/// # Errors
/// What the system says of a file that is there.
pub fn recognise(path: &Path) -> std::io::Result<bool> {
    use std::io::Read as _;
    if path.is_dir() {
        return Ok(folder::files(path).is_ok_and(|files| !files.is_empty()));
    }
    let mut magic = [0; 4];
    let mut file = File::open(path)?;
    Ok(file.read_exact(&mut magic).is_ok() && &magic == b"PAR1")
}

impl DayReader {
    fn advance(&mut self) -> Result<Option<ReadDay>, ReadError> {
        loop {
            if let Some(rows) = &mut self.rows {
                if let Some(day) = rows.next_day()? {
                    return Ok(Some(day));
                }
                self.rows = None;
            }
            if let Some(open) = &mut self.open {
                self.rows = open.next_rows()?;
                if self.rows.is_some() {
                    continue;
                }
                self.open = None;
            }
            let Some(file) = self.files.pop_front() else {
                return Ok(None);
            };
            let fault = |fault| ReadError::new(&file, ReadPlace::default(), fault);
            let opened = File::open(&file).map_err(|error| fault(ReadFault::Io(error)))?;
            let open = OpenFile::new(&file, opened)?;
            self.left = self.left.checked_sub(open.rows()).ok_or_else(|| {
                fault(ReadFault::TooLarge {
                    what: "the rows",
                    found: bound::ROWS - self.left + open.rows(),
                    limit: bound::ROWS,
                })
            })?;
            self.open = Some(open);
        }
    }
}

impl Iterator for DayReader {
    type Item = Result<ReadDay, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance();
        if next.is_err() {
            self.files.clear();
            self.open = None;
            self.rows = None;
        }
        next.transpose()
    }
}

impl fmt::Debug for DayReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DayReader")
            .field("files", &self.files)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
