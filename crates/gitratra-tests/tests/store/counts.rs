//! Counters of a moment and what a repository is: the last answer of a day stands, in runs.

use std::collections::BTreeMap;

use gitratra_core::{
    Counters, CountersReading, Endpoint, Profile, RepoId, Tag, Timestamp, Visibility,
};
use gitratra_store::{Outcome, Store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::place::{Place, on_both_engines_and_in_parts};
use crate::samples::{REPO, at, day, failed, repository, visit};

on_both_engines_and_in_parts![
    days_without_a_change_are_one_row,
    a_day_that_was_not_read_is_in_no_row,
    the_last_answer_of_a_day_stands,
    answers_in_any_order_make_the_same_rows,
    a_batch_is_kept_whole_with_its_accounts,
    a_failed_question_is_a_problem_and_no_trouble_of_traffic,
    a_profile_is_kept_when_it_changes,
    a_late_profile_brings_nothing_old_back,
    tags_stay_and_follow_the_newest_answer,
];

fn stars(stars: u64) -> Counters {
    Counters {
        stars,
        watchers: Some(2),
        ..Counters::default()
    }
}

fn profile(description: &str) -> Profile {
    Profile {
        description: Some(description.into()),
        language: None,
        licence: Some("MIT".into()),
        topics: vec!["cli".into(), "rust".into()],
        is_archived: false,
        visibility: Visibility::Internal,
    }
}

fn reading(repo: RepoId, read_at: Timestamp, counters: Counters) -> CountersReading {
    CountersReading {
        repo,
        read_at,
        counters,
        profile: profile("a tool"),
        tags: None,
    }
}

async fn read(store: &Store, read_at: &str, n: u64) {
    let reading = reading(REPO, at(read_at), stars(n));
    store
        .record_counters(&[reading], Endpoint::Counters, "mine")
        .await
        .unwrap();
}

/// `days stars` of each run.
async fn runs(store: &Store) -> Vec<String> {
    let runs = store.counters(REPO, None).await.unwrap();
    let shown = runs
        .iter()
        .map(|run| format!("{} {}", run.days, run.counters.stars));
    shown.collect()
}

async fn days_without_a_change_are_one_row(place: Place) {
    let store = place.open().await;
    for (read_at, n) in [
        ("2026-03-01T09:00", 5),
        ("2026-03-02T09:00", 5),
        ("2026-03-03T09:00", 5),
        ("2026-03-04T09:00", 6),
        ("2026-03-05T09:00", 5),
    ] {
        read(&store, read_at, n).await;
    }
    let expected = [
        "2026-03-01..2026-03-03 5",
        "2026-03-04..2026-03-04 6",
        "2026-03-05..2026-03-05 5",
    ];
    assert_eq!(runs(&store).await, expected);
    let range = gitratra_core::DayRange::new(day("2026-03-02"), day("2026-03-04"));
    let cut = store.counters(REPO, range).await.unwrap();
    let cut: Vec<_> = cut.iter().map(|run| run.days.to_string()).collect();
    assert_eq!(cut, ["2026-03-02..2026-03-03", "2026-03-04..2026-03-04"]);
}

async fn a_day_that_was_not_read_is_in_no_row(place: Place) {
    let store = place.open().await;
    for read_at in ["2026-03-01T09:00", "2026-03-04T09:00"] {
        read(&store, read_at, 5).await;
    }
    let expected = ["2026-03-01..2026-03-01 5", "2026-03-04..2026-03-04 5"];
    assert_eq!(runs(&store).await, expected);
    for read_at in ["2026-03-03T09:00", "2026-03-02T09:00"] {
        read(&store, read_at, 5).await;
    }
    assert_eq!(runs(&store).await, ["2026-03-01..2026-03-04 5"]);
}

async fn the_last_answer_of_a_day_stands(place: Place) {
    let store = place.open().await;
    for (read_at, n, expected) in [
        ("2026-03-01T09:00", 5, "2026-03-01..2026-03-01 5"),
        ("2026-03-01T23:59", 4, "2026-03-01..2026-03-01 4"),
        ("2026-03-01T12:00", 9, "2026-03-01..2026-03-01 4"),
        ("2026-03-01T23:59", 3, "2026-03-01..2026-03-01 4"),
        ("2026-03-02T00:00", 4, "2026-03-01..2026-03-02 4"),
        ("2026-03-02T00:00", 4, "2026-03-01..2026-03-02 4"),
        // It comes in late, and the first of March has been read after noon.
        ("2026-03-01T12:00", 9, "2026-03-01..2026-03-02 4"),
    ] {
        read(&store, read_at, n).await;
        assert_eq!(runs(&store).await, [expected], "{read_at} {n}");
    }
    // The same again is newer all the same.
    read(&store, "2026-03-02T10:00", 4).await;
    read(&store, "2026-03-02T09:00", 8).await;
    assert_eq!(runs(&store).await, ["2026-03-01..2026-03-02 4"]);
    read(&store, "2026-03-02T11:00", 8).await;
    let expected = ["2026-03-01..2026-03-01 4", "2026-03-02..2026-03-02 8"];
    assert_eq!(runs(&store).await, expected);
}

async fn answers_in_any_order_make_the_same_rows(place: Place) {
    let store = place.open().await;
    let days = prop::collection::btree_map(20_400_i64..20_412, (0..86_400_i64, 0_u64..3), 1..12);
    let shuffled = days.prop_flat_map(|days| {
        let order = Just(days.clone().into_iter().collect::<Vec<_>>()).prop_shuffle();
        (Just(days), order)
    });
    let mut runner = TestRunner::new(Config::with_cases(
        if place.kind == crate::place::Kind::Sqlite {
            40
        } else {
            8
        },
    ));
    let handle = tokio::runtime::Handle::current();
    let repos = std::sync::atomic::AtomicU64::new(1);
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&shuffled, |(days, order): (BTreeMap<_, _>, Vec<_>)| {
            let next = || RepoId(repos.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            let mut kept = Vec::new();
            for order in [days.into_iter().collect(), order] {
                let repo = next();
                for (day, (secs, n)) in order {
                    let time = Timestamp::from_second(day * 86_400 + secs).unwrap();
                    let reading = reading(repo, time, stars(n));
                    let readings = std::slice::from_ref(&reading);
                    let recorded = store.record_counters(readings, Endpoint::Counters, "mine");
                    handle.block_on(recorded).unwrap();
                }
                kept.push(handle.block_on(store.counters(repo, None)).unwrap());
            }
            prop_assert_eq!(&kept[0], &kept[1]);
            let same_next_day = kept[0].windows(2).any(|pair| {
                pair[0].counters == pair[1].counters
                    && pair[0].days.last().plus(1) == pair[1].days.first()
            });
            prop_assert!(!same_next_day);
            Ok(())
        })
    });
    outcome.unwrap();
}

