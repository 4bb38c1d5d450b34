//! Alarms: what is wrong is told once through every channel, and once more when it is over.

use std::collections::HashSet;

use futures_util::future::join_all;
use gitratra_core::alarm::{self, Bounds, Message, Opened, Receiver, Situation};
use gitratra_github::BoxFuture;
use gitratra_store::{Store, StoreError};

/// Sends messages. The error is one line for the log.
pub trait Messenger: Send + Sync {
    /// Sends a message through the channel that it names.
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), String>>;
}

/// Who is told of what.
pub struct Watch<'a> {
    /// From when on something is a trouble.
    pub bounds: Bounds,
    /// The channels.
    pub receivers: Vec<Receiver>,
    /// What sends.
    pub messenger: &'a dyn Messenger,
}

impl Watch<'_> {
    /// Looks at how things are, keeps what is open and sends what is to be told. Returns how many
    /// troubles there are.
    ///
    /// What is to be told is kept before it is sent, so that a kill in between costs no message; at
    /// worst one comes twice.
    pub(crate) async fn review(
        &self,
        store: &Store,
        situation: &Situation<'_>,
    ) -> Result<u64, StoreError> {
        let opened = store.alarms().await?;
        let review = alarm::review(&opened, situation, &self.bounds, &self.receivers);
        let rows: &[Opened] = &review.opened;
        let is_ours = store
            .save_alarms(&opened, &review.changed, &review.dropped)
            .await?;
        if !is_ours {
            // Another process looked at the same moment: what is left is seen the next time.
            return Ok(review.open() as u64);
        }
        let now = situation.now;
        let told = review.messages.iter().map(|message| async move {
            let keys: HashSet<&String> = message.keys.iter().collect();
            let is_meant =
                |row: &&Opened| row.channel == message.channel && keys.contains(&row.key);
            let meant: Vec<Opened> = rows.iter().filter(is_meant).cloned().collect();
            if !store.claim_alarms(&meant, now).await? {
                return Ok(());
            }
            let outcome = self.messenger.send(message).await;
            if let Err(why) = &outcome {
                tracing::warn!(
                    channel = message.channel,
                    why,
                    "a message was not delivered"
                );
            }
            let settled = alarm::settle(rows, message, outcome.is_ok(), now);
            store
                .save_alarms(rows, &settled.changed, &settled.dropped)
                .await?;
            Ok(())
        });
        let told: Vec<Result<(), StoreError>> = join_all(told).await;
        told.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(review.open() as u64)
    }
}
