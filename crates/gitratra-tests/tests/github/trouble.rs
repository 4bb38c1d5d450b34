//! Trouble on the way: what is asked again, how often, and what is said in the end.

use std::time::Duration;

use gitratra_core::{Endpoint, Metric};
use gitratra_github::{Client, Failure, FailureKind};

use crate::raw::{Act, RawServer};
use crate::server::{DATE, NO_VIEWS, Reply, Server, client, repo};

async fn views(client: &Client) -> Result<(), Failure> {
    let answer = client.traffic(&repo("o/r"), Metric::Views, None).await;
    answer.map(|_| ())
}

/// A whole answer whose announced length may be a lie.
fn answer(length: usize, body: &str) -> Act {
    let head = format!("HTTP/1.1 200 OK\r\nDate: {DATE}\r\nContent-Length: {length}\r\n\r\n");
    Act::Write([head.as_bytes(), body.as_bytes()].concat())
}

#[tokio::test]
async fn trouble_that_passes_does_not_show() {
    let trouble = [
        Reply::refusal(500, "Server Error"),
        Reply::new(502, "<html>Unicorn</html>"),
        Reply::new(503, ""),
        Reply::new(504, ""),
        Reply::ok(""),
        Reply::ok("\n"),
        Reply::ok(&NO_VIEWS[..10]),
    ];
    for reply in trouble {
        let server = Server::in_turn([reply, Reply::ok(NO_VIEWS)]).await;
        let client = server.client();
        views(&client).await.unwrap();
        assert_eq!(server.seen().len(), 2);
        assert_eq!(client.counters().sent, 2);
        assert_eq!(client.counters().retried, 1);
    }
}

#[tokio::test]
async fn trouble_that_stays_ends_after_four_attempts() {
    let cases = [
        (Reply::new(502, ""), FailureKind::Server),
        (Reply::ok(""), FailureKind::Malformed),
        (Reply::ok(&NO_VIEWS[..10]), FailureKind::Malformed),
    ];
    for (reply, expected) in cases {
        let server = Server::always(reply).await;
        let failure = views(&server.client()).await.unwrap_err();
        assert_eq!(failure.kind, expected);
        assert_eq!(server.seen().len(), 4);
    }
}

#[tokio::test]
async fn a_server_that_says_when_is_asked_then() {
    let busy = Reply::new(503, "").with("retry-after", 60);
    let server = Server::in_turn([busy, Reply::ok(NO_VIEWS)]).await;
    let client = server.client();
    let before = client.counters();
    views(&client).await.unwrap();
    assert_eq!(client.counters().sent, before.sent + 2);

    let busy = Reply::new(503, "").with("retry-after", 61);
    let server = Server::always(busy).await;
    let failure = views(&server.client()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Server);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_asked_for_again() {
    let whole = answer(NO_VIEWS.len(), NO_VIEWS);
    for broken in [
        answer(NO_VIEWS.len(), &NO_VIEWS[..20]),
        answer(NO_VIEWS.len(), ""),
        Act::HangUp,
        Act::Write(b"HTTP/1.1 200 OK\r\nDa".to_vec()),
        Act::Write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"co".to_vec()),
    ] {
        let server = RawServer::start([broken.clone(), whole.clone()]).await;
        let client = client(&server.url, |_| {});
        views(&client).await.unwrap();
        assert_eq!(server.connections(), 2, "{broken:?}");

        let server = RawServer::start([broken]).await;
        let client = crate::server::client(&server.url, |_| {});
        let failure = views(&client).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unreachable);
        assert_eq!(server.connections(), 4);
    }
}

#[tokio::test]
async fn a_server_that_stays_silent_is_not_waited_for_forever() {
    let server = RawServer::start([Act::StaySilent, answer(NO_VIEWS.len(), NO_VIEWS)]).await;
    let client = client(&server.url, |options| {
        options.retry.request_timeout = Duration::from_millis(200);
    });
    views(&client).await.unwrap();
    assert_eq!(client.counters().retried, 1);
}

#[tokio::test]
async fn no_network_shows_after_two_attempts_and_names_no_query() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = client(&format!("http://{address}"), |_| {});
    let failure = client.list(&gitratra_github::Listing::Mine).await;
    let failure = failure.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert_eq!(failure.endpoint, Endpoint::Repositories);
    assert_eq!(failure.status, None);
    assert_eq!(client.counters().sent, 2);
    assert!(!failure.to_string().contains("per_page"), "{failure}");
    assert!(failure.to_string().contains("no connection: "), "{failure}");
}

#[tokio::test]
async fn a_body_is_read_up_to_a_bound_and_no_further() {
    let padded = |spaces: usize| format!("{}{NO_VIEWS}", " ".repeat(spaces));
    let largest = (16 << 20) - NO_VIEWS.len();
    let server = Server::always(Reply::ok(padded(largest))).await;
    views(&server.client()).await.unwrap();

    let server = Server::always(Reply::ok(padded(largest + 1))).await;
    let failure = views(&server.client()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
    assert_eq!(server.seen().len(), 1);

    // Without an announced length, which is how endless answers come.
    let mut endless = format!("HTTP/1.1 200 OK\r\nDate: {DATE}\r\n\r\n").into_bytes();
    endless.resize((16 << 20) + 4096, b' ');
    let server = RawServer::start([Act::Write(endless)]).await;
    let failure = views(&client(&server.url, |_| {})).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn an_answer_without_a_date_is_none() {
    let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: 34\r\n\r\n{NO_VIEWS}");
    let server = RawServer::start([Act::Write(reply.into_bytes())]).await;
    let failure = views(&client(&server.url, |_| {})).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
    assert!(failure.message.contains("Date"));
}

#[tokio::test]
async fn a_server_that_breaks_off_encryption_is_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        // Taken and dropped, in the middle of the client's first words.
        while listener.accept().await.is_ok() {}
    });
    let client = client(&format!("https://{address}"), |_| {});
    let failure = views(&client).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert_eq!(client.counters().sent, 2);
}
