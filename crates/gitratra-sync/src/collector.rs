//! The collector: it runs for years, asks each repository at its moment, and survives whatever
//! GitHub, the network and the store come up with.
//!
//! It works in steps. A step sees what time it is, which credentials may ask and what is due, has
//! one round of that carried out, and says how long to wait. What it holds in memory can be made
//! again from the store at any time, so that a kill at any moment costs nothing.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gitratra_core::plan::Turn;
use gitratra_core::{Held, RepoId, Repository, Rules, Timestamp};
use gitratra_github::{BoxFuture, Clock, Counters, Failure, FailureKind};
use gitratra_store::{Store, StoreError};
use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::asker::{self, Asker};
use crate::chores::Chores;
use crate::read::Mode;
use crate::round::{Ending, Round};
use crate::scope::{self, Chosen, Errand, Job, Known, Lists};
use crate::status::Status;
use crate::visit::{Visited, lock};
use crate::watch::Watch;

/// Where credentials come from.
pub trait AskerSource: Send + Sync {
    /// The credentials there are now. `known` are those in use: one that has not changed keeps its
    /// client, since that knows what is left of its hour. The error is one line for a person.
    fn askers<'a>(&'a self, known: &'a [Asker]) -> BoxFuture<'a, Result<Vec<Asker>, String>>;
}

/// What a collector works with.
pub struct House<'a> {
    /// Where everything is kept.
    pub store: &'a Store,
    /// Where credentials come from.
    pub source: &'a dyn AskerSource,
    /// What it waits by.
    pub clock: Arc<dyn Clock>,
    /// Who is told of trouble.
    pub watch: Watch<'a>,
    /// What it tells of itself.
    pub status: Status,
    /// Repositories asked at the same time.
    pub jobs: usize,
    /// Ends it; what was answered by then is stored.
    pub stop: CancellationToken,
    /// The machine slept or its clock was changed: what time it is must be asked again.
    pub doubt_time: Arc<Notify>,
}

/// Why a collector cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    /// The store fails in a way that waiting does not mend.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There are no credentials.
    #[error("{0}")]
    Credentials(String),
    /// GitHub takes none of the credentials.
    #[error("GitHub takes no credential: {0}")]
    Unauthorized(Failure),
    /// None of what is tracked can be read.
    #[error("none of the tracked repositories can be read: {0}")]
    Unreadable(String),
}

/// Steps are this far apart at least, so that what is due at about the same time goes together.
const STEP: SignedDuration = SignedDuration::from_secs(30);
/// And this far at most, so that what others track is noticed.
const LONGEST_STEP: SignedDuration = SignedDuration::from_mins(10);
/// A round takes so many errands for each that goes side by side: then the order is made anew.
const ERRANDS_PER_JOB: usize = 25;
/// A label older than this is looked up again, every other day.
const LABELS_HOLD: SignedDuration = SignedDuration::from_hours(44);
/// Credentials are looked for again so often: installations come and go.
const RENEW: SignedDuration = SignedDuration::from_hours(1);
/// The same while GitHub refuses one.
const RENEW_REFUSED: SignedDuration = SignedDuration::from_mins(5);
/// A credential that GitHub refused is tried again after this, with a single question.
const TRY_REFUSED: SignedDuration = SignedDuration::from_hours(1);
/// The waits after which an unreachable GitHub or a failing store is tried again.
const RETRY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(120));
/// A job that could not be carried out is tried again after the first wait, then ever more rarely
/// up to the second.
const FAILED_GAPS: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(2), SignedDuration::from_hours(6));

/// A collector at work.
pub struct Collector<'a> {
    pub(crate) house: House<'a>,
    pub(crate) askers: Vec<Asker>,
    /// Credentials that ask nothing for now, by fingerprint, with the reason.
    stopped: HashMap<String, Stop>,
    /// What clients did that are not in use any more.
    retired: Counters,
    pub(crate) known: Known,
    lists: Lists,
    listed_at: Timestamp,
    pub(crate) queue: Vec<Queued>,
    pub(crate) held: Mutex<HashMap<RepoId, Held>>,
    number_misses: AtomicU32,
    /// When to do what is not done at every step.
    renew_at: Timestamp,
    scope_at: Timestamp,
    pub(crate) chores: Chores,
    troubles: u32,
    is_time_doubted: bool,
}

