//! Primary and secondary limits.

use gitratra_sim::{Fault, FaultPlan, Limits, RetryAfter, Sim, Timing, TokenSpec};

use crate::client::{Client, holder, nobody};

const VIEWS: &str = "/repos/octo/alpha/traffic/views";

async fn start(limits: Limits) -> (Sim, Client) {
    let sim = Sim::builder()
        .repo("octo/alpha")
        .token("ghp_a")
        .token(TokenSpec::classic("ghp_b", "octo"))
        .token(TokenSpec::classic("ghp_other", "eve").limit(7))
        .limits(limits)
        .start()
        .await;
    let client = holder(&sim, "ghp_a");
    (sim, client)
}

#[tokio::test]
async fn the_budget_of_a_user_is_shared_by_its_tokens() {
    let (sim, first) = start(Limits::default().primary(3, 3600)).await;
    let second = holder(&sim, "ghp_b");
    first.get(VIEWS).await;
    assert_eq!(
        second.get(VIEWS).await.header("x-ratelimit-remaining"),
        Some("1")
    );
    first.get(VIEWS).await;
    let refused = second.get(VIEWS).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    assert!(
        refused
            .message()
            .starts_with("API rate limit exceeded for user ID")
    );
    assert_eq!(refused.header("retry-after"), None);
    assert_eq!(sim.counters().primary_violations, 1);
    let other = holder(&sim, "ghp_other").get("/repos/octo/alpha").await;
    assert_eq!(other.header("x-ratelimit-limit"), Some("7"));
    sim.advance_secs(3600);
    assert_eq!(first.get(VIEWS).await.status, 200);
}

#[tokio::test]
async fn the_limit_can_be_asked_for_free() {
    let (sim, client) = start(Limits::default().primary(1, 3600)).await;
    client.get(VIEWS).await;
    let answer = client.get("/rate_limit").await;
    assert_eq!(answer.status, 200);
    let core = &answer.json()["resources"]["core"];
    assert_eq!(
        (&core["limit"], &core["used"], &core["remaining"]),
        (&1.into(), &1.into(), &0.into())
    );
    assert_eq!(core["reset"], sim.now().secs() + 3600);
    assert_eq!(sim.counters().primary_violations, 0);
    assert_eq!(nobody(&sim).get("/rate_limit").await.status, 200);
}

#[tokio::test]
async fn what_is_left_can_be_set() {
    let (sim, client) = start(Limits::default()).await;
    sim.set_remaining("ghp_a", 1);
    assert_eq!(
        client.get(VIEWS).await.header("x-ratelimit-remaining"),
        Some("0")
    );
    assert_eq!(client.get(VIEWS).await.status, 403);
}

#[tokio::test]
async fn too_many_points_in_a_minute_are_refused_until_the_hold_ends() {
    let limits = Limits::default()
        .points(5)
        .timing(Timing::Clock)
        .refusal(429, RetryAfter::Secs);
    let (sim, client) = start(limits).await;
    for _ in 0..5 {
        assert_eq!(client.get(VIEWS).await.status, 200);
    }
    let refused = client.get(VIEWS).await;
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (429, Some("60"))
    );
    assert!(refused.message().contains("secondary rate limit"));
    assert_ne!(refused.header("x-ratelimit-remaining"), Some("0"));
    sim.advance_secs(59);
    assert_eq!(client.get(VIEWS).await.header("retry-after"), Some("1"));
    sim.advance_secs(1);
    assert_eq!(client.get(VIEWS).await.status, 200);
    let counters = sim.counters();
    assert_eq!(
        (counters.secondary_violations, counters.peak_points),
        (2, 5)
    );
}

#[tokio::test]
async fn a_refusal_may_name_a_date_or_no_time_at_all() {
    for (form, expected) in [
        (RetryAfter::HttpDate, Some("Tue, 10 Mar 2026 12:01:00 GMT")),
        (RetryAfter::Absent, None),
    ] {
        let limits = Limits::default().points(0).refusal(403, form);
        let (_sim, client) = start(limits).await;
        let refused = client.get(VIEWS).await;
        assert_eq!(
            (refused.status, refused.header("retry-after")),
            (403, expected)
        );
    }
}

#[tokio::test]
async fn too_many_at_once_are_refused() {
    let (sim, client) = start(Limits::default().concurrent(2)).await;
    sim.fault(FaultPlan::new(Fault::Hang).times(2));
    for _ in 0..2 {
        let client = client.clone();
        tokio::spawn(async move { client.try_get(VIEWS).await });
    }
    while sim.counters().faults < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(client.get(VIEWS).await.status, 403);
    assert_eq!(client.get(VIEWS).await.status, 403);
    let counters = sim.counters();
    assert_eq!(
        (counters.max_concurrent, counters.secondary_violations),
        (3, 2)
    );
}

#[tokio::test]
async fn without_limits_everything_is_counted_and_nothing_refused() {
    let (sim, client) = start(Limits::none()).await;
    for _ in 0..100 {
        assert_eq!(client.get(VIEWS).await.status, 200);
    }
    let counters = sim.counters();
    assert_eq!(
        (counters.total, counters.traffic(), counters.status(200)),
        (100, 100, 100)
    );
    assert_eq!(counters.peak_points, 100);
    sim.clear_log();
    assert_eq!(sim.counters().total, 0);
}
