//! The four questions of one repository: which are asked now, and the record of every answer.

use gitratra_core::{
    Asked, Day, Endpoint, Held, Metric, RankedReading, Ranking, Reading, RepoId, RepoName,
    Timestamp, Window, plan,
};
use gitratra_github::{Answer, Client, Failure, FailureKind, Target};
use gitratra_store::{Outcome, StoreError};
use jiff::SignedDuration;

use crate::report::{Trouble, stops_everything};
use crate::visit::{Shared, Visited, lock};

/// Which of the four questions are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All of them.
    All,
    /// Those that may bring something new, by a pass that cannot come back at a better moment.
    Worth,
    /// Those whose moment has come.
    Due,
}

/// How far a repository was read when the rate limit ended a round.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// The endpoints that were answered, failures included.
    asked: Vec<Endpoint>,
    has_failed: bool,
}

/// How reading by number went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Everything was asked that was to be asked, or nothing more may be sent.
    Yes,
    /// GitHub does not answer under this number, and nothing was recorded.
    No,
}

/// An answer so far behind what is known elsewhere is asked for again this often in one pass.
const DOUBTS: u32 = 3;
/// Whoever asked within this time needs no second opinion at once: the next pass is one.
const RECENTLY: SignedDuration = SignedDuration::from_hours(13);

/// One repository being read.
struct Reader<'a, 'b> {
    shared: &'a Shared<'b>,
    id: RepoId,
    name: &'a RepoName,
    target: Target,
    /// The credential that asks, by its place.
    place: usize,
    held: Held,
    outcomes: Vec<(Endpoint, Outcome)>,
    at: Option<Timestamp>,
}

impl Shared<'_> {
    /// Asks what is to be asked of the four and records every answer, also where others failed.
    ///
    /// Under a number that GitHub does not know, nothing is recorded and [`Found::No`] is told.
    pub(crate) async fn read(
        &self,
        id: RepoId,
        name: &RepoName,
        target: Target,
        place: usize,
        visited: &mut Visited,
    ) -> Result<Found, StoreError> {
        let mut progress = lock(self.progress).remove(&id).unwrap_or_default();
        let mut reader = Reader {
            shared: self,
            id,
            name,
            target,
            place,
            held: self.held_of(id),
            outcomes: Vec::new(),
            at: None,
        };
        for endpoint in Endpoint::TRAFFIC {
            if progress.asked.contains(&endpoint) || !reader.wants(endpoint) {
                continue;
            }
            match reader.ask(endpoint).await {
                Step::Answered => {}
                Step::Failed(failure) if reader.is_unknown(&failure) => {
                    lock(self.progress).insert(id, progress);
                    return Ok(Found::No);
                }
                Step::Failed(failure) => reader.note(&failure, visited),
                Step::Stopped(failure) => {
                    visited.stop(place, failure);
                    break;
                }
            }
        }
        visited.has_read = true;
        let fails = |(_, outcome): &(Endpoint, Outcome)| matches!(outcome, Outcome::Failed { .. });
        let had_failed = progress.has_failed;
        progress.has_failed |= reader.outcomes.iter().any(fails);
        // Counted once, however many rounds it takes.
        if progress.has_failed && !had_failed {
            visited.failed += 1;
        } else if !progress.has_failed && !visited.is_unfinished && reader.at.is_some() {
            visited.ok += 1;
        }
        let asked = reader.outcomes.iter().map(|(endpoint, _)| *endpoint);
        progress.asked.extend(asked);
        if let Some(at) = reader.at {
            self.record(id, at, place, reader.outcomes, visited).await?;
        }
        lock(self.progress).insert(id, progress);
        Ok(Found::Yes)
    }
}

/// What came of one question.
enum Step {
    Answered,
    Failed(Failure),
    /// Nothing more may be sent: the whole credential is stopped, or an interrupt came.
    Stopped(Option<Failure>),
}

impl Reader<'_, '_> {
    fn wants(&self, endpoint: Endpoint) -> bool {
        let now = self.at.unwrap_or_else(|| self.shared.time());
        match self.shared.mode {
            Mode::All => true,
            Mode::Worth => plan::is_worth(&self.held, endpoint, now),
            Mode::Due => plan::due_at(&self.held, endpoint) <= now,
        }
    }

    /// Whether GitHub says that it has nothing under this number, before anything was answered:
    /// then the repository is looked up, which tells what has become of it.
    fn is_unknown(&self, failure: &Failure) -> bool {
        let says_no = match failure.kind {
            FailureKind::NotFound | FailureKind::Blocked { .. } | FailureKind::Refused => true,
            // Perhaps another credential may.
            FailureKind::Forbidden(_) => self.shared.desks.len() > 1,
            _ => false,
        };
        matches!(self.target, Target::Id(_)) && self.outcomes.is_empty() && says_no
    }

    fn note(&mut self, failure: &Failure, visited: &mut Visited) {
        let at = self.shared.time();
        visited
            .troubles
            .push(Trouble::of(&self.name.to_string(), failure));
        self.at = self.at.max(Some(at));
        let mut asked = self.asked(failure.endpoint, at);
        asked.fail(at);
        self.held.set(failure.endpoint, asked);
        self.outcomes
            .push((failure.endpoint, failed_outcome(failure)));
    }

    fn asked(&self, endpoint: Endpoint, at: Timestamp) -> Asked {
        let held = self.held.asked(endpoint);
        held.unwrap_or_else(|| Asked::first(at))
    }

