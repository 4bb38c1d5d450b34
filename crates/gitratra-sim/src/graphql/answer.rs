//! The answer to a query: exactly what was selected, and an error for each repository that is
//! missing or out of the asker's sight.

use serde_json::{Map, Value, json};

use super::read::{Field, Selection};
use super::{Ask, Query, schema};
use crate::body;
use crate::identity::Right;
use crate::repo::{Repo, RepoRef};
use crate::world::Located;

/// The body of the answer.
pub(crate) fn answer(ask: &Ask<'_>, query: &Query) -> Value {
    let mut answer = Answer {
        ask,
        query,
        errors: Vec::new(),
    };
    let mut data = Map::new();
    for field in answer.fields("Query", &query.selections) {
        let value = answer.root(field);
        data.insert(field.key.clone(), value);
    }
    match answer.errors.is_empty() {
        true => json!({ "data": data }),
        false => json!({ "data": data, "errors": answer.errors }),
    }
}

/// An answer under way.
struct Answer<'a> {
    ask: &'a Ask<'a>,
    query: &'a Query,
    errors: Vec<Value>,
}

impl<'a> Answer<'a> {
    /// The fields selected of something that is a `kind`, those in fragments included.
    fn fields(&self, kind: &str, selections: &'a [Selection]) -> Vec<&'a Field> {
        let mut fields = Vec::new();
        for selection in selections {
            match selection {
                Selection::Field(field) => fields.push(field),
                Selection::Inline { on, selections } => {
                    if on.as_deref().is_none_or(|on| schema::is_a(kind, on)) {
                        fields.extend(self.fields(kind, selections));
                    }
                }
                Selection::Spread { name } => {
                    let fragment = self.query.fragment(name);
                    if let Some(fragment) = fragment.filter(|found| schema::is_a(kind, &found.on)) {
                        fields.extend(self.fields(kind, &fragment.selections));
                    }
                }
            }
        }
        fields
    }

    fn root(&mut self, field: &'a Field) -> Value {
        let given = &self.query.given;
        let text = |name| given.text(field, name).unwrap_or_default();
        match field.name.as_str() {
            "repository" => {
                let full_name = format!("{}/{}", text("owner"), text("name"));
                let found = match self.ask.world.locate(&full_name) {
                    Located::Here(repo) | Located::Moved(repo) => Ok(repo),
                    Located::Nowhere => Err(()),
                };
                let missing =
                    format!("Could not resolve to a Repository with the name '{full_name}'.");
                self.repository(field, found, json!([field.key]), &missing)
            }
            "node" => self.node(field, &text("id"), json!([field.key])),
            "nodes" => {
                let ids = given.list(field, "ids").unwrap_or_default();
                let nodes = ids.iter().enumerate().map(|(index, id)| {
                    let path = json!([field.key, index]);
                    self.node(field, id.as_str().unwrap_or_default(), path)
                });
                nodes.collect()
            }
            "viewer" => {
                let login = self.ask.token.map(|token| token.login.as_str());
                self.project("User", &json!({ "login": login }), &field.selections)
            }
            "rateLimit" => {
                let budget = self.ask.budgets.graphql;
                let limits = json!({
                    "cost": self.query.cost(),
                    "limit": budget.limit,
                    "remaining": budget.remaining(),
                    "resetAt": budget.reset.to_string(),
                    "used": budget.used,
                });
                self.project("RateLimit", &limits, &field.selections)
            }
            _ => json!("Query"),
        }
    }

    fn node(&mut self, field: &'a Field, id: &str, path: Value) -> Value {
        let number = id.strip_prefix("R_");
        let number = number.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let found = number.ok_or(()).and_then(|id| {
            let found = self.ask.world.repo(&RepoRef::Id(id));
            found.ok().filter(|repo| !repo.deleted).ok_or(())
        });
        let missing = format!("Could not resolve to a node with the global id of '{id}'");
        self.repository(field, found, path, &missing)
    }

    fn repository(
        &mut self,
        field: &'a Field,
        found: Result<&'a Repo, ()>,
        path: Value,
        missing: &str,
    ) -> Value {
        let seen = found
            .ok()
            .filter(|repo| self.ask.right(repo) > Right::None && repo.blocked.is_none());
        let Some(repo) = seen else {
            self.fail("NOT_FOUND", path, missing);
            return Value::Null;
        };
        if repo.private && self.ask.sso_refusal(repo.owner()).is_some() {
            let message = "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.";
            self.fail("FORBIDDEN", path, message);
            return Value::Null;
        }
        let fields = self.fields("Repository", &field.selections).into_iter();
        let values = fields.map(|field| {
            let value = self.of_repository(repo, field);
            let kind = schema::kind_of("Repository", &field.name).unwrap_or_default();
            (
                field.key.clone(),
                self.project(kind, &value, &field.selections),
            )
        });
        Value::Object(values.collect())
    }

    fn fail(&mut self, kind: &str, path: Value, message: &str) {
        self.errors.push(json!({
            "type": kind,
            "path": path,
            "locations": [{ "line": 1, "column": 1 }],
            "message": message,
        }));
    }

    /// What there is of `value`, cut down to what was selected.
    fn project(&self, kind: &str, value: &Value, selections: &'a [Selection]) -> Value {
        match value {
            Value::Array(list) => {
                let list = list.iter();
                list.map(|each| self.project(kind, each, selections))
                    .collect()
            }
            Value::Object(object) => {
                let kind = object
                    .get("__typename")
                    .and_then(Value::as_str)
                    .unwrap_or(kind);
                let fields = self.fields(kind, selections).into_iter();
                let values = fields.map(|field| {
                    let value = match field.name.as_str() {
                        "__typename" => json!(kind),
                        name => {
                            let inner = schema::kind_of(kind, name).unwrap_or_default();
                            let value = object.get(name).unwrap_or(&Value::Null);
                            self.project(inner, value, &field.selections)
                        }
                    };
                    (field.key.clone(), value)
                });
                Value::Object(values.collect())
            }
            plain => plain.clone(),
        }
    }

    /// All of one field of a repository.
    fn of_repository(&self, repo: &Repo, field: &Field) -> Value {
        let numbers = || self.ask.world.numbers(repo, self.ask.at);
        let about = &repo.about;
        match field.name.as_str() {
            "createdAt" => json!(repo.created.to_string()),
            "databaseId" => json!(repo.id),
            "description" => json!(about.description),
            "diskUsage" => json!(about.size_kib),
            "forkCount" => json!(numbers().forks),
            "id" => json!(body::node_id(repo)),
            "isArchived" => json!(repo.archived),
            "isDisabled" => json!(repo.disabled),
            "isFork" => json!(repo.fork),
            "isPrivate" => json!(repo.private),
            "issues" => self.open_and_closed(field, numbers().issues),
            "licenseInfo" => about.license.as_ref().map_or(Value::Null, |spdx_id| {
                json!({ "key": spdx_id.to_lowercase(), "name": spdx_id, "spdxId": spdx_id })
            }),
            "name" => json!(repo.name()),
            "nameWithOwner" => json!(repo.full_name),
            "owner" => json!({ "login": repo.owner() }),
            "primaryLanguage" => {
                let language = about.language.as_ref();
                language.map_or(Value::Null, |name| json!({ "name": name }))
            }
            "pullRequests" => self.open_and_closed(field, numbers().pulls),
            "refs" => self.refs(repo, field),
            "releases" => {
                let may_push = self.ask.right(repo) >= Right::Push;
                let releases = repo.releases.listed(self.ask.at, may_push);
                json!({ "totalCount": releases.len() })
            }
            "repositoryTopics" => {
                let topics = about.topics.iter();
                let topics = topics.map(|name| json!({ "topic": { "name": name } }));
                self.lines(field, topics.collect())
            }
            "stargazerCount" => json!(numbers().stars),
            "visibility" => json!(body::visibility(repo).to_uppercase()),
            "watchers" => json!({ "totalCount": numbers().watchers }),
            _ => json!("Repository"),
        }
    }

    /// Open ones where only those are asked for; else three closed ones come with each.
    fn open_and_closed(&self, field: &Field, open: u64) -> Value {
        let states = self.query.given.list(field, "states");
        let total = match states.as_deref() {
            None => 4 * open,
            Some(states) if states.contains(&json!("OPEN")) => open,
            Some(_) => 3 * open,
        };
        json!({ "totalCount": total })
    }

    /// The tags, in the order asked for; there are no other refs.
    fn refs(&self, repo: &Repo, field: &Field) -> Value {
        let given = &self.query.given;
        if given.text(field, "refPrefix").as_deref() != Some("refs/tags/") {
            return self.lines(field, Vec::new());
        }
        let mut tags = repo.tags_at(self.ask.at);
        let order = given.argument(field, "orderBy").unwrap_or_default();
        match order["field"] == "TAG_COMMIT_DATE" {
            true => tags.sort_by(|a, b| (a.committed, &a.name).cmp(&(b.committed, &b.name))),
            false => tags.sort_by(|a, b| a.name.cmp(&b.name)),
        }
        if order["direction"] == "DESC" {
            tags.reverse();
        }
        let lines = tags.iter().map(|tag| {
            let commit = json!({ "__typename": "Commit", "committedDate": tag.committed });
            let target = match tag.tagged {
                None => commit,
                Some(date) => json!({
                    "__typename": "Tag",
                    "name": tag.name,
                    "tagger": { "date": date },
                    "target": commit,
                }),
            };
            json!({ "name": tag.name, "target": target })
        });
        self.lines(field, lines.collect())
    }

    /// A list with its length, as many lines of it as are asked for.
    fn lines(&self, field: &Field, all: Vec<Value>) -> Value {
        let given = &self.query.given;
        let number = |name| {
            given
                .number(field, name)
                .map(|n| usize::try_from(n).unwrap_or(0))
        };
        let lines = match (number("first"), number("last")) {
            (Some(first), _) => &all[..first.min(all.len())],
            (None, Some(last)) => &all[all.len().saturating_sub(last)..],
            (None, None) => &all[..],
        };
        json!({ "totalCount": all.len(), "nodes": lines })
    }
}
