//! `gaps`: days that were never seen, and the day on which the next one would be lost.

use std::collections::BTreeSet;

use anyhow::Result;
use gitratra_answer::{GapAccount, gaps};
use gitratra_core::{Day, DayRange, DayRow, Metric, Timestamp};
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
    gaps: Vec<GapAccount>,
    newest_day: Option<String>,
    next_day_lost_on: Option<String>,
    days_safe: Option<u32>,
    /// Whether the next day is lost so soon that it must be read now.
    is_urgent: bool,
    gone_since: Option<String>,
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
        gaps: GapAccount::joined(runs(tracked, days, now)),
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
    let gone_since = tracked.gone.as_ref().map(|gone| gone.since);
    gaps(days, gone_since, now)
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
                gap.from().to_owned(),
                gap.to().to_owned(),
                gap.days().to_string(),
                gap.metrics().join(", "),
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
