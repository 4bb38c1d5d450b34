//! Redirects and next pages: followed on the same host, and to no other.

use gitratra_core::{Endpoint, Metric};
use gitratra_github::{Failure, FailureKind, Listing};

use crate::server::{NO_VIEWS, Reply, Server, TOKEN, repo};

async fn views(server: &Server) -> Result<(), Failure> {
    let client = server.client();
    let etag = Some("W/\"abc\"");
    client
        .traffic(&repo("o/r"), Metric::Views, etag)
        .await
        .map(|_| ())
}

#[tokio::test]
async fn a_renamed_repository_is_followed_with_its_validator() {
    for status in [301, 302, 307, 308] {
        let server = Server::start(move |seen| match &*seen.path {
            "/repositories/7/traffic/views" => Reply::ok(NO_VIEWS),
            _ => Reply::refusal(status, "Moved Permanently")
                .with("location", "/repositories/7/traffic/views"),
        })
        .await;
        views(&server).await.unwrap();
        let seen = server.seen();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[1].header("if-none-match"), Some("W/\"abc\""));
        assert!(seen[1].header("authorization").unwrap().contains(TOKEN));
    }
}

#[tokio::test]
async fn nothing_is_sent_to_another_host() {
    let other = Server::always(Reply::ok(NO_VIEWS)).await;
    let addresses = [
        format!("http://127.0.0.1:{}/repositories/7", other.port),
        format!("http://localhost:{}/repositories/7", other.port),
        format!("//127.0.0.1:{}/repositories/7", other.port),
    ];
    for address in addresses {
        let reply = Reply::refusal(301, "Moved Permanently").with("location", address);
        let server = Server::always(reply).await;
        let failure = views(&server).await.unwrap_err();
        let FailureKind::OtherHost { location } = &failure.kind else {
            panic!("{failure:?}");
        };
        assert!(location.ends_with(&format!(":{}", other.port)));
        assert_eq!(failure.endpoint, Endpoint::Views);
        assert_eq!(failure.repo.as_deref(), Some("o/r"));
        assert_eq!(server.seen().len(), 1);
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn the_same_address_under_another_name_is_another_host() {
    let server = Server::start(|seen| {
        let host = seen
            .header("host")
            .unwrap()
            .replace("127.0.0.1", "localhost");
        let location = format!("http://{host}/repositories/7");
        Reply::refusal(301, "Moved Permanently").with("location", location)
    })
    .await;
    let failure = views(&server).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::OtherHost { .. }));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_next_page_on_another_host_is_not_read() {
    let other = Server::always(Reply::ok("[]")).await;
    let link = format!("<{}/user/repos?page=2>; rel=\"next\"", other.url());
    let server = Server::always(Reply::ok("[]").with("link", link)).await;
    let failure = server.client().list(&Listing::Mine).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::OtherHost { .. }));
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn redirects_end() {
    let server = Server::start(|seen| {
        Reply::refusal(301, "Moved Permanently").with("location", format!("/{}", seen.before))
    })
    .await;
    let failure = views(&server).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_no_answer() {
    for reply in [
        Reply::refusal(301, "Moved Permanently"),
        Reply::refusal(301, "Moved Permanently").with("location", "http://"),
        Reply::refusal(300, "Multiple Choices").with("location", "/x"),
    ] {
        let server = Server::always(reply).await;
        let failure = views(&server).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed);
        assert_eq!(server.seen().len(), 1);
    }
}
