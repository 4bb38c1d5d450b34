//! Logins that failed, so that guessing is slow, also over several processes.

use futures_util::FutureExt;
use gitratra_core::Timestamp;
use gitratra_core::person::{FAILURE_FORGOTTEN_SECS, Tried, wait_secs};

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::value::params;
use crate::{Store, StoreError};

/// Rows at most: whoever tries many names from many addresses fills no disk.
const MOST: u64 = 20_000;

impl Store {
    /// Counts a login under each of these keys before it is tried, so that trying many at once
    /// gains nothing. `Some` is the number of seconds to wait first; then nothing is counted.
    pub async fn try_login(
        &self,
        keys: &[(Tried, String)],
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let keys = keys.to_vec();
        self.write(move |tx| try_login(tx, keys, now).boxed()).await
    }

    /// After a login that succeeded: forgets the failures under the name, and takes this one login
    /// from the count of the address. Its failures with other names stay counted, so that whoever has
    /// an account cannot begin anew by it.
    pub async fn login_succeeded(&self, keys: &[(Tried, String)]) -> Result<(), StoreError> {
        let keys = keys.to_vec();
        self.write(move |tx| succeeded(tx, keys).boxed()).await
    }
}

fn kept((tried, key): &(Tried, String)) -> String {
    let word = match tried {
        Tried::Name => "name",
        Tried::Address => "address",
    };
    format!("{word}/{key}")
}

async fn succeeded(tx: &mut Tx<'_>, keys: Vec<(Tried, String)>) -> Result<(), Fault> {
    tx.lock(Lock::Logins).await?;
    for key in &keys {
        let kept = kept(key);
        let rows = tx
            .query(&sql::LOGIN_FAILURE_FIND, &params![kept.as_str()])
            .await?;
        let left = match (key.0, rows.first()) {
            (Tried::Address, Some(row)) => Some((row.whole(0)?.saturating_sub(1), row.int(1)?)),
            _ => None,
        };
        match left.filter(|(failures, _)| *failures > 0) {
            Some((failures, last_at)) => {
                let params = params![kept, failures, last_at];
                tx.execute(&sql::LOGIN_FAILURE_SAVE, &params).await?
            }
            None => {
                tx.execute(&sql::LOGIN_FAILURE_REMOVE, &params![kept])
                    .await?
            }
        };
    }
    Ok(())
}

async fn try_login(
    tx: &mut Tx<'_>,
    keys: Vec<(Tried, String)>,
    now: Timestamp,
) -> Result<Option<u64>, Fault> {
    tx.lock(Lock::Logins).await?;
    let now = now.as_second();
    let forgotten = now - FAILURE_FORGOTTEN_SECS;
    let mut counted = Vec::new();
    let mut wait = 0;
    for key in &keys {
        let kept = kept(key);
        let rows = tx
            .query(&sql::LOGIN_FAILURE_FIND, &params![kept.as_str()])
            .await?;
        let (failures, last_at) = match rows.first() {
            Some(row) if row.int(1)? > forgotten => (row.whole(0)?, row.int(1)?),
            _ => (0, now),
        };
        wait = wait.max(last_at + wait_secs(key.0, failures) - now);
        counted.push(params![kept, failures.saturating_add(1), now]);
    }
    if let Ok(wait @ 1..) = u64::try_from(wait) {
        return Ok(Some(wait));
    }
    tx.execute_each(&sql::LOGIN_FAILURE_SAVE, &counted).await?;
    tx.execute(&sql::LOGIN_FAILURE_SWEEP, &params![forgotten])
        .await?;
    let rows = tx.query(&sql::LOGIN_FAILURE_COUNT, &[]).await?;
    let count = rows.first().map(|row| row.whole(0)).transpose()?;
    if count.is_some_and(|count| count > MOST) {
        tx.execute(&sql::LOGIN_FAILURE_SWEEP_OLDEST, &[]).await?;
    }
    Ok(None)
}
