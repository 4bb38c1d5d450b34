//! The rules of days, weeks and windows, and of the accounts that speak of days.

use std::collections::HashMap;

use gitratra_core::{Day, Endpoint, Metric, Source, Week, Window};

use super::{Notes, number};
use crate::error::Fault;
use crate::seal::Labels;
use crate::table::traffic_day::place;
use crate::value::Row;

/// Seconds of a day: nothing can be seen of one before it began.
const DAY_SECS: i64 = 86_400;

/// What a row says of one metric.
#[derive(Debug, Clone, Copy)]
struct Told {
    count: i64,
    uniques: i64,
    /// Seconds after the end of the day.
    first: i64,
    last: i64,
    is_doubted: bool,
}

/// Rows by day, in the order of [`Metric::ALL`].
type ByDay = HashMap<Day, [Option<Told>; 2]>;

/// Looks at the days, from rows as `traffic_day/of_days.sql` and `sighting/of_days.sql` give them.
pub(super) fn look(
    notes: &mut Notes,
    traffic: &[Row],
    sightings: &[Vec<Row>; 2],
    labels: &Labels,
) -> Result<(), Fault> {
    let mut by_day = ByDay::with_capacity(traffic.len());
    let mut windows = Vec::new();
    for row in traffic {
        let day = row.day(0)?;
        let mut both = [None; 2];
        for metric in Metric::ALL {
            let at = 1 + 6 * place(metric);
            both[place(metric)] = told(notes, row, day, (metric, at), labels)?;
            if let Some(people) = number(row, at + 5)? {
                windows.push((metric, day, people));
            }
        }
        by_day.insert(day, both);
    }
    for (metric, rows) in Metric::ALL.into_iter().zip(sightings) {
        sighted(notes, metric, rows, &by_day, labels)?;
    }
    for (metric, last, people) in windows {
        window(notes, (metric, last), people, &by_day);
    }
    Ok(())
}

fn told(
    notes: &mut Notes,
    row: &Row,
    day: Day,
    (metric, at): (Metric, usize),
    labels: &Labels,
) -> Result<Option<Told>, Fault> {
    const TABLE: &str = "traffic_day";
    let mut cells = [None; 5];
    for (cell, at) in cells.iter_mut().zip(at..) {
        *cell = number(row, at)?;
    }
    let [
        Some(count),
        Some(uniques),
        Some(first),
        Some(last),
        Some(source),
    ] = cells
    else {
        if cells.iter().any(Option::is_some) {
            let what = format!("{metric} are there by halves");
            notes.wrong(TABLE, Some(day), what);
        }
        return Ok(None);
    };
    let mut wrong = |what: String| notes.wrong(TABLE, Some(day), what);
    if uniques < 0 || uniques > count {
        wrong(format!(
            "{metric}: {uniques} people cannot make {count} events"
        ));
    }
    if first > last {
        wrong(format!(
            "{metric} were last seen before they were first seen"
        ));
    }
    if first < -DAY_SECS {
        wrong(format!("{metric} were seen before the day began"));
    }
    if !labels.contains_key(&source) {
        wrong(format!(
            "{metric} come from source {source}, which is not known"
        ));
    }
    Ok(Some(Told {
        count,
        uniques,
        first,
        last,
        is_doubted: is_doubted(source),
    }))
}

/// Whether a number in a cell is that of a source that is not believed.
fn is_doubted(source: i64) -> bool {
    u32::try_from(source).is_ok_and(|source| Source(source).is_doubted())
}

/// The values that were given for days: the row has the largest, and the time from the first to the
/// last of them. A row that is believed is made of believed values alone, and those that are not
/// stand beside; a row that is not believed has no believed ones.
fn sighted(
    notes: &mut Notes,
    metric: Metric,
    rows: &[Row],
    by_day: &ByDay,
    labels: &Labels,
) -> Result<(), Fault> {
    const TABLE: &str = "sighting";
    let mut rest = rows;
    while let Some(row) = rest.first() {
        let day = row.day(0)?;
        let end = rest.partition_point(|row| row.day(0).is_ok_and(|other| other <= day));
        let (of_day, later) = rest.split_at(end.max(1));
        rest = later;
        let day_end = day.end().as_second();
        let kept = by_day.get(&day).and_then(|both| both[place(metric)]);
        let mut told: Option<((i64, i64), (i64, i64))> = None;
        for row in of_day {
            let (count, uniques) = (row.int(1)?, row.int(2)?);
            let (first, last) = (row.int(3)?, row.int(4)?);
            let source = row.int(5)?;
            let mut wrong = |what: String| notes.wrong(TABLE, Some(day), what);
            if uniques < 0 || uniques > count {
                wrong(format!(
                    "{metric}: {uniques} people cannot make {count} events"
                ));
            }
            if first > last {
                wrong(format!(
                    "{metric} were last seen before they were first seen"
                ));
            }
            if last < day_end && !is_doubted(source) {
                wrong(format!("{metric} were given while the day was running"));
            }
            if !labels.contains_key(&source) {
                wrong(format!(
                    "{metric} come from source {source}, which is not known"
                ));
            }
            match kept {
                Some(kept) if kept.is_doubted == is_doubted(source) => {
                    let (best, seen) = told.unwrap_or(((count, uniques), (first, last)));
                    told = Some((
                        (count.max(best.0), uniques.max(best.1)),
                        (first.min(seen.0), last.max(seen.1)),
                    ));
                }
                Some(kept) if kept.is_doubted => {
                    wrong(format!("{metric} are believed, and their day is not"));
                }
                _ => {}
            }
        }
        let Some(kept) = kept else {
            let what = format!("{metric} were given for a day of which nothing is kept");
            notes.wrong(TABLE, Some(day), what);
            continue;
        };
        if let Some(told) = told {
            row_of(notes, (metric, day), kept, told);
        }
    }
    Ok(())
}

