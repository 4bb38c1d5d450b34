//! Every change and question that a test may put to a running simulation.
//!
//! One place for both ways in, the handle and the control addresses. Errors are sentences that
//! name what was not found.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use crate::answer::{ANONYMOUS, Shared};
use crate::clock::{Day, Time};
use crate::fault::FaultPlan;
use crate::fault_mix::FaultMix;
use crate::identity::{Right, Token, TokenSpec};
use crate::limit::{Limits, Resource};
use crate::lock;
use crate::log::Counters;
use crate::publication::{StaleAnswers, Stall, ZeroDays};
use crate::register;
use crate::repo::{Repo, RepoRef, RepoSpec};
use crate::truth::{DayCounts, Metric};
use crate::window::Per;
use crate::world::{Flap, World};

mod counted;

/// What a change or question came to.
pub(crate) type Outcome<T> = Result<T, String>;

impl Shared {
    fn ask<T>(&self, repo: &RepoRef, question: impl FnOnce(&World, &Repo) -> T) -> Outcome<T> {
        let world = self.world();
        world.repo(repo).map(|found| question(&world, found))
    }

    pub(crate) fn resolve(&self, repo: &RepoRef) -> Outcome<u64> {
        self.ask(repo, |_, repo| repo.id)
    }

    pub(crate) fn full_name(&self, repo: &RepoRef) -> Outcome<String> {
        self.ask(repo, |_, repo| repo.full_name.clone())
    }

    pub(crate) fn truth(&self, repo: &RepoRef, metric: Metric, day: Day) -> Outcome<DayCounts> {
        self.ask(repo, |world, repo| world.truth(repo, metric, day))
    }

    pub(crate) fn newest(&self, repo: &RepoRef, metric: Metric) -> Outcome<Day> {
        self.newest_at(repo, metric, self.clock.now())
    }

    pub(crate) fn newest_at(&self, repo: &RepoRef, metric: Metric, at: Time) -> Outcome<Day> {
        self.ask(repo, |world, repo| world.newest(repo, metric, at))
    }

    pub(crate) fn is_settled(&self, repo: &RepoRef, metric: Metric, day: Day) -> Outcome<bool> {
        let at = self.clock.now();
        self.ask(repo, |world, repo| world.is_settled(repo, metric, day, at))
    }

    /// The row of `day` in an answer given now, if it has one.
    pub(crate) fn served(
        &self,
        repo: &RepoRef,
        metric: Metric,
        day: Day,
    ) -> Outcome<Option<(u64, u64)>> {
        let at = self.clock.now();
        self.ask(repo, |world, repo| {
            let window = world.window(repo, metric, at, Per::Day, 0);
            let row = window.rows.iter().find(|row| row.day == day);
            row.map(|row| (row.count, row.uniques))
        })
    }

    pub(crate) fn create(&self, spec: &RepoSpec) -> Outcome<u64> {
        let now = self.clock.now();
        self.world_mut().create(spec, now)
    }

    pub(crate) fn rename(&self, repo: &RepoRef, to: &str) -> Outcome<()> {
        let now = self.clock.now();
        let mut world = self.world_mut();
        let id = world.repo(repo)?.id;
        world.rename(id, to, now)
    }

    pub(crate) fn delete(&self, repo: &RepoRef) -> Outcome<()> {
        let mut world = self.world_mut();
        let id = world.repo(repo)?.id;
        world.delete(id)
    }

    pub(crate) fn edit(&self, repo: &RepoRef, change: impl FnOnce(&mut Repo)) -> Outcome<()> {
        self.world_mut().repo_mut(repo).map(change)
    }

    pub(crate) fn pin(
        &self,
        repo: &RepoRef,
        metric: Metric,
        day: Day,
        value: (u64, u64),
    ) -> Outcome<()> {
        let mut world = self.world_mut();
        let id = world.repo(repo)?.id;
        world.pin(id, metric, day, value);
        Ok(())
    }

    pub(crate) fn stall(&self, mut stall: Stall) -> Outcome<()> {
        let mut world = self.world_mut();
        world.fix_scope(&mut stall.scope)?;
        world.publication.stalls.push(stall);
        Ok(())
    }

