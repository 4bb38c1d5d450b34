//! `archive`: everything as a folder of sorted text, and back into a store.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use gitratra_core::RepoId;
use gitratra_formats::FileLock;
use gitratra_formats::archive::{Archive, MARK, Written};
use gitratra_store::Store;
use serde::Serialize;

use super::joining::{Joined, Joining};
use crate::Exit;
use crate::args;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

#[derive(Serialize)]
struct Account<'a> {
    folder: &'a str,
    repositories: u64,
    files_written: u64,
    files_unchanged: u64,
    files_removed: u64,
}

pub(super) async fn run(args: &args::Archive, settings: &Settings, voice: Voice) -> Result<Exit> {
    connect::existing(settings)?;
    let store = connect::to_read(settings, voice).await?;
    let lock = lock(&args.dir, voice)?;
    let (repositories, written) = write(&store, &args.dir, args.prune).await?;
    drop(lock);
    store.close().await;
    let folder = args.dir.display().to_string();
    if args.json.json {
        voice.json(&Account {
            folder: &folder,
            repositories,
            files_written: written.written,
            files_unchanged: written.unchanged,
            files_removed: written.removed,
        })?;
    } else {
        voice.say(&format!(
            "\"{folder}\" holds {repositories} repositories: {} files written, {} as they were, {} removed",
            written.written, written.unchanged, written.removed
        ));
    }
    Ok(Exit::Done)
}

/// The right to read an archive and write it again: two who did so at once would take away what the
/// other one has learnt. The folder is made where there is none.
pub(crate) fn lock(folder: &Path, voice: Voice) -> Result<FileLock> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder \"{}\"", folder.display()))?;
    let lock = FileLock::take(&folder.join(MARK), || {
        voice.say("waiting for another run that writes this archive");
    })?;
    Ok(lock)
}

/// Joins everything that a store holds into a folder, and says how many repositories that are. The
/// caller holds its [`lock`].
///
/// Nothing is taken away from what the folder knows and the store does not: a store that was put
/// back from an older copy would else take the newer days with it. A folder with repositories that
/// the store does not know at all is left as it is. Where the folder is to be pruned, it becomes what
/// the store holds and nothing else.
pub(crate) async fn write(store: &Store, folder: &Path, prunes: bool) -> Result<(u64, Written)> {
    let repos = store.repositories().await?;
    let known: BTreeSet<RepoId> = repos.iter().map(|repo| repo.repository.id).collect();
    let archive = Archive::begin(folder)?;
    if !prunes {
        refuse_strangers(&archive, &known)?;
    }
    let there: BTreeSet<RepoId> = match prunes {
        true => BTreeSet::new(),
        false => archive.repositories()?.into_iter().collect(),
    };
    let mut written = Written::default();
    for id in &known {
        if let Some(mut history) = store.history(*id).await? {
            if there.contains(id) {
                history.join(&archive.read_repo(*id)?);
            }
            written += archive.write_repo(&history)?;
        }
    }
    for id in archive.repositories()? {
        if !known.contains(&id) {
            written += archive.remove_repo(id)?;
        }
    }
    let mut house = store.house().await?;
    if !prunes {
        house.join(&archive.read_house()?);
    }
    written += archive.write_house(&house)?;
    let names = repos.iter().map(|repo| &repo.repository);
    written += archive.write_index(names.map(|repo| (repo.id, &repo.name)))?;
    Ok((known.len() as u64, written))
}

/// Who bears a name that only a file has told of took its history over: the folder of that name may
/// go. All others must be known.
fn refuse_strangers(archive: &Archive, known: &BTreeSet<RepoId>) -> Result<()> {
    let folders = archive.repositories()?.into_iter();
    let strangers: Vec<RepoId> = folders
        .filter(|id| !known.contains(id) && !id.is_unconfirmed())
        .collect();
    if let Some(first) = strangers.first() {
        let name = archive.read_repo(*first).ok();
        let name = name.and_then(|history| history.name().map(ToString::to_string));
        bail!(
            "\"{folder}\" holds {} repositories that the database does not know, as {}: take them in \
             first with `gitratra import --from archive {folder}`, or remove them with --prune",
            strangers.len(),
            name.unwrap_or_else(|| first.to_string()),
            folder = archive.folder().display(),
        );
    }
    Ok(())
}

/// Joins what an archive holds into a store, or only says what that would bring.
///
/// Every file is read before anything is written of its repository; what cannot be read ends it with
/// the place, and what was taken in before stays.
pub(crate) async fn read_into(store: &Store, folder: &Path, is_dry_run: bool) -> Result<Joined> {
    let archive = Archive::open(folder)?;
    let house = archive.read_house()?;
    let mut joining = Joining::new(store, is_dry_run);
    for id in archive.repositories()? {
        joining.take(archive.read_repo(id)?).await?;
    }
    joining.end(house).await
}
