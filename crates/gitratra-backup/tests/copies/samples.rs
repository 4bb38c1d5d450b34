//! A store with some days of some repositories.

use std::path::Path;

use gitratra_core::{Count, Metric, Reading, RepoId, Repository, Timestamp, Window};
use gitratra_store::{Location, Outcome, Store, Visit};

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) async fn open(path: &Path) -> Store {
    Store::open(&Location::file(path)).await.unwrap()
}

/// A store with so many repositories, each read on a hundred days.
pub(crate) async fn fill(path: &Path, repos: u64) -> Store {
    let store = open(path).await;
    for id in 1..=repos {
        add(&store, id).await;
    }
    store.seal(None, u64::MAX).await.unwrap();
    store
}

pub(crate) async fn add(store: &Store, id: u64) {
    let repository = Repository {
        id: RepoId(id),
        node_id: None,
        name: format!("octo/r{id}").parse().unwrap(),
        is_private: false,
        is_fork: false,
        is_archived: false,
        can_push: None,
    };
    let seen_at = at("2026-01-01T00:00:00Z");
    store
        .save_repositories(&[repository], seen_at)
        .await
        .unwrap();
    for later in (0..105).step_by(7) {
        let last = gitratra_core::Day::of(seen_at).plus(later);
        let read_at = Timestamp::from_second(last.end().as_second() + 36_000).unwrap();
        let count = |n: u64| Count::new(n, n.div_ceil(2)).unwrap();
        let outcomes = Metric::ALL.map(|metric| {
            let days = Window { last }.range();
            let rows = days.iter().map(|day| (day, count(3 + id))).collect();
            let reading = Reading::new(metric, read_at, rows, count(20)).unwrap();
            (
                metric.into(),
                Outcome::Traffic {
                    reading,
                    etag: None,
                },
            )
        });
        let visit = Visit {
            repo: RepoId(id),
            asked_at: read_at,
            credential: "mine".into(),
            outcomes: outcomes.to_vec(),
        };
        store.record(visit).await.unwrap();
    }
}

/// How many repositories a store has, all of them whole.
pub(crate) async fn count(path: &Path) -> u64 {
    let store = open(path).await;
    let mut findings = Vec::new();
    let verified = store
        .verify(|finding| findings.push(finding))
        .await
        .unwrap();
    assert_eq!(findings, []);
    assert_eq!(verified.days, verified.repos * 112, "{verified:?}");
    store.close().await;
    verified.repos
}
