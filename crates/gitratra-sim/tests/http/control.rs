//! Control over HTTP, and a simulation on a thread of its own.

use gitratra_sim::{Endpoint, Metric, Sim};

use crate::client::{Client, holder};

const VIEWS: &str = "/repos/octo/alpha/traffic/views";

async fn start() -> (Sim, Client) {
    let sim = Sim::builder()
        .repo("octo/alpha")
        .token("ghp_t")
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    (sim, client)
}

async fn post(client: &Client, path: &str, body: &str) {
    let answer = client.post(&format!("/_sim/{path}"), body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
}

#[tokio::test]
async fn the_clock_is_moved_and_read() {
    let (sim, client) = start().await;
    post(&client, "advance?secs=3600", "").await;
    assert_eq!(
        client.get("/_sim/clock").await.json()["at"],
        "2026-03-10T13:00:00Z"
    );
    post(&client, "clock?at=2026-05-01T00:00:00Z", "").await;
    assert_eq!(sim.now(), "2026-05-01".into());
    post(&client, "speed?times=0", "").await;
}

#[tokio::test]
async fn the_truth_is_told_with_what_is_served_of_it() {
    let (sim, client) = start().await;
    let path = "/_sim/truth?repo=octo/alpha&metric=views&from=2026-03-08&to=2026-03-10";
    let days = client.get(path).await.json();
    let (count, uniques) = sim.truth("octo/alpha", Metric::Views, "2026-03-09");
    assert_eq!(days[1]["day"], "2026-03-09");
    assert_eq!(
        (&days[1]["count"], &days[1]["uniques"]),
        (&count.into(), &uniques.into())
    );
    assert_eq!(days[1]["served"]["count"], count);
    assert_eq!(
        (&days[2]["published"], &days[2]["served"]),
        (&false.into(), &serde_json::Value::Null)
    );
    let newest = client
        .get("/_sim/newest?repo=octo/alpha&metric=views")
        .await
        .json();
    assert_eq!(newest["day"], "2026-03-09");
}

#[tokio::test]
async fn faults_and_publication_are_planned_as_json() {
    let (sim, client) = start().await;
    let fault =
        r#"{"fault":{"kind":"status","status":503,"body":"{}"},"endpoint":"views","times":1}"#;
    post(&client, "fault", fault).await;
    assert_eq!(client.get(VIEWS).await.status, 503);
    assert_eq!(client.get(VIEWS).await.status, 200);
    post(&client, "stall", r#"{"scope":"all","from":"2026-03-10"}"#).await;
    let zero = r#"{"scope":{"repo":"octo/alpha"},"from":"2026-03-01","to":"2026-03-02"}"#;
    post(&client, "zero_days", zero).await;
    let stale = r#"{"scope":"public","probability":0.0,"depth_days":2}"#;
    post(&client, "stale", stale).await;
    post(
        &client,
        "flap?repo=octo/alpha&metric=views&day=2026-03-05",
        "[[1,1],[2,1]]",
    )
    .await;
    post(
        &client,
        "pin?repo=octo/alpha&metric=views&day=2026-03-06&count=9&uniques=3",
        "",
    )
    .await;
    assert_eq!(
        sim.served("octo/alpha", Metric::Views, "2026-03-02"),
        Some((0, 0))
    );
    assert_eq!(
        sim.served("octo/alpha", Metric::Views, "2026-03-05"),
        Some((1, 1))
    );
    assert_eq!(
        sim.served("octo/alpha", Metric::Views, "2026-03-06"),
        Some((9, 3))
    );
    assert_eq!(sim.newest("octo/alpha", Metric::Views), "2026-03-08".into());
    for name in ["fault", "stall", "zero_days", "stale", "log"] {
        let request = client.request("DELETE", &format!("/_sim/{name}"));
        assert_eq!(client.send(request).await.unwrap().status, 200);
    }
    assert_eq!(sim.newest("octo/alpha", Metric::Views), "2026-03-09".into());
}

#[tokio::test]
async fn repositories_and_tokens_are_changed() {
    let (sim, client) = start().await;
    let id = sim.repo_id("octo/alpha");
    post(&client, "rename?repo=octo/alpha&to=octo/beta", "").await;
    post(
        &client,
        "create?repo=octo/alpha&private=true&created=2026-01-01",
        "",
    )
    .await;
    assert_eq!(sim.repo_id("octo/beta"), id);
    assert_ne!(sim.repo_id("octo/alpha"), id);
    post(&client, "archived?repo=octo/beta&is=true", "").await;
    post(&client, "private?repo=octo/beta&is=true", "").await;
    post(&client, "blocked?repo=octo/beta&reason=tos", "").await;
    assert_eq!(client.get("/repos/octo/beta").await.status, 451);
    post(&client, "delete?repo=octo/beta", "").await;
    assert_eq!(client.get("/repos/octo/beta").await.status, 404);
    post(&client, "limits?primary=50&points=40&status=429", "").await;
    let answer = client.get(VIEWS).await;
    assert_eq!(answer.header("x-ratelimit-limit"), Some("50"));
    post(&client, "grant?token=ghp_t&repo=octo/alpha&right=none", "").await;
    assert_eq!(client.get(VIEWS).await.status, 404);
    post(&client, "remaining?token=ghp_t&requests=0", "").await;
    assert_eq!(client.get(VIEWS).await.status, 429);
    post(&client, "revoke?token=ghp_t", "").await;
    assert_eq!(client.get(VIEWS).await.status, 401);
}

#[tokio::test]
async fn control_is_neither_logged_nor_counted() {
    let (_sim, client) = start().await;
    client.get(VIEWS).await;
    let log = client.get("/_sim/log").await;
    let entries = log.json();
    assert_eq!(entries.as_array().unwrap().len(), 1);
    assert_eq!(entries[0]["target"], VIEWS);
    assert_eq!(entries[0]["endpoint"], "views");
    assert!(!log.text.contains("ghp_t"));
    let counters = client.get("/_sim/counters").await.json();
    assert_eq!(
        (&counters["total"], &counters["by_endpoint"]["views"]),
        (&1.into(), &1.into())
    );
}

#[tokio::test]
async fn mistakes_are_named() {
    let (_sim, client) = start().await;
    for (path, status, expected) in [
        (
            "/_sim/rename?repo=octo/none&to=x",
            404,
            "no repository \"octo/none\"",
        ),
        ("/_sim/advance", 400, "parameter \"secs\" is missing"),
        (
            "/_sim/advance?secs=soon",
            400,
            "cannot read \"soon\" as \"secs\"",
        ),
        ("/_sim/nonsense", 404, "no control address \"nonsense\""),
        ("/_sim/revoke?token=x", 404, "no such token"),
    ] {
        let answer = client.post(path, "").await;
        assert_eq!(
            (answer.status, answer.message().as_str()),
            (status, expected)
        );
    }
    assert_eq!(client.post("/_sim/fault", "{}").await.status, 400);
}

#[test]
fn a_simulation_can_run_on_its_own_thread() {
    let sim = Sim::builder()
        .repo("octo/alpha")
        .token("ghp_t")
        .start_on_thread();
    let client = holder(&sim, "ghp_t");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(runtime.block_on(client.get(VIEWS)).status, 200);
    assert_eq!(sim.counters().of(Endpoint::Views), 1);
    drop(sim);
    runtime.block_on(async {
        // The port is given back; until then a connection may still be taken and dropped.
        while client.try_get(VIEWS).await.is_ok() {}
    });
}
