//! Days as CSV.

use std::io::{self, Write};

use gitratra_core::DayRow;

use super::{DailyWriter, Row};

const HEADER: [&str; 7] = [
    "repo",
    "day",
    "views",
    "views_uniques",
    "clones",
    "clones_uniques",
    "state",
];

/// CSV with a header, commas and `\n`; unknown numbers are empty.
///
/// Names are written as they are: GitHub's cannot begin with `=`, `+` or `@`, which a spreadsheet
/// would take for a formula.
pub struct CsvWriter<W: Write> {
    out: csv::Writer<W>,
    has_header: bool,
}

impl<W: Write> CsvWriter<W> {
    /// Begins a file.
    #[must_use]
    pub fn new(out: W) -> Self {
        // The header is ours, so that a file without rows has it as well.
        let out = csv::WriterBuilder::new()
            .has_headers(false)
            .from_writer(out);
        Self {
            out,
            has_header: false,
        }
    }

    fn write_header(&mut self) -> io::Result<()> {
        if !self.has_header {
            self.out.write_record(HEADER).map_err(io_error)?;
            self.has_header = true;
        }
        Ok(())
    }
}

/// What the writer underneath said, with its kind: a caller must be able to tell a broken pipe.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

impl<W: Write> DailyWriter for CsvWriter<W> {
    fn write_repo(&mut self, name: &str, days: &[DayRow]) -> io::Result<()> {
        self.write_header()?;
        for day in days {
            self.out.serialize(Row::new(name, day)).map_err(io_error)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.write_header()?;
        self.out.flush()
    }
}
