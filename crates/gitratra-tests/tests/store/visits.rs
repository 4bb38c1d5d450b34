//! Storing what a visit brought: values, windows, and what "not modified" means.

use gitratra_core::{Day, DayRange, DayState, Endpoint, Held, Metric, Ranking, Source, Window};
use gitratra_store::{Outcome, RankedHistory, Recorded, Store};

use crate::place::{Place, on_both_engines_and_in_parts};
use crate::samples::{
    REPO, at, count, day, failed, ranked, reading, traffic, unchanged, visit, visit_to, window,
};

on_both_engines_and_in_parts![
    a_fresh_store_knows_nothing,
    a_visit_is_kept_whole,
    a_day_counts_as_new_once,
    every_value_for_a_day_is_remembered,
    the_largest_values_survive,
    a_fraction_of_a_second_is_not_kept,
    not_modified_settles_a_running_day,
    not_modified_speaks_only_of_the_last_answer,
    not_modified_before_any_answer_only_counts_as_asked,
    the_newest_day_never_moves_back,
    the_larger_window_uniques_stay,
    every_list_that_was_read_is_given_in_order,
    the_newer_reading_of_a_window_stays,
    lists_of_the_same_second_keep_the_larger_totals,
    a_list_names_the_same_page_once,
    an_empty_list_is_a_measurement,
    a_list_without_a_window_is_not_kept,
    an_older_window_does_not_bring_old_titles_back,
    texts_that_no_database_takes_are_kept_all_the_same,
    the_longest_names_are_kept,
    days_are_read_by_range,
];

async fn a_fresh_store_knows_nothing(place: Place) {
    let store = place.open().await;
    assert_eq!(store.rules().await.unwrap(), []);
    assert_eq!(store.bindings().await.unwrap(), []);
    assert_eq!(store.repositories().await.unwrap(), []);
    assert_eq!(store.held().await.unwrap(), []);
    assert_eq!(store.problems().await.unwrap(), []);
    assert_eq!(store.days(REPO, None).await.unwrap(), []);
    assert_eq!(store.records(REPO, day("2026-03-01")).await.unwrap(), []);
    assert_eq!(store.fleet(DayRange::ALL).await.unwrap(), []);
    assert_eq!(store.suspicions().await.unwrap(), []);
    assert_eq!(store.last_run().await.unwrap(), None);
    assert_eq!(store.latest_time().await.unwrap(), None);
    let label = store.source_label(Source::GITHUB).await.unwrap();
    assert_eq!(label.as_deref(), Some("GitHub"));
    assert_eq!(store.source_label(Source(9)).await.unwrap(), None);
    store.check_writable().await.unwrap();
    store.close().await;
}

/// `day state views clones` of each day, `-` for what is not known.
async fn days(store: &Store) -> Vec<String> {
    let days = store.days(REPO, None).await.unwrap();
    let shown = days.iter().map(|row| {
        let number = |metric| {
            let value = row.value(metric);
            value.map_or("-".to_owned(), |value| {
                format!("{}/{}", value.count.count(), value.count.uniques())
            })
        };
        let (views, clones) = (number(Metric::Views), number(Metric::Clones));
        format!("{} {} {views} {clones}", row.day, row.state())
    });
    shown.collect()
}

/// `count/uniques first..last` of every value given for a day of views.
async fn sightings(store: &Store, text: &str) -> Vec<String> {
    let records = store.records(REPO, day(text)).await.unwrap();
    let (metric, record) = &records[0];
    assert_eq!(*metric, Metric::Views);
    let shown = record.settled().iter().map(|value| {
        let (count, uniques) = (value.count.count(), value.count.uniques());
        format!(
            "{count}/{uniques} {}..{}",
            value.seen.first, value.seen.last
        )
    });
    shown.collect()
}

async fn record(store: &Store, at: &str, outcomes: Vec<(Endpoint, Outcome)>) -> Recorded {
    store.record(visit(at, outcomes)).await.unwrap()
}

/// What is held of the only repository.
async fn held(store: &Store) -> Held {
    store.held().await.unwrap().remove(0).1
}

async fn newest_views(store: &Store) -> Option<Day> {
    held(store).await.newest_of(Metric::Views)
}

