//! UTC days, ranges of them, and GitHub's 14-day window.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

const SECS: i64 = 86_400;
const EPOCH: Date = Date::constant(1970, 1, 1);

/// A UTC calendar day, from 1970-01-01 to 9999-12-31.
///
/// Ordered, cheap to copy, and counted from 1970-01-01 as the store keeps it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// The first day there is.
    pub const MIN: Self = Self(0);
    /// 9999-12-31, the last day that ten characters can write.
    pub const MAX: Self = Self(2_932_896);

    /// The day with this number of days since 1970-01-01, if it can be written as ten characters.
    #[must_use]
    pub const fn from_epoch_days(days: i64) -> Option<Self> {
        if days < 0 || days > Self::MAX.0 as i64 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "checked just above")]
        Some(Self(days as i32))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn epoch_days(self) -> i64 {
        self.0 as i64
    }

    /// The day on which `now` lies in UTC; moments outside the calendar are put at its ends.
    #[must_use]
    pub fn of(now: Timestamp) -> Self {
        Self::from_epoch_days(now.as_second().div_euclid(SECS)).unwrap_or(if now.as_second() < 0 {
            Self::MIN
        } else {
            Self::MAX
        })
    }

    /// The day that begins exactly at this moment, or nothing where it is not midnight UTC.
    #[must_use]
    pub fn beginning_at(moment: Timestamp) -> Option<Self> {
        let is_midnight =
            moment.as_second().rem_euclid(SECS) == 0 && moment.subsec_nanosecond() == 0;
        is_midnight
            .then(|| Self::from_epoch_days(moment.as_second().div_euclid(SECS)))
            .flatten()
    }

    /// Midnight UTC at which the day begins.
    #[must_use]
    pub fn start(self) -> Timestamp {
        // The last day of all begins a little after the last moment there is.
        Timestamp::from_second(self.epoch_days() * SECS).unwrap_or(Timestamp::MAX)
    }

    /// Midnight UTC at which the day is over.
    #[must_use]
    pub fn end(self) -> Timestamp {
        Timestamp::from_second((self.epoch_days() + 1) * SECS).unwrap_or(Timestamp::MAX)
    }

    /// The last whole second before the day is over: what is told as of this time was told while
    /// the day was running, and is a lower bound.
    #[must_use]
    pub fn last_second(self) -> Timestamp {
        let secs = self.end().as_second().saturating_sub(1);
        Timestamp::from_second(secs).unwrap_or(Timestamp::MIN)
    }

    /// The day `days` later (earlier if negative), held at the ends of the calendar.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        let moved = self.epoch_days().saturating_add(days);
        Self::from_epoch_days(moved).unwrap_or(if moved < 0 { Self::MIN } else { Self::MAX })
    }

    /// How many days `self` is after `other`; negative if before.
    #[must_use]
    pub const fn days_since(self, other: Self) -> i64 {
        (self.0 - other.0) as i64
    }

    /// Monday is 0, Sunday is 6, as GitHub's traffic weeks count.
    #[must_use]
    pub const fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        ((self.0 + 3) % 7) as u8
    }

    /// Year, month and day of the month.
    #[must_use]
    pub fn ymd(self) -> (i16, i8, i8) {
        let date = self.date();
        (date.year(), date.month(), date.day())
    }

    /// The day of a date, or nothing where there is no such date.
    #[must_use]
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        Self::from_date(Date::new(year, month, day).ok()?)
    }

    fn date(self) -> Date {
        EPOCH
            .checked_add(self.0.days())
            .expect("every day up to 9999 is a date")
    }

    fn from_date(date: Date) -> Option<Self> {
        let days = (date - EPOCH).get_days();
        Self::from_epoch_days(i64::from(days))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        f.pad(&format!("{year:04}-{month:02}-{day:02}"))
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no day, write it as YYYY-MM-DD")]
pub struct DayParseError {
    /// What was given.
    pub text: String,
}

impl FromStr for Day {
    type Err = DayParseError;

    /// Reads exactly `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, DayParseError> {
        let parse = || {
            let bytes = text.as_bytes();
            let is_shaped = bytes.len() == 10
                && bytes.iter().enumerate().all(|(i, b)| match i {
                    4 | 7 => *b == b'-',
                    _ => b.is_ascii_digit(),
                });
            if !is_shaped {
                return None;
            }
            Self::from_ymd(
                text[..4].parse().ok()?,
                text[5..7].parse().ok()?,
                text[8..].parse().ok()?,
            )
        };
        parse().ok_or_else(|| DayParseError {
            text: text.to_owned(),
        })
    }
}

/// A run of days, both ends included, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DayRange {
    first: Day,
    last: Day,
}

impl DayRange {
    /// Every day there is.
    pub const ALL: Self = Self {
        first: Day::MIN,
        last: Day::MAX,
    };

