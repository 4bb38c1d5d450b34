//! `spikes`: days far above the usual, and what moved with them, in the terminal or as JSON.

use std::collections::BTreeMap;

use anyhow::Result;
use gitratra_core::page::PageNames;
use gitratra_core::spike::{self, Clues, Explanation, Moved, Named, Spike};
use gitratra_core::{Day, DayRange, Measured, Metric, Ranking, RepoId, Series};
use gitratra_render::term::{ShowSpike, show_spikes};
use gitratra_store::Store;
use serde::Serialize;

use crate::Exit;
use crate::args::{Spikes, TrafficMetric};
use crate::connect;
use crate::output::Voice;
use crate::range::{self, Asked};
use crate::settings::Settings;

use super::{marks, repos, show};

/// A spike of a repository, and what moved with it.
struct Found {
    metric: Metric,
    spike: Spike,
    moved: Vec<Explanation>,
}

pub(super) async fn run(args: &Spikes, settings: &Settings, voice: Voice) -> Result<Exit> {
    let asked = range::parse(&args.range)?;
    let metrics: &[Metric] = match args.metric {
        None => &Metric::ALL,
        Some(TrafficMetric::Views) => &[Metric::Views],
        Some(TrafficMetric::Clones) => &[Metric::Clones],
    };
    let store = connect::store(settings).await?;
    let known = repos::held(&store).await?;
    // A relative range ends on the same day for all: the newest that any of them has.
    let newest = known.iter().filter_map(|repo| repo.held.newest_of_any());
    let newest: Option<Day> = newest.max();
    let repos: Vec<(RepoId, String)> = match &args.repo {
        Some(text) => {
            let found = super::find(&store, text, voice).await?;
            vec![(found.id, found.name.to_string())]
        }
        None => {
            let known = known.into_iter();
            let known = known.filter_map(|repo| Some((repo.id?, repo.name.to_string())));
            known.collect()
        }
    };
    let labels = store.repositories().await?.into_iter();
    let labels: BTreeMap<RepoId, PageNames> = labels
        .map(|known| {
            let names = PageNames::new(known.repository.name, known.former);
            (known.repository.id, names)
        })
        .collect();
    let mut all: Vec<(String, Vec<Found>)> = Vec::new();
    for (id, name) in repos {
        let Some(names) = labels.get(&id) else {
            continue;
        };
        let found = of_repo(&store, (id, names), (asked, newest), metrics).await?;
        if !found.is_empty() {
            all.push((name, found));
        }
    }
    store.close().await;
    if args.json.json {
        let spikes = all.iter().flat_map(|(name, found)| {
            let accounts = found.iter();
            accounts.map(move |found| Account::of(name, found))
        });
        voice.json(&spikes.collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if all.is_empty() {
        voice.say(&format!(
            "no day in {} stands far above what is usual",
            args.range
        ));
        return Ok(Exit::Done);
    }
    let mut page = String::new();
    for (name, found) in &all {
        let spikes: Vec<ShowSpike<'_>> = found
            .iter()
            .map(|found| ShowSpike {
                metric: found.metric,
                spike: found.spike,
                moved: &found.moved,
            })
            .collect();
        if !page.is_empty() {
            page.push('\n');
        }
        page += &show_spikes(name, &spikes, voice.page());
    }
    voice.data(&page)?;
    Ok(Exit::Done)
}

/// The spikes of a repository whose peak lies in the range.
async fn of_repo(
    store: &Store,
    (id, names): (RepoId, &PageNames),
    (asked, newest): (Asked, Option<Day>),
    metrics: &[Metric],
) -> Result<Vec<Found>> {
    // What is usual on a day is told by all days around it.
    let series = Series::new(store.days(id, None).await?);
    let known = series.range().and_then(|known| {
        let last = newest.unwrap_or(known.last()).max(known.last());
        DayRange::new(known.first(), last)
    });
    let Some(range) = known.and_then(|known| asked.of(known)) else {
        return Ok(Vec::new());
    };
    let spikes = metrics.iter().flat_map(|metric| {
        let found = spike::find(&Measured::of(series.days(), *metric)).into_iter();
        let inside = found.filter(|spike| range.contains(spike.peak));
        inside.map(|spike| (*metric, spike))
    });
    let spikes: Vec<(Metric, Spike)> = spikes.collect();
    let Some(around) = around(&spikes) else {
        return Ok(Vec::new());
    };
    let has_views = spikes.iter().any(|(metric, _)| *metric == Metric::Views);
    let of_all = clues(store, id, around).await?;
    let mut of_views = of_all.clone();
    if has_views {
        // Referrers and paths are told of views.
        for (ranking, named) in [
            (Ranking::Referrers, &mut of_views.referrers),
            (Ranking::Paths, &mut of_views.paths),
        ] {
            let told = show::Told::read(store, id, (ranking, names), &series).await?;
            let by_day = told.by_day(around).into_iter();
            *named = by_day.map(|(name, days)| Named { name, days }).collect();
        }
    }
    let found = spikes.into_iter().map(|(metric, spike)| Found {
        metric,
        moved: spike::explain(
            &spike,
            match metric {
                Metric::Views => &of_views,
                Metric::Clones => &of_all,
            },
        ),
        spike,
    });
    Ok(found.collect())
}

/// The days around spikes that tell what was usual of a name.
fn around(spikes: &[(Metric, Spike)]) -> Option<DayRange> {
    const DAYS: i64 = 60;
    let first = spikes.iter().map(|(_, spike)| spike.days.first()).min()?;
    let last = spikes.iter().map(|(_, spike)| spike.days.last()).max()?;
    DayRange::new(first.plus(-DAYS), last.plus(DAYS))
}

/// What is known beside the history of either metric.
async fn clues(store: &Store, id: RepoId, around: DayRange) -> Result<Clues> {
    let stars = store.star_ledger(id).await?;
    let given = stars.days(around).into_iter();
    let given = given.filter_map(|moved| Some((moved.day, moved.given?)));
    Ok(Clues {
        stars: Measured::new(given),
        marks: marks::read(store, id).await?,
        ..Clues::default()
    })
}

#[derive(Serialize)]
struct Account<'a> {
    repo: &'a str,
    metric: &'static str,
    from: String,
    to: String,
    peak: String,
    count: u64,
    kind: &'static str,
    usual: u64,
    usual_kind: &'static str,
    /// Beyond the usual, over all of its days.
    excess: u64,
    excess_kind: &'static str,
    times: Option<f64>,
    /// Days beside it were not measured, so that it may have lasted longer.
    may_be_longer: bool,
    /// Enough days after it are measured to tell it from a rise that stays.
    is_settled: bool,
    moved: Vec<MovedAccount<'a>>,
}

/// What moved along, which is no proof of a cause.
#[derive(Serialize)]
struct MovedAccount<'a> {
    what: &'static str,
    name: Option<&'a str>,
    day: Option<String>,
    confidence: &'static str,
    kind: &'static str,
    more_at_least: Option<u64>,
    more_at_most: Option<u64>,
    share_percent_at_least: Option<u64>,
    share_percent_at_most: Option<u64>,
    chance_percent: Option<u64>,
}

