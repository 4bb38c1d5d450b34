//! Collectors know of each other: who is there, who is missed, and whose credential is refused.

use std::time::Duration;

use gitratra_store::{CollectorKind, CredentialNote, Lease, Presence, Seen, Store, StoreClock};

use crate::leases::SAMPLE_7;
use crate::place::{Kind, Place, on_both_engines};

on_both_engines![
    collectors_are_seen_until_they_end,
    what_each_has_in_hand_is_told,
    whoever_comes_back_no_more_is_missed,
    whoever_holds_a_lease_can_be_asked,
    each_says_how_its_credentials_are,
    whoever_takes_the_place_of_another_speaks_for_it,
    presence_is_in_no_copy,
    a_store_of_version_8_is_brought_up_to_date_with_its_rows,
];

/// Takes away all that version 9 brought, which leaves what version 8 had made.
pub(crate) const UNDO_9: &str = "
    alter table collector drop column kind;
    drop table collector_credential;
    delete from gitratra_schema_history where version = 9;";

const SAMPLE_9: &str = include_str!("../samples/V9.sql");

fn secs(secs: u64) -> StoreClock {
    StoreClock::At(Duration::from_secs(secs))
}

async fn note(store: &Store, holder: &str, host: &str, at: u64) {
    let noted = store.note_collector(holder, host, CollectorKind::Serve, secs(at));
    noted.await.unwrap();
}

fn names<'a>(seen: impl Iterator<Item = &'a Seen>) -> Vec<&'a str> {
    seen.map(|seen| seen.holder.as_str()).collect()
}

async fn presence(store: &Store, at: u64) -> Presence {
    store.collectors(secs(at)).await.unwrap()
}

async fn collectors_are_seen_until_they_end(place: Place) {
    let store = place.open().await;
    for (holder, at) in [("one", 0), ("other", 50), ("one", 1_000)] {
        note(&store, holder, "here", at).await;
    }
    let found = presence(&store, 1_849).await;
    assert_eq!(names(found.present()), ["one", "other"]);
    let one = &found.seen[0];
    assert_eq!((one.since.as_second(), one.seen_at.as_second()), (0, 1_000));
    assert_eq!(found.at.as_second(), 1_849);
    assert_eq!(names(presence(&store, 1_850).await.present()), ["one"]);
    store.forget_collector("one", false).await.unwrap();
    assert_eq!(names(presence(&store, 1_850).await.seen.iter()), ["other"]);
    // After a day nobody remembers it.
    let day = 24 * 60 * 60;
    assert_eq!(presence(&store, day + 50).await.seen, []);
    note(&store, "third", "here", day + 50).await;
    assert_eq!(place.number("select count(*) from collector").await, 1);
}

async fn what_each_has_in_hand_is_told(place: Place) {
    let store = place.open().await;
    note(&store, "one", "here", 0).await;
    let sync = store.note_collector("other", "there", CollectorKind::Sync, secs(1));
    sync.await.unwrap();
    let lease = |key: &str, repo: Option<u64>| Lease {
        key: key.into(),
        repo: repo.map(gitratra_core::RepoId),
    };
    let leases = [
        lease("repo 1", Some(1)),
        lease("repo 2", Some(2)),
        lease("chores", None),
    ];
    let minute = Duration::from_secs(60);
    let taken = store.take_leases("one", &leases, minute, secs(2)).await;
    assert_eq!(taken.unwrap(), [true; 3]);
    store
        .release_leases("one", &["repo 2".into()])
        .await
        .unwrap();
    let told = |found: &Presence| -> Vec<_> {
        let seen = found.seen.iter();
        let told = seen.map(|seen| (seen.kind, seen.host.clone(), seen.repos, seen.is_caretaker));
        told.collect()
    };
    let (serve, sync) = (CollectorKind::Serve, CollectorKind::Sync);
    let (here, there) = ("here".to_owned(), "there".to_owned());
    assert_eq!(
        told(&presence(&store, 3).await),
        [
            (serve, here.clone(), 1, true),
            (sync, there.clone(), 0, false)
        ]
    );
    // What is over is in nobody's hand.
    assert_eq!(
        told(&presence(&store, 62).await),
        [(serve, here, 0, false), (sync, there, 0, false)]
    );
}

async fn whoever_comes_back_no_more_is_missed(place: Place) {
    let store = place.open().await;
    note(&store, "killed", "here", 0).await;
    note(&store, "beside", "here", 0).await;
    note(&store, "killed", "here", 5).await;
    note(&store, "elsewhere", "there", 10).await;
    let sync = store.note_collector("pass", "there", CollectorKind::Sync, secs(0));
    sync.await.unwrap();
    note(&store, "beside", "here", 1_500).await;
    assert_eq!(
        names(presence(&store, 1_799).await.missed()),
        Vec::<&str>::new()
    );
    let found = presence(&store, 1_810).await;
    assert_eq!(names(found.missed()), ["killed", "elsewhere"]);
    // Started anew on its machine.
    note(&store, "anew", "there", 1_820).await;
    let found = presence(&store, 1_830).await;
    assert_eq!(names(found.missed()), ["killed"]);
    assert_eq!(names(found.present()), ["beside", "anew"]);
}

