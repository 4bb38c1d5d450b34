//! The types and fields that exist here, and what GitHub says of a query that names others.

use serde_json::{Value, json};

use super::read::{Field, Selection};
use super::{Query, Refused};

/// A type and its fields, each with the type of its value; `""` is a plain value.
type Fields = &'static [(&'static str, &'static str)];

const TYPES: &[(&str, Fields)] = &[
    (
        "Query",
        &[
            ("node", "Node"),
            ("nodes", "Node"),
            ("rateLimit", "RateLimit"),
            ("repository", "Repository"),
            ("viewer", "User"),
        ],
    ),
    ("Node", &[("id", "")]),
    (
        "RateLimit",
        &[
            ("cost", ""),
            ("limit", ""),
            ("remaining", ""),
            ("resetAt", ""),
            ("used", ""),
        ],
    ),
    (
        "Repository",
        &[
            ("createdAt", ""),
            ("databaseId", ""),
            ("description", ""),
            ("diskUsage", ""),
            ("forkCount", ""),
            ("id", ""),
            ("isArchived", ""),
            ("isDisabled", ""),
            ("isFork", ""),
            ("isPrivate", ""),
            ("issues", "IssueConnection"),
            ("licenseInfo", "License"),
            ("name", ""),
            ("nameWithOwner", ""),
            ("owner", "RepositoryOwner"),
            ("primaryLanguage", "Language"),
            ("pullRequests", "PullRequestConnection"),
            ("refs", "RefConnection"),
            ("releases", "ReleaseConnection"),
            ("repositoryTopics", "RepositoryTopicConnection"),
            ("stargazerCount", ""),
            ("visibility", ""),
            ("watchers", "UserConnection"),
        ],
    ),
    ("User", &[("login", "")]),
    ("RepositoryOwner", &[("login", "")]),
    ("Language", &[("name", "")]),
    ("License", &[("key", ""), ("name", ""), ("spdxId", "")]),
    ("IssueConnection", &[("totalCount", "")]),
    ("PullRequestConnection", &[("totalCount", "")]),
    ("UserConnection", &[("totalCount", "")]),
    ("ReleaseConnection", &[("totalCount", "")]),
    (
        "RepositoryTopicConnection",
        &[("nodes", "RepositoryTopic"), ("totalCount", "")],
    ),
    ("RepositoryTopic", &[("topic", "Topic")]),
    ("Topic", &[("name", "")]),
    ("RefConnection", &[("nodes", "Ref"), ("totalCount", "")]),
    ("Ref", &[("name", ""), ("target", "GitObject")]),
    ("GitObject", &[]),
    ("Commit", &[("committedDate", "")]),
    (
        "Tag",
        &[
            ("name", ""),
            ("tagger", "GitActor"),
            ("target", "GitObject"),
        ],
    ),
    ("GitActor", &[("date", "")]),
];

/// Whether what is of type `found` may be asked as `wanted`.
pub(super) fn is_a(found: &str, wanted: &str) -> bool {
    found == wanted
        || match wanted {
            "Node" => found == "Repository",
            "GitObject" => matches!(found, "Commit" | "Tag"),
            _ => false,
        }
}

fn fields(kind: &str) -> Option<Fields> {
    let mut types = TYPES.iter();
    types
        .find(|(name, _)| *name == kind)
        .map(|(_, fields)| *fields)
}

/// The type of a field's value, `""` for a plain one.
pub(super) fn kind_of(kind: &str, field: &str) -> Option<&'static str> {
    if field == "__typename" {
        return Some("");
    }
    let mut fields = fields(kind)?.iter();
    fields
        .find(|(name, _)| *name == field)
        .map(|(_, kind)| *kind)
}

/// Whether everything that a query names exists.
pub(super) fn check(query: &Query) -> Result<(), Refused> {
    // Fragments that lead to themselves would never end.
    selections(query, "Query", &query.selections, 12)
}

fn error(message: String, extensions: Value) -> Refused {
    json!({ "errors": [{ "message": message, "extensions": extensions }] })
}

