//! Stars by day: what was ever given, what still is, and which days were read.

use gitratra_core::{Day, Endpoint, StarDay, StarHistory, StarWeek};
use gitratra_store::{Outcome, Store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::place::{Kind, Place, on_both_engines_and_in_parts};
use crate::samples::{REPO, at, day, unchanged, visit, visit_to};

on_both_engines_and_in_parts![
    a_star_taken_away_was_given_all_the_same,
    days_without_stars_have_a_span_and_no_row,
    older_weeks_leave_the_account_as_it_is,
    a_history_that_reaches_back_leaves_no_day_before_unknown,
    not_modified_tells_the_days_since,
    histories_in_any_order_make_the_same_rows,
    pages_that_follow_each_other_are_one_extent,
];

/// Weeks by their Sundays, the stars of each on its Monday.
fn stars(read_at: &str, weeks: &[(&str, u64)], reaches_back: bool) -> (Endpoint, Outcome) {
    let weeks = weeks.iter().map(|(sunday, n)| StarWeek {
        first: day(sunday),
        days: [0, *n, 0, 0, 0, 0, 0],
    });
    let history = StarHistory {
        read_at: at(read_at),
        weeks: weeks.collect(),
    };
    let etag = Some(format!("\"{read_at}\""));
    let outcome = Outcome::Stars {
        history,
        reaches_back,
        etag,
    };
    (Endpoint::Stars, outcome)
}

async fn record(store: &Store, at: &str, outcome: (Endpoint, Outcome)) {
    store.record(visit(at, vec![outcome])).await.unwrap();
}

/// `day given/still` of each day, then the spans.
async fn shown(store: &Store) -> (Vec<String>, Vec<String>) {
    let stars = store.stars(REPO, None).await.unwrap();
    let days = stars
        .days
        .iter()
        .map(|(day, stars)| format!("{day} {}/{}", stars.given, stars.still));
    let spans = stars
        .spans
        .iter()
        .map(|(days, read_at)| format!("{days} {}", Day::of(*read_at)));
    (days.collect(), spans.collect())
}

async fn newest(store: &Store) -> Option<Day> {
    let held = store.held().await.unwrap().remove(0).1;
    held.asked(Endpoint::Stars).unwrap().newest
}

async fn a_star_taken_away_was_given_all_the_same(place: Place) {
    let store = place.open().await;
    for (time, n) in [
        ("2026-11-25T09:00", 3),
        ("2026-11-27T09:00", 1),
        // It comes in late.
        ("2026-11-26T09:00", 4),
    ] {
        record(&store, time, stars(time, &[("2026-11-22", n)], false)).await;
    }
    let (days, spans) = shown(&store).await;
    assert_eq!(days, ["2026-11-23 4/1"]);
    assert_eq!(spans, ["2026-11-22..2026-11-27 2026-11-27"]);
    let since = async |time| store.stars_read_since(REPO, at(time)).await.unwrap();
    assert_eq!(since("2026-11-27T09:00").await.len(), 1);
    assert!(since("2026-11-27T09:01").await.is_empty());
    assert_eq!(newest(&store).await, Some(day("2026-11-27")));
    let etags = store.etags("mine").await.unwrap();
    assert_eq!(etags[&(REPO, Endpoint::Stars)], "\"2026-11-27T09:00\"");
}

async fn days_without_stars_have_a_span_and_no_row(place: Place) {
    let store = place.open().await;
    let time = "2026-11-25T09:00";
    // Between the two a week is missing, of which nothing is known.
    let weeks = [("2026-11-08", 0), ("2026-11-22", 0)];
    record(&store, time, stars(time, &weeks, false)).await;
    let (days, spans) = shown(&store).await;
    assert_eq!(days, [""; 0]);
    let expected = [
        "2026-11-08..2026-11-14 2026-11-25",
        "2026-11-22..2026-11-25 2026-11-25",
    ];
    assert_eq!(spans, expected);
    // A newer answer found none, so one that comes in late brings no star back.
    let late = "2026-11-24T09:00";
    record(&store, late, stars(late, &[("2026-11-22", 2)], false)).await;
    assert_eq!(shown(&store).await.0, ["2026-11-23 2/0"]);
    let range = gitratra_core::DayRange::new(day("2026-11-14"), day("2026-11-22"));
    let cut = store.stars(REPO, range).await.unwrap();
    let cut: Vec<_> = cut.spans.iter().map(|(days, _)| days.to_string()).collect();
    assert_eq!(cut, ["2026-11-14..2026-11-14", "2026-11-22..2026-11-22"]);
}

async fn older_weeks_leave_the_account_as_it_is(place: Place) {
    let store = place.open().await;
    let time = "2026-11-25T09:00";
    let outcomes = vec![
        stars(time, &[("2026-11-22", 2)], false),
        stars("2026-11-25T09:01", &[("2026-11-15", 5)], false),
    ];
    store.record(visit(time, outcomes)).await.unwrap();
    assert_eq!(newest(&store).await, Some(day("2026-11-25")));
    let etags = store.etags("mine").await.unwrap();
    assert_eq!(etags[&(REPO, Endpoint::Stars)], "\"2026-11-25T09:00\"");
    assert_eq!(shown(&store).await.0, ["2026-11-16 5/5", "2026-11-23 2/2"]);
}

async fn a_history_that_reaches_back_leaves_no_day_before_unknown(place: Place) {
    let store = place.open().await;
    let first = "2026-11-25T09:00";
    let weeks = [("2026-11-08", 1), ("2026-11-15", 5), ("2026-11-22", 2)];
    record(&store, first, stars(first, &weeks, true)).await;
    assert_eq!(shown(&store).await.1, ["1970-01-01..2026-11-25 2026-11-25"]);
    // The only star of the oldest week was taken away, and the week with it.
    let second = "2026-11-26T09:00";
    record(&store, second, stars(second, &weeks[1..], true)).await;
    let (days, spans) = shown(&store).await;
    assert_eq!(days, ["2026-11-09 1/0", "2026-11-16 5/5", "2026-11-23 2/2"]);
    assert_eq!(spans, ["1970-01-01..2026-11-26 2026-11-26"]);
    // An answer without any week says nothing.
    let third = "2026-11-27T09:00";
    record(&store, third, stars(third, &[], true)).await;
    assert_eq!(shown(&store).await, (days, spans));
}

async fn not_modified_tells_the_days_since(place: Place) {
    let store = place.open().await;
    let time = "2026-11-25T09:00";
    record(&store, time, stars(time, &[("2026-11-22", 2)], false)).await;
    let again = || (Endpoint::Stars, unchanged("\"2026-11-25T09:00\""));
    record(&store, "2026-11-27T09:00", again()).await;
    assert_eq!(shown(&store).await.1, ["2026-11-22..2026-11-27 2026-11-27"]);
    assert_eq!(newest(&store).await, Some(day("2026-11-27")));
    // It speaks of no other week.
    record(&store, "2026-12-01T09:00", again()).await;
    assert_eq!(shown(&store).await.1, ["2026-11-22..2026-11-28 2026-12-01"]);
    assert_eq!(newest(&store).await, Some(day("2026-11-28")));
    let other = (Endpoint::Stars, unchanged("\"another\""));
    record(&store, "2026-12-02T09:00", other).await;
    assert_eq!(shown(&store).await.1, ["2026-11-22..2026-11-28 2026-12-01"]);
}

async fn histories_in_any_order_make_the_same_rows(place: Place) {
    let store = place.open().await;
    let base = day("2026-11-01");
    let week = (0_i64..5, prop::array::uniform7(0_u64..3));
    let history = (
        0_i64..30,
        0_i64..24,
        prop::collection::vec(week, 1..3),
        any::<bool>(),
    );
    let histories = prop::collection::vec(history, 1..6);
    let shuffled = histories.prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()));
    let cases = if place.kind == Kind::Sqlite { 60 } else { 12 };
    let mut runner = TestRunner::new(Config::with_cases(cases));
    let handle = tokio::runtime::Handle::current();
    let repos = std::sync::atomic::AtomicU64::new(1);
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&shuffled, |(all, order)| {
            let mut kept = Vec::new();
            for histories in [all, order] {
                let number = repos.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let repo = gitratra_core::RepoId(number);
                for (later, hour, mut weeks, reaches_back) in histories {
                    weeks.sort_by_key(|(number, _)| *number);
                    weeks.dedup_by_key(|(number, _)| *number);
                    let time = format!("{}T{hour:02}:00", base.plus(later));
                    let weeks = weeks.into_iter().map(|(number, days)| StarWeek {
                        first: base.plus(7 * number),
                        days,
                    });
                    let history = StarHistory {
                        read_at: at(&time),
                        weeks: weeks.collect(),
                    };
                    let outcome = Outcome::Stars {
                        history,
                        reaches_back,
                        etag: None,
                    };
                    let visit = visit_to(repo, &time, vec![(Endpoint::Stars, outcome)]);
                    handle.block_on(store.record(visit)).unwrap();
                }
                kept.push(handle.block_on(store.stars(repo, None)).unwrap());
            }
            // A day that only an older answer named is known to have had none, with a row or not.
            prop_assert_eq!(&kept[0], &kept[1]);
            prop_assert!(
                kept[0]
                    .days
                    .iter()
                    .all(|(_, stars)| *stars != StarDay::default())
            );
            Ok(())
        })
    });
    outcome.unwrap();
}

