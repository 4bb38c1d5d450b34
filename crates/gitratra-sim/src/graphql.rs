//! Enough of GitHub's GraphQL to ask for the counters of many repositories at once.
//!
//! A query is read (`read`), checked against the fields that exist (`schema`), and answered field
//! by field (`answer`). Knows nothing of budgets beyond a query's cost, and nothing of HTTP.
//! Directives, mutations and introspection are refused as errors, not passed over.

mod answer;
mod read;
mod schema;

use serde_json::{Map, Value, json};

use crate::route::Ask;
use read::{Document, Given, Selection};

pub(crate) use answer::answer;

/// A query with what was given for its variables.
#[derive(Debug)]
pub(crate) struct Query {
    selections: Vec<Selection>,
    fragments: Vec<read::Fragment>,
    given: Given,
}

/// Why a query was not carried out at all: the body of the answer.
pub(crate) type Refused = Value;

impl Query {
    /// Reads what was sent.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Refused> {
        let sent: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(text) = sent["query"].as_str() else {
            return Err(refused(
                "A query attribute must be specified and must be a string.",
            ));
        };
        let document = Document::read(text).map_err(|problem| refused(&problem))?;
        let variables = sent["variables"].as_object().cloned().unwrap_or_default();
        let given = document
            .bind(variables)
            .map_err(|problem| refused(&problem))?;
        let query = Self {
            selections: document.selections,
            fragments: document.fragments,
            given,
        };
        schema::check(&query)?;
        Ok(query)
    }

    /// What it takes of the hour's points: a hundredth of the requests that its lists stand for,
    /// at least 1. Lists of which only the length is asked for are not counted.
    ///
    /// Source: <https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>.
    pub(crate) fn cost(&self) -> u64 {
        let requests = self.requests(&self.selections, 1);
        ((requests + 50) / 100).max(1)
    }

    fn requests(&self, selections: &[Selection], times: u64) -> u64 {
        let below = |selection: &Selection| match selection {
            Selection::Inline { selections, .. } => self.requests(selections, times),
            Selection::Spread { name } => self
                .fragment(name)
                .map_or(0, |fragment| self.requests(&fragment.selections, times)),
            Selection::Field(field) => {
                let ids = field.name == "nodes";
                let ids = ids.then(|| {
                    self.given
                        .list(field, "ids")
                        .map_or(1, |ids| ids.len() as u64)
                });
                let lines = self
                    .given
                    .number(field, "first")
                    .or(self.given.number(field, "last"));
                let inside = ids.unwrap_or(1) * lines.map_or(1, i64::unsigned_abs);
                let own = if lines.is_some() { times } else { 0 };
                own + self.requests(&field.selections, times.saturating_mul(inside))
            }
        };
        selections.iter().map(below).fold(0, u64::saturating_add)
    }

    fn fragment(&self, name: &str) -> Option<&read::Fragment> {
        self.fragments.iter().find(|fragment| fragment.name == name)
    }
}

/// The cost of what was sent, whether or not it can be read.
pub(crate) fn cost(body: &[u8]) -> u64 {
    Query::read(body).map_or(1, |query| query.cost())
}

/// The body of an answer to a query that was not carried out.
pub(crate) fn refused(message: &str) -> Refused {
    json!({ "errors": [{ "message": message }] })
}

/// The body of an answer to one who used up the hour.
pub(crate) fn rate_limited(user: &str) -> Refused {
    json!({ "errors": [{
        "type": "RATE_LIMITED",
        "code": "graphql_rate_limit",
        "message": format!("API rate limit already exceeded for {user}."),
    }] })
}

/// Takes the second half of an answer away, as GitHub does where it took too long.
pub(crate) fn partial(body: &[u8]) -> Option<Value> {
    let mut body: Value = serde_json::from_slice(body).ok()?;
    let data = body.get_mut("data")?.as_object_mut()?;
    let nodes = data.get_mut("nodes").and_then(Value::as_array_mut);
    let lost = match nodes {
        Some(nodes) => {
            let half = nodes.len() / 2;
            let paths = nodes
                .iter_mut()
                .enumerate()
                .skip(half)
                .map(|(index, node)| {
                    *node = Value::Null;
                    json!(["nodes", index])
                });
            paths.collect()
        }
        None => lose_fields(data),
    };
    let error = |path: Value| {
        json!({
            "type": "SERVICE_UNAVAILABLE",
            "path": path,
            "message": "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug.",
        })
    };
    let errors: Vec<Value> = lost.into_iter().map(error).collect();
    body["errors"] = json!(errors);
    Some(body)
}

fn lose_fields(data: &mut Map<String, Value>) -> Vec<Value> {
    let repositories = data.iter_mut().filter(|(name, _)| *name != "rateLimit");
    let repositories: Vec<_> = repositories.collect();
    let half = repositories.len() / 2;
    let lost = repositories.into_iter().skip(half).map(|(name, value)| {
        *value = Value::Null;
        json!([name])
    });
    lost.collect()
}
