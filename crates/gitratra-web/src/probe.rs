//! How the program is: health checks.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio_util::sync::CancellationToken;

use crate::recent::Recent;
use crate::{Readiness, Watched};

/// An answer may be so old.
const FRESH: Duration = Duration::from_secs(1);

const PLAIN: &str = "text/plain; charset=utf-8";

/// On every answer: nothing is run, framed, guessed, kept or told to others.
const HEADERS: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (CACHE_CONTROL, "no-store"),
];

/// What answers need.
struct Desk {
    watched: Arc<dyn Watched>,
    /// How long the program may take to say something.
    limit: Duration,
    readiness: Recent<Option<Readiness>>,
    /// From when on nobody is to come any more.
    drain: CancellationToken,
}

/// Their paths.
pub(crate) fn router(
    watched: Arc<dyn Watched>,
    limit: Duration,
    drain: CancellationToken,
) -> Router {
    let desk = Desk {
        drain,
        watched,
        limit,
        readiness: Recent::new(FRESH),
    };
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .method_not_allowed_fallback(only_reading)
        .with_state(Arc::new(desk))
        .layer(middleware::map_response(harden))
}

/// Nothing but health checks and numbers.
pub(crate) fn alone(probes: Router, numbers: Router) -> Router {
    probes
        .merge(numbers.method_not_allowed_fallback(only_reading))
        .fallback(nothing_here)
        .layer(middleware::map_response(harden))
}

async fn healthz(State(desk): State<Arc<Desk>>) -> Response {
    let health = desk.watched.health();
    if health.is_well() {
        return plain(StatusCode::OK, "ok");
    }
    let text = format!(
        "the collector has not come round for {} s, {} s are allowed",
        health.since_beat.as_secs(),
        health.bound.as_secs()
    );
    plain(StatusCode::SERVICE_UNAVAILABLE, &text)
}

async fn readyz(State(desk): State<Arc<Desk>>) -> Response {
    if desk.drain.is_cancelled() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "it is about to end");
    }
    let asking = async {
        let asked = tokio::time::timeout(desk.limit, desk.watched.readiness());
        asked.await.ok()
    };
    let why = match desk.readiness.or(asking).await {
        Some(Readiness {
            has_passed_self_test: true,
            does_store_answer: true,
        }) => return plain(StatusCode::OK, "ready"),
        Some(Readiness {
            has_passed_self_test: false,
            ..
        }) => "the self-test has not passed",
        _ => "the store does not answer",
    };
    plain(StatusCode::SERVICE_UNAVAILABLE, why)
}

async fn nothing_here(method: Method) -> Response {
    if method == Method::GET || method == Method::HEAD {
        plain(StatusCode::NOT_FOUND, "nothing is here")
    } else {
        only_reading().await
    }
}

async fn only_reading() -> Response {
    plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD")
}

async fn harden(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

pub(crate) fn plain(status: StatusCode, text: &str) -> Response {
    (status, [(CONTENT_TYPE, PLAIN)], format!("{text}\n")).into_response()
}
