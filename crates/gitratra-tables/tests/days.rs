//! What is written of days is read back, and what is no such file is refused where it is wrong.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows the functions shared by tests for no test; a broken one should stop them"
)]

use std::fs;
use std::path::{Path, PathBuf};

use gitratra_core::{Count, Day, DayRow, DayState, Metric, RepoId, Series, Value};
use gitratra_formats::daily::{DailyWriter as _, DayRows};
use gitratra_formats::table::known::{DAILY, STARS, WEEKLY};
use gitratra_formats::table::{Cell, Table, TableSink};
use gitratra_tables::parquet_read::{self, ReadFault};
use gitratra_tables::{ParquetByYear, ParquetTable, ReadDay, ReadError};
use proptest::prelude::*;

const REPOS: [(u64, &str); 3] = [
    (7, "Octo/alpha"),
    (u64::MAX - 3, "octo/beta"),
    (9, "zed/zulu@9"),
];

fn read(path: &Path) -> Result<Vec<ReadDay>, ReadError> {
    parquet_read::read(path)?.collect()
}

fn write(sink: impl TableSink, series: &[Series]) {
    let mut days = Box::new(DayRows::new(sink));
    for ((id, name), series) in REPOS.iter().zip(series) {
        days.write_repo(RepoId(*id), name, series.days()).unwrap();
    }
    days.finish().unwrap();
}

fn expected(series: &[Series]) -> Vec<ReadDay> {
    let repos = REPOS.iter().zip(series);
    let days = repos.flat_map(|(repo, series)| series.days().iter().map(move |day| (repo, day)));
    days.map(|((id, name), day)| ReadDay {
        repo: (*name).to_owned(),
        repo_id: Some(RepoId(*id)).filter(|id| !id.is_unconfirmed()),
        day: day.day,
        state: day.state(),
        views: day.shown(Metric::Views),
        clones: day.shown(Metric::Clones),
    })
    .collect()
}

fn value() -> impl Strategy<Value = Option<Value>> {
    let states = [DayState::Measured, DayState::Partial, DayState::Suspect];
    let pair = (0..Count::LIMIT).prop_flat_map(|count| (Just(count), 0..=count));
    prop::option::of((pair, prop::sample::select(states.to_vec()))).prop_map(|value| {
        value.map(|((count, uniques), state)| Value {
            count: Count::new(count, uniques).unwrap(),
            state,
        })
    })
}

