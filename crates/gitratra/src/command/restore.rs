//! `restore`: puts a copy in the place of the store, after looking at it.

use anyhow::Result;
use gitratra_backup::{BackupError, Restore, put_back};
use serde::Serialize;

use crate::Exit;
use crate::args;
use crate::output::Voice;
use crate::settings::Settings;

/// What was put back, for scripts.
#[derive(Serialize)]
struct Put {
    store: String,
    repos: u64,
    days: u64,
    wrong: u64,
}

pub(super) async fn run(args: &args::Restore, settings: &Settings, voice: Voice) -> Result<Exit> {
    let location = settings.location()?;
    let how = Restore {
        may_replace: args.overwrite,
        accepts_unsound: args.accept_damage,
    };
    let restored = put_back(&args.file, &location, how).await;
    let restored = restored.map_err(|error| {
        let hint = match &error {
            BackupError::NotEmpty { .. } => Some("use --overwrite to give it up for the copy"),
            BackupError::Unsound { .. } => Some("use --accept-damage if there is no better copy"),
            _ => None,
        };
        let error = anyhow::Error::from(error);
        match hint {
            Some(hint) => error.context(format!("nothing was put back: {hint}")),
            None => error,
        }
    })?;
    let verified = &restored.checked.verified;
    if args.json.json {
        voice.json(&Put {
            store: location.to_string(),
            repos: verified.repos,
            days: verified.days,
            wrong: verified.wrong,
        })?;
    }
    voice.say(&format!(
        "\"{location}\" holds {} repositories with {} days now",
        verified.repos, verified.days
    ));
    Ok(match verified.wrong {
        0 => Exit::Done,
        _ => Exit::Partly,
    })
}
