//! How many bytes a repository-day takes in a SQLite store, and how long a visit takes to store and
//! a question to answer.
//!
//! `cargo run -p gitratra-tests --example size [REPOSITORIES] [DAYS] [LISTS]` lets the days arrive
//! as they do in life: one pass a day, every repository in each pass, 14 days in every answer, so
//! that pages split in the middle. Counts are made up: most repositories are quiet, a few are busy.
//! With 0 for LISTS no referrers and paths come along, with 1 lists whose names change every third
//! day, with 2 those of calm repositories, which change every twelfth, and with 3 those of busy ones,
//! of which every total is another each day.

use std::io::Write;
use std::time::{Duration, Instant};

use gitratra_core::{
    Count, Day, DayRange, Endpoint, Metric, Ranked, RankedReading, Ranking, Reading, RepoId,
    Repository, Rolling, Timestamp, Window,
};
use gitratra_store::{Location, Outcome, Store, Visit};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let repos = numbers.next().transpose()?.unwrap_or(200);
    let days = numbers.next().transpose()?.unwrap_or(400);
    let pace = match numbers.next().transpose()?.unwrap_or(1) {
        0 => None,
        1 => Some(Pace::Usual),
        2 => Some(Pace::Calm),
        _ => Some(Pace::Busy),
    };
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("size.db");
    let store = Store::open(&Location::file(&path)).await?;
    let names: Vec<_> = (0..repos).map(repository).collect::<Result<_, _>>()?;
    store
        .save_repositories(&names, Timestamp::UNIX_EPOCH)
        .await?;
    let first = Day::from_ymd(2026, 1, 1).ok_or("no such day")?;
    let mut writing = Duration::ZERO;
    for later in 0..days {
        let newest = first.plus(i64::try_from(later)?);
        let started = Instant::now();
        let visits = (0..repos).map(|repo| store.record(visit(repo, newest, pace)));
        futures_util::future::try_join_all(visits).await?;
        writing += started.elapsed();
    }
    let asked = questions(store, first.plus(i64::try_from(days)?)).await?;
    report(&path, repos * days, writing, &asked)
}

/// How long the questions take that are asked of the whole store, each from opening it on.
async fn questions(store: Store, last: Day) -> Result<Vec<(&'static str, Duration)>, Failure> {
    let location = store.location().clone();
    store.close().await;
    let mut asked = Vec::new();
    for question in [
        "rules",
        "days",
        "held",
        "etags",
        "repositories",
        "latest_time",
        "fleet",
        "counters",
        "rankings_of",
    ] {
        let started = Instant::now();
        let store = Store::open(&location).await?;
        match question {
            "days" => drop(store.days(id(0), None).await?),
            "held" => drop(store.held().await?),
            "etags" => drop(store.etags("0123456789abcdef").await?),
            "repositories" => drop(store.repositories().await?),
            "latest_time" => drop(store.latest_time().await?),
            "counters" => drop(store.latest_counters().await?),
            "rankings_of" => drop(
                store
                    .rankings_of(id(0), Ranking::Paths, None)
                    .await?
                    .lists(),
            ),
            "fleet" => drop(store.fleet(DayRange::ending(last, 30)).await?),
            _ => drop(store.rules().await?),
        }
        asked.push((question, started.elapsed()));
        store.close().await;
    }
    Ok(asked)
}

