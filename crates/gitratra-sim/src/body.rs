//! The JSON texts of answers, field for field as GitHub writes them.
//!
//! Views and clones are written by hand, because they are what a load run asks for.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use crate::identity::Right;
use crate::limit::Budget;
use crate::popular::Popular;
use crate::repo::Repo;
use crate::truth::Metric;
use crate::window::Window;
use crate::world::Owner;

const DOCUMENTATION: &str = "https://docs.github.com/rest";

/// The body of an error, with what belongs to this one alone.
pub(crate) fn error(status: u16, message: &str) -> String {
    json!({
        "message": message,
        "documentation_url": DOCUMENTATION,
        "status": status.to_string(),
    })
    .to_string()
}

/// The body of a 451.
pub(crate) fn blocked(reason: &str) -> String {
    json!({
        "message": "Repository access blocked",
        "block": {
            "reason": reason,
            "created_at": "2025-11-02T09:14:05Z",
            "html_url": format!("https://github.com/{reason}"),
        },
    })
    .to_string()
}

/// The body of a redirect.
pub(crate) fn moved(location: &str) -> String {
    json!({
        "message": "Moved Permanently",
        "url": location,
        "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
    })
    .to_string()
}

/// Views or clones.
pub(crate) fn window(metric: Metric, window: &Window) -> String {
    let mut body = String::with_capacity(80 + 70 * window.rows.len());
    let (count, uniques, name) = (window.count, window.uniques, metric.name());
    let _ = write!(
        body,
        "{{\"count\":{count},\"uniques\":{uniques},\"{name}\":["
    );
    for (index, row) in window.rows.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let (day, count, uniques) = (row.day, row.count, row.uniques);
        let _ = write!(
            body,
            "{comma}{{\"timestamp\":\"{day}T00:00:00Z\",\"count\":{count},\"uniques\":{uniques}}}"
        );
    }
    body.push_str("]}");
    body
}

/// Referrers.
pub(crate) fn referrers(lines: &[Popular]) -> String {
    let lines = lines
        .iter()
        .map(|line| json!({ "referrer": line.name, "count": line.count, "uniques": line.uniques }));
    Value::Array(lines.collect()).to_string()
}

/// Popular paths.
pub(crate) fn paths(lines: &[Popular]) -> String {
    let lines = lines.iter().map(|line| {
        json!({
            "path": line.name,
            "title": line.title,
            "count": line.count,
            "uniques": line.uniques,
        })
    });
    Value::Array(lines.collect()).to_string()
}

/// `/rate_limit`; since version 2026-03-10 it has no `rate` any more.
pub(crate) fn rate_limit(budget: Budget, has_rate: bool) -> String {
    let core = json!({
        "limit": budget.limit,
        "used": budget.used,
        "remaining": budget.remaining(),
        "reset": budget.reset.secs(),
    });
    let mut body = json!({ "resources": { "core": core } });
    if has_rate {
        body["rate"] = core;
    }
    body.to_string()
}

/// `/user`.
pub(crate) fn user(login: &str, id: u64) -> String {
    json!({
        "login": login,
        "id": id,
        "node_id": format!("U_{id:x}"),
        "html_url": format!("https://github.com/{login}"),
        "type": "User",
        "site_admin": false,
        "name": login,
    })
    .to_string()
}

#[derive(Serialize)]
struct RepoBody<'a> {
    id: u64,
    node_id: String,
    name: &'a str,
    full_name: &'a str,
    private: bool,
    owner: OwnerBody<'a>,
    html_url: String,
    description: Option<&'a str>,
    fork: bool,
    url: String,
    created_at: String,
    updated_at: String,
    pushed_at: String,
    homepage: Option<&'a str>,
    size: u64,
    stargazers_count: u64,
    watchers_count: u64,
    language: Option<&'a str>,
    has_issues: bool,
    has_wiki: bool,
    forks_count: u64,
    archived: bool,
    disabled: bool,
    open_issues_count: u64,
    license: Option<Value>,
    is_template: bool,
    topics: [&'a str; 0],
    visibility: &'a str,
    forks: u64,
    open_issues: u64,
    watchers: u64,
    default_branch: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Permissions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscribers_count: Option<u64>,
}

#[derive(Serialize)]
struct OwnerBody<'a> {
    login: &'a str,
    id: u64,
    node_id: String,
    html_url: String,
    #[serde(rename = "type")]
    kind: &'a str,
    site_admin: bool,
}

#[derive(Serialize)]
struct Permissions {
    admin: bool,
    maintain: bool,
    push: bool,
    triage: bool,
    pull: bool,
}

/// What a repository's JSON depends on besides the repository.
#[derive(Clone, Copy)]
pub(crate) struct RepoView<'a> {
    pub(crate) base: &'a str,
    pub(crate) owner: Option<&'a Owner>,
    /// `None` without a token: then there are no `permissions`.
    pub(crate) right: Option<Right>,
    /// The one answer with `subscribers_count`; lists do not have it.
    pub(crate) is_full: bool,
}

/// Appends a repository's JSON.
pub(crate) fn repository(body: &mut Vec<u8>, repo: &Repo, view: RepoView<'_>) {
    let is_organization = view.owner.is_some_and(|owner| owner.is_organization);
    let owner_id = view.owner.map_or(0, |owner| owner.id);
    let changed = repo.created.max(
        repo.former
            .last()
            .map_or(repo.created, |(renamed, _)| *renamed),
    );
    let json = RepoBody {
        id: repo.id,
        node_id: format!("R_{:x}", repo.id),
        name: repo.name(),
        full_name: &repo.full_name,
        private: repo.private,
        owner: OwnerBody {
            login: repo.owner(),
            id: owner_id,
            node_id: format!("{}_{owner_id:x}", if is_organization { "O" } else { "U" }),
            html_url: format!("https://github.com/{}", repo.owner()),
            kind: if is_organization {
                "Organization"
            } else {
                "User"
            },
            site_admin: false,
        },
        html_url: format!("https://github.com/{}", repo.full_name),
        description: repo.description.as_deref(),
        fork: repo.fork,
        url: format!("{}/repos/{}", view.base, repo.full_name),
        created_at: repo.created.to_string(),
        updated_at: changed.to_string(),
        pushed_at: changed.to_string(),
        homepage: None,
        size: 100 + repo.id % 5000,
        stargazers_count: repo.stars,
        watchers_count: repo.stars,
        language: Some("Rust"),
        has_issues: true,
        has_wiki: true,
        forks_count: repo.forks,
        archived: repo.archived,
        disabled: repo.disabled,
        open_issues_count: repo.open_issues,
        license: None,
        is_template: false,
        topics: [],
        visibility: if repo.private { "private" } else { "public" },
        forks: repo.forks,
        open_issues: repo.open_issues,
        watchers: repo.stars,
        default_branch: "main",
        permissions: view.right.map(|right| Permissions {
            admin: right >= Right::Admin,
            maintain: right >= Right::Admin,
            push: right >= Right::Push,
            triage: right >= Right::Push,
            pull: right >= Right::Read,
        }),
        network_count: view.is_full.then_some(repo.forks),
        subscribers_count: view.is_full.then_some(repo.watchers),
    };
    serde_json::to_writer(body, &json).expect("a vector can always be written to");
}
