//! What one visit to GitHub brought for one repository, stored in one transaction: the values, the
//! account of what was asked, and the `ETag` that must never be kept without its answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::FutureExt;
use gitratra_core::merge::{self, Change};
use gitratra_core::{
    Day, DayRange, DayRecord, DayState, Endpoint, Held, Metric, RankedReading, Reading, RepoId,
    Rhythm, Source, Timestamp, Window,
};

use jiff::SignedDuration;

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::table::asked::{self, Account, Etag, Failure, Span};
use crate::table::traffic_day::{self, History, Kept, place};
use crate::table::{ranked, rhythm};
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
    /// Not modified since the answer with this `ETag`.
    Unchanged {
        /// The `ETag` that was sent along.
        etag: String,
    },
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recorded {
    /// Repository-days that became known or measured.
    pub new_days: u64,
    /// Known values that became larger.
    pub raised: u64,
    /// How the repository stands now, with what others have stored meanwhile.
    pub held: Held,
}

impl Store {
    /// Stores a visit, all of it or nothing.
    ///
    /// Values merge by [`gitratra_core::merge`], so that visits may arrive in any order. An answer
    /// that was made before the last one known leaves the account (failure, `ETag`, times, rhythm)
    /// as it is. "Not modified" says that the days of the answer with that `ETag` were given again;
    /// where another answer is held by now, it says nothing about days.
    pub async fn record(&self, visit: Visit) -> Result<Recorded, StoreError> {
        self.write(|tx| record(tx, visit).boxed()).await
    }
}

async fn record(tx: &mut Tx<'_>, visit: Visit) -> Result<Recorded, Fault> {
    let repo = visit.repo;
    tx.lock(Lock::Repo(repo)).await?;
    let before = asked::of_repo(tx, repo).await?;
    let rhythm = rhythm::of_repo(tx, repo).await?;
    let days = match span(&visit, &before) {
        Some(span) => Days::new(traffic_day::load(tx, repo, span).await?),
        None => Days::default(),
    };
    for (_, outcome) in &visit.outcomes {
        if let Outcome::Ranked {
            reading,
            window: Some(window),
            ..
        } = outcome
        {
            ranked::save(tx, repo, *window, reading).await?;
        }
    }
    let mut taking = Taking {
        asked_at: whole_second(visit.asked_at),
        credential: visit.credential,
        days,
        rhythm: rhythm.clone(),
    };
    let mut accounts: Vec<(Endpoint, Account)> = Vec::with_capacity(visit.outcomes.len());
    for (endpoint, outcome) in visit.outcomes {
        // One endpoint may have been asked several times in a visit: each goes on from the last.
        let earlier = accounts.iter().position(|(of, _)| *of == endpoint);
        let known = match earlier {
            Some(place) => Some(accounts.remove(place).1),
            None => before.get(&endpoint).cloned(),
        };
        let account = taking.take(endpoint, known, outcome);
        accounts.push((endpoint, account));
    }
    let Taking {
        days,
        rhythm: learnt,
        ..
    } = taking;
    traffic_day::save(tx, repo, &days.changed_rows()).await?;
    asked::save(tx, repo, &accounts).await?;
    if learnt != rhythm {
        rhythm::save(tx, repo, &learnt).await?;
    }
    let mut held = Held::default();
    held.rhythm = learnt;
    for (endpoint, account) in before.into_iter().chain(accounts) {
        held.set(endpoint, account.asked);
    }
    Ok(Recorded {
        new_days: days.new_days(),
        raised: days.raised,
        held,
    })
}

/// Visits come in out of order by so much at most.
const OUT_OF_ORDER: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What becomes of what is held while the outcomes of a visit are taken in.
struct Taking {
    asked_at: Timestamp,
    credential: String,
    days: Days,
    rhythm: Rhythm,
}

