//! Faults while a store is open: each is told, is known to pass, leaves nothing half written, and
//! is over for the same open store once it is over.

use std::fs;
use std::path::{Path, PathBuf};

use gitratra_core::{Metric, RepoId};
use gitratra_store::{Location, Store, StoreError};

use crate::place::{Kind, NEWEST, Place, on_both_engines, with_place};
use crate::samples::{traffic, visit_to, window};

on_both_engines![
    another_program_that_locks_everything_is_waited_for_and_told,
    a_store_that_is_locked_cannot_be_updated_and_takes_no_harm,
];

/// Stores a visit to a repository.
pub(crate) async fn write(store: &Store, id: u64) -> Result<(), StoreError> {
    let views = window(Metric::Views, "2026-01-14T10:00", "2026-01-13", id);
    let visit = visit_to(RepoId(id), "2026-01-14T10:00", vec![traffic(views, "")]);
    store.record(visit).await.map(|_| ())
}

/// Which visits are there, all of them whole.
pub(crate) async fn kept(store: &Store) -> Vec<u64> {
    let mut kept = Vec::new();
    for (repo, _) in store.held().await.unwrap() {
        let days = store.days(repo, None).await.unwrap();
        assert_eq!(days.len(), 14, "{repo}");
        let counts = days.iter().map(|row| row.views.unwrap().count.count());
        assert!(counts.into_iter().all(|count| count == repo.0), "{repo}");
        kept.push(repo.0);
    }
    kept
}

/// A statement that keeps everybody else from writing.
async fn lock(place: &Place) -> Box<dyn FnOnce() + Send> {
    match place.kind {
        Kind::Sqlite => {
            let other = place.sqlite();
            other.execute_batch("begin exclusive").unwrap();
            Box::new(move || other.execute_batch("rollback").unwrap())
        }
        Kind::Postgres | Kind::Parts => {
            let other = place.postgres().await;
            let lock = "begin; lock table traffic_day, asked in access exclusive mode";
            other.batch_execute(lock).await.unwrap();
            // Its transaction goes with the connection.
            Box::new(move || drop(other))
        }
    }
}

async fn another_program_that_locks_everything_is_waited_for_and_told(place: Place) {
    let store = place.open().await;
    write(&store, 1).await.unwrap();
    let unlock = lock(&place).await;
    // Many wait at once, and none of them for all the others.
    let waiting: Vec<_> = (2..=24)
        .map(|id| {
            let store = store.clone();
            tokio::spawn(async move { write(&store, id).await })
        })
        .collect();
    for task in waiting {
        let error = task.await.unwrap().unwrap_err();
        assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
        assert!(error.is_passing());
    }
    unlock();
    write(&store, 201).await.unwrap();
    assert_eq!(kept(&store).await, [1, 201]);
}

async fn a_store_that_is_locked_cannot_be_updated_and_takes_no_harm(place: Place) {
    crate::schema::make_first(&place).await;
    let unlock = lock(&place).await;
    let error = Store::open(&place.location()).await.unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    assert!(error.is_passing());
    unlock();
    let versions = "select count(*) from gitratra_schema_history";
    assert_eq!(place.number(versions).await, 1);
    let store = place.open().await;
    assert_eq!(store.repositories().await.unwrap().len(), 2);
    assert_eq!(place.number(versions).await, NEWEST);
}

#[tokio::test]
async fn a_stop_waits_for_no_more_than_what_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::file(folder.path().join("store.db"));
    let store = Store::open(&location).await.unwrap();
    let other = rusqlite::Connection::open(location.path().unwrap()).unwrap();
    other.execute_batch("begin exclusive").unwrap();
    let waiting: Vec<_> = (1..=500)
        .map(|id| {
            let store = store.clone();
            tokio::spawn(async move { write(&store, id).await })
        })
        .collect();
    // There is but one thread, so that all of them get in line before the one who closes.
    for _ in 0..500 {
        tokio::task::yield_now().await;
    }
    store.close().await;
    // They have waited together, and not one group after the other.
    for task in waiting {
        let error = task.await.unwrap().unwrap_err();
        assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    }
    other.execute_batch("rollback").unwrap();
    let store = Store::open(&location).await.unwrap();
    assert_eq!(kept(&store).await, [0; 0]);
}

async fn lost(store: &Store) -> StoreError {
    let error = write(store, 99).await.unwrap_err();
    assert!(matches!(error, StoreError::Lost { .. }), "{error:?}");
    assert!(error.is_passing());
    let read = store.held().await.unwrap_err();
    assert_eq!(read.to_string(), error.to_string());
    error
}

