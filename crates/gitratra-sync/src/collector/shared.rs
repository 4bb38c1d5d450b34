//! What a collector does because it may not be the only one: it takes leases on what it is about to
//! ask, reads anew what others may have asked meanwhile, and lets one at a time look after the fleet.
//!
//! Lists and credentials stay each collector's own: what a credential may see only its own lists
//! tell, and two that read the same list save the same labels.

use std::collections::HashSet;

use gitratra_core::Timestamp;
use gitratra_store::StoreError;
use jiff::SignedDuration;

use super::{Collector, ERRANDS_PER_JOB, later};
use crate::lease::Tenure;
use crate::scope::{Errand, Known};
use crate::visit::lock;

/// What another collector is about to ask is looked at again after this.
const ELSEWHERE: SignedDuration = SignedDuration::from_secs(30);
/// What was asked so long before it was stored at most is learnt in time.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// Whoever met others takes them to be there for so long.
const MET: SignedDuration = SignedDuration::from_mins(10);
/// A round beside others takes such a part of what is due, and so many errands for each that goes side
/// by side at least: the end of each round, at which fewer and fewer go, is to be a small part of it.
const PARTS: usize = 8;
const LEAST_PER_JOB: usize = 6;

impl<'a> Collector<'a> {
    /// How many errands a round takes: where others are at work, a part of what is due, so that all of
    /// them are done at about the same time and none waits for the last one's large round.
    pub(super) fn round_size(&self, now: Timestamp) -> usize {
        let jobs = self.house.jobs;
        let most = jobs * ERRANDS_PER_JOB;
        match now < self.met_until {
            true => (self.queue.in_line() / PARTS).clamp(jobs * LEAST_PER_JOB, most),
            false => most,
        }
    }

    /// Takes leases on what is due. Returns what is ours to ask and still due, by what the store
    /// holds now.
    pub(super) async fn claim(
        &mut self,
        due: Vec<Errand>,
        now: Timestamp,
    ) -> Result<(Vec<Errand>, Tenure<'a>), StoreError> {
        let store = self.house.store;
        let terms = self.terms;
        let (mut tenure, ours) = Tenure::of_errands(store, terms, &due).await?;
        let (ours, others): (Vec<Errand>, Vec<Errand>) = due
            .into_iter()
            .partition(|errand| ours.contains(&errand.job.key()));
        self.queue.put_off(&others, later(now, ELSEWHERE));
        if !others.is_empty() {
            self.met_until = later(now, MET);
        }
        if ours.is_empty() {
            return Ok((ours, tenure));
        }
        let news = store.held_of_leases(&terms.holder).await?;
        lock(&self.held).extend(news);
        if self.is_label_news(&ours).await? {
            self.known = Known::read(store).await?;
            self.lay_out(now);
            self.queue.put_off(&others, later(now, ELSEWHERE));
        } else {
            let keys = ours.iter().map(|errand| errand.job.key()).collect();
            let held = lock(&self.held);
            self.queue.place_again(&keys, &self.known, &held, now);
        }
        let (still, done): (Vec<Errand>, Vec<Errand>) = ours
            .into_iter()
            .partition(|errand| self.queue.is_due(&errand.job.key(), now));
        tenure
            .release_of(done.iter().map(|errand| &errand.job))
            .await?;
        // What a name has come to mean is in the errand.
        let still = still.into_iter().map(|errand| {
            let anew = self.queue.errand(&errand.job.key());
            anew.cloned().unwrap_or(errand)
        });
        Ok((still.collect(), tenure))
    }

    /// Whether somebody else has looked up one of the repositories, or a name that meant none yet.
    async fn is_label_news(&self, errands: &[Errand]) -> Result<bool, StoreError> {
        let holder = &self.terms.holder;
        let leased = self.house.store.repositories_of_leases(holder).await?;
        let is_news = leased.iter().any(|now| {
            let before = self.known.repositories.get(&now.repository.id);
            before.is_none_or(|before| {
                (before.named_at, before.gone, &before.repository)
                    != (now.named_at, now.gone, &now.repository)
            })
        });
        Ok(is_news || errands.iter().any(|errand| errand.job.ids().is_empty()))
    }

    /// Learns what others asked since this was last learnt.
    pub(crate) async fn learn(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let since = self.learnt_at.checked_sub(OVERLAP);
        let since = since.unwrap_or(Timestamp::MIN);
        let news = self.house.store.held_since(since).await?;
        let mut held = lock(&self.held);
        let changed = news
            .iter()
            .filter(|(id, new)| held.get(id) != Some(*new))
            .map(|(id, _)| *id);
        let changed: HashSet<_> = changed.collect();
        held.extend(news);
        self.queue.learn(&changed, &self.known, &held, now);
        drop(held);
        self.chores.hear(!changed.is_empty());
        self.learnt_at = now;
        Ok(())
    }

    /// Whether this collector looks after the fleet. Whoever does goes on as long as it comes back in
    /// time: so alarms and copies are one collector's, which remembers what it did.
    pub(crate) async fn is_caretaker(&self) -> Result<bool, StoreError> {
        let terms = crate::Terms {
            length: self.terms.caretaking,
            ..self.terms.clone()
        };
        let held = Tenure::of_deed(self.house.store, &terms, "chores").await?;
        Ok(held.is_some())
    }

    /// Shows that this collector is at work.
    pub(crate) async fn note_presence(&self) -> Result<(), StoreError> {
        let terms = self.terms;
        let clock = terms.store_clock();
        self.house
            .store
            .note_collector(&terms.holder, &terms.host, clock)
            .await
    }

    /// Leaves everything to others.
    pub(super) async fn leave(&self) -> Result<(), StoreError> {
        let holder = &self.terms.holder;
        self.house.store.release_all_leases(holder).await?;
        self.house.store.forget_collector(holder).await
    }
}
