//! `export`: what is kept of every repository, one after another, so that memory does not grow.

use std::collections::{BTreeMap, HashSet};
use std::io::{BufWriter, IsTerminal as _, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use gitratra_answer::Asked;
use gitratra_core::platform::Rule;
use gitratra_core::{Day, DayRange, DayRow, Pattern, RepoId, RepoName, Rules, Series};
use gitratra_formats::daily::{DailyWriter, DayRows, UNCONFIRMED};
use gitratra_formats::openmetrics::OpenMetricsDays;
use gitratra_formats::table::{Table, TableSink};
use gitratra_formats::{NewFile, RowFormat, TableRows, gitratra_v1};
use gitratra_store::Store;
use gitratra_tables::{Book, ParquetByYear, ParquetTable};
use gitratra_warehouse::rows::{self, RowsError, Since, Wanted, What};

use crate::Exit;
use crate::args::{Export, ExportFormat, ExportWhat};
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

/// Each table, in the order in which they are written.
const EACH: [ExportWhat; 8] = [
    ExportWhat::Daily,
    ExportWhat::Weekly,
    ExportWhat::Windows,
    ExportWhat::Referrers,
    ExportWhat::Paths,
    ExportWhat::Counters,
    ExportWhat::Stars,
    ExportWhat::Downloads,
];

const FAILED: &str = "cannot write the export";

/// What a reader of a workbook must know.
const NOTES: [&str; 6] = [
    "GitHub traffic as gitratra kept it. Every day is a UTC day.",
    "An empty cell is what is not known, and never zero. Zero is a measurement.",
    "Uniques are the people of one period. Those of two days, weeks, windows or repositories share \
     people, so they do not add up.",
    "state: measured (seen after the day was over), partial (seen only while it was running), \
     suspect (every repository was zero at once), gap (never seen).",
    "Referrers and paths are totals over 14 days: a list less that of the day before is not a day's \
     traffic.",
    "repo_id is GitHub's number of the repository, which stays when it is renamed. It is empty where \
     only a file has told of the repository and GitHub has not confirmed it.",
];

pub(super) async fn run(args: &Export, settings: &Settings, voice: Voice) -> Result<Exit> {
    let asked: Asked = args.range.parse()?;
    let rules = settings.platform_rules()?;
    let patterns: Vec<Pattern> = args
        .repo
        .iter()
        .map(|text| text.parse())
        .collect::<Result<_, _>>()?;
    check(args)?;
    let store = connect::to_read(settings, voice).await?;
    // Before anything else is read, so that whatever comes in meanwhile is told the next time.
    let newest_run = store.newest_run().await?;
    let since = Since::run(&store, args.since_run.unwrap_or(0)).await?;
    let repos = chosen_for(&store, patterns, args.format).await?;
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
        since,
        format: args.format,
        rules: &rules,
    };
    let written = export.put(args.what, args.output.as_deref()).await;
    store.close().await;
    match written {
        // A reader that has seen enough is no error: `gitratra export daily | head`.
        Err(error) if is_broken_pipe(&error) => return Ok(Exit::Done),
        Err(error) => return Err(error),
        Ok(()) => {}
    }
    voice.say(&format!(
        "newest run: {newest_run}; next time --since-run {newest_run}"
    ));
    Ok(Exit::Done)
}

/// Whether there is a way to write what is asked for.
fn check(args: &Export) -> Result<()> {
    let is_all = args.what == ExportWhat::All;
    let folder = args.output.as_deref().filter(|path| is_folder(path));
    match (args.format, &args.output) {
        (ExportFormat::Gitratra, _) if args.what != ExportWhat::Daily => bail!(
            "the original tool's text holds days of views and clones and nothing else: use it with \
             `export daily`, or --format csv, json or jsonl"
        ),
        (ExportFormat::Openmetrics, _) if args.what != ExportWhat::Daily => bail!(
            "for Prometheus there are days of views and clones and nothing else: use it with \
             `export daily`, or another format"
        ),
        (ExportFormat::Xlsx, Some(_)) if folder.is_some() => {
            bail!("a workbook is one file: say which with -o FILE.xlsx")
        }
        (ExportFormat::Xlsx, None) if is_all || std::io::stdout().is_terminal() => {
            bail!("a workbook is one file: say which with -o FILE.xlsx")
        }
        (ExportFormat::Xlsx, _) => {}
        (_, None) if is_all => {
            bail!("`export all` writes several files: say into which folder with -o DIR")
        }
        (ExportFormat::Parquet, None) if std::io::stdout().is_terminal() => {
            bail!("Parquet is no text: say into which file or folder with -o FILE or -o DIR/")
        }
        // A year's file would be put in the place of the whole year with what changed alone.
        (ExportFormat::Parquet, Some(_))
            if !is_all && folder.is_some() && args.since_run.is_some_and(|run| run > 0) =>
        {
            bail!("what changed since a run goes into a file of its own: use -o FILE.parquet")
        }
        _ => {}
    }
    Ok(())
}

