//! `gaps`: days that were never seen, and the day on which the next one would be lost.

use std::collections::BTreeSet;

use anyhow::Result;
use gitratra_core::{Day, DayRange, DayRow, Metric, Series, Timestamp, plan};
use gitratra_render::term::{self, Column};
use serde::Serialize;

use crate::Exit;
use crate::args;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

use super::doctor::is_urgent;
use super::repos::{self, Tracked};

#[derive(Serialize)]
struct Account {
    repo: String,
    gaps: Vec<Gap>,
    newest_day: Option<String>,
    next_day_lost_on: Option<String>,
    days_safe: Option<u32>,
    /// Whether the next day is lost so soon that it must be read now.
    is_urgent: bool,
    gone_since: Option<String>,
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
    let loss = tracked.next_loss(now);
    Account {
        repo: tracked.name.to_string(),
        gaps: told(runs(tracked, days, now)),
        newest_day: tracked.held.newest().map(|day| day.to_string()),
        next_day_lost_on: loss.map(|loss| loss.on.to_string()),
        days_safe: tracked.days_safe(now),
        is_urgent: loss
            .zip(now)
            .is_some_and(|(loss, now)| is_urgent(loss, now)),
        gone_since: tracked.gone.map(|gone| format!("{:.0}", gone.since)),
    }
}

/// How many days of a repository were never seen, of either metric.
pub(super) fn days(tracked: &Tracked, days: Vec<DayRow>, now: Option<Timestamp>) -> i64 {
    let runs = runs(tracked, days, now);
    let days: BTreeSet<Day> = runs.iter().flat_map(|(range, _)| range.iter()).collect();
    i64::try_from(days.len()).unwrap_or(i64::MAX)
}

/// The runs of days that were never seen.
fn runs(tracked: &Tracked, days: Vec<DayRow>, now: Option<Timestamp>) -> Vec<(DayRange, Metric)> {
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
            let lost = plan::already_lost(newest, now);
            runs.extend(
                lost.and_then(|run| there(tracked, run))
                    .map(|run| (run, metric)),
            );
        }
    }
    runs
}

/// The days of a run on which the repository was there, as far as is known: nobody knows whether
/// there was anything to see after it was gone.
fn there(tracked: &Tracked, run: DayRange) -> Option<DayRange> {
    match tracked.gone {
        Some(gone) => DayRange::new(run.first(), run.last().min(Day::of(gone.since).plus(-1))),
        None => Some(run),
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
            let lost_on = match &account.gone_since {
                Some(since) => format!("gone since {}", &since[..10]),
                None => or_dash(&account.next_day_lost_on),
            };
            let days_safe = or_dash(&account.days_safe.map(|days| days.to_string()));
            let mark = if account.is_urgent { " !" } else { "" };
            vec![
                account.repo.clone(),
                or_dash(&account.newest_day),
                lost_on,
                format!("{days_safe}{mark}"),
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
    if accounts.iter().any(|account| account.is_urgent) {
        text.push_str("! read these now: `gitratra sync`; `gitratra doctor` says what is wrong\n");
    }
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
