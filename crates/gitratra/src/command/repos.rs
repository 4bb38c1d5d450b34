//! `repos`: what is tracked, how far it is read, and what went wrong last.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use gitratra_core::{Endpoint, Held, Metric, RepoId, RepoName, Rules, Timestamp, plan};
use gitratra_render::term::{self, Column};
use gitratra_store::{Gone, Problem, Store, StoreError};
use serde::Serialize;

use crate::Exit;
use crate::args::Json;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

use super::doctor::{Loss, Reach, is_urgent, next_loss};

/// One repository as the store knows it, or an exact name that was never read.
#[derive(Debug)]
pub(crate) struct Tracked {
    pub(crate) name: RepoName,
    /// GitHub's number, once it was looked up.
    pub(crate) id: Option<RepoId>,
    pub(crate) held: Held,
    pub(crate) is_tracked: bool,
    /// As far as it is known.
    pub(crate) is_private: bool,
    /// Set where GitHub no longer answers for it.
    pub(crate) gone: Option<Gone>,
}

impl Tracked {
    /// A name of which nothing is known.
    pub(super) fn unknown(name: RepoName) -> Self {
        Self {
            name,
            id: None,
            held: Held::default(),
            is_tracked: true,
            is_private: false,
            gone: None,
        }
    }

    /// The next day that is lost unless it is read before. What is gone for good cannot be read, and of a
    /// name that was never found nobody knows whether there is anything to read.
    pub(super) fn next_loss(&self, now: Option<Timestamp>) -> Option<Loss> {
        let is_there = !self.is_given_up(now) && self.id.is_some();
        next_loss(Reach::of(&self.held), now).filter(|_| is_there)
    }

    /// Whether GitHub does not answer for it and nothing of it can be saved any more.
    fn is_given_up(&self, now: Option<Timestamp>) -> bool {
        let newest = self.held.newest();
        let gone = self.gone.as_ref();
        gone.is_some_and(|gone| now.is_none_or(|now| plan::is_given_up(gone.status, newest, now)))
    }

    /// How many days are left, today included; 0 where one is lost already.
    pub(super) fn days_safe(&self, now: Option<Timestamp>) -> Option<u32> {
        let newest = self.held.newest().filter(|_| !self.is_given_up(now));
        newest.zip(now).map(|(day, now)| plan::days_safe(day, now))
    }
}

