//! What core's arithmetic wants of several tables, put together as its values.

use gitratra_core::RepoId;
use gitratra_core::download::AssetTotals;
use gitratra_core::import::Tally;
use gitratra_core::stargazing::StarLedger;
use gitratra_core::{Day, DayRange};

use crate::table::releases::KnownAsset;
use crate::{Store, StoreError};

impl Store {
    /// Everything that is known of a repository's stars by day.
    pub async fn star_ledger(&self, repo: RepoId) -> Result<StarLedger, StoreError> {
        let stars = self.stars(repo, None).await?;
        let counters = self.counters(repo, None).await?.into_iter();
        let mut totals: Vec<(DayRange, u64)> =
            counters.map(|run| (run.days, run.counters.stars)).collect();
        // What a file told stands in only where nothing of GitHub's own does.
        let own: Vec<DayRange> = totals
            .iter()
            .map(|(days, _)| *days)
            .chain(stars.spans.iter().map(|(days, _)| *days))
            .collect();
        let told = self
            .told_totals(repo, Tally::Stars, None)
            .await?
            .into_iter();
        let told = told.filter(|(day, _)| !own.iter().any(|days| days.contains(*day)));
        totals.extend(told.map(|(day, total)| (DayRange::ending(day, 1), total)));
        totals.sort_unstable_by_key(|(days, _)| days.first());
        Ok(StarLedger::new(stars.days, stars.spans, totals))
    }
}

impl KnownAsset {
    /// Its running totals, for telling downloads by day.
    #[must_use]
    pub fn totals(&self) -> AssetTotals {
        AssetTotals {
            uploaded: self.created_at.map(Day::of),
            gone: self.gone_since.map(Day::of),
            totals: self.downloads.clone(),
        }
    }
}
