//! The device flow: a code for a person, then waiting at the pace that GitHub asks for.

use std::sync::{Arc, Mutex};

use gitratra_github::{
    Begun, Clock, DeviceError, DeviceOptions, RetryPolicy, SecretString, SiteUrl, device,
};

use secrecy::ExposeSecret;

use crate::raw::{Act, RawServer};
use crate::server::{JumpingClock, Reply, Seen, Server};

const PENDING: &str = r#"{"error":"authorization_pending","error_description":"x"}"#;
const TOKEN: &str = r#"{"access_token":"gho_SECRET","token_type":"bearer","scope":"repo"}"#;

fn code(site: &str) -> String {
    format!(
        r#"{{"device_code":"dc_SECRET","user_code":"WDJB-MJHT",
        "verification_uri":"{site}/login/device","expires_in":900,"interval":5}}"#
    )
}

/// A site that gives a code and then these answers in turn, and the times they were asked for.
struct Site {
    server: Server,
    clock: Arc<JumpingClock>,
    asked: Arc<Mutex<Vec<u64>>>,
}

impl Site {
    async fn start(answers: impl IntoIterator<Item = Reply>) -> Self {
        let answers: Vec<_> = answers.into_iter().collect();
        let clock = Arc::new(JumpingClock::default());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (times, noted) = (Arc::clone(&clock), Arc::clone(&asked));
        let server = Server::start(move |seen: &Seen| {
            assert_eq!(seen.method, "POST");
            assert_eq!(seen.header("accept"), Some("application/json"));
            assert_eq!(seen.header("authorization"), None);
            let form = "application/x-www-form-urlencoded";
            assert_eq!(seen.header("content-type"), Some(form));
            if seen.path == "/login/device/code" {
                assert_eq!(seen.body, "client_id=Iv1.a%26b&scope=repo");
                return Reply::ok(code(&format!("http://{}", seen.header("host").unwrap())));
            }
            assert_eq!(seen.path, "/login/oauth/access_token");
            assert_eq!(
                seen.body,
                "client_id=Iv1.a%26b&device_code=dc_SECRET&\
                 grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
            );
            noted.lock().unwrap().push(times.now().as_secs());
            answers[(seen.before - 1).min(answers.len() - 1)].clone()
        })
        .await;
        Self {
            server,
            clock,
            asked,
        }
    }

    async fn begin(&self) -> Begun {
        let clock = Arc::<JumpingClock>::clone(&self.clock);
        begin(&self.server.url(), clock).await.unwrap()
    }

    async fn wait(&self) -> Result<SecretString, DeviceError> {
        self.begin().await.wait().await
    }

    fn asked(&self) -> Vec<u64> {
        self.asked.lock().unwrap().clone()
    }
}

async fn begin(url: &str, clock: Arc<JumpingClock>) -> Result<Begun, DeviceError> {
    let site = SiteUrl::parse(url).unwrap();
    let options = DeviceOptions {
        clock,
        retry: RetryPolicy::default(),
        ..DeviceOptions::new(site, "Iv1.a&b".to_owned(), "repo".to_owned())
    };
    device::begin(&options).await
}

async fn begin_at(reply: Reply) -> DeviceError {
    let server = Server::always(reply).await;
    let begun = begin(&server.url(), Arc::default()).await;
    let error = begun.expect_err("the site refuses");
    let all = format!("{error} {error:?} {}", error.action());
    assert!(!all.contains("SECRET"), "{all}");
    error
}

#[tokio::test]
async fn a_person_types_the_code_and_the_token_comes() {
    let site = Site::start([Reply::ok(PENDING), Reply::ok(PENDING), Reply::ok(TOKEN)]).await;
    let begun = site.begin().await;
    assert_eq!(begun.user_code, "WDJB-MJHT");
    assert_eq!(
        begun.verification_uri,
        format!("{}/login/device", site.server.url())
    );
    assert_eq!(begun.expires_in.as_secs(), 900);
    assert!(!format!("{begun:?}").contains("SECRET"));
    let token = begun.wait().await.unwrap();
    assert_eq!(token.expose_secret(), "gho_SECRET");
    assert_eq!(site.asked(), [5, 10, 15]);
}

