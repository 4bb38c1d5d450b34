//! One row of another tool's table, read cell by cell with errors that name the place.

use std::path::Path;

use gitratra_core::import::Subject;
use gitratra_core::{Count, Day, RepoName, Timestamp, repo};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::error::{ForeignError, Stop};
use crate::moment;

/// No name, path, title or time of GitHub's is longer.
const LONGEST_TEXT: usize = 4_096;

/// A row. Its first column is its `rowid`.
pub(crate) struct Cells<'a> {
    pub(crate) file: &'a Path,
    pub(crate) table: &'static str,
    pub(crate) row: &'a Row<'a>,
}

impl<'a> Cells<'a> {
    /// The row's `rowid`, by which errors name it.
    pub(crate) fn key(&self) -> i64 {
        self.row.get(0).unwrap_or_default()
    }

    /// The error that this cell is not what it should be.
    pub(crate) fn wrong(
        &self,
        column: &'static str,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Stop {
        ForeignError::Value {
            file: self.file.to_owned(),
            table: self.table,
            row: self.key(),
            column,
            found: found.into(),
            expected: expected.into(),
        }
        .into()
    }

    fn value(&self, column: &'static str) -> Result<ValueRef<'a>, Stop> {
        self.row
            .get_ref(column)
            .map_err(|error| ForeignError::of(self.file, error).into())
    }

    /// A whole number that is not negative; nothing for NULL.
    pub(crate) fn whole_or_none(&self, column: &'static str) -> Result<Option<u64>, Stop> {
        const EXPECTED: &str = "a whole number from 0 on";
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(number) => u64::try_from(number)
                .map(Some)
                .map_err(|_| self.wrong(column, number.to_string(), EXPECTED)),
            other => Err(self.wrong(column, shown(other), EXPECTED)),
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn whole(&self, column: &'static str) -> Result<u64, Stop> {
        self.whole_or_none(column)?
            .ok_or_else(|| self.wrong(column, "NULL", "a whole number from 0 on"))
    }

    /// A number of stars or forks; nothing for NULL.
    pub(crate) fn total_or_none(&self, column: &'static str) -> Result<Option<u64>, Stop> {
        let total = self.whole_or_none(column)?;
        if let Some(absurd) = total.filter(|total| *total >= Count::LIMIT) {
            return Err(self.wrong(column, absurd.to_string(), below_limit()));
        }
        Ok(total)
    }

    /// Text; nothing for NULL.
    pub(crate) fn text_or_none(&self, column: &'static str) -> Result<Option<&'a str>, Stop> {
        self.long_text_or_none(column, LONGEST_TEXT)
    }

    /// Text of at most so many bytes; nothing for NULL.
    pub(crate) fn long_text_or_none(
        &self,
        column: &'static str,
        longest: usize,
    ) -> Result<Option<&'a str>, Stop> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) if bytes.len() > longest => Err(self.wrong(
                column,
                format!("{} bytes", bytes.len()),
                format!("text of at most {longest} bytes"),
            )),
            ValueRef::Text(bytes) => std::str::from_utf8(bytes)
                .map(Some)
                .map_err(|_| self.wrong(column, shown(ValueRef::Text(bytes)), "text in UTF-8")),
            other => Err(self.wrong(column, shown(other), "text")),
        }
    }

    /// Text.
    pub(crate) fn text(&self, column: &'static str) -> Result<&'a str, Stop> {
        self.text_or_none(column)?
            .ok_or_else(|| self.wrong(column, "NULL", "text"))
    }

    /// A UTC day.
    pub(crate) fn day(&self, column: &'static str) -> Result<Day, Stop> {
        let text = self.text(column)?;
        moment::day(text).ok_or_else(|| self.wrong(column, quoted(text), moment::DAY))
    }

    /// A time.
    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp, Stop> {
        let text = self.text(column)?;
        moment::time(text).ok_or_else(|| self.wrong(column, quoted(text), moment::TIME))
    }

    /// A time; nothing for NULL and for empty text, which stands for never.
    pub(crate) fn time_or_none(&self, column: &'static str) -> Result<Option<Timestamp>, Stop> {
        match self.text_or_none(column)? {
            None | Some("") => Ok(None),
            Some(_) => self.time(column).map(Some),
        }
    }

    /// Events and people; nothing where either is NULL.
    pub(crate) fn count_or_none(
        &self,
        count: &'static str,
        uniques: &'static str,
    ) -> Result<Option<Count>, Stop> {
        let (Some(events), Some(people)) =
            (self.whole_or_none(count)?, self.whole_or_none(uniques)?)
        else {
            return Ok(None);
        };
        if events >= Count::LIMIT {
            return Err(self.wrong(count, events.to_string(), below_limit()));
        }
        Count::new(events, people).map(Some).map_err(|_| {
            let expected = format!("at most the {events} of column \"{count}\"");
            self.wrong(uniques, people.to_string(), expected)
        })
    }

    /// Events and people.
    pub(crate) fn count(&self, count: &'static str, uniques: &'static str) -> Result<Count, Stop> {
        self.whole(count)?;
        self.whole(uniques)?;
        Ok(self.count_or_none(count, uniques)?.unwrap_or(Count::ZERO))
    }

    /// A repository by `owner/name`.
    pub(crate) fn name(&self, column: &'static str) -> Result<RepoName, Stop> {
        let text = self.text(column)?;
        text.parse()
            .map_err(|_| self.wrong(column, quoted(text), "a repository as owner/name"))
    }

    /// A repository by `owner/name` or by its name alone.
    pub(crate) fn subject(&self, column: &'static str) -> Result<Subject, Stop> {
        let text = self.text(column)?;
        if text.contains('/') {
            return self.name(column).map(Subject::named);
        }
        repo::check_name(text)
            .map(|()| Subject::Bare(text.to_owned()))
            .map_err(|_| self.wrong(column, quoted(text), "a repository's name"))
    }
}

fn below_limit() -> String {
    format!("a number below {}", Count::LIMIT)
}

/// Text in quotes, without what a terminal would obey, and not too much of it.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) => {
            let some = &bytes[..bytes.len().min(256)];
            quoted(&String::from_utf8_lossy(some))
        }
        ValueRef::Blob(bytes) => format!("{} bytes that are no text", bytes.len()),
    }
}