/// The row of a day against the largest of the values that it is made of, and the first and the last
/// time of them.
fn row_of(
    notes: &mut Notes,
    (metric, day): (Metric, Day),
    kept: Told,
    (best, seen): ((i64, i64), (i64, i64)),
) {
    const TABLE: &str = "traffic_day";
    if kept.count < best.0 || kept.uniques < best.1 {
        let what = format!(
            "{metric} are {} by {}, and {} by {} were given",
            kept.count, kept.uniques, best.0, best.1
        );
        notes.wrong(TABLE, Some(day), what);
    }
    let day_end = day.end().as_second();
    if (day_end + kept.first, day_end + kept.last) != seen {
        let what = format!("{metric} have other times than their sightings");
        notes.wrong(TABLE, Some(day), what);
    }
}

/// The people of a window are no more than those of its days, where all of these are known.
fn window(notes: &mut Notes, (metric, last): (Metric, Day), people: i64, by_day: &ByDay) {
    const TABLE: &str = "traffic_day";
    if people < 0 {
        let what = format!("{people} people in the window of {metric}");
        notes.wrong(TABLE, Some(last), what);
    }
    let days = Window { last }.range();
    let known = days.iter().map(|day| by_day.get(&day)?[place(metric)]);
    // What is not believed says nothing about how many there can have been.
    let believed = known.map(|told| told.filter(|told| !told.is_doubted));
    let of_days = believed.map(|told| told.map(|told| told.uniques));
    if let Some(most) = of_days.sum::<Option<i64>>()
        && people > most
    {
        let what = format!("{people} people in the window of {metric}, and {most} on its days");
        notes.remark(TABLE, Some(last), what);
    }
}

/// Weeks, from rows as `traffic_week/in_days.sql` gives them, against their days.
pub(super) fn weeks(notes: &mut Notes, weeks: &[Row], traffic: &[Row]) -> Result<(), Fault> {
    const TABLE: &str = "traffic_week";
    let mut counts: HashMap<Day, [Option<i64>; 2]> = HashMap::with_capacity(traffic.len());
    for row in traffic {
        let of = |at: usize| -> Result<Option<i64>, Fault> {
            let is_over = number(row, at + 3)?.is_some_and(|last| last >= 0);
            let is_believed = number(row, at + 4)?.is_none_or(|source| !is_doubted(source));
            Ok(number(row, at)?.filter(|_| is_over && is_believed))
        };
        counts.insert(row.day(0)?, [of(1)?, of(7)?]);
    }
    for row in weeks {
        let monday = row.day(0)?;
        if Week::beginning(monday).is_none() {
            notes.wrong(TABLE, Some(monday), "it does not begin on a Monday");
            continue;
        }
        for metric in Metric::ALL {
            let at = 1 + 2 * place(metric);
            let (count, uniques) = match (number(row, at)?, number(row, at + 1)?) {
                (Some(count), Some(uniques)) => (count, uniques),
                (None, None) => continue,
                _ => {
                    notes.wrong(TABLE, Some(monday), format!("{metric} are there by halves"));
                    continue;
                }
            };
            if uniques < 0 || uniques > count {
                let what = format!("{metric}: {uniques} people cannot make {count} events");
                notes.wrong(TABLE, Some(monday), what);
            }
            let days = (0..7).map(|later| counts.get(&monday.plus(later))?[place(metric)]);
            if let Some(sum) = days.sum::<Option<i64>>()
                && sum != count
            {
                let what = format!("{metric}: the week has {count}, its days have {sum}");
                notes.remark(TABLE, Some(monday), what);
            }
        }
    }
    Ok(())
}

/// The accounts of what was asked, from rows as `asked/of_repo.sql` gives them.
pub(super) fn accounts(notes: &mut Notes, accounts: &[Row], traffic: &[Row]) -> Result<(), Fault> {
    const TABLE: &str = "asked";
    for row in accounts {
        let endpoint = row.text(0)?;
        if row
            .opt_day(6)?
            .zip(row.opt_day(7)?)
            .is_some_and(|(first, last)| first > last)
        {
            notes.wrong(
                TABLE,
                row.opt_day(7)?,
                format!("{endpoint} speak of days backwards"),
            );
        }
        let metric = Metric::ALL
            .into_iter()
            .find(|metric| Endpoint::from(*metric).to_string() == endpoint);
        let (Some(metric), Some(newest)) = (metric, row.opt_day(3)?) else {
            continue;
        };
        let found = traffic.binary_search_by_key(&Some(newest), |row| row.day(0).ok());
        let kept = found.ok().and_then(|at| traffic.get(at));
        let kept = kept.map(|row| number(row, 1 + 6 * place(metric)));
        if kept.transpose()?.flatten().is_none() {
            let what = format!("{metric} were read up to this day, and nothing of it is kept");
            notes.wrong("traffic_day", Some(newest), what);
        }
    }
    Ok(())
}
