//! Leases: several collectors share a store, and what one of them is about to ask no other one asks.
//!
//! A lease ends by the store's clock. Here it is taken to end a little sooner, by a clock that never
//! goes back: whoever stood still sees that before anything more is sent, and asks the store whether
//! it still has what it held. Where it has not, the rest of the round is somebody else's; what was
//! answered until then is stored all the same, since merging takes it in any order.

use std::collections::HashSet;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use gitratra_github::Clock;
use gitratra_store::{Lease, Store, StoreClock, StoreError};
use tokio::sync::Mutex;

use crate::report::told;
use crate::scope::{Errand, Job};
use crate::visit::{Shared, lock};

/// How a collector holds leases.
#[derive(Clone)]
pub struct Terms {
    /// What it calls itself, like no other that shares the store, nor itself before a restart.
    pub holder: String,
    /// The machine, for people.
    pub host: String,
    /// How long a lease lasts.
    pub length: Duration,
    /// After how long it is renewed while a round goes on.
    pub renew_after: Duration,
    /// How long whoever looks after the fleet goes on doing so without coming back.
    pub caretaking: Duration,
    /// What measures that here.
    pub clock: Arc<dyn Clock>,
    /// Whether the store goes by that clock as well and not by its own: for simulations, in which
    /// all who share the store share a clock.
    pub is_clock_shared: bool,
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms")
            .field("holder", &self.holder)
            .field("host", &self.host)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl Terms {
    /// The usual: two minutes, by the store's clock.
    #[must_use]
    pub fn new(holder: String, host: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            holder,
            host,
            length: Duration::from_secs(120),
            renew_after: Duration::from_secs(40),
            caretaking: Duration::from_mins(25),
            clock,
            is_clock_shared: false,
        }
    }

    /// For simulated days that go by faster: who is killed is replaced within a day all the same.
    #[must_use]
    pub fn at_speed(mut self, speed: f64) -> Self {
        let faster = |time: Duration, least: u64| {
            let faster = time.div_f64(speed.max(1.0));
            faster.max(Duration::from_millis(least)).min(time)
        };
        self.length = faster(self.length, 3_000);
        self.renew_after = faster(self.renew_after, 1_000);
        self.caretaking = faster(self.caretaking, 5_000);
        self
    }

    /// By what the store goes.
    #[must_use]
    pub fn store_clock(&self) -> StoreClock {
        match self.is_clock_shared {
            true => StoreClock::At(self.clock.now()),
            false => StoreClock::Own,
        }
    }

    /// For how long a lease is relied on: not to its very end, since what was sent has a way to go.
    fn relied_on(&self) -> Duration {
        self.length - self.length / 8
    }
}

/// The leases of a round.
pub(crate) struct Tenure<'a> {
    store: &'a Store,
    terms: &'a Terms,
    keys: Vec<String>,
    /// Until when they are relied on, by the clock here.
    until: std::sync::Mutex<Duration>,
    is_lost: AtomicBool,
    renewing: Mutex<()>,
}

impl<'a> Tenure<'a> {
    /// Takes leases on errands, each of them whole or not at all. Returns which of the errands are
    /// ours now, by their keys.
    pub(crate) async fn of_errands(
        store: &'a Store,
        terms: &'a Terms,
        errands: &[Errand],
    ) -> Result<(Self, HashSet<String>), StoreError> {
        let leases: Vec<Vec<Lease>> = errands.iter().map(|errand| leases(&errand.job)).collect();
        let all: Vec<Lease> = leases.iter().flatten().cloned().collect();
        let (mut tenure, had) = Self::take(store, terms, &all).await?;
        let had: HashSet<&str> = all
            .iter()
            .zip(had)
            .filter_map(|(lease, had)| had.then_some(lease.key.as_str()))
            .collect();
        let is_whole = |leases: &[Lease]| leases.iter().all(|lease| had.contains(&*lease.key));
        let of_errands = errands.iter().zip(&leases);
        let (ours, others): (Vec<_>, Vec<_>) = of_errands.partition(|(_, leases)| is_whole(leases));
        tenure.keys = ours
            .iter()
            .flat_map(|(_, leases)| leases.iter().map(|lease| lease.key.clone()))
            .collect();
        let needed: HashSet<&String> = tenure.keys.iter().collect();
        let halves = others.iter().flat_map(|(_, leases)| leases.iter());
        let halves = halves.filter(|lease| had.contains(&*lease.key));
        let halves = halves.map(|lease| lease.key.clone());
        let halves: Vec<String> = halves.filter(|key| !needed.contains(key)).collect();
        if !halves.is_empty() {
            store.release_leases(&terms.holder, &halves).await?;
        }
        let ours = ours.iter().map(|(errand, _)| errand.job.key()).collect();
        Ok((tenure, ours))
    }

