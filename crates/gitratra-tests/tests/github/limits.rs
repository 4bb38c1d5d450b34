//! Limits of GitHub and our own pace: what is held back, for how long, and what is never sent.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use gitratra_core::{Metric, Timestamp};
use gitratra_github::{Client, Clock, Failure, FailureKind};

use crate::server::{DATE_SECS, JumpingClock, NO_VIEWS, Reply, Server, repo};

async fn views(client: &Client) -> Result<(), Failure> {
    let answer = client.traffic(&repo("o/r"), Metric::Views, None).await;
    answer.map(|_| ())
}

/// Asks so many times at once and gives what came.
async fn views_at_once(client: &Client, times: usize) -> Vec<Result<(), Failure>> {
    let tasks: Vec<_> = (0..times)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { views(&client).await })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

fn after_date(secs: i64) -> Option<Timestamp> {
    Timestamp::from_second(DATE_SECS + secs).ok()
}

fn limited(failure: &Failure) -> Option<Timestamp> {
    match failure.kind {
        FailureKind::RateLimited { until } => until,
        _ => panic!("{failure:?}"),
    }
}

#[tokio::test]
async fn nothing_is_sent_until_the_hour_is_over() {
    let exceeded = Reply::refusal(403, "API rate limit exceeded for user ID 1.");
    let server = Server::in_turn([
        exceeded.with_rate(5000, 0, 1800),
        Reply::ok(NO_VIEWS).with_rate(5000, 4999, 3600),
    ])
    .await;
    let client = server.client();
    for _ in 0..3 {
        let failure = views(&client).await.unwrap_err();
        assert_eq!(limited(&failure), after_date(1800));
        assert!(failure.to_string().contains("rate limit"), "{failure}");
    }
    assert_eq!(server.seen().len(), 1);
    assert_eq!(client.rate().unwrap().remaining, 0);

    client.wait_for_reset(after_date(1800).unwrap()).await;
    views(&client).await.unwrap();
    assert_eq!(server.seen().len(), 2);
    assert_eq!(client.rate().unwrap().remaining, 4999);
}

#[tokio::test]
async fn a_reset_in_the_past_is_waited_for_longer_each_time() {
    let server = Server::start(|seen| match seen.before {
        8 => Reply::ok(NO_VIEWS).with_rate(5000, 4999, 3600),
        _ => Reply::refusal(403, "API rate limit exceeded for user ID 1.").with_rate(5000, 0, -100),
    })
    .await;
    let client = server.client();
    let mut waits = Vec::new();
    for _ in 0..10 {
        match views(&client).await {
            Ok(()) => waits.push(0),
            Err(failure) => {
                let until = limited(&failure).unwrap();
                waits.push(until.as_second() - DATE_SECS);
                client.wait_for_reset(until).await;
            }
        }
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60, 0, 2]);
    assert_eq!(server.seen().len(), 10, "each was waited for and sent");
}

