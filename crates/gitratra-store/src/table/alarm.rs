//! Trouble that is told through channels, as [`gitratra_core::alarm`] decides it. Several processes
//! may look at the same trouble; only one of them gets to change or to tell it.

use std::collections::HashMap;

use futures_util::FutureExt;
use gitratra_core::Timestamp;
use gitratra_core::alarm::Opened;

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::value::{Row, params, whole_second};
use crate::{Store, StoreError};

impl Store {
    /// Everything that is open. *Shape*: by channel, then by key. *Units*: whole seconds.
    pub async fn alarms(&self) -> Result<Vec<Opened>, StoreError> {
        self.read(|tx| all(tx).boxed()).await
    }

    /// Keeps the changed rows and forgets the removed ones, all of it or nothing, provided that
    /// each of them still stands as it does in `read`, which is what [`Store::alarms`] gave or what
    /// was saved since. Tries do not count for that: they belong to [`Store::claim_alarms`].
    ///
    /// `false` where another process was quicker: nothing was changed, and what is so has to be
    /// read and judged again.
    pub async fn save_alarms(
        &self,
        read: &[Opened],
        changed: &[Opened],
        removed: &[Opened],
    ) -> Result<bool, StoreError> {
        let (read, changed) = (read.to_vec(), changed.to_vec());
        let removed = removed.to_vec();
        self.write(|tx| save(tx, read, changed, removed).boxed())
            .await
    }

    /// Takes it upon this process to tell of these troubles, in one message, at `now`: counts a try
    /// of each. `false` where one of them has changed or was tried meanwhile; then nothing is
    /// counted, and another process has sent the message or is about to.
    ///
    /// The rows stay as the caller has them: what [`gitratra_core::alarm::settle`] makes of them
    /// after the message was sent is what is to be saved. Where a process ends between the claim
    /// and the message, the next try is another process's.
    pub async fn claim_alarms(&self, rows: &[Opened], now: Timestamp) -> Result<bool, StoreError> {
        let rows = rows.to_vec();
        self.write(move |tx| claim(tx, rows, now).boxed()).await
    }
}

/// What another process changes when it takes a trouble further.
type Phase = (Timestamp, bool, bool);

fn phase(row: &Opened) -> Phase {
    (whole_second(row.since), row.is_told, row.is_over)
}

fn key(row: &Opened) -> (&str, &str) {
    (&row.key, &row.channel)
}

fn by_key(rows: &[Opened]) -> HashMap<(&str, &str), &Opened> {
    rows.iter().map(|row| (key(row), row)).collect()
}

async fn all(tx: &mut Tx<'_>) -> Result<Vec<Opened>, Fault> {
    let rows = tx.query(&sql::ALARM_ALL, &[]).await?;
    rows.iter().map(opened).collect()
}

async fn save(
    tx: &mut Tx<'_>,
    read: Vec<Opened>,
    changed: Vec<Opened>,
    removed: Vec<Opened>,
) -> Result<bool, Fault> {
    tx.lock(Lock::Alarms).await?;
    let kept = all(tx).await?;
    let (read, kept) = (by_key(&read), by_key(&kept));
    let stands = |row: &Opened| {
        let phase_in = |rows: &HashMap<_, &Opened>| rows.get(&key(row)).map(|row| phase(row));
        phase_in(&read) == phase_in(&kept)
    };
    if !changed.iter().chain(&removed).all(stands) {
        return Ok(false);
    }
    write(tx, &changed).await?;
    let gone: Vec<_> = removed
        .iter()
        .map(|row| params![row.key.as_str(), row.channel.as_str()])
        .collect();
    tx.execute_each(&sql::ALARM_REMOVE, &gone).await?;
    Ok(true)
}

async fn claim(tx: &mut Tx<'_>, mut rows: Vec<Opened>, now: Timestamp) -> Result<bool, Fault> {
    tx.lock(Lock::Alarms).await?;
    let kept = all(tx).await?;
    let kept = by_key(&kept);
    let stands = |row: &Opened| {
        kept.get(&key(row)).is_some_and(|kept| {
            phase(kept) == phase(row)
                && kept.tries == row.tries
                && kept.tried_at == row.tried_at.map(whole_second)
        })
    };
    if !rows.iter().all(stands) {
        return Ok(false);
    }
    for row in &mut rows {
        row.tries = row.tries.saturating_add(1);
        row.tried_at = Some(now);
    }
    write(tx, &rows).await?;
    Ok(true)
}

async fn write(tx: &mut Tx<'_>, rows: &[Opened]) -> Result<(), Fault> {
    let sets: Vec<_> = rows
        .iter()
        .map(|row| {
            params![
                row.key.as_str(),
                row.channel.as_str(),
                row.since,
                row.subject.as_str(),
                row.is_told,
                i64::from(row.tries),
                row.tried_at,
                row.is_over,
            ]
        })
        .collect();
    tx.execute_each(&sql::ALARM_SAVE, &sets).await?;
    Ok(())
}

fn opened(row: &Row) -> Result<Opened, Fault> {
    Ok(Opened {
        key: row.text(0)?.to_owned(),
        channel: row.text(1)?.to_owned(),
        since: row.time(2)?,
        subject: row.text(3)?.to_owned(),
        is_told: row.is(4)?,
        tries: u32::try_from(row.whole(5)?).unwrap_or(u32::MAX),
        tried_at: row.opt_time(6)?,
        is_over: row.is(7)?,
    })
}
