//! What the collector tells of itself while it runs: a snapshot for health checks and metrics.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gitratra_core::plan::Outage;
use gitratra_core::{Day, RepoId, RepoName, Timestamp};
use gitratra_github::{Counters, Rate};

use crate::visit::lock;

/// Shared between the collector, which writes it, and whoever asks how it is.
#[derive(Debug, Clone, Default)]
pub struct Status {
    inner: Arc<Mutex<Snapshot>>,
}

impl Status {
    /// How things are now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        lock(&self.inner).clone()
    }

    /// Whether the self-test has passed.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        lock(&self.inner).is_ready
    }

    /// GitHub's time when the loop last came round.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        lock(&self.inner).now
    }

    /// When the loop last came round.
    #[must_use]
    pub fn beat_at(&self) -> Duration {
        lock(&self.inner).beat_at
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        change(&mut lock(&self.inner));
    }
}

/// How the collector is.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// When its loop last came round, on the clock that it waits by.
    pub beat_at: Duration,
    /// Whether the self-test has passed.
    pub is_ready: bool,
    /// GitHub's time when the loop last came round.
    pub now: Option<Timestamp>,
    /// When everything that was due had last been asked.
    pub last_pass: Option<Timestamp>,
    /// When an answer was last stored.
    pub last_stored: Option<Timestamp>,
    /// Requests by what came of them, since the start.
    pub requests: Counters,
    /// How often the store could not be read or written, since the start.
    pub store_errors: u64,
    /// Days that became known, since the start.
    pub new_days: u64,
    /// Each credential with what is left of its hour.
    pub credentials: Vec<CredentialStatus>,
    /// Every tracked repository that is known.
    pub repos: Vec<RepoStatus>,
    /// Tracked names that GitHub never knew.
    pub unknown: u64,
    /// Troubles that are open.
    pub alarms: u64,
    /// Set while GitHub publishes nothing for most of the fleet.
    pub outage: Option<Outage>,
}

/// How one credential is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialStatus {
    /// How a person knows it.
    pub label: String,
    /// What is left of its hour, as far as it is known.
    pub rate: Option<Rate>,
    /// Why it asks nothing any more.
    pub refused: Option<String>,
}

/// How one repository is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepoStatus {
    /// GitHub's number.
    pub id: RepoId,
    /// Its present name.
    pub name: RepoName,
    /// Whether only some may know of it.
    pub is_private: bool,
    /// The newest day of views.
    pub views: Option<Day>,
    /// The newest day of clones.
    pub clones: Option<Day>,
    /// Whether the last answer of any endpoint was not good.
    pub is_failing: bool,
    /// Whether GitHub answers for it no more, and nothing of it can be saved.
    pub is_gone: bool,
}

impl RepoStatus {
    /// The newest day of which both metrics are held.
    #[must_use]
    pub fn newest(&self) -> Option<Day> {
        Some(self.views?.min(self.clones?))
    }
}
