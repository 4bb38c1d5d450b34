//! The JSON texts of answers, field for field as GitHub writes them.

use serde_json::json;

use crate::identity::Right;
use crate::json::{self, Object};
use crate::limit::{Budget, Budgets};
use crate::numbers::{About, Numbers};
use crate::popular::Popular;
use crate::repo::Repo;
use crate::truth::Metric;
use crate::window::Window;
use crate::world::Owner;

const GITHUB: &[u8] = b"https://github.com/";

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
pub(crate) fn window(metric: Metric, window: &Window) -> Vec<u8> {
    let mut body = Vec::with_capacity(80 + 70 * window.rows.len());
    let mut object = Object::open(&mut body);
    object
        .number("count", window.count)
        .number("uniques", window.uniques)
        .array(metric.name(), window.rows.iter(), |line, row| {
            line.pieces("timestamp", &[&row.day.letters(), b"T00:00:00Z"])
                .number("count", row.count)
                .number("uniques", row.uniques);
        });
    object.close();
    body
}

/// Referrers.
pub(crate) fn referrers(lines: &[Popular]) -> Vec<u8> {
    let mut body = Vec::with_capacity(600);
    json::array(&mut body, lines.iter(), |object, line| {
        object
            .text("referrer", &line.name)
            .number("count", line.count)
            .number("uniques", line.uniques);
    });
    body
}

/// Popular paths.
pub(crate) fn paths(lines: &[Popular]) -> Vec<u8> {
    let mut body = Vec::with_capacity(1200);
    json::array(&mut body, lines.iter(), |object, line| {
        object
            .text("path", &line.name)
            .text("title", &line.title)
            .number("count", line.count)
            .number("uniques", line.uniques);
    });
    body
}

/// `/rate_limit`; since version 2026-03-10 it has no `rate` any more.
pub(crate) fn rate_limit(budgets: Budgets, has_rate: bool) -> String {
    let told = |budget: Budget| {
        json!({
            "limit": budget.limit,
            "used": budget.used,
            "remaining": budget.remaining(),
            "reset": budget.reset.secs(),
        })
    };
    let (core, graphql) = (told(budgets.core), told(budgets.graphql));
    let mut body = json!({ "resources": { "core": core, "graphql": graphql } });
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

/// What a repository's JSON depends on besides the repository.
#[derive(Clone, Copy)]
pub(crate) struct RepoView<'a> {
    pub(crate) base: &'a str,
    pub(crate) owner: Option<&'a Owner>,
    /// `None` without a token: then there are no `permissions`.
    pub(crate) right: Option<Right>,
    /// The one answer with `subscribers_count`; lists do not have it.
    pub(crate) is_full: bool,
    pub(crate) numbers: Numbers,
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
    let changed = changed.to_string();
    let full_name = repo.full_name.as_str();
    let kind = match is_organization {
        true => "Organization",
        false => "User",
    };
    let mut object = Object::open(body);
    object
        .number("id", repo.id)
        .text("node_id", &node_id(repo))
        .text("name", repo.name())
        .text("full_name", full_name)
        .is("private", repo.private)
        .object("owner", |owner| {
            let node_id = format!("{}_{owner_id:x}", &kind[..1]);
            owner
                .text("login", repo.owner())
                .number("id", owner_id)
                .text("node_id", &node_id)
                .pieces("html_url", &[GITHUB, repo.owner().as_bytes()])
                .text("type", kind)
                .is("site_admin", false);
        })
        .pieces("html_url", &[GITHUB, full_name.as_bytes()]);
    match &repo.about.description {
        Some(text) => object.text("description", text),
        None => object.raw("description", "null"),
    };
    object
        .is("fork", repo.fork)
        .pieces(
            "url",
            &[view.base.as_bytes(), b"/repos/", full_name.as_bytes()],
        )
        .text("created_at", &repo.created.to_string())
        .text("updated_at", &changed)
        .text("pushed_at", &changed)
        .raw("homepage", "null");
    let numbers = view.numbers;
    let open = numbers.issues + numbers.pulls;
    about(&mut object, &repo.about);
    object
        .number("stargazers_count", numbers.stars)
        .number("watchers_count", numbers.stars)
        .is("has_issues", true)
        .is("has_wiki", true)
        .number("forks_count", numbers.forks)
        .is("archived", repo.archived)
        .is("disabled", repo.disabled)
        .number("open_issues_count", open)
        .is("is_template", false)
        .text("visibility", visibility(repo))
        .number("forks", numbers.forks)
        .number("open_issues", open)
        .number("watchers", numbers.stars)
        .text("default_branch", "main");
    if let Some(right) = view.right {
        object.object("permissions", |permissions| {
            permissions
                .is("admin", right >= Right::Admin)
                .is("maintain", right >= Right::Admin)
                .is("push", right >= Right::Push)
                .is("triage", right >= Right::Push)
                .is("pull", right >= Right::Read);
        });
    }
    if view.is_full {
        object
            .number("network_count", numbers.forks)
            .number("subscribers_count", numbers.watchers);
    }
    object.close();
}

/// The name of a repository among all things of GitHub's.
pub(crate) fn node_id(repo: &Repo) -> String {
    format!("R_{:x}", repo.id)
}

/// `public` or `private`.
pub(crate) fn visibility(repo: &Repo) -> &'static str {
    match repo.private {
        true => "private",
        false => "public",
    }
}

/// What a repository says of itself, its description apart.
fn about(object: &mut Object<'_>, about: &About) {
    object.number("size", about.size_kib);
    match &about.language {
        Some(language) => object.text("language", language),
        None => object.raw("language", "null"),
    };
    match &about.license {
        Some(spdx_id) => object.object("license", |license| {
            license
                .text("key", &spdx_id.to_lowercase())
                .text("name", spdx_id)
                .text("spdx_id", spdx_id);
        }),
        None => object.raw("license", "null"),
    };
    object.raw("topics", &json!(about.topics).to_string());
}
