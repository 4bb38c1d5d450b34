//! Who is about to ask what: several collectors share a store, and none of them asks what another
//! one is asking. A lease ends by the clock of whoever keeps the store, so that a collector that was
//! killed or stands still loses what it held, whatever its own clock says.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use futures_util::FutureExt;
use gitratra_core::{Held, RepoId, Timestamp};
use ring::digest::{SHA256, digest};

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql::{self, Sql};
use crate::table::asked;
use crate::value::{Value, params};
use crate::{Store, StoreError};

/// Leases that ended so long ago are forgotten, in milliseconds. Until then their rows wait for
/// whoever takes them next, some hours later as a rule.
const FORGOTTEN: i64 = 3 * 24 * 60 * 60 * 1000;

/// So many are taken in one transaction at most: a server has room for so many locks only.
const AT_ONCE: usize = 250;

/// What is held, and nobody else may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// By which all collectors know it.
    pub key: String,
    /// The repository that it is about, where it is about one.
    pub repo: Option<RepoId>,
}

/// What decides how long a lease lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreClock {
    /// The clock of whoever keeps the store: the server's, or this machine's where it is a file.
    Own,
    /// So long after a moment that all who share the store have in common: for simulations, in
    /// which time is made.
    At(Duration),
}

impl StoreClock {
    /// Milliseconds since a fixed moment.
    pub(crate) async fn read(self, tx: &mut Tx<'_>) -> Result<i64, Fault> {
        match self {
            Self::Own => tx.clock().await,
            Self::At(at) => Ok(millis(at)),
        }
    }
}

pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

impl Store {
    /// Takes leases as far as nobody else holds them, and waits for nobody who takes or gives back at
    /// the same moment. *Shape*: for each whether the holder has it now; of those whose key is held,
    /// what it held before is lengthened.
    pub async fn take_leases(
        &self,
        holder: &str,
        leases: &[Lease],
        length: Duration,
        clock: StoreClock,
    ) -> Result<Vec<bool>, StoreError> {
        let mut had: HashSet<String> = HashSet::new();
        for part in leases.chunks(AT_ONCE) {
            let (holder, part) = (holder.to_owned(), part.to_vec());
            let taken = self.write(move |tx| take(tx, holder, part, length, clock).boxed());
            had.extend(taken.await?);
        }
        Ok(leases
            .iter()
            .map(|lease| had.contains(&lease.key))
            .collect())
    }

    /// Lengthens leases, all of them or none. `false` where one of them is not the holder's any
    /// more: somebody else has it, or had it meanwhile.
    pub async fn renew_leases(
        &self,
        holder: &str,
        keys: &[String],
        length: Duration,
        clock: StoreClock,
    ) -> Result<bool, StoreError> {
        let (holder, keys) = (holder.to_owned(), keys.to_vec());
        let renewed = self.write(move |tx| {
            async move {
                let now = clock.read(tx).await?;
                let ends_at = now.saturating_add(millis(length));
                let set = |key: &String| params![key.as_str(), holder.as_str(), ends_at];
                let sets: Vec<_> = keys.iter().map(set).collect();
                let changed = tx.execute_each(&sql::LEASE_RENEW, &sets).await?;
                // What is left of them ends by itself.
                Ok(changed.into_iter().all(|rows| rows > 0))
            }
            .boxed()
        });
        renewed.await
    }

    /// Gives leases back, as far as they are still the holder's.
    pub async fn release_leases(&self, holder: &str, keys: &[String]) -> Result<(), StoreError> {
        let (holder, keys) = (holder.to_owned(), keys.to_vec());
        self.write(move |tx| {
            async move {
                let set = |key: &String| params![key.as_str(), holder.as_str()];
                let sets: Vec<_> = keys.iter().map(set).collect();
                tx.execute_each(&sql::LEASE_RELEASE, &sets).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Gives back all that a holder has, as when it ends.
    pub async fn release_all_leases(&self, holder: &str) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        self.write(move |tx| {
            async move {
                tx.execute(&sql::LEASE_RELEASE_ALL, &params![holder])
                    .await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// What is held of the repositories that a holder has leases on, as [`Store::held`] gives it.
    pub async fn held_of_leases(&self, holder: &str) -> Result<HashMap<RepoId, Held>, StoreError> {
        let params = params![holder];
        self.held_by(&sql::ASKED_HELD_LEASED, &sql::RHYTHM_LEASED, params)
            .await
    }

    /// What is held of the repositories that were asked anything at `since` or later, as
    /// [`Store::held`] gives it; by GitHub's time.
    pub async fn held_since(&self, since: Timestamp) -> Result<HashMap<RepoId, Held>, StoreError> {
        let params = params![since];
        self.held_by(&sql::ASKED_HELD_SINCE, &sql::RHYTHM_SINCE, params)
            .await
    }

    async fn held_by(
        &self,
        asked: &'static Sql,
        rhythms: &'static Sql,
        params: [Value; 1],
    ) -> Result<HashMap<RepoId, Held>, StoreError> {
        self.read(move |tx| {
            async move {
                let held = asked::held_by(tx, asked, rhythms, &params).await?;
                Ok(held.into_iter().collect())
            }
            .boxed()
        })
        .await
    }
}

/// Takes some leases. Returns the keys of those that the holder has now.
///
/// Rows that there are are locked and changed as far as nobody else has locked them; those that there
/// are not yet are added under a lock of each key, which nobody waits for either. So no two who take
/// can wait for each other, in whatever order their keys come.
async fn take(
    tx: &mut Tx<'_>,
    holder: String,
    leases: Vec<Lease>,
    length: Duration,
    clock: StoreClock,
) -> Result<Vec<String>, Fault> {
    let now = clock.read(tx).await?;
    let ends_at = now.saturating_add(millis(length));
    let wanted: BTreeMap<String, Option<RepoId>> = leases
        .into_iter()
        .map(|lease| (lease.key, lease.repo))
        .collect();
    let sets: Vec<_> = wanted
        .iter()
        .map(|(key, repo)| params![key.as_str(), *repo, holder.as_str(), ends_at, now])
        .collect();
    let changed = tx.execute_each(&sql::LEASE_TAKE, &sets).await?;
    let (mut had, mut missed) = (Vec::new(), Vec::new());
    for ((key, repo), changed) in wanted.into_iter().zip(changed) {
        match changed {
            0 => missed.push((key, repo)),
            _ => had.push(key),
        }
    }
    let locks: Vec<Lock> = missed
        .iter()
        .map(|(key, _)| Lock::Lease(number(key)))
        .collect();
    let locked = tx.try_locks(&locks).await?;
    let missed = missed.into_iter().zip(locked);
    let missed: Vec<_> = missed.filter(|(_, is_locked)| *is_locked).collect();
    let sets: Vec<_> = missed
        .iter()
        .map(|((key, repo), _)| params![key.as_str(), *repo, holder.as_str(), ends_at])
        .collect();
    let made = tx.execute_each(&sql::LEASE_MAKE, &sets).await?;
    let missed = missed.into_iter().zip(made);
    had.extend(missed.filter_map(|(((key, _), _), made)| (made > 0).then_some(key)));
    let forgotten = now.saturating_sub(FORGOTTEN);
    tx.execute(&sql::LEASE_SWEEP, &params![forgotten]).await?;
    Ok(had)
}

/// The number under which a key is locked while its row is added. Two keys of one number only make
/// one of two who add at the same moment come again.
fn number(key: &str) -> i64 {
    let digest = digest(&SHA256, key.as_bytes());
    let mut number = [0; 8];
    number.copy_from_slice(&digest.as_ref()[..8]);
    i64::from_be_bytes(number)
}
