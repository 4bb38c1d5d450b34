//! Budgets that several processes spend together: each takes its shares out of the store.

use std::time::Duration;

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
    speed: f64,
}

impl SharedPurse {
    /// Shares with all who use this store, for the credential with this fingerprint.
    #[must_use]
    pub fn new(store: Store, terms: Terms, fingerprint: String) -> Self {
        Self {
            store,
            terms,
            credential: fingerprint,
            speed: 1.0,
        }
    }

    /// For a clock that runs so many times faster than the store's, by which shares are given.
    #[must_use]
    pub fn at_speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    /// What takes so long by the store's clock, by the one that measures waiting.
    fn here(&self, time: Duration) -> Duration {
        Duration::try_from_secs_f64(time.as_secs_f64() * self.speed).unwrap_or(Duration::MAX)
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
                holds: self.here(Given::HOLDS),
                again_in: self.here(given.again_in),
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
