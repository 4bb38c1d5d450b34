//! What became known since some time: everything that did, and little else.

use std::collections::BTreeSet;

use gitratra_core::suspect::Suspicion;
use gitratra_core::{Day, DayRange, Metric, Ranking, RepoId, Source};
use gitratra_store::Store;

use crate::place::{Place, on_both_engines};
use crate::samples::{
    REPO, at, day, ranked, reading, repository, traffic, unchanged, visit, visit_to,
};

on_both_engines![
    days_first_seen_raised_or_settled_since_are_changed,
    a_partial_day_that_is_seen_again_is_changed,
    days_of_a_source_are_changed_whenever_they_were_seen,
    days_that_may_have_been_doubted_are_told,
    lists_that_were_read_since_are_told,
];

async fn changed(store: &Store, since: &str, sources: &[Source]) -> Vec<String> {
    let days = store.changed_days(REPO, at(since), sources).await.unwrap();
    days.iter().map(Day::to_string).collect()
}

async fn views(store: &Store, read_at: &str, rows: &[(&str, u64)]) {
    let views = reading(Metric::Views, read_at, rows);
    let visit = visit(read_at, vec![traffic(views, "\"v\"")]);
    store.record(visit).await.unwrap();
}

async fn days_first_seen_raised_or_settled_since_are_changed(place: Place) {
    let store = place.open().await;
    views(
        &store,
        "2026-03-04T09:00",
        &[
            ("2026-03-01", 5),
            ("2026-03-02", 5),
            ("2026-03-03", 5),
            ("2026-03-04", 1),
        ],
    )
    .await;
    // One as before, one raised, one smaller than before, one settled, one new.
    views(
        &store,
        "2026-03-06T09:00",
        &[
            ("2026-03-01", 5),
            ("2026-03-02", 6),
            ("2026-03-03", 4),
            ("2026-03-04", 1),
            ("2026-03-05", 0),
        ],
    )
    .await;
    let expected = ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"];
    assert_eq!(changed(&store, "2026-03-06T09:00", &[]).await, expected);
    assert_eq!(changed(&store, "2026-03-04T09:01", &[]).await, expected);
    assert_eq!(changed(&store, "2026-03-04T09:00", &[]).await.len(), 5);
    assert!(changed(&store, "2026-03-06T09:01", &[]).await.is_empty());
    let clones = reading(Metric::Clones, "2026-03-07T09:00", &[("2026-03-01", 2)]);
    let other = visit("2026-03-07T09:00", vec![traffic(clones, "")]);
    store.record(other).await.unwrap();
    assert_eq!(
        changed(&store, "2026-03-07T09:00", &[]).await,
        ["2026-03-01"]
    );
}

async fn a_partial_day_that_is_seen_again_is_changed(place: Place) {
    let store = place.open().await;
    let rows = [("2026-03-03", 5), ("2026-03-04", 1)];
    views(&store, "2026-03-04T09:00", &rows).await;
    assert!(changed(&store, "2026-03-04T10:00", &[]).await.is_empty());
    views(&store, "2026-03-04T11:00", &rows).await;
    let expected = ["2026-03-04"];
    assert_eq!(changed(&store, "2026-03-04T10:00", &[]).await, expected);
    let again = (Metric::Views.into(), unchanged("\"v\""));
    let later = visit("2026-03-04T13:00", vec![again]);
    store.record(later).await.unwrap();
    assert_eq!(changed(&store, "2026-03-04T12:00", &[]).await, expected);
}

async fn days_of_a_source_are_changed_whenever_they_were_seen(place: Place) {
    let store = place.open().await;
    let rows = [("2026-03-01", 5), ("2026-03-02", 5), ("2026-03-03", 5)];
    views(&store, "2026-03-04T09:00", &rows).await;
    place
        .execute("update traffic_day set views_source = 3 where day = 20514")
        .await;
    place
        .execute(
            "insert into sighting (repo_id, metric, day, count, uniques, first_seen, last_seen, source) \
             values (1234567890, 0, 20515, 4, 1, 1600000000, 1600000000, 3)",
        )
        .await;
    let since = "2026-03-09T09:00";
    assert_eq!(day("2026-03-02").epoch_days(), 20514);
    let expected = ["2026-03-02", "2026-03-03"];
    assert_eq!(
        changed(&store, since, &[Source(2), Source(3)]).await,
        expected
    );
    assert!(changed(&store, since, &[Source(4)]).await.is_empty());
}

async fn days_that_may_have_been_doubted_are_told(place: Place) {
    let store = place.open().await;
    let readings: [(u64, &[(&str, u64)]); 2] = [
        (
            1,
            &[("2026-03-01", 0), ("2026-03-02", 0), ("2026-03-03", 0)],
        ),
        (
            2,
            &[("2026-03-01", 3), ("2026-03-02", 0), ("2026-03-03", 0)],
        ),
    ];
    for (id, rows) in readings {
        let known = [repository(id, &format!("octo/{id}"))];
        store
            .save_repositories(&known, at("2026-03-04T09:00"))
            .await
            .unwrap();
        let views = reading(Metric::Views, "2026-03-04T09:00", rows);
        let visit = visit_to(RepoId(id), "2026-03-04T09:00", vec![traffic(views, "")]);
        store.record(visit).await.unwrap();
    }
    // On the third day somebody came after all; the fifth is under suspicion.
    let views = reading(Metric::Views, "2026-03-05T09:00", &[("2026-03-03", 2)]);
    let visit = visit_to(RepoId(2), "2026-03-05T09:00", vec![traffic(views, "")]);
    store.record(visit).await.unwrap();
    let suspicion = Suspicion {
        metric: Metric::Clones,
        day: day("2026-03-05"),
        since: at("2026-03-06T09:00"),
    };
    store.save_suspicions(&[suspicion]).await.unwrap();
    let range = DayRange::new(day("2026-03-01"), day("2026-03-31")).unwrap();
    let doubted = store.suspected_days(range).await.unwrap();
    let doubted: BTreeSet<_> = doubted
        .iter()
        .map(|(metric, day)| (day.to_string(), *metric))
        .collect();
    let expected = [
        ("2026-03-02", Metric::Views),
        ("2026-03-03", Metric::Views),
        ("2026-03-05", Metric::Clones),
    ];
    let expected = expected.map(|(day, metric)| (day.to_owned(), metric));
    assert_eq!(doubted, BTreeSet::from(expected));
}

async fn lists_that_were_read_since_are_told(place: Place) {
    let store = place.open().await;
    for (read_at, last) in [
        ("2026-03-04T09:00", "2026-03-03"),
        ("2026-03-05T09:00", "2026-03-04"),
    ] {
        let lines = [("example.org", 4)];
        let list = ranked(Ranking::Referrers, read_at, Some(last), &lines);
        store.record(visit(read_at, vec![list])).await.unwrap();
    }
    let told = async |ranking, since| {
        let windows = store.windows_read_since(REPO, ranking, at(since)).await;
        let windows = windows.unwrap();
        windows.iter().map(Day::to_string).collect::<Vec<_>>()
    };
    let referrers = Ranking::Referrers;
    assert_eq!(told(referrers, "2026-03-04T09:00").await.len(), 2);
    assert_eq!(told(referrers, "2026-03-05T09:00").await, ["2026-03-04"]);
    assert!(told(referrers, "2026-03-05T09:01").await.is_empty());
    assert!(told(Ranking::Paths, "2026-03-01T00:00").await.is_empty());
}
