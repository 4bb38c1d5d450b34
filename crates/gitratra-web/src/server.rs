//! The listener: connections come in, at most so many, each for at most so long.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::middleware::{self, Next};
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::{self, ClientAddress};
use crate::places::Places;
use crate::{Site, Watched, numbers, probe, router};

/// How long to wait where the system gives no more connections.
const BREATH: Duration = Duration::from_millis(100);
/// Bytes of a request's head that are read at most.
const MOST_HEAD: usize = 16 << 10;
/// Headers of a request that are read at most.
const MOST_HEADERS: usize = 64;

/// What nobody may exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once, of which one address may have a quarter; more wait in line.
    pub connections: usize,
    /// How long a request's head may take, and how long a connection may lie idle.
    pub head: Duration,
    /// How long the program may take for one answer.
    pub answer: Duration,
    /// How long one connection may last, however many requests it carries.
    pub connection: Duration,
    /// How long answers that are on their way have when the server stops.
    pub stop: Duration,
}

impl Default for Limits {
    /// 512 connections; 5 s for a head, 10 s for an answer, 30 s for a connection, 1 s to stop.
    fn default() -> Self {
        Self {
            connections: 512,
            head: Duration::from_secs(5),
            answer: Duration::from_secs(10),
            connection: Duration::from_secs(30),
            stop: Duration::from_secs(1),
        }
    }
}

/// Why nobody can be listened to.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on \"{address}\", choose another address or port")]
pub struct BindError {
    /// What was asked for.
    pub address: String,
    /// Why not.
    pub source: std::io::Error,
}

/// A listener that is bound and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    limits: Limits,
    drain: CancellationToken,
}

impl Server {
    /// Listens on an address, `127.0.0.1:8080` or `localhost:8080`; port 0 is any that is free.
    ///
    /// # Errors
    /// [`BindError`] where the address is none, not of this machine, or taken.
    pub async fn bind(address: &str) -> Result<Self, BindError> {
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|source| BindError {
            address: address.to_owned(),
            source,
        })?;
        Ok(Self {
            listener,
            limits: Limits::default(),
            drain: CancellationToken::new(),
        })
    }

    /// The same, and from `drain` on it sends whoever comes elsewhere: it goes on answering, but says
    /// that it is not ready, and keeps no connection open after an answer.
    #[must_use]
    pub fn with_drain(mut self, drain: CancellationToken) -> Self {
        self.drain = drain;
        self
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where it listens.
    ///
    /// # Errors
    /// What the system says.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `shutdown`, then lets answers that are on their way end, but not for long.
    ///
    /// Without a site there are only health checks and numbers for Prometheus.
    pub async fn run(
        self,
        watched: Arc<dyn Watched>,
        site: Option<Site>,
        shutdown: CancellationToken,
    ) {
        let Self {
            listener,
            limits,
            drain,
        } = self;
        let probes = probe::router(Arc::clone(&watched), limits.answer, drain.clone());
        let watching = site.as_ref().and_then(|site| {
            let replica = site.replica()?.clone();
            Some(tokio::spawn(replica.watch(site.store().clone())))
        });
        let has_proxy = site.as_ref().is_some_and(Site::has_proxy);
        let desk = numbers::Desk::new(watched, limits.answer);
        let router = match site {
            Some(site) => router::router(site, probes, desk, limits.answer),
            None => probe::alone(probes, numbers::alone(desk)),
        };
        let router = router.layer(middleware::from_fn_with_state(drain, let_go));
        let all = Arc::new(Semaphore::new(limits.connections.max(1)));
        let places = Places::new(limits.connections);
        let tasks = TaskTracker::new();
        let cut = CancellationToken::new();
        let accepting = async {
            loop {
                let Ok(one) = Arc::clone(&all).acquire_owned().await else {
                    return;
                };
                let Ok((stream, peer)) = listener.accept().await else {
                    // Too many open files, or a connection that was gone at once.
                    tokio::time::sleep(BREATH).await;
                    continue;
                };
                // Whoever has all of theirs is left standing at the door.
                let is_near = has_proxy && access::is_near(peer.ip().to_canonical());
                let Some(place) = places.take(peer.ip(), is_near) else {
                    continue;
                };
                let (router, shutdown, cut) = (router.clone(), shutdown.clone(), cut.clone());
                tasks.spawn(async move {
                    tokio::select! {
                        () = carry(stream, peer, router, limits, shutdown) => {}
                        () = cut.cancelled() => {}
                    }
                    drop((one, place));
                });
            }
        };
        tokio::select! {
            () = accepting => {}
            () = shutdown.cancelled() => {}
        }
        drop(listener);
        if let Some(watching) = watching {
            watching.abort();
        }
        tasks.close();
        if tokio::time::timeout(limits.stop, tasks.wait())
            .await
            .is_err()
        {
            cut.cancel();
            tasks.wait().await;
        }
    }
}

/// Ends a connection with the answer where the server is about to stop, so that whoever asks next looks
/// for another one.
async fn let_go(State(drain): State<CancellationToken>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if drain.is_cancelled() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

/// One connection, until its end, its time or the shutdown.
async fn carry(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    shutdown: CancellationToken,
) {
    // Answers are written at once and whole; a failure only makes them slower.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request| {
        let address = ClientAddress(peer.ip());
        hyper::Request::extensions_mut(&mut request).insert(address);
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(MOST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = shutdown.cancelled() => {}
        () = tokio::time::sleep(limits.connection) => {}
    }
    connection.as_mut().graceful_shutdown();
    // Whoever reads slowly is left.
    let _ = tokio::time::timeout(limits.stop, connection).await;
}
