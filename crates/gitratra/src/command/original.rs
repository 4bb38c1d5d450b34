//! The original tool's call: a list of repositories in, one text file of days out, no store.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use gitratra_core::{Metric, RepoName, Timestamp};
use gitratra_formats::{FileLock, V1File, gitratra_v1, list_file, replace_file};
use gitratra_github::{Client, Failure, FailureKind};
use gitratra_render::number;
use gitratra_render::term::{self, Column};
use gitratra_sync::list::{self, Collected};

use crate::Exit;
use crate::args::Original;
use crate::output::Voice;
use crate::settings::Settings;
use crate::{connect, credential, interrupt};

pub(super) async fn run(args: Original, settings: &Settings, voice: Voice) -> Result<Exit> {
    let jobs = settings.jobs(args.jobs)?;
    let points = settings.points_per_minute(args.points_per_minute)?;
    let list_name = args.repo_file.display().to_string();
    let bytes = std::fs::read(&args.repo_file)
        .with_context(|| format!("cannot read the list \"{list_name}\""))?;
    let entries = list_file::parse(&bytes, &list_name)?;
    if entries.is_empty() {
        bail!(
            "the list \"{list_name}\" names no repository: write one a line, as name or owner/name"
        );
    }
    let has_token_in_arguments = args
        .credential
        .split_once(':')
        .is_some_and(|(kind, token)| {
            kind.eq_ignore_ascii_case("token") && !token.is_empty() && token != "-"
        });
    if has_token_in_arguments {
        voice.warn(
            "other users of this machine can read the token in the arguments: use token:- with the token on standard input",
        );
    }
    let lock = FileLock::take(&args.output_file, || {
        voice.say("another run is writing the same file: waiting for it");
    })?;
    let mut file = read_output(&args)?;
    let credential = credential::original(&args.credential, settings).await?;
    let client = connect::client(settings, credential, points, jobs)?;
    let login = match login(&client, &entries).await {
        Ok(login) => login,
        Err(failure) => {
            let FailureKind::RateLimited { until } = failure.kind else {
                return Err(refused(failure));
            };
            let names: Vec<String> = entries.into_iter().map(|entry| entry.text).collect();
            warn_of_limit(until, &names, voice);
            return Ok(Exit::Partly);
        }
    };
    let names = full_names(&login, &entries)?;
    let interrupt = interrupt::listen(voice)?;
    let collected = list::collect(&client, &names, jobs, &interrupt)
        .await
        .map_err(refused)?;
    let mut has_news = false;
    for listed in &collected.listed {
        let spelled = entries
            .iter()
            .zip(&names)
            .filter(|(_, name)| **name == names[listed.at]);
        for (entry, _) in spelled {
            for reading in &listed.readings {
                file.repo(&entry.text).merge_reading(reading);
                has_news = true;
            }
        }
    }
    if has_news {
        for entry in &entries {
            file.repo(&entry.text);
        }
        replace_file(&args.output_file, gitratra_v1::write(&file).as_bytes())?;
    }
    drop(lock);
    voice.data(&summary(&file, &entries, voice))?;
    Ok(tell(&collected, &names, voice))
}

fn read_output(args: &Original) -> Result<V1File> {
    let name = args.output_file.display().to_string();
    match std::fs::read(&args.output_file) {
        Ok(bytes) => Ok(gitratra_v1::read(&bytes, &name)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(V1File::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read \"{name}\"")),
    }
}

/// The owner of the token, asked only where a bare name needs one.
async fn login(client: &Client, entries: &[list_file::Entry]) -> Result<String, Failure> {
    if entries.iter().all(|entry| entry.text.contains('/')) {
        return Ok(String::new());
    }
    client.login().await.map(|(login, _)| login)
}

/// Bare names belong to the owner of the token.
fn full_names(login: &str, entries: &[list_file::Entry]) -> Result<Vec<RepoName>> {
    let full = |entry: &list_file::Entry| match entry.text.split_once('/') {
        Some((owner, name)) => RepoName::new(owner, name),
        None => RepoName::new(login, &entry.text),
    };
    Ok(entries.iter().map(full).collect::<Result<_, _>>()?)
}

fn refused(failure: Failure) -> anyhow::Error {
    anyhow::anyhow!("{failure}: {}", failure.action())
}

/// What the file holds now of the repositories of the list.
fn summary(file: &V1File, entries: &[list_file::Entry], voice: Voice) -> String {
    let mut rows = BTreeMap::new();
    for entry in entries {
        let Some(repo) = file.repos.iter().find(|repo| repo.name == entry.text) else {
            continue;
        };
        // What was never read is no zero.
        let sum = |metric| match repo.days(metric) {
            days if days.is_empty() => "-".to_owned(),
            days => number::grouped(days.values().map(|count| count.count()).sum()),
        };
        let days = repo.views.keys().chain(repo.clones.keys());
        let span = match (days.clone().min(), days.max()) {
            (Some(first), Some(last)) => format!("{first}..{last}"),
            _ => "no day yet".to_owned(),
        };
        rows.insert(
            entry.line,
            vec![
                repo.name.clone(),
                sum(Metric::Clones),
                sum(Metric::Views),
                span,
            ],
        );
    }
    let rows: Vec<Vec<String>> = rows.into_values().collect();
    let columns = [
        Column::name("repository"),
        Column::number("clones"),
        Column::number("views"),
        Column::word("days"),
    ];
    term::table(&columns, &rows, voice.page())
}

fn warn_of_limit(until: Option<Timestamp>, unread: &[String], voice: Voice) {
    let until = until.map_or_else(String::new, |until| format!(" until {until:.0}"));
    voice.warn(&format!(
        "the rate limit is used up{until}; not read to the end: {}",
        unread.join(", ")
    ));
}

fn tell(collected: &Collected, names: &[RepoName], voice: Voice) -> Exit {
    let mut exit = Exit::Done;
    for trouble in collected.listed.iter().flat_map(|listed| &listed.troubles) {
        let status = trouble
            .status
            .map_or_else(String::new, |status| format!("{status} "));
        voice.warn(&format!(
            "{} ({}): {status}{}\n  {}",
            trouble.repo, trouble.endpoint, trouble.message, trouble.action
        ));
        exit = Exit::Partly;
    }
    let unread: Vec<String> = collected
        .listed
        .iter()
        .filter(|listed| listed.readings.len() + listed.troubles.len() < Metric::ALL.len())
        .map(|listed| names[listed.at].to_string())
        .collect();
    if let Some(until) = collected.limited {
        warn_of_limit(until, &unread, voice);
        exit = Exit::Partly;
    }
    if collected.is_interrupted {
        voice.warn(&format!(
            "interrupted; not read to the end: {}",
            unread.join(", ")
        ));
        exit = Exit::Partly;
    }
    exit
}
