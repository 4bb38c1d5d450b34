//! Everything that can go wrong on purpose.

use gitratra_sim::{Endpoint, Fault, FaultPlan, Sim, Tamper};

use crate::client::{Client, holder};

const VIEWS: &str = "/repos/octo/alpha/traffic/views";
const CLONES: &str = "/repos/octo/alpha/traffic/clones";

async fn start() -> (Sim, Client) {
    let sim = Sim::builder()
        .repo("octo/alpha")
        .token("ghp_t")
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    (sim, client)
}

#[tokio::test]
async fn a_status_comes_with_its_headers_and_body_and_githubs_own() {
    let (sim, client) = start().await;
    let fault = Fault::status(502, "Server Error").header("x-odd", "1");
    sim.fault(
        FaultPlan::new(fault)
            .repo("octo/alpha")
            .endpoint(Endpoint::Views)
            .once(),
    );
    let answer = client.get(VIEWS).await;
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (502, "Server Error")
    );
    assert_eq!(answer.header("x-odd"), Some("1"));
    assert!(answer.header("date").is_some() && answer.header("x-ratelimit-limit").is_some());
    assert_eq!(client.get(VIEWS).await.status, 200);
    assert_eq!(sim.counters().faults, 1);
    assert!(sim.log()[0].is_fault && !sim.log()[1].is_fault);
}

#[tokio::test]
async fn empty_and_html_answers_are_200() {
    let (sim, client) = start().await;
    sim.fault(FaultPlan::new(Fault::Empty).endpoint(Endpoint::Views));
    sim.fault(FaultPlan::new(Fault::Html).endpoint(Endpoint::Clones));
    let empty = client.get(VIEWS).await;
    assert_eq!((empty.status, empty.text.as_str()), (200, ""));
    let html = client.get(CLONES).await;
    assert!(html.text.starts_with("<!DOCTYPE html>"));
    assert_eq!(
        html.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    sim.clear_faults();
    assert!(client.get(VIEWS).await.json()["count"].is_u64());
}

#[tokio::test]
async fn a_truncated_body_breaks_off_after_the_headers() {
    let (sim, client) = start().await;
    let whole = client.get(VIEWS).await.text;
    sim.fault(FaultPlan::new(Fault::Truncated { keep_bytes: 40 }).once());
    let mut response = client.request("GET", VIEWS).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.content_length(), Some(whole.len() as u64));
    let begun = response.chunk().await.unwrap().unwrap();
    assert_eq!(begun, whole.as_bytes()[..40]);
    assert!(response.chunk().await.is_err());
    assert_eq!(client.get(VIEWS).await.text, whole);
}

#[tokio::test]
async fn connections_close_or_break_without_an_answer() {
    let (sim, client) = start().await;
    for fault in [Fault::Close, Fault::Reset] {
        sim.fault(FaultPlan::new(fault).once());
        assert!(client.try_get(VIEWS).await.is_err());
        assert_eq!(client.get(VIEWS).await.status, 200);
        sim.clear_faults();
    }
    let counters = sim.counters();
    assert_eq!(counters.status(0), 2);
}

#[tokio::test]
async fn a_hanging_connection_is_given_up_when_the_simulation_ends() {
    let (sim, client) = start().await;
    sim.fault(Fault::Hang);
    let asked = tokio::spawn(async move { client.try_get(VIEWS).await.is_err() });
    while sim.counters().faults == 0 {
        tokio::task::yield_now().await;
    }
    drop(sim);
    assert!(asked.await.unwrap());
}

#[tokio::test]
async fn slow_and_dripping_answers_are_right_in_the_end() {
    let (sim, client) = start().await;
    let whole = client.get(VIEWS).await.text;
    let trickle = Fault::Trickle {
        chunk_bytes: 100,
        between_ms: 1,
    };
    sim.fault(FaultPlan::new(trickle).once());
    assert_eq!(client.get(VIEWS).await.text, whole);
    sim.fault(FaultPlan::new(Fault::Slow { before_ms: 5 }).once());
    assert_eq!(client.get(VIEWS).await.text, whole);
}

#[tokio::test]
async fn a_huge_body_counts_what_was_taken_of_it() {
    let (sim, client) = start().await;
    sim.fault(FaultPlan::new(Fault::Huge { bytes: 10_000_000 }).once());
    let answer = client.get(VIEWS).await;
    assert!(answer.text.len() >= 10_000_000);
    assert!(answer.json()["padding"].is_string());
    assert_eq!(sim.counters().huge_bytes, answer.text.len() as u64);
}

#[tokio::test]
async fn wrong_values_are_in_an_answer_that_is_right_otherwise() {
    let (sim, client) = start().await;
    let check = async |how: Tamper, pointer: &str| {
        sim.clear_faults();
        sim.fault(FaultPlan::new(Fault::Tampered { how }));
        let body = client.get(VIEWS).await.json();
        body.pointer(pointer)
            .map_or("absent".into(), ToString::to_string)
    };
    let count = "/views/13/count";
    assert_eq!(check(Tamper::NegativeCount, count).await, "-1");
    assert_eq!(check(Tamper::AbsurdCount, count).await, "1000000000000000");
    assert_eq!(check(Tamper::TextForNumber, count).await, "\"many\"");
    assert_eq!(check(Tamper::MissingField, count).await, "absent");
    assert_eq!(check(Tamper::NullForNumber, count).await, "null");
    assert_eq!(check(Tamper::FractionalCount, count).await, "1.5");
    let timestamp = "/views/13/timestamp";
    assert_eq!(
        check(Tamper::NotMidnight, timestamp).await,
        "\"2026-03-09T07:00:00Z\""
    );
    assert_eq!(
        check(Tamper::FutureDay, timestamp).await,
        "\"2027-03-09T00:00:00Z\""
    );
    let (views, _) = sim.truth("octo/alpha", gitratra_sim::Metric::Views, "2026-03-09");
    let uniques = check(Tamper::UniquesAboveCount, "/views/13/uniques").await;
    assert_eq!(uniques, (views + 1).to_string());
}

#[tokio::test]
async fn redirects_and_next_pages_can_lead_to_another_host() {
    let (sim, client) = start().await;
    let url = "http://127.0.0.1:9/elsewhere".to_string();
    let location = url.clone();
    sim.fault(FaultPlan::new(Fault::Redirect { location }).endpoint(Endpoint::Views));
    let next = Fault::NextPage { url: url.clone() };
    sim.fault(FaultPlan::new(next).endpoint(Endpoint::UserRepos));
    let moved = client.get(VIEWS).await;
    assert_eq!(
        (moved.status, moved.header("location")),
        (301, Some(url.as_str()))
    );
    let list = client.get("/user/repos").await;
    assert_eq!(
        list.header("link"),
        Some(format!("<{url}>; rel=\"next\"").as_str())
    );
    assert_eq!(list.json()[0]["full_name"], "octo/alpha");
}
