//! hrodrig/gghstats: views, clones, referrers, paths and stars in a table each, keyed by name.
//!
//! Schemas seen: `user_version` 1 to 5 (0.1 to 1.1). Later ones add tables about freshness and
//! visibility, which are not read. A row is there only where GitHub told it, so a zero is a zero.

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
    for metric in Metric::ALL {
        days(database, metric, to)?;
    }
    for (ranking, table, name) in [
        (Ranking::Referrers, "referrers", "referrer"),
        (Ranking::Paths, "paths", "path"),
    ] {
        lists(database, (ranking, table, name), to)?;
    }
    if schema.has("stars", &["repo", "date", "total"]) {
        stars(database, to)?;
    }
    if schema.has("repos", &["name", "forks", "updated_at"]) {
        forks(database, to)?;
    }
    Ok(())
}

fn days(database: &Database, metric: Metric, to: &mut dyn Listener) -> Result<(), Stop> {
    let table = metric.word();
    let sql = format!(
        "
select
  rowid as row_key,
  repo,
  date,
  count,
  uniques
from {table}"
    );
    database.each(table, &sql, |cells| {
        let fact = DayFact {
            metric,
            day: cells.day("date")?,
            count: cells.count("count", "uniques")?,
            read_at: None,
            is_doubted: false,
        };
        Ok(to.tell(&cells.subject("repo")?, Fact::Day(fact))?)
    })
}

fn lists(
    database: &Database,
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
  repo,
  date,
  {name},{title}
  count,
  uniques
from {table}
order by repo, date"
    );
    let mut lists = Lists::new(ranking);
    database.each(table, &sql, |cells| {
        let read_at = lists::read_during(cells.day("date")?);
        let line = lists::ranked(cells, ranking, name, "count", "uniques")?;
        lists.line(&cells.subject("repo")?, read_at, line, to)
    })?;
    lists.end(to)?;
    to.leave_out(LeftOut(format!(
        "{ranking}: the differences that this tool makes of rolling totals are no traffic; the \
         totals are taken"
    )));
    Ok(())
}

fn stars(database: &Database, to: &mut dyn Listener) -> Result<(), Stop> {
    const SQL: &str = "
select
  rowid as row_key,
  repo,
  date,
  total
from stars";
    let mut is_empty = true;
    database.each("stars", SQL, |cells| {
        is_empty = false;
        let total = cells
            .total_or_none("total")?
            .ok_or_else(|| cells.wrong("total", "NULL", "a whole number from 0 on"))?;
        let fact = Fact::Total {
            tally: Tally::Stars,
            day: cells.day("date")?,
            total,
        };
        Ok(to.tell(&cells.subject("repo")?, fact)?)
    })?;
    if !is_empty {
        to.leave_out(LeftOut(
            "stars taken away: this tool keeps the largest number of a day, and its history has \
             the stars that were left"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Of forks only the newest number is kept, with its time.
fn forks(database: &Database, to: &mut dyn Listener) -> Result<(), Stop> {
    const SQL: &str = "
select
  rowid as row_key,
  name,
  forks,
  updated_at
from repos";
    let mut is_empty = true;
    database.each("repos", SQL, |cells| {
        let about = cells.subject("name")?;
        let (Some(total), Some(read_at)) = (
            cells.total_or_none("forks")?,
            cells.time_or_none("updated_at")?,
        ) else {
            return Ok(());
        };
        is_empty = false;
        let fact = Fact::Total {
            tally: Tally::Forks,
            day: Day::of(read_at),
            total,
        };
        Ok(to.tell(&about, fact)?)
    })?;
    if !is_empty {
        to.leave_out(LeftOut(
            "forks that went: this tool keeps the largest number there ever was; it is taken for \
             the day on which it was read last"
                .to_owned(),
        ));
        to.leave_out(LeftOut(
            "watchers, issues and pull requests: only their newest numbers are there, and this \
             tool's watchers are stars"
                .to_owned(),
        ));
    }
    Ok(())
}