/// An errand and when it is due.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) errand: Errand,
    turn: Option<Turn>,
    due_at: Timestamp,
    failed: Option<Failed>,
}

/// That an errand came to nothing, and when.
#[derive(Debug, Clone, Copy)]
struct Failed {
    since: Timestamp,
    at: Timestamp,
}

/// That a credential asks nothing for now.
#[derive(Debug)]
struct Stop {
    failure: Failure,
    /// When that was, by GitHub's clock as far as it was known.
    at: Timestamp,
}

impl Stop {
    fn is_refusal(&self) -> bool {
        self.failure.kind == FailureKind::Unauthorized
    }
}

/// What a step says.
enum Next {
    /// The next step is worth making at this moment.
    At(Timestamp),
    /// There is more to do at once.
    Now,
    /// Something is out of order: try again after a while.
    Retry,
}

impl<'a> Collector<'a> {
    /// Makes a collector; nothing is asked yet.
    #[must_use]
    pub fn new(house: House<'a>) -> Self {
        Self {
            house,
            askers: Vec::new(),
            stopped: HashMap::new(),
            retired: Counters::default(),
            known: Known::default(),
            lists: Lists::default(),
            listed_at: Timestamp::MIN,
            queue: Vec::new(),
            held: Mutex::default(),
            number_misses: AtomicU32::new(0),
            renew_at: Timestamp::MIN,
            scope_at: Timestamp::MIN,
            chores: Chores::default(),
            troubles: 0,
            is_time_doubted: false,
        }
    }

    /// Runs until it is stopped.
    ///
    /// # Errors
    /// [`CollectorError`] where the self-test at the start fails, or the store fails for good.
    /// Whatever GitHub and the network do afterwards is waited out.
    pub async fn run(&mut self) -> Result<(), CollectorError> {
        while !self.house.stop.is_cancelled() {
            let beat_at = self.house.clock.now();
            self.house.status.change(|status| status.beat_at = beat_at);
            let stop = self.house.stop.clone();
            let stepped = tokio::select! {
                biased;
                // A round ends by itself, with what it was answered; all else can be dropped.
                stepped = self.step() => stepped,
                () = long_stopped(&stop) => break,
            };
            match stepped {
                Ok(Next::Now) => self.troubles = 0,
                Ok(Next::At(then)) => {
                    self.troubles = 0;
                    self.sleep_until(then).await;
                }
                Ok(Next::Retry) => self.back_off().await,
                Err(CollectorError::Store(error)) if passes(&error) => {
                    self.house.status.change(|status| status.store_errors += 1);
                    if self.troubles == 0 {
                        tracing::error!("{}", told(&error));
                    }
                    self.back_off().await;
                }
                Err(error) => return Err(error),
            }
        }
        self.rest().await
    }

    /// Stores the account of what was done since the last one.
    async fn rest(&mut self) -> Result<(), CollectorError> {
        let requests = self.requests();
        match self.chores.save_run(self.house.store, requests).await {
            Err(error) if passes(&error) => Ok(()),
            other => Ok(other?),
        }
    }

    async fn step(&mut self) -> Result<Next, CollectorError> {
        let Some(now) = self.time().await? else {
            return Ok(Next::Retry);
        };
        self.house.status.change(|status| status.now = Some(now));
        if now >= self.renew_at {
            self.renew(now).await?;
        }
        let rules = Rules::new(self.house.store.rules().await?);
        let has_changed = rules.patterns() != self.known.rules.patterns();
        if (now >= self.scope_at || has_changed) && !self.refresh(now).await? {
            return Ok(Next::Retry);
        }
        if !self.house.status.snapshot().is_ready {
            self.test().await?;
        }
        let errands = self.due(now);
        let is_idle = errands.is_empty();
        let mut ending = Ending::default();
        if !is_idle {
            ending = self.round(errands, now).await?;
        }
        let now = asker::server_now(&self.askers).unwrap_or(now);
        let is_cut_off = ending.is_cut_off;
        self.take(ending, now);
        self.publish(now);
        if is_idle || self.chores.are_overdue(now) {
            self.do_chores(now, is_idle).await?;
        }
        if is_cut_off {
            self.is_time_doubted = true;
            return Ok(Next::Retry);
        }
        Ok(if is_idle {
            Next::At(self.next_step(now))
        } else {
            Next::Now
        })
    }

