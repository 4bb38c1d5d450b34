//! Releases, their files and the totals of downloads by day.

use gitratra_core::{Asset, Day, Endpoint, Release, ReleasesReading};
use gitratra_store::{KnownRelease, Outcome, Store};

use crate::place::{Place, on_both_engines_and_in_parts};
use crate::samples::{REPO, at, day, unchanged, visit};

on_both_engines_and_in_parts![
    totals_without_a_change_are_one_run,
    what_is_missing_is_gone_and_keeps_its_history,
    a_part_of_the_releases_says_nothing_of_the_others,
    a_file_uploaded_anew_is_another_file,
    a_late_answer_brings_totals_and_no_older_label,
    the_largest_total_of_a_day_stays,
    not_modified_tells_the_totals_of_the_day,
];

/// A release with files by number and total.
fn release(id: u64, tag: &str, assets: &[(u64, u64)]) -> Release {
    let assets = assets.iter().map(|(id, downloads)| Asset {
        id: *id,
        name: format!("file-{id}"),
        size: 10,
        downloads: *downloads,
        created_at: Some(at("2026-02-01T12:00")),
    });
    Release {
        id,
        tag: tag.into(),
        name: None,
        published_at: Some(at("2026-02-01T12:00")),
        is_prerelease: false,
        assets: assets.collect(),
    }
}

async fn read(store: &Store, read_at: &str, is_whole: bool, releases: Vec<Release>) {
    let reading = ReleasesReading {
        read_at: at(read_at),
        releases,
        is_whole,
    };
    let etag = Some(format!("\"{read_at}\""));
    let outcomes = vec![(Endpoint::Releases, Outcome::Releases { reading, etag })];
    store.record(visit(read_at, outcomes)).await.unwrap();
}

/// `tag: gone since`, then for each file `number: gone since` and its runs.
async fn shown(store: &Store) -> Vec<String> {
    let releases = store.releases(REPO).await.unwrap();
    releases.iter().flat_map(lines).collect()
}

fn lines(release: &KnownRelease) -> Vec<String> {
    let gone =
        |since: Option<_>| since.map_or("there".to_owned(), |since| Day::of(since).to_string());
    let mut lines = vec![format!("{}: {}", release.tag, gone(release.gone_since))];
    for asset in &release.assets {
        let runs: Vec<_> = asset
            .downloads
            .iter()
            .map(|(days, total)| format!("{days} {total}"))
            .collect();
        lines.push(format!(
            "{}: {}; {}",
            asset.id,
            gone(asset.gone_since),
            runs.join(", ")
        ));
    }
    lines
}

async fn totals_without_a_change_are_one_run(place: Place) {
    let store = place.open().await;
    for (time, n) in [
        ("2026-03-01T09:00", 5),
        ("2026-03-02T09:00", 5),
        ("2026-03-03T09:00", 8),
        ("2026-03-05T09:00", 8),
    ] {
        read(
            &store,
            time,
            true,
            vec![release(1, "v1", &[(70, n), (71, 0)])],
        )
        .await;
    }
    let expected = [
        "v1: there",
        "70: there; 2026-03-01..2026-03-02 5, 2026-03-03..2026-03-03 8, 2026-03-05..2026-03-05 8",
        "71: there; 2026-03-01..2026-03-03 0, 2026-03-05..2026-03-05 0",
    ];
    assert_eq!(shown(&store).await, expected);
    let releases = store.releases(REPO).await.unwrap();
    assert_eq!(releases[0].seen_at, at("2026-03-05T09:00"));
    let held = store.held().await.unwrap().remove(0).1;
    let asked = held.asked(Endpoint::Releases).unwrap();
    assert_eq!(asked.newest, Some(day("2026-03-05")));
}

async fn what_is_missing_is_gone_and_keeps_its_history(place: Place) {
    let store = place.open().await;
    let both = || vec![release(2, "v2", &[(80, 1)]), release(1, "v1", &[(70, 9)])];
    read(&store, "2026-03-01T09:00", true, both()).await;
    for time in ["2026-03-02T09:00", "2026-03-03T09:00"] {
        read(&store, time, true, vec![release(2, "v2", &[(80, 1)])]).await;
    }
    let expected = [
        "v2: there",
        "80: there; 2026-03-01..2026-03-03 1",
        "v1: 2026-03-02",
        "70: 2026-03-02; 2026-03-01..2026-03-01 9",
    ];
    assert_eq!(shown(&store).await, expected);
    read(&store, "2026-03-04T09:00", true, both()).await;
    let back = &shown(&store).await[2..];
    let expected = [
        "v1: there",
        "70: there; 2026-03-01..2026-03-01 9, 2026-03-04..2026-03-04 9",
    ];
    assert_eq!(back, expected);
}

