//! What GitHub forbids, hides or does not take; none of it is asked again.

use gitratra_core::{Metric, Ranking};
use gitratra_github::{Credential, Failure, FailureKind, Need, SecretString};

use crate::server::{NO_VIEWS, Reply, Server, TOKEN, repo};

async fn views(server: &Server) -> Failure {
    let client = server.client();
    let answer = client.traffic(&repo("o/r"), Metric::Views, None).await;
    let failure = answer.expect_err("the server refuses");
    assert_eq!(server.seen().len(), 1, "asked again: {failure}");
    assert_eq!(client.counters().retried, 0);
    failure
}

#[tokio::test]
async fn refusals_are_sorted_and_not_asked_again() {
    use FailureKind::{Forbidden, Malformed, NotFound, Refused, Unauthorized};
    let administration = Need::Permission("Administration (read)".to_owned());
    let cases = [
        (Reply::refusal(401, "Bad credentials"), Unauthorized),
        (Reply::refusal(404, "Not Found"), NotFound),
        (Reply::refusal(410, "Gone"), Refused),
        (Reply::refusal(422, "Validation Failed"), Refused),
        (Reply::new(418, ""), Refused),
        (
            Reply::refusal(403, "Must have push access to repository")
                .with("x-ratelimit-remaining", 7),
            Forbidden(Need::PushAccess),
        ),
        (
            Reply::refusal(403, "Resource not accessible by personal access token")
                .with("x-accepted-github-permissions", "administration=read"),
            Forbidden(administration),
        ),
        (
            Reply::refusal(403, "Must have push access to repository")
                .with("x-oauth-scopes", "gist"),
            Forbidden(Need::Scope),
        ),
        (
            Reply::new(
                451,
                r#"{"message":"Repository access blocked","block":{"reason":"dmca"}}"#,
            ),
            FailureKind::Blocked {
                reason: "dmca".to_owned(),
            },
        ),
        (Reply::new(202, "{}"), Malformed),
        (Reply::new(204, ""), Malformed),
        (Reply::new(304, ""), Malformed),
        (Reply::ok("<html>Unicorn</html>"), Malformed),
        (Reply::ok(NO_VIEWS).with("date", "yesterday"), Malformed),
        (Reply::new(501, ""), FailureKind::Server),
    ];
    for (reply, expected) in cases {
        let server = Server::always(reply.clone()).await;
        let failure = views(&server).await;
        assert_eq!(failure.kind, expected, "{reply:?}");
        assert!(failure.status.is_some());
        assert!(failure.to_string().contains("\"o/r\""));
    }
}

#[tokio::test]
async fn nothing_more_is_sent_after_a_refused_credential() {
    let server = Server::always(Reply::refusal(401, "Bad credentials")).await;
    let client = server.client();
    for _ in 0..3 {
        let failure = client
            .ranked(&repo("o/r"), Ranking::Paths, None)
            .await
            .unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        assert!(failure.to_string().contains("Bad credentials"));
        assert!(failure.action().contains("revoked"));
        assert!(client.rate_limit().await.is_err());
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_password_is_answered_with_what_to_use_instead() {
    let server = Server::always(Reply::refusal(401, "Bad credentials")).await;
    let client = server.client_with(|options| {
        options.credential = Credential::Basic {
            user: "me".to_owned(),
            secret: SecretString::from("hunter2"),
        };
    });
    let failure = client.login().await.unwrap_err();
    assert!(failure.action().contains("personal access token"));
}

#[tokio::test]
async fn a_token_that_the_server_repeats_is_not_repeated() {
    let url = format!("required; url=https://github.com/orgs/o/sso?x={TOKEN}");
    let cases = [
        Reply::refusal(401, &format!("Bad credentials: {TOKEN}")),
        Reply::refusal(403, &format!("{TOKEN} may not")),
        Reply::refusal(403, "Protected by organization SAML enforcement").with("x-github-sso", url),
        Reply::new(
            451,
            format!(r#"{{"message":"x","block":{{"reason":"{TOKEN}"}}}}"#),
        ),
        Reply::ok(NO_VIEWS.replace("\"uniques\":0", &format!("\"uniques\":\"{TOKEN}\""))),
        Reply::refusal(301, "x").with("location", format!("http://h/{TOKEN}")),
    ];
    for reply in cases {
        let server = Server::always(reply).await;
        let failure = views(&server).await;
        let all = format!("{failure} {failure:?} {}", failure.action());
        assert!(!all.contains(TOKEN), "{all}");
    }
}

#[tokio::test]
async fn messages_are_short_and_plain() {
    let long = format!("one\\u001b[31m\\n{}", "x".repeat(10_000));
    let server = Server::always(Reply::refusal(403, &long)).await;
    let failure = views(&server).await;
    assert_eq!(failure.message.chars().count(), 300);
    assert!(!failure.message.chars().any(char::is_control));
}

#[tokio::test]
async fn an_own_server_without_traffic_is_named_as_such() {
    let server = Server::always(Reply::refusal(404, "Not Found")).await;
    let client = crate::server::client(&format!("{}/api/v3", server.url()), |_| {});
    let failure = client
        .traffic(&repo("o/r"), Metric::Clones, None)
        .await
        .unwrap_err();
    assert!(failure.action().contains("no traffic endpoints"));
}