    /// GitHub's time: reckoned from the last answer, or asked. Nothing where nobody answers.
    async fn time(&mut self) -> Result<Option<Timestamp>, CollectorError> {
        if self.askers.is_empty() {
            self.renew(Timestamp::MIN).await?;
        }
        if !self.is_time_doubted
            && let Some(now) = asker::server_now(&self.askers)
        {
            return Ok(Some(now));
        }
        for place in 0..self.askers.len() {
            let asker = self.askers[place].clone();
            if self.is_refused(&asker) {
                continue;
            }
            match asker.client.rate_limit().await {
                Ok(limit) => {
                    self.is_time_doubted = false;
                    return Ok(Some(limit.at));
                }
                Err(failure) => {
                    let is_refused = failure.kind == FailureKind::Unauthorized;
                    let is_nobody = failure.kind == FailureKind::Unreachable;
                    if self.troubles == 0 && !is_refused {
                        tracing::warn!("{failure}; {}", failure.action());
                    }
                    if is_refused {
                        self.stop(&asker, failure);
                    }
                    // Also a refusal tells the time.
                    if let (false, Some(now)) = (is_nobody, asker.client.server_now()) {
                        self.is_time_doubted = false;
                        return Ok(Some(now));
                    }
                }
            }
        }
        if !self.askers.is_empty() && self.askers.iter().all(|asker| self.is_refused(asker)) {
            // Nobody is left to ask the time: credentials may be replaced meanwhile.
            self.renew_at = Timestamp::MIN;
            self.renew(Timestamp::MIN).await?;
        }
        Ok(None)
    }

    /// Looks for credentials. Those that did not change keep their clients; one that was refused
    /// long ago gets a new one, since a client sends nothing more after a refusal.
    async fn renew(&mut self, now: Timestamp) -> Result<(), CollectorError> {
        let is_to_try = |asker: &Asker| {
            let refused = self.stopped.get(&asker.fingerprint);
            refused.is_some_and(|stop| stop.is_refusal() && now >= later(stop.at, TRY_REFUSED))
        };
        let (tried, kept): (Vec<Asker>, Vec<Asker>) =
            self.askers.iter().cloned().partition(is_to_try);
        let found = match self.house.source.askers(&kept).await {
            Ok(found) if !found.is_empty() => found,
            Ok(_) if self.askers.is_empty() => {
                return Err(CollectorError::Credentials("there is no credential".into()));
            }
            Err(why) if self.askers.is_empty() => return Err(CollectorError::Credentials(why)),
            Ok(_) => self.askers.clone(),
            Err(why) => {
                tracing::warn!("{why}; going on with the credentials there were");
                self.askers.clone()
            }
        };
        for old in tried {
            self.stopped.remove(&old.fingerprint);
        }
        let is_in_use = |print: &str| found.iter().any(|new| new.fingerprint == print);
        let is_same = |old: &Asker| kept.iter().any(|kept| kept.fingerprint == old.fingerprint);
        for old in &self.askers {
            if !is_in_use(&old.fingerprint) || !is_same(old) {
                self.retired = asker::plus(self.retired, old.client.counters());
            }
        }
        self.stopped.retain(|print, _| is_in_use(print));
        let prints = |askers: &[Asker]| -> Vec<String> {
            let prints = askers.iter().map(|asker| asker.fingerprint.clone());
            prints.collect()
        };
        if prints(&found) != prints(&self.askers) {
            // Another credential may see other repositories, and its places are others.
            self.scope_at = Timestamp::MIN;
            self.queue.clear();
        }
        self.askers = found;
        let is_refused = self.askers.iter().any(|asker| self.is_refused(asker));
        let wait = if is_refused { RENEW_REFUSED } else { RENEW };
        self.renew_at = later(now, wait);
        Ok(())
    }

