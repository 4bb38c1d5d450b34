//! One repository: who it is now, by which credential it is read, and what became of it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use gitratra_core::{
    CountersReading, Day, Endpoint, Held, Pattern, RepoId, RepoName, Repository, Timestamp,
};
use gitratra_github::{Failure, FailureKind, Target};
use gitratra_store::{Outcome, Recorded, Store, StoreError, Visit};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::asker::Asker;
use crate::lease::Tenure;
use crate::read::{Found, Mode, Progress, failed_outcome};
use crate::report::{Note, Trouble, stops_everything};
use crate::round::EtagsOf;
use crate::scope::{Errand, Job, Known};

/// A credential at work.
pub(crate) struct Desk<'a> {
    pub(crate) asker: &'a Asker,
    /// The validators of what it was answered last.
    pub(crate) etags: &'a Mutex<EtagsOf>,
    /// Set by a used-up rate limit or a refusal: what was begun goes on, since its answers are paid
    /// for and the client itself sends nothing more; nothing else is begun.
    pub(crate) is_closed: AtomicBool,
}

/// What every visit of a round shares.
pub(crate) struct Shared<'a> {
    pub(crate) desks: Vec<Desk<'a>>,
    pub(crate) store: &'a Store,
    pub(crate) known: &'a Known,
    pub(crate) held: &'a Mutex<HashMap<RepoId, Held>>,
    pub(crate) mode: Mode,
    /// How long a label is believed before a repository is looked up again.
    pub(crate) labels_hold: SignedDuration,
    /// When the lists were read.
    pub(crate) listed_at: Timestamp,
    /// Repositories whose labels a list told and which were saved together before the visits.
    pub(crate) saved: &'a HashSet<RepoId>,
    /// The server's time at which the round began.
    pub(crate) now: Timestamp,
    /// What is held of all that is visited, where several may be at it.
    pub(crate) tenure: Option<&'a Tenure<'a>>,
    /// Set by an interrupt: what is in flight is dropped.
    pub(crate) stop: CancellationToken,
    /// How many questions in a row found nobody at the other end.
    pub(crate) unreachable: AtomicU32,
    /// Set once those were too many; a late answer to what was in flight does not take it back,
    /// since by then the rest was left undone.
    pub(crate) is_cut_off: AtomicBool,
    /// Whether anybody answered.
    pub(crate) is_answered: AtomicBool,
    /// How often in a row GitHub had nothing under the number of a repository that it has.
    pub(crate) number_misses: &'a AtomicU32,
    /// The newest day that any answer had, in days since 1970.
    pub(crate) newest: AtomicI64,
    /// Repositories taken up in this round, so that two names of one are read once.
    pub(crate) taken: Mutex<HashSet<RepoId>>,
    /// What earlier rounds of the pass brought, so that nothing is asked again after a wait.
    pub(crate) progress: &'a Mutex<HashMap<RepoId, Progress>>,
}

/// How long what a list said about a name is believed. Traffic is asked by name and its answers
/// carry no number, so a name that another repository took in the meantime must be noticed before.
const LISTS_HOLD: SignedDuration = SignedDuration::from_mins(10);

/// So many questions in a row without any answer mean that the network is gone, and not that some
/// repositories are in trouble.
const UNREACHABLE_AT_MOST: u32 = 40;

/// So many repositories in a row that GitHub has, but not under their number, mean that this server
/// knows no numbers.
const MISSES_AT_MOST: u32 = 3;