async fn a_batch_is_kept_whole_with_its_accounts(place: Place) {
    let store = place.open().await;
    let names: Vec<_> = (1..=100)
        .map(|id| repository(id, &format!("o/r{id}")))
        .collect();
    store
        .save_repositories(&names, at("2026-03-01T08:00"))
        .await
        .unwrap();
    let readings: Vec<_> = (1..=100)
        .rev()
        .map(|id| reading(RepoId(id), at("2026-03-01T09:00"), stars(id)))
        .collect();
    let recorded = store
        .record_counters(&readings, Endpoint::Counters, "mine")
        .await
        .unwrap();
    assert_eq!(recorded.len(), 100);
    let asked = recorded[0].1.held.asked(Endpoint::Counters).unwrap();
    assert_eq!(asked.newest, Some(day("2026-03-01")));
    let latest = store.latest_counters().await.unwrap();
    let expected: Vec<_> = (1..=100)
        .map(|id| (RepoId(id), day("2026-03-01"), stars(id)))
        .collect();
    assert_eq!(latest, expected);
    let held = store.held().await.unwrap();
    assert_eq!(held.len(), 100);
    assert_eq!(held[99].1.asked(Endpoint::Counters), Some(asked));
    assert_eq!(held[99].1.asked_at(), None);
}

