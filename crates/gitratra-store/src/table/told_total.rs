//! Stars and forks as files of other tools told them, by day. They stand beside our own counters and
//! never take their place.

use std::collections::BTreeMap;

use futures_util::FutureExt;
use gitratra_core::import::Tally;
use gitratra_core::{Day, DayRange, RepoId};

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::value::params;
use crate::{Store, StoreError};

impl Store {
    /// Totals of days that only files told, in a range or at all. *Shape*: ascending.
    pub async fn told_totals(
        &self,
        repo: RepoId,
        tally: Tally,
        range: Option<DayRange>,
    ) -> Result<Vec<(Day, u64)>, StoreError> {
        let range = range.unwrap_or(DayRange::ALL);
        self.read(move |tx| {
            async move {
                let held = in_days(tx, repo, tally, range).await?;
                Ok(held.into_iter().collect())
            }
            .boxed()
        })
        .await
    }
}

/// Where a tally stands in a pair.
pub(crate) const fn place(tally: Tally) -> usize {
    match tally {
        Tally::Stars => 0,
        Tally::Forks => 1,
    }
}

fn code(tally: Tally) -> i64 {
    i64::try_from(place(tally)).expect("there are two")
}

/// Joins totals: the larger stays, and says how many are new or larger.
pub(crate) async fn join(
    tx: &mut Tx<'_>,
    repo: RepoId,
    tally: Tally,
    told: &[(Day, u64)],
    writes: bool,
) -> Result<u64, Fault> {
    let days = || told.iter().map(|(day, _)| *day);
    let Some(range) = days().min().zip(days().max()) else {
        return Ok(0);
    };
    let range = DayRange::new(range.0, range.1).expect("the least is not after the largest");
    let held = in_days(tx, repo, tally, range).await?;
    let mut changed: BTreeMap<Day, u64> = BTreeMap::new();
    for (day, total) in told {
        let most = held.get(day).max(changed.get(day));
        if most < Some(total) {
            changed.insert(*day, *total);
        }
    }
    if writes {
        let rows: Vec<_> = changed
            .iter()
            .map(|(day, total)| params![repo, code(tally), *day, *total])
            .collect();
        tx.execute_each(&sql::TOLD_TOTAL_SAVE, &rows).await?;
    }
    Ok(changed.len() as u64)
}

/// The totals of some days.
pub(crate) async fn in_days(
    tx: &mut Tx<'_>,
    repo: RepoId,
    tally: Tally,
    range: DayRange,
) -> Result<BTreeMap<Day, u64>, Fault> {
    let params = params![repo, code(tally), range.first(), range.last()];
    let rows = tx.query(&sql::TOLD_TOTAL_IN_DAYS, &params).await?;
    rows.iter()
        .map(|row| Ok((row.day(0)?, row.whole(1)?)))
        .collect()
}
