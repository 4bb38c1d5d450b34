//! What programs that share a store agree on: what is counted, and which of them may go on.

use std::fs;

use gitratra_core::{Metric, Repository};
use gitratra_store::{Location, Mark, Store, StoreError};

use crate::place::{Kind, Place, on_both_engines, with_place};
use crate::samples::{REPO, at, day, reading, repository, traffic, visit};

on_both_engines![
    what_others_may_see_is_counted,
    a_program_goes_on_with_a_schema_that_only_adds,
];

/// Takes away all that version 8 brought.
pub(crate) const UNDO_8: &str = "
    drop table mark;
    delete from gitratra_schema_history where version = 8;";

/// What a version after this one may do: tables, columns that may be empty or have a default, and
/// views.
const ADDS: &str = "
    create table later (
        repo_id bigint not null,
        words text not null,
        primary key (repo_id)
    );
    alter table repo add column later_words text;
    alter table traffic_day add column later_count bigint not null default 0;
    create view later_read as
    select repo_id
    from later;
    insert into gitratra_schema_history (version, name, applied_on, checksum)
    values (10, 'later', '2030-01-01T00:00:00Z', '1');";

async fn changes(store: &Store) -> i64 {
    store.mark().await.unwrap().changes
}

async fn what_others_may_see_is_counted(place: Place) {
    let store = place.open().await;
    let before = store.mark().await.unwrap();
    assert_eq!((before.changes, before.position), (0, 0));
    let save = async |repository: Repository, time: &str| {
        store
            .save_repositories(&[repository], at(time))
            .await
            .unwrap();
        changes(&store).await
    };
    let open = repository(REPO.0, "octo/alpha");
    // Nobody has seen it before, and nothing is new of it.
    assert_eq!(save(open.clone(), "2026-02-01T10:00").await, 0);
    assert_eq!(save(open.clone(), "2026-02-01T11:00").await, 0);
    let private = Repository {
        is_private: true,
        ..open.clone()
    };
    assert_eq!(save(private.clone(), "2026-02-01T12:00").await, 1);
    let renamed = Repository {
        name: "octo/beta".parse().unwrap(),
        ..private
    };
    assert_eq!(save(renamed, "2026-02-01T13:00").await, 2);
    let answer = traffic(
        reading(Metric::Views, "2026-02-01T14:00", &[("2026-01-31", 7)]),
        "",
    );
    store
        .record(visit("2026-02-01T14:00", vec![answer]))
        .await
        .unwrap();
    assert_eq!(changes(&store).await, 2, "numbers may come late");
    store.note_change().await.unwrap();
    let after = store.mark().await.unwrap();
    assert_eq!((after.changes, after.place), (3, before.place));
    store.close().await;
    assert_eq!(place.open().await.mark().await.unwrap(), after);
}

#[test]
fn a_mark_is_held_by_whatever_is_as_far_in_the_same_store() {
    let mark = |place, changes, position| Mark {
        place,
        changes,
        position,
    };
    let needed = mark(1, 5, 100);
    for (held, expected) in [
        (mark(1, 5, 100), true),
        (mark(1, 6, 101), true),
        (mark(1, 4, 101), false),
        (mark(1, 6, 99), false),
        (mark(2, 6, 101), false),
    ] {
        assert_eq!(needed.is_held_by(&held), expected, "{held:?}");
    }
}

/// One day's views and a look-up, as a collector stores them.
async fn collect(store: &Store, hour: u32) {
    let time = format!("2026-02-01T{hour:02}:00");
    let known = repository(REPO.0, "octo/alpha");
    store.save_repositories(&[known], at(&time)).await.unwrap();
    let rows = [("2026-01-31", u64::from(hour))];
    let answer = traffic(reading(Metric::Views, &time, &rows), "\"x\"");
    store.record(visit(&time, vec![answer])).await.unwrap();
    let records = store.records(REPO, day("2026-01-31")).await.unwrap();
    assert_eq!(records[0].1.best().count(), u64::from(hour));
}

