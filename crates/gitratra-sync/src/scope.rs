//! Which repositories a pass is about: rules and lists of GitHub become jobs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use gitratra_core::plan::{self, Turn};
use gitratra_core::select::Owner;
use gitratra_core::{
    CountersReading, Endpoint, Held, Pattern, RepoId, RepoName, Repository, Rules, Timestamp,
    Verdict,
};
use gitratra_github::{Client, Failure, FailureKind, Listed};
use gitratra_store::{Gone, KnownRepo, Store, StoreError};

use crate::asker::{Asker, AskerKind};
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
        self.name().to_string()
    }

    /// The name by which its repository is known.
    pub(crate) fn name(&self) -> &RepoName {
        match self {
            Self::Listed(repository) => &repository.name,
            Self::Name(name, _) | Self::Id(_, name) => name,
        }
    }

    /// By which it is found again after rules and lists were read anew.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Listed(repository) => format!("listed {}", repository.id),
            Self::Name(name, _) => format!("name {}", name.key()),
            Self::Id(id, _) => format!("id {id}"),
        }
    }

    /// Its place in the queue, as [`Job::turn`] says, and when it is worth doing for one who
    /// watches: at once where nothing is known of it. Who is gone or renamed counts for nothing.
    pub(crate) fn standing(
        &self,
        known: &Known,
        held: &HashMap<RepoId, Held>,
        now: Timestamp,
    ) -> (Option<Turn>, Timestamp) {
        let ids = self.ids();
        let of = |id: &RepoId| {
            let held = held.get(id);
            (held, held.map(Turn::of), known.gone(self, *id))
        };
        let all: Vec<_> = ids.iter().map(of).collect();
        let is_any_there = all.iter().any(|(.., gone)| gone.is_none());
        let meant = all
            .iter()
            .filter(|(.., gone)| gone.is_none() || !is_any_there);
        let due_at = meant.map(|(held, turn, gone)| {
            if held.is_some_and(|held| plan::is_from_the_future(held, now)) {
                return Timestamp::MIN;
            }
            match gone {
                Some(gone) => {
                    let newest = held.and_then(Held::newest);
                    plan::gone_due_at(gone.since, gone.asked_at.min(now), newest)
                }
                None => turn.map_or(Timestamp::MIN, |turn| turn.due_at),
            }
        });
        let due_at = due_at.min().unwrap_or(Timestamp::MIN);
        let turn = all.iter().map(|(_, turn, _)| *turn).min();
        (turn.flatten(), due_at)
    }

    /// Its place in the queue: that of its most endangered repository, and before all others where
    /// it means none that is known.
    pub(crate) fn turn(&self, held: &HashMap<RepoId, Held>) -> Option<Turn> {
        let turns = self.ids().into_iter();
        let turn = |id| held.get(&id).map(Turn::of);
        turns.map(turn).min()?
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

/// A job, and which credentials may carry it out, the likeliest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Errand {
    pub(crate) job: Job,
    /// Places in the list of credentials.
    pub(crate) able: Vec<usize>,
    /// So many of the first of them are known to see the repository. Where there are any, the word
    /// of others does not count: a private repository looks deleted to who may not see it.
    pub(crate) sure: usize,
}

/// A repository of a list.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub(crate) repository: Repository,
    /// The credentials that may read its traffic, as far as lists tell.
    able: Vec<usize>,
}

impl Listing {
    /// Whether any credential may read its traffic.
    pub(crate) fn can_be_read(&self) -> bool {
        !self.able.is_empty()
    }

    /// The errand for it, by those who may read it, each of whom comes first for some.
    fn errand(&self, job: Job) -> Errand {
        let mut able = self.able.clone();
        let turn = usize::try_from(self.repository.id.0).unwrap_or(0) % able.len();
        able.rotate_left(turn);
        let sure = able.len();
        Errand { job, able, sure }
    }
}

/// What the lists of GitHub said.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) repositories: BTreeMap<RepoId, Listing>,
    /// What the lists counted beside, with the place of the credential that was told.
    pub(crate) counters: BTreeMap<RepoId, (usize, CountersReading)>,
    pub(crate) notes: Vec<Note>,
    pub(crate) troubles: Vec<Trouble>,
    /// Credentials that cannot ask any more, each with the reason.
    pub(crate) stopped: Vec<(usize, Failure)>,
    pub(crate) at: Option<Timestamp>,
}

