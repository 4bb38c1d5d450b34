//! What is not for everybody never leaves: not by name, number or address.

use std::collections::BTreeSet;

use gitratra_core::{Role, TokenScope};
use gitratra_web::access::Mode;

use crate::house::{House, PRIVATE, PUBLIC};
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
