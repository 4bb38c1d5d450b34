//! A part of all answers gone wrong.

use gitratra_sim::{FaultMix, Limits, Metric, Sim, Timing};

use crate::client::{Client, holder};

const VIEWS: &str = "/repos/octo/alpha/traffic/views";

async fn start(mix: FaultMix, seed: u64) -> (Sim, Client) {
    let sim = Sim::builder()
        .seed(seed)
        .repo("octo/alpha")
        .token("ghp_t")
        .limits(Limits::default().timing(Timing::Clock))
        .fault_mix(mix)
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    (sim, client)
}

/// What came of each of 200 requests, one a minute.
async fn ask(sim: &Sim, client: &Client) -> Vec<Option<(u16, String)>> {
    let mut answers = Vec::new();
    for _ in 0..200 {
        sim.advance_secs(60);
        let answer = client.try_get(VIEWS).await.ok();
        answers.push(answer.map(|answer| (answer.status, answer.text)));
    }
    answers
}

#[tokio::test]
async fn the_same_seed_spoils_the_same_requests() {
    let (first, one) = start(FaultMix::new(0.3), 7).await;
    let (second, two) = start(FaultMix::new(0.3), 7).await;
    let (third, three) = start(FaultMix::new(0.3), 8).await;
    let answers = ask(&first, &one).await;
    assert_eq!(answers, ask(&second, &two).await);
    assert_ne!(answers, ask(&third, &three).await);
    assert!((40..80).contains(&first.counters().faults));
}

#[tokio::test]
async fn refusals_in_it_are_no_fault_of_the_client() {
    let (sim, client) = start(FaultMix::new(1.0), 7).await;
    ask(&sim, &client).await;
    let counters = sim.counters();
    assert!(counters.status(403) > 0 && counters.status(429) > 0);
    assert!(counters.status(0) > 0 && counters.status(503) > 0);
    assert_eq!(counters.secondary_violations, 0);
    assert_eq!(counters.primary_violations, 0);
    assert_eq!(counters.faults, 200);
}

#[tokio::test]
async fn what_never_arrives_costs_nothing() {
    let (sim, client) = start(FaultMix::new(1.0), 7).await;
    for _ in 0..50 {
        let _ = client.try_get(VIEWS).await;
    }
    sim.clear_faults();
    let core = client.get("/rate_limit").await.json()["resources"]["core"].clone();
    assert_eq!(core["used"], 50 - sim.counters().status(0));
}

#[tokio::test]
async fn answers_are_right_again_once_it_is_over() {
    let (sim, client) = start(FaultMix::new(1.0), 7).await;
    ask(&sim, &client).await;
    let path = "/_sim/fault_mix?probability=0";
    assert_eq!(client.post(path, "").await.status, 200);
    let rows = client.rows(VIEWS).await;
    let newest = rows.last().unwrap();
    let truth = sim.truth("octo/alpha", Metric::Views, newest.0.as_str());
    assert_eq!((newest.1, newest.2), truth);
}