async fn a_failed_question_is_a_problem_and_no_trouble_of_traffic(place: Place) {
    let store = place.open().await;
    read(&store, "2026-03-01T09:00", 5).await;
    let outcomes = vec![(Endpoint::Counters, failed(Some(502), "no answer"))];
    let recorded = store
        .record(visit("2026-03-02T09:00", outcomes))
        .await
        .unwrap();
    assert!(!recorded.held.has_failed());
    let problems = store.problems().await.unwrap();
    assert_eq!(problems[0].endpoint, Endpoint::Counters);
    assert_eq!(problems[0].since, at("2026-03-02T09:00"));
    assert_eq!(store.latest_stored().await.unwrap(), None);
    read(&store, "2026-03-03T09:00", 5).await;
    assert_eq!(store.problems().await.unwrap(), []);
}

async fn described(store: &Store, read_at: &str, description: &str, tags: &[(&str, &str)]) {
    let mut reading = reading(REPO, at(read_at), stars(1));
    reading.profile = profile(description);
    let tags = tags.iter().map(|(name, text)| Tag {
        day: day(text),
        name: (*name).into(),
    });
    reading.tags = Some(tags.collect());
    let outcomes = vec![(Endpoint::Counters, Outcome::Counters { reading })];
    store.record(visit(read_at, outcomes)).await.unwrap();
}

async fn a_profile_is_kept_when_it_changes(place: Place) {
    let store = place.open().await;
    assert_eq!(store.profile(REPO).await.unwrap(), None);
    for (read_at, description) in [
        ("2026-03-01T09:00", "a tool"),
        ("2026-03-02T09:00", "a tool"),
        ("2026-03-03T09:00", "a \0 better tool"),
        ("2026-03-04T09:00", "a \0 better tool"),
        ("2026-03-05T09:00", "a tool"),
    ] {
        described(&store, read_at, description, &[]).await;
    }
    let shown = store.profiles(REPO).await.unwrap();
    let times: Vec<_> = shown.iter().map(|(since, _)| *since).collect();
    let expected = ["2026-03-01T09:00", "2026-03-03T09:00", "2026-03-05T09:00"].map(at);
    assert_eq!(times, expected);
    let newest = (at("2026-03-05T09:00"), profile("a tool"));
    assert_eq!(store.profile(REPO).await.unwrap(), Some(newest));
}

async fn a_late_profile_brings_nothing_old_back(place: Place) {
    let store = place.open().await;
    described(&store, "2026-03-03T09:00", "new", &[]).await;
    described(&store, "2026-03-02T09:00", "old", &[]).await;
    let shown = store.profiles(REPO).await.unwrap();
    assert_eq!(shown, [(at("2026-03-03T09:00"), profile("new"))]);
}

async fn tags_stay_and_follow_the_newest_answer(place: Place) {
    let store = place.open().await;
    let first = [("v1", "2026-02-01"), ("v2", "2026-02-20")];
    described(&store, "2026-03-01T09:00", "a", &first).await;
    described(&store, "2026-03-03T09:00", "a", &[("v2", "2026-02-21")]).await;
    described(
        &store,
        "2026-03-02T09:00",
        "a",
        &[("v2", "2026-02-20"), ("v3", "2026-02-02")],
    )
    .await;
    let tags = store.tags(REPO).await.unwrap();
    let shown: Vec<_> = tags
        .iter()
        .map(|tag| format!("{} {}", tag.day, tag.name))
        .collect();
    assert_eq!(shown, ["2026-02-01 v1", "2026-02-02 v3", "2026-02-21 v2"]);
}
