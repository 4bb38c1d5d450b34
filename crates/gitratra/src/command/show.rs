//! `show`: views, clones, referrers and paths in the terminal, or as JSON.

use anyhow::Result;
use gitratra_core::figures::{self, Step};
use gitratra_core::{Day, DayRange, Metric, Ranked, Ranking, Series, Window};
use gitratra_render::term::{FleetLine, ShowFleet, ShowRanking, ShowRepo, show_fleet, show_repo};
use gitratra_store::Store;
use serde::Serialize;

use crate::Exit;
use crate::args::{By, Show, ShownMetric};
use crate::connect;
use crate::output::Voice;
use crate::range::{self, Asked};
use crate::settings::Settings;

use super::repos;

pub(super) async fn run(args: &Show, settings: &Settings, voice: Voice) -> Result<Exit> {
    let asked = range::parse(&args.range)?;
    let store = connect::store(settings).await?;
    let exit = match &args.repo {
        Some(text) => one(&store, text, asked, args, voice).await,
        None => fleet(&store, asked, args, voice).await,
    };
    store.close().await;
    exit
}

const fn metrics(shown: Option<ShownMetric>) -> &'static [Metric] {
    match shown {
        None => &Metric::ALL,
        Some(ShownMetric::Views) => &[Metric::Views],
        Some(ShownMetric::Clones) => &[Metric::Clones],
        Some(ShownMetric::Referrers | ShownMetric::Paths) => &[],
    }
}

const fn rankings(shown: Option<ShownMetric>) -> &'static [Ranking] {
    match shown {
        None => &Ranking::ALL,
        Some(ShownMetric::Referrers) => &[Ranking::Referrers],
        Some(ShownMetric::Paths) => &[Ranking::Paths],
        Some(ShownMetric::Views | ShownMetric::Clones) => &[],
    }
}

const fn step(by: Option<By>) -> Step {
    match by {
        None | Some(By::Day) => Step::Day,
        Some(By::Week) => Step::Week,
        Some(By::Month) => Step::Month,
    }
}

async fn one(store: &Store, text: &str, asked: Asked, args: &Show, voice: Voice) -> Result<Exit> {
    let found = super::find(store, text, voice).await?;
    let series = Series::new(store.days(found.id, None).await?);
    let range = series
        .range()
        .map_or(DayRange::ALL, |known| asked.of(known));
    let mut lists: Vec<(Ranking, Window, Vec<Ranked>)> = Vec::new();
    for ranking in rankings(args.metric) {
        if let Some((window, lines)) = store.newest_ranked(found.id, *ranking).await? {
            lists.push((*ranking, window, lines));
        }
    }
    let name = found.name.to_string();
    let former = found.former.map(|former| former.to_string());
    if args.json.json {
        voice.json(&RepoAccount::of(&name, &series, range, args, &lists))?;
        return Ok(Exit::Done);
    }
    let rankings: Vec<ShowRanking<'_>> = lists
        .iter()
        .map(|(ranking, window, lines)| ShowRanking {
            ranking: *ranking,
            window: *window,
            lines,
        })
        .collect();
    voice.data(&show_repo(
        &ShowRepo {
            name: &name,
            former_name: former.as_deref(),
            range,
            step: step(args.by),
            metrics: metrics(args.metric),
            series: &series,
            rankings: &rankings,
            has_table: false,
        },
        voice.page(),
    ))?;
    Ok(Exit::Done)
}

