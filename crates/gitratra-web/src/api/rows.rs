//! Tables as rows: exactly what a page shows.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gitratra_answer::RepoAnswer;
use gitratra_core::figures::Fold;
use gitratra_core::{Metric, Ranking, RepoId, RepoName};
use gitratra_formats::daily::{DailyWriter as _, DayRows};
use gitratra_formats::table::known::DAILY;
use gitratra_formats::{RowFormat, RowWriter, TableRows};
use serde::Serialize;
use utoipa::ToSchema;

use super::failure::Failure;

/// What can be had as rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TableOf {
    Daily,
    Series,
    Sources(Ranking),
    Stars,
    Counters,
    Downloads,
}

const TABLES: [(&str, TableOf); 7] = [
    ("daily", TableOf::Daily),
    ("series", TableOf::Series),
    ("referrers", TableOf::Sources(Ranking::Referrers)),
    ("paths", TableOf::Sources(Ranking::Paths)),
    ("stars", TableOf::Stars),
    ("counters", TableOf::Counters),
    ("downloads", TableOf::Downloads),
];

/// The names of files, as [`named`] reads them.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `named` reads")]
pub(super) enum FileWord {
    #[schema(rename = "daily.csv")]
    DailyCsv,
    #[schema(rename = "daily.json")]
    DailyJson,
    #[schema(rename = "daily.jsonl")]
    DailyLines,
    #[schema(rename = "series.csv")]
    SeriesCsv,
    #[schema(rename = "series.json")]
    SeriesJson,
    #[schema(rename = "series.jsonl")]
    SeriesLines,
    #[schema(rename = "referrers.csv")]
    ReferrersCsv,
    #[schema(rename = "referrers.json")]
    ReferrersJson,
    #[schema(rename = "referrers.jsonl")]
    ReferrersLines,
    #[schema(rename = "paths.csv")]
    PathsCsv,
    #[schema(rename = "paths.json")]
    PathsJson,
    #[schema(rename = "paths.jsonl")]
    PathsLines,
    #[schema(rename = "stars.csv")]
    StarsCsv,
    #[schema(rename = "stars.json")]
    StarsJson,
    #[schema(rename = "stars.jsonl")]
    StarsLines,
    #[schema(rename = "counters.csv")]
    CountersCsv,
    #[schema(rename = "counters.json")]
    CountersJson,
    #[schema(rename = "counters.jsonl")]
    CountersLines,
    #[schema(rename = "downloads.csv")]
    DownloadsCsv,
    #[schema(rename = "downloads.json")]
    DownloadsJson,
    #[schema(rename = "downloads.jsonl")]
    DownloadsLines,
}

/// A row of any table.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what is written")]
pub(super) enum AnyRow<'a> {
    Daily(DailyRow),
    Series(SeriesRow<'a>),
    Source(SourceRow<'a>),
    Stars(StarsRow),
    Counters(CountersRow),
    Downloads(DownloadsRow<'a>),
}

/// What [`DayRows`] writes.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DailyRow {
    repo: String,
    day: String,
    views: Option<u64>,
    views_uniques: Option<u64>,
    clones: Option<u64>,
    clones_uniques: Option<u64>,
    /// `measured`, `partial`, `suspect`, `doubted` or `gap`.
    state: String,
}

/// What a file's name asks for.
pub(super) fn named(file: &str) -> Option<(TableOf, RowFormat)> {
    let (stem, ending) = file.rsplit_once('.')?;
    let formats = [RowFormat::Csv, RowFormat::Json, RowFormat::JsonLines];
    let format = formats
        .into_iter()
        .find(|format| format.extension() == ending)?;
    let (_, table) = TABLES.into_iter().find(|(word, _)| *word == stem)?;
    Some((table, format))
}

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SeriesRow<'a> {
    from: String,
    to: String,
    metric: &'a str,
    count: Option<u64>,
    uniques: Option<u64>,
    state: &'a str,
    days_missing: u64,
}

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceRow<'a> {
    name: &'a str,
    at_least: u64,
    at_most: u64,
    uniques_at_least: u64,
    uniques_at_most: u64,
    days_known: u64,
    of_days: u64,
}

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StarsRow {
    from: String,
    to: String,
    given: Option<u64>,
    lost_at_least: Option<u64>,
    lost_at_most: Option<u64>,
    change: Option<i64>,
    total: Option<u64>,
}

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CountersRow {
    from: String,
    to: String,
    stars: u64,
    forks: u64,
    watchers: Option<u64>,
    open_issues: Option<u64>,
    open_pulls: Option<u64>,
}

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DownloadsRow<'a> {
    file: &'a str,
    release: &'a str,
    platform: &'a str,
    at_least: u64,
    at_most: u64,
    days_missing: u64,
    since_upload: u64,
}

const fn columns(table: TableOf) -> &'static [&'static str] {
    match table {
        // Days have a writer of their own.
        TableOf::Daily => &[],
        TableOf::Series => &[
            "from",
            "to",
            "metric",
            "count",
            "uniques",
            "state",
            "days_missing",
        ],
        TableOf::Sources(_) => &[
            "name",
            "at_least",
            "at_most",
            "uniques_at_least",
            "uniques_at_most",
            "days_known",
            "of_days",
        ],
        TableOf::Stars => &[
            "from",
            "to",
            "given",
            "lost_at_least",
            "lost_at_most",
            "change",
            "total",
        ],
        TableOf::Counters => &[
            "from",
            "to",
            "stars",
            "forks",
            "watchers",
            "open_issues",
            "open_pulls",
        ],
        TableOf::Downloads => &[
            "file",
            "release",
            "platform",
            "at_least",
            "at_most",
            "days_missing",
            "since_upload",
        ],
    }
}