    /// Ends every stall that has not ended yet.
    pub(crate) fn end_stalls(&self) {
        let now = self.clock.now();
        for stall in &mut self.world_mut().publication.stalls {
            if stall.until.is_none_or(|until| now < until) {
                stall.until = Some(now);
            }
        }
    }

    pub(crate) fn zero_days(&self, mut zero: ZeroDays) -> Outcome<()> {
        let mut world = self.world_mut();
        world.fix_scope(&mut zero.scope)?;
        world.publication.zero_days.push(zero);
        Ok(())
    }

    pub(crate) fn end_zero_days(&self) {
        self.world_mut().publication.zero_days.clear();
    }

    pub(crate) fn stale(&self, mut stale: StaleAnswers) -> Outcome<()> {
        let mut world = self.world_mut();
        world.fix_scope(&mut stale.scope)?;
        world.publication.stale.push(stale);
        Ok(())
    }

    pub(crate) fn end_stale(&self) {
        self.world_mut().publication.stale.clear();
    }

    pub(crate) fn flap(
        &self,
        repo: &RepoRef,
        metric: Metric,
        day: Day,
        values: Vec<(u64, u64)>,
    ) -> Outcome<()> {
        let mut world = self.world_mut();
        let repo_id = world.repo(repo)?.id;
        world
            .flaps
            .retain(|flap| (flap.repo_id, flap.metric, flap.day) != (repo_id, metric, day));
        if !values.is_empty() {
            world.flaps.push(Flap {
                repo_id,
                metric,
                day,
                values,
            });
        }
        Ok(())
    }

    pub(crate) fn fault(&self, plan: FaultPlan) -> Outcome<()> {
        let repo_id = plan.repo_ref().map(|repo| self.resolve(repo)).transpose()?;
        lock(&self.faults).add(plan, repo_id);
        self.has_faults.store(true, Ordering::Release);
        Ok(())
    }

    pub(crate) fn clear_faults(&self) {
        lock(&self.faults).clear();
        self.has_faults.store(false, Ordering::Release);
    }

    pub(crate) fn edit_token(&self, secret: &str, change: impl FnOnce(&mut Token)) -> Outcome<()> {
        let mut world = self.world_mut();
        world
            .tokens
            .get_mut(secret)
            .map(change)
            .ok_or_else(|| "no such token".into())
    }

    /// Gives a token a right on one repository, or with [`Right::None`] takes all away.
    pub(crate) fn grant(&self, secret: &str, repo: &RepoRef, right: Right) -> Outcome<()> {
        let id = self.resolve(repo)?;
        self.edit_token(secret, |token| {
            token.by_id.retain(|(known, _)| *known != id);
            token.spec.denied.retain(|known| *known != id);
            if right == Right::None {
                token.spec.denied.push(id);
            } else {
                token.by_id.push((id, right));
            }
        })
    }

    /// Sets what is left of a token's hour.
    pub(crate) fn set_remaining(
        &self,
        secret: &str,
        resource: Resource,
        remaining: u64,
    ) -> Outcome<()> {
        let at = self.clock.now();
        let mut pool = None;
        self.edit_token(secret, |token| pool = Some(token.pool))?;
        let mut ledger = lock(&self.ledger);
        let ledger = &mut *ledger;
        if let Some(pool) = pool {
            ledger.pools[pool].set_remaining(&ledger.limits, resource, remaining, at);
        }
        Ok(())
    }

    /// Other limits from now on; what was used stays used.
    pub(crate) fn set_limits(&self, limits: Limits) {
        let world = self.world();
        let mut ledger = lock(&self.ledger);
        ledger.pools[ANONYMOUS].limit = limits.anonymous;
        for token in world.tokens.values() {
            ledger.pools[token.pool].limit = token.spec.limit.unwrap_or(limits.primary);
        }
        for app in &world.apps {
            ledger.pools[app.pool].limit = limits.primary;
        }
        for found in &world.installations {
            ledger.pools[found.pool].limit = found.limit(&world, limits.primary);
        }
        ledger.limits = limits;
    }

