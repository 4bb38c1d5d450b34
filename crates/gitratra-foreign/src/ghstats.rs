//! vladkens/ghstats: one row for each repository and day, in which a zero may mean "not read".
//!
//! Schemas seen: the first one of 2024-07 (key column `id`, no lists), and `user_version` 1 to 3 up
//! to 0.10. A row is made by whoever comes first, counters, views, clones or the history of stars,
//! and whatever has not come is 0.

use std::collections::HashMap;

use gitratra_core::import::{DayFact, Fact, LeftOut, Listener, Subject, Tally};
use gitratra_core::{Metric, Ranking, RepoId};

use crate::error::Stop;
use crate::lists::{self, Lists};
use crate::open::Database;
use crate::schema::Schema;

/// More repositories than anybody has.
const MOST_REPOS: usize = 1_000_000;

pub(crate) fn read(
    database: &Database,
    schema: &Schema,
    to: &mut dyn Listener,
) -> Result<(), Stop> {
    let repos = repos(database)?;
    days(database, schema, &repos, to)?;
    for (ranking, table, name) in [
        (Ranking::Referrers, "repo_referrers", "referrer"),
        (Ranking::Paths, "repo_popular_paths", "path"),
    ] {
        if schema.has(table, &["repo_id", "date", name, "count", "uniques"]) {
            lists(database, &repos, (ranking, table, name), to)?;
        }
    }
    to.leave_out(LeftOut(
        "watchers: this tool's watchers are stars again".to_owned(),
    ));
    to.leave_out(LeftOut(
        "issues and pull requests: the import has no place for them".to_owned(),
    ));
    Ok(())
}

/// Repositories by their number, which is GitHub's.
fn repos(database: &Database) -> Result<HashMap<i64, Subject>, Stop> {
    const SQL: &str = "
select
  rowid as row_key,
  id,
  name
from repos";
    let mut repos = HashMap::new();
    database.each("repos", SQL, |cells| {
        let id = cells.whole("id")?;
        let name = cells.name("name")?;
        if id == 0 || repos.len() >= MOST_REPOS {
            return Err(cells.wrong("id", id.to_string(), "one of at most a million numbers"));
        }
        let subject = Subject::Named {
            name,
            id: Some(RepoId(id)),
        };
        repos.insert(id.cast_signed(), subject);
        Ok(())
    })?;
    Ok(repos)
}

fn days(
    database: &Database,
    schema: &Schema,
    repos: &HashMap<i64, Subject>,
    to: &mut dyn Listener,
) -> Result<(), Stop> {
    let key = if schema.has("repo_stats", &["repo_id"]) {
        "repo_id"
    } else {
        "id as repo_id"
    };
    let sql = format!(
        "
select
  rowid as row_key,
  {key},
  date,
  stars,
  forks,
  coalesce(watchers <> 0 or forks <> 0 or issues <> 0, 0) as is_counted,
  clones_count,
  clones_uniques,
  views_count,
  views_uniques
from repo_stats"
    );
    let mut is_nameless = false;
    let mut is_from_history = false;
    database.each("repo_stats", &sql, |cells| {
        let Some(about) = repos.get(&cells.whole("repo_id")?.cast_signed()) else {
            is_nameless = true;
            return Ok(());
        };
        let day = cells.day("date")?;
        let views = cells.count("views_count", "views_uniques")?;
        let clones = cells.count("clones_count", "clones_uniques")?;
        // Both are asked in one go and written only when both were answered, so a zero beside a
        // number was told. A zero beside a zero may only mean that the row is there for its stars.
        let is_doubted = views.is_zero() && clones.is_zero();
        for (metric, count) in [(Metric::Views, views), (Metric::Clones, clones)] {
            let fact = DayFact {
                metric,
                day,
                count,
                read_at: None,
                is_doubted,
            };
            to.tell(about, Fact::Day(fact))?;
        }
        let stars = cells.total_or_none("stars")?.unwrap_or(0);
        let forks = cells.total_or_none("forks")?.unwrap_or(0);
        let is_counted = cells.whole("is_counted")? == 1;
        let mut total = |tally, total| to.tell(about, Fact::Total { tally, day, total });
        if is_counted {
            total(Tally::Stars, stars)?;
            total(Tally::Forks, forks)?;
        } else if stars > 0 {
            is_from_history = true;
            total(Tally::Stars, stars)?;
        }
        Ok(())
    })?;
    if is_nameless {
        to.leave_out(LeftOut(
            "days of repositories that are not in table \"repos\": nobody knows whose they are"
                .to_owned(),
        ));
    }
    if is_from_history {
        to.leave_out(LeftOut(
            "stars taken away before this tool counted them: its history has those that were left"
                .to_owned(),
        ));
    }
    Ok(())
}

fn lists(
    database: &Database,
    repos: &HashMap<i64, Subject>,
    (ranking, table, name): (Ranking, &'static str, &'static str),
    to: &mut dyn Listener,
) -> Result<(), Stop> {
    if !database.has_rows(table)? {
        return Ok(());
    }
    let title = match ranking {
        Ranking::Referrers => "",
        Ranking::Paths => "\n  title,",
    };
    let sql = format!(
        "
select
  rowid as row_key,
  repo_id,
  date,
  {name},{title}
  count,
  uniques
from {table}
order by repo_id, date"
    );
    let mut lists = Lists::new(ranking);
    database.each(table, &sql, |cells| {
        // Whose days have no name has been noted.
        let Some(about) = repos.get(&cells.whole("repo_id")?.cast_signed()) else {
            return Ok(());
        };
        let read_at = lists::read_during(cells.day("date")?);
        let line = lists::ranked(cells, ranking, name, "count", "uniques")?;
        lists.line(about, read_at, line, to)
    })?;
    lists.end(to)?;
    to.leave_out(LeftOut(format!(
        "{ranking}: the differences that this tool makes of rolling totals are no traffic; the \
         totals are taken"
    )));
    Ok(())
}