/// The rows of a table as a file; none where nothing is known.
pub(super) fn written(
    answer: Option<&RepoAnswer>,
    table: TableOf,
    metric: Metric,
    format: RowFormat,
    name: &RepoName,
) -> Result<Response, Failure> {
    let body = match table {
        TableOf::Daily => days(answer, format, name),
        _ => bytes(answer, table, metric, format),
    };
    let Ok(body) = body else {
        return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    let media_type = match format {
        RowFormat::Csv => "text/csv; charset=utf-8",
        RowFormat::Json => "application/json",
        RowFormat::JsonLines => "application/jsonl",
    };
    let word = TABLES.iter().find(|(_, of)| *of == table);
    let word = word.map_or("rows", |(word, _)| word);
    // Names of repositories are letters, digits, dots, dashes and underscores.
    let file = format!(
        "inline; filename=\"{}-{word}.{}\"",
        name.name(),
        format.extension()
    );
    let file = HeaderValue::try_from(file).unwrap_or(HeaderValue::from_static("inline"));
    let media_type = HeaderValue::from_static(media_type);
    Ok((
        [(CONTENT_TYPE, media_type), (CONTENT_DISPOSITION, file)],
        body,
    )
        .into_response())
}

fn days(
    answer: Option<&RepoAnswer>,
    format: RowFormat,
    name: &RepoName,
) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut rows = Box::new(DayRows::new(TableRows::new(&mut out, format, &DAILY)?));
    let days = answer.map_or(&[][..], |answer| &answer.days);
    // Text formats leave the number of the repository out.
    rows.write_repo(RepoId(0), &name.to_string(), days)?;
    rows.finish()?;
    Ok(out)
}

fn bytes(
    answer: Option<&RepoAnswer>,
    table: TableOf,
    metric: Metric,
    format: RowFormat,
) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut rows = RowWriter::new(&mut out, format, columns(table))?;
    if let Some(answer) = answer {
        match table {
            TableOf::Daily => {}
            TableOf::Series => series(&mut rows, answer, metric)?,
            TableOf::Sources(ranking) => sources(&mut rows, answer, ranking)?,
            TableOf::Stars => stars(&mut rows, answer)?,
            TableOf::Counters => counters(&mut rows, answer)?,
            TableOf::Downloads => downloads(&mut rows, answer)?,
        }
    }
    rows.finish()?;
    Ok(out)
}

type Rows<'a> = RowWriter<&'a mut Vec<u8>>;

fn series(rows: &mut Rows<'_>, answer: &RepoAnswer, metric: Metric) -> std::io::Result<()> {
    let folds: &[Fold] = answer.of(metric).map_or(&[], |traffic| &traffic.folds);
    for fold in folds {
        rows.write(&SeriesRow {
            from: fold.range.first().to_string(),
            to: fold.range.last().to_string(),
            metric: metric.word(),
            count: fold.count,
            uniques: fold.uniques,
            state: fold.state_word(),
            days_missing: fold.days_missing,
        })?;
    }
    Ok(())
}

fn sources(rows: &mut Rows<'_>, answer: &RepoAnswer, ranking: Ranking) -> std::io::Result<()> {
    let told = answer.sources.iter().find(|told| told.ranking == ranking);
    for (name, found) in told
        .into_iter()
        .flat_map(|told| told.sources.ranked(answer.range))
    {
        let row = SourceRow {
            name: &rows.text(name),
            at_least: found.count.lower(),
            at_most: found.count.upper(),
            uniques_at_least: found.people.lower(),
            uniques_at_most: found.people.upper(),
            days_known: found.days_known,
            of_days: found.of_days,
        };
        rows.write(&row)?;
    }
    Ok(())
}

fn stars(rows: &mut Rows<'_>, answer: &RepoAnswer) -> std::io::Result<()> {
    for (days, change, total) in answer.stars.iter().flat_map(|stars| &stars.steps) {
        rows.write(&StarsRow {
            from: days.first().to_string(),
            to: days.last().to_string(),
            given: (change.days_missing == 0).then_some(change.given),
            lost_at_least: change.lost.map(gitratra_core::Bounds::lower),
            lost_at_most: change.lost.map(gitratra_core::Bounds::upper),
            change: change.net,
            total: *total,
        })?;
    }
    Ok(())
}

fn counters(rows: &mut Rows<'_>, answer: &RepoAnswer) -> std::io::Result<()> {
    for run in &answer.counters {
        let counters = run.counters;
        rows.write(&CountersRow {
            from: run.days.first().to_string(),
            to: run.days.last().to_string(),
            stars: counters.stars,
            forks: counters.forks,
            watchers: counters.watchers,
            open_issues: counters.open_issues,
            open_pulls: counters.open_pulls,
        })?;
    }
    Ok(())
}

fn downloads(rows: &mut Rows<'_>, answer: &RepoAnswer) -> std::io::Result<()> {
    for file in answer.downloads.iter().flat_map(|all| &all.files) {
        let row = DownloadsRow {
            file: &rows.text(&file.file),
            release: &rows.text(&file.release),
            platform: &file.platform,
            at_least: file.downloads.count.lower(),
            at_most: file.downloads.count.upper(),
            days_missing: file.downloads.days_missing,
            since_upload: file.ever,
        };
        rows.write(&row)?;
    }
    Ok(())
}
