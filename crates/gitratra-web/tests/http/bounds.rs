//! Nobody can hold the server up, and it stops when it is told to.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gitratra_web::{Limits, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::program::{Program, Running};

/// Sends something raw and reads until the server closes.
async fn raw(running: &Running, text: &[u8]) -> String {
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    // The server may answer and close before it was sent everything.
    let _ = stream.write_all(text).await;
    end(&mut stream).await
}

async fn end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer).await {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    String::from_utf8(answer).unwrap()
}

fn quick() -> Limits {
    Limits {
        head: Duration::from_millis(500),
        ..Limits::default()
    }
}

#[tokio::test]
async fn who_says_nothing_or_half_of_it_is_left() {
    let running = Running::start(Program::default(), quick()).await;
    for half in ["", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: "] {
        raw(&running, half.as_bytes()).await;
    }
    assert_eq!(running.said("/healthz").await.0, 200);
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let running = Running::start(Program::default(), quick()).await;
    let answer = raw(&running, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[tokio::test]
async fn a_connection_that_asks_and_asks_has_an_end() {
    let limits = Limits {
        connection: Duration::from_millis(500),
        ..Limits::default()
    };
    let running = Running::start(Program::default(), limits).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let mut answer = vec![0; 4096];
    let mut asked = 0_u32;
    loop {
        let sent = stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            .await;
        if sent.is_err() || !matches!(stream.read(&mut answer).await, Ok(1..)) {
            break;
        }
        asked += 1;
    }
    assert!(asked > 1);
}

#[tokio::test]
async fn heads_are_bounded() {
    let running = Running::start(Program::default(), Limits::default()).await;
    let long = format!(
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n",
        "a".repeat(64 << 10)
    );
    let many = format!(
        "GET /healthz HTTP/1.1\r\nHost: x\r\n{}\r\n",
        "X: y\r\n".repeat(100)
    );
    let path = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(64 << 10));
    for head in [long, many, path] {
        let answer = raw(&running, head.as_bytes()).await;
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    assert_eq!(running.said("/healthz").await.0, 200);
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let running = Running::start(Program::default(), Limits::default()).await;
    for noise in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"EHLO x\r\n\r\n",
    ] {
        let answer = raw(&running, noise).await;
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    assert_eq!(running.said("/healthz").await.0, 200);
}

#[tokio::test]
async fn more_connections_than_there_are_places_wait_in_line() {
    let limits = Limits {
        connections: 2,
        ..quick()
    };
    let running = Running::start(Program::default(), limits).await;
    // Two hold a place and say nothing; whoever comes after them is answered once they are left.
    let mut first = TcpStream::connect(running.address).await.unwrap();
    let mut second = TcpStream::connect(running.address).await.unwrap();
    assert_eq!(running.said("/healthz").await.0, 200);
    end(&mut first).await;
    end(&mut second).await;
}

#[tokio::test]
async fn an_answer_on_its_way_is_let_through_at_the_end() {
    let program = Program {
        is_held: AtomicBool::new(true),
        ..Program::default()
    };
    let limits = Limits {
        stop: Duration::from_secs(60),
        ..Limits::default()
    };
    let running = Running::start(program, limits).await;
    let request = running.http.get(running.url("/metrics"));
    let scrape = tokio::spawn(async move { request.send().await.unwrap().status() });
    running.program.asked.notified().await;
    running.shutdown.cancel();
    running.program.is_held.store(false, Ordering::SeqCst);
    running.program.release.notify_one();
    assert_eq!(scrape.await.unwrap(), 200);
    running.task.await.unwrap();
    let refused = TcpStream::connect(running.address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn an_answer_that_does_not_come_does_not_hold_the_end_up() {
    let program = Program {
        is_held: AtomicBool::new(true),
        ..Program::default()
    };
    let limits = Limits {
        answer: Duration::from_secs(3600),
        connection: Duration::from_secs(3600),
        stop: Duration::from_millis(50),
        ..Limits::default()
    };
    let running = Running::start(program, limits).await;
    let request = running.http.get(running.url("/metrics"));
    let scrape = tokio::spawn(request.send());
    running.program.asked.notified().await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    running.shutdown.cancel();
    running.task.await.unwrap();
    assert!(scrape.await.unwrap().is_err());
    end(&mut idle).await;
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let taken = Server::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = Server::bind(&address).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot listen on \"{address}\", choose another address or port")
    );
    assert!(Server::bind("nowhere").await.is_err());
}
