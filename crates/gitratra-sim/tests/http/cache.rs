//! `ETag`, 304 and what they cost; the headers of every answer.

use gitratra_sim::{Limits, Sim, Timing};

use crate::client::{Client, holder};

const VIEWS: &str = "/repos/octo/alpha/traffic/views";

async fn start() -> (Sim, Client) {
    let sim = Sim::builder()
        .repo("octo/alpha")
        .token("ghp_t")
        .limits(Limits::default().primary(100, 3600))
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    (sim, client)
}

#[tokio::test]
async fn an_unchanged_answer_is_304_without_body_or_cost() {
    let (sim, client) = start().await;
    let first = client.get(VIEWS).await;
    let etag = first.header("etag").unwrap().to_string();
    assert!(etag.starts_with("W/\""), "{etag}");
    assert_eq!(
        first.header("cache-control"),
        Some("private, max-age=60, s-maxage=60")
    );
    assert!(first.header("vary").unwrap().contains("Authorization"));
    assert_eq!(first.header("last-modified"), None);
    assert_eq!(first.header("x-ratelimit-remaining"), Some("99"));
    for tags in [
        etag.clone(),
        etag.replace("W/", ""),
        format!("\"x\", {etag}"),
    ] {
        let again = client.get_with(VIEWS, ("if-none-match", &tags)).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""));
        assert_eq!(again.header("etag"), Some(etag.as_str()));
        assert_eq!(again.header("x-ratelimit-remaining"), Some("99"));
        assert!(again.header("date").is_some());
    }
    assert_eq!(sim.counters().not_modified, 3);
    sim.advance_days(1);
    let fresh = client.get_with(VIEWS, ("if-none-match", &etag)).await;
    assert_eq!(fresh.status, 200);
    assert_ne!(fresh.header("etag"), Some(etag.as_str()));
}

#[tokio::test]
async fn errors_have_no_etag() {
    let (_sim, client) = start().await;
    let answer = client
        .get_with("/repos/octo/none", ("if-none-match", "*"))
        .await;
    assert_eq!((answer.status, answer.header("etag")), (404, None));
    assert_eq!(answer.json()["status"], "404");
}

#[tokio::test]
async fn every_answer_has_the_limit_and_version_headers() {
    let (sim, client) = start().await;
    for path in [VIEWS, "/rate_limit", "/nothing"] {
        let answer = client.get(path).await;
        for name in ["limit", "remaining", "used", "reset", "resource"] {
            assert!(answer.header(&format!("x-ratelimit-{name}")).is_some());
        }
        assert_eq!(answer.header("x-oauth-scopes"), Some("repo"));
        assert_eq!(
            answer.header("x-github-api-version-selected"),
            Some("2022-11-28")
        );
    }
    assert_eq!(
        client.get(VIEWS).await.header("x-accepted-oauth-scopes"),
        Some("")
    );
    let reset = sim.now().secs() + 3600;
    let answer = client.get(VIEWS).await;
    assert_eq!(
        answer.header("x-ratelimit-reset"),
        Some(reset.to_string().as_str())
    );
}

#[tokio::test]
async fn an_unchanged_answer_counts_in_the_minute_all_the_same() {
    let limits = Limits::default().points(4).timing(Timing::Clock);
    let sim = Sim::builder()
        .repo("octo/alpha")
        .token("ghp_t")
        .limits(limits)
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    let etag = client.get(VIEWS).await.header("etag").unwrap().to_string();
    for _ in 0..3 {
        let again = client.get_with(VIEWS, ("if-none-match", &etag)).await;
        assert_eq!(again.status, 304);
        assert_eq!(again.header("x-ratelimit-used"), Some("1"));
    }
    assert_eq!(sim.counters().peak_points, 4);
    let refused = client.get_with(VIEWS, ("if-none-match", &etag)).await;
    assert_eq!(refused.status, 403);
    assert_eq!(sim.counters().secondary_violations, 1);
}

#[tokio::test]
async fn the_address_by_id_gives_the_same_answer_and_tag_as_the_name() {
    let (sim, client) = start().await;
    let id = sim.repo_id("octo/alpha");
    for rest in ["views", "clones", "popular/paths", "popular/referrers"] {
        let named = client
            .get(&format!("/repos/octo/alpha/traffic/{rest}"))
            .await;
        let path = format!("/repositories/{id}/traffic/{rest}");
        let numbered = client.get(&path).await;
        assert_eq!((named.status, numbered.status), (200, 200), "{rest}");
        assert_eq!(named.text, numbered.text);
        let etag = named.header("etag").unwrap();
        assert_eq!(Some(etag), numbered.header("etag"));
        let again = client.get_with(&path, ("if-none-match", etag)).await;
        assert_eq!(again.status, 304);
    }
}
