//! Everything the simulated GitHub holds: repositories under present and former names, owners,
//! tokens, and what it publishes of the truth.
//!
//! Does no I/O and reads no clock: the moment is an argument. A change that cannot be made is
//! an error which names the repository.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::app::{App, Installation};
use crate::clock::{Day, Time};
use crate::device::DeviceFlow;
use crate::identity::Token;
use crate::noise::Noise;
use crate::numbers::Numbers;
use crate::popular::{self, Popular};
use crate::publication::{Horizon, Publication, Scope};
use crate::repo::{Repo, RepoRef, RepoSpec};
use crate::truth::{self, DayCounts, Metric};
use crate::window::{Per, Regime, Window, add_up, sliding_days, whole_days};

const FIRST_ID: u64 = 700_000_001;

/// A settled value that changes from answer to answer, as in 2021 and 2022.
#[derive(Debug)]
pub(crate) struct Flap {
    pub(crate) repo_id: u64,
    pub(crate) metric: Metric,
    pub(crate) day: Day,
    pub(crate) values: Vec<(u64, u64)>,
}

/// An account that owns repositories.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub(crate) id: u64,
    pub(crate) login: String,
    pub(crate) is_organization: bool,
    /// Demands single sign-on of classic tokens.
    pub(crate) demands_sso: bool,
}

/// What a name leads to.
pub(crate) enum Located<'a> {
    Here(&'a Repo),
    /// The name is a former one.
    Moved(&'a Repo),
    Nowhere,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) noise: Noise,
    pub(crate) regime: Regime,
    pub(crate) publication: Publication,
    /// Tokens by their secrets.
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) apps: Vec<App>,
    pub(crate) installations: Vec<Installation>,
    pub(crate) device: Mutex<DeviceFlow>,
    /// How many tokens Apps were given, to tell one from the next.
    pub(crate) issued: AtomicU64,
    pub(crate) flaps: Vec<Flap>,
    /// Whether `/graphql` is answered at all.
    pub(crate) has_graphql: bool,
    /// Whether the number and the history of stars are told.
    pub(crate) has_star_history: bool,
    repos: Vec<Repo>,
    by_id: HashMap<u64, usize>,
    by_name: HashMap<String, u64>,
    /// Present names in order, in lower case.
    listed: BTreeMap<String, usize>,
    owners: HashMap<String, Owner>,
    /// Whether any owner does, so that most worlds need not look.
    demands_sso: bool,
    pins: HashMap<(u64, Metric, Day), (u64, u64)>,
    next_id: u64,
}

impl World {
    pub(crate) fn new(noise: Noise, regime: Regime) -> Self {
        Self {
            noise,
            regime,
            publication: Publication::new(noise),
            tokens: HashMap::new(),
            apps: Vec::new(),
            installations: Vec::new(),
            device: Mutex::default(),
            issued: AtomicU64::new(0),
            flaps: Vec::new(),
            has_graphql: true,
            has_star_history: true,
            repos: Vec::new(),
            by_id: HashMap::new(),
            by_name: HashMap::new(),
            listed: BTreeMap::new(),
            owners: HashMap::new(),
            demands_sso: false,
            pins: HashMap::new(),
            next_id: FIRST_ID,
        }
    }

    /// Adds a repository; a former name that it takes stops redirecting.
    pub(crate) fn create(&mut self, spec: &RepoSpec, now: Time) -> Result<u64, String> {
        let name = spec.full_name.to_lowercase();
        if name.split('/').filter(|part| !part.is_empty()).count() != 2 {
            return Err(format!("\"{}\" is not owner/name", spec.full_name));
        }
        if self.listed.contains_key(&name) {
            return Err(format!("\"{}\" exists already", spec.full_name));
        }
        let id = spec.id.unwrap_or(self.next_id);
        if self.by_id.contains_key(&id) {
            return Err(format!("the id {id} of \"{}\" is taken", spec.full_name));
        }
        self.next_id = self.next_id.max(id) + 1;
        let repo = Repo::build(spec, self.noise, id, now)?;
        self.add_owner(repo.owner().to_string(), false);
        let index = self.repos.len();
        self.repos.push(repo);
        self.by_id.insert(id, index);
        self.by_name.insert(name.clone(), id);
        self.listed.insert(name, index);
        Ok(id)
    }

