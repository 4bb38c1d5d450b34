//! Whole weeks, and the people of windows.

use gitratra_core::{Count, Day, Endpoint, Metric, Week, WeeklyReading};
use gitratra_store::{Outcome, Store};

use crate::place::{Place, on_both_engines};
use crate::samples::{REPO, at, count, day, traffic, unchanged, visit, window};

on_both_engines![
    only_whole_weeks_are_kept,
    the_larger_numbers_of_a_week_stay,
    a_week_that_its_days_contradict_is_not_kept_and_asked_again,
    a_late_answer_about_weeks_changes_no_account,
    the_people_of_windows_are_read_by_metric,
];

/// Weeks by their Mondays, each with its events; people are half of them.
fn weekly(
    metric: Metric,
    read_at: &str,
    newest: Option<&str>,
    weeks: &[(&str, u64)],
) -> (Endpoint, Outcome) {
    let rows = weeks
        .iter()
        .map(|(monday, n)| (Week::beginning(day(monday)).unwrap(), count(*n, n / 2)));
    let reading = WeeklyReading {
        metric,
        read_at: at(read_at),
        rows: rows.collect(),
    };
    let outcome = Outcome::Weekly {
        reading,
        newest: newest.map(day),
        etag: Some("\"w\"".into()),
    };
    (Endpoint::by_week(metric), outcome)
}

async fn record(store: &Store, at: &str, outcomes: Vec<(Endpoint, Outcome)>) {
    store.record(visit(at, outcomes)).await.unwrap();
}

async fn weeks(store: &Store, metric: Metric) -> Vec<(String, Count)> {
    let weeks = store.weeks(REPO, metric, None).await.unwrap();
    let shown = weeks.into_iter();
    shown
        .map(|(week, told)| (week.monday().to_string(), told))
        .collect()
}

async fn newest(store: &Store, endpoint: Endpoint) -> Option<Day> {
    let held = store.held().await.unwrap().remove(0).1;
    held.asked(endpoint).unwrap().newest
}

const MONDAYS: [&str; 3] = ["2026-11-09", "2026-11-16", "2026-11-23"];

async fn only_whole_weeks_are_kept(place: Place) {
    let store = place.open().await;
    let told = MONDAYS.map(|monday| (monday, 8));
    let time = "2026-11-26T09:00";
    let answer = weekly(Metric::Clones, time, Some("2026-11-25"), &told);
    record(&store, time, vec![answer]).await;
    let expected = [("2026-11-16".to_owned(), count(8, 4))];
    assert_eq!(weeks(&store, Metric::Clones).await, expected);
    assert_eq!(weeks(&store, Metric::Views).await, []);
    let sunday = newest(&store, Endpoint::ClonesByWeek).await;
    assert_eq!(sunday, Some(day("2026-11-22")));
    let etags = store.etags("mine").await.unwrap();
    assert_eq!(etags[&(REPO, Endpoint::ClonesByWeek)], "\"w\"");
    // Without a newest day nobody knows which weeks are whole.
    let answer = weekly(Metric::Views, time, None, &told);
    record(&store, time, vec![answer]).await;
    assert_eq!(weeks(&store, Metric::Views).await, []);
    assert_eq!(newest(&store, Endpoint::ViewsByWeek).await, None);
    assert_eq!(store.etags("mine").await.unwrap().len(), 1);
    let range = gitratra_core::DayRange::new(day("2026-11-17"), day("2026-12-01"));
    let later = store.weeks(REPO, Metric::Clones, range).await.unwrap();
    assert_eq!(later, []);
}

async fn the_larger_numbers_of_a_week_stay(place: Place) {
    let store = place.open().await;
    for (time, metric, n) in [
        ("2026-11-24T09:00", Metric::Views, 8),
        ("2026-11-24T10:00", Metric::Clones, 2),
        ("2026-11-25T09:00", Metric::Views, 12),
        ("2026-11-26T09:00", Metric::Views, 3),
    ] {
        let answer = weekly(metric, time, Some("2026-11-23"), &[("2026-11-16", n)]);
        record(&store, time, vec![answer]).await;
    }
    let week = "2026-11-16".to_owned();
    assert_eq!(
        weeks(&store, Metric::Views).await,
        [(week.clone(), count(12, 6))]
    );
    assert_eq!(weeks(&store, Metric::Clones).await, [(week, count(2, 1))]);
}

