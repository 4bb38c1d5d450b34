//! Rows of any table as CSV, as a JSON array or as JSON Lines, written as they come and held by
//! nobody.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use serde::Serialize;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFormat {
    /// A header, commas and `\n`; unknown numbers are empty.
    Csv,
    /// One array of objects, each on its own line; unknown numbers are null.
    Json,
    /// One object a line; unknown numbers are null.
    JsonLines,
}

impl RowFormat {
    /// How the names of files in this format end.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
        }
    }
}

/// Writes the rows of one table.
pub struct RowWriter<W: Write> {
    out: Out<W>,
}

enum Out<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Json { out: BufWriter<W>, is_begun: bool },
    JsonLines(BufWriter<W>),
}

impl<W: Write> RowWriter<W> {
    /// Begins a table with these columns, which are those of its rows in order. Nothing but the
    /// header of CSV is written yet.
    ///
    /// # Errors
    /// What `out` says.
    pub fn new(out: W, format: RowFormat, columns: &[&str]) -> io::Result<Self> {
        let out = match format {
            RowFormat::Csv => {
                // The header is ours, so that a table without rows has it as well.
                let mut out = csv::WriterBuilder::new()
                    .has_headers(false)
                    .from_writer(out);
                out.write_record(columns).map_err(io_error)?;
                Out::Csv(Box::new(out))
            }
            RowFormat::Json => Out::Json {
                out: BufWriter::new(out),
                is_begun: false,
            },
            RowFormat::JsonLines => Out::JsonLines(BufWriter::new(out)),
        };
        Ok(Self { out })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// What the writer underneath says.
    pub fn write(&mut self, row: &impl Serialize) -> io::Result<()> {
        match &mut self.out {
            Out::Csv(out) => out.serialize(row).map_err(io_error),
            Out::Json { out, is_begun } => {
                out.write_all(if *is_begun { b",\n" } else { b"[\n" })?;
                *is_begun = true;
                Ok(serde_json::to_writer(out, row)?)
            }
            Out::JsonLines(out) => {
                serde_json::to_writer(&mut *out, row)?;
                out.write_all(b"\n")
            }
        }
    }

    /// A text that others chose, as it goes into a row: where a spreadsheet would take it for a
    /// formula (`=`, `+`, `-` or `@` begins it), CSV has a `'` before it. Names of repositories
    /// cannot begin so.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        match &self.out {
            Out::Csv(_) if is_formula => Cow::Owned(format!("'{text}")),
            _ => Cow::Borrowed(text),
        }
    }

    /// Ends the table.
    ///
    /// # Errors
    /// What the writer underneath says.
    pub fn finish(self) -> io::Result<()> {
        match self.out {
            Out::Csv(mut out) => out.flush(),
            Out::Json { mut out, is_begun } => {
                out.write_all(if is_begun { b"\n]\n" } else { b"[]\n" })?;
                out.flush()
            }
            Out::JsonLines(mut out) => out.flush(),
        }
    }
}

/// What the writer underneath said, with its kind: a caller must be able to tell a broken pipe.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Row<'a> {
        name: &'a str,
        number: Option<u64>,
    }

    fn written(format: RowFormat, rows: &[(&str, Option<u64>)]) -> String {
        let mut bytes = Vec::new();
        let mut writer = RowWriter::new(&mut bytes, format, &["name", "number"]).unwrap();
        for (name, number) in rows {
            let name = writer.text(name);
            let row = Row {
                name: &name,
                number: *number,
            };
            writer.write(&row).unwrap();
        }
        writer.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_table_without_rows_is_whole() {
        assert_eq!(written(RowFormat::Csv, &[]), "name,number\n");
        assert_eq!(written(RowFormat::Json, &[]), "[]\n");
        assert_eq!(written(RowFormat::JsonLines, &[]), "");
    }

    #[test]
    fn text_of_others_is_no_formula_in_a_spreadsheet() {
        let rows = [("=1+1", Some(3)), ("a,\"b\"", None)];
        assert_eq!(
            written(RowFormat::Csv, &rows),
            "name,number\n'=1+1,3\n\"a,\"\"b\"\"\",\n"
        );
        assert_eq!(
            written(RowFormat::JsonLines, &rows),
            "{\"name\":\"=1+1\",\"number\":3}\n{\"name\":\"a,\\\"b\\\"\",\"number\":null}\n"
        );
        let array: serde_json::Value =
            serde_json::from_str(&written(RowFormat::Json, &rows)).unwrap();
        assert_eq!(array[1]["name"], "a,\"b\"");
    }
}
