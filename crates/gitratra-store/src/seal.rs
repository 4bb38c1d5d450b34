//! What a finished month is sealed with: a digest of all that is kept of its days, a short check of
//! each day, so that the very day can be named that is not what it was, and a link to the month
//! before. This file asks no database.
//!
//! The text that is digested has no numbers that only one store knows: a source stands in it with
//! its label. So the same history has the same seals on either engine, and after a restore.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gitratra_core::{Day, DayRange, RepoId};
use ring::digest::{Context, SHA256, digest};

use crate::error::Fault;
use crate::value::{Row, Value};

/// A month is sealed when so many days after its end are known: what GitHub answers for does not
/// reach back so far, so that only imports and merges change it.
pub(crate) const REST_DAYS: i64 = 31;

/// Characters of the check of a day: 18 bits, beside the digest of the month.
const CHECK: usize = 3;

/// The check of a day of which nothing is kept.
const NOTHING: &str = "...";

/// What each source is called.
pub(crate) type Labels = HashMap<i64, String>;

/// All that is kept of days, each as one text.
pub(crate) type Texts = BTreeMap<Day, String>;

/// A month as it is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seal {
    /// The last day of the month.
    pub(crate) last_day: Day,
    /// The digest of all its days.
    pub(crate) content: String,
    /// The digest of the content and of the chain of the month before.
    pub(crate) chain: String,
    /// The checks of its days.
    pub(crate) days: String,
}

/// The month of a day.
pub(crate) fn month_of(day: Day) -> DayRange {
    let (year, month, _) = day.ymd();
    let first = Day::from_ymd(year, month, 1).unwrap_or(day);
    let (next_year, next) = match month {
        12 => (year + 1, 1),
        month => (year, month + 1),
    };
    let last = Day::from_ymd(next_year, next, 1).map_or(day, |next| next.plus(-1));
    DayRange::new(first, last).unwrap_or(DayRange::ending(day, 1))
}

/// The texts of days, from rows as `traffic_day/of_days.sql` gives them and from those of views and
/// of clones as `sighting/of_days.sql` does.
pub(crate) fn texts(
    traffic: &[Row],
    sightings: [&[Row]; 2],
    labels: &Labels,
) -> Result<Texts, Fault> {
    let mut texts = Texts::new();
    for row in traffic {
        let text = texts.entry(row.day(0)?).or_default();
        for (name, first) in [("views", 1), ("clones", 7)] {
            text.push_str(name);
            for at in first..first + 6 {
                match at - first {
                    4 => label(text, row.0.get(at), labels),
                    _ => cell(text, row.0.get(at)),
                }
            }
            text.push('\n');
        }
    }
    for (name, rows) in ["views", "clones"].into_iter().zip(sightings) {
        for row in rows {
            let text = texts.entry(row.day(0)?).or_default();
            text.push_str(name);
            text.push_str(" sighting");
            (1..5).for_each(|at| cell(text, row.0.get(at)));
            label(text, row.0.get(5), labels);
            text.push('\n');
        }
    }
    Ok(texts)
}

fn cell(text: &mut String, value: Option<&Value>) {
    let written = match value {
        Some(Value::Int(number)) => write!(text, " {number}"),
        // Its length, so that no text can look like two.
        Some(Value::Text(words)) => write!(text, " {}:{words}", words.len()),
        Some(Value::Null) | None => write!(text, " -"),
    };
    debug_assert!(written.is_ok(), "a text takes whatever is written to it");
}

fn label(text: &mut String, source: Option<&Value>, labels: &Labels) {
    let known = match source {
        Some(Value::Int(number)) => labels.get(number),
        _ => None,
    };
    match known {
        Some(label) => cell(text, Some(&Value::Text(label.clone()))),
        None => cell(text, source),
    }
}

/// The digest of a month and the checks of its days.
pub(crate) fn contents(month: DayRange, texts: &Texts) -> (String, String) {
    let mut whole = Context::new(&SHA256);
    let mut checks = String::with_capacity(31 * CHECK);
    for day in month.iter() {
        let Some(text) = texts.get(&day) else {
            checks.push_str(NOTHING);
            continue;
        };
        whole.update(format!("{day} {}\n", text.len()).as_bytes());
        whole.update(text.as_bytes());
        checks.push_str(&check(text));
    }
    (URL_SAFE_NO_PAD.encode(whole.finish()), checks)
}

fn check(text: &str) -> String {
    let mut check = hash(text);
    check.truncate(CHECK);
    check
}

/// The days of a month that are not what its checks say.
pub(crate) fn changed_days(month: DayRange, checks: &str, texts: &Texts) -> Vec<Day> {
    let (_, found) = contents(month, texts);
    let places = month.iter().enumerate();
    let changed = places.filter(|(place, _)| {
        let at = place * CHECK..(place + 1) * CHECK;
        checks.get(at.clone()) != found.get(at)
    });
    changed.map(|(_, day)| day).collect()
}

