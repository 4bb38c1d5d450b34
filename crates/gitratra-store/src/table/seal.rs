//! The seals of finished months. Whoever changes a month that is sealed seals it anew in the same
//! transaction; so what does not fit its seal was not changed by this program.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::FutureExt;
use gitratra_core::{Day, DayRange, Metric, RepoId};

use crate::engine::Tx;
use crate::error::Fault;
use crate::seal::{self, Labels, REST_DAYS, Seal, Texts};
use crate::sql;
use crate::value::{Row, params};
use crate::{Store, StoreError};

/// Repositories that are looked at at once.
const LOOK: i64 = 500;

/// Repositories that are sealed in one transaction.
const TOGETHER: usize = 20;

/// What one call of [`Store::seal`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sealed {
    /// Months that were sealed.
    pub months: u64,
    /// The repository to go on after, where not all were looked at.
    pub next: Option<RepoId>,
}

impl Store {
    /// Seals months of traffic that ended long enough before the newest known day of their
    /// repository: a digest of each is kept, with which [`Store::verify`] sees whether any of its
    /// days was changed since by anything but this program.
    ///
    /// Looks at the repositories with greater numbers than `after`, and goes on until about `most`
    /// months are sealed or all were looked at.
    pub async fn seal(&self, after: Option<RepoId>, most: u64) -> Result<Sealed, StoreError> {
        let mut sealed = Sealed {
            months: 0,
            next: after,
        };
        loop {
            let from = sealed.next.map_or(i64::MIN, |repo| repo.0.cast_signed());
            let reach = self.read(move |tx| reach(tx, from).boxed()).await?;
            let last = reach.last().map(|reach| reach.repo);
            let is_end = i64::try_from(reach.len()).unwrap_or(LOOK) < LOOK;
            let due: Vec<Reach> = reach.into_iter().filter(Reach::is_due).collect();
            for group in due.chunks(TOGETHER) {
                let repos: Vec<RepoId> = group.iter().map(|reach| reach.repo).collect();
                let last = repos.last().copied();
                sealed.months += self.write(move |tx| seal_all(tx, repos).boxed()).await?;
                if sealed.months >= most {
                    sealed.next = last;
                    return Ok(sealed);
                }
            }
            sealed.next = last.filter(|_| !is_end);
            if sealed.next.is_none() {
                return Ok(sealed);
            }
        }
    }
}

/// How far a repository is sealed and known.
struct Reach {
    repo: RepoId,
    /// The first day beyond the sealed months.
    first: Option<Day>,
    newest: Option<Day>,
}

impl Reach {
    /// The days that may be sealed now, whole months.
    fn due(&self) -> Option<DayRange> {
        let (first, newest) = self.first.zip(self.newest)?;
        // The newest month of which enough days after its end are known.
        let month = seal::month_of(newest.plus(-REST_DAYS));
        let last = match month.last() <= newest.plus(-REST_DAYS) {
            true => month.last(),
            false => month.first().plus(-1),
        };
        DayRange::new(first, last)
    }

    fn is_due(&self) -> bool {
        self.due().is_some()
    }
}

async fn reach(tx: &mut Tx<'_>, after: i64) -> Result<Vec<Reach>, Fault> {
    reach_of(tx, after, LOOK).await
}

async fn reach_of(tx: &mut Tx<'_>, after: i64, most: i64) -> Result<Vec<Reach>, Fault> {
    let rows = tx.query(&sql::SEAL_REACH, &params![after, most]).await?;
    let reach = rows.iter().map(|row| {
        Ok(Reach {
            repo: row.repo(0)?,
            first: row.opt_day(1)?,
            newest: row.opt_day(2)?,
        })
    });
    reach.collect()
}

async fn seal_all(tx: &mut Tx<'_>, repos: Vec<RepoId>) -> Result<u64, Fault> {
    let mut months = 0;
    tx.lock_repos(repos.iter().copied()).await?;
    for repo in repos {
        // Another process may have sealed it meanwhile.
        let before = repo.0.cast_signed().checked_sub(1);
        let reach = reach_of(tx, before.unwrap_or(i64::MIN), 1).await?;
        let reach = reach.first().filter(|reach| reach.repo == repo);
        let Some(days) = reach.and_then(Reach::due) else {
            continue;
        };
        let labels = labels(tx).await?;
        let texts = texts(tx, repo, days, &labels).await?;
        let due: BTreeSet<Day> = texts
            .keys()
            .map(|day| seal::month_of(*day).last())
            .collect();
        months += due.len() as u64;
        save(tx, repo, &due, &texts).await?;
    }
    Ok(months)
}

