//! What is known about each day of a repository: one row for both metrics.
//!
//! Times are kept as seconds from the end of the day, which needs three bytes where a time since
//! 1970 needs five. A metric is partial exactly where its last one is negative.

use std::collections::{BTreeMap, HashSet};

use futures_util::FutureExt;
use gitratra_core::suspect::FleetDay;
use gitratra_core::{
    Day, DayRange, DayRecord, DayRow, DayState, Metric, RepoId, Seen, Sighting, Timestamp, Value,
};

use super::{seal, sighting, suspect};
use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::value::{self, Row, params};
use crate::{Store, StoreError};

impl Store {
    /// What is known of the days of a repository, in a range or at all. *Shape*: ascending, only
    /// known days; [`gitratra_core::Series`] puts the gaps in.
    pub async fn days(
        &self,
        repo: RepoId,
        range: Option<DayRange>,
    ) -> Result<Vec<DayRow>, StoreError> {
        let range = range.unwrap_or(DayRange::ALL);
        self.read(move |tx| days(tx, repo, range).boxed()).await
    }

    /// The first and the last day of which anything is known; what lies between may have gaps.
    pub async fn known_days(&self, repo: RepoId) -> Result<Option<DayRange>, StoreError> {
        self.read(move |tx| {
            async move {
                let rows = tx.query(&sql::TRAFFIC_DAY_REACH, &params![repo]).await?;
                let Some(row) = rows.first() else {
                    return Ok(None);
                };
                row.opt_day(0)?.map(|_| row.days(0)).transpose()
            }
            .boxed()
        })
        .await
    }

    /// Everything known about one day: every value that GitHub gave, and when. *Shape*: views
    /// first; a metric that was never seen is not there.
    pub async fn records(
        &self,
        repo: RepoId,
        day: Day,
    ) -> Result<Vec<(Metric, DayRecord)>, StoreError> {
        self.read(move |tx| {
            async move {
                let mut history = load(tx, repo, DayRange::ending(day, 1)).await?;
                let known = history.remove(&day).unwrap_or_default();
                let records = Metric::ALL.into_iter().zip(known);
                let records = records.filter_map(|(metric, kept)| Some((metric, kept.record?)));
                Ok(records.collect())
            }
            .boxed()
        })
        .await
    }

    /// How the fleet did on each day of a range. *Shape*: by day, views first; days of which
    /// nothing is known are not there.
    pub async fn fleet(&self, range: DayRange) -> Result<Vec<FleetDay>, StoreError> {
        self.read(move |tx| fleet(tx, range).boxed()).await
    }
}

/// What one row keeps of one metric.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Kept {
    /// All that was said about the day.
    pub(crate) record: Option<DayRecord>,
    /// People over the window that ends on this day, where that was measured.
    pub(crate) window_uniques: Option<u64>,
}

/// Both metrics of some days, in the order of [`Metric::ALL`].
pub(crate) type History = BTreeMap<Day, [Kept; 2]>;

/// Where a metric stands in [`History`].
pub(crate) const fn place(metric: Metric) -> usize {
    match metric {
        Metric::Views => 0,
        Metric::Clones => 1,
    }
}

/// The column at which a metric's six begin.
const fn column(metric: Metric) -> usize {
    1 + 6 * place(metric)
}

/// All that is known of some days.
pub(crate) async fn load(tx: &mut Tx<'_>, repo: RepoId, range: DayRange) -> Result<History, Fault> {
    let mut sightings = Vec::with_capacity(2);
    for metric in Metric::ALL {
        sightings.push(sighting::of_days(tx, repo, metric, range).await?);
    }
    let params = params![repo, range.first(), range.last()];
    let mut history = History::new();
    for row in tx.query(&sql::TRAFFIC_DAY_OF_DAYS, &params).await? {
        let day = row.day(0)?;
        let mut kept = <[Kept; 2]>::default();
        for (metric, sightings) in Metric::ALL.into_iter().zip(&mut sightings) {
            let best = best(&row, day, column(metric))?;
            kept[place(metric)] = Kept {
                record: best.map(|best| {
                    let values = sightings.remove(&day).unwrap_or_default();
                    DayRecord::from_parts(day, best, values)
                }),
                window_uniques: row.opt_int(column(metric) + 5)?.map(i64::cast_unsigned),
            };
        }
        history.insert(day, kept);
    }
    Ok(history)
}