fn series() -> impl Strategy<Value = Series> {
    // Some years around a new one, sometimes with gaps.
    let day = (20_000_i64..20_900, value(), value());
    prop::collection::vec(day, 0..40).prop_map(|days| {
        Series::new(days.into_iter().map(|(day, views, clones)| DayRow {
            day: Day::from_epoch_days(day).unwrap(),
            views,
            clones,
        }))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_written_is_read_back(all in prop::collection::vec(series(), 3)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("daily.parquet");
        let file = fs::File::create(&path).unwrap();
        write(ParquetTable::new(file, &DAILY).unwrap(), &all);
        prop_assert_eq!(read(&path).unwrap(), expected(&all));
    }

    #[test]
    fn what_is_written_by_year_is_read_back_by_year(all in prop::collection::vec(series(), 3)) {
        let folder = tempfile::tempdir().unwrap();
        write(ParquetByYear::new(folder.path(), &DAILY).unwrap(), &all);
        let mut expected = expected(&all);
        if expected.is_empty() {
            return Ok(());
        }
        let found = read(folder.path()).unwrap();
        expected.sort_by_key(|row| row.day.ymd().0);
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_long_history_comes_in_several_row_groups() {
    let rows = (0..70_000).map(|at| DayRow {
        day: Day::MIN.plus(at),
        views: None,
        clones: None,
    });
    let series = Series::new(rows);
    let all = [series.clone(), series.clone(), series];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("daily.parquet");
    write(
        ParquetTable::new(fs::File::create(&path).unwrap(), &DAILY).unwrap(),
        &all,
    );
    assert_eq!(read(&path).unwrap(), expected(&all));
}

/// A file of one row, of any table.
fn file(folder: &Path, table: &'static Table, row: &[Cell<'_>]) -> PathBuf {
    let path = folder.join(format!("{}.parquet", table.name));
    let file = fs::File::create(&path).unwrap();
    let mut sink = Box::new(ParquetTable::new(file, table).unwrap());
    sink.write(row).unwrap();
    sink.finish().unwrap();
    path
}

fn row() -> [Cell<'static>; 8] {
    [
        Cell::Word("octo/alpha"),
        Cell::Id(RepoId(7)),
        Cell::Day(Day::MIN.plus(20_454)),
        Cell::Whole(9),
        Cell::Whole(3),
        Cell::Empty,
        Cell::Empty,
        Cell::Word("measured"),
    ]
}

#[track_caller]
fn refused(at: usize, cell: Cell<'_>, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut row = row();
    row[at] = Cell::Empty;
    let mut row: Vec<Cell<'_>> = row.to_vec();
    row[at] = cell;
    let path = file(folder.path(), &DAILY, &row);
    let error = read(&path).unwrap_err().to_string();
    let begins = format!(
        "cannot read \"{}\", row group 0, row 0, column ",
        path.display()
    );
    assert_eq!(error.strip_prefix(&begins), Some(expected), "{error}");
}

#[test]
fn a_cell_that_cannot_be_is_named_with_its_place() {
    let long = "x".repeat(301);
    refused(0, Cell::Word(""), "\"repo\": it is empty");
    refused(
        0,
        Cell::Word(&long),
        "\"repo\": the bytes of a name are 301, the limit is 300",
    );
    refused(
        3,
        Cell::Signed(-1),
        "\"views\": -1 is no number of events or people",
    );
    refused(
        4,
        Cell::Whole(10),
        "\"views_uniques\": uniques 10 are more than the count 9",
    );
    refused(
        4,
        Cell::Empty,
        "\"views_uniques\": a count and its uniques are known together or not at all",
    );
    refused(
        7,
        Cell::Word("sure"),
        "\"state\": \"sure\" is no state: measured, partial, suspect, doubted or gap",
    );
}

#[test]
fn another_table_is_refused_by_the_column_that_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let row = [
        Cell::Word("octo/alpha"),
        Cell::Id(RepoId(7)),
        Cell::Day(Day::MIN),
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Word("measured"),
    ];
    let path = file(folder.path(), &STARS, &row);
    let error = read(&path).unwrap_err();
    assert_eq!(error.place.column.as_deref(), Some("views"));
    assert!(matches!(*error.fault, ReadFault::Missing), "{error}");
    let path = folder.path().join("weekly.parquet");
    let weekly = ParquetTable::new(fs::File::create(&path).unwrap(), &WEEKLY).unwrap();
    Box::new(weekly).finish().unwrap();
    assert_eq!(
        read(&path).unwrap_err().place.column.as_deref(),
        Some("day")
    );
}

#[test]
fn what_is_no_parquet_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    for bytes in [
        &b""[..],
        b"PAR1",
        b"repo,day\n1234567890",
        b"PAR1PAR1\xff\xff\xff\xffPAR1",
    ] {
        fs::write(&path, bytes).unwrap();
        assert!(read(&path).is_err(), "{bytes:?}");
    }
    let empty = tempfile::tempdir().unwrap();
    let error = read(empty.path()).unwrap_err();
    assert!(matches!(*error.fault, ReadFault::NoFiles), "{error}");
    assert!(read(&folder.path().join("none")).is_err());
}

#[test]
fn a_damaged_file_is_an_error_or_other_days_and_never_the_end_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let good = file(folder.path(), &DAILY, &row());
    let good = fs::read(good).unwrap();
    let path = folder.path().join("damaged.parquet");
    // What is caught would be told thousands of times.
    std::panic::set_hook(Box::new(|_| ()));
    for at in 0..good.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            fs::write(&path, &bytes).unwrap();
            // A page's own numbers may be changed into others that can be.
            let read = read(&path);
            assert!(read.is_err() || read.unwrap().len() <= 1, "byte {at}");
        }
        fs::write(&path, &good[..at]).unwrap();
        assert!(read(&path).is_err(), "cut at {at}");
    }
    drop(std::panic::take_hook());
}