#[tokio::test]
async fn slowing_down_adds_five_seconds_or_what_github_says() {
    let slow = |more: &str| Reply::ok(format!(r#"{{"error":"slow_down"{more}}}"#));
    let site = Site::start([
        slow(""),
        slow(r#","interval":40"#),
        slow(r#","interval":1"#),
        Reply::ok(PENDING),
        Reply::ok(TOKEN),
    ])
    .await;
    site.wait().await.unwrap();
    assert_eq!(site.asked(), [5, 15, 55, 100, 145]);
}

#[tokio::test]
async fn waiting_ends_with_the_code() {
    let site = Site::start([Reply::ok(PENDING)]).await;
    assert!(matches!(site.wait().await, Err(DeviceError::Expired)));
    assert_eq!(site.asked().len(), 179);
    assert_eq!(site.clock.now().as_secs(), 900);
}

#[tokio::test]
async fn trouble_that_passes_does_not_end_the_waiting() {
    let site = Site::start([
        Reply::new(502, "<html>"),
        Reply::new(429, ""),
        Reply::ok(TOKEN),
    ])
    .await;
    site.wait().await.unwrap();
    assert_eq!(site.asked(), [5, 15, 30]);
    let site = Site::start([Reply::new(503, "")]).await;
    let error = site.wait().await.unwrap_err();
    assert!(matches!(error, DeviceError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn each_refusal_says_what_to_do() {
    let refusal = |word: &str| Reply::ok(format!(r#"{{"error":"{word}"}}"#));
    let cases = [
        ("access_denied", "allow"),
        ("expired_token", "within the time"),
        ("incorrect_client_credentials", "client id"),
        ("device_flow_disabled", "Enable Device Flow"),
        ("incorrect_device_code", "again"),
        ("unsupported_grant_type", "again"),
    ];
    for (word, action) in cases {
        let site = Site::start([refusal(word)]).await;
        let error = site.wait().await.unwrap_err();
        assert!(
            error.action().contains(action),
            "{word}: {}",
            error.action()
        );
        assert_eq!(site.asked(), [5]);
        let error = begin_at(refusal(word)).await;
        assert!(
            error.action().contains(action),
            "{word}: {}",
            error.action()
        );
    }
}

#[tokio::test]
async fn a_code_is_given_or_the_reason_is_told() {
    let error = begin_at(Reply::new(404, r#"{"error":"Not Found"}"#)).await;
    assert!(matches!(error, DeviceError::WrongClientId { .. }));
    assert!(error.to_string().contains("\"Iv1.a&b\""));
    assert!(matches!(
        begin_at(Reply::ok(r#"{"error":"slow_down"}"#)).await,
        DeviceError::TooMany
    ));
    assert!(matches!(
        begin_at(Reply::new(500, "")).await,
        DeviceError::Unreachable { .. }
    ));
    let wrong = |from: &str, to: &str| code("http://127.0.0.1").replace(from, to);
    for body in [
        "<html>".to_owned(),
        "{}".to_owned(),
        // Never a page of somebody else.
        code("http://127.0.0.1:1"),
        code("https://github.com"),
        wrong("WDJB-MJHT", "\\u001b[31mWDJB"),
        wrong("WDJB-MJHT", ""),
        wrong("\"dc_SECRET\"", "{\"a\":\"dc_SECRET\"}"),
    ] {
        let error = begin_at(Reply::ok(&*body)).await;
        assert!(matches!(error, DeviceError::Malformed { .. }), "{body}");
    }
    let elsewhere = Reply::refusal(302, "x").with("location", "http://127.0.0.1:1/x");
    assert!(matches!(
        begin_at(elsewhere).await,
        DeviceError::Malformed { .. }
    ));
}

#[tokio::test]
async fn a_site_that_does_not_answer_is_unreachable() {
    let server = RawServer::start([Act::HangUp]).await;
    let begun = begin(&server.url, Arc::default()).await;
    let error = begun.expect_err("nothing answers");
    assert!(matches!(error, DeviceError::Unreachable { .. }), "{error}");
    assert_eq!(server.connections(), 1);
}
