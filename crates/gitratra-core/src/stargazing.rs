//! Stars with their losses: how many were given, how many exist, and how the total moved.
//!
//! GitHub tells two things: for each day the stars given on it that still exist, and the total at
//! the moment of asking. A star that is taken away vanishes from the first and lowers the second.
//! Whoever gives a star and takes it away between two questions is in neither; nobody can tell.

use std::ops::Range;

use crate::{Bounds, Day, DayRange, StarDay, Timestamp};

/// GitHub does not promise that its days of stars are exactly those of UTC, so a star of one day
/// may have been given on the one before or after.
const DAY_SHIFT: i64 = 1;

/// Everything that is known of a repository's stars by day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StarLedger {
    /// Ascending, with the stars given on all days up to and with it.
    given: Vec<(Day, StarDay, u64)>,
    /// Ascending and disjoint: the days of which it is told for good how many were given.
    told: Vec<DayRange>,
    /// Ascending and disjoint runs of days, each of them read, with the same total.
    totals: Vec<(DayRange, u64)>,
}

/// The stars of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StarMove {
    /// The day.
    pub day: Day,
    /// Stars given on it: the most that were ever told; nothing where the history was not read for
    /// it, or only while it may have been running. The day may not be one of UTC.
    pub given: Option<u64>,
    /// Those of them that existed by the newest answer.
    pub still: Option<u64>,
    /// The total at the day's last reading.
    pub total: Option<u64>,
    /// How the total moved since the last reading of the day before; nothing where one of the two
    /// days was not read.
    pub net: Option<i64>,
    /// Stars taken away between these two readings.
    pub lost: Option<Bounds>,
}

/// The stars of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StarChange {
    /// Stars given on the days of the range for which that is told.
    pub given: u64,
    /// Days of the range for which it is not told.
    pub days_missing: u64,
    /// How the total moved from the last reading of the day before the range to that of its last
    /// day; nothing where one of them was not read.
    pub net: Option<i64>,
    /// Stars taken away between these two readings; nothing where the total's move is not known or
    /// a day in or beside the range is not told.
    pub lost: Option<Bounds>,
}

impl StarLedger {
    /// Puts together what is known.
    ///
    /// `days` are those for which any stars were ever told, in any order, none twice; `spans` the
    /// days the history was read for, and when it last was: a day in a span and not in `days` had
    /// none. `totals` are ascending runs of days with the total that was told last on each of them;
    /// a day in no run was not read.
    #[must_use]
    pub fn new(
        days: impl IntoIterator<Item = (Day, StarDay)>,
        spans: impl IntoIterator<Item = (DayRange, Timestamp)>,
        totals: Vec<(DayRange, u64)>,
    ) -> Self {
        let mut days: Vec<(Day, StarDay)> = days.into_iter().collect();
        days.sort_unstable_by_key(|(day, _)| *day);
        let mut sum: u64 = 0;
        let given = days.into_iter().map(|(day, stars)| {
            sum = sum.saturating_add(stars.given);
            (day, stars, sum)
        });
        Self {
            given: given.collect(),
            told: told_for_good(spans),
            totals,
        }
    }

    /// The days of which anything is known, from the first star or total on; nothing where nothing
    /// is.
    #[must_use]
    pub fn range(&self) -> Option<DayRange> {
        let stars = self.given.first().map(|(day, ..)| *day);
        // A span may reach back to before there was anything.
        let told = self.told.iter().find(|span| span.first() > Day::MIN);
        let read = self.totals.first().map(|(days, _)| days.first());
        let starts = [stars, told.map(|span| span.first()), read];
        let ends = [
            self.told.last().map(|span| span.last()),
            self.totals.last().map(|(days, _)| days.last()),
        ];
        let first = starts.into_iter().flatten().min()?;
        let last = ends.into_iter().flatten().max()?;
        DayRange::new(first, last)
    }

    /// The stars of each day of a range. *Shape*: ascending, no holes.
    #[must_use]
    pub fn days(&self, range: DayRange) -> Vec<StarMove> {
        range.iter().map(|day| self.day(day)).collect()
    }

    /// The stars of a day.
    #[must_use]
    pub fn day(&self, day: Day) -> StarMove {
        let range = DayRange::ending(day, 1);
        let is_told = self.is_told(range);
        let at = self.given.binary_search_by_key(&day, |(of, _, _)| *of);
        let stars = at.map_or_else(|_| StarDay::default(), |at| self.given[at].1);
        let change = self.change(range);
        StarMove {
            day,
            given: is_told.then_some(stars.given),
            still: is_told.then_some(stars.still),
            total: self.total_on(day),
            net: change.net,
            lost: change.lost,
        }
    }