/// Whether a folder is meant: there is one, or the path ends as one.
fn is_folder(path: &Path) -> bool {
    let text = path.as_os_str().as_encoded_bytes();
    text.ends_with(b"/") || path.is_dir()
}

/// What is written.
struct Content<'a> {
    store: &'a Store,
    /// Repositories and what they are called, in order.
    repos: &'a [(RepoId, String)],
    asked: Asked,
    /// Only what changed since.
    since: Option<Since>,
    /// The newest day of any of them, on which a relative range ends for all.
    newest: Option<Day>,
    format: ExportFormat,
    /// Somebody's own rules of platforms.
    rules: &'a [Rule],
}

impl Content<'_> {
    /// Writes what is asked for where it is asked for. Every file is put in place as a whole.
    async fn put(&self, what: ExportWhat, output: Option<&Path>) -> Result<()> {
        match (self.format, what, output) {
            (ExportFormat::Xlsx, what, None) => self.write_book(what, std::io::stdout()).await,
            (ExportFormat::Xlsx, what, Some(path)) => {
                let mut file = NewFile::create(path)?;
                self.write_book(what, &mut file).await?;
                Ok(file.put_in_place()?)
            }
            (_, ExportWhat::All, Some(folder)) => self.write_all(folder).await,
            (ExportFormat::Parquet, what, Some(folder)) if is_folder(folder) => {
                let sink = ParquetByYear::new(folder, table(what))
                    .with_context(|| format!("cannot make the folder \"{}\"", folder.display()))?;
                self.write_rows(what, Box::new(sink)).await
            }
            (_, what, Some(path)) => self.write_file(what, path).await,
            (_, what, None) => self.write(what, std::io::stdout()).await,
        }
    }

    /// Writes every table into a folder, a file each.
    async fn write_all(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder \"{}\"", folder.display()))?;
        let end = rows_of(self.format).map_or("parquet", RowFormat::extension);
        for what in EACH {
            let name = format!("{}.{end}", table(what).name);
            self.write_file(what, &folder.join(name)).await?;
        }
        Ok(())
    }

    /// Writes a table, or each of them, as sheets of one workbook.
    async fn write_book(&self, what: ExportWhat, out: impl Write + Send) -> Result<()> {
        let mut book = Book::new();
        for each in EACH {
            if what == each || what == ExportWhat::All {
                let sheet = book.sheet(table(each)).context(FAILED)?;
                self.write_rows(each, Box::new(sheet)).await?;
            }
        }
        book.save(&NOTES, BufWriter::new(out)).context(FAILED)
    }

    async fn write_file(&self, what: ExportWhat, path: &Path) -> Result<()> {
        let mut file = NewFile::create(path)?;
        self.write(what, &mut file).await?;
        file.put_in_place()?;
        Ok(())
    }

    async fn write(&self, what: ExportWhat, out: impl Write + Send) -> Result<()> {
        let (out, table) = (BufWriter::new(out), table(what));
        if let Some(format) = rows_of(self.format) {
            let rows = TableRows::new(out, format, table).context(FAILED)?;
            return self.write_rows(what, Box::new(rows)).await;
        }
        match self.format {
            ExportFormat::Gitratra => {
                let days = gitratra_v1::V1Writer::new(out);
                self.write_days(Box::new(days)).await
            }
            ExportFormat::Openmetrics => {
                let days = OpenMetricsDays::new(out).context(FAILED)?;
                self.write_days(Box::new(days)).await
            }
            _ => {
                let rows = ParquetTable::new(out, table).context(FAILED)?;
                self.write_rows(what, Box::new(rows)).await
            }
        }
    }

    /// Writes the rows of a table, whatever becomes of them.
    async fn write_rows(&self, what: ExportWhat, mut sink: Box<dyn TableSink + '_>) -> Result<()> {
        if what == ExportWhat::Daily {
            return self.write_days(Box::new(DayRows::new(sink))).await;
        }
        let wanted = Wanted {
            store: self.store,
            repos: self.repos,
            range: self.range(),
            since: self.since.as_ref(),
            rules: self.rules,
        };
        match rows::write(rows_told(what), &wanted, &mut *sink).await {
            Ok(()) => sink.finish().context(FAILED),
            Err(RowsError::Sink(error)) => Err(error).context(FAILED),
            Err(RowsError::Store(error)) => Err(error.into()),
        }
    }

    /// The days that are asked for. What is told of a moment may be newer than the newest day of
    /// traffic.
    fn range(&self) -> DayRange {
        match (self.asked, self.newest) {
            (Asked::Between(range), _) => range,
            (Asked::Last(days), Some(newest)) => {
                let first = DayRange::ending(newest, days).first();
                DayRange::new(first, Day::MAX).unwrap_or(DayRange::ALL)
            }
            (Asked::All, _) | (_, None) => DayRange::ALL,
        }
    }

    async fn write_days(&self, mut writer: Box<dyn DailyWriter + '_>) -> Result<()> {
        for (id, label) in self.repos {
            let days = match &self.since {
                None => self.all_days(*id).await?,
                Some(since) => {
                    let (range, mut days) = (self.range(), since.days(self.store, *id).await?);
                    days.retain(|row| range.contains(row.day));
                    days
                }
            };
            if !days.is_empty() {
                writer.write_repo(*id, label, &days).context(FAILED)?;
            }
        }
        writer.finish().context(FAILED)
    }

    /// Every day that is asked for of a repository, gaps included.
    async fn all_days(&self, id: RepoId) -> Result<Vec<DayRow>> {
        let series = Series::new(self.store.days(id, None).await?);
        let Some(known) = series.range() else {
            return Ok(Vec::new());
        };
        // A relative range ends on the same day for every repository.
        let last = self.newest.unwrap_or(known.last()).max(known.last());
        let until = DayRange::new(known.first(), last);
        let range = self.asked.of(until.unwrap_or(known));
        Ok(range.map_or_else(Vec::new, |range| series.within(range).to_vec()))
    }
}