impl Lists {
    pub(crate) fn take(&mut self, listed: Listed, place: usize) {
        self.at = self.at.max(Some(listed.at));
        let hidden = Note::HiddenOrganizations(listed.hidden_organizations);
        if hidden != Note::HiddenOrganizations(Vec::new()) && !self.notes.contains(&hidden) {
            self.notes.push(hidden);
        }
        let counted = listed.counters.into_iter();
        self.counters
            .extend(counted.map(|reading| (reading.repo, (place, reading))));
        for repository in listed.repositories {
            let may_read = repository.can_push != Some(false);
            let known = self
                .repositories
                .entry(repository.id)
                .or_insert_with(|| Listing {
                    repository: repository.clone(),
                    able: Vec::new(),
                });
            if may_read && !known.able.contains(&place) {
                known.repository = repository;
                known.able.push(place);
            }
        }
    }

    fn fail(&mut self, label: &str, failure: &Failure) {
        let trouble = Trouble::of(label, failure);
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }
}

/// Reads the lists that the patterns need, with every credential that is not `closed`.
pub(crate) async fn read_lists(askers: &[Asker], rules: &Rules, closed: &[usize]) -> Lists {
    let mut lists = Lists::default();
    for (place, asker) in askers.iter().enumerate() {
        if closed.contains(&place) {
            continue;
        }
        let read = match &asker.kind {
            AskerKind::Person => read_of_person(asker, place, rules, &mut lists).await,
            AskerKind::Installation { account } => {
                let owners = rules
                    .owners()
                    .any(|owner| asker.is_installed_for(owner.as_str()));
                if !owners && !rules.has_all() {
                    continue;
                }
                read_of_installation(asker, account, place, &mut lists).await
            }
        };
        if let Err(failure) = read {
            lists.stopped.push((place, failure));
        }
    }
    lists
}

async fn read_of_installation(
    asker: &Asker,
    account: &str,
    place: usize,
    lists: &mut Lists,
) -> Result<(), Failure> {
    match asker
        .client
        .list(&gitratra_github::Listing::Installation)
        .await
    {
        Ok(mut listed) => {
            // What an app may do is told by its permissions, not by a person's right to push.
            for repository in &mut listed.repositories {
                repository.can_push = None;
            }
            lists.take(listed, place);
        }
        Err(failure) if stops_everything(&failure) => return Err(failure),
        Err(failure) => lists.fail(&format!("{account}/*"), &failure),
    }
    Ok(())
}

async fn read_of_person(
    asker: &Asker,
    place: usize,
    rules: &Rules,
    lists: &mut Lists,
) -> Result<(), Failure> {
    let client = &asker.client;
    let mut mine: Option<Listed> = None;
    if rules.has_all() {
        match client.list(&gitratra_github::Listing::Mine).await {
            Ok(listed) => mine = Some(listed),
            Err(failure) if stops_everything(&failure) => return Err(failure),
            Err(failure) => lists.fail("*", &failure),
        }
    }
    for owner in rules.owners() {
        match list_owner(client, owner, &mut mine).await {
            Ok(listed) => lists.take(listed, place),
            Err(failure) if stops_everything(&failure) => return Err(failure),
            Err(failure) => lists.fail(&format!("{}/*", owner.as_str()), &failure),
        }
    }
    if let Some(mine) = mine.filter(|_| rules.has_all()) {
        lists.take(mine, place);
    }
    Ok(())
}

/// An owner may be an organisation, the credential's own user, or somebody else; GitHub has a list
/// for each, and only the first two tell of private repositories.
async fn list_owner(
    client: &Client,
    owner: &Owner,
    mine: &mut Option<Listed>,
) -> Result<Listed, Failure> {
    use gitratra_github::Listing;
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
            // Those of others are in no list and count for nothing.
            counters: listed.counters.clone(),
            repositories: own,
            hidden_organizations: listed.hidden_organizations.clone(),
            at: listed.at,
        }),
        _ => client.list(&Listing::User(owner.clone())).await,
    }
}

