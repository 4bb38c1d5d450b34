//! Every change and question that a test may put to a running simulation.
//!
//! One place for both ways in, the handle and the control addresses. Errors are sentences that
//! name what was not found.

use std::sync::atomic::Ordering;

use crate::answer::{ANONYMOUS, Shared};
use crate::clock::{Day, Time};
use crate::fault::FaultPlan;
use crate::identity::{Right, Token};
use crate::limit::Limits;
use crate::lock;
use crate::log::Counters;
use crate::publication::{StaleAnswers, Stall, ZeroDays};
use crate::repo::{Repo, RepoRef, RepoSpec};
use crate::truth::{DayCounts, Metric};
use crate::window::Per;
use crate::world::{Flap, World};

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
        let index = world.token_by_secret.get(secret).copied();
        let index = index.ok_or("no such token")?;
        change(&mut world.tokens[index]);
        Ok(())
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
    pub(crate) fn set_remaining(&self, secret: &str, remaining: u64) -> Outcome<()> {
        let at = self.clock.now();
        let mut pool = None;
        self.edit_token(secret, |token| pool = Some(token.pool))?;
        let mut ledger = lock(&self.ledger);
        let ledger = &mut *ledger;
        if let Some(pool) = pool {
            ledger.pools[pool].set_remaining(&ledger.limits, remaining, at);
        }
        Ok(())
    }

    /// Other limits from now on; what was used stays used.
    pub(crate) fn set_limits(&self, limits: Limits) {
        let world = self.world();
        let mut ledger = lock(&self.ledger);
        ledger.pools[ANONYMOUS].limit = limits.anonymous;
        for token in &world.tokens {
            ledger.pools[token.pool].limit = token.spec.limit.unwrap_or(limits.primary);
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

    pub(crate) fn clear_log(&self) {
        let mut ledger = lock(&self.ledger);
        ledger.log.clear();
        for pool in &mut ledger.pools {
            pool.peak_points = 0;
        }
    }
}
