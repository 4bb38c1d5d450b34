//! Copies of a whole store: nothing is left out, whatever is written meanwhile, and a store that is
//! replaced is the old one or the new one at every moment.

use std::path::Path;

use gitratra_core::{Metric, RepoId};
use gitratra_store::{Location, Store, StoreError, check_file, copy_file, replace_file};

use crate::place::{Kind, Place, on_both_engines, with_place};
use crate::samples::{at, repository, traffic, visit_to, window};
use crate::schema::make_everything;
use crate::seals::{collect, verify};

on_both_engines![
    a_copy_has_every_row_of_every_table,
    a_copy_is_one_state_though_fifty_write,
    a_new_store_is_empty_until_something_is_kept,
];

/// Every row of every table, as text, but for what each place knows of itself alone.
pub(crate) fn dump(path: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let names = "select name from sqlite_master where type = 'table' \
                 and name not in ('gitratra_schema_history', 'mark') order by name";
    let mut statement = connection.prepare(names).unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    let names: Vec<String> = names.map(Result::unwrap).collect();
    let mut lines = Vec::new();
    for name in names {
        let mut rows = connection
            .prepare(&format!("select * from {name}"))
            .unwrap();
        let width = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        let before = lines.len();
        while let Some(row) = rows.next().unwrap() {
            let cells = (0..width).map(|at| format!("{:?}", row.get_ref(at).unwrap()));
            lines.push(format!("{name} {}", cells.collect::<Vec<_>>().join(" ")));
        }
        lines[before..].sort();
    }
    lines
}

async fn a_copy_has_every_row_of_every_table(place: Place) {
    make_everything(&place).await;
    let store = place.open().await;
    collect(&store, 5, 70).await;
    store.seal(None, u64::MAX).await.unwrap();
    let first = place.folder.path().join("first.db");
    store.copy_to_file(&first).await.unwrap();
    let lines = dump(&first);
    let tables: std::collections::BTreeSet<_> = lines
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert!(tables.len() > 30, "{tables:?}");
    assert!(!first.with_extension("db-wal").exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&first).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    check_file(&first).await.unwrap();
    // To a server and back it is the same.
    let after = lines.clone();
    with_place(Kind::Postgres, |server| async move {
        let other = server.open().await;
        collect(&other, 9, 3).await;
        other.replace_by(&first).await.unwrap();
        let second = server.folder.path().join("second.db");
        other.copy_to_file(&second).await.unwrap();
        assert_eq!(dump(&second), after);
        let expected = store.days(RepoId(5), None).await.unwrap();
        assert_eq!(other.days(RepoId(5), None).await.unwrap(), expected);
        assert_eq!(verify(&store).await, verify(&other).await);
        // What is no store changes nothing.
        let bad = server.folder.path().join("bad.db");
        std::fs::write(&bad, "no store").unwrap();
        other.replace_by(&bad).await.unwrap_err();
        let third = server.folder.path().join("third.db");
        other.copy_to_file(&third).await.unwrap();
        assert_eq!(dump(&third), after);
    })
    .await;
}

async fn a_copy_is_one_state_though_fifty_write(place: Place) {
    let store = place.open().await;
    let names: Vec<_> = (1..=50)
        .map(|repo| repository(repo, &format!("octo/r{repo}")))
        .collect();
    let start = at("2026-01-01T00:00");
    store.save_repositories(&names, start).await.unwrap();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writers = (1..=50_u64).map(|repo| {
        let (store, stop) = (store.clone(), stop.clone());
        tokio::spawn(async move {
            let mut last = crate::samples::day("2026-01-14");
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let (text, read_at) = (last.to_string(), format!("{}T10:00", last.plus(1)));
                let both = Metric::ALL.map(|metric| {
                    let n = u64::try_from(last.epoch_days()).unwrap() % 50;
                    traffic(window(metric, &read_at, &text, n), "")
                });
                let visit = visit_to(RepoId(repo), &read_at, both.to_vec());
                store.record(visit).await.unwrap();
                last = last.plus(1);
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    for round in 0..5 {
        let path = place.folder.path().join(format!("copy{round}.db"));
        store.copy_to_file(&path).await.unwrap();
        let copy = Store::open(&Location::file(&path)).await.unwrap();
        assert_eq!(verify(&copy).await.1, []);
        for (repo, held) in copy.held().await.unwrap() {
            // Both answers of a visit or none, with all of their days.
            assert_eq!(held.newest(), held.newest_of_any());
            let days = copy.days(repo, None).await.unwrap();
            assert_eq!(days.last().map(|row| row.day), held.newest());
        }
        copy.close().await;
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn a_new_store_is_empty_until_something_is_kept(place: Place) {
    let store = place.open().await;
    assert!(store.is_empty().await.unwrap());
    let one = [repository(1, "octo/a")];
    store
        .save_repositories(&one, at("2026-01-01T00:00"))
        .await
        .unwrap();
    assert!(!store.is_empty().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_open_is_not_replaced() {
    with_place(Kind::Sqlite, async |place: Place| {
        let store = place.open().await;
        collect(&store, 1, 3).await;
        let other = place.folder.path().join("other.db");
        let new = Store::open(&Location::file(&other)).await.unwrap();
        collect(&new, 2, 3).await;
        new.close().await;
        let ready = place.folder.path().join("ready.db");
        copy_file(&other, &ready).await.unwrap();
        let error = replace_file(&ready, &place.location()).await.unwrap_err();
        assert!(matches!(error, StoreError::Busy { .. }), "{error}");
        assert_eq!(store.days(RepoId(1), None).await.unwrap().len(), 16);
        store.close().await;
        replace_file(&ready, &place.location()).await.unwrap();
        assert!(!ready.exists());
        let store = place.open().await;
        assert_eq!(store.days(RepoId(1), None).await.unwrap(), []);
        assert_eq!(store.days(RepoId(2), None).await.unwrap().len(), 16);
        assert_eq!(verify(&store).await.1, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_killed_program_is_not_read_into_another_store() {
    with_place(Kind::Sqlite, async |place: Place| {
        // A store as a kill leaves it: its newest rows are in the log alone.
        let store = place.open().await;
        collect(&store, 1, 20).await;
        let killed = place.folder.path().join("killed.db");
        std::fs::copy(&place.text, &killed).unwrap();
        let log = place.folder.path().join("killed.db-wal");
        std::fs::copy(format!("{}-wal", place.text), &log).unwrap();
        let ready = place.folder.path().join("ready.db");
        // The copy of it has what is in the log, and leaves it there.
        copy_file(&killed, &ready).await.unwrap();
        assert_eq!(dump(&ready).len(), {
            let again = place.folder.path().join("again.db");
            store.copy_to_file(&again).await.unwrap();
            dump(&again).len()
        });
        assert!(log.exists());
        let empty = place.folder.path().join("empty.db");
        Store::open(&Location::file(&empty))
            .await
            .unwrap()
            .close()
            .await;
        replace_file(&empty, &Location::file(&killed))
            .await
            .unwrap();
        assert!(!log.exists());
        let replaced = Store::open(&Location::file(&killed)).await.unwrap();
        assert!(replaced.is_empty().await.unwrap());
    })
    .await;
}
