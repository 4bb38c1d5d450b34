//! What programs are answered.

use gitratra_core::{RepoId, Role, TokenScope};
use gitratra_web::access::Mode;
use serde_json::{Value, json};

use crate::house::{Answer, House, PUBLIC};

fn read(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap()
}

/// Asks with a method and a body of JSON.
async fn send(house: &House, method: &str, path: &str, body: &Value) -> Answer {
    let method = method.parse().unwrap();
    let request = house.client().request(method, house.url(path));
    let request = request
        .header("content-type", "application/json")
        .body(body.to_string());
    house.ask(request).await
}

/// Whether an answer is a problem that a program can read.
fn is_problem(answer: &Answer, status: u16) -> bool {
    let is_said = answer.headers["content-type"] == "application/problem+json";
    let told: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    is_said && answer.status == status && told["status"] == status && told["detail"].is_string()
}

#[tokio::test]
async fn a_repository_is_told_as_the_page_shows_it() {
    let house = House::full(Mode::Open).await;
    let answer = house.get("/api/v1/repos/octo/open?range=7d").await;
    let told = read(&answer);
    assert_eq!(told["repo"], "octo/open");
    assert_eq!(told["metrics"][0]["count"], 7 * 90);
    assert_eq!(told["metrics"][0]["kind"], "measured");
    assert_eq!(told["metrics"][0]["steps"].as_array().unwrap().len(), 7);
    assert_eq!(told["counters"]["stars"], 270);
    assert_eq!(told["state"]["newest_day"], "2026-11-25");
    let clones = house.get("/api/v1/repos/octo/open?metric=clones").await;
    let told = read(&clones);
    assert_eq!(told["metrics"].as_array().unwrap().len(), 1);
    assert_eq!(told["metrics"][0]["metric"], "clones");
}

#[tokio::test]
async fn tables_are_had_in_three_formats() {
    let house = House::full(Mode::Open).await;
    let of = |file: &str| format!("/api/v1/repos/octo/open/{file}?from=2026-11-24&to=2026-11-25");
    let daily = house.get(&of("daily.csv")).await;
    assert_eq!(
        daily.text,
        "repo,day,views,views_uniques,clones,clones_uniques,state\n\
         octo/open,2026-11-24,90,30,18,6,measured\n\
         octo/open,2026-11-25,90,30,18,6,measured\n"
    );
    assert_eq!(daily.headers["content-type"], "text/csv; charset=utf-8");
    let file = daily.headers["content-disposition"].to_str().unwrap();
    assert_eq!(file, "inline; filename=\"open-daily.csv\"");
    let series = house.get(&of("series.jsonl")).await;
    assert_eq!(series.text.lines().count(), 2);
    for table in [
        "series",
        "daily",
        "referrers",
        "paths",
        "stars",
        "counters",
        "downloads",
    ] {
        for ending in ["csv", "json", "jsonl"] {
            let answer = house.get(&of(&format!("{table}.{ending}"))).await;
            assert_eq!(answer.status, 200, "{table}.{ending}");
        }
        assert!(read(&house.get(&of(&format!("{table}.json"))).await).is_array());
    }
    // Two days in either order are the same days, and days that nobody has are left out.
    let turned = "/api/v1/repos/octo/open/daily.csv?from=2026-11-25&to=2026-11-24";
    assert_eq!(house.get(turned).await.text, daily.text);
    let ahead = "/api/v1/repos/octo/open/daily.csv?from=2026-11-24&to=9999-12-31";
    assert_eq!(house.get(ahead).await.text, daily.text);
}

#[tokio::test]
async fn the_fleet_comes_in_pages() {
    let house = House::full(Mode::Open).await;
    let first = read(&house.get("/api/v1/repos?sort=name&limit=1").await);
    assert_eq!(first["repositories"], 2);
    assert_eq!(first["repos"][0]["repo"], "hidden/vault");
    let cursor = first["next_cursor"].as_str().unwrap();
    let path = format!("/api/v1/repos?sort=name&limit=1&cursor={cursor}");
    let second = read(&house.get(&path).await);
    assert_eq!(second["repos"][0]["repo"], "octo/open");
    assert!(second["next_cursor"].is_null());
    // A repository that comes meanwhile moves nothing.
    house.fill(14, "aaa/first", false, 1).await;
    // Whatever changes the rules lets the next answer be a fresh one.
    let rules = json!({"patterns": ["*"]});
    send(&house, "POST", "/api/v1/rules", &rules).await;
    let again = read(&house.get(&path).await);
    assert_eq!(again["repositories"], 3);
    assert_eq!(again["repos"][0]["repo"], "octo/open");
}

