//! Arithmetic over ranges of days: totals, change against the range before, folding into weeks and
//! months. Gaps stay out of every sum, and each figure says how many days stand behind it.

use crate::{Count, Day, DayRange, DayRow, DayState, Metric};

/// A sum over the measured days of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    /// Events.
    pub count: u64,
    /// Days that stand behind the sum.
    pub days_measured: u64,
    /// Days of the range that were seen only while running.
    pub days_partial: u64,
    /// Days of the range that were never seen, or not believed.
    pub days_missing: u64,
}

/// Adds up one metric over `days`, as they come from [`crate::Series::within`].
#[must_use]
pub fn total(days: &[DayRow], metric: Metric) -> Total {
    let mut total = Total::default();
    for row in days {
        match row.value(metric) {
            Some(value) if value.state.is_believed() => {
                total.count += value.count.count();
                if value.state == DayState::Partial {
                    total.days_partial += 1;
                } else {
                    total.days_measured += 1;
                }
            }
            _ => total.days_missing += 1,
        }
    }
    total
}

/// How a range did against the range of the same length before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Events on the days compared, now.
    pub now: u64,
    /// Events on the days compared, before.
    pub before: u64,
    /// Pairs of days that were measured on both sides; the others are left out on both.
    pub days: u64,
    /// Days in the range.
    pub of_days: u64,
}

impl Comparison {
    /// How many more events there are now than before, negative for fewer; nothing where no pair
    /// of days was compared.
    #[must_use]
    pub fn change(&self) -> Option<i64> {
        (self.days > 0).then(|| signed_difference(self.now, self.before))
    }

    /// Whether at least half of the days stand behind the numbers, so that they may speak for the
    /// whole range.
    #[must_use]
    pub const fn is_mostly_measured(&self) -> bool {
        self.days > 0 && self.days * 2 >= self.of_days
    }

    /// The change in percent of the time before; nothing where that was zero.
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        (self.before > 0)
            .then(|| (self.now as f64 - self.before as f64) / self.before as f64 * 100.0)
    }
}

/// `now - before`, held at the ends of what fits; counts stay far below.
fn signed_difference(now: u64, before: u64) -> i64 {
    let size = i64::try_from(now.abs_diff(before)).unwrap_or(i64::MAX);
    if now < before { -size } else { size }
}

/// Compares `range` with the range of the same length before it, day by day, leaving out every
/// pair of which one day is not measured.
#[must_use]
pub fn compare(series: &crate::Series, range: DayRange, metric: Metric) -> Comparison {
    let mut comparison = Comparison {
        now: 0,
        before: 0,
        days: 0,
        of_days: u64::try_from(range.days()).unwrap_or(0),
    };
    for day in range.iter() {
        let earlier = day.plus(-range.days());
        // Days are held at the beginning of the calendar, where they would meet the wrong partner.
        let is_partner = day.days_since(earlier) == range.days();
        if let (Some(now), Some(before), true) = (
            series.measured(day, metric),
            series.measured(earlier, metric),
            is_partner,
        ) {
            comparison.now += now.count();
            comparison.before += before.count();
            comparison.days += 1;
        }
    }
    comparison
}

/// How days are folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Each day by itself.
    Day,
    /// From Monday to Sunday, as GitHub's traffic weeks.
    Week,
    /// Calendar months.
    Month,
}

impl Step {
    fn starts(self, day: Day) -> bool {
        match self {
            Self::Day => true,
            Self::Week => day.weekday() == 0,
            Self::Month => day.ymd().2 == 1,
        }
    }

    /// Whether days are less than the week or month in which they lie.
    #[must_use]
    pub fn is_cut(self, days: DayRange) -> bool {
        match self {
            Self::Day => false,
            Self::Week => days.days() < 7,
            Self::Month => !(self.starts(days.first()) && self.starts(days.last().plus(1))),
        }
    }

    /// The steps of a range, cut to it. *Shape*: ascending, without holes.
    #[must_use]
    pub fn of(self, range: DayRange) -> Vec<DayRange> {
        let mut steps: Vec<DayRange> = Vec::new();
        for day in range.iter() {
            match steps.last_mut() {
                Some(last) if !self.starts(day) => {
                    *last = DayRange::new(last.first(), day).unwrap_or(*last);
                }
                _ => steps.push(DayRange::ending(day, 1)),
            }
        }
        steps
    }
}

/// Days folded into one step. Uniques are not folded: they do not add.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// The days of the step that lie in the range.
    pub range: DayRange,
    /// Events on the days that are known; nothing where none is.
    pub count: Option<u64>,
    /// The day's uniques where the step is one day.
    pub uniques: Option<u64>,
    /// Days of the step that were never seen, or not believed.
    pub days_missing: u64,
    /// Whether a day seen only while running is in it.
    pub is_partial: bool,
}

impl Fold {
    /// Whether its number is that of the whole step, and not the least there was.
    #[must_use]
    pub fn is_whole(&self, step: Step) -> bool {
        self.is_known() && !step.is_cut(self.range)
    }

    /// Whether all of its days were seen when they were over.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.days_missing == 0 && !self.is_partial
    }

    /// What its number is: `measured`, `partial` (at least so many), or `gap`.
    #[must_use]
    pub const fn state_word(&self) -> &'static str {
        match self.count {
            None => "gap",
            Some(_) if self.is_known() => "measured",
            Some(_) => "partial",
        }
    }
}

