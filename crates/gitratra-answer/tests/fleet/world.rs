//! Small fleets with whatever can happen to days: gaps, days seen running, zeros that nobody
//! believes, numbers that fit into nothing, repositories that fail or are gone.

use std::ops::Range;

use gitratra_core::suspect::Suspicion;
use gitratra_core::{
    Count, Counters, CountersReading, Day, Endpoint, Metric, Profile, Reading, RepoId, Repository,
    Timestamp, Visibility,
};
use gitratra_store::{Outcome, Store, Visit};
use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;

/// Days that a fleet has at most.
pub(crate) const DAYS: i64 = 80;

/// A fleet.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) repos: Vec<Repo>,
    /// Days under suspicion, by their distance from the first.
    pub(crate) suspects: Vec<(Metric, i64)>,
}

/// One repository.
#[derive(Debug, Clone)]
pub(crate) struct Repo {
    owner: &'static str,
    pub(crate) is_private: bool,
    is_archived: bool,
    gone: Option<u16>,
    is_failing: bool,
    answers: Vec<Answer>,
    stars: Vec<(i64, u64)>,
}

/// Some days that follow each other, as one answer gave them.
#[derive(Debug, Clone)]
struct Answer {
    metric: Metric,
    first: i64,
    counts: Vec<u64>,
    /// Whether it was made while the last of them was running.
    is_early: bool,
}

/// The first day that there can be.
pub(crate) fn first() -> Day {
    "2025-11-20".parse().unwrap()
}

/// Numbers whose order is another one with a sign than without.
pub(crate) fn id(place: usize) -> RepoId {
    RepoId([700, 3, u64::MAX - 1, 12, u64::MAX / 2 + 9, 41, 9][place % 7])
}

/// Fleets of so many repositories.
pub(crate) fn worlds(repos: Range<usize>) -> impl Strategy<Value = World> {
    let suspects = vec((metric(), 0..DAYS), 0..12);
    let worlds = (vec(repo(), repos), suspects);
    worlds.prop_map(|(repos, suspects)| World { repos, suspects })
}

fn metric() -> impl Strategy<Value = Metric> {
    prop_oneof![Just(Metric::Views), Just(Metric::Clones)]
}

fn repo() -> impl Strategy<Value = Repo> {
    let marks = (
        prop_oneof![Just("octo"), Just("Octo"), Just("octo-org"), Just("a")],
        any::<bool>(),
        any::<bool>(),
        prop_oneof![4 => Just(None), 1 => Just(Some(404)), 1 => Just(Some(451))],
        prop::bool::weighted(0.2),
    );
    let answers = vec(answer(), 0..12);
    let stars = vec((0..DAYS + 5, 0..30_u64), 0..6);
    (marks, answers, stars).prop_map(|(marks, answers, stars)| {
        let (owner, is_private, is_archived, gone, is_failing) = marks;
        Repo {
            owner,
            is_private,
            is_archived,
            gone,
            is_failing,
            answers,
            stars,
        }
    })
}

fn answer() -> impl Strategy<Value = Answer> {
    let count = prop_oneof![
        3 => Just(0_u64),
        6 => 0..40_u64,
        1 => 4_294_967_290..4_294_967_300_u64,
        1 => 0..Count::LIMIT,
    ];
    let early = prop::bool::weighted(0.25);
    (metric(), 0..DAYS - 14, vec(count, 1..15), early).prop_map(|(metric, first, counts, early)| {
        Answer {
            metric,
            first,
            counts,
            is_early: early,
        }
    })
}

/// Puts the repositories of a world into a store that `is_in` lets in, all of them with the numbers
/// that they have in the world.
pub(crate) async fn fill(store: &Store, world: &World, is_in: impl Fn(&Repo) -> bool) {
    for (place, repo) in world.repos.iter().enumerate() {
        if is_in(repo) {
            fill_repo(store, repo, place).await;
        }
    }
    let suspicions: Vec<Suspicion> = world
        .suspects
        .iter()
        .map(|(metric, later)| Suspicion {
            metric: *metric,
            day: first().plus(*later),
            since: first().plus(DAYS).start(),
        })
        .collect();
    store.save_suspicions(&suspicions).await.unwrap();
}

async fn fill_repo(store: &Store, repo: &Repo, place: usize) {
    let repository = Repository {
        id: id(place),
        node_id: None,
        name: format!("{}/Name-{place}", repo.owner).parse().unwrap(),
        is_private: repo.is_private,
        is_fork: false,
        is_archived: repo.is_archived,
        can_push: None,
    };
    let now = first().plus(DAYS + 2).start();
    store.save_repositories(&[repository], now).await.unwrap();
    for answer in &repo.answers {
        store.record(visit(answer, id(place))).await.unwrap();
    }
    if repo.is_failing {
        let failed = Outcome::Failed {
            status: Some(403),
            message: "no".into(),
            action: "let it".into(),
        };
        let outcomes = vec![(Endpoint::Views, failed)];
        let visit = self::at(id(place), now, outcomes);
        store.record(visit).await.unwrap();
    }
    for (later, stars) in &repo.stars {
        let reading = CountersReading {
            repo: id(place),
            read_at: first().plus(*later).start() + SignedDuration::from_hours(4),
            counters: Counters {
                stars: *stars,
                ..Counters::default()
            },
            profile: Profile {
                description: None,
                language: None,
                licence: None,
                topics: Vec::new(),
                is_archived: repo.is_archived,
                visibility: Visibility::Public,
            },
            tags: None,
        };
        let readings = [reading];
        let recorded = store.record_counters(&readings, Endpoint::Counters, "mine");
        recorded.await.unwrap();
    }
    if let Some(status) = repo.gone {
        store.mark_gone(id(place), status, now).await.unwrap();
    }
}

fn visit(answer: &Answer, repo: RepoId) -> Visit {
    let start = first().plus(answer.first);
    let rows: Vec<_> = (0..)
        .zip(&answer.counts)
        .map(|(later, count)| (start.plus(later), Count::new(*count, count / 2).unwrap()))
        .collect();
    let last = rows.last().unwrap().0;
    let at = match answer.is_early {
        true => last.start() + SignedDuration::from_hours(12),
        false => last.end() + SignedDuration::from_hours(9),
    };
    let reading = Reading::new(answer.metric, at, rows, Count::ZERO).unwrap();
    let outcome = Outcome::Traffic {
        reading,
        etag: None,
    };
    self::at(repo, at, vec![(answer.metric.into(), outcome)])
}

fn at(repo: RepoId, asked_at: Timestamp, outcomes: Vec<(Endpoint, Outcome)>) -> Visit {
    Visit {
        repo,
        asked_at,
        credential: "0123456789abcdef".into(),
        outcomes,
    }
}
