//! The export of days: one row for each day of each repository, with its state.
//!
//! A gap and a number that is not sure are empty (`null` in JSON), never 0. The days come from a
//! [`Series`](gitratra_core::Series), which lays gaps out; what a row may show is decided by
//! [`DayRow::state`] and [`DayRow::shown`].

use std::io;

use gitratra_core::{DayRow, Metric, RepoId};

use crate::table::{Cell, TableSink};

/// What stands for GitHub's number after a name that another repository bears, where the number is
/// not known: `owner/name@unconfirmed`.
pub const UNCONFIRMED: &str = "unconfirmed";

/// Writes days as they come, holding none of them.
pub trait DailyWriter {
    /// Writes the days of one repository, ascending, under what it is called.
    ///
    /// Rows stand in the order in which they are written: for a sorted file the caller goes
    /// through the repositories by name.
    ///
    /// # Errors
    /// What the writer underneath says.
    fn write_repo(&mut self, id: RepoId, name: &str, days: &[DayRow]) -> io::Result<()>;

    /// Ends the file and flushes it. Without it a file is cut off.
    ///
    /// # Errors
    /// What the writer underneath says.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Days as rows of the table [`DAILY`](crate::table::known::DAILY).
pub struct DayRows<S>(S);

impl<S: TableSink> DayRows<S> {
    /// Writes to a sink of that table.
    pub const fn new(sink: S) -> Self {
        Self(sink)
    }
}

impl<S: TableSink> DailyWriter for DayRows<S> {
    fn write_repo(&mut self, id: RepoId, name: &str, days: &[DayRow]) -> io::Result<()> {
        days.iter()
            .try_for_each(|day| self.0.write(&day_row(id, name, day)))
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        Box::new(self.0).finish()
    }
}

/// A day as a row of [`DAILY`](crate::table::known::DAILY).
#[must_use]
pub fn day_row<'a>(id: RepoId, name: &'a str, row: &DayRow) -> [Cell<'a>; 8] {
    let (views, clones) = (row.shown(Metric::Views), row.shown(Metric::Clones));
    [
        Cell::Word(name),
        id.into(),
        row.day.into(),
        views.map(|count| count.count()).into(),
        views.map(|count| count.uniques().get()).into(),
        clones.map(|count| count.count()).into(),
        clones.map(|count| count.uniques().get()).into(),
        Cell::Word(row.state().word()),
    ]
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use gitratra_core::{Count, DayState, Series, Value};

    use super::*;
    use crate::table::known::DAILY;
    use crate::{RowFormat, TableRows};

    fn rows(out: Shared, format: RowFormat) -> Box<dyn DailyWriter> {
        Box::new(DayRows::new(TableRows::new(out, format, &DAILY).unwrap()))
    }

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
            writer.write_repo(RepoId(7), repo, series().days()).unwrap();
        }
        writer.finish().unwrap();
        let bytes = bytes.0.lock().unwrap();
        assert_eq!(std::str::from_utf8(&bytes).unwrap(), expected);
    }

    #[test]
    fn csv_leaves_empty_what_is_not_known() {
        check(
            |out| rows(out, RowFormat::Csv),
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
            |out| rows(out, RowFormat::Csv),
            &[],
            "repo,day,views,views_uniques,clones,clones_uniques,state\n",
        );
    }

    #[test]
    fn json_lines_have_null_for_what_is_not_known() {
        check(
            |out| rows(out, RowFormat::JsonLines),
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
        check(|out| rows(out, RowFormat::Json), &[], "[]\n");
        let bytes = Shared::default();
        let mut writer = rows(bytes.clone(), RowFormat::Json);
        writer
            .write_repo(RepoId(7), "octo/alpha", series().days())
            .unwrap();
        writer.write_repo(RepoId(7), "octo/empty", &[]).unwrap();
        writer
            .write_repo(RepoId(7), "octo/beta", series().days())
            .unwrap();
        writer.finish().unwrap();
        let rows: Vec<serde_json::Value> =
            serde_json::from_slice(&bytes.0.lock().unwrap()).unwrap();
        assert_eq!(rows.len(), 14);
        assert_eq!(rows[7]["repo"], "octo/beta");
        assert_eq!(rows[2]["views"], serde_json::Value::Null);
    }
}
