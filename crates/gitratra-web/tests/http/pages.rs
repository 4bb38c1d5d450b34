//! What pages show, and that everything in their addresses is looked at.

use gitratra_core::{RepoId, Role, TokenScope};
use gitratra_web::access::Mode;

use crate::house::{House, PUBLIC};

#[tokio::test]
async fn the_fleet_and_a_repository_are_shown() {
    let house = House::full(Mode::Open).await;
    let page = house.get("/").await;
    assert_eq!(page.status, 200, "{}", page.text);
    for part in ["octo/open", "hidden/vault", "All repositories", "Coverage"] {
        assert!(page.text.contains(part), "{part}");
    }
    let page = house.get("/octo/open").await;
    assert_eq!(page.status, 200);
    // 14 days of 90 views, and GitHub counted the people of just these days.
    for part in [
        "1,260",
        "People who viewed",
        "270",
        "<svg",
        "Numbers as a table",
    ] {
        assert!(page.text.contains(part), "{part}");
    }
    assert!(page.text.contains("all &lt;b&gt;about&lt;/b&gt; it"));
}

#[tokio::test]
async fn an_empty_store_says_what_to_do_next() {
    let house = House::empty(Mode::Open).await;
    let page = house.get("/").await;
    assert!(page.text.contains("Nothing is tracked yet") && page.text.contains("gitratra demo"));
    assert!(!page.text.contains("<svg xmlns") && !page.text.contains("figure"));
    house.post("/settings/rules", "pattern=octo/*").await;
    let page = house.get("/").await;
    assert!(page.text.contains("Waiting for the first reading"));
}

#[tokio::test]
async fn whatever_cannot_be_read_is_refused_with_a_sentence() {
    let house = House::full(Mode::Open).await;
    for (path, part) in [
        ("/?range=soon", "is no range"),
        ("/?sort=size", "is no order"),
        ("/octo/open?by=year", "day, week, month"),
        (
            "/octo/open?range=2026-02-01..2026-01-01",
            "ends before it begins",
        ),
        ("/octo/open?range=9999y", "40 years"),
        ("/compare?r=a/b&metric=stars", "cannot be compared"),
        ("/chart/octo/open/views.svg?width=9", "from 240 to 2560"),
    ] {
        let page = house.get(path).await;
        assert_eq!(page.status, 400, "{path}");
        assert!(page.text.contains(part), "{path}: {}", page.text);
    }
}

#[tokio::test]
async fn a_former_name_leads_to_the_present_one() {
    let house = House::full(Mode::Open).await;
    let mut renamed = house
        .store
        .repository(RepoId(PUBLIC))
        .await
        .unwrap()
        .unwrap();
    renamed.repository.name = "octo/wide".parse().unwrap();
    let later = crate::house::now();
    let repositories = [renamed.repository];
    house
        .store
        .save_repositories(&repositories, later)
        .await
        .unwrap();
    let moved = house.get("/octo/open?range=7d").await;
    assert_eq!(moved.status, 302);
    assert_eq!(moved.headers["location"], "/octo/wide?range=7d");
    let moved = house.get("/api/v1/repos/octo/open").await;
    assert_eq!(moved.status, 308);
    assert_eq!(moved.headers["location"], "/api/v1/repos/octo/wide");
    for rest in ["daily.csv?range=7d", "spikes", "notes", "days/2026-11-20"] {
        let moved = house.get(&format!("/api/v1/repos/octo/open/{rest}")).await;
        assert_eq!(moved.status, 308, "{rest}");
        let to = format!("/api/v1/repos/octo/wide/{rest}");
        assert_eq!(moved.headers["location"], to.as_str());
    }
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let house = House::full(Mode::Open).await;
    for path in [
        "/",
        "/octo/open",
        "/api/v1/repos",
        "/badge/octo/open/views.svg",
    ] {
        let first = house.get(path).await;
        let tag = first.headers["etag"].to_str().unwrap();
        let again = house.client().get(house.url(path));
        let again = house.ask(again.header("if-none-match", tag)).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
        let other = house.client().get(house.url(path));
        let other = house.ask(other.header("if-none-match", "W/\"0\"")).await;
        assert_eq!(other.status, 200, "{path}");
    }
}

#[tokio::test]
async fn every_page_is_hardened_and_has_no_style_or_script_of_its_own() {
    let house = House::full(Mode::Open).await;
    for path in [
        "/",
        "/octo/open",
        "/compare?r=octo/open",
        "/health",
        "/settings",
        "/about",
        "/api",
        "/no",
    ] {
        let page = house.get(path).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'self';"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(page.headers["x-frame-options"], "DENY", "{path}");
        assert!(
            !page.text.contains(" style=") && !page.text.contains("<style"),
            "{path}"
        );
        for script in page.text.split("<script").skip(1) {
            assert!(script.starts_with(" src=\"/assets/"), "{path}");
        }
        assert!(!page.text.contains(" onclick") && !page.text.contains("javascript:"));
    }
}

