//! Views and clones of one repository in a range, for the tools that tell of them.

use gitratra_answer::{About, MetricAccount, people};
use gitratra_core::figures::Step;
use gitratra_core::{DayRange, DayRow, Metric, Series};
use gitratra_store::{Store, StoreError};

/// Days around a range that are read: for its past, and for what is usual in it.
const AROUND: i64 = 63;

/// The days of a range and those around it. Each day of the range is there; those that are not known
/// are gaps.
pub(super) async fn series(
    store: &Store,
    about: &About,
    range: DayRange,
) -> Result<Series, StoreError> {
    let before = range.before().first();
    let first = range.first().plus(-AROUND).min(before);
    let around = DayRange::new(first, range.last().plus(AROUND)).unwrap_or(range);
    let known = store.days(about.id, Some(around)).await?;
    Ok(Series::new(range.iter().map(DayRow::gap).chain(known)))
}

/// One metric of a repository as everybody is told it.
pub(super) async fn account(
    store: &Store,
    about: &About,
    series: &Series,
    (metric, range, step): (Metric, DayRange, Step),
) -> Result<MetricAccount, StoreError> {
    let people = people(store, about.id, metric, series, Some(range)).await?;
    let people = people.within(range);
    Ok(MetricAccount::of(series, metric, &people, range, step))
}

/// What is counted.
pub(super) const UNIT: &str =
    "events: page loads (views) and full clones (clones); uniques are people";