/// The table that is meant.
const fn table(what: ExportWhat) -> &'static Table {
    rows_told(what).table()
}

/// The rows that are meant.
const fn rows_told(what: ExportWhat) -> What {
    match what {
        ExportWhat::Daily | ExportWhat::All => What::Daily,
        ExportWhat::Weekly => What::Weekly,
        ExportWhat::Windows => What::Windows,
        ExportWhat::Referrers => What::Referrers,
        ExportWhat::Paths => What::TitledPaths,
        ExportWhat::Counters => What::Counters,
        ExportWhat::Stars => What::Stars,
        ExportWhat::Downloads => What::Downloads,
    }
}

/// How rows are written as text; nothing for what is no text, or is days alone.
const fn rows_of(format: ExportFormat) -> Option<RowFormat> {
    match format {
        ExportFormat::Csv => Some(RowFormat::Csv),
        ExportFormat::Json => Some(RowFormat::Json),
        ExportFormat::Jsonl => Some(RowFormat::JsonLines),
        ExportFormat::Gitratra
        | ExportFormat::Parquet
        | ExportFormat::Xlsx
        | ExportFormat::Openmetrics => None,
    }
}

/// The repositories that match, or all, sorted by what they are called in files for programs.
pub(crate) async fn chosen(store: &Store, patterns: Vec<Pattern>) -> Result<Vec<(RepoId, String)>> {
    chosen_for(store, patterns, ExportFormat::Parquet).await
}

/// The repositories to write, sorted by what they are called: all in the store, or those that match.
///
/// One whose name another one bears now (it was deleted, or was not met again since it was renamed)
/// is called otherwise: two histories under one name would be one to every reader.
async fn chosen_for(
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

/// `owner/name@ID`, which no repository of GitHub's can be called; without a number of GitHub's it
/// is `owner/name@unconfirmed`. Who reads the original tool's
/// text back takes only names that GitHub allows, so there it is `owner/name.former-ID`.
fn unambiguous(name: &RepoName, id: RepoId, format: ExportFormat) -> Result<String> {
    const LONGEST: usize = 100;
    let number = match id.is_unconfirmed() {
        true => UNCONFIRMED.to_owned(),
        false => id.to_string(),
    };
    if format != ExportFormat::Gitratra {
        return Ok(format!("{name}@{number}"));
    }
    let end = format!(".former-{number}");
    let kept = name.name().chars().take(LONGEST - end.len());
    let text: String = kept.chain(end.chars()).collect();
    Ok(RepoName::new(name.owner(), &text)?.to_string())
}

/// The newest day of which anything is kept, asked of GitHub or told by a file.
async fn newest_day(store: &Store, repos: &[(RepoId, String)]) -> Result<Option<Day>> {
    let wanted: HashSet<RepoId> = repos.iter().map(|(id, _)| *id).collect();
    let fleet = store.fleet_repos().await?;
    let days = fleet
        .into_iter()
        .filter(|repo| wanted.contains(&repo.id))
        .filter_map(|repo| repo.days);
    Ok(days.map(DayRange::last).max())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