    /// The stars of a range.
    ///
    /// *Lost* is what was given less how the total moved. What was given between two readings is
    /// known up to the stars of the days at both ends: a reading lies somewhere in its day, and a
    /// day of stars may begin earlier or later than a day of UTC. So many of them as the bounds are
    /// apart may lie outside. Over a longer range the ends matter less.
    #[must_use]
    pub fn change(&self, range: DayRange) -> StarChange {
        let net = self.net(range);
        let (first, last) = (range.first(), range.last());
        // From the last reading of the day before the range to the last one of its last day.
        let most_in = DayRange::new(first.plus(-1 - DAY_SHIFT), last.plus(DAY_SHIFT));
        let least_in = DayRange::new(first.plus(DAY_SHIFT), last.plus(-1 - DAY_SHIFT));
        let lost = net.zip(most_in).and_then(|(net, most_in)| {
            let least = least_in.map_or(0, |days| self.given_in(days));
            let is_told = self.is_told(most_in);
            is_told.then(|| lost(Bounds::new(least, self.given_in(most_in)), net))?
        });
        StarChange {
            given: self.given_told(range),
            days_missing: self.days_missing(range),
            net,
            lost,
        }
    }

    /// The total on a day, where it was read.
    #[must_use]
    pub fn total_on(&self, day: Day) -> Option<u64> {
        let at = self.totals.partition_point(|(days, _)| days.last() < day);
        let (days, total) = self.totals.get(at)?;
        days.contains(day).then_some(*total)
    }

    fn net(&self, range: DayRange) -> Option<i64> {
        let before = self
            .total_on(range.first().plus(-1))
            .filter(|_| range.first() > Day::MIN)?;
        let after = self.total_on(range.last())?;
        i64::try_from(i128::from(after) - i128::from(before)).ok()
    }

    fn is_told(&self, range: DayRange) -> bool {
        let at = self.told.partition_point(|span| span.last() < range.last());
        let span = self.told.get(at);
        span.is_some_and(|span| span.first() <= range.first() && range.last() <= span.last())
    }

    /// Stars given on all days of a range.
    fn given_in(&self, range: DayRange) -> u64 {
        let until = |end: usize| end.checked_sub(1).map_or(0, |last| self.given[last].2);
        let Range { start, end } = self.places(range);
        until(end) - until(start)
    }

    fn places(&self, range: DayRange) -> Range<usize> {
        let start = self
            .given
            .partition_point(|(day, _, _)| *day < range.first());
        let end = self
            .given
            .partition_point(|(day, _, _)| *day <= range.last());
        start..end
    }

    /// The parts of a range that are told.
    fn told_in(&self, range: DayRange) -> impl Iterator<Item = DayRange> + '_ {
        let start = self
            .told
            .partition_point(|span| span.last() < range.first());
        let end = self
            .told
            .partition_point(|span| span.first() <= range.last());
        let spans = self.told[start..end.max(start)].iter();
        spans.filter_map(move |span| span.intersection(range))
    }

    fn given_told(&self, range: DayRange) -> u64 {
        self.told_in(range).map(|days| self.given_in(days)).sum()
    }

    fn days_missing(&self, range: DayRange) -> u64 {
        let told: i64 = self.told_in(range).map(DayRange::days).sum();
        (range.days() - told).unsigned_abs()
    }
}

/// The days that were over, wherever their boundaries lie, when the history was last read for them;
/// spans that touch are joined.
fn told_for_good(spans: impl IntoIterator<Item = (DayRange, Timestamp)>) -> Vec<DayRange> {
    let for_good = |(days, read_at): (DayRange, Timestamp)| {
        let last = Day::of(read_at).plus(-1 - DAY_SHIFT);
        DayRange::new(days.first(), days.last().min(last))
    };
    let mut spans: Vec<DayRange> = spans.into_iter().filter_map(for_good).collect();
    spans.sort_unstable_by_key(|span| span.first());
    let mut told: Vec<DayRange> = Vec::with_capacity(spans.len());
    for span in spans {
        let joined = told
            .last()
            .filter(|last| span.first() <= last.last().plus(1))
            .and_then(|last| DayRange::new(last.first(), last.last().max(span.last())));
        match (joined, told.last_mut()) {
            (Some(joined), Some(last)) => *last = joined,
            _ => told.push(span),
        }
    }
    told
}

/// What was given less how the total moved. At least as many were given as the total rose by, even
/// where fewer are told: they were taken away before the history was read.
fn lost(given: Option<Bounds>, net: i64) -> Option<Bounds> {
    let given = given?;
    let rise = u64::try_from(net).unwrap_or(0);
    let fall = if net < 0 { net.unsigned_abs() } else { 0 };
    let taken = |given: u64| (given.max(rise) - rise).saturating_add(fall);
    Bounds::new(taken(given.lower()), taken(given.upper()))
}

#[cfg(test)]
mod tests;
