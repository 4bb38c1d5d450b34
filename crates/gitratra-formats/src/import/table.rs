//! CSV, row by row: a header, then rows as long as it, with the place of whatever is wrong.
//!
//! *Units*: lines are those on which a row begins. Columns are characters; where a field before is
//! quoted they are those of the text without its quotes.

use std::io::BufRead;
use std::rc::Rc;

use csv::{ByteRecord, ErrorKind, ReaderBuilder, Terminator};
use gitratra_core::{Count, Day};

use super::guard::{AHEAD, Guarded, Place, TooLong};
use super::{ImportError, LONGEST_LINE, moment};
use crate::FormatError;
use crate::lines::quoted;

/// How many columns a table may have.
const MOST_COLUMNS: usize = 4096;

/// A table that is being read.
pub(super) struct Table<'a> {
    reader: csv::Reader<Guarded<'a>>,
    place: Rc<Place>,
    file: &'a str,
    header: Vec<String>,
    record: ByteRecord,
    /// Into which the next row is read, so that the last one is known at the end.
    spare: ByteRecord,
}

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    record: &'a ByteRecord,
    file: &'a str,
    line: usize,
}

impl<'a> Table<'a> {
    /// Reads the header, which is empty where the file is.
    pub(super) fn new(
        input: &'a mut dyn BufRead,
        file: &'a str,
        delimiter: u8,
    ) -> Result<Self, ImportError> {
        let (guarded, place) = Guarded::new(input);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(AHEAD)
            .from_reader(guarded);
        let mut table = Self {
            reader,
            place,
            file,
            header: vec![],
            record: ByteRecord::new(),
            spare: ByteRecord::new(),
        };
        if let Some(row) = table.any_row()? {
            let names: Result<Vec<_>, _> = (0..row.len().min(MOST_COLUMNS))
                .map(|at| row.text(at).map(|name| name.trim().to_owned()))
                .collect();
            table.header = names?;
        }
        Ok(table)
    }