fn best(row: &Row, day: Day, at: usize) -> Result<Option<Sighting>, Fault> {
    if row.opt_int(at)?.is_none() {
        return Ok(None);
    }
    let end = day.end().as_second();
    Ok(Some(Sighting {
        count: sighting::count(row.whole(at)?, row.whole(at + 1)?)?,
        seen: Seen {
            first: value::time(end + row.int(at + 2)?)?,
            last: value::time(end + row.int(at + 3)?)?,
        },
        source: row.source(at + 4)?,
    }))
}

/// Writes whole rows, ascending, with the sightings that they do not tell, and seals anew what was
/// sealed of them.
pub(crate) async fn save(
    tx: &mut Tx<'_>,
    repo: RepoId,
    rows: &[(Day, &[Kept; 2])],
) -> Result<(), Fault> {
    let sets: Vec<_> = rows
        .iter()
        .map(|(day, [views, clones])| {
            let [v, v_uniques, v_first, v_last, v_source, v_window] = cells(*day, views);
            let [c, c_uniques, c_first, c_last, c_source, c_window] = cells(*day, clones);
            params![
                repo, *day, v, v_uniques, v_first, v_last, v_source, v_window, c, c_uniques,
                c_first, c_last, c_source, c_window,
            ]
        })
        .collect();
    tx.execute_each(&sql::TRAFFIC_DAY_SAVE, &sets).await?;
    let mut records = Vec::with_capacity(rows.len() * 2);
    for (_, kept) in rows {
        for metric in Metric::ALL {
            let record = kept[place(metric)].record.as_ref();
            records.extend(record.map(|record| (metric, record)));
        }
    }
    let days = rows.iter().map(|(day, _)| *day);
    sighting::save(tx, repo, days, &records).await?;
    seal::renew(tx, repo, rows.iter().map(|(day, _)| *day)).await
}

fn cells(day: Day, kept: &Kept) -> [value::Value; 6] {
    let row = kept.record.as_ref().map(DayRecord::row);
    let from_end = |time: Timestamp| time.as_second() - day.end().as_second();
    params![
        row.map(|row| row.count.count()),
        row.map(|row| row.count.uniques().get()),
        row.map(|row| from_end(row.seen.first)),
        row.map(|row| from_end(row.seen.last)),
        row.map(|row| row.source),
        kept.window_uniques,
    ]
}

async fn days(tx: &mut Tx<'_>, repo: RepoId, range: DayRange) -> Result<Vec<DayRow>, Fault> {
    let suspects = suspect::days(tx).await?;
    let params = params![repo, range.first(), range.last()];
    let rows = tx.query(&sql::TRAFFIC_DAY_OF_DAYS, &params).await?;
    let days = rows.iter().map(|row| {
        let day = row.day(0)?;
        Ok(DayRow {
            day,
            views: shown(row, day, Metric::Views, &suspects)?,
            clones: shown(row, day, Metric::Clones, &suspects)?,
        })
    });
    days.collect()
}

fn shown(
    row: &Row,
    day: Day,
    metric: Metric,
    suspects: &HashSet<(Metric, Day)>,
) -> Result<Option<Value>, Fault> {
    let at = column(metric);
    if row.opt_int(at)?.is_none() {
        return Ok(None);
    }
    let count = sighting::count(row.whole(at)?, row.whole(at + 1)?)?;
    let state = if row.source(at + 4)?.is_doubted() {
        DayState::Doubted
    } else if count.is_zero() && suspects.contains(&(metric, day)) {
        DayState::Suspect
    } else if row.int(at + 3)? < 0 {
        DayState::Partial
    } else {
        DayState::Measured
    };
    Ok(Some(Value { count, state }))
}

async fn fleet(tx: &mut Tx<'_>, range: DayRange) -> Result<Vec<FleetDay>, Fault> {
    let params = params![range.first(), range.last()];
    let rows = tx.query(&sql::TRAFFIC_DAY_FLEET, &params).await?;
    let mut fleet = Vec::with_capacity(rows.len() * 2);
    for row in &rows {
        for metric in Metric::ALL {
            let at = 1 + 3 * place(metric);
            fleet.push(FleetDay {
                metric,
                day: row.day(0)?,
                measured: row.whole(at)?,
                busy: row.whole(at + 1)?,
                read_again: row.whole(at + 2)?,
            });
        }
    }
    Ok(fleet)
}
