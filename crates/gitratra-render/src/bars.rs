//! Days become bars: folded as asked, and further where there is no room for so many.
//!
//! A bar that stands for fewer days than its width says is marked as a part, so that a week with
//! a gap in it never looks like a quiet week.

use gitratra_core::figures::{Fold, Step, fold};
use gitratra_core::{Day, DayRange, DayRow, Metric};

/// The days from the first to the last on which the metric is known: before it begins there is no
/// history, and after it ends nothing is published yet, so neither is a gap.
#[must_use]
pub fn known_part(days: &[DayRow], metric: Metric) -> &[DayRow] {
    let is_known = |row: &DayRow| row.value(metric).is_some();
    let first = days.iter().position(is_known).unwrap_or(days.len());
    let last = days.iter().rposition(is_known).map_or(first, |at| at + 1);
    &days[first..last]
}

/// What is known of a bar's days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Every day is measured: this many events.
    Whole(u64),
    /// At least so many: a day is missing, still running, or outside the range.
    Part(u64),
    /// Numbers that are not believed: suspect or doubted.
    Suspect,
    /// Never seen.
    Gap,
}

impl Known {
    /// The events, where there is a number.
    #[must_use]
    pub const fn count(self) -> Option<u64> {
        match self {
            Self::Whole(count) | Self::Part(count) => Some(count),
            Self::Suspect | Self::Gap => None,
        }
    }
}

/// One bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// Its days.
    pub range: DayRange,
    /// What is known of them.
    pub known: Known,
    /// The uniques of a measured day; nothing for longer bars, since uniques do not add.
    pub uniques: Option<u64>,
}

/// Bars of equal standing, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars {
    /// The bars.
    pub bars: Vec<Bar>,
    /// What one bar stands for.
    pub step: Step,
    /// How many such steps are in one bar; more than one only for months.
    pub times: u32,
}

impl Bars {
    /// Folds `days` (ascending, without holes) by `step`, or by the next larger one that gives no
    /// more than `room` bars.
    #[must_use]
    pub fn new(days: &[DayRow], metric: Metric, step: Step, room: usize) -> Self {
        let steps = [Step::Day, Step::Week, Step::Month];
        let from = steps.iter().position(|one| *one == step).unwrap_or(0);
        let (by_month, finer) = (Step::Month, &steps[from..]);
        for &step in finer {
            let folds = fold(days, metric, step);
            if folds.len() <= room {
                return Self {
                    bars: folds
                        .iter()
                        .map(|fold| bar(fold, days, metric, step))
                        .collect(),
                    step,
                    times: 1,
                };
            }
        }
        let folds = fold(days, metric, by_month);
        let months: Vec<_> = folds
            .iter()
            .map(|fold| bar(fold, days, metric, by_month))
            .collect();
        // Such numbers of months that bars begin with a year, a half or a quarter of it.
        [2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 12_000]
            .into_iter()
            .map(|times| Self {
                bars: joined(&months, times),
                step: by_month,
                times,
            })
            .find(|bars| bars.bars.len() <= room.max(1))
            .unwrap_or(Self {
                bars: Vec::new(),
                step: by_month,
                times: 1,
            })
    }

    /// What one bar stands for: `day`, `week`, `month`, `3 months`.
    #[must_use]
    pub fn each(&self) -> String {
        match (self.step, self.times) {
            (Step::Day, _) => "day".to_owned(),
            (Step::Week, _) => "week".to_owned(),
            (Step::Month, 1) => "month".to_owned(),
            (Step::Month, 12) => "year".to_owned(),
            (Step::Month, times) if times % 12 == 0 => format!("{} years", times / 12),
            (Step::Month, times) => format!("{times} months"),
        }
    }

    /// The largest number there is.
    #[must_use]
    pub fn largest(&self) -> u64 {
        let counts = self.bars.iter().filter_map(|bar| bar.known.count());
        counts.max().unwrap_or(0)
    }

    /// Whether any bar is like this.
    #[must_use]
    pub fn has(&self, test: impl Fn(Known) -> bool) -> bool {
        self.bars.iter().any(|bar| test(bar.known))
    }
}

fn bar(fold: &Fold, days: &[DayRow], metric: Metric, step: Step) -> Bar {
    let is_whole = fold.days_missing == 0 && !fold.is_partial && is_full(fold.range, step);
    let known = match fold.count {
        Some(count) if is_whole => Known::Whole(count),
        Some(count) => Known::Part(count),
        None if has_suspect(days, fold.range, metric) => Known::Suspect,
        None => Known::Gap,
    };
    Bar {
        range: fold.range,
        known,
        uniques: fold.uniques.filter(|_| is_whole),
    }
}

