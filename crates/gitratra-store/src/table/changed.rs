//! What became known since some time. The answers may hold more than what changed, never less, as
//! long as `since` lies before everything that is meant.

use std::collections::{BTreeSet, HashSet};

use futures_util::FutureExt;
use gitratra_core::{Day, DayRange, Metric, Ranking, RepoId, Source, Timestamp};

use super::suspect;
use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::value::{Row, params};
use crate::{Store, StoreError};

impl Store {
    /// The days of a repository of which a value was first seen since `since`, those that are
    /// partial and were seen again since, and every day of which one of `sources` gave anything:
    /// what is imported brings the times at which it was seen elsewhere, so its time says nothing.
    ///
    /// Days whose zeros came under suspicion or out of it are not among them; see
    /// [`Store::suspected_days`].
    pub async fn changed_days(
        &self,
        repo: RepoId,
        since: Timestamp,
        sources: &[Source],
    ) -> Result<BTreeSet<Day>, StoreError> {
        let sources = sources.to_vec();
        self.read(move |tx| changed(tx, repo, since, sources).boxed())
            .await
    }

    /// The days of a range whose zeros are under suspicion or may have been: those on which nobody
    /// of at least two had any events, and those on which somebody's zero was followed by another
    /// value. That a suspicion is over leaves no trace of its own.
    pub async fn suspected_days(
        &self,
        range: DayRange,
    ) -> Result<HashSet<(Metric, Day)>, StoreError> {
        let fleet = self.fleet(range).await?;
        let silent = fleet
            .iter()
            .filter(|day| day.measured >= 2 && day.busy == 0)
            .map(|day| (day.metric, day.day));
        let mut suspected = self.read(move |tx| zeros(tx, range).boxed()).await?;
        suspected.extend(silent);
        Ok(suspected)
    }

    /// The sources that brought anything when a run was the newest, or later: imports, and those of
    /// stores that were joined.
    pub async fn sources_after_run(&self, run: u64) -> Result<Vec<Source>, StoreError> {
        self.read(move |tx| {
            async move {
                let rows = tx.query(&sql::SOURCE_AFTER_RUN, &params![run]).await?;
                rows.iter().map(|row| row.source(0)).collect()
            }
            .boxed()
        })
        .await
    }

    /// The windows of a list that were read since `since`, each by its last day.
    pub async fn windows_read_since(
        &self,
        repo: RepoId,
        ranking: Ranking,
        since: Timestamp,
    ) -> Result<BTreeSet<Day>, StoreError> {
        self.read(move |tx| {
            async move {
                let params = params![repo, ranking, since];
                let rows = tx.query(&sql::RANKED_WINDOWS_READ_SINCE, &params).await?;
                rows.iter().map(|row| row.day(0)).collect()
            }
            .boxed()
        })
        .await
    }

    /// The days of which the stars were read since `since`. *Shape*: ascending spans.
    pub async fn stars_read_since(
        &self,
        repo: RepoId,
        since: Timestamp,
    ) -> Result<Vec<DayRange>, StoreError> {
        self.read(move |tx| {
            async move {
                let params = params![repo, since];
                let rows = tx.query(&sql::STAR_SPAN_READ_SINCE, &params).await?;
                rows.iter().map(|row| row.days(0)).collect()
            }
            .boxed()
        })
        .await
    }
}

async fn changed(
    tx: &mut Tx<'_>,
    repo: RepoId,
    since: Timestamp,
    sources: Vec<Source>,
) -> Result<BTreeSet<Day>, Fault> {
    let params = params![repo, since];
    let rows = tx
        .query(&sql::TRAFFIC_DAY_FIRST_SEEN_SINCE, &params)
        .await?;
    let mut days = BTreeSet::new();
    add(&mut days, &rows)?;
    for source in sources {
        let params = params![repo, source.believed()];
        let rows = tx.query(&sql::TRAFFIC_DAY_OF_SOURCE, &params).await?;
        add(&mut days, &rows)?;
    }
    Ok(days)
}

fn add(days: &mut BTreeSet<Day>, rows: &[Row]) -> Result<(), Fault> {
    for row in rows {
        days.insert(row.day(0)?);
    }
    Ok(())
}

async fn zeros(tx: &mut Tx<'_>, range: DayRange) -> Result<HashSet<(Metric, Day)>, Fault> {
    let mut days = suspect::days(tx).await?;
    let params = params![range.first(), range.last()];
    for row in tx.query(&sql::SIGHTING_ZERO_DAYS, &params).await? {
        days.insert((row.metric(0)?, row.day(1)?));
    }
    Ok(days)
}
