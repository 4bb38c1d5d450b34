//! The part of each hour that this client spends, and what it leaves to others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gitratra_core::{Metric, Timestamp};
use gitratra_github::{
    ApiUrl, BoxFuture, Client, ClientError, Clock, Credential, Failure, FailureKind, Options,
    Purse, PurseWant, Share,
};

use crate::raw::{Act, RawServer};
use crate::server::{DATE, DATE_SECS, JumpingClock, NO_VIEWS, Reply, Server, client, repo};

async fn views(client: &Client) -> Result<(), Failure> {
    let target = repo("o/r");
    let answer = client.traffic(&target, Metric::Views, Some("\"x\""));
    answer.await.map(|_| ())
}

/// The end of the hour in a failure about limits.
fn until(failure: &Failure) -> i64 {
    match failure.kind {
        FailureKind::RateLimited { until: Some(until) } => until.as_second() - DATE_SECS,
        _ => panic!("{failure:?}"),
    }
}

/// Asks until nothing is sent any more and gives how often it was answered.
async fn spend(client: &Client) -> (usize, Failure) {
    let mut read = 0;
    loop {
        match views(client).await {
            Ok(()) => read += 1,
            Err(failure) => return (read, failure),
        }
        assert!(read < 1000, "there is no end");
    }
}

/// A server with 20 requests an hour, whose hours follow the clock.
async fn hourly(clock: &Arc<JumpingClock>) -> Server {
    let spent = AtomicU64::new(0);
    let hours = AtomicU64::new(0);
    let clock = Arc::clone(clock);
    Server::start(move |_| {
        let hour = clock.now().as_secs() / 3600;
        if hours.swap(hour, Ordering::SeqCst) != hour {
            spent.store(0, Ordering::SeqCst);
        }
        let spent = spent.fetch_add(1, Ordering::SeqCst) + 1;
        assert!(spent <= 20, "more was sent than there is");
        let now = DATE_SECS + i64::try_from(clock.now().as_secs()).unwrap();
        let now = Timestamp::from_second(now).unwrap();
        Reply::ok(NO_VIEWS)
            .with("date", now.strftime("%a, %d %b %Y %H:%M:%S GMT"))
            .with_rate(20, 20 - spent, i64::try_from((hour + 1) * 3600).unwrap())
    })
    .await
}

#[tokio::test]
async fn half_of_the_hour_is_spent_and_the_next_hour_starts_anew() {
    let clock = Arc::new(JumpingClock::default());
    let server = hourly(&clock).await;
    let client = server.client_with(|options| {
        options.clock = Arc::<JumpingClock>::clone(&clock);
        options.rate_share = 0.5;
        options.points_per_minute = 0;
    });
    for hour in 1_u32..=3 {
        let (read, failure) = spend(&client).await;
        assert_eq!(read, 10);
        assert_eq!(until(&failure), i64::from(hour) * 3600);
        assert!(failure.to_string().contains("share of the rate limit"));
        assert_eq!(client.rate().unwrap().remaining, 10);
        let reset = client.rate().unwrap().reset_at;
        client.wait_for_reset(reset).await;
    }
    assert_eq!(server.seen().len(), 30);
}

#[tokio::test]
async fn requests_side_by_side_do_not_overdraw_the_share() {
    let clock = Arc::new(JumpingClock::default());
    let server = hourly(&clock).await;
    let client = server.client_with(|options| {
        options.rate_share = 0.35;
        options.concurrency = 8;
    });
    let tasks: Vec<_> = (0..30)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { views(&client).await })
        })
        .collect();
    let mut read = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => read += 1,
            Err(failure) => assert_eq!(until(&failure), 3600),
        }
    }
    assert_eq!(read, 7);
    assert_eq!(server.seen().len(), 7);
}

