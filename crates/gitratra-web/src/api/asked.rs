//! What programs may ask, described and read. Programs are held to it more strictly than people: what
//! is given twice, or without a value, is refused.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use gitratra_answer::Part;
use gitratra_core::{Day, Metric, Ranking};
use utoipa::{IntoParams, ToSchema};

use super::failure::Failure;
use crate::params::Params;
use crate::problem::Problem;
use crate::site::{Call, Site};

/// Names whose value is never empty.
const FILLED: [&str; 9] = [
    "range", "from", "to", "by", "metric", "sort", "limit", "cursor", "pattern",
];
/// Names that may come several times.
const SEVERAL: [&str; 2] = ["r", "pattern"];
/// Days that a range has at most.
const MOST_DAYS: i64 = 365 * 40;

/// A [`Call`] of a program: whatever is wrong with it is told as a program reads it.
pub(super) struct Asking(pub(super) Call);

impl FromRequestParts<Site> for Asking {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        check(form_urlencoded::parse(query.as_bytes()))?;
        let mut call = Call::from_request_parts(parts, site).await?;
        call.params = between(&call.params, Day::of(site.now()).plus(1))?;
        Ok(Self(call))
    }
}

fn check(query: form_urlencoded::Parse<'_>) -> Result<(), Problem> {
    let mut seen: Vec<std::borrow::Cow<'_, str>> = Vec::new();
    for (name, value) in query {
        if value.is_empty() && FILLED.contains(&&*name) {
            return Err(Problem::Bad(format!("\"{name}\" has no value")));
        }
        if seen.contains(&name) && !SEVERAL.contains(&&*name) {
            return Err(Problem::Bad(format!("\"{name}\" is given twice")));
        }
        seen.push(name);
    }
    Ok(())
}

/// Turns two days round where the first is the later one, and leaves out what nobody has: days ahead,
/// and those more than forty years back.
fn between(params: &Params, end: Day) -> Result<Params, Problem> {
    let day = |name| params.get(name).map(|text| day(name, text)).transpose();
    let (from, to) = match (day("from")?, day("to")?) {
        (None, None) => return Ok(params.clone()),
        (Some(from), Some(to)) => (Some(from.min(to)), Some(from.max(to))),
        one => one,
    };
    let last = to.unwrap_or(end).min(end);
    let from = from.map(|from| from.max(last.plus(1 - MOST_DAYS)));
    let from = from.map(|from| from.to_string());
    let last = to.map(|_| last.max(Day::MIN).to_string());
    Ok(params
        .with("from", from.as_deref())
        .with("to", last.as_deref()))
}

/// A day of any year. Those before 1970 are as unknown as that year's first.
pub(super) fn day(name: &str, text: &str) -> Result<Day, Problem> {
    let bad = || Problem::Bad(format!("\"{name}\" is no day: write it as YYYY-MM-DD"));
    let year: Option<u16> = text.get(..4).and_then(|year| year.parse().ok());
    match year {
        Some(year @ 0..1970) if text.as_bytes()[0].is_ascii_digit() => {
            // Years of the same number in their four centuries have the same days.
            let same = format!("{}{}", 2000 + year % 400, &text[4..]);
            let same: Result<Day, _> = same.parse();
            same.map(|_| Day::MIN).map_err(|_| bad())
        }
        _ => text.parse().map_err(|_| bad()),
    }
}

/// What of a repository is asked for.
pub(super) fn part(params: &Params) -> Result<Option<Part>, Problem> {
    Ok(match params.get("metric") {
        None => None,
        Some("views") => Some(Part::Traffic(Metric::Views)),
        Some("clones") => Some(Part::Traffic(Metric::Clones)),
        Some("referrers") => Some(Part::Sources(Ranking::Referrers)),
        Some("paths") => Some(Part::Sources(Ranking::Paths)),
        Some("stars") => Some(Part::Stars),
        Some("downloads") => Some(Part::Downloads),
        Some(other) => {
            return Err(Problem::Bad(format!(
                "\"{other}\" is no metric: it is views, clones, referrers, paths, stars or downloads"
            )));
        }
    })
}

