//! What the collector does between rounds: the account of its work, zeros that nobody believes,
//! GitHub's outages, alarms, and the picture that it shows of itself.

use std::sync::Mutex;

use gitratra_core::alarm::{Copies, Reach, Situation, Stopped, Watched};
use gitratra_core::plan::{self, Outage};
use gitratra_core::{Day, DayRange, Held, Metric, RepoId, Timestamp, suspect};
use gitratra_github::Counters;
use gitratra_store::{Gone, Run, Store, StoreError};
use jiff::SignedDuration;

use crate::collector::{Collector, CollectorError, later};
use crate::copies::Copying;
use crate::report::Note;
use crate::status::{CredentialStatus, RepoStatus};
use crate::visit::{Visited, lock};
use crate::watch::Memory;

/// Chores wait no longer than this, however much there is to ask.
const CHORES: SignedDuration = SignedDuration::from_mins(10);
/// What was asked shows after this at the latest.
const NEWS: SignedDuration = SignedDuration::from_mins(5);
/// Chores that were not done for so long mean that the machine slept.
const AWAY: SignedDuration = SignedDuration::from_hours(2);
/// Looking through the whole fleet for days of silence is dear.
const SUSPICIONS: SignedDuration = SignedDuration::from_hours(1);
/// A month is over only so often.
const SEALS: SignedDuration = SignedDuration::from_hours(6);
/// Months that are sealed at a time at most, some seconds' work.
pub(crate) const SEALED_AT_ONCE: u64 = 5_000;
/// Runs are accounted for this often at most.
const RUN: SignedDuration = SignedDuration::from_mins(30);

/// What is remembered from one time to the next.
#[derive(Debug)]
pub(crate) struct Chores {
    /// When collecting began.
    since: Option<Timestamp>,
    done_at: Timestamp,
    /// When trouble was last looked for while the store failed.
    watched_at: Timestamp,
    suspected_at: Timestamp,
    sealed_at: Timestamp,
    /// The repository after which sealing goes on.
    seal_after: Option<RepoId>,
    copying: Copying,
    warehousing: Copying,
    has_passed: bool,
    has_worked: bool,
    has_new_days: bool,
    outage: Option<Outage>,
    /// When anything was last stored, as the store told.
    last_stored_at: Option<Timestamp>,
    run: Option<Run>,
    /// A run that the store was given without an answer: it may be there.
    unanswered: Option<Run>,
    memory: Mutex<Memory>,
    /// What was sent before the present run.
    sent: Counters,
}

impl Default for Chores {
    fn default() -> Self {
        Self {
            since: None,
            done_at: Timestamp::MIN,
            watched_at: Timestamp::MIN,
            suspected_at: Timestamp::MIN,
            sealed_at: Timestamp::MIN,
            seal_after: None,
            copying: Copying::new("the copy of the store"),
            warehousing: Copying::new("the warehouse"),
            has_passed: false,
            has_worked: false,
            has_new_days: false,
            outage: None,
            last_stored_at: None,
            run: None,
            unanswered: None,
            memory: Mutex::default(),
            sent: Counters::default(),
        }
    }
}

impl Chores {
    /// Takes in what came of one errand.
    pub(crate) fn count(&mut self, visited: &Visited, now: Timestamp) {
        let run = self.run.get_or_insert(Run {
            started_at: now,
            finished_at: now,
            sent: 0,
            not_modified: 0,
            retried: 0,
            ok: 0,
            failed: 0,
            skipped: 0,
            new_days: 0,
        });
        run.finished_at = now;
        run.ok += visited.ok;
        run.failed += visited.failed;
        run.new_days += visited.new_days;
        self.has_worked = true;
        self.has_new_days |= visited.new_days > 0;
    }

    /// Takes in whether others brought anything.
    pub(crate) fn hear(&mut self, is_news: bool) {
        self.has_new_days |= is_news;
    }

    /// Begins after these requests, which others account for.
    pub(crate) fn begin_after(&mut self, sent: Counters) {
        self.sent = sent;
    }

    /// When that was last.
    pub(crate) fn done_at(&self) -> Timestamp {
        self.done_at
    }

    pub(crate) fn are_overdue(&self, now: Timestamp) -> bool {
        now < self.done_at || now >= later(self.done_at, CHORES)
    }

    /// Stores the account of the work since the last one.
    pub(crate) async fn save_run(
        &mut self,
        store: &Store,
        requests: Counters,
    ) -> Result<(), StoreError> {
        if let Some(run) = &self.unanswered {
            store.save_run_once(run).await?;
            self.unanswered = None;
        }
        let Some(mut run) = self.run.take() else {
            return Ok(());
        };
        run.sent = requests.sent.saturating_sub(self.sent.sent);
        run.not_modified = requests.not_modified.saturating_sub(self.sent.not_modified);
        run.retried = requests.retried.saturating_sub(self.sent.retried);
        self.sent = requests;
        self.unanswered = Some(run);
        store.save_run(&run).await?;
        self.unanswered = None;
        tracing::info!(
            "{} repositories read, {} new days, {} failed ({} requests, {} unchanged)",
            run.ok,
            run.new_days,
            run.failed,
            run.sent,
            run.not_modified
        );
        Ok(())
    }
}

