//! `export`: what is kept of every repository, one after another, so that memory does not grow.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use gitratra_core::platform::Rule;
use gitratra_core::{Day, DayRange, Pattern, Ranking, RepoId, RepoName, Rules, Series};
use gitratra_formats::daily::{DailyWriter, DayRows};
use gitratra_formats::{NewFile, RowFormat, gitratra_v1};
use gitratra_store::Store;

use crate::Exit;
use crate::args::{Export, ExportFormat, ExportWhat};
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;
use gitratra_answer::Asked;

mod tables;

use tables::{Table, Wanted};

pub(super) async fn run(args: &Export, settings: &Settings, voice: Voice) -> Result<Exit> {
    let asked: Asked = args.range.parse()?;
    let rules = settings.platform_rules()?;
    let patterns: Vec<Pattern> = args
        .repo
        .iter()
        .map(|text| text.parse())
        .collect::<Result<_, _>>()?;
    check(args)?;
    let store = connect::store(settings).await?;
    let repos = chosen(&store, patterns, args.format).await?;
    if repos.is_empty() && !args.repo.is_empty() {
        voice.warn(&format!(
            "nothing in the store matches {}",
            args.repo.join(", ")
        ));
    }
    let export = Content {
        newest: newest_day(&store, &repos).await?,
        store: &store,
        repos: &repos,
        asked,
        format: args.format,
        rules: &rules,
    };
    let written = match (&args.output, args.what) {
        (Some(folder), ExportWhat::All) => export.write_all(folder).await,
        (Some(path), what) => export.write_file(what, path).await,
        (None, what) => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            export.write(what, &mut out).await
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

/// Whether there is a way to write what is asked for.
fn check(args: &Export) -> Result<()> {
    if args.what == ExportWhat::All && args.output.is_none() {
        bail!("`export all` writes several files: say into which folder with -o DIR");
    }
    if args.format == ExportFormat::Gitratra && args.what != ExportWhat::Daily {
        bail!(
            "the original tool's text holds days of views and clones and nothing else: use it with \
             `export daily`, or --format csv, json or jsonl"
        );
    }
    Ok(())
}

/// What is written.
struct Content<'a> {
    store: &'a Store,
    /// Repositories and what they are called, in order.
    repos: &'a [(RepoId, String)],
    asked: Asked,
    /// The newest day of any of them, on which a relative range ends for all.
    newest: Option<Day>,
    format: ExportFormat,
    /// Somebody's own rules of platforms.
    rules: &'a [Rule],
}

impl Content<'_> {
    /// Writes every table into a folder, a file each. Every file is put in place as a whole.
    async fn write_all(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder \"{}\"", folder.display()))?;
        let end = rows_of(self.format).map_or("txt", RowFormat::extension);
        let daily = folder.join(format!("daily.{end}"));
        self.write_file(ExportWhat::Daily, &daily).await?;
        for table in Table::ALL {
            let path = folder.join(format!("{}.{end}", table.word()));
            let mut file = NewFile::create(&path)?;
            self.write_table(table, &mut file).await?;
            file.put_in_place()?;
        }
        Ok(())
    }

    async fn write_file(&self, what: ExportWhat, path: &Path) -> Result<()> {
        let mut file = NewFile::create(path)?;
        self.write(what, &mut file).await?;
        file.put_in_place()?;
        Ok(())
    }

    async fn write(&self, what: ExportWhat, out: &mut impl Write) -> Result<()> {
        match table(what) {
            Some(table) => self.write_table(table, out).await,
            None => self.write_days(out).await,
        }
    }

    async fn write_table(&self, table: Table, out: &mut impl Write) -> Result<()> {
        let wanted = Wanted {
            store: self.store,
            repos: self.repos,
            range: match (self.asked, self.newest) {
                (Asked::Between(range), _) => range,
                // What is told of a moment may be newer than the newest day of traffic.
                (Asked::Last(days), Some(newest)) => {
                    let first = DayRange::ending(newest, days).first();
                    DayRange::new(first, Day::MAX).unwrap_or(DayRange::ALL)
                }
                (Asked::All, _) | (_, None) => DayRange::ALL,
            },
            rules: self.rules,
        };
        let format = rows_of(self.format).unwrap_or(RowFormat::Csv);
        tables::write(table, &wanted, format, out).await
    }

    async fn write_days(&self, out: &mut impl Write) -> Result<()> {
        const FAILED: &str = "cannot write the export";
        let mut writer: Box<dyn DailyWriter + '_> = match rows_of(self.format) {
            Some(format) => Box::new(DayRows::new(&mut *out, format).context(FAILED)?),
            None => Box::new(gitratra_v1::V1Writer::new(&mut *out)),
        };
        for (id, label) in self.repos {
            let series = Series::new(self.store.days(*id, None).await?);
            let Some(known) = series.range() else {
                continue;
            };
            // A relative range ends on the same day for every repository.
            let last = self.newest.unwrap_or(known.last()).max(known.last());
            let until = DayRange::new(known.first(), last);
            let range = self.asked.of(until.unwrap_or(known));
            let days = range.map_or(&[][..], |range| series.within(range));
            if !days.is_empty() {
                writer.write_repo(label, days).context(FAILED)?;
            }
        }
        writer.finish().context(FAILED)?;
        out.flush().context(FAILED)
    }
}

/// How rows are written; nothing for the original tool's text, which has none.
const fn rows_of(format: ExportFormat) -> Option<RowFormat> {
    match format {
        ExportFormat::Csv => Some(RowFormat::Csv),
        ExportFormat::Json => Some(RowFormat::Json),
        ExportFormat::Jsonl => Some(RowFormat::JsonLines),
        ExportFormat::Gitratra => None,
    }
}

/// The table that is meant; nothing for the days.
const fn table(what: ExportWhat) -> Option<Table> {
    match what {
        ExportWhat::Daily | ExportWhat::All => None,
        ExportWhat::Weekly => Some(Table::Weekly),
        ExportWhat::Windows => Some(Table::Windows),
        ExportWhat::Referrers => Some(Table::Ranked(Ranking::Referrers)),
        ExportWhat::Paths => Some(Table::Ranked(Ranking::Paths)),
        ExportWhat::Counters => Some(Table::Counters),
        ExportWhat::Stars => Some(Table::Stars),
        ExportWhat::Downloads => Some(Table::Downloads),
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
