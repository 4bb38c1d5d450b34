//! Which repositories a pass is about: rules and lists of GitHub become jobs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use gitratra_core::select::Owner;
use gitratra_core::{Endpoint, Pattern, RepoId, RepoName, Repository, Rules, Timestamp, Verdict};
use gitratra_github::{Client, Failure, FailureKind, Listed, Listing};
use gitratra_store::{KnownRepo, Store, StoreError};

use crate::report::{Note, Trouble, stops_everything};

/// One thing to visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Job {
    /// A repository of which a list of this pass told everything.
    Listed(Repository),
    /// An exact name to look up, with the repositories it has come to mean.
    Name(RepoName, Vec<RepoId>),
    /// A known repository that no list told of, to be looked up by its number.
    Id(RepoId, RepoName),
}

impl Job {
    /// The name under which a person knows the job.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Listed(repository) => repository.name.to_string(),
            Self::Name(name, _) | Self::Id(_, name) => name.to_string(),
        }
    }

    /// The repositories whose held days decide whether the job is due; none means it is new.
    pub(crate) fn ids(&self) -> Vec<RepoId> {
        match self {
            Self::Listed(repository) => vec![repository.id],
            Self::Name(_, ids) => ids.clone(),
            Self::Id(id, _) => vec![*id],
        }
    }
}

/// What the lists of GitHub said.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) repositories: BTreeMap<RepoId, Repository>,
    pub(crate) notes: Vec<Note>,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) at: Option<Timestamp>,
}

impl Lists {
    fn take(&mut self, listed: Listed) {
        self.at = Some(listed.at);
        if !listed.hidden_organizations.is_empty() {
            self.notes
                .push(Note::HiddenOrganizations(listed.hidden_organizations));
        }
        self.repositories
            .extend(listed.repositories.into_iter().map(|repo| (repo.id, repo)));
    }
}

/// Reads the lists that the patterns need. Only a failure that concerns the whole pass is an error.
pub(crate) async fn read_lists(client: &Client, rules: &Rules) -> Result<Lists, Failure> {
    let mut lists = Lists::default();
    let mut mine: Option<Listed> = None;
    if rules.has_all() {
        match client.list(&Listing::Mine).await {
            Ok(listed) => mine = Some(listed),
            Err(failure) if stops_everything(&failure) => return Err(failure),
            Err(failure) => {
                lists.troubles.push(Trouble::of("*", &failure));
            }
        }
    }
    for owner in rules.owners() {
        match list_owner(client, owner, &mut mine).await {
            Ok(listed) => lists.take(listed),
            Err(failure) if stops_everything(&failure) => return Err(failure),
            Err(failure) => {
                let label = format!("{}/*", owner.as_str());
                lists.troubles.push(Trouble::of(&label, &failure));
            }
        }
    }
    if let Some(mine) = mine.filter(|_| rules.has_all()) {
        lists.take(mine);
    }
    Ok(lists)
}

/// An owner may be an organisation, the credential's own user, or somebody else; GitHub has a list
/// for each, and only the first two tell of private repositories.
async fn list_owner(
    client: &Client,
    owner: &Owner,
    mine: &mut Option<Listed>,
) -> Result<Listed, Failure> {
    match client.list(&Listing::Org(owner.clone())).await {
        Err(failure) if failure.kind == FailureKind::NotFound => {}
        answer => return answer,
    }
    if mine.is_none() {
        match client.list(&Listing::Mine).await {
            Ok(listed) => *mine = Some(listed),
            Err(failure) if stops_everything(&failure) => return Err(failure),
            // Installation tokens and some fine-grained tokens have no such list.
            Err(_) => {}
        }
    }
    let own: Vec<Repository> = mine
        .iter()
        .flat_map(|listed| &listed.repositories)
        .filter(|repo| repo.name.owner().eq_ignore_ascii_case(owner.as_str()))
        .cloned()
        .collect();
    match mine {
        Some(listed) if !own.is_empty() => Ok(Listed {
            repositories: own,
            hidden_organizations: listed.hidden_organizations.clone(),
            at: listed.at,
        }),
        _ => client.list(&Listing::User(owner.clone())).await,
    }
}

/// What the store knows that bears on the choice.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) rules: Rules,
    pub(crate) repositories: HashMap<RepoId, KnownRepo>,
    /// The exact names that each repository was asked for by.
    names: HashMap<RepoId, Vec<RepoName>>,
    /// The repositories that each exact name has come to mean, and those that bear it.
    ids: HashMap<RepoName, BTreeSet<RepoId>>,
}

impl Known {
    /// Reads rules, labels and bindings.
    pub(crate) async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut names: HashMap<RepoId, Vec<RepoName>> = HashMap::new();
        let mut ids: HashMap<RepoName, BTreeSet<RepoId>> = HashMap::new();
        for (name, id) in store.bindings().await? {
            ids.entry(name.clone()).or_default().insert(id);
            names.entry(id).or_default().push(name);
        }
        let mut repositories = HashMap::new();
        for known in store.repositories().await? {
            let repo = &known.repository;
            ids.entry(repo.name.clone()).or_default().insert(repo.id);
            repositories.insert(repo.id, known);
        }
        Ok(Self {
            rules: Rules::new(store.rules().await?),
            repositories,
            names,
            ids,
        })
    }

    /// The exact names that have come to mean this repository.
    pub(crate) fn names_of(&self, id: RepoId) -> &[RepoName] {
        self.names.get(&id).map_or(&[], Vec::as_slice)
    }

    fn ids_of(&self, name: &RepoName) -> Vec<RepoId> {
        let ids = self.ids.get(name).into_iter().flatten();
        ids.copied().collect()
    }

    /// Which rule decides about a repository.
    pub(crate) fn verdict(&self, repo: &Repository) -> Verdict {
        self.rules.verdict(repo, self.names_of(repo.id))
    }
}

