//! What was last asked of GitHub about each repository, endpoint by endpoint: when, with which
//! answer, and what went wrong.

use std::collections::HashMap;

use futures_util::FutureExt;
use gitratra_core::{Asked, Day, DayRange, Endpoint, Held, RepoId, Rhythm, Timestamp};

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql::{self, Sql};
use crate::table::rhythm;
use crate::value::{Row, Value, params};
use crate::{Store, StoreError};

/// An endpoint of a repository whose last answer was not good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The repository.
    pub repo: RepoId,
    /// What was asked.
    pub endpoint: Endpoint,
    /// The answer's status; nothing where there was no answer, or none that could be read.
    pub status: Option<u16>,
    /// What went wrong.
    pub message: String,
    /// What to do about it.
    pub action: String,
    /// Since when it has been failing, by the server's clock.
    pub since: Timestamp,
}

impl Store {
    /// What is held of each repository that was ever asked about, as far as it decides whether to
    /// ask again. *Shape*: by repository.
    pub async fn held(&self) -> Result<Vec<(RepoId, Held)>, StoreError> {
        self.read(|tx| {
            async move { held_by(tx, &sql::ASKED_HELD, &sql::RHYTHM_ALL, &[]).await }.boxed()
        })
        .await
    }

    /// What is held of one repository, and what failed of it and has not been answered since.
    pub async fn held_of(&self, repo: RepoId) -> Result<(Held, Vec<Problem>), StoreError> {
        self.read(move |tx| {
            async move {
                let mut held = Held::default();
                held.rhythm = rhythm::of_repo(tx, repo).await?;
                let mut problems = Vec::new();
                for (endpoint, account) in of_repo(tx, repo).await? {
                    let Account { asked, failure, .. } = account;
                    if let (Some(failure), Some(since)) = (failure, asked.failed_since) {
                        problems.push(Problem {
                            repo,
                            endpoint,
                            status: failure.status,
                            message: failure.message,
                            action: failure.action,
                            since,
                        });
                    }
                    held.set(endpoint, asked);
                }
                problems.sort_by_key(|problem| problem.endpoint);
                Ok((held, problems))
            }
            .boxed()
        })
        .await
    }

    /// When GitHub last gave a good answer that is stored, "not modified" included; its time.
    pub async fn latest_stored(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|tx| {
            async move {
                let rows = tx.query(&sql::ASKED_LATEST_STORED, &[]).await?;
                rows.first().map_or(Ok(None), |row| row.opt_time(0))
            }
            .boxed()
        })
        .await
    }

    /// The fingerprint of the credential that was last given the views of a repository.
    pub async fn credential_of(&self) -> Result<HashMap<RepoId, String>, StoreError> {
        self.read(|tx| {
            async move {
                let rows = tx.query(&sql::ASKED_ANSWERED_BY, &[]).await?;
                let credentials = rows
                    .iter()
                    .map(|row| Ok((row.repo(0)?, row.text(1)?.to_owned())));
                credentials.collect()
            }
            .boxed()
        })
        .await
    }

    /// What failed and has not been answered since. *Shape*: by repository, then by endpoint.
    pub async fn problems(&self) -> Result<Vec<Problem>, StoreError> {
        self.read(|tx| {
            async move {
                let rows = tx.query(&sql::ASKED_PROBLEMS, &[]).await?;
                rows.iter().map(problem).collect()
            }
            .boxed()
        })
        .await
    }

    /// The `ETag`s of the answers that are held, as far as they were given to this credential.
    pub async fn etags(
        &self,
        credential: &str,
    ) -> Result<HashMap<(RepoId, Endpoint), String>, StoreError> {
        let credential = credential.to_owned();
        self.read(|tx| {
            async move {
                let rows = tx.query(&sql::ASKED_ETAGS, &params![credential]).await?;
                let etags = rows
                    .iter()
                    .map(|row| Ok(((row.repo(0)?, endpoint(row, 1)?), row.text(2)?.to_owned())));
                etags.collect()
            }
            .boxed()
        })
        .await
    }
}

/// How one endpoint of one repository stands, and what the answer that is held was. Times are whole
/// seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) asked: Asked,
    /// The days that the last good answer spoke of.
    pub(crate) span: Option<Span>,
    /// Which credential was given the last good answer.
    pub(crate) answered_by: Option<String>,
    /// The last good answer's.
    pub(crate) etag: Option<Etag>,
    /// Set where the last answer was not good, exactly as `asked.failed_since` is.
    pub(crate) failure: Option<Failure>,
}

/// Days that were given, and when they last were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) days: DayRange,
    pub(crate) seen_at: Timestamp,
}

/// An answer's `ETag` and whom it was given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Etag {
    pub(crate) etag: String,
    pub(crate) credential: String,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) status: Option<u16>,
    pub(crate) message: String,
    pub(crate) action: String,
}

impl Account {
    /// Asked for the first time.
    pub(crate) const fn first(asked_at: Timestamp) -> Self {
        Self {
            asked: Asked::first(asked_at),
            span: None,
            answered_by: None,
            etag: None,
            failure: None,
        }
    }

    /// Takes in that an answer reached to a day, whenever it was made; an older day changes nothing.
    pub(crate) fn reach(&mut self, newest: Option<Day>) {
        self.asked.newest = self.asked.newest.max(newest);
    }

    /// Takes in that a good answer was made for this credential.
    pub(crate) fn answer(&mut self, newest: Option<Day>, at: Timestamp, credential: &str) {
        self.asked.answer(newest, at);
        self.answered_by = Some(credential.to_owned());
        self.failure = None;
    }