async fn a_visit_is_kept_whole(place: Place) {
    let store = place.open().await;
    let outcomes = vec![
        traffic(
            reading(
                Metric::Views,
                "2026-03-04T09:00",
                &[("2026-03-01", 7), ("2026-03-03", 2)],
            ),
            "\"v\"",
        ),
        traffic(
            reading(Metric::Clones, "2026-03-04T09:00", &[("2026-03-02", 0)]),
            "\"c\"",
        ),
        ranked(
            Ranking::Referrers,
            "2026-03-04T09:00",
            Some("2026-03-03"),
            &[("Google", 9), ("github.com", 9), ("t.co", 12)],
        ),
    ];
    let recorded = record(&store, "2026-03-04T09:00", outcomes).await;
    assert_eq!((recorded.new_days, recorded.raised), (3, 0));
    let expected = [
        "2026-03-01 measured 7/4 -",
        "2026-03-02 measured 0/0 0/0",
        "2026-03-03 measured 2/1 -",
    ];
    assert_eq!(days(&store).await, expected);
    let newest = store.newest_ranked(REPO, Ranking::Referrers).await.unwrap();
    let (window, lines) = newest.unwrap();
    assert_eq!(window.last, day("2026-03-03"));
    let names: Vec<_> = lines.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, ["t.co", "Google", "github.com"]);
    assert_eq!(lines[0].total.0, count(12, 6));
    let paths = store.newest_ranked(REPO, Ranking::Paths).await.unwrap();
    assert_eq!(paths, None);

    // All of it is still there when the store is opened again.
    store.close().await;
    let store = place.open().await;
    assert_eq!(days(&store).await, expected);
    let again = store.newest_ranked(REPO, Ranking::Referrers).await.unwrap();
    assert_eq!(again, Some((window, lines)));
}

async fn a_day_counts_as_new_once(place: Place) {
    let store = place.open().await;
    let views = |read_at, n| {
        let rows = [("2025-06-01", 5), ("2025-06-02", n)];
        traffic(reading(Metric::Views, read_at, &rows), "")
    };
    let clones = |read_at| {
        let rows = [("2025-06-01", 5), ("2025-06-02", 1)];
        traffic(reading(Metric::Clones, read_at, &rows), "")
    };
    let steps = [
        // The first is measured, the second still running: both became known.
        ("2025-06-02T08:00", vec![views("2025-06-02T08:00", 3)], 2, 0),
        ("2025-06-02T20:00", vec![views("2025-06-02T20:00", 4)], 0, 1),
        // The other metric of a day that is known already is no new day.
        ("2025-06-02T21:00", vec![clones("2025-06-02T21:00")], 0, 0),
        // The running day is over: it became measured.
        ("2025-06-03T08:00", vec![views("2025-06-03T08:00", 6)], 1, 0),
        ("2025-06-03T09:00", vec![views("2025-06-03T09:00", 7)], 0, 1),
        ("2025-06-03T09:00", vec![views("2025-06-03T09:00", 7)], 0, 0),
    ];
    for (asked_at, outcomes, new_days, raised) in steps {
        let recorded = record(&store, asked_at, outcomes).await;
        let changed = (recorded.new_days, recorded.raised);
        assert_eq!(changed, (new_days, raised), "{asked_at}");
    }
    let expected = ["2025-06-01 measured 5/3 5/3", "2025-06-02 measured 7/4 1/1"];
    assert_eq!(days(&store).await, expected);
}

async fn every_value_for_a_day_is_remembered(place: Place) {
    let store = place.open().await;
    // The oldest row of a window shrank through the day; views of 2020-12-21 were answered so.
    for (read_at, n) in [
        ("2021-01-03T01:00", 78),
        ("2021-01-03T08:00", 57),
        ("2021-01-03T09:00", 57),
        ("2021-01-04T07:00", 3),
    ] {
        let reading = reading(Metric::Views, read_at, &[("2020-12-21", n)]);
        record(&store, read_at, vec![traffic(reading, "")]).await;
    }
    let expected = [
        "3/2 2021-01-04T07:00:00Z..2021-01-04T07:00:00Z",
        "57/29 2021-01-03T08:00:00Z..2021-01-03T09:00:00Z",
        "78/39 2021-01-03T01:00:00Z..2021-01-03T01:00:00Z",
    ];
    assert_eq!(sightings(&store, "2020-12-21").await, expected);
    assert_eq!(days(&store).await, ["2020-12-21 measured 78/39 -"]);
}

