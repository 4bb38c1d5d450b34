//! What is usual on a day, from the days around it: a level, a weekday, and how far days scatter.
//!
//! Everything is counted in whole thousandths, so that every machine finds the same spikes.

use std::collections::VecDeque;

use crate::{Count, Day};

/// One event, in thousandths.
const ONE: u64 = 1_000;
/// The largest count there is, in thousandths, so that nothing overflows.
const MOST: u64 = Count::LIMIT * ONE;
/// How many days before, and as many after, tell the level.
const LEVEL_DAYS: i64 = 42;
/// How many of them must be measured on a side before it tells anything.
const LEVEL_AT_LEAST: usize = 14;
/// How many days before, and as many after, tell how far days scatter.
const SCATTER_DAYS: i64 = 91;
/// One day in so many may lie further above the usual count than the scatter says.
const SCATTER_TAIL: usize = 10;
/// A pattern of weekdays holds for so many days ...
const WEEK_HOLDS_DAYS: i64 = 91;
/// ... and is learned from so many days before and after them.
const WEEK_LEARNED_DAYS: i64 = 137;
/// How many of each weekday must be measured before there is a pattern.
const WEEK_AT_LEAST: usize = 6;
/// A weekday counts for a twentieth of the mean at least, and for all of the week at most.
const WEEKDAY_PARTS: (u64, u64) = (50, 7_000);

/// A day that stands out has so many events more than usual, in thousandths: chance alone brings
/// 17 more to a day of five once in fifty million days.
const FAR_EVENTS: u64 = 17 * ONE;
/// It has so many thousandths of the usual count more ...
const FAR_PARTS: u64 = 2_500;
/// ... and lies so many times as far above it as the scatter.
const FAR_SCATTERS: u64 = 4;
/// A day that belongs to a spike beside it has so many events more than usual, in thousandths ...
const RAISED_EVENTS: u64 = 5 * ONE;
/// ... and lies so many times as far above it as the scatter.
const RAISED_SCATTERS: u64 = 2;

/// What is usual on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Usual {
    /// Expected events, in thousandths.
    expected: u64,
    /// How far above the expected count nine in ten of the days around are, in thousandths of the
    /// root of the expected count.
    scatter: u64,
    has_after: bool,
}

impl Usual {
    /// Expected events, rounded.
    pub(super) const fn events(self) -> u64 {
        (self.expected + ONE / 2) / ONE
    }

    /// Events beyond the expected ones, rounded.
    pub(super) const fn excess(self, count: u64) -> u64 {
        count.saturating_sub(self.events())
    }

    /// Whether the level after the day is known too.
    pub(super) const fn is_settled(self) -> bool {
        self.has_after
    }

    /// Whether a count makes a spike.
    pub(super) fn is_far_above(self, count: u64) -> bool {
        let parts = self.expected / ONE * FAR_PARTS + self.expected % ONE * FAR_PARTS / ONE;
        let least = FAR_EVENTS.max(parts).max(self.scatters(FAR_SCATTERS));
        count * ONE >= self.expected.saturating_add(least)
    }

    /// Whether a count belongs to a spike on a day beside it.
    pub(super) fn is_raised(self, count: u64) -> bool {
        let least = RAISED_EVENTS
            .max(self.expected)
            .max(self.scatters(RAISED_SCATTERS));
        count * ONE >= self.expected.saturating_add(least)
    }

    /// So many times the scatter, in thousandths of events.
    fn scatters(self, times: u64) -> u64 {
        let root = root(self.expected);
        (self.scatter / ONE)
            .saturating_mul(root)
            .saturating_add(self.scatter % ONE * root / ONE)
            .saturating_mul(times)
    }
}

/// The root of an expected count and one, both in thousandths: how far a number of independent
/// events scatters by itself.
const fn root(expected: u64) -> u64 {
    ((expected + ONE) * ONE).isqrt()
}

/// What is usual on each of the days (ascending, none twice); nothing where too few days around it
/// are measured.
pub(super) fn usual(days: &[(Day, u64)]) -> Vec<Option<Usual>> {
    let parts = weekday_parts(days);
    let levels: Vec<u64> = days
        .iter()
        .zip(&parts)
        .map(|((_, count), part)| count * ONE * ONE / part)
        .collect();
    let places = days.iter().map(|(day, _)| day.epoch_days());
    let before = medians_before(places.clone().zip(levels.iter().copied()));
    let mirrored = places.map(|place| -place).zip(levels.iter().copied());
    let mut after = medians_before(mirrored.rev());
    after.reverse();
    let expected: Vec<Option<u64>> = before
        .iter()
        .zip(&after)
        .zip(&parts)
        .map(|((before, after), part)| {
            let level = (*before).max(*after)?;
            Some((level / ONE * part + level % ONE * part / ONE).min(MOST))
        })
        .collect();
    let scatters = scatters(days, &expected);
    expected
        .into_iter()
        .zip(scatters)
        .zip(after)
        .map(|((expected, scatter), after)| {
            Some(Usual {
                expected: expected?,
                scatter,
                has_after: after.is_some(),
            })
        })
        .collect()
}

