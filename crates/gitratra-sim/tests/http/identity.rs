//! Credentials and the ways in which GitHub refuses them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gitratra_sim::{RepoSpec, Right, Sim, TokenSpec};

use crate::client::{Answer, Client, holder, nobody};

const VIEWS: &str = "/repos/acme/alpha/traffic/views";

async fn start() -> Sim {
    Sim::builder()
        .repo("acme/alpha")
        .repo(RepoSpec::new("acme/secret").private())
        .organization("acme")
        .token("ghp_full")
        .token(TokenSpec::classic("ghp_reader", "eve"))
        .token(TokenSpec::classic("ghp_pusher", "pat").can(Right::Push, "acme/*"))
        .token(
            TokenSpec::classic("ghp_public", "pat")
                .can(Right::Push, "acme/*")
                .scopes(&["public_repo"]),
        )
        .token(
            TokenSpec::classic("ghp_bare", "pat")
                .can(Right::Push, "acme/*")
                .scopes(&[]),
        )
        .token(TokenSpec::fine_grained("github_pat_ok", "acme"))
        .token(TokenSpec::fine_grained("github_pat_weak", "acme").without_administration())
        .token(TokenSpec::installation("ghs_ok", "acme"))
        .token(TokenSpec::installation("ghs_weak", "acme").without_administration())
        .token(TokenSpec::full("ghp_short").expires("2026-03-11"))
        .start()
        .await
}

fn check(answer: &Answer, status: u16, message: &str) {
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (status, message)
    );
}

#[tokio::test]
async fn nobody_sees_public_repositories_and_no_traffic() {
    let sim = start().await;
    let client = nobody(&sim);
    check(&client.get(VIEWS).await, 401, "Requires authentication");
    check(&client.get("/user").await, 401, "Requires authentication");
    check(
        &client.get("/user/repos").await,
        401,
        "Requires authentication",
    );
    check(&client.get("/repos/acme/secret").await, 404, "Not Found");
    let whole = client.get("/repos/acme/alpha").await;
    assert_eq!(whole.status, 200);
    assert!(whole.json().get("permissions").is_none());
    assert_eq!(whole.header("x-ratelimit-limit"), Some("60"));
}

#[tokio::test]
async fn a_wrong_token_is_refused_everywhere_and_counted() {
    let sim = start().await;
    let client = holder(&sim, "ghp_wrong");
    for path in [VIEWS, "/repos/acme/alpha", "/rate_limit"] {
        check(&client.get(path).await, 401, "Bad credentials");
    }
    assert_eq!(sim.counters().after_401, 2);
    let log = sim.log();
    assert_eq!(log.len(), 3);
    assert!(!format!("{log:?}").contains("ghp_wrong"));
    assert_ne!(log[0].credential, "none");
}

#[tokio::test]
async fn tokens_end_by_expiry_and_by_revocation() {
    let sim = start().await;
    let client = holder(&sim, "ghp_short");
    let answer = client.get(VIEWS).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("github-authentication-token-expiration"),
        Some("2026-03-11 00:00:00 UTC")
    );
    sim.advance_days(1);
    check(&client.get(VIEWS).await, 401, "Bad credentials");
    sim.revoke("ghp_full");
    check(
        &holder(&sim, "ghp_full").get(VIEWS).await,
        401,
        "Bad credentials",
    );
}

#[tokio::test]
async fn the_end_of_a_token_is_told_with_every_answer_to_it() {
    let sim = start().await;
    let client = holder(&sim, "ghp_short");
    let etag = client.get(VIEWS).await.header("etag").unwrap().to_string();
    let unchanged = client.get_with(VIEWS, ("if-none-match", &etag)).await;
    sim.set_remaining("ghp_short", 0);
    let answers = [
        unchanged,
        client.get("/rate_limit").await,
        client.get("/repos/acme/none").await,
        client.get(VIEWS).await,
    ];
    assert_eq!(
        answers.each_ref().map(|answer| answer.status),
        [304, 200, 403, 403]
    );
    for answer in answers {
        let end = answer.header("github-authentication-token-expiration");
        assert_eq!(end, Some("2026-03-11 00:00:00 UTC"));
    }
    let endless = holder(&sim, "ghp_reader").get("/user").await;
    assert_eq!(
        endless.header("github-authentication-token-expiration"),
        None
    );
}

#[tokio::test]
async fn basic_takes_a_token_and_no_password() {
    let sim = start().await;
    let basic = |pair: &str| {
        let value = format!("Basic {}", STANDARD.encode(pair));
        nobody(&sim).authorization(&value)
    };
    assert_eq!(basic("eve:ghp_full").get(VIEWS).await.status, 200);
    check(
        &basic("eve:hunter2").get(VIEWS).await,
        401,
        "Bad credentials",
    );
    let old_scheme = nobody(&sim).authorization("token ghp_full");
    assert_eq!(old_scheme.get(VIEWS).await.status, 200);
}

