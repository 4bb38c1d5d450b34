//! Days that have a value, as runs of days that follow each other and have the same.

use crate::{Day, DayRange};

/// A value for some days, kept as runs.
///
/// Invariant: ascending and disjoint, and no run could be longer: two that touch have different
/// values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runs<V>(Vec<(DayRange, V)>);

impl<V: Copy + Ord> Runs<V> {
    /// No days at all.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The runs. *Shape*: ascending, disjoint, none could be longer.
    #[must_use]
    pub fn all(&self) -> &[(DayRange, V)] {
        &self.0
    }

    /// Whether no day has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many days have a value.
    #[must_use]
    pub fn days(&self) -> u64 {
        let days = self.0.iter().map(|(days, _)| days.days().unsigned_abs());
        days.sum()
    }

    /// The value of a day.
    #[must_use]
    pub fn get(&self, day: Day) -> Option<V> {
        let at = self.0.partition_point(|(days, _)| days.last() < day);
        let (days, value) = self.0.get(at)?;
        days.contains(day).then_some(*value)
    }

    /// Gives days a value; each keeps its own where that is larger.
    pub fn put(&mut self, days: DayRange, value: V) {
        // Nearly always the newest day comes last.
        match self.0.last() {
            Some((last, _)) if last.last() >= days.first() => {
                self.join(&Self(vec![(days, value)]));
            }
            _ => push(&mut self.0, days, value),
        }
    }

    /// Joins other days in. Of a day that has two values the larger stays.
    pub fn join(&mut self, other: &Self) {
        if !other.0.is_empty() {
            self.0 = merged(&self.0, &other.0);
        }
    }
}

fn merged<V: Copy + Ord>(one: &[(DayRange, V)], other: &[(DayRange, V)]) -> Vec<(DayRange, V)> {
    let mut all = Vec::with_capacity(one.len().max(other.len()));
    let (mut one, mut other) = (one.iter().copied(), other.iter().copied());
    let (mut left, mut right) = (one.next(), other.next());
    loop {
        let ((days, value), (others, theirs)) = match (left, right) {
            (Some(left), Some(right)) => (left, right),
            (rest, None) | (None, rest) => {
                let rest = rest.into_iter().chain(one).chain(other);
                rest.for_each(|(days, value)| push(&mut all, days, value));
                return all;
            }
        };
        if days.last() < others.first() {
            push(&mut all, days, value);
            left = one.next();
        } else if others.last() < days.first() {
            push(&mut all, others, theirs);
            right = other.next();
        } else {
            let first = days.first().max(others.first());
            let last = days.last().min(others.last());
            for (of, value) in [(days, value), (others, theirs)] {
                if of.first() < first {
                    push_from(&mut all, of.first(), first.plus(-1), value);
                }
            }
            push_from(&mut all, first, last, value.max(theirs));
            left = after(days, last).map_or_else(|| one.next(), |rest| Some((rest, value)));
            right = after(others, last).map_or_else(|| other.next(), |rest| Some((rest, theirs)));
        }
    }
}

/// The part of some days that comes after one of them.
fn after(days: DayRange, last: Day) -> Option<DayRange> {
    let rest = (last < days.last()).then(|| DayRange::new(last.plus(1), days.last()));
    rest.flatten()
}

fn push_from<V: Copy + Ord>(runs: &mut Vec<(DayRange, V)>, first: Day, last: Day, value: V) {
    if let Some(days) = DayRange::new(first, last) {
        push(runs, days, value);
    }
}

/// Adds days that come after all others.
fn push<V: Copy + Ord>(runs: &mut Vec<(DayRange, V)>, days: DayRange, value: V) {
    if let Some((last, of)) = runs.last_mut()
        && *of == value
        && last.last().plus(1) == days.first()
        && let Some(longer) = DayRange::new(last.first(), days.last())
    {
        *last = longer;
        return;
    }
    runs.push((days, value));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn day(number: i64) -> Day {
        Day::from_epoch_days(number).unwrap()
    }

    fn some() -> impl Strategy<Value = Vec<(i64, i64, u8)>> {
        prop::collection::vec((0_i64..20, 0_i64..8, 0_u8..4), 0..8)
    }

    fn runs(parts: &[(i64, i64, u8)]) -> Runs<u8> {
        let mut runs = Runs::new();
        for (first, more, value) in parts {
            runs.put(
                DayRange::new(day(*first), day(first + more)).unwrap(),
                *value,
            );
        }
        runs
    }

    fn by_day(parts: &[(i64, i64, u8)]) -> BTreeMap<i64, u8> {
        let mut days = BTreeMap::new();
        for (first, more, value) in parts {
            for day in *first..=first + more {
                let kept = days.entry(day).or_insert(*value);
                *kept = (*kept).max(*value);
            }
        }
        days
    }

    proptest! {
        #[test]
        fn each_day_has_the_largest_of_its_values(parts in some(), others in some()) {
            let mut joined = runs(&parts);
            joined.join(&runs(&others));
            let all: Vec<_> = parts.iter().chain(&others).copied().collect();
            let expected = by_day(&all);
            for number in 0..30 {
                prop_assert_eq!(joined.get(day(number)), expected.get(&number).copied());
            }
            prop_assert_eq!(joined.days(), expected.len() as u64);
            for pair in joined.all().windows(2) {
                let ((one, value), (other, theirs)) = (pair[0], pair[1]);
                prop_assert!(one.last() < other.first());
                prop_assert!(one.last().plus(1) < other.first() || value != theirs);
            }
            let mut swapped = runs(&others);
            swapped.join(&runs(&parts));
            prop_assert_eq!(joined, swapped);
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_days_like_others() {
        let mut runs = Runs::new();
        runs.put(DayRange::ALL, 1);
        runs.put(DayRange::ending(Day::MAX, 1), 2);
        runs.put(DayRange::ending(Day::MIN, 1), 3);
        let values: Vec<_> = runs.all().iter().map(|(_, value)| *value).collect();
        assert_eq!(values, [3, 1, 2]);
    }
}