/// Folds `days` (ascending, without holes) of one metric.
#[must_use]
pub fn fold(days: &[DayRow], metric: Metric, step: Step) -> Vec<Fold> {
    let mut folds: Vec<Fold> = Vec::new();
    for row in days {
        if step.starts(row.day) || folds.is_empty() {
            folds.push(Fold {
                range: DayRange::ending(row.day, 1),
                count: None,
                uniques: None,
                days_missing: 0,
                is_partial: false,
            });
        }
        let Some(fold) = folds.last_mut() else {
            continue;
        };
        fold.range = DayRange::new(fold.range.first(), row.day).unwrap_or(fold.range);
        match row.value(metric).filter(|value| value.state.is_believed()) {
            Some(value) => {
                fold.count = Some(fold.count.unwrap_or(0) + value.count.count());
                fold.is_partial |= value.state == DayState::Partial;
                fold.uniques = (step == Step::Day).then(|| value.count.uniques().get());
            }
            None => fold.days_missing += 1,
        }
    }
    folds
}

/// The busiest measured day.
#[must_use]
pub fn busiest(days: &[DayRow], metric: Metric) -> Option<(Day, Count)> {
    days.iter()
        .filter_map(|row| Some((row.day, row.value(metric)?)))
        .filter(|(_, value)| value.state == DayState::Measured)
        .map(|(day, value)| (day, value.count))
        .max_by_key(|(day, count)| (count.count(), std::cmp::Reverse(*day)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::{Series, Value};

    fn row(text: &str, views: Option<(u64, u64)>) -> DayRow {
        DayRow {
            day: text.parse().unwrap(),
            views: views.map(|(count, uniques)| Value {
                count: Count::new(count, uniques).unwrap(),
                state: DayState::Measured,
            }),
            clones: None,
        }
    }

    fn range(first: &str, last: &str) -> DayRange {
        DayRange::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_gap_is_not_a_zero_in_a_total() {
        let days = [
            row("2026-01-01", Some((5, 2))),
            row("2026-01-02", None),
            row("2026-01-03", Some((0, 0))),
        ];
        let total = total(&days, Metric::Views);
        assert_eq!(
            (total.count, total.days_measured, total.days_missing),
            (5, 2, 1)
        );
    }

    #[test]
    fn a_gap_leaves_its_day_out_on_both_sides_of_a_comparison() {
        let series = Series::new([
            row("2026-01-01", Some((10, 1))),
            row("2026-01-02", Some((100, 1))),
            row("2026-01-03", Some((20, 1))),
        ]);
        let comparison = compare(&series, range("2026-01-03", "2026-01-04"), Metric::Views);
        assert_eq!(
            (comparison.now, comparison.before, comparison.days),
            (20, 10, 1)
        );
        assert_eq!(comparison.percent(), Some(100.0));
    }

    #[test]
    fn a_change_without_a_pair_of_days_is_no_number() {
        let series = Series::new([
            row("2026-01-01", Some((30, 1))),
            row("2026-01-02", Some((12, 1))),
        ]);
        let fewer = compare(&series, range("2026-01-02", "2026-01-02"), Metric::Views);
        assert_eq!(fewer.change(), Some(-18));
        assert!(fewer.is_mostly_measured());
        let nothing = compare(&series, range("2026-01-03", "2026-01-03"), Metric::Views);
        assert_eq!((nothing.days, nothing.change()), (0, None));
        assert!(!nothing.is_mostly_measured());
    }

    #[test]
    fn no_day_is_compared_with_itself_where_the_calendar_begins() {
        let series = Series::new([row("1970-01-01", Some((5, 1)))]);
        let comparison = compare(&series, range("1970-01-01", "1970-01-02"), Metric::Views);
        assert_eq!(comparison.days, 0);
    }

    #[test]
    fn weeks_fold_from_monday_and_say_what_is_missing() {
        let days: Vec<_> = range("2026-11-14", "2026-11-18")
            .iter()
            .map(|day| row(&day.to_string(), (day.weekday() != 1).then_some((1, 1))))
            .collect();
        let folds = fold(&days, Metric::Views, Step::Week);
        let told: Vec<_> = folds
            .iter()
            .map(|fold| (fold.range.to_string(), fold.count, fold.days_missing))
            .collect();
        assert_eq!(
            told,
            [
                ("2026-11-14..2026-11-15".to_owned(), Some(2), 0),
                ("2026-11-16..2026-11-18".to_owned(), Some(2), 1),
            ]
        );
    }

    #[test]
    fn a_step_that_a_range_cuts_is_not_whole() {
        for (step, first, last, expected) in [
            (Step::Day, "2026-11-14", "2026-11-14", false),
            (Step::Week, "2026-11-16", "2026-11-22", false),
            (Step::Week, "2026-11-16", "2026-11-21", true),
            (Step::Month, "2026-02-01", "2026-02-28", false),
            (Step::Month, "2026-02-02", "2026-02-28", true),
            (Step::Month, "2026-02-01", "2026-02-27", true),
        ] {
            assert_eq!(step.is_cut(range(first, last)), expected, "{first} {last}");
        }
    }

    #[test]
    fn a_number_that_lacks_a_day_is_not_called_measured() {
        let seen = row("2026-11-16", Some((3, 1)));
        let word = |rows: &[DayRow]| fold(rows, Metric::Views, Step::Week)[0].state_word();
        assert_eq!(word(&[seen]), "measured");
        assert_eq!(word(&[seen, row("2026-11-17", None)]), "partial");
        assert_eq!(word(&[row("2026-11-16", None)]), "gap");
    }

    #[test]
    fn a_fold_without_any_known_day_has_no_number() {
        let folds = fold(&[row("2026-01-01", None)], Metric::Views, Step::Day);
        assert_eq!(folds[0].count, None);
    }
}
