//! The people of any range of one metric.

use gitratra_core::people::People;
use gitratra_core::{DayRange, Metric, RepoId, Series, Window};
use gitratra_store::{Store, StoreError};

/// What is known of the people of one metric.
///
/// # Errors
/// What the store says.
pub async fn people(
    store: &Store,
    repo: RepoId,
    metric: Metric,
    series: &Series,
    range: Option<DayRange>,
) -> Result<People, StoreError> {
    // What began before the range or ends after it may still tell of days inside.
    let around = range.and_then(|range| {
        let days = i64::from(Window::DAYS);
        DayRange::new(range.first().plus(-days), range.last().plus(days))
    });
    let weeks = store.weeks(repo, metric, around).await?;
    let weeks = weeks.iter().map(|(week, told)| (*week, told.uniques()));
    let windows = store.windows(repo, metric, around).await?;
    Ok(People::new(series, metric, weeks, windows))
}