/// Seals anew those months of these days that are sealed, or lie before one that is.
pub(crate) async fn renew(
    tx: &mut Tx<'_>,
    repo: RepoId,
    days: impl Iterator<Item = Day>,
) -> Result<(), Fault> {
    let rows = tx.query(&sql::SEAL_NEWEST, &params![repo]).await?;
    let Some(sealed_to) = rows.first().map(|row| row.day(0)).transpose()? else {
        return Ok(());
    };
    let days = days.filter(|day| *day <= sealed_to);
    let months: BTreeSet<Day> = days.map(|day| seal::month_of(day).last()).collect();
    if months.is_empty() {
        return Ok(());
    }
    let labels = labels(tx).await?;
    let mut texts = Texts::new();
    for month in &months {
        texts.append(&mut self::texts(tx, repo, seal::month_of(*month), &labels).await?);
    }
    save(tx, repo, &months, &texts).await
}

/// Keeps the digests of months, and chains them and all that follow.
async fn save(
    tx: &mut Tx<'_>,
    repo: RepoId,
    months: &BTreeSet<Day>,
    texts: &Texts,
) -> Result<(), Fault> {
    let Some(first) = months.first().copied() else {
        return Ok(());
    };
    let rows = tx.query(&sql::SEAL_BEFORE, &params![repo, first]).await?;
    let mut before = rows.first().map(|row| row.text(0).map(str::to_owned));
    let known = from_month(tx, repo, Some(first)).await?;
    let known: BTreeMap<Day, Seal> = known
        .into_iter()
        .map(|seal| (seal.last_day, seal))
        .collect();
    let mut seals = known.clone();
    for month in months {
        let (content, days) = seal::contents(seal::month_of(*month), texts);
        let seal = Seal {
            last_day: *month,
            content,
            chain: String::new(),
            days,
        };
        seals.insert(*month, seal);
    }
    for seal in seals.values_mut() {
        let earlier = before.take().transpose()?;
        seal.chain = seal::chain(repo, seal.last_day, earlier.as_deref(), &seal.content);
        before = Some(Ok(seal.chain.clone()));
    }
    let changed = seals
        .iter()
        .filter(|(day, seal)| known.get(day) != Some(seal));
    let rows: Vec<_> = changed
        .map(|(day, seal)| {
            params![
                repo,
                *day,
                seal.content.as_str(),
                seal.chain.as_str(),
                seal.days.as_str(),
            ]
        })
        .collect();
    tx.execute_each(&sql::SEAL_SAVE, &rows).await?;
    Ok(())
}

/// The seals of a repository from a month on, or all.
pub(crate) async fn from_month(
    tx: &mut Tx<'_>,
    repo: RepoId,
    month: Option<Day>,
) -> Result<Vec<Seal>, Fault> {
    let first = month.unwrap_or(DayRange::ALL.first());
    let rows = tx
        .query(&sql::SEAL_FROM_MONTH, &params![repo, first])
        .await?;
    let seals = rows.iter().map(|row| {
        Ok(Seal {
            last_day: row.day(0)?,
            content: row.text(1)?.to_owned(),
            chain: row.text(2)?.to_owned(),
            days: row.text(3)?.to_owned(),
        })
    });
    seals.collect()
}

/// What each source is called.
pub(crate) async fn labels(tx: &mut Tx<'_>) -> Result<Labels, Fault> {
    let rows = tx.query(&sql::SOURCE_ALL, &[]).await?;
    let mut labels = Labels::with_capacity(rows.len() * 2);
    for row in &rows {
        let (source, label) = (row.source(0)?, row.text(2)?);
        labels.insert(source.0.into(), label.to_owned());
        labels.insert(source.doubted().0.into(), format!("{label}, doubted"));
    }
    Ok(labels)
}

async fn texts(
    tx: &mut Tx<'_>,
    repo: RepoId,
    days: DayRange,
    labels: &Labels,
) -> Result<Texts, Fault> {
    let (traffic, sightings) = rows(tx, repo, days).await?;
    let [views, clones] = &sightings;
    seal::texts(&traffic, [views, clones], labels)
}

/// All that is kept of days: their rows, and the sightings of views and of clones.
pub(crate) async fn rows(
    tx: &mut Tx<'_>,
    repo: RepoId,
    days: DayRange,
) -> Result<(Vec<Row>, [Vec<Row>; 2]), Fault> {
    let range = params![repo, days.first(), days.last()];
    let traffic = tx.query(&sql::TRAFFIC_DAY_OF_DAYS, &range).await?;
    let mut sightings = <[Vec<Row>; 2]>::default();
    for (metric, rows) in Metric::ALL.into_iter().zip(&mut sightings) {
        let range = params![repo, metric, days.first(), days.last()];
        *rows = tx.query(&sql::SIGHTING_OF_DAYS, &range).await?;
    }
    Ok((traffic, sightings))
}
