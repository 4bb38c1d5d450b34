//! Rows of any table as CSV, as a JSON array or as JSON Lines, written as they come and held by
//! nobody.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};

use crate::table::{Cell, Column, Table, TableSink};

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
        match &self.out {
            Out::Csv(_) => guarded(text),
            Out::Json { .. } | Out::JsonLines(_) => Cow::Borrowed(text),
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

/// A text that no spreadsheet takes for a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Writes the rows of a table that is described.
pub struct TableRows<W: Write> {
    rows: RowWriter<W>,
    table: &'static Table,
}

impl<W: Write> TableRows<W> {
    /// Begins the table. Nothing but the header of CSV is written yet.
    ///
    /// # Errors
    /// What `out` says.
    pub fn new(out: W, format: RowFormat, table: &'static Table) -> io::Result<Self> {
        let names: Vec<&str> = table.plain_names().collect();
        Ok(Self {
            rows: RowWriter::new(out, format, &names)?,
            table,
        })
    }
}

impl<W: Write> TableSink for TableRows<W> {
    fn write(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        let line = Line {
            columns: self.table.columns,
            cells: row,
        };
        match &self.rows.out {
            Out::Csv(_) => self.rows.write(&InOrder(line)),
            Out::Json { .. } | Out::JsonLines(_) => self.rows.write(&ByName(line)),
        }
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.rows.finish()
    }
}

/// A row with what its cells are called.
struct Line<'a> {
    columns: &'static [Column],
    cells: &'a [Cell<'a>],
}

impl<'a> Line<'a> {
    fn plain(&self) -> impl Iterator<Item = (&'static str, Cell<'a>)> {
        let cells = self.columns.iter().zip(self.cells);
        let plain = cells.filter(|(column, _)| !column.is_typed_only);
        plain.map(|(column, cell)| (column.name, *cell))
    }
}

/// A row as CSV has it.
struct InOrder<'a>(Line<'a>);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_seq(None)?;
        for (_, cell) in self.0.plain() {
            match cell {
                Cell::Text(text) => row.serialize_element(&guarded(text))?,
                cell => row.serialize_element(&Plain(cell))?,
            }
        }
        row.end()
    }
}

/// A row as JSON has it.
struct ByName<'a>(Line<'a>);

impl Serialize for ByName<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(None)?;
        for (name, cell) in self.0.plain() {
            row.serialize_entry(name, &Plain(cell))?;
        }
        row.end()
    }
}

struct Plain<'a>(Cell<'a>);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Cell::Empty => serializer.serialize_none(),
            Cell::Word(text) | Cell::Text(text) => serializer.serialize_str(text),
            Cell::Day(day) => serializer.collect_str(&day),
            Cell::Id(id) => serializer.serialize_u64(id.0),
            Cell::Whole(number) => serializer.serialize_u64(number),
            Cell::Signed(number) => serializer.serialize_i64(number),
            Cell::Moment(at) => serializer.collect_str(&at),
            Cell::Flag(is) => serializer.serialize_bool(is),
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

    fn of_table(format: RowFormat) -> String {
        use crate::table::known::DOWNLOADS;
        let mut bytes = Vec::new();
        let mut rows = Box::new(TableRows::new(&mut bytes, format, &DOWNLOADS).unwrap());
        let to: gitratra_core::Day = "2026-01-02".parse().unwrap();
        rows.write(&[
            Cell::Word("octo/alpha"),
            Cell::Id(gitratra_core::RepoId(7)),
            Cell::Text("=v1"),
            Cell::Text("a,b"),
            Cell::Word("linux"),
            Cell::Empty,
            to.into(),
            3_u64.into(),
            Cell::Word("measured"),
        ])
        .unwrap();
        rows.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_described_table_leaves_out_what_only_typed_formats_have() {
        assert_eq!(
            of_table(RowFormat::Csv),
            "repo,release,file,platform,from,to,downloads,kind\n\
             octo/alpha,'=v1,\"a,b\",linux,,2026-01-02,3,measured\n"
        );
        assert_eq!(
            of_table(RowFormat::JsonLines),
            "{\"repo\":\"octo/alpha\",\"release\":\"=v1\",\"file\":\"a,b\",\
             \"platform\":\"linux\",\"from\":null,\"to\":\"2026-01-02\",\"downloads\":3,\
             \"kind\":\"measured\"}\n"
        );
    }
}
