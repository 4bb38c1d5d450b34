//! Files that are no database, or a damaged one, or somebody else's.

use std::fs;

use gitratra_core::import::Kind;
use gitratra_foreign::ForeignError;
use proptest::prelude::*;

use crate::gghstats::tables;
use crate::heard::Heard;
use crate::made::Made;

/// A small database of gghstats with some hundred rows.
fn some() -> Made {
    let tables = tables(5);
    let made = Made::of(&tables.iter().map(String::as_str).collect::<Vec<_>>());
    made.run(&[
        "with recursive number (n) as (select 0 union all select n + 1 from number where n < 399)
         insert into views
         select 'octo/alpha', date('2025-01-01', '+' || n || ' days'), n, n / 2 from number",
        "insert into clones select * from views",
    ]);
    made
}

#[test]
fn what_is_no_database_is_recognised_as_nothing() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(gitratra_foreign::recognise(folder.path()).unwrap(), None);
    for text in ["", "gitratra_v1\n", "SQLite format 3"] {
        let path = folder.path().join("some.txt");
        fs::write(&path, text).unwrap();
        assert_eq!(gitratra_foreign::recognise(&path).unwrap(), None);
        let error = Heard::error(Kind::Ghstats, &path);
        assert!(matches!(error, ForeignError::NotThisKind { .. }), "{error}");
    }
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = gitratra_foreign::recognise(&folder.path().join("none.db")).unwrap_err();
    assert!(matches!(error, ForeignError::Unreadable { .. }), "{error}");
    assert!(error.to_string().contains("none.db"));
}

#[test]
fn a_database_of_somebody_else_is_recognised_as_nothing() {
    let made = Made::of(&["create table views (page text, hits integer)"]);
    assert_eq!(gitratra_foreign::recognise(&made.path).unwrap(), None);
    let error = Heard::error(Kind::Gghstats, &made.path).to_string();
    let why = "is no database of gghstats: table \"views\" has no column \"repo\"";
    assert!(error.contains(why), "{error}");
    let error = Heard::error(Kind::Csv, &made.path).to_string();
    assert!(error.contains("that tool keeps no database"), "{error}");
}

#[test]
fn a_view_that_poses_as_a_table_is_not_read() {
    let made = Made::of(&["create view clone_history as
         with recursive number (n) as (select 0 union all select n + 1 from number)
         select 'octo/alpha' as repo, '2026-01-01' as timestamp, n as count, n as uniques
         from number"]);
    assert_eq!(gitratra_foreign::recognise(&made.path).unwrap(), None);
}

#[test]
fn text_that_is_too_long_is_an_error() {
    for (bytes, expected) in [
        (
            5_000,
            "found 5000 bytes, expected text of at most 4096 bytes",
        ),
        (5_000_000, "is damaged: a value is longer than it can be"),
    ] {
        let made = some();
        let long = format!(
            "insert into paths (repo, date, path, title, count, uniques)
             values ('octo/alpha', '2026-01-01', '/', hex(zeroblob({bytes} / 2)), 1, 1)"
        );
        made.run(&[&long]);
        let error = Heard::error(Kind::Gghstats, &made.path).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn text_that_is_no_utf8_is_an_error() {
    let made = some();
    made.run(&["update views set repo = cast(x'6fff' as text) where rowid = 3"]);
    let error = Heard::error(Kind::Gghstats, &made.path).to_string();
    let place =
        "table \"views\", row 3, column \"repo\": found \"o\u{fffd}\", expected text in UTF-8";
    assert!(error.contains(place), "{error}");
}

#[test]
fn a_listener_who_has_heard_enough_ends_reading_without_a_failure() {
    let made = some();
    let mut heard = Heard {
        enough_after: Some(7),
        ..Heard::default()
    };
    gitratra_foreign::read(Kind::Gghstats, &made.path, &mut heard).unwrap();
    assert_eq!(heard.facts.len(), 7);
}

#[test]
fn a_truncated_database_is_an_error_and_tells_nothing() {
    let made = some();
    for mode in ["delete", "wal"] {
        made.run(&[&format!("pragma journal_mode = {mode}")]);
        let whole = fs::read(&made.path).unwrap();
        assert!(whole.len() > 40_000);
        for length in (100..whole.len()).step_by(3_777).chain([whole.len() - 1]) {
            fs::write(&made.path, &whole[..length]).unwrap();
            let mut heard = Heard::default();
            let read = gitratra_foreign::read(Kind::Gghstats, &made.path, &mut heard);
            assert!(read.is_err(), "{length} of {} in mode {mode}", whole.len());
            assert!(heard.facts.is_empty());
        }
        fs::write(&made.path, &whole).unwrap();
    }
}

#[test]
fn a_page_that_is_there_twice_is_found_before_anything_is_told() {
    let made = some();
    let mut bytes = fs::read(&made.path).unwrap();
    let page = 4_096;
    // Overwrites a page in the middle with the one after it.
    let (from, to) = (
        bytes.len() / page / 2 * page,
        (bytes.len() / page / 2 + 1) * page,
    );
    bytes.copy_within(to..to + page, from);
    fs::write(&made.path, bytes).unwrap();
    let mut heard = Heard::default();
    let error = gitratra_foreign::read(Kind::Gghstats, &made.path, &mut heard).unwrap_err();
    assert!(matches!(error, ForeignError::Damaged { .. }), "{error}");
    assert!(heard.facts.is_empty());
}

/// Reads bytes as the file of somebody.
fn read_bytes(bytes: &[u8], heard: &mut Heard) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input.db");
    fs::write(&path, bytes).unwrap();
    if let Ok(Some(kind)) = gitratra_foreign::recognise(&path) {
        let _ = gitratra_foreign::read(kind, &path, heard);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic(rest in proptest::collection::vec(any::<u8>(), 0..3_000)) {
        let bytes = [b"SQLite format 3\0".as_slice(), &rest].concat();
        read_bytes(&bytes, &mut Heard::default());
        read_bytes(&rest, &mut Heard::default());
    }

    #[test]
    fn no_change_of_a_database_makes_it_panic(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..20),
    ) {
        static SOME: std::sync::LazyLock<Vec<u8>> =
            std::sync::LazyLock::new(|| fs::read(some().path).unwrap());
        let mut bytes = SOME.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let mut heard = Heard::default();
        read_bytes(&bytes, &mut heard);
        prop_assert!(heard.facts.len() <= 100_000);
    }
}
