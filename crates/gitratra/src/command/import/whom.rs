//! Which repositories files mean: what they say themselves, what was said about them, and what the
//! store knows. Everything is settled before anything is written.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Result, bail};
use gitratra_core::import::Subject;
use gitratra_core::{RepoId, RepoName};
use gitratra_store::Store;

use crate::args::Import;

/// How many names an error repeats.
const NAMED: usize = 5;

/// What is known of names.
pub(super) struct Whom<'a> {
    repo: Option<RepoName>,
    owner: Option<&'a str>,
    /// Whether anything was what it is because of `--repo` or `--owner`, or agrees with it.
    is_said: bool,
    /// The repositories of the store, and of the files before, by the part of their name after the
    /// owner.
    bare: HashMap<String, Vec<(RepoId, RepoName)>>,
    /// What files said themselves.
    themselves: Vec<String>,
}

impl<'a> Whom<'a> {
    pub(super) async fn new(store: &Store, args: &'a Import) -> Result<Self> {
        let mut whom = Self {
            repo: args.repo.as_deref().map(str::parse).transpose()?,
            owner: args.owner.as_deref(),
            is_said: false,
            bare: HashMap::new(),
            themselves: Vec::new(),
        };
        for known in store.repositories().await? {
            whom.know(known.repository.id, &known.repository.name);
        }
        Ok(whom)
    }

    /// The repositories that the subjects of one file are. *Shape*: in their order.
    pub(super) async fn are(
        &mut self,
        store: &Store,
        path: &Path,
        subjects: &[&Subject],
    ) -> Result<Vec<(RepoId, RepoName)>> {
        // A file of one repository alone is of the one that was named.
        let is_alone = subjects.len() == 1;
        let mut repos = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let (id, name) = self.is(store, path, subject, is_alone).await?;
            self.know(id, &name);
            repos.push((id, name));
        }
        Ok(repos)
    }

    /// Sees that what was said was of use to somebody.
    ///
    /// # Errors
    /// Where every file says itself whose it is, and says something else.
    pub(super) fn check_used(&self) -> Result<()> {
        let said = match (&self.repo, self.owner) {
            _ if self.is_said => return Ok(()),
            (Some(repo), _) => format!("--repo {repo}"),
            (None, Some(owner)) => format!("--owner {owner}"),
            (None, None) => return Ok(()),
        };
        let shown = self.themselves.iter().take(NAMED).cloned();
        let shown = shown.collect::<Vec<_>>().join(", ");
        let more = match self.themselves.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        bail!(
            "{said} says nothing about what was read, which names its repositories itself: \
             {shown}{more}; leave it away"
        )
    }

    fn know(&mut self, id: RepoId, name: &RepoName) {
        let key = name.name().to_ascii_lowercase();
        let known = self.bare.entry(key).or_default();
        if !known.iter().any(|(known, _)| *known == id) {
            known.push((id, name.clone()));
        }
    }

    async fn is(
        &mut self,
        store: &Store,
        path: &Path,
        subject: &Subject,
        is_alone: bool,
    ) -> Result<(RepoId, RepoName)> {
        match subject {
            Subject::Named { name, id } => {
                let is_owner = |owner: &str| owner.eq_ignore_ascii_case(name.owner());
                self.is_said |=
                    self.repo.as_ref() == Some(name) || self.owner.is_some_and(is_owner);
                self.themselves.push(name.to_string());
                match id {
                    Some(id) if !id.is_unconfirmed() => Ok((*id, name.clone())),
                    _ => named(store, name).await,
                }
            }
            Subject::Guessed(name) => {
                let said = self.said(name.name(), is_alone)?;
                if said.is_none() {
                    self.themselves.push(name.to_string());
                }
                named(store, said.as_ref().unwrap_or(name)).await
            }
            Subject::Bare(bare) => match self.said(bare, is_alone)? {
                Some(name) => named(store, &name).await,
                None => self.known(path, bare),
            },
            Subject::Unnamed => match &self.repo {
                Some(name) => {
                    self.is_said = true;
                    named(store, name).await
                }
                None => bail!(
                    "\"{}\" does not say which repository it is about: add --repo OWNER/NAME",
                    path.display()
                ),
            },
        }
    }

    /// What was said about a repository of which the owner is not sure.
    fn said(&mut self, bare: &str, is_alone: bool) -> Result<Option<RepoName>> {
        let said = match (self.owner, &self.repo) {
            (Some(owner), _) => Some(RepoName::new(owner, bare)?),
            (None, Some(name)) if is_alone || name.name().eq_ignore_ascii_case(bare) => {
                Some(name.clone())
            }
            _ => None,
        };
        self.is_said |= said.is_some();
        Ok(said)
    }

    /// The one repository that is known by a bare name.
    fn known(&mut self, path: &Path, bare: &str) -> Result<(RepoId, RepoName)> {
        let known = self.bare.get(&bare.to_ascii_lowercase());
        match known.map_or(&[][..], Vec::as_slice) {
            [(id, name)] => {
                self.themselves.push(name.to_string());
                Ok((*id, name.clone()))
            }
            [] => bail!(
                "\"{}\" calls a repository \"{bare}\" and does not say whose: add --owner OWNER",
                path.display()
            ),
            several => bail!(
                "\"{}\" calls a repository \"{bare}\", which may be {}: add --owner OWNER",
                path.display(),
                several
                    .iter()
                    .map(|(_, name)| name.to_string())
                    .collect::<Vec<_>>()
                    .join(" or ")
            ),
        }
    }
}

/// The repository that bears a name or bore it; one of its own where the store knows none.
async fn named(store: &Store, name: &RepoName) -> Result<(RepoId, RepoName)> {
    Ok(match store.find(name).await? {
        Some(found) => (found.id, found.name),
        None => (RepoId::unconfirmed(name), name.clone()),
    })
}
