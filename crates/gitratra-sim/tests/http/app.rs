//! GitHub Apps: signed requests, installations and their tokens.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gitratra_sim::{AppKey, AppSpec, Endpoint, Fault, FaultPlan, InstallationSpec, RepoSpec, Sim};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};

use crate::client::{Answer, Client, holder};

const ALL: u64 = 5_000_001;
const SOME: u64 = 5_000_002;
const SUSPENDED: u64 = 5_000_003;

async fn start() -> Sim {
    let app = AppSpec::new(42)
        .installed("acme")
        .installed(InstallationSpec::new("octo").selected(&["octo/alpha"]))
        .installed(InstallationSpec::new("eve").suspended());
    Sim::builder()
        .fleet("acme", 45)
        .organization("acme")
        .repo("octo/alpha")
        .repo(RepoSpec::new("octo/secret").private())
        .repo("eve/mine")
        .token("ghp_t")
        .app(app)
        .app(AppSpec::new(43).key(AppKey::stranger()))
        .start()
        .await
}

/// The text by which an App proves that it is `issuer` at the moment `at`.
fn signed(key: AppKey, issuer: &str, at: i64) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({ "iat": at - 60, "exp": at + 540, "iss": issuer });
    let text = format!("{}.{}", part(json!({ "alg": "RS256" })), part(claims));
    let lines = key.pkcs1().lines().filter(|line| !line.starts_with('-'));
    let der = STANDARD.decode(lines.collect::<String>()).unwrap();
    let pair = KeyPair::from_der(&der).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = SystemRandom::new();
    pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
        .unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn app(sim: &Sim) -> Client {
    holder(sim, &signed(sim.app_key_pem(), "42", sim.now().secs()))
}

async fn issue(sim: &Sim, installation: u64, body: &str) -> Answer {
    let path = format!("/app/installations/{installation}/access_tokens");
    app(sim).post(&path, body).await
}

async fn token(sim: &Sim, installation: u64) -> String {
    let answer = issue(sim, installation, "").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["token"].as_str().unwrap().to_string()
}

fn check(answer: &Answer, status: u16, message: &str) {
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (status, message)
    );
}

#[tokio::test]
async fn an_app_is_told_who_it_is_and_where_it_is_installed() {
    let sim = start().await;
    let app = app(&sim);
    let own = app.get("/app").await.json();
    assert_eq!(
        (&own["id"], &own["installations_count"]),
        (&42.into(), &3.into())
    );
    let first = app.get("/app/installations?per_page=2").await;
    let link = first.header("link").unwrap();
    assert!(link.contains("page=2>; rel=\"next\""), "{link}");
    let first = first.json();
    assert_eq!(first[0]["account"]["login"], "acme");
    assert_eq!(first[0]["account"]["type"], "Organization");
    assert_eq!(first[0]["repository_selection"], "all");
    assert_eq!(first[1]["repository_selection"], "selected");
    assert_eq!(first[1]["suspended_at"], Value::Null);
    let second = app.get("/app/installations?per_page=2&page=2").await.json();
    assert_eq!(second[0]["suspended_at"], "2026-03-10T12:00:00Z");
    let one = app.get(&format!("/app/installations/{SOME}")).await.json();
    assert_eq!(one["account"]["login"], "octo");
    assert_eq!(app.get("/app/installations/7").await.status, 404);
}

#[tokio::test]
async fn a_signature_that_proves_nothing_is_refused() {
    let sim = start().await;
    let now = sim.now().secs();
    let ask = |secret: String| {
        let client = holder(&sim, &secret);
        async move { client.get("/app").await }
    };
    let undecoded = "A JSON web token could not be decoded";
    check(
        &ask(signed(AppKey::stranger(), "42", now)).await,
        401,
        undecoded,
    );
    check(&ask("ghp_t".into()).await, 401, undecoded);
    check(
        &ask(signed(AppKey::usual(), "7", now)).await,
        404,
        "Integration not found",
    );
    let expired = ask(signed(AppKey::usual(), "42", now - 3600)).await;
    assert_eq!(expired.status, 401);
    assert!(
        expired
            .message()
            .starts_with("'Expiration time' claim ('exp') must")
    );
    let far = ask(signed(AppKey::usual(), "42", now + 3600)).await;
    assert_eq!(far.status, 401);
    assert!(far.message().ends_with("is too far in the future"));
    assert_eq!(
        ask(signed(AppKey::usual(), "Iv23li42", now)).await.status,
        200
    );
    assert_eq!(ask(signed(AppKey::stranger(), "43", now)).await.status, 200);
    let user = app(&sim).get("/user").await;
    check(&user, 403, "Resource not accessible by integration");
}

