//! Secrets of this store itself, with which the program signs what it gives away.

use futures_util::FutureExt;
use gitratra_core::Timestamp;

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::value::params;
use crate::{Store, StoreError};

/// A secret of the store as text. It is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HouseKey(pub String);

impl std::fmt::Debug for HouseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HouseKey")
    }
}

impl Store {
    /// The secret for a purpose, which is `fresh` from now on where there was none.
    pub async fn house_key(
        &self,
        purpose: &'static str,
        fresh: &HouseKey,
        now: Timestamp,
    ) -> Result<HouseKey, StoreError> {
        // Nearly always it is there, and nothing has to be written.
        if let Some(key) = self.read(move |tx| find(tx, purpose).boxed()).await? {
            return Ok(key);
        }
        let fresh = fresh.0.clone();
        self.write(move |tx| {
            async move {
                let params = params![purpose, fresh, now];
                tx.execute(&sql::HOUSE_KEY_ADD, &params).await?;
                let found = find(tx, purpose).await?;
                found.ok_or_else(|| Fault::corrupt("no house key".into()))
            }
            .boxed()
        })
        .await
    }

    /// Puts `fresh` in the place of the secret for a purpose: what was signed before is void.
    pub async fn rotate_house_key(
        &self,
        purpose: &'static str,
        fresh: &HouseKey,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let fresh = fresh.0.clone();
        self.write(move |tx| {
            async move {
                let params = params![purpose, fresh, now];
                tx.execute(&sql::HOUSE_KEY_REPLACE, &params).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }
}

async fn find(tx: &mut Tx<'_>, purpose: &'static str) -> Result<Option<HouseKey>, Fault> {
    let rows = tx.query(&sql::HOUSE_KEY_FIND, &params![purpose]).await?;
    let key = rows
        .first()
        .map(|row| Ok(HouseKey(row.text(0)?.to_owned())));
    key.transpose()
}
