//! The newest spikes of busy repositories, found once for each newest day and remembered.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use gitratra_core::spike::{self, Spike};
use gitratra_core::{Day, DayRange, Measured, Metric, RepoId, Series};
use gitratra_store::{Store, StoreError};

/// Repositories that are remembered; more begin anew.
const MOST: usize = 2_000;
/// A spike is news for so many days.
const NEWS_DAYS: u32 = 14;
/// Days that tell what is usual.
const USUAL_DAYS: u32 = 77;

/// What was found of each repository up to its newest day.
#[derive(Debug, Default)]
pub(crate) struct SpikeBoard {
    found: Mutex<HashMap<RepoId, (Day, Option<Spike>)>>,
}

impl SpikeBoard {
    /// The newest spike of views within the last two weeks of what is known.
    pub(crate) async fn newest(
        &self,
        store: &Store,
        repo: RepoId,
        newest: Day,
    ) -> Result<Option<Spike>, StoreError> {
        let known = self.lock().get(&repo).copied();
        if let Some((day, spike)) = known
            && day == newest
        {
            return Ok(spike);
        }
        let range = DayRange::ending(newest, USUAL_DAYS);
        let series = Series::new(store.days(repo, Some(range)).await?);
        let news = DayRange::ending(newest, NEWS_DAYS);
        let spikes = spike::find(&Measured::of(series.days(), Metric::Views));
        let spike = spikes.into_iter().rfind(|spike| news.contains(spike.peak));
        let mut found = self.lock();
        if found.len() >= MOST {
            found.clear();
        }
        found.insert(repo, (newest, spike));
        Ok(spike)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RepoId, (Day, Option<Spike>)>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
