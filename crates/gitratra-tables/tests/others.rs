//! What other people's programs read out of our files: `DuckDB`, pandas and pyarrow the Parquet,
//! openpyxl the workbook. And what they write, we read.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows the functions shared by tests for no test; a broken one should stop them"
)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitratra_core::{Count, Day, DayRow, DayState, RepoId, Series, Value};
use gitratra_formats::daily::{DailyWriter as _, DayRows};
use gitratra_formats::table::known::{DAILY, REFERRERS};
use gitratra_formats::table::{Cell, TableSink};
use gitratra_tables::{Book, ParquetByYear, ParquetTable, ReadDay, parquet_read};
use serde_json::json;

/// The Python that has the other programs: `GITRATRA_PYTHON`, or where `scripts/test` puts it.
fn python() -> PathBuf {
    let named = std::env::var_os("GITRATRA_PYTHON").map(PathBuf::from);
    named.unwrap_or_else(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        workspace.join("target/venv/bin/python")
    })
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

fn write_days(sink: impl TableSink) {
    use DayState::{Measured, Partial, Suspect};
    let series = Series::new([
        row(
            "2025-12-30",
            value(90, 14, Measured),
            value(12, 3, Measured),
        ),
        row("2025-12-31", value(0, 0, Measured), None),
        row("2026-01-02", value(7, 2, Measured), value(3, 1, Partial)),
        row("2026-01-03", value(0, 0, Suspect), None),
        row("2026-01-04", value(5, 5, Partial), None),
    ]);
    let mut days = Box::new(DayRows::new(sink));
    for (id, name) in [(7, "octo/alpha"), (8, "octo/beta")] {
        days.write_repo(RepoId(id), name, series.days()).unwrap();
    }
    days.finish().unwrap();
}

fn write_book(path: &Path) {
    let mut book = Book::new();
    write_days(book.sheet(&DAILY).unwrap());
    let mut sheet = Box::new(book.sheet(&REFERRERS).unwrap());
    let day: Day = "2026-01-04".parse().unwrap();
    for name in [
        "=HYPERLINK(\"http://example.org\")",
        "+1",
        "-1",
        "@x",
        "plain",
    ] {
        sheet
            .write(&[
                Cell::Word("octo/alpha"),
                RepoId(7).into(),
                day.plus(-13).into(),
                day.into(),
                Cell::Text(name),
                3_u64.into(),
                2_u64.into(),
                Cell::Word("rolling"),
            ])
            .unwrap();
    }
    sheet.finish().unwrap();
    book.save(&["Uniques do not add up."], File::create(path).unwrap())
        .unwrap();
}

fn read(path: &Path) -> Vec<ReadDay> {
    let rows = parquet_read::read(path).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn duckdb_pandas_and_openpyxl_read_what_was_written_and_we_read_what_they_write() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("daily.parquet");
    let years = folder.path().join("years");
    let book = folder.path().join("book.xlsx");
    write_days(ParquetTable::new(File::create(&file).unwrap(), &DAILY).unwrap());
    write_days(ParquetByYear::new(&years, &DAILY).unwrap());
    write_book(&book);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/read_back.py");
    let ran = Command::new(python())
        .arg(script)
        .args([&file, &years, &book])
        .output();
    let ran = ran.expect("scripts/test installs the Python programs that read our files");
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{errors}");
    let told: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    check_parquet(&told);
    check_book(&told);
    let ours = read(&file);
    assert_eq!(ours.len(), 12);
    assert_eq!(
        read(&folder.path().join("daily.parquet.duckdb.parquet")),
        ours
    );
    assert_eq!(
        read(&folder.path().join("daily.parquet.pandas.parquet")),
        ours
    );
}

fn check_parquet(told: &serde_json::Value) {
    let types = json!([
        ["repo", "VARCHAR"],
        ["repo_id", "BIGINT"],
        ["day", "DATE"],
        ["views", "BIGINT"],
        ["views_uniques", "BIGINT"],
        ["clones", "BIGINT"],
        ["clones_uniques", "BIGINT"],
        ["state", "VARCHAR"],
    ]);
    assert_eq!(told["duckdb_types"], types);
    let rows = told["duckdb_rows"].as_array().unwrap();
    assert_eq!(rows.len(), 12);
    assert_eq!(
        rows[0],
        json!([
            "octo/alpha",
            "7",
            "2025-12-30",
            "90",
            "14",
            "12",
            "3",
            "measured"
        ])
    );
    assert_eq!(
        rows[2],
        json!([
            "octo/alpha",
            "7",
            "2026-01-01",
            null,
            null,
            null,
            null,
            "gap"
        ])
    );
    assert_eq!(told["duckdb_sum"], 2 * 97);
    assert_eq!(told["duckdb_years"], json!([[2025, 4], [2026, 8]]));
    assert_eq!(told["pandas_sum"], 2 * 97);
    assert_eq!(told["pandas_empty"], 4);
    assert_eq!(told["pandas_types"]["views"], "Int64");
    assert_eq!(told["pandas_years"], json!([2025, 2026]));
    assert_eq!(told["compression"], "ZSTD");
    assert_eq!(told["file"]["gitratra.format"], "1");
    assert_eq!(told["file"]["gitratra.table"], "daily");
    assert_eq!(told["field"]["gitratra.kind"], "people");
    let warning = told["field"]["gitratra.warning"].as_str().unwrap();
    assert!(warning.contains("uniques do not add up"), "{warning}");
}

fn check_book(told: &serde_json::Value) {
    assert_eq!(told["sheets"], json!(["daily", "referrers", "About"]));
    assert_eq!(told["freeze"], "A2");
    assert_eq!(told["filter"], "A1:H13");
    assert!(told["xlsx_width"].as_f64().unwrap() > 20.0);
    let first = &told["xlsx_rows"][1];
    assert_eq!(first[0], json!(["s", "octo/alpha", "General"]));
    assert_eq!(first[1], json!(["n", "7", "0"]));
    assert_eq!(first[2], json!(["d", "2025-12-30 00:00:00", "yyyy-mm-dd"]));
    assert_eq!(first[3], json!(["n", "90", "#,##0"]));
    // Clones that were not seen are empty, and not zero.
    let second = &told["xlsx_rows"][2];
    assert_eq!(second[3], json!(["n", "0", "#,##0"]));
    assert_eq!(second[5], json!(["n", "None", "General"]));
    assert_eq!(
        told["formula"],
        json!([
            ["s", "referrer"],
            ["s", "=HYPERLINK(\"http://example.org\")"],
            ["s", "+1"],
            ["s", "-1"],
            ["s", "@x"],
            ["s", "plain"],
        ])
    );
    assert_eq!(told["about"], json!(["Uniques do not add up."]));
}
