//! What a client tells of itself: its token's end and scopes, and what became of its requests.

use gitratra_core::Metric;
use gitratra_github::{Client, Credential, FailureKind};

use crate::server::{NO_VIEWS, Reply, Server, repo};

async fn views(client: &Client) -> Result<(), FailureKind> {
    let target = repo("o/r");
    let answer = client.traffic(&target, Metric::Views, Some("\"x\""));
    answer.await.map(|_| ()).map_err(|failure| failure.kind)
}

const END: &str = "github-authentication-token-expiration";

#[tokio::test]
async fn the_end_of_the_token_is_known_from_any_answer() {
    for text in ["2026-12-01 00:00:00 UTC", "2026-12-01 00:00:00 +0000"] {
        let server = Server::start(move |seen| match seen.before {
            0 => Reply::refusal(404, "Not Found").with(END, text),
            1 => Reply::ok(NO_VIEWS),
            _ => Reply::refusal(401, "Bad credentials").with(END, "2027-01-01 00:00:00 UTC"),
        })
        .await;
        let client = server.client();
        assert_eq!(client.token_expires_at(), None);
        for _ in 0..3 {
            let _ = views(&client).await;
            let end = client.token_expires_at().map(|end| end.to_string());
            assert_eq!(end.as_deref(), Some("2026-12-01T00:00:00Z"));
        }
        assert_eq!(client.scopes(), None);
    }
}

#[tokio::test]
async fn what_is_no_end_is_none() {
    let server = Server::always(Reply::ok(NO_VIEWS).with(END, "soon")).await;
    let client = server.client();
    views(&client).await.unwrap();
    assert_eq!(client.token_expires_at(), None);
}

#[tokio::test]
async fn scopes_are_those_of_a_classic_token() {
    for (header, expected) in [("repo, gist", vec!["repo", "gist"]), ("", vec![])] {
        let server = Server::always(Reply::ok(NO_VIEWS).with("x-oauth-scopes", header)).await;
        let client = server.client();
        views(&client).await.unwrap();
        assert_eq!(client.scopes().unwrap(), expected);
        let nobody = server.client_with(|options| options.credential = Credential::Anonymous);
        views(&nobody).await.unwrap();
        assert_eq!(nobody.scopes(), None);
    }
}

#[tokio::test]
async fn every_request_has_an_outcome_under_a_word_that_stays() {
    let server = Server::in_turn([
        Reply::ok(NO_VIEWS),
        Reply::new(304, ""),
        Reply::refusal(301, "Moved").with("location", "/x"),
        Reply::new(502, ""),
        Reply::refusal(429, "You have exceeded a secondary rate limit"),
        Reply::ok(NO_VIEWS),
        Reply::refusal(404, "Not Found"),
        Reply::refusal(403, "Must have push access"),
        Reply::ok("[]"),
        Reply::refusal(301, "x").with("location", "http://elsewhere.example/"),
        Reply::new(451, r#"{"message":"x","block":{"reason":"dmca"}}"#),
        Reply::refusal(410, "Gone"),
        Reply::refusal(401, "Bad credentials"),
    ])
    .await;
    let client = server.client();
    for _ in 0..12 {
        let _ = views(&client).await;
    }
    let counters = client.counters();
    let found: Vec<_> = counters.outcomes().collect();
    let expected = [
        ("ok", 2),
        ("not_modified", 1),
        ("redirected", 1),
        ("unauthorized", 1),
        ("rate_limited", 1),
        ("forbidden", 1),
        ("not_found", 1),
        ("blocked", 1),
        ("malformed", 1),
        ("other_host", 1),
        ("server", 1),
        ("unreachable", 0),
        ("refused", 1),
    ];
    assert_eq!(found, expected);
    let sum: u64 = found.iter().map(|(_, count)| count).sum();
    assert_eq!(sum, counters.sent);
}
