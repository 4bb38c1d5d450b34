//! What the program tells of itself: plain data, and the trait through which it is asked.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use gitratra_core::{Day, RepoId, RepoName, Timestamp};

/// A boxed future, so that [`Watched`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The running program, as far as it can be looked at.
pub trait Watched: Send + Sync + 'static {
    /// Whether the collector moves. Must not wait.
    fn health(&self) -> Health;

    /// What time it is: GitHub's as far as it is known, else this machine's. Must not wait.
    fn now(&self) -> Timestamp;

    /// Whether the program can do its work. Asked at most once a second.
    fn readiness(&self) -> BoxFuture<'_, Readiness>;

    /// Sends one test message through every channel and tells in a sentence what came of it.
    fn test_alerts(&self) -> BoxFuture<'_, String>;

    /// The numbers. Asked at most once a second; `Err` says in one line, without names and
    /// secrets, why there are none.
    fn snapshot(&self) -> BoxFuture<'_, Result<Snapshot, String>>;
}

/// Whether the collector moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// How long ago its loop last came round, by a clock that never goes back.
    pub since_beat: Duration,
    /// How long that may be.
    pub bound: Duration,
}

impl Health {
    /// Whether it moves.
    #[must_use]
    pub fn is_well(self) -> bool {
        self.since_beat <= self.bound
    }
}

/// Whether the program can do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// Whether the self-test at the start passed.
    pub has_passed_self_test: bool,
    /// Whether the store answered just now.
    pub does_store_answer: bool,
}

/// One repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepoState {
    /// GitHub's number.
    pub id: RepoId,
    /// Its present name.
    pub name: RepoName,
    /// Whether it is private.
    pub is_private: bool,
    /// Days left until a day is lost; nothing where that cannot be said.
    pub days_safe: Option<u32>,
    /// The newest day of views that is held.
    pub newest_views: Option<Day>,
    /// The newest day of clones that is held.
    pub newest_clones: Option<Day>,
    /// Whether it lacks a day that GitHub has published.
    pub is_behind: bool,
    /// Whether a question about it failed the last time.
    pub is_failing: bool,
    /// Whether it is deleted, blocked or out of sight.
    pub is_gone: bool,
}

/// The hourly limit of one credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRate {
    /// What the operator calls it; never the secret, never a private repository.
    pub label: String,
    /// Requests allowed in an hour.
    pub limit: u64,
    /// Requests left of it.
    pub remaining: u64,
    /// When it starts anew, by GitHub's clock.
    pub reset_at: Timestamp,
}

/// A collector that works on the store, this one or another. Times are those of whoever keeps the
/// store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorState {
    /// The machine on which it runs.
    pub host: String,
    /// `serve` or `sync`.
    pub kind: &'static str,
    /// When it began.
    pub since: Timestamp,
    /// When it was last seen.
    pub seen_at: Timestamp,
    /// Repositories that it is asking about.
    pub repos: u64,
    /// Whether it looks after the fleet.
    pub is_caretaker: bool,
    /// Whether it should be there and was not seen for long.
    pub is_missed: bool,
}

/// The numbers of one moment. Counters count since the start of the program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// The version of the program.
    pub version: String,
    /// Tracked repositories, in any order.
    pub repos: Vec<RepoState>,
    /// Whether private repositories are shown by name; else as `private-ID`.
    pub shows_private: bool,
    /// Whether only a part of the repositories is told, for somebody who may not see the others.
    pub is_part: bool,
    /// Requests to GitHub by outcome: `ok`, `not_modified`, kinds of failure.
    pub requests: BTreeMap<String, u64>,
    /// Questions that failed in the end, by kind.
    pub failures: BTreeMap<String, u64>,
    /// The hourly limits that are known.
    pub rates: Vec<CredentialRate>,
    /// When the last pass ended, by GitHub's clock.
    pub last_pass_at: Option<Timestamp>,
    /// When anything was last stored, by GitHub's clock.
    pub last_stored_at: Option<Timestamp>,
    /// Repositories that are tracked.
    pub tracked: u64,
    /// Those of them that lack a day that GitHub has published.
    pub behind: u64,
    /// Those of them of which a question failed the last time.
    pub failing: u64,
    /// Repositories that are deleted, blocked or out of sight.
    pub gone: u64,
    /// The fewest days left of any tracked repository; nothing where nothing is held.
    pub next_loss_days: Option<u32>,
    /// Errors of the store.
    pub store_errors: u64,
    /// Troubles that are open.
    pub alarms_open: u64,
    /// The collectors that were seen within a day, in the order in which they began; nothing where
    /// the store does not tell.
    pub collectors: Option<Vec<CollectorState>>,
    /// Memory of the process that is in RAM.
    pub resident_bytes: Option<u64>,
    /// How the copy of the store is from which pages are read, where there is one. The server fills it
    /// in.
    pub replica: Option<ReplicaState>,
}

/// How a copy of the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplicaState {
    /// Whether pages are read from it.
    pub is_used: bool,
    /// How far it lags behind, where it answers.
    pub lag: Option<Duration>,
}

impl Snapshot {
    /// What there is to tell of some of the repositories: only themselves, and nothing that the
    /// others have a share in.
    #[must_use]
    pub fn of(self, sees: impl Fn(&RepoState) -> bool) -> Self {
        let repos: Vec<RepoState> = self.repos.into_iter().filter(sees).collect();
        let count =
            |is_so: fn(&RepoState) -> bool| repos.iter().filter(|repo| is_so(repo)).count() as u64;
        Self {
            version: self.version,
            shows_private: self.shows_private,
            is_part: true,
            tracked: repos.len() as u64,
            behind: count(|repo| repo.is_behind && !repo.is_gone),
            failing: count(|repo| repo.is_failing),
            gone: count(|repo| repo.is_gone),
            next_loss_days: repos.iter().filter_map(|repo| repo.days_safe).min(),
            repos,
            ..Self::default()
        }
    }
}