#[tokio::test]
async fn an_answer_that_used_the_last_request_is_kept_and_the_next_is_not_sent() {
    let server = Server::start(|seen| match &*seen.path {
        "/rate_limit" => {
            Reply::ok(r#"{"resources":{"core":{"limit":60,"remaining":0,"reset":1767893695}}}"#)
        }
        _ => Reply::ok(NO_VIEWS).with_rate(60, 0, 1000),
    })
    .await;
    let client = server.client();
    views(&client).await.unwrap();
    let failure = views(&client).await.unwrap_err();
    assert_eq!(limited(&failure), after_date(1000));
    // This one costs nothing.
    let limit = client.rate_limit().await.unwrap();
    assert_eq!(limit.rate.unwrap().remaining, 0);
    assert_eq!(limit.at.as_second(), DATE_SECS);
    assert_eq!(server.paths().len(), 2);
}

#[tokio::test]
async fn the_last_requests_of_the_hour_are_not_overdrawn() {
    for some_cost_nothing in [false, true] {
        let left = Arc::new(AtomicI64::new(10));
        let counted = Arc::clone(&left);
        let server = Server::start(move |seen| {
            if some_cost_nothing && seen.before % 3 == 2 {
                let left = counted.load(Ordering::SeqCst).max(0);
                let reply = Reply::refusal(404, "Not Found");
                return reply.with_rate(5000, left.unsigned_abs(), 900).slow();
            }
            let left = counted.fetch_sub(1, Ordering::SeqCst) - 1;
            if left < 0 {
                let reply = Reply::refusal(403, "API rate limit exceeded");
                return reply.with_rate(5000, 0, 900);
            }
            let reply = Reply::ok(NO_VIEWS).with_rate(5000, left.unsigned_abs(), 900);
            reply.slow()
        })
        .await;
        let client = server.client_with(|options| options.concurrency = 16);
        let results = views_at_once(&client, 60).await;
        let read = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(read, 10);
        assert_eq!(left.load(Ordering::SeqCst), 0, "more was sent than allowed");
        for failure in results.iter().filter_map(|result| result.as_ref().err()) {
            assert!(matches!(
                failure.kind,
                FailureKind::RateLimited { .. } | FailureKind::NotFound
            ));
        }
    }
}

#[tokio::test]
async fn all_requests_pause_when_github_asks_to_slow_down() {
    let clock = Arc::new(JumpingClock::default());
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let (times, noted) = (Arc::clone(&clock), Arc::clone(&arrivals));
    let server = Server::start(move |seen| {
        noted.lock().unwrap().push(times.now());
        if seen.before == 4 {
            let words = "You have exceeded a secondary rate limit.";
            return Reply::refusal(403, words)
                .with_rate(5000, 4000, 900)
                .with("retry-after", 90);
        }
        Reply::ok(NO_VIEWS).with_rate(5000, 4000, 900).slow()
    })
    .await;
    let client = server.client_with(|options| {
        options.clock = clock;
        options.concurrency = 4;
    });
    let results = views_at_once(&client, 30).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(client.counters().retried, 1);
    let arrivals = arrivals.lock().unwrap();
    assert_eq!(arrivals.len(), 31);
    // Only what was in flight with the refused one came before the pause.
    let late = |at: &&Duration| **at >= Duration::from_secs(90);
    assert!(arrivals.iter().filter(late).count() >= 31 - 12);
    assert!(arrivals[12..].iter().all(|at| late(&at)), "{arrivals:?}");
}

#[tokio::test]
async fn without_a_time_the_pauses_double_and_end() {
    let clock = Arc::new(JumpingClock::default());
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let (times, noted) = (Arc::clone(&clock), Arc::clone(&arrivals));
    let server = Server::start(move |_| {
        noted.lock().unwrap().push(times.now().as_secs());
        Reply::refusal(429, "You have exceeded a secondary rate limit.")
    })
    .await;
    let client = server.client_with(|options| options.clock = clock);
    let failure = views(&client).await.unwrap_err();
    assert_eq!(*arrivals.lock().unwrap(), [0, 60, 180, 420]);
    // After the fourth refusal of 480 seconds nothing is sent, not even what is free.
    assert_eq!(limited(&failure), after_date(480));
    assert_eq!(client.counters().retried, 3);
    assert!(client.rate_limit().await.is_err());
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_very_long_pause_is_not_waited_for() {
    let words = "You have exceeded a secondary rate limit.";
    let server = Server::always(Reply::refusal(403, words).with("retry-after", 3600)).await;
    let client = server.client();
    for _ in 0..2 {
        let failure = views(&client).await.unwrap_err();
        assert_eq!(limited(&failure), after_date(3600));
    }
    assert_eq!(server.seen().len(), 1);
    assert_eq!(client.counters().retried, 0);
}

#[tokio::test]
async fn no_minute_has_more_requests_than_the_pace_allows() {
    let clock = Arc::new(JumpingClock::default());
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let (times, noted) = (Arc::clone(&clock), Arc::clone(&arrivals));
    let server = Server::start(move |seen| {
        noted.lock().unwrap().push(times.now());
        // Redirects and retries count as well.
        match seen.before % 5 {
            1 => Reply::refusal(301, "Moved Permanently").with("location", "/x"),
            3 => Reply::refusal(502, "Server Error"),
            _ => Reply::ok(NO_VIEWS),
        }
    })
    .await;
    let client = server.client_with(|options| {
        options.clock = clock;
        options.points_per_minute = 7;
        options.concurrency = 5;
    });
    client.preload_points(5);
    let results = views_at_once(&client, 30).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let arrivals = arrivals.lock().unwrap();
    assert!(arrivals.len() > 40);
    for pair in arrivals.windows(8) {
        assert!(pair[7] - pair[0] > Duration::from_secs(60), "{arrivals:?}");
    }
    let minute = Duration::from_secs(60);
    let first = arrivals.iter().filter(|at| **at < minute).count();
    assert_eq!(first, 2, "five were sent by another run");
}

#[tokio::test]
async fn a_server_without_limits_still_tells_the_time() {
    let server = Server::always(Reply::refusal(404, "Rate limiting is not enabled.")).await;
    let client = server.client();
    let limit = client.rate_limit().await.unwrap();
    assert_eq!(limit.rate, None);
    assert_eq!(limit.at.as_second(), DATE_SECS);
    assert_eq!(client.server_now(), after_date(0));
}

#[tokio::test]
async fn a_dropped_question_gives_its_place_back() {
    let server = Server::always(Reply::ok(NO_VIEWS).with_rate(5000, 2, 900).slow()).await;
    let client = server.client_with(|options| options.concurrency = 1);
    for _ in 0..5 {
        let mut question = pin!(views(&client));
        // One look is enough to pass the gate and begin to send.
        poll_fn(|context| {
            assert!(question.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    assert_eq!(client.counters().sent, 5);
    views(&client).await.unwrap();
    assert_eq!(client.counters().sent, 6);
}

#[tokio::test]
async fn the_first_request_goes_alone_until_the_limit_is_known() {
    let server = Server::start(|seen| {
        let reply = Reply::ok(NO_VIEWS).slow();
        match seen.before {
            0 => reply.with_rate(60, 0, 900),
            _ => reply,
        }
    })
    .await;
    let client = server.client();
    let results = views_at_once(&client, 8).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_used_up_hour_ends_when_the_server_says_so() {
    let server = Server::start(|seen| {
        let late = "Thu, 08 Jan 2026 18:18:15 GMT";
        match seen.before {
            0 => Reply::refusal(403, "API rate limit exceeded").with_rate(60, 0, 1800),
            1 => Reply::ok(r#"{"rate":{"limit":60,"remaining":60,"reset":1767900000}}"#)
                .with("date", late),
            _ => Reply::ok(NO_VIEWS).with("date", late),
        }
    })
    .await;
    let client = server.client();
    assert!(views(&client).await.is_err());
    assert!(views(&client).await.is_err());
    client.rate_limit().await.unwrap();
    views(&client).await.unwrap();
    assert_eq!(server.seen().len(), 3);
}
