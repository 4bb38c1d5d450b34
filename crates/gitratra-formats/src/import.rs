//! Files of other tools, and our own exports, read as facts.
//!
//! [`recognise`] says what a file or folder is, by what is in it; [`read`] tells its facts to a
//! [`Listener`], one at a time and in the order of the files. Reading keeps nothing between two
//! calls, so that a caller may read everything once to see whether it can be read to its end, and
//! once more to store it.
//!
//! What each kind has, and what is left out or not believed, is in `docs/import/`. Three rules hold
//! for all of them. A zero that a tool may have put where it saw nothing is doubted. A number that
//! can only be too small is told as one of a day still running, which is a lower bound. What cannot
//! be read is an error with its place, and never passed over.

mod any_csv;
mod columns;
mod daily;
mod folder;
mod github_repo_stats;
mod github_traffic_tracker;
mod gitratra;
mod guard;
mod json;
mod moment;
mod others;
mod raw;
mod raw_file;
mod recognise;
mod repohistory;
mod repository_traffic_action;
mod subject;
mod table;
mod text_lines;
mod traffic_archive;
mod zipped;

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use gitratra_core::import::{DayFact, Enough, Fact, Kind, LeftOut, Listener, Subject};
use gitratra_core::{Count, Day, Metric, Timestamp};

use crate::FormatError;

use others::Others;
use subject::OneUnnamed;

pub use columns::{Column, Columns, ColumnsError, Uniques};
pub use daily::DailyRow;
pub use recognise::{recognise, recognise_bytes};

/// How long a line or a row may be, in bytes.
const LONGEST_LINE: usize = 1 << 20;

/// How large a JSON text may be that has to be held as a whole, in bytes.
const LARGEST_JSON: u64 = 16 << 20;

/// What reading has to be told about a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Which column of a CSV means what; only [`Kind::Csv`] asks for it.
    pub columns: Option<Columns>,
}

/// Why a file was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Its text is not what the format asks for.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The system says no.
    #[error("cannot read \"{}\"", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The listener wants to hear no more, which is no failure of the file.
    #[error(transparent)]
    Enough(#[from] Enough),
}

impl ImportError {
    fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

/// Tells everything that a file or folder says.
///
/// *Shape*: facts come in the order of the sorted files and, within a file, in its own order; days
/// may repeat, and the listener joins them. Memory is bounded: a table is never held, only the rows
/// of one reading, a JSON text of at most 16 MiB, or which days of a repository were told.
///
/// # Errors
/// [`ImportError::Format`] at the first place that cannot be read; what was told before it should
/// then be forgotten. [`ImportError::Io`] where the system says no, [`ImportError::Enough`] where
/// the listener does.
pub fn read(
    kind: Kind,
    path: &Path,
    options: &Options,
    to: &mut dyn Listener,
) -> Result<(), ImportError> {
    match kind {
        Kind::GithubRepoStats => github_repo_stats::read(path, to),
        Kind::RepositoryTrafficAction => repository_traffic_action::read(path, to),
        Kind::GithubTrafficTracker => github_traffic_tracker::read(path, to),
        Kind::TrafficArchive => traffic_archive::read(path, to),
        Kind::Repohistory => repohistory::read(path, to),
        Kind::Raw => raw::read(path, to),
        Kind::Gitratra | Kind::Daily | Kind::Csv => one_by_one(kind, path, options, to),
        other => Err(elsewhere(other, &path.display().to_string()).into()),
    }
}

/// Tells what the bytes of one file say, where nothing but its name is known besides.
///
/// `label` is the name that errors repeat; some tools write into it what a file is and when it was
/// read.
///
/// # Errors
/// As [`read`]; errors of the system carry the label.
pub fn read_bytes(
    kind: Kind,
    mut bytes: impl BufRead,
    label: &str,
    options: &Options,
    to: &mut dyn Listener,
) -> Result<(), ImportError> {
    let bytes: &mut dyn BufRead = &mut bytes;
    match kind {
        Kind::Gitratra => gitratra::file(bytes, label, to),
        Kind::Daily => daily::file(bytes, label, to),
        Kind::GithubRepoStats => github_repo_stats::file(bytes, label, to),
        Kind::RepositoryTrafficAction => repository_traffic_action::file(bytes, label, to),
        Kind::GithubTrafficTracker => github_traffic_tracker::file(bytes, label, to),
        Kind::TrafficArchive => traffic_archive::file(bytes, label, to),
        Kind::Repohistory => repohistory::file(bytes, label, to),
        Kind::Csv => any_csv::file(bytes, label, options, to),
        Kind::Raw => raw::file(bytes, label, to),
        other => Err(elsewhere(other, label).into()),
    }
}

/// Reads a file, or every file of a folder that is of this kind.
fn one_by_one(
    kind: Kind,
    path: &Path,
    options: &Options,
    to: &mut dyn Listener,
) -> Result<(), ImportError> {
    let is_folder = folder::is_folder(path)?;
    // Only a table of somebody's may say nothing about whose it is.
    let columns = options.columns.as_ref();
    let is_unnamed = kind == Kind::Csv && columns.is_some_and(|columns| columns.repo.is_none());
    let mut one = OneUnnamed::by_nothing();
    let mut others = Others::than(kind);
    let mut has_any = false;
    for found in folder::files(path, to)? {
        if is_folder && !others.is_ours(&found)? {
            continue;
        }
        has_any = true;
        let label = found.label();
        if is_unnamed {
            one.check(&Subject::Unnamed, &found.folders, &label)?;
        }
        read_bytes(kind, folder::open(&found.path)?, &label, options, to)?;
    }
    others.tell(to);
    if has_any {
        Ok(())
    } else {
        Err(none_found(path, kind).into())
    }
}

fn elsewhere(kind: Kind, label: &str) -> FormatError {
    let found = format!("a file of the kind \"{}\"", kind.word());
    whole(label, found, "a text, a folder of texts or a zip of a tool")
}

fn none_found(path: &Path, kind: Kind) -> FormatError {
    let found = format!("nothing of the kind \"{}\" is in it", kind.word());
    let expected = "another --from, or the folder into which the tool writes";
    whole(&path.display().to_string(), found, expected)
}

/// An error about a file as a whole.
fn whole(file: &str, found: impl Into<String>, expected: impl Into<String>) -> FormatError {
    FormatError {
        file: file.to_owned(),
        line: 1,
        column: 1,
        found: found.into(),
        expected: expected.into(),
    }
}

/// Tells a day.
fn tell_day(
    to: &mut dyn Listener,
    about: &Subject,
    (metric, day, count): (Metric, Day, Count),
    read_at: Option<Timestamp>,
    is_doubted: bool,
) -> Result<(), ImportError> {
    let fact = DayFact {
        metric,
        day,
        count,
        read_at,
        is_doubted,
    };
    Ok(to.tell(about, Fact::Day(fact))?)
}

fn leave_out(to: &mut dyn Listener, what: &str) {
    to.leave_out(LeftOut(what.to_owned()));
}
