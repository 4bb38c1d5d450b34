//! Logging in through another house, and all the ways in which that must not work.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod provider;

use std::collections::BTreeSet;

use gitratra_oidc::{Oidc, OidcConfig, OidcError};
use gitratra_web::access::{ElsewhereError, LoginElsewhere, Role, Vouched};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::provider::{CLIENT, Lie, Provider, SECRET};

fn config(issuer: &str) -> OidcConfig {
    let groups = |text: &str| BTreeSet::from_iter(text.split_whitespace().map(str::to_owned));
    OidcConfig {
        label: "Example".into(),
        issuer: issuer.into(),
        client_id: CLIENT.into(),
        client_secret: Some(SECRET.into()),
        public_url: "http://localhost:8080/".into(),
        scopes: vec!["groups".into()],
        groups_claim: "groups".into(),
        admin_groups: groups("ops"),
        editor_groups: groups("dev"),
        viewer_groups: groups("web docs"),
    }
}

async fn start(claims: Value) -> (Provider, Oidc) {
    // Somebody else in this process may have done it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let provider = Provider::start(claims).await;
    let house = Oidc::new(config(&provider.issuer)).unwrap();
    (provider, house)
}

async fn log_in(provider: &Provider, house: &Oidc) -> Result<Vouched, ElsewhereError> {
    let begun = house.begin().await?;
    let query = provider.log_in(&begun.address);
    house.finish(begun.kept.expose_secret(), &query).await
}

#[tokio::test]
async fn whoever_logs_in_is_who_the_provider_says_with_the_role_of_their_groups() {
    for (groups, expected, shown) in [
        (json!(["ops", "dev"]), Some(Role::Admin), vec![]),
        (json!(["dev", "web"]), Some(Role::Editor), vec!["web"]),
        (
            json!(["docs", "web", "x"]),
            Some(Role::Viewer),
            vec!["docs", "web"],
        ),
        (json!("docs"), Some(Role::Viewer), vec!["docs"]),
        (json!(["other"]), None, vec![]),
        (json!({"ops": true}), None, vec![]),
        (Value::Null, None, vec![]),
    ] {
        let claims = json!({"sub": "s-1", "preferred_username": "ada", "groups": groups});
        let (provider, house) = start(claims).await;
        match (log_in(&provider, &house).await, expected) {
            (Ok(vouched), Some(role)) => {
                assert_eq!(vouched.role, role);
                assert_eq!(
                    (vouched.issuer, vouched.subject),
                    (provider.issuer, "s-1".into())
                );
                assert_eq!(vouched.name.as_str(), "ada");
                let names: Vec<_> = vouched.groups.iter().map(|group| group.as_str()).collect();
                assert_eq!(names, shown);
            }
            (Err(ElsewhereError::NoRole), None) => {}
            (other, _) => panic!("{groups}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_token_that_is_wrong_in_any_way_lets_nobody_in() {
    let (provider, house) = start(json!({"sub": "s-1", "groups": ["ops"]})).await;
    for lie in [
        Lie::AlgNone,
        Lie::Hmac,
        Lie::OtherKey,
        Lie::Audience,
        Lie::Issuer,
        Lie::Nonce,
        Lie::Expired,
        Lie::Changed,
        Lie::AccessToken,
        Lie::NoIdToken,
    ] {
        provider.lie(lie);
        let outcome = log_in(&provider, &house).await;
        let is_refused = matches!(outcome, Err(ElsewhereError::Unbelievable(_)));
        assert!(is_refused, "{lie:?}: {outcome:?}");
    }
    provider.lie(Lie::Nothing);
    log_in(&provider, &house).await.unwrap();
}

#[tokio::test]
async fn what_belongs_to_another_login_is_refused() {
    let (provider, house) = start(json!({"sub": "s-1", "groups": ["ops"]})).await;
    let (one, other) = (house.begin().await.unwrap(), house.begin().await.unwrap());
    let query = provider.log_in(&one.address);
    let refused = async |kept: &str, query: &str| {
        let outcome = house.finish(kept, query).await;
        assert!(
            matches!(outcome, Err(ElsewhereError::Unbelievable(_))),
            "{query}: {outcome:?}"
        );
    };
    let kept = one.kept.expose_secret();
    refused(other.kept.expose_secret(), &query).await;
    refused("{}", &query).await;
    refused(kept, "").await;
    let without_code = query.split_once('&').unwrap().1;
    refused(kept, without_code).await;
    let denied = format!("error=access_denied&{without_code}");
    refused(kept, &denied).await;
    let iss = query.replace("iss=", "iss=https%3A%2F%2Fevil.example");
    refused(kept, &iss).await;
    // The code of one login with the state of another: PKCE tells them apart.
    let second = provider.log_in(&other.address);
    let mixed = query.replacen("code-1", "code-2", 1);
    assert!(second.contains("code-2"));
    refused(kept, &mixed).await;
    house.finish(kept, &query).await.unwrap();
    // A code works once.
    refused(kept, &query).await;
}

#[tokio::test]
async fn a_provider_that_is_gone_is_told_as_such() {
    let (provider, _) = start(json!({})).await;
    let gone = Oidc::new(config(&format!("{}/nobody", provider.issuer))).unwrap();
    let outcome = gone.begin().await;
    assert!(matches!(outcome, Err(ElsewhereError::Unreachable(_))));
}

#[tokio::test]
async fn secrets_do_not_travel_in_the_clear_and_somebody_is_let_in() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let plain = Oidc::new(config("http://id.example"));
    assert!(matches!(plain, Err(OidcError::Plain(_))));
    let public = OidcConfig {
        public_url: "http://traffic.example".into(),
        ..config("https://id.example")
    };
    assert!(matches!(Oidc::new(public), Err(OidcError::Plain(_))));
    let none = OidcConfig {
        admin_groups: BTreeSet::new(),
        editor_groups: BTreeSet::new(),
        viewer_groups: BTreeSet::new(),
        ..config("https://id.example")
    };
    assert!(matches!(Oidc::new(none), Err(OidcError::NoGroups)));
    let house = Oidc::new(config("https://id.example")).unwrap();
    assert!(!format!("{house:?}").contains(SECRET));
}