fn selections(query: &Query, kind: &str, list: &[Selection], depth: u32) -> Result<(), Refused> {
    if depth == 0 {
        return Err(super::refused("The query is too deep"));
    }
    for selection in list {
        match selection {
            Selection::Field(found) => field(query, kind, found, depth)?,
            Selection::Inline {
                on,
                selections: inner,
            } => {
                let on = on.as_deref().unwrap_or(kind);
                fits(kind, on)?;
                selections(query, on, inner, depth - 1)?;
            }
            Selection::Spread { name } => {
                let Some(fragment) = query.fragment(name) else {
                    let message = format!("Fragment {name} was used, but not defined");
                    return Err(super::refused(&message));
                };
                fits(kind, &fragment.on)?;
                selections(query, &fragment.on, &fragment.selections, depth - 1)?;
            }
        }
    }
    Ok(())
}

fn fits(kind: &str, on: &str) -> Result<(), Refused> {
    if fields(on).is_none() {
        let message = format!("No such type {on}, so it can't be a fragment condition");
        return Err(super::refused(&message));
    }
    if !is_a(on, kind) && !is_a(kind, on) {
        let message = format!("Fragment on {on} can't be spread inside {kind}");
        return Err(super::refused(&message));
    }
    Ok(())
}

fn field(query: &Query, kind: &str, field: &Field, depth: u32) -> Result<(), Refused> {
    let name = &field.name;
    let Some(value) = kind_of(kind, name) else {
        let extensions = json!({ "code": "undefinedField", "typeName": kind, "fieldName": name });
        let message = format!("Field '{name}' doesn't exist on type '{kind}'");
        return Err(error(message, extensions));
    };
    if value.is_empty() != field.selections.is_empty() {
        let message = match value.is_empty() {
            true => format!("Selections can't be made on scalars (field '{name}')"),
            false => format!("Field must have selections (field '{name}' returns {value})"),
        };
        return Err(super::refused(&message));
    }
    required(query, kind, field)?;
    pages(query, value, field)?;
    selections(query, value, &field.selections, depth - 1)
}

/// Arguments that must be there.
fn required(query: &Query, kind: &str, field: &Field) -> Result<(), Refused> {
    let needed: &[&str] = match (kind, field.name.as_str()) {
        ("Query", "repository") => &["owner", "name"],
        ("Query", "nodes") => &["ids"],
        ("Query", "node") => &["id"],
        ("Repository", "refs") => &["refPrefix"],
        _ => &[],
    };
    let missing = needed
        .iter()
        .find(|name| query.given.argument(field, name).is_none());
    if let Some(missing) = missing {
        let name = &field.name;
        let message = format!("Field '{name}' is missing required arguments: {missing}");
        return Err(super::refused(&message));
    }
    let ids = query.given.list(field, "ids").map_or(0, |ids| ids.len());
    if ids > 100 {
        let message = format!("You may not provide more than 100 node ids; you provided {ids}.");
        return Err(json!({ "errors": [{ "type": "ARGUMENT_LIMIT", "message": message }] }));
    }
    Ok(())
}

/// A list of which lines are asked for must say how many, 1 to 100.
fn pages(query: &Query, value: &str, field: &Field) -> Result<(), Refused> {
    if !value.ends_with("Connection") {
        return Ok(());
    }
    let name = &field.name;
    let lines = query
        .given
        .number(field, "first")
        .or(query.given.number(field, "last"));
    let has_lines = |selection: &Selection| matches!(selection, Selection::Field(field) if field.name == "nodes");
    let (kind, message) = match lines {
        Some(lines) if lines > 100 => (
            "EXCESSIVE_PAGINATION",
            format!(
                "Requesting {lines} records on the `{name}` connection exceeds the `first` limit of 100 records."
            ),
        ),
        None if field.selections.iter().any(has_lines) => (
            "MISSING_PAGINATION_BOUNDARIES",
            format!(
                "You must provide a `first` or `last` value to properly paginate the `{name}` connection."
            ),
        ),
        _ => return Ok(()),
    };
    Err(json!({ "errors": [{ "type": kind, "message": message }] }))
}