/// Views or clones, if only one of them is asked for.
pub(super) fn metric(params: &Params) -> Result<Option<Metric>, Problem> {
    match part(params)? {
        None => Ok(None),
        Some(Part::Traffic(metric)) => Ok(Some(metric)),
        Some(_) => Err(Problem::Bad(
            "\"metric\" is views or clones here".to_owned(),
        )),
    }
}

/// How many lines are asked for.
pub(super) fn limit(params: &Params, usual: usize, most: usize) -> Result<usize, Problem> {
    let text = params.get("limit");
    let limit = text.map_or(Some(usual), |text| {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| is_plain)
    });
    limit
        .filter(|limit| (1..=most).contains(limit))
        .ok_or_else(|| Problem::Bad(format!("\"limit\" is a number from 1 to {most}")))
}

/// Which repository.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it describes what `Path` reads")]
pub(super) struct OfRepo {
    /// The owner's name
    #[param(pattern = "^[A-Za-z0-9_-]{1,100}$", example = "octo")]
    owner: String,
    /// The repository's name, also one that it had before: then its present address is told
    #[param(pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$", example = "hello")]
    repo: String,
}

/// Which days, and how they are folded.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Params` reads")]
pub(super) struct InRange {
    /// So many days, weeks or years up to the newest known day, or `all`; 30d where nothing is said
    #[param(
        required = false,
        example = "90d",
        pattern = "^(all|[1-9][0-9]{0,3}d|[1-9][0-9]{0,2}w|([1-9]|[1-3][0-9])y)$"
    )]
    range: String,
    /// The first day, instead of `range`
    #[param(required = false, format = Date)]
    from: String,
    /// The last day, instead of `range`
    #[param(required = false, format = Date)]
    to: String,
    /// What the days are folded to; what fits the range where nothing is said
    #[param(required = false, inline)]
    by: By,
}

/// What days are folded to.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes what `View` reads")]
enum By {
    Day,
    Week,
    Month,
}

/// One part of what is known.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `part` reads")]
pub(super) struct OnePart {
    /// Only this part of the answer
    #[param(required = false, inline)]
    metric: PartWord,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes what `part` reads")]
enum PartWord {
    Views,
    Clones,
    Referrers,
    Paths,
    Stars,
    Downloads,
}

/// Views or clones.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `metric` reads")]
pub(super) struct OneMetric {
    /// Only one of the two
    #[param(required = false, inline)]
    metric: MetricWord,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes what `metric` reads")]
enum MetricWord {
    Views,
    Clones,
}

/// Where a list goes on.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `limit` and `after` read")]
pub(super) struct Page {
    /// So many repositories at most; 50 where nothing is said
    #[param(required = false, minimum = 1, maximum = 200)]
    limit: u32,
    /// `next_cursor` of the answer before; a new repository moves nothing
    #[param(required = false, min_length = 1)]
    cursor: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_twice_or_without_a_value_is_refused() {
        let check = |query: &str| check(form_urlencoded::parse(query.as_bytes())).is_ok();
        assert!(check("r=a/b&r=c/d&range=7d&q="));
        for bad in ["range=", "limit=", "by=day&by=week", "q=a&q=b"] {
            assert!(!check(bad), "{bad}");
        }
    }

    #[test]
    fn days_of_every_year_are_days() {
        for (text, expected) in [
            ("2026-02-28", Some("2026-02-28")),
            ("0001-01-01", Some("1970-01-01")),
            ("1904-02-29", Some("1970-01-01")),
            ("1900-02-29", None),
            ("2026-02-29", None),
            ("+001-01-01", None),
            ("é001-01-01", None),
            ("26-01-01", None),
            ("", None),
        ] {
            let day = day("from", text).ok().map(|day| day.to_string());
            assert_eq!(day.as_deref(), expected, "{text}");
        }
    }
}