    /// Gives a repository another name, or another owner and name; the old one redirects.
    pub(crate) fn rename(&mut self, id: u64, to: &str, now: Time) -> Result<(), String> {
        let index = self.index(&RepoRef::Id(id))?;
        let repo = &self.repos[index];
        let full_name = match to.contains('/') {
            true => to.to_string(),
            false => format!("{}/{to}", repo.owner()),
        };
        let lower = full_name.to_lowercase();
        let old_lower = repo.lower_name.clone();
        if lower != old_lower && self.listed.contains_key(&lower) {
            return Err(format!("\"{full_name}\" exists already"));
        }
        self.listed.remove(&old_lower);
        self.listed.insert(lower.clone(), index);
        self.by_name.insert(lower.clone(), id);
        let repo = &mut self.repos[index];
        let old = std::mem::replace(&mut repo.full_name, full_name);
        repo.lower_name = lower;
        repo.former.push((now, old));
        let owner = repo.owner().to_string();
        self.add_owner(owner, false);
        Ok(())
    }

    /// Deletes a repository; all its names lead nowhere.
    pub(crate) fn delete(&mut self, id: u64) -> Result<(), String> {
        let index = self.index(&RepoRef::Id(id))?;
        let repo = &mut self.repos[index];
        repo.deleted = true;
        self.listed.remove(&repo.lower_name);
        Ok(())
    }

    pub(crate) fn add_owner(&mut self, login: String, is_organization: bool) {
        let key = login.to_lowercase();
        let id = 1_000_000
            + u64::from(key.bytes().fold(2_166_136_261_u32, |hash, byte| {
                (hash ^ u32::from(byte)).wrapping_mul(16_777_619)
            }));
        let owner = self.owners.entry(key).or_insert(Owner {
            id,
            login,
            is_organization: false,
            demands_sso: false,
        });
        owner.is_organization |= is_organization;
    }

    pub(crate) fn owner(&self, login: &str) -> Option<&Owner> {
        match self.owners.get(login) {
            Some(owner) => Some(owner),
            None => self.owners.get(&login.to_lowercase()),
        }
    }

    /// From now on an owner demands single sign-on.
    pub(crate) fn demand_sso(&mut self, login: &str) {
        if let Some(owner) = self.owners.get_mut(&login.to_lowercase()) {
            owner.demands_sso = true;
            self.demands_sso = true;
        }
    }

    /// The owner with this login, if it demands single sign-on.
    pub(crate) fn sso_owner(&self, login: &str) -> Option<&Owner> {
        if !self.demands_sso {
            return None;
        }
        self.owner(login).filter(|owner| owner.demands_sso)
    }

    pub(crate) fn owner_by_id(&self, id: u64) -> Option<&Owner> {
        self.owners.values().find(|owner| owner.id == id)
    }

    pub(crate) fn installation(&self, id: u64) -> Option<&Installation> {
        self.installations.iter().find(|found| found.id == id)
    }

    fn index(&self, repo: &RepoRef) -> Result<usize, String> {
        let id = match repo {
            RepoRef::Id(id) => Some(id),
            RepoRef::Name(name) => self.by_name.get(&name.to_lowercase()),
        };
        id.and_then(|id| self.by_id.get(id))
            .copied()
            .ok_or_else(|| format!("no repository \"{repo}\""))
    }

    /// The repository meant, deleted ones included.
    pub(crate) fn repo(&self, repo: &RepoRef) -> Result<&Repo, String> {
        self.index(repo).map(|index| &self.repos[index])
    }

    pub(crate) fn repo_mut(&mut self, repo: &RepoRef) -> Result<&mut Repo, String> {
        let index = self.index(repo)?;
        Ok(&mut self.repos[index])
    }

