//! The pages: the first administrator, invitations, users, groups, passwords.

use axum::http::StatusCode;
use gitratra_core::Role;
use gitratra_web::access::{AccessRules, Needs, RULES};
use secrecy::ExposeSecret;

use crate::house::{House, PASSWORD};

#[tokio::test]
async fn the_first_administrator_comes_by_a_link_that_works_once() {
    let house = House::new(AccessRules::default()).await;
    let path = house.access.first_admin_path().await.unwrap().unwrap();
    let path = path.expose_secret();
    assert_eq!(house.get(path, "").await.status, StatusCode::OK);
    let short = house.post(path, "", "name=Ada&password=short").await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        short
            .body
            .contains("A password has at least 10 characters.")
    );
    let made = house
        .post(path, "", "name=Ada&password=long+enough+now")
        .await;
    assert_eq!(made.to.as_deref(), Some("/"));
    assert_eq!(
        house.get("/new", &made.cookie()).await.status,
        StatusCode::OK
    );
    for answer in [
        house.get(path, "").await,
        house
            .post(path, "", "name=Eve&password=long+enough+now")
            .await,
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert!(house.access.first_admin_path().await.unwrap().is_none());
    assert_eq!(house.store.persons().await.unwrap().len(), 1);
}

#[tokio::test]
async fn no_first_administrator_is_asked_for_where_none_is_needed() {
    for rules in [
        AccessRules {
            is_loopback: true,
            ..AccessRules::default()
        },
        AccessRules {
            is_public: true,
            ..AccessRules::default()
        },
    ] {
        let house = House::new(rules).await;
        assert!(house.access.first_admin_path().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn an_administrator_adds_changes_and_removes_people() {
    let house = House::new(AccessRules::default()).await;
    house.add_group("web", "octo/*").await;
    house.add("ada", Role::Admin, &[]).await;
    let admin = house.login("ada").await;
    let added = house
        .post("/settings/users", &admin, "name=Bo&role=viewer&group=web")
        .await;
    let link = added.between("<code class=\"secret\">", "</code>");
    let set = house
        .post(&link, "", "name=x&password=long+enough+now")
        .await;
    let session = set.cookie();
    assert_eq!(house.get("/seen", &session).await.body, "12");
    let again = house
        .post("/settings/users", &admin, "name=bo&role=viewer")
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("Somebody has this name already."));
    house.post("/settings/users/2", &admin, "role=editor").await;
    assert_eq!(house.get("/seen", &session).await.body, "123");
    let own = house.post("/settings/users/1", &admin, "role=viewer").await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    let own = house.post("/settings/users/1/remove", &admin, "").await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    house.post("/settings/users/2/remove", &admin, "").await;
    assert_eq!(
        house.get("/seen", &session).await.status,
        StatusCode::SEE_OTHER
    );
    let page = house.get("/settings/users", &admin).await;
    assert!(page.body.contains("ada") && !page.body.contains("Bo"));
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_logs_the_others_out() {
    let house = House::new(AccessRules::default()).await;
    house.add("ada", Role::Viewer, &[]).await;
    let (here, there) = (house.login("ada").await, house.login("ada").await);
    let form = |old: &str| format!("old={}&new=another+long+one", old.replace(' ', "+"));
    let wrong = house.post("/account/password", &here, &form("wrong")).await;
    assert!(wrong.body.contains("This is not the present password."));
    let done = house
        .post("/account/password", &here, &form(PASSWORD))
        .await;
    assert_eq!(done.status, StatusCode::OK);
    assert_eq!(house.get("/seen", &here).await.status, StatusCode::OK);
    assert_eq!(
        house.get("/seen", &there).await.status,
        StatusCode::SEE_OTHER
    );
    let login = house.try_login("ada", "another long one").await;
    assert_eq!(login.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn groups_are_made_of_patterns_and_removed() {
    let house = House::new(AccessRules::default()).await;
    house.add("ada", Role::Admin, &[]).await;
    let admin = house.login("ada").await;
    let form = "name=Web&patterns=octo%2F*+%21octo%2Fopen";
    house.post("/settings/groups", &admin, form).await;
    let page = house.get("/settings/groups", &admin).await;
    assert!(page.body.contains("1 of the repositories that are known"));
    let bad = house
        .post("/settings/groups", &admin, "name=Web&patterns=%21fork")
        .await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.body.contains("cannot be in a group"));
    let gone = house
        .post("/settings/groups/remove", &admin, "name=web&patterns=")
        .await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    assert_eq!(house.store.groups().await.unwrap(), []);
}

#[tokio::test]
async fn every_route_refuses_who_may_less_than_it_needs() {
    let house = House::new(AccessRules::default()).await;
    house.add("vera", Role::Viewer, &[]).await;
    house.add("ed", Role::Editor, &[]).await;
    let (viewer, editor) = (house.login("vera").await, house.login("ed").await);
    for rule in RULES {
        let path = rule.path.replace("{secret}", "x").replace("{id}", "99");
        let status = async |cookie: &str| {
            let headers = [("cookie", cookie)];
            house.ask(rule.method, &path, &headers, "").await.status
        };
        let turned_away =
            |status| status == StatusCode::UNAUTHORIZED || status == StatusCode::SEE_OTHER;
        match rule.needs {
            Needs::Nothing | Needs::Look => {}
            Needs::Person => assert!(turned_away(status("").await), "{rule:?}"),
            Needs::Editor | Needs::Admin => {
                assert!(turned_away(status("").await), "{rule:?}");
                assert_eq!(status(&viewer).await, StatusCode::FORBIDDEN, "{rule:?}");
            }
        }
        if rule.needs == Needs::Admin {
            assert_eq!(status(&editor).await, StatusCode::FORBIDDEN, "{rule:?}");
        }
    }
}
