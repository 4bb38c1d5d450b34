//! One repository: who it is now, its four answers, and their record in the store.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use gitratra_core::plan::Held;
use gitratra_core::{
    Day, Endpoint, Metric, Pattern, Ranking, RepoId, RepoName, Repository, Timestamp, Window, plan,
};
use gitratra_github::{Answer, Client, Failure, FailureKind, Target};
use gitratra_store::{Outcome, Recorded, Store, StoreError, Visit};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::report::{Note, Trouble, stops_everything};
use crate::scope::{Job, Known};

/// What every visit of a pass shares.
pub(crate) struct Shared<'a> {
    pub(crate) client: &'a Client,
    pub(crate) store: &'a Store,
    pub(crate) known: &'a Known,
    pub(crate) credential: &'a str,
    pub(crate) etags: &'a HashMap<(RepoId, Endpoint), String>,
    pub(crate) held: &'a HashMap<RepoId, Held>,
    /// Repositories whose labels a list told and which were saved together before the visits.
    pub(crate) saved: &'a HashSet<RepoId>,
    /// The server's time at which the pass began.
    pub(crate) now: Timestamp,
    /// Set by an interrupt: what is in flight is dropped.
    pub(crate) stop: CancellationToken,
    /// Set by a used-up rate limit or a refused credential: what was begun goes on, since its
    /// answers are paid for and the client itself sends nothing more; nothing else is begun.
    pub(crate) is_closed: AtomicBool,
    /// How many questions in a row found nobody at the other end.
    pub(crate) unreachable: AtomicU32,
    /// Set once those were too many; a late answer to what was in flight does not take it back,
    /// since by then the rest was left undone.
    pub(crate) is_cut_off: AtomicBool,
    /// Repositories taken up in this round, so that two names of one are read once.
    pub(crate) taken: Mutex<HashSet<RepoId>>,
    /// What earlier rounds of the pass brought, so that nothing is asked again after a wait.
    pub(crate) progress: &'a Mutex<HashMap<RepoId, Progress>>,
}

/// How far a repository was read when the rate limit ended a round.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// The endpoints that were answered, failures included.
    asked: Vec<Endpoint>,
    has_failed: bool,
    views: Option<Day>,
    clones: Option<Day>,
}

/// How long what a list said about a name is believed. Traffic is asked by name and its answers
/// carry no number, so a name that another repository took in the meantime must be noticed before.
const LISTS_HOLD: SignedDuration = SignedDuration::from_mins(10);

/// So many questions in a row without any answer mean that the network is gone, and not that some
/// repositories are in trouble.
const UNREACHABLE_AT_MOST: u32 = 40;

/// What came of one job.
#[derive(Debug, Default)]
pub(crate) struct Visited {
    /// Repositories read without trouble, by name.
    pub(crate) ok: u64,
    /// Repositories of which something failed.
    pub(crate) failed: u64,
    pub(crate) recorded: Recorded,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) notes: Vec<Note>,
    /// What ends the whole pass.
    pub(crate) stopped_by: Option<Failure>,
    /// True where the job was not carried to its end, so that it is still to be done.
    pub(crate) is_unfinished: bool,
    /// The server's time of the last answer.
    pub(crate) at: Option<Timestamp>,
}

/// Carries one job out.
pub(crate) async fn visit(shared: &Shared<'_>, job: &Job) -> Result<Visited, StoreError> {
    let mut visited = Visited::default();
    if shared.is_closed.load(Ordering::Relaxed) || shared.stop.is_cancelled() {
        visited.is_unfinished = true;
        return Ok(visited);
    }
    match job {
        Job::Listed(repo) if shared.time().duration_since(shared.now) < LISTS_HOLD => {
            shared.repository(repo, &mut visited).await?;
        }
        Job::Listed(repo) => {
            shared.id(repo.id, &repo.name, &mut visited).await?;
        }
        Job::Name(name, ids) => shared.name(name, ids, &mut visited).await?,
        Job::Id(id, name) => {
            shared.id(*id, name, &mut visited).await?;
        }
    }
    Ok(visited)
}

