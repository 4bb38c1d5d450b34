//! One decoded answer about views or clones, and which facts follow from it.

use jiff::Timestamp;

use crate::{Count, Day, DayRange, Metric, Uniques, Window};

/// What GitHub said at one moment about one metric of one repository.
///
/// Invariant: days ascend without repeats, none is after the day of `read_at`, and all lie within
/// [`Reading::WIDEST`] days, since GitHub answers for two weeks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    metric: Metric,
    read_at: Timestamp,
    rows: Vec<(Day, Count)>,
    total: Count,
}

impl Reading {
    /// GitHub answers for 14 or 15 days; twice that leaves room for a change, and keeps an absurd
    /// answer from inventing years of zeros.
    pub const WIDEST: i64 = 31;

    /// Checks the rows of an answer and sorts them.
    ///
    /// `read_at` is the server's `Date`; `total` is the answer's top level, whose uniques count a
    /// person once over the whole window.
    ///
    /// # Errors
    /// [`ReadingError`] names the first day that cannot be.
    pub fn new(
        metric: Metric,
        read_at: Timestamp,
        mut rows: Vec<(Day, Count)>,
        total: Count,
    ) -> Result<Self, ReadingError> {
        rows.sort_unstable_by_key(|(day, _)| *day);
        let today = Day::of(read_at);
        if let Some((day, _)) = rows.last().filter(|(day, _)| *day > today) {
            return Err(ReadingError::Future { day: *day, today });
        }
        if let Some(pair) = rows.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(ReadingError::Repeated { day: pair[0].0 });
        }
        if let (Some((first, _)), Some((last, _))) = (rows.first(), rows.last())
            && last.days_since(*first) >= Self::WIDEST
        {
            return Err(ReadingError::TooWide {
                first: *first,
                last: *last,
            });
        }
        Ok(Self {
            metric,
            read_at,
            rows,
            total,
        })
    }

    /// Views or clones.
    #[must_use]
    pub const fn metric(&self) -> Metric {
        self.metric
    }

    /// The server's time of the answer.
    #[must_use]
    pub const fn read_at(&self) -> Timestamp {
        self.read_at
    }

    /// The rows as GitHub gave them, ascending.
    #[must_use]
    pub fn rows(&self) -> &[(Day, Count)] {
        &self.rows
    }

    /// The top level of the answer.
    #[must_use]
    pub const fn total(&self) -> Count {
        self.total
    }

    /// The oldest to the newest row; nothing where there are no rows.
    #[must_use]
    pub fn span(&self) -> Option<DayRange> {
        DayRange::new(self.rows.first()?.0, self.rows.last()?.0)
    }

    /// The newest row that was no longer running when the answer was made.
    #[must_use]
    pub fn newest_published(&self) -> Option<Day> {
        let today = Day::of(self.read_at);
        self.rows
            .iter()
            .rev()
            .map(|(day, _)| *day)
            .find(|day| *day < today)
    }

    /// Every day the answer speaks about, ascending, without holes.
    ///
    /// Until 2025-12-30 GitHub left out days without traffic, so a day missing *between* two rows
    /// is a zero. Beyond the newest row a day is not yet published, and nothing is said about it.
    pub fn facts(&self) -> impl Iterator<Item = (Day, Count)> + '_ {
        let mut rows = self.rows.iter().peekable();
        self.span()
            .into_iter()
            .flat_map(DayRange::iter)
            .map(move |day| match rows.next_if(|(next, _)| *next == day) {
                Some((_, count)) => (day, *count),
                None => (day, Count::ZERO),
            })
    }

    /// People over the whole window, with the window they belong to.
    ///
    /// Only where the answer is exactly a window of published days (since 2025-12-31 it always
    /// is); otherwise the top level speaks of a period that cannot be named.
    #[must_use]
    pub fn window_uniques(&self) -> Option<(Window, Uniques)> {
        let span = self.span()?;
        let is_window =
            span.days() == i64::from(Window::DAYS) && self.newest_published() == Some(span.last());
        is_window.then_some((Window { last: span.last() }, self.total.uniques()))
    }
}

/// Why an answer cannot be a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadingError {
    /// A row is about a day that has not begun.
    #[error("day {day} is in the future, the answer was made on {today}")]
    Future {
        /// The row's day.
        day: Day,
        /// The day of the answer.
        today: Day,
    },
    /// Two rows are about the same day.
    #[error("day {day} is there twice")]
    Repeated {
        /// The day.
        day: Day,
    },
    /// The rows lie further apart than GitHub keeps days.
    #[error("the rows go from {first} to {last}, which is more than GitHub keeps")]
    TooWide {
        /// The oldest row.
        first: Day,
        /// The newest row.
        last: Day,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn rows(list: &[(&str, u64)]) -> Vec<(Day, Count)> {
        list.iter()
            .map(|(text, count)| (day(text), Count::new(*count, *count).unwrap()))
            .collect()
    }

    fn reading(now: &str, list: &[(&str, u64)]) -> Result<Reading, ReadingError> {
        Reading::new(Metric::Views, at(now), rows(list), Count::ZERO)
    }

    #[test]
    fn a_hole_between_rows_is_zero_and_beyond_the_newest_is_nothing() {
        let facts: Vec<_> = reading(
            "2025-06-10T12:00:00Z",
            &[("2025-06-04", 3), ("2025-06-01", 5)],
        )
        .unwrap()
        .facts()
        .map(|(day, count)| (day.to_string(), count.count()))
        .collect();
        let expected = [
            ("2025-06-01", 5),
            ("2025-06-02", 0),
            ("2025-06-03", 0),
            ("2025-06-04", 3),
        ];
        assert_eq!(facts, expected.map(|(day, count)| (day.to_owned(), count)));
    }

    #[test]
    fn no_rows_say_nothing() {
        let empty = reading("2026-10-01T12:00:00Z", &[]).unwrap();
        assert_eq!(empty.facts().count(), 0);
        assert_eq!(empty.newest_published(), None);
        assert_eq!(empty.window_uniques(), None);
    }

    #[test]
    fn days_that_cannot_be_are_refused() {
        assert!(matches!(
            reading("2026-01-02T23:59:59Z", &[("2026-01-03", 1)]),
            Err(ReadingError::Future { .. })
        ));
        assert!(matches!(
            reading(
                "2026-01-05T00:00:00Z",
                &[("2026-01-03", 1), ("2026-01-03", 2)]
            ),
            Err(ReadingError::Repeated { .. })
        ));
        assert!(matches!(
            reading(
                "2026-03-05T00:00:00Z",
                &[("2026-01-03", 1), ("2026-02-03", 2)]
            ),
            Err(ReadingError::TooWide { .. })
        ));
    }

    #[test]
    fn the_running_day_is_not_published() {
        let reading = reading(
            "2025-06-02T12:00:00Z",
            &[("2025-06-01", 5), ("2025-06-02", 1)],
        );
        assert_eq!(reading.unwrap().newest_published(), Some(day("2025-06-01")));
    }
}
