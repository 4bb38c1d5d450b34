//! `sync --archive DIR`: a run that has no database of its own. What is known is read from an
//! archive, what GitHub tells is joined, and the archive is written again; with `--push` it is
//! committed and pushed, and where another run was faster, joined with what that one pushed.
//!
//! Nothing is ever taken away from what others pushed: every attempt to push holds all facts of
//! both sides.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use gitratra_core::Timestamp;
use gitratra_formats::FileLock;
use gitratra_formats::archive::Archive;
use gitratra_store::{Location, Store};
use tempfile::TempDir;

use super::archive;
use crate::Exit;
use crate::args;
use crate::connect;
use crate::git::{Checkout, Pushed};
use crate::output::Voice;
use crate::settings::Settings;

/// So often is a push tried before it is given up.
const TRIES: u32 = 5;

/// The first wait between two tries; each is twice as long as the one before.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// A run that keeps what it knows in an archive.
pub(super) struct Action {
    folder: PathBuf,
    /// Where it is to be pushed from.
    checkout: Option<Checkout>,
    pub(super) store: Store,
    /// The database, where none was named; gone with this run.
    temporary: Option<TempDir>,
    /// Held from the first reading to the last push; nothing where nothing is written.
    _lock: Option<FileLock>,
}

impl Action {
    /// Reads the archive into the store.
    pub(super) async fn begin(
        folder: &Path,
        args: &args::Sync,
        settings: &Settings,
        voice: Voice,
    ) -> Result<Self> {
        // Who only asks what would be asked writes nothing.
        let lock = match args.dry_run {
            true => None,
            false => Some(archive::lock(folder, voice)?),
        };
        let checkout = match args.push {
            true => Some(Checkout::around(folder, settings.secret_variables()).await?),
            false => None,
        };
        if let Some(checkout) = &checkout
            && checkout.refuse_dirt().await?
        {
            voice.say("taking in what an earlier run wrote and did not commit");
        }
        let (store, temporary) = if settings.names_database() && !args.dry_run {
            (connect::store(settings).await?, None)
        } else {
            let folder = tempfile::Builder::new().prefix("gitratra-").tempdir();
            let folder = folder.context("cannot make a folder for the database of this run")?;
            let location = Location::file(folder.path().join("run.db"));
            (Store::open(&location).await?, Some(folder))
        };
        if Archive::is_at(folder) {
            archive::read_into(&store, folder, false).await?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            checkout,
            store,
            temporary,
            _lock: lock,
        })
    }

    /// Writes the archive, and pushes it where that was asked for. `now` is GitHub's time, where
    /// GitHub told one.
    pub(super) async fn end(self, now: Option<Timestamp>, voice: Voice) -> Result<Exit> {
        let done = self.write_and_push(now, voice).await;
        self.store.close().await;
        match (done, self.temporary) {
            (Err(error), Some(folder)) => {
                // What GitHub told is in no archive, and may not be told again.
                let database = folder.keep().join("run.db");
                Err(error.context(format!(
                    "the archive was not written; what was read is in \"{0}\": take it in with `gitratra merge {0}`",
                    database.display()
                )))
            }
            (done, _) => done,
        }
    }

    async fn write_and_push(&self, now: Option<Timestamp>, voice: Voice) -> Result<Exit> {
        archive::write(&self.store, &self.folder, false).await?;
        let Some(checkout) = &self.checkout else {
            return Ok(Exit::Done);
        };
        let now = match now {
            Some(now) => Some(now),
            None => self.store.latest_time().await?,
        };
        if checkout.commit(&self.message().await?, now).await? {
            voice.say("committed the archive");
        }
        let mut wait = FIRST_WAIT;
        for tried in 1..=TRIES {
            match checkout.push().await? {
                Pushed::Done => {
                    voice.say(&format!("pushed to {}", checkout.target()));
                    return Ok(Exit::Done);
                }
                Pushed::Lost => {}
                Pushed::Failed(why) => {
                    voice.warn(&format!(
                        "cannot push to {}: {why}\n  what was read is in the last commit here; the next run pushes it",
                        checkout.target()
                    ));
                    return Ok(Exit::Partly);
                }
            }
            if tried == TRIES {
                break;
            }
            voice.say("another run pushed before: joining what it knows");
            tokio::time::sleep(wait).await;
            wait *= 2;
            self.join_remote(checkout, now).await?;
        }
        voice.warn(&format!(
            "other runs were faster {TRIES} times, so nothing was pushed to {}\n  what was read is in the last commit here; the next run pushes it",
            checkout.target()
        ));
        Ok(Exit::Partly)
    }

    /// Reads what lies at the other end, and puts everything that both sides know on top of it.
    async fn join_remote(&self, checkout: &Checkout, now: Option<Timestamp>) -> Result<()> {
        let Some(remote) = checkout.fetch().await? else {
            // The branch is not there any more: the next push makes it anew.
            return Ok(());
        };
        let theirs = remote.files().await?;
        if Archive::is_at(theirs.path()) {
            let read = archive::read_into(&self.store, theirs.path(), false).await;
            read.context("the archive at the other end cannot be read")?;
        }
        archive::write(&self.store, &self.folder, false).await?;
        let message = self.message().await?;
        checkout.commit_onto(&remote, &message, now).await
    }

    /// Names the newest day that is held.
    async fn message(&self) -> Result<String> {
        let held = self.store.held().await?;
        let newest = held.iter().filter_map(|(_, held)| held.newest_of_any());
        match newest.max() {
            Some(day) => Ok(format!("traffic of {day}")),
            None => Ok("traffic".to_owned()),
        }
    }
}
