//! Runs: days that follow each other and have the same value are one row. This file says which rows
//! there are once a day got its value; it knows no table and does not judge which value is right.
//!
//! The rows are a pure function of the values of the days, whatever the order in which the days
//! came: a run is as long as it can be, and ends where the next day has another value or was not
//! read.

use gitratra_core::{Day, DayRange};

/// A value and the days that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run<V> {
    /// The first day and the last one; what lies between was read, or could not be.
    pub(crate) days: DayRange,
    /// The value of each of them.
    pub(crate) value: V,
}

/// A day and the two that were read before and after it, as far as a run may reach over to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) before: Option<Day>,
    pub(crate) day: Day,
    pub(crate) after: Option<Day>,
}

impl Place {
    /// A day among days that follow each other without a hole.
    pub(crate) fn of(day: Day) -> Self {
        Self {
            before: before(day),
            day,
            after: after(day),
        }
    }

    /// The days whose runs may change when the one in the middle does.
    pub(crate) fn reach(self) -> DayRange {
        let first = self.before.unwrap_or(self.day);
        let last = self.after.unwrap_or(self.day);
        DayRange::new(first, last).unwrap_or(DayRange::ending(self.day, 1))
    }
}

/// What has to be written so that a day has its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change<V> {
    /// Rows that are no more.
    pub(crate) removed: Vec<Run<V>>,
    /// Rows that were not there.
    pub(crate) added: Vec<Run<V>>,
}

/// Gives a day its value, or takes it away, where `runs` are those of this series that reach into
/// [`Place::reach`].
pub(crate) fn put<V: Copy + PartialEq>(
    runs: &[Run<V>],
    place: Place,
    value: Option<V>,
) -> Change<V> {
    let mut parts = without(runs, place);
    if let Some(value) = value {
        let mut days = DayRange::ending(place.day, 1);
        parts.retain(|run| {
            let touches = run.value == value
                && (Some(run.days.last()) == place.before || Some(run.days.first()) == place.after);
            if touches {
                days = joined(days, run.days);
            }
            !touches
        });
        parts.push(Run { days, value });
    }
    change(runs, &parts)
}

/// Gives days a value each of them keeps unless its own is larger, where `runs` are those of this
/// series that reach into the days or end just beside them.
pub(crate) fn cover<V: Copy + Ord>(runs: &[Run<V>], days: DayRange, value: V) -> Change<V> {
    let mut parts = Vec::with_capacity(runs.len() * 2 + 2);
    let mut next = Some(days.first());
    for run in sorted(runs) {
        let Some(shared) = run.days.intersection(days) else {
            parts.push(run);
            continue;
        };
        let uncovered = next.and_then(|next| DayRange::new(next, before(shared.first())?));
        let earlier = before(days.first()).and_then(|last| DayRange::new(run.days.first(), last));
        let later = after(days.last()).and_then(|first| DayRange::new(first, run.days.last()));
        let own = [earlier, later]
            .into_iter()
            .flatten()
            .map(|days| (days, run.value));
        let shared_value = (shared, run.value.max(value));
        let uncovered = uncovered.map(|days| (days, value));
        let all = own.chain([shared_value]).chain(uncovered);
        parts.extend(all.map(|(days, value)| Run { days, value }));
        next = after(shared.last());
    }
    let rest = next.and_then(|next| DayRange::new(next, days.last()));
    parts.extend(rest.map(|days| Run { days, value }));
    change(runs, &merged(&parts))
}

fn sorted<V: Copy>(runs: &[Run<V>]) -> Vec<Run<V>> {
    let mut sorted = runs.to_vec();
    sorted.sort_by_key(|run| run.days.first());
    sorted
}

/// Runs that touch and have the same value become one.
fn merged<V: Copy + PartialEq>(parts: &[Run<V>]) -> Vec<Run<V>> {
    let mut merged: Vec<Run<V>> = Vec::with_capacity(parts.len());
    for part in sorted(parts) {
        match merged.last_mut() {
            Some(run)
                if run.value == part.value && after(run.days.last()) == Some(part.days.first()) =>
            {
                run.days = joined(run.days, part.days);
            }
            _ => merged.push(part),
        }
    }
    merged
}

fn before(day: Day) -> Option<Day> {
    Some(day.plus(-1)).filter(|before| *before < day)
}

fn after(day: Day) -> Option<Day> {
    Some(day.plus(1)).filter(|after| *after > day)
}