/// Whether the days are all the days of their step; the range may begin or end within one.
fn is_full(range: DayRange, step: Step) -> bool {
    match step {
        Step::Day => true,
        Step::Week => range.days() == 7,
        Step::Month => range.first().ymd().2 == 1 && range.last().plus(1).ymd().2 == 1,
    }
}

fn has_suspect(days: &[DayRow], range: DayRange, metric: Metric) -> bool {
    let start = days.partition_point(|row| row.day < range.first());
    days[start..]
        .iter()
        .take_while(|row| row.day <= range.last())
        .filter_map(|row| row.value(metric))
        .any(|value| !value.state.is_believed())
}

/// Months joined by `times`, aligned to the calendar.
fn joined(months: &[Bar], times: u32) -> Vec<Bar> {
    let number = |day: Day| {
        let (year, month, _) = day.ymd();
        (i64::from(year) * 12 + i64::from(month) - 1) / i64::from(times)
    };
    let groups = months.chunk_by(|a, b| number(a.range.first()) == number(b.range.first()));
    groups.map(|group| joined_bar(group, times)).collect()
}

fn joined_bar(group: &[Bar], times: u32) -> Bar {
    let (first, last) = (group[0].range, group[group.len() - 1].range);
    let range = DayRange::new(first.first(), last.last()).unwrap_or(first);
    let counts = group.iter().filter_map(|bar| bar.known.count());
    let is_whole = group.len() == usize::try_from(times).unwrap_or(usize::MAX)
        && group.iter().all(|bar| matches!(bar.known, Known::Whole(_)));
    let known = match counts.reduce(u64::saturating_add) {
        Some(count) if is_whole => Known::Whole(count),
        Some(count) => Known::Part(count),
        None if group.iter().any(|bar| bar.known == Known::Suspect) => Known::Suspect,
        None => Known::Gap,
    };
    Bar {
        range,
        known,
        uniques: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitratra_core::{Count, DayState, Series, Value};

    fn series(first: &str, counts: &[Option<(u64, DayState)>]) -> Series {
        let first: Day = first.parse().unwrap();
        Series::new(counts.iter().zip(0..).map(|(count, later)| DayRow {
            day: first.plus(later),
            views: count.map(|(count, state)| Value {
                count: Count::new(count, 0).unwrap(),
                state,
            }),
            clones: None,
        }))
    }

    fn check(series: &Series, step: Step, room: usize, each: &str, expected: &[Known]) {
        let bars = Bars::new(series.days(), Metric::Views, step, room);
        let known: Vec<_> = bars.bars.iter().map(|bar| bar.known).collect();
        assert_eq!((bars.each().as_str(), known.as_slice()), (each, expected));
    }

    use DayState::{Measured, Partial, Suspect};
    use Known::{Gap, Part, Whole};

    #[test]
    fn days_keep_their_states() {
        let series = series(
            "2026-11-16",
            &[
                Some((3, Measured)),
                None,
                Some((0, Suspect)),
                Some((2, Partial)),
            ],
        );
        let expected = [Whole(3), Gap, Known::Suspect, Part(2)];
        check(&series, Step::Day, 10, "day", &expected);
    }

    #[test]
    fn a_week_with_a_gap_is_a_part() {
        let mut counts = vec![Some((1, Measured)); 21];
        counts[9] = None;
        // From a Monday on.
        let series = series("2026-11-02", &counts);
        let expected = [Whole(7), Part(6), Whole(7)];
        check(&series, Step::Day, 20, "week", &expected);
    }

    #[test]
    fn a_week_that_the_range_cuts_is_a_part() {
        let series = series("2026-11-04", &[Some((1, Measured)); 12]);
        check(&series, Step::Week, 20, "week", &[Part(5), Whole(7)]);
    }

    #[test]
    fn months_are_joined_where_there_is_no_room_for_them() {
        let series = series("2025-01-01", &[Some((1, Measured)); 365]);
        let expected = [Whole(90), Whole(91), Whole(92), Whole(92)];
        check(&series, Step::Day, 5, "3 months", &expected);
        check(&series, Step::Day, 1, "year", &[Whole(365)]);
    }

    #[test]
    fn a_bar_without_any_known_day_is_a_gap() {
        let mut counts = vec![None; 40];
        counts[0] = Some((1, Measured));
        counts[39] = Some((1, Measured));
        let series = series("2026-11-02", &counts);
        let weeks = [Part(1), Gap, Gap, Gap, Gap, Part(1)];
        check(&series, Step::Week, 20, "week", &weeks);
    }

    #[test]
    fn no_days_are_no_bars() {
        check(&Series::default(), Step::Day, 10, "day", &[]);
    }
}