    /// Reads rules, lists and what is held, and lays out who is asked. False where nobody could be
    /// asked for lists.
    async fn refresh(&mut self, now: Timestamp) -> Result<bool, CollectorError> {
        self.known = Known::read(self.house.store).await?;
        let closed = self.closed(now);
        let lists = scope::read_lists(&self.askers, &self.known.rules, &closed).await;
        for (place, failure) in &lists.stopped {
            let asker = self.askers[*place].clone();
            self.stop(&asker, failure.clone());
        }
        let is_nobody = |trouble: &crate::Trouble| trouble.status.is_none();
        let needs_lists = self.known.rules.has_all() || self.known.rules.owners().next().is_some();
        let has_failed = !lists.troubles.is_empty() && lists.troubles.iter().all(is_nobody);
        for trouble in &lists.troubles {
            tracing::warn!(
                "{} ({}): {}; {}",
                trouble.repo,
                trouble.endpoint,
                trouble.message,
                trouble.action
            );
        }
        if needs_lists && lists.repositories.is_empty() && has_failed {
            return Ok(false);
        }
        let listed: Vec<Repository> = lists
            .repositories
            .values()
            .map(|listing| listing.repository.clone())
            .filter(|repo| self.known.verdict(repo).is_tracked())
            .collect();
        let pages = (listed.len() / 100 + 1) as i64;
        self.house.store.save_repositories(&listed, now).await?;
        self.known = Known::read(self.house.store).await?;
        self.lists = lists;
        self.listed_at = now;
        self.number_misses = AtomicU32::new(0);
        let held = self.house.store.held().await?;
        *lock(&self.held) = held.into_iter().collect();
        let chosen = self.lay_out();
        for note in self.lists.notes.iter().chain(&chosen.notes) {
            tracing::info!("{note}");
        }
        for trouble in &chosen.troubles {
            tracing::warn!("{}: {}; {}", trouble.repo, trouble.message, trouble.action);
        }
        // Lists cost a quarter of a request for each repository and day at most, and new ones are
        // noticed within the hour where that is cheap.
        let hours = 24 * pages * 4 / i64::try_from(self.queue.len().max(1)).unwrap_or(i64::MAX);
        let wait = SignedDuration::from_hours(hours.clamp(1, 24));
        self.scope_at = later(now, wait);
        Ok(true)
    }

    /// Makes the queue out of rules, lists and what is held.
    fn lay_out(&mut self) -> Chosen {
        let mut chosen = scope::choose(&self.known, &self.lists, None, &self.askers);
        let failed: HashMap<String, Failed> = self
            .queue
            .iter()
            .filter_map(|queued| Some((queued.errand.job.label(), queued.failed?)))
            .collect();
        let held = lock(&self.held);
        self.queue = std::mem::take(&mut chosen.errands)
            .into_iter()
            .map(|errand| {
                let failed = failed.get(&errand.job.label()).copied();
                let mut queued = Queued {
                    errand,
                    turn: None,
                    due_at: Timestamp::MIN,
                    failed,
                };
                queued.place(&self.known, &held);
                queued
            })
            .collect();
        drop(held);
        chosen
    }

    /// The start-up self-test: the store can be written, a credential works, and at least one of
    /// the tracked repositories can be read.
    async fn test(&mut self) -> Result<(), CollectorError> {
        const TRIED: usize = 5;
        self.house.store.check_writable().await?;
        if let Some(failure) = self.all_refused() {
            return Err(CollectorError::Unauthorized(failure));
        }
        let mut refusal: Option<String> = None;
        let mut tried = 0;
        for queued in &self.queue {
            let name = queued.errand.job.name();
            let Some(asker) = queued
                .errand
                .able
                .iter()
                .find_map(|at| self.askers.get(*at))
            else {
                continue;
            };
            let target = gitratra_github::Target::Name(name.clone());
            let answer = asker
                .client
                .traffic(&target, gitratra_core::Metric::Views, None);
            match answer.await {
                Ok(_) => {
                    refusal = None;
                    break;
                }
                Err(failure) => match failure.kind {
                    FailureKind::Forbidden(_) | FailureKind::NotFound => {
                        refusal = Some(format!("{failure}; {}", failure.action()));
                    }
                    FailureKind::Unauthorized => {
                        return Err(CollectorError::Unauthorized(failure));
                    }
                    // That is nothing that somebody has to mend before the start.
                    _ => {
                        refusal = None;
                        break;
                    }
                },
            }
            tried += 1;
            if tried == TRIED {
                break;
            }
        }
        match refusal {
            Some(why) => Err(CollectorError::Unreadable(why)),
            None => {
                self.house.status.change(|status| status.is_ready = true);
                Ok(())
            }
        }
    }

