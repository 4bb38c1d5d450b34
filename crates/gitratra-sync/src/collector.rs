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

use gitratra_core::plan::Extent;
use gitratra_core::{Held, RepoId, Repository, Rules, Timestamp};
use gitratra_github::FailureKind;
use gitratra_store::StoreError;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

mod error;
mod house;
mod lists;
mod others;
mod shared;

pub use error::CollectorError;
pub use house::House;
pub(crate) use lists::list_hours;

use crate::asker::Asker;
use crate::chores::Chores;
use crate::counters;
use crate::crew::Crew;
use crate::journal::Journal;
use crate::lease::{Tenure, Terms};
use crate::queue::Queue;
use crate::read::Mode;
use crate::report::told;
use crate::round::{Ending, Etags, Round};
use crate::scope::{self, Chosen, Errand, Job, Known, Lists};
use crate::visit::{Visited, lock};

/// Steps are this far apart at least, so that what is due at about the same time goes together.
const STEP: SignedDuration = SignedDuration::from_secs(30);
/// And this far at most, so that what others track is noticed.
const LONGEST_STEP: SignedDuration = SignedDuration::from_mins(10);
/// A round takes so many errands for each that goes side by side: then the order is made anew.
pub(crate) const ERRANDS_PER_JOB: usize = 25;
/// A label older than this is looked up again, every other day.
const LABELS_HOLD: SignedDuration = SignedDuration::from_hours(44);
/// Lists that could not be read whole are read again after this.
const BROKEN_LISTS: SignedDuration = SignedDuration::from_mins(20);
/// The waits after which an unreachable GitHub or a failing store is tried again.
const RETRY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(120));

