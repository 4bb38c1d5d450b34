//! Databases of other tools that are whole, with any values in their cells.
//!
//! The first byte chooses one of the samples, the next two a table and a column of it, and so on
//! with the values that are put there.

#![no_main]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use gitratra_fuzz::{databases, whole};
use libfuzzer_sys::fuzz_target;
use rusqlite::Connection;
use rusqlite::types::Value;

/// A sample, with the names of its tables and their columns.
struct Sample {
    bytes: Vec<u8>,
    columns: Vec<(String, String)>,
}

static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/database");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.iter().map(|path| sample(path)).collect()
});

fn sample(path: &Path) -> Sample {
    let database = Connection::open(path).unwrap();
    let mut columns = database
        .prepare(
            "select t.name, c.name from sqlite_schema t, pragma_table_info(t.name) c
             where t.type = 'table' and t.name not like 'sqlite_%' order by 1, 2",
        )
        .unwrap();
    let columns = columns
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    Sample {
        bytes: fs::read(path).unwrap(),
        columns: columns.collect::<Result<_, _>>().unwrap(),
    }
}

/// The next value, and what comes after it.
fn value(bytes: &[u8]) -> Option<(Value, &[u8])> {
    let (&[kind, length], rest) = bytes.split_first_chunk()?;
    let (own, rest) = rest.split_at_checked(length.into())?;
    let value = match kind % 5 {
        0 => Value::Null,
        1 => Value::Integer(own.iter().fold(0, |sum, byte| sum << 8 | i64::from(*byte))),
        2 => Value::Real(String::from_utf8_lossy(own).parse().unwrap_or(f64::MAX)),
        3 => Value::Blob(own.to_owned()),
        _ => Value::Text(String::from_utf8_lossy(own).into_owned()),
    };
    Some((value, rest))
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&which, mut rest)) = bytes.split_first() else {
        return;
    };
    let sample = &SAMPLES[usize::from(which) % SAMPLES.len()];
    whole(&sample.bytes, |path| {
        let database = Connection::open(path).unwrap();
        database
            .execute_batch("pragma synchronous = off; pragma journal_mode = off")
            .unwrap();
        while let Some((&at, after)) = rest.split_first() {
            let (table, column) = &sample.columns[usize::from(at) % sample.columns.len()];
            let Some((value, after)) = value(after) else {
                break;
            };
            rest = after;
            // What the table itself refuses cannot be met.
            let _ = database.execute(&format!("update {table} set {column} = ?1"), [value]);
        }
        drop(database);
        databases::read(path);
    });
});
