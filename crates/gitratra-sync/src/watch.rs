//! Alarms: what is wrong is told once through every channel, and once more when it is over.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use futures_util::future::join_all;
use gitratra_core::alarm::{self, Bounds, Message, Opened, Receiver, Settled, Situation};
use gitratra_github::BoxFuture;
use gitratra_store::{Store, StoreError};

use crate::visit::lock;

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

/// What is open, as far as this process knows.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    opened: Vec<Opened>,
    /// Something was told that the store does not know of yet.
    is_ahead: bool,
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
        memory: &Mutex<Memory>,
        situation: &Situation<'_>,
    ) -> Result<u64, StoreError> {
        catch_up(store, memory).await?;
        let opened = store.alarms().await?;
        lock(memory).opened.clone_from(&opened);
        let review = alarm::review(&opened, situation, &self.bounds, &self.receivers);
        let rows: &[Opened] = &review.opened;
        let is_ours = store
            .save_alarms(&opened, &review.changed, &review.dropped)
            .await?;
        if !is_ours {
            // Another process looked at the same moment: what is left is seen the next time.
            return Ok(review.open() as u64);
        }
        lock(memory).opened = rows.to_vec();
        let now = situation.now;
        let told = review.messages.iter().map(|message| async move {
            let keys: HashSet<&String> = message.keys.iter().collect();
            let is_meant =
                |row: &&Opened| row.channel == message.channel && keys.contains(&row.key);
            let meant: Vec<Opened> = rows.iter().filter(is_meant).cloned().collect();
            if !store.claim_alarms(&meant, now).await? {
                return Ok(());
            }
            let is_delivered = self.send(message).await;
            let settled = alarm::settle(rows, message, is_delivered, now);
            lock(memory).settle(&settled);
            let saved = store
                .save_alarms(rows, &settled.changed, &settled.dropped)
                .await;
            if saved.is_err() {
                // It was told, and is not to be told again.
                lock(memory).is_ahead = true;
            }
            saved.map(|_| ())
        });
        let told: Vec<Result<(), StoreError>> = join_all(told).await;
        told.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(review.open() as u64)
    }

    /// The same while the store takes nothing: what was told is remembered, and kept by the first
    /// [`Watch::review`] that can. A kill in between costs a message twice.
    pub(crate) async fn review_without_store(
        &self,
        memory: &Mutex<Memory>,
        situation: &Situation<'_>,
    ) -> u64 {
        let opened = lock(memory).opened.clone();
        let review = alarm::review(&opened, situation, &self.bounds, &self.receivers);
        {
            let mut memory = lock(memory);
            memory.is_ahead |= memory.opened != review.opened;
            memory.opened.clone_from(&review.opened);
        }
        let rows: &[Opened] = &review.opened;
        let told = review.messages.iter().map(|message| async move {
            let is_delivered = self.send(message).await;
            let settled = alarm::settle(rows, message, is_delivered, situation.now);
            let mut memory = lock(memory);
            memory.settle(&settled);
            memory.is_ahead = true;
        });
        join_all(told).await;
        review.open() as u64
    }

    async fn send(&self, message: &Message) -> bool {
        let outcome = self.messenger.send(message).await;
        if let Err(why) = &outcome {
            tracing::warn!(
                channel = message.channel,
                why,
                "a message was not delivered"
            );
        }
        outcome.is_ok()
    }
}

/// Brings the store up to what was told without it.
async fn catch_up(store: &Store, memory: &Mutex<Memory>) -> Result<(), StoreError> {
    let ours = {
        let memory = lock(memory);
        if !memory.is_ahead {
            return Ok(());
        }
        memory.opened.clone()
    };
    let stored = store.alarms().await?;
    let changed = without(&ours, |row| stored.contains(row));
    let is_open = |row: &Opened| ours.iter().any(|own| place(own) == place(row));
    let dropped = without(&stored, is_open);
    if store.save_alarms(&stored, &changed, &dropped).await? {
        lock(memory).is_ahead = false;
    }
    Ok(())
}

impl Memory {
    fn settle(&mut self, settled: &Settled) {
        let dropped: HashSet<_> = settled.dropped.iter().map(place).collect();
        let changed = settled.changed.iter();
        let changed: HashMap<_, &Opened> = changed.map(|row| (place(row), row)).collect();
        self.opened.retain(|row| !dropped.contains(&place(row)));
        for row in &mut self.opened {
            if let Some(changed) = changed.get(&place(row)) {
                *row = (*changed).clone();
            }
        }
    }
}

/// What tells one row from another.
fn place(row: &Opened) -> (&str, &str) {
    (&row.key, &row.channel)
}

fn without(rows: &[Opened], is_left_out: impl Fn(&Opened) -> bool) -> Vec<Opened> {
    rows.iter()
        .filter(|row| !is_left_out(row))
        .cloned()
        .collect()
}
