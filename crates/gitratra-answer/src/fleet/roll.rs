//! Who is in the fleet: names, numbers and how far each repository is known, without any day.

use gitratra_core::{Day, DayRange, RepoId, Timestamp, plan};
use gitratra_store::{FleetRepo, Store, StoreError};

use super::question::Sees;

/// Every repository of the fleet. *Shape*: by name.
#[derive(Debug, Default)]
pub struct Roll {
    repos: Vec<FleetRepo>,
    /// For each repository its name in lower case, by which it is found.
    keys: Vec<Box<str>>,
    /// Places in `repos`, by number as the store orders them.
    by_id: Vec<u32>,
}

impl Roll {
    /// Reads the fleet.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn read(store: &Store) -> Result<Self, StoreError> {
        Ok(Self::new(store.fleet_repos().await?))
    }

    pub(super) fn new(repos: Vec<FleetRepo>) -> Self {
        let mut keyed: Vec<(Box<str>, FleetRepo)> = repos
            .into_iter()
            .map(|repo| (repo.name.key().into_boxed_str(), repo))
            .collect();
        keyed.sort_unstable_by(|(key, repo), (other_key, other)| {
            (key, repo.id).cmp(&(other_key, other.id))
        });
        let (keys, repos): (Vec<_>, Vec<_>) = keyed.into_iter().unzip();
        let mut by_id: Vec<u32> = (0..).take(repos.len()).collect();
        by_id.sort_unstable_by_key(|at| signed(repos[*at as usize].id));
        Self { repos, keys, by_id }
    }

    /// The repositories, by name.
    #[must_use]
    pub fn repos(&self) -> &[FleetRepo] {
        &self.repos
    }

    /// From the first day that anything is known of what is seen to the newest published one.
    #[must_use]
    pub fn known(&self, sees: Sees<'_>) -> Option<DayRange> {
        let seen = self.repos.iter().filter(|repo| sees(repo));
        let mut first: Option<Day> = None;
        let mut last: Option<Day> = None;
        for repo in seen {
            first = first
                .into_iter()
                .chain(repo.days.map(DayRange::first))
                .min();
            last = last.max(newest(repo));
        }
        DayRange::new(first?, last?)
    }

    /// The names in lower case, in the order of [`Roll::repos`].
    pub(super) fn keys(&self) -> &[Box<str>] {
        &self.keys
    }

    /// Places in [`Roll::repos`], in the order of the store.
    pub(super) fn by_id(&self) -> &[u32] {
        &self.by_id
    }

    /// The number at a place in the order of the store.
    pub(super) fn id_at(&self, place: usize) -> RepoId {
        self.repos[self.by_id[place] as usize].id
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let names = self.keys.iter().map(|key| 2 * key.len());
        let fixed = size_of::<FleetRepo>() + size_of::<Box<str>>() + size_of::<u32>();
        self.repos.len() * fixed + names.sum::<usize>()
    }
}

/// Numbers as the store orders them.
pub(super) const fn signed(id: RepoId) -> i64 {
    id.0.cast_signed()
}

/// The newest day of a repository: published ones go first, and what came from elsewhere has none.
pub(super) fn newest(repo: &FleetRepo) -> Option<Day> {
    let [views, clones] = repo.newest;
    views.max(clones).or(repo.days.map(DayRange::last))
}

/// How many days are left, today included, before a day of a repository is lost; nothing where
/// nothing was read, or where nothing can be saved any more.
pub(super) fn days_safe(repo: &FleetRepo, now: Timestamp) -> Option<u32> {
    let [views, clones] = repo.newest;
    let newest = views.zip(clones).map(|(views, clones)| views.min(clones));
    let is_given_up = |status| plan::is_given_up(status, newest, now);
    if repo.gone.is_some_and(is_given_up) {
        return None;
    }
    newest.map(|newest| plan::days_safe(newest, now))
}
