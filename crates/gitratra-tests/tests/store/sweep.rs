//! The whole fleet at once: each repository's days together, in the order of the numbers.

use gitratra_core::suspect::Suspicion;
use gitratra_core::{DayRange, DayState, Metric, RepoId};
use gitratra_store::{Part, Store, SweptDay};

use crate::place::{Place, on_both_engines_and_in_parts};
use crate::samples::{at, day, failed, reading, repository, traffic, visit_to};

on_both_engines_and_in_parts![
    a_sweep_shows_the_days_of_a_range_and_their_states,
    a_part_has_both_of_its_ends_and_nothing_else,
    the_fleet_is_told_with_how_far_it_is_known,
];

/// Numbers that signed and unsigned order tell apart.
const IDS: [u64; 3] = [u64::MAX - 4, 8, 30];

/// Three repositories with two measured days and one that is running.
async fn filled(place: &Place) -> Store {
    let store = place.open().await;
    for id in IDS {
        let known = [repository(id, &format!("octo/alpha-{}", id % 100))];
        let now = at("2026-03-04T09:00");
        store.save_repositories(&known, now).await.unwrap();
        let rows = [("2026-03-01", 0), ("2026-03-02", 5), ("2026-03-03", 7)];
        let views = reading(Metric::Views, "2026-03-03T09:00", &rows);
        let visit = visit_to(RepoId(id), "2026-03-03T09:00", vec![traffic(views, "")]);
        store.record(visit).await.unwrap();
    }
    store
}

async fn swept(store: &Store, first: &str, last: &str, part: Part) -> Vec<SweptDay> {
    let range = DayRange::new(day(first), day(last)).unwrap();
    let push = |days: &mut Vec<SweptDay>, day| days.push(day);
    store.sweep(range, part, Vec::new, push).await.unwrap()
}

async fn a_sweep_shows_the_days_of_a_range_and_their_states(place: Place) {
    let store = filled(&place).await;
    let suspicion = Suspicion {
        metric: Metric::Views,
        day: day("2026-03-01"),
        since: at("2026-03-02T09:00"),
    };
    store.save_suspicions(&[suspicion]).await.unwrap();
    let mut days = swept(&store, "2026-03-01", "2026-03-09", Part::ALL).await;
    let ids: Vec<u64> = days.iter().map(|day| day.repo.0).collect();
    let together: Vec<_> = ids.chunk_by(|a, b| a == b).map(|ids| ids[0]).collect();
    assert_eq!(together, IDS);
    days.sort_by_key(|day| (day.repo.0.cast_signed(), day.day));
    let told: Vec<_> = days[..3]
        .iter()
        .map(|day| {
            let [views, clones] = day.metrics;
            assert_eq!(clones, None);
            let views = views.unwrap();
            (day.day.to_string(), views.count, views.state)
        })
        .collect();
    let expected = [
        ("2026-03-01", 0, DayState::Suspect),
        ("2026-03-02", 5, DayState::Measured),
        ("2026-03-03", 7, DayState::Partial),
    ];
    assert_eq!(
        told,
        expected.map(|(day, n, state)| (day.to_owned(), n, state))
    );
    let cut = swept(&store, "2026-03-02", "2026-03-02", Part::ALL).await;
    assert_eq!(cut.len(), IDS.len());
}

async fn a_part_has_both_of_its_ends_and_nothing_else(place: Place) {
    let store = filled(&place).await;
    for (first, last, expected) in [(0, 1, &IDS[..2]), (1, 2, &IDS[1..]), (1, 1, &IDS[1..2])] {
        let part = Part {
            first: RepoId(IDS[first]),
            last: RepoId(IDS[last]),
        };
        let days = swept(&store, "2026-03-02", "2026-03-02", part).await;
        let ids: Vec<u64> = days.iter().map(|day| day.repo.0).collect();
        assert_eq!(ids, expected);
    }
}

async fn the_fleet_is_told_with_how_far_it_is_known(place: Place) {
    let store = filled(&place).await;
    let fails = vec![(Metric::Clones.into(), failed(Some(403), "no"))];
    let visit = visit_to(RepoId(8), "2026-03-04T09:00", fails);
    store.record(visit).await.unwrap();
    let gone_at = at("2026-03-04T10:00");
    store.mark_gone(RepoId(30), 451, gone_at).await.unwrap();
    let repos = store.fleet_repos().await.unwrap();
    let told: Vec<_> = repos
        .iter()
        .map(|repo| (repo.id.0, repo.is_failing, repo.gone))
        .collect();
    let expected = [
        (IDS[0], false, None),
        (8, true, None),
        (30, false, Some(451)),
    ];
    assert_eq!(told, expected);
    for repo in &repos {
        let days = repo.days.map(|days| days.to_string());
        assert_eq!(days.as_deref(), Some("2026-03-01..2026-03-03"));
        // The running day is not published.
        assert_eq!(repo.newest, [Some(day("2026-03-02")), None]);
    }
}
