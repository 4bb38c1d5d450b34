//! Rows of one table, sorted into the files of their months, each ready to be put in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom};

use gitratra_formats::table::{Cell, TableSink};
use gitratra_tables::ParquetTable;
use ring::digest::{Context, Digest, SHA256};

use crate::part::Part;
use crate::rows::What;

/// A file that was made on this machine and has no name yet.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) file: File,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub(crate) sha256: String,
    /// The SHA-256 of its rows, in hexadecimal: the same rows have the same, whatever program has
    /// packed them.
    pub(crate) content: String,
}

/// Takes the rows of one table and keeps those of the wanted parts, a file each.
pub(crate) struct Sorter {
    what: What,
    wanted: BTreeSet<Part>,
    begun: BTreeMap<Part, Begun>,
}

struct Begun {
    table: ParquetTable<BufWriter<File>>,
    content: Context,
    rows: u64,
}

impl Sorter {
    pub(crate) fn new(what: What, wanted: BTreeSet<Part>) -> Self {
        Self {
            what,
            wanted,
            begun: BTreeMap::new(),
        }
    }

    fn part(&self, row: &[Cell<'_>]) -> io::Result<Part> {
        if !self.what.is_dated() {
            return Ok(Part::whole(self.what));
        }
        let table = self.what.table();
        match row.get(table.dated_by) {
            Some(Cell::Day(day)) => Ok(Part::of(self.what, *day)),
            _ => {
                let text = format!("a row of \"{}\" has no day", table.name);
                Err(io::Error::new(io::ErrorKind::InvalidData, text))
            }
        }
    }

    /// Ends the files. A part of which there was no row has none.
    pub(crate) fn end(self) -> io::Result<BTreeMap<Part, Made>> {
        let ended = self.begun.into_iter();
        ended
            .map(|(part, begun)| Ok((part, begun.end()?)))
            .collect()
    }
}

impl TableSink for Sorter {
    fn write(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        let part = self.part(row)?;
        if let Some(begun) = self.begun.get_mut(&part) {
            return begun.write(row);
        }
        if !self.wanted.contains(&part) {
            return Ok(());
        }
        let file = BufWriter::new(tempfile::tempfile()?);
        let mut begun = Begun {
            table: ParquetTable::new(file, self.what.table())?,
            content: Context::new(&SHA256),
            rows: 0,
        };
        begun.write(row)?;
        self.begun.insert(part, begun);
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.end().map(drop)
    }
}

impl Begun {
    fn write(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        for cell in row {
            digest(&mut self.content, *cell);
        }
        self.rows += 1;
        self.table.write(row)
    }

    fn end(self) -> io::Result<Made> {
        let out = self.table.close()?;
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        let mut context = Context::new(&SHA256);
        let mut buffer = vec![0; 1 << 16];
        let mut bytes = 0;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            context.update(buffer.get(..read).unwrap_or_default());
            bytes += read as u64;
        }
        Ok(Made {
            file,
            rows: self.rows,
            bytes,
            sha256: hex(context.finish()),
            content: hex(self.content.finish()),
        })
    }
}

/// Takes a cell in, so that no two rows are taken in alike.
fn digest(content: &mut Context, cell: Cell<'_>) {
    let (kind, number): (u8, [u8; 8]) = match cell {
        Cell::Empty => (0, [0; 8]),
        Cell::Word(text) | Cell::Text(text) => {
            content.update(&[1]);
            content.update(&(text.len() as u64).to_le_bytes());
            return content.update(text.as_bytes());
        }
        Cell::Day(day) => (2, day.epoch_days().to_le_bytes()),
        Cell::Id(id) => (3, id.0.to_le_bytes()),
        Cell::Whole(number) => (4, number.to_le_bytes()),
        Cell::Signed(number) => (5, number.to_le_bytes()),
        Cell::Moment(at) => (6, at.as_microsecond().to_le_bytes()),
        Cell::Flag(is) => (7, u64::from(is).to_le_bytes()),
    };
    content.update(&[kind]);
    content.update(&number);
}

pub(crate) fn hex(digest: Digest) -> String {
    let bytes = digest.as_ref().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}
