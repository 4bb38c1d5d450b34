//! A server that answers as a test tells it to and remembers what it was asked.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response};
use gitratra_github::{
    ApiUrl, BoxFuture, Client, Clock, Credential, Options, RetryPolicy, SecretString, Target,
};
use tokio::net::TcpListener;

/// What the tests show as their token; it must never come out anywhere.
pub(crate) const TOKEN: &str = "ghp_0123456789abcdefSECRET";
/// The `Date` of all answers that do not say otherwise.
pub(crate) const DATE: &str = "Thu, 08 Jan 2026 17:18:15 GMT";
/// The same moment in seconds since 1970.
pub(crate) const DATE_SECS: i64 = 1_767_892_695;
/// An answer about views without any.
pub(crate) const NO_VIEWS: &str = r#"{"count":0,"uniques":0,"views":[]}"#;

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) headers: HeaderMap,
    /// How many came before.
    pub(crate) before: usize,
    /// How many were being answered, this one included.
    pub(crate) at_once: usize,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An answer to give.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    is_slow: bool,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("date".to_owned(), DATE.to_owned())],
            body: body.into(),
            is_slow: false,
        }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body)
    }

    pub(crate) fn refusal(status: u16, message: &str) -> Self {
        let words = format!(r#"{{"message":"{message}","documentation_url":"x"}}"#);
        Self::new(status, words)
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// With the headers of the hourly limit.
    pub(crate) fn with_rate(self, limit: u64, remaining: u64, reset_secs: i64) -> Self {
        self.with("x-ratelimit-limit", limit)
            .with("x-ratelimit-remaining", remaining)
            .with("x-ratelimit-reset", DATE_SECS + reset_secs)
            .with("x-ratelimit-resource", "core")
    }

    /// Given only after other tasks had many turns, so that requests overlap.
    pub(crate) fn slow(mut self) -> Self {
        self.is_slow = true;
        self
    }
}

type Script = dyn Fn(&Seen) -> Reply + Send + Sync;

/// A server on a free port of 127.0.0.1.
pub(crate) struct Server {
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) async fn start(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let at_once = Arc::new(Mutex::new(0_usize));
        let script: Arc<Script> = Arc::new(script);
        let known = Arc::clone(&seen);
        let router = Router::new().fallback(move |request: Request<Body>| {
            let (known, at_once) = (Arc::clone(&known), Arc::clone(&at_once));
            let script = Arc::clone(&script);
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, 1 << 16).await.unwrap();
                let seen = {
                    let mut known = known.lock().unwrap();
                    let mut at_once = at_once.lock().unwrap();
                    *at_once += 1;
                    let seen = Seen {
                        method: parts.method.to_string(),
                        path: parts.uri.to_string(),
                        body: String::from_utf8(body.to_vec()).unwrap(),
                        headers: parts.headers,
                        before: known.len(),
                        at_once: *at_once,
                    };
                    known.push(seen.clone());
                    seen
                };
                let reply = script(&seen);
                if reply.is_slow {
                    for _ in 0..200 {
                        tokio::task::yield_now().await;
                    }
                }
                *at_once.lock().unwrap() -= 1;
                let mut response = Response::builder().status(reply.status);
                for (name, value) in &reply.headers {
                    response = response.header(name, value);
                }
                response.body(Body::from(reply.body)).unwrap()
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { port, seen }
    }

    /// A server that answers everything alike.
    pub(crate) async fn always(reply: Reply) -> Self {
        Self::start(move |_| reply.clone()).await
    }

    /// A server that gives these answers one after the other, and the last one for ever.
    pub(crate) async fn in_turn(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Vec<_> = replies.into_iter().collect();
        Self::start(move |seen| replies[seen.before.min(replies.len() - 1)].clone()).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.path).collect()
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(|_| {})
    }

    pub(crate) fn client_with(&self, change: impl FnOnce(&mut Options)) -> Client {
        client(&self.url(), change)
    }
}

/// A client with a clock that does not really wait.
pub(crate) fn client(url: &str, change: impl FnOnce(&mut Options)) -> Client {
    let credential = Credential::Token(SecretString::from(TOKEN));
    let mut options = Options::new(ApiUrl::parse(url).unwrap(), credential);
    options.clock = Arc::new(JumpingClock::default());
    options.retry = RetryPolicy {
        seed: Some(1),
        ..RetryPolicy::default()
    };
    change(&mut options);
    Client::new(options).unwrap()
}

pub(crate) fn repo(name: &str) -> Target {
    Target::Name(name.parse().unwrap())
}

/// A clock on which waiting takes no time: it jumps to the end of the wait.
#[derive(Debug, Default)]
pub(crate) struct JumpingClock(Mutex<Duration>);

impl Clock for JumpingClock {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        let end = self.now() + duration;
        let jump: Pin<Box<dyn Future<Output = ()> + Send + '_>> = Box::pin(async move {
            // Whatever else can happen before comes first.
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            let mut now = self.0.lock().unwrap();
            *now = end.max(*now);
        });
        jump
    }
}
