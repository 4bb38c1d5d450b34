//! bulletinmybeard/github-traffic-vault: days with the time of their last change, and every change.
//!
//! Schemas seen: 0.1 of 2026-06, and the later ones, which add columns to `repos` only. A row is
//! there only where GitHub told it, so a zero is a zero. The tool keeps the newest value, so the
//! older ones are in its events. Its own numbers of repositories are not GitHub's.

use std::collections::HashMap;

use gitratra_core::import::{DayFact, Fact, LeftOut, Listener, Subject, Tally};
use gitratra_core::{Day, Metric, Ranking};

use crate::cells::Cells;
use crate::error::Stop;
use crate::lists::{self, Lists};
use crate::open::Database;
use crate::schema::Schema;

/// More repositories than anybody has.
const MOST_REPOS: usize = 1_000_000;

type Repos = HashMap<i64, Subject>;

pub(crate) fn read(
    database: &Database,
    schema: &Schema,
    to: &mut dyn Listener,
) -> Result<(), Stop> {
    let has_totals = schema.has("repos", &["stargazers", "forks", "last_seen_at"]);
    let repos = repos(database, has_totals, to)?;
    let mut is_too_early = false;
    for metric in Metric::ALL {
        is_too_early |= days(database, &repos, metric, to)?;
    }
    if schema.has(
        "change_events",
        &[
            "repo_id",
            "kind",
            "date",
            "new_count",
            "new_uniques",
            "recorded_at",
        ],
    ) {
        is_too_early |= changes(database, &repos, to)?;
    }
    if is_too_early {
        to.leave_out(LeftOut(
            "times before the day that was told at them: the clock of that machine was wrong"
                .to_owned(),
        ));
    }
    let has_runs = schema.has("sync_runs", &["id", "started_at"])
        && schema.has("repo_syncs", &["sync_run_id", "repo_id", "started_at"]);
    for (ranking, table, name) in [
        (Ranking::Referrers, "referrer_snapshots", "referrer"),
        (Ranking::Paths, "path_snapshots", "path"),
    ] {
        let columns = ["sync_run_id", "repo_id", name, "count", "uniques"];
        if has_runs && schema.has(table, &columns) {
            lists(database, &repos, (ranking, table, name), to)?;
        }
    }
    to.leave_out(LeftOut(
        "watchers: this tool's watchers are stars again".to_owned(),
    ));
    Ok(())
}

/// Repositories by this tool's number, and their stars and forks as they were seen last.
fn repos(database: &Database, has_totals: bool, to: &mut dyn Listener) -> Result<Repos, Stop> {
    let totals = if has_totals {
        "stargazers,\n  forks,\n  last_seen_at"
    } else {
        "null as stargazers,\n  null as forks,\n  null as last_seen_at"
    };
    let sql = format!(
        "
select
  rowid as row_key,
  id,
  full_name,
  {totals}
from repos"
    );
    let mut repos = HashMap::new();
    database.each("repos", &sql, |cells| {
        let id = cells.whole("id")?;
        if repos.len() >= MOST_REPOS {
            return Err(cells.wrong("id", id.to_string(), "one of at most a million numbers"));
        }
        let about = Subject::named(cells.name("full_name")?);
        if let Some(seen_at) = cells.time_or_none("last_seen_at")? {
            let day = Day::of(seen_at);
            for (tally, column) in [(Tally::Stars, "stargazers"), (Tally::Forks, "forks")] {
                if let Some(total) = cells.total_or_none(column)? {
                    to.tell(&about, Fact::Total { tally, day, total })?;
                }
            }
        }
        repos.insert(id.cast_signed(), about);
        Ok(())
    })?;
    Ok(repos)
}

/// The repository of a row. The tool's tables refer to each other, so it is there.
fn about<'a>(repos: &'a Repos, cells: &Cells<'_>) -> Result<&'a Subject, Stop> {
    let id = cells.whole("repo_id")?;
    repos
        .get(&id.cast_signed())
        .ok_or_else(|| cells.wrong("repo_id", id.to_string(), "an id of table \"repos\""))
}

/// Whether any time was not believed.
fn days(
    database: &Database,
    repos: &Repos,
    metric: Metric,
    to: &mut dyn Listener,
) -> Result<bool, Stop> {
    let table = match metric {
        Metric::Views => "daily_views",
        Metric::Clones => "daily_clones",
    };
    let sql = format!(
        "
select
  rowid as row_key,
  repo_id,
  date,
  count,
  uniques,
  last_changed_at
from {table}"
    );
    let mut is_too_early = false;
    database.each(table, &sql, |cells| {
        let columns = ("count", "uniques", "last_changed_at");
        let fact = day(cells, metric, columns)?;
        is_too_early |= fact.read_at.is_none();
        Ok(to.tell(about(repos, cells)?, Fact::Day(fact))?)
    })?;
    Ok(is_too_early)
}

/// A day, whose time is not believed where the day had not begun.
fn day(
    cells: &Cells<'_>,
    metric: Metric,
    (count, uniques, read_at): (&'static str, &'static str, &'static str),
) -> Result<DayFact, Stop> {
    let day = cells.day("date")?;
    let read_at = cells.time(read_at)?;
    Ok(DayFact {
        metric,
        day,
        count: cells.count(count, uniques)?,
        read_at: Some(read_at).filter(|read_at| *read_at >= day.start()),
        is_doubted: false,
    })
}

/// Every value that a day ever had; whether any time was not believed.
fn changes(database: &Database, repos: &Repos, to: &mut dyn Listener) -> Result<bool, Stop> {
    const SQL: &str = "
select
  rowid as row_key,
  repo_id,
  kind,
  date,
  new_count,
  new_uniques,
  recorded_at
from change_events
where kind in ('views', 'clones')";
    let mut is_too_early = false;
    database.each("change_events", SQL, |cells| {
        let metric = match cells.text("kind")? {
            "views" => Metric::Views,
            _ => Metric::Clones,
        };
        let columns = ("new_count", "new_uniques", "recorded_at");
        let fact = day(cells, metric, columns)?;
        is_too_early |= fact.read_at.is_none();
        Ok(to.tell(about(repos, cells)?, Fact::Day(fact))?)
    })?;
    Ok(is_too_early)
}

/// Lists, which are kept only where they changed, at the time at which their repository was read.
fn lists(
    database: &Database,
    repos: &Repos,
    (ranking, table, name): (Ranking, &'static str, &'static str),
    to: &mut dyn Listener,
) -> Result<(), Stop> {
    let title = match ranking {
        Ranking::Referrers => "",
        Ranking::Paths => "\n  kept.title,",
    };
    let sql = format!(
        "
select
  kept.rowid as row_key,
  kept.repo_id,
  kept.{name},{title}
  kept.count,
  kept.uniques,
  coalesce(repo_syncs.started_at, sync_runs.started_at) as started_at
from {table} as kept
left join sync_runs
  on sync_runs.id = kept.sync_run_id
left join repo_syncs
  on repo_syncs.sync_run_id = kept.sync_run_id
  and repo_syncs.repo_id = kept.repo_id
order by kept.repo_id, kept.sync_run_id, started_at"
    );
    let mut lists = Lists::new(ranking);
    database.each(table, &sql, |cells| {
        let read_at = cells.time("started_at")?;
        let line = lists::ranked(cells, ranking, name, "count", "uniques")?;
        lists.line(about(repos, cells)?, read_at, line, to)
    })?;
    lists.end(to)
}
