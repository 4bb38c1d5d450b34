//! Mail: what is delivered, and how it fails.

use std::time::Duration;

use gitratra_notify::{Channel, SendError};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::sink::Sink;
use crate::{SECRET, channel, message};

fn to(scheme: &str, port: u16, more: &str) -> Channel {
    channel(&format!(
        "kind = \"email\"\nname = \"post\"\nserver = \"{scheme}://127.0.0.1:{port}\"\n\
         from = \"gitratra <gitratra@example.org>\"\nto = [\"ops@example.org\", \"jo@example.org\"]\n\
         {more}"
    ))
}

fn signed_in(sink: &Sink) -> String {
    format!(
        "user = \"me\"\npassword_env = \"THE_SECRET\"\nca_file = \"{}\"",
        sink.certificate()
    )
}

fn header<'a>(mail: &'a serde_json::Value, name: &str) -> &'a str {
    let content = mail["content"].as_str().unwrap();
    let (head, _) = content.split_once("\r\n\r\n").unwrap();
    let line = head.lines().find(|line| line.starts_with(name)).unwrap();
    line[name.len()..].trim_start_matches(": ")
}

#[tokio::test]
async fn mail_arrives_at_everybody_with_the_given_time() {
    let mut sink = Sink::start("plain").await;
    to("smtp", sink.port, "").send(&message()).await.unwrap();
    let mail = sink.mail().await;
    assert_eq!(mail["from"], "gitratra@example.org");
    assert_eq!(
        mail["to"],
        serde_json::json!(["ops@example.org", "jo@example.org"])
    );
    assert_eq!(header(&mail, "Subject"), message().subject);
    assert_eq!(header(&mail, "Date"), "Tue, 10 Mar 2026 09:00:00 +0000");
    assert_eq!(header(&mail, "Content-Type"), "text/plain; charset=utf-8");
    assert_eq!(header(&mail, "Auto-Submitted"), "auto-generated");
    let id = header(&mail, "Message-ID").to_owned();
    assert!(id.starts_with("<gitratra.") && id.ends_with("@example.org>"));
    let content = mail["content"].as_str().unwrap();
    assert!(
        content.contains("What to do: gr=C3=B6=C3=9Fer denken."),
        "{content}"
    );
    assert!(
        content.contains("2026-02-25.\r\n\r\n.\r\n\r\nWhat"),
        "{content}"
    );
    to("smtp", sink.port, "").send(&message()).await.unwrap();
    let again = sink.mail().await;
    assert_eq!(header(&again, "Message-ID"), id);
}

#[tokio::test]
async fn starttls_and_a_password_are_used() {
    let mut sink = Sink::start("starttls").await;
    let channel = to("smtp", sink.port, &signed_in(&sink));
    channel.send(&message()).await.unwrap();
    let mail = sink.mail().await;
    assert_eq!(
        (&mail["is_tls"], &mail["user"]),
        (&true.into(), &"me".into())
    );
}

#[tokio::test]
async fn wrapped_tls_is_used() {
    let mut sink = Sink::start("wrapped").await;
    let channel = to("smtps", sink.port, &signed_in(&sink));
    channel.send(&message()).await.unwrap();
    assert_eq!(sink.mail().await["is_tls"], true);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let sink = Sink::start("wrapped").await;
    let error = to("smtps", sink.port, "").send(&message()).await;
    let error = error.unwrap_err();
    assert!(matches!(error, SendError::Unreachable { .. }), "{error}");
    assert!(
        error.to_string().to_lowercase().contains("certificate"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_without_tls_gets_no_password_where_tls_is_asked_for() {
    let sink = Sink::start("plain").await;
    let error = to("smtp", sink.port, &signed_in(&sink))
        .send(&message())
        .await;
    let error = error.unwrap_err();
    assert!(error.to_string().contains("STARTTLS"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_told_without_it() {
    let sink = Sink::start("starttls").await;
    let config = signed_in(&sink).replace("\"me\"", "\"you\"");
    let error = to("smtp", sink.port, &config).send(&message()).await;
    let error = error.unwrap_err();
    assert!(matches!(error, SendError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("535"), "{error}");
    assert!(!format!("{error} {error:?}").contains(SECRET));
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_told() {
    let sink = Sink::start("plain").await;
    let config = format!(
        "kind = \"email\"\nserver = \"smtp://127.0.0.1:{}\"\nfrom = \"a@example.org\"\n\
         to = [\"nobody@example.org\"]",
        sink.port
    );
    let error = channel(&config).send(&message()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "channel \"email\": \"127.0.0.1\" did not take the message: permanent error (550): no such user"
    );
}

#[tokio::test]
async fn who_has_moved_away_keeps_nothing_from_the_others() {
    let mut sink = Sink::start("plain").await;
    let config = format!(
        "kind = \"email\"\nserver = \"smtp://127.0.0.1:{}\"\nfrom = \"a@example.org\"\n\
         to = [\"nobody@example.org\", \"ops@example.org\"]",
        sink.port
    );
    channel(&config).send(&message()).await.unwrap();
    let mail = sink.mail().await;
    assert_eq!(mail["to"], serde_json::json!(["ops@example.org"]));
    assert_eq!(header(&mail, "To"), "nobody@example.org, ops@example.org");
}

#[tokio::test]
async fn no_name_can_add_a_header() {
    let mut sink = Sink::start("plain").await;
    let mut bad = message();
    bad.subject = "o/r\r\nBcc: evil@example.org\r\n\r\nbody\0".to_owned();
    to("smtp", sink.port, "").send(&bad).await.unwrap();
    let mail = sink.mail().await;
    assert_eq!(header(&mail, "Subject"), "o/r Bcc: evil@example.org body");
    let content = mail["content"].as_str().unwrap();
    assert!(!content.contains("\nBcc:"), "{content}");
    assert_eq!(mail["to"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_long_subject_of_any_letters_stays_one_header() {
    let mut sink = Sink::start("plain").await;
    let mut long = message();
    long.subject = "größer ".repeat(40);
    to("smtp", sink.port, "").send(&long).await.unwrap();
    let mail = sink.mail().await;
    let content = mail["content"].as_str().unwrap();
    assert!(
        content
            .lines()
            .all(|line| line.len() <= 998 && line.is_ascii())
    );
    assert!(header(&mail, "Subject").starts_with("=?utf-8?"));
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = to("smtp", port, "").send(&message()).await.unwrap_err();
    assert!(matches!(error, SendError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let channel = to("smtp", port, "").with_limit(Duration::from_millis(200));
    let error = channel.send(&message()).await.unwrap_err();
    assert!(matches!(error, SendError::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn a_greeting_that_is_no_mail_server_s_is_told() {
    for greeting in ["HTTP/1.1 400 Bad Request\r\n\r\n", "554 go away\r\n", ""] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(greeting.as_bytes()).await.unwrap();
        });
        let error = to("smtp", port, "").send(&message()).await.unwrap_err();
        assert!(!matches!(error, SendError::TimedOut { .. }), "{error}");
        assert!(!error.to_string().contains('\n'));
    }
}
