//! What programs show instead of logging in, by its hash.

use futures_util::FutureExt;
use gitratra_core::{Group, Person, PersonId, SecretHash, Timestamp, TokenScope};

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::table::person::{let_in, number};
use crate::value::{Row, params};
use crate::{Store, StoreError};

/// A token as its owner gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// The hash of the token.
    pub hash: SecretHash,
    /// What it is for.
    pub name: String,
    /// What it may be used for.
    pub scope: TokenScope,
    /// Whose it is.
    pub person: PersonId,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
}

/// A token as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: u64,
    /// What it is for.
    pub name: String,
    /// What it may be used for.
    pub scope: TokenScope,
    /// Whose it is.
    pub person: PersonId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, as far as that was noted.
    pub last_used_at: Option<Timestamp>,
}

impl Store {
    /// Keeps a token and gives its number, and drops some that are over. `None` where the owner was
    /// removed or disabled meanwhile.
    pub async fn add_token(
        &self,
        token: &NewToken,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let token = token.clone();
        self.write(move |tx| add(tx, token, now).boxed()).await
    }

    /// Every token. *Shape*: by number.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.read(|tx| {
            async move {
                let rows = tx.query(&sql::API_TOKEN_ALL, &[]).await?;
                rows.iter().map(token).collect()
            }
            .boxed()
        })
        .await
    }

    /// The token with this hash and its owner as they are now, unless they are disabled. Whether it
    /// has expired is for the caller to judge.
    pub async fn token(
        &self,
        hash: SecretHash,
    ) -> Result<Option<(Token, Person, Vec<Group>)>, StoreError> {
        self.read(move |tx| {
            async move {
                let params = params![hash.to_string()];
                let rows = tx.query(&sql::API_TOKEN_FIND, &params).await?;
                let Some(token) = rows.first().map(token).transpose()? else {
                    return Ok(None);
                };
                let owner = let_in(tx, token.person).await?;
                Ok(owner.map(|(person, groups)| (token, person, groups)))
            }
            .boxed()
        })
        .await
    }

    /// Notes that a token was used.
    pub async fn touch_token(&self, id: u64, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            async move {
                tx.execute(&sql::API_TOKEN_TOUCH, &params![id, now]).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Ends a token of this person; `false` where they have none with this number.
    pub async fn remove_token(&self, person: PersonId, id: u64) -> Result<bool, StoreError> {
        self.write(move |tx| {
            async move {
                let params = params![id, person.0];
                Ok(tx.execute(&sql::API_TOKEN_REMOVE, &params).await? > 0)
            }
            .boxed()
        })
        .await
    }
}

async fn add(tx: &mut Tx<'_>, token: NewToken, now: Timestamp) -> Result<Option<u64>, Fault> {
    tx.lock(Lock::Persons).await?;
    tx.execute(&sql::API_TOKEN_SWEEP, &params![now]).await?;
    if let_in(tx, token.person).await?.is_none() {
        return Ok(None);
    }
    let params = params![
        token.hash.to_string(),
        token.name,
        token.scope.as_str(),
        token.person.0,
        now,
        token.expires_at,
    ];
    let rows = tx.query(&sql::API_TOKEN_ADD, &params).await?;
    number(&rows).map(Some)
}

fn token(row: &Row) -> Result<Token, Fault> {
    Ok(Token {
        id: row.whole(0)?,
        name: row.text(1)?.to_owned(),
        scope: row.parsed(2)?,
        person: PersonId(row.whole(3)?),
        created_at: row.time(4)?,
        expires_at: row.opt_time(5)?,
        last_used_at: row.opt_time(6)?,
    })
}
