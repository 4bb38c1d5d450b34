//! Days of traffic as single tellings: what a text has a line for, and what makes the days again.

use super::{History, KnownDay, SourceName, Sources, place};
use crate::merge::{self, Sighting};
use crate::{Count, Day, DayRecord, Metric, Seen};

/// That a value was given for a day over some time: while the day was running where that time ends
/// before the day does, else afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The day.
    pub day: Day,
    /// Views or clones.
    pub metric: Metric,
    /// The value.
    pub count: Count,
    /// When it was given first and last.
    pub seen: Seen,
    /// Who gave it.
    pub source: SourceName,
    /// Whether it is not believed.
    pub is_doubted: bool,
}

impl History {
    /// Every value that was given for a day. *Shape*: by day, views first, by value.
    ///
    /// Together they make the days again, in any order and however often each of them is told.
    #[must_use]
    pub fn told(&self) -> Vec<Told> {
        let mut all = Vec::with_capacity(self.days.len() * 2);
        for (day, metric, record) in self.records() {
            let values = values(record);
            all.extend(values.into_iter().map(|value| {
                let name = self.sources.name(value.source).cloned();
                Told {
                    day,
                    metric,
                    count: value.count,
                    seen: value.seen,
                    source: name.unwrap_or_else(SourceName::github),
                    is_doubted: value.source.is_doubted(),
                }
            }));
        }
        all
    }

    /// Joins what was told of days.
    pub fn tell(&mut self, told: &[Told]) {
        let mut other = Self::new(self.repo);
        other.sources = Sources::new(told.iter().map(|one| one.source.clone()));
        for one in told {
            let number = other.sources.number(&one.source);
            let value = Sighting {
                count: one.count,
                seen: one.seen,
                source: if one.is_doubted {
                    number.doubted()
                } else {
                    number
                },
            };
            let kept: &mut KnownDay =
                &mut other.days.entry(one.day).or_default()[place(one.metric)];
            merge::join(&mut kept.record, DayRecord::of_seen(one.day, value));
        }
        self.join_days(&other);
    }
}

/// The values that make a record again.
fn values(record: &DayRecord) -> Vec<Sighting> {
    let settled = record.settled().iter().copied();
    let mut values: Vec<Sighting> = settled
        .clone()
        .chain(record.doubted().iter().copied())
        .collect();
    let largest = settled.map(|value| value.count).reduce(Count::larger);
    match (largest, record.state()) {
        (None, crate::DayState::Partial) => values.push(record.row()),
        (Some(largest), _) if largest != record.best() => {
            // More was told while the day was running. When is not kept; only that it was then.
            values.push(Sighting {
                count: record.best(),
                seen: Seen::once(record.day().last_second()),
                source: crate::Source::GITHUB,
            });
        }
        _ => {}
    }
    values
}
