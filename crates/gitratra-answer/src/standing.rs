//! The counters that stood at the end of a range.

use gitratra_core::{Counters, Day, DayRange};
use gitratra_store::CounterRun;

/// Stars, forks and what else is counted, as it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The day on which they stood so.
    pub day: Day,
    /// The numbers.
    pub counters: Counters,
    /// The first day of the range of which they are known, with the stars and forks of then.
    pub before: Option<(Day, u64, u64)>,
}

impl Standing {
    /// What was counted last by the end of a range, and first within it. `newest` is the newest day
    /// of traffic that is known.
    ///
    /// A day of traffic is published when it is over, and numbers of a moment are of today: a range
    /// that ends with the newest published day is meant to reach up to now.
    #[must_use]
    pub fn of(runs: &[CounterRun], range: DayRange, newest: Option<Day>) -> Option<Self> {
        let is_open = newest.is_none_or(|newest| range.last() >= newest);
        let last = if is_open { Day::MAX } else { range.last() };
        let range = DayRange::new(range.first(), last)?;
        let by_then = |run: &&CounterRun| run.days.first() <= range.last();
        let last = runs.iter().rfind(by_then)?;
        let mut within = runs.iter().filter(by_then);
        let first = within.find_map(|run| Some((run.days.intersection(range)?, run.counters)));
        Some(Self {
            day: last.days.last().min(range.last()),
            counters: last.counters,
            before: first.map(|(days, first)| (days.first(), first.stars, first.forks)),
        })
    }
}
