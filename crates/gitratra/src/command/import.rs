//! `import`: the history that other tools have kept. Every file is read twice: to its end before
//! anything is written, and then a batch at a time into the store.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::{Context, Result, bail};
use gitratra_core::import::{Kind, Subject};
use gitratra_core::{RepoId, RepoName, Source};
use gitratra_formats::archive::Archive;
use gitratra_render::number::grouped;
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
mod whom;
mod written;

use feed::Feed;
use reader::Reader;
use survey::Survey;
use told::{Outcome, RepoOutcome};
use whom::Whom;

/// A file that can be read to its end.
struct Surveyed {
    reader: Reader,
    survey: Survey,
}

/// A file of which everything is known that has to be before any file is written.
struct Settled {
    reader: Reader,
    survey: Survey,
    /// In the order of the subjects.
    repos: Vec<(RepoId, RepoName)>,
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
    let mut whom = Whom::new(&store, args).await?;
    let mut ready = Vec::with_capacity(files.len());
    for file in files {
        ready.push(settled(&store, &mut whom, file).await?);
    }
    whom.check_used()?;
    let mut outcomes = Vec::with_capacity(ready.len());
    for file in ready {
        outcomes.push(import(&store, file, args.dry_run).await?);
    }
    let untracked = untracked(&store, &outcomes).await?;
    store.close().await;
    if args.json.json {
        voice.json(&told::json(&outcomes, args.dry_run))?;
    } else {
        voice.data(&told::text(&outcomes, args.dry_run, voice))?;
    }
    if !untracked.is_empty() && !args.dry_run {
        voice.say(&how_to_go_on(&untracked));
    }
    Ok(Exit::Done)
}

/// What to do so that these are read from now on.
fn how_to_go_on(untracked: &[String]) -> String {
    const NAMED: usize = 5;
    let names = untracked[..untracked.len().min(NAMED)].join(" ");
    match untracked.len() {
        1 => format!("nothing reads it yet: to go on collecting, gitratra track {names}"),
        2..=NAMED => {
            format!("nothing reads them yet: to go on collecting, gitratra track {names}")
        }
        number => format!(
            "nothing reads {} of them yet: to go on collecting, gitratra track {names} and so on, \
             or a pattern such as 'owner/*'",
            grouped(number as u64)
        ),
    }
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
    if args.repo.is_some() || args.owner.is_some() {
        bail!("an archive says itself whose its histories are: leave --repo and --owner away");
    }
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

/// Settles which repositories a file means, and whether it can be true.
async fn settled(store: &Store, whom: &mut Whom<'_>, file: Surveyed) -> Result<Settled> {
    let Surveyed { reader, survey } = file;
    let subjects: Vec<&Subject> = survey.subjects.keys().collect();
    let repos = whom.are(store, reader.path(), &subjects).await?;
    let latest = store.latest_time().await?;
    for (account, (_, name)) in survey.subjects.values().zip(&repos) {
        reader.check_begun(account.begun(), name, latest)?;
    }
    Ok(Settled {
        reader,
        survey,
        repos,
    })
}

async fn import(store: &Store, file: Settled, is_dry: bool) -> Result<Outcome> {
    let Settled {
        reader,
        survey,
        repos,
    } = file;
    let mut ids = HashMap::new();
    let mut names = BTreeMap::new();
    let mut told = Vec::new();
    for ((subject, account), (id, name)) in survey.subjects.into_iter().zip(repos) {
        ids.insert(subject, (id, account));
        told.push(ToldRepo {
            id,
            name: name.clone(),
            told_at: account.told_at(),
        });
        names.insert(id, name);
    }
    let source = if is_dry {
        None
    } else {
        store.add_told_repositories(&told).await?;
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
        let has_changed = feed.has_changed();
        // Where nobody listens any more, the store has said why.
        let _ = feed.finish();
        anyhow::Ok(has_changed)
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
    let has_changed = reading
        .await
        .context("the reader ended before its time")??;
    if has_changed {
        bail!(
            "\"{}\" changed while it was read, and not all of it was imported: import it again",
            reader.path().display()
        );
    }
    Ok(effects)
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
