//! The whole fleet at once: what every repository is, and its days of a range, one after the other.
//! Nothing here holds the days of more than one row, and nothing costs more for what lies outside
//! the range.

use futures_util::FutureExt;
use gitratra_core::{Day, DayRange, DayState, Metric, RepoId, RepoName};

use crate::engine::{Cells, Tx};
use crate::error::Fault;
use crate::sql;
use crate::table::suspect;
use crate::value::params;
use crate::{Store, StoreError};

/// A repository as one of a fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetRepo {
    /// Its number.
    pub id: RepoId,
    /// Its present name.
    pub name: RepoName,
    /// Only seen by those who were invited.
    pub is_private: bool,
    /// Read-only.
    pub is_archived: bool,
    /// The status with which GitHub does not answer for it, 404 or 451.
    pub gone: Option<u16>,
    /// From the first to the last day of which anything is kept.
    pub days: Option<DayRange>,
    /// The newest published day of views and of clones, in the order of [`Metric::ALL`].
    pub newest: [Option<Day>; 2],
    /// Whether the last answer about its traffic, or about itself, was not good.
    pub is_failing: bool,
}

/// The stars of a repository by the end of a range and at its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FleetStars {
    /// The repository.
    pub repo: RepoId,
    /// The last day up to the end of the range on which they were read, and how many there were.
    pub last: (Day, u64),
    /// The first day within the range on which they were read, and how many there were.
    pub first: Option<(Day, u64)>,
}

/// Repositories by their numbers, both ends included. Numbers are in the order of signed ones, which
/// is what both engines have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The first.
    pub first: RepoId,
    /// The last.
    pub last: RepoId,
}

impl Part {
    /// The whole fleet.
    pub const ALL: Self = Self {
        first: RepoId(i64::MIN.cast_unsigned()),
        last: RepoId(i64::MAX.cast_unsigned()),
    };
}

/// A day of a repository in a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweptDay {
    /// The repository.
    pub repo: RepoId,
    /// The day.
    pub day: Day,
    /// In the order of [`Metric::ALL`]; nothing where a metric was not seen.
    pub metrics: [Option<Swept>; 2],
}

/// Events of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// How many.
    pub count: u64,
    /// How sure they are.
    pub state: DayState,
}

impl Store {
    /// What every repository is and how far it is known. *Shape*: by number, in the order of
    /// [`Part`].
    pub async fn fleet_repos(&self) -> Result<Vec<FleetRepo>, StoreError> {
        self.read(|tx| repos(tx).boxed()).await
    }

    /// The stars of every repository at both ends of a range. *Shape*: by number, in the order of
    /// [`Part`]; a repository whose stars were not read by the end of the range is not there.
    pub async fn fleet_stars(&self, range: DayRange) -> Result<Vec<FleetStars>, StoreError> {
        self.read(move |tx| stars(tx, range).boxed()).await
    }

    /// Shows each known day of a range of each repository of a part to `each`, with whatever `each`
    /// gathers in what `begin` makes, which comes back in the end; made anew where a server went away
    /// in the middle. *Shape*: by number in the order of
    /// [`Part`], the days of one repository together and in any order; only those of which a row is
    /// kept.
    pub async fn sweep<G: Send + 'static>(
        &self,
        range: DayRange,
        part: Part,
        begin: impl FnOnce() -> G + Clone + Send + 'static,
        each: impl FnMut(&mut G, SweptDay) + Clone + Send + 'static,
    ) -> Result<G, StoreError> {
        self.read(move |tx| sweep(tx, range, part, begin(), each).boxed())
            .await
    }
}

async fn repos(tx: &mut Tx<'_>) -> Result<Vec<FleetRepo>, Fault> {
    let mut repos: Vec<FleetRepo> = Vec::new();
    tx.query_each(&sql::SWEEP_REPOS, &[], |cells| {
        let gone = cells.opt_int(4)?.map(u16::try_from).transpose();
        let days = cells.opt_day(5)?.zip(cells.opt_day(6)?);
        repos.push(FleetRepo {
            id: cells.repo(0)?,
            name: cells.parsed(1)?,
            is_private: cells.is(2)?,
            is_archived: cells.is(3)?,
            gone: gone.map_err(|error| Fault::corrupt(error.to_string()))?,
            days: days.and_then(|(first, last)| DayRange::new(first, last)),
            newest: [None; 2],
            is_failing: false,
        });
        Ok(())
    })
    .await?;
    let mut rest = repos.iter_mut().peekable();
    tx.query_each(&sql::SWEEP_ASKED, &[], |cells| {
        let id = cells.repo(0)?;
        let is_before = |repo: &&mut FleetRepo| repo.id.0.cast_signed() < id.0.cast_signed();
        while rest.next_if(is_before).is_some() {}
        if let Some(repo) = rest.next_if(|repo| repo.id == id) {
            repo.newest = [cells.opt_day(1)?, cells.opt_day(2)?];
            repo.is_failing = cells.is(3)?;
        }
        Ok(())
    })
    .await?;
    Ok(repos)
}

async fn stars(tx: &mut Tx<'_>, range: DayRange) -> Result<Vec<FleetStars>, Fault> {
    let mut stars = Vec::new();
    let params = params![range.first(), range.last()];
    tx.query_each(&sql::SWEEP_STARS, &params, |cells| {
        // The first run that ends within the range or later may begin after it.
        let first = cells.opt_day(3)?.filter(|first| *first <= range.last());
        let first = first.map(|first| Ok::<_, Fault>((first.max(range.first()), cells.whole(4)?)));
        stars.push(FleetStars {
            repo: cells.repo(0)?,
            last: (cells.day(1)?.min(range.last()), cells.whole(2)?),
            first: first.transpose()?,
        });
        Ok(())
    })
    .await?;
    Ok(stars)
}

async fn sweep<G: Send>(
    tx: &mut Tx<'_>,
    range: DayRange,
    part: Part,
    mut gathered: G,
    mut each: impl FnMut(&mut G, SweptDay) + Send,
) -> Result<G, Fault> {
    let mut suspects: Vec<(Metric, Day)> = suspect::days(tx).await?.into_iter().collect();
    suspects.sort_unstable();
    let params = params![range.first(), range.last(), part.first, part.last];
    tx.query_each(&sql::SWEEP_DAYS, &params, |cells| {
        let day = cells.day(1)?;
        let metrics = [
            swept(cells, 2, day, Metric::Views, &suspects)?,
            swept(cells, 4, day, Metric::Clones, &suspects)?,
        ];
        let repo = cells.repo(0)?;
        each(&mut gathered, SweptDay { repo, day, metrics });
        Ok(())
    })
    .await?;
    Ok(gathered)
}

fn swept(
    cells: &Cells<'_>,
    at: usize,
    day: Day,
    metric: Metric,
    suspects: &[(Metric, Day)],
) -> Result<Option<Swept>, Fault> {
    let Some(count) = cells.opt_whole(at)? else {
        return Ok(None);
    };
    let is_suspect = count == 0 && suspects.binary_search(&(metric, day)).is_ok();
    let state = if is_suspect {
        DayState::Suspect
    } else if cells.int(at + 1)? < 0 {
        DayState::Partial
    } else {
        DayState::Measured
    };
    Ok(Some(Swept { count, state }))
}
