//! Downloads of a release's files by day, out of running totals.
//!
//! GitHub gives a file's downloads since it was uploaded and keeps no history. What came between
//! two readings is the difference of their totals: of a day where both days were read one after the
//! other, else of the whole span between them, which is never spread over its days as if it had
//! been measured. Nothing is ever negative, and a file that is gone keeps what it had.

use crate::{Bounds, Day, DayRange};

/// A total that fell and was reached again within so many days had been an answer from before; a
/// fall that stays longer is believed.
const STALE_DAYS: i64 = 14;

/// What is known of one file: one of GitHub's numbers of files, never its name, since a file that is
/// uploaded anew under the same name counts from zero.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AssetTotals {
    /// The UTC day on which it was uploaded, where that was told.
    pub uploaded: Option<Day>,
    /// The UTC day on which it was first missing where all files were told.
    pub gone: Option<Day>,
    /// The total that was told last on each day. *Shape*: ascending runs of days with the same
    /// total; a day in no run was not read.
    pub totals: Vec<(DayRange, u64)>,
}

/// Days in a row and how often the file was downloaded on all of them together.
///
/// A day ends for this purpose with its last reading, and begins with the last one of the day
/// before: downloads after the last reading of a day belong to the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// The days.
    pub days: DayRange,
    /// Downloads on all of them together; where there were none, on each of them.
    pub downloads: u64,
}

impl Span {
    /// What of it lies in a range.
    fn within(self, range: DayRange) -> Bounds {
        let is_inside = range.contains(self.days.first()) && range.contains(self.days.last());
        if is_inside {
            return Bounds::exact(self.downloads);
        }
        let is_outside = self.days.intersection(range).is_none();
        let most = if is_outside { 0 } else { self.downloads };
        Bounds::new(0, most).unwrap_or(Bounds::ZERO)
    }
}

/// The downloads of one file, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetHistory {
    /// Ascending and disjoint. Days between two spans are not known.
    spans: Vec<Span>,
    /// Before its first reading, where it is not known since when.
    undated: u64,
    /// The first day on which it may have been downloaded.
    since: Day,
    /// From this day on it was there no more.
    over: Option<Day>,
}

impl AssetHistory {
    /// Takes differences of totals.
    ///
    /// What had been downloaded at the first reading came since the upload; where the day of that
    /// is not known, it is [undated](Self::undated). A total that falls and is reached again within
    /// two weeks was an answer from before, and its days count as not read. A fall that stays is a
    /// correction by GitHub: what came in between is not known. As long as that is not settled,
    /// nothing from the fall on is.
    #[must_use]
    pub fn new(asset: &AssetTotals) -> Self {
        let believed = believed(&asset.totals);
        let first = believed.first().map(|(days, _)| days.first());
        let uploaded = asset
            .uploaded
            .map(|day| first.map_or(day, |first| day.min(first)));
        let mut history = Self {
            spans: Vec::new(),
            undated: 0,
            since: uploaded.unwrap_or(Day::MIN),
            over: over(asset),
        };
        let mut before: Option<(Day, u64)> = None;
        for (days, total) in believed {
            history.begin(before, days.first(), *total, uploaded);
            history.push(DayRange::new(days.first().plus(1), days.last()), 0);
            before = Some((days.last(), *total));
        }
        history
    }

    /// Takes in what came up to the first day of a run.
    fn begin(&mut self, before: Option<(Day, u64)>, day: Day, total: u64, uploaded: Option<Day>) {
        match (before, uploaded) {
            (Some((last, known)), _) => {
                if let Some(more) = total.checked_sub(known) {
                    self.push(DayRange::new(last.plus(1), day), more);
                }
            }
            (None, Some(uploaded)) => self.push(DayRange::new(uploaded, day), total),
            (None, None) => self.undated = total,
        }
    }

    fn push(&mut self, days: Option<DayRange>, downloads: u64) {
        self.spans.extend(days.map(|days| Span { days, downloads }));
    }

    /// What is known, ascending and disjoint; a span of one day is a day's downloads.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Downloads before the first reading of which no day is known: they are in no range.
    #[must_use]
    pub const fn undated(&self) -> u64 {
        self.undated
    }

    fn spans_in(&self, range: DayRange) -> &[Span] {
        let start = self
            .spans
            .partition_point(|span| span.days.last() < range.first());
        let end = self
            .spans
            .partition_point(|span| span.days.first() <= range.last());
        &self.spans[start..end]
    }