    /// The names of the columns.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// The first line, where it was no header.
    pub(super) fn header_row(&self) -> Row<'_> {
        Row {
            record: &self.record,
            file: self.file,
            line: 1,
        }
    }

    /// Where a column of one of these names stands.
    pub(super) fn find(&self, names: &[&str]) -> Option<usize> {
        let is_it = |column: &String| names.iter().any(|name| column.eq_ignore_ascii_case(name));
        self.header.iter().position(is_it)
    }

    /// Where a column of this name stands.
    ///
    /// # Errors
    /// [`FormatError`] where there is none, or more than one.
    pub(super) fn need(&self, name: &str) -> Result<usize, FormatError> {
        let mut places =
            (0..self.header.len()).filter(|at| self.header[*at].eq_ignore_ascii_case(name));
        match (places.next(), places.next()) {
            (Some(at), None) => Ok(at),
            (found, _) => {
                let what = found.map_or("there is no column", |_| "there are two columns");
                Err(FormatError {
                    file: self.file.to_owned(),
                    line: 1,
                    column: 1,
                    found: format!("{what} {}", quoted(name)),
                    expected: format!("one of {}", quoted(&self.header.join(", "))),
                })
            }
        }
    }

    /// The next row that is not blank.
    ///
    /// # Errors
    /// [`FormatError`] where it is longer or shorter than the header, or longer than 1 MiB.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, ImportError> {
        let columns = self.header.len();
        match self.any_row()? {
            Some(row) if row.len() != columns => {
                let at = row.len().min(columns);
                let fields = match row.len() {
                    1 => "1 field".to_owned(),
                    many => format!("{many} fields"),
                };
                let found = format!("the row has {fields}");
                Err(row
                    .at(at, found, &format!("{columns} as in the header"))
                    .into())
            }
            Some(row) => Ok(Some(row)),
            None => Ok(None),
        }
    }

    /// Whether the file ends with a line end, as every tool leaves it.
    ///
    /// # Errors
    /// [`FormatError`] where it does not: the last number may be cut off.
    pub(super) fn check_end(&self) -> Result<(), FormatError> {
        if self.place.given.get() == 0 || self.place.last.get() == b'\n' {
            return Ok(());
        }
        let row = Row {
            record: &self.record,
            file: self.file,
            line: self.line(),
        };
        let expected = "the end of a line: fetch the file again or, if it is whole, add one";
        Err(row.at(usize::MAX, "the file ends".to_owned(), expected))
    }

    fn any_row(&mut self) -> Result<Option<Row<'_>>, ImportError> {
        loop {
            let begin = self.reader.position().line();
            self.place.began.set(self.reader.position().byte());
            match self.reader.read_byte_record(&mut self.spare) {
                Ok(true) => std::mem::swap(&mut self.record, &mut self.spare),
                Ok(false) => return Ok(None),
                Err(error) => return Err(self.failed(error, begin)),
            }
            if self.record.as_slice().len() > LONGEST_LINE {
                return Err(self.too_long(begin).into());
            }
            if !self.record.iter().all(|field| matches!(field, b"" | b"\r")) {
                break;
            }
        }
        let line = self.line();
        Ok(Some(Row {
            record: &self.record,
            file: self.file,
            line,
        }))
    }

    /// The line on which the record begins that was just read.
    fn line(&self) -> usize {
        let position = self.reader.position();
        let is_cut = position.byte() == self.place.given.get() && self.place.last.get() != b'\n';
        let inside = self
            .record
            .as_slice()
            .iter()
            .filter(|b| **b == b'\n')
            .count();
        let after = usize::try_from(position.line()).unwrap_or(usize::MAX);
        after.saturating_sub(usize::from(!is_cut) + inside).max(1)
    }

    fn failed(&self, error: csv::Error, begin: u64) -> ImportError {
        match error.into_kind() {
            ErrorKind::Io(error) if TooLong::is(&error) => self.too_long(begin).into(),
            ErrorKind::Io(error) => ImportError::io(self.file)(error),
            other => ImportError::io(self.file)(std::io::Error::other(format!("{other:?}"))),
        }
    }

    fn too_long(&self, begin: u64) -> FormatError {
        FormatError {
            file: self.file.to_owned(),
            line: usize::try_from(begin).unwrap_or(usize::MAX),
            column: 1,
            found: "a row does not end within 1 MiB".to_owned(),
            expected: "rows with their quotes closed".to_owned(),
        }
    }
}

impl<'a> Row<'a> {
    fn len(&self) -> usize {
        self.record.len()
    }

