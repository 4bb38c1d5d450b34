//! What stands behind the question mark of an address, and the addresses of links that change one
//! thing of it: all state of a view is in its address.

use std::fmt;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use gitratra_answer::{Asked, Over};
use gitratra_core::DayRange;
use gitratra_core::figures::Step;
use gitratra_render::chart::Scale;

use crate::problem::Problem;

/// Names and values in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Params(Vec<(String, String)>);

/// More than these nobody's link has.
const MOST: usize = 48;

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(mut all) =
            query.map_err(|_| Problem::Bad("the address cannot be read".to_owned()))?;
        if all.len() > MOST {
            return Err(Problem::Bad(format!(
                "the address has more than {MOST} parts"
            )));
        }
        // What is empty was not filled in.
        all.retain(|(_, value)| !value.is_empty());
        Ok(Self(all))
    }
}

impl Params {
    /// The value of a name; of several the last.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let of = |(known, _): &&(String, String)| known == name;
        self.0.iter().rfind(of).map(|(_, value)| value.as_str())
    }

    /// All values of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let of = move |(known, _): &&(String, String)| known == name;
        self.0.iter().filter(of).map(|(_, value)| value.as_str())
    }

    /// The value of a name as what it stands for; nothing where it is not there.
    pub(crate) fn parsed<T: FromStr<Err: fmt::Display>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, Problem> {
        let parsed = self.get(name).map(str::parse);
        let parsed = parsed.transpose();
        parsed.map_err(|error: T::Err| Problem::Bad(error.to_string()))
    }

    /// The same with another value of a name, or without it. Whoever looks at something else begins
    /// on its first page.
    #[must_use]
    pub(crate) fn with(&self, name: &str, value: Option<&str>) -> Self {
        let is_kept = |(known, _): &&(String, String)| known != name && known != "page";
        let mut all: Vec<_> = self.0.iter().filter(is_kept).cloned().collect();
        all.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        Self(all)
    }

    /// What is kept on the way from the fleet to one repository.
    #[must_use]
    pub(crate) fn of_one(&self) -> Self {
        let of_fleet = ["owner", "group", "q", "sort", "page"];
        let is_kept = |(known, _): &&(String, String)| !of_fleet.contains(&known.as_str());
        Self(self.0.iter().filter(is_kept).cloned().collect())
    }

    /// The same with one value of a name more.
    #[must_use]
    pub(crate) fn and(&self, name: &str, value: &str) -> Self {
        let mut all = self.0.clone();
        all.push((name.to_owned(), value.to_owned()));
        Self(all)
    }

    /// Names and values that a form has to carry along, beside the fields that it shows.
    pub(crate) fn beside<'a>(
        &'a self,
        shown: &'a [&'a str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let is_hidden =
            |(name, _): &&(String, String)| name != "page" && !shown.contains(&name.as_str());
        let hidden = self.0.iter().filter(is_hidden);
        hidden.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Display for Params {
    /// With the question mark, or nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(&self.0);
        // Colons and dots are plain in a query, and ranges are read by people.
        write!(f, "?{}", text.finish())
    }
}

/// How a history is looked at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct View {
    pub(crate) asked: Asked,
    /// As it stands in the address.
    pub(crate) range: String,
    pub(crate) step: Option<Step>,
    pub(crate) scale: Scale,
    pub(crate) is_cumulative: bool,
    pub(crate) over: Option<Over>,
}

/// What is shown where nothing is said.
pub(crate) const USUAL_RANGE: &str = "30d";

/// The ranges that have a name.
pub(crate) const PRESETS: [(&str, &str); 5] = [
    ("7d", "7 days"),
    ("30d", "30 days"),
    ("90d", "90 days"),
    ("1y", "1 year"),
    ("all", "All"),
];

/// Nobody has more days than these; charts of more would only be slow.
const MOST_DAYS: i64 = 366 * 40;

impl View {
    /// Reads it from an address; what is not said is as usual.
    pub(crate) fn of(params: &Params) -> Result<Self, Problem> {
        let range = match (params.get("from"), params.get("to")) {
            (None, None) => params.get("range").unwrap_or(USUAL_RANGE).to_owned(),
            (from, to) => format!("{}..{}", from.unwrap_or_default(), to.unwrap_or_default()),
        };
        let asked: Asked = range
            .parse()
            .map_err(|error: gitratra_answer::AskedError| Problem::Bad(error.to_string()))?;
        if let Asked::Last(days) = asked
            && i64::from(days) > MOST_DAYS
        {
            return Err(Problem::Bad(format!("\"{range}\" is longer than 40 years")));
        }
        Ok(Self {
            asked,
            range,
            step: choice(params, "by", &BY)?,
            scale: choice(params, "scale", &SCALE)?.unwrap_or(Scale::Linear),
            is_cumulative: choice(params, "sum", &SUM)?.unwrap_or(false),
            over: choice(params, "over", &OVER)?,
        })
    }

    /// Whether the range is one of those that have a name.
    pub(crate) fn is_preset(&self, word: &str) -> bool {
        self.range == word
    }

    /// Nothing but days of which something could be known.
    pub(crate) fn is_sane(range: DayRange) -> bool {
        range.days() <= MOST_DAYS
    }
}

const BY: [(&str, Step); 3] = [
    ("day", Step::Day),
    ("week", Step::Week),
    ("month", Step::Month),
];
const SCALE: [(&str, Scale); 2] = [("linear", Scale::Linear), ("log", Scale::Log)];
const SUM: [(&str, bool); 2] = [("no", false), ("yes", true)];
const OVER: [(&str, Over); 2] = [("before", Over::Before), ("year", Over::YearAgo)];

/// One of several words.
fn choice<T: Copy>(params: &Params, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Problem> {
    let Some(word) = params.get(name) else {
        return Ok(None);
    };
    let found = words.iter().find(|(known, _)| *known == word);
    match found {
        Some((_, value)) => Ok(Some(*value)),
        None => {
            let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
            let known = known.join(", ");
            Err(Problem::Bad(format!(
                "\"{word}\" is no value of {name}: it is one of {known}"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Params(owned.collect())
    }

    #[test]
    fn a_link_changes_one_thing_and_goes_back_to_the_first_page() {
        let all = params(&[("range", "90d"), ("page", "4"), ("q", "a&b c")]);
        assert_eq!(
            all.with("range", Some("1y")).to_string(),
            "?q=a%26b+c&range=1y"
        );
        assert_eq!(all.with("q", None).to_string(), "?range=90d");
        assert_eq!(Params::default().to_string(), "");
    }

    #[test]
    fn the_last_of_two_values_counts() {
        let all = params(&[("r", "a/b"), ("r", "c/d")]);
        assert_eq!(all.get("r"), Some("c/d"));
        assert_eq!(all.all("r").collect::<Vec<_>>(), ["a/b", "c/d"]);
    }

    #[test]
    fn two_days_are_a_range() {
        let view = View::of(&params(&[("from", "2026-01-01"), ("to", "2026-01-31")])).unwrap();
        assert_eq!(view.range, "2026-01-01..2026-01-31");
        let view = View::of(&params(&[("from", "2026-01-01")])).unwrap();
        assert_eq!(view.range, "2026-01-01..");
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_what_could() {
        for (bad, part) in [
            (("by", "year"), "day, week, month"),
            (("scale", "x"), "linear, log"),
            (("range", "soon"), "no range"),
            (("range", "99999y"), "longer than 40 years"),
        ] {
            let Err(Problem::Bad(why)) = View::of(&params(&[bad])) else {
                panic!("{bad:?}")
            };
            assert!(why.contains(part), "{why}");
        }
    }
}
