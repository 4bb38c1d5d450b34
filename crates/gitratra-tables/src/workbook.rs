//! Tables as one workbook of Excel: a sheet for each, and one that tells what the numbers mean.
//!
//! Rows go to temporary files as they come. Nothing here reads a clock: the workbook is dated by the
//! newest day in it, so that the same rows are the same bytes.

use std::io::{self, Write};

use gitratra_core::Day;
use gitratra_formats::table::{Cell, Column, Holds, Table, TableSink};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// Rows that a sheet can have, the header included.
const SHEET_ROWS: u32 = 1_048_576;
/// Characters that a cell can have.
const CELL_CHARACTERS: usize = 32_767;
/// The largest whole number that a cell keeps exactly.
const EXACT: u64 = 1 << 53;
/// What Excel calls 1970-01-01.
const EPOCH: i64 = 25_569;

/// A workbook.
pub struct Book {
    workbook: Workbook,
    looks: Looks,
    tables: Vec<(&'static Table, u64)>,
    newest: Option<Day>,
    sheet_rows: u32,
}

/// How cells look.
struct Looks {
    header: Format,
    day: Format,
    whole: Format,
    id: Format,
    wrapped: Format,
}

impl Default for Book {
    fn default() -> Self {
        Self::new()
    }
}

impl Book {
    /// A workbook without sheets.
    #[must_use]
    pub fn new() -> Self {
        Self::with_sheets_of(SHEET_ROWS)
    }

    fn with_sheets_of(sheet_rows: u32) -> Self {
        Self {
            workbook: Workbook::new(),
            looks: Looks {
                header: Format::new().set_bold(),
                day: Format::new().set_num_format("yyyy-mm-dd"),
                whole: Format::new().set_num_format("#,##0"),
                id: Format::new().set_num_format("0"),
                wrapped: Format::new().set_text_wrap(),
            },
            tables: Vec::new(),
            newest: None,
            sheet_rows,
        }
    }

    /// Begins the sheet of a table. Where its rows are more than a sheet can have, it goes on as
    /// `daily 2` and so on.
    ///
    /// # Errors
    /// What the system says, where there is no room for temporary files.
    pub fn sheet(&mut self, table: &'static Table) -> io::Result<Sheet<'_>> {
        self.tables.push((table, 0));
        let mut sheet = Sheet {
            book: self,
            table,
            at: 0,
            part: 0,
            row: 0,
        };
        sheet.begin().map_err(io_error)?;
        Ok(sheet)
    }

    /// Adds the sheet `About`, with `notes` on top, and writes the workbook.
    ///
    /// # Errors
    /// What the writer underneath says.
    pub fn save(mut self, notes: &[&str], out: impl Write + Send) -> io::Result<()> {
        self.about(notes).map_err(io_error)?;
        self.date().map_err(io_error)?;
        self.workbook.save_to_writer(out).map_err(io_error)
    }

    /// Tells what the tables are and what may be done with the numbers of each column.
    fn about(&mut self, notes: &[&str]) -> Result<(), XlsxError> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name("About")?;
        for (column, width) in [(0, 14), (1, 24), (2, 60), (3, 60)] {
            sheet.set_column_width(column, width)?;
        }
        let mut row = 0;
        for note in notes {
            sheet.write_string(row, 0, *note)?;
            row += 1;
        }
        for (table, rows) in &self.tables {
            row += 1;
            sheet.write_string_with_format(row, 0, table.name, &self.looks.header)?;
            sheet.write_string(row, 1, format!("{rows} rows"))?;
            sheet.write_string_with_format(row, 2, table.about, &self.looks.wrapped)?;
            row += 1;
            for column in table.columns {
                sheet.write_string(row, 1, column.name)?;
                sheet.write_string_with_format(row, 2, column.about, &self.looks.wrapped)?;
                let warning = column.says.warning().unwrap_or("");
                sheet.write_string_with_format(row, 3, warning, &self.looks.wrapped)?;
                row += 1;
            }
        }
        Ok(())
    }

