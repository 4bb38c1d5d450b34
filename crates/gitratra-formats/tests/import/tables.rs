//! A CSV of anybody's, with a mapping of its columns.

use gitratra_core::import::Kind;
use gitratra_formats::import::{Columns, ImportError, Options, read_bytes};

use super::{Notes, sample, told, told_with};

fn options(columns: &str) -> Options {
    let columns: Columns = columns.parse().unwrap();
    Options {
        columns: Some(columns),
    }
}

fn check(name: &str, columns: &str, expected: &[&str]) {
    let notes = told_with(Kind::Csv, &sample(name), &options(columns)).unwrap();
    assert_eq!(notes.facts, expected, "{name} {columns}");
}

fn check_text(text: &str, columns: &str, expected: &str) {
    let mut notes = Notes::default();
    let options = options(columns);
    let read = read_bytes(Kind::Csv, text.as_bytes(), "t.csv", &options, &mut notes);
    let told = match read {
        Ok(()) => notes.facts.join("; "),
        Err(error) => error.to_string(),
    };
    assert_eq!(told, expected, "{text:?} {columns}");
}

#[test]
fn columns_are_named_by_whoever_knows_the_file() {
    check(
        "csv/semicolons.csv",
        "day=tag,repo=Repo,views=Aufrufe,views_uniques=Besucher,stars=Sterne",
        &[
            "octo/alpha views 2026-01-02 7/3",
            "octo/alpha stars 2026-01-02 12",
            "alpha views 2026-01-01 5/2",
        ],
    );
}

#[test]
fn a_table_without_a_header_is_read_by_numbers() {
    check(
        "csv/plain.tsv",
        "day=1,clones=2,clones_uniques=none",
        &[
            "? clones 2026-01-02 4/1 at 2026-01-02T23:59:59Z",
            "? clones 2026-01-01 0/0",
        ],
    );
    check_text(
        "when,many,people\n2026-01-01,3,2",
        "day=1,views=2,views_uniques=3",
        "? views 2026-01-01 3/2",
    );
}

#[test]
fn days_without_uniques_are_lower_bounds_and_only_when_somebody_says_so() {
    check_text(
        "day,views\n2026-01-01,26\n",
        "day=day,views=views,views_uniques=none",
        "? views 2026-01-01 26/1 at 2026-01-01T23:59:59Z",
    );
    check_text(
        "day,views,u\n2026-01-01,26,\n",
        "day=day,views=views,views_uniques=u",
        "\"t.csv\" line 2, column 15: nothing stands here, expected uniques beside the count",
    );
}

#[test]
fn holes_are_no_zeros() {
    check_text(
        "day,views,u,stars\n2026-01-01,,,\n2026-01-02,,,5\n",
        "day=day,views=views,views_uniques=u,stars=stars",
        "? stars 2026-01-02 5",
    );
}

#[test]
fn a_column_that_is_not_there_is_named() {
    check_text(
        "a,b\n2026-01-01,3\n",
        "day=day,stars=b",
        "\"t.csv\" line 1, column 1: there is no column \"day\", expected one of \"a, b\"",
    );
    check_text(
        "a,b\n2026-01-01,3\n",
        "day=1,stars=7",
        "\"t.csv\" line 1, column 1: the table has 2 columns, expected column 7 as well",
    );
}

#[test]
fn without_a_mapping_it_says_what_to_write() {
    let error = told(Kind::Csv, &sample("csv/plain.tsv")).err().unwrap();
    assert!(matches!(&error, ImportError::Format(_)));
    assert!(error.to_string().contains("--columns"), "{error}");
}
