//! The shelf reads a book once for all who ask, keeps it for a while, and lets it go.

use std::sync::Arc;
use std::time::Duration;

use gitratra_answer::Asked;
use gitratra_answer::fleet::{Book, BookShelf, Direction, FleetAnswer, FleetQuestion, Sort};
use gitratra_core::figures::Step;
use gitratra_core::{Count, Day, DayRange, Metric, Reading, RepoId, Repository};
use gitratra_store::{FleetRepo, Outcome, Store, Visit};
use jiff::SignedDuration;

use crate::place::{Kind, Place};

/// More repositories than one connection reads alone.
const MANY: u64 = 700;

fn first() -> Day {
    "2026-03-01".parse().unwrap()
}

fn range(days: i64) -> DayRange {
    DayRange::new(first(), first().plus(days - 1)).unwrap()
}

async fn add(store: &Store, id: u64, is_private: bool, views: u64) {
    let repository = Repository {
        id: RepoId(id),
        node_id: None,
        name: format!("octo/alpha-{id}").parse().unwrap(),
        is_private,
        is_fork: false,
        is_archived: false,
        can_push: None,
    };
    let read_at = first().plus(1).start() + SignedDuration::from_hours(9);
    let known = [repository];
    store.save_repositories(&known, read_at).await.unwrap();
    let rows = vec![(first(), Count::new(views, 1).unwrap())];
    let reading = Reading::new(Metric::Views, read_at, rows, Count::ZERO).unwrap();
    let outcome = Outcome::Traffic {
        reading,
        etag: None,
    };
    let visit = Visit {
        repo: RepoId(id),
        asked_at: read_at,
        credential: "0123456789abcdef".into(),
        outcomes: vec![(Metric::Views.into(), outcome)],
    };
    store.record(visit).await.unwrap();
}

/// A question about all that `sees` lets see.
fn question<'a>(
    sees: &'a (dyn Fn(&FleetRepo) -> bool + Sync),
    direction: Direction,
) -> FleetQuestion<'a> {
    FleetQuestion {
        sees,
        in_group: None,
        groups: &[],
        owner: None,
        search: None,
        sort: Sort::Count(Metric::Views),
        direction,
        offset: 0,
        limit: 3,
        now: first().plus(3).start(),
    }
}

async fn views(shelf: &BookShelf) -> Option<u64> {
    let all = |_: &FleetRepo| true;
    let question = question(&all, Direction::Down);
    let answer = shelf.ask(Asked::Last(7), None, &question).await.unwrap();
    answer.map(|answer| answer.metrics[0].total.count)
}

/// The clock stands still but where a test moves it.
async fn on_a_still_clock<F: Future<Output = ()>>(test: impl FnOnce(Place, Store) -> F) {
    let place = Place::new(Kind::Sqlite).await;
    let store = place.open().await;
    tokio::time::pause();
    test(place, store).await;
}

#[tokio::test]
async fn whoever_asks_at_once_reads_one_book() {
    on_a_still_clock(async |place, store| {
        add(&store, 1, false, 5).await;
        let shelf = BookShelf::new(store.clone());
        let asked = (0..8).map(|_| {
            let shelf = shelf.clone();
            tokio::spawn(async move { shelf.book(range(7), None).await.unwrap() })
        });
        let asked: Vec<_> = asked.collect();
        let mut books: Vec<Arc<Book>> = Vec::new();
        for book in asked {
            books.push(book.await.unwrap());
        }
        assert!(books.iter().all(|book| Arc::ptr_eq(book, &books[0])));
        place.end(store).await;
    })
    .await;
}

#[tokio::test]
async fn a_book_is_told_for_ten_seconds_and_then_read_anew() {
    on_a_still_clock(async |place, store| {
        add(&store, 1, false, 5).await;
        let shelf = BookShelf::new(store.clone());
        assert_eq!(views(&shelf).await, Some(5));
        // A clock that stands still jumps to the next timer while the store writes.
        tokio::time::resume();
        add(&store, 2, false, 7).await;
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(views(&shelf).await, Some(5));
        tokio::time::advance(Duration::from_secs(7)).await;
        assert_eq!(views(&shelf).await, Some(12));
        place.end(store).await;
    })
    .await;
}

