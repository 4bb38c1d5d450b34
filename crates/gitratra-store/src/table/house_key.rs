//! Secrets of this store itself, with which the program signs what it gives away.

use futures_util::FutureExt;
use gitratra_core::Timestamp;

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
        let fresh = fresh.0.clone();
        self.write(move |tx| {
            async move {
                let params = params![purpose, fresh, now];
                tx.execute(&sql::HOUSE_KEY_ADD, &params).await?;
                let rows = tx.query(&sql::HOUSE_KEY_FIND, &params![purpose]).await?;
                let row = rows.first();
                let row = row.ok_or_else(|| Fault::corrupt("no house key".into()))?;
                Ok(HouseKey(row.text(0)?.to_owned()))
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
