//! The GraphQL query: whom it is about, what of an answer is kept, and whose limits it spends.

use std::sync::Arc;
use std::time::Duration;

use gitratra_core::{Metric, RepoId};
use gitratra_github::{
    Client, Clock, CountedMany, Credential, Failure, FailureKind, Need, RetryPolicy,
};

use crate::raw::{Act, RawServer};
use crate::server::{DATE_SECS, JumpingClock, NO_VIEWS, Reply, Server, TOKEN, client, repo};

/// An answer that counts these repositories; 0 stands for one that is not there.
fn nodes(ids: &[u64], errors: &str) -> String {
    let one = |id: &u64| match id {
        0 => "null".to_owned(),
        id => format!(
            r#"{{"databaseId":{id},"stargazerCount":{id},"forkCount":0,"isArchived":false,
                "visibility":"PRIVATE"}}"#
        ),
    };
    let all: Vec<_> = ids.iter().map(one).collect();
    format!(
        r#"{{"data":{{"nodes":[{}],"rateLimit":{{"cost":1}}}}{errors}}}"#,
        all.join(",")
    )
}

fn asked(ids: &[u64]) -> Vec<(RepoId, String)> {
    ids.iter()
        .map(|id| (RepoId(*id), format!("R_{id}")))
        .collect()
}

fn repos(counted: &CountedMany) -> (Vec<u64>, Vec<u64>, bool) {
    let read = counted.readings.iter().map(|reading| reading.repo.0);
    let missing = counted.missing.iter().map(|repo| repo.0);
    (read.collect(), missing.collect(), counted.is_partial)
}

async fn count(client: &Client) -> Result<CountedMany, Failure> {
    client.counters_of(&asked(&[7])).await
}

async fn views(client: &Client) -> Result<(), Failure> {
    let answer = client.traffic(&repo("o/r"), Metric::Views, None).await;
    answer.map(|_| ())
}

fn until(failure: &Failure) -> i64 {
    match failure.kind {
        FailureKind::RateLimited { until: Some(until) } => until.as_second() - DATE_SECS,
        _ => panic!("{failure:?}"),
    }
}

/// With the headers of GraphQL's hourly limit.
fn with_rate(reply: Reply, remaining: u64) -> Reply {
    reply
        .with_rate(5000, remaining, 1800)
        .with("x-ratelimit-resource", "graphql")
}

/// A server whose GraphQL answers so, and whose REST always answers well.
async fn graphql(reply: Reply) -> Server {
    Server::start(move |seen| match &*seen.path {
        "/graphql" => reply.clone(),
        _ => Reply::ok(NO_VIEWS).with_rate(5000, 4000, 900),
    })
    .await
}

