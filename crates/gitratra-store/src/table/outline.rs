//! What is kept of the whole fleet in outline: sums for each day or run of days, by which a reader
//! can tell whether anything of a month is other than it was, without reading its rows.
//!
//! Values that merge only ever grow, so that a change moves the sum of its column; one more sum has
//! a weight for each repository, so that what moves from one to another shows as well.

use futures_util::FutureExt;
use gitratra_core::import::Tally;
use gitratra_core::{Day, DayRange, Ranking, RepoId};

use super::told_total;
use crate::engine::Tx;
use crate::error::Fault;
use crate::sql::{self, Sql};
use crate::value::{Row, Value, params};
use crate::{Store, StoreError};

/// What is kept that rows of tables are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outlined {
    /// Views and clones by day, and the people of windows.
    Days,
    /// Views and clones by week.
    Weeks,
    /// Which lists were read.
    Lists,
    /// The lines of lists.
    Lines(Ranking),
    /// Stars, forks and the like.
    Counters,
    /// Stars given.
    Stars,
    /// The days for which the history of stars was read, as far as it is told for good.
    StarSpans,
    /// Totals of stars that files told.
    StarTotals,
    /// Running totals of downloads.
    Downloads,
    /// What the files of releases are called.
    Files,
}

/// Everything that is kept of the fleet for the same days, in sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The days.
    pub days: DayRange,
    /// Sums, always in the same order.
    pub sums: Vec<i64>,
}

/// From which day on a repository has rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The repository.
    pub repo: RepoId,
    /// The first and the last day of traffic; what lies between may have gaps.
    pub days: Option<DayRange>,
    /// The Sunday of the first week.
    pub weeks: Option<Day>,
    /// The last day of the first window of which a list was read.
    pub lists: Option<Day>,
    /// The first day of counters.
    pub counters: Option<Day>,
    /// The first day of which anything of stars is told.
    pub stars: Option<Day>,
    /// The first day on which downloads were read.
    pub downloads: Option<Day>,
}

impl Store {
    /// The outline of one kind. *Shape*: by the days.
    pub async fn outline(&self, of: Outlined) -> Result<Vec<Outline>, StoreError> {
        self.read(move |tx| outline(tx, of).boxed()).await
    }

    /// From which day on each repository has rows. *Shape*: by number as the store sorts it.
    pub async fn reaches(&self) -> Result<Vec<Reach>, StoreError> {
        self.read(|tx| reaches(tx).boxed()).await
    }
}

async fn outline(tx: &mut Tx<'_>, of: Outlined) -> Result<Vec<Outline>, Fault> {
    let of_list = |ranking: Ranking| vec![Value::from(ranking)];
    let (sql, params, sums): (&Sql, Vec<Value>, usize) = match of {
        Outlined::Days => (&sql::OUTLINE_TRAFFIC_DAY, vec![], 12),
        Outlined::Weeks => (&sql::OUTLINE_TRAFFIC_WEEK, vec![], 6),
        Outlined::Lists => (&sql::OUTLINE_RANKED_WINDOW, vec![], 4),
        Outlined::Lines(ranking) => (&sql::OUTLINE_RANKED_RUN, of_list(ranking), 4),
        Outlined::Counters => (&sql::OUTLINE_COUNTER_RUN, vec![], 10),
        Outlined::Stars => (&sql::OUTLINE_STAR_DAY, vec![], 4),
        Outlined::StarSpans => (&sql::OUTLINE_STAR_SPAN, vec![], 2),
        Outlined::StarTotals => {
            let tally = i64::try_from(told_total::place(Tally::Stars)).unwrap_or_default();
            (&sql::OUTLINE_TOLD_TOTAL, vec![tally.into()], 3)
        }
        Outlined::Downloads => (&sql::OUTLINE_ASSET_RUN, vec![], 3),
        Outlined::Files => return files(tx).await,
    };
    let rows = tx.query(sql, &params).await?;
    let outlines = rows.iter().map(|row| {
        let sums = (2..2 + sums).map(|at| row.int(at));
        Ok(Outline {
            days: row.days(0)?,
            sums: sums.collect::<Result<_, Fault>>()?,
        })
    });
    outlines.collect()
}

/// Texts have no sum that both engines know, so each file is a row here.
async fn files(tx: &mut Tx<'_>) -> Result<Vec<Outline>, Fault> {
    let rows = tx.query(&sql::OUTLINE_ASSET, &[]).await?;
    let mut outlines = Vec::with_capacity(rows.len());
    for row in &rows {
        let first = row.day(0)?;
        let numbers = [
            row.int(1)?,
            row.int(2)?,
            row.opt_int(4)?.unwrap_or(-1),
            row.opt_int(6)?.unwrap_or(-1),
        ];
        let mut mixed = Mixed::default();
        for number in numbers {
            mixed.add(&number.to_le_bytes());
        }
        for text in [row.text(3)?, row.text(5)?] {
            mixed.add(text.as_bytes());
            mixed.add(&[0xff]);
        }
        outlines.push(Outline {
            days: DayRange::ending(first, 1),
            sums: vec![mixed.0.cast_signed()],
        });
    }
    outlines.sort_by_key(|outline| outline.days.first());
    Ok(outlines)
}

/// FNV-1a, <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>.
struct Mixed(u64);

impl Default for Mixed {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Mixed {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

async fn reaches(tx: &mut Tx<'_>) -> Result<Vec<Reach>, Fault> {
    let rows = tx.query(&sql::OUTLINE_SINCE, &params![Day::MIN]).await?;
    rows.iter().map(reach).collect()
}

fn reach(row: &Row) -> Result<Reach, Fault> {
    let stars = [5, 6, 7, 8].map(|at| row.opt_day(at));
    let mut known = Vec::with_capacity(stars.len());
    for day in stars {
        known.extend(day?);
    }
    Ok(Reach {
        repo: row.repo(0)?,
        days: row.opt_day(1)?.map(|_| row.days(1)).transpose()?,
        weeks: row.opt_day(3)?,
        lists: row.opt_day(4)?,
        counters: row.opt_day(5)?,
        stars: known.into_iter().min(),
        downloads: row.opt_day(9)?,
    })
}
