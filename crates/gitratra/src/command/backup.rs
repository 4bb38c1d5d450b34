//! `backup`: one state of the store as a file, in a folder or in a bucket, looked at after it was
//! written.

use anyhow::{Context as _, Result, bail};
use gitratra_backup::{Checked, Target, keep, make};
use gitratra_core::Timestamp;
use gitratra_store::Store;
use serde::Serialize;

use crate::Exit;
use crate::args;
use crate::clock::machine_time;
use crate::connect;
use crate::copies::made_line;
use crate::output::Voice;
use crate::settings::Settings;

const SECRETS: &str = "it holds the hashes of passwords and tokens and the keys of signed addresses: \
                       keep it as you keep the store";

/// What was made, for scripts.
#[derive(Serialize)]
struct Made {
    place: String,
    bytes: u64,
    sha256: String,
    repos: u64,
    days: u64,
    wrong: u64,
    removed: Vec<String>,
}

pub(super) async fn run(args: &args::Backup, settings: &Settings, voice: Voice) -> Result<Exit> {
    connect::existing(settings)?;
    let store = connect::store(settings).await?;
    let (made, checked, line) = match (&args.file, &args.to) {
        (Some(file), _) => {
            let copied = make(&store, file, args.force).await;
            let copied = copied.map_err(|error| match error {
                gitratra_backup::BackupError::Exists { .. } => anyhow::Error::from(error)
                    .context("nothing was written: use --force to replace it"),
                other => other.into(),
            })?;
            let place = file.display().to_string();
            let line = format!(
                "copied to {place}: {} bytes, read and checked",
                copied.bytes
            );
            let made = told(place, copied.bytes, copied.sha256, &copied.checked, vec![]);
            (made, copied.checked, line)
        }
        (None, Some(text)) => {
            let target = settings.target(text)?;
            kept(&store, settings, &target, None, voice).await?
        }
        (None, None) => {
            let Some(scheduled) = settings.scheduled()? else {
                bail!(
                    "nobody said where to: name a FILE, --to PLACE, or a table [backup] in the configuration"
                );
            };
            let wanted = Some(scheduled.keep);
            kept(&store, settings, &scheduled.target, wanted, voice).await?
        }
    };
    store.close().await;
    if args.json.json {
        voice.json(&made)?;
    }
    voice.say(&format!("{line}; {SECRETS}"));
    if checked.is_sound() {
        return Ok(Exit::Done);
    }
    voice.warn(&format!(
        "{} places in it are damaged as they are in the store, the first is: {}\n  `gitratra verify` \
         names all of them",
        checked.verified.wrong,
        checked.first()
    ));
    Ok(Exit::Partly)
}

/// One more copy among those at a place.
async fn kept(
    store: &Store,
    settings: &Settings,
    target: &Target,
    wanted: Option<gitratra_backup::Keep>,
    voice: Voice,
) -> Result<(Made, Checked, String)> {
    let at = now(store, settings, voice).await?;
    let made = keep(store, target, at, wanted).await;
    let made = made.with_context(|| format!("no good copy was made in \"{target}\""))?;
    let line = made_line(target, &made);
    if let Some(why) = &made.not_removed {
        voice.warn(why);
    }
    let place = target.place_of(&made.name);
    let told = told(place, made.bytes, made.sha256, &made.checked, made.removed);
    Ok((told, made.checked, line))
}

/// The time that a copy is named by. One is made also where nobody can be asked for it.
async fn now(store: &Store, settings: &Settings, voice: Voice) -> Result<Timestamp> {
    let time = connect::github_time(settings, store, voice).await?;
    Ok(time.unwrap_or_else(machine_time))
}

fn told(
    place: String,
    bytes: u64,
    sha256: String,
    checked: &Checked,
    removed: Vec<String>,
) -> Made {
    Made {
        place,
        bytes,
        sha256,
        repos: checked.verified.repos,
        days: checked.verified.days,
        wrong: checked.verified.wrong,
        removed,
    }
}
