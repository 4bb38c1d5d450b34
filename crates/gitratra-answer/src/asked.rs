//! Ranges of days as users write them: `7d`, `30d`, `90d`, `1y`, `all`, `FROM..TO`.

use std::str::FromStr;

use gitratra_core::{Day, DayRange};

/// A range, still without the newest day that the relative ones hang on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    /// So many days up to the newest known one.
    Last(u32),
    /// Everything known.
    All,
    /// From one day to another.
    Between(DayRange),
}

/// A text that is no range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskedError {
    /// It is none.
    #[error("\"{0}\" is no range: write 7d, 30d, 90d, 1y, all or FROM..TO with days as YYYY-MM-DD")]
    NoRange(String),
    /// A day of it is none.
    #[error(transparent)]
    NoDay(#[from] gitratra_core::DayParseError),
    /// Its last day lies before its first.
    #[error("the range \"{0}\" ends before it begins")]
    Backwards(String),
}

impl FromStr for Asked {
    type Err = AskedError;

    fn from_str(text: &str) -> Result<Self, AskedError> {
        if text == "all" {
            return Ok(Self::All);
        }
        if let Some((from, to)) = text.split_once("..") {
            let first: Day = if from.is_empty() {
                Day::MIN
            } else {
                from.parse()?
            };
            let last: Day = if to.is_empty() { Day::MAX } else { to.parse()? };
            let range = DayRange::new(first, last);
            return range
                .map(Self::Between)
                .ok_or_else(|| AskedError::Backwards(text.to_owned()));
        }
        let days_of = |unit: char| match unit {
            'd' => Some(1),
            'w' => Some(7),
            'y' => Some(365),
            _ => None,
        };
        let mut letters = text.chars();
        let unit = letters.next_back().and_then(days_of);
        let number: Option<u32> = letters.as_str().parse().ok();
        match (number, unit) {
            (Some(number @ 1..=100_000), Some(days)) => Ok(Self::Last(number.saturating_mul(days))),
            _ => Err(AskedError::NoRange(text.to_owned())),
        }
    }
}

impl Asked {
    /// The days meant where `known` is what there is; nothing where they do not touch it.
    #[must_use]
    pub fn of(self, known: DayRange) -> Option<DayRange> {
        match self {
            Self::All => Some(known),
            Self::Last(days) => Some(DayRange::ending(known.last(), days)),
            Self::Between(range) => {
                let first = if range.first() == Day::MIN {
                    known.first()
                } else {
                    range.first()
                };
                let last = if range.last() == Day::MAX {
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

    fn check(text: &str, expected: &str) {
        let known = DayRange::new("2025-01-01".parse().unwrap(), "2026-03-31".parse().unwrap());
        let range = text.parse().map(|asked: Asked| asked.of(known.unwrap()));
        let told = match range {
            Ok(Some(range)) => range.to_string(),
            Ok(None) => "nothing".to_owned(),
            Err(_) => "refused".to_owned(),
        };
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn ranges_are_read_as_people_write_them() {
        check("7d", "2026-03-25..2026-03-31");
        check("1y", "2025-04-01..2026-03-31");
        check("all", "2025-01-01..2026-03-31");
        check("2026-01-01..2026-01-31", "2026-01-01..2026-01-31");
        check("2026-01-01..", "2026-01-01..2026-03-31");
        check("..2025-02-01", "2025-01-01..2025-02-01");
        check("2026-03-31..2026-12-31", "2026-03-31..2026-12-31");
        for bad in [
            "",
            "0d",
            "7",
            "d",
            "-3d",
            "2026-02-01..2026-01-01",
            "7days",
            "last week",
        ] {
            check(bad, "refused");
        }
    }

    #[test]
    fn a_range_that_touches_nothing_known_is_empty() {
        for beside in [
            "2026-04-01..",
            "..2024-12-31",
            "2026-04-01..2026-04-30",
            "2024-01-01..2024-12-31",
        ] {
            check(beside, "nothing");
        }
    }
}
