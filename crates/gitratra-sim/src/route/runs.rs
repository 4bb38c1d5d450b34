//! The workflow runs of one repository: how many began in a span of days. The runs themselves are
//! told to nobody, since nobody asks for them.
//!
//! Source: <https://docs.github.com/en/rest/actions/workflow-runs>.

use serde_json::json;

use crate::clock::Day;
use crate::reply::Reply;
use crate::repo::Repo;
use crate::route::Ask;
use crate::route::page::parameters;

/// `…/actions/runs?created=FIRST..LAST`.
pub(crate) fn list(ask: &Ask<'_>, repo: &Repo) -> Reply {
    let parameters = parameters(ask);
    let created = parameters.get("created").map(String::as_str);
    let days = match created.map(span) {
        None => (repo.created.day(), ask.at.day()),
        Some(Some(days)) => days,
        Some(None) => return Reply::error(422, "Validation Failed"),
    };
    let last = days.1.min(ask.at.day());
    let numbers = days.0.number()..=last.number();
    let runs = numbers.map(|number| repo.runs_on(ask.world.noise, Day::from_number(number)));
    let total: u64 = runs.sum();
    Reply::json(json!({ "total_count": total, "workflow_runs": [] }).to_string())
}

/// `FIRST..LAST`, both of them days.
fn span(text: &str) -> Option<(Day, Day)> {
    let (first, last) = text.split_once("..")?;
    Some((first.parse().ok()?, last.parse().ok()?))
}
