//! The tools, a file for each: what it takes, what it answers.

mod compare;
mod explain_spike;
mod gaps;
mod list_repositories;
mod list_spikes;
mod series;
mod sources;
mod top;
mod traffic;

use gitratra_core::Timestamp;
use gitratra_core::platform::Rule;
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fault::Fault;
use crate::quoted::clean;
use crate::reply::{Reply, Sent};
use crate::seen::Seen;

/// A call whose arguments have been read.
#[derive(Debug)]
pub(crate) enum Called {
    ListRepositories(list_repositories::Question),
    Series(series::Question),
    Top(top::Question),
    Compare(compare::Question),
    ListSpikes(list_spikes::Question),
    ExplainSpike(explain_spike::Question),
    Sources(sources::Question),
    Gaps(gaps::Question),
}

/// Every tool as it is listed, in the order in which one meets them.
pub(crate) fn all() -> Vec<Tool> {
    vec![
        tool::<list_repositories::Question>(
            "list_repositories",
            "List repositories",
            "The repositories whose traffic is kept, by name: from and to which day each is known, \
             its newest published day, how many days are left before one is lost, whether it is \
             archived, gone or failing. Begin here.",
        ),
        tool::<series::Question>(
            "series",
            "Numbers over time",
            "One metric of one repository by day, week or month: views or clones (with uniques, \
             the change against the range before and usual weekdays), stars (given, lost, total), \
             forks, watchers, open issues and pull requests, or downloads of release files.",
        ),
        tool::<top::Question>(
            "top",
            "Rank repositories",
            "Repositories ranked by views, clones or stars of a range: by total, or those that rose \
             or fell most against the range of the same length before.",
        ),
        tool::<compare::Question>(
            "compare",
            "Compare repositories",
            "Two to eight repositories side by side in the same range: views and clones, uniques as \
             bounds, change against the range before.",
        ),
        tool::<list_spikes::Question>(
            "list_spikes",
            "Find spikes",
            "Days far above what is usual, of one repository or of the busiest ones, with what moved \
             along: referrers, paths, stars, notes, releases, tags.",
        ),
        tool::<explain_spike::Question>(
            "explain_spike",
            "Explain a day",
            "Why a day stands out: whether it belongs to a spike, how far above the usual, which \
             referrers and paths brought how much of it (as bounds), and what happened around it. \
             Nothing of it proves a cause.",
        ),
        tool::<sources::Question>(
            "sources",
            "Referrers and paths",
            "Where visitors came from and which pages they looked at: the list of a window of 14 \
             days as GitHub gave it (rolling totals), and what each brought in a range (bounds).",
        ),
        tool::<gaps::Question>(
            "gaps",
            "Missing days",
            "Days that were never read and are lost for good, and how many days are left before the \
             next one is; of one repository or of all that are tracked.",
        ),
    ]
}

fn tool<Question: JsonSchema + 'static>(
    name: &'static str,
    title: &'static str,
    description: &'static str,
) -> Tool {
    let hints = ToolAnnotations::with_title(title)
        .read_only(true)
        .destructive(false)
        .idempotent(true)
        .open_world(false);
    Tool::new(name, description, JsonObject::new())
        .with_input_schema::<Question>()
        .with_output_schema::<Sent>()
        .with_title(title)
        .with_annotations(hints)
}

impl Called {
    /// Reads the arguments of a call.
    pub(crate) fn read(name: &str, arguments: JsonObject) -> Result<Self, Fault> {
        Ok(match name {
            "list_repositories" => Self::ListRepositories(arguments_of(arguments)?),
            "series" => Self::Series(arguments_of(arguments)?),
            "top" => Self::Top(arguments_of(arguments)?),
            "compare" => Self::Compare(arguments_of(arguments)?),
            "list_spikes" => Self::ListSpikes(arguments_of(arguments)?),
            "explain_spike" => Self::ExplainSpike(arguments_of(arguments)?),
            "sources" => Self::Sources(arguments_of(arguments)?),
            "gaps" => Self::Gaps(arguments_of(arguments)?),
            other => {
                let names = all().into_iter().map(|tool| tool.name.into_owned());
                let names: Vec<String> = names.collect();
                return Err(Fault::NoTool(other.to_owned(), names.join(", ")));
            }
        })
    }

    /// Answers it.
    pub(crate) async fn answer(
        self,
        seen: &Seen,
        rules: &[Rule],
        as_of: Option<Timestamp>,
    ) -> Result<Reply, Fault> {
        match self {
            Self::ListRepositories(question) => question.answer(seen, as_of).await,
            Self::Series(question) => question.answer(seen, rules).await,
            Self::Top(question) => question.answer(seen, as_of).await,
            Self::Compare(question) => question.answer(seen).await,
            Self::ListSpikes(question) => question.answer(seen, as_of).await,
            Self::ExplainSpike(question) => question.answer(seen).await,
            Self::Sources(question) => question.answer(seen).await,
            Self::Gaps(question) => question.answer(seen, as_of).await,
        }
    }
}

fn arguments_of<Question: DeserializeOwned>(arguments: JsonObject) -> Result<Question, Fault> {
    let question = serde_json::from_value(Value::Object(arguments));
    question.map_err(|error| Fault::Arguments(clean(&error.to_string())))
}

/// A value as JSON; what is told here always can be.
fn json(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// The fields of an object, of which some are left out.
fn without(mut value: Value, names: &[&str]) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|name, _| !names.contains(&name.as_str()));
    }
    value
}

/// What kind a number between two bounds is.
const fn kind_of(bounds: gitratra_core::Bounds) -> &'static str {
    match bounds.number() {
        Some(_) => "measured",
        None => "bounds",
    }
}