    /// From `first` to `last`, or nothing where they are the wrong way round.
    #[must_use]
    pub fn new(first: Day, last: Day) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The `days` days up to and with `last`; at least one.
    #[must_use]
    pub fn ending(last: Day, days: u32) -> Self {
        Self {
            first: last.plus(1 - i64::from(days.max(1))),
            last,
        }
    }

    /// The first day.
    #[must_use]
    pub const fn first(self) -> Day {
        self.first
    }

    /// The last day.
    #[must_use]
    pub const fn last(self) -> Day {
        self.last
    }

    /// How many days, at least one.
    #[must_use]
    pub const fn days(self) -> i64 {
        self.last.days_since(self.first) + 1
    }

    /// Whether `day` lies inside.
    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// The days in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Day> + Clone {
        let days: RangeInclusive<i32> = self.first.0..=self.last.0;
        days.map(Day)
    }

    /// The days that lie in both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.first.max(other.first), self.last.min(other.last))
    }

    /// The range of the same length just before this one.
    #[must_use]
    pub fn before(self) -> Self {
        let last = self.first.plus(-1);
        Self {
            first: last.plus(1 - self.days()),
            last,
        }
    }
}

impl fmt::Display for DayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

/// The 14 days that GitHub answers for, named by the newest of them.
///
/// Since 2025-12-31 the window ends on the newest *published* day, which is not today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// The newest day inside.
    pub last: Day,
}

impl Window {
    /// How many days GitHub keeps.
    pub const DAYS: u32 = 14;

    /// The days inside.
    #[must_use]
    pub fn range(self) -> DayRange {
        DayRange::ending(self.last, Self::DAYS)
    }

    /// The window of which a list of referrers or paths tells that was read at this time, where
    /// nobody knows which days the views beside it had. Since 2025-12-31 a day is published by 09:00
    /// UTC of the next one; before that the running day was in lists as well.
    ///
    /// *Source*: measured, see `docs/numbers.md`.
    #[must_use]
    pub fn read_on(read_at: Timestamp) -> Self {
        const PUBLISHED_BY_SECS: i64 = 9 * 3_600;
        let secs = read_at.as_second().saturating_sub(PUBLISHED_BY_SECS);
        let day = Timestamp::from_second(secs).map_or(Day::MIN, Day::of);
        Self { last: day.plus(-1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn the_last_day_there_is_has_a_beginning_and_an_end() {
        assert_eq!(Day::MAX.start(), Timestamp::MAX);
        assert_eq!(Day::MAX.end(), Timestamp::MAX);
        assert!(Day::MAX.plus(-1).start() < Timestamp::MAX);
        assert!(Day::MAX.last_second() < Day::MAX.end());
    }

    #[test]
    fn the_last_second_of_a_day_is_still_the_day() {
        let last = day("2026-03-01").last_second();
        assert_eq!(last, "2026-03-01T23:59:59Z".parse().unwrap());
        assert_eq!(Day::of(last), day("2026-03-01"));
        assert_eq!(Day::of(Day::MIN.last_second()), Day::MIN);
    }

    #[test]
    fn a_day_is_read_only_in_its_one_form() {
        for bad in [
            "",
            "2026-1-01",
            "2026-01-1",
            "2026/01/01",
            "2026-02-30",
            "20260101",
            "-026-01-01",
            "2026-01-01 ",
            "1969-12-31",
            "２026-01-01",
        ] {
            assert!(bad.parse::<Day>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_midnight_begins_a_day() {
        let midnight: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        assert_eq!(Day::beginning_at(midnight), Some(day("2026-03-01")));
        let later: Timestamp = "2026-03-01T00:00:00.5Z".parse().unwrap();
        assert_eq!(Day::beginning_at(later), None);
    }

    #[test]
    fn weeks_begin_on_monday() {
        assert_eq!(day("2026-11-16").weekday(), 0);
        assert_eq!(day("2026-11-22").weekday(), 6);
    }

    #[test]
    fn the_range_before_has_the_same_length_and_touches() {
        let range = DayRange::new(day("2026-03-08"), day("2026-03-14")).unwrap();
        assert_eq!(range.before().to_string(), "2026-03-01..2026-03-07");
        assert_eq!(range.days(), 7);
    }

    #[test]
    fn a_window_is_fourteen_days() {
        let window = Window {
            last: day("2026-01-14"),
        };
        assert_eq!(window.range().first(), day("2026-01-01"));
        assert_eq!(window.range().iter().count(), 14);
    }

    proptest! {
        #[test]
        fn text_and_number_name_the_same_day(days in 0..=Day::MAX.0) {
            let day = Day(days);
            prop_assert_eq!(day.to_string().parse::<Day>().unwrap(), day);
            prop_assert_eq!(Day::of(day.start()), day);
            prop_assert_eq!(Day::beginning_at(day.start()), Some(day));
            if day < Day::MAX {
                prop_assert_eq!(Day::of(day.last_second()), day);
                prop_assert_eq!(day.last_second().as_second() + 1, day.end().as_second());
            }
        }
    }
}