#[tokio::test]
async fn health_and_gaps_come_in_pages() {
    let house = House::full(Mode::Open).await;
    house
        .store
        .add_rules(&["*".parse().unwrap()])
        .await
        .unwrap();
    for path in ["/api/v1/health", "/api/v1/gaps"] {
        let first = read(&house.get(&format!("{path}?limit=1")).await);
        assert_eq!(first["repos"][0]["repo"], "hidden/vault", "{path}");
        assert!(first["repos"][0]["days_safe"].is_number(), "{path}");
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = read(&house.get(&format!("{path}?limit=1&cursor={cursor}")).await);
        assert_eq!(second["repos"][0]["repo"], "octo/open", "{path}");
        assert!(second["next_cursor"].is_null(), "{path}");
    }
    // Passes and credentials are for those who keep the house.
    assert!(read(&house.get("/api/v1/health").await)["house"].is_object());
    let house = House::full(Mode::Public).await;
    let told = read(&house.get("/api/v1/health").await);
    assert!(told["house"].is_null());
    assert_eq!(told["repos"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_day_tells_its_story() {
    let house = House::full(Mode::Open).await;
    let told = read(&house.get("/api/v1/repos/octo/open/days/2026-11-25").await);
    assert_eq!(told["metrics"][0]["count"], 90);
    assert_eq!(told["metrics"][0]["sightings"][0]["from"], "GitHub");
    let told = read(&house.get("/api/v1/repos/octo/open/days/2020-01-01").await);
    assert_eq!(told["metrics"][0]["state"], "gap");
    assert!(told["metrics"][0]["count"].is_null());
    let spikes = read(
        &house
            .get("/api/v1/repos/octo/open/spikes?metric=views")
            .await,
    );
    assert_eq!(spikes, json!([]));
}

#[tokio::test]
async fn whatever_goes_wrong_is_a_problem() {
    let house = House::full(Mode::Open).await;
    for (path, status) in [
        ("/api/v1", 404),
        ("/api/v1/nothing/here", 404),
        ("/api/v1/repos/octo/nobody", 404),
        ("/api/v1/repos/octo/open/series.xml", 404),
        ("/api/v1/repos/octo/open/days/2026-02-30", 400),
        ("/api/v1/repos/octo/open?range=soon", 400),
        ("/api/v1/repos/octo/open?range=", 400),
        ("/api/v1/repos/octo/open?range=7d&range=9d", 400),
        ("/api/v1/repos/octo/open?from=2026-02-30", 400),
        ("/api/v1/repos/octo/open?metric=hits", 400),
        ("/api/v1/repos/octo/open/series.csv?metric=stars", 400),
        ("/api/v1/repos?limit=0", 400),
        ("/api/v1/repos?limit=201", 400),
        ("/api/v1/repos?limit=-1", 400),
        ("/api/v1/repos?cursor=7", 400),
        ("/api/v1/repos?sort=size", 400),
        ("/api/v1/compare", 400),
        ("/api/v1/health?limit=x", 400),
        ("/api/v1/repos/%ff/open", 400),
    ] {
        let answer = house.get(path).await;
        assert!(
            is_problem(&answer, status),
            "{path}: {} {}",
            answer.status,
            answer.text
        );
    }
    let refused = send(&house, "PATCH", "/api/v1/repos", &json!({})).await;
    assert!(is_problem(&refused, 405));
    assert_eq!(refused.headers["allow"], "GET,HEAD");
    let long = json!({"patterns": vec!["octo/*"; 20_000]});
    let refused = send(&house, "PUT", "/api/v1/rules", &long).await;
    assert!(
        is_problem(&refused, 413),
        "{} {}",
        refused.status,
        refused.text
    );
    let wrong = house.client().get(house.url("/api/v1/repos"));
    let wrong = house.ask(wrong.bearer_auth("gtr_wrong")).await;
    assert!(is_problem(&wrong, 401));
    assert_eq!(wrong.headers["www-authenticate"], "Bearer");
    let foreign = house.client().get(house.url("/api/v1/repos"));
    let foreign = house.ask(foreign.header("host", "evil.example")).await;
    assert!(is_problem(&foreign, 421));
}

#[tokio::test]
async fn notes_are_written_and_removed() {
    let house = House::full(Mode::Open).await;
    let path = "/api/v1/repos/octo/open/notes";
    let note = json!({"day": "2026-11-20", "text": "told on a podcast"});
    let first = send(&house, "POST", path, &note).await;
    assert_eq!(first.status, 201);
    let place = first.headers["location"].to_str().unwrap().to_owned();
    let again = send(&house, "POST", path, &note).await;
    assert_eq!(again.headers["location"], place.as_str());
    let listed = read(&house.get(path).await);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0], read(&first));
    for (bad, status) in [
        (json!({"day": "2026-11-20", "text": " "}), 400),
        (json!({"day": "soon", "text": "x"}), 400),
        (json!({"day": "2026-11-20"}), 422),
        (json!({"day": "2026-11-20", "text": "x", "more": 1}), 422),
    ] {
        let refused = send(&house, "POST", path, &bad).await;
        assert!(is_problem(&refused, status), "{bad}: {}", refused.text);
    }
    let plain = house.client().post(house.url(path)).body("day=x");
    assert!(is_problem(&house.ask(plain).await, 415));
    assert_eq!(
        send(&house, "DELETE", &place, &json!(null)).await.status,
        204
    );
    assert!(is_problem(
        &send(&house, "DELETE", &place, &json!(null)).await,
        404
    ));
    assert!(
        house
            .store
            .notes(RepoId(PUBLIC), None)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn rules_are_added_replaced_and_removed() {
    let house = House::full(Mode::Open).await;
    let path = "/api/v1/rules";
    let patterns = |answer: &Answer| read(answer)["patterns"].clone();
    let added = send(
        &house,
        "POST",
        path,
        &json!({"patterns": ["octo/*", "!fork"]}),
    )
    .await;
    assert_eq!(patterns(&added), json!(["!fork", "octo/*"]));
    let replaced = send(&house, "PUT", path, &json!({"patterns": ["OCTO/*", "a/b"]})).await;
    assert_eq!(patterns(&replaced), json!(["a/b", "octo/*"]));
    let removed = send(
        &house,
        "DELETE",
        "/api/v1/rules?pattern=octo/*",
        &json!(null),
    )
    .await;
    assert_eq!(patterns(&removed), json!(["a/b"]));
    let refused = send(&house, "POST", path, &json!({"patterns": ["nonsense"]})).await;
    assert!(is_problem(&refused, 400));
    assert_eq!(patterns(&house.get(path).await), json!(["a/b"]));
}

#[tokio::test]
async fn who_may_only_look_writes_nothing() {
    let house = House::full(Mode::Public).await;
    for (method, path) in [
        ("POST", "/api/v1/repos/octo/open/notes"),
        ("DELETE", "/api/v1/repos/octo/open/notes/1"),
        ("GET", "/api/v1/rules"),
        ("POST", "/api/v1/rules"),
        ("PUT", "/api/v1/rules"),
        ("DELETE", "/api/v1/rules?pattern=octo/*"),
    ] {
        let answer = send(&house, method, path, &json!({"patterns": ["octo/*"]})).await;
        assert!(is_problem(&answer, 401), "{method} {path}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_token_does_what_its_scope_and_its_owner_may() {
    let house = House::full(Mode::Closed).await;
    assert!(is_problem(&house.get("/api/v1/repos").await, 401));
    let note = json!({"day": "2026-11-20", "text": "x"});
    for (role, scope, notes, rules) in [
        (Role::Admin, TokenScope::Read, 403, 403),
        (Role::Editor, TokenScope::Write, 201, 200),
        (Role::Editor, TokenScope::Admin, 201, 200),
        // A viewer without groups sees nothing, and may write nothing.
        (Role::Viewer, TokenScope::Admin, 403, 403),
    ] {
        let token = house.token(role, scope).await;
        let request = |method: &str, path: &str| {
            let request = house
                .client()
                .request(method.parse().unwrap(), house.url(path));
            request.bearer_auth(&token)
        };
        let noted = request("POST", "/api/v1/repos/octo/open/notes")
            .header("content-type", "application/json")
            .body(note.to_string());
        let noted = house.ask(noted).await;
        assert_eq!(noted.status, notes, "{role} {scope}: {}", noted.text);
        let listed = house.ask(request("GET", "/api/v1/rules")).await;
        assert_eq!(listed.status, rules, "{role} {scope}: {}", listed.text);
        let seen = house.ask(request("GET", "/api/v1/repos/octo/open")).await;
        let is_seen = role != Role::Viewer;
        assert_eq!(seen.status == 200, is_seen, "{role} {scope}");
    }
}

#[tokio::test]
async fn only_pages_of_the_list_read_from_a_browser() {
    let house = House::with_origins(Mode::Public, &["https://app.example"]).await;
    let ask = |method: &str, path: &str, origin: &str| {
        let request = house
            .client()
            .request(method.parse().unwrap(), house.url(path));
        let request = request
            .header("origin", origin)
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization");
        house.ask(request)
    };
    let allowed = |answer: &Answer| {
        let origin = answer.headers.get("access-control-allow-origin");
        origin.map(|origin| origin.to_str().unwrap().to_owned())
    };
    let known = Some("https://app.example".to_owned());
    let before = ask("OPTIONS", "/api/v1/repos", "https://app.example").await;
    assert_eq!(allowed(&before), known);
    assert_eq!(before.headers["access-control-allow-methods"], "GET,HEAD");
    assert!(
        !before
            .headers
            .contains_key("access-control-allow-credentials")
    );
    let answer = ask("GET", "/api/v1/repos", "https://app.example").await;
    assert_eq!((answer.status, allowed(&answer)), (200, known));
    for (path, origin) in [
        ("/api/v1/repos", "https://evil.example"),
        ("/api/v1/repos", "null"),
        ("/", "https://app.example"),
    ] {
        assert_eq!(
            allowed(&ask("GET", path, origin).await),
            None,
            "{path} {origin}"
        );
    }
    // Without a list there is nobody.
    let house = House::empty(Mode::Public).await;
    let request = house.client().get(house.url("/api/v1/repos"));
    let answer = house
        .ask(request.header("origin", "https://app.example"))
        .await;
    assert_eq!(allowed(&answer), None);
}

#[tokio::test]
async fn the_description_names_every_path_and_only_what_is_there() {
    let house = House::full(Mode::Open).await;
    let document = read(&house.get("/api/v1/openapi.json").await);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 10);
    let mut names = std::collections::BTreeSet::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name), "{name} is told twice");
            let named = path.matches('{').count();
            let parameters = operation["parameters"].as_array();
            let of_path = parameters.into_iter().flatten();
            let of_path = of_path.filter(|parameter| parameter["in"] == "path");
            assert_eq!(of_path.count(), named, "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path}");
            assert!(operation["responses"]["404"].is_object(), "{method} {path}");
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let told = answer["description"].as_str().unwrap_or_default();
                assert!(!told.is_empty(), "{method} {path}: {status}");
            }
        }
    }
    check_references(&document, &document);
    let page = house.get("/api").await;
    for path in paths.keys() {
        assert!(page.text.contains(path.as_str()), "/api has no {path}");
    }
    assert!(page.text.contains("<code>limit</code>") && page.text.contains("1 to 200"));
}

/// Every reference leads somewhere.
fn check_references(document: &Value, part: &Value) {
    match part {
        Value::Object(fields) => {
            if let Some(place) = fields.get("$ref").and_then(Value::as_str) {
                let place = place.strip_prefix('#').unwrap();
                assert!(document.pointer(place).is_some(), "{place}");
            }
            fields
                .values()
                .for_each(|field| check_references(document, field));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| check_references(document, item)),
        _ => {}
    }
}