fn change<V: Copy + PartialEq>(from: &[Run<V>], to: &[Run<V>]) -> Change<V> {
    let only = |these: &[Run<V>], those: &[Run<V>]| -> Vec<Run<V>> {
        let only = these.iter().filter(|run| !those.contains(run));
        only.copied().collect()
    };
    Change {
        removed: only(from, to),
        added: only(to, from),
    }
}

/// The runs with the day cut out of the one that holds it.
fn without<V: Copy>(runs: &[Run<V>], place: Place) -> Vec<Run<V>> {
    let mut parts = Vec::with_capacity(runs.len() + 2);
    for run in runs {
        if !run.days.contains(place.day) {
            parts.push(*run);
            continue;
        }
        let earlier = place
            .before
            .and_then(|last| DayRange::new(run.days.first(), last));
        let later = place
            .after
            .and_then(|first| DayRange::new(first, run.days.last()));
        let value = run.value;
        parts.extend(
            earlier
                .into_iter()
                .chain(later)
                .map(|days| Run { days, value }),
        );
    }
    parts
}

/// From the first day of either to the last of either.
fn joined(one: DayRange, other: DayRange) -> DayRange {
    let first = one.first().min(other.first());
    DayRange::new(first, one.last().max(other.last())).unwrap_or(one)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn day(number: i64) -> Day {
        Day::from_epoch_days(number).unwrap()
    }

    /// The runs of a history, by their definition.
    fn runs_of(values: &BTreeMap<i64, Option<u8>>) -> Vec<Run<u8>> {
        let mut runs: Vec<Run<u8>> = Vec::new();
        let mut before = None;
        for (number, value) in values {
            if let Some(value) = *value {
                match runs.last_mut() {
                    Some(run) if before == Some(Some(value)) => {
                        run.days = DayRange::new(run.days.first(), day(*number)).unwrap();
                    }
                    _ => runs.push(Run {
                        days: DayRange::ending(day(*number), 1),
                        value,
                    }),
                }
            }
            before = Some(*value);
        }
        runs
    }

    proptest! {
        #[test]
        fn any_order_of_days_makes_the_same_runs(
            puts in prop::collection::vec((0_i64..12, prop::option::of(0_u8..3)), 1..40),
        ) {
            let mut values = BTreeMap::new();
            let mut runs: Vec<Run<u8>> = Vec::new();
            for (number, value) in puts {
                let place = Place {
                    before: values.range(..number).next_back().map(|(found, _)| day(*found)),
                    day: day(number),
                    after: values.range(number + 1..).next().map(|(found, _)| day(*found)),
                };
                let near: Vec<_> = runs
                    .iter()
                    .filter(|run| run.days.intersection(place.reach()).is_some())
                    .copied()
                    .collect();
                let change = put(&near, place, value);
                runs.retain(|run| !change.removed.contains(run));
                runs.extend(change.added);
                values.insert(number, value);
                runs.sort_by_key(|run| run.days.first());
                prop_assert_eq!(&runs, &runs_of(&values));
            }
        }
    }

    proptest! {
        #[test]
        fn the_larger_value_covers_whatever_came_first(
            covers in prop::collection::vec((0_i64..14, 0_i64..6, 0_u8..4), 1..12),
        ) {
            let mut values = BTreeMap::new();
            let mut runs: Vec<Run<u8>> = Vec::new();
            for (first, more, value) in covers {
                let days = DayRange::new(day(first), day(first + more)).unwrap();
                let beside = DayRange::new(days.first().plus(-1), days.last().plus(1)).unwrap();
                let near: Vec<_> = runs
                    .iter()
                    .filter(|run| run.days.intersection(beside).is_some())
                    .copied()
                    .collect();
                let change = cover(&near, days, value);
                runs.retain(|run| !change.removed.contains(run));
                runs.extend(change.added);
                runs.sort_by_key(|run| run.days.first());
                for number in first..=first + more {
                    let kept: &mut Option<u8> = values.entry(number).or_insert(None);
                    *kept = (*kept).max(Some(value));
                }
                let whole = (0..20).map(|number| (number, values.get(&number).copied().flatten()));
                prop_assert_eq!(&runs, &runs_of(&whole.collect()));
            }
        }
    }

    #[test]
    fn the_same_value_again_writes_nothing() {
        let runs = [Run {
            days: DayRange::new(day(3), day(9)).unwrap(),
            value: 4,
        }];
        let change = put(&runs, Place::of(day(5)), Some(4));
        assert_eq!((change.removed, change.added), (vec![], vec![]));
    }
}