/// The names of everything known that rules track and the caller named, for telling what was not
/// reached.
pub(crate) fn all_names(known: &Known, wanted: Option<&Rules>) -> Vec<String> {
    let is_wanted =
        |repo: &Repository| wanted.is_none_or(|rules| rules.verdict(repo, &[]).is_tracked());
    let held = known
        .repositories
        .values()
        .map(|held| &held.repository)
        .filter(|repo| known.verdict(repo).is_tracked() && is_wanted(repo))
        .map(|repo| repo.name.clone());
    let named = wanted.unwrap_or(&known.rules).names().cloned();
    let names: BTreeSet<RepoName> = held.chain(named).collect();
    names.iter().map(RepoName::to_string).collect()
}

/// What came of rules and lists.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    pub(crate) jobs: Vec<Job>,
    pub(crate) notes: Vec<Note>,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) skipped: u64,
}

fn push_access_lost(name: &RepoName) -> Trouble {
    Trouble {
        repo: name.to_string(),
        endpoint: Endpoint::Repository,
        status: None,
        message: "push access was lost, so its traffic cannot be read any more".into(),
        action: "give the token's owner push access again, or untrack it; its history stays".into(),
    }
}

/// Lays out the jobs. `wanted` narrows them to what the caller named; nothing narrows nothing.
pub(crate) fn choose(known: &Known, lists: &Lists, wanted: Option<&Rules>) -> Chosen {
    let mut chosen = Chosen::default();
    let is_wanted = |repo: &Repository| {
        wanted.is_none_or(|rules| {
            let names = known.names_of(repo.id);
            rules.verdict(repo, names).is_tracked()
        })
    };
    let mut settled: BTreeSet<RepoId> = BTreeSet::new();
    for repo in lists.repositories.values() {
        match known.verdict(repo) {
            Verdict::Tracked(by) if is_wanted(repo) => {
                settled.insert(repo.id);
                let may_not = repo.can_push == Some(false) && !matches!(by, Pattern::Name(_));
                if may_not && known.repositories.contains_key(&repo.id) {
                    // It was read before: this is a loss, and the days go on.
                    chosen.troubles.push(push_access_lost(&repo.name));
                } else if may_not {
                    chosen.notes.push(Note::NoPushAccess(repo.name.clone()));
                    chosen.skipped += 1;
                } else {
                    chosen.jobs.push(Job::Listed(repo.clone()));
                }
            }
            Verdict::Tracked(_) | Verdict::Excluded(_) | Verdict::Unmentioned => {}
        }
    }
    choose_names(known, lists, wanted, &mut settled, &mut chosen);
    choose_unlisted(known, lists, &is_wanted, &settled, &mut chosen);
    chosen
}

/// Exact names: each is looked up once a pass, since only that tells whether another repository has
/// taken the name.
fn choose_names(
    known: &Known,
    lists: &Lists,
    wanted: Option<&Rules>,
    settled: &mut BTreeSet<RepoId>,
    chosen: &mut Chosen,
) {
    for name in wanted.into_iter().flat_map(Rules::names) {
        let exclusion = Pattern::NotName(name.clone());
        if known.rules.find(&exclusion).is_some() {
            chosen.skipped += 1;
            chosen.notes.push(Note::Excluded {
                name: name.clone(),
                by: exclusion.to_string(),
            });
        }
    }
    let wildcards = wanted.map(|rules| {
        let patterns = rules.patterns().iter();
        Rules::new(
            patterns
                .filter(|pattern| !matches!(pattern, Pattern::Name(_)))
                .cloned(),
        )
    });
    let listed: HashSet<&RepoName> = lists.repositories.values().map(|repo| &repo.name).collect();
    for name in known.rules.names() {
        let ids = known.ids_of(name);
        let is_wanted = wanted.is_none_or(|rules| {
            rules.find(&Pattern::Name(name.clone())).is_some()
                || ids.iter().any(|id| {
                    let held = known.repositories.get(id);
                    let by = wildcards.as_ref().zip(held);
                    by.is_some_and(|(rules, held)| {
                        rules.verdict(&held.repository, &[]).is_tracked()
                    })
                })
        });
        // A list of this pass may have told already who has the name now; whoever had it before is
        // then found below, by its number.
        let is_listed = listed.contains(name);
        if is_wanted && !is_listed {
            settled.extend(&ids);
            chosen.jobs.push(Job::Name(name.clone(), ids));
        }
    }
}

/// Repositories held in the store that rules track but no list told of: renamed away, taken from
/// sight, or their list failed.
fn choose_unlisted(
    known: &Known,
    lists: &Lists,
    is_wanted: &impl Fn(&Repository) -> bool,
    settled: &BTreeSet<RepoId>,
    chosen: &mut Chosen,
) {
    for (id, held) in &known.repositories {
        let repo = &held.repository;
        let is_told = settled.contains(id) || lists.repositories.contains_key(id);
        if !is_told && known.verdict(repo).is_tracked() && is_wanted(repo) {
            chosen.jobs.push(Job::Id(*id, repo.name.clone()));
        }
    }
}
