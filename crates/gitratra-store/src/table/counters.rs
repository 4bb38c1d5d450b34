//! Stars, forks, watchers and issues as they stood on each day, in runs of days without a change.
//!
//! The last answer of a UTC day is the day's. Only of the last day of a run is it known when that
//! was; so an answer that comes in after one of a later day is taken for a day that nobody had read
//! or that ends a run whose time is known, and changes no other.

use std::cmp::Ordering;

use futures_util::FutureExt;
use gitratra_core::{Counters, Day, DayRange, RepoId, Timestamp};

use crate::engine::Tx;
use crate::error::Fault;
use crate::runs::{self, Place, Run};
use crate::sql;
use crate::value::{Row, Value, params};
use crate::{Store, StoreError};

/// Days that follow each other, each of which was read, and on all of which the last answer said
/// the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CounterRun {
    /// The UTC days.
    pub days: DayRange,
    /// What stood at the last answer of each of them.
    pub counters: Counters,
}

impl Store {
    /// The counters of a repository on the days of a range, or of all. *Shape*: ascending; a day
    /// that is in no run was not read. Runs are cut to the range.
    pub async fn counters(
        &self,
        repo: RepoId,
        range: Option<DayRange>,
    ) -> Result<Vec<CounterRun>, StoreError> {
        let range = range.unwrap_or(DayRange::ALL);
        self.read(move |tx| {
            async move {
                let kept = in_days(tx, repo, range).await?;
                let cut = kept.iter().filter_map(|kept| {
                    Some(CounterRun {
                        days: kept.run.days.intersection(range)?,
                        counters: kept.run.value,
                    })
                });
                Ok(cut.collect())
            }
            .boxed()
        })
        .await
    }

    /// The newest counters of every repository of the fleet, and the day they are of. *Shape*: by
    /// repository; one of which nothing was read is not there.
    pub async fn latest_counters(&self) -> Result<Vec<(RepoId, Day, Counters)>, StoreError> {
        self.read(|tx| latest(tx).boxed()).await
    }
}

/// The newest counters of every repository.
pub(crate) async fn latest(tx: &mut Tx<'_>) -> Result<Vec<(RepoId, Day, Counters)>, Fault> {
    let rows = tx.query(&sql::COUNTER_RUN_LATEST, &[]).await?;
    let latest = rows.iter().map(|row| {
        let kept = kept(row, 1)?;
        Ok((row.repo(0)?, kept.run.days.last(), kept.run.value))
    });
    latest.collect()
}

/// A run as it is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) run: Run<Counters>,
    /// When the last day was read for the last time, as far as that is known.
    pub(crate) read_at: Option<Timestamp>,
}

/// Takes in what stood at a moment.
pub(crate) async fn save(
    tx: &mut Tx<'_>,
    repo: RepoId,
    counters: Counters,
    read_at: Timestamp,
) -> Result<(), Fault> {
    let place = Place::of(Day::of(read_at));
    let near = in_days(tx, repo, place.reach()).await?;
    if !is_taken(&near, place.day, counters, read_at) {
        return Ok(());
    }
    let before: Vec<_> = near.iter().map(|kept| kept.run).collect();
    let change = runs::put(&before, place, Some(counters));
    let removed = change.removed.iter().map(|run| run.days.last());
    let removed: Vec<_> = removed.map(|last| params![repo, last]).collect();
    // Where the value is the same again, only the time is newer.
    let again = before.iter().filter(|run| run.days.last() == place.day);
    let again = again.filter(|run| !change.removed.contains(run));
    let rows: Vec<_> = change
        .added
        .iter()
        .chain(again)
        .map(|run| {
            let ends = |kept: &&Kept| kept.run.days.last() == run.days.last();
            let time = if run.days.last() == place.day {
                Some(read_at)
            } else {
                near.iter().find(ends).and_then(|kept| kept.read_at)
            };
            cells(repo, run, time)
        })
        .collect();
    tx.execute_each(&sql::COUNTER_RUN_REMOVE, &removed).await?;
    tx.execute_each(&sql::COUNTER_RUN_SAVE, &rows).await?;
    Ok(())
}

/// Whether an answer is the day's last as far as is known; of two made at the same second the
/// larger is taken, so that their order does not matter.
fn is_taken(near: &[Kept], day: Day, counters: Counters, read_at: Timestamp) -> bool {
    let Some(held) = near.iter().find(|kept| kept.run.days.contains(day)) else {
        return true;
    };
    let time = held.read_at.filter(|_| held.run.days.last() == day);
    match time.map(|time| read_at.cmp(&time)) {
        Some(Ordering::Greater) => true,
        Some(Ordering::Equal) => numbers(counters) > numbers(held.run.value),
        Some(Ordering::Less) | None => false,
    }
}

/// The runs that reach into some days.
pub(crate) async fn in_days(
    tx: &mut Tx<'_>,
    repo: RepoId,
    days: DayRange,
) -> Result<Vec<Kept>, Fault> {
    let params = params![repo, days.first(), days.last()];
    let rows = tx.query(&sql::COUNTER_RUN_IN_DAYS, &params).await?;
    rows.iter().map(|row| kept(row, 0)).collect()
}

/// The numbers in the order of the columns.
fn numbers(counters: Counters) -> [Option<u64>; 8] {
    [
        Some(counters.stars),
        Some(counters.forks),
        counters.watchers,
        counters.open_issues,
        counters.open_pulls,
        counters.open_both,
        counters.size_kib,
        counters.releases,
    ]
}

/// A run as a row.
pub(crate) fn cells(repo: RepoId, run: &Run<Counters>, read_at: Option<Timestamp>) -> [Value; 12] {
    let [stars, forks, watchers, issues, pulls, both, size, releases] = numbers(run.value);
    params![
        repo,
        run.days.first(),
        run.days.last(),
        stars,
        forks,
        watchers,
        issues,
        pulls,
        both,
        size,
        releases,
        read_at,
    ]
}

fn kept(row: &Row, at: usize) -> Result<Kept, Fault> {
    Ok(Kept {
        run: Run {
            days: row.days(at)?,
            value: Counters {
                stars: row.whole(at + 2)?,
                forks: row.whole(at + 3)?,
                watchers: row.opt_whole(at + 4)?,
                open_issues: row.opt_whole(at + 5)?,
                open_pulls: row.opt_whole(at + 6)?,
                open_both: row.opt_whole(at + 7)?,
                size_kib: row.opt_whole(at + 8)?,
                releases: row.opt_whole(at + 9)?,
            },
        },
        read_at: row.opt_time(at + 10)?,
    })
}