    /// Takes in that no good answer came.
    pub(crate) fn fail(&mut self, failure: Failure, at: Timestamp) {
        self.asked.fail(at);
        self.failure = Some(failure);
    }

    /// Whether the answer that is held is the one with this `ETag`, given to this credential.
    pub(crate) fn holds(&self, etag: &str, credential: &str) -> bool {
        let held = self.etag.as_ref();
        held.is_some_and(|held| held.etag == etag && held.credential == credential)
    }
}

/// All endpoints of a repository that were ever asked.
pub(crate) async fn of_repo(
    tx: &mut Tx<'_>,
    repo: RepoId,
) -> Result<HashMap<Endpoint, Account>, Fault> {
    let rows = tx.query(&sql::ASKED_OF_REPO, &params![repo]).await?;
    let accounts = rows
        .iter()
        .map(|row| Ok((endpoint(row, 0)?, account(row)?)));
    accounts.collect()
}

pub(crate) async fn save(
    tx: &mut Tx<'_>,
    repo: RepoId,
    rows: &[(Endpoint, Account)],
) -> Result<(), Fault> {
    let sets: Vec<_> = rows
        .iter()
        .map(|(endpoint, account)| {
            let asked = &account.asked;
            let etag = account.etag.as_ref();
            let failure = account.failure.as_ref();
            params![
                repo,
                endpoint.word(),
                asked.asked_at,
                asked.answered_at,
                asked.newest,
                asked.watched_since,
                asked.failed_since,
                account.span.map(|span| span.days.first()),
                account.span.map(|span| span.days.last()),
                account.span.map(|span| span.seen_at),
                account.answered_by.as_deref(),
                etag.map(|etag| etag.etag.as_str()),
                etag.map(|etag| etag.credential.as_str()),
                failure.and_then(|failure| failure.status).map(i64::from),
                failure.map(|failure| failure.message.as_str()),
                failure.map(|failure| failure.action.as_str()),
            ]
        })
        .collect();
    tx.execute_each(&sql::ASKED_SAVE, &sets).await?;
    Ok(())
}

fn account(row: &Row) -> Result<Account, Fault> {
    let asked = asked(row, 1)?;
    let days = match (row.opt_day(6)?, row.opt_day(7)?) {
        (Some(first), Some(last)) => DayRange::new(first, last),
        _ => None,
    };
    let span = days
        .zip(row.opt_time(8)?)
        .map(|(days, seen_at)| Span { days, seen_at });
    let etag = match (row.opt_text(10)?, row.opt_text(11)?) {
        (Some(etag), Some(credential)) => Some(Etag {
            etag: etag.to_owned(),
            credential: credential.to_owned(),
        }),
        _ => None,
    };
    let failure = match asked.failed_since {
        Some(_) => Some(Failure {
            status: row.opt_status(12)?,
            message: row.opt_text(13)?.unwrap_or_default().to_owned(),
            action: row.opt_text(14)?.unwrap_or_default().to_owned(),
        }),
        None => None,
    };
    Ok(Account {
        asked,
        span,
        answered_by: row.opt_text(9)?.map(str::to_owned),
        etag,
        failure,
    })
}

/// The five cells from `at` on that tell how an endpoint stands.
fn asked(row: &Row, at: usize) -> Result<Asked, Fault> {
    Ok(Asked {
        asked_at: row.time(at)?,
        answered_at: row.opt_time(at + 1)?,
        newest: row.opt_day(at + 2)?,
        watched_since: row.time(at + 3)?,
        failed_since: row.opt_time(at + 4)?,
    })
}

/// What is held of the repositories that two questions choose alike.
pub(crate) async fn held_by(
    tx: &mut Tx<'_>,
    asked: &Sql,
    rhythms: &Sql,
    params: &[Value],
) -> Result<Vec<(RepoId, Held)>, Fault> {
    let rows = tx.query(asked, params).await?;
    held(&rows, rhythm::by(tx, rhythms, params).await?)
}

/// Puts the rows of each repository together; they follow each other.
fn held(rows: &[Row], mut rhythms: HashMap<RepoId, Rhythm>) -> Result<Vec<(RepoId, Held)>, Fault> {
    let mut all: Vec<(RepoId, Held)> = Vec::with_capacity(rows.len() / Endpoint::TRAFFIC.len());
    for row in rows {
        let repo = row.repo(0)?;
        if all.last().is_none_or(|(last, _)| *last != repo) {
            let mut held = Held::default();
            held.rhythm = rhythms.remove(&repo).unwrap_or_default();
            all.push((repo, held));
        }
        if let Some((_, held)) = all.last_mut() {
            held.set(endpoint(row, 1)?, asked(row, 2)?);
        }
    }
    Ok(all)
}

fn problem(row: &Row) -> Result<Problem, Fault> {
    Ok(Problem {
        repo: row.repo(0)?,
        endpoint: endpoint(row, 1)?,
        status: row.opt_status(2)?,
        message: row.opt_text(3)?.unwrap_or_default().to_owned(),
        action: row.opt_text(4)?.unwrap_or_default().to_owned(),
        since: row.time(5)?,
    })
}

fn endpoint(row: &Row, at: usize) -> Result<Endpoint, Fault> {
    let word = row.text(at)?;
    let found = Endpoint::ALL.into_iter().find(|known| known.word() == word);
    found.ok_or_else(|| Fault::corrupt(format!("the endpoint \"{word}\"")))
}
