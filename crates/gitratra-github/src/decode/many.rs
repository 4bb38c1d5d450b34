//! The GraphQL answer that counts many repositories. Each repository in it stands for itself: what
//! cannot be right of one costs the others nothing.
//!
//! An answer belongs to the repository whose number it names, never to a place in the list.

use gitratra_core::{Counters, CountersReading, Day, Profile, RepoId, Tag, Timestamp, Visibility};
use serde_json::Value;

use super::counts::{DESCRIPTION, WORD, number, text, topics};
use super::{Bad, LONGEST_NAME, Object, parse};

/// Tags that are kept of an answer; the query asks for 20.
const TAGS: usize = 20;

/// What an answer holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Many {
    pub(crate) readings: Vec<CountersReading>,
    /// Whether something is missing for another reason than that there is no such repository.
    pub(crate) is_partial: bool,
    /// Points of the hour that GitHub says the query cost.
    pub(crate) cost: Option<u64>,
}

/// An error inside an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueryError {
    /// GitHub's type of it; empty where it has none.
    pub(crate) word: String,
    pub(crate) message: String,
}

/// The type of the error that there is no such repository.
const ABSENT: &str = "NOT_FOUND";

#[derive(serde::Deserialize)]
struct Envelope {
    data: Option<Object<Data>>,
    errors: Option<Vec<Value>>,
}

#[derive(serde::Deserialize)]
struct Data {
    nodes: Option<Vec<Value>>,
    #[serde(rename = "rateLimit")]
    rate_limit: Option<Value>,
}

impl Envelope {
    fn errors(&self) -> impl Iterator<Item = QueryError> + '_ {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = self.errors.iter().flatten();
        errors.map(move |error| QueryError {
            word: text(&error["type"]),
            message: text(&error["message"]),
        })
    }
}

/// The error of an answer that holds nothing else; nothing where it holds some repository, and where
/// all that it says is that there are no such repositories.
pub(crate) fn query_error(body: &[u8]) -> Option<QueryError> {
    let envelope: Envelope = parse(body).ok()?;
    let data = envelope.data.as_ref().map(|Object(data)| data);
    let nodes = data.and_then(|data| data.nodes.as_ref());
    if nodes.is_some_and(|nodes| nodes.iter().any(|node| !node.is_null())) {
        return None;
    }
    let grave = envelope.errors().find(|error| error.word != ABSENT);
    grave.or_else(|| envelope.errors().next().filter(|_| nodes.is_none()))
}

/// The repositories of an answer.
pub(crate) fn many(body: &[u8], at: Timestamp) -> Result<Many, Bad> {
    let envelope: Envelope = parse(body)?;
    let is_cut = envelope.errors().any(|error| error.word != ABSENT);
    let data = envelope.data.map(|Object(data)| data);
    let cost = data.as_ref().and_then(|data| data.rate_limit.as_ref());
    let cost = cost.and_then(|limit| number(limit.get("cost")));
    let Some(nodes) = data.and_then(|data| data.nodes) else {
        return Err(Bad::Wrong("missing field `data.nodes`".to_owned()));
    };
    let told: Vec<&Value> = nodes.iter().filter(|node| !node.is_null()).collect();
    let readings = told.iter().filter_map(|node| reading(node, at));
    let readings: Vec<CountersReading> = readings.collect();
    Ok(Many {
        is_partial: is_cut || readings.len() < told.len(),
        readings,
        cost,
    })
}

/// One repository; nothing where what matters is missing or cannot be.
fn reading(node: &Value, at: Timestamp) -> Option<CountersReading> {
    let id = node["databaseId"].as_u64();
    let id = id.filter(|id| *id > 0 && i64::try_from(*id).is_ok())?;
    let total = |list: &str| number(node[list].get("totalCount"));
    let counters = Counters {
        stars: number(node.get("stargazerCount"))?,
        forks: number(node.get("forkCount"))?,
        watchers: total("watchers"),
        open_issues: total("issues"),
        open_pulls: total("pullRequests"),
        open_both: None,
        size_kib: number(node.get("diskUsage")),
        releases: total("releases"),
    };
    let word = node["visibility"].as_str()?;
    let mut visibilities = Visibility::ALL.into_iter();
    let named = node["repositoryTopics"]["nodes"].as_array();
    let named = named.into_iter().flatten();
    let profile = Profile {
        description: text(node.get("description"), DESCRIPTION),
        language: text(node["primaryLanguage"].get("name"), WORD),
        licence: text(node["licenseInfo"].get("spdxId"), WORD),
        topics: topics(named.map(|topic| &topic["topic"]["name"])),
        is_archived: node["isArchived"].as_bool()?,
        visibility: visibilities.find(|known| known.word().eq_ignore_ascii_case(word))?,
    };
    let tags = node["refs"]["nodes"].as_array();
    Some(CountersReading {
        repo: RepoId(id),
        read_at: at,
        counters,
        profile,
        tags: tags.map(|nodes| tags_of(nodes, at)),
    })
}

/// Tags by day; those without a day that can be are left out.
fn tags_of(nodes: &[Value], at: Timestamp) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::new();
    for tag in nodes.iter().take(TAGS).filter_map(|node| tag(node, at)) {
        if tags.iter().all(|known| known.name != tag.name) {
            tags.push(tag);
        }
    }
    tags.sort_unstable();
    tags
}

fn tag(node: &Value, at: Timestamp) -> Option<Tag> {
    let target = &node["target"];
    let dates = [
        &target["tagger"]["date"],
        &target["target"]["committedDate"],
        &target["committedDate"],
    ];
    // Whoever makes a commit or a tag may write any date into it.
    let can_be = |moment: &Timestamp| moment.as_second() >= 0 && *moment <= at;
    let moment = dates
        .into_iter()
        .find_map(|date| date.as_str()?.parse::<Timestamp>().ok().filter(can_be))?;
    Some(Tag {
        day: Day::of(moment),
        name: text(node.get("name"), LONGEST_NAME)?,
    })
}

#[cfg(test)]
mod tests;
