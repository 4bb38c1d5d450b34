//! What one visit to GitHub brought for one repository, stored in one transaction: the values, the
//! account of what was asked, and the `ETag` that must never be kept without its answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::FutureExt;
use gitratra_core::merge::{self, Change};
use gitratra_core::{
    Day, DayRange, DayRecord, DayState, Endpoint, Metric, RankedReading, Reading, RepoId, Source,
    Timestamp, Window,
};

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::table::asked::{self, Asked, Etag, Failure};
use crate::table::ranked;
use crate::table::traffic_day::{self, History, Kept, place};
use crate::value::whole_second;
use crate::{Store, StoreError};

/// What was asked about a repository, and what came of it.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The repository.
    pub repo: RepoId,
    /// When it was asked, by the server's clock.
    pub asked_at: Timestamp,
    /// Which credential asked: a fingerprint, never the secret itself.
    pub credential: String,
    /// What came of each question.
    pub outcomes: Vec<(Endpoint, Outcome)>,
}

/// What came of one question.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Views or clones.
    Traffic {
        /// The answer.
        reading: Reading,
        /// Its `ETag`.
        etag: Option<String>,
    },
    /// Referrers or paths.
    Ranked {
        /// The answer.
        reading: RankedReading,
        /// The window it speaks of. Without one (nothing is published yet) the list has no date
        /// and is not kept, nor is its `ETag`.
        window: Option<Window>,
        /// Its `ETag`.
        etag: Option<String>,
    },
    /// Not modified since the answer that is held.
    Unchanged,
    /// No good answer.
    Failed {
        /// The answer's status, where there was one.
        status: Option<u16>,
        /// What went wrong.
        message: String,
        /// What to do about it.
        action: String,
    },
}

/// What storing a visit changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recorded {
    /// Repository-days that became known or measured.
    pub new_days: u64,
    /// Known values that became larger.
    pub raised: u64,
}

impl Store {
    /// Stores a visit, all of it or nothing.
    ///
    /// Values merge by [`gitratra_core::merge`], so that visits may arrive in any order. One that
    /// was made before the last one known leaves the account (failure, `ETag`, times) as it is.
    pub async fn record(&self, visit: Visit) -> Result<Recorded, StoreError> {
        self.write(|tx| record(tx, visit).boxed()).await
    }
}

async fn record(tx: &mut Tx<'_>, visit: Visit) -> Result<Recorded, Fault> {
    let repo = visit.repo;
    let asked_at = whole_second(visit.asked_at);
    tx.lock(Lock::Repo(repo)).await?;
    let before = asked::of_repo(tx, repo).await?;
    let mut days = match span(&visit, &before) {
        Some(span) => Days::new(traffic_day::load(tx, repo, span).await?),
        None => Days::default(),
    };
    let mut accounts = Vec::with_capacity(visit.outcomes.len());
    for (endpoint, outcome) in visit.outcomes {
        let known = before.get(&endpoint);
        let mut account = known.cloned().unwrap_or_else(|| Asked::first(asked_at));
        let is_late = asked_at < account.asked_at;
        let etag_of = |etag: Option<String>| {
            etag.map(|etag| Etag {
                etag,
                credential: visit.credential.clone(),
            })
        };
        match outcome {
            Outcome::Traffic { reading, etag } => {
                days.read(&reading);
                account.reach(reading.newest_published());
                if !is_late {
                    account.answered_at = Some(whole_second(reading.read_at()));
                    account.span = reading.span();
                    account.etag = etag_of(etag);
                }
            }
            Outcome::Ranked {
                reading,
                window,
                etag,
            } => {
                if let Some(window) = window {
                    ranked::save(tx, repo, window, &reading).await?;
                    account.reach(Some(window.last));
                }
                if !is_late {
                    if window.is_some() {
                        account.answered_at = Some(whole_second(reading.read_at));
                    }
                    account.etag = etag_of(etag).filter(|_| window.is_some());
                }
            }
            Outcome::Unchanged if !is_late => {
                days.see_again(endpoint, &mut account, asked_at);
            }
            Outcome::Failed {
                status,
                message,
                action,
            } if !is_late => {
                let since = account.failure.map_or(asked_at, |failure| failure.since);
                account.failure = Some(Failure {
                    status,
                    message,
                    action,
                    since,
                });
                account.asked_at = asked_at;
                accounts.push((endpoint, account));
                continue;
            }
            Outcome::Unchanged | Outcome::Failed { .. } => {}
        }
        if !is_late {
            account.asked_at = asked_at;
            account.failure = None;
        }
        accounts.push((endpoint, account));
    }
    traffic_day::save(tx, repo, &days.changed_rows()).await?;
    asked::save(tx, repo, &accounts).await?;
    Ok(days.recorded())
}

