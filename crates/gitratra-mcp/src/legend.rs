//! What the kinds of numbers mean, and where what is told ends: sentences that go along with answers.

use std::collections::BTreeMap;

use serde_json::Value;

/// What kinds and states of numbers mean, by the words that answers carry.
const MEANINGS: [(&str, &str); 7] = [
    (
        "measured",
        "counted by GitHub and kept; 0 is a measurement as well",
    ),
    (
        "bounds",
        "the number lies between at_least and at_most; nobody knows it closer, so tell both ends",
    ),
    (
        "estimate",
        "follows from a rule of this program and was not counted; say that it is an estimate",
    ),
    (
        "rolling total over 14 days",
        "a total over the 14 days of its window, dated by the last of them; totals of two windows \
         share days: never add or subtract them",
    ),
    (
        "partial",
        "days of it were never read or seen only while running: at least so many",
    ),
    (
        "suspect",
        "zero for every repository at once, not believed until a later reading settles it",
    ),
    ("gap", "never read: not known, which is not zero"),
];

/// What answers speak of, each with what it cannot tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Traffic,
    Uniques,
    Sources,
    Stars,
    Counters,
    Downloads,
    Spikes,
    Sums,
    Gaps,
}

impl Subject {
    /// What it cannot tell.
    pub(crate) const fn limit(self) -> &'static str {
        match self {
            Self::Traffic => {
                "GitHub tells views and clones for 14 days and no longer: days before the first \
                 reading are not known. Clones are full clones, checkouts of continuous integration \
                 among them; fetches are not counted. Days are UTC days, published once they are over"
            }
            Self::Uniques => {
                "uniques are the different people of one period. Those of two days, two periods or \
                 two repositories share people: never add them. Over a range they are bounds"
            }
            Self::Sources => {
                "GitHub names at most the ten largest referrers and paths, and only as totals over \
                 14 days: what a range brought follows from many such lists, as bounds. A source \
                 that was never among the ten is not there"
            }
            Self::Stars => "stars that were taken away are known only as far as totals were read",
            Self::Counters => {
                "counters are numbers of a moment, the last of its day that was read; a day that was \
                 not read has none"
            }
            Self::Downloads => {
                "GitHub keeps one running total for each file of a release: what was downloaded \
                 between two readings is known, on which of the days is not. Files of a deleted \
                 release are told as far as they were read. Platforms are guessed from names"
            }
            Self::Spikes => {
                "what is usual is an estimate, and what moved along with a spike is no proof of a cause"
            }
            Self::Sums => {
                "a repository with gaps may have had more than is told; days_missing says how many \
                 days are not known"
            }
            Self::Gaps => {
                "a day that GitHub no longer tells and that was never read is lost for good; days \
                 before the first reading are not listed"
            }
        }
    }
}

/// The kinds and states that occur in an answer, with what they mean.
pub(crate) fn kinds(data: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(data, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Object(values) => {
            for (key, value) in values {
                let is_kind = key == "kind" || key.ends_with("_kind") || key == "state";
                if let (true, Some(word)) = (is_kind, value.as_str())
                    && let Some((_, meaning)) = MEANINGS.iter().find(|(of, _)| *of == word)
                {
                    found.insert(word.to_owned(), (*meaning).to_owned());
                }
                collect(value, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