/// The part that each day's weekday has of a mean day, in thousandths.
fn weekday_parts(days: &[(Day, u64)]) -> Vec<u64> {
    let mut parts = Vec::with_capacity(days.len());
    let mut rest = days;
    while let Some((first, _)) = rest.first() {
        let holds = rest.partition_point(|(day, _)| day.days_since(*first) < WEEK_HOLDS_DAYS);
        let from = first.plus(-WEEK_LEARNED_DAYS);
        let to = first.plus(WEEK_HOLDS_DAYS + WEEK_LEARNED_DAYS);
        let start = days.partition_point(|(day, _)| *day < from);
        let end = days.partition_point(|(day, _)| *day < to);
        let week = week(&days[start..end]);
        let (block, later) = rest.split_at(holds);
        parts.extend(
            block
                .iter()
                .map(|(day, _)| week[usize::from(day.weekday())]),
        );
        rest = later;
    }
    parts
}

/// What each weekday has of a mean day, in thousandths: the mean of the middle half of its counts,
/// which a spike does not bend, half an event added so that a quiet repository has no pattern.
fn week(days: &[(Day, u64)]) -> [u64; 7] {
    let mut counts: [Vec<u64>; 7] = Default::default();
    for (day, count) in days {
        counts[usize::from(day.weekday())].push(*count);
    }
    if counts.iter().any(|counts| counts.len() < WEEK_AT_LEAST) {
        return [ONE; 7];
    }
    let means = counts.map(|mut counts| {
        counts.sort_unstable();
        let quarter = counts.len() / 4;
        let middle = &counts[quarter..counts.len() - quarter];
        middle.iter().sum::<u64>() * ONE / middle.len() as u64 + ONE / 2
    });
    let mean = means.iter().sum::<u64>() / 7;
    let (least, most) = WEEKDAY_PARTS;
    means.map(|of_day| (of_day * ONE / mean).clamp(least, most))
}

/// For each of the points (place in days, value; ascending) the median of those in the days before
/// it; nothing where they are too few.
fn medians_before(points: impl Iterator<Item = (i64, u64)>) -> Vec<Option<u64>> {
    let mut window = Sorted::default();
    let mut inside: VecDeque<(i64, u64)> = VecDeque::new();
    let mut medians = Vec::new();
    for (place, value) in points {
        while let Some((_, left)) = inside.front().filter(|(of, _)| *of < place - LEVEL_DAYS) {
            window.remove(*left);
            inside.pop_front();
        }
        medians.push((inside.len() >= LEVEL_AT_LEAST).then(|| window.median()));
        inside.push_back((place, value));
        window.insert(value);
    }
    medians
}

/// How far above the expected count nine in ten of the days around each day are, in thousandths of
/// the root of the expected count.
fn scatters(days: &[(Day, u64)], expected: &[Option<u64>]) -> Vec<u64> {
    let above: Vec<Option<u64>> = days
        .iter()
        .zip(expected)
        .map(|((_, count), expected)| {
            let expected = (*expected)?;
            Some((count * ONE).saturating_sub(expected) * ONE / root(expected))
        })
        .collect();
    let mut window = Sorted::default();
    let (mut start, mut end) = (0, 0);
    let mut scatters = Vec::with_capacity(days.len());
    for (day, _) in days {
        while end < days.len() && days[end].0.days_since(*day) <= SCATTER_DAYS {
            above[end]
                .into_iter()
                .for_each(|value| window.insert(value));
            end += 1;
        }
        while day.days_since(days[start].0) > SCATTER_DAYS {
            above[start]
                .into_iter()
                .for_each(|value| window.remove(value));
            start += 1;
        }
        scatters.push(window.below_tail());
    }
    scatters
}

/// Values of a window in order.
#[derive(Default)]
struct Sorted {
    values: Vec<u64>,
}

impl Sorted {
    fn insert(&mut self, value: u64) {
        let place = self.values.partition_point(|other| *other < value);
        self.values.insert(place, value);
    }

    /// Takes out a value that was put in.
    fn remove(&mut self, value: u64) {
        let place = self.values.partition_point(|other| *other < value);
        self.values.remove(place);
    }

    /// The median of at least one value.
    fn median(&self) -> u64 {
        let half = self.values.len() / 2;
        if self.values.len().is_multiple_of(2) {
            u64::midpoint(self.values[half - 1], self.values[half])
        } else {
            self.values[half]
        }
    }

    /// The value that only one in ten lies above; 0 where there is none.
    fn below_tail(&self) -> u64 {
        let tail = self.values.len() / SCATTER_TAIL;
        self.values.iter().rev().nth(tail).copied().unwrap_or(0)
    }
}