    /// Asks one endpoint, again where the answer is older than it can be.
    async fn ask(&mut self, endpoint: Endpoint) -> Step {
        let mut doubts = 0;
        loop {
            let asking = self.question(endpoint);
            let Some(answer) = self.shared.unless_stopped(asking).await else {
                return Step::Stopped(None);
            };
            self.shared.hear(answer.as_ref().err());
            let (outcome, at) = match answer {
                Ok(answered) => answered,
                Err(failure) if stops_everything(&failure) => return Step::Stopped(Some(failure)),
                // What was answered before is kept, though it is old.
                Err(_) if doubts > 0 => return Step::Answered,
                Err(failure) => return Step::Failed(failure),
            };
            let is_doubtful = self.take(endpoint, outcome, at);
            if !is_doubtful || doubts == DOUBTS {
                return Step::Answered;
            }
            doubts += 1;
        }
    }

    /// Takes an answer in; true where it is older than it can be and worth a second question.
    fn take(&mut self, endpoint: Endpoint, outcome: Outcome, at: Timestamp) -> bool {
        let before = self.asked(endpoint, at);
        let mut after = before;
        let mut is_doubtful = false;
        let mut outcome = outcome;
        match &mut outcome {
            Outcome::Traffic { reading, .. } => {
                let newest = reading.newest_published();
                is_doubtful = self.doubts(endpoint, newest, at);
                after.answer(newest, at);
            }
            Outcome::Ranked { window, .. } => {
                let last = self.window_last(at);
                *window = Some(Window { last });
                after.answer(Some(last), at);
            }
            Outcome::Unchanged { .. } => {
                is_doubtful = self.doubts(endpoint, before.newest, at);
                after.answer(before.newest, at);
            }
            // The rest is not asked here.
            Outcome::Weekly { .. }
            | Outcome::Stars { .. }
            | Outcome::Releases { .. }
            | Outcome::WorkflowRuns { .. }
            | Outcome::Counters { .. }
            | Outcome::Failed { .. } => {}
        }
        self.held.set(endpoint, after);
        self.at = self.at.max(Some(at));
        self.outcomes.push((endpoint, outcome));
        is_doubtful
    }

    /// Ranked lists carry no date of their own. GitHub makes them over the window that views have,
    /// so the newest published day of views dates them; failing that the clones', and last the day
    /// that should be published by now.
    fn window_last(&self, at: Timestamp) -> Day {
        self.held
            .newest_of(Metric::Views)
            .or(self.held.newest_of(Metric::Clones))
            .unwrap_or_else(|| plan::newest_publishable(at))
    }

    /// Whether an answer of a pass is older than what is known: than what this repository has
    /// answered before, by two days than what others answer, or by three than what GitHub should
    /// have published. Stale windows come back now and then, and the next pass may be days away.
    fn doubts(&self, endpoint: Endpoint, newest: Option<Day>, at: Timestamp) -> bool {
        if self.shared.mode == Mode::Due {
            return false;
        }
        let known = self.shared.held_of(self.id);
        let before = known.asked(endpoint);
        let asked_lately =
            before.is_some_and(|before| at.duration_since(before.asked_at) < RECENTLY);
        let Some(newest) = newest.filter(|_| !asked_lately) else {
            return false;
        };
        let is_older = before.and_then(|before| before.newest) > Some(newest);
        let others = self.shared.see_newest(newest);
        is_older || newest.plus(1) < others || newest.plus(2) < plan::newest_publishable(at)
    }

    async fn question(&self, endpoint: Endpoint) -> Result<(Outcome, Timestamp), Failure> {
        let desk = &self.shared.desks[self.place];
        let client = &desk.asker.client;
        let etag = lock(desk.etags).get(&(self.id, endpoint)).cloned();
        let etag = etag.as_deref();
        match endpoint {
            Endpoint::Clones => traffic(client, &self.target, Metric::Clones, etag).await,
            Endpoint::Referrers => self.ranked(client, Ranking::Referrers, etag).await,
            Endpoint::Paths => self.ranked(client, Ranking::Paths, etag).await,
            _ => traffic(client, &self.target, Metric::Views, etag).await,
        }
    }

    async fn ranked(
        &self,
        client: &Client,
        ranking: Ranking,
        etag: Option<&str>,
    ) -> Result<(Outcome, Timestamp), Failure> {
        // An unchanged list belongs to a new window all the same, and is kept for it.
        let held = self
            .held
            .asked(ranking.into())
            .and_then(|asked| asked.newest);
        let etag = etag.filter(|_| held >= self.held.newest_of(Metric::Views));
        let answer = client.ranked(&self.target, ranking, etag).await?;
        Ok(outcome(answer, etag, |reading: RankedReading, etag| {
            Outcome::Ranked {
                reading,
                window: None,
                etag,
            }
        }))
    }
}

async fn traffic(
    client: &Client,
    target: &Target,
    metric: Metric,
    etag: Option<&str>,
) -> Result<(Outcome, Timestamp), Failure> {
    let answer = client.traffic(target, metric, etag).await?;
    Ok(outcome(answer, etag, |reading: Reading, etag| {
        Outcome::Traffic { reading, etag }
    }))
}

pub(crate) fn outcome<T>(
    answer: Answer<T>,
    sent: Option<&str>,
    fresh: impl FnOnce(T, Option<String>) -> Outcome,
) -> (Outcome, Timestamp) {
    match answer {
        Answer::Fresh { value, etag, at } => (fresh(value, etag), at),
        Answer::Unchanged { at } => {
            let etag = sent.unwrap_or_default().to_owned();
            (Outcome::Unchanged { etag }, at)
        }
    }
}

pub(crate) fn failed_outcome(failure: &Failure) -> Outcome {
    Outcome::Failed {
        status: failure.status,
        message: failure.message.clone(),
        action: failure.action(),
    }
}