    /// The days of a range on which it was there, or may have been, and nothing is known.
    fn unknown_in(&self, range: DayRange) -> Vec<DayRange> {
        let last = self
            .over
            .map_or(range.last(), |over| range.last().min(over.plus(-1)));
        let mut unknown = Vec::new();
        let mut next = range.first().max(self.since);
        for span in self.spans_in(range) {
            unknown.extend(DayRange::new(next, span.days.first().plus(-1)));
            next = span.days.last().plus(1);
        }
        unknown.extend(DayRange::new(next, last));
        unknown
    }
}

/// Totals without those that an answer from before told, and without what is not settled.
fn believed(totals: &[(DayRange, u64)]) -> Vec<&(DayRange, u64)> {
    let mut believed: Vec<&(DayRange, u64)> = Vec::with_capacity(totals.len());
    for (at, run) in totals.iter().enumerate() {
        let (days, total) = run;
        let highest = believed.last().map_or(0, |(_, highest)| *highest);
        if *total >= highest {
            believed.push(run);
            continue;
        }
        let is_soon = |day: Day| day.days_since(days.first()) <= STALE_DAYS;
        let later = || totals[at + 1..].iter();
        let is_stale = later()
            .take_while(|(days, _)| is_soon(days.first()))
            .any(|(_, total)| *total >= highest);
        let is_settled = totals.last().is_some_and(|(days, _)| !is_soon(days.last()));
        if is_settled && !is_stale {
            believed.push(run);
        } else if !is_stale {
            break;
        }
    }
    believed
}

/// From which day on a file was there no more; nothing where it was read on a later day again. The
/// day on which it was missed first is not known, since it may have been there in the morning.
fn over(asset: &AssetTotals) -> Option<Day> {
    let last = asset.totals.last().map(|(days, _)| days.last());
    let gone = asset
        .gone
        .filter(|gone| last.is_none_or(|last| last <= *gone));
    gone.map(|gone| gone.plus(1))
}

/// Downloads over a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Downloads {
    /// Downloads on the days that are known; bounds where a span reaches out of the range.
    pub count: Bounds,
    /// Days of the range on which the downloads of any of the files are not known.
    pub days_missing: u64,
}

/// Adds up the downloads of files over a range. Downloads are events, so they add; a file that took
/// the place of another is one more file.
#[must_use]
pub fn total<'a>(files: impl IntoIterator<Item = &'a AssetHistory>, range: DayRange) -> Downloads {
    let mut count = Bounds::ZERO;
    let mut unknown = Vec::new();
    for file in files {
        let spans = file.spans_in(range).iter();
        count = spans.fold(count, |sum, span| sum.plus(span.within(range)));
        unknown.extend(file.unknown_in(range));
    }
    Downloads {
        count,
        days_missing: days_in(unknown),
    }
}

/// How many days lie in any of the ranges.
fn days_in(mut ranges: Vec<DayRange>) -> u64 {
    ranges.sort_unstable_by_key(|range| range.first());
    let mut days = 0;
    let mut reached: Option<Day> = None;
    for range in ranges {
        let next = reached.map_or(range.first(), |reached| range.first().max(reached.plus(1)));
        if let Some(rest) = DayRange::new(next, range.last()) {
            days += rest.days().unsigned_abs();
            reached = Some(range.last());
        }
    }
    days
}

/// Downloads of files on each day of a range: exact where the day and the one before were read, up
/// to the whole of a span where only that is known, nothing where any of the files is not known.
#[must_use]
pub fn by_day<'a>(
    files: impl IntoIterator<Item = &'a AssetHistory>,
    range: DayRange,
) -> Vec<(Day, Option<Bounds>)> {
    let mut days: Vec<(Day, Option<Bounds>)> =
        range.iter().map(|day| (day, Some(Bounds::ZERO))).collect();
    let place = |day: Day| usize::try_from(day.days_since(range.first())).unwrap_or(0);
    for file in files {
        for span in file
            .spans_in(range)
            .iter()
            .filter(|span| span.downloads > 0)
        {
            let Some(inside) = span.days.intersection(range) else {
                continue;
            };
            for day in inside.iter() {
                let of_day = span.within(DayRange::ending(day, 1));
                let sum = &mut days[place(day)].1;
                *sum = sum.map(|sum| sum.plus(of_day));
            }
        }
        for unknown in file.unknown_in(range) {
            for day in unknown.iter() {
                days[place(day)].1 = None;
            }
        }
    }
    days
}

#[cfg(test)]
mod tests;
