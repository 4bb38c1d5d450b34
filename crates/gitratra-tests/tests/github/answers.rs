//! What is sent, and what good answers become.

use gitratra_core::{Metric, Ranking, RepoId};
use gitratra_github::{Answer, Credential, SecretString, Target};

use crate::server::{DATE_SECS, NO_VIEWS, Reply, Server, TOKEN, repo};

#[tokio::test]
async fn every_request_says_who_asks_and_for_which_version() {
    let server = Server::always(Reply::ok(NO_VIEWS)).await;
    let client = server.client();
    client
        .traffic(&repo("o/r"), Metric::Views, Some("W/\"abc\""))
        .await
        .unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].path, "/repos/o/r/traffic/views");
    let agent = concat!("gitratra/", env!("CARGO_PKG_VERSION"));
    assert_eq!(seen[0].header("user-agent"), Some(agent));
    assert_eq!(
        seen[0].header("accept"),
        Some("application/vnd.github+json")
    );
    assert_eq!(seen[0].header("x-github-api-version"), Some("2022-11-28"));
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(seen[0].header("authorization"), Some(&*bearer));
    assert_eq!(seen[0].header("if-none-match"), Some("W/\"abc\""));
    assert_eq!(seen[0].header("accept-encoding"), Some("gzip"));
    assert_eq!(seen[0].header("referer"), None);
}

#[tokio::test]
async fn nobody_sends_no_credential_and_a_user_sends_basic() {
    let server = Server::always(Reply::ok(NO_VIEWS)).await;
    for credential in [
        Credential::Anonymous,
        Credential::Basic {
            user: "me".to_owned(),
            secret: SecretString::from("abc"),
        },
    ] {
        let client = server.client_with(|options| options.credential = credential);
        let target = repo("o/r");
        client.traffic(&target, Metric::Views, None).await.unwrap();
    }
    let seen = server.seen();
    assert_eq!(seen[0].header("authorization"), None);
    assert_eq!(seen[0].header("if-none-match"), None);
    assert_eq!(seen[1].header("authorization"), Some("Basic bWU6YWJj"));
}

#[tokio::test]
async fn an_answer_carries_its_value_its_validator_and_the_servers_time() {
    let body = include_bytes!("../../../gitratra-github/tests/data/views.json");
    let server = Server::always(Reply::ok(body).with("etag", "W/\"1\"")).await;
    let client = server.client();
    let answer = client
        .traffic(&Target::Id(RepoId(7)), Metric::Views, None)
        .await
        .unwrap();
    let Answer::Fresh { value, etag, at } = answer else {
        panic!("unchanged");
    };
    assert_eq!(value.rows().len(), 14);
    assert_eq!(etag.as_deref(), Some("W/\"1\""));
    assert_eq!(at.as_second(), DATE_SECS);
    assert_eq!(value.read_at(), at);
    assert_eq!(server.paths(), ["/repositories/7/traffic/views"]);
}

#[tokio::test]
async fn unchanged_is_an_answer_with_a_time() {
    let server = Server::always(Reply::new(304, "")).await;
    let client = server.client();
    let answer = client
        .ranked(&repo("o/r"), Ranking::Paths, Some("\"x\""))
        .await
        .unwrap();
    let Answer::Unchanged { at } = answer else {
        panic!("fresh");
    };
    assert_eq!(at.as_second(), DATE_SECS);
    assert_eq!(client.counters().not_modified, 1);
    assert_eq!(client.counters().sent, 1);
}

#[tokio::test]
async fn a_packed_answer_is_unpacked() {
    // `{"count":0,"uniques":0,"views":[]}` as gzip with one stored block.
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1];
    let length = u16::try_from(NO_VIEWS.len()).unwrap();
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(NO_VIEWS.as_bytes());
    packed.extend(crc32(NO_VIEWS.as_bytes()).to_le_bytes());
    packed.extend(u32::from(length).to_le_bytes());
    let server = Server::always(Reply::ok(packed).with("content-encoding", "gzip")).await;
    let answer = server
        .client()
        .traffic(&repo("o/r"), Metric::Views, None)
        .await;
    assert!(answer.is_ok(), "{answer:?}");
}

/// The check sum of gzip, RFC 1952, section 8.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg())
        })
    })
}

#[tokio::test]
async fn a_repository_and_a_login_come_with_the_time() {
    let server = Server::start(|seen| {
        Reply::ok(match &*seen.path {
            "/user" => r#"{"login":"octocat"}"#,
            _ => r#"{"id":7,"full_name":"o/new","private":false,"fork":true}"#,
        })
    })
    .await;
    let client = server.client();
    let (repository, at) = client.repository(&repo("o/r")).await.unwrap();
    assert_eq!(repository.id, RepoId(7));
    assert_eq!(repository.name.to_string(), "o/new");
    assert_eq!(at.as_second(), DATE_SECS);
    let (login, _) = client.login().await.unwrap();
    assert_eq!(login, "octocat");
    assert_eq!(server.paths(), ["/repos/o/r", "/user"]);
}

#[tokio::test]
async fn the_address_of_an_own_server_is_kept() {
    let server = Server::always(Reply::ok(NO_VIEWS)).await;
    let client = crate::server::client(&format!("{}/api/v3/", server.url()), |_| {});
    let target = repo("o/r");
    client.traffic(&target, Metric::Views, None).await.unwrap();
    assert_eq!(server.paths(), ["/api/v3/repos/o/r/traffic/views"]);
}

#[tokio::test]
async fn questions_can_be_asked_from_many_tasks() {
    let server = Server::always(Reply::ok(NO_VIEWS).slow()).await;
    let client = server.client_with(|options| options.concurrency = 3);
    let tasks: Vec<_> = (0..30)
        .map(|n| {
            let client = client.clone();
            let target = repo(&format!("o/r{n}"));
            tokio::spawn(async move { client.traffic(&target, Metric::Views, None).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let most = server.seen().iter().map(|seen| seen.at_once).max();
    assert_eq!(most, Some(3));
    assert_eq!(client.counters().sent, 30);
}