impl Taking {
    /// Takes in one outcome and gives the account of its endpoint.
    fn take(&mut self, endpoint: Endpoint, known: Option<Account>, outcome: Outcome) -> Account {
        let at = match &outcome {
            Outcome::Traffic { reading, .. } => whole_second(reading.read_at()),
            Outcome::Ranked { reading, .. } => whole_second(reading.read_at),
            Outcome::Unchanged { .. } | Outcome::Failed { .. } => self.asked_at,
        };
        let mut account = known.unwrap_or_else(|| Account::first(at));
        // What is known from far ahead came by a wrong clock, and must not stand for ever.
        let ahead = account.asked.asked_at.duration_since(at);
        let is_late = ahead.is_positive() && ahead <= OUT_OF_ORDER;
        match outcome {
            Outcome::Traffic { reading, etag } => {
                self.days.read(&reading);
                let newest = reading.newest_published();
                if is_late {
                    account.reach(newest);
                } else {
                    self.learn(endpoint, &account, newest, at);
                    account.answer(newest, at, &self.credential);
                    account.span = reading.span().map(|days| Span { days, seen_at: at });
                    account.etag = self.etag(etag);
                }
            }
            Outcome::Ranked { window, etag, .. } => {
                let newest = window.map(|window| window.last);
                if is_late {
                    account.reach(newest);
                } else {
                    account.answer(newest, at, &self.credential);
                    account.etag = self.etag(etag).filter(|_| window.is_some());
                }
            }
            Outcome::Unchanged { .. } | Outcome::Failed { .. } if is_late => {}
            Outcome::Unchanged { etag } => {
                if account.holds(&etag, &self.credential) {
                    self.days.see_again(endpoint, &mut account, at);
                }
                account.answer(account.asked.newest, at, &self.credential);
            }
            Outcome::Failed {
                status,
                message,
                action,
            } => {
                let failure = Failure {
                    status,
                    message,
                    action,
                };
                account.fail(failure, at);
            }
        }
        account
    }

    /// Learns when a day was published, where an answer brought exactly the next one of views.
    fn learn(&mut self, endpoint: Endpoint, account: &Account, newest: Option<Day>, at: Timestamp) {
        let next = account.asked.newest.map(|held| held.plus(1));
        if let Some(day) = newest.filter(|_| endpoint == Endpoint::Views && newest == next) {
            self.rhythm.learn(day, account.asked.answered_at, at);
        }
    }

    fn etag(&self, etag: Option<String>) -> Option<Etag> {
        etag.map(|etag| Etag {
            etag,
            credential: self.credential.clone(),
        })
    }
}

/// The days that may change, from the first to the last.
fn span(visit: &Visit, before: &HashMap<Endpoint, Account>) -> Option<DayRange> {
    let spans = visit
        .outcomes
        .iter()
        .filter_map(|(endpoint, outcome)| match outcome {
            Outcome::Traffic { reading, .. } => reading.span(),
            Outcome::Unchanged { .. } => Some(before.get(endpoint)?.span?.days),
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

    /// Takes "not modified" for what it says: whatever the answer that is held gave is given again.
    fn see_again(&mut self, endpoint: Endpoint, account: &mut Account, at: Timestamp) {
        let metric = Metric::ALL
            .into_iter()
            .find(|metric| Endpoint::from(*metric) == endpoint);
        let (Some(metric), Some(span)) = (metric, &mut account.span) else {
            return;
        };
        let before = std::mem::replace(&mut span.seen_at, at);
        let days = span.days;
        for day in days.iter() {
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
                .filter(|value| value.seen.last == before)
                .map(|value| DayRecord::of(day, value.count, at, Source::GITHUB))
                .collect();
            for record in again {
                self.join(metric, record);
            }
        }
        // A day that was running then may be over now.
        let newest = days.last().min(Day::of(at).plus(-1));
        account.reach(Some(newest).filter(|newest| days.contains(*newest)));
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

    /// Days that became known or measured.
    fn new_days(&self) -> u64 {
        let improved = self.changed_rows().into_iter().filter(|(day, kept)| {
            let before = self.before.get(day).copied().unwrap_or(DayState::Gap);
            state(kept) < before
        });
        improved.count() as u64
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