impl Collector<'_> {
    /// Does what has become due. Idle means that nothing is left to ask.
    pub(crate) async fn do_chores(
        &mut self,
        now: Timestamp,
        is_idle: bool,
    ) -> Result<(), CollectorError> {
        // Nothing may be left only because nobody may ask now.
        if is_idle && !self.queue.has_due(now) {
            self.chores.has_passed = true;
            self.house
                .status
                .change(|status| status.last_pass = Some(now));
        }
        let is_news = self.chores.has_worked && now >= later(self.chores.done_at, NEWS);
        if !self.chores.are_overdue(now) && !is_news {
            return Ok(());
        }
        let store = self.house.store;
        // After a long sleep of the machine nothing that was so before counts against anybody.
        let last = self.chores.done_at.max(self.chores.watched_at);
        let was_away = self.chores.since.is_some() && now > later(last, AWAY);
        if was_away {
            self.chores.since = None;
            self.chores.has_passed = is_idle;
        }
        let since = *self.chores.since.get_or_insert(now);
        let is_caretaker = self.is_caretaker().await?;
        if is_caretaker
            && self.chores.has_new_days
            && now >= later(self.chores.suspected_at, SUSPICIONS)
        {
            for (metric, day) in settle_suspicions(store, now).await? {
                tracing::warn!("{}", Note::Suspect(metric, day));
            }
            self.chores.suspected_at = now;
            self.chores.has_new_days = false;
        }
        self.note_presence().await?;
        self.learn(now).await?;
        self.look_for_outage(now);
        self.show(now);
        let mut alarms = 0;
        if is_caretaker {
            self.seal(now).await?;
            let copier = self.house.copier.as_ref();
            self.chores.copying.tend(copier, store, now).await;
            let warehouse = self.house.warehouse.as_ref();
            self.chores.warehousing.tend(warehouse, store, now).await;
            alarms = self.watch_out(since, now).await?;
        }
        // Whoever looked after the fleet before does not go on showing what was wrong then.
        self.house.status.change(|status| status.alarms = alarms);
        let is_run_over = |run: &Run| now >= later(run.started_at, RUN);
        if is_idle && self.chores.run.as_ref().is_some_and(is_run_over) {
            let requests = self.crew.requests();
            self.chores.save_run(store, requests).await?;
        }
        self.chores.done_at = now;
        self.chores.has_worked = false;
        Ok(())
    }

    /// Seals months that have been over for long enough, some at a time.
    async fn seal(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let is_due = now < self.chores.sealed_at || now >= later(self.chores.sealed_at, SEALS);
        if is_due || self.chores.seal_after.is_some() {
            let after = self.chores.seal_after;
            let sealed = self.house.store.seal(after, SEALED_AT_ONCE).await?;
            self.chores.seal_after = sealed.next;
            self.chores.sealed_at = now;
            self.house.store.prepare_years(Day::of(now)).await?;
        }
        Ok(())
    }

    /// An outage of GitHub is told once when it begins and once when it is over.
    fn look_for_outage(&mut self, now: Timestamp) {
        let outage = plan::outage(lock(&self.held).values(), now);
        match (self.chores.outage, outage) {
            (None, Some(found)) => tracing::warn!(
                "GitHub has published nothing after {} for {} of {} repositories: its outage, not \
                 theirs; asking goes on",
                found.newest,
                found.behind,
                found.of
            ),
            (Some(_), None) => tracing::info!("GitHub publishes again"),
            _ => {}
        }
        self.chores.outage = outage;
        self.house.status.change(|status| status.outage = outage);
    }

    async fn watch_out(&mut self, since: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let store = self.house.store;
        self.chores.last_stored_at = store.latest_stored().await?;
        let (watched, stopped) = (self.watched(now), self.refused_anywhere().await?);
        let situation = self.situation(&watched, &stopped, since, now);
        let watch = &self.house.watch;
        watch.review(store, &self.chores.memory, &situation).await
    }

    /// Tells of trouble without looking after the fleet. Of copies it knows nothing.
    pub(crate) async fn cry(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let store = self.house.store;
        self.chores.last_stored_at = store.latest_stored().await?;
        let (watched, stopped) = (self.watched(now), self.refused_anywhere().await?);
        let situation = Situation {
            copies: &Copies::Unknown,
            warehouse: &Copies::Unknown,
            ..self.situation(&watched, &stopped, now, now)
        };
        let watch = &self.house.watch;
        let told = watch.review(store, &self.chores.memory, &situation).await;
        told.map(|_| ())
    }

    /// The store fails, which is no reason for silence: what is known in memory is told.
    pub(crate) async fn watch_without_store(&mut self) {
        let Some(now) = self.crew.now() else { return };
        let Some(since) = self.chores.since else {
            return;
        };
        // What the store did not take is still to be done; only looking is not done each time.
        if now < later(self.chores.watched_at, CHORES) {
            return;
        }
        self.chores.watched_at = now;
        let (watched, stopped) = (self.watched(now), self.stopped());
        let situation = self.situation(&watched, &stopped, since, now);
        let watch = &self.house.watch;
        let alarms = watch
            .review_without_store(&self.chores.memory, &situation)
            .await;
        self.house.status.change(|status| status.alarms = alarms);
    }

    fn situation<'a>(
        &'a self,
        repos: &'a [Watched],
        stopped: &'a [Stopped],
        collecting_since: Timestamp,
        now: Timestamp,
    ) -> Situation<'a> {
        Situation {
            now,
            collecting_since,
            has_passed: self.chores.has_passed,
            repos,
            stopped,
            last_stored_at: self.chores.last_stored_at,
            outage: self.chores.outage,
            copies: self.chores.copying.state(),
            warehouse: self.chores.warehousing.state(),
        }
    }

    fn stopped(&self) -> Vec<Stopped> {
        let refused = self.crew.refused().into_iter();
        refused.map(|(label, why)| Stopped { label, why }).collect()
    }

    /// The tracked repositories of which days can still be saved, those out of sight included.
    fn watched(&self, now: Timestamp) -> Vec<Watched> {
        let held = lock(&self.held);
        // By rules and not by errands: what can be read no more is what somebody must know of.
        let there = self.known.tracked().filter(|known| {
            let newest = held.get(&known.repository.id).and_then(Held::newest);
            let gone = known.gone;
            gone.is_none_or(|gone| !plan::is_given_up(gone.status, newest, now))
        });
        there
            .map(|known| {
                let repository = &known.repository;
                let id = repository.id;
                let newest = held.get(&id).and_then(Held::newest);
                let was_answered = held.get(&id).is_some_and(|held| {
                    let views = held.asked(Metric::Views.into());
                    views.is_some_and(|views| views.answered_at.is_some())
                });
                Watched {
                    id,
                    name: repository.name.clone(),
                    is_private: repository.is_private,
                    reach: match newest {
                        Some(newest) => Reach::To(newest),
                        None if was_answered => Reach::Empty,
                        None => Reach::Never {
                            since: known.first_seen,
                        },
                    },
                }
            })
            .collect()
    }

    /// Shows the collector's present state to whoever looks.
    fn show(&self, now: Timestamp) {
        let held = lock(&self.held);
        let repos: Vec<RepoStatus> = self
            .known
            .tracked()
            .map(|known| {
                let id = known.repository.id;
                let held = held.get(&id);
                let newest = |metric| held.and_then(|held| held.newest_of(metric));
                let held_to = held.and_then(Held::newest);
                let is_given_up = |gone: Gone| plan::is_given_up(gone.status, held_to, now);
                RepoStatus {
                    id,
                    name: known.repository.name.clone(),
                    is_private: known.repository.is_private,
                    views: newest(Metric::Views),
                    clones: newest(Metric::Clones),
                    is_failing: held.is_some_and(Held::has_failed),
                    is_gone: known.gone.is_some_and(is_given_up),
                }
            })
            .collect();
        drop(held);
        let unknown = self.queue.errands();
        let unknown = unknown.filter(|errand| errand.job.ids().is_empty());
        let unknown = unknown.count() as u64;
        self.house.status.change(|status| {
            status.repos = repos;
            status.unknown = unknown;
            status.now = Some(now);
        });
    }

    /// Shows what changes with every step.
    pub(crate) fn publish(&self, now: Timestamp) {
        let refused = self.crew.refused();
        let credentials = self.crew.askers.iter().map(|asker| CredentialStatus {
            label: asker.label.clone(),
            rate: asker.client.rate(),
            refused: refused.get(&asker.label).cloned(),
        });
        let credentials = credentials.collect();
        let requests = self.crew.requests();
        self.house.status.change(|status| {
            status.now = self.crew.now().or(Some(now));
            status.credentials = credentials;
            status.requests = requests;
        });
    }
}

/// Looks at the whole fleet for days on which it fell silent at once. Returns the new ones.
pub(crate) async fn settle_suspicions(
    store: &Store,
    now: Timestamp,
) -> Result<Vec<(Metric, Day)>, StoreError> {
    const LOOK_BACK_DAYS: u32 = 42;
    let known = store.suspicions().await?;
    let fleet = store
        .fleet(DayRange::ending(Day::of(now), LOOK_BACK_DAYS))
        .await?;
    let found = suspect::suspicions(&fleet, &known, now);
    let is_new = |found: &&suspect::Suspicion| !known.contains(found);
    let new = found.iter().filter(is_new);
    let new = new.map(|found| (found.metric, found.day)).collect();
    if found != known {
        store.save_suspicions(&found).await?;
    }
    Ok(new)
}
