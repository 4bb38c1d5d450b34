//! A large store for the benches of the dashboard: 10,000 repositories, five years of days, or as many
//! as `GITRATRA_BENCH_YEARS` says.
//!
//! Most days are written straight into the file, in the order of their keys, since letting them
//! arrive one by one would take hours; the newest two weeks arrive as a pass brings them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use gitratra_core::{
    Count, Day, Metric, Ranked, RankedReading, Ranking, Reading, RepoId, Repository, Rolling,
    Timestamp, Window,
};
use gitratra_store::{Location, Outcome, Store, Visit};
use jiff::SignedDuration;
use rusqlite::Connection;

use crate::say;
use crate::tidy::root;

/// Repositories.
pub(super) const REPOSITORIES: u64 = 10_000;
const NEWEST: &str = "2025-12-31";

/// The newest day of the store.
pub(super) fn newest() -> Result<Day> {
    Ok(NEWEST.parse()?)
}

fn years() -> Result<i16> {
    let told = std::env::var("GITRATRA_BENCH_YEARS").ok();
    let years = told.map_or(Ok(5), |told| told.parse());
    years.context("GITRATRA_BENCH_YEARS is no number")
}

/// The first day of the store.
fn first() -> Result<Day> {
    let (year, ..) = newest()?.ymd();
    Day::from_ymd(year + 1 - years()?, 1, 1).context("so many years there are not")
}

/// Where the store is: `target/bench/web.db`, made where there is none.
pub(super) async fn store() -> Result<PathBuf> {
    let folder = root()?.join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(match years()? {
        5 => "web.db".to_owned(),
        years => format!("web-{years}.db"),
    });
    if path.exists() {
        return Ok(path);
    }
    say("  making the store, which takes a few minutes once");
    let growing = folder.join("web-growing.db");
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", growing.display()));
    }
    let store = Store::open(&Location::file(&growing)).await?;
    let known: Vec<_> = (0..REPOSITORIES).map(repository).collect::<Result<_>>()?;
    let now = newest()?.plus(1).start();
    store.save_repositories(&known, now).await?;
    store.close().await;
    write_past(&growing)?;
    let store = Store::open(&Location::file(&growing)).await?;
    for some in (0..REPOSITORIES).collect::<Vec<_>>().chunks(200) {
        let visits = some.iter().map(|repo| visit(*repo));
        let visits = visits.collect::<Result<Vec<_>>>()?.into_iter();
        try_join_all(visits.map(|visit| store.record(visit))).await?;
    }
    store.close().await;
    std::fs::rename(&growing, &path)?;
    Ok(path)
}