/// A collector at work.
pub struct Collector<'a> {
    pub(crate) house: House<'a>,
    pub(crate) crew: Crew,
    pub(crate) known: Known,
    lists: Lists,
    listed_at: Timestamp,
    /// When rules and lists are read again.
    scope_at: Timestamp,
    pub(crate) queue: Queue,
    pub(crate) held: Mutex<HashMap<RepoId, Held>>,
    extents: HashMap<RepoId, Extent>,
    /// When what is beside traffic is looked at again.
    others_at: Timestamp,
    /// When it was last learnt what other collectors asked.
    learnt_at: Timestamp,
    /// Until when others are taken to be at work beside this one.
    met_until: Timestamp,
    terms: &'a Terms,
    etags: Etags,
    number_misses: AtomicU32,
    journal: Journal,
    pub(crate) chores: Chores,
    /// Steps in a row that came to nothing.
    troubles: u32,
    is_time_doubted: bool,
    /// That nobody answers was told.
    is_unreached: bool,
    /// Others were shown that this one is at work.
    is_noted: bool,
    /// What was told of a store that fails, without its causes.
    store_trouble: Option<String>,
    /// The last time that the store knew of, and when it was read on the clock that waits.
    last_known: Option<(Timestamp, Duration)>,
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
            terms: house.terms,
            house,
            crew: Crew::default(),
            known: Known::default(),
            lists: Lists::default(),
            listed_at: Timestamp::MIN,
            scope_at: Timestamp::MIN,
            queue: Queue::default(),
            held: Mutex::default(),
            extents: HashMap::new(),
            others_at: Timestamp::MIN,
            learnt_at: Timestamp::MIN,
            met_until: Timestamp::MIN,
            etags: Etags::default(),
            number_misses: AtomicU32::new(0),
            journal: Journal::default(),
            chores: Chores::default(),
            troubles: 0,
            is_time_doubted: false,
            is_unreached: false,
            is_noted: false,
            store_trouble: None,
            last_known: None,
        }
    }

    /// Goes on with the credentials of a collector that ended: their clients know what was sent in
    /// this minute and this hour.
    #[must_use]
    pub fn going_on(mut self, askers: Vec<Asker>) -> Self {
        self.crew.askers = askers;
        self.chores.begin_after(self.crew.requests());
        self
    }

    /// The credentials in use, but for those that GitHub refuses: whoever starts anew wants them
    /// tried.
    #[must_use]
    pub fn into_askers(self) -> Vec<Asker> {
        let refused = self.crew.refused_places();
        let askers = self.crew.askers.into_iter().enumerate();
        let taken = askers.filter(|(place, _)| !refused.contains(place));
        taken.map(|(_, asker)| asker).collect()
    }

    /// Runs until it is stopped.
    ///
    /// # Errors
    /// [`CollectorError`] where the self-test at the start fails, or the store fails for good.
    /// Whatever GitHub and the network do afterwards is waited out.
    pub async fn run(&mut self) -> Result<(), CollectorError> {
        while !self.house.stop.is_cancelled() {
            self.house.beat();
            let stop = self.house.stop.clone();
            let stepped = tokio::select! {
                biased;
                // A round ends by itself, with what it was answered; all else can be dropped.
                stepped = self.step() => stepped,
                () = long_stopped(&stop) => break,
            };
            match stepped {
                Ok(Next::Now) => self.go_well(),
                Ok(Next::At(then)) => {
                    self.go_well();
                    self.sleep_until(then).await;
                }
                Ok(Next::Retry) => self.back_off().await,
                Err(CollectorError::Store(error)) if self.is_passing(&error) => {
                    self.house.status.change(|status| status.store_errors += 1);
                    let trouble = error.to_string();
                    if self.store_trouble.as_ref() != Some(&trouble) {
                        tracing::error!("{}", told(&error));
                        self.store_trouble = Some(trouble);
                    }
                    self.watch_without_store().await;
                    self.back_off().await;
                }
                Err(error) => {
                    self.let_go(true).await;
                    return Err(error);
                }
            }
        }
        self.rest().await
    }

    /// A step went well. Where the store failed before, all that was due has been written now: a
    /// full disk may still take what is small.
    fn go_well(&mut self) {
        self.troubles = 0;
        if self.store_trouble.take().is_some() {
            tracing::info!("the store can be written again");
        }
    }

    /// Whether waiting may mend the store. At the start one that cannot be written is somebody's
    /// mistake.
    fn is_passing(&self, error: &StoreError) -> bool {
        let is_unwritable = matches!(error, StoreError::ReadOnly { .. } | StoreError::Full { .. });
        error.is_passing() && (self.house.status.is_ready() || !is_unwritable)
    }

    async fn step(&mut self) -> Result<Next, CollectorError> {
        if self.store_trouble.is_some() {
            // Reading may go well all the time.
            self.house.store.check_writable().await?;
        }
        let Some(now) = self.time().await? else {
            self.watch_unreached().await?;
            return Ok(Next::Retry);
        };
        self.house.status.change(|status| status.now = Some(now));
        if self.crew.is_to_renew(now) {
            self.renew(now).await?;
        }
        let rules = Rules::new(self.house.store.rules().await?);
        let has_changed = rules.patterns() != self.known.rules.patterns();
        if (now >= self.scope_at || has_changed) && !self.refresh(now).await? {
            return Ok(Next::Retry);
        }
        if !self.house.status.is_ready()
            && let Err(error) = self.test().await
        {
            // Whoever is to be told of trouble hears of it though the program ends.
            if let Err(untold) = self.tell_the_end(now).await {
                tracing::warn!("nobody could be told: {}", told(&untold));
            }
            return Err(error);
        }
        if !self.is_noted {
            // Before anything is asked of repositories, so that a pass knows that it is not alone.
            self.note_presence().await?;
            self.is_noted = true;
        }
        let most = self.round_size(now);
        let due = self.queue.due(now, &self.crew.closed(now), most);
        let is_idle = due.is_empty();
        let mut number = 0;
        // All else waits for traffic.
        let (ending, has_asked) = match is_idle {
            true => self.ask_others(now).await?,
            false => {
                let (errands, tenure) = self.claim(due, now).await?;
                number = errands.len();
                (self.round(errands, tenure, now).await?, true)
            }
        };
        // What comes to nothing is not tried again at once, whatever the reason.
        let is_stuck = !has_asked || (number > 0 && ending.left.len() == number);
        let now = self.crew.now().unwrap_or(now);
        let refused = self.crew.refused_places();
        for (place, failure) in ending.stopped {
            self.crew.stop(place, failure);
        }
        if refused != self.crew.refused_places() {
            // What it could see is tried by the others.
            self.lay_out(now);
        }
        self.publish(now);
        if is_idle || self.chores.are_overdue(now) {
            self.do_chores(now, is_idle).await?;
        }
        if ending.is_cut_off || ending.is_unreached {
            self.is_time_doubted = true;
            return Ok(Next::Retry);
        }
        Ok(if is_stuck {
            Next::At(self.next_step(now))
        } else {
            Next::Now
        })
    }

    /// GitHub's time: reckoned from the last answer, or asked. Nothing where nobody answers.
    async fn time(&mut self) -> Result<Option<Timestamp>, CollectorError> {
        if self.crew.askers.is_empty() {
            self.renew(Timestamp::MIN).await?;
        }
        if !self.is_time_doubted
            && let Some(now) = self.crew.now()
        {
            return Ok(Some(now));
        }
        for place in 0..self.crew.askers.len() {
            if self.crew.is_refused(place) {
                continue;
            }
            let client = self.crew.askers[place].client.clone();
            let failure = match client.rate_limit().await {
                Ok(limit) => {
                    self.reach();
                    return Ok(Some(limit.at));
                }
                Err(failure) => failure,
            };
            let is_nobody = failure.kind == FailureKind::Unreachable;
            if failure.kind == FailureKind::Unauthorized {
                self.crew.stop(place, failure);
            } else if !self.is_unreached {
                self.is_unreached = true;
                tracing::warn!(
                    "GitHub does not answer, and is tried again: {}; {}",
                    failure.message,
                    failure.action()
                );
            }
            // Also a refusal tells the time.
            if let (false, Some(now)) = (is_nobody, client.server_now()) {
                self.reach();
                return Ok(Some(now));
            }
        }
        if self.crew.all_refused().is_some() {
            // Nobody is left to ask the time: credentials may be replaced meanwhile.
            self.renew(self.crew.now().unwrap_or(Timestamp::MIN))
                .await?;
        }
        Ok(None)
    }

    /// Somebody answered.
    fn reach(&mut self) {
        self.is_time_doubted = false;
        if std::mem::take(&mut self.is_unreached) {
            tracing::info!("GitHub answers again");
        }
    }

    /// Nobody answers, which is when days are lost: what is wrong is told all the same, by the time
    /// that it is at least.
    async fn watch_unreached(&mut self) -> Result<(), CollectorError> {
        let Some(now) = self.least_time().await? else {
            return Ok(());
        };
        if !self.chores.are_overdue(now) {
            return Ok(());
        }
        if self.queue.len() == 0 {
            self.known = Known::read(self.house.store).await?;
            let held = self.house.store.held().await?;
            *lock(&self.held) = held.into_iter().collect();
            self.lists = Lists::default();
            self.lay_out(now);
            // What lists say is still to be learnt.
            self.scope_at = Timestamp::MIN;
        }
        self.do_chores(now, false).await
    }

    /// The time as reckoned from the last answer, or from the last that the store knows of: the
    /// program may have stood still in between, so that it may be later.
    async fn least_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let now = match (self.crew.now(), self.last_known) {
            (Some(now), _) => Some(now),
            (None, Some((last, at))) => {
                let since = self.house.clock.now().saturating_sub(at);
                Some(later(
                    last,
                    SignedDuration::try_from(since).unwrap_or_default(),
                ))
            }
            (None, None) => {
                let last = self.house.store.latest_time().await?;
                self.last_known = last.map(|last| (last, self.house.clock.now()));
                last
            }
        };
        Ok(now.map(|now| now.max(self.chores.done_at())))
    }

    async fn renew(&mut self, now: Timestamp) -> Result<(), CollectorError> {
        if self.crew.renew(self.house.source, now).await? {
            // Another credential may see other repositories, and the places are others.
            self.scope_at = Timestamp::MIN;
            self.queue.clear();
        }
        Ok(())
    }

    /// Reads rules, lists and what is held, and lays out who is asked. False where nobody could be
    /// asked for lists.
    async fn refresh(&mut self, now: Timestamp) -> Result<bool, CollectorError> {
        self.known = Known::read(self.house.store).await?;
        let closed = self.crew.closed(now);
        let lists = scope::read_lists(&self.crew.askers, &self.known.rules, &closed).await;
        for (place, failure) in &lists.stopped {
            self.crew.stop(*place, failure.clone());
        }
        let is_nobody = |trouble: &crate::Trouble| trouble.status.is_none();
        let needs_lists = self.known.rules.has_all() || self.known.rules.owners().next().is_some();
        let has_failed = !lists.troubles.is_empty() && lists.troubles.iter().all(is_nobody);
        self.journal.begin();
        for trouble in &lists.troubles {
            self.journal.trouble(trouble);
        }
        self.journal.end();
        if needs_lists && lists.repositories.is_empty() && has_failed {
            return Ok(false);
        }
        let listed: Vec<Repository> = lists
            .repositories
            .values()
            .filter(|listing| {
                // What nobody may read is not part of the fleet; what was read before stays in it.
                let repo = &listing.repository;
                let is_known = self.known.repositories.contains_key(&repo.id);
                let is_ours = listing.can_be_read() || is_known;
                is_ours && self.known.verdict(repo).is_tracked()
            })
            .map(|listing| listing.repository.clone())
            .collect();
        self.house.store.save_repositories(&listed, now).await?;
        self.known = Known::read(self.house.store).await?;
        self.lists = lists;
        self.listed_at = now;
        self.number_misses = AtomicU32::new(0);
        // Another process may have been answered meanwhile.
        self.etags = Etags::default();
        let (store, askers) = (self.house.store, &self.crew.askers);
        self.learnt_at = now;
        let held = counters::save_listed(store, askers, &self.lists, &self.known).await?;
        *lock(&self.held) = held;
        self.extents = store.extents().await?;
        self.others_at = now;
        let chosen = self.lay_out(now);
        for note in self.lists.notes.iter().chain(&chosen.notes) {
            self.journal.note(note);
        }
        for trouble in &chosen.troubles {
            self.journal.trouble(trouble);
        }
        let hours = list_hours(listed.len(), self.queue.len());
        let is_limited = closed.iter().any(|place| !self.crew.is_refused(*place));
        let is_whole =
            self.lists.troubles.is_empty() && self.lists.stopped.is_empty() && !is_limited;
        let wait = match is_whole {
            true => SignedDuration::from_hours(hours),
            false => BROKEN_LISTS,
        };
        self.scope_at = later(now, wait);
        Ok(true)
    }

    /// Makes the queue out of rules, lists and what is held.
    fn lay_out(&mut self, now: Timestamp) -> Chosen {
        let refused = self.crew.refused_places();
        let failed = self.queue.make_room();
        let mut chosen = scope::choose(&self.known, &self.lists, None, &self.crew.askers, &refused);
        let errands = std::mem::take(&mut chosen.errands);
        let held = lock(&self.held);
        self.queue
            .lay_out(errands, &failed, &self.known, &held, now);
        drop(held);
        chosen
    }

    async fn round(
        &mut self,
        errands: Vec<Errand>,
        tenure: Tenure<'_>,
        now: Timestamp,
    ) -> Result<Ending, CollectorError> {
        if errands.is_empty() {
            // Others are at it, or were.
            return Ok(Ending::default());
        }
        let closed = self.crew.closed(now);
        self.etags.read(self.house.store, &self.crew.askers).await?;
        let round = Round {
            askers: &self.crew.askers,
            store: self.house.store,
            known: &self.known,
            held: &self.held,
            saved: &HashSet::new(),
            progress: &Mutex::new(HashMap::new()),
            etags: &self.etags,
            number_misses: &self.number_misses,
            mode: Mode::Due,
            labels_hold: LABELS_HOLD,
            listed_at: self.listed_at,
            now,
            jobs: self.house.jobs,
            closed: &closed,
            tenure: Some(&tenure),
            stop: self.house.stop.clone(),
        };
        let mut done: Vec<(Job, Visited)> = Vec::with_capacity(errands.len());
        let running = round.run(errands, |job, visited| {
            self.house.beat();
            done.push((job.clone(), visited));
        });
        let ending = tenure.keep(running).await?;
        tenure.release().await?;
        let now = self.crew.now().unwrap_or(now);
        let is_labelled = done.iter().any(|(_, visited)| visited.is_labelled);
        // That nobody answers is told once, and not of each repository.
        let is_lost = ending.is_cut_off || ending.is_unreached;
        self.journal.begin();
        for (job, visited) in &done {
            self.tell(job, visited, now, is_lost);
        }
        self.journal.end();
        // What found nobody is due as it was.
        if !ending.is_unreached {
            self.queue
                .account(&done, &self.known, &lock(&self.held), now);
        }
        if is_labelled {
            self.known = Known::read(self.house.store).await?;
            self.lay_out(now);
        }
        Ok(ending)
    }

    /// Takes one errand to the account, and what is worth knowing of it to the log.
    fn tell(&mut self, job: &Job, visited: &Visited, now: Timestamp, is_lost: bool) {
        for trouble in &visited.troubles {
            if !is_lost || trouble.status.is_some() {
                self.journal.trouble(trouble);
            }
        }
        for note in &visited.notes {
            self.journal.note(note);
        }
        if visited.is_well {
            self.journal.well(&job.label());
        }
        self.chores.count(visited, now);
        self.house.status.change(|status| {
            status.new_days += visited.new_days;
            if visited.has_stored {
                status.last_stored = Some(now);
            }
            // Whatever the self-test could not find out: it works.
            status.is_ready |= visited.ok > 0;
        });
    }

    /// When the next step is worth making: at the first moment at which something is due and may be
    /// asked.
    fn next_step(&self, now: Timestamp) -> Timestamp {
        let next = self.queue.next(&self.crew.closed(now));
        let first = next.into_iter().chain(self.crew.next_reset(now)).min();
        let first = first.unwrap_or(Timestamp::MAX);
        first.clamp(later(now, STEP), later(now, LONGEST_STEP))
    }

    async fn sleep_until(&mut self, then: Timestamp) {
        let now = self.crew.now().unwrap_or(then);
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
