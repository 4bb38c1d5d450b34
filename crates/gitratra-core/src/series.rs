//! The days of a range with their states: what was measured, what is partial, what was never seen.

use std::fmt;

use crate::{Count, Day, DayRange, Metric};

/// What is known about a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayState {
    /// Seen after the day was over. Zero is a measurement.
    Measured,
    /// Seen only while the day was still running, so its numbers may be too small.
    Partial,
    /// Zero for every repository at once on a day that should not be: kept aside until a later
    /// reading settles it.
    Suspect,
    /// Told only by a file that is not believed in this: a zero that a tool put where it had seen
    /// nothing, a number that it made out of others.
    Doubted,
    /// Never seen, which is not zero.
    Gap,
}

impl DayState {
    /// All of them, from the surest on.
    pub const ALL: [Self; 5] = [
        Self::Measured,
        Self::Partial,
        Self::Suspect,
        Self::Doubted,
        Self::Gap,
    ];

    /// The state that a word stands for.
    #[must_use]
    pub fn called(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// The word used in files, help and output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Partial => "partial",
            Self::Suspect => "suspect",
            Self::Doubted => "doubted",
            Self::Gap => "gap",
        }
    }

    /// Whether a number in this state counts: a partial one is a lower bound.
    #[must_use]
    pub const fn is_believed(self) -> bool {
        matches!(self, Self::Measured | Self::Partial)
    }
}

impl fmt::Display for DayState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One metric of one day, as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Value {
    /// The value that counts.
    pub count: Count,
    /// `Measured`, `Partial`, `Suspect` or `Doubted`; a gap has no value.
    pub state: DayState,
}

/// One day of one repository with both metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DayRow {
    /// The day.
    pub day: Day,
    /// Views, if seen.
    pub views: Option<Value>,
    /// Clones, if seen.
    pub clones: Option<Value>,
}

impl DayRow {
    /// A day of which nothing is known.
    #[must_use]
    pub const fn gap(day: Day) -> Self {
        Self {
            day,
            views: None,
            clones: None,
        }
    }

    /// One of the two metrics.
    #[must_use]
    pub const fn value(&self, metric: Metric) -> Option<Value> {
        match metric {
            Metric::Views => self.views,
            Metric::Clones => self.clones,
        }
    }

    /// The state of the day: the best of what is known of either metric.
    #[must_use]
    pub fn state(&self) -> DayState {
        let states = [self.views, self.clones].into_iter().flatten();
        states
            .map(|value| value.state)
            .min()
            .unwrap_or(DayState::Gap)
    }

    /// The numbers that stand for a day in this state: a metric that is less sure than the day
    /// itself is left out, so that a partial, suspect or doubted number never passes for a measured one.
    #[must_use]
    pub fn shown(&self, metric: Metric) -> Option<Count> {
        let state = self.state();
        self.value(metric)
            .filter(|value| value.state == state && state.is_believed())
            .map(|value| value.count)
    }
}

/// Every day from the first to the newest known one, gaps included.
///
/// *Shape*: ascending, no holes, no repeats; empty where nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Series {
    days: Vec<DayRow>,
}

impl Series {
    /// Lays known days out, putting a gap wherever one is missing between the first and the last.
    ///
    /// `known` may come in any order; of repeated days the last one stays.
    #[must_use]
    pub fn new(known: impl IntoIterator<Item = DayRow>) -> Self {
        let mut known: Vec<DayRow> = known.into_iter().collect();
        known.sort_by_key(|row| row.day);
        let mut days: Vec<DayRow> = Vec::with_capacity(known.len());
        for row in known {
            if let Some(last) = days.last_mut().filter(|last| last.day == row.day) {
                *last = row;
                continue;
            }
            while let Some(next) = days.last().map(|last| last.day.plus(1))
                && next < row.day
            {
                days.push(DayRow::gap(next));
            }
            days.push(row);
        }
        Self { days }
    }

    /// The days, ascending and without holes.
    #[must_use]
    pub fn days(&self) -> &[DayRow] {
        &self.days
    }

    /// From the first to the newest known day.
    #[must_use]
    pub fn range(&self) -> Option<DayRange> {
        DayRange::new(self.days.first()?.day, self.days.last()?.day)
    }