    /// Takes a lease on something that is no repository. Nothing where somebody else has it.
    pub(crate) async fn of_deed(
        store: &'a Store,
        terms: &'a Terms,
        key: &str,
    ) -> Result<Option<Self>, StoreError> {
        let lease = Lease {
            key: key.to_owned(),
            repo: None,
        };
        let (tenure, had) = Self::take(store, terms, &[lease]).await?;
        Ok((had == [true]).then_some(tenure))
    }

    async fn take(
        store: &'a Store,
        terms: &'a Terms,
        leases: &[Lease],
    ) -> Result<(Self, Vec<bool>), StoreError> {
        let until = terms.clock.now() + terms.relied_on();
        let had = store
            .take_leases(&terms.holder, leases, terms.length, terms.store_clock())
            .await?;
        let tenure = Self {
            store,
            terms,
            keys: leases.iter().map(|lease| lease.key.clone()).collect(),
            until: std::sync::Mutex::new(until),
            is_lost: AtomicBool::new(false),
            renewing: Mutex::new(()),
        };
        Ok((tenure, had))
    }

    /// Gives back what is held of these jobs.
    pub(crate) async fn release_of<'j>(
        &mut self,
        jobs: impl IntoIterator<Item = &'j Job>,
    ) -> Result<(), StoreError> {
        let given: HashSet<String> = jobs
            .into_iter()
            .flat_map(|job| leases(job).into_iter().map(|lease| lease.key))
            .collect();
        if given.is_empty() {
            return Ok(());
        }
        self.keys.retain(|key| !given.contains(key));
        let given: Vec<String> = given.into_iter().collect();
        self.store.release_leases(&self.terms.holder, &given).await
    }

    /// Gives all of them back.
    pub(crate) async fn release(self) -> Result<(), StoreError> {
        let holder = &self.terms.holder;
        self.store.release_leases(holder, &self.keys).await
    }

    /// Whether another one may have what was held.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }

    /// Does work that takes long, renewing what is held from time to time. Nothing of the work goes
    /// on meanwhile, so that whoever stood still asks first whether it may.
    pub(crate) async fn keep<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            let wait = match self.is_lost() {
                false => self.terms.renew_after,
                true => Duration::MAX,
            };
            tokio::select! {
                biased;
                () = sleep(self.terms, wait) => {
                    let begun = *lock(&self.until);
                    self.renew(begun).await;
                }
                done = &mut work => return done,
            }
        }
    }

    /// Carries a question out, as long as its answer is ours to ask for. Nothing once it is not.
    async fn guard<T>(&self, asking: impl Future<Output = T>) -> Option<T> {
        let mut asking = pin!(asking);
        while self.holds().await {
            let polled = poll_fn(|cx| match self.is_over() {
                true => Poll::Ready(None),
                false => asking.as_mut().poll(cx).map(Some),
            });
            if let Some(answer) = polled.await {
                return Some(answer);
            }
        }
        None
    }

    /// Whether what was taken is still held; asked of the store where time has run out.
    async fn holds(&self) -> bool {
        let until = *lock(&self.until);
        if self.is_over() {
            self.renew(until).await;
        }
        !self.is_lost()
    }

    fn is_over(&self) -> bool {
        self.terms.clock.now() >= *lock(&self.until)
    }

    /// Lengthens what is held, unless that was done since it ended at `before`.
    async fn renew(&self, before: Duration) {
        let _alone = self.renewing.lock().await;
        if self.is_lost() || *lock(&self.until) != before {
            return;
        }
        let terms = self.terms;
        let until = terms.clock.now() + terms.relied_on();
        let clock = terms.store_clock();
        let renewed = self
            .store
            .renew_leases(&terms.holder, &self.keys, terms.length, clock)
            .await;
        match renewed {
            Ok(true) => *lock(&self.until) = until,
            Ok(false) => {
                tracing::warn!("stood still for so long that another collector took over");
                self.is_lost.store(true, Ordering::Relaxed);
            }
            // What was held is still held until it ends: that is asked then.
            Err(error) if !self.is_over() => tracing::debug!("{}", told(&error)),
            Err(error) => {
                tracing::warn!("what is asked cannot be agreed on: {}", told(&error));
                self.is_lost.store(true, Ordering::Relaxed);
            }
        }
    }
}

