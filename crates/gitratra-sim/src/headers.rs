//! The headers of every answer, and the `ETag` that stands for a body.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use ring::digest::{SHA256, digest};

use crate::identity::TokenKind;
use crate::limit::{Budget, Resource};
use crate::reply::Reply;
use crate::route::Ask;

/// The tag of a body: equal bodies have equal tags, whatever address they are given at.
pub(crate) fn etag(body: &[u8]) -> String {
    format!("W/\"{}\"", hex(digest(&SHA256, body).as_ref()))
}

/// Weak comparison with any of the tags named, RFC 9110 section 8.8.3.2.
pub(crate) fn matches(none_match: &str, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_string();
    none_match
        .split(',')
        .any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Writes the headers that GitHub sends with each answer, and those of this one.
pub(crate) fn write(
    headers: &mut HeaderMap,
    reply: &Reply,
    ask: &Ask<'_>,
    (resource, budget): (Resource, Budget),
    etag: Option<&str>,
) {
    let text = |value: &str| HeaderValue::from_str(value).ok();
    headers.insert(header::SERVER, HeaderValue::from_static("github.com"));
    headers.extend(text(&ask.at.http_date()).map(|value| (header::DATE, value)));
    if !reply.body.is_empty() {
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, json);
    }
    if let Some(etag) = etag {
        headers.extend(text(etag).map(|value| (header::ETAG, value)));
        let cache = HeaderValue::from_static("private, max-age=60, s-maxage=60");
        headers.insert(header::CACHE_CONTROL, cache);
        let vary = HeaderValue::from_static("Accept, Authorization, Cookie, X-GitHub-OTP");
        headers.insert(header::VARY, vary);
    }
    if !ask.is_web {
        write_api(headers, reply, ask, resource, budget);
    }
    for (name, value) in &reply.headers {
        headers.insert(name, value.clone());
    }
}

/// What the API's answers have and the web site's have not.
fn write_api(
    headers: &mut HeaderMap,
    reply: &Reply,
    ask: &Ask<'_>,
    resource: Resource,
    budget: Budget,
) {
    let fixed = HeaderName::from_static;
    let text = |value: &str| HeaderValue::from_str(value).ok();
    let media = HeaderValue::from_static("github.v3; format=json");
    headers.insert(fixed("x-github-media-type"), media);
    let version = if ask.is_new_version {
        "2026-03-10"
    } else {
        "2022-11-28"
    };
    let version = HeaderValue::from_static(version);
    headers.insert(fixed("x-github-api-version-selected"), version);
    headers.insert(fixed("x-ratelimit-limit"), budget.limit.into());
    headers.insert(fixed("x-ratelimit-remaining"), budget.remaining().into());
    headers.insert(fixed("x-ratelimit-used"), budget.used.into());
    headers.insert(fixed("x-ratelimit-reset"), budget.reset.secs().into());
    headers.insert(
        fixed("x-ratelimit-resource"),
        HeaderValue::from_static(resource.name()),
    );
    if let Some(token) = ask.token {
        if token.spec.kind == TokenKind::Classic {
            let scopes = text(&token.spec.scopes.join(", "));
            headers.extend(scopes.map(|value| (fixed("x-oauth-scopes"), value)));
            let accepted = HeaderValue::from_static(reply.accepted_scopes);
            headers.insert(fixed("x-accepted-oauth-scopes"), accepted);
        }
        // A token of an installation tells its end when it is issued, and never again.
        let is_personal = token.spec.kind != TokenKind::Installation;
        if let Some(expires) = token.spec.expires.filter(|_| is_personal) {
            let expires = expires.to_string().replace('T', " ").replace('Z', " UTC");
            let name = fixed("github-authentication-token-expiration");
            headers.extend(text(&expires).map(|value| (name, value)));
        }
    }
}
