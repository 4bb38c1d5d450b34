//! What one visit to GitHub brought for one repository, stored in one transaction: the values, the
//! account of what was asked, and the `ETag` that must never be kept without its answer.

use std::collections::HashMap;

use futures_util::FutureExt;
use gitratra_core::{
    Count, CountersReading, Day, DayRange, Endpoint, Held, Metric, RankedReading, Reading,
    ReleasesReading, RepoId, Rhythm, StarHistory, StarWeek, Timestamp, Week, WeeklyReading, Window,
};

use jiff::SignedDuration;

use crate::days::Days;
use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::table::asked::{self, Account, Etag, Failure, Span};
use crate::table::{
    counters, profile, ranked, releases, rhythm, stars, traffic_day, traffic_week, workflow_day,
};
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
    /// Views or clones by week. Account: the Sunday of the newest whole week.
    Weekly {
        /// The answer.
        reading: WeeklyReading,
        /// The newest published day that the daily answer of the same metric had. Without it nobody
        /// knows which weeks are whole, and none is kept, nor is the `ETag`.
        newest: Option<Day>,
        /// Its `ETag`; not kept where the days contradict a week, which is then asked again.
        etag: Option<String>,
    },
    /// Stars by day. Account: the newest day told, which is that of the answer where the newest
    /// weeks are in it. An answer about older weeks leaves the account's `ETag` as it is.
    Stars {
        /// The answer; weeks of several pages may be put together.
        history: StarHistory,
        /// Whether its oldest week is the oldest there is, so that all days before had no stars.
        reaches_back: bool,
        /// The `ETag` of the page with the newest weeks.
        etag: Option<String>,
    },
    /// Releases and their downloads. Account: the UTC day of the answer.
    Releases {
        /// The answer.
        reading: ReleasesReading,
        /// Its `ETag`.
        etag: Option<String>,
    },
    /// How often workflows ran on a day. Account: that day.
    WorkflowRuns {
        /// The UTC day.
        day: Day,
        /// Runs that began on it.
        runs: u64,
    },
    /// Stars, forks, watchers and issues as they stand, and what the repository is. Account: the UTC day
    /// of the answer.
    Counters {
        /// The answer.
        reading: CountersReading,
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

impl Outcome {
    /// The server's time of an answer that carries one.
    fn made_at(&self) -> Option<Timestamp> {
        match self {
            Self::Traffic { reading, .. } => Some(reading.read_at()),
            Self::Ranked { reading, .. } => Some(reading.read_at),
            Self::Weekly { reading, .. } => Some(reading.read_at),
            Self::Stars { history, .. } => Some(history.read_at),
            Self::Releases { reading, .. } => Some(reading.read_at),
            Self::Counters { reading } => Some(reading.read_at),
            Self::WorkflowRuns { .. } | Self::Unchanged { .. } | Self::Failed { .. } => None,
        }
    }

    /// The days of traffic that it speaks of, where `known` is the account of its endpoint.
    fn span(&self, known: Option<&Account>) -> Option<DayRange> {
        match self {
            Self::Traffic { reading, .. } => reading.span(),
            Self::Weekly {
                reading,
                newest: Some(newest),
                ..
            } => {
                let whole = || reading.whole(*newest).map(|(week, _)| week);
                DayRange::new(whole().min()?.monday(), whole().max()?.sunday())
            }
            Self::Unchanged { .. } => Some(known?.span?.days),
            _ => None,
        }
    }
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

    /// Stores the visits of several repositories in one transaction, all of them or nothing, each
    /// as [`Store::record`] does. *Shape*: by repository.
    pub async fn record_all(
        &self,
        visits: Vec<Visit>,
    ) -> Result<Vec<(RepoId, Recorded)>, StoreError> {
        self.write(|tx| record_all(tx, visits).boxed()).await
    }

    /// Stores the counters of up to a hundred repositories in one transaction, with the account of
    /// the question that told them: [`Endpoint::Counters`] where it was one about counters, and
    /// [`Endpoint::Repository`] where a look-up or a list told them beside.
    pub async fn record_counters(
        &self,
        readings: &[CountersReading],
        by: Endpoint,
        credential: &str,
    ) -> Result<Vec<(RepoId, Recorded)>, StoreError> {
        let visits = readings.iter().cloned().map(|reading| Visit {
            repo: reading.repo,
            asked_at: reading.read_at,
            credential: credential.to_owned(),
            outcomes: vec![(by, Outcome::Counters { reading })],
        });
        self.record_all(visits.collect()).await
    }
}

async fn record_all(
    tx: &mut Tx<'_>,
    mut visits: Vec<Visit>,
) -> Result<Vec<(RepoId, Recorded)>, Fault> {
    // In one order, so that two who store the same do not wait for each other.
    visits.sort_by_key(|visit| visit.repo);
    let mut recorded = Vec::with_capacity(visits.len());
    for visit in visits {
        recorded.push((visit.repo, record(tx, visit).await?));
    }
    Ok(recorded)
}

async fn record(tx: &mut Tx<'_>, mut visit: Visit) -> Result<Recorded, Fault> {
    let repo = visit.repo;
    tx.lock(Lock::Repo(repo)).await?;
    // Weeks are held against the days that the same visit brings.
    visit
        .outcomes
        .sort_by_key(|(endpoint, _)| is_by_week(*endpoint));
    let before = asked::of_repo(tx, repo).await?;
    let rhythm = rhythm::of_repo(tx, repo).await?;
    let days = match span(&visit, &before) {
        Some(span) => Days::new(traffic_day::load(tx, repo, span).await?),
        None => Days::default(),
    };
    for (endpoint, outcome) in &visit.outcomes {
        keep(tx, &visit, outcome, (*endpoint, before.get(endpoint))).await?;
    }
    let mut taking = Taking {
        asked_at: whole_second(visit.asked_at),
        credential: visit.credential,
        days,
        weeks: Vec::new(),
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
        weeks,
        rhythm: learnt,
        ..
    } = taking;
    traffic_day::save(tx, repo, &days.changed_rows()).await?;
    traffic_week::save(tx, repo, &weeks).await?;
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

const fn is_by_week(endpoint: Endpoint) -> bool {
    matches!(endpoint, Endpoint::ViewsByWeek | Endpoint::ClonesByWeek)
}

/// Keeps what an outcome says of anything but days and weeks of traffic, which [`Taking`] merges.
async fn keep(
    tx: &mut Tx<'_>,
    visit: &Visit,
    outcome: &Outcome,
    (endpoint, known): (Endpoint, Option<&Account>),
) -> Result<(), Fault> {
    let repo = visit.repo;
    match outcome {
        Outcome::Stars {
            history,
            reaches_back,
            ..
        } => stars::save(tx, repo, history, *reaches_back).await,
        Outcome::Releases { reading, .. } => releases::save(tx, repo, reading).await,
        Outcome::WorkflowRuns { day, runs } => workflow_day::save(tx, repo, *day, *runs).await,
        Outcome::Unchanged { etag } => {
            let at = whole_second(visit.asked_at);
            let known = known.filter(|known| known.holds(etag, &visit.credential));
            let known = known.filter(|known| known.asked.asked_at <= at);
            let Some(span) = known.and_then(|known| known.span) else {
                return Ok(());
            };
            match endpoint {
                Endpoint::Stars => stars::see_again(tx, repo, stars_again(span.days, at), at).await,
                Endpoint::Releases => {
                    let told = (span.days.last(), span.seen_at);
                    releases::see_again(tx, repo, told, at).await
                }
                _ => Ok(()),
            }
        }
        Outcome::Ranked {
            reading,
            window: Some(window),
            ..
        } => ranked::save(tx, repo, *window, reading).await,
        Outcome::Counters { reading } => {
            let read_at = whole_second(reading.read_at);
            let is_late = known.and_then(|known| known.asked.answered_at) > Some(read_at);
            counters::save(tx, repo, reading.counters, read_at).await?;
            if let Some(tags) = &reading.tags {
                profile::save_tags(tx, repo, tags, is_late).await?;
            }
            if is_late {
                return Ok(());
            }
            profile::save(tx, repo, &reading.profile, read_at).await
        }
        Outcome::Traffic { .. }
        | Outcome::Ranked { window: None, .. }
        | Outcome::Weekly { .. }
        | Outcome::Failed { .. } => Ok(()),
    }
}

/// The days that a history of stars speaks of which is given again: it has all days of its last
/// week, of which those that were still to come had none.
fn stars_again(days: DayRange, at: Timestamp) -> DayRange {
    let last = Day::of(at).min(StarWeek::last_of(days.last()));
    DayRange::new(days.first(), last).unwrap_or(days)
}

/// Visits come in out of order by so much at most.
const OUT_OF_ORDER: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What becomes of what is held while the outcomes of a visit are taken in.
struct Taking {
    asked_at: Timestamp,
    credential: String,
    days: Days,
    weeks: Vec<(Metric, Week, Count)>,
    rhythm: Rhythm,
}

/// What a good answer says for the account of its endpoint.
struct Answered {
    newest: Option<Day>,
    /// What replaces that of the answer that was held, where this one does.
    held: Option<(Option<DayRange>, Option<String>)>,
}

impl Answered {
    fn by(newest: Option<Day>, span: Option<DayRange>, etag: Option<String>) -> Self {
        let held = Some((span, etag));
        Self { newest, held }
    }
}

impl Taking {
    /// Takes in one outcome and gives the account of its endpoint.
    fn take(&mut self, endpoint: Endpoint, known: Option<Account>, outcome: Outcome) -> Account {
        let at = whole_second(outcome.made_at().unwrap_or(self.asked_at));
        let mut account = known.unwrap_or_else(|| Account::first(at));
        // What is known from far ahead came by a wrong clock, and must not stand for ever.
        let ahead = account.asked.asked_at.duration_since(at);
        let is_late = ahead.is_positive() && ahead <= OUT_OF_ORDER;
        let answered = match outcome {
            Outcome::Traffic { reading, etag } => {
                self.days.read(&reading);
                let newest = reading.newest_published();
                if !is_late {
                    self.learn(endpoint, &account, newest, at);
                }
                Answered::by(newest, reading.span(), etag)
            }
            Outcome::Ranked { window, etag, .. } => {
                let newest = window.map(|window| window.last);
                Answered::by(newest, None, etag.filter(|_| window.is_some()))
            }
            Outcome::Weekly {
                reading,
                newest,
                etag,
            } => self.weekly(&reading, newest, etag),
            Outcome::Stars { history, etag, .. } => stars_answered(&history, etag, &account),
            Outcome::Releases { etag, .. } => {
                let day = Day::of(at);
                Answered::by(Some(day), Some(DayRange::ending(day, 1)), etag)
            }
            Outcome::Counters { .. } => Answered::by(Some(Day::of(at)), None, None),
            Outcome::WorkflowRuns { day, .. } => Answered::by(Some(day), None, None),
            Outcome::Unchanged { .. } | Outcome::Failed { .. } if is_late => return account,
            Outcome::Unchanged { etag } => {
                if account.holds(&etag, &self.credential) {
                    self.see_again(endpoint, &mut account, at);
                }
                account.answer(account.asked.newest, at, &self.credential);
                return account;
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
                return account;
            }
        };
        if is_late {
            account.reach(answered.newest);
            return account;
        }
        account.answer(answered.newest, at, &self.credential);
        if let Some((span, etag)) = answered.held {
            account.span = span.map(|days| Span { days, seen_at: at });
            account.etag = self.etag(etag);
        }
        account
    }

    /// Takes in whole weeks that the days do not contradict.
    fn weekly(
        &mut self,
        reading: &WeeklyReading,
        newest: Option<Day>,
        etag: Option<String>,
    ) -> Answered {
        let metric = reading.metric;
        let whole: Vec<_> = newest.map_or(Vec::new(), |newest| reading.whole(newest).collect());
        let measured = |day| self.days.measured(metric, day);
        let agreed = whole
            .iter()
            .filter(|(week, told)| week.agrees(*told, measured));
        let agreed: Vec<_> = agreed.map(|(week, told)| (metric, *week, *told)).collect();
        let is_kept = newest.is_some() && agreed.len() == whole.len();
        self.weeks.extend(agreed);
        let last = whole.iter().map(|(week, _)| week.sunday()).max();
        Answered::by(last, None, etag.filter(|_| is_kept))
    }

    /// Takes "not modified" for what it says: what the answer that is held told is told again.
    fn see_again(&mut self, endpoint: Endpoint, account: &mut Account, at: Timestamp) {
        match (endpoint, &mut account.span) {
            (Endpoint::Stars, Some(span)) => {
                span.days = stars_again(span.days, at);
                account.reach(Some(account.span.map_or(Day::MIN, |span| span.days.last())));
            }
            (Endpoint::Releases, Some(span)) => {
                // The time stays that of the answer: by it its releases are known.
                span.days = DayRange::ending(Day::of(at), 1);
                account.reach(Some(Day::of(at)));
            }
            _ => self.days.see_again(endpoint, account, at),
        }
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

/// What an answer about stars says for its account; one about older weeks only replaces nothing.
fn stars_answered(history: &StarHistory, etag: Option<String>, known: &Account) -> Answered {
    let days = || history.days().map(|(day, _)| day);
    let newest = days().max();
    let span = days().min().zip(newest);
    let span = span.and_then(|(first, last)| DayRange::new(first, last));
    if newest.is_some() && newest >= known.asked.newest {
        Answered::by(newest, span, etag)
    } else {
        Answered { newest, held: None }
    }
}

/// The days that may change, from the first to the last.
fn span(visit: &Visit, before: &HashMap<Endpoint, Account>) -> Option<DayRange> {
    // Of an endpoint without days of traffic "not modified" brings none.
    let is_of_days = |endpoint: &Endpoint| {
        is_by_week(*endpoint) || matches!(endpoint, Endpoint::Views | Endpoint::Clones)
    };
    let outcomes = visit
        .outcomes
        .iter()
        .filter(|(endpoint, _)| is_of_days(endpoint));
    let spans = outcomes.filter_map(|(endpoint, outcome)| outcome.span(before.get(endpoint)));
    spans.reduce(|one, other| {
        let first = one.first().min(other.first());
        let last = one.last().max(other.last());
        DayRange::new(first, last).unwrap_or(one)
    })
}