/// What came of one job.
#[derive(Debug, Default)]
pub(crate) struct Visited {
    /// Repositories read without trouble, by name.
    pub(crate) ok: u64,
    /// Repositories of which something failed.
    pub(crate) failed: u64,
    pub(crate) new_days: u64,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) notes: Vec<Note>,
    /// What ends everything that a credential does, by its place.
    pub(crate) stopped_by: Option<(usize, Failure)>,
    /// True where the job was not carried to its end, so that it is still to be done.
    pub(crate) is_unfinished: bool,
    /// Whether its traffic was asked for, or need not be.
    pub(crate) has_read: bool,
    /// Whether any good answer was stored.
    pub(crate) has_stored: bool,
    /// Whether nothing of it fails any more.
    pub(crate) is_well: bool,
    /// Whether something about names was stored.
    pub(crate) is_labelled: bool,
    /// What the look-up counted beside, until it is stored.
    pub(crate) counters: Option<CountersReading>,
    /// The server's time of the last answer.
    pub(crate) at: Option<Timestamp>,
}

impl Visited {
    /// Notes that the job was not carried to its end, and what ended it.
    pub(crate) fn stop(&mut self, place: usize, failure: Option<Failure>) {
        self.is_unfinished = true;
        self.stopped_by = failure.map(|failure| (place, failure));
    }
}

/// Carries one job out.
pub(crate) async fn visit(shared: &Shared<'_>, errand: &Errand) -> Result<Visited, StoreError> {
    let mut visited = Visited::default();
    let able = shared.open(&errand.able);
    let (Some(first), false) = (able.first().copied(), shared.is_over()) else {
        visited.is_unfinished = true;
        return Ok(visited);
    };
    if errand.sure > 0 && shared.open(&errand.able[..errand.sure]).is_empty() {
        // Those that see it cannot ask now, and the others would not find it.
        visited.is_unfinished = true;
        return Ok(visited);
    }
    let mut missed = None;
    if let Some((id, name)) = shared.by_number(&errand.job) {
        if !lock(&shared.taken).insert(id) {
            return Ok(visited);
        }
        let target = Target::Id(id);
        match shared.read(id, name, target, first, &mut visited).await? {
            Found::Yes => {
                if visited.ok > 0 {
                    shared.number_misses.store(0, Ordering::Relaxed);
                }
                return Ok(visited);
            }
            Found::No => {
                lock(&shared.taken).remove(&id);
                missed = Some(id);
            }
        }
    }
    let at = Visitor {
        shared,
        is_whole: able.len() == errand.able.len(),
        able,
        missed,
    };
    match &errand.job {
        Job::Listed(repo) if !shared.is_list_old() => {
            at.repository(repo, first, &mut visited).await?;
        }
        Job::Listed(repo) => {
            at.id(repo.id, &repo.name, &mut visited).await?;
        }
        Job::Name(name, ids) => at.name(name, ids, &mut visited).await?,
        Job::Id(id, name) => {
            at.id(*id, name, &mut visited).await?;
        }
    }
    Ok(visited)
}

