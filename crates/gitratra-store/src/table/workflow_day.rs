//! How often workflows of a repository ran on a day.

use futures_util::FutureExt;
use gitratra_core::{Day, DayRange, RepoId};

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::value::params;
use crate::{Store, StoreError};

impl Store {
    /// How often workflows ran on the days of a range, or of all. *Shape*: ascending; a day that is
    /// not there was not asked for, and 0 is a measurement. *Units*: runs begun on the UTC day.
    pub async fn workflow_days(
        &self,
        repo: RepoId,
        range: Option<DayRange>,
    ) -> Result<Vec<(Day, u64)>, StoreError> {
        let range = range.unwrap_or(DayRange::ALL);
        self.read(move |tx| {
            async move {
                let params = params![repo, range.first(), range.last()];
                let rows = tx.query(&sql::WORKFLOW_DAY_IN_DAYS, &params).await?;
                rows.iter()
                    .map(|row| Ok((row.day(0)?, row.whole(1)?)))
                    .collect()
            }
            .boxed()
        })
        .await
    }
}

/// Keeps a day's number; the larger one stays.
pub(crate) async fn save(tx: &mut Tx<'_>, repo: RepoId, day: Day, runs: u64) -> Result<(), Fault> {
    tx.execute(&sql::WORKFLOW_DAY_SAVE, &params![repo, day, runs])
        .await?;
    Ok(())
}