#[tokio::test]
async fn each_kind_of_token_is_refused_in_its_own_words() {
    let sim = start().await;
    let secret = "/repos/acme/secret/traffic/views";
    let answer = |token: &str, path: &'static str| {
        let client: Client = holder(&sim, token);
        async move { client.get(path).await }
    };
    let no_push = "Must have push access to repository";
    check(&answer("ghp_reader", VIEWS).await, 403, no_push);
    check(&answer("ghp_bare", VIEWS).await, 403, no_push);
    check(&answer("ghp_public", secret).await, 404, "Not Found");
    for token in ["github_pat_weak", "ghs_weak"] {
        let refused = answer(token, VIEWS).await;
        assert_eq!(refused.status, 403);
        let expected = match token {
            "ghs_weak" => "Resource not accessible by integration",
            _ => "Resource not accessible by personal access token",
        };
        assert_eq!(refused.message(), expected);
        assert_eq!(
            refused.header("x-accepted-github-permissions"),
            Some("administration=read")
        );
    }
    for token in ["ghp_pusher", "ghp_public", "github_pat_ok", "ghs_ok"] {
        assert_eq!(answer(token, VIEWS).await.status, 200, "{token}");
    }
    assert_eq!(answer("ghp_pusher", secret).await.status, 200);
    let scopes = answer("ghp_public", VIEWS).await;
    assert_eq!(scopes.header("x-oauth-scopes"), Some("public_repo"));
}

#[tokio::test]
async fn a_user_is_known_by_login_and_an_installation_is_nobody() {
    let sim = start().await;
    let user = holder(&sim, "ghp_reader").get("/user").await.json();
    assert_eq!(user["login"], "eve");
    check(
        &holder(&sim, "ghs_ok").get("/user").await,
        403,
        "Resource not accessible by integration",
    );
}

#[tokio::test]
async fn single_sign_on_is_demanded_with_its_address() {
    let sim = Sim::builder()
        .repo("acme/alpha")
        .repo("octo/mine")
        .organization_with_sso("acme")
        .token("ghp_out")
        .token(TokenSpec::full("ghp_in").sso("acme"))
        .start()
        .await;
    let client = holder(&sim, "ghp_out");
    let refused = client.get(VIEWS).await;
    assert_eq!(refused.status, 403);
    assert!(
        refused
            .message()
            .starts_with("Resource protected by organization SAML")
    );
    let sso = refused.header("x-github-sso").unwrap();
    assert!(sso.starts_with("required; url=https://github.com/orgs/acme/sso?"));
    let list = client.get("/user/repos").await;
    assert_eq!(list.json().as_array().unwrap().len(), 1);
    let sso = list.header("x-github-sso").unwrap();
    assert!(sso.starts_with("partial-results; organizations="), "{sso}");
    assert_eq!(holder(&sim, "ghp_in").get(VIEWS).await.status, 200);
}

#[tokio::test]
async fn a_request_needs_a_user_agent_and_a_known_version() {
    let sim = start().await;
    let client = holder(&sim, "ghp_full");
    let answer = client.get_with(VIEWS, ("user-agent", "")).await;
    check(&answer, 403, "Missing or invalid User Agent string");
    let version = |value| client.get_with("/rate_limit", ("x-github-api-version", value));
    assert_eq!(version("1999-01-01").await.status, 400);
    let old = version("2022-11-28").await.json();
    assert_eq!(old["rate"], old["resources"]["core"]);
    let new = version("2026-03-10").await;
    assert!(new.json().get("rate").is_none());
    assert_eq!(
        new.header("x-github-api-version-selected"),
        Some("2026-03-10")
    );
}

#[tokio::test]
async fn many_bad_credentials_lock_everybody_out_for_a_while() {
    let sim = Sim::builder()
        .repo("acme/alpha")
        .token("ghp_full")
        .lockout(3, 600)
        .start()
        .await;
    let (good, bad) = (holder(&sim, "ghp_full"), holder(&sim, "ghp_bad"));
    for _ in 0..3 {
        assert_eq!(bad.get(VIEWS).await.status, 401);
    }
    assert_eq!(good.get(VIEWS).await.status, 403);
    sim.advance_secs(600);
    assert_eq!(good.get(VIEWS).await.status, 200);
}

#[tokio::test]
async fn a_token_in_an_address_is_noticed_and_hidden() {
    let sim = start().await;
    holder(&sim, "ghp_full")
        .get("/user?access_token=ghp_full")
        .await;
    assert_eq!(sim.counters().tokens_in_addresses, 1);
    assert_eq!(sim.log()[0].target, "/user?access_token=[token]");
}
