//! What each path answers.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use gitratra_core::RepoId;
use gitratra_web::{Limits, RepoState, Snapshot};

use crate::program::{Program, Running};

async fn running() -> Running {
    Running::start(Program::default(), Limits::default()).await
}

fn said(status: u16, text: &str) -> (u16, String) {
    (status, format!("{text}\n"))
}

#[tokio::test]
async fn a_collector_that_moves_is_healthy_and_one_that_hangs_is_not() {
    let running = running().await;
    assert_eq!(running.said("/healthz").await, said(200, "ok"));
    running.program.since_beat_secs.store(301, Ordering::SeqCst);
    let why = "the collector has not come round for 301 s, 300 s are allowed";
    assert_eq!(running.said("/healthz").await, said(503, why));
}

#[tokio::test]
async fn it_is_ready_once_the_self_test_passed_and_the_store_answers() {
    assert_eq!(running().await.said("/readyz").await, said(200, "ready"));
    let program = Program {
        has_passed: AtomicBool::new(false),
        ..Program::default()
    };
    let running = Running::start(program, Limits::default()).await;
    let why = "the self-test has not passed";
    assert_eq!(running.said("/readyz").await, said(503, why));
    let program = Program {
        does_store_answer: AtomicBool::new(false),
        ..Program::default()
    };
    let running = Running::start(program, Limits::default()).await;
    let why = "the store does not answer";
    assert_eq!(running.said("/readyz").await, said(503, why));
}

#[tokio::test]
async fn metrics_are_in_the_format_that_is_accepted() {
    // What Prometheus 2.42 sends.
    const PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0,\
                              application/openmetrics-text;version=0.0.1;q=0.75,\
                              text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    let running = running().await;
    for (accept, media_type, end) in [
        (
            PROMETHEUS,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            "# EOF\n",
        ),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8", " 1\n"),
    ] {
        let request = running.http.get(running.url("/metrics"));
        let response = request.header("accept", accept).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], media_type);
        let page = response.text().await.unwrap();
        assert!(page.contains("gitratra_alarms_open 0"));
        assert!(page.ends_with(end), "{page}");
    }
}

#[tokio::test]
async fn a_private_repository_is_a_number() {
    let repo = RepoState {
        id: RepoId(42),
        name: "octo/secret".parse().unwrap(),
        is_private: true,
        days_safe: Some(3),
        newest_views: None,
        newest_clones: None,
        is_behind: false,
        is_failing: false,
        is_gone: false,
    };
    let snapshot = Snapshot {
        repos: vec![repo],
        ..Snapshot::default()
    };
    let program = Program {
        snapshot: Mutex::new(Ok(snapshot)),
        ..Program::default()
    };
    let running = Running::start(program, Limits::default()).await;
    let (_, page) = running.said("/metrics").await;
    assert!(page.contains("gitratra_days_safe{repo=\"private-42\"} 3"));
    assert!(!page.contains("secret"));
}

#[tokio::test]
async fn no_numbers_is_told_and_not_shown_as_none() {
    let program = Program {
        snapshot: Mutex::new(Err("the store is busy".to_owned())),
        ..Program::default()
    };
    let running = Running::start(program, Limits::default()).await;
    let why = "the store is busy";
    assert_eq!(running.said("/metrics").await, said(503, why));
}

#[tokio::test]
async fn numbers_that_do_not_come_are_not_waited_for() {
    let program = Program {
        is_held: AtomicBool::new(true),
        ..Program::default()
    };
    let limits = Limits {
        answer: Duration::from_millis(50),
        ..Limits::default()
    };
    let running = Running::start(program, limits).await;
    let why = "the numbers took too long";
    assert_eq!(running.said("/metrics").await, said(503, why));
    assert_eq!(running.said("/healthz").await, said(200, "ok"));
}

#[tokio::test]
async fn many_scrapes_at_once_cost_one() {
    let program = Program {
        is_held: AtomicBool::new(true),
        scrapes: AtomicU32::new(0),
        ..Program::default()
    };
    let running = Running::start(program, Limits::default()).await;
    let scrapes = (0..20).map(|_| {
        let request = running.http.get(running.url("/metrics"));
        tokio::spawn(async move { request.send().await.unwrap().status().as_u16() })
    });
    let scrapes: Vec<_> = scrapes.collect();
    running.program.asked.notified().await;
    running.program.is_held.store(false, Ordering::SeqCst);
    running.program.release.notify_one();
    for scrape in scrapes {
        assert_eq!(scrape.await.unwrap(), 200);
    }
    // A second one only where the machine was so busy that the first was old already.
    assert!(running.program.scrapes.load(Ordering::SeqCst) < 20);
}

#[tokio::test]
async fn every_answer_is_hardened() {
    let running = running().await;
    for path in ["/healthz", "/readyz", "/metrics", "/nowhere"] {
        let response = running.get(path).await;
        let headers = response.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(headers["cache-control"], "no-store", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!headers.contains_key("server"), "{path}");
    }
}

#[tokio::test]
async fn everything_else_is_not_found() {
    let running = running().await;
    for path in [
        "/",
        "/metrics/",
        "/healthz/x",
        "/%2e%2e/etc/passwd",
        "/Metrics",
    ] {
        assert_eq!(
            running.said(path).await,
            said(404, "nothing is here"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn nothing_but_reading_is_answered() {
    let running = running().await;
    for path in ["/metrics", "/healthz", "/nowhere"] {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW"] {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let request = running.http.request(method.clone(), running.url(path));
            let response = request.body("x").send().await.unwrap();
            assert_eq!(response.status(), 405, "{method} {path}");
            assert_eq!(response.text().await.unwrap(), "only GET and HEAD\n");
        }
    }
    let response = running.http.head(running.url("/metrics")).send().await;
    let response = response.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().await.unwrap(), "");
}