    /// What is due and can be asked by a credential that may ask, the most endangered first.
    fn due(&mut self, now: Timestamp) -> Vec<Errand> {
        let closed = self.closed(now);
        let can_be_asked = |errand: &Errand| errand.able.iter().any(|at| !closed.contains(at));
        let mut due: Vec<&Queued> = self
            .queue
            .iter()
            .filter(|queued| queued.due_at <= now && can_be_asked(&queued.errand))
            .collect();
        due.sort_by_cached_key(|queued| {
            (queued.turn, queued.errand.job.label().to_ascii_lowercase())
        });
        due.truncate(self.house.jobs * ERRANDS_PER_JOB);
        due.into_iter()
            .map(|queued| queued.errand.clone())
            .collect()
    }

    async fn round(
        &mut self,
        errands: Vec<Errand>,
        now: Timestamp,
    ) -> Result<Ending, CollectorError> {
        let closed = self.closed(now);
        let round = Round {
            askers: &self.askers,
            store: self.house.store,
            known: &self.known,
            held: &self.held,
            saved: &HashSet::new(),
            progress: &Mutex::new(HashMap::new()),
            number_misses: &self.number_misses,
            mode: Mode::Due,
            labels_hold: LABELS_HOLD,
            listed_at: self.listed_at,
            now,
            jobs: self.house.jobs,
            closed: &closed,
            stop: self.house.stop.clone(),
        };
        let mut done: Vec<(Job, Visited)> = Vec::with_capacity(errands.len());
        let ending = round
            .run(errands, |job, visited| {
                done.push((job.clone(), brief(visited)))
            })
            .await?;
        let now = asker::server_now(&self.askers).unwrap_or(now);
        let is_labelled = done.iter().any(|(_, visited)| visited.is_labelled);
        for (job, visited) in &done {
            self.account(job, visited, now);
        }
        if is_labelled {
            self.known = Known::read(self.house.store).await?;
            self.lay_out();
        }
        Ok(ending)
    }

    /// Takes in what came of one errand, and when it is due again.
    fn account(&mut self, job: &Job, visited: &Visited, now: Timestamp) {
        for trouble in &visited.troubles {
            tracing::info!(
                "{} ({}): {}; {}",
                trouble.repo,
                trouble.endpoint,
                trouble.message,
                trouble.action
            );
        }
        for note in &visited.notes {
            tracing::info!("{note}");
        }
        self.chores.count(visited, now);
        self.house.status.change(|status| {
            status.new_days += visited.new_days;
            if visited.has_stored {
                status.last_stored = Some(now);
            }
        });
        let held = lock(&self.held);
        if let Some(queued) = self
            .queue
            .iter_mut()
            .find(|queued| queued.errand.job == *job)
        {
            // Only what was not even looked at has its moment decided here; what was read and
            // failed has it from what is held.
            let is_lost = !visited.has_read && (visited.failed > 0 || !visited.is_unfinished);
            queued.failed = is_lost.then(|| Failed {
                since: queued.failed.map_or(now, |failed| failed.since),
                at: now,
            });
            queued.place(&self.known, &held);
        }
    }

    /// Takes in how a round ended.
    fn take(&mut self, ending: Ending, now: Timestamp) {
        for (place, failure) in ending.stopped {
            let asker = self.askers[place].clone();
            if failure.kind == FailureKind::Unauthorized {
                self.renew_at = self.renew_at.min(later(now, RENEW_REFUSED));
            }
            self.stop(&asker, failure);
        }
    }

    fn stop(&mut self, asker: &Asker, failure: Failure) {
        match failure.kind {
            FailureKind::Unauthorized => {
                tracing::error!(credential = asker.label, "{failure}; {}", failure.action())
            }
            _ => tracing::info!(credential = asker.label, "{failure}"),
        }
        let at = asker::server_now(&self.askers).unwrap_or(Timestamp::MIN);
        let stop = Stop { failure, at };
        self.stopped.insert(asker.fingerprint.clone(), stop);
    }

    fn is_refused(&self, asker: &Asker) -> bool {
        self.stopped
            .get(&asker.fingerprint)
            .is_some_and(Stop::is_refusal)
    }

