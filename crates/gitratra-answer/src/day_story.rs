//! The story of a day: every value GitHub ever gave for it, and which one counts.

use gitratra_core::{Day, DayRange, DayRecord, DayState, Metric, RepoId, Sighting, Timestamp};
use gitratra_store::{Store, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

/// Every value that was ever given for a day of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayStory {
    /// Its present name.
    pub repo: String,
    /// The UTC day.
    pub day: String,
    /// Views and clones.
    pub metrics: Vec<MetricStory>,
}

/// Every value that was ever given for one metric of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MetricStory {
    /// `views` or `clones`.
    pub metric: &'static str,
    /// `measured`, `partial`, `suspect`, `doubted` or `gap`.
    pub state: &'static str,
    /// What counts; nothing where no value was ever given.
    pub count: Option<u64>,
    /// Distinct people of the day.
    pub uniques: Option<u64>,
    /// Always `measured`.
    pub kind: &'static str,
    /// Each distinct value. *Shape*: by when it was first seen.
    pub sightings: Vec<SightingAccount>,
}

/// One value, and when it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SightingAccount {
    /// Events.
    pub count: u64,
    /// Distinct people.
    pub uniques: u64,
    /// When it was given for the first time, by GitHub's clock; nothing where a file has it that does
    /// not say when.
    pub first_seen: Option<String>,
    /// When it was given for the last time, likewise.
    pub last_seen: Option<String>,
    /// `GitHub`, or what the file of another tool is called.
    pub from: String,
    /// Whether it is the one that counts.
    pub counts: bool,
    /// Whether its file is not believed in it: a zero that a tool put where it had seen nothing, a
    /// number that it made out of others. It is in no sum.
    pub is_doubted: bool,
}

impl DayStory {
    /// Reads the story of a day. What files of other tools are called is told with `names_sources`
    /// only: the names are the operator's own.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(
        store: &Store,
        (id, name): (RepoId, &str),
        day: Day,
        names_sources: bool,
    ) -> Result<Self, StoreError> {
        let records = store.records(id, day).await?;
        let rows = store.days(id, Some(DayRange::ending(day, 1))).await?;
        let mut metrics = Vec::with_capacity(Metric::ALL.len());
        for metric in Metric::ALL {
            let record = records.iter().find(|(of, _)| *of == metric);
            let record = record.map(|(_, record)| record);
            let value = rows.first().and_then(|row| row.value(metric));
            metrics.push(MetricStory {
                metric: metric.word(),
                state: value.map_or("gap", |value| value.state.word()),
                count: record.map(|record| record.best().count()),
                uniques: record.map(|record| record.best().uniques().get()),
                kind: "measured",
                sightings: match record {
                    Some(record) => sightings(store, record, names_sources).await?,
                    None => Vec::new(),
                },
            });
        }
        Ok(Self {
            repo: name.to_owned(),
            day: day.to_string(),
            metrics,
        })
    }
}

async fn sightings(
    store: &Store,
    record: &DayRecord,
    names_sources: bool,
) -> Result<Vec<SightingAccount>, StoreError> {
    let running = [record.row()];
    let sightings: &[Sighting] = match (record.settled(), record.state()) {
        ([], DayState::Partial) => &running,
        (settled, _) => settled,
    };
    let mut told = Vec::with_capacity(sightings.len());
    for sighting in sightings.iter().chain(record.doubted()) {
        let is_believed = !sighting.source.is_doubted();
        let from = store.source_label(sighting.source).await?;
        let from = from.map_or_else(
            || "GitHub".to_owned(),
            |label| match names_sources {
                true => label,
                false => "a file".to_owned(),
            },
        );
        told.push(SightingAccount {
            count: sighting.count.count(),
            uniques: sighting.count.uniques().get(),
            first_seen: told_at(sighting.seen.first, record.day()),
            last_seen: told_at(sighting.seen.last, record.day()),
            from,
            counts: is_believed == record.state().is_believed()
                && sighting.count.count() == record.best().count(),
            is_doubted: !is_believed,
        });
    }
    told.sort_by(|a, b| (&a.first_seen, a.count).cmp(&(&b.first_seen, b.count)));
    Ok(told)
}

/// A time as text. What a file says without a time is kept as seen in the moment in which its day
/// ended, in which nobody was ever told of it.
fn told_at(at: Timestamp, day: Day) -> Option<String> {
    (at != day.end()).then(|| format!("{at:.0}"))
}
