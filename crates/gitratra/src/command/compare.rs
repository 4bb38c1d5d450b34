//! `compare`: the same range of several repositories side by side, or as JSON.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use gitratra_answer::{Asked, MetricAccount, people};
use gitratra_core::figures::{Fold, Step, compare, fold, total};
use gitratra_core::people::InRange;
use gitratra_core::{Day, DayRange, DayRow, Metric, RepoId, Series};
use gitratra_render::number::grouped;
use gitratra_render::term::{Column, CompareLine, people_text, show_compared, table};
use gitratra_store::Store;
use serde::Serialize;

use crate::Exit;
use crate::args::{Compare, TrafficMetric};
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

use super::show::step;

/// A repository and its days.
struct Side {
    id: RepoId,
    name: String,
    series: Series,
}

pub(super) async fn run(args: &Compare, settings: &Settings, voice: Voice) -> Result<Exit> {
    let asked: Asked = args.range.parse()?;
    let store = connect::store(settings).await?;
    let mut sides: Vec<Side> = Vec::new();
    for text in &args.repos {
        let found = super::find(&store, text, voice).await?;
        if sides.iter().any(|side| side.id == found.id) {
            bail!(
                "{} is named twice: a comparison needs different ones",
                found.name
            );
        }
        sides.push(Side {
            id: found.id,
            name: found.name.to_string(),
            series: Series::new(store.days(found.id, None).await?),
        });
    }
    let known = sides.iter().filter_map(|side| side.series.range());
    let known = known.reduce(|one, other| {
        let (first, last) = (one.first().min(other.first()), one.last().max(other.last()));
        DayRange::new(first, last).unwrap_or(one)
    });
    let done = match known.and_then(|known| asked.of(known)) {
        Some(range) => tell(&store, &sides, range, args, voice).await,
        None if args.json.json => voice.json(&[(); 0]),
        None => {
            voice.say(&format!("there is nothing of them in {}", args.range));
            Ok(())
        }
    };
    store.close().await;
    done.map(|()| Exit::Done)
}

#[derive(Serialize)]
struct Account<'a> {
    repo: &'a str,
    from: String,
    to: String,
    metrics: Vec<MetricAccount>,
}

async fn tell(
    store: &Store,
    sides: &[Side],
    range: DayRange,
    args: &Compare,
    voice: Voice,
) -> Result<()> {
    let metrics: &[Metric] = match args.metric {
        None => &Metric::ALL,
        Some(TrafficMetric::Views) => &[Metric::Views],
        Some(TrafficMetric::Clones) => &[Metric::Clones],
    };
    let mut accounts: Vec<Account<'_>> = Vec::new();
    let mut page = String::new();
    for metric in metrics {
        let mut lines = Vec::with_capacity(sides.len());
        for side in sides {
            let people = people(store, side.id, *metric, &side.series, Some(range)).await?;
            let people = people.within(range);
            if args.json.json {
                let account =
                    MetricAccount::of(&side.series, *metric, &people, range, step(args.by));
                add(&mut accounts, side, range, account);
            } else {
                lines.push(line(side, *metric, range, &people));
            }
        }
        if !args.json.json {
            if !page.is_empty() {
                page.push('\n');
            }
            page += &show_compared(*metric, range, &lines, voice.page());
            if args.by.is_some() {
                page.push('\n');
                page += &steps(sides, *metric, range, step(args.by), voice);
            }
        }
    }
    match args.json.json {
        true => voice.json(&accounts),
        false => voice.data(&page),
    }
}

fn add<'a>(
    accounts: &mut Vec<Account<'a>>,
    side: &'a Side,
    range: DayRange,
    account: MetricAccount,
) {
    match accounts.iter_mut().find(|of| of.repo == side.name) {
        Some(of) => of.metrics.push(account),
        None => accounts.push(Account {
            repo: &side.name,
            from: range.first().to_string(),
            to: range.last().to_string(),
            metrics: vec![account],
        }),
    }
}

fn line<'a>(side: &'a Side, metric: Metric, range: DayRange, people: &InRange) -> CompareLine<'a> {
    let total = total(side.series.within(range), metric);
    let days = total.days_measured + total.days_partial;
    CompareLine {
        name: &side.name,
        series: &side.series,
        count: (days > 0).then_some(total.count),
        days,
        of_days: u64::try_from(range.days()).unwrap_or(0),
        people: people_text(people),
        change: compare(&side.series, range, metric),
    }
}

/// The numbers step by step, a column for each repository; what is not known whole is marked.
fn steps(sides: &[Side], metric: Metric, range: DayRange, step: Step, voice: Voice) -> String {
    let mut rows: BTreeMap<Day, Vec<String>> = BTreeMap::new();
    for (at, side) in sides.iter().enumerate() {
        for fold in folds(side, metric, range, step) {
            let cells = rows.entry(fold.range.first()).or_default();
            cells.resize(at, String::new());
            let mark = if fold.days_missing > 0 { "*" } else { "" };
            cells.push(
                fold.count
                    .map_or_else(|| "gap".to_owned(), |count| grouped(count) + mark),
            );
        }
    }
    let mut columns = vec![Column::word(match step {
        Step::Day => "day",
        Step::Week => "week from",
        Step::Month => "month from",
    })];
    columns.extend(sides.iter().map(|side| Column {
        shrinks: true,
        ..Column::number(&side.name)
    }));
    let is_marked = rows.values().flatten().any(|cell| cell.ends_with('*'));
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(first, mut cells)| {
            cells.resize(sides.len(), String::new());
            cells.insert(0, first.to_string());
            cells
        })
        .collect();
    let mut text = table(&columns, &rows, voice.page());
    if is_marked {
        text.push_str("* some of its days were never read, and are not zero\n");
    }
    text
}

/// All sides have the same steps, so that rows meet: days beyond what is known are gaps.
fn folds(side: &Side, metric: Metric, range: DayRange, step: Step) -> Vec<Fold> {
    let known = side.series.within(range);
    let known_range = side
        .series
        .range()
        .and_then(|known| known.intersection(range));
    let rows = range.iter().map(|day| {
        let at = known_range.filter(|known| known.contains(day));
        let row = at.and_then(|at| known.get(usize::try_from(day.days_since(at.first())).ok()?));
        row.copied().unwrap_or(DayRow::gap(day))
    });
    fold(&rows.collect::<Vec<_>>(), metric, step)
}