#[tokio::test]
async fn what_was_forgotten_is_not_told_again() {
    on_a_still_clock(async |place, store| {
        let shelf = BookShelf::new(store.clone());
        assert_eq!(views(&shelf).await, None);
        add(&store, 1, false, 5).await;
        shelf.forget();
        assert_eq!(views(&shelf).await, Some(5));
        place.end(store).await;
    })
    .await;
}

#[tokio::test]
async fn the_usual_book_makes_no_room_for_what_others_ask_for() {
    on_a_still_clock(async |place, store| {
        add(&store, 1, false, 5).await;
        let shelf = BookShelf::new(store.clone());
        let all = |_: &FleetRepo| true;
        let question = question(&all, Direction::Down);
        let usual = Asked::Last(30);
        let answer = shelf.ask(usual, None, &question).await.unwrap();
        let days = answer.unwrap().range;
        let book = shelf.book(days, None).await.unwrap();
        // Among them the same days, folded otherwise.
        shelf.ask(usual, Some(Step::Week), &question).await.unwrap();
        for others in [7, 8, 9, 10] {
            tokio::time::advance(Duration::from_millis(1)).await;
            shelf.book(range(others), None).await.unwrap();
        }
        let still = shelf.book(days, None).await.unwrap();
        assert!(Arc::ptr_eq(&book, &still));
        place.end(store).await;
    })
    .await;
}

#[tokio::test]
async fn three_books_are_kept_and_those_nobody_opens_are_let_go() {
    on_a_still_clock(async |place, store| {
        add(&store, 1, false, 5).await;
        let shelf = BookShelf::new(store.clone());
        let mut books = Vec::new();
        for days in [7, 8, 9, 10] {
            let book = shelf.book(range(days), None).await.unwrap();
            books.push(Arc::downgrade(&book));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(shelf.books(), 3);
        assert!(books[0].upgrade().is_none() && books[3].upgrade().is_some());
        for _ in 0..12 {
            tokio::time::advance(Duration::from_mins(1)).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(shelf.books(), 0);
        assert!(books.iter().all(|book| book.upgrade().is_none()));
        // What was let go is read again.
        assert_eq!(views(&shelf).await, Some(5));
        place.end(store).await;
    })
    .await;
}

#[tokio::test]
async fn a_fault_is_told_and_not_kept() {
    let place = Place::new(Kind::Sqlite).await;
    let store = place.open().await;
    let shelf = BookShelf::new(store.clone());
    let second = place.open().await;
    let of_second = BookShelf::new(second.clone());
    second.close().await;
    assert!(of_second.roll().await.is_err());
    assert!(of_second.roll().await.is_err());
    assert!(shelf.roll().await.is_ok());
    place.end(store).await;
}

/// The largest three, or the smallest.
fn names(answer: &FleetAnswer) -> Vec<u64> {
    answer.lines.iter().map(|line| line.repo.id.0).collect()
}

#[tokio::test]
async fn two_connections_read_what_one_would_and_each_viewer_has_their_own_sums() {
    let place = Place::new(Kind::Sqlite).await;
    let store = place.open().await;
    for id in 1..=MANY {
        add(&store, id, id.is_multiple_of(2), id).await;
    }
    let shelf = BookShelf::new(store.clone());
    let all = |_: &FleetRepo| true;
    let public = |repo: &FleetRepo| !repo.is_private;
    for _ in 0..2 {
        for (sees, repos, sum, most) in [
            (
                &all as &(dyn Fn(&FleetRepo) -> bool + Sync),
                700,
                245_350,
                [700, 699, 698],
            ),
            (&public, 350, 122_500, [699, 697, 695]),
        ] {
            let down = question(sees, Direction::Down);
            let answer = shelf
                .ask(Asked::Last(7), None, &down)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(answer.metrics[0].total.count, sum);
            assert_eq!((answer.repos_found, names(&answer)), (repos, most.to_vec()));
            let up = question(sees, Direction::Up);
            let answer = shelf.ask(Asked::Last(7), None, &up).await.unwrap().unwrap();
            assert_eq!((answer.metrics[0].total.count, names(&answer)[0]), (sum, 1));
        }
    }
    place.end(store).await;
}
