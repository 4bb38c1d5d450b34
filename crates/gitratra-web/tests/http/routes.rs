//! Every route: what it needs, and an address that asks for it.

use std::collections::BTreeSet;
use std::path::Path;

/// Who gets to a route at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum For {
    /// Whoever comes.
    Nothing,
    /// Somebody who sees anything.
    Look,
    /// Somebody who has logged in.
    Person,
    /// An editor.
    Editor,
    /// An administrator.
    Admin,
}
use For::{Admin, Editor, Look, Nothing, Person};

/// One method of a route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// `{repo}`, `{owner}`, `{name}` and `{id}` are those of a repository.
    address: &'static str,
    pub(crate) is_for: For,
}

impl Route {
    /// The address that asks for a repository.
    pub(crate) fn of(&self, repo: &str, id: u64) -> String {
        let (owner, name) = repo.split_once('/').unwrap();
        let address = self.address.replace("{repo}", repo);
        let address = address.replace("{owner}", owner).replace("{name}", name);
        address.replace("{id}", &id.to_string())
    }

    /// Whether the route is about one repository, so that one that may not be seen is not there.
    pub(crate) fn names_one(&self) -> bool {
        self.path.contains("{repo}") || self.path.ends_with("/compare")
    }
}

const fn row(
    method: &'static str,
    path: &'static str,
    address: &'static str,
    is_for: For,
) -> Route {
    Route {
        method,
        path,
        address,
        is_for,
    }
}

pub(crate) const ROUTES: [Route; 65] = [
    row("GET", "/", "/?q={name}", Look),
    row("GET", "/about", "/about", Look),
    row("GET", "/compare", "/compare?r={repo}&r={repo}", Look),
    row("GET", "/health", "/health?q={name}", Look),
    row("GET", "/settings", "/settings?pattern={owner}/*", Editor),
    row(
        "GET",
        "/settings/preview",
        "/settings/preview?pattern={owner}/*",
        Editor,
    ),
    row("POST", "/settings/rules", "/settings/rules", Editor),
    row(
        "POST",
        "/settings/rules/remove",
        "/settings/rules/remove",
        Editor,
    ),
    row(
        "POST",
        "/settings/notes/{repo}",
        "/settings/notes/{id}",
        Editor,
    ),
    row(
        "POST",
        "/settings/notes/{repo}/{note}/remove",
        "/settings/notes/{id}/99/remove",
        Editor,
    ),
    row(
        "POST",
        "/settings/alerts/test",
        "/settings/alerts/test",
        Editor,
    ),
    row("GET", "/{owner}/{repo}", "/{repo}", Look),
    row("GET", "/r/{owner}/{repo}", "/r/{repo}", Look),
    row(
        "GET",
        "/badge/{owner}/{repo}/{file}",
        "/badge/{repo}/views.svg",
        Nothing,
    ),
    row(
        "GET",
        "/chart/{owner}/{repo}/{file}",
        "/chart/{repo}/views.svg",
        Nothing,
    ),
    row("GET", "/api", "/api", Look),
    row("GET", "/api/v1", "/api/v1", Look),
    row("GET", "/api/v1/{*rest}", "/api/v1/{name}", Look),
    row("GET", "/api/v1/openapi.json", "/api/v1/openapi.json", Look),
    row("GET", "/api/v1/repos", "/api/v1/repos?q={name}", Look),
    row(
        "GET",
        "/api/v1/repos/{owner}/{repo}",
        "/api/v1/repos/{repo}",
        Look,
    ),
    row(
        "GET",
        "/api/v1/repos/{owner}/{repo}/{file}",
        "/api/v1/repos/{repo}/series.csv",
        Look,
    ),
    row(
        "GET",
        "/api/v1/compare",
        "/api/v1/compare?r={repo}&r={repo}",
        Look,
    ),
    row("GET", "/api/v1/health", "/api/v1/health", Look),
    row(
        "GET",
        "/api/v1/repos/{owner}/{repo}/spikes",
        "/api/v1/repos/{repo}/spikes",
        Look,
    ),
    row(
        "GET",
        "/api/v1/repos/{owner}/{repo}/days/{day}",
        "/api/v1/repos/{repo}/days/2026-11-20",
        Look,
    ),
    row(
        "GET",
        "/api/v1/repos/{owner}/{repo}/notes",
        "/api/v1/repos/{repo}/notes",
        Look,
    ),
    row(
        "POST",
        "/api/v1/repos/{owner}/{repo}/notes",
        "/api/v1/repos/{repo}/notes",
        Editor,
    ),
    row(
        "DELETE",
        "/api/v1/repos/{owner}/{repo}/notes/{note}",
        "/api/v1/repos/{repo}/notes/99",
        Editor,
    ),
    row("GET", "/api/v1/gaps", "/api/v1/gaps", Look),
    row(
        "GET",
        "/api/v1/rules",
        "/api/v1/rules?pattern={owner}/*",
        Editor,
    ),
    row(
        "POST",
        "/api/v1/rules",
        "/api/v1/rules?pattern={owner}/*",
        Editor,
    ),
    row(
        "PUT",
        "/api/v1/rules",
        "/api/v1/rules?pattern={owner}/*",
        Editor,
    ),
    row(
        "DELETE",
        "/api/v1/rules",
        "/api/v1/rules?pattern={owner}/*",
        Editor,
    ),
    row("GET", "/login", "/login?back=/{repo}", Nothing),
    row("POST", "/login", "/login", Nothing),
    row("GET", "/login/elsewhere", "/login/elsewhere", Nothing),
    row(
        "GET",
        "/login/elsewhere/done",
        "/login/elsewhere/done",
        Nothing,
    ),
    row("POST", "/logout", "/logout", Nothing),
    row("GET", "/invite/{secret}", "/invite/x", Nothing),
    row("POST", "/invite/{secret}", "/invite/x", Nothing),
    row("GET", "/share/{secret}", "/share/x", Nothing),
    row("GET", "/account", "/account", Person),
    row("POST", "/account/password", "/account/password", Person),
    row("POST", "/account/tokens", "/account/tokens", Person),
    row(
        "POST",
        "/account/tokens/{id}/remove",
        "/account/tokens/99/remove",
        Person,
    ),
    row("GET", "/settings/users", "/settings/users", Admin),
    row("POST", "/settings/users", "/settings/users", Admin),
    row("POST", "/settings/users/{id}", "/settings/users/99", Admin),
    row(
        "POST",
        "/settings/users/{id}/invite",
        "/settings/users/99/invite",
        Admin,
    ),
    row(
        "POST",
        "/settings/users/{id}/remove",
        "/settings/users/99/remove",
        Admin,
    ),
    row("GET", "/settings/groups", "/settings/groups", Admin),
    row("POST", "/settings/groups", "/settings/groups", Admin),
    row(
        "GET",
        "/settings/groups/preview",
        "/settings/groups/preview?patterns={owner}/*",
        Admin,
    ),
    row(
        "POST",
        "/settings/groups/remove",
        "/settings/groups/remove",
        Admin,
    ),
    row("GET", "/settings/shares", "/settings/shares", Editor),
    row("POST", "/settings/shares", "/settings/shares", Editor),
    row(
        "POST",
        "/settings/shares/signed/revoke",
        "/settings/shares/signed/revoke",
        Editor,
    ),
    row(
        "POST",
        "/settings/shares/{id}/revoke",
        "/settings/shares/99/revoke",
        Editor,
    ),
    row("POST", "/look", "/look", Nothing),
    row(
        "GET",
        "/assets/{hash}/{name}",
        "/assets/0/style.css",
        Nothing,
    ),
    row("GET", "/favicon.ico", "/favicon.ico", Nothing),
    row("GET", "/healthz", "/healthz", Nothing),
    row("GET", "/readyz", "/readyz", Nothing),
    row("GET", "/metrics", "/metrics", Nothing),
];

