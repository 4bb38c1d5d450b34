//! `import`: the history that other tools have kept. Every file is read twice: to its end before
//! anything is written, and then a batch at a time into the store.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use gitratra_core::import::{Kind, Subject};
use gitratra_core::{RepoId, RepoName, Source};
use gitratra_formats::archive::Archive;
use gitratra_store::{ImportEffect, Imported, Store, ToldRepo};
use tokio::sync::mpsc;

use crate::Exit;
use crate::args::Import;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

mod feed;
mod reader;
mod survey;
mod told;

use feed::Feed;
use reader::Reader;
use survey::Survey;
use told::{Outcome, RepoOutcome};

/// A file that can be read to its end.
struct Surveyed {
    reader: Reader,
    survey: Survey,
}

pub(super) async fn run(args: &Import, settings: &Settings, voice: Voice) -> Result<Exit> {
    if let [folder] = args.paths.as_slice()
        && is_archive(folder, args)
    {
        return own_archive(folder, args, settings, voice).await;
    }
    let mut files = Vec::with_capacity(args.paths.len());
    for path in &args.paths {
        if is_archive(path, args) {
            bail!(
                "\"{}\" is an archive of gitratra's own, which holds more than days: import it by itself",
                path.display()
            );
        }
        files.push(surveyed(path, args).await?);
    }
    let store = connect::store(settings).await?;
    let mut outcomes = Vec::with_capacity(files.len());
    for file in files {
        outcomes.push(import(&store, file, args).await?);
    }
    let untracked = untracked(&store, &outcomes).await?;
    store.close().await;
    if args.json.json {
        voice.json(&told::json(&outcomes, args.dry_run))?;
    } else {
        voice.data(&told::text(&outcomes, args.dry_run, voice))?;
    }
    if !untracked.is_empty() && !args.dry_run {
        voice.say(&format!(
            "nothing reads {} yet: to go on collecting, gitratra track {}",
            match untracked.len() {
                1 => "it",
                _ => "them",
            },
            untracked.join(" ")
        ));
    }
    Ok(Exit::Done)
}

fn is_archive(path: &Path, args: &Import) -> bool {
    args.from == Kind::Archive.word() || (args.from == "auto" && Archive::is_at(path))
}

/// Takes a whole archive in, which is read to its end first.
async fn own_archive(
    folder: &Path,
    args: &Import,
    settings: &Settings,
    voice: Voice,
) -> Result<Exit> {
    let archive = Archive::open(folder)?;
    archive.read_house()?;
    for id in archive.repositories()? {
        archive.read_repo(id)?;
    }
    let store = connect::store(settings).await?;
    let joined = super::archive::read_into(&store, folder, args.dry_run).await?;
    store.close().await;
    joined.tell(args.json.json, voice)?;
    Ok(Exit::Done)
}

/// Reads a file for the first time.
async fn surveyed(path: &Path, args: &Import) -> Result<Surveyed> {
    let kind = match args.from.as_str() {
        "auto" => None,
        word => Kind::ALL.into_iter().find(|kind| kind.word() == word),
    };
    let reader = Reader::new(path, kind, args.columns.as_deref());
    blocking(move || {
        let reader = reader?;
        let mut survey = Survey::default();
        reader.read(&mut survey)?;
        if survey.facts == 0 {
            bail!(
                "there is nothing to import in \"{}\", which was read as {}",
                reader.path().display(),
                reader.kind().word()
            );
        }
        Ok(Surveyed { reader, survey })
    })
    .await
}

async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R> + Send + 'static,
) -> Result<R> {
    tokio::task::spawn_blocking(work)
        .await
        .context("the reader ended before its time")?
}

async fn import(store: &Store, file: Surveyed, args: &Import) -> Result<Outcome> {
    let Surveyed { reader, survey } = file;
    let whom = Whom::new(store, args, reader.path(), survey.subjects.len() == 1).await?;
    let mut ids = HashMap::new();
    let mut names = BTreeMap::new();
    let mut repos = Vec::new();
    for (subject, account) in &survey.subjects {
        let (id, name) = whom.is(store, subject).await?;
        ids.insert(subject.clone(), (id, *account));
        repos.push(ToldRepo {
            id,
            name: name.clone(),
            told_at: account.told_at(),
        });
        names.insert(id, name);
    }
    let source = if args.dry_run {
        None
    } else {
        store.add_told_repositories(&repos).await?;
        Some(
            store
                .importing(reader.kind().word(), &reader.label())
                .await?,
        )
    };
    let effects = fed(store, &reader, ids, source).await?;
    let left_out = survey.left_out.into_iter().map(|what| what.0).collect();
    Ok(Outcome {
        path: reader.path().display().to_string(),
        kind: reader.kind(),
        repos: effects
            .into_iter()
            .map(|(id, effect)| RepoOutcome {
                id,
                name: names[&id].to_string(),
                effect,
            })
            .collect(),
        left_out,
    })
}