async fn pages_that_follow_each_other_are_one_extent(place: Place) {
    let store = place.open().await;
    assert_eq!(store.extents().await.unwrap().get(&REPO), None);
    let extent = async || {
        let extents = store.extents().await.unwrap();
        extents[&REPO].stars.unwrap().to_string()
    };
    let lone = stars("2026-03-01T09:00", &[("2025-06-01", 1)], false);
    record(&store, "2026-03-01T09:00", lone).await;
    let newest = stars(
        "2026-03-10T09:00",
        &[("2026-03-01", 1), ("2026-03-08", 2)],
        false,
    );
    record(&store, "2026-03-10T09:00", newest).await;
    assert_eq!(extent().await, "2026-03-01..2026-03-10");
    // Read on another day, so a span of its own.
    let before = stars(
        "2026-03-11T09:00",
        &[("2026-02-15", 0), ("2026-02-22", 1)],
        false,
    );
    record(&store, "2026-03-11T09:00", before).await;
    assert_eq!(extent().await, "2026-02-15..2026-03-10");
    let first = stars("2026-03-12T09:00", &[("2026-02-08", 1)], true);
    record(&store, "2026-03-12T09:00", first).await;
    let extents = store.extents().await.unwrap();
    assert_eq!(extents[&REPO].stars.unwrap().first(), Day::MIN);
    assert_eq!(
        (extents[&REPO].has_releases, extents[&REPO].releases_told),
        (false, None)
    );
}