impl Shared<'_> {
    /// The repository of a job that can be read under its number, without looking it up: its label
    /// is known well enough, and its number can mean no other.
    fn by_number<'a>(&'a self, job: &'a Job) -> Option<(RepoId, &'a RepoName)> {
        if self.mode == Mode::All || self.knows_no_numbers() {
            return None;
        }
        if let Job::Listed(repo) = job {
            // A pass has read its lists just now, and keeps to names.
            let is_known = self.known.repositories.contains_key(&repo.id);
            let is_due = self.is_list_old() || (self.mode == Mode::Due && is_known);
            return is_due.then_some((repo.id, &repo.name));
        }
        let [id] = job.ids()[..] else {
            return None;
        };
        let known = self.known.repositories.get(&id)?;
        let is_named = match job {
            Job::Name(name, _) => known.repository.name == *name,
            Job::Listed(_) | Job::Id(..) => true,
        };
        let is_young = self.time().duration_since(known.named_at) < self.labels_hold;
        (is_named && is_young && known.gone.is_none()).then_some((id, &known.repository.name))
    }

    fn is_list_old(&self) -> bool {
        !self.is_fresh(self.listed_at)
    }

    /// Whether what was said about a name then is still believed.
    pub(crate) fn is_fresh(&self, told_at: Timestamp) -> bool {
        self.time().duration_since(told_at) < LISTS_HOLD
    }

    /// Whether this server has repositories, but not under their numbers.
    pub(crate) fn knows_no_numbers(&self) -> bool {
        self.number_misses.load(Ordering::Relaxed) >= MISSES_AT_MOST
    }

    /// Those of some credentials that may still ask.
    pub(crate) fn open(&self, able: &[usize]) -> Vec<usize> {
        let is_open = |place: &usize| {
            self.desks
                .get(*place)
                .is_some_and(|desk| !desk.is_closed.load(Ordering::Relaxed))
        };
        able.iter().copied().filter(is_open).collect()
    }

    pub(crate) fn is_over(&self) -> bool {
        let is_lost = self.tenure.is_some_and(Tenure::is_lost);
        is_lost || self.stop.is_cancelled() || self.is_cut_off.load(Ordering::Relaxed)
    }

    /// What is held of a repository.
    pub(crate) fn held_of(&self, id: RepoId) -> Held {
        lock(self.held).get(&id).cloned().unwrap_or_default()
    }

    /// Takes in the newest day of an answer, and gives the newest of any.
    pub(crate) fn see_newest(&self, day: Day) -> Day {
        let number = day.epoch_days();
        let before = self.newest.fetch_max(number, Ordering::Relaxed);
        Day::from_epoch_days(before.max(number)).unwrap_or(day)
    }

    pub(crate) async fn record(
        &self,
        repo: RepoId,
        asked_at: Timestamp,
        place: usize,
        outcomes: Vec<(Endpoint, Outcome)>,
        visited: &mut Visited,
    ) -> Result<(), StoreError> {
        let news: Vec<(Endpoint, Option<String>)> = outcomes
            .iter()
            .filter_map(|(endpoint, outcome)| new_etag(*endpoint, outcome))
            .collect();
        let is_failed =
            |(_, outcome): &(Endpoint, Outcome)| matches!(outcome, Outcome::Failed { .. });
        let is_good = !outcomes.iter().all(is_failed);
        let visit = Visit {
            repo,
            asked_at,
            credential: self.desks[place].asker.fingerprint.clone(),
            outcomes,
        };
        let recorded: Recorded = self.store.record(visit).await?;
        visited.is_well = !recorded.held.has_failed();
        lock(self.held).insert(repo, recorded.held);
        let mut etags = lock(self.desks[place].etags);
        for (endpoint, etag) in news {
            match etag {
                Some(etag) => etags.insert((repo, endpoint), etag),
                None => etags.remove(&(repo, endpoint)),
            };
        }
        drop(etags);
        visited.at = visited.at.max(Some(asked_at));
        visited.new_days += recorded.new_days;
        visited.has_stored |= is_good;
        Ok(())
    }

    /// Keeps what a look-up counted beside, unless more was told on the same day. It is no news of
    /// traffic, and counts for none.
    async fn save_counters(
        &self,
        reading: CountersReading,
        place: usize,
    ) -> Result<(), StoreError> {
        let counted = self.held_of(reading.repo);
        let counted = counted
            .asked(Endpoint::Counters)
            .and_then(|asked| asked.newest);
        if counted >= Some(Day::of(reading.read_at)) {
            return Ok(());
        }
        let credential = &self.desks[place].asker.fingerprint;
        let by = Endpoint::Repository;
        let recorded = self
            .store
            .record_counters(&[reading], by, credential)
            .await?;
        let recorded = recorded
            .into_iter()
            .map(|(id, recorded)| (id, recorded.held));
        lock(self.held).extend(recorded);
        Ok(())
    }

    /// Notices when nobody answers any more: then nothing else is begun.
    pub(crate) fn hear(&self, failure: Option<&Failure>) {
        let is_unreachable =
            failure.is_some_and(|failure| failure.kind == FailureKind::Unreachable);
        if !is_unreachable {
            self.unreachable.store(0, Ordering::Relaxed);
            self.is_answered.store(true, Ordering::Relaxed);
        } else if self.unreachable.fetch_add(1, Ordering::Relaxed) + 1 >= UNREACHABLE_AT_MOST {
            self.is_cut_off.store(true, Ordering::Relaxed);
        }
    }

    /// The server's time, for what failed before an answer could tell it.
    pub(crate) fn time(&self) -> Timestamp {
        let times = self.desks.iter();
        let told = times
            .filter_map(|desk| desk.asker.client.server_now())
            .max();
        told.unwrap_or(self.now)
    }
}

