//! What an assistant may know of: public repositories, and all where the server was started so.
//!
//! A private repository that is not told is exactly as one that does not exist: the same words, the
//! same look-ups, the same nearest names, and nothing of it in any sum or range.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use gitratra_answer::About;
use gitratra_answer::fleet::{BookShelf, Roll};
use gitratra_core::{RepoId, RepoName, Rules, Timestamp};
use gitratra_store::{FleetRepo, KnownRepo, Store, StoreError};

use crate::asked::short;
use crate::fault::Fault;
use crate::quoted::clean;

/// Names that are told instead of one that is not there.
const NEAREST: usize = 5;

/// The store as far as an assistant may know of it.
#[derive(Clone)]
pub(crate) struct Seen {
    store: Store,
    shelf: BookShelf,
    has_private: bool,
}

impl Seen {
    /// All of a store, or what is public in it.
    pub(crate) fn new(store: Store, has_private: bool) -> Self {
        Self {
            shelf: BookShelf::new(store.clone()),
            store,
            has_private,
        }
    }

    /// The store. What is asked of it by number must have been found here before.
    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// The figures of all repositories.
    pub(crate) const fn shelf(&self) -> &BookShelf {
        &self.shelf
    }

    /// Whether a repository of the fleet is told.
    pub(crate) const fn sees(&self, repo: &FleetRepo) -> bool {
        self.has_private || !repo.is_private
    }

    /// Whether a repository is told, by what it is now.
    pub(crate) const fn tells(&self, about: &About) -> bool {
        self.has_private || !about.is_private
    }

    /// All repositories, told or not.
    pub(crate) async fn roll(&self) -> Result<Arc<Roll>, StoreError> {
        self.shelf.roll().await
    }

    /// How many private repositories are not told, whatever is asked: a number that depended on the
    /// question would tell of them.
    pub(crate) async fn withheld(&self) -> Result<u64, StoreError> {
        let roll = self.roll().await?;
        let hidden = roll.repos().iter().filter(|repo| !self.sees(repo));
        Ok(hidden.map(|_| 1).sum())
    }

    /// GitHub's time of the newest answer that is kept.
    pub(crate) async fn as_of(&self) -> Result<Option<Timestamp>, StoreError> {
        self.store.latest_time().await
    }

    /// A repository by any of its names.
    pub(crate) async fn repository(&self, text: &str) -> Result<About, Fault> {
        let text = short("repo", text.trim())?;
        let Ok(name) = text.parse::<RepoName>() else {
            return Err(self.not_found(text).await?);
        };
        let found = self.store.find(&name).await?;
        // Looked up in any case, so that time tells nothing.
        let id = found.as_ref().map_or(RepoId(0), |found| found.id);
        let known = self.store.repository(id).await?;
        if let (Some(_), Some(known)) = (found, known)
            && self.is_told(&known)
        {
            return Ok(About::of(&self.store, known).await?);
        }
        // A name that a private repository bears now may be a former one of a public repository,
        // which is what it means to whoever knows of no other.
        let all = self.store.repositories().await?.into_iter();
        let bearers = all.filter(|known| self.is_told(known) && known.former.contains(&name));
        match bearers.max_by_key(|known| known.named_at) {
            Some(known) => Ok(About::of(&self.store, known).await?),
            None => Err(self.not_found(text).await?),
        }
    }

    const fn is_told(&self, known: &KnownRepo) -> bool {
        self.has_private || !known.repository.is_private
    }

    async fn not_found(&self, text: &str) -> Result<Fault, StoreError> {
        let roll = self.roll().await?;
        let names = roll.repos().iter().filter(|repo| self.sees(repo));
        let names = names.map(|repo| repo.name.to_string());
        Ok(Fault::NotFound {
            nearest: nearest(text, names),
            name: clean(text),
        })
    }

    /// The repositories that the rules track.
    pub(crate) async fn tracked(&self) -> Result<HashSet<RepoId>, StoreError> {
        let rules = Rules::new(self.store.rules().await?);
        let mut names: HashMap<RepoId, Vec<RepoName>> = HashMap::new();
        for (name, id) in self.store.bindings().await? {
            names.entry(id).or_default().push(name);
        }
        let known = self.store.repositories().await?.into_iter();
        let tracked = known.filter(|known| {
            let names = names.get(&known.repository.id);
            let names = names.map_or(&[][..], Vec::as_slice);
            rules.verdict(&known.repository, names).is_tracked()
        });
        Ok(tracked.map(|known| known.repository.id).collect())
    }
}

/// The names most like a text, the most alike first: those that share the most pairs of letters.
fn nearest(text: &str, names: impl Iterator<Item = String>) -> Vec<String> {
    let wanted_alone = text.rsplit('/').next().unwrap_or("");
    let mut alike: Vec<(usize, String)> = names
        .filter_map(|name| {
            // Many share an owner, and whoever forgot it means the name.
            let alone = likeness(wanted_alone, name.rsplit('/').next().unwrap_or(""));
            let likeness = match text.contains('/') {
                true => (likeness(text, &name) + 2 * alone) / 3,
                false => alone.max(likeness(text, &name)),
            };
            (likeness >= 40).then_some((likeness, name))
        })
        .collect();
    alike.sort_by(|(one, a), (other, b)| other.cmp(one).then_with(|| a.cmp(b)));
    alike.truncate(NEAREST);
    alike.into_iter().map(|(_, name)| name).collect()
}

/// Pairs of letters that follow each other.
fn pairs(text: &str) -> BTreeSet<[u8; 2]> {
    let text = text.to_ascii_lowercase();
    let pairs = text.as_bytes().windows(2);
    pairs.map(|pair| [pair[0], pair[1]]).collect()
}

/// How much two have in common, in percent of both together (Dice's coefficient).
fn likeness(one: &str, other: &str) -> usize {
    let (one, other) = (pairs(one), pairs(other));
    let shared = one.intersection(&other).count();
    (200 * shared)
        .checked_div(one.len() + other.len())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let names = [
            "octo/hello",
            "octo/hello-world",
            "acme/rocket",
            "octo/zebra",
        ];
        let names = names.into_iter().map(str::to_owned);
        assert_eq!(nearest(text, names), expected, "{text}");
    }

    #[test]
    fn a_name_that_is_not_there_is_told_its_likes() {
        check("octo/helo", &["octo/hello", "octo/hello-world"]);
        check("hello", &["octo/hello", "octo/hello-world"]);
        check("acme/rockets", &["acme/rocket"]);
        check("quite/different", &[]);
        check("", &[]);
    }
}
