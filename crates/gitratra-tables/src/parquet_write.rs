//! Any table as one Parquet file: typed columns, zstd, row groups that a reader can take one by one.

use std::io::{self, Write};

use gitratra_formats::table::{Cell, Table, TableSink};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::batch::Batch;

/// The version of what the files hold, told under `gitratra.format`.
pub const FORMAT: &str = "1";
/// Rows that are gathered before they are packed.
const BATCH_ROWS: usize = 4_096;
/// Rows of a row group: enough to pack well, few enough for several readers at once.
const GROUP_ROWS: usize = 131_072;
/// Bytes of a row group, for rows with long texts.
const GROUP_BYTES: usize = 16 << 20;

/// Writes one table as one file.
pub struct ParquetTable<W: Write + Send> {
    writer: ArrowWriter<W>,
    batch: Batch,
}

impl<W: Write + Send> ParquetTable<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What `out` says.
    pub fn new(out: W, table: &'static Table) -> io::Result<Self> {
        let batch = Batch::new(table);
        let writer = ArrowWriter::try_new(out, batch.schema(), Some(properties(table)));
        Ok(Self {
            writer: writer.map_err(io_error)?,
            batch,
        })
    }

    fn pack(&mut self) -> io::Result<()> {
        let batch = self.batch.take()?;
        self.writer.write(&batch).map_err(io_error)
    }

    /// Ends the file and gives back what it was written to.
    ///
    /// # Errors
    /// What the writer underneath says, with its kind.
    pub fn close(mut self) -> io::Result<W> {
        self.pack()?;
        self.writer.flush().map_err(io_error)?;
        // What comes after it, the description, is told without its kind where it fails.
        self.writer.sync()?;
        let mut out = self.writer.into_inner().map_err(io_error)?;
        out.flush()?;
        Ok(out)
    }
}

impl<W: Write + Send> TableSink for ParquetTable<W> {
    fn write(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        self.batch.push(row)?;
        if self.batch.rows() >= BATCH_ROWS {
            self.pack()?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.close().map(drop)
    }
}

fn properties(table: &Table) -> WriterProperties {
    let said = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(format!("gitratra {}", env!("CARGO_PKG_VERSION")))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_max_row_group_bytes(Some(GROUP_BYTES))
        .set_key_value_metadata(Some(vec![
            said("gitratra.format", FORMAT),
            said("gitratra.table", table.name),
            said("gitratra.about", table.about),
        ]))
        .build()
}

/// What the writer underneath said, with its kind: a caller must be able to tell a broken pipe.
pub(crate) fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use gitratra_core::{Day, RepoId};
    use gitratra_formats::table::known::STARS;

    use super::*;

    fn written(rows: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut table = Box::new(ParquetTable::new(&mut bytes, &STARS).unwrap());
        for row in 0..rows {
            let row = [
                Cell::Word("octo/alpha"),
                RepoId(7).into(),
                Day::MIN.plus(row.cast_signed()).into(),
                (row % 5).into(),
                Cell::Empty,
                row.into(),
                Cell::Signed(-1),
                Cell::Empty,
                Cell::Empty,
                Cell::Word("measured"),
            ];
            table.write(&row).unwrap();
        }
        table.finish().unwrap();
        bytes
    }

    #[test]
    fn the_same_rows_are_the_same_bytes() {
        assert_eq!(written(10_000), written(10_000));
        assert_eq!(written(0), written(0));
    }

    #[test]
    fn a_broken_pipe_stays_one() {
        #[derive(Debug)]
        struct Broken;
        impl Write for Broken {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let table = ParquetTable::new(Broken, &STARS);
        let error = table.and_then(ParquetTable::close).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