/// What the store knows that bears on the choice.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) rules: Rules,
    pub(crate) repositories: HashMap<RepoId, KnownRepo>,
    /// The exact names that each repository was asked for by.
    names: HashMap<RepoId, Vec<RepoName>>,
    /// The repositories that each exact name has come to mean, and those that bear it.
    ids: HashMap<RepoName, BTreeSet<RepoId>>,
    /// The credential that last read each repository.
    credentials: HashMap<RepoId, String>,
}

impl Known {
    /// Reads rules, labels and bindings. What has no number of GitHub's is not known to it: a name
    /// that only a file told of is looked up as any other.
    pub(crate) async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut names: HashMap<RepoId, Vec<RepoName>> = HashMap::new();
        let mut ids: HashMap<RepoName, BTreeSet<RepoId>> = HashMap::new();
        let bindings = store.bindings().await?.into_iter();
        for (name, id) in bindings.filter(|(_, id)| !id.is_unconfirmed()) {
            ids.entry(name.clone()).or_default().insert(id);
            names.entry(id).or_default().push(name);
        }
        let mut repositories = HashMap::new();
        let all = store.repositories().await?.into_iter();
        for known in all.filter(|known| !known.repository.id.is_unconfirmed()) {
            let repo = &known.repository;
            ids.entry(repo.name.clone()).or_default().insert(repo.id);
            repositories.insert(repo.id, known);
        }
        Ok(Self {
            rules: Rules::new(store.rules().await?),
            repositories,
            names,
            ids,
            credentials: store.credential_of().await?,
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

    /// Whether a job is to be done: one of its repositories is due and not known to be gone, or it
    /// means none that is known.
    pub(crate) fn is_due(
        &self,
        job: &Job,
        held: &HashMap<RepoId, Held>,
        now: Timestamp,
        is_due: impl Fn(&Held) -> bool,
    ) -> bool {
        let ids = self.meant(job);
        let is_gone_for_now = |id: &RepoId| {
            let newest = held.get(id).and_then(Held::newest);
            self.gone(job, *id)
                .is_some_and(|gone| !plan::is_gone_due(gone.since, gone.asked_at, newest, now))
        };
        let mut there = ids.iter().filter(|id| !is_gone_for_now(id));
        ids.is_empty() || there.any(|id| held.get(id).is_none_or(&is_due))
    }

    /// That a repository of a job is gone. What a list shows is not, whatever was met before.
    pub(crate) fn gone(&self, job: &Job, id: RepoId) -> Option<Gone> {
        let gone = self.repositories.get(&id).and_then(|known| known.gone);
        gone.filter(|_| !matches!(job, Job::Listed(_)))
    }

    /// The repositories that a job is about: not those that are gone where another one bears the
    /// name.
    fn meant(&self, job: &Job) -> Vec<RepoId> {
        let ids = job.ids();
        let there: Vec<RepoId> = ids
            .iter()
            .filter(|id| self.gone(job, **id).is_none())
            .copied()
            .collect();
        if there.is_empty() { ids } else { there }
    }

    /// Every repository that rules track, with what is known of it.
    pub(crate) fn tracked(&self) -> impl Iterator<Item = &KnownRepo> {
        let all = self.repositories.values();
        all.filter(|known| self.verdict(&known.repository).is_tracked())
    }

    /// Whether the credential that read a repository the last time is not among these.
    pub(crate) fn misses_reader(&self, id: RepoId, fingerprints: &[&str]) -> bool {
        let reader = self.credentials.get(&id);
        reader.is_some_and(|reader| !fingerprints.contains(&reader.as_str()))
    }

    /// Adds to the rules what a caller named.
    pub(crate) fn add_rules(&mut self, patterns: &[Pattern]) {
        self.rules = Rules::new(self.rules.patterns().iter().chain(patterns).cloned());
    }

    /// The errand for an exact name, with what it means by now.
    pub(crate) fn errand_of(&self, name: RepoName, askers: &[Asker]) -> Errand {
        let ids = self.ids_of(&name);
        self.errand(Job::Name(name, ids), askers, &[])
    }

    /// The errand for a repository that no list tells of. First comes the credential that read it
    /// the last time, then one made for its owner; those that GitHub refuses come last.
    fn errand(&self, job: Job, askers: &[Asker], refused: &[usize]) -> Errand {
        let ids = job.ids();
        let is_used = |place: usize| {
            let mut of_ids = ids.iter().filter_map(|id| self.credentials.get(id));
            let is_refused = refused.contains(&place);
            !is_refused && of_ids.any(|used| *used == askers[place].fingerprint)
        };
        let mut able: Vec<usize> = (0..askers.len()).collect();
        able.sort_by_key(|place| {
            let is_for_owner = askers[*place].is_installed_for(job.name().owner());
            (refused.contains(place), !is_used(*place), !is_for_owner)
        });
        let sure = able.iter().filter(|place| is_used(**place)).count();
        Errand { job, able, sure }
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
    pub(crate) errands: Vec<Errand>,
    pub(crate) notes: Vec<Note>,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) skipped: u64,
}

/// The credentials, and which of them GitHub refuses.
struct Staff<'a> {
    askers: &'a [Asker],
    refused: &'a [usize],
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
pub(crate) fn choose(
    known: &Known,
    lists: &Lists,
    wanted: Option<&Rules>,
    askers: &[Asker],
    refused: &[usize],
) -> Chosen {
    let staff = Staff { askers, refused };
    let mut chosen = Chosen::default();
    let is_wanted = |repo: &Repository| {
        wanted.is_none_or(|rules| {
            let names = known.names_of(repo.id);
            rules.verdict(repo, names).is_tracked()
        })
    };
    let mut settled: BTreeSet<RepoId> = BTreeSet::new();
    for listing in lists.repositories.values() {
        let repo = &listing.repository;
        match known.verdict(repo) {
            Verdict::Tracked(by) if is_wanted(repo) => {
                settled.insert(repo.id);
                let may_not = listing.able.is_empty() && !matches!(by, Pattern::Name(_));
                if may_not && known.repositories.contains_key(&repo.id) {
                    // It was read before: this is a loss, and the days go on.
                    chosen.troubles.push(push_access_lost(&repo.name));
                } else if may_not {
                    chosen.notes.push(Note::NoPushAccess(repo.name.clone()));
                    chosen.skipped += 1;
                } else {
                    // Those who may read it share the work; an exact name is tried by everybody.
                    let job = Job::Listed(repo.clone());
                    let errand = match listing.able.is_empty() {
                        true => known.errand(job, askers, refused),
                        false => listing.errand(job),
                    };
                    chosen.errands.push(errand);
                }
            }
            Verdict::Tracked(_) | Verdict::Excluded(_) | Verdict::Unmentioned => {}
        }
    }
    choose_names(known, lists, wanted, &staff, &mut settled, &mut chosen);
    choose_unlisted(known, lists, &is_wanted, &staff, &settled, &mut chosen);
    chosen
}

/// Exact names: each is looked up once a pass, since only that tells whether another repository has
/// taken the name.
fn choose_names(
    known: &Known,
    lists: &Lists,
    wanted: Option<&Rules>,
    staff: &Staff<'_>,
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
    let listed: HashSet<&RepoName> = lists
        .repositories
        .values()
        .map(|listing| &listing.repository.name)
        .collect();
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
            let job = Job::Name(name.clone(), ids);
            let errand = known.errand(job, staff.askers, staff.refused);
            chosen.errands.push(errand);
        }
    }
}

/// Repositories held in the store that rules track but no list told of: renamed away, taken from
/// sight, or their list failed.
fn choose_unlisted(
    known: &Known,
    lists: &Lists,
    is_wanted: &impl Fn(&Repository) -> bool,
    staff: &Staff<'_>,
    settled: &BTreeSet<RepoId>,
    chosen: &mut Chosen,
) {
    for (id, held) in &known.repositories {
        let repo = &held.repository;
        let is_told = settled.contains(id) || lists.repositories.contains_key(id);
        if !is_told && known.verdict(repo).is_tracked() && is_wanted(repo) {
            let job = Job::Id(*id, repo.name.clone());
            let errand = known.errand(job, staff.askers, staff.refused);
            chosen.errands.push(errand);
        }
    }
}
