//! `gaps`: days that were never seen, and the day on which the next one would be lost.

use anyhow::Result;
use gitratra_core::{Day, DayRange, DayRow, Metric, Series, Timestamp, plan};
use gitratra_render::term::{self, Column};
use serde::Serialize;

use crate::Exit;
use crate::args;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

use super::repos::{self, Tracked};

#[derive(Serialize)]
struct Account {
    repo: String,
    gaps: Vec<Gap>,
    newest_day: Option<String>,
    next_day_lost_on: Option<String>,
    days_safe: Option<u32>,
}

#[derive(Serialize, PartialEq, Eq)]
struct Gap {
    from: String,
    to: String,
    days: i64,
    metrics: Vec<&'static str>,
}

pub(super) async fn run(args: &args::Gaps, settings: &Settings, voice: Voice) -> Result<Exit> {
    let store = connect::store(settings).await?;
    let tracked: Vec<Tracked> = match &args.repo {
        Some(text) => {
            let found = super::find(&store, text, voice).await?;
            let known = repos::held(&store).await?;
            known
                .into_iter()
                .filter(|tracked| tracked.id == Some(found.id))
                .collect()
        }
        None => {
            let known = repos::held(&store).await?;
            known.into_iter().filter(|repo| repo.is_tracked).collect()
        }
    };
    let now = connect::github_time(settings, &store, voice).await?;
    let mut accounts = Vec::new();
    for tracked in tracked {
        let days = match tracked.id {
            Some(id) => store.days(id, None).await?,
            None => Vec::new(),
        };
        accounts.push(account(&tracked, days, now));
    }
    store.close().await;
    let has_gaps = accounts.iter().any(|account| !account.gaps.is_empty());
    if args.json.json {
        voice.json(&accounts)?;
    } else {
        voice.data(&text(&accounts, voice))?;
    }
    Ok(if has_gaps { Exit::Partly } else { Exit::Done })
}

fn account(tracked: &Tracked, days: Vec<DayRow>, now: Option<Timestamp>) -> Account {
    let series = Series::new(days);
    let mut runs: Vec<(DayRange, Metric)> = Vec::new();
    for metric in Metric::ALL {
        let known = known(&series, metric);
        if let Some(known) = known {
            let missing = series
                .within(known)
                .iter()
                .filter(|row| row.value(metric).is_none())
                .map(|row| row.day);
            runs.extend(stretches(missing).map(|run| (run, metric)));
        }
        let newest = known.map(DayRange::last);
        let newest = newest.or(series.range().map(|range| range.first().plus(-1)));
        if let (Some(newest), Some(now)) = (newest, now) {
            runs.extend(plan::already_lost(newest, now).map(|run| (run, metric)));
        }
    }
    let held = tracked.held.newest();
    Account {
        repo: tracked.name.to_string(),
        gaps: told(runs),
        newest_day: held.map(|day| day.to_string()),
        next_day_lost_on: held.map(|day| plan::lost_on(day).to_string()),
        days_safe: held.zip(now).map(|(day, now)| plan::days_safe(day, now)),
    }
}

/// From the first to the newest day on which this metric is known: its first reading may have begun
/// later than that of the other one, which is no gap.
fn known(series: &Series, metric: Metric) -> Option<DayRange> {
    let rows = series.days().iter();
    let mut days = rows
        .filter(|row| row.value(metric).is_some())
        .map(|row| row.day);
    let first = days.next()?;
    DayRange::new(first, days.next_back().unwrap_or(first))
}

/// Runs of days that follow each other.
fn stretches(days: impl Iterator<Item = Day>) -> impl Iterator<Item = DayRange> {
    let mut days = days.peekable();
    std::iter::from_fn(move || {
        let first = days.next()?;
        let mut last = first;
        while let Some(day) = days.next_if(|day| *day == last.plus(1)) {
            last = day;
        }
        DayRange::new(first, last)
    })
}

/// Joins runs that both metrics share, in the order of days.
fn told(mut runs: Vec<(DayRange, Metric)>) -> Vec<Gap> {
    runs.sort_by_key(|(range, metric)| (range.first(), range.last(), *metric));
    let mut gaps: Vec<Gap> = Vec::new();
    for (range, metric) in runs {
        let (from, to) = (range.first().to_string(), range.last().to_string());
        match gaps
            .last_mut()
            .filter(|gap| gap.from == from && gap.to == to)
        {
            Some(gap) => gap.metrics.push(metric.word()),
            None => gaps.push(Gap {
                from,
                to,
                days: range.days(),
                metrics: vec![metric.word()],
            }),
        }
    }
    gaps
}

fn text(accounts: &[Account], voice: Voice) -> String {
    if accounts.is_empty() {
        return "nothing is tracked yet: `gitratra sync OWNER/NAME` begins\n".to_owned();
    }
    let mut text = String::new();
    let gaps: Vec<Vec<String>> = accounts
        .iter()
        .flat_map(|account| account.gaps.iter().map(move |gap| (account, gap)))
        .map(|(account, gap)| {
            vec![
                account.repo.clone(),
                gap.from.clone(),
                gap.to.clone(),
                gap.days.to_string(),
                gap.metrics.join(", "),
            ]
        })
        .collect();
    if gaps.is_empty() {
        text.push_str("no gaps: every published day since the first reading is held\n");
    } else {
        text.push_str("days that were never seen\n");
        let columns = [
            Column::name("repository"),
            Column::word("from"),
            Column::word("to"),
            Column::number("days"),
            Column::word("of"),
        ];
        text.push_str(&term::table(&columns, &gaps, voice.page()));
    }
    let next: Vec<Vec<String>> = accounts
        .iter()
        .map(|account| {
            let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            vec![
                account.repo.clone(),
                or_dash(&account.newest_day),
                or_dash(&account.next_day_lost_on),
                account
                    .days_safe
                    .map_or_else(|| "-".to_owned(), |days| days.to_string()),
            ]
        })
        .collect();
    text.push_str("\nwhen the next day is lost, unless it is read before\n");
    let columns = [
        Column::name("repository"),
        Column::word("newest day"),
        Column::word("next lost on"),
        Column::number("days safe"),
    ];
    text.push_str(&term::table(&columns, &next, voice.page()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_follow_each_other_are_one_gap_of_both_metrics() {
        let days = ["2026-01-02", "2026-01-03", "2026-01-05"].map(|day| day.parse().unwrap());
        let runs: Vec<_> = Metric::ALL
            .into_iter()
            .flat_map(|metric| stretches(days.into_iter()).map(move |run| (run, metric)))
            .collect();
        let told: Vec<_> = told(runs)
            .iter()
            .map(|gap| (gap.from.clone(), gap.days, gap.metrics.len()))
            .collect();
        assert_eq!(
            told,
            [
                ("2026-01-02".to_owned(), 2, 2),
                ("2026-01-05".to_owned(), 1, 2)
            ]
        );
    }
}
