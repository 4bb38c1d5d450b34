//! How much of what does not belong to traffic is held of each repository, as the planner wants it.

use std::collections::HashMap;

use futures_util::FutureExt;
use gitratra_core::plan::Extent;
use gitratra_core::{DayRange, RepoId};

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::table::counters;
use crate::{Store, StoreError};

impl Store {
    /// How much is held of each repository of which anything is.
    pub async fn extents(&self) -> Result<HashMap<RepoId, Extent>, StoreError> {
        self.read(|tx| extents(tx).boxed()).await
    }
}

async fn extents(tx: &mut Tx<'_>) -> Result<HashMap<RepoId, Extent>, Fault> {
    let mut extents: HashMap<RepoId, Extent> = HashMap::new();
    for row in tx.query(&sql::STAR_SPAN_ALL, &[]).await? {
        let stars = &mut extents.entry(row.repo(0)?).or_default().stars;
        let days = row.days(1)?;
        *stars = match *stars {
            None => Some(days),
            // The newest come first; the one before goes on where it ends right before them.
            Some(newer) if days.last().plus(1) == newer.first() => {
                DayRange::new(days.first(), newer.last())
            }
            kept => kept,
        };
    }
    for row in tx.query(&sql::RELEASE_OWNERS, &[]).await? {
        extents.entry(row.repo(0)?).or_default().has_releases = true;
    }
    for (repo, _, told) in counters::latest(tx).await? {
        extents.entry(repo).or_default().releases_told = told.releases;
    }
    Ok(extents)
}