/// One visit, with the credentials that it may use.
struct Visitor<'a, 'b> {
    shared: &'a Shared<'b>,
    able: Vec<usize>,
    /// Whether no other credential could find what these do not find.
    is_whole: bool,
    /// Set where GitHub had nothing under the number of this repository.
    missed: Option<RepoId>,
}

impl Visitor<'_, '_> {
    /// Looks an exact name up; whoever bore it before is followed by its number, whatever came of
    /// the name itself.
    async fn name(
        &self,
        name: &RepoName,
        ids: &[RepoId],
        visited: &mut Visited,
    ) -> Result<(), StoreError> {
        let (bearer, failure) = match self.look_up(&Target::Name(name.clone()), visited).await {
            LookedUp::Is(repo, place) => {
                self.note_found(repo.id);
                self.bind(name, repo.id).await?;
                self.repository(&repo, place, visited).await?;
                (Some(repo.id), None)
            }
            LookedUp::Failed(failure) => (None, Some(failure)),
            LookedUp::Stopped => return Ok(()),
        };
        let mut is_followed = false;
        for id in ids.iter().filter(|id| Some(**id) != bearer) {
            let held = self.shared.known.repositories.get(id);
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
                    let held = self.shared.known.repositories.get(id);
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
        if lock(&self.shared.taken).contains(&id) {
            return Ok(true);
        }
        match self.look_up(&Target::Id(id), visited).await {
            LookedUp::Is(repo, place) => {
                self.note_found(repo.id);
                if self.shared.known.verdict(&repo).is_tracked() {
                    self.repository(&repo, place, visited).await?;
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

    /// Notes that GitHub has a repository, perhaps one that it did not find by its number just now.
    fn note_found(&self, id: RepoId) {
        if self.missed == Some(id) {
            self.shared.number_misses.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Looks a repository up by each credential in turn, until one is found that may read it. Where
    /// none may, what the likeliest one said counts.
    async fn look_up(&self, target: &Target, visited: &mut Visited) -> LookedUp {
        let mut seen: Option<(Repository, usize)> = None;
        let mut refused: Option<Failure> = None;
        for place in &self.able {
            let client = &self.shared.desks[*place].asker.client;
            let asking = client.look_up(target);
            let Some(answer) = self.shared.unless_stopped(asking).await else {
                visited.is_unfinished = true;
                return LookedUp::Stopped;
            };
            self.shared.hear(answer.as_ref().err());
            match answer {
                Ok(found) => {
                    let repo = found.repository;
                    visited.at = visited.at.max(Some(found.at));
                    visited.counters = found.counters;
                    let may_read = repo.can_push != Some(false);
                    if may_read || self.able.len() == 1 {
                        return LookedUp::Is(repo, *place);
                    }
                    seen.get_or_insert((repo, *place));
                }
                Err(failure) if stops_everything(&failure) => {
                    visited.stop(*place, Some(failure));
                    return LookedUp::Stopped;
                }
                Err(failure) => {
                    let is_telling = refused.is_none() || refused.as_ref().is_some_and(is_gone);
                    if is_telling {
                        refused = Some(failure);
                    }
                }
            }
        }
        match (seen, refused) {
            (Some((repo, place)), _) => LookedUp::Is(repo, place),
            (None, Some(failure)) => LookedUp::Failed(failure),
            (None, None) => LookedUp::Stopped,
        }
    }

    /// Whether the credential that read a repository until lately is not there: to all others a
    /// private one looks deleted.
    fn is_missed(&self, id: RepoId, at: Timestamp) -> bool {
        const LATELY: SignedDuration = SignedDuration::from_hours(24 * 3);
        let desks = self.shared.desks.iter();
        let there: Vec<&str> = desks.map(|desk| desk.asker.fingerprint.as_str()).collect();
        let held = self.shared.held_of(id);
        let answered_at = held
            .asked(Endpoint::Views)
            .and_then(|views| views.answered_at);
        let is_late = answered_at.is_none_or(|before| at.duration_since(before) > LATELY);
        !is_late && self.shared.known.misses_reader(id, &there)
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
            .filter(|id| self.shared.known.repositories.contains_key(id))
        {
            let at = self.shared.time();
            let is_gone = self.is_whole && is_gone(failure) && !self.is_missed(*id, at);
            if let (true, Some(status)) = (is_gone, failure.status) {
                self.shared.store.mark_gone(*id, status, at).await?;
                visited.is_labelled = true;
            }
            let outcomes = vec![(Endpoint::Repository, failed_outcome(failure))];
            let place = self.able[0];
            self.shared
                .record(*id, at, place, outcomes, visited)
                .await?;
        }
        Ok(())
    }

    /// Reads a repository of which is known who it is now.
    async fn repository(
        &self,
        repo: &Repository,
        place: usize,
        visited: &mut Visited,
    ) -> Result<(), StoreError> {
        if !lock(&self.shared.taken).insert(repo.id) {
            return Ok(());
        }
        self.save_label(repo, visited).await?;
        visited.is_labelled = true;
        let rule = Pattern::Name(repo.name.clone());
        if self.shared.known.rules.find(&rule).is_some() {
            self.bind(&repo.name, repo.id).await?;
        }
        let counted = visited.counters.take();
        if let Some(reading) = counted.filter(|reading| reading.repo == repo.id) {
            self.shared.save_counters(reading, place).await?;
        }
        let target = Target::Name(repo.name.clone());
        let read = self
            .shared
            .read(repo.id, &repo.name, target, place, visited);
        read.await?;
        Ok(())
    }

    /// Notes what an exact name has come to mean, unless that is known.
    async fn bind(&self, name: &RepoName, id: RepoId) -> Result<(), StoreError> {
        if self.shared.known.names_of(id).contains(name) {
            return Ok(());
        }
        self.shared.store.bind(name, id).await
    }

    async fn save_label(&self, repo: &Repository, visited: &mut Visited) -> Result<(), StoreError> {
        let held = self.shared.known.repositories.get(&repo.id);
        if let Some(held) = held
            && held.repository.name != repo.name
        {
            visited.notes.push(Note::Renamed {
                from: held.repository.name.clone(),
                to: repo.name.clone(),
            });
        }
        if self.shared.saved.contains(&repo.id) {
            return Ok(());
        }
        let seen_at = visited.at.unwrap_or(self.shared.now);
        self.shared
            .store
            .save_repositories(std::slice::from_ref(repo), seen_at)
            .await
    }
}

/// The validator of a new answer; nothing where the answer was no new one.
fn new_etag(endpoint: Endpoint, outcome: &Outcome) -> Option<(Endpoint, Option<String>)> {
    match outcome {
        Outcome::Traffic { etag, .. }
        | Outcome::Ranked { etag, .. }
        | Outcome::Weekly { etag, .. }
        | Outcome::Stars { etag, .. }
        | Outcome::Releases { etag, .. } => Some((endpoint, etag.clone())),
        Outcome::WorkflowRuns { .. }
        | Outcome::Counters { .. }
        | Outcome::Unchanged { .. }
        | Outcome::Failed { .. } => None,
    }
}

/// Takes a lock; no step under it can be left half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

enum LookedUp {
    /// What it is, and which credential may read it.
    Is(Repository, usize),
    Failed(Failure),
    Stopped,
}

fn is_gone(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::NotFound | FailureKind::Blocked { .. }
    )
}
