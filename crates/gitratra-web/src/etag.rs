//! Answers that did not change are not sent again.

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::http::header::{ETAG, IF_NONE_MATCH, SET_COOKIE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ring::digest::{SHA256, digest};

/// Longer answers are not held in memory to be looked at.
const MOST: usize = 4 << 20;

/// Gives every good answer to a question its tag, and answers 304 to who has it already.
pub(crate) async fn tag(request: Request, next: Next) -> Response {
    let is_question = matches!(*request.method(), Method::GET | Method::HEAD);
    let known = request.headers().get(IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    let size = response.body().size_hint().upper();
    let is_taggable = response.status() == StatusCode::OK
        && !response.headers().contains_key(SET_COOKIE)
        && size.is_some_and(|size| size <= MOST as u64);
    if !is_question || !is_taggable {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = of(&body);
    let is_known = known.is_some_and(|known| {
        let known = known.to_str().unwrap_or_default();
        known.split(',').any(|known| {
            let known = known.trim();
            known == "*" || known == tag
        })
    });
    let tag = HeaderValue::try_from(tag).expect("hexadecimal digits are plain text");
    parts.headers.insert(ETAG, tag);
    if is_known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(axum::http::header::CONTENT_TYPE);
        parts.headers.remove(axum::http::header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

/// Weak, since the same page may be sent compressed or not.
fn of(body: &Bytes) -> String {
    let hash = digest(&SHA256, body);
    let hex: String = hash.as_ref()[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("W/\"{hex}\"")
}
