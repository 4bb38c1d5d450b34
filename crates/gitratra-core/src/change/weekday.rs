//! What each weekday usually brings. Robust figures alone: one day on a front page must not make its
//! weekday the busiest for months.

use crate::{DayRange, DayState, Metric, Series};

/// How many measured days a weekday must have before anything is said of it.
const DAYS_AT_LEAST: usize = 4;

/// What a weekday of a range usually brings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Typical {
    /// Events of the day in the middle; the mean of the two where their number is even.
    pub median: f64,
    /// The mean of the middle half of the days: the quietest and the busiest quarter are left out.
    /// It tells quiet repositories apart, of which every median is zero.
    pub middle_mean: f64,
}

/// One weekday of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeekdayFigure {
    /// Monday is 0, Sunday is 6.
    pub weekday: u8,
    /// What it usually brings; nothing where fewer than four of its days were measured.
    pub typical: Option<Typical>,
    /// Its days in the range that were measured.
    pub days: u64,
    /// Its days in the range.
    pub of_days: u64,
}

/// The seven weekdays of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeekdayPattern {
    /// *Shape*: Monday first, always seven.
    pub weekdays: [WeekdayFigure; 7],
}

impl WeekdayPattern {
    /// The weekday's middle mean as a multiple of the mean of all seven: 1 is a day like any other.
    ///
    /// Nothing where a weekday is unknown, since the week is not known then, or where all are zero.
    #[must_use]
    pub fn relative(&self, weekday: u8) -> Option<f64> {
        let own = self.weekdays.get(usize::from(weekday))?.typical?;
        let mut week = 0.0;
        for figure in &self.weekdays {
            week += figure.typical?.middle_mean;
        }
        (week > 0.0).then(|| own.middle_mean * 7.0 / week)
    }
}

/// What the weekdays of `range` usually bring.
#[must_use]
pub fn weekday_pattern(series: &Series, range: DayRange, metric: Metric) -> WeekdayPattern {
    let counts = sorted_counts(series, range, metric);
    let weekdays = [0, 1, 2, 3, 4, 5, 6].map(|weekday: u8| {
        let counts = &counts[usize::from(weekday)];
        WeekdayFigure {
            weekday,
            typical: typical(counts),
            days: u64::try_from(counts.len()).unwrap_or(u64::MAX),
            of_days: days_of(range, weekday),
        }
    });
    WeekdayPattern { weekdays }
}

/// Twice the median of each weekday, a whole number; nothing where too few days were measured.
pub(super) fn doubled_medians(
    series: &Series,
    range: DayRange,
    metric: Metric,
) -> [Option<u64>; 7] {
    sorted_counts(series, range, metric)
        .map(|counts| (counts.len() >= DAYS_AT_LEAST).then(|| doubled_median(&counts)))
}

/// The measured counts of each weekday, ascending.
fn sorted_counts(series: &Series, range: DayRange, metric: Metric) -> [Vec<u64>; 7] {
    let mut counts: [Vec<u64>; 7] = Default::default();
    for row in series.within(range) {
        let measured = row
            .value(metric)
            .filter(|value| value.state == DayState::Measured);
        counts[usize::from(row.day.weekday())].extend(measured.map(|value| value.count.count()));
    }
    for of_weekday in &mut counts {
        of_weekday.sort_unstable();
    }
    counts
}

/// How many days of `range` are that weekday.
fn days_of(range: DayRange, weekday: u8) -> u64 {
    let until_first = (i64::from(weekday) - i64::from(range.first().weekday())).rem_euclid(7);
    u64::try_from((range.days() - until_first + 6) / 7).unwrap_or(0)
}

/// Twice the median of `sorted`, which is not empty.
fn doubled_median(sorted: &[u64]) -> u64 {
    let upper = sorted.len() / 2;
    let lower = (sorted.len() - 1) / 2;
    sorted[lower] + sorted[upper]
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn typical(sorted: &[u64]) -> Option<Typical> {
    if sorted.len() < DAYS_AT_LEAST {
        return None;
    }
    let quarter = sorted.len() / 4;
    let middle = &sorted[quarter..sorted.len() - quarter];
    Some(Typical {
        median: doubled_median(sorted) as f64 / 2.0,
        middle_mean: middle.iter().sum::<u64>() as f64 / middle.len() as f64,
    })
}
