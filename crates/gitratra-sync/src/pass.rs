//! One pass: what is due is asked, every answer is recorded, nothing that fails costs another
//! repository anything.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::StreamExt;
use futures_util::stream;
use gitratra_core::{
    Day, DayRange, Endpoint, Pattern, RepoId, Repository, Rules, Timestamp, plan, suspect,
};
use gitratra_github::{Client, FailureKind};
use gitratra_store::{Run, Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::report::{Ended, Note, PassError, Report, Trouble};
use crate::scope::{self, Job, Known};
use crate::visit::{Progress, Shared, Visited, visit};

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
    /// Only say what would be asked.
    pub is_dry_run: bool,
    /// Wait when the rate limit is used up, instead of stopping.
    pub waits_for_limit: bool,
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
}

/// Runs one pass.
///
/// # Errors
/// [`PassError::Unauthorized`] where GitHub does not take the credential, and
/// [`PassError::Store`] where the store fails. In both cases what was answered before is recorded.
pub async fn run(
    client: &Client,
    credential: &str,
    store: &Store,
    options: &Options,
    progress: &(dyn Fn(Event) + Sync),
) -> Result<Report, PassError> {
    let mut pass = Pass {
        client,
        store,
        options,
        progress,
        report: empty_report(),
    };
    pass.run(credential).await?;
    Ok(pass.report)
}

/// What all rounds of a pass share.
struct Round<'a> {
    known: &'a Known,
    credential: &'a str,
    saved: &'a HashSet<RepoId>,
    etags: &'a HashMap<(RepoId, Endpoint), String>,
    held: &'a HashMap<RepoId, plan::Held>,
    progress: &'a Mutex<HashMap<RepoId, Progress>>,
}

struct Pass<'a> {
    client: &'a Client,
    store: &'a Store,
    options: &'a Options,
    progress: &'a (dyn Fn(Event) + Sync),
    report: Report,
}