async fn the_largest_values_survive(place: Place) {
    let store = place.open().await;
    let huge = gitratra_core::Count::LIMIT - 1;
    let repo = gitratra_core::RepoId(i64::MAX.cast_unsigned());
    let rows = vec![(day("2026-03-01"), count(huge, huge))];
    let read_at = at("2026-03-02T09:00");
    let reading =
        gitratra_core::Reading::new(Metric::Clones, read_at, rows, count(huge, huge)).unwrap();
    let visit = visit_to(repo, "2026-03-02T09:00", vec![traffic(reading, "")]);
    store.record(visit).await.unwrap();
    let days = store.days(repo, None).await.unwrap();
    assert_eq!(days[0].clones.unwrap().count, count(huge, huge));
    assert_eq!(store.held().await.unwrap()[0].0, repo);
}

async fn a_fraction_of_a_second_is_not_kept(place: Place) {
    let store = place.open().await;
    let read_at = "2026-03-02T23:59:59.999Z".parse().unwrap();
    let rows = vec![(day("2026-03-02"), count(4, 4))];
    let reading = gitratra_core::Reading::new(Metric::Views, read_at, rows, count(4, 4)).unwrap();
    let outcomes = vec![traffic(reading, "\"a\"")];
    let mut visit = visit("2026-03-02T23:59", outcomes);
    visit.asked_at = read_at;
    store.record(visit).await.unwrap();
    assert_eq!(days(&store).await, ["2026-03-02 partial 4/4 -"]);
    let latest = store.latest_time().await.unwrap().unwrap();
    assert_eq!(latest.to_string(), "2026-03-02T23:59:59Z");
    // What was seen then is found again as what was seen at the last answer.
    record(
        &store,
        "2026-03-03T09:00",
        vec![(Endpoint::Views, unchanged("\"a\""))],
    )
    .await;
    assert_eq!(days(&store).await, ["2026-03-02 measured 4/4 -"]);
}

async fn not_modified_settles_a_running_day(place: Place) {
    let store = place.open().await;
    let rows = [("2025-06-01", 5), ("2025-06-02", 3)];
    let views = reading(Metric::Views, "2025-06-02T20:00", &rows);
    record(&store, "2025-06-02T20:00", vec![traffic(views, "\"a\"")]).await;
    assert_eq!(newest_views(&store).await, Some(day("2025-06-01")));
    assert_eq!(days(&store).await[1], "2025-06-02 partial 3/2 -");

    let again = || vec![(Endpoint::Views, unchanged("\"a\""))];
    let recorded = record(&store, "2025-06-02T23:00", again()).await;
    assert_eq!(recorded.new_days, 0);
    assert_eq!(days(&store).await[1], "2025-06-02 partial 3/2 -");

    let recorded = record(&store, "2025-06-03T01:00", again()).await;
    assert_eq!(recorded.new_days, 1);
    assert_eq!(days(&store).await[1], "2025-06-02 measured 3/2 -");
    assert_eq!(newest_views(&store).await, Some(day("2025-06-02")));
    let first = "2025-06-02T20:00:00Z..2025-06-03T01:00:00Z";
    assert_eq!(
        sightings(&store, "2025-06-01").await,
        [format!("5/3 {first}")]
    );
}

async fn not_modified_speaks_only_of_the_last_answer(place: Place) {
    let store = place.open().await;
    for (read_at, n) in [("2021-01-03T01:00", 78), ("2021-01-03T08:00", 57)] {
        let reading = reading(Metric::Views, read_at, &[("2020-12-21", n)]);
        record(&store, read_at, vec![traffic(reading, "\"a\"")]).await;
    }
    let again = || vec![(Endpoint::Views, unchanged("\"a\""))];
    let recorded = record(&store, "2021-01-03T10:00", again()).await;
    assert_eq!((recorded.new_days, recorded.raised), (0, 0));
    record(&store, "2021-01-03T11:00", again()).await;
    let expected = [
        "57/29 2021-01-03T08:00:00Z..2021-01-03T11:00:00Z",
        "78/39 2021-01-03T01:00:00Z..2021-01-03T01:00:00Z",
    ];
    assert_eq!(sightings(&store, "2020-12-21").await, expected);
}