#[tokio::test]
async fn a_token_is_long_and_valid_for_an_hour() {
    let sim = start().await;
    let answer = issue(&sim, ALL, "").await;
    assert_eq!(answer.status, 201);
    let body = answer.json();
    assert_eq!(body["expires_at"], "2026-03-10T13:00:00Z");
    assert_eq!(body["permissions"]["administration"], "read");
    assert_eq!(body["repository_selection"], "all");
    let secret = body["token"].as_str().unwrap();
    assert!(
        secret.starts_with("ghs_42_eyJ") && secret.len() > 300,
        "{secret}"
    );
    let client = holder(&sim, secret);
    let views = "/repos/acme/amber-api/traffic/views";
    let answer = client.get(views).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("github-authentication-token-expiration"),
        None
    );
    sim.advance_secs(3599);
    assert_eq!(client.get(views).await.status, 200);
    let other = token(&sim, ALL).await;
    assert_ne!(other, secret);
    sim.advance_secs(1);
    check(&client.get(views).await, 401, "Bad credentials");
    assert_eq!(holder(&sim, &other).get(views).await.status, 200);
    sim.end_tokens_of(ALL);
    check(
        &holder(&sim, &other).get(views).await,
        401,
        "Bad credentials",
    );
    assert_eq!(sim.counters().installation_tokens, 2);
}

#[tokio::test]
async fn an_installation_lists_what_it_reaches_and_is_no_user() {
    let sim = start().await;
    let client = holder(&sim, &token(&sim, ALL).await);
    let list = client.get("/installation/repositories?per_page=20").await;
    let body = list.json();
    assert_eq!(
        (&body["total_count"], &body["repository_selection"]),
        (&45.into(), &"all".into())
    );
    assert_eq!(body["repositories"].as_array().unwrap().len(), 20);
    assert!(
        list.header("link")
            .unwrap()
            .contains("page=2>; rel=\"next\"")
    );
    for path in ["/user", "/user/repos"] {
        check(
            &client.get(path).await,
            403,
            "Resource not accessible by integration",
        );
    }
    let client = holder(&sim, &token(&sim, SOME).await);
    let body = client.get("/installation/repositories").await.json();
    assert_eq!(
        (&body["total_count"], &body["repository_selection"]),
        (&1.into(), &"selected".into())
    );
    assert_eq!(
        client.get("/repos/octo/alpha/traffic/views").await.status,
        200
    );
    assert_eq!(
        client.get("/repos/octo/secret/traffic/views").await.status,
        404
    );
    check(
        &client.get("/repos/acme/amber-api/traffic/views").await,
        403,
        "Resource not accessible by integration",
    );
}

#[tokio::test]
async fn each_installation_has_a_budget_by_its_repositories() {
    let sim = start().await;
    let (large, small) = (token(&sim, ALL).await, token(&sim, SOME).await);
    let again = token(&sim, ALL).await;
    let ask = |secret: &str| {
        let client = holder(&sim, secret);
        async move { client.get("/rate_limit").await.json()["resources"]["core"].clone() }
    };
    holder(&sim, &large).get("/installation/repositories").await;
    let (large, again, small) = (ask(&large).await, ask(&again).await, ask(&small).await);
    assert_eq!((&large["limit"], &large["used"]), (&6250.into(), &1.into()));
    assert_eq!(large, again);
    assert_eq!((&small["limit"], &small["used"]), (&5000.into(), &0.into()));
}

#[tokio::test]
async fn a_token_can_be_asked_for_with_less() {
    let sim = start().await;
    let id = sim.repo_id("acme/amber-api");
    let body = json!({ "repository_ids": [id], "permissions": { "metadata": "read" } });
    let answer = issue(&sim, ALL, &body.to_string()).await.json();
    assert_eq!(answer["repository_selection"], "selected");
    assert_eq!(answer["permissions"], json!({ "metadata": "read" }));
    let client = holder(&sim, answer["token"].as_str().unwrap());
    let list = client.get("/installation/repositories").await.json();
    assert_eq!(list["total_count"], 1);
    let refused = client.get("/repos/acme/amber-api/traffic/views").await;
    check(&refused, 403, "Resource not accessible by integration");
    let other = json!({ "repository_ids": [sim.repo_id("octo/alpha")] });
    assert_eq!(issue(&sim, ALL, &other.to_string()).await.status, 422);
    assert_eq!(issue(&sim, ALL, "{").await.status, 400);
}

#[tokio::test]
async fn a_suspended_installation_is_refused_until_it_is_taken_back() {
    let sim = start().await;
    let refused = "This installation has been suspended";
    check(&issue(&sim, SUSPENDED, "").await, 403, refused);
    let client = holder(&sim, &token(&sim, SOME).await);
    sim.suspend(SOME, true);
    let views = "/repos/octo/alpha/traffic/views";
    check(&client.get(views).await, 403, refused);
    sim.suspend(SOME, false);
    assert_eq!(client.get(views).await.status, 200);
    sim.uninstall(SOME);
    check(&client.get(views).await, 401, "Bad credentials");
    check(&issue(&sim, SOME, "").await, 404, "Not Found");
}

#[tokio::test]
async fn asking_for_a_token_costs_five_points_and_can_fail() {
    let sim = start().await;
    let plan = FaultPlan::new(Fault::status(502, "Server Error"));
    sim.fault(plan.endpoint(Endpoint::InstallationToken).once());
    assert_eq!(issue(&sim, ALL, "").await.status, 502);
    assert_eq!(sim.counters().installation_tokens, 0);
    assert_eq!(issue(&sim, ALL, "").await.status, 201);
    let counters = sim.counters();
    assert_eq!(counters.installation_tokens, 1);
    assert_eq!(counters.peak_points, 10);
    assert!(!format!("{:?}", sim.log()).contains("ghs_"));
}
