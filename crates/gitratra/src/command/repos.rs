//! `repos`: what is tracked, how far it is read, and what went wrong last.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use gitratra_core::{Held, Metric, RepoId, RepoName, Rules, plan};
use gitratra_render::term::{self, Column};
use gitratra_store::{Problem, Store};
use serde::Serialize;

use crate::Exit;
use crate::args::Json;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

/// One repository as the store knows it, or an exact name that was never read.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) name: RepoName,
    /// GitHub's number, once it was looked up.
    pub(super) id: Option<RepoId>,
    pub(super) held: Held,
    pub(super) is_tracked: bool,
}

/// Everything the store knows, sorted by name, exact names that were never read included.
pub(super) async fn held(store: &Store) -> Result<Vec<Tracked>> {
    let rules = Rules::new(store.rules().await?);
    let mut names: HashMap<RepoId, Vec<RepoName>> = HashMap::new();
    for (name, id) in store.bindings().await? {
        names.entry(id).or_default().push(name);
    }
    let held: HashMap<RepoId, Held> = store.held().await?.into_iter().collect();
    let mut all: Vec<Tracked> = Vec::new();
    for known in store.repositories().await? {
        let id = known.repository.id;
        let names = names.get(&id).map_or(&[][..], Vec::as_slice);
        all.push(Tracked {
            is_tracked: rules.verdict(&known.repository, names).is_tracked(),
            name: known.repository.name,
            id: Some(id),
            held: held.get(&id).cloned().unwrap_or_default(),
        });
    }
    let known: HashSet<RepoName> = names
        .into_values()
        .flatten()
        .chain(all.iter().map(|tracked| tracked.name.clone()))
        .collect();
    for name in rules.names() {
        if !known.contains(name) {
            all.push(Tracked {
                name: name.clone(),
                id: None,
                held: Held::default(),
                is_tracked: true,
            });
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

#[derive(Serialize)]
struct Line {
    name: String,
    id: Option<u64>,
    newest_day: Option<String>,
    newest_views: Option<String>,
    newest_clones: Option<String>,
    days_safe: Option<u32>,
    next_day_lost_on: Option<String>,
    last_error: Option<LastError>,
}

#[derive(Serialize)]
struct LastError {
    endpoint: &'static str,
    status: Option<u16>,
    message: String,
    action: String,
    since: String,
}

pub(super) async fn run(args: Json, settings: &Settings, voice: Voice) -> Result<Exit> {
    let store = connect::store(settings).await?;
    let tracked: Vec<Tracked> = held(&store)
        .await?
        .into_iter()
        .filter(|tracked| tracked.is_tracked)
        .collect();
    let problems = store.problems().await?;
    let now = match tracked.is_empty() {
        true => None,
        false => connect::github_time(settings, &store, voice).await?,
    };
    let rules = store.rules().await?;
    store.close().await;
    let lines: Vec<Line> = tracked
        .iter()
        .map(|tracked| {
            let newest = tracked.held.newest();
            let problem = problems
                .iter()
                .find(|problem| Some(problem.repo) == tracked.id);
            Line {
                name: tracked.name.to_string(),
                id: tracked.id.map(|id| id.0),
                newest_day: newest.map(|day| day.to_string()),
                newest_views: tracked
                    .held
                    .newest_of(Metric::Views)
                    .map(|day| day.to_string()),
                newest_clones: tracked
                    .held
                    .newest_of(Metric::Clones)
                    .map(|day| day.to_string()),
                days_safe: newest.zip(now).map(|(day, now)| plan::days_safe(day, now)),
                next_day_lost_on: newest.map(|day| plan::lost_on(day).to_string()),
                last_error: problem.map(last_error),
            }
        })
        .collect();
    if args.json {
        voice.json(&lines)?;
        return Ok(Exit::Done);
    }
    if lines.is_empty() {
        voice.say(match rules.is_empty() {
            true => "nothing is tracked yet: `gitratra track OWNER/NAME` or `gitratra sync OWNER/NAME` begins",
            false => "no repository was read yet: `gitratra sync` reads what the rules match",
        });
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    let columns = [
        Column::name("repository"),
        Column::number("id"),
        Column::word("newest day"),
        Column::number("days safe"),
        Column::name("last error"),
    ];
    voice.data(&term::table(&columns, &rows, voice.page()))?;
    Ok(Exit::Done)
}

fn last_error(problem: &Problem) -> LastError {
    LastError {
        endpoint: problem.endpoint.word(),
        status: problem.status,
        message: problem.message.clone(),
        action: problem.action.clone(),
        since: format!("{:.0}", problem.since),
    }
}

fn row(line: &Line) -> Vec<String> {
    let dash = || "-".to_owned();
    let error = line.last_error.as_ref().map(|error| {
        let status = error
            .status
            .map_or_else(String::new, |status| format!("{status} "));
        format!("{}: {status}{}", error.endpoint, error.message)
    });
    vec![
        line.name.clone(),
        line.id.map_or_else(dash, |id| id.to_string()),
        line.newest_day.clone().unwrap_or_else(dash),
        line.days_safe.map_or_else(dash, |days| days.to_string()),
        // The store keeps errors by number, which a name that was never found has not.
        error.unwrap_or_else(|| match line.id {
            Some(_) => String::new(),
            None => "never read".to_owned(),
        }),
    ]
}