impl<'a> Account<'a> {
    fn of(repo: &'a str, found: &'a Found) -> Self {
        let spike = &found.spike;
        Self {
            repo,
            metric: found.metric.word(),
            from: spike.days.first().to_string(),
            to: spike.days.last().to_string(),
            peak: spike.peak.to_string(),
            count: spike.count,
            kind: "measured",
            usual: spike.usual,
            usual_kind: "estimate",
            excess: spike.excess,
            excess_kind: "estimate",
            times: spike.times(),
            may_be_longer: spike.is_cut,
            is_settled: spike.is_settled,
            moved: found.moved.iter().map(MovedAccount::of).collect(),
        }
    }
}

impl<'a> MovedAccount<'a> {
    fn of(explanation: &'a Explanation) -> Self {
        let (what, name, day) = match &explanation.moved {
            Moved::Referrer(name) => ("referrer", Some(name.as_str()), None),
            Moved::Path(name) => ("path", Some(name.as_str()), None),
            Moved::Stars => ("stars", None, None),
            Moved::Mark(mark) => {
                let day = Some(mark.day.to_string());
                (mark.kind.word(), Some(mark.text.as_str()), day)
            }
        };
        Self {
            what,
            name,
            day,
            confidence: explanation.likelihood.word(),
            kind: "estimate",
            more_at_least: explanation.more.map(|more| more.lower()),
            more_at_most: explanation.more.map(|more| more.upper()),
            share_percent_at_least: explanation.share.map(|share| share.lower()),
            share_percent_at_most: explanation.share.map(|share| share.upper()),
            chance_percent: explanation.chance,
        }
    }
}