#[tokio::test]
async fn repositories_are_known_by_the_numbers_in_the_answer_and_not_by_place() {
    let server = Server::always(Reply::ok(nodes(&[9, 0, 7, 5], ""))).await;
    let counted = server.client().counters_of(&asked(&[7, 8, 9])).await;
    // Nobody asked about 5.
    let counted = counted.unwrap();
    assert_eq!(repos(&counted), (vec![9, 7], vec![8], false));
    assert_eq!(counted.readings[0].counters.stars, 9);
    assert_eq!(counted.readings[0].read_at.as_second(), DATE_SECS);
    let seen = server.seen();
    assert_eq!((seen.len(), &*seen[0].method), (1, "POST"));
    assert_eq!(seen[0].path, "/graphql");
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(seen[0].header("authorization"), Some(&*bearer));
    assert!(
        seen[0]
            .body
            .contains(r#""variables":{"ids":["R_7","R_8","R_9"]}"#)
    );
}

#[tokio::test]
async fn an_own_server_has_graphql_beside_its_rest() {
    let server = Server::always(Reply::ok(nodes(&[7], ""))).await;
    let client = client(&format!("{}/api/v3/", server.url()), |_| {});
    count(&client).await.unwrap();
    assert_eq!(server.paths(), ["/api/graphql"]);
}

#[tokio::test]
async fn a_query_is_not_led_to_another_host() {
    let other = Server::always(Reply::ok(nodes(&[7], ""))).await;
    for status in [301, 302, 307, 308] {
        let address = format!("{}/graphql", other.url());
        let reply = Reply::refusal(status, "Moved").with("location", address);
        let server = Server::always(reply).await;
        let failure = count(&server.client()).await.unwrap_err();
        assert!(matches!(failure.kind, FailureKind::OtherHost { .. }));
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn what_cannot_be_asked_is_missing() {
    let server = Server::always(Reply::ok(nodes(&[1], ""))).await;
    let client = server.client();
    let nothing = client.counters_of(&[]).await.unwrap();
    assert_eq!(nothing, CountedMany::default());
    let odd = [(RepoId(1), "R_\n".to_owned()), (RepoId(2), String::new())];
    let counted = client.counters_of(&odd).await.unwrap();
    assert_eq!(repos(&counted), (vec![], vec![1, 2], true));
    assert!(server.seen().is_empty(), "there was nobody to ask about");
    let many: Vec<u64> = (1..=120).collect();
    let counted = client.counters_of(&asked(&many)).await.unwrap();
    assert_eq!(counted.missing.len(), 119);
    assert!(counted.is_partial);
    let body = &server.seen()[0].body;
    assert!(body.contains("\"R_100\"") && !body.contains("\"R_101\""));
}

#[tokio::test]
async fn what_is_there_is_kept_beside_errors() {
    for (errors, is_partial) in [
        (
            r#","errors":[{"type":"NOT_FOUND","message":"x","path":["nodes",0]}]"#,
            false,
        ),
        (r#","errors":[{"type":"FORBIDDEN","message":"SAML"}]"#, true),
        (r#","errors":[{"message":"Something went wrong"}]"#, true),
        (r#","errors":[{"type":"RATE_LIMITED","message":"x"}]"#, true),
    ] {
        let server = Server::always(Reply::ok(nodes(&[0, 7], errors))).await;
        let counted = server.client().counters_of(&asked(&[6, 7])).await.unwrap();
        assert_eq!(repos(&counted), (vec![7], vec![6], is_partial), "{errors}");
    }
}

#[tokio::test]
async fn errors_alone_say_what_to_do_next() {
    let sso = Need::Sso {
        url: None,
        organizations: vec![],
    };
    let saml = "Resource protected by organization SAML enforcement.";
    for (word, message, kind, is_too_much) in [
        ("RESOURCE_LIMITS_EXCEEDED", "x", FailureKind::Server, true),
        ("MAX_NODE_LIMIT_EXCEEDED", "x", FailureKind::Server, true),
        (
            "",
            "Something went wrong while executing your query.",
            FailureKind::Server,
            true,
        ),
        (
            "undefinedField",
            "Field 'x' doesn't exist",
            FailureKind::Refused,
            false,
        ),
        (
            "INSUFFICIENT_SCOPES",
            "x",
            FailureKind::Forbidden(Need::Scope),
            false,
        ),
        ("FORBIDDEN", saml, FailureKind::Forbidden(sso), false),
    ] {
        let body = format!(r#"{{"errors":[{{"type":"{word}","message":"{message}"}}]}}"#);
        let server = graphql(Reply::ok(body)).await;
        let client = server.client();
        let failure = count(&client).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{word}");
        assert_eq!(failure.is_too_much_at_once(), is_too_much, "{word}");
        views(&client).await.unwrap();
        assert_eq!(server.seen().len(), 2, "asked once");
    }
}

#[tokio::test]
async fn a_query_that_was_too_much_is_not_sent_again() {
    for status in [502, 504] {
        let server = graphql(Reply::new(status, "<html>Unicorn</html>")).await;
        let failure = count(&server.client()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Server);
        assert!(failure.is_too_much_at_once());
        assert!(failure.action().contains("fewer"));
        assert_eq!(server.seen().len(), 1);
    }
    // Other trouble is nothing that the query has done.
    let server = graphql(Reply::new(503, "")).await;
    let failure = count(&server.client()).await.unwrap_err();
    assert!(!failure.is_too_much_at_once());
    let attempts = RetryPolicy::default().attempts as usize;
    assert_eq!(server.seen().len(), attempts);
}

#[tokio::test]
async fn an_answer_that_breaks_off_may_have_been_too_much() {
    let server = RawServer::start([Act::HangUp, Act::HangUp, Act::HangUp]).await;
    let client = client(&server.url, |_| {});
    let failure = count(&client).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.is_too_much_at_once());
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_used_up_hour_of_graphql_leaves_rest_alone() {
    for word in ["RATE_LIMITED", "RATE_LIMIT"] {
        let message = "API rate limit already exceeded for user ID 1.";
        let body = format!(r#"{{"errors":[{{"type":"{word}","message":"{message}"}}]}}"#);
        let server = graphql(with_rate(Reply::ok(body), 0)).await;
        let client = server.client();
        for _ in 0..2 {
            let failure = count(&client).await.unwrap_err();
            assert_eq!(until(&failure), 1800);
            views(&client).await.unwrap();
        }
        let failure = count(&client).await.unwrap_err();
        assert!(failure.to_string().contains("GraphQL's rate limit"));
        assert_eq!(
            server.paths().iter().filter(|it| *it == "/graphql").count(),
            1
        );
        assert_eq!(client.rate().unwrap().remaining, 4000, "that of REST");
    }
}

#[tokio::test]
async fn the_last_query_of_the_hour_is_kept_and_the_next_is_not_sent() {
    let server = graphql(with_rate(Reply::ok(nodes(&[7], "")), 0)).await;
    let client = server.client();
    assert_eq!(repos(&count(&client).await.unwrap()).0, [7]);
    assert_eq!(until(&count(&client).await.unwrap_err()), 1800);
    views(&client).await.unwrap();
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_used_up_hour_of_rest_leaves_graphql_alone() {
    let server = Server::start(|seen| match &*seen.path {
        "/graphql" => with_rate(Reply::ok(nodes(&[7], "")), 4999),
        _ => Reply::refusal(403, "API rate limit exceeded").with_rate(5000, 0, 900),
    })
    .await;
    let client = server.client();
    assert_eq!(until(&views(&client).await.unwrap_err()), 900);
    count(&client).await.unwrap();
    assert_eq!(until(&views(&client).await.unwrap_err()), 900);
    assert_eq!(server.paths(), ["/repos/o/r/traffic/views", "/graphql"]);
}

#[tokio::test]
async fn headers_of_one_limit_are_never_taken_for_the_other() {
    let server = Server::start(|seen| match &*seen.path {
        "/graphql" => Reply::ok(nodes(&[7], "")).with_rate(5000, 0, 900),
        _ => with_rate(Reply::ok(NO_VIEWS), 0),
    })
    .await;
    let client = server.client();
    for _ in 0..3 {
        count(&client).await.unwrap();
        views(&client).await.unwrap();
    }
    assert_eq!(client.rate(), None);
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn asking_to_slow_down_holds_back_both() {
    let clock = Arc::new(JumpingClock::default());
    let secondary = "You have exceeded a secondary rate limit.";
    let inside = format!(r#"{{"errors":[{{"message":"{secondary}"}}]}}"#);
    for refusal in [Reply::refusal(403, secondary), Reply::ok(inside)] {
        let refusal = refusal.with("retry-after", 3600);
        let server = graphql(refusal).await;
        let own = Arc::clone(&clock);
        let client = server.client_with(|options| options.clock = own);
        assert_eq!(until(&count(&client).await.unwrap_err()), 3600);
        assert_eq!(until(&views(&client).await.unwrap_err()), 3600);
        assert_eq!(server.seen().len(), 1);
        clock.sleep(Duration::from_secs(3600)).await;
        views(&client).await.unwrap();
    }
}

#[tokio::test]
async fn the_share_holds_for_both_and_a_query_counts_what_it_costs() {
    let server = Server::start(|seen| match &*seen.path {
        "/graphql" => {
            let body = nodes(&[7], "").replace("\"cost\":1", "\"cost\":4");
            with_rate(Reply::ok(body), 4000)
        }
        _ => Reply::ok(NO_VIEWS).with_rate(5000, 4000, 900),
    })
    .await;
    // Ten points of each.
    let client = server.client_with(|options| options.rate_share = 0.002);
    for _ in 0..3 {
        count(&client).await.unwrap();
    }
    let failure = count(&client).await.unwrap_err();
    assert_eq!(until(&failure), 1800);
    assert!(
        failure
            .to_string()
            .contains("share of GraphQL's rate limit")
    );
    for _ in 0..10 {
        views(&client).await.unwrap();
    }
    assert_eq!(until(&views(&client).await.unwrap_err()), 900);
    assert_eq!(server.seen().len(), 13);
}

#[tokio::test]
async fn each_has_a_minute_of_its_own() {
    let clock = Arc::new(JumpingClock::default());
    let server = graphql(Reply::ok(nodes(&[7], ""))).await;
    let own = Arc::clone(&clock);
    let client = server.client_with(|options| {
        options.clock = own;
        options.points_per_minute = 3;
    });
    for _ in 0..3 {
        count(&client).await.unwrap();
        views(&client).await.unwrap();
    }
    assert_eq!(clock.now(), Duration::ZERO, "nobody had to wait");
    count(&client).await.unwrap();
    assert!(clock.now() >= Duration::from_secs(60));
}

#[tokio::test]
async fn nobody_sends_no_query_and_may_ask_on() {
    let server = graphql(Reply::refusal(401, "Requires authentication")).await;
    let client = server.client_with(|options| options.credential = Credential::Anonymous);
    let failure = count(&client).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden(Need::Other));
    assert!(failure.action().contains("give a token"));
    views(&client).await.unwrap();
    assert_eq!(server.paths(), ["/repos/o/r/traffic/views"]);
}

#[tokio::test]
async fn a_refused_token_ends_both() {
    let server = graphql(Reply::refusal(401, "Bad credentials")).await;
    let client = server.client();
    assert_eq!(
        count(&client).await.unwrap_err().kind,
        FailureKind::Unauthorized
    );
    assert_eq!(
        views(&client).await.unwrap_err().kind,
        FailureKind::Unauthorized
    );
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_server_without_graphql_says_so() {
    let server = graphql(Reply::refusal(404, "Not Found")).await;
    let failure = count(&server.client()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.action().contains("no GraphQL"));
    let words = failure.to_string();
    assert_eq!(
        words,
        "cannot count many repositories at once: 404 Not Found"
    );
}

#[tokio::test]
async fn an_answer_that_names_the_token_does_not_pass_it_on() {
    let body = format!(r#"{{"errors":[{{"message":"bad {TOKEN}\u001b"}}]}}"#);
    let server = Server::always(Reply::ok(body)).await;
    let failure = count(&server.client()).await.unwrap_err();
    assert!(!format!("{failure} {failure:?}").contains(TOKEN));
}