async fn a_week_that_its_days_contradict_is_not_kept_and_asked_again(place: Place) {
    let store = place.open().await;
    let time = "2026-11-25T09:00";
    // The visit brings the days after the week, which makes no difference.
    let days = || traffic(window(Metric::Views, time, "2026-11-24", 3), "\"v\"");
    let wrong = weekly(
        Metric::Views,
        time,
        Some("2026-11-24"),
        &[("2026-11-16", 20)],
    );
    record(&store, time, vec![wrong, days()]).await;
    assert_eq!(weeks(&store, Metric::Views).await, []);
    let etags = store.etags("mine").await.unwrap();
    assert_eq!(etags.keys().collect::<Vec<_>>(), [&(REPO, Endpoint::Views)]);
    assert_eq!(
        newest(&store, Endpoint::ViewsByWeek).await,
        Some(day("2026-11-22"))
    );
    let right = weekly(
        Metric::Views,
        time,
        Some("2026-11-24"),
        &[("2026-11-16", 21)],
    );
    record(&store, time, vec![right]).await;
    let expected = [("2026-11-16".to_owned(), count(21, 10))];
    assert_eq!(weeks(&store, Metric::Views).await, expected);
    // Days of the other metric say nothing.
    let clones = weekly(
        Metric::Clones,
        time,
        Some("2026-11-24"),
        &[("2026-11-16", 20)],
    );
    record(&store, time, vec![clones]).await;
    assert_eq!(weeks(&store, Metric::Clones).await.len(), 1);
}

async fn a_late_answer_about_weeks_changes_no_account(place: Place) {
    let store = place.open().await;
    let time = "2026-11-25T09:00";
    let answer = weekly(
        Metric::Views,
        time,
        Some("2026-11-24"),
        &[("2026-11-16", 21)],
    );
    record(&store, time, vec![answer]).await;
    let late = "2026-11-18T09:00";
    let answer = weekly(
        Metric::Views,
        late,
        Some("2026-11-17"),
        &[("2026-11-09", 9)],
    );
    record(&store, late, vec![answer]).await;
    assert_eq!(weeks(&store, Metric::Views).await.len(), 2);
    assert_eq!(
        newest(&store, Endpoint::ViewsByWeek).await,
        Some(day("2026-11-22"))
    );
    let again = vec![(Endpoint::ViewsByWeek, unchanged("\"w\""))];
    record(&store, "2026-11-26T09:00", again).await;
    assert_eq!(weeks(&store, Metric::Views).await.len(), 2);
    assert_eq!(
        newest(&store, Endpoint::ViewsByWeek).await,
        Some(day("2026-11-22"))
    );
}

async fn the_people_of_windows_are_read_by_metric(place: Place) {
    let store = place.open().await;
    for (time, last, n) in [
        ("2026-01-14T10:00", "2026-01-13", 3),
        ("2026-01-15T10:00", "2026-01-14", 4),
    ] {
        let clones = window(Metric::Clones, time, last, n);
        record(&store, time, vec![traffic(clones, "")]).await;
    }
    let told = store.windows(REPO, Metric::Clones, None).await.unwrap();
    let told: Vec<_> = told
        .iter()
        .map(|(window, people)| (window.last, people.get()))
        .collect();
    assert_eq!(told, [(day("2026-01-13"), 15), (day("2026-01-14"), 20)]);
    assert_eq!(store.windows(REPO, Metric::Views, None).await.unwrap(), []);
    let range = gitratra_core::DayRange::new(day("2026-01-14"), day("2026-01-20"));
    assert_eq!(
        store
            .windows(REPO, Metric::Clones, range)
            .await
            .unwrap()
            .len(),
        1
    );
}