    /// A workbook must have a time at which it was made, and would ask a clock for it.
    fn date(&mut self) -> Result<(), XlsxError> {
        let (year, month, day) = self.newest.unwrap_or(Day::MIN).ymd();
        let day = ExcelDateTime::from_ymd(
            year.unsigned_abs(),
            month.unsigned_abs(),
            day.unsigned_abs(),
        )?;
        let properties = DocProperties::new()
            .set_author("gitratra")
            .set_title("GitHub traffic")
            .set_creation_datetime(&day);
        self.workbook.set_properties(&properties);
        Ok(())
    }
}

/// One table of a [`Book`].
pub struct Sheet<'b> {
    book: &'b mut Book,
    table: &'static Table,
    /// Where the sheet stands in the workbook.
    at: usize,
    /// How many sheets of this table there are before this one.
    part: u32,
    /// The row that comes next.
    row: u32,
}

impl Sheet<'_> {
    fn begin(&mut self) -> Result<(), XlsxError> {
        self.at = self.book.workbook.worksheets().len();
        let name = match self.part {
            0 => self.table.name.to_owned(),
            part => format!("{} {}", self.table.name, part + 1),
        };
        let sheet = self.book.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, at) in self.table.columns.iter().zip(0..) {
            sheet.set_column_width(at, width(column))?;
            sheet.write_string_with_format(0, at, column.name, &self.book.looks.header)?;
        }
        self.row = 1;
        Ok(())
    }

    /// Lets people filter what is there.
    fn end(&mut self) -> Result<(), XlsxError> {
        let last = u16::try_from(self.table.columns.len() - 1).unwrap_or(u16::MAX);
        let sheet = self.book.workbook.worksheet_from_index(self.at)?;
        sheet.autofilter(0, 0, self.row - 1, last)?;
        Ok(())
    }

    fn put(&mut self, row: &[Cell<'_>]) -> Result<(), XlsxError> {
        if self.row >= self.book.sheet_rows {
            self.end()?;
            self.part += 1;
            self.begin()?;
        }
        if let Some(Cell::Day(day)) = row.get(self.table.dated_by) {
            self.book.newest = self.book.newest.max(Some(*day));
        }
        if let Some((_, rows)) = self.book.tables.last_mut() {
            *rows += 1;
        }
        let sheet = self.book.workbook.worksheet_from_index(self.at)?;
        for (cell, at) in row.iter().zip(0..) {
            write_cell(sheet, &self.book.looks, (self.row, at), *cell)?;
        }
        self.row += 1;
        Ok(())
    }
}

impl TableSink for Sheet<'_> {
    fn write(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        self.put(row).map_err(io_error)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.end().map_err(io_error)
    }
}

/// A text is written as one, whatever it looks like: nothing is ever taken for a formula.
fn write_cell(
    sheet: &mut Worksheet,
    looks: &Looks,
    (row, at): (u32, u16),
    cell: Cell<'_>,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => return Ok(()),
        Cell::Word(text) | Cell::Text(text) => {
            // Bytes are at least as many as characters, and cheap to count.
            let fits = text.len() <= CELL_CHARACTERS;
            let cut = if fits { text.len() } else { cut(text) };
            sheet.write_string(row, at, &text[..cut])?
        }
        Cell::Day(day) => {
            let serial = exact(day.epoch_days() + EPOCH);
            sheet.write_number_with_format(row, at, serial, &looks.day)?
        }
        Cell::Id(id) if id.0 > EXACT => sheet.write_string(row, at, id.0.to_string())?,
        Cell::Id(id) => {
            let id = exact(id.0.cast_signed());
            sheet.write_number_with_format(row, at, id, &looks.id)?
        }
        Cell::Whole(number) => {
            let number = exact(number.min(EXACT).cast_signed());
            sheet.write_number_with_format(row, at, number, &looks.whole)?
        }
        Cell::Signed(number) => {
            sheet.write_number_with_format(row, at, exact(number), &looks.whole)?
        }
        Cell::Moment(at_time) => sheet.write_string(row, at, at_time.to_string())?,
        Cell::Flag(is) => sheet.write_boolean(row, at, is)?,
    };
    Ok(())
}

