//! Which collectors were seen lately, for people who wonder how many there are.

use std::time::Duration;

use futures_util::FutureExt;
use gitratra_core::Timestamp;

use crate::error::Fault;
use crate::sql;
use crate::table::lease::{StoreClock, millis};
use crate::value::{Row, params};
use crate::{Store, StoreError};

/// Who was not seen for so long is forgotten, in milliseconds.
const FORGOTTEN: i64 = 24 * 60 * 60 * 1000;

/// A collector that was seen. Times are those of whoever keeps the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it calls itself in leases.
    pub holder: String,
    /// The machine on which it runs.
    pub host: String,
    /// When it began.
    pub since: Timestamp,
    /// When it was last seen.
    pub seen_at: Timestamp,
}

impl Store {
    /// Notes that a collector is at work.
    pub async fn note_collector(
        &self,
        holder: &str,
        host: &str,
        clock: StoreClock,
    ) -> Result<(), StoreError> {
        let (holder, host) = (holder.to_owned(), host.to_owned());
        self.write(move |tx| {
            async move {
                let now = clock.read(tx).await?;
                let row = params![holder, host, now.div_euclid(1000)];
                tx.execute(&sql::COLLECTOR_BEAT, &row).await?;
                let forgotten = now.saturating_sub(FORGOTTEN).div_euclid(1000);
                tx.execute(&sql::COLLECTOR_SWEEP, &params![forgotten])
                    .await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Notes that a collector has ended.
    pub async fn forget_collector(&self, holder: &str) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        self.write(move |tx| {
            async move {
                tx.execute(&sql::COLLECTOR_REMOVE, &params![holder]).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// The collectors that were seen within so long. *Shape*: in the order in which they began.
    pub async fn collectors(
        &self,
        within: Duration,
        clock: StoreClock,
    ) -> Result<Vec<Seen>, StoreError> {
        self.read(move |tx| {
            async move {
                let now = clock.read(tx).await?;
                let since = now.saturating_sub(millis(within)).div_euclid(1000);
                let rows = tx
                    .query(&sql::COLLECTOR_SEEN_SINCE, &params![since])
                    .await?;
                rows.iter().map(seen).collect()
            }
            .boxed()
        })
        .await
    }
}

fn seen(row: &Row) -> Result<Seen, Fault> {
    Ok(Seen {
        holder: row.text(0)?.to_owned(),
        host: row.text(1)?.to_owned(),
        since: row.time(2)?,
        seen_at: row.time(3)?,
    })
}