    /// What `owner/name`, in any spelling of case, leads to.
    pub(crate) fn locate(&self, full_name: &str) -> Located<'_> {
        let lower = full_name.to_ascii_lowercase();
        let index = self.by_name.get(&lower).and_then(|id| self.by_id.get(id));
        match index.map(|index| &self.repos[*index]) {
            Some(repo) if repo.deleted => Located::Nowhere,
            Some(repo) if repo.lower_name == lower => Located::Here(repo),
            Some(repo) => Located::Moved(repo),
            None => Located::Nowhere,
        }
    }

    /// The repository that bears a name, or bore it last, deleted ones included.
    pub(crate) fn bearer(&self, full_name: &str) -> Option<&Repo> {
        let id = self.by_name.get(&full_name.to_ascii_lowercase())?;
        self.by_id.get(id).map(|index| &self.repos[*index])
    }

    /// Every repository there ever was.
    pub(crate) fn repos(&self) -> &[Repo] {
        &self.repos
    }

    /// The owner of the repository that was added first.
    pub(crate) fn first_owner(&self) -> Option<&str> {
        self.repos.first().map(Repo::owner)
    }

    /// Existing repositories ordered by name.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &Repo> {
        self.listed.values().map(|index| &self.repos[*index])
    }

    /// The names of a scope replaced by ids, so that it follows renames.
    pub(crate) fn fix_scope(&self, scope: &mut Scope) -> Result<(), String> {
        if let Scope::Repo(repo) = scope {
            *repo = RepoRef::Id(self.repo(repo)?.id);
        }
        Ok(())
    }

    pub(crate) fn pin(&mut self, id: u64, metric: Metric, day: Day, value: (u64, u64)) {
        self.pins.insert((id, metric, day), value);
    }

    /// What really happened.
    pub(crate) fn truth(&self, repo: &Repo, metric: Metric, day: Day) -> DayCounts {
        let character = repo.character(metric);
        if !self.pins.is_empty()
            && let Some((count, uniques)) = self.pins.get(&(repo.id, metric, day))
        {
            return character.pinned(*count, *uniques);
        }
        let people = character.on(self.noise, repo.id, repo.created.day(), day);
        match metric {
            Metric::Views => people,
            Metric::Clones => people.plus(repo.clones_by_runs(self.noise, day)),
        }
    }

    /// How many different people there were on any of these days.
    pub(crate) fn distinct(
        &self,
        repo: &Repo,
        metric: Metric,
        days: impl Iterator<Item = Day>,
    ) -> u64 {
        truth::distinct(days.map(|day| self.truth(repo, metric, day)))
    }

    /// What is counted of a repository besides its traffic.
    pub(crate) fn numbers(&self, repo: &Repo, at: Time) -> Numbers {
        repo.counted.at(self.noise, at)
    }

    /// The newest day of which something is known at `at`, stale answers apart. In the old
    /// regime it is the running day, which has no row before its first event.
    pub(crate) fn newest(&self, repo: &Repo, metric: Metric, at: Time) -> Day {
        let horizon = self.publication.horizon(repo, metric, at);
        if self.regime.is_old(at) {
            horizon.known_until.day()
        } else {
            horizon.newest
        }
    }

    /// Whether the last word on a day had been said by `at`.
    pub(crate) fn is_settled(&self, repo: &Repo, metric: Metric, day: Day, at: Time) -> bool {
        let horizon = self.publication.horizon(repo, metric, at);
        if self.regime.is_old(at) {
            // The last events of a day arrive during the day after it.
            day.plus(2).start() <= horizon.known_until
        } else {
            day <= horizon.newest
        }
    }

    /// What GitHub says at `at` in the answer with this number.
    pub(crate) fn window(
        &self,
        repo: &Repo,
        metric: Metric,
        at: Time,
        per: Per,
        number: u64,
    ) -> Window {
        let said = |day| self.said(repo, metric, day, at, number);
        let horizon = self.horizon(repo, metric, at, number);
        let days = if self.regime.is_old(at) {
            sliding_days(at, horizon.known_until, said)
        } else {
            whole_days(horizon, said)
        };
        add_up(&days, per)
    }

    fn horizon(&self, repo: &Repo, metric: Metric, at: Time, number: u64) -> Horizon {
        let mut horizon = self.publication.horizon(repo, metric, at);
        let stale = self.publication.stale_days(repo, metric, number);
        if stale > 0 {
            horizon.anchor = horizon.anchor.plus(-stale);
            horizon.newest = horizon.newest.min(horizon.anchor);
            horizon.known_until = horizon.known_until.plus_secs(-i64::from(stale) * 86_400);
        }
        horizon
    }

    /// What GitHub takes for the truth about a day: the truth, a zero or a flapping value.
    fn said(&self, repo: &Repo, metric: Metric, day: Day, at: Time, number: u64) -> DayCounts {
        if self.publication.is_zeroed(repo, metric, day, at) {
            return DayCounts::default();
        }
        let flap = self
            .flaps
            .iter()
            .find(|flap| flap.repo_id == repo.id && flap.metric == metric && flap.day == day);
        if let Some(values) = flap.map(|flap| &flap.values) {
            let (count, uniques) = values[number as usize % values.len()];
            return repo.character(metric).pinned(count, uniques);
        }
        self.truth(repo, metric, day)
    }

    pub(crate) fn referrers(&self, repo: &Repo, at: Time) -> Vec<Popular> {
        let last = self.publication.horizon(repo, Metric::Views, at).newest;
        popular::referrers(self.noise, repo, last, |day| {
            self.said(repo, Metric::Views, day, at, 0)
        })
    }

    pub(crate) fn paths(&self, repo: &Repo, at: Time) -> Vec<Popular> {
        let last = self.publication.horizon(repo, Metric::Views, at).newest;
        let long_titles = self.regime.is_old(at);
        popular::paths(self.noise, repo, last, long_titles, |day| {
            self.said(repo, Metric::Views, day, at, 0)
        })
    }
}

