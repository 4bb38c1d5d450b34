//! Stores with years in them.

use anyhow::Result;
use gitratra_core::{Count, Day, Endpoint, Metric, Reading, RepoId, Repository, Window};
use gitratra_store::{Location, Outcome, Store, Visit};
use jiff::SignedDuration;

use super::measure::time;
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

/// What a pass on the day after `newest` reads of a repository.
fn visit(repo: u64, newest: Day) -> Result<Visit> {
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
    Ok(Visit {
        repo: RepoId(repo),
        asked_at: read_at,
        credential: "0123456789abcdef".into(),
        outcomes,
    })
}

async fn fill(store: &Store, repositories: u64, days: i64) -> Result<()> {
    let first: Day = FIRST.parse()?;
    for repo in 1..=repositories {
        let repository = repository(700_000_000 + repo)?;
        store
            .save_repositories(&[repository], first.start())
            .await?;
    }
    for day in 0..days {
        for repo in 1..=repositories {
            let visit = visit(700_000_000 + repo, first.plus(day))?;
            store.record(visit).await?;
        }
    }
    Ok(())
}

/// Five years of one repository among a hundred, shown.
pub(super) fn show() -> Result<()> {
    const RUNS: usize = 21;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.db");
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let store = Store::open(&Location::file(&path)).await?;
        fill(&store, 1, 5 * 365).await?;
        store.close().await;
        Ok::<_, anyhow::Error>(())
    })?;
    let variables = [("GITRATRA_DB", "bench.db")];
    let args = ["show", "octo/repository-700000001", "--range", "all"];
    let mut walls = Vec::new();
    for _ in 0..RUNS {
        walls.push(time(folder.path(), &variables, &args)?.wall);
    }
    walls.sort();
    say(&format!(
        "  {} ms median of {RUNS}, {} ms at most",
        walls[RUNS / 2].as_millis(),
        walls[RUNS - 1].as_millis()
    ));
    Ok(())
}

/// Days that arrive one a pass for many repositories, so that pages split in the middle.
pub(super) fn size() -> Result<()> {
    const REPOSITORIES: u64 = 200;
    const DAYS: i64 = 400;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.db");
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let store = Store::open(&Location::file(&path)).await?;
        fill(&store, REPOSITORIES, DAYS).await?;
        store.close().await;
        Ok::<_, anyhow::Error>(())
    })?;
    let bytes = std::fs::metadata(&path)?.len();
    // The first reading brings 14 days at once.
    let repository_days = REPOSITORIES * (DAYS.unsigned_abs() + 13);
    #[expect(clippy::cast_precision_loss, reason = "one digit is shown")]
    let each = bytes as f64 / repository_days as f64;
    say(&format!(
        "  {each:.1} bytes a repository-day ({REPOSITORIES} repositories, {DAYS} passes, {bytes} bytes in all)"
    ));
    Ok(())
}
