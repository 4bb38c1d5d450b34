//! What is not for everybody never leaves: not by name, number or address.

use std::collections::BTreeSet;

use gitratra_core::{Endpoint, RepoId, Role, TokenScope};
use gitratra_store::{Outcome, Visit};
use gitratra_web::access::{Mode, invite};
use secrecy::ExposeSecret;

use crate::house::{House, PRIVATE, PUBLIC, now};
use crate::routes::{For, ROUTES};

#[tokio::test]
async fn nothing_of_a_private_repository_leaves_for_everybody() {
    let house = House::full(Mode::Public).await;
    let own_id = PRIVATE.to_string();
    for route in ROUTES {
        let (address, who) = (route.of("hidden/vault", PRIVATE), route.is_for);
        let (method, route, address) = (route.method, route.path, address.as_str());
        let answer = match method {
            "GET" => house.get(address).await,
            _ => {
                house
                    .post(address, "pattern=octo/*&day=2026-11-20&text=x")
                    .await
            }
        };
        if who > For::Look {
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
    assert_eq!(PUBLIC, 11);
}

#[tokio::test]
async fn pictures_are_for_the_caches_of_others_only_where_everybody_may_look() {
    for (mode, is_kept) in [(Mode::Open, false), (Mode::Public, true)] {
        let house = House::full(mode).await;
        for path in ["/badge/octo/open/views.svg", "/chart/octo/open/views.png"] {
            let picture = house.get(path).await;
            let told = picture.headers["cache-control"].to_str().unwrap();
            assert_eq!(told.starts_with("public, max-age="), is_kept, "{path}");
        }
        let private = house.get("/badge/hidden/vault/views.svg").await;
        assert_eq!(private.headers["cache-control"], "private, no-store");
    }
}

#[tokio::test]
async fn what_came_through_a_proxy_is_not_taken_for_this_machine() {
    let house = House::full(Mode::Open).await;
    for name in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        let request = house.client().get(house.url("/"));
        let answer = house.ask(request.header(name, "192.0.2.1")).await;
        assert_eq!(answer.status, 403, "{name}");
        assert!(answer.text.contains("behind_proxy"), "{}", answer.text);
    }
}

#[tokio::test]
async fn what_github_said_exactly_is_for_those_who_can_mend_it() {
    let house = House::full(Mode::Public).await;
    let token = house.token(Role::Editor, TokenScope::Write).await;
    let visit = Visit {
        repo: RepoId(PUBLIC),
        asked_at: now(),
        credential: "tester".to_owned(),
        outcomes: vec![(
            Endpoint::Views,
            Outcome::Failed {
                status: Some(403),
                message: "blocked by the rules of octo-corp".to_owned(),
                action: "visit https://sso.example".to_owned(),
            },
        )],
    };
    house.store.record(visit).await.unwrap();
    for path in [
        "/octo/open",
        "/health",
        "/api/v1/repos/octo/open",
        "/api/v1/health",
    ] {
        let nobody = house.get(path).await.text;
        assert!(
            !nobody.contains("octo-corp") && !nobody.contains("sso"),
            "{path}"
        );
        let request = house.client().get(house.url(path));
        let editor = house.ask(request.bearer_auth(&token)).await.text;
        assert!(
            editor.contains("octo-corp") && editor.contains("sso.example"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_signed_address_is_for_one_repository_whatever_it_is_called() {
    let house = House::full(Mode::Closed).await;
    let token = house.token(Role::Admin, TokenScope::Admin).await;
    let request = house.client().get(house.url("/hidden/vault"));
    let page = house.ask(request.bearer_auth(&token)).await.text;
    let (_, rest) = page.split_once("(/badge/").unwrap();
    let signed = format!("/badge/{}", rest.split_once(')').unwrap().0);
    let signed = signed.replace("&amp;", "&");
    assert!(signed.contains("for=12&sig="), "{signed}");
    let badge = house.get(&signed).await;
    assert_eq!(badge.status, 200);
    assert!(badge.text.contains("989,898"), "{}", badge.text);
    let forged = house.get(&signed.replace("for=12", "for=11")).await;
    assert_eq!(forged.status, 404);
    // Renamed, and another private repository has the name now.
    house.fill(PRIVATE, "hidden/renamed", true, 70_707).await;
    assert_eq!(house.get(&signed).await.status, 200);
    house.fill(77, "hidden/vault", true, 60_606).await;
    let taken = house.get(&signed).await;
    assert_eq!(taken.status, 404);
    assert!(!taken.text.contains("848,484"));
}

#[tokio::test]
async fn a_badge_of_a_range_with_holes_says_that_there_were_at_least_so_many() {
    let house = House::full(Mode::Open).await;
    for (range, expected) in [("7d", ">630<"), ("14d", ">1,260<"), ("30d", ">≥ 1,260<")] {
        let path = format!("/badge/octo/open/views.svg?range={range}");
        let badge = house.get(&path).await.text;
        assert!(badge.contains(expected), "{range}: {badge}");
    }
}

#[tokio::test]
async fn a_new_password_by_a_link_ends_what_was_handed_out_before() {
    let house = House::full(Mode::Closed).await;
    let token = house.token(Role::Viewer, TokenScope::Read).await;
    let ask = async || {
        let request = house.client().get(house.url("/account"));
        house.ask(request.bearer_auth(&token)).await.status
    };
    assert_eq!(ask().await, 200);
    let name = "viewer-read".parse().unwrap();
    let person = house.store.login(&name).await.unwrap().unwrap().0;
    let link = invite(&house.store, Some(person.id), now()).await.unwrap();
    let form = "name=&password=correct+horse+battery";
    let set = house.post(link.expose_secret(), form).await;
    assert_eq!(set.status, 303, "{}", set.text);
    assert_eq!(ask().await, 401);
}
