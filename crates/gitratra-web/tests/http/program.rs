//! A program to look at, and a server that looks at it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gitratra_web::{BoxFuture, Health, Limits, Readiness, Server, Snapshot, Watched};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What time it is.
pub(crate) const NOW: &str = "2026-11-26T12:00:00Z";

/// What the program says of itself.
pub(crate) struct Program {
    pub(crate) since_beat_secs: AtomicU32,
    pub(crate) has_passed: AtomicBool,
    pub(crate) does_store_answer: AtomicBool,
    pub(crate) snapshot: Mutex<Result<Snapshot, String>>,
    pub(crate) scrapes: AtomicU32,
    /// Whether a snapshot waits until it is released.
    pub(crate) is_held: AtomicBool,
    pub(crate) release: Notify,
    pub(crate) asked: Notify,
}

impl Default for Program {
    fn default() -> Self {
        Self {
            since_beat_secs: AtomicU32::new(3),
            has_passed: AtomicBool::new(true),
            does_store_answer: AtomicBool::new(true),
            snapshot: Mutex::new(Ok(Snapshot::default())),
            scrapes: AtomicU32::new(0),
            is_held: AtomicBool::new(false),
            release: Notify::new(),
            asked: Notify::new(),
        }
    }
}

impl Watched for Program {
    fn health(&self) -> Health {
        let secs = self.since_beat_secs.load(Ordering::SeqCst);
        Health {
            since_beat: Duration::from_secs(secs.into()),
            bound: Duration::from_secs(300),
        }
    }

    fn now(&self) -> gitratra_core::Timestamp {
        NOW.parse().unwrap()
    }

    fn readiness(&self) -> BoxFuture<'_, Readiness> {
        let readiness = Readiness {
            has_passed_self_test: self.has_passed.load(Ordering::SeqCst),
            does_store_answer: self.does_store_answer.load(Ordering::SeqCst),
        };
        Box::pin(std::future::ready(readiness))
    }

    fn test_alerts(&self) -> BoxFuture<'_, String> {
        Box::pin(std::future::ready("sent through 1 channel".to_owned()))
    }

    fn snapshot(&self) -> BoxFuture<'_, Result<Snapshot, String>> {
        Box::pin(async {
            self.scrapes.fetch_add(1, Ordering::SeqCst);
            self.asked.notify_one();
            if self.is_held.load(Ordering::SeqCst) {
                self.release.notified().await;
            }
            self.snapshot.lock().unwrap().clone()
        })
    }
}

/// A server that runs.
pub(crate) struct Running {
    pub(crate) program: Arc<Program>,
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    pub(crate) task: JoinHandle<()>,
    pub(crate) http: reqwest::Client,
}

impl Running {
    pub(crate) async fn start(program: Program, limits: Limits) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let program = Arc::new(program);
        let server = Server::bind("127.0.0.1:0").await.unwrap();
        let server = server.with_limits(limits);
        let address = server.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let watched: Arc<dyn Watched> = Arc::<Program>::clone(&program);
        let task = tokio::spawn(server.run(watched, None, shutdown.clone()));
        Self {
            program,
            address,
            shutdown,
            task,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.http.get(self.url(path)).send().await.unwrap()
    }

    /// Status and text of an answer.
    pub(crate) async fn said(&self, path: &str) -> (u16, String) {
        let response = self.get(path).await;
        (response.status().as_u16(), response.text().await.unwrap())
    }
}
