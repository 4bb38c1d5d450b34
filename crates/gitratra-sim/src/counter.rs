//! A number of a repository that moves a little from day to day: forks, watchers, open issues
//! and open pull requests.
//!
//! Any day can be asked for in any order at the same cost. What a test sets holds from its day on.

use crate::clock::Day;
use crate::noise::{Noise, Topic};

/// Days on which a number stays as it is, before it may move again.
const STEADY_DAYS: i32 = 3;

/// How many days of growth make a number twice as large.
const DOUBLING_DAYS: i64 = 2_000;

/// A number that moves.
#[derive(Clone, Debug)]
pub(crate) struct Counter {
    /// Tells one number of one repository from every other.
    key: u64,
    /// What it was on `start`.
    base: u64,
    start: Day,
    /// What a test set, by the day from which it holds, oldest first.
    chosen: Vec<(Day, u64)>,
}

impl Counter {
    pub(crate) fn new(key: u64, base: u64, start: Day) -> Self {
        Self {
            key,
            base,
            start,
            chosen: Vec::new(),
        }
    }

    /// The number on a day.
    pub(crate) fn on(&self, noise: Noise, day: Day) -> u64 {
        let chosen = self.chosen.iter().rev().find(|(from, _)| *from <= day);
        if let Some((_, value)) = chosen {
            return *value;
        }
        let days = i64::from(day.number() - self.start.number());
        let base = i64::try_from(self.base).unwrap_or(i64::MAX / 2);
        let grown = base.saturating_mul(days) / DOUBLING_DAYS;
        let moved = self.sway(noise, day) - self.sway(noise, self.start);
        u64::try_from(base + grown + moved).unwrap_or(0)
    }

    /// From `day` on the number is `value`.
    pub(crate) fn choose(&mut self, day: Day, value: u64) {
        self.chosen.retain(|(from, _)| *from < day);
        self.chosen.push((day, value));
    }

    fn sway(&self, noise: Noise, day: Day) -> i64 {
        let step = day.number().div_euclid(STEADY_DAYS) as u64;
        noise.below(Topic::Sway, self.key, step, 1 + self.base / 6) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_begins_at_its_base_and_moves_both_ways() {
        let start = Day::from("2026-03-10");
        let counter = Counter::new(7, 60, start);
        let noise = Noise::new(1);
        assert_eq!(counter.on(noise, start), 60);
        let values: Vec<_> = (0..60).map(|n| counter.on(noise, start.plus(n))).collect();
        assert!(values.windows(2).any(|pair| pair[0] < pair[1]));
        assert!(values.windows(2).any(|pair| pair[0] > pair[1]));
    }

    #[test]
    fn what_was_set_holds_from_its_day_on() {
        let start = Day::from("2026-03-10");
        let mut counter = Counter::new(7, 60, start);
        let noise = Noise::new(1);
        let before = counter.on(noise, start.plus(4));
        counter.choose(start.plus(5), 9);
        counter.choose(start.plus(8), 3);
        let on = |n| counter.on(noise, start.plus(n));
        assert_eq!((on(4), on(5), on(7), on(8)), (before, 9, 9, 3));
    }
}
