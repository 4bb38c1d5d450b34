//! A range as it was asked for, before it is known which days there are.

use gitratra_core::{Day, DayRange};

/// A range, still without the newest day that the relative ones hang on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    /// So many days up to the newest known one.
    Last(u32),
    /// Everything known.
    All,
    /// From one day to another; [`Day::MIN`] and [`Day::MAX`] leave an end open.
    Between(DayRange),
}

impl Asked {
    /// The days meant where `known` is what there is; nothing where they do not touch it.
    #[must_use]
    pub fn of(self, known: DayRange) -> Option<DayRange> {
        match self {
            Self::All => Some(known),
            Self::Last(days) => Some(DayRange::ending(known.last(), days)),
            Self::Between(range) => {
                let is_open = |end: Day, open: Day| end == open;
                let first = if is_open(range.first(), Day::MIN) {
                    known.first()
                } else {
                    range.first()
                };
                let last = if is_open(range.last(), Day::MAX) {
                    known.last()
                } else {
                    range.last()
                };
                DayRange::new(first, last).filter(|asked| asked.intersection(known).is_some())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: &str, last: &str) -> DayRange {
        DayRange::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
    }

    fn check(asked: Asked, expected: Option<&str>) {
        let told = asked.of(range("2025-01-01", "2026-03-31"));
        assert_eq!(told.map(|range| range.to_string()).as_deref(), expected);
    }

    #[test]
    fn relative_ranges_end_with_the_newest_day() {
        check(Asked::Last(7), Some("2026-03-25..2026-03-31"));
        check(Asked::All, Some("2025-01-01..2026-03-31"));
    }

    #[test]
    fn an_open_end_is_the_known_one() {
        let since = DayRange::new("2026-01-01".parse().unwrap(), Day::MAX).unwrap();
        check(Asked::Between(since), Some("2026-01-01..2026-03-31"));
        let until = DayRange::new(Day::MIN, "2025-02-01".parse().unwrap()).unwrap();
        check(Asked::Between(until), Some("2025-01-01..2025-02-01"));
        let beyond = range("2026-03-31", "2026-12-31");
        check(Asked::Between(beyond), Some("2026-03-31..2026-12-31"));
    }

    #[test]
    fn a_range_that_touches_nothing_known_is_none() {
        check(Asked::Between(range("2026-04-01", "2026-04-30")), None);
        check(Asked::Between(range("2024-01-01", "2024-12-31")), None);
    }
}
