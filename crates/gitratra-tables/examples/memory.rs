//! Writes some million days in one format, so that its memory can be measured from outside:
//!
//! ```text
//! cargo build --release -p gitratra-tables --example memory
//! /usr/bin/time -v target/release/examples/memory parquet 4000000
//! ```
//!
//! Formats: `csv`, `jsonl`, `gitratra`, `parquet`, `years`, `xlsx`, `openmetrics`; `read` writes
//! Parquet and reads it back.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use gitratra_core::{Count, Day, DayRow, DayState, RepoId, Value};
use gitratra_formats::daily::{DailyWriter, DayRows};
use gitratra_formats::gitratra_v1::V1Writer;
use gitratra_formats::openmetrics::OpenMetricsDays;
use gitratra_formats::table::known::DAILY;
use gitratra_formats::{RowFormat, TableRows};
use gitratra_tables::{Book, ParquetByYear, ParquetTable, parquet_read};

/// Days of each repository: about five years.
const DAYS: i64 = 2_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let (Some(format), Some(rows)) = (words.next(), words.next()) else {
        return Err("say which format and how many rows".into());
    };
    let repos = rows.parse::<i64>()? / DAYS;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("days");
    let out = || File::create(&path).map(BufWriter::new);
    match format.as_str() {
        "csv" => text(RowFormat::Csv, out()?, repos)?,
        "jsonl" => text(RowFormat::JsonLines, out()?, repos)?,
        "gitratra" => write(Box::new(V1Writer::new(out()?)), repos)?,
        "parquet" => parquet(out()?, repos)?,
        "years" => {
            let sink = ParquetByYear::new(folder.path(), &DAILY)?;
            write(Box::new(DayRows::new(sink)), repos)?;
        }
        "xlsx" => {
            let mut book = Book::new();
            write(Box::new(DayRows::new(book.sheet(&DAILY)?)), repos)?;
            book.save(&[], out()?)?;
        }
        "openmetrics" => write(Box::new(OpenMetricsDays::new(out()?)?), repos)?,
        "read" => {
            parquet(out()?, repos)?;
            read(&path, repos)?;
        }
        other => return Err(format!("no such format: {other}").into()),
    }
    Ok(())
}

fn text(format: RowFormat, out: BufWriter<File>, repos: i64) -> io::Result<()> {
    let rows = TableRows::new(out, format, &DAILY)?;
    write(Box::new(DayRows::new(rows)), repos)
}

fn parquet(out: BufWriter<File>, repos: i64) -> io::Result<()> {
    let rows = ParquetTable::new(out, &DAILY)?;
    write(Box::new(DayRows::new(rows)), repos)
}

fn read(path: &Path, repos: i64) -> Result<(), Box<dyn std::error::Error>> {
    let mut found = 0;
    for row in parquet_read::read(path)? {
        row?;
        found += 1;
    }
    if found != repos * DAYS {
        return Err(format!("{found} rows were read").into());
    }
    Ok(())
}

fn write(mut writer: Box<dyn DailyWriter + '_>, repos: i64) -> io::Result<()> {
    let mut random = 1_u64;
    for repo in 0..repos {
        let days: Vec<DayRow> = (0..DAYS).map(|day| row(day, &mut random)).collect();
        let name = format!("owner-{:03}/repository-{repo:06}", repo % 500);
        writer.write_repo(RepoId(repo.unsigned_abs() + 1), &name, &days)?;
    }
    writer.finish()
}

fn row(day: i64, random: &mut u64) -> DayRow {
    *random = random
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    let (views, clones) = (*random >> 50, *random >> 56);
    let value = |count: u64| {
        Count::new(count, count / 3).ok().map(|count| Value {
            count,
            state: DayState::Measured,
        })
    };
    DayRow {
        day: Day::MIN.plus(18_500 + day),
        views: value(views % 4_000),
        clones: value(clones % 40),
    }
}
