//! `note`: what somebody wrote about a day of a repository.

use anyhow::{Result, bail};
use gitratra_core::{Day, NoteText, RepoId};
use gitratra_render::term::{Column, table};
use gitratra_store::Store;
use serde::Serialize;

use crate::Exit;
use crate::args::{self, NoteCommand};
use crate::clock::machine_time;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

use super::repos;

pub(super) async fn run(args: &args::Note, settings: &Settings, voice: Voice) -> Result<Exit> {
    let store = connect::store(settings).await?;
    let done = match &args.command {
        NoteCommand::Add { repo, day, text } => add(&store, repo, day, text, voice).await,
        NoteCommand::List { repo, json } => list(&store, repo.as_deref(), json.json, voice).await,
        NoteCommand::Remove { repo, id } => remove(&store, repo, *id, voice).await,
    };
    store.close().await;
    done.map(|()| Exit::Done)
}

async fn add(store: &Store, repo: &str, day: &str, text: &str, voice: Voice) -> Result<()> {
    let day: Day = day.parse()?;
    let text: NoteText = text.parse()?;
    let found = super::find(store, repo, voice).await?;
    // When it was written decides nothing, so this machine's clock will do.
    let id = store.add_note(found.id, day, &text, machine_time()).await?;
    voice.tell(&format!("note {id} of {} on {day}: {text}", found.name));
    Ok(())
}

async fn remove(store: &Store, repo: &str, id: u64, voice: Voice) -> Result<()> {
    let found = super::find(store, repo, voice).await?;
    if !store.remove_note(found.id, id).await? {
        let name = &found.name;
        bail!("{name} has no note {id}: `gitratra note list {name}` tells their numbers");
    }
    voice.tell(&format!("note {id} of {} is removed", found.name));
    Ok(())
}

#[derive(Serialize)]
struct Line {
    repo: String,
    id: u64,
    day: String,
    text: String,
    written_at: String,
}

async fn list(store: &Store, repo: Option<&str>, is_json: bool, voice: Voice) -> Result<()> {
    let repos: Vec<(RepoId, String)> = match repo {
        Some(text) => {
            let found = super::find(store, text, voice).await?;
            vec![(found.id, found.name.to_string())]
        }
        None => {
            let known = repos::held(store).await?.into_iter();
            let known = known.filter_map(|repo| Some((repo.id?, repo.name.to_string())));
            known.collect()
        }
    };
    let mut lines = Vec::new();
    for (id, name) in repos {
        let notes = store.notes(id, None).await?.into_iter();
        lines.extend(notes.map(|note| Line {
            repo: name.clone(),
            id: note.id,
            day: note.day.to_string(),
            text: note.text.to_string(),
            written_at: format!("{:.0}", note.written_at),
        }));
    }
    if is_json {
        return voice.json(&lines);
    }
    if lines.is_empty() {
        voice.say("there are no notes: `gitratra note add OWNER/NAME DAY \"text\"` writes one");
        return Ok(());
    }
    let columns = [
        Column::name("repository"),
        Column::number("note"),
        Column::word("day"),
        Column::name("text"),
    ];
    let rows = lines.into_iter().map(|line| {
        let id = line.id.to_string();
        vec![line.repo, id, line.day, line.text]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    voice.data(&table(&columns, &rows, voice.page()))
}
