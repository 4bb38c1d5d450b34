//! `why OWNER/NAME DAY`: every value GitHub ever gave for a day, and which one counts.

use anyhow::Result;
use gitratra_core::{Day, DayRecord, Metric, Sighting};
use gitratra_render::number;
use gitratra_render::term::{self, Column};
use gitratra_store::Store;
use serde::Serialize;

use crate::Exit;
use crate::args;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

#[derive(Serialize)]
struct Story {
    repo: String,
    day: String,
    metrics: Vec<MetricStory>,
}

#[derive(Serialize)]
struct MetricStory {
    metric: &'static str,
    state: &'static str,
    count: Option<u64>,
    uniques: Option<u64>,
    kind: &'static str,
    sightings: Vec<Told>,
}

#[derive(Serialize)]
struct Told {
    count: u64,
    uniques: u64,
    first_seen: String,
    last_seen: String,
    from: String,
    counts: bool,
}

pub(super) async fn run(args: &args::Why, settings: &Settings, voice: Voice) -> Result<Exit> {
    let day: Day = args.day.parse()?;
    let store = connect::store(settings).await?;
    let found = super::find(&store, &args.repo, voice).await?;
    let records = store.records(found.id, day).await?;
    let range = gitratra_core::DayRange::ending(day, 1);
    let row = store.days(found.id, Some(range)).await?.first().copied();
    let mut story = Story {
        repo: found.name.to_string(),
        day: day.to_string(),
        metrics: Vec::new(),
    };
    for metric in Metric::ALL {
        let record = records.iter().find(|(of, _)| *of == metric);
        let value = row.and_then(|row| row.value(metric));
        let sightings = match record {
            Some((_, record)) => tell(&store, record).await?,
            None => Vec::new(),
        };
        story.metrics.push(MetricStory {
            metric: metric.word(),
            state: value.map_or("gap", |value| value.state.word()),
            count: record.map(|(_, record)| record.best().count()),
            uniques: record.map(|(_, record)| record.best().uniques().get()),
            kind: "measured",
            sightings,
        });
    }
    store.close().await;
    if args.json.json {
        voice.json(&story)?;
    } else {
        voice.data(&text(&story, voice))?;
    }
    Ok(Exit::Done)
}

async fn tell(store: &Store, record: &DayRecord) -> Result<Vec<Told>> {
    let running = [record.row()];
    let sightings: &[Sighting] = match record.settled() {
        [] => &running,
        settled => settled,
    };
    let mut told = Vec::new();
    for sighting in sightings {
        let from = store.source_label(sighting.source).await?;
        let best = record.best();
        told.push(Told {
            count: sighting.count.count(),
            uniques: sighting.count.uniques().get(),
            first_seen: format!("{:.0}", sighting.seen.first),
            last_seen: format!("{:.0}", sighting.seen.last),
            from: from.unwrap_or_else(|| "GitHub".to_owned()),
            counts: sighting.count.count() == best.count(),
        });
    }
    told.sort_by(|a, b| (&a.first_seen, a.count).cmp(&(&b.first_seen, b.count)));
    Ok(told)
}

fn text(story: &Story, voice: Voice) -> String {
    let mut text = format!("{} on {}\n", story.repo, story.day);
    for metric in &story.metrics {
        match (metric.count, metric.uniques) {
            (Some(count), Some(uniques)) => text.push_str(&format!(
                "\n{}: {} ({} uniques), {}\n",
                metric.metric,
                number::grouped(count),
                number::grouped(uniques),
                match metric.state {
                    "partial" => "partial: seen only while the day was running",
                    "suspect" =>
                        "suspect: zero for every repository at once, kept aside until a later reading settles it",
                    state => state,
                }
            )),
            _ => text.push_str(&format!(
                "\n{}: gap, GitHub never gave a value for this day\n",
                metric.metric
            )),
        }
        if metric.sightings.is_empty() {
            continue;
        }
        let rows: Vec<Vec<String>> = metric
            .sightings
            .iter()
            .map(|told| {
                vec![
                    number::grouped(told.count),
                    number::grouped(told.uniques),
                    told.first_seen.clone(),
                    told.last_seen.clone(),
                    told.from.clone(),
                    if told.counts { "counts" } else { "" }.to_owned(),
                ]
            })
            .collect();
        let columns = [
            Column::number("count"),
            Column::number("uniques"),
            Column::word("first seen"),
            Column::word("last seen"),
            Column::name("from"),
            Column::word(""),
        ];
        text.push_str(&term::table(&columns, &rows, voice.page()));
    }
    text
}
