//! Stars by day, and of which days the history was read. Who gave them is never kept.
//!
//! A day has a row only where stars were ever told for it; that a day without one had none is told
//! by the span that it lies in. Spans do not overlap, and each has the time of the newest answer
//! about its days, so that an older answer that comes in late overwrites nothing.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use futures_util::FutureExt;
use gitratra_core::{Day, DayRange, RepoId, StarDay, StarHistory, Timestamp};

use crate::engine::Tx;
use crate::error::Fault;
use crate::runs::{self, Run};
use crate::sql;
use crate::value::{params, whole_second};
use crate::{Store, StoreError};

/// Stars by day, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stars {
    /// Days for which any stars were ever told, ascending.
    pub days: Vec<(Day, StarDay)>,
    /// Days that the history was read for, ascending and disjoint, and when it last was. A day in
    /// a span and not in `days` had none; a day in no span is not known. A span that begins on
    /// [`Day::MIN`] reaches back to the repository's beginning.
    pub spans: Vec<(DayRange, Timestamp)>,
}

impl Store {
    /// The stars of a repository by day in a range, or all of them. Spans are cut to the range.
    pub async fn stars(&self, repo: RepoId, range: Option<DayRange>) -> Result<Stars, StoreError> {
        let range = range.unwrap_or(DayRange::ALL);
        self.read(move |tx| {
            async move {
                let spans = spans(tx, repo, range).await?.into_iter();
                let spans =
                    spans.filter_map(|run| Some((run.days.intersection(range)?, run.value)));
                Ok(Stars {
                    spans: spans.collect(),
                    days: days(tx, repo, range).await?.into_iter().collect(),
                })
            }
            .boxed()
        })
        .await
    }
}

/// Keeps what a history tells. Where it reaches back to the beginning, all days before had none.
pub(crate) async fn save(
    tx: &mut Tx<'_>,
    repo: RepoId,
    history: &StarHistory,
    reaches_back: bool,
) -> Result<(), Fault> {
    let told: BTreeMap<Day, u64> = history.days().collect();
    let read_at = whole_second(history.read_at);
    let mut stretches = stretches(&told);
    if let Some(oldest) = stretches.first_mut().filter(|_| reaches_back) {
        *oldest = DayRange::new(Day::MIN, oldest.last()).unwrap_or(*oldest);
    }
    for stretch in stretches {
        tell(tx, repo, &told, stretch, read_at).await?;
        cover(tx, repo, stretch, read_at).await?;
    }
    Ok(())
}

/// Notes that the days of a history were given again just as they are.
pub(crate) async fn see_again(
    tx: &mut Tx<'_>,
    repo: RepoId,
    days: DayRange,
    at: Timestamp,
) -> Result<(), Fault> {
    cover(tx, repo, days, at).await
}

/// The days without the holes between them.
fn stretches(told: &BTreeMap<Day, u64>) -> Vec<DayRange> {
    let mut stretches: Vec<DayRange> = Vec::new();
    for day in told.keys() {
        let longer = stretches
            .last()
            .filter(|stretch| stretch.last().plus(1) == *day)
            .and_then(|stretch| DayRange::new(stretch.first(), *day));
        match (longer, stretches.last_mut()) {
            (Some(longer), Some(last)) => *last = longer,
            _ => stretches.push(DayRange::ending(*day, 1)),
        }
    }
    stretches
}

/// Takes in what was told for the days of a stretch; those that are not among `told` had none.
async fn tell(
    tx: &mut Tx<'_>,
    repo: RepoId,
    told: &BTreeMap<Day, u64>,
    stretch: DayRange,
    read_at: Timestamp,
) -> Result<(), Fault> {
    let spans = spans(tx, repo, stretch).await?;
    let known = days(tx, repo, stretch).await?;
    let made = |day: Day| {
        let span = spans.iter().find(|span| span.days.contains(day));
        span.map_or(Ordering::Greater, |span| read_at.cmp(&span.value))
    };
    let mut after = known.clone();
    let gone = known
        .keys()
        .filter(|day| !told.contains_key(day))
        .map(|day| (*day, 0));
    let given = told
        .range(stretch.first()..=stretch.last())
        .map(|(day, stars)| (*day, *stars))
        .filter(|(day, stars)| *stars > 0 || known.contains_key(day));
    for (day, stars) in gone.chain(given) {
        after.entry(day).or_default().tell(stars, made(day));
    }
    let changed = after
        .iter()
        .filter(|(day, stars)| known.get(day) != Some(stars));
    let rows: Vec<_> = changed
        .map(|(day, stars)| params![repo, *day, stars.given, stars.still])
        .collect();
    tx.execute_each(&sql::STAR_DAY_SAVE, &rows).await?;
    Ok(())
}

/// Notes that days were read.
async fn cover(
    tx: &mut Tx<'_>,
    repo: RepoId,
    days: DayRange,
    read_at: Timestamp,
) -> Result<(), Fault> {
    let beside = DayRange::new(days.first().plus(-1), days.last().plus(1)).unwrap_or(days);
    let near = spans(tx, repo, beside).await?;
    let change = runs::cover(&near, days, read_at);
    let removed = change
        .removed
        .iter()
        .map(|run| params![repo, run.days.last()]);
    let removed: Vec<_> = removed.collect();
    let added: Vec<_> = change
        .added
        .iter()
        .map(|run| params![repo, run.days.first(), run.days.last(), run.value])
        .collect();
    tx.execute_each(&sql::STAR_SPAN_REMOVE, &removed).await?;
    tx.execute_each(&sql::STAR_SPAN_ADD, &added).await?;
    Ok(())
}

/// The spans that reach into some days.
pub(crate) async fn spans(
    tx: &mut Tx<'_>,
    repo: RepoId,
    range: DayRange,
) -> Result<Vec<Run<Timestamp>>, Fault> {
    let params = params![repo, range.first(), range.last()];
    let rows = tx.query(&sql::STAR_SPAN_IN_DAYS, &params).await?;
    let spans = rows.iter().map(|row| {
        Ok(Run {
            days: row.days(0)?,
            value: row.time(2)?,
        })
    });
    spans.collect()
}

/// The days of a range for which stars were told.
pub(crate) async fn days(
    tx: &mut Tx<'_>,
    repo: RepoId,
    range: DayRange,
) -> Result<BTreeMap<Day, StarDay>, Fault> {
    let params = params![repo, range.first(), range.last()];
    let rows = tx.query(&sql::STAR_DAY_IN_DAYS, &params).await?;
    let days = rows.iter().map(|row| {
        let stars = StarDay {
            given: row.whole(1)?,
            still: row.whole(2)?,
        };
        Ok((row.day(0)?, stars))
    });
    days.collect()
}
