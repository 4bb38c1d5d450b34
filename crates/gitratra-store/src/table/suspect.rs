//! Days whose zeros are not believed. Which ones they are is decided by [`gitratra_core::suspect`].

use std::collections::HashSet;

use futures_util::FutureExt;
use gitratra_core::suspect::Suspicion;
use gitratra_core::{Day, Metric};

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::value::params;
use crate::{Store, StoreError};

impl Store {
    /// The days under suspicion. *Shape*: views first, then by day.
    pub async fn suspicions(&self) -> Result<Vec<Suspicion>, StoreError> {
        self.read(|tx| all(tx).boxed()).await
    }

    /// Puts these in the place of all that were there.
    pub async fn save_suspicions(&self, suspicions: &[Suspicion]) -> Result<(), StoreError> {
        let suspicions = suspicions.to_vec();
        self.write(|tx| replace(tx, suspicions).boxed()).await
    }
}

async fn all(tx: &mut Tx<'_>) -> Result<Vec<Suspicion>, Fault> {
    let rows = tx.query(&sql::SUSPECT_ALL, &[]).await?;
    let suspicions = rows.iter().map(|row| {
        Ok(Suspicion {
            metric: row.metric(0)?,
            day: row.day(1)?,
            since: row.time(2)?,
        })
    });
    suspicions.collect()
}

/// The days under suspicion, to look a day up in.
pub(crate) async fn days(tx: &mut Tx<'_>) -> Result<HashSet<(Metric, Day)>, Fault> {
    let suspicions = all(tx).await?;
    let days = suspicions.iter().map(|found| (found.metric, found.day));
    Ok(days.collect())
}

async fn replace(tx: &mut Tx<'_>, suspicions: Vec<Suspicion>) -> Result<(), Fault> {
    tx.lock(Lock::Suspicions).await?;
    tx.execute(&sql::SUSPECT_CLEAR, &[]).await?;
    let sets: Vec<_> = suspicions
        .iter()
        .map(|found| params![found.metric, found.day, found.since])
        .collect();
    tx.execute_each(&sql::SUSPECT_ADD, &sets).await?;
    Ok(())
}
