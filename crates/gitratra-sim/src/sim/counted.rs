//! What a test asks and changes of the things that GitHub counts besides traffic.

use crate::clock::{Day, Time};
use crate::numbers::{About, Number, Numbers};
use crate::release::{AssetRecord, ReleaseSpec};
use crate::repo::RepoRef;
use crate::sim::{Sim, found};
use crate::truth::Metric;

impl Sim {
    /// Stars, forks, watchers, open issues and pull requests now.
    #[track_caller]
    pub fn numbers(&self, repo: impl Into<RepoRef>) -> Numbers {
        self.numbers_at(repo, self.now())
    }

    /// The same at another moment, past or to come. Stars change at their moments, the others
    /// with the day.
    #[track_caller]
    pub fn numbers_at(&self, repo: impl Into<RepoRef>, at: impl Into<Time>) -> Numbers {
        found(self.shared.numbers(&repo.into(), at.into()))
    }

    /// How many workflow runs began on a day, and how many clones of that day they made (runs,
    /// clones).
    #[track_caller]
    pub fn runs(&self, repo: impl Into<RepoRef>, day: impl Into<Day>) -> (u64, u64) {
        found(self.shared.runs(&repo.into(), day.into()))
    }

    /// How many different people viewed or cloned it on any day from `first` to `last`.
    #[track_caller]
    pub fn distinct(
        &self,
        repo: impl Into<RepoRef>,
        metric: Metric,
        first: impl Into<Day>,
        last: impl Into<Day>,
    ) -> u64 {
        let days = (first.into(), last.into());
        found(self.shared.distinct(&repo.into(), metric, days))
    }

    /// How many stars were given and how many taken away on a day (given, lost).
    #[track_caller]
    pub fn stars_moved(&self, repo: impl Into<RepoRef>, day: impl Into<Day>) -> (u64, u64) {
        found(self.shared.stars_moved(&repo.into(), day.into()))
    }

    /// Sets the number of stars: more are given now, or the newest taken away.
    #[track_caller]
    pub fn set_stars(&self, repo: impl Into<RepoRef>, stars: u64) {
        found(self.shared.set_stars(&repo.into(), stars));
    }

    /// So many stars are given now.
    #[track_caller]
    pub fn give_stars(&self, repo: impl Into<RepoRef>, stars: u64) {
        found(self.shared.give_stars(&repo.into(), stars));
    }

    /// So many of the stars given on a day are taken away now, or all there are of it.
    #[track_caller]
    pub fn take_stars(&self, repo: impl Into<RepoRef>, given_on: impl Into<Day>, stars: u64) {
        found(self.shared.take_stars(&repo.into(), given_on.into(), stars));
    }

    /// From today on a number is this.
    #[track_caller]
    pub fn set_number(&self, repo: impl Into<RepoRef>, number: Number, value: u64) {
        found(self.shared.set_number(&repo.into(), number, value));
    }

    /// Publishes a release and gives its number.
    #[track_caller]
    pub fn publish_release(
        &self,
        repo: impl Into<RepoRef>,
        release: impl Into<ReleaseSpec>,
    ) -> u64 {
        found(self.shared.publish_release(&repo.into(), &release.into()))
    }

    /// Deletes a release with its files; its tag stays.
    #[track_caller]
    pub fn delete_release(&self, repo: impl Into<RepoRef>, tag: &str) {
        found(self.shared.delete_release(&repo.into(), tag));
    }

    /// Uploads a file of a release anew and gives its new number; its total begins at 0.
    #[track_caller]
    pub fn replace_asset(&self, repo: impl Into<RepoRef>, tag: &str, name: &str) -> u64 {
        found(self.shared.replace_asset(&repo.into(), tag, name))
    }

    /// Deletes one file of a release.
    #[track_caller]
    pub fn remove_asset(&self, repo: impl Into<RepoRef>, tag: &str, name: &str) {
        found(self.shared.remove_asset(&repo.into(), tag, name));
    }

    /// Sets the total of a file back to 0 under its number.
    #[track_caller]
    pub fn reset_asset(&self, repo: impl Into<RepoRef>, tag: &str, name: &str) {
        found(self.shared.reset_asset(&repo.into(), tag, name));
    }

    /// Every file that a release has or had, in the order in which they came.
    #[track_caller]
    pub fn assets(&self, repo: impl Into<RepoRef>) -> Vec<AssetRecord> {
        found(self.shared.assets(&repo.into()))
    }

    /// How often a file was downloaded on a day.
    #[track_caller]
    pub fn downloads(&self, repo: impl Into<RepoRef>, asset: u64, day: impl Into<Day>) -> u64 {
        found(self.shared.downloads(&repo.into(), asset, day.into()))
    }

    /// What a repository says of itself.
    #[track_caller]
    pub fn about(&self, repo: impl Into<RepoRef>) -> About {
        found(self.shared.about(&repo.into()))
    }

    /// Changes what a repository says of itself.
    #[track_caller]
    pub fn set_about(&self, repo: impl Into<RepoRef>, about: About) {
        found(self.shared.set_about(&repo.into(), about));
    }
}