impl Shared<'_> {
    /// Looks an exact name up; whoever bore it before is followed by its number, whatever came of
    /// the name itself.
    async fn name(
        &self,
        name: &RepoName,
        ids: &[RepoId],
        visited: &mut Visited,
    ) -> Result<(), StoreError> {
        let (bearer, failure) = match self.look_up(&Target::Name(name.clone()), visited).await {
            LookedUp::Is(repo) => {
                self.bind(name, repo.id).await?;
                self.repository(&repo, visited).await?;
                (Some(repo.id), None)
            }
            LookedUp::Failed(failure) => (None, Some(failure)),
            LookedUp::Stopped => return Ok(()),
        };
        let mut is_followed = false;
        for id in ids.iter().filter(|id| Some(**id) != bearer) {
            let held = self.known.repositories.get(id);
            let label = held.map_or(name, |held| &held.repository.name);
            // What is gone and whose name has another bearer is not missed under it.
            let is_replaced = bearer.is_some() && held.is_some_and(|held| held.gone.is_some());
            // The failure of its own name stands for it, unless the name may have moved away.
            let is_told =
                failure.as_ref().is_some_and(|failure| !is_gone(failure)) && label == name;
            if !is_replaced && !is_told {
                is_followed |= self.id(*id, &label.clone(), visited).await?;
            }
        }
        match failure {
            Some(failure) if !(is_followed && is_gone(&failure)) => {
                let of_name = |id: &&RepoId| {
                    let held = self.known.repositories.get(id);
                    !is_gone(&failure) && held.is_some_and(|held| held.repository.name == *name)
                };
                let ids: Vec<RepoId> = ids.iter().filter(of_name).copied().collect();
                self.failed(name, &ids, &failure, visited).await
            }
            _ => Ok(()),
        }
    }

    /// Looks a repository up by its number. Returns whether it is told of now: read, or noted as
    /// failed.
    async fn id(
        &self,
        id: RepoId,
        name: &RepoName,
        visited: &mut Visited,
    ) -> Result<bool, StoreError> {
        if lock(&self.taken).contains(&id) {
            return Ok(true);
        }
        match self.look_up(&Target::Id(id), visited).await {
            LookedUp::Is(repo) => {
                if self.known.verdict(&repo).is_tracked() {
                    self.repository(&repo, visited).await?;
                } else {
                    self.save_label(&repo, visited).await?;
                    visited.notes.push(Note::LeftRules {
                        from: name.clone(),
                        to: repo.name,
                    });
                }
                Ok(true)
            }
            LookedUp::Failed(failure) => {
                self.failed(name, &[id], &failure, visited).await?;
                Ok(true)
            }
            LookedUp::Stopped => Ok(false),
        }
    }

    async fn look_up(&self, target: &Target, visited: &mut Visited) -> LookedUp {
        let Some(answer) = self.unless_stopped(self.client.repository(target)).await else {
            visited.is_unfinished = true;
            return LookedUp::Stopped;
        };
        self.hear(answer.as_ref().err());
        match answer {
            Ok((repo, at)) => {
                visited.at = visited.at.max(Some(at));
                LookedUp::Is(repo)
            }
            Err(failure) if stops_everything(&failure) => {
                visited.is_unfinished = true;
                visited.stopped_by = Some(failure);
                LookedUp::Stopped
            }
            Err(failure) => LookedUp::Failed(failure),
        }
    }

    /// Notes that a repository could not be looked up.
    async fn failed(
        &self,
        name: &RepoName,
        ids: &[RepoId],
        failure: &Failure,
        visited: &mut Visited,
    ) -> Result<(), StoreError> {
        visited.failed += 1;
        visited
            .troubles
            .push(Trouble::of(&name.to_string(), failure));
        for id in ids
            .iter()
            .filter(|id| self.known.repositories.contains_key(id))
        {
            let at = self.time();
            if let (true, Some(status)) = (is_gone(failure), failure.status) {
                self.store.mark_gone(*id, status, at).await?;
            }
            let outcomes = vec![(Endpoint::Repository, failed_outcome(failure))];
            self.record(*id, at, outcomes, visited).await?;
        }
        Ok(())
    }

    /// Asks the four endpoints and records every answer, also where others failed.
    async fn repository(&self, repo: &Repository, visited: &mut Visited) -> Result<(), StoreError> {
        if !lock(&self.taken).insert(repo.id) {
            return Ok(());
        }
        self.save_label(repo, visited).await?;
        let rule = Pattern::Name(repo.name.clone());
        if self.known.rules.find(&rule).is_some() {
            self.bind(&repo.name, repo.id).await?;
        }
        let mut progress = lock(self.progress).remove(&repo.id).unwrap_or_default();
        let mut answers = Answers {
            views: progress.views,
            clones: progress.clones,
            ..Answers::default()
        };
        for endpoint in Endpoint::TRAFFIC {
            if progress.asked.contains(&endpoint) {
                continue;
            }
            if !self.ask(repo, endpoint, &mut answers, visited).await {
                visited.is_unfinished = true;
                break;
            }
        }
        let fails = |(_, outcome): &(Endpoint, Outcome)| matches!(outcome, Outcome::Failed { .. });
        let had_failed = progress.has_failed;
        progress.has_failed |= answers.outcomes.iter().any(fails);
        // Counted once, however many rounds it takes.
        if progress.has_failed && !had_failed {
            visited.failed += 1;
        } else if !progress.has_failed && !visited.is_unfinished {
            visited.ok += 1;
        }
        let asked = answers.outcomes.iter().map(|(endpoint, _)| *endpoint);
        progress.asked.extend(asked);
        (progress.views, progress.clones) = (answers.views, answers.clones);
        if let Some(at) = answers.at {
            self.record(repo.id, at, answers.outcomes, visited).await?;
        }
        lock(self.progress).insert(repo.id, progress);
        Ok(())
    }

    /// Asks one endpoint; false where nothing more may be sent.
    async fn ask(
        &self,
        repo: &Repository,
        endpoint: Endpoint,
        answers: &mut Answers,
        visited: &mut Visited,
    ) -> bool {
        let target = Target::Name(repo.name.clone());
        let etag = self.etags.get(&(repo.id, endpoint)).map(String::as_str);
        // An unchanged list belongs to a new window all the same, and is kept for it.
        let is_ranked = matches!(endpoint, Endpoint::Referrers | Endpoint::Paths);
        let etag = etag.filter(|_| !(is_ranked && answers.has_new_window(self.held.get(&repo.id))));
        let asking = async {
            match endpoint {
                Endpoint::Clones => self.traffic(&target, Metric::Clones, etag).await,
                Endpoint::Referrers => self.ranked(&target, Ranking::Referrers, etag).await,
                Endpoint::Paths => self.ranked(&target, Ranking::Paths, etag).await,
                _ => self.traffic(&target, Metric::Views, etag).await,
            }
        };
        let Some(answer) = self.unless_stopped(asking).await else {
            return false;
        };
        self.hear(answer.as_ref().err());
        match answer {
            Ok((mut outcome, at)) => {
                answers.date(endpoint, &mut outcome, at, self.held.get(&repo.id));
                answers.at = answers.at.max(Some(at));
                answers.outcomes.push((endpoint, outcome));
            }
            Err(failure) if stops_everything(&failure) => {
                visited.stopped_by = Some(failure);
                return false;
            }
            Err(failure) => {
                visited
                    .troubles
                    .push(Trouble::of(&repo.name.to_string(), &failure));
                answers.at = answers.at.max(Some(self.time()));
                answers.outcomes.push((endpoint, failed_outcome(&failure)));
            }
        }
        true
    }

    async fn traffic(
        &self,
        target: &Target,
        metric: Metric,
        etag: Option<&str>,
    ) -> Result<(Outcome, Timestamp), Failure> {
        let answer = self.client.traffic(target, metric, etag).await?;
        Ok(match answer {
            Answer::Fresh { value, etag, at } => (
                Outcome::Traffic {
                    reading: value,
                    etag,
                },
                at,
            ),
            Answer::Unchanged { at } => (Outcome::Unchanged, at),
        })
    }

    async fn ranked(
        &self,
        target: &Target,
        ranking: Ranking,
        etag: Option<&str>,
    ) -> Result<(Outcome, Timestamp), Failure> {
        let answer = self.client.ranked(target, ranking, etag).await?;
        Ok(match answer {
            Answer::Fresh { value, etag, at } => (
                Outcome::Ranked {
                    reading: value,
                    window: None,
                    etag,
                },
                at,
            ),
            Answer::Unchanged { at } => (Outcome::Unchanged, at),
        })
    }

    /// Notes what an exact name has come to mean, unless that is known.
    async fn bind(&self, name: &RepoName, id: RepoId) -> Result<(), StoreError> {
        if self.known.names_of(id).contains(name) {
            return Ok(());
        }
        self.store.bind(name, id).await
    }

    async fn save_label(&self, repo: &Repository, visited: &mut Visited) -> Result<(), StoreError> {
        let held = self.known.repositories.get(&repo.id);
        if let Some(held) = held
            && held.repository.name != repo.name
        {
            visited.notes.push(Note::Renamed {
                from: held.repository.name.clone(),
                to: repo.name.clone(),
            });
        }
        if self.saved.contains(&repo.id) {
            return Ok(());
        }
        let seen_at = visited.at.unwrap_or(self.now);
        self.store
            .save_repositories(std::slice::from_ref(repo), seen_at)
            .await
    }

    async fn record(
        &self,
        repo: RepoId,
        asked_at: Timestamp,
        outcomes: Vec<(Endpoint, Outcome)>,
        visited: &mut Visited,
    ) -> Result<(), StoreError> {
        let recorded = self
            .store
            .record(Visit {
                repo,
                asked_at,
                credential: self.credential.to_owned(),
                outcomes,
            })
            .await?;
        visited.at = visited.at.max(Some(asked_at));
        visited.recorded.new_days += recorded.new_days;
        visited.recorded.raised += recorded.raised;
        Ok(())
    }

    /// Notices when nobody answers any more: then nothing else is begun.
    fn hear(&self, failure: Option<&Failure>) {
        let is_unreachable =
            failure.is_some_and(|failure| failure.kind == FailureKind::Unreachable);
        if !is_unreachable {
            self.unreachable.store(0, Ordering::Relaxed);
        } else if self.unreachable.fetch_add(1, Ordering::Relaxed) + 1 >= UNREACHABLE_AT_MOST {
            self.is_cut_off.store(true, Ordering::Relaxed);
            self.is_closed.store(true, Ordering::Relaxed);
        }
    }

    /// The server's time, for what failed before an answer could tell it.
    fn time(&self) -> Timestamp {
        self.client.server_now().unwrap_or(self.now)
    }

    /// The answer, or nothing once the pass is to stop.
    async fn unless_stopped<T>(&self, asking: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            answer = asking => Some(answer),
        }
    }
}

