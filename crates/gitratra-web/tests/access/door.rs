//! The door: who is let in, by what, and for how long.

use axum::http::StatusCode;
use gitratra_core::{RepoId, Role};
use gitratra_web::access::AccessRules;

use crate::house::{House, PASSWORD};

fn closed() -> AccessRules {
    AccessRules::default()
}

fn loopback() -> AccessRules {
    AccessRules {
        is_loopback: true,
        ..closed()
    }
}

fn public() -> AccessRules {
    AccessRules {
        is_public: true,
        ..closed()
    }
}

#[tokio::test]
async fn alone_on_this_machine_nobody_has_to_log_in_until_there_is_somebody() {
    let house = House::new(loopback()).await;
    assert_eq!(house.get("/seen", "").await.body, "123");
    assert_eq!(house.get("/new", "").await.status, StatusCode::OK);
    house.add("ada", Role::Viewer, &[]).await;
    let answer = house.get("/seen?x=1", "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.to.as_deref(), Some("/login?back=%2Fseen%3Fx%3D1"));
}

#[tokio::test]
async fn another_host_name_for_this_machine_is_refused() {
    let house = House::new(AccessRules {
        hosts: vec!["dash.example".into()],
        ..loopback()
    })
    .await;
    for (host, expected) in [
        ("evil.example", StatusCode::MISDIRECTED_REQUEST),
        ("localhost.evil.example:80", StatusCode::MISDIRECTED_REQUEST),
        ("localhost:8080", StatusCode::OK),
        ("[::1]:8080", StatusCode::OK),
        ("DASH.example", StatusCode::OK),
    ] {
        let answer = house.ask("GET", "/seen", &[("host", host)], "").await;
        assert_eq!(answer.status, expected, "{host}");
    }
}

#[tokio::test]
async fn each_sees_what_role_and_groups_give() {
    for (rules, is_public) in [(closed(), false), (public(), true)] {
        let house = House::new(rules).await;
        house.add_group("web", "octo/secret").await;
        house.add("vera", Role::Viewer, &["web"]).await;
        house.add("nil", Role::Viewer, &[]).await;
        house.add("ed", Role::Editor, &[]).await;
        house.add("ada", Role::Admin, &[]).await;
        for (name, seen, edit, new) in [
            ("vera", if is_public { "12" } else { "2" }, 403, 403),
            ("nil", if is_public { "1" } else { "" }, 403, 403),
            ("ed", "123", 200, 403),
            ("ada", "123", 200, 200),
        ] {
            let cookie = house.login(name).await;
            assert_eq!(house.get("/seen", &cookie).await.body, seen, "{name}");
            assert_eq!(
                house.post("/edit", &cookie, "").await.status,
                edit,
                "{name}"
            );
            assert_eq!(house.get("/new", &cookie).await.status, new, "{name}");
        }
        let nobody = house.get("/seen", "").await;
        match is_public {
            true => assert_eq!(nobody.body, "1"),
            false => assert_eq!(nobody.status, StatusCode::SEE_OTHER),
        }
        let edit = house.post("/edit", "", "").await;
        assert_eq!(edit.status, StatusCode::UNAUTHORIZED);
        let to = house.get("/new", "").await.to;
        assert_eq!(to.as_deref(), Some("/login?back=%2Fnew"));
    }
}

#[tokio::test]
async fn a_change_of_role_groups_or_standing_counts_at_once() {
    let house = House::new(closed()).await;
    house.add_group("web", "octo/*").await;
    let id = house.add("ada", Role::Admin, &[]).await;
    let cookie = house.login("ada").await;
    assert_eq!(house.get("/seen", &cookie).await.body, "123");
    house.store.set_role(id, Role::Viewer).await.unwrap();
    assert_eq!(house.get("/seen", &cookie).await.body, "");
    let web = ["web".parse().unwrap()];
    house.store.set_person_groups(id, &web).await.unwrap();
    assert_eq!(house.get("/seen", &cookie).await.body, "12");
    house.store.set_disabled(id, true).await.unwrap();
    let answer = house.get("/seen", &cookie).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let answer = house.try_login("ada", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_session_is_new_at_each_login_and_ends_with_it() {
    let house = House::new(closed()).await;
    house.add("ada", Role::Admin, &[]).await;
    // Whatever a browser was given by others before is no session.
    let planted = "gitratra_session=planted-by-somebody";
    let form = format!("name=ada&password={}", PASSWORD.replace(' ', "+"));
    let answer = house.post("/login", planted, &form).await;
    let first = answer.cookie();
    assert_ne!(first, planted);
    assert_eq!(
        house.get("/seen", planted).await.status,
        StatusCode::SEE_OTHER
    );
    // Logging in again in the same browser ends the session before.
    let answer = house.post("/login", &first, &form).await;
    let second = answer.cookie();
    assert_ne!(first, second);
    assert_eq!(
        house.get("/seen", &first).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(house.get("/seen", &second).await.status, StatusCode::OK);
    let answer = house.post("/logout", &second, "").await;
    assert!(answer.cookies[0].starts_with("gitratra_session=; "));
    assert_eq!(
        house.get("/seen", &second).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_session_ends_by_lying_idle_and_in_any_case() {
    let house = House::new(closed()).await;
    house.add("ada", Role::Admin, &[]).await;
    let day = 86_400;
    let idle = house.login("ada").await;
    house.pass(7 * day + 1);
    assert_eq!(
        house.get("/seen", &idle).await.status,
        StatusCode::SEE_OTHER
    );
    let used = house.login("ada").await;
    for _ in 0..5 {
        house.pass(6 * day - 1);
        assert_eq!(house.get("/seen", &used).await.status, StatusCode::OK);
    }
    house.pass(6);
    assert_eq!(
        house.get("/seen", &used).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn guessing_is_slowed_down_and_names_are_not_told_apart() {
    let house = House::new(closed()).await;
    house.add("ada", Role::Admin, &[]).await;
    let wrong = house.try_login("ada", "wrong").await;
    let unknown = house.try_login("nobody", "wrong").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.status, unknown.status);
    assert_eq!(wrong.body.replace("ada", "nobody"), unknown.body);
    assert!(wrong.cookies.is_empty());
    for name in ["ada", "nobody"] {
        for _ in 0..4 {
            house.try_login(name, "wrong").await;
        }
        let answer = house.try_login(name, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
    }
    house.pass(2);
    house.login("ada").await;
    // The address of the client has its own count, whatever the names.
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    // Ten tries that failed are counted already: who logs in does not begin anew.
    for at in 0..10 {
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{at}");
        status = house.try_login(&format!("n{at}"), "wrong").await.status;
    }
    let answer = house.try_login("fresh", "wrong").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn forms_of_other_sites_change_nothing() {
    let house = House::new(closed()).await;
    house.add("ed", Role::Editor, &[]).await;
    let cookie = house.login("ed").await;
    for (name, value, expected) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("origin", "https://evil.example", 403),
    ] {
        let headers = [("cookie", cookie.as_str()), (name, value)];
        let answer = house.ask("POST", "/edit", &headers, "").await;
        assert_eq!(answer.status, expected, "{name}: {value}");
        let headers = [(name, value)];
        let form = "name=ed&password=x";
        let answer = house.ask("POST", "/login", &headers, form).await;
        assert_eq!(answer.status == 403, expected == 403, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_token_does_what_its_scope_and_its_owner_may() {
    let house = House::new(closed()).await;
    house.add_group("web", "octo/*").await;
    house.add("vera", Role::Viewer, &["web"]).await;
    house.add("ada", Role::Admin, &[]).await;
    for (name, scope, seen, edit, new) in [
        ("vera", "read", "12", 403, 403),
        ("vera", "admin", "12", 403, 403),
        ("ada", "read", "123", 403, 403),
        ("ada", "write", "123", 200, 403),
        ("ada", "admin", "123", 200, 200),
    ] {
        let cookie = house.login(name).await;
        let form = format!("name=ci&scope={scope}&days=1");
        let made = house.post("/account/tokens", &cookie, &form).await;
        let token = made.between("<code class=\"secret\">", "</code>");
        assert!(token.starts_with("gtr_"));
        // It is shown once.
        assert!(!house.get("/account", &cookie).await.body.contains(&token));
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let ask = async |method, path| house.ask(method, path, &headers, "").await;
        assert_eq!(ask("GET", "/seen").await.body, seen, "{name} {scope}");
        assert_eq!(ask("POST", "/edit").await.status, edit, "{name} {scope}");
        assert_eq!(ask("GET", "/new").await.status, new, "{name} {scope}");
        // A token makes no other tokens.
        let more = house.ask("POST", "/account/tokens", &headers, &form).await;
        assert_eq!(more.status, StatusCode::FORBIDDEN);
        house.pass(86_400);
        assert_eq!(ask("GET", "/seen").await.status, StatusCode::UNAUTHORIZED);
    }
    // What a proxy asks for is no token of ours.
    let headers = [("authorization", "Basic YTpi")];
    let other = house.ask("GET", "/seen", &headers, "").await;
    assert_eq!(other.status, StatusCode::SEE_OTHER);
    for bad in ["Bearer gtr_x", "Bearer x", "Bearer"] {
        let headers = [("authorization", bad)];
        let answer = house.ask("GET", "/seen", &headers, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{bad}");
    }
}

#[tokio::test]
async fn a_link_shows_one_thing_until_it_ends_or_is_revoked() {
    let house = House::new(closed()).await;
    house.add_group("web", "octo/*").await;
    house.add("ed", Role::Editor, &[]).await;
    house.add("nil", Role::Viewer, &[]).await;
    let editor = house.login("ed").await;
    let make = async |target: &str| {
        let form = format!("target={target}&label=press&days=2");
        let made = house.post("/settings/shares", &editor, &form).await;
        made.between("<code class=\"secret\">", "</code>")
    };
    let (repo, group) = (make("other%2Fsecret").await, make("web").await);
    let opened = house.get(&repo, "").await;
    assert_eq!(opened.to.as_deref(), Some("/other/secret"));
    let one = opened.cookie();
    assert_eq!(house.get("/seen", &one).await.body, "3");
    assert_eq!(
        house.post("/edit", &one, "").await.status,
        StatusCode::UNAUTHORIZED
    );
    let account = house.get("/account", &one).await.status;
    assert_eq!(account, StatusCode::SEE_OTHER);
    let opened = house.get(&group, "").await;
    assert_eq!(opened.to.as_deref(), Some("/"));
    let both = opened.cookie();
    assert_eq!(house.get("/seen", &both).await.body, "12");
    // It adds to what somebody who has logged in sees.
    let session = house.login("nil").await;
    let with = format!("{session}; {one}");
    assert_eq!(house.get("/seen", &with).await.body, "3");
    let revoke = house.post("/settings/shares/1/revoke", &editor, "").await;
    assert_eq!(revoke.status, StatusCode::SEE_OTHER);
    let unknown = house.get("/share/unknown", "").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get(&repo, "").await.body, unknown.body);
    assert_eq!(house.get("/seen", &one).await.status, StatusCode::SEE_OTHER);
    house.pass(2 * 86_400);
    assert_eq!(house.get(&group, "").await.body, unknown.body);
    assert_eq!(
        house.get("/seen", &both).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_signed_address_is_good_for_itself_until_the_key_is_changed() {
    let house = House::new(closed()).await;
    let end = gitratra_core::Timestamp::from_second(house.now().as_second() + 60).unwrap();
    let signed = house
        .access
        .sign("/badge/x?range=7d", Some(end))
        .await
        .unwrap();
    let status = async |path: &str| house.get(path, "").await.status;
    assert_eq!(status(&signed).await, StatusCode::OK);
    assert_eq!(
        status(&signed.replace("7d", "1y")).await,
        StatusCode::NOT_FOUND
    );
    assert_eq!(status("/badge/x").await, StatusCode::NOT_FOUND);
    house.pass(60);
    assert_eq!(status(&signed).await, StatusCode::NOT_FOUND);
    let endless = house.access.sign("/badge/y", None).await.unwrap();
    assert_eq!(status(&endless).await, StatusCode::OK);
    house.add("eddi", Role::Editor, &[]).await;
    let editor = house.login("eddi").await;
    let ended = house.post("/settings/shares/signed/revoke", &editor, "");
    assert_eq!(ended.await.to.as_deref(), Some("/settings/shares"));
    assert_eq!(status(&endless).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_group_keeps_a_renamed_repository_and_not_who_takes_its_name() {
    let house = House::new(closed()).await;
    house.add_group("web", "octo/secret").await;
    house.add("vera", Role::Viewer, &["web"]).await;
    let session = house.login("vera").await;
    let headers =
        axum::http::HeaderMap::from_iter([(axum::http::header::COOKIE, session.parse().unwrap())]);
    let viewer = house.access.viewer(&headers).await.unwrap();
    let sees = |id, name: &str| viewer.scope.sees(RepoId(id), &name.parse().unwrap(), true);
    assert!(sees(2, "octo/renamed"));
    assert!(!sees(9, "octo/secret"));
}