async fn fleet(store: &Store, asked: Asked, args: &Show, voice: Voice) -> Result<Exit> {
    let known = repos::held(store).await?;
    // A relative range ends on the same day for all: the newest that any of them has.
    let newest = known
        .iter()
        .filter_map(|repo| repo.held.views.max(repo.held.clones));
    let newest: Option<Day> = newest.max();
    let mut all: Vec<(String, Series)> = Vec::new();
    let mut first: Option<Day> = None;
    for repo in known {
        let Some(id) = repo.id else { continue };
        let needed = match (asked, newest) {
            (Asked::All, _) | (_, None) => None,
            (asked, Some(newest)) => {
                let range = asked.of(DayRange::ending(newest, 1));
                DayRange::new(range.before().first(), range.last())
            }
        };
        let series = Series::new(store.days(id, needed).await?);
        let begins = series.range().map(DayRange::first);
        first = first.into_iter().chain(begins).min();
        all.push((repo.name.to_string(), series));
    }
    let (Some(first), Some(newest)) = (first, newest) else {
        voice.say("nothing was read yet: `gitratra sync OWNER/NAME` begins, `gitratra demo` shows how it looks");
        return Ok(Exit::Done);
    };
    let known = DayRange::new(first, newest).unwrap_or(DayRange::ending(newest, 1));
    let range = asked.of(known);
    if args.json.json {
        let accounts: Vec<RepoAccount<'_>> = all
            .iter()
            .map(|(name, series)| RepoAccount::of(name, series, range, args, &[]))
            .collect();
        voice.json(&accounts)?;
        return Ok(Exit::Done);
    }
    let lines: Vec<FleetLine<'_>> = all
        .iter()
        .map(|(name, series)| FleetLine { name, series })
        .collect();
    let metric = match args.metric {
        Some(ShownMetric::Clones) => Metric::Clones,
        _ => Metric::Views,
    };
    voice.data(&show_fleet(
        &ShowFleet {
            range,
            metric,
            lines: &lines,
        },
        voice.page(),
    ))?;
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct RepoAccount<'a> {
    repo: &'a str,
    from: String,
    to: String,
    metrics: Vec<MetricAccount>,
    rankings: Vec<RankingAccount<'a>>,
}

#[derive(Serialize)]
struct MetricAccount {
    metric: &'static str,
    count: u64,
    sum_of_daily_uniques: u64,
    largest_daily_uniques: u64,
    days_measured: u64,
    days_partial: u64,
    days_missing: u64,
    before: BeforeAccount,
    steps: Vec<StepAccount>,
}

#[derive(Serialize)]
struct BeforeAccount {
    count_now: u64,
    count_before: u64,
    days_compared: u64,
    percent: Option<f64>,
}

#[derive(Serialize)]
struct StepAccount {
    from: String,
    to: String,
    count: Option<u64>,
    uniques: Option<u64>,
    state: &'static str,
    days_missing: u64,
}

#[derive(Serialize)]
struct RankingAccount<'a> {
    ranking: &'static str,
    window_from: String,
    window_to: String,
    kind: &'static str,
    lines: Vec<LineAccount<'a>>,
}

#[derive(Serialize)]
struct LineAccount<'a> {
    name: &'a str,
    title: Option<&'a str>,
    count: u64,
    uniques: u64,
}

impl<'a> RepoAccount<'a> {
    fn of(
        repo: &'a str,
        series: &Series,
        range: DayRange,
        args: &Show,
        lists: &'a [(Ranking, Window, Vec<Ranked>)],
    ) -> Self {
        let days = series.within(range);
        let metrics = metrics(args.metric).iter().map(|metric| {
            let total = figures::total(days, *metric);
            let comparison = figures::compare(series, range, *metric);
            let steps = figures::fold(days, *metric, step(args.by));
            MetricAccount {
                metric: metric.word(),
                count: total.count,
                sum_of_daily_uniques: total.sum_of_daily_uniques,
                largest_daily_uniques: total.largest_daily_uniques,
                days_measured: total.days_measured,
                days_partial: total.days_partial,
                days_missing: total.days_missing,
                before: BeforeAccount {
                    count_now: comparison.now,
                    count_before: comparison.before,
                    days_compared: comparison.days,
                    percent: comparison.percent(),
                },
                steps: steps.iter().map(StepAccount::of).collect(),
            }
        });
        Self {
            repo,
            from: range.first().to_string(),
            to: range.last().to_string(),
            metrics: metrics.collect(),
            rankings: lists.iter().map(RankingAccount::of).collect(),
        }
    }
}

impl StepAccount {
    fn of(fold: &figures::Fold) -> Self {
        Self {
            from: fold.range.first().to_string(),
            to: fold.range.last().to_string(),
            count: fold.count,
            uniques: fold.uniques,
            state: match (fold.count, fold.is_partial) {
                (None, _) => "gap",
                (Some(_), true) => "partial",
                (Some(_), false) => "measured",
            },
            days_missing: fold.days_missing,
        }
    }
}

impl<'a> RankingAccount<'a> {
    fn of((ranking, window, lines): &'a (Ranking, Window, Vec<Ranked>)) -> Self {
        Self {
            ranking: ranking.word(),
            window_from: window.range().first().to_string(),
            window_to: window.last.to_string(),
            kind: "rolling total over 14 days",
            lines: lines
                .iter()
                .map(|line| LineAccount {
                    name: &line.name,
                    title: line.title.as_deref(),
                    count: line.total.0.count(),
                    uniques: line.total.0.uniques().get(),
                })
                .collect(),
        }
    }
}
