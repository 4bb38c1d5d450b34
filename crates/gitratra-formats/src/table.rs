//! What a table for other programs is: its columns, what each of them says, and a row of cells.
//! A table is described once; every format writes it from the same description.
//!
//! This file knows no format. The tables themselves are in [`known`].

use std::io;

use gitratra_core::{Day, RepoId, Timestamp};

pub mod known;

pub use known::KNOWN;

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// What it is called, which is also the name of its file and its sheet.
    pub name: &'static str,
    /// What a row is, in a sentence.
    pub about: &'static str,
    /// The columns, in order.
    pub columns: &'static [Column],
    /// Where the column stands that dates a row: the day, or the last day of what the row is about;
    /// the first where none does.
    pub dated_by: usize,
}

impl Table {
    /// The names of the columns that every format has, in order.
    pub fn plain_names(&self) -> impl Iterator<Item = &'static str> {
        let plain = self.columns.iter().filter(|column| !column.is_typed_only);
        plain.map(|column| column.name)
    }
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// What it is called.
    pub name: &'static str,
    /// What its cells hold.
    pub holds: Holds,
    /// What may be done with its numbers.
    pub says: Says,
    /// What it means, in a sentence without a full stop.
    pub about: &'static str,
    /// Whether a cell may be empty. Empty is what is not known, and never zero.
    pub may_be_empty: bool,
    /// Whether text formats (CSV, JSON) leave it out.
    pub is_typed_only: bool,
}

impl Column {
    const fn new(name: &'static str, holds: Holds, says: Says, about: &'static str) -> Self {
        Self {
            name,
            holds,
            says,
            about,
            may_be_empty: false,
            is_typed_only: false,
        }
    }

    const fn optional(self) -> Self {
        Self {
            may_be_empty: true,
            ..self
        }
    }

    const fn typed_only(self) -> Self {
        Self {
            is_typed_only: true,
            ..self
        }
    }
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A word of ours, or the name of a repository.
    Word,
    /// A text that others chose: it may look like anything.
    Text,
    /// A UTC day.
    Day,
    /// GitHub's number of a repository.
    Id,
    /// A number from 0 on.
    Whole,
    /// A number that may be negative.
    Signed,
    /// A moment, in UTC.
    Moment,
    /// Yes or no.
    Flag,
}

/// What may be done with the numbers of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// They are no numbers.
    Label,
    /// Events of a period; those of other periods come on top.
    Events,
    /// People of a period, counted once each.
    People,
    /// Events over a window that overlaps with the next.
    Rolling,
    /// What stood at a moment.
    Standing,
    /// An end of the interval in which a number lies.
    Bound,
}

impl Says {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Events => "events",
            Self::People => "people",
            Self::Rolling => "rolling",
            Self::Standing => "standing",
            Self::Bound => "bound",
        }
    }

    /// What a reader must know before he adds them up; nothing for labels.
    #[must_use]
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Label => None,
            Self::Events => Some("events: they add up over days and repositories"),
            Self::People => {
                Some("people: uniques do not add up, neither over days nor over repositories")
            }
            Self::Rolling => {
                Some("events over 14 days: windows overlap, so they do not add up over days")
            }
            Self::Standing => {
                Some("what stood at the day's last answer: it does not add up over days")
            }
            Self::Bound => Some("an end of the interval in which the number lies"),
        }
    }
}

/// One cell of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Not known.
    Empty,
    /// A word of ours, or the name of a repository.
    Word(&'a str),
    /// A text that others chose.
    Text(&'a str),
    /// A UTC day.
    Day(Day),
    /// GitHub's number of a repository.
    Id(RepoId),
    /// A number from 0 on.
    Whole(u64),
    /// A number that may be negative.
    Signed(i64),
    /// A moment, in UTC.
    Moment(Timestamp),
    /// Yes or no.
    Flag(bool),
}

impl From<Day> for Cell<'_> {
    fn from(day: Day) -> Self {
        Self::Day(day)
    }
}

impl From<RepoId> for Cell<'_> {
    /// A number that is none of GitHub's leaves the cell empty.
    fn from(id: RepoId) -> Self {
        if id.is_unconfirmed() {
            Self::Empty
        } else {
            Self::Id(id)
        }
    }
}

impl From<u64> for Cell<'_> {
    fn from(number: u64) -> Self {
        Self::Whole(number)
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Signed(number)
    }
}

impl From<Timestamp> for Cell<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Moment(at)
    }
}

impl From<bool> for Cell<'_> {
    fn from(is: bool) -> Self {
        Self::Flag(is)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// Where the rows of one table go, one after another, held by nobody.
pub trait TableSink {
    /// Writes a row. *Shape*: a cell for each column of the table, in order, each of what its
    /// column holds.
    ///
    /// # Errors
    /// What the writer underneath says, with its kind.
    fn write(&mut self, row: &[Cell<'_>]) -> io::Result<()>;

    /// Ends the table. Without it what was written is cut off.
    ///
    /// # Errors
    /// What the writer underneath says, with its kind.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

impl<S: TableSink + ?Sized> TableSink for Box<S> {
    fn write(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        (**self).write(row)
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        (*self).finish()
    }
}
