//! Databases of tools that run, or ran and were killed: they stay as they are, and one moment is
//! read.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use gitratra_core::import::{Enough, Fact, Kind, LeftOut, Listener, Subject};
use rusqlite::Connection;

use crate::gghstats::tables;
use crate::heard::Heard;
use crate::made::{Made, contents};

const SOME: &str = "insert into views values ('octo/alpha', '2026-03-01', 90, 14)";
const TOLD: [&str; 1] = ["octo/alpha views 2026-03-01 90/14"];

fn closed() -> Made {
    let tables = tables(5);
    Made::of(&tables.iter().map(String::as_str).collect::<Vec<_>>())
}

fn with_log() -> Made {
    let tables = tables(5);
    Made::with_log(&tables.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Reads a database and sees that nothing in its folder is another byte.
fn read_untouched(made: &Made) -> Vec<String> {
    let before = contents(made.folder.path());
    let kind = gitratra_foreign::recognise(&made.path).unwrap();
    assert_eq!(kind, Some(Kind::Gghstats));
    let heard = Heard::of(Kind::Gghstats, &made.path);
    let mut after = contents(made.folder.path());
    if before.contains_key("some.db-shm") {
        // The marks of readers are what this file is for.
        after.insert("some.db-shm".to_owned(), before["some.db-shm"]);
    }
    assert_eq!(before, after);
    heard.facts
}

#[test]
fn a_closed_database_stays_as_it_is() {
    let made = closed();
    made.run(&[SOME]);
    assert_eq!(read_untouched(&made), TOLD);
}

#[test]
fn a_closed_database_with_a_log_stays_as_it_is() {
    let made = with_log();
    made.run(&[SOME]);
    assert_eq!(contents(made.folder.path()).len(), 1);
    assert_eq!(read_untouched(&made), TOLD);
}

#[test]
fn what_is_only_in_the_log_of_a_running_tool_is_told() {
    let made = with_log();
    let tool = made.connection();
    tool.execute_batch(SOME).unwrap();
    assert_eq!(contents(made.folder.path()).len(), 3);
    assert_eq!(read_untouched(&made), TOLD);
    tool.execute_batch("delete from views").unwrap();
    assert!(read_untouched(&made).is_empty());
}

#[test]
fn what_is_only_in_the_log_of_a_killed_tool_is_told() {
    let made = with_log();
    let tool = made.connection();
    tool.execute_batch(SOME).unwrap();
    let left = tempfile::tempdir().unwrap();
    for name in ["some.db", "some.db-wal"] {
        fs::copy(made.folder.path().join(name), left.path().join(name)).unwrap();
    }
    let left = Made {
        path: left.path().join("some.db"),
        folder: left,
    };
    assert_eq!(read_untouched(&left), TOLD);
}

#[test]
fn what_a_killed_tool_left_halfway_is_taken_back_in_the_copy_only() {
    let made = closed();
    made.run(&[SOME]);
    let tool = made.connection();
    tool.execute_batch(
        "pragma cache_size = 1;
         begin;
         with recursive number (n) as (select 0 union all select n + 1 from number where n < 9999)
         insert into clones select 'octo/r' || n, '2026-03-01', 5, 5 from number;
         update views set count = 91;",
    )
    .unwrap();
    let left = tempfile::tempdir().unwrap();
    for name in ["some.db", "some.db-journal"] {
        fs::copy(made.folder.path().join(name), left.path().join(name)).unwrap();
    }
    let left = Made {
        path: left.path().join("some.db"),
        folder: left,
    };
    assert_eq!(read_untouched(&left), TOLD);
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_closed_to_us_is_read_from_a_copy() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |mode| fs::Permissions::from_mode(mode);
    for made in [closed(), with_log()] {
        made.run(&[SOME]);
        fs::set_permissions(&made.path, mode(0o444)).unwrap();
        fs::set_permissions(made.folder.path(), mode(0o555)).unwrap();
        assert_eq!(read_untouched(&made), TOLD);
        fs::set_permissions(made.folder.path(), mode(0o755)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn the_log_beside_the_file_itself_is_read_and_not_one_beside_a_link() {
    let made = with_log();
    let tool = made.connection();
    tool.execute_batch(SOME).unwrap();
    let links = tempfile::tempdir().unwrap();
    let link = links.path().join("link.db");
    std::os::unix::fs::symlink(&made.path, &link).unwrap();
    assert_eq!(Heard::of(Kind::Gghstats, &link).facts, TOLD);
    assert_eq!(contents(links.path()).len(), 1);
}

/// Reads again and again while a tool writes all the time, which changes all rows together.
fn read_while_written(made: &Made) {
    /// Ends the writer also where a reader fails.
    struct Over<'a>(&'a AtomicBool);
    impl Drop for Over<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    made.run(&[SOME, "insert into clones select * from views"]);
    let is_over = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        let over = Over(&is_over);
        let writer = scope.spawn(|| {
            let tool = Connection::open(&made.path).unwrap();
            let mut count = 90;
            while !is_over.load(Ordering::Relaxed) {
                count += 1;
                let change = format!(
                    "begin immediate; update views set count = {count};
                     update clones set count = {count}; commit;"
                );
                tool.execute_batch(&change).unwrap();
            }
            count
        });
        for _ in 0..30 {
            let heard = Heard::of(Kind::Gghstats, &made.path);
            let counts = heard.facts.iter().map(|fact| fact.split(' ').next_back());
            let counts: BTreeSet<_> = counts.collect();
            assert_eq!((heard.facts.len(), counts.len()), (2, 1), "{heard:?}");
        }
        drop(over);
        writer.join().unwrap()
    });
    assert!(written > 90);
    let state: String = made
        .connection()
        .query_row("pragma integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(state, "ok");
}

#[test]
fn one_moment_is_read_while_a_tool_writes_its_log_all_the_time() {
    read_while_written(&with_log());
}

#[test]
fn one_moment_is_read_while_a_tool_writes_with_a_journal_all_the_time() {
    read_while_written(&closed());
}

#[test]
fn a_tool_with_a_journal_can_write_while_its_rows_are_told() {
    /// Writes into the database for every fact.
    struct Writer<'a>(&'a Connection, usize);
    impl Listener for Writer<'_> {
        fn tell(&mut self, _: &Subject, _: Fact) -> Result<(), Enough> {
            self.0
                .execute_batch("update views set count = count + 1")
                .unwrap();
            self.1 += 1;
            Ok(())
        }
        fn leave_out(&mut self, _: LeftOut) {}
    }
    let made = closed();
    made.run(&[SOME]);
    let tool = made.connection();
    let mut writer = Writer(&tool, 0);
    gitratra_foreign::read(Kind::Gghstats, &made.path, &mut writer).unwrap();
    assert_eq!(writer.1, 1);
}

#[test]
fn a_million_rows_are_told_one_by_one() {
    struct Counter(u64, u64);
    impl Listener for Counter {
        fn tell(&mut self, _: &Subject, fact: Fact) -> Result<(), Enough> {
            self.0 += 1;
            if let Fact::Day(day) = fact {
                self.1 += day.count.count();
            }
            Ok(())
        }
        fn leave_out(&mut self, _: LeftOut) {}
    }
    let made = closed();
    made.run(&[
        "with recursive number (n) as (select 0 union all select n + 1 from number where n < 999999)
         insert into views
         select 'octo/r' || (n / 1000), date('2020-01-01', '+' || (n % 1000) || ' days'), n % 7, 0
         from number",
    ]);
    let mut counter = Counter(0, 0);
    gitratra_foreign::read(Kind::Gghstats, &made.path, &mut counter).unwrap();
    assert_eq!(
        (counter.0, counter.1),
        (1_000_000, (0..1_000_000).map(|n| n % 7).sum())
    );
}
