//! Opening another tool's database so that it is neither changed nor held up, also while the tool
//! runs.
//!
//! SQLite has two ways of writing, and they want two ways of reading:
//!
//! * **Write-ahead log, and the tool runs**: its `-wal` and `-shm` are there. Readers and writers do
//!   not wait for each other, so it is read in place, in one transaction. Nothing is created, and a
//!   reader removes nothing either.
//! * **Rollback journal**: a reader keeps writers waiting, and some of these tools give up after some
//!   seconds. So SQLite copies it in one go into a temporary database of its own, and that is read.
//! * **Write-ahead log, and nobody has it open**: SQLite would create files beside it, and would not
//!   take them away. `immutable` would miss a log that was left behind. So the files are copied, and
//!   copied again where they changed meanwhile.
//! * **In place is not allowed** (a folder that is closed to us, a journal that a crash left): the
//!   same copy of the files.
//!
//! Some of these databases hold tokens, so that no copy may outlive us, however we end. On Unix a
//! copy has no name any more once it is open: SQLite takes the name of a temporary database away at
//! once, and we take away the folder of copied files. Elsewhere the system or we remove it on closing.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tempfile::TempDir;

use crate::cells::Cells;
use crate::error::{ForeignError, Stop};

/// What SQLite calls a database on the disk that is its own and goes when it is closed. *Source*:
/// <https://sqlite.org/inmemorydb.html#temp_db>
const TEMPORARY: &str = "";
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where the header says how it is written; 2 is the write-ahead log. *Source*:
/// <https://sqlite.org/fileformat2.html#file_format_version_numbers>
const WRITE_VERSION_AT: usize = 18;
const WAL: u8 = 2;
/// How long, and how often, to wait for a writer: one that writes all the time leaves short moments.
const WAIT: Duration = Duration::from_millis(2);
const WAITS: i32 = 5_000;
/// The longest value or row that is read at all.
const LONGEST_BYTES: i32 = 4 << 20;
/// How often a file that changes while it is copied is copied again.
const ATTEMPTS: u32 = 8;

/// What a database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A look at its tables.
    Glance,
    /// Reading all of it, for as long as it takes.
    Whole,
}

/// One moment of a database.
pub(crate) struct Database {
    connection: Connection,
    file: PathBuf,
    /// Removed after the connection is closed, where files that are open cannot be removed.
    copy: Option<TempDir>,
}

impl Database {
    /// Opens the file; nothing where it does not begin like a database.
    pub(crate) fn open(path: &Path, purpose: Purpose) -> Result<Option<Self>, ForeignError> {
        let unreadable = |error: io::Error| ForeignError::unreadable(path, error);
        // A pipe would keep us waiting for ever.
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Ok(None);
        }
        let header = header(path).map_err(unreadable)?;
        if !header.starts_with(MAGIC) {
            return Ok(None);
        }
        // The log lies beside the file itself and not beside a link to it.
        let real = fs::canonicalize(path).map_err(unreadable)?;
        let is_log = header.get(WRITE_VERSION_AT) == Some(&WAL);
        for _ in 0..ATTEMPTS {
            let is_live = beside(&real, "-wal").exists() && beside(&real, "-shm").exists();
            if !is_log || is_live {
                match Self::begin(path, &real) {
                    Ok(database) if is_log || purpose == Purpose::Glance => {
                        return Ok(Some(database));
                    }
                    Ok(database) => return database.copied(&real).map(Some),
                    Err(error) if is_closed_to_us(&error) => {}
                    Err(error) => return Err(ForeignError::of(path, error)),
                }
            }
            if let Some(database) = Self::from_files(path, &real)? {
                return Ok(Some(database));
            }
        }
        Err(ForeignError::Busy {
            file: path.to_owned(),
        })
    }

    /// Looks whether every page is where it belongs, so that what is read later ends and is whole.
    pub(crate) fn check(&self) -> Result<(), ForeignError> {
        let found: String = self
            .connection
            .query_row("pragma quick_check(1)", [], |row| row.get(0))
            .map_err(|error| ForeignError::of(&self.file, error))?;
        if found == "ok" {
            Ok(())
        } else {
            Err(ForeignError::damaged(&self.file, found.trim_end()))
        }
    }

    /// Reads a question's rows, of which the first column is the `rowid` in this table.
    pub(crate) fn each(
        &self,
        table: &'static str,
        sql: &str,
        mut take: impl FnMut(&Cells<'_>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let failed = |error| ForeignError::of(&self.file, error);
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(&Cells {
                file: &self.file,
                table,
                row,
            })?;
        }
        Ok(())
    }

    /// Reads pairs of names, until somebody says why they cannot be.
    pub(crate) fn each_pair(
        &self,
        sql: &str,
        mut take: impl FnMut(&str, &str) -> Result<(), String>,
    ) -> Result<(), ForeignError> {
        let failed = |error| ForeignError::of(&self.file, error);
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let one: String = row.get(0).map_err(failed)?;
            let two: String = row.get(1).map_err(failed)?;
            take(&one, &two).map_err(|why| ForeignError::damaged(&self.file, why))?;
        }
        Ok(())
    }

    /// Whether a table has any row.
    pub(crate) fn has_rows(&self, table: &'static str) -> Result<bool, ForeignError> {
        let sql = format!("select exists (select 1 from {table})");
        self.connection
            .query_row(&sql, [], |row| row.get(0))
            .map_err(|error| ForeignError::of(&self.file, error))
    }

    /// Opens a database that nobody else may see changed, and the transaction in which all of it is
    /// read.
    fn begin(file: &Path, at: &Path) -> rusqlite::Result<Self> {
        let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::begin_on(file, Connection::open_with_flags(at, access)?)
    }

    fn begin_on(file: &Path, mut connection: Connection) -> rusqlite::Result<Self> {
        connection.busy_handler(Some(wait))?;
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_BYTES)?;
        connection.execute_batch(
            "pragma query_only = on;
             pragma trusted_schema = off;
             pragma cell_size_check = on;
             pragma mmap_size = 0;
             begin;",
        )?;
        // The moment is that of the first read.
        connection.query_row("select count(*) from sqlite_schema", [], |_| Ok(()))?;
        Ok(Self {
            connection,
            file: file.to_owned(),
            copy: None,
        })
    }

    /// Lets SQLite copy it, page by page under one lock, into a database without a name.
    fn copied(self, real: &Path) -> Result<Self, ForeignError> {
        let failed = |error| ForeignError::of(&self.file, error);
        // Nobody writes while we read.
        self.ends_with_a_page(real)?;
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut copy = Connection::open_with_flags(TEMPORARY, access).map_err(failed)?;
        {
            let backup = Backup::new(&self.connection, &mut copy).map_err(failed)?;
            if backup.step(-1).map_err(failed)? != StepResult::Done {
                return Err(ForeignError::Busy { file: self.file });
            }
        }
        Self::begin_on(&self.file, copy).map_err(failed)
    }

    /// Copies the file with its log or journal; nothing where it changed meanwhile.
    fn from_files(file: &Path, real: &Path) -> Result<Option<Self>, ForeignError> {
        const SUFFIXES: [&str; 3] = ["", "-wal", "-journal"];
        let sources = SUFFIXES.map(|suffix| beside(real, suffix));
        let stamps = || sources.each_ref().map(|source| stamp(source));
        let folder = own_folder()?;
        let at = folder.path().join("copy.db");
        let before = stamps();
        for (source, suffix) in sources.iter().zip(SUFFIXES) {
            copy_if_there(source, &beside(&at, suffix))
                .map_err(|error| ForeignError::unreadable(file, error))?;
        }
        if before != stamps() {
            return Ok(None);
        }
        let is_alone = before[1..].iter().flatten().all(|(length, _)| *length == 0);
        let failed = |error| ForeignError::of(file, error);
        // Writable, so that SQLite can bring in the log or take back what was left halfway.
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&at, access).map_err(failed)?;
        let mut database = Self::begin_on(file, connection).map_err(failed)?;
        if is_alone {
            database.ends_with_a_page(&at)?;
        }
        if cfg!(unix) {
            // SQLite has all of its files open now, and asks for none of them by name to read.
            folder
                .close()
                .map_err(|error| ForeignError::unreadable(file, error))?;
        } else {
            database.copy = Some(folder);
        }
        Ok(Some(database))
    }

    /// Sees that the last page is whole: SQLite would take zeros for what is missing of it.
    fn ends_with_a_page(&self, at: &Path) -> Result<(), ForeignError> {
        let page: u32 = self
            .connection
            .query_row("pragma page_size", [], |row| row.get(0))
            .map_err(|error| ForeignError::of(&self.file, error))?;
        let length = fs::metadata(at)
            .map_err(|error| ForeignError::unreadable(&self.file, error))?
            .len();
        if length.is_multiple_of(u64::from(page.max(1))) {
            return Ok(());
        }
        let why = format!("its {length} bytes end within a page of {page}");
        Err(ForeignError::damaged(&self.file, why))
    }
}

