//! What a collector works with, which others give it and which it gives back.

use std::sync::Arc;

use gitratra_core::Rules;
use gitratra_github::Clock;
use gitratra_store::Store;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::copies::Copier;
use crate::crew::AskerSource;
use crate::lease::Terms;
use crate::status::Status;
use crate::watch::Watch;

/// What a collector works with.
pub struct House<'a> {
    /// Where everything is kept.
    pub store: &'a Store,
    /// Where credentials come from.
    pub source: &'a dyn AskerSource,
    /// What it waits by.
    pub clock: Arc<dyn Clock>,
    /// Who is told of trouble.
    pub watch: Watch<'a>,
    /// What makes copies of the store, where that is wanted.
    pub copier: Option<Arc<dyn Copier>>,
    /// What keeps a warehouse up to date, where that is wanted.
    pub warehouse: Option<Arc<dyn Copier>>,
    /// What it tells of itself.
    pub status: Status,
    /// Repositories asked at the same time.
    pub jobs: usize,
    /// The repositories whose workflow runs are counted.
    pub runs_of: Rules,
    /// How it shares the store with other collectors.
    pub terms: &'a Terms,
    /// Ends it; what was answered by then is stored.
    pub stop: CancellationToken,
    /// The machine slept or its clock was changed: what time it is must be asked again.
    pub doubt_time: Arc<Notify>,
}

impl House<'_> {
    /// Shows that the collector moves.
    pub(super) fn beat(&self) {
        let beat_at = self.clock.now();
        self.status.change(|status| status.beat_at = beat_at);
    }
}
