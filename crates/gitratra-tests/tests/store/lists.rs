//! Lists of many windows: what did not change is kept once, whatever the order in which they came.

use std::collections::BTreeMap;

use gitratra_core::{
    Day, Endpoint, Ranked, RankedReading, Ranking, RepoId, Rolling, Timestamp, Window,
};
use gitratra_store::{Outcome, RankedHistory, Store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::place::{Kind, Place, on_both_engines_and_in_parts};
use crate::samples::{REPO, count, day, ranked, visit, visit_to};

on_both_engines_and_in_parts![
    totals_that_stay_are_one_row,
    a_window_between_splits_and_joins_runs,
    an_older_window_served_again_changes_nothing,
    lists_are_read_by_range,
    lists_in_any_order_make_the_same_rows,
];

async fn record(store: &Store, last: &str, read_at: &str, lines: &[(&str, u64)]) {
    let list = ranked(Ranking::Referrers, read_at, Some(last), lines);
    store.record(visit(read_at, vec![list])).await.unwrap();
}

async fn history(store: &Store) -> RankedHistory {
    let all = store.rankings_of(REPO, Ranking::Referrers, None).await;
    all.unwrap()
}

/// `name first..last total` of each run.
fn runs(history: &RankedHistory) -> Vec<String> {
    let mut shown: Vec<_> = history
        .runs
        .iter()
        .map(|run| {
            let name = &history.names[run.name].name;
            let (first, last) = (run.first.last, run.last.last);
            format!("{name} {first}..{last} {}", run.total.0.count())
        })
        .collect();
    shown.sort();
    shown
}

async fn totals_that_stay_are_one_row(place: Place) {
    let store = place.open().await;
    let first = day("2026-01-10");
    for later in 0..5 {
        let last = first.plus(later);
        let lines = [("Google", 9), ("t.co", if later < 3 { 4 } else { 2 })];
        let read_at = format!("{}T10:00", last.plus(1));
        record(&store, &last.to_string(), &read_at, &lines).await;
    }
    let history = history(&store).await;
    let expected = [
        "Google 2026-01-10..2026-01-14 9",
        "t.co 2026-01-10..2026-01-12 4",
        "t.co 2026-01-13..2026-01-14 2",
    ];
    assert_eq!(runs(&history), expected);
    let lists = history.lists();
    assert_eq!(lists.len(), 5);
    let (window, lines) = &lists[3];
    assert_eq!(window.last, day("2026-01-13"));
    assert_eq!(
        lines[..],
        [
            ("Google", Rolling(count(9, 5))),
            ("t.co", Rolling(count(2, 1)))
        ]
    );
}

async fn a_window_between_splits_and_joins_runs(place: Place) {
    let store = place.open().await;
    for last in ["2026-01-10", "2026-01-14"] {
        record(&store, last, "2026-01-15T10:00", &[("Google", 9)]).await;
    }
    // Between two windows that were read nobody knows of another.
    let whole = ["Google 2026-01-10..2026-01-14 9"];
    assert_eq!(runs(&history(&store).await), whole);
    assert_eq!(history(&store).await.lists().len(), 2);
    record(&store, "2026-01-12", "2026-01-16T10:00", &[]).await;
    let split = [
        "Google 2026-01-10..2026-01-10 9",
        "Google 2026-01-14..2026-01-14 9",
    ];
    assert_eq!(runs(&history(&store).await), split);
    record(&store, "2026-01-12", "2026-01-16T11:00", &[("Google", 9)]).await;
    assert_eq!(runs(&history(&store).await), whole);
}

async fn an_older_window_served_again_changes_nothing(place: Place) {
    let store = place.open().await;
    let (old, new): ([_; 2], [_; 1]) = ([("Google", 9), ("t.co", 4)], [("Google", 8)]);
    record(&store, "2026-01-12", "2026-01-13T10:00", &old).await;
    record(&store, "2026-01-13", "2026-01-14T10:00", &new).await;
    let before = history(&store).await;
    record(&store, "2026-01-12", "2026-01-15T10:00", &old).await;
    assert_eq!(history(&store).await, before);
    let newest = store.newest_ranked(REPO, Ranking::Referrers).await.unwrap();
    let (window, lines) = newest.unwrap();
    assert_eq!((window.last, lines.len()), (day("2026-01-13"), 1));
    // A reading of the window that was made before the one that is held comes in late.
    record(&store, "2026-01-12", "2026-01-13T09:00", &new).await;
    assert_eq!(history(&store).await, before);
}

async fn lists_are_read_by_range(place: Place) {
    let store = place.open().await;
    for last in ["2026-01-10", "2026-01-11", "2026-01-12", "2026-01-13"] {
        record(&store, last, "2026-01-14T10:00", &[("Google", 9)]).await;
    }
    let range = gitratra_core::DayRange::new(day("2026-01-11"), day("2026-01-12"));
    let some = store
        .rankings_of(REPO, Ranking::Referrers, range)
        .await
        .unwrap();
    assert_eq!(runs(&some), ["Google 2026-01-11..2026-01-12 9"]);
    assert_eq!(some.lists().len(), 2);
    let paths = store.rankings_of(REPO, Ranking::Paths, None).await.unwrap();
    assert_eq!(paths, RankedHistory::default());
}

/// A reading: window, second, lines.
type Given = (i64, i64, Vec<(u8, u64)>);

fn given() -> impl Strategy<Value = Given> {
    let lines = prop::collection::btree_map(0_u8..4, 1_u64..4, 0..4);
    let lines = lines.prop_map(|lines| lines.into_iter().collect());
    (0_i64..10, 0_i64..4, lines)
}

/// What must be held: of each window the newest reading, of those of one second the larger totals.
fn model(all: &[Given]) -> BTreeMap<i64, BTreeMap<String, u64>> {
    let mut held: BTreeMap<i64, (i64, BTreeMap<String, u64>)> = BTreeMap::new();
    for (last, second, lines) in all {
        let kept = held.entry(*last).or_insert((*second, BTreeMap::new()));
        if *second < kept.0 {
            continue;
        }
        if *second > kept.0 {
            *kept = (*second, BTreeMap::new());
        }
        for (name, n) in lines {
            let total = kept.1.entry(name.to_string()).or_default();
            *total = (*total).max(*n);
        }
    }
    held.into_iter()
        .map(|(last, (_, lines))| (last, lines))
        .collect()
}

async fn lists_in_any_order_make_the_same_rows(place: Place) {
    let store = place.open().await;
    let readings = prop::collection::vec(given(), 1..16);
    let shuffled = readings.prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()));
    let cases = if place.kind == Kind::Sqlite { 80 } else { 12 };
    let mut runner = TestRunner::new(Config::with_cases(cases));
    let handle = tokio::runtime::Handle::current();
    let repos = std::sync::atomic::AtomicU64::new(1);
    let base = day("2026-01-10");
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&shuffled, |(all, order)| {
            let mut kept = Vec::new();
            for readings in [&all, &order] {
                let number = repos.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let repo = RepoId(number);
                for (last, second, lines) in readings {
                    let window = Window {
                        last: base.plus(*last),
                    };
                    let visit = one(repo, window, *second, lines);
                    handle.block_on(store.record(visit)).unwrap();
                }
                let history = store.rankings_of(repo, Ranking::Referrers, None);
                kept.push(handle.block_on(history).unwrap());
            }
            prop_assert_eq!(runs(&kept[0]), runs(&kept[1]));
            prop_assert_eq!(&kept[0].windows, &kept[1].windows);
            let held: BTreeMap<i64, BTreeMap<String, u64>> = kept[0]
                .lists()
                .into_iter()
                .map(|(window, lines)| {
                    let lines = lines.into_iter();
                    let lines = lines.map(|(name, total)| (name.to_owned(), total.0.count()));
                    (window.last.days_since(base), lines.collect())
                })
                .collect();
            prop_assert_eq!(held, model(&all));
            prop_assert!(
                kept[0]
                    .runs
                    .windows(2)
                    .all(|pair| pair[0].last <= pair[1].last)
            );
            Ok(())
        })
    });
    outcome.unwrap();
}

fn one(repo: RepoId, window: Window, second: i64, lines: &[(u8, u64)]) -> gitratra_store::Visit {
    let read_at = Day::end(window.last).as_second() + 30_000 + second;
    let read_at = Timestamp::from_second(read_at).unwrap();
    let lines = lines.iter().map(|(name, n)| Ranked {
        name: name.to_string(),
        title: None,
        total: Rolling(count(*n, 1)),
    });
    let reading = RankedReading {
        ranking: Ranking::Referrers,
        read_at,
        lines: lines.collect(),
    };
    let outcome = Outcome::Ranked {
        reading,
        window: Some(window),
        etag: None,
    };
    let mut visit = visit_to(
        repo,
        "2026-01-01T00:00",
        vec![(Endpoint::Referrers, outcome)],
    );
    visit.asked_at = read_at;
    visit
}
