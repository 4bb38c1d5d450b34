//! What was last asked of GitHub about each repository, endpoint by endpoint: when, with which
//! answer, and what went wrong.

use std::collections::HashMap;

use futures_util::FutureExt;
use gitratra_core::plan::Held;
use gitratra_core::{Day, DayRange, Endpoint, RepoId, Timestamp};

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::value::{Row, params};
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
            async move {
                let rows = tx.query(&sql::ASKED_HELD, &[]).await?;
                rows.iter().map(held).collect()
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

/// How one endpoint of one repository stands. Times are whole seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) asked_at: Timestamp,
    /// When the last good answer was made.
    pub(crate) answered_at: Option<Timestamp>,
    /// The newest published day that was ever in an answer.
    pub(crate) newest_day: Option<Day>,
    /// The days that the last good answer spoke of.
    pub(crate) span: Option<DayRange>,
    pub(crate) etag: Option<Etag>,
    /// Set where the last answer was not good.
    pub(crate) failure: Option<Failure>,
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
    pub(crate) since: Timestamp,
}

impl Asked {
    /// Asked for the first time.
    pub(crate) const fn first(asked_at: Timestamp) -> Self {
        Self {
            asked_at,
            answered_at: None,
            newest_day: None,
            span: None,
            etag: None,
            failure: None,
        }
    }

    /// Takes a newest day in; an older one changes nothing.
    pub(crate) fn reach(&mut self, day: Option<Day>) {
        self.newest_day = self.newest_day.max(day);
    }
}

/// All endpoints of a repository that were ever asked.
pub(crate) async fn of_repo(
    tx: &mut Tx<'_>,
    repo: RepoId,
) -> Result<HashMap<Endpoint, Asked>, Fault> {
    let rows = tx.query(&sql::ASKED_OF_REPO, &params![repo]).await?;
    let asked = rows.iter().map(|row| Ok((endpoint(row, 0)?, asked(row)?)));
    asked.collect()
}

pub(crate) async fn save(
    tx: &mut Tx<'_>,
    repo: RepoId,
    rows: &[(Endpoint, Asked)],
) -> Result<(), Fault> {
    let sets: Vec<_> = rows
        .iter()
        .map(|(endpoint, asked)| {
            let etag = asked.etag.as_ref();
            let failure = asked.failure.as_ref();
            params![
                repo,
                endpoint.word(),
                asked.asked_at,
                asked.answered_at,
                asked.newest_day,
                asked.span.map(DayRange::first),
                asked.span.map(DayRange::last),
                etag.map(|etag| etag.etag.as_str()),
                etag.map(|etag| etag.credential.as_str()),
                failure.and_then(|failure| failure.status).map(i64::from),
                failure.map(|failure| failure.message.as_str()),
                failure.map(|failure| failure.action.as_str()),
                failure.map(|failure| failure.since),
            ]
        })
        .collect();
    tx.execute_each(&sql::ASKED_SAVE, &sets).await?;
    Ok(())
}

fn asked(row: &Row) -> Result<Asked, Fault> {
    let span = match (row.opt_day(4)?, row.opt_day(5)?) {
        (Some(first), Some(last)) => DayRange::new(first, last),
        _ => None,
    };
    let etag = match (row.opt_text(6)?, row.opt_text(7)?) {
        (Some(etag), Some(credential)) => Some(Etag {
            etag: etag.to_owned(),
            credential: credential.to_owned(),
        }),
        _ => None,
    };
    let failure = match row.opt_time(11)? {
        Some(since) => Some(Failure {
            status: row.opt_status(8)?,
            message: row.opt_text(9)?.unwrap_or_default().to_owned(),
            action: row.opt_text(10)?.unwrap_or_default().to_owned(),
            since,
        }),
        None => None,
    };
    Ok(Asked {
        asked_at: row.time(1)?,
        answered_at: row.opt_time(2)?,
        newest_day: row.opt_day(3)?,
        span,
        etag,
        failure,
    })
}

fn held(row: &Row) -> Result<(RepoId, Held), Fault> {
    let is_complete = row.whole(6)? == Endpoint::TRAFFIC.len() as u64;
    let held = Held {
        views: row.opt_day(1)?,
        clones: row.opt_day(2)?,
        rankings: row.opt_day(3)?.min(row.opt_day(4)?),
        asked_at: row.opt_time(5)?.filter(|_| is_complete),
        has_failed: row.whole(7)? > 0,
    };
    Ok((row.repo(0)?, held))
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
