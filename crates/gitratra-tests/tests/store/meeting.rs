//! Joins that meet others: runs that end meanwhile, look-ups that come later, and other joins.

use gitratra_core::history::{History, SourceName, Told};
use gitratra_core::import::{DayFact, Fact};
use gitratra_core::{Metric, RepoId, Seen, Source};
use gitratra_store::{Imported, Store, StoreError};

use crate::imports::run;
use crate::joined::{from_file, know, old_days};
use crate::place::{Place, on_both_engines};
use crate::samples::{at, count, day, repository};
use crate::seals::verify;

on_both_engines![
    a_join_that_brings_no_days_leaves_its_mark,
    a_rule_may_come_before_the_repository_that_it_means,
    of_several_bearers_the_one_that_was_confirmed_last_takes_over,
    joins_in_another_order_wait_for_nobody_who_waits,
    taking_over_waits_for_nobody_who_waits,
];

async fn a_join_that_brings_no_days_leaves_its_mark(place: Place) {
    let store = place.open().await;
    know(&store, "octo/alpha").await;
    let run = store.save_run(&run()).await.unwrap();
    let mut told = History::new(RepoId(5));
    let note = (day("2026-03-01"), "from elsewhere".parse().unwrap());
    told.notes.insert(note, at("2026-03-01T12:00"));
    store.absorb(vec![told.clone()]).await.unwrap();
    let marked = store.sources_after_run(run).await.unwrap();
    assert_eq!(marked, [Source::GITHUB]);
    // What brings nothing leaves none.
    let later = store.save_run(&crate::imports::run()).await.unwrap();
    store.absorb(vec![told]).await.unwrap();
    assert_eq!(store.sources_after_run(later).await.unwrap(), []);
}

async fn a_rule_may_come_before_the_repository_that_it_means(place: Place) {
    let store = place.open().await;
    let told = vec![from_file("octo/before", 9), from_file("octo/now", 4)];
    store.absorb(told).await.unwrap();
    store
        .add_rules(&["octo/before".parse().unwrap()])
        .await
        .unwrap();
    let before = "octo/before".parse().unwrap();
    store.bind(&before, RepoId(5)).await.unwrap();
    // Nobody has told yet what the repository is: what is held stays where it is found.
    let found = store.find(&before).await.unwrap().unwrap();
    assert_eq!(found.id, RepoId::unconfirmed(&before));
    assert_eq!(old_days(&store, found.id).await, [(day("2020-01-01"), 9)]);
    know(&store, "octo/now").await;
    assert_eq!(old_days(&store, RepoId(5)).await, [(day("2020-01-01"), 9)]);
    let found = store.find(&before).await.unwrap().unwrap();
    assert_eq!((found.id, found.is_former), (RepoId(5), true));
    assert_eq!(store.repositories().await.unwrap().len(), 1);
    assert_eq!(verify(&store).await.1, []);
}

async fn of_several_bearers_the_one_that_was_confirmed_last_takes_over(place: Place) {
    let store = place.open().await;
    for (id, seen_at) in [
        (5, "2026-03-01T06:00"),
        (7, "2026-03-03T06:00"),
        (6, "2026-03-02T06:00"),
    ] {
        let repositories = [repository(id, "octo/alpha")];
        let saved = store.save_repositories(&repositories, at(seen_at));
        saved.await.unwrap();
    }
    let told = ["octo/alpha", "octo/other", "octo/third"].map(|name| from_file(name, 9));
    store.absorb(told.to_vec()).await.unwrap();
    assert_eq!(old_days(&store, RepoId(7)).await, [(day("2020-01-01"), 9)]);
    assert_eq!(store.repositories().await.unwrap().len(), 5);
}

/// A history of which every round brings something new from the same source.
fn growing(repo: u64, round: u64) -> History {
    let mut history = History::new(RepoId(repo));
    history.tell(&[Told {
        day: day("2020-01-01").plus(i64::try_from(round).unwrap()),
        metric: Metric::Views,
        count: count(round + 1, 1),
        seen: Seen::once(at("2022-01-05T00:00")),
        source: SourceName {
            kind: "csv".into(),
            label: "old.csv".into(),
        },
        is_doubted: false,
    }]);
    history
}

const ROUNDS: u64 = 40;

async fn joins_in_another_order_wait_for_nobody_who_waits(place: Place) {
    place.open().await.close().await;
    let orders: [(&[u64], u64); 3] = [(&[5, 6, 7], 0), (&[7], 100), (&[7, 6], 200)];
    let joins = orders.map(|(repos, base)| {
        let location = place.location();
        tokio::spawn(async move {
            let store = Store::open(&location).await?;
            for round in base..base + ROUNDS {
                let histories = repos.iter().map(|repo| growing(*repo, round));
                store.absorb(histories.collect()).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    for join in joins {
        join.await.unwrap().unwrap();
    }
    let days = place.number("select count(*) from traffic_day").await;
    assert_eq!(days, i64::try_from(6 * ROUNDS).unwrap());
}

/// A join that moves days from one number to another, and an import that tells of both.
async fn taking_over_waits_for_nobody_who_waits(place: Place) {
    let store = place.open().await;
    know(&store, "octo/alpha").await;
    let unconfirmed = RepoId::unconfirmed(&"octo/alpha".parse().unwrap());
    let source = store.importing("csv", "views.csv").await.unwrap();
    let (one, other) = (store.clone(), store.clone());
    let joins = tokio::spawn(async move {
        for round in 0..ROUNDS {
            one.absorb(vec![from_file("octo/alpha", 9 + round)]).await?;
        }
        Ok::<_, StoreError>(())
    });
    let imports = tokio::spawn(async move {
        for round in 0..ROUNDS {
            let fact = Fact::Day(DayFact {
                metric: Metric::Views,
                day: day("2020-02-01"),
                count: count(round + 1, 1),
                read_at: None,
                is_doubted: false,
            });
            let batch = [unconfirmed, RepoId(5)].map(|repo| Imported {
                repo,
                facts: vec![fact.clone()],
            });
            other.import(batch.to_vec(), source).await?;
        }
        Ok::<_, StoreError>(())
    });
    joins.await.unwrap().unwrap();
    imports.await.unwrap().unwrap();
    let expected = [(day("2020-01-01"), 8 + ROUNDS), (day("2020-02-01"), ROUNDS)];
    assert_eq!(old_days(&store, RepoId(5)).await, expected);
}
