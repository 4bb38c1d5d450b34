//! GitHub's answers as gh-tracker keeps them, word for word with their time.

use gitratra_core::import::{DayFact, Fact, LeftOut, Listener, Subject};
use gitratra_core::{Count, Metric, Ranked, Ranking, Reading, ReadingError, Rolling, Timestamp};
use serde::Deserialize;

use crate::cells::{Cells, quoted};
use crate::error::Stop;
use crate::lists::Lists;
use crate::moment;
use crate::open::Database;

const BODY: &str = "response_body";
/// An answer about traffic has some thousand bytes.
const LONGEST_BODY: usize = 1 << 20;

#[derive(Deserialize)]
struct Days {
    count: u64,
    uniques: u64,
    #[serde(alias = "views", alias = "clones")]
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    timestamp: String,
    count: u64,
    uniques: u64,
}

#[derive(Deserialize)]
struct Line {
    #[serde(alias = "referrer", alias = "path")]
    name: String,
    title: Option<String>,
    count: u64,
    uniques: u64,
}

enum Told {
    Days(Metric),
    List(Ranking),
}

/// Tells what the answers say, each with the time at which it came.
pub(super) fn read(database: &Database, to: &mut dyn Listener) -> Result<(), Stop> {
    const SQL: &str = "
select
  rowid as row_key,
  repo_name,
  endpoint,
  response_body,
  collected_at
from raw_responses
where endpoint in ('traffic/views', 'traffic/clones', 'traffic/referrers', 'traffic/paths')";
    let mut is_too_early = false;
    database.each("raw_responses", SQL, |cells| {
        let about = cells.subject("repo_name")?;
        let read_at = cells.time("collected_at")?;
        let body = cells
            .long_text_or_none(BODY, LONGEST_BODY)?
            .ok_or_else(|| cells.wrong(BODY, "NULL", "an answer of GitHub's as JSON"))?;
        let told = match cells.text("endpoint")? {
            "traffic/views" => Told::Days(Metric::Views),
            "traffic/clones" => Told::Days(Metric::Clones),
            "traffic/referrers" => Told::List(Ranking::Referrers),
            _ => Told::List(Ranking::Paths),
        };
        match told {
            Told::List(ranking) => list(cells, &about, (ranking, read_at, body), to),
            Told::Days(metric) => match reading(cells, (metric, read_at, body))? {
                Some(reading) => days(&about, &reading, to),
                None => {
                    is_too_early = true;
                    Ok(())
                }
            },
        }
    })?;
    if is_too_early {
        to.leave_out(LeftOut(
            "answers that are older than the days they tell of: the clock of that machine was wrong"
                .to_owned(),
        ));
    }
    Ok(())
}

/// The answer about days; nothing where it cannot have come at that time.
fn reading(
    cells: &Cells<'_>,
    (metric, read_at, body): (Metric, Timestamp, &str),
) -> Result<Option<Reading>, Stop> {
    let parsed: Days = parse(cells, body)?;
    let mut rows = Vec::with_capacity(parsed.rows.len());
    for row in parsed.rows {
        let day = moment::day(&row.timestamp)
            .ok_or_else(|| cells.wrong(BODY, quoted(&row.timestamp), moment::DAY))?;
        rows.push((day, count(cells, row.count, row.uniques)?));
    }
    let total = count(cells, parsed.count, parsed.uniques)?;
    match Reading::new(metric, read_at, rows, total) {
        Ok(reading) => Ok(Some(reading)),
        Err(ReadingError::Future { .. }) => Ok(None),
        Err(error) => Err(cells.wrong(BODY, error.to_string(), "an answer of GitHub's")),
    }
}

fn days(about: &Subject, reading: &Reading, to: &mut dyn Listener) -> Result<(), Stop> {
    let metric = reading.metric();
    for (day, count) in reading.facts() {
        let fact = DayFact {
            metric,
            day,
            count,
            read_at: Some(reading.read_at()),
            is_doubted: false,
        };
        to.tell(about, Fact::Day(fact))?;
    }
    if let Some((window, uniques)) = reading.window_uniques() {
        let fact = Fact::Window {
            metric,
            window,
            uniques,
        };
        to.tell(about, fact)?;
    }
    Ok(())
}

fn list(
    cells: &Cells<'_>,
    about: &Subject,
    (ranking, read_at, body): (Ranking, Timestamp, &str),
    to: &mut dyn Listener,
) -> Result<(), Stop> {
    let mut lists = Lists::new(ranking);
    lists.begin(about, read_at);
    for line in parse::<Vec<Line>>(cells, body)? {
        let ranked = Ranked {
            name: line.name,
            title: line.title.filter(|title| !title.is_empty()),
            total: Rolling(count(cells, line.count, line.uniques)?),
        };
        lists.line(about, read_at, ranked, to)?;
    }
    lists.end(to)
}

fn count(cells: &Cells<'_>, count: u64, uniques: u64) -> Result<Count, Stop> {
    Count::new(count, uniques)
        .map_err(|error| cells.wrong(BODY, error.to_string(), "an answer of GitHub's"))
}

fn parse<'a, T: Deserialize<'a>>(cells: &Cells<'_>, body: &'a str) -> Result<T, Stop> {
    serde_json::from_str(body).map_err(|error| {
        let found = format!("{} ({error})", quoted(body));
        cells.wrong(BODY, found, "an answer of GitHub's as JSON")
    })
}
