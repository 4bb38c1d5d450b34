//! Stores with years in them.

use anyhow::Result;
use futures_util::future::try_join_all;
use gitratra_core::{
    Count, Day, Endpoint, Metric, Ranked, RankedReading, Ranking, Reading, RepoId, Repository,
    Rolling, Timestamp, Window,
};
use gitratra_store::{Location, Outcome, Store, Visit};
use jiff::SignedDuration;

use super::Measured;
use super::measure::time;
use super::pass::each;
use crate::say;

const FIRST: &str = "2021-01-01";

/// A plausible count that differs from day to day, without chance.
fn count(repo: u64, day: Day, scale: u64) -> Result<Count> {
    let mixed = (repo ^ 0x9E37_79B9)
        .wrapping_mul(day.epoch_days().unsigned_abs() | 1)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        >> 40;
    let count = mixed % scale;
    Ok(Count::new(count, count.div_ceil(3))?)
}

fn repository(id: u64) -> Result<Repository> {
    Ok(Repository {
        id: RepoId(id),
        node_id: Some(format!("R_{id:010}")),
        name: format!("octo/repository-{id}").parse()?,
        is_private: false,
        is_fork: false,
        is_archived: false,
        can_push: Some(true),
    })
}

/// How often the totals of lists are others.
#[derive(Debug, Clone, Copy)]
enum Pace {
    /// Names and totals stay for three days.
    Usual,
    /// Every total is another one each day.
    Busy,
}

/// Ten names out of fourteen.
fn lists(
    repo: u64,
    ranking: Ranking,
    newest: Day,
    read_at: Timestamp,
    pace: Pace,
) -> Result<Outcome> {
    let day = newest.epoch_days().unsigned_abs();
    let moved = match pace {
        Pace::Usual => 0,
        Pace::Busy => day * 7 % 41,
    };
    let lines = (0..10).map(|place| {
        let name = (day / 3 + repo + place) % 14;
        let total = 400 / (place + 1) + moved;
        Ok(Ranked {
            name: match ranking {
                Ranking::Referrers => format!("referrer-{name}.example"),
                Ranking::Paths => format!("/octo/repository-{repo}/tree/main/path-{name}"),
            },
            title: (ranking == Ranking::Paths).then(|| format!("path {name}")),
            total: Rolling(Count::new(total, total / 2)?),
        })
    });
    Ok(Outcome::Ranked {
        reading: RankedReading {
            ranking,
            read_at,
            lines: lines.collect::<Result<_>>()?,
        },
        window: Some(Window { last: newest }),
        etag: Some(format!("W/\"{:064x}\"", newest.epoch_days())),
    })
}

/// What a pass on the day after `newest` reads of a repository.
fn visit(repo: u64, newest: Day, pace: Option<Pace>) -> Result<Visit> {
    let read_at = newest.plus(1).start() + SignedDuration::from_hours(9);
    let mut outcomes = Vec::new();
    for (metric, scale) in [(Metric::Views, 900), (Metric::Clones, 90)] {
        let rows = Window { last: newest }
            .range()
            .iter()
            .map(|day| Ok((day, count(repo, day, scale)?)))
            .collect::<Result<Vec<_>>>()?;
        let total = rows.iter().map(|(_, count)| count.count()).sum();
        let reading = Reading::new(metric, read_at, rows, Count::new(total, total / 4)?)?;
        outcomes.push((
            Endpoint::from(metric),
            Outcome::Traffic {
                reading,
                etag: Some(format!("W/\"{:064x}\"", newest.epoch_days())),
            },
        ));
    }
    for (pace, ranking) in pace
        .into_iter()
        .flat_map(|pace| Ranking::ALL.map(|of| (pace, of)))
    {
        let told = lists(repo, ranking, newest, read_at, pace)?;
        outcomes.push((Endpoint::from(ranking), told));
    }
    Ok(Visit {
        repo: RepoId(repo),
        asked_at: read_at,
        credential: "0123456789abcdef".into(),
        outcomes,
    })
}

async fn fill(store: &Store, repositories: u64, days: i64, pace: Option<Pace>) -> Result<()> {
    let first: Day = FIRST.parse()?;
    for repo in 1..=repositories {
        let repository = repository(700_000_000 + repo)?;
        store
            .save_repositories(&[repository], first.start())
            .await?;
    }
    for day in 0..days {
        let mut visits = Vec::new();
        for repo in 1..=repositories {
            visits.push(visit(700_000_000 + repo, first.plus(day), pace)?);
        }
        let recorded = visits.into_iter().map(|visit| store.record(visit));
        try_join_all(recorded).await?;
    }
    Ok(())
}

/// Five years of one repository, shown.
pub(super) fn show() -> Result<Measured> {
    const RUNS: usize = 21;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.db");
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let store = Store::open(&Location::file(&path)).await?;
        fill(&store, 1, 5 * 365, None).await?;
        store.close().await;
        Ok::<_, anyhow::Error>(())
    })?;
    let variables = [("GITRATRA_DB", "bench.db")];
    let args = ["show", "octo/repository-700000001", "--range", "all"];
    let (mut walls, mut cpus) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let took = time(folder.path(), &variables, &args)?;
        walls.push(took.wall.as_secs_f64() * 1000.0);
        cpus.push(took.cpu.as_secs_f64() * 1000.0);
    }
    walls.sort_by(f64::total_cmp);
    cpus.sort_by(f64::total_cmp);
    say(&format!(
        "  {:.0} ms median of {RUNS}, {:.0} ms at most",
        walls[RUNS / 2],
        walls[RUNS - 1]
    ));
    Ok(vec![
        ("show", walls[RUNS / 2]),
        ("show-cpu", cpus[RUNS / 2]),
    ])
}

/// Days that arrive one a pass for many repositories, so that pages split in the middle.
pub(super) fn size() -> Result<Measured> {
    Ok(vec![
        ("size-traffic", bytes_each(200, 400, None)?),
        ("size-lists", bytes_each(60, 400, Some(Pace::Usual))?),
        ("size-lists-new", bytes_each(60, 400, Some(Pace::Busy))?),
    ])
}

fn bytes_each(repositories: u64, days: i64, pace: Option<Pace>) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.db");
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let store = Store::open(&Location::file(&path)).await?;
        fill(&store, repositories, days, pace).await?;
        store.close().await;
        Ok::<_, anyhow::Error>(())
    })?;
    let bytes = std::fs::metadata(&path)?.len();
    // The first reading brings 14 days at once.
    let repository_days = repositories * (days.unsigned_abs() + 13);
    let bytes_each = each(bytes, repository_days);
    let lists = match pace {
        None => "no lists".to_owned(),
        Some(pace) => format!("lists: {pace:?}"),
    };
    say(&format!(
        "  {bytes_each:.1} bytes a repository-day ({lists}, {repositories} repositories, {days} \
         passes, {bytes} bytes in all)"
    ));
    Ok(bytes_each)
}
