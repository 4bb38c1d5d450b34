//! Weeks: the days from Monday to Sunday over which GitHub counts a person once.

use jiff::Timestamp;

use crate::{Count, Day, DayRange, Metric, Window};

/// A week from Monday to Sunday, named by its Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week {
    monday: Day,
}

impl Week {
    /// How many days it has.
    pub const DAYS: i64 = 7;

    /// The week in which a day lies.
    #[must_use]
    pub fn of(day: Day) -> Self {
        Self {
            monday: day.plus(-i64::from(day.weekday())),
        }
    }

    /// The week that begins on this day, or nothing where it is no Monday.
    #[must_use]
    pub fn beginning(day: Day) -> Option<Self> {
        (day.weekday() == 0).then_some(Self { monday: day })
    }

    /// Its first day.
    #[must_use]
    pub const fn monday(self) -> Day {
        self.monday
    }

    /// Its last day.
    #[must_use]
    pub fn sunday(self) -> Day {
        self.monday.plus(Self::DAYS - 1)
    }

    /// Its days.
    #[must_use]
    pub fn range(self) -> DayRange {
        DayRange::ending(self.sunday(), 7)
    }

    /// Whether numbers that were told for this week can be of it, as far as its days say. Where all
    /// seven are measured their events add up to those of the week; numbers that say otherwise are
    /// of another period. `measured` gives what is measured of a day.
    pub fn agrees(self, told: Count, measured: impl Fn(Day) -> Option<Count>) -> bool {
        let days = self.range().iter().map(|day| Some(measured(day)?.count()));
        let sum: Option<u64> = days.sum();
        sum.is_none_or(|sum| sum == told.count())
    }
}

/// One decoded answer about weeks (`per=week`), ascending, no week twice.
///
/// An answer speaks of the same 14 days as the daily one, so it may begin and end in the middle of
/// a week, whose numbers are then those of a part: see [`WeeklyReading::whole`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklyReading {
    /// Views or clones.
    pub metric: Metric,
    /// The server's time of the answer.
    pub read_at: Timestamp,
    /// Each week as GitHub gave it.
    pub rows: Vec<(Week, Count)>,
}

impl WeeklyReading {
    /// The weeks that lie in the window with all of their seven days, where `newest` is the newest
    /// published day that the daily answer of the same visit had.
    pub fn whole(&self, newest: Day) -> impl Iterator<Item = (Week, Count)> + '_ {
        let window = Window { last: newest }.range();
        let is_whole =
            move |week: Week| window.contains(week.monday()) && window.contains(week.sunday());
        self.rows
            .iter()
            .copied()
            .filter(move |(week, _)| is_whole(*week))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn only_weeks_that_lie_whole_in_the_window_are_weeks() {
        let rows = ["2026-11-09", "2026-11-16", "2026-11-23"]
            .map(|monday| (Week::beginning(day(monday)).unwrap(), Count::ZERO));
        let reading = WeeklyReading {
            metric: Metric::Views,
            read_at: "2026-11-26T09:00:00Z".parse().unwrap(),
            rows: rows.to_vec(),
        };
        let whole = |newest| -> Vec<String> {
            let whole = reading.whole(day(newest));
            whole.map(|(week, _)| week.monday().to_string()).collect()
        };
        assert_eq!(whole("2026-11-25"), ["2026-11-16"]);
        assert_eq!(whole("2026-11-22"), ["2026-11-09", "2026-11-16"]);
        assert_eq!(whole("2026-11-21"), ["2026-11-09"]);
    }

    #[test]
    fn a_week_agrees_with_its_days_where_all_of_them_are_measured() {
        let week = Week::of(day("2026-11-16"));
        let told = |count| Count::new(count, 1).unwrap();
        let one_each = |_| Some(told(1));
        assert!(week.agrees(told(7), one_each));
        assert!(!week.agrees(told(6), one_each) && !week.agrees(told(8), one_each));
        let all_but_sunday = |day| one_each(day).filter(|_| day != week.sunday());
        assert!(week.agrees(told(6), all_but_sunday));
    }

    #[test]
    fn a_week_begins_on_monday() {
        assert_eq!(Week::beginning(day("2026-11-17")), None);
        let week = Week::of(day("2026-11-22"));
        assert_eq!(week.range().to_string(), "2026-11-16..2026-11-22");
    }
}
