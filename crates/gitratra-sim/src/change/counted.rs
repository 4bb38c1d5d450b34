//! Changes of and questions about what GitHub counts besides traffic.

use crate::answer::Shared;
use crate::change::Outcome;
use crate::clock::{Day, Time};
use crate::numbers::{About, Number, Numbers};
use crate::release::{AssetRecord, ReleaseSpec, Releases};
use crate::repo::RepoRef;
use crate::truth::Metric;

impl Shared {
    pub(crate) fn numbers(&self, repo: &RepoRef, at: Time) -> Outcome<Numbers> {
        self.ask(repo, |world, repo| world.numbers(repo, at))
    }

    /// How many workflow runs began on a day, and how many clones they made.
    pub(crate) fn runs(&self, repo: &RepoRef, day: Day) -> Outcome<(u64, u64)> {
        self.ask(repo, |world, repo| {
            let clones = repo.clones_by_runs(world.noise, day).count;
            (repo.runs_on(world.noise, day), clones)
        })
    }

    /// How many different people there were on any day from `first` to `last`.
    pub(crate) fn distinct(
        &self,
        repo: &RepoRef,
        metric: Metric,
        (first, last): (Day, Day),
    ) -> Outcome<u64> {
        self.ask(repo, |world, repo| {
            let days = (first.number()..=last.number()).map(Day::from_number);
            world.distinct(repo, metric, days)
        })
    }

    /// How many stars were given and how many taken away on a day.
    pub(crate) fn stars_moved(&self, repo: &RepoRef, day: Day) -> Outcome<(u64, u64)> {
        self.ask(repo, |world, repo| {
            repo.counted.stars.moved(world.noise, day)
        })
    }

    pub(crate) fn set_stars(&self, repo: &RepoRef, stars: u64) -> Outcome<()> {
        let (now, noise) = (self.clock.now(), self.world().noise);
        self.edit(repo, |repo| repo.counted.stars.set(noise, now, stars))
    }

    pub(crate) fn give_stars(&self, repo: &RepoRef, stars: u64) -> Outcome<()> {
        let now = self.clock.now();
        self.edit(repo, |repo| repo.counted.stars.give(now, stars))
    }

    pub(crate) fn take_stars(&self, repo: &RepoRef, given_on: Day, stars: u64) -> Outcome<()> {
        let (now, noise) = (self.clock.now(), self.world().noise);
        self.edit(repo, |repo| {
            repo.counted.stars.take(noise, now, given_on, stars);
        })
    }

    pub(crate) fn set_number(&self, repo: &RepoRef, number: Number, value: u64) -> Outcome<()> {
        let today = self.clock.now().day();
        self.edit(repo, |repo| repo.counted.choose(number, today, value))
    }

    /// Changes the releases of a repository now.
    fn edit_releases<T>(
        &self,
        repo: &RepoRef,
        change: impl FnOnce(&mut Releases, Time) -> Outcome<T>,
    ) -> Outcome<T> {
        let now = self.clock.now();
        let mut world = self.world_mut();
        change(&mut world.repo_mut(repo)?.releases, now)
    }

    pub(crate) fn publish_release(&self, repo: &RepoRef, spec: &ReleaseSpec) -> Outcome<u64> {
        self.edit_releases(repo, |releases, now| releases.publish(spec, now))
    }

    pub(crate) fn delete_release(&self, repo: &RepoRef, tag: &str) -> Outcome<()> {
        self.edit_releases(repo, |releases, now| releases.delete(tag, now))
    }

    pub(crate) fn replace_asset(&self, repo: &RepoRef, tag: &str, name: &str) -> Outcome<u64> {
        self.edit_releases(repo, |releases, now| releases.replace(tag, name, now))
    }

    pub(crate) fn remove_asset(&self, repo: &RepoRef, tag: &str, name: &str) -> Outcome<()> {
        self.edit_releases(repo, |releases, now| releases.remove(tag, name, now))
    }

    pub(crate) fn reset_asset(&self, repo: &RepoRef, tag: &str, name: &str) -> Outcome<()> {
        self.edit_releases(repo, |releases, now| releases.reset(tag, name, now))
    }

    pub(crate) fn assets(&self, repo: &RepoRef) -> Outcome<Vec<AssetRecord>> {
        let now = self.clock.now();
        self.ask(repo, |world, repo| repo.releases.records(world.noise, now))
    }

    pub(crate) fn downloads(&self, repo: &RepoRef, asset_id: u64, day: Day) -> Outcome<u64> {
        self.ask(repo, |world, repo| {
            repo.releases.downloads(world.noise, asset_id, day)
        })?
    }

    pub(crate) fn about(&self, repo: &RepoRef) -> Outcome<About> {
        self.ask(repo, |_, repo| repo.about.clone())
    }

    pub(crate) fn set_about(&self, repo: &RepoRef, about: About) -> Outcome<()> {
        self.edit(repo, |repo| repo.about = about)
    }
}
