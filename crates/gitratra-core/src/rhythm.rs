//! When GitHub publishes the days of a repository: what was seen of it lately, and what to expect.
//!
//! GitHub publishes a day once, at some time after 06:30 UTC of the day after. A collector sees
//! that between two of its questions: the last answer without the day and the first one with it.
//! These spans, the latest fourteen of them, and what was measured of GitHub at large make the
//! expectation.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use crate::Day;

/// Minutes after a day's end before which GitHub was never seen to publish it.
pub const EARLIEST_MINS: u16 = 6 * 60 + 30;
/// Minutes after a day's end by which GitHub was seen to have published it, stalls apart.
const LATEST_MINS: u16 = 8 * 60 + 40;
/// How many of a repository's own spans the measurement above is worth.
const MEASURED_WEIGHT: f64 = 3.0;
/// Later than this is a stall, which tells nothing of the usual hour.
const DAY_MINS: u16 = 24 * 60;
/// A wider span tells nothing either.
const WIDEST_MINS: u16 = 6 * 60;

/// When a repository's days were published lately.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rhythm {
    /// The oldest first, at most [`Rhythm::KEPT`].
    spans: Vec<Span>,
}

/// Between two answers a day was published. Minutes after the end of that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    after: u16,
    /// Later than `after`.
    by: u16,
}

impl Rhythm {
    /// How many publications are remembered.
    pub const KEPT: usize = 14;

    /// Takes in that `day` was first seen at `seen_at`, and that an answer at `lacked_at` did not
    /// have it. What came after a stall or after a long silence of our own teaches nothing.
    pub fn learn(&mut self, day: Day, lacked_at: Option<Timestamp>, seen_at: Timestamp) {
        let Some(by) = mins_after(day, seen_at) else {
            return;
        };
        let after = lacked_at.and_then(|at| mins_after(day, at));
        let after = after.unwrap_or(0).max(EARLIEST_MINS);
        if by <= after || by > DAY_MINS || by - after > WIDEST_MINS {
            return;
        }
        if self.spans.len() == Self::KEPT {
            self.spans.remove(0);
        }
        self.spans.push(Span { after, by });
    }

    /// The part of all days that is published so many minutes after their end, 0 to 1.
    fn part_by(&self, mins: u16) -> f64 {
        let measured = Span {
            after: EARLIEST_MINS,
            by: LATEST_MINS,
        };
        let own: f64 = self.spans.iter().map(|span| span.part_by(mins)).sum();
        (MEASURED_WEIGHT * measured.part_by(mins) + own)
            / (MEASURED_WEIGHT + f64::from(u32::try_from(self.spans.len()).unwrap_or(u32::MAX)))
    }

    /// How long after its end a day is published with this probability.
    #[must_use]
    pub fn offset_at(&self, part: f64) -> SignedDuration {
        // `part_by` never falls, so the first minute that reaches the part can be found by halving.
        // By the latest hour that is remembered all of them are.
        let latest = self.spans.iter().map(|span| span.by).max();
        let latest = latest.map_or(LATEST_MINS, |by| by.max(LATEST_MINS));
        let (mut low, mut high) = (EARLIEST_MINS, latest);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.part_by(middle) + 1e-9 >= part {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        SignedDuration::from_mins(i64::from(low))
    }
}

impl Span {
    fn part_by(self, mins: u16) -> f64 {
        let passed = f64::from(mins.saturating_sub(self.after));
        (passed / f64::from(self.by - self.after)).min(1.0)
    }
}

/// Minutes from the end of a day to a moment; nothing before that end or weeks later.
fn mins_after(day: Day, at: Timestamp) -> Option<u16> {
    let secs = at.as_second() - day.end().as_second();
    // The minute that has begun counts, so that a span is never empty.
    u16::try_from(secs.checked_add(59)?.div_euclid(60)).ok()
}

/// As the store keeps it: `390-431 412-455`.
impl fmt::Display for Rhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, span) in self.spans.iter().enumerate() {
            let blank = if at == 0 { "" } else { " " };
            write!(f, "{blank}{}-{}", span.after, span.by)?;
        }
        Ok(())
    }
}

/// A text that is not of the form that `Display` gives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no span of minutes")]
pub struct RhythmError(String);

impl FromStr for Rhythm {
    type Err = RhythmError;

    fn from_str(text: &str) -> Result<Self, RhythmError> {
        let span = |word: &str| {
            let (after, by) = word.split_once('-')?;
            let (after, by) = (after.parse().ok()?, by.parse().ok()?);
            (EARLIEST_MINS <= after && after < by && by <= DAY_MINS).then_some(Span { after, by })
        };
        let spans = text
            .split_ascii_whitespace()
            .map(|word| span(word).ok_or_else(|| RhythmError(word.to_owned())));
        let mut spans: Vec<Span> = spans.collect::<Result<_, _>>()?;
        spans.drain(..spans.len().saturating_sub(Self::KEPT));
        Ok(Self { spans })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn learnt(spans: &[(&str, &str)]) -> Rhythm {
        let mut rhythm = Rhythm::default();
        for (lacked, seen) in spans {
            let day = "2026-03-09".parse().unwrap();
            let time = |clock: &str| at(&format!("2026-03-10T{clock}Z"));
            rhythm.learn(day, Some(time(lacked)), time(seen));
        }
        rhythm
    }

    #[test]
    fn without_experience_a_day_is_expected_when_github_was_measured_to_publish() {
        let rhythm = Rhythm::default();
        assert_eq!(rhythm.offset_at(0.0), SignedDuration::from_mins(390));
        assert_eq!(rhythm.offset_at(0.5), SignedDuration::from_mins(455));
        assert_eq!(rhythm.offset_at(1.0), SignedDuration::from_mins(520));
    }

    #[test]
    fn a_regular_hour_is_learnt() {
        let rhythm = learnt(&[("07:50:00", "08:00:00"); 14]);
        assert_eq!(rhythm.offset_at(0.25), SignedDuration::from_mins(472));
        assert_eq!(rhythm.offset_at(0.9), SignedDuration::from_mins(480));
    }

    #[test]
    fn stalls_and_long_silences_teach_nothing() {
        let mut rhythm = Rhythm::default();
        let day: Day = "2026-03-09".parse().unwrap();
        rhythm.learn(day, None, at("2026-03-11T00:01:00Z"));
        rhythm.learn(
            day,
            Some(at("2026-03-09T12:00:00Z")),
            at("2026-03-10T14:00:00Z"),
        );
        rhythm.learn(
            day,
            Some(at("2026-03-10T08:00:00Z")),
            at("2026-03-10T07:00:00Z"),
        );
        rhythm.learn(day, None, at("2026-03-09T07:00:00Z"));
        assert_eq!(rhythm, Rhythm::default());
    }

    #[test]
    fn the_latest_fourteen_are_kept_and_come_back_from_text() {
        let mut spans = vec![("06:30:00", "06:31:00")];
        spans.extend([("07:00:00", "07:30:00"); 14]);
        let rhythm = learnt(&spans);
        let text = rhythm.to_string();
        assert_eq!(text, ["420-450"; 14].join(" "));
        assert_eq!(text.parse(), Ok(rhythm));
        assert_eq!("".parse(), Ok(Rhythm::default()));
        for bad in ["x", "450-420", "1-2", "420-9999"] {
            assert!(bad.parse::<Rhythm>().is_err(), "{bad}");
        }
    }
}
