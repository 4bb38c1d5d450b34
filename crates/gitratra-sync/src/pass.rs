//! One pass: what is due is asked, every answer is recorded, nothing that fails costs another
//! repository anything.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::AtomicU32;

use gitratra_core::plan::{self, Turn};
use gitratra_core::{Day, Held, Pattern, RepoId, Repository, Rules, Timestamp};
use gitratra_github::{Failure, FailureKind};
use gitratra_store::{Run, Store};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

mod others;
mod shared;

use crate::asker::{self, Asker};
use crate::chores;
use crate::chores::SEALED_AT_ONCE;
use crate::counters;
use crate::lease::Terms;
use crate::read::{Mode, Progress};
use crate::report::{Ended, Note, PassError, Report, Trouble};
use crate::round::{Etags, Round};
use crate::scope::{self, Errand, Job, Known, Lists};
use crate::visit::Visited;

/// What a pass is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Everything tracked that is due.
    Due,
    /// Everything tracked.
    All,
    /// What these patterns name, due or not; they are tracked from now on.
    Named(Vec<Pattern>),
}

/// How a pass goes about it.
#[derive(Debug, Clone)]
pub struct Options {
    /// What to ask.
    pub ask: Ask,
    /// Repositories asked at the same time, 1 to 50.
    pub jobs: usize,
    /// The repositories whose workflow runs are counted.
    pub runs_of: Rules,
    /// Only say what would be asked.
    pub is_dry_run: bool,
    /// Wait when the rate limit is used up, instead of stopping.
    pub waits_for_limit: bool,
    /// How the store is shared with collectors that may be at work on it; nothing where nobody else
    /// can be.
    pub terms: Option<Terms>,
    /// Stops the pass from outside; what was answered by then is recorded.
    pub interrupt: CancellationToken,
}

/// The most repositories asked at the same time.
pub const MOST_JOBS: usize = 50;

/// What a caller may show while a pass is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// So many repositories will be asked.
    Planned(usize),
    /// One is done.
    Visited(String),
    /// Nothing is sent before this time.
    WaitingUntil(Timestamp),
    /// What was named is being read by another collector, which is waited for.
    WaitingFor {
        /// What was named.
        name: String,
        /// Where that collector runs, as far as it told.
        host: Option<String>,
    },
}

/// A label older than this is looked up again by a pass, so that a daily one always does.
const LABELS_HOLD: SignedDuration = SignedDuration::from_hours(20);

/// Runs one pass with one or more credentials.
///
/// # Errors
/// [`PassError::Unauthorized`] where GitHub takes no credential, and [`PassError::Store`] where the
/// store fails. In both cases what was answered before is recorded.
pub async fn run(
    askers: &[Asker],
    store: &Store,
    options: &Options,
    progress: &(dyn Fn(Event) + Sync),
) -> Result<Report, PassError> {
    let mut pass = Pass {
        askers,
        store,
        options,
        progress,
        report: empty_report(),
        stopped: HashMap::new(),
        read_before: Vec::new(),
        elsewhere: Vec::new(),
        read_by_others: 0,
    };
    let outcome = pass.run().await;
    pass.leave().await;
    outcome.map(|()| pass.report)
}

struct Pass<'a> {
    askers: &'a [Asker],
    store: &'a Store,
    options: &'a Options,
    progress: &'a (dyn Fn(Event) + Sync),
    report: Report,
    /// Credentials that ask nothing any more, by their places, with the reason.
    stopped: HashMap<usize, Failure>,
    /// What was chosen, due or not, and had been read by an earlier pass.
    read_before: Vec<Errand>,
    /// What another collector was at when its turn came.
    elsewhere: Vec<Errand>,
    /// How many repositories another collector read before their turn came.
    read_by_others: u64,
}

/// What all rounds of a pass work with.
struct Desk {
    held: Mutex<HashMap<RepoId, Held>>,
    saved: HashSet<RepoId>,
    progress: Mutex<HashMap<RepoId, Progress>>,
    number_misses: AtomicU32,
    etags: Etags,
}

