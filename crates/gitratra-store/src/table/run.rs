//! What each pass of the collector did, and the newest time that is known at all.

use futures_util::FutureExt;
use gitratra_core::Timestamp;

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::value::{Value, params};
use crate::{Store, StoreError};

/// One pass of the collector. Times are the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Requests sent, retries included.
    pub sent: u64,
    /// Answers that said "not modified".
    pub not_modified: u64,
    /// Requests that were sent again.
    pub retried: u64,
    /// Repositories of which everything was read.
    pub ok: u64,
    /// Repositories of which something failed.
    pub failed: u64,
    /// Repositories that were not due.
    pub skipped: u64,
    /// Repository-days that became known or measured.
    pub new_days: u64,
}

impl Store {
    /// Keeps the account of a pass, and tells its number: the first is 1, and each is one more than
    /// the one before.
    pub async fn save_run(&self, run: &Run) -> Result<u64, StoreError> {
        let run = *run;
        self.write(move |tx| save(tx, run).boxed()).await
    }

    /// The same for a pass of which nobody knows whether it was saved, since no answer came: where
    /// it was, it is not saved again.
    pub async fn save_run_once(&self, run: &Run) -> Result<u64, StoreError> {
        let run = *run;
        self.write(move |tx| save_once(tx, run).boxed()).await
    }

    /// The number of the pass that was saved last; 0 where there is none.
    pub async fn newest_run(&self) -> Result<u64, StoreError> {
        self.read(|tx| newest(tx).boxed()).await
    }

    /// When the pass with this number began; nothing where there is no such pass.
    pub async fn run_started_at(&self, number: u64) -> Result<Option<Timestamp>, StoreError> {
        self.read(move |tx| {
            async move {
                let rows = tx.query(&sql::RUN_STARTED_AT, &params![number]).await?;
                rows.first().map(|row| row.time(0)).transpose()
            }
            .boxed()
        })
        .await
    }

    /// The pass that was saved last.
    pub async fn last_run(&self) -> Result<Option<Run>, StoreError> {
        self.read(|tx| last(tx).boxed()).await
    }

    /// The newest time of the server's clock that the store knows from any answer or run.
    pub async fn latest_time(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|tx| {
            async move {
                let rows = tx.query(&sql::ASKED_LATEST_TIME, &[]).await?;
                rows.first().map_or(Ok(None), |row| row.opt_time(0))
            }
            .boxed()
        })
        .await
    }
}

async fn save_once(tx: &mut Tx<'_>, run: Run) -> Result<u64, Fault> {
    // Whoever saves it still has the lock.
    tx.lock(Lock::Runs).await?;
    let found = tx.query(&sql::RUN_FIND, &cells(&run)).await?;
    match found.first() {
        Some(row) => row.whole(0),
        None => save(tx, run).await,
    }
}

async fn save(tx: &mut Tx<'_>, run: Run) -> Result<u64, Fault> {
    tx.lock(Lock::Runs).await?;
    tx.execute(&sql::RUN_SAVE, &cells(&run)).await?;
    newest(tx).await
}

fn cells(run: &Run) -> [Value; 9] {
    params![
        run.started_at,
        run.finished_at,
        run.sent,
        run.not_modified,
        run.retried,
        run.ok,
        run.failed,
        run.skipped,
        run.new_days,
    ]
}

async fn newest(tx: &mut Tx<'_>) -> Result<u64, Fault> {
    let rows = tx.query(&sql::RUN_NEWEST, &[]).await?;
    rows.first().map_or(Ok(0), |row| row.whole(0))
}

async fn last(tx: &mut Tx<'_>) -> Result<Option<Run>, Fault> {
    let rows = tx.query(&sql::RUN_LAST, &[]).await?;
    let run = rows.first().map(|row| {
        Ok(Run {
            started_at: row.time(0)?,
            finished_at: row.time(1)?,
            sent: row.whole(2)?,
            not_modified: row.whole(3)?,
            retried: row.whole(4)?,
            ok: row.whole(5)?,
            failed: row.whole(6)?,
            skipped: row.whole(7)?,
            new_days: row.whole(8)?,
        })
    });
    run.transpose()
}
