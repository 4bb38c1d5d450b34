//! Answers of both of GitHub's regimes, in any order and twice, against the rule of the core
//! applied in memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use gitratra_core::merge::{self, DayRecord};
use gitratra_core::{Count, Day, DayState, Metric, Reading, RepoId, Source, Timestamp};
use gitratra_store::{Outcome, Store, Visit};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::place::{Place, on_both_engines};

on_both_engines![
    answers_in_any_order_make_the_history_of_the_core,
    two_stores_joined_visit_by_visit_are_equal,
];

type Model = BTreeMap<(Metric, Day), DayRecord>;

const BASE: i64 = 20_450;
const CASES: u32 = 24;

fn count(n: u64, share: u64) -> Count {
    let people = if n == 0 { 0 } else { 1 + share % n };
    Count::new(n, people).unwrap()
}

fn answer(metric: Metric, newest: i64, secs: i64, rows: Vec<Option<Count>>) -> Reading {
    let newest = Day::from_epoch_days(newest).unwrap();
    let rows = (0..).zip(rows);
    let rows = rows.filter_map(|(back, count)| Some((newest.plus(-back), count?)));
    let read_at = Timestamp::from_second(secs).unwrap();
    Reading::new(metric, read_at, rows.collect(), count(90, 30)).unwrap()
}

fn metric() -> impl Strategy<Value = Metric> {
    prop_oneof![Just(Metric::Views), Just(Metric::Clones)]
}

/// Exactly 14 rows with explicit zeros, ending one to four days ago.
fn new_regime() -> impl Strategy<Value = Reading> {
    let rows = prop::collection::vec((0_u64..6, any::<u64>()), 14);
    (metric(), 0_i64..20, 1_i64..5, 0_i64..86_400, rows).prop_map(
        |(metric, today, lag, secs, rows)| {
            let rows = rows.into_iter().map(|(n, share)| Some(count(n, share)));
            let secs = (BASE + today) * 86_400 + secs;
            answer(metric, BASE + today - lag, secs, rows.collect())
        },
    )
}

/// 14 or 15 rows up to the running day, zeros left out, the oldest cut down.
fn old_regime() -> impl Strategy<Value = Reading> {
    let rows = prop::collection::vec((0_u64..6, any::<u64>()), 14..=15);
    (metric(), 0_i64..20, 0_i64..86_400, rows).prop_map(|(metric, today, secs, mut rows)| {
        if let Some(oldest) = rows.last_mut() {
            oldest.0 /= 2;
        }
        let rows = rows
            .into_iter()
            .map(|(n, share)| (n > 0).then(|| count(n, share)));
        let secs = (BASE + today) * 86_400 + secs;
        answer(metric, BASE + today, secs, rows.collect())
    })
}

fn answers() -> impl Strategy<Value = Vec<Reading>> {
    prop::collection::vec(prop_oneof![new_regime(), old_regime()], 0..6)
}

fn model(answers: &[Reading]) -> Model {
    let mut model = Model::new();
    for answer in answers {
        for (day, count) in answer.facts() {
            let record = DayRecord::of(day, count, answer.read_at(), Source::GITHUB);
            let mut known = model.remove(&(answer.metric(), day));
            merge::join(&mut known, record);
            model.insert((answer.metric(), day), known.unwrap());
        }
    }
    model
}

async fn store_all(store: &Store, repo: RepoId, answers: &[Reading]) {
    for answer in answers {
        let outcome = Outcome::Traffic {
            reading: answer.clone(),
            etag: None,
        };
        let visit = Visit {
            repo,
            asked_at: answer.read_at(),
            credential: "mine".into(),
            outcomes: vec![(answer.metric().into(), outcome)],
        };
        store.record(visit).await.unwrap();
    }
}

/// Everything the store knows of a repository, and that its days say the same as its records.
async fn stored(store: &Store, repo: RepoId) -> Model {
    let mut stored = Model::new();
    for row in store.days(repo, None).await.unwrap() {
        for (metric, record) in store.records(repo, row.day).await.unwrap() {
            let value = row.value(metric).unwrap();
            assert_eq!(value.count, record.best());
            assert_eq!(value.state == DayState::Partial, record.is_partial());
            stored.insert((metric, row.day), record);
        }
    }
    stored
}

/// Tries many lists of answers, a new repository for each, and shrinks one that fails.
async fn try_many<S>(
    store: Store,
    lists: S,
    check: impl AsyncFn(&Store, RepoId, S::Value) -> Result<(), TestCaseError>,
) where
    S: Strategy,
{
    let next = AtomicU64::new(1);
    let runtime = tokio::runtime::Handle::current();
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&lists, |value| {
            let repo = RepoId(next.fetch_add(2, Ordering::Relaxed));
            runtime.block_on(check(&store, repo, value))
        })
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

async fn answers_in_any_order_make_the_history_of_the_core(place: Place) {
    let lists = answers().prop_flat_map(|list| {
        let twice = [list.clone(), list.clone()].concat();
        (Just(list), Just(twice).prop_shuffle())
    });
    let check = async |store: &Store, repo, (list, shuffled): (Vec<_>, Vec<_>)| {
        store_all(store, repo, &shuffled).await;
        prop_assert_eq!(stored(store, repo).await, model(&list));
        Ok(())
    };
    try_many(place.open().await, lists, check).await;
}

async fn two_stores_joined_visit_by_visit_are_equal(place: Place) {
    let lists = answers().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle()));
    let check = async |store: &Store, repo: RepoId, (list, shuffled): (Vec<_>, Vec<_>)| {
        let other = RepoId(repo.0 + 1);
        store_all(store, repo, &list).await;
        store_all(store, other, &shuffled).await;
        let days = store.days(repo, None).await.unwrap();
        prop_assert_eq!(days, store.days(other, None).await.unwrap());
        let windows = |repo: RepoId| {
            format!(
                "select coalesce(cast(sum(day * 1000 + views_window_uniques) as bigint), 0) \
                 from traffic_day where repo_id = {repo}"
            )
        };
        let one = place.number(&windows(repo)).await;
        prop_assert_eq!(one, place.number(&windows(other)).await);
        Ok(())
    };
    try_many(place.open().await, lists, check).await;
}