    /// The newest day that is measured in either metric.
    #[must_use]
    pub fn newest_measured(&self) -> Option<Day> {
        let measured = |row: &&DayRow| row.state() == DayState::Measured;
        self.days.iter().rev().find(measured).map(|row| row.day)
    }

    /// What was measured of one metric on `day`: nothing for a gap, a partial or a suspect day.
    #[must_use]
    pub fn measured(&self, day: Day, metric: Metric) -> Option<Count> {
        let at = usize::try_from(day.days_since(self.days.first()?.day)).ok()?;
        let value = self.days.get(at)?.value(metric)?;
        (value.state == DayState::Measured).then_some(value.count)
    }

    /// The part that lies in `range`.
    #[must_use]
    pub fn within(&self, range: DayRange) -> &[DayRow] {
        let start = self.days.partition_point(|row| row.day < range.first());
        let end = self.days.partition_point(|row| row.day <= range.last());
        &self.days[start..end]
    }

    /// Runs of days that were never seen, ascending.
    pub fn gaps(&self) -> impl Iterator<Item = DayRange> + '_ {
        let mut rest = self.days.iter().peekable();
        std::iter::from_fn(move || {
            let is_gap = |row: &&DayRow| row.state() == DayState::Gap;
            let first = rest.find(|row| is_gap(row))?.day;
            let mut last = first;
            while let Some(row) = rest.next_if(|row| is_gap(row)) {
                last = row.day;
            }
            DayRange::new(first, last)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn value(n: u64, state: DayState) -> Option<Value> {
        let count = Count::new(n, n).unwrap();
        Some(Value { count, state })
    }

    fn measured(text: &str) -> DayRow {
        DayRow {
            day: day(text),
            views: value(1, DayState::Measured),
            clones: None,
        }
    }

    #[test]
    fn a_missing_day_stays_a_gap() {
        let series = Series::new([measured("2026-01-05"), measured("2026-01-02")]);
        let states: Vec<_> = series.days().iter().map(DayRow::state).collect();
        use DayState::{Gap, Measured};
        assert_eq!(states, [Measured, Gap, Gap, Measured]);
        let gaps: Vec<_> = series.gaps().map(|gap| gap.to_string()).collect();
        assert_eq!(gaps, ["2026-01-03..2026-01-04"]);
    }

    #[test]
    fn a_partial_number_is_not_shown_on_a_measured_day() {
        let row = DayRow {
            day: day("2026-01-02"),
            views: value(7, DayState::Measured),
            clones: value(3, DayState::Partial),
        };
        assert_eq!(row.state(), DayState::Measured);
        assert_eq!(row.shown(Metric::Views).map(Count::count), Some(7));
        assert_eq!(row.shown(Metric::Clones), None);
    }

    #[test]
    fn a_suspect_zero_is_no_number() {
        let row = DayRow {
            day: day("2026-01-02"),
            views: value(0, DayState::Suspect),
            clones: None,
        };
        assert_eq!(row.state(), DayState::Suspect);
        assert_eq!(row.shown(Metric::Views), None);
    }

    #[test]
    fn only_a_measured_number_is_measured() {
        let partial = DayRow {
            day: day("2026-01-04"),
            views: value(7, DayState::Partial),
            clones: value(3, DayState::Measured),
        };
        let series = Series::new([measured("2026-01-02"), partial]);
        let known =
            |text| Metric::ALL.map(|metric| series.measured(day(text), metric).map(Count::count));
        assert_eq!(known("2026-01-01"), [None, None]);
        assert_eq!(known("2026-01-02"), [Some(1), None]);
        assert_eq!(known("2026-01-03"), [None, None]);
        assert_eq!(known("2026-01-04"), [None, Some(3)]);
        assert_eq!(known("2026-01-05"), [None, None]);
    }

    #[test]
    fn a_part_of_a_series_is_found_by_days() {
        let series = Series::new([measured("2026-01-01"), measured("2026-01-09")]);
        let range = DayRange::new(day("2026-01-03"), day("2026-01-20")).unwrap();
        assert_eq!(series.within(range).len(), 7);
        let outside = DayRange::new(day("2027-01-03"), day("2027-01-20")).unwrap();
        assert!(series.within(outside).is_empty());
    }
}