/// The link of a month to the one before, which has `before` where there is one.
pub(crate) fn chain(repo: RepoId, last_day: Day, before: Option<&str>, content: &str) -> String {
    let before = before.unwrap_or("-");
    hash(&format!("gitratra {repo} {last_day} {before} {content}"))
}

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// One digest over the newest chains of many repositories, up to each of their months: whoever wrote
/// one of them down can see later that the history up to then is what it was.
#[derive(Default)]
pub(crate) struct Heads {
    months: BTreeMap<Day, Context>,
}

impl std::fmt::Debug for Heads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.months.keys()).finish()
    }
}

/// The last days of the months of a fleet, and the seals of one repository among them.
impl Heads {
    /// Begins for the months of a fleet, named by their last days.
    pub(crate) fn new(months: impl IntoIterator<Item = Day>) -> Self {
        let months = months.into_iter();
        let months = months.map(|month| (month, Context::new(&SHA256)));
        Self {
            months: months.collect(),
        }
    }

    /// Takes in one repository, in the order of numbers, with its months and chains, ascending.
    pub(crate) fn take(&mut self, repo: RepoId, chains: &[(Day, String)]) {
        for (month, context) in &mut self.months {
            let until = chains.partition_point(|(last_day, _)| last_day <= month);
            let newest = until.checked_sub(1).and_then(|at| chains.get(at));
            if let Some((_, chain)) = newest {
                context.update(format!("{repo} {chain}\n").as_bytes());
            }
        }
    }

    /// The digest for each month, ascending.
    pub(crate) fn finish(self) -> Vec<(Day, String)> {
        let months = self.months.into_iter();
        months
            .map(|(month, context)| (month, URL_SAFE_NO_PAD.encode(context.finish())))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::params;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn row(text: &str, views: i64, source: i64) -> Row {
        let none = Value::Null;
        let mut cells = params![day(text), views, 1_i64, 30_i64, 40_i64, source].to_vec();
        cells.extend([none.clone(), none.clone(), none.clone(), none.clone()]);
        cells.extend([none.clone(), none.clone(), none]);
        Row(cells)
    }

    #[test]
    fn a_month_has_its_days() {
        let leap = month_of(day("2024-02-10"));
        assert_eq!(leap.to_string(), "2024-02-01..2024-02-29");
        let last = month_of(day("2025-12-31"));
        assert_eq!(last.to_string(), "2025-12-01..2025-12-31");
    }

    #[test]
    fn the_day_that_was_changed_is_named() {
        let labels = Labels::from([(0, "GitHub".to_owned())]);
        let before = [row("2026-01-05", 7, 0), row("2026-01-06", 9, 0)];
        let texts_before = texts(&before, [&[], &[]], &labels).unwrap();
        let month = month_of(day("2026-01-05"));
        let (content, checks) = contents(month, &texts_before);
        assert_eq!(checks.len(), 31 * CHECK);
        assert_eq!(changed_days(month, &checks, &texts_before), []);
        let after = [row("2026-01-05", 7, 0), row("2026-01-06", 8, 0)];
        let texts_after = texts(&after, [&[], &[]], &labels).unwrap();
        assert_ne!(contents(month, &texts_after).0, content);
        let changed = changed_days(month, &checks, &texts_after);
        assert_eq!(changed, [day("2026-01-06")]);
        let gone = texts(&before[..1], [&[], &[]], &labels).unwrap();
        assert_eq!(changed_days(month, &checks, &gone), [day("2026-01-06")]);
    }

    #[test]
    fn the_number_of_a_source_does_not_count() {
        let one = Labels::from([(1, "a file".to_owned())]);
        let other = Labels::from([(5, "a file".to_owned())]);
        let one = texts(&[row("2026-01-05", 7, 1)], [&[], &[]], &one).unwrap();
        let other = texts(&[row("2026-01-05", 7, 5)], [&[], &[]], &other).unwrap();
        assert_eq!(one, other);
    }

    #[test]
    fn heads_of_earlier_months_stay() {
        let months = ["2026-01-31", "2026-02-28"].map(day);
        let chain = |text: &str| text.to_owned();
        let mut before = Heads::new([months[0]]);
        before.take(RepoId(1), &[(months[0], chain("a"))]);
        let before = before.finish();
        let mut after = Heads::new(months);
        after.take(
            RepoId(1),
            &[(months[0], chain("a")), (months[1], chain("b"))],
        );
        after.take(RepoId(2), &[(months[1], chain("c"))]);
        let after = after.finish();
        assert_eq!(before[0], after[0]);
        assert_ne!(after[0].1, after[1].1);
    }
}
