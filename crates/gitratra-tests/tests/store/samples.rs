//! Short ways to write down days, times, answers and visits.

use gitratra_core::{
    Count, Day, Endpoint, Metric, Ranked, RankedReading, Ranking, Reading, RepoId, Repository,
    Rolling, Timestamp, Window,
};
use gitratra_store::{Outcome, Visit};

pub(crate) const REPO: RepoId = RepoId(1_234_567_890);

pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A time; without its seconds and zone it is shorter to read.
pub(crate) fn at(text: &str) -> Timestamp {
    format!("{text}:00Z").parse().unwrap()
}

pub(crate) fn count(count: u64, uniques: u64) -> Count {
    Count::new(count, uniques).unwrap()
}

pub(crate) fn repository(id: u64, name: &str) -> Repository {
    Repository {
        id: RepoId(id),
        node_id: None,
        name: name.parse().unwrap(),
        is_private: false,
        is_fork: false,
        is_archived: false,
        can_push: None,
    }
}

/// An answer with these counts, each day's people being half of them, rounded up.
pub(crate) fn reading(metric: Metric, read_at: &str, rows: &[(&str, u64)]) -> Reading {
    let rows: Vec<_> = rows
        .iter()
        .map(|(text, n)| (day(text), count(*n, n.div_ceil(2))))
        .collect();
    let total = rows.iter().map(|(_, count)| count.count()).sum();
    Reading::new(metric, at(read_at), rows, count(total, total / 3)).unwrap()
}

/// A whole window that ends on `last`, the same count on each day.
pub(crate) fn window(metric: Metric, read_at: &str, last: &str, n: u64) -> Reading {
    let days = Window { last: day(last) }.range();
    let rows: Vec<_> = days.iter().map(|day| (day, count(n, n))).collect();
    Reading::new(metric, at(read_at), rows, count(14 * n, 5 * n)).unwrap()
}

pub(crate) fn traffic(reading: Reading, etag: &str) -> (Endpoint, Outcome) {
    let etag = Some(etag.to_owned()).filter(|etag| !etag.is_empty());
    (reading.metric().into(), Outcome::Traffic { reading, etag })
}

pub(crate) fn ranked(
    ranking: Ranking,
    read_at: &str,
    last: Option<&str>,
    lines: &[(&str, u64)],
) -> (Endpoint, Outcome) {
    let lines = lines.iter().map(|(name, n)| Ranked {
        name: (*name).into(),
        title: (ranking == Ranking::Paths).then(|| format!("title of {name}")),
        total: Rolling(count(*n, n.div_ceil(2))),
    });
    let reading = RankedReading {
        ranking,
        read_at: at(read_at),
        lines: lines.collect(),
    };
    let window = last.map(|last| Window { last: day(last) });
    let etag = Some(format!("\"{ranking}\""));
    (
        ranking.into(),
        Outcome::Ranked {
            reading,
            window,
            etag,
        },
    )
}

/// Not modified since the answer with this `ETag`.
pub(crate) fn unchanged(etag: &str) -> Outcome {
    Outcome::Unchanged { etag: etag.into() }
}

pub(crate) fn failed(status: Option<u16>, message: &str) -> Outcome {
    Outcome::Failed {
        status,
        message: message.into(),
        action: format!("what to do about {message}"),
    }
}

pub(crate) fn visit(asked_at: &str, outcomes: Vec<(Endpoint, Outcome)>) -> Visit {
    visit_to(REPO, asked_at, outcomes)
}

pub(crate) fn visit_to(repo: RepoId, asked_at: &str, outcomes: Vec<(Endpoint, Outcome)>) -> Visit {
    Visit {
        repo,
        asked_at: at(asked_at),
        credential: "mine".into(),
        outcomes,
    }
}