async fn whoever_holds_a_lease_can_be_asked(place: Place) {
    let store = place.open().await;
    note(&store, "one", "here", 0).await;
    let lease = |key: &str| Lease {
        key: key.into(),
        repo: None,
    };
    let minute = Duration::from_secs(60);
    for (holder, key) in [("one", "a"), ("untold", "b")] {
        let leases = [lease(key)];
        let taken = store.take_leases(holder, &leases, minute, secs(0));
        assert_eq!(taken.await.unwrap(), [true]);
    }
    let holder = async |key: &str, at: u64| store.lease_holder(key, secs(at)).await.unwrap();
    assert_eq!(
        holder("a", 59).await,
        Some(("one".into(), Some("here".into())))
    );
    assert_eq!(holder("b", 59).await, Some(("untold".into(), None)));
    assert_eq!(holder("a", 60).await, None);
    assert_eq!(holder("c", 0).await, None);
    store.release_leases("one", &["a".into()]).await.unwrap();
    assert_eq!(holder("a", 1).await, None);
}

fn credential(print: &str, label: &str, refused: Option<&str>) -> CredentialNote {
    CredentialNote {
        credential: print.into(),
        label: label.into(),
        refused: refused.map(str::to_owned),
    }
}

async fn of_others(store: &Store, holder: &str, at: u64) -> Vec<(String, CredentialNote)> {
    let others = store.credentials_of_others(holder, secs(at)).await.unwrap();
    let others = others.into_iter().map(|other| (other.host, other.note));
    others.collect()
}

async fn each_says_how_its_credentials_are(place: Place) {
    let store = place.open().await;
    let (good, bad) = (
        credential("p", "token", None),
        credential("q", "spare", Some("401")),
    );
    for (holder, host, notes, at) in [
        ("one", "here", vec![good.clone(), bad.clone()], 0),
        ("other", "there", vec![good.clone()], 1),
    ] {
        let noted = store.note_credentials(holder, host, &notes, secs(at));
        noted.await.unwrap();
    }
    let (here, there) = ("here".to_owned(), "there".to_owned());
    assert_eq!(
        of_others(&store, "other", 2).await,
        [(here.clone(), good.clone()), (here, bad)]
    );
    assert_eq!(
        of_others(&store, "one", 2).await,
        [(there.clone(), good.clone())]
    );
    // What it says takes the place of what it said.
    let again = store.note_credentials("one", "here", &[], secs(3));
    again.await.unwrap();
    assert_eq!(of_others(&store, "other", 4).await, []);
    // A day later nobody believes it any more.
    let day = 24 * 60 * 60;
    assert_eq!(of_others(&store, "one", day).await, [(there, good.clone())]);
    assert_eq!(of_others(&store, "one", day + 1).await, []);
    let notes = [good];
    let late = store.note_credentials("one", "here", &notes, secs(day + 1));
    late.await.unwrap();
    let rows = "select count(*) from collector_credential";
    assert_eq!(place.number(rows).await, 1);
}

async fn whoever_takes_the_place_of_another_speaks_for_it(place: Place) {
    let store = place.open().await;
    let refused = credential("old", "token", Some("401"));
    for (holder, host) in [("ended", "here"), ("alive", "here"), ("away", "there")] {
        note(&store, holder, host, 0).await;
        let noted = store.note_credentials(holder, host, std::slice::from_ref(&refused), secs(0));
        noted.await.unwrap();
    }
    store.forget_collector("ended", true).await.unwrap();
    assert_eq!(of_others(&store, "new", 1).await.len(), 3);
    let notes = [credential("new", "token", None)];
    let noted = store.note_credentials("new", "here", &notes, secs(10));
    noted.await.unwrap();
    // Not for one that is there beside it, nor for another machine.
    let others = store.credentials_of_others("new", secs(11)).await.unwrap();
    let holders: Vec<_> = others.iter().map(|other| other.holder.as_str()).collect();
    assert_eq!(holders, ["alive", "away"]);
    store.forget_collector("alive", false).await.unwrap();
    assert_eq!(of_others(&store, "new", 12).await.len(), 1);
}

async fn presence_is_in_no_copy(place: Place) {
    let store = place.open().await;
    place.execute(SAMPLE_9).await;
    assert!(store.is_empty().await.unwrap());
    if place.kind == Kind::Sqlite {
        return;
    }
    let path = place.folder.path().join("copy.db");
    store.copy_to_file(&path).await.unwrap();
    let copy = rusqlite::Connection::open(&path).unwrap();
    for table in ["collector", "collector_credential"] {
        let question = format!("select count(*) from {table}");
        let rows: i64 = copy.query_row(&question, [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

async fn a_store_of_version_8_is_brought_up_to_date_with_its_rows(place: Place) {
    place.open().await.close().await;
    place.execute(UNDO_9).await;
    if place.kind == Kind::Sqlite {
        place.execute("pragma user_version = 8").await;
    }
    place.execute(SAMPLE_7).await;
    let store = place.open().await;
    place.execute(SAMPLE_9).await;
    let found = presence(&store, 1).await;
    let kinds: Vec<_> = found.seen.iter().map(|seen| seen.kind).collect();
    assert_eq!(kinds, [CollectorKind::Serve, CollectorKind::Sync]);
    assert_eq!(of_others(&store, "other", 1).await.len(), 1);
}