/// Everything the store knows, sorted by name, exact names that were never read included.
pub(crate) async fn held(store: &Store) -> Result<Vec<Tracked>, StoreError> {
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
            is_private: known.repository.is_private,
            gone: known.gone,
        });
    }
    let known: HashSet<RepoName> = names
        .into_values()
        .flatten()
        .chain(all.iter().map(|tracked| tracked.name.clone()))
        .collect();
    for name in rules.names() {
        if !known.contains(name) {
            all.push(Tracked::unknown(name.clone()));
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

#[derive(Serialize)]
struct Line {
    name: String,
    id: Option<u64>,
    is_private: Option<bool>,
    newest_day: Option<String>,
    newest_views: Option<String>,
    newest_clones: Option<String>,
    days_safe: Option<u32>,
    next_day_lost_on: Option<String>,
    /// Whether that is so near that it must be read now.
    is_urgent: bool,
    gone_since: Option<String>,
    last_error: Option<LastError>,
}

#[derive(Serialize)]
struct LastError {
    endpoint: &'static str,
    status: Option<u16>,
    message: String,
    action: String,
    since: Option<String>,
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
    let has_passed = store.last_run().await?.is_some();
    store.close().await;
    let lines: Vec<Line> = tracked
        .iter()
        .map(|tracked| line(tracked, &problems, has_passed, now))
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
    let mut text = term::table(&columns, &rows, voice.page());
    let to_do: Vec<String> = lines.iter().flat_map(to_do).collect();
    if !to_do.is_empty() {
        text.push_str("\nwhat to do\n");
        text.push_str(&to_do.concat());
    }
    voice.data(&text)?;
    Ok(Exit::Done)
}

fn line(tracked: &Tracked, problems: &[Problem], has_passed: bool, now: Option<Timestamp>) -> Line {
    let day = |day: Option<gitratra_core::Day>| day.map(|day| day.to_string());
    let loss = tracked.next_loss(now);
    // What is asked beside traffic loses nothing by failing.
    let is_told = |problem: &&Problem| !Endpoint::OTHERS.contains(&problem.endpoint);
    let of = problems.iter().filter(is_told);
    let of = of.filter(|problem| Some(problem.repo) == tracked.id);
    // That a repository is not found says more than what followed from it.
    let problem = of.max_by_key(|problem| problem.endpoint == Endpoint::Repository);
    Line {
        name: tracked.name.to_string(),
        id: tracked.id.map(|id| id.0),
        is_private: tracked.id.map(|_| tracked.is_private),
        newest_day: day(tracked.held.newest()),
        newest_views: day(tracked.held.newest_of(Metric::Views)),
        newest_clones: day(tracked.held.newest_of(Metric::Clones)),
        days_safe: tracked.days_safe(now),
        next_day_lost_on: loss.map(|loss| loss.on.to_string()),
        is_urgent: loss
            .zip(now)
            .is_some_and(|(loss, now)| is_urgent(loss, now)),
        gone_since: tracked.gone.map(|gone| format!("{:.0}", gone.since)),
        last_error: match tracked.id {
            Some(_) => problem.map(last_error),
            None => has_passed.then(|| never_found(&tracked.name)),
        },
    }
}

fn last_error(problem: &Problem) -> LastError {
    LastError {
        endpoint: problem.endpoint.word(),
        status: problem.status,
        message: problem.message.clone(),
        action: problem.action.clone(),
        since: Some(format!("{:.0}", problem.since)),
    }
}

/// The store keeps errors by number, which a name that was never found has not; but each pass looks
/// for it, so that it was found by none of them.
fn never_found(name: &RepoName) -> LastError {
    LastError {
        endpoint: Endpoint::Repository.word(),
        status: None,
        message: NEVER_FOUND.to_owned(),
        action: why_never_found(name),
        since: None,
    }
}

/// What is said of a name that passes looked for in vain.
pub(super) const NEVER_FOUND: &str = "not found by any pass";

/// What to do about such a name.
pub(super) fn why_never_found(name: &RepoName) -> String {
    format!(
        "check the spelling, and that the token may see it: `gitratra doctor {name}` asks GitHub \
         what is wrong"
    )
}

fn row(line: &Line) -> Vec<String> {
    let dash = || "-".to_owned();
    let error = line.last_error.as_ref().map(|error| {
        let status = error
            .status
            .map_or_else(String::new, |status| format!("{status} "));
        match (&line.gone_since, line.id) {
            (Some(since), _) => format!("{status}gone since {}", &since[..10]),
            (None, None) => error.message.clone(),
            (None, Some(_)) => format!("{}: {status}{}", error.endpoint, error.message),
        }
    });
    let days_safe = line.days_safe.map_or_else(dash, |days| days.to_string());
    let mark = if line.is_urgent { " !" } else { "" };
    vec![
        line.name.clone(),
        line.id.map_or_else(dash, |id| id.to_string()),
        line.newest_day.clone().unwrap_or_else(dash),
        format!("{days_safe}{mark}"),
        error.unwrap_or_else(|| match line.id {
            None => "never read".to_owned(),
            Some(_) => String::new(),
        }),
    ]
}

/// What is to be done about a repository, a line for each thing.
fn to_do(line: &Line) -> Vec<String> {
    let name = &line.name;
    let error = line.last_error.iter();
    let mut lines: Vec<String> = error
        .map(|error| format!("  {name}: {}\n", error.action))
        .collect();
    if let (true, Some(on)) = (line.is_urgent, &line.next_day_lost_on) {
        lines.push(format!(
            "  {name}: its next day is lost on {on}; read it before, `gitratra sync {name}`\n"
        ));
    }
    lines
}
