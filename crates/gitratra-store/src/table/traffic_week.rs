//! Whole weeks, both metrics in one row, and the people of windows: what GitHub told of periods
//! longer than a day. The larger numbers stay, as those of days do.

use std::collections::BTreeMap;

use futures_util::FutureExt;
use gitratra_core::{Count, DayRange, Metric, RepoId, Uniques, Week, Window};

use super::sighting::count;
use super::traffic_day::place;
use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::value::{Row, params};
use crate::{Store, StoreError};

impl Store {
    /// The whole weeks of a metric whose Monday lies in a range, or all of them. *Shape*:
    /// ascending; a week that is not there was never told.
    pub async fn weeks(
        &self,
        repo: RepoId,
        metric: Metric,
        range: Option<DayRange>,
    ) -> Result<Vec<(Week, Count)>, StoreError> {
        let range = range.unwrap_or(DayRange::ALL);
        self.read(move |tx| {
            async move {
                let weeks = in_days(tx, repo, range).await?.into_iter();
                let told = weeks.filter_map(|(week, told)| Some((week, told[place(metric)]?)));
                Ok(told.collect())
            }
            .boxed()
        })
        .await
    }

    /// The people of the windows of a metric whose last day lies in a range, or of all. *Shape*:
    /// ascending; a window that is not there was never told. *Units*: people, each counted once
    /// within the 14 days.
    pub async fn windows(
        &self,
        repo: RepoId,
        metric: Metric,
        range: Option<DayRange>,
    ) -> Result<Vec<(Window, Uniques)>, StoreError> {
        let range = range.unwrap_or(DayRange::ALL);
        self.read(move |tx| {
            async move {
                let params = params![repo, range.first(), range.last(), metric];
                let rows = tx.query(&sql::TRAFFIC_DAY_WINDOWS, &params).await?;
                let windows = rows.iter().map(|row| {
                    let last = row.day(0)?;
                    Ok((Window { last }, Uniques::new(row.whole(1)?)))
                });
                windows.collect()
            }
            .boxed()
        })
        .await
    }
}

/// What was told of a week, in the order of [`Metric::ALL`].
pub(crate) type Told = [Option<Count>; 2];

/// Keeps weeks, all of them whole.
pub(crate) async fn save(
    tx: &mut Tx<'_>,
    repo: RepoId,
    weeks: &[(Metric, Week, Count)],
) -> Result<(), Fault> {
    let rows = joined(tx, repo, weeks).await?;
    let rows: Vec<_> = rows
        .iter()
        .map(|(week, [views, clones])| {
            let events = |told: &Option<Count>| told.map(Count::count);
            let people = |told: &Option<Count>| told.map(|told| told.uniques().get());
            params![
                repo,
                week.monday(),
                events(views),
                people(views),
                events(clones),
                people(clones),
            ]
        })
        .collect();
    tx.execute_each(&sql::TRAFFIC_WEEK_SAVE, &rows).await?;
    Ok(())
}

/// How many weeks become known or larger.
pub(crate) async fn changes(
    tx: &mut Tx<'_>,
    repo: RepoId,
    weeks: &[(Metric, Week, Count)],
) -> Result<u64, Fault> {
    Ok(joined(tx, repo, weeks).await?.len() as u64)
}

/// The weeks that change, as they become.
async fn joined(
    tx: &mut Tx<'_>,
    repo: RepoId,
    weeks: &[(Metric, Week, Count)],
) -> Result<BTreeMap<Week, Told>, Fault> {
    let mondays = || weeks.iter().map(|(_, week, _)| week.monday());
    let range = mondays().min().zip(mondays().max());
    let Some(range) = range.and_then(|(first, last)| DayRange::new(first, last)) else {
        return Ok(BTreeMap::new());
    };
    let before = in_days(tx, repo, range).await?;
    let mut known = before.clone();
    for (metric, week, told) in weeks {
        let kept = &mut known.entry(*week).or_default()[place(*metric)];
        *kept = Some(kept.map_or(*told, |kept| kept.larger(*told)));
    }
    known.retain(|week, told| before.get(week) != Some(told));
    Ok(known)
}

/// The weeks whose Monday lies in a range.
pub(crate) async fn in_days(
    tx: &mut Tx<'_>,
    repo: RepoId,
    range: DayRange,
) -> Result<BTreeMap<Week, Told>, Fault> {
    let params = params![repo, range.first(), range.last()];
    let rows = tx.query(&sql::TRAFFIC_WEEK_IN_DAYS, &params).await?;
    let weeks = rows.iter().map(|row| {
        let monday = row.day(0)?;
        let week = Week::beginning(monday)
            .ok_or_else(|| Fault::corrupt(format!("the Monday {monday}")))?;
        Ok((week, [told(row, 1)?, told(row, 3)?]))
    });
    weeks.collect()
}

fn told(row: &Row, at: usize) -> Result<Option<Count>, Fault> {
    let (events, people) = (row.opt_whole(at)?, row.opt_whole(at + 1)?);
    let told = events.zip(people);
    told.map(|(events, people)| count(events, people))
        .transpose()
}