/// Moves the file away, or back; its log stays where it is.
fn rename(from: &Path, to: &Path) {
    fs::rename(from, to).unwrap();
}

#[tokio::test]
async fn a_file_that_was_moved_away_is_missed_until_it_is_back() {
    with_place(Kind::Sqlite, async |place: Place| {
        let store = place.open().await;
        write(&store, 1).await.unwrap();
        assert_eq!(kept(&store).await, [1]);
        let (path, away) = (PathBuf::from(&place.text), place.folder.path().join("away"));
        rename(&path, &away);
        let error = lost(&store).await;
        assert!(error.to_string().contains("put it back"), "{error}");
        // Nothing is made in its place.
        lost(&store).await;
        assert!(!path.exists());
        rename(&away, &path);
        write(&store, 2).await.unwrap();
        assert_eq!(kept(&store).await, [1, 2]);
        store.close().await;
        let store = place.open().await;
        assert_eq!(kept(&store).await, [1, 2]);
        store.close().await;
        assert_eq!(place.names(), ["store.db"]);
    })
    .await;
}

#[tokio::test]
async fn a_backup_that_takes_the_place_of_the_open_file_is_gone_over_to() {
    with_place(Kind::Sqlite, async |place: Place| {
        let store = place.open().await;
        write(&store, 1).await.unwrap();
        let (path, away) = (PathBuf::from(&place.text), place.folder.path().join("away"));
        let backup = place.folder.path().join("backup");
        let copy = format!("vacuum into '{}'", backup.display());
        place.execute(&copy).await;
        // Much more than the backup has, all of it still in the log.
        for id in 2..40 {
            write(&store, id).await.unwrap();
        }
        assert_eq!(kept(&store).await.len(), 39);
        rename(&path, &away);
        lost(&store).await;
        rename(&backup, &path);
        assert_eq!(kept(&store).await, [1]);
        write(&store, 50).await.unwrap();
        assert_eq!(kept(&store).await, [1, 50]);
        // The one that was put aside has all that it was given.
        let aside = Store::open(&Location::file(&away)).await.unwrap();
        assert_eq!(kept(&aside).await, (1..40).collect::<Vec<_>>());
        aside.close().await;
        // And back again.
        rename(&path, &backup);
        rename(&away, &path);
        write(&store, 60).await.unwrap();
        assert_eq!(kept(&store).await.len(), 40);
        store.close().await;
        for file in [path, backup] {
            let file = rusqlite::Connection::open(file).unwrap();
            let check: String = file
                .query_row("pragma integrity_check", [], |row| row.get(0))
                .unwrap();
            assert_eq!(check, "ok");
        }
    })
    .await;
}

#[tokio::test]
async fn a_deleted_file_is_not_replaced_by_an_empty_store() {
    with_place(Kind::Sqlite, async |place: Place| {
        let store = place.open().await;
        write(&store, 1).await.unwrap();
        let path = PathBuf::from(&place.text);
        let backup = place.folder.path().join("backup");
        place
            .execute(&format!("vacuum into '{}'", backup.display()))
            .await;
        for name in place.names() {
            if name.starts_with("store.db") {
                fs::remove_file(place.folder.path().join(name)).unwrap();
            }
        }
        lost(&store).await;
        assert!(!path.exists());
        // A copy that has only just begun.
        fs::write(&path, "").unwrap();
        let error = lost(&store).await;
        assert!(error.to_string().contains("empty"), "{error}");
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
        fs::copy(&backup, &path).unwrap();
        write(&store, 2).await.unwrap();
        assert_eq!(kept(&store).await, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn something_else_in_the_place_of_the_open_file_is_left_as_it_is() {
    with_place(Kind::Sqlite, async |place: Place| {
        let store = place.open().await;
        write(&store, 1).await.unwrap();
        let (path, away) = (PathBuf::from(&place.text), place.folder.path().join("away"));
        rename(&path, &away);
        fs::write(&path, "a shopping list\n".repeat(500)).unwrap();
        let error = write(&store, 2).await.unwrap_err();
        assert!(matches!(error, StoreError::NotAStore { .. }), "{error:?}");
        assert!(!error.is_passing());
        assert!(fs::read_to_string(&path).unwrap().starts_with("a shopping"));
        rename(&away, &path);
        write(&store, 2).await.unwrap();
        assert_eq!(kept(&store).await, [1, 2]);
    })
    .await;
}
