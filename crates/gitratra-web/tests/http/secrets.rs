//! What is not for everybody never leaves: not by name, number or address.

use std::collections::BTreeSet;
use std::path::Path;

use gitratra_web::access::Mode;

use crate::house::{House, PRIVATE, PUBLIC};

/// Who may have what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// Everybody, of what they may see.
    All,
    /// Those who have logged in; others are sent to do that.
    Editors,
}

/// Every route, with an address that asks for the private repository where one can be named.
const ROUTES: [(&str, &str, &str, For); 64] = [
    ("GET", "/", "/?q=vault", For::All),
    ("GET", "/about", "/about", For::All),
    (
        "GET",
        "/compare",
        "/compare?r=hidden/vault&r=octo/open",
        For::All,
    ),
    ("GET", "/health", "/health?q=vault", For::All),
    (
        "GET",
        "/settings",
        "/settings?pattern=hidden/*",
        For::Editors,
    ),
    (
        "GET",
        "/settings/preview",
        "/settings/preview?pattern=hidden/*",
        For::Editors,
    ),
    ("POST", "/settings/rules", "/settings/rules", For::Editors),
    (
        "POST",
        "/settings/rules/remove",
        "/settings/rules/remove",
        For::Editors,
    ),
    (
        "POST",
        "/settings/notes/{repo}",
        "/settings/notes/12",
        For::Editors,
    ),
    (
        "POST",
        "/settings/notes/{repo}/{note}/remove",
        "/settings/notes/12/1/remove",
        For::Editors,
    ),
    (
        "POST",
        "/settings/alerts/test",
        "/settings/alerts/test",
        For::Editors,
    ),
    ("GET", "/{owner}/{repo}", "/hidden/vault", For::All),
    ("GET", "/r/{owner}/{repo}", "/r/hidden/vault", For::All),
    (
        "GET",
        "/badge/{owner}/{repo}/{file}",
        "/badge/hidden/vault/views.svg",
        For::All,
    ),
    (
        "GET",
        "/chart/{owner}/{repo}/{file}",
        "/chart/hidden/vault/views.svg",
        For::All,
    ),
    ("GET", "/api", "/api", For::All),
    ("GET", "/api/v1", "/api/v1", For::All),
    ("GET", "/api/v1/{*rest}", "/api/v1/vault", For::All),
    (
        "GET",
        "/api/v1/openapi.json",
        "/api/v1/openapi.json",
        For::All,
    ),
    ("GET", "/api/v1/repos", "/api/v1/repos?q=vault", For::All),
    (
        "GET",
        "/api/v1/repos/{owner}/{repo}",
        "/api/v1/repos/hidden/vault",
        For::All,
    ),
    (
        "GET",
        "/api/v1/repos/{owner}/{repo}/{file}",
        "/api/v1/repos/hidden/vault/series.csv",
        For::All,
    ),
    (
        "GET",
        "/api/v1/compare",
        "/api/v1/compare?r=hidden/vault&r=octo/open",
        For::All,
    ),
    ("GET", "/api/v1/health", "/api/v1/health", For::All),
    (
        "GET",
        "/api/v1/repos/{owner}/{repo}/spikes",
        "/api/v1/repos/hidden/vault/spikes",
        For::All,
    ),
    (
        "GET",
        "/api/v1/repos/{owner}/{repo}/days/{day}",
        "/api/v1/repos/hidden/vault/days/2026-11-20",
        For::All,
    ),
    (
        "GET",
        "/api/v1/repos/{owner}/{repo}/notes",
        "/api/v1/repos/hidden/vault/notes",
        For::All,
    ),
    (
        "POST",
        "/api/v1/repos/{owner}/{repo}/notes",
        "/api/v1/repos/hidden/vault/notes",
        For::Editors,
    ),
    (
        "DELETE",
        "/api/v1/repos/{owner}/{repo}/notes/{note}",
        "/api/v1/repos/hidden/vault/notes/1",
        For::Editors,
    ),
    ("GET", "/api/v1/gaps", "/api/v1/gaps", For::All),
    (
        "GET",
        "/api/v1/rules",
        "/api/v1/rules?pattern=hidden/*",
        For::Editors,
    ),
    (
        "POST",
        "/api/v1/rules",
        "/api/v1/rules?pattern=hidden/*",
        For::Editors,
    ),
    (
        "PUT",
        "/api/v1/rules",
        "/api/v1/rules?pattern=hidden/*",
        For::Editors,
    ),
    (
        "DELETE",
        "/api/v1/rules",
        "/api/v1/rules?pattern=hidden/*",
        For::Editors,
    ),
    ("GET", "/login", "/login?back=/hidden/vault", For::All),
    ("POST", "/login", "/login", For::All),
    ("GET", "/login/elsewhere", "/login/elsewhere", For::All),
    (
        "GET",
        "/login/elsewhere/done",
        "/login/elsewhere/done",
        For::All,
    ),
    ("POST", "/logout", "/logout", For::All),
    ("GET", "/invite/{secret}", "/invite/x", For::All),
    ("POST", "/invite/{secret}", "/invite/x", For::All),
    ("GET", "/share/{secret}", "/share/x", For::All),
    ("GET", "/account", "/account", For::Editors),
    (
        "POST",
        "/account/password",
        "/account/password",
        For::Editors,
    ),
    ("POST", "/account/tokens", "/account/tokens", For::Editors),
    (
        "POST",
        "/account/tokens/{id}/remove",
        "/account/tokens/1/remove",
        For::Editors,
    ),
    ("GET", "/settings/users", "/settings/users", For::Editors),
    ("POST", "/settings/users", "/settings/users", For::Editors),
    (
        "POST",
        "/settings/users/{id}",
        "/settings/users/1",
        For::Editors,
    ),
    (
        "POST",
        "/settings/users/{id}/invite",
        "/settings/users/1/invite",
        For::Editors,
    ),
    (
        "POST",
        "/settings/users/{id}/remove",
        "/settings/users/1/remove",
        For::Editors,
    ),
    ("GET", "/settings/groups", "/settings/groups", For::Editors),
    ("POST", "/settings/groups", "/settings/groups", For::Editors),
    (
        "POST",
        "/settings/groups/remove",
        "/settings/groups/remove",
        For::Editors,
    ),
    ("GET", "/settings/shares", "/settings/shares", For::Editors),
    ("POST", "/settings/shares", "/settings/shares", For::Editors),
    (
        "POST",
        "/settings/shares/signed/revoke",
        "/settings/shares/signed/revoke",
        For::Editors,
    ),
    (
        "POST",
        "/settings/shares/{id}/revoke",
        "/settings/shares/1/revoke",
        For::Editors,
    ),
    ("POST", "/look", "/look", For::All),
    (
        "GET",
        "/assets/{hash}/{name}",
        "/assets/0/style.css",
        For::All,
    ),
    ("GET", "/favicon.ico", "/favicon.ico", For::All),
    ("GET", "/healthz", "/healthz", For::All),
    ("GET", "/readyz", "/readyz", For::All),
    ("GET", "/metrics", "/metrics", For::All),
];

