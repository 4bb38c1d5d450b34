//! Whether what is kept can be what was stored: every rule that holds for all rows, whoever wrote
//! them, looked at row by row; and the seals of finished months. Nothing is changed.
//!
//! A repository is looked at in one state of the store and by itself, so that a check of years does
//! not hold up anybody, and no more than the history of one repository is in memory.

mod days;
mod fleet;
mod runs;
mod seals;

use std::sync::Arc;

use futures_util::FutureExt;
use gitratra_core::{Day, DayRange, RepoId, RepoName};

use crate::engine::Tx;
use crate::error::Fault;
use crate::seal::{Heads, Labels};
use crate::sql;
use crate::table::seal;
use crate::value::{Row, params};
use crate::{Store, StoreError};

/// Repositories whose names are read at once.
const NAMES: i64 = 1000;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The table it stands in; `file` where SQLite itself finds the file damaged.
    pub table: &'static str,
    /// The repository: its present name, or its number where it has none.
    pub repo: Option<String>,
    /// The day, or the last day of the month, week or window.
    pub day: Option<Day>,
    /// What is wrong.
    pub what: String,
    /// Whether it may be so all the same: GitHub itself told numbers that do not fit each other.
    pub is_remark: bool,
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    /// Repositories.
    pub repos: u64,
    /// Their days.
    pub days: u64,
    /// Months that are sealed.
    pub months: u64,
    /// Findings that are no remarks.
    pub wrong: u64,
    /// Remarks.
    pub remarks: u64,
    /// One digest of the whole sealed history up to each month, as it is found now: by the last days
    /// of the months, ascending. Whoever wrote one down sees later whether that history is still the
    /// same.
    pub heads: Vec<(Day, String)>,
}

impl Store {
    /// Checks everything that is kept, and shows each finding to `found`.
    ///
    /// # Errors
    /// Those of every question, where the store cannot be read at all. What is damaged is a finding.
    pub async fn verify(
        &self,
        mut found: impl FnMut(Finding) + Send,
    ) -> Result<Verified, StoreError> {
        let mut verified = Verified::default();
        let mut tell = |verified: &mut Verified, findings: Vec<Finding>| {
            for finding in findings {
                *(if finding.is_remark {
                    &mut verified.remarks
                } else {
                    &mut verified.wrong
                }) += 1;
                found(finding);
            }
        };
        match self.read(|tx| async move { tx.integrity() }.boxed()).await {
            Ok(lines) => {
                let lines = lines.into_iter().map(|what| Finding::wrong("file", what));
                tell(&mut verified, lines.collect());
            }
            Err(StoreError::Corrupt { what, .. }) => {
                tell(&mut verified, vec![Finding::wrong("file", what)]);
            }
            Err(error) => return Err(error),
        }
        tell(&mut verified, self.verify_fleet().await?);
        let (labels, months) = self
            .read(|tx| {
                async move {
                    let labels = seal::labels(tx).await?;
                    let months = tx.query(&sql::VERIFY_MONTHS, &[]).await?;
                    let months = months.iter().map(|row| row.day(0));
                    Ok((labels, months.collect::<Result<Vec<Day>, Fault>>()?))
                }
                .boxed()
            })
            .await
            .or_else(|error| unread(&mut verified, &mut tell, "seal", error))?;
        let labels = Arc::new(labels);
        let mut heads = Heads::new(months);
        let mut after = i64::MIN;
        loop {
            let named = self.read(move |tx| names(tx, after).boxed()).await;
            let named = named.or_else(|error| unread(&mut verified, &mut tell, "repo", error))?;
            let Some(last) = named.last() else {
                break;
            };
            after = last.repo.0.cast_signed();
            for name in named {
                let (repo, shown) = (name.repo, name.shown());
                let labels = Arc::clone(&labels);
                let looked = self.read(move |tx| look(tx, name, labels).boxed()).await;
                let looked = match looked {
                    Ok(looked) => looked,
                    Err(StoreError::Corrupt { what, .. }) => Looked {
                        findings: vec![Finding {
                            repo: Some(shown),
                            ..Finding::wrong("file", format!("it cannot be read: {what}"))
                        }],
                        ..Looked::default()
                    },
                    Err(error) => return Err(error),
                };
                heads.take(repo, &looked.chains);
                verified.repos += 1;
                verified.days += looked.days;
                verified.months += looked.chains.len() as u64;
                tell(&mut verified, looked.findings);
            }
        }
        verified.heads = heads.finish();
        Ok(verified)
    }

    async fn verify_fleet(&self) -> Result<Vec<Finding>, StoreError> {
        let looked = self.read(|tx| fleet::look(tx).boxed()).await;
        match looked {
            Ok(findings) => Ok(findings),
            Err(StoreError::Corrupt { what, .. }) => Ok(vec![Finding::wrong("file", what)]),
            Err(error) => Err(error),
        }
    }
}

