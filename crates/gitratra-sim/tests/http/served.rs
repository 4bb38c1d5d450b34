//! What was asked of each repository, and when each day was first told.

use gitratra_sim::{Fault, FaultPlan, Metric, Sim, StaleAnswers, Stall, Tamper};

use crate::client::{Client, holder};

const VIEWS: &str = "/repos/octo/alpha/traffic/views";

async fn start() -> (Sim, Client) {
    let sim = Sim::builder()
        .repo("octo/alpha")
        .repo("octo/beta")
        .repo("octo/idle")
        .token("ghp_t")
        .log_capacity(0)
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    (sim, client)
}

#[tokio::test]
async fn every_request_about_a_repository_counts_and_lists_do_not() {
    let (sim, client) = start().await;
    let id = sim.repo_id("octo/alpha");
    sim.rename("octo/alpha", "gamma");
    for path in [
        VIEWS,
        "/repos/octo/gamma",
        "/user/repos",
        "/repos/octo/none",
    ] {
        client.get(path).await;
    }
    client.get(&format!("/repositories/{id}/nothing")).await;
    sim.delete("octo/beta");
    sim.fault(FaultPlan::new(Fault::Close).once());
    assert!(client.try_get("/repos/octo/beta").await.is_err());
    client.get("/repos/octo/beta").await;
    assert_eq!((sim.requests_of(id), sim.requests_of("octo/beta")), (3, 2));
    assert_eq!(sim.requests_of("octo/idle"), 0);
    assert_eq!(sim.requests_by_repo(), [(id, 3), (id + 1, 2)].into());
    let told = client.get("/_sim/requests_by_repo").await.json();
    assert_eq!(told[id.to_string()], 3);
    sim.clear_log();
    assert!(sim.requests_by_repo().is_empty());
}

#[tokio::test]
async fn a_day_is_served_when_it_is_first_told_and_not_again() {
    let (sim, client) = start().await;
    let served = |metric, day: &str| sim.first_served_at("octo/alpha", metric, day);
    assert_eq!(served(Metric::Views, "2026-03-09"), None);
    let first = sim.now();
    client.get(VIEWS).await;
    let etag = client.get(VIEWS).await.header("etag").unwrap().to_string();
    sim.advance_days(1);
    assert_eq!(
        client
            .get_with(VIEWS, ("if-none-match", &etag))
            .await
            .status,
        200
    );
    assert_eq!(served(Metric::Views, "2026-03-09"), Some(first));
    assert_eq!(served(Metric::Views, "2026-02-24"), Some(first));
    assert_eq!(served(Metric::Views, "2026-02-23"), None);
    assert_eq!(served(Metric::Views, "2026-03-10"), Some(sim.now()));
    assert_eq!(served(Metric::Views, "2026-03-11"), None);
    assert_eq!(served(Metric::Clones, "2026-03-09"), None);
    let path = "/_sim/first_served_at?repo=octo/alpha&metric=views&day=2026-03-09";
    assert_eq!(client.get(path).await.json()["at"], "2026-03-10T12:00:00Z");
}

#[tokio::test]
async fn an_answer_that_is_spoiled_serves_nothing() {
    let (sim, client) = start().await;
    let how = Tamper::NegativeCount;
    let spoiled = [
        Fault::status(503, "x"),
        Fault::Close,
        Fault::Truncated { keep_bytes: 10 },
        Fault::Empty,
        Fault::Html,
        Fault::Tampered { how },
    ];
    for fault in spoiled {
        sim.fault(FaultPlan::new(fault).once());
        let _ = client.try_get(VIEWS).await;
    }
    let served = || sim.first_served_at("octo/alpha", Metric::Views, "2026-03-09");
    assert_eq!((served(), sim.counters().faults), (None, 6));
    sim.fault(FaultPlan::new(Fault::Slow { before_ms: 1 }).once());
    client.get(VIEWS).await;
    assert_eq!(served(), Some(sim.now()));
}

#[tokio::test]
async fn stalls_and_stale_windows_serve_the_days_that_they_hold() {
    let (sim, client) = start().await;
    sim.stale(StaleAnswers::new("octo/alpha", 1.0, 1));
    client.get(VIEWS).await;
    let served = |day: &str| sim.first_served_at("octo/alpha", Metric::Views, day);
    assert_eq!(served("2026-03-09"), None);
    assert_eq!(served("2026-03-08"), Some(sim.now()));
    sim.end_stale();
    sim.stall(Stall::new("octo/alpha", sim.now()));
    sim.advance_days(3);
    client.get(VIEWS).await;
    assert_eq!(served("2026-03-09"), Some(sim.now()));
    assert_eq!(served("2026-03-10"), None);
}