async fn not_modified_before_any_answer_only_counts_as_asked(place: Place) {
    let store = place.open().await;
    let outcomes = Endpoint::TRAFFIC.map(|endpoint| (endpoint, unchanged("\"a\"")));
    record(&store, "2026-03-01T09:00", outcomes.to_vec()).await;
    let held = held(&store).await;
    assert_eq!(held.asked_at(), Some(at("2026-03-01T09:00")));
    assert_eq!((held.newest_of_any(), held.newest()), (None, None));
    assert_eq!(days(&store).await, [""; 0]);
}

async fn the_newest_day_never_moves_back(place: Place) {
    let store = place.open().await;
    // Stale windows were served again and again in January 2026.
    for (read_at, last) in [
        ("2026-01-14T23:00", "2026-01-13"),
        ("2026-01-15T23:00", "2026-01-11"),
    ] {
        let outcomes = vec![
            traffic(window(Metric::Views, read_at, last, 3), "\"a\""),
            ranked(Ranking::Paths, read_at, Some(last), &[("/o/n", 4)]),
            ranked(Ranking::Referrers, read_at, Some(last), &[]),
        ];
        record(&store, read_at, outcomes).await;
        let held = held(&store).await;
        let newest = Some(day("2026-01-13"));
        assert_eq!(held.newest_of(Metric::Views), newest, "{read_at}");
        assert_eq!(held.rankings(), newest, "{read_at}");
    }
    // A day that was in the stale answer is no newer for being seen again.
    let again = vec![(Endpoint::Views, unchanged("\"a\""))];
    record(&store, "2026-01-16T23:00", again).await;
    assert_eq!(newest_views(&store).await, Some(day("2026-01-13")));
    assert_eq!(days(&store).await.len(), 16);
}

async fn the_larger_window_uniques_stay(place: Place) {
    let store = place.open().await;
    for (read_at, n) in [
        ("2026-01-14T10:00", 3),
        ("2026-01-14T11:00", 9),
        ("2026-01-14T12:00", 4),
    ] {
        let reading = window(Metric::Clones, read_at, "2026-01-13", n);
        record(&store, read_at, vec![traffic(reading, "")]).await;
    }
    let sql = "select count(*) from traffic_day where clones_window_uniques = 45 and day = 20466";
    assert_eq!(place.number(sql).await, 1);
    let sql = "select count(*) from traffic_day where clones_window_uniques is not null";
    assert_eq!(place.number(sql).await, 1);
}

async fn every_list_that_was_read_is_given_in_order(place: Place) {
    let store = place.open().await;
    for (read_at, last, lines) in [
        (
            "2026-03-04T09:00",
            "2026-03-03",
            &[("t.co", 4), ("Google", 9)][..],
        ),
        ("2026-03-02T09:00", "2026-03-01", &[]),
        ("2026-03-03T09:00", "2026-03-02", &[("Bing", 1)]),
    ] {
        let list = ranked(Ranking::Referrers, read_at, Some(last), lines);
        record(&store, read_at, vec![list]).await;
    }
    let told = |history: RankedHistory| -> Vec<String> {
        let lists = history.lists();
        let told = lists.iter().map(|(window, lines)| {
            let lines: Vec<String> = lines
                .iter()
                .map(|(name, total)| format!("{name} {}", total.0.count()))
                .collect();
            format!("{}: {}", window.last, lines.join(", "))
        });
        told.collect()
    };
    let all = store.rankings_of(REPO, Ranking::Referrers, None);
    assert_eq!(
        told(all.await.unwrap()),
        [
            "2026-03-01: ",
            "2026-03-02: Bing 1",
            "2026-03-03: Google 9, t.co 4"
        ]
    );
    let one = Some(DayRange::ending(day("2026-03-02"), 1));
    let one = store.rankings_of(REPO, Ranking::Referrers, one);
    assert_eq!(told(one.await.unwrap()), ["2026-03-02: Bing 1"]);
    let paths = store.rankings_of(REPO, Ranking::Paths, None).await.unwrap();
    assert!(paths.lists().is_empty());
}

