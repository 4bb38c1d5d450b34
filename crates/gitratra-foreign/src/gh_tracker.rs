//! rayketcham-lab/gh-tracker: days in one table, and GitHub's own answers kept beside them.
//!
//! Schemas seen: the first of 2026-04 (five tables) and the later one with people, releases and
//! runs. The answers are worth most: they have a time, whole windows with their people, and zeros
//! that were really told.

mod answers;

use gitratra_core::import::{DayFact, Fact, LeftOut, Listener, Tally};
use gitratra_core::{Day, Metric, Ranking};

use crate::error::Stop;
use crate::lists::{self, Lists};
use crate::open::Database;
use crate::schema::Schema;

pub(crate) fn read(
    database: &Database,
    schema: &Schema,
    to: &mut dyn Listener,
) -> Result<(), Stop> {
    days(database, to)?;
    let has_answers = schema.has(
        "raw_responses",
        &["repo_name", "endpoint", "response_body", "collected_at"],
    );
    if has_answers {
        answers::read(database, to)?;
    }
    for (ranking, table, name) in [
        (Ranking::Referrers, "referrers", "referrer"),
        (Ranking::Paths, "popular_paths", "path"),
    ] {
        let columns = ["repo_name", "date", name, "views", "unique_visitors"];
        if schema.has(table, &columns) {
            lists(database, (ranking, table, name), has_answers, to)?;
        }
    }
    if schema.has(
        "repo_metadata",
        &["repo_name", "stars", "forks", "created_at", "collected_at"],
    ) {
        totals(database, to)?;
    }
    left_out(database, schema, to)
}

/// The table of days: what views made and clones have not filled is 0, and the other way round.
fn days(database: &Database, to: &mut dyn Listener) -> Result<(), Stop> {
    const SQL: &str = "
select
  rowid as row_key,
  repo_name,
  date,
  views,
  unique_visitors,
  clones,
  unique_cloners,
  stars_total,
  forks_total
from daily_metrics";
    database.each("daily_metrics", SQL, |cells| {
        let about = cells.subject("repo_name")?;
        let day = cells.day("date")?;
        for (metric, count, uniques) in [
            (Metric::Views, "views", "unique_visitors"),
            (Metric::Clones, "clones", "unique_cloners"),
        ] {
            let Some(count) = cells.count_or_none(count, uniques)? else {
                continue;
            };
            let fact = DayFact {
                metric,
                day,
                count,
                read_at: None,
                // Each is asked by itself and may have failed by itself.
                is_doubted: count.is_zero(),
            };
            to.tell(&about, Fact::Day(fact))?;
        }
        for (tally, column) in [(Tally::Stars, "stars_total"), (Tally::Forks, "forks_total")] {
            if let Some(total) = cells.total_or_none(column)? {
                to.tell(&about, Fact::Total { tally, day, total })?;
            }
        }
        Ok(())
    })
}

/// Lists of which the answer itself is not there.
fn lists(
    database: &Database,
    (ranking, table, name): (Ranking, &'static str, &'static str),
    has_answers: bool,
    to: &mut dyn Listener,
) -> Result<(), Stop> {
    let title = match ranking {
        Ranking::Referrers => "",
        Ranking::Paths => "\n  title,",
    };
    let unless_told = if has_answers {
        format!(
            "
where (repo_name, date) not in (
  select
    repo_name,
    substr(collected_at, 1, 10)
  from raw_responses
  where endpoint = 'traffic/{ranking}'
)"
        )
    } else {
        String::new()
    };
    let sql = format!(
        "
select
  rowid as row_key,
  repo_name,
  date,
  {name},{title}
  views,
  unique_visitors
from {table}{unless_told}
order by repo_name, date"
    );
    let mut lists = Lists::new(ranking);
    database.each(table, &sql, |cells| {
        let read_at = lists::read_during(cells.day("date")?);
        let line = lists::ranked(cells, ranking, name, "views", "unique_visitors")?;
        lists.line(&cells.subject("repo_name")?, read_at, line, to)
    })?;
    lists.end(to)
}

/// Stars and forks as they were read last.
fn totals(database: &Database, to: &mut dyn Listener) -> Result<(), Stop> {
    // The row is written anew, with zeros, by whoever knows only something else of the repository;
    // GitHub's own date is in it only if stars and forks are.
    const SQL: &str = "
select
  rowid as row_key,
  repo_name,
  stars,
  forks,
  collected_at
from repo_metadata
where created_at <> ''";
    database.each("repo_metadata", SQL, |cells| {
        let about = cells.subject("repo_name")?;
        let Some(read_at) = cells.time_or_none("collected_at")? else {
            return Ok(());
        };
        let day = Day::of(read_at);
        for (tally, column) in [(Tally::Stars, "stars"), (Tally::Forks, "forks")] {
            if let Some(total) = cells.total_or_none(column)? {
                to.tell(&about, Fact::Total { tally, day, total })?;
            }
        }
        Ok(())
    })
}

fn left_out(database: &Database, schema: &Schema, to: &mut dyn Listener) -> Result<(), Stop> {
    const NOTES: [(&str, &str); 4] = [
        (
            "stargazers",
            "who gave stars, forked, watches or contributes: we keep no people",
        ),
        (
            "release_assets",
            "downloads: only the newest numbers are there, without the time at which they were read",
        ),
        (
            "workflow_runs",
            "workflow runs: the import has no place for them",
        ),
        (
            "issues",
            "issues and pull requests: the import has no place for them",
        ),
    ];
    for (table, note) in NOTES {
        if schema.has_table(table) && database.has_rows(table)? {
            to.leave_out(LeftOut(note.to_owned()));
        }
    }
    Ok(())
}
