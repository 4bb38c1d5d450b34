//! The handle of a running simulation: what a test asks and changes.
//!
//! Every method takes `&self` and may be called from any thread. A repository or token that
//! does not exist is a mistake in the test, so methods that name one panic. Dropping the handle
//! ends the simulation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::watch;

use crate::answer::Shared;
use crate::app::AppKey;
use crate::builder::SimBuilder;
use crate::change::Outcome;
use crate::clock::{Day, Time};
use crate::fault::FaultPlan;
use crate::fault_mix::FaultMix;
use crate::identity::{Right, TokenSpec};
use crate::limit::{Limits, Resource};
use crate::lock;
use crate::log::{Counters, LogEntry};
use crate::popular::Popular;
use crate::publication::{StaleAnswers, Stall, ZeroDays};
use crate::repo::{RepoRef, RepoSpec};
use crate::truth::Metric;
use crate::window::Regime;

mod counted;

/// A running simulation.
#[derive(Debug)]
pub struct Sim {
    shared: Arc<Shared>,
    close: watch::Sender<bool>,
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.close.send_replace(true);
    }
}

#[track_caller]
fn found<T>(outcome: Outcome<T>) -> T {
    match outcome {
        Ok(value) => value,
        Err(problem) => panic!("{problem}"),
    }
}

impl Sim {
    /// Describes a simulation.
    pub fn builder() -> SimBuilder {
        SimBuilder::default()
    }