/// What cannot be read because it is damaged is a finding, and empty.
fn unread<T: Default>(
    verified: &mut Verified,
    tell: &mut impl FnMut(&mut Verified, Vec<Finding>),
    table: &'static str,
    error: StoreError,
) -> Result<T, StoreError> {
    let StoreError::Corrupt { what, .. } = error else {
        return Err(error);
    };
    tell(verified, vec![Finding::wrong(table, what)]);
    Ok(T::default())
}

impl Finding {
    fn wrong(table: &'static str, what: String) -> Self {
        Self {
            table,
            repo: None,
            day: None,
            what,
            is_remark: false,
        }
    }
}

/// A repository by its labels.
#[derive(Clone)]
struct Named {
    repo: RepoId,
    name: String,
    key: String,
    has_name: bool,
}

impl Named {
    fn shown(&self) -> String {
        self.name.clone()
    }
}

async fn names(tx: &mut Tx<'_>, after: i64) -> Result<Vec<Named>, Fault> {
    let rows = tx.query(&sql::VERIFY_REPOS, &params![after, NAMES]).await?;
    let named = rows.iter().map(|row| {
        let repo = row.repo(0)?;
        Ok(Named {
            repo,
            // What is no name is told by number.
            name: row.text(1).map_or_else(|_| repo.to_string(), str::to_owned),
            key: row.text(2).map_or_else(|_| String::new(), str::to_owned),
            has_name: row.is(3)?,
        })
    });
    named.collect()
}

/// What was seen of one repository.
#[derive(Debug, Default)]
struct Looked {
    findings: Vec<Finding>,
    days: u64,
    /// The last days of its sealed months with the chains that follow from what is kept now.
    chains: Vec<(Day, String)>,
}

/// Where the findings about one repository gather.
#[derive(Debug)]
struct Notes {
    repo: String,
    findings: Vec<Finding>,
}

impl Notes {
    fn wrong(&mut self, table: &'static str, day: Option<Day>, what: impl Into<String>) {
        self.note(table, day, what.into(), false);
    }

    fn remark(&mut self, table: &'static str, day: Option<Day>, what: impl Into<String>) {
        self.note(table, day, what.into(), true);
    }

    fn note(&mut self, table: &'static str, day: Option<Day>, what: String, is_remark: bool) {
        self.findings.push(Finding {
            table,
            repo: Some(self.repo.clone()),
            day,
            what,
            is_remark,
        });
    }

    /// A value that cannot be is a finding; whatever else went wrong ends the check.
    fn take(&mut self, table: &'static str, looked: Result<(), Fault>) -> Result<(), Fault> {
        match looked {
            Err(Fault::Corrupt(what)) => {
                self.wrong(table, None, format!("it holds {what}"));
                Ok(())
            }
            other => other,
        }
    }
}

async fn look(tx: &mut Tx<'_>, named: Named, labels: Arc<Labels>) -> Result<Looked, Fault> {
    let repo = named.repo;
    let mut notes = Notes {
        repo: named.shown(),
        findings: Vec::new(),
    };
    match named.name.parse::<RepoName>() {
        Ok(name) if name.key() == named.key => {}
        Ok(_) => notes.wrong("repo", None, "its name_key is not its name in lower case"),
        Err(error) => notes.wrong("repo", None, format!("its name cannot be one: {error}")),
    }
    if !named.has_name {
        notes.wrong("repo_name", None, "its present name is not among its names");
    }
    let (traffic, sightings) = seal::rows(tx, repo, DayRange::ALL).await?;
    let range = params![repo, DayRange::ALL.first(), DayRange::ALL.last()];
    let weeks = tx.query(&sql::TRAFFIC_WEEK_IN_DAYS, &range).await?;
    let accounts = tx.query(&sql::ASKED_OF_REPO, &params![repo]).await?;
    let looked = days::look(&mut notes, &traffic, &sightings, &labels);
    notes.take("traffic_day", looked)?;
    let looked = days::weeks(&mut notes, &weeks, &traffic);
    notes.take("traffic_week", looked)?;
    let looked = days::accounts(&mut notes, &accounts, &traffic);
    notes.take("asked", looked)?;
    runs::look(tx, repo, &mut notes).await?;
    let seals = seal::from_month(tx, repo, None).await;
    let mut chains = Vec::new();
    let looked = seals.and_then(|seals| {
        let rows = (&*traffic, &sightings);
        chains = seals::look(&mut notes, repo, &seals, rows, &labels)?;
        Ok(())
    });
    notes.take("seal", looked)?;
    Ok(Looked {
        findings: notes.findings,
        days: traffic.len() as u64,
        chains,
    })
}

/// The number in a cell that may be empty; what is no number is damage.
fn number(row: &Row, at: usize) -> Result<Option<i64>, Fault> {
    row.opt_int(at)
}
