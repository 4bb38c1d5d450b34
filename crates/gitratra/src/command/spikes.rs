//! `spikes`: days far above the usual, and what moved with them, in the terminal or as JSON.

use std::collections::BTreeMap;

use anyhow::Result;
use gitratra_answer::{Asked, FoundSpike, SpikeAccount, spikes_within};
use gitratra_core::page::PageNames;
use gitratra_core::{Day, DayRange, Metric, RepoId, Series};
use gitratra_render::term::{ShowSpike, show_spikes};

use crate::Exit;
use crate::args::{Spikes, TrafficMetric};
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

use super::repos;

pub(super) async fn run(args: &Spikes, settings: &Settings, voice: Voice) -> Result<Exit> {
    let asked: Asked = args.range.parse()?;
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
    let mut all: Vec<(String, Vec<FoundSpike>)> = Vec::new();
    for (id, name) in repos {
        let Some(names) = labels.get(&id) else {
            continue;
        };
        // What is usual on a day is told by all days around it.
        let series = Series::new(store.days(id, None).await?);
        let known = series.range().and_then(|known| {
            let last = newest.unwrap_or(known.last()).max(known.last());
            DayRange::new(known.first(), last)
        });
        let Some(range) = known.and_then(|known| asked.of(known)) else {
            continue;
        };
        let found = spikes_within(&store, (id, names), &series, range, metrics).await?;
        if !found.is_empty() {
            all.push((name, found));
        }
    }
    store.close().await;
    if args.json.json {
        let spikes = all.iter().flat_map(|(name, found)| {
            let accounts = found.iter();
            accounts.map(move |found| SpikeAccount::of(name, found))
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