#[tokio::test]
async fn what_costs_nothing_is_not_counted_and_others_spend_their_own() {
    // Each answer tells of ten requests that others sent.
    let server = Server::start(|seen| {
        let left = 5000 - 10 * u64::try_from(seen.before).unwrap();
        match (&*seen.path, seen.before % 2) {
            ("/rate_limit", _) => Reply::ok(format!(
                r#"{{"resources":{{"core":{{"limit":5000,"remaining":{left},"reset":{}}}}}}}"#,
                DATE_SECS + 1800
            )),
            (_, 0) => Reply::ok(NO_VIEWS).with_rate(5000, left, 1800),
            _ => Reply::new(304, "").with_rate(5000, left, 1800),
        }
    })
    .await;
    let client = server.client_with(|options| options.rate_share = 0.004);
    let (read, failure) = spend(&client).await;
    assert_eq!(until(&failure), 1800);
    let counters = client.counters();
    assert_eq!((counters.ok, counters.not_modified), (20, 19));
    assert_eq!(read, 39);
    // This one is free, so it may be asked, and opens nothing.
    client.rate_limit().await.unwrap();
    assert!(views(&client).await.is_err());
    assert_eq!(server.seen().len(), 40);
}

#[tokio::test]
async fn others_who_took_all_leave_nothing_of_the_share() {
    let server = Server::always(Reply::ok(NO_VIEWS).with_rate(5000, 0, 1800)).await;
    let client = server.client_with(|options| options.rate_share = 0.5);
    let (read, failure) = spend(&client).await;
    assert_eq!((read, until(&failure)), (1, 1800));
    assert!(!failure.to_string().contains("share"), "{failure}");
}

#[tokio::test]
async fn an_answer_that_broke_off_may_have_been_counted() {
    let good = format!(
        "HTTP/1.1 200 OK\r\nDate: {DATE}\r\nContent-Length: {}\r\nx-ratelimit-limit: 4\r\n\
         x-ratelimit-remaining: 3\r\nx-ratelimit-reset: {}\r\nConnection: close\r\n\r\n{NO_VIEWS}",
        NO_VIEWS.len(),
        DATE_SECS + 900
    );
    let server = RawServer::start([Act::Write(good.into_bytes()), Act::HangUp]).await;
    let client = client(&server.url, |options| {
        options.rate_share = 0.5;
        options.retry.base = Duration::ZERO;
    });
    views(&client).await.unwrap();
    let failure = views(&client).await.unwrap_err();
    assert_eq!(until(&failure), 900);
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_share_of_nothing_is_no_share() {
    for share in [0.0, -0.5, 1.1, f64::NAN, f64::INFINITY] {
        let api = ApiUrl::parse(ApiUrl::GITHUB).unwrap();
        let mut options = Options::new(api, Credential::Anonymous);
        options.rate_share = share;
        let error = Client::new(options).unwrap_err();
        assert!(matches!(error, ClientError::RateShare { .. }), "{error}");
    }
}

/// A purse whose store does not answer.
struct Closed;

impl Purse for Closed {
    fn take(&self, _: PurseWant) -> BoxFuture<'_, Result<Share, String>> {
        Box::pin(async { Err("the store is gone".to_owned()) })
    }

    fn give_back(&self, _: &'static str, _: Timestamp, _: u64) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

#[tokio::test]
async fn where_shares_cannot_be_agreed_on_it_is_the_database_that_needs_care() {
    let clock = Arc::new(JumpingClock::default());
    let server = hourly(&clock).await;
    let client = server.client_with(|options| {
        options.clock = Arc::<JumpingClock>::clone(&clock);
        options.purse = Some(Arc::new(Closed));
    });
    let failure = views(&client).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::RateLimited { until: None });
    let said = "this program's share of the rate limit cannot be agreed on";
    assert!(failure.to_string().contains(said), "{failure}");
    assert!(
        failure.action().contains("database"),
        "{}",
        failure.action()
    );
    assert!(!failure.action().contains("GitHub"), "{}", failure.action());
    assert_eq!(server.seen().len(), 0);
}
