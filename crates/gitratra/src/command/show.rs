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
    let range = series.range().and_then(|known| asked.of(known));
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
    let range = match (range, series.range()) {
        (Some(range), _) => range,
        (None, Some(known)) if metrics(args.metric).is_empty() => known,
        (None, Some(known)) => {
            voice.say(&format!(
                "there is nothing of {name} in {}: days from {known} are known",
                args.range
            ));
            return Ok(Exit::Done);
        }
        (None, None) => DayRange::ALL,
    };
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
    let newest = known.iter().filter_map(|repo| repo.held.newest_of_any());
    let newest: Option<Day> = newest.max();
    let mut all: Vec<(String, Series)> = Vec::new();
    let mut first: Option<Day> = None;
    for repo in known {
        let Some(id) = repo.id else { continue };
        let needed = match (asked, newest) {
            (Asked::All, _) | (_, None) => None,
            (asked, Some(newest)) => {
                let ever = DayRange::new(Day::MIN, newest).unwrap_or(DayRange::ALL);
                match asked.of(ever) {
                    Some(range) => DayRange::new(range.before().first(), range.last()),
                    None => return nothing_within(args, voice),
                }
            }
        };
        let series = Series::new(store.days(id, needed).await?);
        let begins = series.range().map(DayRange::first);
        first = first.into_iter().chain(begins).min();
        all.push((repo.name.to_string(), series));
    }
    let Some(newest) = newest else {
        voice.say("nothing was read yet: `gitratra sync OWNER/NAME` begins, `gitratra demo` shows how it looks");
        return match args.json.json {
            true => voice.json(&[(); 0]).map(|()| Exit::Done),
            false => Ok(Exit::Done),
        };
    };
    let known = first.and_then(|first| DayRange::new(first, newest));
    let Some(range) = known.and_then(|known| asked.of(known)) else {
        return nothing_within(args, voice);
    };
    if args.json.json {
        let accounts: Vec<RepoAccount<'_>> = all
            .iter()
            .map(|(name, series)| RepoAccount::of(name, series, Some(range), args, &[]))
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

/// The account of a range in which no day of any repository is known.
fn nothing_within(args: &Show, voice: Voice) -> Result<Exit> {
    if args.json.json {
        voice.json(&[(); 0])?;
    } else {
        voice.say(&format!("there is nothing in {}", args.range));
    }
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct RepoAccount<'a> {
    repo: &'a str,
    /// Nothing where the range asked for touches no known day.
    from: Option<String>,
    to: Option<String>,
    metrics: Vec<MetricAccount>,
    rankings: Vec<RankingAccount<'a>>,
}

#[derive(Serialize)]
struct MetricAccount {
    metric: &'static str,
    /// Nothing where no day of the range is known: that is no zero.
    count: Option<u64>,
    sum_of_daily_uniques: Option<u64>,
    largest_daily_uniques: Option<u64>,
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
        range: Option<DayRange>,
        args: &Show,
        lists: &'a [(Ranking, Window, Vec<Ranked>)],
    ) -> Self {
        let metrics = range.into_iter().flat_map(|range| {
            let metrics = metrics(args.metric).iter();
            metrics.map(move |metric| MetricAccount::of(series, range, *metric, step(args.by)))
        });
        Self {
            repo,
            from: range.map(|range| range.first().to_string()),
            to: range.map(|range| range.last().to_string()),
            metrics: metrics.collect(),
            rankings: lists.iter().map(RankingAccount::of).collect(),
        }
    }
}

impl MetricAccount {
    fn of(series: &Series, range: DayRange, metric: Metric, step: Step) -> Self {
        let days = series.within(range);
        let total = figures::total(days, metric);
        let comparison = figures::compare(series, range, metric);
        let steps = figures::fold(days, metric, step);
        let days_known = total.days_measured + total.days_partial;
        let if_known = |number| (days_known > 0).then_some(number);
        Self {
            metric: metric.word(),
            count: if_known(total.count),
            sum_of_daily_uniques: if_known(total.sum_of_daily_uniques),
            largest_daily_uniques: if_known(total.largest_daily_uniques),
            days_measured: total.days_measured,
            days_partial: total.days_partial,
            // Days before and after the series are as unknown as those amid it.
            days_missing: range.days().unsigned_abs().saturating_sub(days_known),
            before: BeforeAccount {
                count_now: comparison.now,
                count_before: comparison.before,
                days_compared: comparison.days,
                percent: comparison.percent(),
            },
            steps: steps.iter().map(StepAccount::of).collect(),
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