fn report(
    path: &std::path::Path,
    repo_days: u64,
    writing: Duration,
    asked: &[(&str, Duration)],
) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let whole = std::fs::metadata(path)?.len();
    let tables = "select name, sum(pgsize), sum(payload), count(*) from dbstat group by name order by 2 desc";
    let file = rusqlite::Connection::open(path)?;
    let mut statement = file.prepare(tables)?;
    let mut rows = statement.query([])?;
    writeln!(out, "bytes per repository-day, {repo_days} of them")?;
    while let Some(row) = rows.next()? {
        let (name, bytes, payload): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (bytes, payload) = (
            per(bytes.cast_unsigned(), repo_days),
            per(payload.cast_unsigned(), repo_days),
        );
        writeln!(
            out,
            "{name:24} {bytes:8.1} of which {payload:6.1} are content"
        )?;
    }
    writeln!(out, "{:24} {:8.1}", "whole file", per(whole, repo_days))?;
    let visit_ms = writing.as_secs_f64() * 1000.0 / per(repo_days, 1);
    writeln!(out, "{visit_ms:.3} ms a visit")?;
    for (question, time) in asked {
        writeln!(out, "{question:24} {time:10.3?} with opening")?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a few megabytes are exact")]
fn per(whole: u64, parts: u64) -> f64 {
    whole as f64 / parts as f64
}

fn id(repo: u64) -> RepoId {
    RepoId(1_000_000_000 + mixed(repo) % 100_000_000)
}

fn repository(repo: u64) -> Result<Repository, Failure> {
    Ok(Repository {
        id: id(repo),
        node_id: Some(format!("R_kgDO{:010x}", mixed(repo))),
        name: format!("owner/repository-{repo}").parse()?,
        is_private: false,
        is_fork: false,
        is_archived: false,
        can_push: None,
    })
}

/// Numbers without a pattern, the same each time (`SplitMix64`).
fn mixed(seed: u64) -> u64 {
    let mut x = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The value of a day: of ten repositories five have some events a day, four dozens, one hundreds.
fn count(repo: u64, day: Day, metric: Metric) -> Count {
    let scale = match repo % 10 {
        0..5 => 8,
        5..9 => 90,
        _ => 2_000,
    };
    let seed = mixed(repo * 100_003 + day.epoch_days().cast_unsigned() * 7 + metric as u64);
    let count = seed % scale;
    Count::new(count, count.div_ceil(3)).unwrap_or_default()
}

/// How often lists change.
#[derive(Clone, Copy)]
enum Pace {
    Usual,
    Calm,
    Busy,
}

fn visit(repo: u64, newest: Day, pace: Option<Pace>) -> Visit {
    let asked_at = Timestamp::from_second(newest.end().as_second() + 9 * 3600).unwrap_or_default();
    let window = Window { last: newest };
    let traffic = Metric::ALL.into_iter().filter_map(|metric| {
        let rows: Vec<_> = window
            .range()
            .iter()
            .map(|day| (day, count(repo, day, metric)))
            .collect();
        let total = rows.iter().map(|(_, count)| count.count()).sum();
        let reading =
            Reading::new(metric, asked_at, rows, Count::new(total, total / 4).ok()?).ok()?;
        let etag = Some(format!("W/\"{:032x}\"", mixed(total)));
        Some((metric.into(), Outcome::Traffic { reading, etag }))
    });
    let lists = pace
        .into_iter()
        .flat_map(|pace| Ranking::ALL.map(|ranking| (pace, ranking)));
    let ranked = lists.map(|(pace, ranking)| {
        let reading = RankedReading {
            ranking,
            read_at: asked_at,
            lines: lines(repo, newest, pace, ranking),
        };
        let etag = Some(format!("W/\"{:032x}\"", mixed(repo)));
        (
            ranking.into(),
            Outcome::Ranked {
                reading,
                window: Some(window),
                etag,
            },
        )
    });
    let outcomes: Vec<(Endpoint, Outcome)> = traffic.chain(ranked).collect();
    Visit {
        repo: id(repo),
        asked_at,
        credential: "0123456789abcdef".into(),
        outcomes,
    }
}

/// Ten paths out of fourteen, up to five referrers.
fn lines(repo: u64, newest: Day, pace: Pace, ranking: Ranking) -> Vec<Ranked> {
    let day = newest.epoch_days().cast_unsigned();
    let (steady_days, moved) = match pace {
        Pace::Usual => (3, 0),
        Pace::Calm => (12, 0),
        Pace::Busy => (3, mixed(day) % 40),
    };
    let (names, at_most) = match ranking {
        Ranking::Referrers => (8, repo % 6),
        Ranking::Paths => (14, 10),
    };
    let lines = (0..at_most).map(|place| {
        let name = (mixed(day / steady_days + repo) + place) % names;
        let total = 400 / (place + 1) + moved;
        Ranked {
            name: match ranking {
                Ranking::Referrers => format!("referrer-{name}.example"),
                Ranking::Paths => format!("/owner/repository-{repo}/tree/main/path-{name}"),
            },
            title: (ranking == Ranking::Paths).then(|| format!("path {name}")),
            total: Rolling(Count::new(total, total / 2).unwrap_or_default()),
        }
    });
    lines.collect()
}
