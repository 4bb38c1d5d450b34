//! `--since-run`: what became known since a run began. Whatever changed is in it at least once;
//! what did not change may be in it too.

use std::collections::{BTreeSet, HashSet};

use gitratra_core::{Day, DayRange, DayRow, Metric, Ranking, RepoId, Source, Timestamp};
use gitratra_store::{Store, StoreError};
use jiff::SignedDuration;

/// An answer is stored a little after GitHub made it, later where its visit had to wait for the next
/// hour's budget; what was under way when the export before was made must not be missed.
const MARGIN: SignedDuration = SignedDuration::from_hours(2);

/// Whatever keeps no time at which it was read is told from so many days before the run on: no
/// answer speaks of days, weeks or windows older than that.
const WITHOUT_TIME_DAYS: i64 = 31;

/// The collector looks back 42 days for days on which the whole fleet was silent.
const SILENT_DAYS: i64 = 45;

/// What is meant by "since".
pub struct Since {
    at: Timestamp,
    /// Sources of which every day is told, whenever it was seen: imports bring the times of others.
    sources: Vec<Source>,
    suspected: HashSet<(Metric, Day)>,
}

/// Why it cannot be told what is meant.
#[derive(Debug, thiserror::Error)]
pub enum SinceError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There was no such run.
    #[error(
        "there is no run {number}, the newest is {newest}: take the number that the export before \
         told, or 0 for everything"
    )]
    NoSuchRun {
        /// The run.
        number: u64,
        /// The newest there is.
        newest: u64,
    },
}

impl Since {
    /// Since a run began; nothing, which means everything, for 0.
    ///
    /// # Errors
    /// [`SinceError`].
    pub async fn run(store: &Store, number: u64) -> Result<Option<Self>, SinceError> {
        if number == 0 {
            return Ok(None);
        }
        let Some(began) = store.run_started_at(number).await? else {
            let newest = store.newest_run().await?;
            return Err(SinceError::NoSuchRun { number, newest });
        };
        let at = began.saturating_sub(MARGIN).unwrap_or(Timestamp::MIN);
        let silent_from = Day::of(at).plus(-SILENT_DAYS);
        let range = DayRange::new(silent_from, Day::MAX).unwrap_or(DayRange::ALL);
        Ok(Some(Self {
            at,
            sources: store.sources_after_run(number).await?,
            suspected: store.suspected_days(range).await?,
        }))
    }

    /// The days of a repository that changed. *Shape*: ascending, none of them a gap.
    ///
    /// # Errors
    /// What the store says.
    pub async fn days(&self, store: &Store, repo: RepoId) -> Result<Vec<DayRow>, StoreError> {
        let changed = store.changed_days(repo, self.at, &self.sources).await?;
        let ends = changed.first().into_iter().chain(changed.last());
        let near = ends.chain(self.suspected.iter().map(|(_, day)| day));
        let (first, last) = (near.clone().min(), near.max());
        let range = first.zip(last);
        let Some(range) = range.and_then(|(first, last)| DayRange::new(*first, *last)) else {
            return Ok(Vec::new());
        };
        let mut days = store.days(repo, Some(range)).await?;
        days.retain(|row| changed.contains(&row.day) || self.is_suspected(row));
        Ok(days)
    }

    fn is_suspected(&self, row: &DayRow) -> bool {
        Metric::ALL.into_iter().any(|metric| {
            let value = row.value(metric);
            let is_zero = value.is_some_and(|value| value.count.is_zero());
            is_zero && self.suspected.contains(&(metric, row.day))
        })
    }

    /// Since when something must have been read to be told. Beside days nothing says where it came
    /// from, so that after an import or a merge all of it is told.
    fn read_since(&self) -> Timestamp {
        if self.sources.is_empty() {
            self.at
        } else {
            Timestamp::UNIX_EPOCH
        }
    }

    /// Whether a row without a time is told that ends on this day.
    pub(super) fn has(&self, last: Day) -> bool {
        last >= Day::of(self.read_since()).plus(-WITHOUT_TIME_DAYS)
    }

    /// The windows of a list that were read since, each by its last day.
    pub(super) async fn windows(
        &self,
        store: &Store,
        repo: RepoId,
        ranking: Ranking,
    ) -> Result<BTreeSet<Day>, StoreError> {
        store
            .windows_read_since(repo, ranking, self.read_since())
            .await
    }

    /// The days of which the stars were read since.
    pub(super) async fn star_days(
        &self,
        store: &Store,
        repo: RepoId,
    ) -> Result<Vec<DayRange>, StoreError> {
        store.stars_read_since(repo, self.read_since()).await
    }
}