/// Counts one more answer about a metric and gives the number of those before.
pub(crate) fn next_number(repo: &Repo, metric: Metric) -> u64 {
    let asked: &AtomicU64 = &repo.asked[usize::from(metric == Metric::Clones)];
    asked.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> World {
        let mut world = World::new(Noise::new(1), Regime::New);
        world
            .create(&"octo/alpha".into(), "2026-03-10".into())
            .unwrap();
        world
    }

    fn check(world: &World, name: &str, expected: Option<(bool, u64)>) {
        let found = match world.locate(name) {
            Located::Here(repo) => Some((true, repo.id)),
            Located::Moved(repo) => Some((false, repo.id)),
            Located::Nowhere => None,
        };
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn an_old_name_redirects_until_somebody_takes_it() {
        let mut world = world();
        let now = Time::from("2026-03-10");
        world.rename(FIRST_ID, "beta", now).unwrap();
        check(&world, "Octo/Alpha", Some((false, FIRST_ID)));
        check(&world, "octo/beta", Some((true, FIRST_ID)));
        let other = world.create(&"octo/alpha".into(), now).unwrap();
        check(&world, "octo/alpha", Some((true, other)));
        check(&world, "octo/beta", Some((true, FIRST_ID)));
    }

    #[test]
    fn a_repository_can_take_its_old_name_back() {
        let mut world = world();
        let now = Time::from("2026-03-10");
        world.rename(FIRST_ID, "acme/beta", now).unwrap();
        world.rename(FIRST_ID, "octo/alpha", now).unwrap();
        check(&world, "octo/alpha", Some((true, FIRST_ID)));
        check(&world, "acme/beta", Some((false, FIRST_ID)));
    }

    #[test]
    fn a_deleted_repository_leads_nowhere_under_any_name() {
        let mut world = world();
        world.rename(FIRST_ID, "beta", "2026-03-10".into()).unwrap();
        world.delete(FIRST_ID).unwrap();
        check(&world, "octo/alpha", None);
        check(&world, "octo/beta", None);
        assert_eq!(world.listed().count(), 0);
    }

    #[test]
    fn a_taken_name_is_refused() {
        let mut world = world();
        let now = Time::from("2026-03-10");
        assert!(world.create(&"Octo/ALPHA".into(), now).is_err());
        assert!(world.create(&"octo".into(), now).is_err());
        world.create(&"octo/beta".into(), now).unwrap();
        assert!(world.rename(FIRST_ID, "beta", now).is_err());
    }
}
