//! What programs that share a store agree on: how often what may be seen has changed in it, and what a
//! copy of it must hold to be read from.
//!
//! A copy that a server makes of itself lags behind. Traffic may come late there; what somebody may no
//! longer see must never be shown, and whoever has changed something has to find it changed. So
//! whatever changes either is counted in the store, and a copy is asked only as far as it has the same
//! count.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use gitratra_core::RepoId;

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::value::params;
use crate::{Store, StoreError};

/// A moment in the life of a store, of which a copy of it can be asked whether it has come so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Which store it is.
    pub place: i64,
    /// How often it has changed what somebody may see, and what somebody has changed by hand.
    pub changes: i64,
    /// How far the server has written, or followed; 0 where that does not matter.
    pub position: i64,
}

impl Mark {
    /// Whether a copy that stands at `held` holds all that matters at this moment.
    #[must_use]
    pub const fn is_held_by(&self, held: &Self) -> bool {
        self.place == held.place && self.changes <= held.changes && self.position <= held.position
    }
}

/// What a copy must hold.
#[derive(Debug)]
pub(crate) struct Follower {
    needed: Mutex<Mark>,
}

impl Default for Follower {
    /// Nothing holds what nobody has asked for yet.
    fn default() -> Self {
        let needed = Mark {
            place: -1,
            changes: i64::MAX,
            position: i64::MAX,
        };
        Self {
            needed: Mutex::new(needed),
        }
    }
}

impl Follower {
    pub(crate) fn needed(&self) -> Mark {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Mark> {
        self.needed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Which store it is and how often what may be seen has changed in it; its position is 0.
    pub async fn mark(&self) -> Result<Mark, StoreError> {
        self.read(|tx| read(tx).boxed()).await
    }

    /// The same with how far the server has written, or followed where it is a copy.
    pub async fn mark_with_position(&self) -> Result<Mark, StoreError> {
        self.read(|tx| held(tx).boxed()).await
    }

    /// Counts a change that everybody has to see who comes after it.
    pub async fn note_change(&self) -> Result<(), StoreError> {
        self.write(|tx| {
            async move {
                tx.execute(&sql::MARK_COUNT, &[]).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// What a copy must hold from now on to answer. Of a store that is no copy nothing is asked.
    pub fn must_hold(&self, needed: Mark) {
        if let Some(follower) = self.follower() {
            *follower.lock() = needed;
        }
    }

    /// How far a copy has come, whatever it must hold.
    ///
    /// # Errors
    /// [`StoreError::Copy`] where it does not answer.
    pub async fn followed(&self) -> Result<Mark, StoreError> {
        let found = self.engine().read(|tx| held(tx).boxed()).await;
        found.map_err(|fault| StoreError::Copy {
            location: self.location().to_string(),
            source: Some(std::sync::Arc::new(fault.at(self.location()))),
        })
    }
}

async fn read(tx: &mut Tx<'_>) -> Result<Mark, Fault> {
    let rows = tx.query(&sql::MARK_NOW, &[]).await?;
    let row = rows.first();
    let row = row.ok_or_else(|| Fault::corrupt("no count of its changes".into()))?;
    Ok(Mark {
        changes: row.int(0)?,
        place: row.int(1)?,
        position: 0,
    })
}

/// Counts where repositories that are known are about to be called otherwise, or to be seen by others
/// than before.
///
/// They are looked up by one question however many there are, and none of their rows is kept locked
/// while the count is waited for. *Shape*: each with what its name is known by, and whether it is
/// private.
pub(crate) async fn count_labels(
    tx: &mut Tx<'_>,
    labels: &[(RepoId, String, bool)],
) -> Result<(), Fault> {
    // As the engines order them.
    let ids = labels.iter().map(|(repo, ..)| repo.0.cast_signed());
    let (Some(first), Some(last)) = (ids.clone().min(), ids.max()) else {
        return Ok(());
    };
    let rows = tx.query(&sql::REPO_LABELS, &params![first, last]).await?;
    let mut before = HashMap::with_capacity(rows.len());
    for row in &rows {
        before.insert(row.repo(0)?, (row.text(1)?, row.is(2)?));
    }
    let is_other = |(repo, name, is_private): &(RepoId, String, bool)| {
        let before = before.get(repo);
        before.is_some_and(|before| *before != (name.as_str(), *is_private))
    };
    if labels.iter().any(is_other) {
        tx.execute(&sql::MARK_COUNT, &[]).await?;
    }
    Ok(())
}

pub(crate) async fn held(tx: &mut Tx<'_>) -> Result<Mark, Fault> {
    let position = tx.position().await?;
    Ok(Mark {
        position,
        ..read(tx).await?
    })
}
