//! Budgets that several processes spend together: each takes its shares out of the store.

use gitratra_core::Timestamp;
use gitratra_github::{BoxFuture, Purse, PurseWant, Share};
use gitratra_store::{Given, Hour, Store, Want};

use crate::lease::Terms;
use crate::report::told;

/// Shares of what one credential may spend.
pub struct SharedPurse {
    store: Store,
    terms: Terms,
    credential: String,
}

impl SharedPurse {
    /// Shares with all who use this store, for the credential with this fingerprint.
    #[must_use]
    pub fn new(store: Store, terms: Terms, fingerprint: String) -> Self {
        Self {
            store,
            terms,
            credential: fingerprint,
        }
    }
}

impl Purse for SharedPurse {
    fn take(&self, want: PurseWant) -> BoxFuture<'_, Result<Share, String>> {
        Box::pin(async move {
            let asked = Want {
                holder: self.terms.holder.clone(),
                credential: self.credential.clone(),
                resource: want.resource,
                points: want.points,
                per_minute: want.per_minute,
                hour: want.hour.map(|hour| Hour {
                    ends_at: hour.ends_at,
                    points: hour.points,
                    least: hour.least,
                    allowance: hour.allowance,
                }),
            };
            let given = self
                .store
                .take_budget(asked, self.terms.store_clock())
                .await;
            let given = given.map_err(|error| {
                format!("what may be spent cannot be agreed on: {}", told(&error))
            })?;
            Ok(Share {
                points: given.points,
                holds: Given::HOLDS,
                again_in: given.again_in,
                hourly: given.hourly,
                hour_left: given.hour_left,
            })
        })
    }

    fn give_back(
        &self,
        resource: &'static str,
        ends_at: Timestamp,
        points: u64,
    ) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let given = self
                .store
                .return_budget(&self.credential, resource, ends_at, points)
                .await;
            if let Err(error) = given {
                tracing::debug!("{}", told(&error));
            }
        })
    }
}