async fn a_program_goes_on_with_a_schema_that_only_adds(place: Place) {
    let store = place.open().await;
    collect(&store, 10).await;
    // A newer program comes while this one is at work.
    place.execute(ADDS).await;
    if place.kind == Kind::Sqlite {
        place.execute("pragma user_version = 10").await;
    }
    collect(&store, 11).await;
    // And this one is started anew beside it.
    let again = place.open().await;
    collect(&again, 12).await;
    again.check_writable().await.unwrap();
    let copy = place.folder.path().join("copy.db");
    match place.kind {
        Kind::Sqlite => {
            again.copy_to_file(&copy).await.unwrap();
            let columns = "select count(*) from pragma_table_info('later')";
            let copy = rusqlite::Connection::open(&copy).unwrap();
            let found: i64 = copy.query_row(columns, [], |row| row.get(0)).unwrap();
            assert_eq!(found, 2, "a copy of all pages is whole");
        }
        Kind::Postgres | Kind::Parts => {
            // What is carried row by row would lack the new tables.
            let error = again.copy_to_file(&copy).await.unwrap_err();
            let is_newer = matches!(
                error,
                StoreError::Newer {
                    found: 10,
                    known: 9,
                    ..
                }
            );
            assert!(is_newer, "{error}");
        }
    }
    for store in [store, again] {
        store.close().await;
    }
    // The next version but one takes something away.
    place
        .execute("update mark set number = 10 where mark = 'oldest_program'")
        .await;
    let error = Store::open(&place.location()).await.unwrap_err();
    let is_newer = matches!(
        error,
        StoreError::Newer {
            found: 10,
            known: 9,
            ..
        }
    );
    assert!(is_newer, "{error}");
}

#[tokio::test]
async fn what_is_newer_and_does_not_say_who_may_go_on_is_refused() {
    with_place(Kind::Sqlite, async |place: Place| {
        place.open().await.close().await;
        place
            .execute("pragma user_version = 10; delete from mark where mark = 'oldest_program'")
            .await;
        let before = fs::read(&place.text).unwrap();
        let error = Store::open(&place.location()).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Newer { found: 10, .. }),
            "{error}"
        );
        place.execute("drop table mark").await;
        let error = Store::open(&place.location()).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Newer { found: 10, .. }),
            "{error}"
        );
        assert!(before.len() >= 4096);
    })
    .await;
}

/// A migration that has to wait keeps nobody else from the table for long, and comes through when it
/// may.
#[tokio::test(flavor = "multi_thread")]
async fn an_update_waits_for_those_who_read_without_stopping_others() {
    with_place(Kind::Postgres, async |place: Place| {
        place.open().await.close().await;
        place.execute(crate::presence::UNDO_9).await;
        place.execute(UNDO_8).await;
        let other = place.postgres().await;
        // Whoever reads may go on, and nobody may write a version down.
        let locked = "begin; lock table gitratra_schema_history in share mode";
        other.batch_execute(locked).await.unwrap();
        let location = place.location();
        let opening = tokio::spawn(async move { Store::open(&location).await });
        // It waits for a moment, and lets go again.
        let waiting = "select count(*) from pg_locks as held \
                       join pg_stat_activity as who on who.pid = held.pid \
                       where who.datname = current_database() and not held.granted";
        for is_waiting in [true, false, true] {
            while (place.number(waiting).await > 0) != is_waiting {
                assert!(!opening.is_finished());
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        }
        other.batch_execute("commit").await.unwrap();
        let store = opening.await.unwrap().unwrap();
        assert_eq!(changes(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_file_is_no_copy_to_follow() {
    let error = Store::follow(&Location::file("x.db")).unwrap_err();
    assert!(matches!(error, StoreError::CannotOpen { .. }), "{error}");
    assert!(error.to_string().contains("postgres://"), "{error}");
}