    pub(crate) fn new(shared: Arc<Shared>, close: watch::Sender<bool>) -> Self {
        Self { shared, close }
    }

    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.close.subscribe()
    }

    /// The address of the API, without a slash at its end.
    pub fn url(&self) -> String {
        self.shared.base().to_string()
    }

    // The clock.

    /// What the clock shows.
    pub fn now(&self) -> Time {
        self.shared.clock.now()
    }

    /// Moves the clock on.
    pub fn advance_secs(&self, secs: i64) -> Time {
        self.shared.clock.advance(secs)
    }

    /// Moves the clock on by whole days.
    pub fn advance_days(&self, days: i64) -> Time {
        self.shared.clock.advance(days * 86_400)
    }

    /// Sets the clock.
    pub fn set_clock(&self, at: impl Into<Time>) {
        self.shared.clock.set(at.into());
    }

    /// Lets the clock run so many times faster than real time; 0 stops it.
    pub fn set_speed(&self, speed: f64) {
        self.shared.clock.set_speed(speed);
    }

    // The truth.

    /// A repository's id.
    #[track_caller]
    pub fn repo_id(&self, repo: impl Into<RepoRef>) -> u64 {
        found(self.shared.resolve(&repo.into()))
    }

    /// A repository's present name.
    #[track_caller]
    pub fn full_name(&self, repo: impl Into<RepoRef>) -> String {
        found(self.shared.full_name(&repo.into()))
    }

    /// What happened on a day: count and uniques, published or not.
    #[track_caller]
    pub fn truth(
        &self,
        repo: impl Into<RepoRef>,
        metric: Metric,
        day: impl Into<Day>,
    ) -> (u64, u64) {
        let counts = found(self.shared.truth(&repo.into(), metric, day.into()));
        (counts.count, counts.uniques())
    }

    /// What happened on a day on which GitHub has said its last word by now: one published, and
    /// in the old regime one that ended a day ago.
    #[track_caller]
    pub fn published(
        &self,
        repo: impl Into<RepoRef>,
        metric: Metric,
        day: impl Into<Day>,
    ) -> Option<(u64, u64)> {
        let (repo, day) = (repo.into(), day.into());
        let is_settled = found(self.shared.is_settled(&repo, metric, day));
        is_settled.then(|| self.truth(repo, metric, day))
    }

    /// The row of a day in an answer given now, zeros of an outage and all.
    #[track_caller]
    pub fn served(
        &self,
        repo: impl Into<RepoRef>,
        metric: Metric,
        day: impl Into<Day>,
    ) -> Option<(u64, u64)> {
        found(self.shared.served(&repo.into(), metric, day.into()))
    }

    /// The newest day of which something is known by now.
    #[track_caller]
    pub fn newest(&self, repo: impl Into<RepoRef>, metric: Metric) -> Day {
        found(self.shared.newest(&repo.into(), metric))
    }

    /// The newest day of which something was or will be known at another time, by the stalls
    /// planned now.
    #[track_caller]
    pub fn newest_at(&self, repo: impl Into<RepoRef>, metric: Metric, at: impl Into<Time>) -> Day {
        found(self.shared.newest_at(&repo.into(), metric, at.into()))
    }

    /// When a day becomes known for a repository where nothing stalls.
    #[track_caller]
    pub fn publication_moment(&self, repo: impl Into<RepoRef>, day: impl Into<Day>) -> Time {
        let id = self.repo_id(repo);
        self.shared.world().publication.moment(id, day.into())
    }

    /// The referrers as they are answered now.
    #[track_caller]
    pub fn referrers(&self, repo: impl Into<RepoRef>) -> Vec<Popular> {
        let world = self.shared.world();
        let repo = found(world.repo(&repo.into()));
        world.referrers(repo, self.now())
    }

    /// The popular pages as they are answered now.
    #[track_caller]
    pub fn paths(&self, repo: impl Into<RepoRef>) -> Vec<Popular> {
        let world = self.shared.world();
        let repo = found(world.repo(&repo.into()));
        world.paths(repo, self.now())
    }

    /// From now on this happened on that day.
    #[track_caller]
    pub fn pin(
        &self,
        repo: impl Into<RepoRef>,
        metric: Metric,
        day: impl Into<Day>,
        (count, uniques): (u64, u64),
    ) {
        let value = (count, uniques);
        found(self.shared.pin(&repo.into(), metric, day.into(), value));
    }

    // Publication.

    /// Plans a stall.
    #[track_caller]
    pub fn stall(&self, stall: Stall) {
        found(self.shared.stall(stall));
    }

    /// Ends all stalls now; what they held back appears.
    pub fn end_stalls(&self) {
        self.shared.end_stalls();
    }

    /// Days are answered as zero.
    #[track_caller]
    pub fn zero_days(&self, zero: ZeroDays) {
        found(self.shared.zero_days(zero));
    }

    /// All zeroed days have their true numbers again.
    pub fn end_zero_days(&self) {
        self.shared.end_zero_days();
    }

    /// Old windows come back now and then.
    #[track_caller]
    pub fn stale(&self, stale: StaleAnswers) {
        found(self.shared.stale(stale));
    }

    /// No more stale windows.
    pub fn end_stale(&self) {
        self.shared.end_stale();
    }

    /// A day's value changes from answer to answer, in turn; no values end it.
    #[track_caller]
    pub fn flap(
        &self,
        repo: impl Into<RepoRef>,
        metric: Metric,
        day: impl Into<Day>,
        values: &[(u64, u64)],
    ) {
        let (repo, values) = (repo.into(), values.to_vec());
        found(self.shared.flap(&repo, metric, day.into(), values));
    }

    /// Changes the way in which windows are answered.
    pub fn set_regime(&self, regime: Regime) {
        self.shared.world_mut().regime = regime;
    }

    // Repositories.

    /// Adds a repository and gives its id; a former name that it takes stops redirecting.
    #[track_caller]
    pub fn create(&self, spec: impl Into<RepoSpec>) -> u64 {
        found(self.shared.create(&spec.into()))
    }

    /// Renames to `name`, or transfers to `owner/name`; the old name redirects.
    #[track_caller]
    pub fn rename(&self, repo: impl Into<RepoRef>, to: &str) {
        found(self.shared.rename(&repo.into(), to));
    }

    /// Deletes: 404 under every name and under the id.
    #[track_caller]
    pub fn delete(&self, repo: impl Into<RepoRef>) {
        found(self.shared.delete(&repo.into()));
    }

    /// Makes private or public.
    #[track_caller]
    pub fn set_private(&self, repo: impl Into<RepoRef>, private: bool) {
        found(
            self.shared
                .edit(&repo.into(), |repo| repo.private = private),
        );
    }

    /// Archives or takes back.
    #[track_caller]
    pub fn set_archived(&self, repo: impl Into<RepoRef>, archived: bool) {
        found(
            self.shared
                .edit(&repo.into(), |repo| repo.archived = archived),
        );
    }

    /// Blocks for a reason (`dmca`, `tos`, `unavailable`), or with `None` no longer.
    #[track_caller]
    pub fn set_blocked(&self, repo: impl Into<RepoRef>, reason: Option<&str>) {
        let reason = reason.map(str::to_string);
        found(self.shared.edit(&repo.into(), |repo| repo.blocked = reason));
    }

    // Tokens and limits.

    /// The token is answered 401 from now on.
    #[track_caller]
    pub fn revoke(&self, secret: &str) {
        found(
            self.shared
                .edit_token(secret, |token| token.spec.revoked = true),
        );
    }

    /// Gives a token a right on a repository; [`Right::None`] takes every right away.
    #[track_caller]
    pub fn grant(&self, secret: &str, repo: impl Into<RepoRef>, right: Right) {
        found(self.shared.grant(secret, &repo.into(), right));
    }

    /// So many requests are left of the token's hour.
    #[track_caller]
    pub fn set_remaining(&self, secret: &str, remaining: u64) {
        let left = self.shared.set_remaining(secret, Resource::Core, remaining);
        found(left);
    }

    /// So many points are left of the token's hour of GraphQL.
    #[track_caller]
    pub fn set_graphql_remaining(&self, secret: &str, remaining: u64) {
        let left = self
            .shared
            .set_remaining(secret, Resource::Graphql, remaining);
        found(left);
    }

    /// Whether the number and the history of stars have addresses; else these are not found.
    pub fn set_star_history(&self, is_there: bool) {
        self.shared.world_mut().has_star_history = is_there;
    }

    /// Whether there is GraphQL at all; without it its address is not found.
    pub fn set_graphql(&self, is_there: bool) {
        self.shared.world_mut().has_graphql = is_there;
    }

    /// Other limits from now on; what was used stays used.
    pub fn set_limits(&self, limits: Limits) {
        self.shared.set_limits(limits);
    }

    /// How long each answer takes, in real milliseconds.
    pub fn set_latency_ms(&self, ms: u64) {
        self.shared.latency_ms.store(ms, Ordering::Relaxed);
    }

    // Apps and the device flow.

    /// The key pair of every App that was not given another.
    pub fn app_key_pem(&self) -> AppKey {
        AppKey::usual()
    }

    /// Suspends an installation of an App, or takes it back.
    #[track_caller]
    pub fn suspend(&self, installation: u64, is_suspended: bool) {
        found(self.shared.suspend(installation, is_suspended));
    }

    /// The account takes the App off.
    #[track_caller]
    pub fn uninstall(&self, installation: u64) {
        found(self.shared.uninstall(installation));
    }

    /// The tokens issued to an installation so far are answered 401 from now on.
    pub fn end_tokens_of(&self, installation: u64) {
        self.shared.end_tokens_of(installation);
    }

    /// Somebody types in a code and agrees; the program that waits is given this token.
    #[track_caller]
    pub fn device_approve(&self, user_code: &str, token: impl Into<TokenSpec>) {
        found(self.shared.device_approve(user_code, token.into()));
    }

    /// Somebody types in a code and refuses.
    #[track_caller]
    pub fn device_deny(&self, user_code: &str) {
        found(self.shared.device_deny(user_code));
    }

    /// The codes that could be typed in now, oldest first.
    pub fn device_codes(&self) -> Vec<String> {
        self.shared.device_codes()
    }

    // Faults and records.

    /// From now on a part of all answers goes wrong; plans come before it.
    pub fn fault_mix(&self, mix: FaultMix) {
        self.shared.fault_mix(mix);
    }

    /// Requests about a repository by any of its names or by its id, whatever was asked and
    /// answered; lists that hold it do not count. [`Self::clear_log`] sets it to 0.
    #[track_caller]
    pub fn requests_of(&self, repo: impl Into<RepoRef>) -> u64 {
        found(self.shared.requests_of(&repo.into()))
    }

    /// The same by id for every repository that was asked about.
    pub fn requests_by_repo(&self) -> BTreeMap<u64, u64> {
        self.shared.requests_by_repo()
    }

    /// When a row of a day was first answered, with 200 and unspoiled. How fresh an answer
    /// was is this minus [`Self::publication_moment`].
    #[track_caller]
    pub fn first_served_at(
        &self,
        repo: impl Into<RepoRef>,
        metric: Metric,
        day: impl Into<Day>,
    ) -> Option<Time> {
        let (repo, day) = (repo.into(), day.into());
        found(self.shared.first_served_at(&repo, metric, day))
    }

    /// Plans something to go wrong.
    #[track_caller]
    pub fn fault(&self, plan: impl Into<FaultPlan>) {
        found(self.shared.fault(plan.into()));
    }

    /// Nothing planned goes wrong any more.
    pub fn clear_faults(&self) {
        self.shared.clear_faults();
    }

    /// The requests so far, oldest first, as far as the log reaches back.
    pub fn log(&self) -> Vec<LogEntry> {
        lock(&self.shared.ledger).log.entries()
    }

    /// The counts so far.
    pub fn counters(&self) -> Counters {
        self.shared.counters()
    }

    /// Empties the log and sets the counters to 0 (connections apart).
    pub fn clear_log(&self) {
        self.shared.clear_log();
    }
}