    /// The bytes of a field, without the `\r` before the line end.
    fn raw(&self, at: usize) -> &'a [u8] {
        let raw = self.record.get(at).unwrap_or_default();
        let is_last = at + 1 == self.record.len();
        raw.strip_suffix(b"\r").filter(|_| is_last).unwrap_or(raw)
    }

    /// A field.
    ///
    /// # Errors
    /// [`FormatError`] where it is not UTF-8.
    pub(super) fn text(&self, at: usize) -> Result<&'a str, FormatError> {
        let raw = self.raw(at);
        std::str::from_utf8(raw).map_err(|error| {
            let bad = raw.get(error.valid_up_to()).copied().unwrap_or_default();
            let found = format!("the byte 0x{bad:02X} is no text");
            self.at(at, found, "UTF-8: save the file in it")
        })
    }

    /// A day.
    ///
    /// # Errors
    /// [`FormatError`] where it is none.
    pub(super) fn day(&self, at: usize) -> Result<Day, FormatError> {
        let text = self.text(at)?.trim();
        let day = moment::day(text);
        day.ok_or_else(|| self.wrong(at, "is no day", "a UTC day as YYYY-MM-DD"))
    }

    /// A number without sign; `12.0` is one, since some tools write it so. Nothing where the field
    /// is empty.
    ///
    /// # Errors
    /// [`FormatError`] where it is no number or an absurd one.
    pub(super) fn number(&self, at: usize) -> Result<Option<u64>, FormatError> {
        let text = self.text(at)?.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let whole = match text.split_once('.') {
            Some((whole, rest)) if !rest.is_empty() && rest.bytes().all(|b| b == b'0') => whole,
            _ => text,
        };
        if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(self.wrong(at, "is no count", "a whole number in digits"));
        }
        let number = whole.parse().ok().filter(|number| *number < Count::LIMIT);
        let absurd = || self.wrong(at, "is absurd", &format!("less than {}", Count::LIMIT));
        number.map(Some).ok_or_else(absurd)
    }

    /// A count with its uniques; nothing where both fields are empty.
    ///
    /// # Errors
    /// [`FormatError`] where one of them is missing or wrong, or the uniques are more.
    pub(super) fn count(&self, count: usize, uniques: usize) -> Result<Option<Count>, FormatError> {
        match (self.number(count)?, self.number(uniques)?) {
            (None, None) => Ok(None),
            (Some(events), Some(people)) => {
                let limit = format!("uniques of at most the count {events}");
                let pair = Count::new(events, people);
                let wrong = |_| self.wrong(uniques, "is more than the count", &limit);
                pair.map(Some).map_err(wrong)
            }
            (Some(_), None) => Err(self.wrong(uniques, "", "uniques beside the count")),
            (None, Some(_)) => Err(self.wrong(count, "", "a count beside the uniques")),
        }
    }

    /// A count with its uniques, which must be there.
    ///
    /// # Errors
    /// As [`Row::count`].
    pub(super) fn full_count(&self, count: usize, uniques: usize) -> Result<Count, FormatError> {
        let pair = self.count(count, uniques)?;
        pair.ok_or_else(|| self.wrong(count, "", "a count in digits"))
    }

    /// An error about a field.
    pub(super) fn wrong(&self, at: usize, problem: &str, expected: &str) -> FormatError {
        let found = match String::from_utf8_lossy(self.raw(at)).as_ref() {
            "" => "nothing stands here".to_owned(),
            text => format!("{} {problem}", quoted(text)),
        };
        self.at(at, found, expected)
    }

    fn at(&self, at: usize, found: String, expected: &str) -> FormatError {
        let before = 0..at.min(self.record.len());
        let column: usize = before
            .map(|field| String::from_utf8_lossy(self.raw(field)).chars().count() + 1)
            .sum();
        FormatError {
            file: self.file.to_owned(),
            line: self.line,
            column: column.max(1) + usize::from(at > 0 && at < self.record.len()),
            found,
            expected: expected.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `day,count,uniques` and tells what there is, or the error.
    fn check(bytes: impl AsRef<[u8]>, expected: &str) {
        let mut input = bytes.as_ref();
        let mut read = || -> Result<String, ImportError> {
            let mut table = Table::new(&mut input, "t.csv", b',')?;
            let (day, count) = (table.need("day")?, table.need("count")?);
            let uniques = table.need("uniques")?;
            let mut told = String::new();
            while let Some(row) = table.next()? {
                let pair = row.full_count(count, uniques)?;
                told += &format!("{} {} {};", row.day(day)?, pair.count(), pair.uniques());
            }
            table.check_end()?;
            Ok(told)
        };
        let told = read().unwrap_or_else(|error| error.to_string());
        let begin = &bytes.as_ref()[..bytes.as_ref().len().min(200)];
        assert_eq!(told, expected, "{}", begin.escape_ascii());
    }

    #[test]
    fn what_editors_and_spreadsheets_add_is_taken_off() {
        let expected = "2026-01-02 3 1;2026-01-01 5 2;";
        check(
            "day,count,uniques\n2026-01-02,3,1\n2026-01-01,5,2\n",
            expected,
        );
        check(
            "\u{feff}Day,Count , UNIQUES\r\n\r\n2026-01-02,3,1\r\n\r\n2026-01-01,5.0,2\r\n\r\n,,\r\n",
            expected,
        );
        check(
            "\"uniques\",\"day\",\"count\"\n\"1\",\"2026-01-02\",\"3\"\n2, 2026-01-01 ,5\n",
            expected,
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let with = |row: &str| format!("day,count,uniques\n2026-01-02,3,1\n{row}\n");
        for (row, expected) in [
            (
                "2026-02-30,3,1",
                "line 3, column 1: \"2026-02-30\" is no day, expected a UTC day as YYYY-MM-DD",
            ),
            (
                "2026-01-03,-3,1",
                "line 3, column 12: \"-3\" is no count, expected a whole number in digits",
            ),
            (
                "2026-01-03,3.5,1",
                "line 3, column 12: \"3.5\" is no count, expected a whole number in digits",
            ),
            (
                "2026-01-03,3.,1",
                "line 3, column 12: \"3.\" is no count, expected a whole number in digits",
            ),
            (
                "2026-01-03,1000000000000,1",
                "line 3, column 12: \"1000000000000\" is absurd, expected less than 1000000000000",
            ),
            (
                "2026-01-03,3,4",
                "line 3, column 14: \"4\" is more than the count, expected uniques of at most the count 3",
            ),
            (
                "2026-01-03,3,",
                "line 3, column 14: nothing stands here, expected uniques beside the count",
            ),
            (
                "2026-01-03,3",
                "line 3, column 13: the row has 2 fields, expected 3 as in the header",
            ),
            (
                "2026-01-03,3,1,7",
                "line 3, column 16: the row has 4 fields, expected 3 as in the header",
            ),
            (
                "2026-01-03",
                "line 3, column 11: the row has 1 field, expected 3 as in the header",
            ),
        ] {
            check(with(row), &format!("\"t.csv\" {expected}"));
            let windows = with(row).replace('\n', "\r\n");
            check(windows, &format!("\"t.csv\" {expected}"));
        }
        check(
            b"day,count,uniques\n2026-01-03,3,\xff\n",
            "\"t.csv\" line 2, column 14: the byte 0xFF is no text, expected UTF-8: save the file in it",
        );
    }

    #[test]
    fn lines_are_those_of_the_file() {
        check(
            "day,count,uniques\n\n\n\"2026-01-01\",\"5\",2\n\nx,1,1",
            "\"t.csv\" line 6, column 1: \"x\" is no day, expected a UTC day as YYYY-MM-DD",
        );
        check(
            "day,\"count\",uniques\r\n\"a\r\nb\",1,1\r\n",
            "\"t.csv\" line 2, column 1: \"a\\r\\nb\" is no day, expected a UTC day as YYYY-MM-DD",
        );
    }

    #[test]
    fn a_file_without_its_last_line_end_may_be_cut() {
        let expected = "\"t.csv\" line 2, column 15: the file ends, expected the end of a line: \
            fetch the file again or, if it is whole, add one";
        check("day,count,uniques\n2026-01-02,3,1", expected);
        check("\u{feff}day,count,uniques\r\n2026-01-02,3,1", expected);
        check(
            "\u{feff}day,count,uniques\r\nx,3,1",
            "\"t.csv\" line 2, column 1: \"x\" is no day, expected a UTC day as YYYY-MM-DD",
        );
    }

    #[test]
    fn columns_are_asked_for_by_name() {
        check(
            "",
            "\"t.csv\" line 1, column 1: there is no column \"day\", expected one of \"\"",
        );
        check(
            "day,day,count,uniques\n",
            "\"t.csv\" line 1, column 1: there are two columns \"day\", expected one of \"day, day, count, uniques\"",
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_takes_no_memory() {
        let mut bytes = b"day,count,uniques\n\"".to_vec();
        bytes.extend(std::iter::repeat_n(b"2026-01-02,3,1\n", 200_000).flatten());
        check(
            bytes,
            "\"t.csv\" line 2, column 1: a row does not end within 1 MiB, expected rows with their quotes closed",
        );
    }
}
