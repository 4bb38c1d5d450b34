//! `export daily`: days of every repository, one after another, so that memory does not grow.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

use anyhow::{Context, Result};
use gitratra_core::{Day, DayRange, Pattern, RepoId, RepoName, Rules, Series};
use gitratra_formats::daily::{CsvWriter, DailyWriter, JsonLinesWriter, JsonWriter};
use gitratra_formats::{NewFile, gitratra_v1};
use gitratra_store::Store;

use crate::Exit;
use crate::args::{Export, ExportFormat, ExportWhat};
use crate::connect;
use crate::output::Voice;
use crate::range::{self, Asked};
use crate::settings::Settings;

pub(super) async fn run(args: &Export, settings: &Settings, voice: Voice) -> Result<Exit> {
    let ExportWhat::Daily = args.what;
    let asked = range::parse(&args.range)?;
    let patterns: Vec<Pattern> = args
        .repo
        .iter()
        .map(|text| text.parse())
        .collect::<Result<_, _>>()?;
    let store = connect::store(settings).await?;
    let repos = chosen(&store, patterns, args.format).await?;
    if repos.is_empty() && !args.repo.is_empty() {
        voice.warn(&format!(
            "nothing in the store matches {}",
            args.repo.join(", ")
        ));
    }
    let written = match &args.output {
        Some(path) => {
            let mut file = NewFile::create(path)?;
            write(&store, &repos, asked, args.format, &mut file).await?;
            file.put_in_place()?;
            Ok(())
        }
        None => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            write(&store, &repos, asked, args.format, &mut out).await
        }
    };
    store.close().await;
    match written {
        // A reader that has seen enough is no error: `gitratra export daily | head`.
        Err(error) if is_broken_pipe(&error) => Ok(Exit::Done),
        Err(error) => Err(error),
        Ok(()) => Ok(Exit::Done),
    }
}

/// The repositories to write, sorted by what they are called: all in the store, or those that match.
///
/// One whose name another one bears now (it was deleted, or was not met again since it was renamed)
/// is called otherwise: two histories under one name would be one to every reader.
async fn chosen(
    store: &Store,
    patterns: Vec<Pattern>,
    format: ExportFormat,
) -> Result<Vec<(RepoId, String)>> {
    let has_inclusion = patterns.iter().any(|pattern| !pattern.is_exclusion());
    let everything = (!has_inclusion).then_some(Pattern::All);
    let rules = Rules::new(patterns.into_iter().chain(everything));
    let known = store.repositories().await?;
    let mut bearers: BTreeMap<RepoName, usize> = BTreeMap::new();
    for known in &known {
        *bearers.entry(known.repository.name.clone()).or_default() += 1;
    }
    let mut repos = Vec::new();
    for known in known {
        let (id, name) = (known.repository.id, &known.repository.name);
        if !rules.verdict(&known.repository, &known.former).is_tracked() {
            continue;
        }
        let is_shared = bearers[name] > 1;
        let bears_name = !is_shared || store.find(name).await?.is_some_and(|found| found.id == id);
        repos.push((
            id,
            if bears_name {
                name.to_string()
            } else {
                unambiguous(name, id, format)?
            },
        ));
    }
    repos.sort_by_cached_key(|(_, label)| label.to_ascii_lowercase());
    Ok(repos)
}

/// `owner/name@ID`, which no repository of GitHub's can be called. Who reads the original tool's
/// text back takes only names that GitHub allows, so there it is `owner/name.former-ID`.
fn unambiguous(name: &RepoName, id: RepoId, format: ExportFormat) -> Result<String> {
    const LONGEST: usize = 100;
    if format != ExportFormat::Gitratra {
        return Ok(format!("{name}@{}", id.0));
    }
    let end = format!(".former-{}", id.0);
    let kept = name.name().chars().take(LONGEST - end.len());
    let text: String = kept.chain(end.chars()).collect();
    Ok(RepoName::new(name.owner(), &text)?.to_string())
}

async fn write(
    store: &Store,
    repos: &[(RepoId, String)],
    asked: Asked,
    format: ExportFormat,
    out: &mut impl Write,
) -> Result<()> {
    let newest = newest_day(store, repos).await?;
    let mut writer: Box<dyn DailyWriter + '_> = match format {
        ExportFormat::Csv => Box::new(CsvWriter::new(&mut *out)),
        ExportFormat::Json => Box::new(JsonWriter::new(&mut *out)),
        ExportFormat::Jsonl => Box::new(JsonLinesWriter::new(&mut *out)),
        ExportFormat::Gitratra => Box::new(gitratra_v1::V1Writer::new(&mut *out)),
    };
    for (id, label) in repos {
        let series = Series::new(store.days(*id, None).await?);
        let Some(known) = series.range() else {
            continue;
        };
        // A relative range ends on the same day for every repository.
        let until = DayRange::new(
            known.first(),
            newest.unwrap_or(known.last()).max(known.last()),
        );
        let range = asked.of(until.unwrap_or(known));
        let days = range.map_or(&[][..], |range| series.within(range));
        if !days.is_empty() {
            writer
                .write_repo(label, days)
                .context("cannot write the export")?;
        }
    }
    writer.finish().context("cannot write the export")?;
    out.flush().context("cannot write the export")
}

async fn newest_day(store: &Store, repos: &[(RepoId, String)]) -> Result<Option<Day>> {
    let held = store.held().await?;
    Ok(held
        .into_iter()
        .filter(|(id, _)| repos.iter().any(|(wanted, _)| wanted == id))
        .filter_map(|(_, held)| held.newest_of_any())
        .max())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