async fn a_part_of_the_releases_says_nothing_of_the_others(place: Place) {
    let store = place.open().await;
    read(
        &store,
        "2026-03-01T09:00",
        true,
        vec![release(1, "v1", &[(70, 9)])],
    )
    .await;
    read(
        &store,
        "2026-03-02T09:00",
        false,
        vec![release(2, "v2", &[(80, 1)])],
    )
    .await;
    let expected = [
        "v2: there",
        "80: there; 2026-03-02..2026-03-02 1",
        "v1: there",
        "70: there; 2026-03-01..2026-03-01 9",
    ];
    assert_eq!(shown(&store).await, expected);
}

async fn a_file_uploaded_anew_is_another_file(place: Place) {
    let store = place.open().await;
    read(
        &store,
        "2026-03-01T09:00",
        true,
        vec![release(1, "v1", &[(70, 900)])],
    )
    .await;
    read(
        &store,
        "2026-03-02T09:00",
        true,
        vec![release(1, "v1.0", &[(71, 3)])],
    )
    .await;
    let expected = [
        "v1.0: there",
        "70: 2026-03-02; 2026-03-01..2026-03-01 900",
        "71: there; 2026-03-02..2026-03-02 3",
    ];
    assert_eq!(shown(&store).await, expected);
}

async fn a_late_answer_brings_totals_and_no_older_label(place: Place) {
    let store = place.open().await;
    read(
        &store,
        "2026-03-03T09:00",
        true,
        vec![release(1, "new", &[(70, 9)])],
    )
    .await;
    let older = vec![release(1, "old", &[(70, 8), (69, 4)])];
    read(&store, "2026-03-02T09:00", true, older).await;
    let expected = [
        "new: there",
        "69: 2026-03-03; 2026-03-02..2026-03-02 4",
        "70: there; 2026-03-02..2026-03-02 8, 2026-03-03..2026-03-03 9",
    ];
    assert_eq!(shown(&store).await, expected);
    // What an older answer lacks had not been made yet.
    read(&store, "2026-03-01T09:00", true, vec![]).await;
    assert_eq!(shown(&store).await, expected);
}

async fn the_largest_total_of_a_day_stays(place: Place) {
    let store = place.open().await;
    for (time, n) in [
        ("2026-03-01T09:00", 5),
        ("2026-03-02T21:00", 7),
        ("2026-03-02T09:00", 5),
        ("2026-03-01T21:00", 7),
    ] {
        read(&store, time, true, vec![release(1, "v1", &[(70, n)])]).await;
    }
    assert_eq!(
        shown(&store).await[1],
        "70: there; 2026-03-01..2026-03-02 7"
    );
}

async fn not_modified_tells_the_totals_of_the_day(place: Place) {
    let store = place.open().await;
    let three = [(70, 5), (71, 6)];
    read(
        &store,
        "2026-03-01T09:00",
        true,
        vec![release(1, "v1", &three), release(2, "v2", &[(80, 2)])],
    )
    .await;
    read(
        &store,
        "2026-03-01T10:00",
        true,
        vec![release(1, "v1", &three[..1])],
    )
    .await;
    let again = async |asked_at: &str, etag: &str| {
        let outcomes = vec![(Endpoint::Releases, unchanged(etag))];
        store.record(visit(asked_at, outcomes)).await.unwrap()
    };
    for time in ["2026-03-02T09:00", "2026-03-03T09:00", "2026-03-05T09:00"] {
        let recorded = again(time, "\"2026-03-01T10:00\"").await;
        let asked = recorded.held.asked(Endpoint::Releases).unwrap();
        assert_eq!(asked.newest, Some(Day::of(at(time))));
    }
    // That of another answer says nothing.
    again("2026-03-06T09:00", "\"2026-03-01T09:00\"").await;
    let expected = [
        "v2: 2026-03-01",
        "80: 2026-03-01; 2026-03-01..2026-03-01 2",
        "v1: there",
        "70: there; 2026-03-01..2026-03-03 5, 2026-03-05..2026-03-05 5",
        "71: 2026-03-01; 2026-03-01..2026-03-01 6",
    ];
    assert_eq!(shown(&store).await, expected);
}
