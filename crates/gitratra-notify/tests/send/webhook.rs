//! HTTP receivers: what they get, and how they fail.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use gitratra_notify::{Channel, SendError};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::{SECRET, channel, message};

#[derive(Debug)]
struct Got {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
}

struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    async fn start(reply: fn() -> Response) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/{SECRET}", listener.local_addr().unwrap());
        let got = Arc::new(Mutex::new(Vec::new()));
        let known = Arc::clone(&got);
        let take = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let body = String::from_utf8(body.to_vec()).unwrap();
            known.lock().unwrap().push(Got {
                method,
                uri,
                headers,
                body,
            });
            async move { reply() }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(take)).await });
        Self { url, got }
    }

    fn channel(&self) -> Channel {
        to(&self.url)
    }
}

fn to(url: &str) -> Channel {
    let config = format!(
        "kind = \"webhook\"\nname = \"room\"\nurl = \"{url}\"\nsecret_env = \"THE_SECRET\""
    );
    channel(&config)
}

#[tokio::test]
async fn a_receiver_gets_signed_json_once() {
    let receiver = Receiver::start(|| StatusCode::NO_CONTENT.into_response()).await;
    receiver.channel().send(&message()).await.unwrap();
    let got = receiver.got.lock().unwrap();
    assert_eq!(got.len(), 1);
    let got = &got[0];
    assert_eq!(got.method, Method::POST);
    assert_eq!(got.uri.path(), format!("/hooks/{SECRET}"));
    assert_eq!(got.headers["content-type"], "application/json");
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = ring::hmac::sign(&key, got.body.as_bytes());
    let digits: String = tag.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(
        got.headers["x-gitratra-signature"],
        format!("sha256={digits}")
    );
    let body: serde_json::Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(body["event"], "raised");
    assert_eq!(body["key"], "days-left/7");
    assert_eq!(body["subject"], message().subject);
    assert_eq!(body["text"], message().text);
    assert_eq!(body["repositories"][0], "octo/hello");
    assert_eq!(body["at"], "2026-03-10T09:00:00Z");
    let content = body["content"].as_str().unwrap();
    assert!(content.contains(&message().subject) && content.contains(&message().text));
    assert_eq!(body["allowed_mentions"]["parse"], serde_json::json!([]));
}

#[tokio::test]
async fn a_long_message_fits_where_rooms_take_two_thousand_characters() {
    let receiver = Receiver::start(|| StatusCode::OK.into_response()).await;
    let mut long = message();
    long.text = "größer ".repeat(1000);
    receiver.channel().send(&long).await.unwrap();
    let got = receiver.got.lock().unwrap();
    let body: serde_json::Value = serde_json::from_str(&got[0].body).unwrap();
    assert!(body["content"].as_str().unwrap().chars().count() < 2000);
    assert_eq!(body["text"], long.text);
}

#[tokio::test]
async fn a_refusal_says_why_and_never_the_address() {
    let receiver =
        Receiver::start(|| (StatusCode::INTERNAL_SERVER_ERROR, "no_such_room\r\n").into_response());
    let error = receiver.await.channel().send(&message()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "channel \"room\": \"127.0.0.1\" did not take the message: it answered 500: no_such_room"
    );
    let receiver =
        Receiver::start(|| (StatusCode::NOT_FOUND, format!("no /hooks/{SECRET}")).into_response());
    let error = receiver.await.channel().send(&message()).await.unwrap_err();
    assert!(error.to_string().contains("404"));
    assert!(!format!("{error} {error:?}").contains(SECRET));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Receiver::start(|| StatusCode::OK.into_response()).await;
    let receiver = Receiver::start(|| {
        (StatusCode::TEMPORARY_REDIRECT, [("location", "/elsewhere")]).into_response()
    })
    .await;
    let error = receiver.channel().send(&message()).await.unwrap_err();
    assert!(error.to_string().contains("redirects are not followed"));
    assert_eq!(receiver.got.lock().unwrap().len(), 1);
    assert!(elsewhere.got.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/{SECRET}", listener.local_addr().unwrap());
    drop(listener);
    let error = to(&url).send(&message()).await.unwrap_err();
    assert!(matches!(error, SendError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(!format!("{error} {error:?}").contains(SECRET));
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/{SECRET}", listener.local_addr().unwrap());
    let channel = to(&url).with_limit(Duration::from_millis(200));
    let error = channel.send(&message()).await.unwrap_err();
    assert!(matches!(error, SendError::TimedOut { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains(SECRET));
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/{SECRET}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"220 ready to serve\r\n").await.unwrap();
    });
    let error = to(&url).send(&message()).await.unwrap_err();
    assert!(!matches!(error, SendError::TimedOut { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains(SECRET));
}
