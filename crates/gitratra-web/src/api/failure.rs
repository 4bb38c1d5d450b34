//! What is answered where there is no answer, as programs read it.
//!
//! *Source*: <https://www.rfc-editor.org/rfc/rfc9457>

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use gitratra_store::StoreError;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::problem::Problem;

const MEDIA_TYPE: &str = "application/problem+json";

/// Why there is no answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProblemDetails {
    /// Always "about:blank": the status says what kind of problem it is.
    r#type: &'static str,
    title: &'static str,
    status: u16,
    /// What is wrong, and what to do about it.
    detail: String,
}

/// What every path may answer instead.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes what `Failure` answers")]
pub(super) enum Refusals {
    /// The question cannot be read
    #[response(status = 400, content_type = "application/problem+json")]
    Bad(ProblemDetails),
    /// A token is needed, or it is not valid
    #[response(status = 401, content_type = "application/problem+json")]
    Unknown(ProblemDetails),
    /// The token may not do this
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemDetails),
    /// Nothing is there, or nothing that you may know of
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemDetails),
    /// The path has no such method
    #[response(status = 405, content_type = "application/problem+json")]
    Method(ProblemDetails),
    /// The store does not answer, or not in time
    #[response(status = 503, content_type = "application/problem+json")]
    Store(ProblemDetails),
}

/// What a path that reads a body may answer as well.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes what `Failure` answers")]
pub(super) enum WriteRefusals {
    /// The body is too long
    #[response(status = 413, content_type = "application/problem+json")]
    TooLong(ProblemDetails),
    /// The body is not said to be JSON
    #[response(status = 415, content_type = "application/problem+json")]
    NoJson(ProblemDetails),
    /// The body is JSON, but not as described
    #[response(status = 422, content_type = "application/problem+json")]
    Other(ProblemDetails),
}

/// A problem of a program that asks.
#[derive(Debug)]
pub(super) struct Failure(ProblemDetails);

impl Failure {
    fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self(ProblemDetails {
            r#type: "about:blank",
            title,
            status: status.as_u16(),
            detail: detail.into(),
        })
    }

    /// What is there has no such method.
    pub(super) fn method() -> Self {
        Self::of(StatusCode::METHOD_NOT_ALLOWED)
    }

    /// A body that is not what it should be.
    pub(super) fn body(status: StatusCode, why: &str) -> Self {
        Self::new(status, "That cannot be read", why)
    }

    /// What a status alone says.
    fn of(status: StatusCode) -> Self {
        let detail = match status {
            StatusCode::UNAUTHORIZED => "log in, or show a token: Authorization: Bearer gtr_…",
            StatusCode::FORBIDDEN => "your role or your token does not allow this",
            StatusCode::NOT_FOUND => "there is no such path; /api lists all",
            StatusCode::METHOD_NOT_ALLOWED => "the header Allow lists the methods of this path",
            StatusCode::PAYLOAD_TOO_LARGE => "send less",
            StatusCode::MISDIRECTED_REQUEST => "this host name is not one of this machine",
            StatusCode::SERVICE_UNAVAILABLE => "ask again in a moment, or for a shorter range",
            status if status.is_client_error() => "the request cannot be understood",
            _ => "that is a fault of the program: its log says more",
        };
        let title = status.canonical_reason().unwrap_or("No answer");
        Self::new(status, title, detail)
    }
}

/// Writes whatever goes wrong below `/api/v1` as a problem: also what is refused before it reaches a
/// handler, takes too long, or panics.
pub(crate) async fn problems(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_api = path == "/api/v1" || path.starts_with("/api/v1/");
    let response = next.run(request).await;
    let status = response.status();
    let is_told = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|media_type| media_type == MEDIA_TYPE);
    if !is_api || is_told || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (parts, _) = response.into_parts();
    let mut told = Failure::of(status).into_response();
    for (name, value) in &parts.headers {
        let of_body = [
            CONTENT_TYPE,
            CONTENT_LENGTH,
            CONTENT_ENCODING,
            TRANSFER_ENCODING,
        ];
        if !of_body.contains(name) {
            told.headers_mut().append(name, value.clone());
        }
    }
    told
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        // What a copy does not have is read from the store instead.
        if let Problem::Store(error) = &problem
            && !matches!(error, StoreError::Copy { .. })
        {
            tracing::warn!(error = %error, "an answer could not be read from the store");
        }
        if let Problem::LogIn(_) = problem {
            return Self::of(StatusCode::UNAUTHORIZED);
        }
        let (title, detail) = problem.words();
        Self::new(problem.status(), title, detail)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self.0).unwrap_or_default();
        (status, [(CONTENT_TYPE, MEDIA_TYPE)], body).into_response()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::Uri;
    use axum::middleware;
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    async fn answer(uri: Uri) -> Response {
        match uri.path() {
            "/api/v1/fine" => "fine".into_response(),
            "/api/v1/nowhere" => StatusCode::NOT_FOUND.into_response(),
            _ => panic!("a handler that panics"),
        }
    }

    async fn check(path: &str, expected: Option<u16>) {
        let router = Router::new()
            .fallback(answer)
            .layer(CatchPanicLayer::new())
            .layer(middleware::from_fn(problems));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let Ok(answer) = TowerToHyperService::new(router).call(request).await;
        let is_told = answer.headers()[CONTENT_TYPE] == MEDIA_TYPE;
        assert_eq!(is_told, expected.is_some(), "{path}");
        let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
        assert!(
            !String::from_utf8_lossy(&body).contains("a handler"),
            "{path}"
        );
        if let Some(status) = expected {
            let told: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(told["status"], status, "{path}");
        }
    }

    #[tokio::test]
    async fn what_panics_is_a_problem_below_the_api_alone() {
        check("/api/v1/panics", Some(500)).await;
        check("/api/v1/nowhere", Some(404)).await;
        check("/api/v1/fine", None).await;
        check("/panics", None).await;
    }
}
