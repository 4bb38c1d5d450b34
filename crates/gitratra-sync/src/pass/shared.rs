//! What a pass does because a collector may be at work on the same store: it takes leases on what it
//! is about to ask, leaves to others what they are reading, and waits for what was named.
//!
//! As long as no collector was seen, nobody but another pass could meet this one, and what a pass
//! held that was killed would only be in the way of the next.

use std::collections::HashSet;
use std::time::Duration;

use gitratra_core::{Endpoint, Held, Pattern};
use gitratra_store::{CollectorKind, StoreError};

use super::{Ask, Desk, Event, Pass, PassError};
use crate::collector::ERRANDS_PER_JOB;
use crate::lease::{Tenure, Terms, leases};
use crate::report::{Ended, Note, Trouble, collector_on};
use crate::scope::{Errand, Job, Known};
use crate::visit::lock;

/// What was named and is another collector's is looked at again after this.
const LOOK: Duration = Duration::from_secs(2);
/// And is given up after this: a round is over in some minutes, and a lease of one that was killed
/// in two.
const PATIENCE: Duration = Duration::from_mins(10);
/// A store that is silent does not keep the program from ending.
const TO_LEAVE: Duration = Duration::from_secs(2);

impl<'a> Pass<'a> {
    fn terms(&self) -> Option<&'a Terms> {
        let terms = self.options.terms.as_ref();
        terms.filter(|_| !self.options.is_dry_run)
    }

    /// How the store is shared, where a collector was seen at work on it lately.
    pub(super) async fn sharing(&self) -> Result<Option<&'a Terms>, StoreError> {
        let Some(terms) = self.terms() else {
            return Ok(None);
        };
        let presence = self.store.collectors(terms.store_clock()).await?;
        let goes_on = presence
            .present()
            .any(|seen| seen.kind == CollectorKind::Serve && seen.holder != terms.holder);
        Ok(goes_on.then_some(terms))
    }

    /// Shows that this pass is at work.
    pub(super) async fn join_in(&self) -> Result<(), StoreError> {
        let Some(terms) = self.terms() else {
            return Ok(());
        };
        let clock = terms.store_clock();
        self.store
            .note_collector(&terms.holder, &terms.host, CollectorKind::Sync, clock)
            .await
    }

    /// Gives back what is held, as far as the store takes it; else it ends by itself.
    pub(super) async fn leave(&self) {
        let Some(terms) = self.terms() else { return };
        let leaving = async {
            for asker in self.askers {
                asker.client.give_back().await;
            }
            self.store.release_all_leases(&terms.holder).await?;
            self.store.forget_collector(&terms.holder, false).await
        };
        match tokio::time::timeout(TO_LEAVE, leaving).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!("{}", crate::report::told(&error)),
            Err(_) => tracing::debug!("the store does not take back what was held"),
        }
    }

    /// How many errands go in one round.
    pub(super) fn at_once(&self) -> usize {
        match self.terms() {
            Some(_) => self.options.jobs.max(1) * ERRANDS_PER_JOB,
            None => usize::MAX,
        }
    }

    /// Takes leases on errands, where anybody else could be at them. Returns those that are ours and
    /// were not carried out by another collector since the pass began.
    pub(super) async fn claim(
        &mut self,
        known: &Known,
        desk: &Desk,
        errands: Vec<Errand>,
    ) -> Result<(Vec<Errand>, Option<Tenure<'a>>), StoreError> {
        let Some(terms) = self.sharing().await? else {
            return Ok((errands, None));
        };
        self.join_in().await?;
        let (mut tenure, ours) = Tenure::of_errands(self.store, terms, &errands).await?;
        let (ours, others): (Vec<Errand>, Vec<Errand>) = errands
            .into_iter()
            .partition(|errand| ours.contains(&errand.job.key()));
        self.elsewhere.extend(others);
        if ours.is_empty() {
            return Ok((ours, Some(tenure)));
        }
        let news = self.store.held_of_leases(&terms.holder).await?;
        lock(&desk.held).extend(news);
        let (done, ours): (Vec<Errand>, Vec<Errand>) = ours
            .into_iter()
            .partition(|errand| self.is_done(known, desk, &errand.job));
        tenure
            .release_of(done.iter().map(|errand| &errand.job))
            .await?;
        self.report.skipped += done.len() as u64;
        self.read_by_others += done.len() as u64;
        Ok((ours, Some(tenure)))
    }

    /// Whether another collector has done since the pass began what it was to do.
    fn is_done(&self, known: &Known, desk: &Desk, job: &Job) -> bool {
        let ids = job.ids();
        // What this pass has begun it carries to its end.
        let progress = lock(&desk.progress);
        if ids.is_empty() || ids.iter().any(|id| progress.contains_key(id)) {
            return false;
        }
        let began = self.report.started_at;
        let is_fresh = |held: &Held| {
            Endpoint::TRAFFIC.into_iter().all(|endpoint| {
                let answered = held.asked(endpoint).and_then(|asked| asked.answered_at);
                answered.is_some_and(|answered| answered >= began)
            })
        };
        let held = lock(&desk.held);
        match self.options.ask {
            Ask::Due => !known.is_due(job, &held, began, |held| {
                gitratra_core::plan::is_due(held, began)
            }),
            Ask::All | Ask::Named(_) => ids.iter().all(|id| held.get(id).is_some_and(is_fresh)),
        }
    }

    /// Comes back to what another collector was at: what is free now is asked, where that is still of
    /// use; what was named is waited for, and the rest left to it. Returns what was not reached.
    pub(super) async fn visit_the_rest(&mut self, desk: &Desk) -> Result<Vec<Errand>, PassError> {
        let mut waited = Duration::ZERO;
        let mut told: HashSet<String> = HashSet::new();
        loop {
            let rest = std::mem::take(&mut self.elsewhere);
            if self.report.ended != Ended::Done {
                self.leave_to_others(rest).await?;
                return Ok(Vec::new());
            }
            if rest.is_empty() {
                return Ok(Vec::new());
            }
            let known = self.known_now().await?;
            let rest = rest.into_iter().map(|errand| match errand.job {
                // It may have come to mean something.
                Job::Name(name, _) => known.errand_of(name, self.askers),
                _ => errand,
            });
            let rest = rest.collect();
            let left = self.visit_in_turn(&known, desk, rest).await?;
            let rest = std::mem::take(&mut self.elsewhere);
            if self.report.ended != Ended::Done {
                self.leave_to_others(rest).await?;
                return Ok(left);
            }
            let (named, others): (Vec<Errand>, Vec<Errand>) = rest
                .into_iter()
                .partition(|errand| self.is_named(&known, &errand.job));
            self.leave_to_others(others).await?;
            if waited >= PATIENCE {
                self.give_up_waiting(named).await?;
                return Ok(left);
            }
            for errand in &named {
                let name = errand.job.label();
                if told.insert(name.clone()) {
                    let host = self.host_of(&errand.job).await?;
                    (self.progress)(Event::WaitingFor { name, host });
                }
            }
            let Some(terms) = self.terms().filter(|_| !named.is_empty()) else {
                return Ok(left);
            };
            tokio::select! {
                biased;
                () = self.options.interrupt.cancelled() => {
                    self.report.ended = Ended::Interrupted;
                    return Ok([left, named].concat());
                }
                () = terms.clock.sleep(LOOK) => waited += LOOK,
            }
            self.elsewhere = named;
        }
    }

    /// What is known, with what the caller named.
    async fn known_now(&self) -> Result<Known, StoreError> {
        let mut known = Known::read(self.store).await?;
        if let Ask::Named(patterns) = &self.options.ask {
            known.add_rules(patterns);
        }
        Ok(known)
    }

    /// Whether the caller named it exactly.
    fn is_named(&self, known: &Known, job: &Job) -> bool {
        let Ask::Named(patterns) = &self.options.ask else {
            return false;
        };
        let ids = job.ids();
        let names = ids.iter().flat_map(|id| known.names_of(*id));
        let names: HashSet<_> = names.chain([job.name()]).collect();
        patterns
            .iter()
            .any(|pattern| matches!(pattern, Pattern::Name(name) if names.contains(name)))
    }

    /// Where the collector runs that is at a job.
    async fn host_of(&self, job: &Job) -> Result<Option<String>, StoreError> {
        let Some(terms) = self.terms() else {
            return Ok(None);
        };
        for lease in leases(job) {
            let clock = terms.store_clock();
            let holder = self.store.lease_holder(&lease.key, clock).await?;
            let holder = holder.filter(|(holder, _)| *holder != terms.holder);
            if let Some((_, host)) = holder {
                return Ok(host);
            }
        }
        Ok(None)
    }

    async fn leave_to_others(&mut self, errands: Vec<Errand>) -> Result<(), StoreError> {
        let Some(first) = errands.first() else {
            return Ok(());
        };
        let host = self.host_of(&first.job).await?;
        let names: Vec<String> = errands.iter().map(|errand| errand.job.label()).collect();
        self.report.skipped += names.len() as u64;
        self.report.left_to_others.extend(names.iter().cloned());
        self.report.notes.push(Note::LeftToOther { names, host });
        Ok(())
    }

    /// What was named and was not let go of in all that time failed.
    async fn give_up_waiting(&mut self, errands: Vec<Errand>) -> Result<(), StoreError> {
        for errand in errands {
            let host = self.host_of(&errand.job).await?;
            let who = collector_on(host.as_deref());
            self.report.failed += 1;
            self.report.troubles.push(Trouble {
                repo: errand.job.label(),
                endpoint: Endpoint::Repository,
                status: None,
                message: format!("{who} has been reading it for ten minutes"),
                action: "look at what keeps that collector, or ask again later".into(),
            });
        }
        Ok(())
    }

    /// Notes what others have read meanwhile.
    pub(super) fn tell_of_others(&mut self) {
        let read = std::mem::take(&mut self.read_by_others);
        if read > 0 {
            self.report.notes.push(Note::ReadByOther(read));
        }
    }
}
