//! What tools are asked with: ranges, days, steps, limits and cursors, read into values that cannot be
//! wrong.

use gitratra_answer::Asked;
use gitratra_core::figures::Step;
use gitratra_core::{Day, DayRange, Metric, RepoId};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::fault::Fault;

/// Days that a range has at most.
const MOST_DAYS: i64 = 366 * 40;
/// Bytes that a text of an argument has at most.
const LONGEST: usize = 300;

/// Views or clones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Traffic {
    /// Page loads
    Views,
    /// Full clones
    Clones,
}

impl From<Traffic> for Metric {
    fn from(traffic: Traffic) -> Self {
        match traffic {
            Traffic::Views => Self::Views,
            Traffic::Clones => Self::Clones,
        }
    }
}

/// The metrics that are asked for: one, or both where none is named.
pub(crate) fn metrics(asked: Option<Traffic>) -> Vec<Metric> {
    asked.map_or_else(|| Metric::ALL.to_vec(), |one| vec![one.into()])
}

/// How days are folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum By {
    /// Each day by itself
    Day,
    /// Weeks from Monday to Sunday
    Week,
    /// Calendar months
    Month,
}

impl From<By> for Step {
    fn from(by: By) -> Self {
        match by {
            By::Day => Self::Day,
            By::Week => Self::Week,
            By::Month => Self::Month,
        }
    }
}

/// A range, or the usual one where none is asked for.
pub(crate) fn range(text: Option<&str>, usual: u32) -> Result<Asked, Fault> {
    let Some(text) = text else {
        return Ok(Asked::Last(usual));
    };
    let text = short("range", text.trim())?;
    let asked: Asked = text.parse()?;
    let days = match asked {
        Asked::Between(range) if range.first() != Day::MIN && range.last() != Day::MAX => {
            range.days()
        }
        Asked::Last(days) => i64::from(days),
        Asked::Between(_) | Asked::All => 0,
    };
    if days > MOST_DAYS {
        return Err(Fault::Range("the range is longer than 40 years".to_owned()));
    }
    Ok(asked)
}

/// The days of a range of which anything is known; ends with the newest known one at the latest.
pub(crate) fn days_of(asked: Asked, known: DayRange) -> Result<DayRange, Fault> {
    let none = || {
        Fault::Range(format!(
            "nothing is known in that range: the days that are known are {known}"
        ))
    };
    let range = asked.of(known).ok_or_else(none)?;
    DayRange::new(range.first(), range.last().min(known.last())).ok_or_else(none)
}

/// A day.
pub(crate) fn day(name: &str, text: &str) -> Result<Day, Fault> {
    let parsed = short(name, text.trim())?.parse();
    parsed.map_err(|_| {
        Fault::Bad(format!(
            "\"{name}\" is no day: write it as YYYY-MM-DD, as 2026-01-15"
        ))
    })
}

/// How many lines are told, from 1 to `most`.
pub(crate) fn limit(asked: Option<u32>, usual: usize, most: usize) -> Result<usize, Fault> {
    let limit = asked.map_or(Some(usual), |asked| usize::try_from(asked).ok());
    limit
        .filter(|limit| (1..=most).contains(limit))
        .ok_or_else(|| Fault::Bad(format!("\"limit\" is a number from 1 to {most}")))
}

/// A text that is no longer than any that means something.
pub(crate) fn short<'a>(name: &str, text: &'a str) -> Result<&'a str, Fault> {
    if text.len() > LONGEST {
        return Err(Fault::Bad(format!(
            "\"{name}\" is longer than {LONGEST} bytes: nothing is called so"
        )));
    }
    Ok(text)
}

/// Where a table goes on: after so many lines, the last of which is of a repository, so that a new
/// repository moves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Lines told so far.
    pub(crate) lines: usize,
    /// The last of them.
    pub(crate) after: Option<RepoId>,
}

impl Cursor {
    /// The beginning, or where a cursor says.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, Fault> {
        let Some(text) = text else {
            return Ok(Self {
                lines: 0,
                after: None,
            });
        };
        Self::parse(text).ok_or_else(no_cursor)
    }

    fn parse(text: &str) -> Option<Self> {
        let (lines, repo) = text.split_once('-')?;
        let number = |text: &str, most: usize| -> Option<u64> {
            let is_plain = text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| is_plain)
        };
        Some(Self {
            lines: usize::try_from(number(lines, 9)?).ok()?,
            after: Some(RepoId(number(repo, 20)?)),
        })
    }

    /// As it is given out.
    pub(crate) fn text(lines: usize, last: RepoId) -> String {
        format!("{lines}-{last}")
    }
}

/// What is said of a cursor that this server never gave out.
pub(crate) fn no_cursor() -> Fault {
    Fault::Bad(
        "the cursor is none of ours: give next_cursor of the answer before as it is, with the same \
         other arguments, or leave it out to begin"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_range_is_refused_with_examples() {
        for bad in [
            "last week",
            "",
            "7",
            "2026-02-01..2026-01-01",
            "1930..",
            "99999d",
            "1970-01-02..2099-01-01",
        ] {
            let told = range(Some(bad), 30).unwrap_err().to_string();
            assert!(told.contains("2026-01-01..2026-03-31"), "{bad}: {told}");
        }
        assert_eq!(range(None, 30).unwrap(), Asked::Last(30));
        assert_eq!(range(Some(" 12w "), 30).unwrap(), Asked::Last(84));
    }

    #[test]
    fn a_cursor_comes_back_as_it_was_given() {
        let text = Cursor::text(40, RepoId(u64::MAX));
        let read = Cursor::read(Some(&text)).unwrap();
        assert_eq!((read.lines, read.after), (40, Some(RepoId(u64::MAX))));
        for bad in ["", "1", "-1", "1-", "+1-2", "1-2-3", "9999999999-1"] {
            assert!(Cursor::read(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn limits_are_bounded() {
        assert_eq!(limit(None, 20, 100).unwrap(), 20);
        assert_eq!(limit(Some(100), 20, 100).unwrap(), 100);
        assert!(limit(Some(0), 20, 100).is_err() && limit(Some(101), 20, 100).is_err());
    }
}
