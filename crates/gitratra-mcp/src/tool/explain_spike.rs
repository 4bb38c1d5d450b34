//! `explain_spike`: what is known of a day that stands out.

use gitratra_answer::{About, MarkAccount, SpikeAccount, Told, marks};
use gitratra_core::page::PageNames;
use gitratra_core::{Bounds, Day, DayRange, Ranking, Window};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::list_spikes::{STRANGER, UNIT, spikes};
use super::traffic;
use crate::asked::{Traffic, day};
use crate::fault::Fault;
use crate::legend::Subject;
use crate::reply::Reply;
use crate::seen::Seen;

/// Days around a day in which a spike may lie that it belongs to, or that one may have meant.
const AROUND: i64 = 30;
/// Days around a day whose notes, releases and tags are told.
const MARKS_AROUND: i64 = 7;
/// Windows before a day whose lists help to tell it apart.
const LISTS: i64 = 45;
/// Referrers and paths that are told at most, of each.
const SOURCES: usize = 10;
/// Notes, releases and tags that are told at most.
const MARKS: usize = 40;

/// What is asked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// The repository as owner/name
    repo: String,
    /// The day as YYYY-MM-DD, UTC
    day: String,
    /// Views or clones; views where nothing is said
    metric: Option<Traffic>,
}

/// What a referrer or a page brought on the day.
#[derive(Serialize)]
struct Source {
    name: String,
    kind: &'static str,
    at_least: u64,
    at_most: u64,
}

impl Question {
    pub(super) async fn answer(self, seen: &Seen) -> Result<Reply, Fault> {
        let on = day("day", &self.day)?;
        let metric = self.metric.unwrap_or(Traffic::Views).into();
        let about = seen.repository(&self.repo).await?;
        let known = about.known.filter(|known| known.contains(on)).ok_or_else(|| {
            let known = about.known.map_or_else(|| "none".to_owned(), |known| known.to_string());
            Fault::Bad(format!(
                "nothing is known of {} on {on}: its known days are {known}; list_spikes finds days \
                 that stand out",
                about.name
            ))
        })?;
        let around = DayRange::new(on.plus(-AROUND), on.plus(AROUND)).unwrap_or(known);
        let found = spikes(seen, &about, around, &[metric]).await?;
        let name = about.name.to_string();
        let its = found.iter().find(|found| found.spike.days.contains(on));
        let others = found.iter().filter(|found| !found.spike.days.contains(on));
        let others: Vec<String> = others.map(|found| found.spike.peak.to_string()).collect();
        let one = DayRange::ending(on, 1);
        let series = traffic::series(seen.store(), &about, one).await?;
        let row = series.within(one).first().and_then(|row| row.value(metric));
        let headline = match its {
            Some(_) => format!("{name}: {on} belongs to a spike of {}.", metric.word()),
            None => format!("{name}: {on} belongs to no spike of {}.", metric.word()),
        };
        let mut cuts = Vec::new();
        let referrers = brought(seen, &about, on, Ranking::Referrers, &mut cuts).await?;
        let paths = brought(seen, &about, on, Ranking::Paths, &mut cuts).await?;
        let happened = happened(seen, &about, on, &mut cuts).await?;
        let counted = row.filter(|value| value.state.is_believed());
        let data = json!({
            "repo": &name,
            "metric": metric.word(),
            "day": {
                "day": on.to_string(),
                "count": counted.map(|value| value.count.count()),
                "uniques": counted.map(|value| value.count.uniques().get()),
                "state": row.map_or("gap", |value| value.state.word()),
            },
            "spike": its.map(|found| super::json(SpikeAccount::of(&name, found))),
            "other_spikes_near": others,
            "referrers_of_the_day": referrers,
            "paths_of_the_day": paths,
            "happened_near": happened,
        });
        Ok(Reply {
            range: Some(one),
            subjects: vec![Subject::Spikes, Subject::Sources, Subject::Uniques],
            remarks: vec![
                "referrers and paths are of views, also where clones are asked for".to_owned(),
            ],
            stranger: STRANGER,
            cut: (!cuts.is_empty()).then(|| cuts.join("; ")),
            ..Reply::new(headline, UNIT, data)
        })
    }
}

/// What each referrer or page brought on a day, the most first.
async fn brought(
    seen: &Seen,
    about: &About,
    on: Day,
    ranking: Ranking,
    cuts: &mut Vec<String>,
) -> Result<Value, Fault> {
    let names = PageNames::new(about.name.clone(), about.former.clone());
    let last = on.plus(i64::from(Window::DAYS) - 1);
    let windows = DayRange::new(on.plus(-LISTS), last);
    let around = windows.unwrap_or(DayRange::ending(on, 1));
    let series = traffic::series(seen.store(), about, around).await?;
    let of = (ranking, &names);
    let told = Told::read(seen.store(), about.id, of, &series, windows).await?;
    let by_day = told.by_day(DayRange::ending(on, 1)).into_iter();
    let by_day = by_day.filter_map(|(name, days)| Some((name, days.first()?.1)));
    let mut by_day: Vec<(String, Bounds)> = by_day.collect();
    by_day.sort_by(|(one, a), (other, b)| {
        let most = |of: &Bounds| (of.lower(), of.upper());
        most(b).cmp(&most(a)).then_with(|| one.cmp(other))
    });
    if by_day.len() > SOURCES {
        cuts.push(format!(
            "the {SOURCES} largest of {} {ranking}",
            by_day.len()
        ));
    }
    by_day.truncate(SOURCES);
    let sources = by_day.into_iter().map(|(name, events)| Source {
        name,
        kind: super::kind_of(events),
        at_least: events.lower(),
        at_most: events.upper(),
    });
    Ok(super::json(sources.collect::<Vec<_>>()))
}

/// Notes, releases and tags around a day.
async fn happened(
    seen: &Seen,
    about: &About,
    on: Day,
    cuts: &mut Vec<String>,
) -> Result<Value, Fault> {
    let mut marks = marks(seen.store(), about.id).await?;
    marks.retain(|mark| mark.day.days_since(on).abs() <= MARKS_AROUND);
    if marks.len() > MARKS {
        cuts.push(format!(
            "{MARKS} of {} notes, releases and tags",
            marks.len()
        ));
    }
    marks.truncate(MARKS);
    let told: Vec<MarkAccount<'_>> = marks.iter().map(MarkAccount::of).collect();
    Ok(super::json(told))
}
