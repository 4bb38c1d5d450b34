//! Several collectors share a store, and no two of them hold the same.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gitratra_core::{Metric, RepoId};
use gitratra_store::{Lease, Store, StoreClock};

use crate::place::{Kind, Place, on_both_engines, with_place};
use crate::samples::{at, repository, traffic, visit_to, window};

on_both_engines![
    what_one_holds_no_other_gets,
    many_who_want_the_same_never_hold_it_at_once,
    many_who_come_at_once_share_what_there_is,
    a_lease_ends_by_the_clock_of_the_store,
    a_lease_that_is_renewed_goes_on,
    whoever_lost_a_lease_learns_it,
    a_lease_that_somebody_had_meanwhile_is_lost,
    only_ones_own_leases_are_given_back,
    what_is_held_is_read_of_what_is_leased,
    what_was_asked_lately_is_read_anew,
    leases_are_in_no_copy,
    a_store_of_version_6_is_brought_up_to_date,
];

/// Takes away all that version 7 brought, which leaves what version 6 had made.
pub(crate) const UNDO_7: &str = "
    drop table lease;
    drop table budget;
    drop table budget_hour;
    drop table collector;
    delete from gitratra_schema_history where version = 7;";

pub(crate) const SAMPLE_7: &str = include_str!("../samples/V7.sql");

const LONG: Duration = Duration::from_secs(120);

fn lease(repo: u64) -> Lease {
    Lease {
        key: format!("repo {repo}"),
        repo: Some(RepoId(repo)),
    }
}

fn keys(repos: &[u64]) -> Vec<String> {
    repos.iter().map(|repo| lease(*repo).key).collect()
}

async fn take(store: &Store, holder: &str, repos: &[u64], clock: StoreClock) -> Vec<bool> {
    let leases: Vec<_> = repos.iter().map(|repo| lease(*repo)).collect();
    let taken = store.take_leases(holder, &leases, LONG, clock);
    taken.await.unwrap()
}

async fn renew(store: &Store, holder: &str, repos: &[u64], clock: StoreClock) -> bool {
    let keys = keys(repos);
    let renewed = store.renew_leases(holder, &keys, LONG, clock);
    renewed.await.unwrap()
}

fn secs(secs: u64) -> StoreClock {
    StoreClock::At(Duration::from_secs(secs))
}

async fn what_one_holds_no_other_gets(place: Place) {
    let one = place.open().await;
    let other = place.open().await;
    let own = StoreClock::Own;
    assert_eq!(take(&one, "one", &[1, 2], own).await, [true, true]);
    assert_eq!(
        take(&other, "other", &[3, 2, 1, 4], own).await,
        [true, false, false, true]
    );
    // One's own is had again.
    assert_eq!(take(&one, "one", &[2, 3], own).await, [true, false]);
    let unnamed = Lease {
        key: "chores".into(),
        repo: None,
    };
    for (holder, expected) in [("one", true), ("other", false)] {
        let taken = one
            .take_leases(holder, std::slice::from_ref(&unnamed), LONG, own)
            .await;
        assert_eq!(taken.unwrap(), [expected]);
    }
}

async fn many_who_want_the_same_never_hold_it_at_once(place: Place) {
    const REPOS: u64 = 7;
    let stores = [place.open().await, place.open().await];
    let held: Arc<Vec<AtomicU32>> = Arc::new((0..REPOS).map(|_| AtomicU32::new(0)).collect());
    let takers = (0..12_u64).map(|number| {
        let (store, held) = (stores[number as usize % 2].clone(), Arc::clone(&held));
        tokio::spawn(async move {
            let holder = format!("holder {number}");
            let mut all = 0;
            // Each in an order of its own.
            let repos: Vec<u64> = (0..REPOS).map(|at| (at * 3 + number) % REPOS).collect();
            for _ in 0..10 {
                let taken = take(&store, &holder, &repos, StoreClock::Own).await;
                let had = repos.iter().zip(taken).filter(|(_, had)| *had);
                let had: Vec<u64> = had.map(|(repo, _)| *repo).collect();
                for repo in &had {
                    let others = held[*repo as usize].fetch_add(1, Ordering::SeqCst);
                    assert_eq!(others, 0, "{holder} has {repo} beside another");
                }
                tokio::task::yield_now().await;
                for repo in &had {
                    held[*repo as usize].fetch_sub(1, Ordering::SeqCst);
                }
                all += had.len();
                let given = store.release_leases(&holder, &keys(&had)).await;
                given.unwrap();
            }
            all
        })
    });
    let mut all = 0;
    for taker in takers.collect::<Vec<_>>() {
        all += taker.await.unwrap();
    }
    assert!(all >= REPOS as usize, "{all}");
}

