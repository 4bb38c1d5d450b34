//! Copies of the store, made from time to time while collecting goes on: when the next one is due,
//! and what became of the last.

use std::sync::Arc;
use std::time::Duration;

use gitratra_core::Timestamp;
use gitratra_core::alarm::Copies;
use gitratra_github::BoxFuture;
use gitratra_store::Store;
use jiff::SignedDuration;
use tokio::task::JoinHandle;

use crate::collector::later;

/// Makes copies of a store. The errors are one line each, which say what to do and name no
/// repository.
pub trait Copier: Send + Sync {
    /// How far apart copies are.
    fn every(&self) -> SignedDuration;
    /// When the newest copy that is there was made.
    fn newest(&self) -> BoxFuture<'_, Result<Option<Timestamp>, String>>;
    /// Makes one, looks at what was written, and lets go of old ones.
    fn make<'a>(&'a self, store: &'a Store, at: Timestamp) -> BoxFuture<'a, Result<Copy, String>>;
}

/// A copy that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// A line for the log.
    pub told: String,
    /// Whether it can be put back.
    pub is_sound: bool,
    /// What people have to look after all the same: it is damaged as the store is, or old copies
    /// cannot be let go.
    pub trouble: Option<String>,
}

/// What failed is tried again after this.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// A copy that takes longer than this has failed.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// What is remembered of the copies.
#[derive(Debug)]
pub(crate) struct Copying {
    /// What is made, for the log.
    what: &'static str,
    state: Copies,
    last_good_at: Option<Timestamp>,
    next_at: Timestamp,
    task: Option<(Timestamp, JoinHandle<Result<Outcome, String>>)>,
}

impl Copying {
    pub(crate) fn new(what: &'static str) -> Self {
        Self {
            what,
            state: Copies::None,
            last_good_at: None,
            next_at: Timestamp::MIN,
            task: None,
        }
    }
}

/// What a task found.
#[derive(Debug)]
enum Outcome {
    /// One was made.
    Made(Copy),
    /// None is due yet: there is one of this moment.
    Fresh(Timestamp),
}

impl Copying {
    /// How the copies are.
    pub(crate) fn state(&self) -> &Copies {
        &self.state
    }

    /// Takes in what became of the last copy, and begins the next one where it is due; it goes on
    /// beside the collector.
    pub(crate) async fn tend(
        &mut self,
        copier: Option<&Arc<dyn Copier>>,
        store: &Store,
        now: Timestamp,
    ) {
        let Some(copier) = copier else {
            self.state = Copies::None;
            return;
        };
        if self.state == Copies::None {
            self.state = Copies::Unknown;
        }
        if let Some((began_at, task)) = self.task.take() {
            if !task.is_finished() {
                self.task = Some((began_at, task));
                return;
            }
            let outcome = task
                .await
                .unwrap_or_else(|_| Err("it broke off".to_owned()));
            self.take(outcome, began_at, copier.every(), now);
        }
        // A clock that was set back keeps nobody from copying.
        let is_due = now >= self.next_at || later(now, copier.every() * 2) < self.next_at;
        if is_due {
            let (copier, store) = (Arc::clone(copier), store.clone());
            // What somebody made by hand counts, where nothing of ours is known to be good.
            let looks = self.last_good_at.is_none() || matches!(self.state, Copies::Failing { .. });
            self.task = Some((now, tokio::spawn(copy(copier, store, looks, now))));
        }
    }

    fn take(
        &mut self,
        outcome: Result<Outcome, String>,
        began_at: Timestamp,
        every: SignedDuration,
        now: Timestamp,
    ) {
        match outcome {
            Ok(Outcome::Made(made)) => {
                tracing::info!("{}", made.told);
                if made.is_sound {
                    self.last_good_at = Some(began_at);
                }
                self.next_at = later(began_at, every);
                self.state = match made.trouble {
                    None => Copies::Good,
                    // Another one would be no better: it waits its turn.
                    Some(why) => {
                        tracing::error!("{}: {why}", self.what);
                        Copies::Failing {
                            why,
                            last_good_at: self.last_good_at,
                        }
                    }
                };
            }
            Ok(Outcome::Fresh(at)) => {
                self.next_at = later(at, every);
                // It was made since ours failed, by somebody who was told what is wrong with it.
                if matches!(self.state, Copies::Failing { .. }) {
                    self.state = Copies::Good;
                }
            }
            Err(why) => {
                tracing::error!("{} failed: {why}", self.what);
                self.next_at = later(now, AGAIN);
                self.state = Copies::Failing {
                    why,
                    last_good_at: self.last_good_at,
                };
            }
        }
    }
}

async fn copy(
    copier: Arc<dyn Copier>,
    store: Store,
    looks: bool,
    now: Timestamp,
) -> Result<Outcome, String> {
    let copying = async {
        if looks
            && let Some(newest) = copier.newest().await?
            && newest <= now
            && later(newest, copier.every()) > now
        {
            return Ok(Outcome::Fresh(newest));
        }
        copier.make(&store, now).await.map(Outcome::Made)
    };
    let copied = tokio::time::timeout(LONGEST, copying).await;
    copied.unwrap_or_else(|_| Err("it takes longer than six hours".to_owned()))
}