/// The days that may change, from the first to the last.
fn span(visit: &Visit, before: &HashMap<Endpoint, Asked>) -> Option<DayRange> {
    let spans = visit
        .outcomes
        .iter()
        .filter_map(|(endpoint, outcome)| match outcome {
            Outcome::Traffic { reading, .. } => reading.span(),
            Outcome::Unchanged => before.get(endpoint)?.span,
            Outcome::Ranked { .. } | Outcome::Failed { .. } => None,
        });
    spans.reduce(|one, other| {
        let first = one.first().min(other.first());
        let last = one.last().max(other.last());
        DayRange::new(first, last).unwrap_or(one)
    })
}

/// The days that a visit speaks of, as they were and as they become.
#[derive(Default)]
struct Days {
    history: History,
    before: BTreeMap<Day, DayState>,
    changed: BTreeSet<Day>,
    raised: u64,
}

impl Days {
    fn new(history: History) -> Self {
        let before = history.iter().map(|(day, kept)| (*day, state(kept)));
        Self {
            before: before.collect(),
            history,
            ..Self::default()
        }
    }

    /// Joins what an answer says.
    fn read(&mut self, reading: &Reading) {
        let metric = reading.metric();
        let read_at = whole_second(reading.read_at());
        for (day, count) in reading.facts() {
            self.join(metric, DayRecord::of(day, count, read_at, Source::GITHUB));
        }
        if let Some((window, people)) = reading.window_uniques() {
            let kept = &mut self.history.entry(window.last).or_default()[place(metric)];
            let larger = kept.window_uniques.max(Some(people.get()));
            if kept.window_uniques != larger {
                kept.window_uniques = larger;
                self.changed.insert(window.last);
            }
        }
    }

    /// Takes "not modified" for what it says: whatever the last answer gave is given again.
    fn see_again(&mut self, endpoint: Endpoint, account: &mut Asked, asked_at: Timestamp) {
        let Some(answered_at) = account.answered_at.filter(|before| *before <= asked_at) else {
            return;
        };
        account.answered_at = Some(asked_at);
        let metric = Metric::ALL
            .into_iter()
            .find(|metric| Endpoint::from(*metric) == endpoint);
        let (Some(metric), Some(span)) = (metric, account.span) else {
            return;
        };
        for day in span.iter() {
            let kept = self.history.get(&day).map(|kept| &kept[place(metric)]);
            let Some(record) = kept.and_then(|kept| kept.record.as_ref()) else {
                continue;
            };
            let row = record.row();
            let given = match record.settled() {
                [] => std::slice::from_ref(&row),
                settled => settled,
            };
            let again: Vec<DayRecord> = given
                .iter()
                .filter(|value| value.seen.last == answered_at)
                .map(|value| DayRecord::of(day, value.count, asked_at, Source::GITHUB))
                .collect();
            for record in again {
                self.join(metric, record);
            }
        }
        // A day that was running then may be over now.
        let newest = span.last().min(Day::of(asked_at).plus(-1));
        account.reach(Some(newest).filter(|newest| span.contains(*newest)));
    }

    fn join(&mut self, metric: Metric, record: DayRecord) {
        let day = record.day();
        let kept = &mut self.history.entry(day).or_default()[place(metric)];
        match merge::join(&mut kept.record, record) {
            Change::Nothing => return,
            Change::Raised => self.raised += 1,
            Change::SeenAgain | Change::OtherValue | Change::Settled | Change::New => {}
        }
        self.changed.insert(day);
    }

    fn changed_rows(&self) -> Vec<(Day, &[Kept; 2])> {
        let changed = self.changed.iter();
        changed
            .filter_map(|day| Some((*day, self.history.get(day)?)))
            .collect()
    }

    fn recorded(&self) -> Recorded {
        let improved = self.changed_rows().into_iter().filter(|(day, kept)| {
            let before = self.before.get(day).copied().unwrap_or(DayState::Gap);
            state(kept) < before
        });
        Recorded {
            new_days: improved.count() as u64,
            raised: self.raised,
        }
    }
}

/// The best of what is known of either metric, as [`gitratra_core::DayRow::state`] has it.
fn state(kept: &[Kept; 2]) -> DayState {
    let records = kept.iter().filter_map(|kept| kept.record.as_ref());
    let states = records.map(|record| {
        if record.is_partial() {
            DayState::Partial
        } else {
            DayState::Measured
        }
    });
    states.min().unwrap_or(DayState::Gap)
}