/// Records lists of one window in this order and gives the names and counts that are then held.
async fn held_list(
    store: &Store,
    last: &str,
    lists: &[(&str, &[(&str, u64)])],
) -> Vec<(String, u64)> {
    for (read_at, lines) in lists {
        let list = ranked(Ranking::Paths, read_at, Some(last), lines);
        record(store, read_at, vec![list]).await;
    }
    let newest = store.newest_ranked(REPO, Ranking::Paths).await.unwrap();
    let (window, lines) = newest.unwrap();
    assert_eq!(window.last, day(last));
    let lines = lines.into_iter();
    lines
        .map(|line| (line.name, line.total.0.count()))
        .collect()
}

async fn the_newer_reading_of_a_window_stays(place: Place) {
    let store = place.open().await;
    let first: (_, &[_]) = ("2026-01-14T10:00", &[("/a", 5), ("/b", 4), ("/c", 3)]);
    let second: (_, &[_]) = ("2026-01-15T10:00", &[("/a", 7), ("/b", 1), ("/d", 1)]);
    let third: (_, &[_]) = ("2026-01-16T10:00", &[]);
    let expected = [("/a", 7), ("/b", 1), ("/d", 1)].map(|(name, n)| (name.to_owned(), n));
    let there = held_list(&store, "2026-01-11", &[first, second]).await;
    assert_eq!(there, expected);
    let back = held_list(&store, "2026-01-12", &[second, first, second]).await;
    assert_eq!(back, expected);
    let sql = "select count(*) from ranked_read where last_day = '2026-01-12'";
    assert_eq!(place.number(sql).await, 3);
    for order in [[first, second, third], [third, second, first]] {
        let none = held_list(&store, "2026-01-13", &order).await;
        assert_eq!(none, []);
    }
    let sql = "select count(*) from ranked_read where last_day = '2026-01-13'";
    assert_eq!(place.number(sql).await, 0);
}

async fn lists_of_the_same_second_keep_the_larger_totals(place: Place) {
    let store = place.open().await;
    let one: (_, &[_]) = ("2026-01-14T10:00", &[("/a", 5), ("/b", 4)]);
    let other: (_, &[_]) = ("2026-01-14T10:00", &[("/a", 7), ("/b", 1), ("/c", 1)]);
    let expected = [("/a", 7), ("/b", 4), ("/c", 1)].map(|(name, n)| (name.to_owned(), n));
    for (last, order) in [("2026-01-12", [one, other]), ("2026-01-13", [other, one])] {
        assert_eq!(held_list(&store, last, &order).await, expected);
    }
}

async fn a_list_names_the_same_page_once(place: Place) {
    let store = place.open().await;
    for last in ["2026-01-12", "2026-01-13"] {
        let read_at = "2026-01-14T10:00";
        let lines = [("/O/n", 5), ("/o/n", 4), ("/o/n", 3)];
        let list = ranked(Ranking::Paths, read_at, Some(last), &lines);
        record(&store, read_at, vec![list]).await;
    }
    assert_eq!(place.number("select count(*) from ranked_name").await, 2);
    assert_eq!(place.number("select count(*) from ranked_run").await, 2);
    assert_eq!(place.number("select count(*) from ranked_read").await, 4);
    let newest = store.newest_ranked(REPO, Ranking::Paths).await.unwrap();
    let (_, lines) = newest.unwrap();
    let totals: Vec<_> = lines.iter().map(|line| line.total.0.count()).collect();
    assert_eq!(totals, [5, 4]);
    assert_eq!(lines[0].title.as_deref(), Some("title of /O/n"));
}

async fn an_empty_list_is_a_measurement(place: Place) {
    let store = place.open().await;
    for ranking in Ranking::ALL {
        let list = ranked(ranking, "2026-01-14T10:00", Some("2026-01-13"), &[]);
        record(&store, "2026-01-14T10:00", vec![list]).await;
    }
    let newest = store.newest_ranked(REPO, Ranking::Paths).await.unwrap();
    let last = day("2026-01-13");
    assert_eq!(newest, Some((Window { last }, vec![])));
    assert_eq!(held(&store).await.rankings(), Some(last));
}