/// Reads a file for the second time, and stores or weighs what it tells.
async fn fed(
    store: &Store,
    reader: &Reader,
    ids: HashMap<Subject, (RepoId, survey::Account)>,
    source: Option<Source>,
) -> Result<BTreeMap<RepoId, ImportEffect>> {
    let (to, mut batches) = mpsc::channel::<Vec<Imported>>(1);
    let again = reader.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let mut feed = Feed::new(ids, to);
        again.read(&mut feed)?;
        // Where nobody listens any more, the store has said why.
        let _ = feed.finish();
        anyhow::Ok(())
    });
    let mut effects: BTreeMap<RepoId, ImportEffect> = BTreeMap::new();
    while let Some(batch) = batches.recv().await {
        let repos: Vec<RepoId> = batch.iter().map(|of| of.repo).collect();
        let changed = match source {
            Some(source) => store.import(batch, source).await?,
            None => store.weigh(batch).await?,
        };
        for (repo, effect) in repos.into_iter().zip(changed) {
            effects.entry(repo).or_default().add(effect);
        }
    }
    reading
        .await
        .context("the reader ended before its time")??;
    Ok(effects)
}

/// Which repository a file means.
struct Whom<'a> {
    path: PathBuf,
    repo: Option<RepoName>,
    owner: Option<&'a str>,
    /// Whether the file speaks of one repository alone, which is then the one that was named.
    speaks_of_one: bool,
    /// The repositories of the store by the part of their name after the owner.
    bare: HashMap<String, Vec<(RepoId, RepoName)>>,
}

impl<'a> Whom<'a> {
    async fn new(
        store: &Store,
        args: &'a Import,
        path: &Path,
        speaks_of_one: bool,
    ) -> Result<Self> {
        let mut bare: HashMap<String, Vec<(RepoId, RepoName)>> = HashMap::new();
        for known in store.repositories().await? {
            let name = known.repository.name;
            let key = name.name().to_ascii_lowercase();
            bare.entry(key)
                .or_default()
                .push((known.repository.id, name));
        }
        Ok(Self {
            path: path.to_owned(),
            repo: args.repo.as_deref().map(str::parse).transpose()?,
            owner: args.owner.as_deref(),
            speaks_of_one,
            bare,
        })
    }

    async fn is(&self, store: &Store, subject: &Subject) -> Result<(RepoId, RepoName)> {
        match subject {
            Subject::Named { name, id: Some(id) } if !id.is_unconfirmed() => {
                Ok((*id, name.clone()))
            }
            Subject::Named { name, .. } => named(store, name).await,
            Subject::Bare(name) => self.bare(store, name).await,
            Subject::Unnamed => match &self.repo {
                Some(name) => named(store, name).await,
                None => bail!(
                    "\"{}\" does not say which repository it is about: add --repo OWNER/NAME",
                    self.path.display()
                ),
            },
        }
    }

    async fn bare(&self, store: &Store, bare: &str) -> Result<(RepoId, RepoName)> {
        if let Some(owner) = self.owner {
            return named(store, &RepoName::new(owner, bare)?).await;
        }
        if let Some(name) = &self.repo
            && (self.speaks_of_one || name.name().eq_ignore_ascii_case(bare))
        {
            return named(store, name).await;
        }
        let known = self.bare.get(&bare.to_ascii_lowercase());
        match known.map_or(&[][..], Vec::as_slice) {
            [(id, name)] => Ok((*id, name.clone())),
            [] => bail!(
                "\"{}\" calls a repository \"{bare}\" and does not say whose: add --owner OWNER",
                self.path.display()
            ),
            several => bail!(
                "\"{}\" calls a repository \"{bare}\", which may be {}: add --owner OWNER",
                self.path.display(),
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

/// The names of repositories that came and that no rule tracks.
async fn untracked(store: &Store, outcomes: &[Outcome]) -> Result<Vec<String>> {
    let rules = gitratra_core::Rules::new(store.rules().await?);
    let mut names = Vec::new();
    for known in store.repositories().await? {
        let came = |outcome: &Outcome| {
            outcome
                .repos
                .iter()
                .any(|repo| repo.id == known.repository.id)
        };
        let is_tracked = rules.verdict(&known.repository, &known.former).is_tracked();
        if outcomes.iter().any(came) && !is_tracked {
            names.push(known.repository.name.to_string());
        }
    }
    Ok(names)
}