/// Takes a lock; no step under it can be left half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

enum LookedUp {
    Is(Repository),
    Failed(Failure),
    Stopped,
}

/// The answers of one repository so far.
#[derive(Default)]
struct Answers {
    outcomes: Vec<(Endpoint, Outcome)>,
    at: Option<Timestamp>,
    views: Option<Day>,
    clones: Option<Day>,
}

impl Answers {
    /// Ranked lists carry no date of their own. GitHub makes them over the window that views have,
    /// so the newest published day of this visit's views dates them; failing that the clones', what
    /// was held before, and last the day that should be published by now.
    fn date(
        &mut self,
        endpoint: Endpoint,
        outcome: &mut Outcome,
        at: Timestamp,
        held: Option<&Held>,
    ) {
        match outcome {
            Outcome::Traffic { reading, .. } => match reading.metric() {
                Metric::Views => self.views = reading.newest_published(),
                Metric::Clones => self.clones = reading.newest_published(),
            },
            Outcome::Ranked { window, .. } => {
                let last = self
                    .views
                    .or(self.clones)
                    .or(held.and_then(|held| held.views));
                *window = Some(Window {
                    last: last.unwrap_or_else(|| plan::newest_publishable(at)),
                });
            }
            Outcome::Unchanged if endpoint == Endpoint::Views => {
                self.views = held.and_then(|held| held.views);
            }
            Outcome::Unchanged | Outcome::Failed { .. } => {}
        }
    }

    /// Whether views have moved to a window of which the ranked lists are not held.
    fn has_new_window(&self, held: Option<&Held>) -> bool {
        self.views
            .is_some_and(|views| held.and_then(|held| held.rankings) < Some(views))
    }
}

fn failed_outcome(failure: &Failure) -> Outcome {
    Outcome::Failed {
        status: failure.status,
        message: failure.message.clone(),
        action: failure.action(),
    }
}

fn is_gone(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::NotFound | FailureKind::Blocked { .. }
    )
}
