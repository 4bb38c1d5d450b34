//! Stars by day of a history, and when each day was last read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Runs;
use crate::{Day, StarDay};

/// Stars by the day on which they were given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StarFacts {
    /// Days for which any stars were ever told.
    pub days: BTreeMap<Day, StarDay>,
    /// When each day was read last. A day that was read and has no stars above had none.
    pub read: Runs<Timestamp>,
}

impl StarFacts {
    /// As [`StarDay::tell`] has it: the most that were ever given, and those that exist by the newer
    /// answer.
    pub(super) fn join(&mut self, other: &Self) {
        let days: BTreeSet<Day> = self.days.keys().chain(other.days.keys()).copied().collect();
        for day in days {
            let (own, told) = (self.on(day), other.on(day));
            let kept = StarDay {
                given: own.1.given.max(told.1.given),
                still: (own.0, own.1.still).max((told.0, told.1.still)).1,
            };
            self.days.insert(day, kept);
        }
        self.read.join(&other.read);
    }

    fn on(&self, day: Day) -> (Option<Timestamp>, StarDay) {
        let stars = self.days.get(&day).copied();
        (self.read.get(day), stars.unwrap_or_default())
    }
}
