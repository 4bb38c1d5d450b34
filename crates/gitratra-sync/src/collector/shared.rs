//! What a collector does because it may not be the only one: it takes leases on what it is about to
//! ask, reads anew what others may have asked meanwhile, and lets one at a time look after the fleet.
//!
//! Lists and credentials stay each collector's own: what a credential may see only its own lists
//! tell, and two that read the same list save the same labels.

use std::collections::HashSet;
use std::time::Duration;

use gitratra_core::Timestamp;
use gitratra_core::alarm::Stopped;
use gitratra_store::{CollectorKind, CredentialElsewhere, StoreError};
use jiff::SignedDuration;

use super::{Collector, CollectorError, ERRANDS_PER_JOB, later};
use crate::lease::Tenure;
use crate::report::told;
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
/// A store that is silent does not keep the program from ending.
const TO_END: Duration = Duration::from_millis(500);

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

    /// Shows that this collector is at work, and how GitHub takes its credentials.
    pub(crate) async fn note_presence(&self) -> Result<(), StoreError> {
        let (store, terms) = (self.house.store, self.terms);
        let (holder, host) = (&terms.holder, &terms.host);
        let clock = terms.store_clock();
        store
            .note_collector(holder, host, CollectorKind::Serve, clock)
            .await?;
        let notes = self.crew.notes();
        store.note_credentials(holder, host, &notes, clock).await
    }

    /// The credentials that GitHub refuses: one's own, and those of other collectors as they say. What
    /// one knows by oneself counts more, and the newest word of others.
    pub(crate) async fn refused_anywhere(&self) -> Result<Vec<Stopped>, StoreError> {
        let own = self.crew.refused().into_iter();
        let mut refused: Vec<Stopped> = own.map(|(label, why)| Stopped { label, why }).collect();
        let terms = self.terms;
        let others = self
            .house
            .store
            .credentials_of_others(&terms.holder, terms.store_clock())
            .await?;
        let askers = self.crew.askers.iter();
        let mut settled: HashSet<String> = askers.map(|asker| asker.fingerprint.clone()).collect();
        for CredentialElsewhere { host, note, .. } in others {
            let is_news = settled.insert(note.credential);
            let is_told = refused.iter().any(|stopped| stopped.label == note.label);
            if let (true, false, Some(why)) = (is_news, is_told, note.refused) {
                refused.push(Stopped {
                    label: note.label,
                    why: format!("the collector on \"{host}\" says: {why}"),
                });
            }
        }
        Ok(refused)
    }

    /// Tells of what keeps this collector from going on, though another one should look after the
    /// fleet: that one may have been killed.
    pub(super) async fn tell_the_end(&mut self, now: Timestamp) -> Result<(), CollectorError> {
        self.do_chores(now, false).await?;
        if !self.is_caretaker().await? {
            self.cry(now).await?;
        }
        Ok(())
    }

    /// Stores the account of what was done since the last one.
    pub(super) async fn rest(&mut self) -> Result<(), CollectorError> {
        let requests = self.crew.requests();
        let saving = self.chores.save_run(self.house.store, requests);
        match tokio::time::timeout(TO_END, saving).await {
            Ok(Err(error)) if !error.is_passing() => return Err(error.into()),
            _ => self.let_go(false).await,
        }
        Ok(())
    }

    /// Gives back what is held, as far as the store takes it; else it ends by itself, only later.
    pub(super) async fn let_go(&self, is_refused: bool) {
        match tokio::time::timeout(TO_END, self.leave(is_refused)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!("{}", told(&error)),
            Err(_) => tracing::debug!("the store does not take back what was held"),
        }
    }

    /// Leaves everything to others. What is said of credentials stays where somebody has to mend one
    /// before this collector can come back.
    async fn leave(&self, is_refused: bool) -> Result<(), StoreError> {
        for asker in &self.crew.askers {
            asker.client.give_back().await;
        }
        let holder = &self.terms.holder;
        self.house.store.release_all_leases(holder).await?;
        self.house.store.forget_collector(holder, is_refused).await
    }
}
