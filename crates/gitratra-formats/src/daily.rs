//! The export of days: one row for each day of each repository, with its state.
//!
//! A gap and a number that is not sure are empty (`null` in JSON), never 0. The days come from a
//! [`Series`](gitratra_core::Series), which lays gaps out; what a row may show is decided by
//! [`DayRow::state`] and [`DayRow::shown`].

use std::io::{self, Write};

use gitratra_core::{DayRow, Metric};
use serde::Serialize;

use crate::{RowFormat, RowWriter};

/// Writes days as they come, holding none of them.
pub trait DailyWriter {
    /// Writes the days of one repository, ascending.
    ///
    /// Rows stand in the order in which they are written: for a sorted file the caller goes
    /// through the repositories by name.
    ///
    /// # Errors
    /// What the writer underneath says.
    fn write_repo(&mut self, name: &str, days: &[DayRow]) -> io::Result<()>;

    /// Ends the file and flushes it. Without it a file is cut off.
    ///
    /// # Errors
    /// What the writer underneath says.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Days as rows of a table.
pub struct DayRows<W: Write>(RowWriter<W>);

impl<W: Write> DayRows<W> {
    /// Writes to `out`.
    ///
    /// # Errors
    /// What `out` says.
    pub fn new(out: W, format: RowFormat) -> io::Result<Self> {
        Ok(Self(RowWriter::new(out, format, &COLUMNS)?))
    }
}

impl<W: Write> DailyWriter for DayRows<W> {
    fn write_repo(&mut self, name: &str, days: &[DayRow]) -> io::Result<()> {
        days.iter()
            .try_for_each(|day| self.0.write(&Row::new(name, day)))
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.0.finish()
    }
}

const COLUMNS: [&str; 7] = [
    "repo",
    "day",
    "views",
    "views_uniques",
    "clones",
    "clones_uniques",
    "state",
];

/// The columns, in order.
#[derive(Serialize)]
struct Row<'a> {
    repo: &'a str,
    day: String,
    views: Option<u64>,
    views_uniques: Option<u64>,
    clones: Option<u64>,
    clones_uniques: Option<u64>,
    state: &'static str,
}

impl<'a> Row<'a> {
    fn new(repo: &'a str, row: &DayRow) -> Self {
        let (views, clones) = (row.shown(Metric::Views), row.shown(Metric::Clones));
        Self {
            repo,
            day: row.day.to_string(),
            views: views.map(|count| count.count()),
            views_uniques: views.map(|count| count.uniques().get()),
            clones: clones.map(|count| count.count()),
            clones_uniques: clones.map(|count| count.uniques().get()),
            state: row.state().word(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use gitratra_core::{Count, DayState, Series, Value};

    use super::*;

    /// A writer whose bytes can be looked at after it was given away.
    #[derive(Clone, Default)]
    pub(super) struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn value(count: u64, uniques: u64, state: DayState) -> Option<Value> {
        let count = Count::new(count, uniques).unwrap();
        Some(Value { count, state })
    }

    fn row(day: &str, views: Option<Value>, clones: Option<Value>) -> DayRow {
        DayRow {
            day: day.parse().unwrap(),
            views,
            clones,
        }
    }

    fn series() -> Series {
        use DayState::{Measured, Partial, Suspect};
        Series::new([
            row(
                "2026-01-01",
                value(90, 14, Measured),
                value(12, 3, Measured),
            ),
            row("2026-01-02", value(0, 0, Measured), None),
            row("2026-01-05", value(7, 2, Measured), value(3, 1, Partial)),
            row("2026-01-06", value(0, 0, Suspect), value(0, 0, Suspect)),
            row("2026-01-07", value(5, 5, Partial), None),
        ])
    }

    fn check(make: impl FnOnce(Shared) -> Box<dyn DailyWriter>, repos: &[&str], expected: &str) {
        let bytes = Shared::default();
        let mut writer = make(bytes.clone());
        for repo in repos {
            writer.write_repo(repo, series().days()).unwrap();
        }
        writer.finish().unwrap();
        let bytes = bytes.0.lock().unwrap();
        assert_eq!(std::str::from_utf8(&bytes).unwrap(), expected);
    }

    #[test]
    fn csv_leaves_empty_what_is_not_known() {
        check(
            |out| Box::new(DayRows::new(out, RowFormat::Csv).unwrap()),
            &["octo/alpha"],
            "repo,day,views,views_uniques,clones,clones_uniques,state\n\
             octo/alpha,2026-01-01,90,14,12,3,measured\n\
             octo/alpha,2026-01-02,0,0,,,measured\n\
             octo/alpha,2026-01-03,,,,,gap\n\
             octo/alpha,2026-01-04,,,,,gap\n\
             octo/alpha,2026-01-05,7,2,,,measured\n\
             octo/alpha,2026-01-06,,,,,suspect\n\
             octo/alpha,2026-01-07,5,5,,,partial\n",
        );
    }

    #[test]
    fn csv_has_its_header_without_any_row() {
        check(
            |out| Box::new(DayRows::new(out, RowFormat::Csv).unwrap()),
            &[],
            "repo,day,views,views_uniques,clones,clones_uniques,state\n",
        );
    }

    #[test]
    fn json_lines_have_null_for_what_is_not_known() {
        check(
            |out| Box::new(DayRows::new(out, RowFormat::JsonLines).unwrap()),
            &["octo/alpha"],
            r#"{"repo":"octo/alpha","day":"2026-01-01","views":90,"views_uniques":14,"clones":12,"clones_uniques":3,"state":"measured"}
{"repo":"octo/alpha","day":"2026-01-02","views":0,"views_uniques":0,"clones":null,"clones_uniques":null,"state":"measured"}
{"repo":"octo/alpha","day":"2026-01-03","views":null,"views_uniques":null,"clones":null,"clones_uniques":null,"state":"gap"}
{"repo":"octo/alpha","day":"2026-01-04","views":null,"views_uniques":null,"clones":null,"clones_uniques":null,"state":"gap"}
{"repo":"octo/alpha","day":"2026-01-05","views":7,"views_uniques":2,"clones":null,"clones_uniques":null,"state":"measured"}
{"repo":"octo/alpha","day":"2026-01-06","views":null,"views_uniques":null,"clones":null,"clones_uniques":null,"state":"suspect"}
{"repo":"octo/alpha","day":"2026-01-07","views":5,"views_uniques":5,"clones":null,"clones_uniques":null,"state":"partial"}
"#,
        );
    }

    #[test]
    fn json_is_one_array_over_all_repositories() {
        check(
            |out| Box::new(DayRows::new(out, RowFormat::Json).unwrap()),
            &[],
            "[]\n",
        );
        let bytes = Shared::default();
        let mut writer = Box::new(DayRows::new(bytes.clone(), RowFormat::Json).unwrap());
        writer.write_repo("octo/alpha", series().days()).unwrap();
        writer.write_repo("octo/empty", &[]).unwrap();
        writer.write_repo("octo/beta", series().days()).unwrap();
        writer.finish().unwrap();
        let rows: Vec<serde_json::Value> =
            serde_json::from_slice(&bytes.0.lock().unwrap()).unwrap();
        assert_eq!(rows.len(), 14);
        assert_eq!(rows[7]["repo"], "octo/beta");
        assert_eq!(rows[2]["views"], serde_json::Value::Null);
    }
}