async fn many_who_come_at_once_share_what_there_is(place: Place) {
    const REPOS: u64 = 300;
    let stores = [place.open().await, place.open().await, place.open().await];
    // At first nobody has ever held any of them, and then all of them are over.
    for clock in [secs(0), secs(1_000)] {
        let takers = (0..9_u64).map(|number| {
            let store = stores[number as usize % 3].clone();
            tokio::spawn(async move {
                // Each begins elsewhere, and every other one goes backwards.
                let mut repos: Vec<u64> = (0..REPOS).map(|at| (at + 33 * number) % REPOS).collect();
                if number % 2 == 0 {
                    repos.reverse();
                }
                let holder = format!("holder {number}");
                let mut had: HashSet<u64> = HashSet::new();
                // What somebody was about to take is had by nobody where that came to nothing.
                for _ in 0..3 {
                    let taken = take(&store, &holder, &repos, clock).await;
                    let ours = repos.iter().zip(taken).filter(|(_, had)| *had);
                    had.extend(ours.map(|(repo, _)| *repo));
                }
                had
            })
        });
        let mut all: Vec<u64> = Vec::new();
        for taker in takers.collect::<Vec<_>>() {
            all.extend(taker.await.unwrap());
        }
        all.sort_unstable();
        assert_eq!(all, (0..REPOS).collect::<Vec<_>>(), "each is had by one");
    }
}

/// A transaction that stands still, as that of a process does that was put to sleep in it, keeps
/// nobody waiting: a server ends a wait of five seconds with an error.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_stands_still_while_taking_holds_nobody_up() {
    with_place(Kind::Postgres, async |place: Place| {
        let store = place.open().await;
        assert_eq!(take(&store, "one", &[1, 2, 3], secs(0)).await, [true; 3]);
        let sleeper = place.postgres().await;
        let held = "begin;
            select * from lease where lease_key in ('repo 1', 'repo 2') for update;";
        sleeper.batch_execute(held).await.unwrap();
        // All of them are over, and swept a week later.
        for clock in [secs(200), secs(700_000)] {
            let taken = take(&store, "other", &[1, 4, 2, 3], clock).await;
            assert_eq!(taken, [false, true, false, true]);
        }
        // What is being taken is not to be relied on any more.
        assert!(!renew(&store, "one", &[1], secs(201)).await);
        let given = store.release_leases("one", &keys(&[1, 2])).await;
        given.unwrap();
        store.release_all_leases("one").await.unwrap();
        sleeper.batch_execute("commit").await.unwrap();
        assert_eq!(
            take(&store, "other", &[1, 2], secs(201)).await,
            [true, true]
        );
    })
    .await;
}

async fn a_lease_ends_by_the_clock_of_the_store(place: Place) {
    let store = place.open().await;
    let short = Duration::from_millis(300);
    let had = store
        .take_leases("one", &[lease(1), lease(2)], short, StoreClock::Own)
        .await;
    assert_eq!(had.unwrap(), [true, true]);
    let own = StoreClock::Own;
    assert_eq!(take(&store, "other", &[1], own).await, [false]);
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(take(&store, "other", &[1, 2], own).await, [true, true]);
    // What the store keeps lies so far ahead by its own clock and by no other.
    let ends_at = "select ends_at from lease where lease_key = 'repo 1'";
    let ends_at = place.number(ends_at).await;
    let question = match place.kind {
        Kind::Sqlite => "select cast(unixepoch('subsec') * 1000 as integer)",
        Kind::Postgres | Kind::Parts => {
            "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)"
        }
    };
    let ahead = ends_at - place.number(question).await;
    assert!((100_000..=120_000).contains(&ahead), "{ahead}");
}

async fn a_lease_that_is_renewed_goes_on(place: Place) {
    let store = place.open().await;
    assert_eq!(take(&store, "one", &[1, 2], secs(0)).await, [true, true]);
    assert!(renew(&store, "one", &[1], secs(100)).await);
    assert_eq!(
        take(&store, "other", &[1, 2], secs(119)).await,
        [false, false]
    );
    assert_eq!(
        take(&store, "other", &[1, 2], secs(120)).await,
        [false, true]
    );
    assert_eq!(take(&store, "other", &[1], secs(219)).await, [false]);
    assert_eq!(take(&store, "other", &[1], secs(220)).await, [true]);
}

async fn whoever_lost_a_lease_learns_it(place: Place) {
    let store = place.open().await;
    assert_eq!(take(&store, "one", &[1, 2], secs(0)).await, [true, true]);
    // Late, but nobody had it meanwhile.
    assert!(renew(&store, "one", &[1, 2], secs(200)).await);
    assert_eq!(take(&store, "other", &[1], secs(320)).await, [true]);
    assert!(!renew(&store, "one", &[1, 2], secs(321)).await);
    assert!(!renew(&store, "one", &[1], secs(321)).await);
    assert!(renew(&store, "other", &[1], secs(321)).await);
    // Nobody has it for having tried to renew it.
    assert!(!renew(&store, "third", &[3], secs(321)).await);
    assert_eq!(take(&store, "other", &[3], secs(321)).await, [true]);
}