/// Numbers without a pattern, the same each time (`SplitMix64`).
const fn mixed(seed: u64) -> u64 {
    let mut x = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn id(repo: u64) -> RepoId {
    RepoId(1_000_000 + 90_000 * repo + mixed(repo) % 90_000)
}

fn repository(repo: u64) -> Result<Repository> {
    let owner = mixed(repo ^ 77) % 40;
    Ok(Repository {
        id: id(repo),
        node_id: Some(format!("R_kgDO{:010x}", mixed(repo))),
        name: format!("owner-{owner}/repository-{repo}").parse()?,
        is_private: repo.is_multiple_of(5),
        is_fork: false,
        is_archived: repo % 20 == 3,
        can_push: Some(true),
    })
}

/// Of ten repositories five have some events a day, four dozens, one hundreds.
fn count(repo: u64, day: Day, metric: Metric) -> Count {
    let scale = match repo % 10 {
        0..5 => 8,
        5..9 => 90,
        _ => 2_000,
    };
    let seed = mixed(repo * 100_003 + day.epoch_days().unsigned_abs() * 7 + metric as u64);
    let count = seed % scale;
    Count::new(count, count.div_ceil(3)).unwrap_or_default()
}

/// The day from which on a repository is known; some came late.
fn since(repo: u64, days: i64) -> i64 {
    match repo % 100 {
        0..97 => 0,
        97 => days - 400,
        98 => days - 45,
        _ => days - 20,
    }
}

fn write_past(path: &Path) -> Result<()> {
    let mut file = Connection::open(path)?;
    file.pragma_update(None, "synchronous", "off")?;
    let first = first()?;
    let days = newest()?.days_since(first) + 1;
    let changes = file.transaction()?;
    let mut day_of = changes.prepare(
        "insert into traffic_day (repo_id, day, views, views_uniques, views_first_seen, \
         views_last_seen, views_source, views_window_uniques, clones, clones_uniques, \
         clones_first_seen, clones_last_seen, clones_source, clones_window_uniques) \
         values (?, ?, ?, ?, 32400, 1155600, 0, ?, ?, ?, 32400, 1155600, 0, ?)",
    )?;
    let mut run_of = changes.prepare(
        "insert into counter_run (repo_id, first_day, last_day, stars, forks, watchers, \
         open_both, size_kib) values (?, ?, ?, ?, 3, 4, 5, 600)",
    )?;
    let mut star_of =
        changes.prepare("insert into star_day (repo_id, day, given, still) values (?, ?, 4, 3)")?;
    let mut release_of = changes.prepare(
        "insert into release (repo_id, release_id, tag, published_at, is_prerelease, seen_at) \
         values (?, ?, ?, ?, false, ?)",
    )?;
    for repo in 0..REPOSITORIES {
        let number = id(repo).0.cast_signed();
        for later in since(repo, days)..days {
            // One day in two hundred is a gap.
            if mixed(repo ^ later.unsigned_abs() << 20).is_multiple_of(200) {
                continue;
            }
            let day = first.plus(later);
            let [views, clones] = Metric::ALL.map(|metric| {
                let count = count(repo, day, metric);
                let people = count.uniques().get().cast_signed();
                (count.count().cast_signed(), people)
            });
            day_of.execute([
                number,
                day.epoch_days(),
                views.0,
                views.1,
                views.1 * 9,
                clones.0,
                clones.1,
                clones.1 * 9,
            ])?;
        }
        for month in (0..days)
            .step_by(30)
            .filter(|later| *later >= since(repo, days))
        {
            let day = first.plus(month).epoch_days();
            run_of.execute([number, day, day + 29, month / 3])?;
            if repo.is_multiple_of(10) {
                star_of.execute([number, day])?;
                let at = day * 86_400;
                release_of.execute(rusqlite::params![
                    number,
                    month,
                    format!("v{month}"),
                    at,
                    at
                ])?;
            }
        }
    }
    drop((day_of, run_of, star_of, release_of));
    changes.commit()?;
    Ok(())
}

/// What the last pass read.
fn visit(repo: u64) -> Result<Visit> {
    let newest = newest()?;
    let read_at = newest.plus(1).start() + SignedDuration::from_hours(9);
    let window = Window { last: newest };
    let mut outcomes = Vec::new();
    for metric in Metric::ALL {
        let rows = window.range().iter();
        let rows: Vec<_> = rows.map(|day| (day, count(repo, day, metric))).collect();
        let total = rows.iter().map(|(_, count)| count.count()).sum();
        let reading = Reading::new(metric, read_at, rows, Count::new(total, total / 4)?)?;
        let etag = Some(format!("W/\"{:064x}\"", mixed(repo)));
        outcomes.push((metric.into(), Outcome::Traffic { reading, etag }));
    }
    for ranking in Ranking::ALL {
        outcomes.push((ranking.into(), lists(repo, ranking, read_at, window)?));
    }
    Ok(Visit {
        repo: id(repo),
        asked_at: read_at,
        credential: "0123456789abcdef".into(),
        outcomes,
    })
}

/// Referrers or paths of every tenth repository; the others have none.
fn lists(repo: u64, ranking: Ranking, read_at: Timestamp, window: Window) -> Result<Outcome> {
    let count = if repo.is_multiple_of(10) { 10 } else { 0 };
    let lines = (0..count).map(|place| {
        let total = 400 / (place + 1);
        Ok(Ranked {
            name: match ranking {
                Ranking::Referrers => format!("referrer-{place}.example"),
                Ranking::Paths => format!("/owner/repository-{repo}/tree/main/path-{place}"),
            },
            title: (ranking == Ranking::Paths).then(|| format!("path {place}")),
            total: Rolling(Count::new(total, total / 2)?),
        })
    });
    Ok(Outcome::Ranked {
        reading: RankedReading {
            ranking,
            read_at,
            lines: lines.collect::<Result<_>>()?,
        },
        window: Some(window),
        etag: None,
    })
}