async fn a_list_without_a_window_is_not_kept(place: Place) {
    let store = place.open().await;
    let kept = ranked(
        Ranking::Referrers,
        "2026-01-14T10:00",
        Some("2026-01-13"),
        &[("Bing", 1)],
    );
    record(&store, "2026-01-14T10:00", vec![kept]).await;
    assert_eq!(store.etags("mine").await.unwrap().len(), 1);
    let dateless = ranked(
        Ranking::Referrers,
        "2026-01-14T11:00",
        None,
        &[("Google", 5)],
    );
    record(&store, "2026-01-14T11:00", vec![dateless]).await;
    let newest = store.newest_ranked(REPO, Ranking::Referrers).await.unwrap();
    assert_eq!(newest.unwrap().1[0].name, "Bing");
    // With the ETag of an answer that was not kept, "not modified" would lose it for good.
    assert!(store.etags("mine").await.unwrap().is_empty());
    let latest = store.latest_time().await.unwrap();
    assert_eq!(latest, Some(at("2026-01-14T11:00")));
}

async fn an_older_window_does_not_bring_old_titles_back(place: Place) {
    let store = place.open().await;
    for (last, title) in [
        ("2026-01-12", "first"),
        ("2026-01-13", "second"),
        ("2026-01-11", "late"),
    ] {
        let read_at = "2026-01-14T10:00";
        let mut list = ranked(Ranking::Paths, read_at, Some(last), &[("/o/n", 5)]);
        if let Outcome::Ranked { reading, .. } = &mut list.1 {
            reading.lines[0].title = Some(title.into());
        }
        record(&store, read_at, vec![list]).await;
    }
    let newest = store.newest_ranked(REPO, Ranking::Paths).await.unwrap();
    let (window, lines) = newest.unwrap();
    assert_eq!(window.last, day("2026-01-13"));
    assert_eq!(lines[0].title.as_deref(), Some("second"));
}

async fn texts_that_no_database_takes_are_kept_all_the_same(place: Place) {
    let store = place.open().await;
    for n in [9, 5] {
        let read_at = "2026-01-14T10:00";
        let lines = [("a\0b'\"$1?1%\u{10ffff}", n)];
        let list = ranked(Ranking::Paths, read_at, Some("2026-01-13"), &lines);
        record(&store, read_at, vec![list]).await;
    }
    let newest = store.newest_ranked(REPO, Ranking::Paths).await.unwrap();
    let (_, lines) = newest.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].name, "a\u{fffd}b'\"$1?1%\u{10ffff}");
    assert_eq!(lines[0].total.0.count(), 9);
    let outcome = failed(None, "cut \0 off");
    record(&store, "2026-01-14T11:00", vec![(Endpoint::Paths, outcome)]).await;
    let problems = store.problems().await.unwrap();
    assert_eq!(problems[0].message, "cut \u{fffd} off");
}

async fn the_longest_names_are_kept(place: Place) {
    let store = place.open().await;
    // As long as a decoded name may be, and nothing in it that would compress well.
    let mut seed = 1_u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'!' + (seed >> 24) as u8 % 94)
    };
    let name: String = (0..2000).map(|_| next()).collect();
    let lines = [(name.as_str(), 5)];
    let list = ranked(
        Ranking::Paths,
        "2026-01-14T10:00",
        Some("2026-01-13"),
        &lines,
    );
    record(&store, "2026-01-14T10:00", vec![list]).await;
    let newest = store.newest_ranked(REPO, Ranking::Paths).await.unwrap();
    assert_eq!(newest.unwrap().1[0].name, name);
}

async fn days_are_read_by_range(place: Place) {
    let store = place.open().await;
    let views = window(Metric::Views, "2026-01-14T10:00", "2026-01-13", 3);
    record(&store, "2026-01-14T10:00", vec![traffic(views, "")]).await;
    let range = DayRange::new(day("2026-01-12"), day("2026-02-01"));
    let days = store.days(REPO, range).await.unwrap();
    let days: Vec<_> = days.iter().map(|row| row.day.to_string()).collect();
    assert_eq!(days, ["2026-01-12", "2026-01-13"]);
    let all = store.days(REPO, Some(DayRange::ALL)).await.unwrap();
    assert_eq!(all.len(), 14);
    assert!(all.iter().all(|row| row.state() == DayState::Measured));
}
