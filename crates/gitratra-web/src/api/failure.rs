//! What is answered where there is no answer, as programs read it.
//!
//! *Source*: <https://www.rfc-editor.org/rfc/rfc9457>

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use gitratra_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// Why there is no answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProblemDetails {
    /// Always "about:blank": the status says what kind of problem it is.
    r#type: &'static str,
    title: &'static str,
    status: u16,
    /// What to do about it.
    detail: String,
}

/// A problem of a program that asks.
pub(super) struct Failure(ProblemDetails);

impl Failure {
    /// Something else than reading was asked of what can only be read.
    pub(super) fn method() -> Self {
        Self(ProblemDetails {
            r#type: "about:blank",
            title: "Method not allowed",
            status: StatusCode::METHOD_NOT_ALLOWED.as_u16(),
            detail: "only GET and HEAD".to_owned(),
        })
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        if let Problem::Store(error) = &problem {
            tracing::warn!(error = %error, "an answer could not be read from the store");
        }
        let (title, detail) = problem.words();
        Self(ProblemDetails {
            r#type: "about:blank",
            title,
            status: problem.status().as_u16(),
            detail,
        })
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
        (status, [(CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}