async fn a_lease_that_somebody_had_meanwhile_is_lost(place: Place) {
    let store = place.open().await;
    assert_eq!(take(&store, "one", &[1], secs(0)).await, [true]);
    assert_eq!(take(&store, "other", &[1], secs(130)).await, [true]);
    let given = store.release_leases("other", &keys(&[1])).await;
    given.unwrap();
    assert!(!renew(&store, "one", &[1], secs(140)).await);
    // Also what is long over and was swept.
    assert_eq!(take(&store, "one", &[2], secs(0)).await, [true]);
    assert!(renew(&store, "one", &[2], secs(9_000)).await);
    assert_eq!(take(&store, "other", &[3], secs(300_000)).await, [true]);
    assert!(!renew(&store, "one", &[2], secs(300_000)).await);
}

async fn only_ones_own_leases_are_given_back(place: Place) {
    let store = place.open().await;
    assert_eq!(take(&store, "one", &[1, 2], secs(0)).await, [true, true]);
    let given = store.release_leases("other", &keys(&[1, 2])).await;
    given.unwrap();
    assert_eq!(take(&store, "other", &[1], secs(1)).await, [false]);
    let given = store.release_leases("one", &keys(&[1])).await;
    given.unwrap();
    assert_eq!(take(&store, "other", &[1, 2], secs(1)).await, [true, false]);
}

/// Three repositories, asked at ten, eleven and twelve.
async fn asked_at_three_hours(store: &Store) {
    for (repo, hour) in [(1, 10), (2, 11), (3, 12)] {
        let names = [repository(repo, &format!("octo/r{repo}"))];
        let known = store
            .save_repositories(&names, at("2026-01-14T09:00"))
            .await;
        known.unwrap();
        let read_at = format!("2026-01-14T{hour}:00");
        let views = traffic(window(Metric::Views, &read_at, "2026-01-13", repo), "");
        let visit = visit_to(RepoId(repo), &read_at, vec![views]);
        store.record(visit).await.unwrap();
    }
}

async fn what_is_held_is_read_of_what_is_leased(place: Place) {
    let store = place.open().await;
    asked_at_three_hours(&store).await;
    assert_eq!(take(&store, "one", &[1, 3, 9], secs(0)).await, [true; 3]);
    assert_eq!(take(&store, "other", &[2], secs(0)).await, [true]);
    let all: HashMap<_, _> = store.held().await.unwrap().into_iter().collect();
    let held = store.held_of_leases("one").await.unwrap();
    assert_eq!(held.len(), 2);
    for repo in [RepoId(1), RepoId(3)] {
        assert_eq!(held.get(&repo), all.get(&repo));
    }
    assert_eq!(store.held_of_leases("nobody").await.unwrap().len(), 0);
    let labels = store.repositories_of_leases("one").await.unwrap();
    let all = store.repositories().await.unwrap();
    let expected: Vec<_> = all
        .into_iter()
        .filter(|known| known.repository.id != RepoId(2))
        .collect();
    assert_eq!(labels, expected);
    store.release_all_leases("one").await.unwrap();
    assert_eq!(store.held_of_leases("one").await.unwrap().len(), 0);
    assert_eq!(store.held_of_leases("other").await.unwrap().len(), 1);
}

async fn what_was_asked_lately_is_read_anew(place: Place) {
    let store = place.open().await;
    asked_at_three_hours(&store).await;
    let all: HashMap<_, _> = store.held().await.unwrap().into_iter().collect();
    let held = store.held_since(at("2026-01-14T11:00")).await.unwrap();
    assert_eq!(held.len(), 2);
    for repo in [RepoId(2), RepoId(3)] {
        assert_eq!(held.get(&repo), all.get(&repo));
    }
    let none = store.held_since(at("2026-01-14T12:01")).await.unwrap();
    assert_eq!(none.len(), 0);
}

async fn leases_are_in_no_copy(place: Place) {
    let store = place.open().await;
    place.execute(SAMPLE_7).await;
    assert!(store.is_empty().await.unwrap());
    if place.kind == Kind::Sqlite {
        return;
    }
    let path = place.folder.path().join("copy.db");
    store.copy_to_file(&path).await.unwrap();
    let copy = rusqlite::Connection::open(&path).unwrap();
    for table in ["lease", "budget", "budget_hour", "collector"] {
        let question = format!("select count(*) from {table}");
        let rows: i64 = copy.query_row(&question, [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
    // Nor does what is put back take anything from those who collect.
    store.replace_by(&path).await.unwrap();
    assert_eq!(place.number("select count(*) from lease").await, 1);
}

async fn a_store_of_version_6_is_brought_up_to_date(place: Place) {
    place.open().await.close().await;
    place.execute(crate::presence::UNDO_9).await;
    place.execute(crate::marks::UNDO_8).await;
    place.execute(UNDO_7).await;
    if place.kind == Kind::Sqlite {
        place.execute("pragma user_version = 6").await;
    }
    let store = place.open().await;
    place.execute(SAMPLE_7).await;
    let own = StoreClock::Own;
    assert_eq!(take(&store, "other", &[1], own).await, [true]);
}
