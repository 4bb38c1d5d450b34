//! Every value that was ever given for a day after it was over, where there was more than one. With
//! a single value the day's row in `traffic_day` tells all of it.

use std::collections::BTreeMap;

use gitratra_core::{Count, Day, DayRange, DayRecord, Metric, RepoId, Seen, Sighting};

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::value::{params, whole_second};

/// The sightings of some days, each day's sorted by value.
pub(crate) async fn of_days(
    tx: &mut Tx<'_>,
    repo: RepoId,
    metric: Metric,
    range: DayRange,
) -> Result<BTreeMap<Day, Vec<Sighting>>, Fault> {
    let params = params![repo, metric, range.first(), range.last()];
    let mut sightings: BTreeMap<Day, Vec<Sighting>> = BTreeMap::new();
    for row in tx.query(&sql::SIGHTING_OF_DAYS, &params).await? {
        let sighting = Sighting {
            count: count(row.whole(1)?, row.whole(2)?)?,
            seen: Seen {
                first: row.time(3)?,
                last: row.time(4)?,
            },
            source: row.source(5)?,
        };
        sightings.entry(row.day(0)?).or_default().push(sighting);
    }
    Ok(sightings)
}

/// Writes what the rows of whole days do not tell. Of what is believed a record never forgets a
/// value; a doubted one is forgotten once somebody is believed in it, so that the same history has
/// the same rows, whatever came first.
///
/// `days` are those of the records, ascending.
pub(crate) async fn save(
    tx: &mut Tx<'_>,
    repo: RepoId,
    days: impl Iterator<Item = Day>,
    records: &[(Metric, &DayRecord)],
) -> Result<(), Fault> {
    let spans: Vec<_> = together(days)
        .into_iter()
        .map(|(first, last)| params![repo, first, last])
        .collect();
    tx.execute_each(&sql::SIGHTING_DROP_DOUBTED, &spans).await?;
    let mut sets = Vec::new();
    for (metric, record) in records {
        for sighting in record.sightings_beyond_row() {
            sets.push(params![
                repo,
                *metric,
                record.day(),
                sighting.count.count(),
                sighting.count.uniques().get(),
                whole_second(sighting.seen.first),
                whole_second(sighting.seen.last),
                sighting.source,
            ]);
        }
    }
    if !sets.is_empty() {
        tx.execute_each(&sql::SIGHTING_SAVE, &sets).await?;
    }
    Ok(())
}

/// Ascending days as spans of those that follow each other.
fn together(days: impl Iterator<Item = Day>) -> Vec<(Day, Day)> {
    let mut spans: Vec<(Day, Day)> = Vec::new();
    for day in days {
        match spans.last_mut() {
            Some((_, last)) if day.days_since(*last) == 1 => *last = day,
            _ => spans.push((day, day)),
        }
    }
    spans
}

/// The pair, where it can be one.
pub(crate) fn count(count: u64, uniques: u64) -> Result<Count, Fault> {
    Count::new(count, uniques).map_err(|error| Fault::corrupt(error.to_string()))
}
