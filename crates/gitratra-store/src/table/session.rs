//! Who is logged in, by the hash of what their browser holds.

use futures_util::FutureExt;
use gitratra_core::{Group, Person, PersonId, SecretHash, Timestamp};

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::table::person::let_in;
use crate::value::params;
use crate::{Store, StoreError};

/// A session and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who is logged in.
    pub person: Person,
    /// The groups that person is shown.
    pub groups: Vec<Group>,
    /// When the login was.
    pub created_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// When it was last used, as far as that was noted.
    pub last_seen_at: Timestamp,
}

impl Store {
    /// Keeps a new session, and drops some that are over. `false` where the person was removed or
    /// disabled meanwhile; then nothing is kept.
    pub async fn add_session(
        &self,
        hash: SecretHash,
        person: PersonId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            async move {
                tx.lock(Lock::Persons).await?;
                tx.execute(&sql::SESSION_SWEEP, &params![now]).await?;
                if let_in(tx, person).await?.is_none() {
                    return Ok(false);
                }
                let params = params![hash.to_string(), person.0, now, expires_at];
                tx.execute(&sql::SESSION_ADD, &params).await?;
                Ok(true)
            }
            .boxed()
        })
        .await
    }

    /// The session with this hash and its person as they are now, unless they are disabled. Whether
    /// it has expired is for the caller to judge.
    pub async fn session(&self, hash: SecretHash) -> Result<Option<Session>, StoreError> {
        self.read(move |tx| find(tx, hash).boxed()).await
    }

    /// Notes that a session was used.
    pub async fn touch_session(&self, hash: SecretHash, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            async move {
                let params = params![hash.to_string(), now];
                tx.execute(&sql::SESSION_TOUCH, &params).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Ends a session; `false` where there is none with this hash.
    pub async fn end_session(&self, hash: SecretHash) -> Result<bool, StoreError> {
        self.write(move |tx| {
            async move {
                let params = params![hash.to_string()];
                Ok(tx.execute(&sql::SESSION_REMOVE, &params).await? > 0)
            }
            .boxed()
        })
        .await
    }
}

async fn find(tx: &mut Tx<'_>, hash: SecretHash) -> Result<Option<Session>, Fault> {
    let rows = tx
        .query(&sql::SESSION_FIND, &params![hash.to_string()])
        .await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let Some((person, groups)) = let_in(tx, PersonId(row.whole(0)?)).await? else {
        return Ok(None);
    };
    Ok(Some(Session {
        person,
        groups,
        created_at: row.time(1)?,
        expires_at: row.time(2)?,
        last_seen_at: row.time(3)?,
    }))
}