impl Pass<'_> {
    async fn run(&mut self, credential: &str) -> Result<(), PassError> {
        if let Ask::Named(patterns) = &self.options.ask
            && !self.options.is_dry_run
        {
            self.store.add_rules(patterns).await?;
        }
        let mut known = Known::read(self.store).await?;
        let wanted = match &self.options.ask {
            Ask::Named(patterns) => {
                known.rules = Rules::new(known.rules.patterns().iter().chain(patterns).cloned());
                Some(Rules::new(patterns.iter().cloned()))
            }
            Ask::Due | Ask::All => None,
        };
        let Some(now) = self.ask_time(&known, wanted.as_ref()).await? else {
            self.tell_requests();
            return Ok(());
        };
        self.recall_pace(now).await?;
        let Some(jobs) = self.plan(&known, wanted.as_ref(), now).await? else {
            return self.finish().await;
        };
        (self.progress)(Event::Planned(jobs.len()));
        if self.options.is_dry_run {
            self.report.asked = jobs.iter().map(Job::label).collect();
            return Ok(());
        }
        self.visit_all(credential, &known, jobs).await?;
        self.settle_suspicions().await?;
        self.finish().await
    }

    /// Asks GitHub what time it is, which also tells whether the credential works and what is left
    /// of the rate limit. Nothing where GitHub cannot be reached.
    async fn ask_time(
        &mut self,
        known: &Known,
        wanted: Option<&Rules>,
    ) -> Result<Option<Timestamp>, PassError> {
        let answer = tokio::select! {
            biased;
            () = self.options.interrupt.cancelled() => {
                self.report.ended = Ended::Interrupted;
                return Ok(None);
            }
            answer = self.client.rate_limit() => answer,
        };
        let now = match answer {
            Ok(limit) => limit.at,
            Err(failure) => match (&failure.kind, self.client.server_now()) {
                (FailureKind::Unauthorized, _) => return Err(PassError::Unauthorized(failure)),
                (_, Some(at)) => at,
                (_, None) => {
                    self.report.unreached = scope::all_names(known, wanted);
                    self.report.skipped = self.report.unreached.len() as u64;
                    self.report.ended = Ended::Unreachable(failure.to_string());
                    return Ok(None);
                }
            },
        };
        self.report.started_at = now;
        self.report.finished_at = now;
        Ok(Some(now))
    }

    /// GitHub counts requests of a minute whichever process sends them, so what a run sent that
    /// ended just now is still part of this minute's pace.
    async fn recall_pace(&self, now: Timestamp) -> Result<(), PassError> {
        const MINUTE_SECS: i64 = 60;
        if let Some(last) = self.store.last_run().await? {
            let ago_secs = now.as_second() - last.finished_at.as_second();
            if (0..=MINUTE_SECS).contains(&ago_secs) {
                let sent = u32::try_from(last.sent).unwrap_or(u32::MAX);
                self.client.preload_points(sent);
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
    ) -> Result<Option<Vec<Job>>, PassError> {
        let patterns = wanted.unwrap_or(&known.rules);
        let lists = loop {
            let read = tokio::select! {
                biased;
                () = self.options.interrupt.cancelled() => {
                    self.report.ended = Ended::Interrupted;
                    return Ok(None);
                }
                read = scope::read_lists(self.client, patterns) => read,
            };
            match read {
                Ok(lists) => break lists,
                Err(failure) => match failure.kind {
                    FailureKind::RateLimited { until } => {
                        if !self.wait(until).await {
                            self.report.unreached = scope::all_names(known, wanted);
                            self.report.skipped = self.report.unreached.len() as u64;
                            return Ok(None);
                        }
                    }
                    _ => return Err(PassError::Unauthorized(failure)),
                },
            }
        };
        self.saw(lists.at);
        let chosen = scope::choose(known, &lists, wanted);
        self.report.notes.extend(lists.notes);
        self.report.troubles.extend(lists.troubles);
        self.report.notes.extend(chosen.notes);
        self.report.failed += chosen.troubles.len() as u64;
        self.report.troubles.extend(chosen.troubles);
        self.report.skipped += chosen.skipped;
        let held: HashMap<RepoId, plan::Held> = self.store.held().await?.into_iter().collect();
        let mut jobs: Vec<(Option<Day>, Job)> = Vec::with_capacity(chosen.jobs.len());
        for job in chosen.jobs {
            let ids = job.ids();
            let states = || {
                ids.iter()
                    .map(|id| held.get(id).copied().unwrap_or_default())
            };
            // What a list shows is not gone, whatever was met before.
            let is_listed = matches!(job, Job::Listed(_));
            let is_gone_for_now = |id: &RepoId| {
                let gone = known.repositories.get(id).and_then(|held| held.gone);
                !is_listed
                    && gone.is_some_and(|gone| !plan::is_gone_due(gone.since, gone.asked_at, now))
            };
            let is_due = ids.is_empty()
                || ids
                    .iter()
                    .zip(states())
                    .any(|(id, held)| !is_gone_for_now(id) && plan::is_due(&held, now));
            if is_due || self.options.ask != Ask::Due {
                jobs.push((states().filter_map(|held| held.newest()).min(), job));
            } else {
                self.report.skipped += 1;
            }
        }
        // The repository whose next day is nearest to being lost goes first. Of a new one that is
        // the oldest day GitHub still has.
        jobs.sort_by_cached_key(|(newest, job)| {
            (newest.unwrap_or(Day::MIN), job.label().to_ascii_lowercase())
        });
        Ok(Some(jobs.into_iter().map(|(_, job)| job).collect()))
    }

    async fn visit_all(
        &mut self,
        credential: &str,
        known: &Known,
        jobs: Vec<Job>,
    ) -> Result<(), PassError> {
        let held = self.store.held().await?;
        let listed: Vec<Repository> = jobs
            .iter()
            .filter_map(|job| match job {
                Job::Listed(repo) => Some(repo.clone()),
                Job::Name(..) | Job::Id(..) => None,
            })
            .collect();
        self.store
            .save_repositories(&listed, self.report.started_at)
            .await?;
        let round = Round {
            known,
            saved: &listed.iter().map(|repo| repo.id).collect(),
            credential,
            etags: &self.store.etags(credential).await?,
            held: &held.into_iter().collect(),
            progress: &Mutex::new(HashMap::new()),
        };
        let mut todo = jobs;
        loop {
            let (left, limited) = self.visit_round(&round, todo).await?;
            todo = left;
            match limited {
                Some(until) if self.wait(until).await => {}
                _ => break,
            }
        }
        self.report.skipped += todo.len() as u64;
        self.report.unreached.extend(todo.iter().map(Job::label));
        Ok(())
    }

    /// Visits until all is done or something ends it. Returns the jobs that are left and, where the
    /// rate limit ended it, until when.
    async fn visit_round(
        &mut self,
        round: &Round<'_>,
        jobs: Vec<Job>,
    ) -> Result<(Vec<Job>, Option<Option<Timestamp>>), PassError> {
        let shared = Shared {
            client: self.client,
            store: self.store,
            known: round.known,
            credential: round.credential,
            saved: round.saved,
            etags: round.etags,
            held: round.held,
            now: self.report.started_at,
            stop: self.options.interrupt.clone(),
            is_closed: AtomicBool::new(false),
            unreachable: AtomicU32::new(0),
            is_cut_off: AtomicBool::new(false),
            taken: Mutex::new(HashSet::new()),
            progress: round.progress,
        };
        let shared = &shared;
        let mut left = Vec::new();
        let mut limited = None;
        let mut refused = None;
        let visits = stream::iter(jobs)
            .map(|job| async move {
                let visited = visit(shared, &job).await;
                (job, visited)
            })
            .buffer_unordered(self.options.jobs.clamp(1, MOST_JOBS));
        let mut visits = std::pin::pin!(visits);
        while let Some((job, visited)) = visits.next().await {
            let visited = match visited {
                // What the store cannot take of one repository is that repository's own trouble.
                Err(error @ StoreError::Internal { .. }) => Visited {
                    failed: 1,
                    troubles: vec![not_stored(&job, &error)],
                    ..Visited::default()
                },
                other => other?,
            };
            self.count(&job, &visited);
            if visited.is_unfinished {
                left.push(job);
            }
            if let Some(failure) = visited.stopped_by {
                shared.is_closed.store(true, Ordering::Relaxed);
                match failure.kind {
                    FailureKind::RateLimited { until } => {
                        limited = Some(limited.flatten().max(until));
                    }
                    _ => refused = Some(failure),
                }
            }
        }
        if let Some(failure) = refused {
            return Err(PassError::Unauthorized(failure));
        }
        if self.options.interrupt.is_cancelled() {
            self.report.ended = Ended::Interrupted;
            return Ok((left, None));
        }
        if shared.is_cut_off.load(Ordering::Relaxed) {
            self.report.ended = Ended::Unreachable("it stopped answering".into());
            return Ok((left, None));
        }
        Ok((left, limited))
    }

    fn count(&mut self, job: &Job, visited: &Visited) {
        self.saw(visited.at);
        self.report.ok += visited.ok;
        self.report.failed += visited.failed;
        self.report.new_days += visited.recorded.new_days;
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
            () = self.client.wait_for_reset(until) => {
                self.report.ended = Ended::Done;
                true
            }
        }
    }

    /// Looks at the whole fleet for days on which it fell silent at once.
    async fn settle_suspicions(&mut self) -> Result<(), PassError> {
        const LOOK_BACK_DAYS: u32 = 42;
        let now = self.report.finished_at;
        let known = self.store.suspicions().await?;
        let fleet = self
            .store
            .fleet(DayRange::ending(Day::of(now), LOOK_BACK_DAYS))
            .await?;
        let found = suspect::suspicions(&fleet, &known, now);
        for suspicion in found.iter().filter(|found| !known.contains(found)) {
            self.report
                .notes
                .push(Note::Suspect(suspicion.metric, suspicion.day));
        }
        if found != known {
            self.store.save_suspicions(&found).await?;
        }
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
        self.store
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
        Ok(())
    }

    fn tell_requests(&mut self) {
        self.report.requests = self.client.counters();
        self.report.rate = self.client.rate();
    }

    fn saw(&mut self, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.report.finished_at = self.report.finished_at.max(at);
        }
    }
}

fn not_stored(job: &Job, error: &StoreError) -> Trouble {
    let cause =
        std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
    Trouble {
        repo: job.label(),
        endpoint: Endpoint::Repository,
        status: None,
        message: format!("its answers cannot be stored: {error}{cause}"),
        action: "please report this, with the message; it is asked again the next time".into(),
    }
}

fn empty_report() -> Report {
    Report {
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
        ended: Ended::Done,
    }
}