    /// The refusal of the first credential, where GitHub takes none.
    fn all_refused(&self) -> Option<Failure> {
        let all = self.askers.iter().all(|asker| self.is_refused(asker));
        let first = self.askers.first().filter(|_| all)?;
        self.stopped
            .get(&first.fingerprint)
            .map(|stop| stop.failure.clone())
    }

    /// Places of the credentials that may not ask now.
    fn closed(&self, now: Timestamp) -> Vec<usize> {
        let is_closed = |asker: &Asker| match self.stopped.get(&asker.fingerprint) {
            None => false,
            Some(stop) => match stop.failure.kind {
                FailureKind::RateLimited { until } => {
                    until.unwrap_or_else(|| later(stop.at, STEP)) > now
                }
                _ => true,
            },
        };
        let places = self.askers.iter().enumerate();
        places
            .filter(|(_, asker)| is_closed(asker))
            .map(|(place, _)| place)
            .collect()
    }

    /// When the next step is worth making: at the first moment at which something is due and may be
    /// asked.
    fn next_step(&self, now: Timestamp) -> Timestamp {
        let closed = self.closed(now);
        let resets = self.askers.iter().filter_map(|asker| {
            match self.stopped.get(&asker.fingerprint)?.failure.kind {
                FailureKind::RateLimited { until } => until.filter(|until| *until > now),
                _ => None,
            }
        });
        let open = self
            .queue
            .iter()
            .filter(|queued| queued.errand.able.iter().any(|at| !closed.contains(at)))
            .map(|queued| queued.due_at);
        let first = open.chain(resets).min().unwrap_or(Timestamp::MAX);
        first.clamp(later(now, STEP), later(now, LONGEST_STEP))
    }

    async fn sleep_until(&mut self, then: Timestamp) {
        let now = asker::server_now(&self.askers).unwrap_or(then);
        let wait = Duration::try_from(then.duration_since(now)).unwrap_or_default();
        self.wait(wait).await;
    }

    async fn back_off(&mut self) {
        let (first, longest) = RETRY;
        let wait = first
            .saturating_mul(1 << self.troubles.min(10))
            .min(longest);
        self.troubles = self.troubles.saturating_add(1);
        self.wait(wait).await;
    }

    async fn wait(&mut self, wait: Duration) {
        let clock = Arc::clone(&self.house.clock);
        tokio::select! {
            biased;
            () = self.house.stop.cancelled() => {}
            () = self.house.doubt_time.notified() => self.is_time_doubted = true,
            () = clock.sleep(wait) => {}
        }
    }

    pub(crate) fn requests(&self) -> Counters {
        asker::plus(self.retired, asker::counters(&self.askers))
    }

    /// The credentials that GitHub refuses, each with what to do.
    pub(crate) fn refused(&self) -> Vec<(String, String)> {
        let refused = self.askers.iter().filter_map(|asker| {
            let stop = self.stopped.get(&asker.fingerprint)?;
            let why = format!("{}: {}", stop.failure.message, stop.failure.action());
            stop.is_refusal().then(|| (asker.label.clone(), why))
        });
        refused.collect()
    }
}

impl Queued {
    /// Says when it is due and what its turn is.
    fn place(&mut self, known: &Known, held: &HashMap<RepoId, Held>) {
        self.turn = self.errand.job.turn(held);
        let failed = self.failed.map(|failed| {
            let (least, most) = FAILED_GAPS;
            let gap = (failed.at.duration_since(failed.since) / 2).clamp(least, most);
            later(failed.at, gap)
        });
        self.due_at = match failed {
            Some(due_at) => due_at,
            None => self.errand.job.due_at(known, held),
        };
    }
}

/// What is kept of a visit until the round is over.
fn brief(visited: &Visited) -> Visited {
    Visited {
        troubles: visited.troubles.clone(),
        notes: visited.notes.clone(),
        stopped_by: None,
        ..*visited
    }
}

/// Returns some seconds after a stop was asked for: so long a step may take to end by itself.
async fn long_stopped(stop: &CancellationToken) {
    const GRACE: Duration = Duration::from_secs(3);
    stop.cancelled().await;
    tokio::time::sleep(GRACE).await;
}

pub(crate) fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// An error with its causes, as one line.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

fn passes(_error: &StoreError) -> bool {
    true
}
