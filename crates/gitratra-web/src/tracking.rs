//! What is tracked of what is known: the rules, the repositories, and the names by which they are
//! meant.

use std::collections::HashMap;

use gitratra_core::{Pattern, RepoId, RepoName, Repository, Rules, Verdict};
use gitratra_store::{KnownRepo, Store, StoreError};

/// Rules and what they speak of.
pub(crate) struct Tracking {
    pub(crate) rules: Vec<Pattern>,
    pub(crate) known: Vec<KnownRepo>,
    /// Exact names that have come to mean a repository, whatever it is called now.
    names: HashMap<RepoId, Vec<RepoName>>,
}

impl Tracking {
    pub(crate) async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut names: HashMap<RepoId, Vec<RepoName>> = HashMap::new();
        for (name, id) in store.bindings().await? {
            names.entry(id).or_default().push(name);
        }
        Ok(Self {
            rules: store.rules().await?,
            known: store.repositories().await?,
            names,
        })
    }

    pub(crate) fn repos(&self) -> impl Iterator<Item = &Repository> {
        self.known.iter().map(|known| &known.repository)
    }

    /// What rules decide about a repository.
    pub(crate) fn verdict(&self, rules: &Rules, repo: &Repository) -> Verdict {
        let names = self.names.get(&repo.id).map_or(&[][..], Vec::as_slice);
        rules.verdict(repo, names)
    }
}