#[tokio::test]
async fn forms_of_other_sites_change_nothing() {
    let house = House::full(Mode::Open).await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ] {
        let request = house.client().post(house.url("/settings/rules"));
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header(name, value)
            .body("pattern=octo/*");
        assert_eq!(house.ask(request).await.status, 403, "{name}");
    }
    assert!(house.store.rules().await.unwrap().is_empty());
    let done = house.post("/settings/rules", "pattern=octo/*+!fork").await;
    assert_eq!(done.status, 303);
    assert_eq!(house.store.rules().await.unwrap().len(), 2);
}

#[tokio::test]
async fn names_that_point_here_from_elsewhere_are_refused() {
    let house = House::full(Mode::Open).await;
    let request = house.client().get(house.url("/octo/open"));
    let answer = house.ask(request.header("host", "evil.example")).await;
    assert_eq!(answer.status, 421);
    assert!(!answer.text.contains("1,260"));
}

#[tokio::test]
async fn rules_and_notes_are_changed_by_forms() {
    let house = House::full(Mode::Open).await;
    let preview = house.get("/settings/preview?pattern=hidden/*").await;
    assert!(preview.text.contains("more would be tracked: hidden/vault"));
    let refused = house.post("/settings/rules", "pattern=nonsense").await;
    assert_eq!(refused.status, 400);
    house.post("/settings/rules", "pattern=octo/*").await;
    house.post("/settings/rules/remove", "pattern=octo/*").await;
    assert!(house.store.rules().await.unwrap().is_empty());
    let path = format!("/settings/notes/{PUBLIC}");
    let noted = house
        .post(&path, "day=2026-11-20&text=told+everywhere")
        .await;
    assert_eq!(noted.headers["location"], "/octo/open");
    assert!(
        house
            .get("/octo/open")
            .await
            .text
            .contains("told everywhere")
    );
    let notes = house.store.notes(RepoId(PUBLIC), None).await.unwrap();
    let path = format!("{path}/{}/remove", notes[0].id);
    assert_eq!(house.post(&path, "").await.status, 303);
    assert!(
        !house
            .get("/octo/open")
            .await
            .text
            .contains("told everywhere")
    );
}

#[tokio::test]
async fn the_colours_that_somebody_chose_stay() {
    let house = House::full(Mode::Open).await;
    let chosen = house.post("/look", "look=dark&back=/octo/open").await;
    assert_eq!(
        (chosen.status, &chosen.headers["location"]),
        (303, &"/octo/open".parse().unwrap())
    );
    let cookie = chosen.headers["set-cookie"].to_str().unwrap();
    let request = house.client().get(house.url("/"));
    let page = house
        .ask(request.header("cookie", cookie.split(';').next().unwrap()))
        .await;
    assert!(page.text.contains("data-theme=\"dark\""));
    assert_eq!(house.post("/look", "look=pink").await.status, 400);
}

#[tokio::test]
async fn a_page_that_was_kept_for_one_is_not_shown_to_another() {
    let house = House::full(Mode::Public).await;
    let token = house.token(Role::Admin, TokenScope::Read).await;
    for path in ["/", "/hidden/vault", "/compare?r=hidden/vault"] {
        // Compressed or not, whoever asks first.
        for _ in 0..2 {
            let admin = house.client().get(house.url(path)).bearer_auth(&token);
            let admin = house.ask(admin).await;
            assert!(admin.text.contains("hidden/vault"), "{path}");
            let tag = admin.headers["etag"].to_str().unwrap();
            let nobody = house.client().get(house.url(path));
            let nobody = house.ask(nobody.header("if-none-match", tag)).await;
            assert!([200, 404].contains(&nobody.status), "{path}");
            assert!(!nobody.text.contains("70,707"), "{path}");
            assert_ne!(nobody.text, admin.text, "{path}");
        }
    }
}

#[tokio::test]
async fn pages_are_sent_compressed_to_whoever_reads_that() {
    let house = House::full(Mode::Closed).await;
    let token = house.token(Role::Viewer, TokenScope::Read).await;
    for path in ["/settings/users", "/octo/nowhere"] {
        let request = house.client().get(house.url(path)).bearer_auth(&token);
        let refused = house.ask(request.header("accept-encoding", "gzip")).await;
        assert!([403, 404].contains(&refused.status), "{path}");
        assert_eq!(refused.headers["content-encoding"], "gzip", "{path}");
    }
    let house = House::full(Mode::Open).await;
    let plain = house.get("/").await;
    assert!(!plain.headers.contains_key("content-encoding"));
    for _ in 0..2 {
        let request = house.client().get(house.url("/"));
        let packed = house.ask(request.header("accept-encoding", "gzip")).await;
        assert_eq!(packed.headers["content-encoding"], "gzip");
        assert_eq!(packed.headers["etag"], plain.headers["etag"]);
        assert_eq!(packed.headers["vary"], "accept-encoding");
        let again = house.client().get(house.url("/"));
        let again = again
            .header("accept-encoding", "gzip")
            .header("if-none-match", &packed.headers["etag"]);
        let again = house.ask(again).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""));
        assert!(!again.headers.contains_key("content-encoding"));
    }
}