/// A folder that only we may enter and that goes with its owner.
fn own_folder() -> Result<TempDir, ForeignError> {
    tempfile::Builder::new()
        .prefix("gitratra-import-")
        .tempdir()
        .map_err(|error| ForeignError::unreadable(Path::new("temporary folder"), error))
}

fn wait(waited: i32) -> bool {
    std::thread::sleep(WAIT);
    waited < WAITS
}

fn header(path: &Path) -> io::Result<Vec<u8>> {
    let mut header = vec![];
    File::open(path)?.take(100).read_to_end(&mut header)?;
    Ok(header)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Length and time of the last change; nothing where there is no file.
fn stamp(path: &Path) -> Option<(u64, Option<SystemTime>)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}

/// Bytes only: the mode of a file that may only be read would stand in SQLite's way.
fn copy_if_there(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = match File::open(from) {
        Ok(source) => source,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    io::copy(&mut source, &mut File::create_new(to)?).map(|_| ())
}

/// Whether SQLite would have had to write something beside the file.
fn is_closed_to_us(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
    )
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    /// Copies that are open and could be found under their names.
    fn named_copies() -> Vec<String> {
        let open = fs::read_dir("/proc/self/fd").unwrap();
        let paths = open.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
        let paths = paths.map(|path| path.display().to_string());
        let is_copy = |path: &String| path.contains("gitratra-import-") || path.contains("etilqs_");
        paths
            .filter(|path| is_copy(path) && !path.ends_with(" (deleted)"))
            .collect()
    }

    #[test]
    fn a_copy_has_no_name_while_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        for mode in ["delete", "wal"] {
            let path = folder.path().join(mode);
            {
                let made = Connection::open(&path).unwrap();
                made.pragma_update(None, "journal_mode", mode).unwrap();
                made.execute_batch(
                    "create table some (text text);
                     with recursive number (n) as (select 1 union all select n + 1 from number
                       where n < 20000)
                     insert into some select printf('%0400d', n) from number;",
                )
                .unwrap();
            }
            let database = Database::open(&path, Purpose::Whole).unwrap().unwrap();
            assert!(database.copy.is_none());
            assert_eq!(named_copies(), Vec::<String>::new(), "{mode}");
            database.check().unwrap();
            assert!(database.has_rows("some").unwrap());
            assert_eq!(named_copies(), Vec::<String>::new(), "{mode}");
        }
    }
}
