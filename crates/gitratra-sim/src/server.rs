//! Sends what was decided: at once, late, in pieces, in part, or not at all.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::handler::HandlerWithoutStateExt as _;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use futures_util::stream;
use tokio::sync::watch;

use crate::answer::{Decided, Shared};
use crate::control;
use crate::fault::Fault;
use crate::lock;
use crate::socket::{Entrance, Wire};

/// The most that is read of what a client sends.
const LARGEST_SENT: usize = 1 << 20;

/// Serves until `closing` turns true.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    entrance: Entrance,
    closing: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut closed = closing.clone();
    let handler = move |ConnectInfo(wire): ConnectInfo<Wire>, request: Request| {
        answer(Arc::clone(&shared), wire, closing.clone(), request)
    };
    let service = handler.into_make_service_with_connect_info::<Wire>();
    axum::serve(entrance, service)
        .with_graceful_shutdown(async move {
            // A sender that is gone closes as well.
            let _ = closed.wait_for(|is_closing| *is_closing).await;
        })
        .await
}

/// One request under way, until it is dropped.
struct InFlight {
    shared: Arc<Shared>,
    pool: usize,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut ledger = lock(&self.shared.ledger);
        let in_flight = &mut ledger.pools[self.pool].in_flight;
        *in_flight = in_flight.saturating_sub(1);
    }
}

async fn answer(
    shared: Arc<Shared>,
    wire: Wire,
    mut closing: watch::Receiver<bool>,
    request: Request,
) -> Response {
    if request.uri().path().starts_with("/_sim/") {
        return control::answer(&shared, request).await;
    }
    let (parts, body) = request.into_parts();
    let sent = match parts.method {
        Method::GET | Method::HEAD => Bytes::new(),
        _ => to_bytes(body, LARGEST_SENT).await.unwrap_or_default(),
    };
    let mut decided = shared.decide(&parts, &sent);
    let pool = decided.pool;
    let in_flight = InFlight {
        shared: Arc::clone(&shared),
        pool,
    };
    let fault = decided.fault.take();
    let latency = Duration::from_millis(shared.latency_ms.load(Ordering::Relaxed));
    let wait = latency + fault.as_ref().map_or(Duration::ZERO, Fault::delay);
    if !wait.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = closing.wait_for(|is_closing| *is_closing) => {}
        }
    }
    match fault {
        Some(Fault::Close) => wire.close(),
        Some(Fault::Reset) => wire.reset(),
        Some(Fault::Hang) => {
            let _ = closing.wait_for(|is_closing| *is_closing).await;
            wire.close();
        }
        _ => {}
    }
    let has_body = decided.reply.status != 304;
    match fault {
        Some(Fault::Trickle {
            chunk_bytes,
            between_ms,
        }) if has_body => trickle(decided, chunk_bytes, between_ms, in_flight),
        Some(Fault::Truncated { keep_bytes }) if has_body => truncated(decided, keep_bytes),
        Some(Fault::Huge { bytes }) => huge(decided, bytes, in_flight),
        _ => {
            let body = Body::from(std::mem::take(&mut decided.reply.body));
            response(decided, body)
        }
    }
}

fn response(decided: Decided, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(decided.reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = decided.headers;
    response
}

/// Takes the body out and announces its whole length.
fn announce(decided: &mut Decided) -> Bytes {
    let body = std::mem::take(&mut decided.reply.body);
    let length = HeaderValue::from(body.len());
    decided.headers.insert(header::CONTENT_LENGTH, length);
    body
}

fn trickle(mut decided: Decided, chunk: usize, between_ms: u64, in_flight: InFlight) -> Response {
    let body = announce(&mut decided);
    let pause = Duration::from_millis(between_ms);
    let pieces = stream::unfold(
        (body, false, in_flight),
        move |(mut rest, begun, guard)| async move {
            if rest.is_empty() {
                return None;
            }
            if begun {
                tokio::time::sleep(pause).await;
            }
            let piece = rest.split_to(chunk.clamp(1, rest.len()));
            Some((Ok::<_, io::Error>(piece), (rest, true, guard)))
        },
    );
    response(decided, Body::from_stream(pieces))
}

fn truncated(mut decided: Decided, keep_bytes: usize) -> Response {
    let body = announce(&mut decided);
    let keep = body.slice(..keep_bytes.min(body.len().saturating_sub(1)));
    let pieces = stream::unfold(Some(keep), |keep| async move {
        match keep {
            Some(keep) if !keep.is_empty() => Some((Ok(keep), Some(Bytes::new()))),
            Some(_) => {
                // Pending once, so that what was given is written before the connection breaks.
                tokio::task::yield_now().await;
                Some((Err(io::Error::from(io::ErrorKind::UnexpectedEof)), None))
            }
            None => None,
        }
    });
    response(decided, Body::from_stream(pieces))
}

/// A body of at least `bytes`, whose length is not announced.
fn huge(mut decided: Decided, bytes: u64, in_flight: InFlight) -> Response {
    const FRONT: &[u8] = br#"{"count":1,"uniques":1,"padding":""#;
    const BACK: &[u8] = br#"","views":[],"clones":[]}"#;
    static FILLING: [u8; 65_536] = [b'a'; 65_536];
    decided.reply.status = 200;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    decided.headers.insert(header::CONTENT_TYPE, json);
    let filling = bytes.div_ceil(FILLING.len() as u64);
    let pieces = stream::unfold((0, in_flight), move |(index, guard)| async move {
        let piece = match index {
            0 => Bytes::from_static(FRONT),
            n if n <= filling => Bytes::from_static(&FILLING),
            n if n == filling + 1 => Bytes::from_static(BACK),
            _ => return None,
        };
        lock(&guard.shared.ledger).log.counters.huge_bytes += piece.len() as u64;
        Some((Ok::<_, io::Error>(piece), (index + 1, guard)))
    });
    response(decided, Body::from_stream(pieces))
}
