//! `why OWNER/NAME DAY`: every value GitHub ever gave for a day, and which one counts.

use anyhow::Result;
use gitratra_answer::DayStory;
use gitratra_core::Day;
use gitratra_render::number;
use gitratra_render::term::{self, Column};

use crate::Exit;
use crate::args;
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

pub(super) async fn run(args: &args::Why, settings: &Settings, voice: Voice) -> Result<Exit> {
    let day: Day = args.day.parse()?;
    let store = connect::store(settings).await?;
    let found = super::find(&store, &args.repo, voice).await?;
    let name = found.name.to_string();
    let story = DayStory::read(&store, (found.id, &name), day, true).await?;
    store.close().await;
    if args.json.json {
        voice.json(&story)?;
    } else {
        voice.data(&text(&story, voice))?;
    }
    Ok(Exit::Done)
}

fn text(story: &DayStory, voice: Voice) -> String {
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
                    "doubted" =>
                        "doubted: only told by a file that is not believed in this, and in no sum",
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
                    told.first_seen.clone().unwrap_or_else(not_told),
                    told.last_seen.clone().unwrap_or_else(not_told),
                    told.from.clone(),
                    match (told.counts, told.is_doubted) {
                        (_, true) => "doubted",
                        (true, false) => "counts",
                        (false, false) => "",
                    }
                    .to_owned(),
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

/// Instead of a time that a file does not have.
fn not_told() -> String {
    "not told".to_owned()
}
