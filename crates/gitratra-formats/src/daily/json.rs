//! Days as JSON: one array, or one object a line.

use std::io::{self, BufWriter, Write};

use gitratra_core::DayRow;

use super::{DailyWriter, Row};

/// One array of objects, each on its own line.
pub struct JsonWriter<W: Write> {
    out: BufWriter<W>,
    is_begun: bool,
}

impl<W: Write> JsonWriter<W> {
    /// Begins a file.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self {
            out: BufWriter::new(out),
            is_begun: false,
        }
    }
}

impl<W: Write> DailyWriter for JsonWriter<W> {
    fn write_repo(&mut self, name: &str, days: &[DayRow]) -> io::Result<()> {
        for day in days {
            self.out
                .write_all(if self.is_begun { b",\n" } else { b"[\n" })?;
            self.is_begun = true;
            serde_json::to_writer(&mut self.out, &Row::new(name, day))?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out
            .write_all(if self.is_begun { b"\n]\n" } else { b"[]\n" })?;
        self.out.flush()
    }
}

/// One object a line.
pub struct JsonLinesWriter<W: Write> {
    out: BufWriter<W>,
}

impl<W: Write> JsonLinesWriter<W> {
    /// Begins a file.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self {
            out: BufWriter::new(out),
        }
    }
}

impl<W: Write> DailyWriter for JsonLinesWriter<W> {
    fn write_repo(&mut self, name: &str, days: &[DayRow]) -> io::Result<()> {
        for day in days {
            serde_json::to_writer(&mut self.out, &Row::new(name, day))?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}
