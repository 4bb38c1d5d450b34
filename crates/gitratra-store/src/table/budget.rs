//! What of GitHub's limits each collector was given: however many of them ask with one credential,
//! together they ask no more than one would.

use std::time::Duration;

use futures_util::FutureExt;
use gitratra_core::Timestamp;

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::table::lease::StoreClock;
use crate::value::params;
use crate::{Store, StoreError};

/// How long points count that were given, in seconds. They are spent within four seconds
/// ([`Given::HOLDS`]) and then on their way for some, so that no minute of GitHub's has more of them
/// than were given in this time.
const COUNTED: i64 = 70;

/// Two ends of an hour so close together are the same, as GitHub tells them; in seconds.
const SAME_HOUR: i64 = 5;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// Who asks.
    pub holder: String,
    /// The fingerprint of the credential.
    pub credential: String,
    /// GitHub's word for the limit: `core` or `graphql`.
    pub resource: &'static str,
    /// Points of the minute.
    pub points: u32,
    /// How many all together may spend in a minute; 0 is any number.
    pub per_minute: u32,
    /// What is wanted of the hour, where its end is known.
    pub hour: Option<Hour>,
}

/// What is wanted of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// Its end, by GitHub's clock.
    pub ends_at: Timestamp,
    /// Points.
    pub points: u64,
    /// What is given in any case where nobody was given anything yet.
    pub least: u64,
    /// How many all together may spend.
    pub allowance: u64,
}

/// What was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// Points of the minute, to be spent within [`Given::HOLDS`].
    pub points: u32,
    /// Where there are none: when it is worth asking again.
    pub again_in: Duration,
    /// Points of the hour, to be spent before its end.
    pub hourly: u64,
    /// What is left of the hour for all together, after that.
    pub hour_left: u64,
}

impl Given {
    /// How long points of the minute may be kept: what is spent later would meet what others were
    /// given since.
    pub const HOLDS: Duration = Duration::from_secs(4);
}

impl Store {
    /// Takes a share of what all who ask with a credential may spend together.
    pub async fn take_budget(&self, want: Want, clock: StoreClock) -> Result<Given, StoreError> {
        self.write(move |tx| take(tx, want, clock).boxed()).await
    }

    /// Gives back points of the hour that ends then, which were not spent.
    pub async fn return_budget(
        &self,
        credential: &str,
        resource: &'static str,
        ends_at: Timestamp,
        points: u64,
    ) -> Result<(), StoreError> {
        let credential = credential.to_owned();
        self.write(move |tx| {
            async move {
                tx.lock(Lock::Budgets).await?;
                let key = params![credential.as_str(), resource];
                let rows = tx.query(&sql::BUDGET_HOUR, &key).await?;
                let Some(row) = rows.first() else {
                    return Ok(());
                };
                let (end, spent) = (row.int(0)?, row.whole(1)?);
                // What was given of an hour that is over is of no use to anybody.
                if (end - ends_at.as_second()).abs() <= SAME_HOUR {
                    let left = spent.saturating_sub(points);
                    let row = params![credential.as_str(), resource, end, left];
                    tx.execute(&sql::BUDGET_HOUR_SAVE, &row).await?;
                }
                Ok(())
            }
            .boxed()
        })
        .await
    }
}

async fn take(tx: &mut Tx<'_>, want: Want, clock: StoreClock) -> Result<Given, Fault> {
    tx.lock(Lock::Budgets).await?;
    let now = clock.read(tx).await?;
    let (points, again_in) = take_minute(tx, &want, now).await?;
    let (hourly, hour_left) = match want.hour {
        Some(hour) => take_hour(tx, &want, hour).await?,
        None => (0, u64::MAX),
    };
    Ok(Given {
        points,
        again_in,
        hourly,
        hour_left,
    })
}

async fn take_minute(tx: &mut Tx<'_>, want: &Want, now: i64) -> Result<(u32, Duration), Fault> {
    if want.per_minute == 0 || want.points == 0 {
        return Ok((want.points, Duration::ZERO));
    }
    let second = now.div_euclid(1000);
    let after = second - COUNTED;
    tx.execute(&sql::BUDGET_SWEEP, &params![after]).await?;
    let key = [want.credential.as_str(), want.resource];
    let question = params![key[0], key[1], after, want.holder.as_str()];
    let rows = tx.query(&sql::BUDGET_TAKEN, &question).await?;
    let (taken, oldest, is_alone) = match rows.first() {
        Some(row) => (row.whole(0)?, row.opt_int(1)?, row.int(2)? == 0),
        None => (0, None, true),
    };
    let free = u64::from(want.per_minute).saturating_sub(taken);
    // Whoever is alone keeps the minute by its own log, which knows when each request ended.
    let given = match is_alone {
        true => want.points,
        false => u32::try_from(free).map_or(want.points, |free| free.min(want.points)),
    };
    // Also who is given nothing is written down, so that others notice that they are not alone.
    let row = params![
        key[0],
        key[1],
        second,
        want.holder.as_str(),
        i64::from(given)
    ];
    tx.execute(&sql::BUDGET_ADD, &row).await?;
    let free_at = (oldest.unwrap_or(second) + COUNTED).saturating_mul(1000);
    let again_in = u64::try_from(free_at - now).unwrap_or_default().max(200);
    let again_in = Duration::from_millis(if given > 0 { 0 } else { again_in });
    Ok((given, again_in))
}

async fn take_hour(tx: &mut Tx<'_>, want: &Want, hour: Hour) -> Result<(u64, u64), Fault> {
    let key = [want.credential.as_str(), want.resource];
    let rows = tx
        .query(&sql::BUDGET_HOUR, &params![key[0], key[1]])
        .await?;
    let ends_at = hour.ends_at.as_second();
    let (ends_at, spent) = match rows.first() {
        Some(row) if (row.int(0)? - ends_at).abs() <= SAME_HOUR => {
            (ends_at.max(row.int(0)?), row.whole(1)?)
        }
        // Others know of a later hour: whoever asks has to be told of it by GitHub first.
        Some(row) if row.int(0)? > ends_at => return Ok((0, 0)),
        _ => (ends_at, 0),
    };
    let free = hour.allowance.saturating_sub(spent);
    let least = if spent == 0 { hour.least } else { 0 };
    let given = hour.points.min(free).max(least);
    if given > 0 {
        let spent = spent.saturating_add(given);
        let row = params![key[0], key[1], ends_at, spent];
        tx.execute(&sql::BUDGET_HOUR_SAVE, &row).await?;
    }
    Ok((given, free.saturating_sub(given)))
}
