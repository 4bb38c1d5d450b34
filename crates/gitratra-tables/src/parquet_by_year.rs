//! Any table as a folder of Parquet files, one for each year, as Hive names them: a reader that
//! wants one year opens one file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gitratra_formats::NewFile;
use gitratra_formats::table::{Cell, Table, TableSink};

use crate::ParquetTable;

/// Writes `year=2026/part-0.parquet` and its like into a folder.
///
/// The year is that of the column that dates a row. All files take their places when the table
/// ends, each as a whole; years of which there is no row are left as they are.
pub struct ParquetByYear {
    folder: PathBuf,
    table: &'static Table,
    years: BTreeMap<i16, ParquetTable<NewFile>>,
}

impl ParquetByYear {
    /// Begins in a folder, which is made where there is none.
    ///
    /// # Errors
    /// What the system says.
    pub fn new(folder: &Path, table: &'static Table) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            table,
            years: BTreeMap::new(),
        })
    }

    fn begin(&self, year: i16) -> io::Result<ParquetTable<NewFile>> {
        let folder = self.folder.join(format!("year={year}"));
        fs::create_dir_all(&folder)?;
        let file = NewFile::create(&folder.join("part-0.parquet")).map_err(io::Error::other)?;
        ParquetTable::new(file, self.table)
    }
}

impl TableSink for ParquetByYear {
    fn write(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        let Some(Cell::Day(day)) = row.get(self.table.dated_by) else {
            let text = format!("a row of \"{}\" has no day", self.table.name);
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        };
        let (year, ..) = day.ymd();
        if let Some(known) = self.years.get_mut(&year) {
            return known.write(row);
        }
        let mut new = self.begin(year)?;
        new.write(row)?;
        self.years.insert(year, new);
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let years = self.years.into_values();
        let files: Vec<NewFile> = years.map(ParquetTable::close).collect::<Result<_, _>>()?;
        for file in files {
            file.put_in_place().map_err(io::Error::other)?;
        }
        Ok(())
    }
}