impl Pass<'_> {
    async fn run(&mut self) -> Result<(), PassError> {
        if let Ask::Named(patterns) = &self.options.ask
            && !self.options.is_dry_run
        {
            self.store.add_rules(patterns).await?;
        }
        let mut known = Known::read(self.store).await?;
        let wanted = match &self.options.ask {
            Ask::Named(patterns) => {
                known.add_rules(patterns);
                Some(Rules::new(patterns.iter().cloned()))
            }
            Ask::Due | Ask::All => None,
        };
        let Some(now) = self.ask_time(&known, wanted.as_ref()).await? else {
            self.tell_requests();
            return Ok(());
        };
        self.join_in().await?;
        self.recall_pace(now).await?;
        let Some(errands) = self.plan(&known, wanted.as_ref(), now).await? else {
            return self.finish().await;
        };
        (self.progress)(Event::Planned(errands.len()));
        if self.options.is_dry_run {
            self.report.asked = errands.iter().map(|errand| errand.job.label()).collect();
            return Ok(());
        }
        self.visit_all(&known, errands).await?;
        self.settle_suspicions().await?;
        let mut others = Ok(());
        if self.report.ended == Ended::Done {
            let read_before = std::mem::take(&mut self.read_before);
            others = self.ask_others(&read_before).await;
        }
        // Whatever became of the rest, the account of traffic is kept.
        self.finish().await?;
        others
    }

    /// Asks GitHub what time it is, which also tells whether the credential works and what is left
    /// of the rate limit. Nothing where GitHub cannot be reached.
    async fn ask_time(
        &mut self,
        known: &Known,
        wanted: Option<&Rules>,
    ) -> Result<Option<Timestamp>, PassError> {
        let mut now: Option<Timestamp> = None;
        let mut unreached: Option<Failure> = None;
        for (place, asker) in self.askers.iter().enumerate() {
            let answer = tokio::select! {
                biased;
                () = self.options.interrupt.cancelled() => {
                    self.report.ended = Ended::Interrupted;
                    return Ok(None);
                }
                answer = asker.client.rate_limit() => answer,
            };
            match answer {
                Ok(limit) => now = now.max(Some(limit.at)),
                Err(failure) if failure.kind == FailureKind::Unauthorized => {
                    self.stop(place, failure)?;
                }
                // Also a refusal tells the time.
                Err(failure) => match asker.client.server_now() {
                    Some(at) => now = now.max(Some(at)),
                    None => unreached = Some(failure),
                },
            }
        }
        let Some(now) = now else {
            self.report.unreached = scope::all_names(known, wanted);
            self.report.skipped = self.report.unreached.len() as u64;
            let why = unreached.map_or_else(String::new, |failure| failure.to_string());
            self.report.ended = Ended::Unreachable(why);
            return Ok(None);
        };
        self.report.started_at = now;
        self.report.finished_at = now;
        Ok(Some(now))
    }

    /// Notes that a credential asks nothing any more. An error once none is left that GitHub takes.
    fn stop(&mut self, place: usize, failure: Failure) -> Result<(), PassError> {
        if failure.kind == FailureKind::Unauthorized {
            self.report.refused.insert(self.askers[place].label.clone());
        }
        self.stopped.insert(place, failure);
        let is_refused = |failure: &&Failure| failure.kind == FailureKind::Unauthorized;
        let refused = self.stopped.values().filter(is_refused);
        if refused.clone().count() < self.askers.len() {
            return Ok(());
        }
        match refused.into_iter().next() {
            Some(failure) => Err(PassError::Unauthorized(failure.clone())),
            None => Ok(()),
        }
    }

    /// Until when there is nobody who may ask, where all who are taken have used up their limit.
    fn limited(&self) -> Option<Option<Timestamp>> {
        if self.stopped.len() < self.askers.len() {
            return None;
        }
        self.first_reset()
    }

    /// Until when the first of those that have used up their limit may not ask.
    fn first_reset(&self) -> Option<Option<Timestamp>> {
        let mut resets = self
            .stopped
            .values()
            .filter_map(|failure| match failure.kind {
                FailureKind::RateLimited { until } => Some(until),
                _ => None,
            });
        let first = resets.next()?;
        // Whoever names no time is taken to be the last.
        Some(resets.fold(first, |one, other| match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (known, None) | (None, known) => known,
        }))
    }

    /// GitHub counts requests of a minute whichever process sends them, so what a run sent that
    /// ended just now is still part of this minute's pace.
    async fn recall_pace(&self, now: Timestamp) -> Result<(), PassError> {
        const MINUTE_SECS: i64 = 60;
        if self.options.terms.is_some() {
            // What it sent is in the budget that is spent together.
            return Ok(());
        }
        if let Some(last) = self.store.last_run().await? {
            let ago_secs = now.as_second() - last.finished_at.as_second();
            if (0..=MINUTE_SECS).contains(&ago_secs) {
                let sent = u32::try_from(last.sent).unwrap_or(u32::MAX);
                for asker in self.askers {
                    asker.client.preload_points(sent);
                }
            }
        }
        Ok(())
    }

    /// Lays out what to visit, the most endangered first. Nothing where the pass had to stop.
    async fn plan(
        &mut self,
        known: &Known,
        wanted: Option<&Rules>,
        now: Timestamp,
    ) -> Result<Option<Vec<Errand>>, PassError> {
        let patterns = wanted.unwrap_or(&known.rules);
        let Some(mut lists) = self.read_lists(patterns).await? else {
            self.report.unreached = scope::all_names(known, wanted);
            self.report.skipped = self.report.unreached.len() as u64;
            return Ok(None);
        };
        self.saw(lists.at);
        let is_refused =
            |(_, failure): &(&usize, &Failure)| failure.kind == FailureKind::Unauthorized;
        let refused = self.stopped.iter().filter(is_refused);
        let refused: Vec<usize> = refused.map(|(place, _)| *place).collect();
        let chosen = scope::choose(known, &lists, wanted, self.askers, &refused);
        self.report.notes.append(&mut lists.notes);
        self.report.troubles.append(&mut lists.troubles);
        self.report.notes.extend(chosen.notes);
        self.report.failed += chosen.troubles.len() as u64;
        self.report.troubles.extend(chosen.troubles);
        self.report.skipped += chosen.skipped;
        let held = match self.options.is_dry_run {
            true => self.store.held().await?.into_iter().collect(),
            false => counters::save_listed(self.store, self.askers, &lists, known).await?,
        };
        self.read_before = others::read_before(&chosen.errands, known, &held, now);
        let mut errands: Vec<(Option<Turn>, Errand)> = Vec::with_capacity(chosen.errands.len());
        for errand in chosen.errands {
            let is_due = known.is_due(&errand.job, &held, now, |held| plan::is_due(held, now));
            if is_due || self.options.ask != Ask::Due {
                errands.push((errand.job.turn(&held), errand));
            } else {
                self.report.skipped += 1;
            }
        }
        // The repository whose next day is nearest to being lost goes first. Of a new one that is
        // the oldest day GitHub still has.
        errands
            .sort_by_cached_key(|(turn, errand)| (*turn, errand.job.label().to_ascii_lowercase()));
        Ok(Some(
            errands.into_iter().map(|(_, errand)| errand).collect(),
        ))
    }

    /// The lists that the patterns need; nothing where the pass had to stop.
    async fn read_lists(&mut self, patterns: &Rules) -> Result<Option<Lists>, PassError> {
        loop {
            let closed: Vec<usize> = self.stopped.keys().copied().collect();
            let lists = tokio::select! {
                biased;
                () = self.options.interrupt.cancelled() => {
                    self.report.ended = Ended::Interrupted;
                    return Ok(None);
                }
                lists = scope::read_lists(self.askers, patterns, &closed) => lists,
            };
            for (place, failure) in &lists.stopped {
                self.stop(*place, failure.clone())?;
            }
            match self.limited() {
                Some(until) if !self.wait(until).await => return Ok(None),
                Some(_) => {}
                None => return Ok(Some(lists)),
            }
        }
    }

    async fn visit_all(&mut self, known: &Known, errands: Vec<Errand>) -> Result<(), PassError> {
        let listed: Vec<Repository> = errands
            .iter()
            .filter_map(|errand| match &errand.job {
                Job::Listed(repo) => Some(repo.clone()),
                Job::Name(..) | Job::Id(..) => None,
            })
            .collect();
        self.store
            .save_repositories(&listed, self.report.started_at)
            .await?;
        let held: HashMap<RepoId, Held> = self.store.held().await?.into_iter().collect();
        let held = Mutex::new(held);
        let saved: HashSet<RepoId> = listed.iter().map(|repo| repo.id).collect();
        let mut etags = Etags::default();
        etags.read(self.store, self.askers).await?;
        let desk = Desk {
            held,
            saved,
            progress: Mutex::new(HashMap::new()),
            number_misses: AtomicU32::new(0),
            etags,
        };
        let left = self.visit_in_turn(known, &desk, errands.into()).await?;
        self.give_up(left);
        let left = self.visit_the_rest(&desk).await?;
        self.give_up(left);
        self.tell_of_others();
        Ok(())
    }

    /// Carries errands out, some at a time where others may be at work on the store. Returns those
    /// that were not reached.
    async fn visit_in_turn(
        &mut self,
        known: &Known,
        desk: &Desk,
        mut todo: VecDeque<Errand>,
    ) -> Result<Vec<Errand>, PassError> {
        // Those that only a credential sees whose limit is used up.
        let mut stuck: Vec<Errand> = Vec::new();
        loop {
            let most = self.at_once().min(todo.len());
            let next: Vec<Errand> = todo.drain(..most).collect();
            let (errands, tenure) = self.claim(known, desk, next).await?;
            let closed: Vec<usize> = self.stopped.keys().copied().collect();
            let round = Round {
                askers: self.askers,
                store: self.store,
                known,
                held: &desk.held,
                saved: &desk.saved,
                progress: &desk.progress,
                etags: &desk.etags,
                number_misses: &desk.number_misses,
                mode: match self.options.ask {
                    Ask::Due => Mode::Worth,
                    Ask::All | Ask::Named(_) => Mode::All,
                },
                labels_hold: LABELS_HOLD,
                listed_at: self.report.started_at,
                now: self.report.started_at,
                jobs: self.options.jobs.clamp(1, MOST_JOBS),
                closed: &closed,
                tenure: tenure.as_ref(),
                stop: self.options.interrupt.clone(),
            };
            let running = round.run(errands, |job, visited| self.count(job, &visited));
            let ending = match &tenure {
                Some(tenure) => tenure.keep(running).await?,
                None => running.await?,
            };
            let mut left = ending.left;
            if let Some(tenure) = tenure {
                if tenure.is_lost() {
                    // Whoever has them now asks.
                    self.elsewhere.append(&mut left);
                }
                tenure.release().await?;
            }
            let is_new = !ending.stopped.is_empty();
            for (place, failure) in ending.stopped {
                self.stop(place, failure)?;
            }
            let is_over = if self.options.interrupt.is_cancelled() {
                self.report.ended = Ended::Interrupted;
                true
            } else if ending.is_cut_off {
                self.report.ended = Ended::Unreachable("it stopped answering".into());
                true
            } else {
                match self.limited() {
                    Some(until) => !self.wait(until).await,
                    None => {
                        // Another credential may be able to do what this one could not.
                        if !is_new {
                            stuck.append(&mut left);
                        }
                        let is_all = todo.is_empty() && left.is_empty() && !stuck.is_empty();
                        match self.first_reset().filter(|_| is_all) {
                            // What is left is seen by one whose limit is used up.
                            Some(until) => {
                                let has_waited = self.wait(until).await;
                                if has_waited {
                                    left.append(&mut stuck);
                                }
                                !has_waited
                            }
                            None => false,
                        }
                    }
                }
            };
            for errand in left.into_iter().rev() {
                todo.push_front(errand);
            }
            if is_over || todo.is_empty() {
                todo.extend(stuck);
                return Ok(todo.into());
            }
        }
    }

    /// Notes what was not reached.
    fn give_up(&mut self, left: Vec<Errand>) {
        self.report.skipped += left.len() as u64;
        self.report
            .unreached
            .extend(left.iter().map(|errand| errand.job.label()));
    }

    fn count(&mut self, job: &Job, visited: &Visited) {
        self.saw(visited.at);
        self.report.ok += visited.ok;
        self.report.failed += visited.failed;
        self.report.new_days += visited.new_days;
        self.report
            .troubles
            .extend(visited.troubles.iter().cloned());
        self.report.notes.extend(visited.notes.iter().cloned());
        if !visited.is_unfinished {
            self.report.asked.push(job.label());
            (self.progress)(Event::Visited(job.label()));
        }
    }

    /// Waits for the rate limit if that is wanted and it is known until when; false if not.
    async fn wait(&mut self, until: Option<Timestamp>) -> bool {
        self.report.ended = Ended::RateLimited { until };
        let (true, Some(until)) = (self.options.waits_for_limit, until) else {
            return false;
        };
        (self.progress)(Event::WaitingUntil(until));
        tokio::select! {
            biased;
            () = self.options.interrupt.cancelled() => {
                self.report.ended = Ended::Interrupted;
                false
            }
            () = self.askers[0].client.wait_for_reset(until) => {
                self.report.ended = Ended::Done;
                self.stopped.retain(|_, failure| failure.kind == FailureKind::Unauthorized);
                true
            }
        }
    }

    /// Looks at the whole fleet for days on which it fell silent at once.
    async fn settle_suspicions(&mut self) -> Result<(), PassError> {
        let found = chores::settle_suspicions(self.store, self.report.finished_at).await?;
        let notes = found
            .into_iter()
            .map(|(metric, day)| Note::Suspect(metric, day));
        self.report.notes.extend(notes);
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), PassError> {
        self.tell_requests();
        self.report
            .troubles
            .sort_by_cached_key(|trouble: &Trouble| {
                (trouble.repo.to_ascii_lowercase(), trouble.endpoint)
            });
        let report = &self.report;
        if self.options.is_dry_run {
            return Ok(());
        }
        let number = self
            .store
            .save_run(&Run {
                started_at: report.started_at,
                finished_at: report.finished_at,
                sent: report.requests.sent,
                not_modified: report.requests.not_modified,
                retried: report.requests.retried,
                ok: report.ok,
                failed: report.failed,
                skipped: report.skipped,
                new_days: report.new_days,
            })
            .await?;
        self.store.seal(None, SEALED_AT_ONCE).await?;
        let today = Day::of(report.finished_at);
        self.store.prepare_years(today).await?;
        self.report.run = Some(number);
        Ok(())
    }

    fn tell_requests(&mut self) {
        self.report.requests = asker::counters(self.askers);
        self.report.rate = asker::rate(self.askers);
    }

    fn saw(&mut self, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.report.finished_at = self.report.finished_at.max(at);
        }
    }
}

fn empty_report() -> Report {
    Report {
        run: None,
        started_at: Timestamp::UNIX_EPOCH,
        finished_at: Timestamp::UNIX_EPOCH,
        ok: 0,
        failed: 0,
        skipped: 0,
        requests: gitratra_github::Counters::default(),
        rate: None,
        new_days: 0,
        troubles: Vec::new(),
        notes: Vec::new(),
        asked: Vec::new(),
        unreached: Vec::new(),
        left_to_others: Vec::new(),
        refused: BTreeSet::new(),
        ended: Ended::Done,
    }
}