    pub(crate) fn limits(&self) -> Limits {
        lock(&self.ledger).limits.clone()
    }

    pub(crate) fn counters(&self) -> Counters {
        let mut counters = lock(&self.ledger).log.counters.clone();
        counters.connections = self.connections.load(Ordering::Relaxed);
        counters
    }

    /// Requests about a repository, whatever was asked and answered.
    pub(crate) fn requests_of(&self, repo: &RepoRef) -> Outcome<u64> {
        self.ask(repo, |_, repo| repo.requests.load(Ordering::Relaxed))
    }

    /// The same for every repository that was asked about.
    pub(crate) fn requests_by_repo(&self) -> BTreeMap<u64, u64> {
        let world = self.world();
        let counts = world.repos().iter();
        let counts = counts.map(|repo| (repo.id, repo.requests.load(Ordering::Relaxed)));
        counts.filter(|(_, requests)| *requests > 0).collect()
    }

    /// When a row of `day` was first answered.
    pub(crate) fn first_served_at(
        &self,
        repo: &RepoRef,
        metric: Metric,
        day: Day,
    ) -> Outcome<Option<Time>> {
        self.ask(repo, |_, repo| lock(repo.first_served(metric)).of(day))
    }

    /// Suspends an installation, or takes it back.
    pub(crate) fn suspend(&self, installation: u64, is_suspended: bool) -> Outcome<()> {
        let now = self.clock.now();
        let mut world = self.world_mut();
        let mut all = world.installations.iter_mut();
        let found = all.find(|found| found.id == installation);
        let found = found.ok_or_else(|| no_installation(installation))?;
        found.suspended = is_suspended.then_some(now);
        Ok(())
    }

    /// The account takes the App off; its tokens end.
    pub(crate) fn uninstall(&self, installation: u64) -> Outcome<()> {
        let mut world = self.world_mut();
        let before = world.installations.len();
        world.installations.retain(|found| found.id != installation);
        if world.installations.len() == before {
            return Err(no_installation(installation));
        }
        Ok(())
    }

    /// The tokens issued to an installation so far end now.
    pub(crate) fn end_tokens_of(&self, installation: u64) {
        self.world_mut()
            .tokens
            .retain(|_, token| token.installation != Some(installation));
    }

    /// Somebody types in a code and agrees; the program is given this token.
    pub(crate) fn device_approve(&self, user_code: &str, spec: TokenSpec) -> Outcome<()> {
        let mut world = self.world_mut();
        let (secret, scopes) = (spec.secret.clone(), spec.scopes.clone());
        let flow = &world.device;
        if !lock(flow).approve(user_code, &secret, &scopes) {
            return Err(no_code(user_code));
        }
        if world.tokens.contains_key(&secret) {
            return Ok(());
        }
        let mut ledger = lock(&self.ledger);
        let ledger = &mut *ledger;
        register::token(&mut world, &mut ledger.pools, &ledger.limits, spec)
    }

    /// Somebody types in a code and refuses.
    pub(crate) fn device_deny(&self, user_code: &str) -> Outcome<()> {
        match lock(&self.world().device).deny(user_code) {
            true => Ok(()),
            false => Err(no_code(user_code)),
        }
    }

    /// The codes that could be typed in now, oldest first.
    pub(crate) fn device_codes(&self) -> Vec<String> {
        let now = self.clock.now();
        lock(&self.world().device).waiting(now)
    }

    /// From now on a part of all answers goes wrong.
    pub(crate) fn fault_mix(&self, mix: FaultMix) {
        lock(&self.faults).set_mix(mix);
        self.has_faults.store(true, Ordering::Release);
    }

    pub(crate) fn clear_log(&self) {
        for repo in self.world().repos() {
            repo.requests.store(0, Ordering::Relaxed);
        }
        let mut ledger = lock(&self.ledger);
        ledger.log.clear();
        for pool in &mut ledger.pools {
            pool.peak_points = 0;
        }
    }
}

fn no_installation(id: u64) -> String {
    format!("no installation {id}")
}

fn no_code(user_code: &str) -> String {
    format!("no code \"{user_code}\" waits")
}
