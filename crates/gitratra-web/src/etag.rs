//! Answers that did not change are not sent again.

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, SET_COOKIE,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ring::digest::{SHA256, digest};

/// Longer answers are not held in memory to be looked at.
pub(crate) const MOST: usize = 4 << 20;

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
    let tag = HeaderValue::try_from(of(&body)).expect("hexadecimal digits are plain text");
    let is_known = is_known(known.as_ref(), &tag);
    parts.headers.insert(ETAG, tag);
    let response = Response::from_parts(parts, Body::from(body));
    match is_known {
        true => not_modified(response),
        false => response,
    }
}

/// Whether somebody who says what they have has this.
pub(crate) fn is_known(known: Option<&HeaderValue>, tag: &HeaderValue) -> bool {
    known.is_some_and(|known| {
        let known = known.to_str().unwrap_or_default();
        known.split(',').any(|known| {
            let known = known.trim();
            known == "*" || known == tag
        })
    })
}

/// The same answer for somebody who has it already.
pub(crate) fn not_modified(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    for name in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING] {
        response.headers_mut().remove(name);
    }
    *response.body_mut() = Body::empty();
    response
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