/// The methods that a call of `.route` gives a path.
fn methods_of(call: &str) -> Vec<&'static str> {
    let methods = [
        ("get", "GET"),
        // Of these reading has a row; the others need an administrator.
        ("any", "GET"),
        ("post", "POST"),
        ("put", "PUT"),
        ("delete", "DELETE"),
    ];
    let is_called = |name: &str| {
        call.match_indices(&format!("{name}(")).any(|(at, _)| {
            !call[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
        })
    };
    let found = methods.into_iter().filter(|(name, _)| is_called(name));
    found.map(|(_, method)| method).collect()
}

/// A text up to the parenthesis that closes what was opened before it.
fn to_its_end(text: &str) -> &str {
    let mut depth = 1;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

/// All routes that the source names, with their methods.
fn routes_of_source(folder: &Path, found: &mut BTreeSet<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes_of_source(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for call in text.split(".route(").skip(1).map(to_its_end) {
            let path = call.split('"').nth(1).unwrap();
            for method in methods_of(call) {
                found.insert((method.to_owned(), path.to_owned()));
            }
        }
        for call in text.split("#[utoipa::path(").skip(1).map(to_its_end) {
            let method = call.trim_start().split(',').next().unwrap();
            let (_, path) = call.split_once("path = \"").unwrap();
            let path = path.split('"').next().unwrap();
            found.insert((method.to_uppercase(), path.to_owned()));
        }
    }
}

#[test]
fn every_route_has_a_row() {
    let mut found = BTreeSet::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    routes_of_source(&source, &mut found);
    assert!(found.len() > 60, "the source is read");
    let rows = ROUTES.iter();
    let rows = rows.map(|route| (route.method.to_owned(), route.path.to_owned()));
    assert_eq!(rows.collect::<BTreeSet<_>>(), found);
}
