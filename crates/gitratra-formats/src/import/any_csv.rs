//! A CSV of anybody's, with what somebody says about its columns.

use std::io::BufRead;

use gitratra_core::import::{Fact, Listener, Subject, Tally};
use gitratra_core::{Count, Metric};

use super::columns::{Column, Columns, Uniques};
use super::table::{Row, Table};
use super::{ImportError, Options, subject, tell_day, whole};
use crate::FormatError;

/// The separators that are told apart, by how often they stand in the first line.
const DELIMITERS: [u8; 3] = *b",;\t";

/// Tells what the rows of a table say.
pub(super) fn file(
    input: &mut dyn BufRead,
    label: &str,
    options: &Options,
    to: &mut dyn Listener,
) -> Result<(), ImportError> {
    let Some(columns) = &options.columns else {
        let expected = "--columns, such as day=date,views=count,views_uniques=uniques";
        return Err(whole(label, "nobody says which column is what", expected).into());
    };
    let delimiter = delimiter(input).map_err(ImportError::io(label))?;
    let mut table = Table::new(input, label, delimiter)?;
    if table.header().is_empty() {
        return Ok(());
    }
    let plan = Plan::new(columns, &table, label)?;
    if plan.is_numbered && table.header_row().day(plan.day).is_ok() {
        plan.tell(table.header_row(), to)?;
    }
    while let Some(row) = table.next()? {
        plan.tell(row, to)?;
    }
    Ok(())
}

/// What separates the fields: what stands most often in the first line, outside of quotes.
fn delimiter(input: &mut dyn BufRead) -> std::io::Result<u8> {
    let bytes = input.fill_buf()?;
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let mut counts = [0_usize; 3];
    let mut is_quoted = false;
    for byte in line {
        is_quoted ^= *byte == b'"';
        if let Some(at) = DELIMITERS.iter().position(|known| known == byte)
            && !is_quoted
        {
            counts[at] += 1;
        }
    }
    let best = (0..DELIMITERS.len()).rev().max_by_key(|at| counts[*at]);
    Ok(DELIMITERS[best.unwrap_or(0)])
}

/// Where in a row everything stands.
struct Plan {
    day: usize,
    repo: Option<usize>,
    counted: Vec<(Metric, usize, Option<usize>)>,
    totals: Vec<(Tally, usize)>,
    is_numbered: bool,
}

impl Plan {
    fn new(columns: &Columns, table: &Table<'_>, label: &str) -> Result<Self, FormatError> {
        let mut is_numbered = true;
        let mut place = |column: &Column| match column {
            Column::Name(name) => {
                is_numbered = false;
                table.need(name)
            }
            Column::Number(number) if *number <= table.header().len() => Ok(*number - 1),
            Column::Number(number) => {
                let found = format!("the table has {} columns", table.header().len());
                Err(whole(label, found, format!("column {number} as well")))
            }
        };
        let day = place(&columns.day)?;
        let repo = columns.repo.as_ref().map(&mut place).transpose()?;
        let mut counted = Vec::new();
        for (metric, columns) in [
            (Metric::Views, &columns.views),
            (Metric::Clones, &columns.clones),
        ] {
            if let Some((count, uniques)) = columns {
                let uniques = match uniques {
                    Uniques::Column(column) => Some(place(column)?),
                    Uniques::Missing => None,
                };
                counted.push((metric, place(count)?, uniques));
            }
        }
        let mut totals = Vec::new();
        for (tally, column) in [
            (Tally::Stars, &columns.stars),
            (Tally::Forks, &columns.forks),
        ] {
            if let Some(column) = column {
                totals.push((tally, place(column)?));
            }
        }
        Ok(Self {
            day,
            repo,
            counted,
            totals,
            is_numbered,
        })
    }

    fn tell(&self, row: Row<'_>, to: &mut dyn Listener) -> Result<(), ImportError> {
        let day = row.day(self.day)?;
        let about = match self.repo {
            None => Subject::Unnamed,
            Some(at) => subject::of_label(row.text(at)?.trim()).map_err(|why| {
                let problem = format!("is no repository: {why}");
                row.wrong(at, &problem, "name or owner/name")
            })?,
        };
        for (metric, count, uniques) in &self.counted {
            let (count, read_at) = match uniques {
                Some(uniques) => (row.count(*count, *uniques)?, None),
                None => {
                    let events = row.number(*count)?;
                    let count = events.and_then(|events| Count::new(events, events.min(1)).ok());
                    // Nobody is behind no events; else nobody knows how many are.
                    let is_bound = count.is_some_and(|count| !count.is_zero());
                    (count, is_bound.then(|| day.last_second()))
                }
            };
            if let Some(count) = count {
                tell_day(to, &about, (*metric, day, count), read_at, false)?;
            }
        }
        for (tally, at) in &self.totals {
            if let Some(total) = row.number(*at)? {
                let tally = *tally;
                to.tell(&about, Fact::Total { tally, day, total })?;
            }
        }
        Ok(())
    }
}
