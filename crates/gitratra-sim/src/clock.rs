//! Simulated time: UTC days, UTC seconds, and the clock that every answer's `Date` comes from.
//!
//! The clock stands still unless it is advanced, set, or given a speed. It never looks at the
//! machine's own calendar.

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;

use jiff::civil::{self, Date};
use jiff::fmt::rfc2822;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::lock;

/// Seconds in a UTC day.
pub(crate) const DAY_SECS: i64 = 86_400;

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Time(i64);

/// A UTC day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(i32);

impl Time {
    /// The moment `secs` seconds after 1970-01-01T00:00:00Z.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn secs(self) -> i64 {
        self.0
    }

    /// The moment `secs` seconds later.
    #[must_use]
    pub const fn plus_secs(self, secs: i64) -> Self {
        Self(self.0 + secs)
    }

    /// The UTC day this moment lies in.
    pub fn day(self) -> Day {
        Day(i32::try_from(self.0.div_euclid(DAY_SECS)).unwrap_or(i32::MAX))
    }

    /// The text of an HTTP `Date` header, as RFC 9110 section 5.6.7 wants it.
    pub(crate) fn http_date(self) -> String {
        rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&self.timestamp())
            .unwrap_or_default()
    }

    fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(self.0).unwrap_or(jiff::Timestamp::MAX)
    }
}

impl Day {
    /// The day `number` days after 1970-01-01.
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The day `days` days later.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// Its first moment.
    pub const fn start(self) -> Time {
        Time(self.0 as i64 * DAY_SECS)
    }

    /// The Monday on or before this day.
    #[must_use]
    pub const fn monday(self) -> Self {
        Self(self.0 - self.weekday() as i32)
    }

    /// 0 for Monday to 6 for Sunday; 1970-01-01 was a Thursday.
    pub(crate) const fn weekday(self) -> u32 {
        (self.0 + 3).rem_euclid(7) as u32
    }

    /// Its ten letters, as [`fmt::Display`] writes them for years of four digits.
    pub(crate) fn letters(self) -> [u8; 10] {
        let date = self.date();
        let two = |number: i8| [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        let ([a, b], [c, d]) = (
            two((date.year() / 100) as i8),
            two((date.year() % 100) as i8),
        );
        let ([e, f], [g, h]) = (two(date.month()), two(date.day()));
        [a, b, c, d, b'-', e, f, b'-', g, h]
    }

    fn date(self) -> Date {
        Offset::UTC.to_datetime(self.start().timestamp()).date()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl FromStr for Time {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        match text.parse::<Date>() {
            Ok(date) if text.len() == 10 => Ok(Day::from(date).start()),
            _ => Ok(Self(text.parse::<jiff::Timestamp>()?.as_second())),
        }
    }
}

impl FromStr for Day {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        Ok(text.parse::<Date>()?.into())
    }
}

impl From<&str> for Time {
    /// Reads `2026-03-10T12:00:00Z` or `2026-03-10`; panics on anything else, as a test should.
    fn from(text: &str) -> Self {
        text.parse()
            .unwrap_or_else(|error| panic!("cannot read the time \"{text}\": {error}"))
    }
}

impl From<&str> for Day {
    /// Reads `2026-03-10`; panics on anything else, as a test should.
    fn from(text: &str) -> Self {
        text.parse()
            .unwrap_or_else(|error| panic!("cannot read the day \"{text}\": {error}"))
    }
}

impl TryFrom<String> for Time {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, jiff::Error> {
        text.parse()
    }
}

impl TryFrom<String> for Day {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, jiff::Error> {
        text.parse()
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.to_string()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        let epoch = civil::date(1970, 1, 1);
        Self(i32::try_from(date.duration_since(epoch).as_hours() / 24).unwrap_or(i32::MAX))
    }
}

impl From<i32> for Day {
    fn from(number: i32) -> Self {
        Self(number)
    }
}

impl From<i64> for Time {
    fn from(secs: i64) -> Self {
        Self(secs)
    }
}

impl From<Day> for Time {
    fn from(day: Day) -> Self {
        day.start()
    }
}

/// A clock that a test moves.
#[derive(Debug)]
pub(crate) struct Clock {
    pace: Mutex<Pace>,
}

#[derive(Debug)]
struct Pace {
    base: Time,
    since: Instant,
    speed: f64,
}

impl Pace {
    fn now(&self) -> Time {
        if self.speed == 0.0 {
            return self.base;
        }
        let passed = self.since.elapsed().as_secs_f64() * self.speed;
        self.base.plus_secs(passed as i64)
    }

    fn restart(&mut self, base: Time) {
        self.base = base;
        self.since = Instant::now();
    }
}

impl Clock {
    /// A clock at `at` that runs `speed` times as fast as real time; 0 makes it stand still.
    pub(crate) fn new(at: Time, speed: f64) -> Self {
        Self {
            pace: Mutex::new(Pace {
                base: at,
                since: Instant::now(),
                speed,
            }),
        }
    }

    pub(crate) fn now(&self) -> Time {
        lock(&self.pace).now()
    }

    pub(crate) fn set(&self, at: Time) {
        lock(&self.pace).restart(at);
    }

    pub(crate) fn advance(&self, secs: i64) -> Time {
        let mut pace = lock(&self.pace);
        let next = pace.now().plus_secs(secs);
        pace.restart(next);
        next
    }

    pub(crate) fn set_speed(&self, speed: f64) {
        let mut pace = lock(&self.pace);
        let now = pace.now();
        pace.restart(now);
        pace.speed = speed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_read_and_write_alike() {
        let time = Time::from("2026-03-10T12:34:56Z");
        assert_eq!(time.to_string(), "2026-03-10T12:34:56Z");
        assert_eq!(time.day(), Day::from("2026-03-10"));
        assert_eq!(time.day().to_string(), "2026-03-10");
        for number in [-1, 0, 59, 20_522, 2_932_896] {
            let day = Day::from_number(number);
            assert_eq!(day.letters(), day.to_string().as_bytes());
        }
        assert_eq!(Time::from("2026-03-10"), Day::from("2026-03-10").start());
        assert_eq!(time.http_date(), "Tue, 10 Mar 2026 12:34:56 GMT");
        assert_eq!(Day::from("1969-12-31").number(), -1);
        assert_eq!(Time::from_secs(-1).day().number(), -1);
    }

    #[test]
    fn weeks_begin_on_monday() {
        assert_eq!(Day::from("2026-03-10").monday(), Day::from("2026-03-09"));
        assert_eq!(Day::from("2026-03-09").monday(), Day::from("2026-03-09"));
        assert_eq!(Day::from("2026-03-15").monday(), Day::from("2026-03-09"));
    }

    #[test]
    fn the_clock_stands_still_until_it_is_moved() {
        let clock = Clock::new("2026-03-10T12:00:00Z".into(), 0.0);
        assert_eq!(clock.advance(90), "2026-03-10T12:01:30Z".into());
        assert_eq!(clock.now(), "2026-03-10T12:01:30Z".into());
        clock.set("2026-01-01".into());
        assert_eq!(clock.now(), "2026-01-01".into());
    }

    #[test]
    fn a_running_clock_never_goes_back() {
        let clock = Clock::new("2026-03-10".into(), 1_000_000.0);
        let (first, second) = (clock.now(), clock.now());
        assert!(first <= second);
        clock.set_speed(0.0);
        assert!(second <= clock.now());
    }
}
