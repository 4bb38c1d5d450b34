//! The rules of runs: they do not overlap, and those that could be one are one. And whether what a
//! run is about is there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gitratra_core::{Day, DayRange, Ranking, RepoId};

use super::{Notes, number};
use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::table::rhythm;
use crate::value::{Row, Value, params};

/// A run with all that must be the same on each of its days.
struct Run {
    first: Day,
    last: Day,
    value: Vec<Value>,
}

/// Looks at everything that is kept in runs, and at what belongs to it.
pub(super) async fn look(tx: &mut Tx<'_>, repo: RepoId, notes: &mut Notes) -> Result<(), Fault> {
    let range = params![repo, DayRange::ALL.first(), DayRange::ALL.last()];
    let rows = tx.query(&sql::COUNTER_RUN_IN_DAYS, &range).await?;
    let looked = series(notes, "counter_run", &rows, 0, 2..10);
    notes.take("counter_run", looked)?;
    let rows = tx.query(&sql::STAR_SPAN_IN_DAYS, &range).await?;
    let looked = series(notes, "star_span", &rows, 0, 2..3);
    notes.take("star_span", looked)?;
    let rows = tx.query(&sql::STAR_DAY_IN_DAYS, &range).await?;
    let looked = stars(notes, &rows);
    notes.take("star_day", looked)?;
    let releases = tx.query(&sql::RELEASE_OF_REPO, &params![repo]).await?;
    let assets = tx.query(&sql::ASSET_OF_REPO, &params![repo]).await?;
    let rows = tx.query(&sql::ASSET_RUN_IN_DAYS, &range).await?;
    let looked = downloads(notes, &releases, &assets, &rows);
    notes.take("asset_run", looked)?;
    for ranking in Ranking::ALL {
        let range = params![repo, ranking, DayRange::ALL.first(), DayRange::ALL.last()];
        let windows = tx.query(&sql::RANKED_WINDOWS, &range).await?;
        let names = tx
            .query(&sql::RANKED_NAMES, &params![repo, ranking])
            .await?;
        let rows = tx.query(&sql::RANKED_RUNS, &range).await?;
        let looked = lists(notes, ranking, &windows, &names, &rows);
        notes.take("ranked_run", looked)?;
    }
    let looked = rhythm::of_repo(tx, repo).await.map(drop);
    notes.take("rhythm", looked)
}

/// Days that follow each other without a hole, in one series.
fn series(
    notes: &mut Notes,
    table: &'static str,
    rows: &[Row],
    first: usize,
    values: std::ops::Range<usize>,
) -> Result<(), Fault> {
    let runs = rows.iter().map(|row| run(row, first, values.clone()));
    let runs = runs.collect::<Result<Vec<_>, Fault>>()?;
    follow(notes, table, "", &runs, |last| last.plus(1));
    Ok(())
}

fn run(row: &Row, first: usize, values: std::ops::Range<usize>) -> Result<Run, Fault> {
    let value = row.0.get(values).unwrap_or_default().to_vec();
    Ok(Run {
        first: row.day(first)?,
        last: row.day(first + 1)?,
        value,
    })
}

/// Whether runs of one series, by their last days, leave each other alone.
fn follow(
    notes: &mut Notes,
    table: &'static str,
    of: &str,
    runs: &[Run],
    next: impl Fn(Day) -> Day,
) {
    for run in runs {
        if run.first > run.last {
            notes.wrong(
                table,
                Some(run.last),
                format!("a run{of} ends before it begins"),
            );
        }
        if run
            .value
            .iter()
            .any(|value| matches!(value, Value::Int(..0)))
        {
            notes.wrong(table, Some(run.last), format!("a number{of} is negative"));
        }
    }
    for pair in runs.windows(2) {
        let [one, other] = pair else { continue };
        if other.first <= one.last {
            let what = format!("two runs{of} have the same day {}", other.first);
            notes.wrong(table, Some(one.last), what);
        } else if other.first == next(one.last) && other.value == one.value {
            let what = format!("the run{of} goes on unchanged in the next row");
            notes.wrong(table, Some(one.last), what);
        }
    }
}

fn stars(notes: &mut Notes, rows: &[Row]) -> Result<(), Fault> {
    for row in rows {
        let (given, still) = (row.int(1)?, row.int(2)?);
        if still < 0 || still > given {
            let what = format!("{still} of {given} stars are still there");
            notes.wrong("star_day", Some(row.day(0)?), what);
        }
    }
    Ok(())
}

fn downloads(
    notes: &mut Notes,
    releases: &[Row],
    assets: &[Row],
    rows: &[Row],
) -> Result<(), Fault> {
    let releases = releases.iter().map(|row| row.int(0));
    let releases = releases.collect::<Result<BTreeSet<i64>, Fault>>()?;
    let mut names = HashMap::new();
    for row in assets {
        names.insert(row.int(0)?, row.text(2)?);
        if !releases.contains(&row.int(1)?) {
            let what = format!("the file \"{}\" belongs to no release", row.text(2)?);
            notes.wrong("asset", None, what);
        }
    }
    let mut runs: BTreeMap<i64, Vec<Run>> = BTreeMap::new();
    for row in rows {
        let asset = row.int(0)?;
        runs.entry(asset).or_default().push(run(row, 1, 3..4)?);
    }
    for (asset, runs) in runs {
        let Some(name) = names.get(&asset) else {
            let last = runs.last().map(|run| run.last);
            let what = format!("downloads of file {asset}, which is not known");
            notes.wrong("asset_run", last, what);
            continue;
        };
        let of = format!(" of \"{name}\"");
        follow(notes, "asset_run", &of, &runs, |last| last.plus(1));
    }
    Ok(())
}

fn lists(
    notes: &mut Notes,
    ranking: Ranking,
    windows: &[Row],
    names: &[Row],
    rows: &[Row],
) -> Result<(), Fault> {
    const TABLE: &str = "ranked_run";
    let windows = windows.iter().map(|row| row.day(0));
    let windows = windows.collect::<Result<BTreeSet<Day>, Fault>>()?;
    let mut known = HashMap::new();
    for row in names {
        known.insert(row.int(0)?, row.text(1)?);
    }
    let mut runs: BTreeMap<i64, Vec<Run>> = BTreeMap::new();
    for row in rows {
        let (count, uniques) = (number(row, 3)?, number(row, 4)?);
        let run = run(row, 1, 3..5)?;
        if uniques > count || uniques < Some(0) {
            let what = format!("{ranking}: more people than events");
            notes.wrong(TABLE, Some(run.last), what);
        }
        for end in [run.first, run.last] {
            if !windows.contains(&end) {
                let what = format!("{ranking} of a window that was not read");
                notes.wrong(TABLE, Some(end), what);
            }
        }
        runs.entry(row.int(0)?).or_default().push(run);
    }
    for (name_id, runs) in runs {
        let Some(name) = known.get(&name_id) else {
            let last = runs.last().map(|run| run.last);
            notes.wrong(TABLE, last, format!("{ranking}: a total without a name"));
            continue;
        };
        let of = format!(" of \"{name}\"");
        follow(notes, TABLE, &of, &runs, |last| {
            let later = windows.range(last.plus(1)..).next();
            later.copied().unwrap_or(last)
        });
    }
    Ok(())
}