/// All routes that the source names.
fn routes_of_source(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes_of_source(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for begin in [".route(", "path = \"/api/"] {
            for part in text.split(begin).skip(1) {
                let is_api = begin.starts_with("path");
                let route = match is_api {
                    true => format!("/api/{}", part.split('"').next().unwrap()),
                    false => part.split('"').nth(1).unwrap().to_owned(),
                };
                found.insert(route);
            }
        }
    }
}

#[test]
fn every_route_has_a_row() {
    let mut found = BTreeSet::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    routes_of_source(&source, &mut found);
    let rows = ROUTES.iter().map(|(_, route, ..)| (*route).to_owned());
    assert_eq!(rows.collect::<BTreeSet<String>>(), found);
}

#[tokio::test]
async fn nothing_of_a_private_repository_leaves_for_everybody() {
    let house = House::full(Mode::Public).await;
    let own_id = PRIVATE.to_string();
    for (method, route, address, who) in ROUTES {
        let answer = match method {
            "GET" => house.get(address).await,
            _ => {
                house
                    .post(address, "pattern=octo/*&day=2026-11-20&text=x")
                    .await
            }
        };
        if who == For::Editors {
            assert!(matches!(answer.status, 303 | 401), "{route}");
        }
        // What was asked may come back; what is known may not. 70,707 views a day would be 989,898.
        let echo = ["vault", "hidden", "hidden/vault", "hidden/*"];
        let mut text = answer.text.clone();
        for asked in echo.iter().rev().filter(|asked| address.contains(**asked)) {
            text = text.replace(asked, "");
        }
        for secret in [
            "70,707", "70707", "989,898", "989898", "212121", "hidden/", "vault",
        ] {
            assert!(!text.contains(secret), "{route} tells {secret}: {text}");
        }
        let told = format!("private-{own_id}");
        assert!(!text.contains(&told), "{route}");
    }
    assert!(house.store.rules().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_private_repository_looks_like_one_that_is_not_there() {
    let house = House::full(Mode::Public).await;
    for form in [
        "/{}",
        "/badge/{}/views.svg",
        "/badge/{}/stars.json",
        "/chart/{}/views.svg",
        "/chart/{}/views.png",
        "/api/v1/repos/{}",
        "/api/v1/repos/{}/series.csv",
        "/api/v1/repos/{}/daily.json",
        "/api/v1/repos/{}/spikes",
        "/api/v1/repos/{}/notes",
        "/api/v1/repos/{}/days/2026-11-20",
        "/api/v1/compare?r={}",
        "/{}?range=bad",
    ] {
        let hidden = house.get(&form.replace("{}", "hidden/vault")).await;
        let nobody = house.get(&form.replace("{}", "nobody/q7zx")).await;
        assert_eq!(hidden.status, 404, "{form}");
        assert_eq!(hidden.status, nobody.status, "{form}");
        let same = |text: &str| text.replace("nobody", "hidden").replace("q7zx", "vault");
        assert_eq!(hidden.text, same(&nobody.text), "{form}");
        let names = |answer: &crate::house::Answer| {
            let names = answer.headers.keys().map(ToString::to_string);
            names.collect::<BTreeSet<String>>()
        };
        assert_eq!(names(&hidden), names(&nobody), "{form}");
    }
}

#[tokio::test]
async fn whoever_may_see_it_sees_it_everywhere() {
    let house = House::full(Mode::Open).await;
    for (path, part) in [
        ("/", "hidden/vault"),
        ("/hidden/vault", "989,898"),
        ("/badge/hidden/vault/views.svg?range=7d", "494,949"),
        ("/api/v1/repos/hidden/vault", "989898"),
        ("/health", "hidden/vault"),
    ] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text.contains(part), "{path}: {}", answer.text);
    }
    // Pictures of it are not for caches that others share.
    let badge = house.get("/badge/hidden/vault/views.svg").await;
    assert_eq!(badge.headers["cache-control"], "private, no-store");
    let badge = house.get("/badge/octo/open/views.svg").await;
    assert!(
        badge.headers["cache-control"]
            .to_str()
            .unwrap()
            .starts_with("public, max-age=")
    );
    assert_eq!(PUBLIC, 11);
}
