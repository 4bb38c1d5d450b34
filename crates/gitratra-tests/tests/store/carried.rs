//! Moving house: the other store holds exactly the same afterwards, wherever the move was cut off
//! and whatever was written meanwhile.

use std::pin::pin;

use gitratra_core::RepoId;
use gitratra_store::{Carried, Entry, Store};

use crate::copies::dump;
use crate::place::{Kind, Place, on_both_engines, with_place};
use crate::schema::make_everything;
use crate::seals::{collect, verify};

on_both_engines![
    everything_moves_to_either_engine,
    a_move_that_was_cut_off_goes_on,
    what_is_written_meanwhile_is_carried_by_the_next_pass,
    a_row_that_is_another_is_found_and_put_right,
    only_an_empty_store_is_moved_into,
];

const FROM: &str = "the old house";

async fn pass(from: &Store, to: &Store, is_empty: bool) -> Carried {
    from.carry_to(to, is_empty, |_, _| {}).await.unwrap()
}

/// Runs a test with a second place on each engine.
async fn to_both<F>(test: impl Fn(Place) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    for kind in [Kind::Sqlite, Kind::Postgres] {
        with_place(kind, &test).await;
    }
}

/// What is in a store, whichever engine it is on.
async fn lines(store: &Store, place: &Place, name: &str) -> Vec<String> {
    let path = place.folder.path().join(name);
    store.copy_to_file(&path).await.unwrap();
    dump(&path)
}

async fn everything_moves_to_either_engine(place: Place) {
    make_everything(&place).await;
    let store = place.open().await;
    collect(&store, 5, 70).await;
    collect(&store, 6, 3).await;
    store.seal(None, u64::MAX).await.unwrap();
    let before = lines(&store, &place, "before.db").await;
    to_both(move |other| {
        let (store, before) = (store.clone(), before.clone());
        async move {
            let new = other.open().await;
            assert_eq!(new.begin_move(FROM).await.unwrap(), Entry::Begun);
            let first = pass(&store, &new, true).await;
            assert_eq!((first.written, first.removed), (first.rows, 0));
            assert!(!first.is_same());
            let second = pass(&store, &new, false).await;
            assert!(second.is_same(), "{second:?}");
            assert_eq!((second.rows, second.written), (first.rows, 0));
            assert_eq!(second.digest, first.digest);
            assert_eq!(new.unfinished_move().await.unwrap().as_deref(), Some(FROM));
            new.end_move().await.unwrap();
            assert_eq!(new.unfinished_move().await.unwrap(), None);
            assert_eq!(lines(&new, &other, "after.db").await, before);
            assert_eq!(verify(&new).await, verify(&store).await);
        }
    })
    .await;
}

async fn a_move_that_was_cut_off_goes_on(place: Place) {
    let store = place.open().await;
    for repo in 1..=4 {
        collect(&store, repo, 40).await;
    }
    let whole = lines(&store, &place, "before.db").await;
    to_both(move |other| {
        let (store, whole) = (store.clone(), whole.clone());
        async move {
            let new = other.open().await;
            assert_eq!(new.begin_move(FROM).await.unwrap(), Entry::Begun);
            // The days are there, what comes after them is not.
            let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
            {
                let carry = store.carry_to(&new, true, move |table, _| {
                    let _ = tell.send(table);
                });
                let mut carry = pin!(carry);
                loop {
                    tokio::select! {
                        biased;
                        table = told.recv() => if table == Some("traffic_day") { break },
                        carried = &mut carry => { carried.unwrap(); break }
                    }
                }
            }
            new.close().await;
            let new = other.open().await;
            assert_eq!(new.begin_move(FROM).await.unwrap(), Entry::GoesOn);
            let second = pass(&store, &new, false).await;
            // What came before is left alone.
            assert!((1..second.rows / 2).contains(&second.written), "{second:?}");
            assert_eq!(second.removed, 0, "{second:?}");
            assert!(pass(&store, &new, false).await.is_same());
            new.end_move().await.unwrap();
            assert_eq!(lines(&new, &other, "after.db").await, whole);
        }
    })
    .await;
}

async fn what_is_written_meanwhile_is_carried_by_the_next_pass(place: Place) {
    let store = place.open().await;
    collect(&store, 1, 40).await;
    collect(&store, 2, 40).await;
    with_place(Kind::Sqlite, move |other| async move {
        let new = other.open().await;
        new.begin_move(FROM).await.unwrap();
        let first = pass(&store, &new, true).await;
        // The same days as before and one more.
        collect(&store, 2, 41).await;
        let second = pass(&store, &new, false).await;
        assert!(!second.is_same());
        assert!(second.rows > first.rows);
        assert!(second.written < second.rows / 2 + 60, "{second:?}");
        let third = pass(&store, &new, false).await;
        assert!(third.is_same(), "{third:?}");
        let days = store.days(RepoId(2), None).await.unwrap();
        assert_eq!(new.days(RepoId(2), None).await.unwrap(), days);
    })
    .await;
}

async fn a_row_that_is_another_is_found_and_put_right(place: Place) {
    let store = place.open().await;
    collect(&store, 1, 40).await;
    collect(&store, 2, 40).await;
    to_both(move |other| {
        let store = store.clone();
        async move {
            let new = other.open().await;
            new.begin_move(FROM).await.unwrap();
            pass(&store, &new, true).await;
            let change = "update traffic_day set views = views + 1 where repo_id = 2 \
                          and day = (select max(day) from traffic_day where repo_id = 2); \
                          insert into rhythm (repo_id, publications) values (9, '')";
            let is_known = new.days(RepoId(2), None).await.unwrap();
            other.execute(change).await;
            assert_ne!(new.days(RepoId(2), None).await.unwrap(), is_known);
            let found = pass(&store, &new, false).await;
            assert!(!found.is_same());
            // All rows of that repository in that table, and the one that nobody here has.
            assert_eq!(found.removed, found.written + 1, "{found:?}");
            assert!(pass(&store, &new, false).await.is_same());
            assert_eq!(new.days(RepoId(2), None).await.unwrap(), is_known);
        }
    })
    .await;
}

async fn only_an_empty_store_is_moved_into(place: Place) {
    let store = place.open().await;
    assert_eq!(store.begin_move(FROM).await.unwrap(), Entry::Begun);
    assert_eq!(
        store.begin_move("another house").await.unwrap(),
        Entry::TakenBy(FROM.to_owned())
    );
    store.end_move().await.unwrap();
    assert!(store.is_empty().await.unwrap());
    collect(&store, 1, 1).await;
    assert_eq!(store.begin_move(FROM).await.unwrap(), Entry::Taken);
    assert_eq!(store.unfinished_move().await.unwrap(), None);
}
