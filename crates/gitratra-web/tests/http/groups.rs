//! Groups on the page of the fleet: what is in one, and who may know of it.

use gitratra_core::{Role, TokenScope};
use gitratra_web::access::Mode;

use crate::house::{Answer, House};

/// Two groups that share the public repository.
async fn house(mode: Mode) -> House {
    let house = House::full(mode).await;
    house.group("Web", &["octo/*"]).await;
    house.group("every-thing", &["*"]).await;
    house
}

async fn get(house: &House, path: &str, token: &str) -> Answer {
    let request = house.client().get(house.url(path));
    house.ask(request.bearer_auth(token)).await
}

#[tokio::test]
async fn a_group_shows_its_own_and_combines_with_the_other_filters() {
    let house = house(Mode::Open).await;
    let fleet = async |query: &str| {
        let answer = house.get(&format!("/api/v1/repos?{query}")).await;
        let body: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        (body["repositories"].as_u64().unwrap(), body)
    };
    let (all, body) = fleet("range=7d").await;
    assert_eq!(all, 2);
    let groups = serde_json::json!([
        [
            "every-thing",
            2,
            7 * (90 + 70_707),
            7 * (18 + 14_141),
            7 * (90 + 70_707)
        ],
        ["Web", 1, 7 * 90, 7 * 18, 7 * 90],
    ]);
    let told = |body: &serde_json::Value| -> serde_json::Value {
        let groups = body["groups"].as_array().unwrap().iter();
        let told = groups.map(|group| {
            let before = &group["views_before"]["count_before"];
            serde_json::json!([
                group["group"],
                group["repositories"],
                group["views"],
                group["clones"],
                before
            ])
        });
        told.collect()
    };
    assert_eq!(told(&body), groups);
    let (of_web, body) = fleet("range=7d&group=WEB").await;
    assert_eq!(of_web, 1);
    assert_eq!(body["metrics"][0]["count"], 7 * 90);
    assert_eq!(told(&body), groups, "whichever is asked for");
    assert_eq!(fleet("group=web&owner=hidden").await.0, 0);
    let (_, body) = fleet("owner=hidden").await;
    assert_eq!(body["groups"][1]["views"], serde_json::Value::Null);
    let page = house.get("/?group=web").await.text;
    assert!(page.contains("<h1>Group Web</h1>") && page.contains("id=\"by-group\""));
    assert!(page.contains("<option value=\"Web\" selected>"), "{page}");
    assert!(!page.contains("href=\"/hidden/vault"));
    assert!(page.contains("href=\"/octo/open\""), "without the group");
}

#[tokio::test]
async fn a_group_that_is_not_there_is_as_unknown_as_one_that_is_not_for_the_viewer() {
    let house = house(Mode::Closed).await;
    let vera = house
        .token_of("vera", (Role::Viewer, &["web"]), TokenScope::Read)
        .await;
    for path in ["/?group={}", "/api/v1/repos?group={}"] {
        let own = get(&house, &path.replace("{}", "web"), &vera).await;
        assert_eq!(own.status, 200, "{path}");
        assert!(!own.text.contains("every-thing"), "{path}");
        let answers = ["every-thing", "nothing"].map(|name| path.replace("{}", name));
        let [other, missing] = answers;
        let (other, missing) = (
            get(&house, &other, &vera).await,
            get(&house, &missing, &vera).await,
        );
        assert_eq!(other.status, 404);
        assert_eq!(
            other.text.replace("every-thing", "nothing"),
            missing.text,
            "{path}"
        );
    }
}

#[tokio::test]
async fn names_of_groups_are_not_for_everybody() {
    let house = house(Mode::Public).await;
    for path in ["/", "/api/v1/repos"] {
        let answer = house.get(path).await;
        assert!(!answer.text.contains("every-thing") && !answer.text.contains("Web"));
    }
    assert_eq!(house.get("/?group=web").await.status, 404);
}

#[tokio::test]
async fn the_last_of_very_many_groups_can_be_asked_for() {
    let house = House::full(Mode::Open).await;
    for number in 0..101 {
        house.group(&format!("g{number:03}"), &["octo/*"]).await;
    }
    let page = house.get("/?group=g100").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("octo/open") && !page.text.contains("hidden/vault"));
}

#[tokio::test]
async fn what_patterns_would_match_is_shown_before_they_are_kept() {
    let house = House::full(Mode::Open).await;
    for (patterns, expected) in [
        ("octo/*", "<strong>1</strong> of what is known: octo/open."),
        (
            "* !octo/*",
            "<strong>1</strong> of what is known: hidden/vault.",
        ),
        ("nobody/*", "Of what is known nothing matches."),
        ("!fork", "class=\"error\""),
    ] {
        let query = patterns.replace(' ', "+");
        let alone = format!("/settings/groups/preview?patterns={query}");
        let alone = house.get(&alone).await.text;
        assert!(
            alone.contains(expected) && !alone.contains("<html"),
            "{alone}"
        );
        let page = format!("/settings/groups?name=x&patterns={query}");
        let page = house.get(&page).await.text;
        assert!(page.contains(expected), "{patterns}");
    }
    assert!(house.store.groups().await.unwrap().is_empty());
}