/// Where a text ends that a cell can have, in bytes; Excel counts in UTF-16.
fn cut(text: &str) -> usize {
    let mut units = 0;
    for (at, character) in text.char_indices() {
        units += character.len_utf16();
        if units > CELL_CHARACTERS {
            return at;
        }
    }
    text.len()
}

/// The number as Excel keeps it. Counts lie far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "what is larger is cut or text")]
const fn exact(number: i64) -> f64 {
    number as f64
}

/// How wide a column is, in characters.
const fn width(column: &Column) -> u32 {
    match column.holds {
        Holds::Word | Holds::Moment => 24,
        Holds::Text => 40,
        Holds::Day | Holds::Id | Holds::Flag => 12,
        Holds::Whole | Holds::Signed => 15,
    }
}

/// What the writer underneath said, with its kind: a caller must be able to tell a broken pipe.
fn io_error(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        XlsxError::ZipError(error) => error.into(),
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use gitratra_core::RepoId;
    use gitratra_formats::table::known::{DOWNLOADS, WINDOWS};

    use super::*;

    fn row(release: &str, downloads: u64) -> [Cell<'_>; 9] {
        [
            Cell::Word("octo/alpha"),
            Cell::Id(RepoId(u64::MAX)),
            Cell::Text(release),
            Cell::Text("+file"),
            Cell::Word("linux"),
            Cell::Empty,
            Cell::Day(Day::MIN.plus(20_454)),
            downloads.into(),
            Cell::Word("measured"),
        ]
    }

    fn written(rows: u64, sheet_rows: u32) -> Vec<u8> {
        let mut book = Book::with_sheets_of(sheet_rows);
        let mut sheet = Box::new(book.sheet(&DOWNLOADS).unwrap());
        for at in 0..rows {
            sheet.write(&row("=1+1", at)).unwrap();
        }
        sheet.finish().unwrap();
        Box::new(book.sheet(&WINDOWS).unwrap()).finish().unwrap();
        let mut bytes = Vec::new();
        book.save(&["a note"], &mut bytes).unwrap();
        bytes
    }

    fn part(bytes: &[u8], name: &str) -> String {
        let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        let mut file = archive.by_name(name).unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn what_does_not_fit_a_sheet_goes_on_in_the_next() {
        let bytes = written(5, 3);
        let workbook = part(&bytes, "xl/workbook.xml");
        for name in [
            "downloads",
            "downloads 2",
            "downloads 3",
            "windows",
            "About",
        ] {
            assert!(workbook.contains(&format!("name=\"{name}\"")), "{workbook}");
        }
        let third = part(&bytes, "xl/worksheets/sheet3.xml");
        assert!(third.contains("<autoFilter ref=\"A1:I2\"/>"), "{third}");
        assert!(third.contains("topLeftCell=\"A2\""), "{third}");
    }

    #[test]
    fn a_text_that_looks_like_a_formula_is_a_text() {
        let sheet = part(&written(1, SHEET_ROWS), "xl/worksheets/sheet1.xml");
        assert!(sheet.contains("=1+1") && sheet.contains("+file"), "{sheet}");
        assert!(!sheet.contains("<f>"), "{sheet}");
        // A number that a cell would round is a text as well.
        assert!(sheet.contains("18446744073709551615"), "{sheet}");
    }

    #[test]
    fn the_same_rows_are_the_same_bytes_and_no_clock_is_asked() {
        let bytes = written(20, SHEET_ROWS);
        assert_eq!(bytes, written(20, SHEET_ROWS));
        assert!(part(&bytes, "docProps/core.xml").contains("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn a_long_text_is_cut_where_a_cell_ends() {
        assert_eq!(cut(&"a".repeat(CELL_CHARACTERS + 9)), CELL_CHARACTERS);
        // Two of UTF-16, four bytes.
        let text = "\u{1f600}".repeat(CELL_CHARACTERS);
        assert_eq!(cut(&text), (CELL_CHARACTERS / 2) * 4);
    }
}
