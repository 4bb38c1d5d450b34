//! `share`: links that show one repository or one group to whoever has them.

use std::collections::HashMap;

use anyhow::{Result, anyhow, bail};
use gitratra_core::{GroupName, RepoId, Timestamp};
use gitratra_render::term::{Column, table};
use gitratra_store::{NewShare, Shared, Store};
use gitratra_web::access::{fresh_secret, hash_of, void_signed};
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::Exit;
use crate::args::{self, ShareCommand};
use crate::clock::machine_time;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

pub(super) async fn run(args: &args::Share, settings: &Settings, voice: Voice) -> Result<Exit> {
    let store = connect::store(settings).await?;
    let done = match &args.command {
        None => add(&store, args, voice).await,
        Some(ShareCommand::List { json }) => list(&store, json.json, voice).await,
        Some(ShareCommand::Revoke { id: Some(id), .. }) => revoke(&store, *id, voice).await,
        Some(ShareCommand::Revoke { signed: true, .. }) => revoke_signed(&store, voice).await,
        Some(ShareCommand::Revoke { .. }) => Err(anyhow!(
            "say which link: its number, which `gitratra share list` tells, or --signed"
        )),
    };
    store.close().await;
    done.map(|()| Exit::Done)
}

async fn add(store: &Store, args: &args::Share, voice: Voice) -> Result<()> {
    let target = match (&args.repo, &args.group) {
        (Some(repo), _) => Shared::Repo(super::find(store, repo, voice).await?.id),
        (None, Some(group)) => Shared::Group(group.parse::<GroupName>()?),
        (None, None) => bail!("say what to share: OWNER/NAME, or --group GROUP"),
    };
    if args.label.chars().count() > 80 || args.label.chars().any(char::is_control) {
        bail!("whom it is for is one line of at most 80 characters");
    }
    let (secret, now) = (fresh_secret(), machine_time());
    let end = now.as_second() + i64::from(args.days) * 86_400;
    let share = NewShare {
        hash: hash_of(secret.expose_secret()),
        label: args.label.trim().to_owned(),
        target,
        person: None,
        expires_at: Timestamp::from_second(end)?,
    };
    let Some(id) = store.add_share(&share, now).await? else {
        bail!("there is no such group: `gitratra group list` tells which there are");
    };
    let until = share.expires_at.strftime("%Y-%m-%d");
    voice.say(&format!(
        "share link {id}: until {until} whoever has it sees this path of the dashboard:"
    ));
    voice.data(&format!("/share/{}\n", secret.expose_secret()))
}

async fn revoke(store: &Store, id: u64, voice: Voice) -> Result<()> {
    if !store.revoke_share(id, machine_time()).await? {
        bail!("there is no open share link {id}: `gitratra share list` tells their numbers");
    }
    voice.tell(&format!("share link {id} is revoked"));
    Ok(())
}

async fn revoke_signed(store: &Store, voice: Voice) -> Result<()> {
    void_signed(store, machine_time()).await?;
    voice.tell("all signed addresses of pictures have ended; the pages offer new ones");
    Ok(())
}

#[derive(Serialize)]
struct Line {
    id: u64,
    shows: String,
    label: String,
    state: &'static str,
    expires_at: String,
}

async fn list(store: &Store, is_json: bool, voice: Voice) -> Result<()> {
    let known = store.repositories().await?.into_iter();
    let names: HashMap<RepoId, String> = known
        .map(|known| (known.repository.id, known.repository.name.to_string()))
        .collect();
    let now = machine_time();
    let shares = store.shares().await?.into_iter();
    let lines = shares.map(|share| Line {
        id: share.id,
        shows: match &share.target {
            Shared::Repo(id) => names.get(id).cloned().unwrap_or_else(|| id.to_string()),
            Shared::Group(group) => format!("group {group}"),
        },
        state: match (share.is_open(now), share.revoked_at) {
            (true, _) => "open",
            (false, Some(_)) => "revoked",
            (false, None) => "ended",
        },
        expires_at: format!("{:.0}", share.expires_at),
        label: share.label,
    });
    let lines: Vec<Line> = lines.collect();
    if is_json {
        return voice.json(&lines);
    }
    if lines.is_empty() {
        voice.say("there are no share links: `gitratra share OWNER/NAME` makes one");
        return Ok(());
    }
    let columns = [
        Column::number("link"),
        Column::name("shows"),
        Column::word("state"),
        Column::word("ends"),
        Column::name("for"),
    ];
    let rows = lines.into_iter().map(|line| {
        let (id, state) = (line.id.to_string(), line.state.to_owned());
        vec![id, line.shows, state, line.expires_at, line.label]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    voice.data(&table(&columns, &rows, voice.page()))
}
