//! The device flow, by its two addresses of the web site.

use gitratra_sim::{Sim, TokenSpec};
use serde_json::Value;

use crate::client::{Answer, Client, holder, nobody};

const CODE: &str = "/login/device/code";
const TOKEN: &str = "/login/oauth/access_token";
const GRANT: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";

async fn start() -> (Sim, Client) {
    let sim = Sim::builder()
        .repo("octo/alpha")
        .oauth_app("Ov23liX")
        .oauth_app_without_device_flow("Ov23liOff")
        .start()
        .await;
    let client = nobody(&sim);
    (sim, client)
}

async fn post(client: &Client, path: &str, form: &str) -> Answer {
    let request = client.request("POST", path).body(form.to_string());
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json");
    client.send(request).await.unwrap()
}

/// A new pair: what the program keeps, and what the person types in.
async fn begin(client: &Client) -> (String, String) {
    let answer = post(client, CODE, "client_id=Ov23liX&scope=repo").await;
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap().to_string();
    (text("device_code"), text("user_code"))
}

async fn attempt(client: &Client, device_code: &str) -> Value {
    let form = format!("client_id=Ov23liX&device_code={device_code}&{GRANT}");
    let answer = post(client, TOKEN, &form).await;
    assert_eq!(answer.status, 200);
    answer.json()
}

#[tokio::test]
async fn a_code_that_is_approved_brings_a_token_that_works() {
    let (sim, client) = start().await;
    let answer = post(&client, CODE, "client_id=Ov23liX&scope=repo").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-ratelimit-limit"), None);
    let body = answer.json();
    assert_eq!(
        (&body["expires_in"], &body["interval"]),
        (&900.into(), &5.into())
    );
    assert_eq!(
        body["verification_uri"],
        format!("{}/login/device", sim.url())
    );
    let code = body["device_code"].as_str().unwrap();
    assert_eq!(
        attempt(&client, code).await["error"],
        "authorization_pending"
    );
    let user_code = body["user_code"].as_str().unwrap();
    assert_eq!(sim.device_codes(), [user_code]);
    sim.device_approve(user_code, TokenSpec::classic("gho_new", "octo"));
    sim.advance_secs(5);
    let body = attempt(&client, code).await;
    assert_eq!(
        (&body["access_token"], &body["scope"]),
        (&"gho_new".into(), &"repo".into())
    );
    assert_eq!(body["token_type"], "bearer");
    let views = "/repos/octo/alpha/traffic/views";
    assert_eq!(holder(&sim, "gho_new").get(views).await.status, 200);
    sim.advance_secs(5);
    assert_eq!(
        attempt(&client, code).await["error"],
        "incorrect_device_code"
    );
    assert!(sim.device_codes().is_empty());
}

#[tokio::test]
async fn asking_too_early_makes_the_pause_longer() {
    let (sim, client) = start().await;
    let (code, _) = begin(&client).await;
    attempt(&client, &code).await;
    sim.advance_secs(4);
    let body = attempt(&client, &code).await;
    assert_eq!(
        (&body["error"], &body["interval"]),
        (&"slow_down".into(), &10.into())
    );
    sim.advance_secs(10);
    assert_eq!(
        attempt(&client, &code).await["error"],
        "authorization_pending"
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_with_status_200() {
    let (sim, client) = start().await;
    let (code, user_code) = begin(&client).await;
    let (late, _) = begin(&client).await;
    sim.device_deny(&user_code);
    assert_eq!(attempt(&client, &code).await["error"], "access_denied");
    sim.advance_secs(900);
    assert_eq!(attempt(&client, &late).await["error"], "expired_token");
    assert_eq!(
        attempt(&client, "x").await["error"],
        "incorrect_device_code"
    );
    for (path, form, expected) in [
        (CODE, "client_id=Ov23liOff", "device_flow_disabled"),
        (
            TOKEN,
            "client_id=Ov23liX&device_code=x",
            "unsupported_grant_type",
        ),
    ] {
        let answer = post(&client, path, form).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (200, &expected.into())
        );
    }
    let form = format!("client_id=nobody&device_code={code}&{GRANT}");
    let body = post(&client, TOKEN, &form).await.json();
    assert_eq!(body["error"], "incorrect_client_credentials");
    assert_eq!(post(&client, CODE, "client_id=nobody").await.status, 404);
}

#[tokio::test]
async fn whoever_does_not_ask_for_json_gets_a_form() {
    let (_sim, client) = start().await;
    let answer = client.post(CODE, "client_id=Ov23liX").await;
    let kind = answer.header("content-type").unwrap();
    assert!(
        kind.starts_with("application/x-www-form-urlencoded"),
        "{kind}"
    );
    assert!(answer.text.contains("&user_code="), "{}", answer.text);
    assert!(
        answer
            .text
            .contains("verification_uri=http%3A%2F%2F127.0.0.1")
    );
}

#[tokio::test]
async fn a_person_can_answer_over_http() {
    let (sim, client) = start().await;
    let (code, user_code) = begin(&client).await;
    let codes = client.get("/_sim/device_codes").await.json();
    assert_eq!(codes, serde_json::json!([user_code]));
    let path = format!("/_sim/device_approve?user_code={user_code}&token=gho_y");
    assert_eq!(client.post(&path, "").await.status, 200);
    assert_eq!(client.post(&path, "").await.status, 404);
    assert_eq!(attempt(&client, &code).await["access_token"], "gho_y");
    let (_, user_code) = begin(&client).await;
    let path = format!("/_sim/device_deny?user_code={user_code}");
    assert_eq!(client.post(&path, "").await.status, 200);
    assert!(sim.device_codes().is_empty());
}