async fn sleep(terms: &Terms, wait: Duration) {
    match wait {
        Duration::MAX => std::future::pending().await,
        wait => terms.clock.sleep(wait).await,
    }
}

/// What has to be held for a job: each repository that it is about, or its name where that means none
/// yet.
pub(crate) fn leases(job: &Job) -> Vec<Lease> {
    let of_repo = |id: gitratra_core::RepoId| Lease {
        key: format!("repo {id}"),
        repo: Some(id),
    };
    let ids = job.ids();
    match ids.is_empty() {
        false => ids.into_iter().map(of_repo).collect(),
        true => vec![Lease {
            key: job.key(),
            repo: None,
        }],
    }
}

impl Shared<'_> {
    /// The answer, or nothing once the pass is to stop, or what is asked is another collector's.
    pub(crate) async fn unless_stopped<T>(&self, asking: impl Future<Output = T>) -> Option<T> {
        let asking = async {
            match self.tenure {
                Some(tenure) => tenure.guard(asking).await,
                None => Some(asking.await),
            }
        };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            answer = asking => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use gitratra_github::TokioClock;

    use super::*;

    /// Length, renewal and caretaking in milliseconds.
    fn at_speed(speed: f64) -> [u128; 3] {
        let clock = Arc::new(TokioClock::new());
        let terms = Terms::new("one".into(), "here".into(), clock).at_speed(speed);
        [terms.length, terms.renew_after, terms.caretaking].map(|time| time.as_millis())
    }

    #[test]
    fn leases_are_as_much_shorter_as_days_are_but_not_without_end() {
        let usual = [120_000, 40_000, 25 * 60_000];
        assert_eq!(at_speed(1.0), usual);
        // Slower than real time is not longer.
        assert_eq!(at_speed(0.01), usual);
        assert_eq!(at_speed(10.0), [12_000, 4_000, 150_000]);
        assert_eq!(at_speed(40.0), [3_000, 1_000, 37_500]);
        assert_eq!(at_speed(7_200.0), [3_000, 1_000, 5_000]);
        assert_eq!(at_speed(1e12), [3_000, 1_000, 5_000]);
    }

    #[test]
    fn at_any_speed_a_lease_is_renewed_in_time_and_twice() {
        for speed in [1.0, 2.0, 30.0, 41.0, 300.0, 1e6] {
            let clock = Arc::new(TokioClock::new());
            let terms = Terms::new("one".into(), "here".into(), clock).at_speed(speed);
            assert!(terms.renew_after * 2 < terms.relied_on(), "{speed}");
            assert!(terms.length < terms.caretaking, "{speed}");
        }
    }
}
