//! Which path gets which answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Form;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, LOCATION, REFERRER_POLICY, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::access::{self, HasAccess as _, Needs, RouteRule};
use crate::choice::{Choice, choose};
use crate::layout::{LOOK_COOKIE, Look};
use crate::page_cache::{self, PageCache};
use crate::problem::Problem;
use crate::site::Site;
use crate::{api, asset, embed, etag, numbers, pages};

/// Bytes that a form or a question may have.
const MOST_BODY: usize = 64 << 10;
/// Shorter answers are not worth compressing.
const WORTH_COMPRESSING: u64 = 1024;
/// A tenth more bytes than the usual 6, for a third of the time.
const COMPRESSION: i32 = 3;

/// On every answer that does not say otherwise: nothing of others is run or shown, and no other
/// host is told anything.
const HEADERS: [(HeaderName, &str); 7] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'",
    ),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    ),
    (CACHE_CONTROL, "private, no-cache"),
];

/// What each route of this crate needs. One that is in no table is for administrators alone.
const TABLES: &[&[RouteRule]] = &[RULES, access::RULES];

const RULES: &[RouteRule] = &[
    RouteRule::new("GET", "/", Needs::Look),
    RouteRule::new("GET", "/about", Needs::Look),
    RouteRule::new("GET", "/compare", Needs::Look),
    RouteRule::new("GET", "/health", Needs::Look),
    RouteRule::new("GET", "/{owner}/{repo}", Needs::Look),
    RouteRule::new("GET", "/r/{owner}/{repo}", Needs::Look),
    // Pictures may carry a signature, which is looked at where they are made.
    RouteRule::new("GET", "/badge/{owner}/{repo}/{file}", Needs::Nothing),
    RouteRule::new("GET", "/chart/{owner}/{repo}/{file}", Needs::Nothing),
    RouteRule::new("GET", "/api", Needs::Look),
    RouteRule::new("GET", "/api/v1", Needs::Look),
    RouteRule::new("GET", "/api/v1/{*rest}", Needs::Look),
    RouteRule::new("GET", "/api/v1/openapi.json", Needs::Look),
    RouteRule::new("GET", "/api/v1/repos", Needs::Look),
    RouteRule::new("GET", "/api/v1/repos/{owner}/{repo}", Needs::Look),
    RouteRule::new("GET", "/api/v1/repos/{owner}/{repo}/{file}", Needs::Look),
    RouteRule::new("GET", "/api/v1/compare", Needs::Look),
    RouteRule::new("GET", "/api/v1/repos/{owner}/{repo}/spikes", Needs::Look),
    RouteRule::new(
        "GET",
        "/api/v1/repos/{owner}/{repo}/days/{day}",
        Needs::Look,
    ),
    RouteRule::new("GET", "/api/v1/repos/{owner}/{repo}/notes", Needs::Look),
    RouteRule::new("POST", "/api/v1/repos/{owner}/{repo}/notes", Needs::Editor),
    RouteRule::new(
        "DELETE",
        "/api/v1/repos/{owner}/{repo}/notes/{note}",
        Needs::Editor,
    ),
    RouteRule::new("GET", "/api/v1/health", Needs::Look),
    RouteRule::new("GET", "/api/v1/gaps", Needs::Look),
    RouteRule::new("GET", "/api/v1/rules", Needs::Editor),
    RouteRule::new("POST", "/api/v1/rules", Needs::Editor),
    RouteRule::new("PUT", "/api/v1/rules", Needs::Editor),
    RouteRule::new("DELETE", "/api/v1/rules", Needs::Editor),
    // Whoever is not known is told what everybody may see.
    RouteRule::new("GET", "/metrics", Needs::Nothing),
    RouteRule::new("POST", "/look", Needs::Nothing),
    RouteRule::new("GET", "/settings", Needs::Editor),
    RouteRule::new("GET", "/settings/preview", Needs::Editor),
    RouteRule::new("POST", "/settings/rules", Needs::Editor),
    RouteRule::new("POST", "/settings/rules/remove", Needs::Editor),
    RouteRule::new("POST", "/settings/notes/{repo}", Needs::Editor),
    RouteRule::new(
        "POST",
        "/settings/notes/{repo}/{note}/remove",
        Needs::Editor,
    ),
    RouteRule::new("POST", "/settings/alerts/test", Needs::Editor),
];

/// Everything that is answered.
pub(crate) fn router(
    site: Site,
    probes: Router,
    desk: Arc<numbers::Desk>,
    limit: Duration,
) -> Router {
    let is_https = site.access().rules().is_https;
    let cors = api::cors(site.api_origins());
    let cache = PageCache::default();
    let copy = site.replica().cloned().zip(site.of_copy());
    let shelves = copy.iter().map(|(_, site)| site).chain([&site]);
    let shelves = shelves.map(|site| site.shelf().clone()).collect();
    let store = site.store().clone();
    let copy = copy.map(|(replica, site)| (replica, pages_of(site, &desk, &cache)));
    let choice = Arc::new(Choice::new(store, shelves, copy));
    let pages = Router::new()
        .fallback_service(pages_of(site, &desk, &cache))
        .layer(middleware::from_fn_with_state(choice, choose));
    let files = Router::new()
        .route("/assets/{hash}/{name}", get(asset::asset))
        .route("/favicon.ico", get(asset::favicon));
    // Pages that are kept are compressed already, and stay as they are; what the guard answers is not.
    let hardened = files
        .fallback_service(pages)
        .layer(compress())
        .layer(middleware::map_response(move |response| {
            harden(response, is_https)
        }));
    let all = probes
        .fallback_service(hardened)
        .layer(RequestBodyLimitLayer::new(MOST_BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            limit,
        ))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(api::problems));
    match cors {
        Some(cors) => all.layer(cors),
        None => all,
    }
}

fn compress() -> CompressionLayer<And<SizeAbove, NotImages>> {
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(COMPRESSION))
        .compress_when(SizeAbove::new(WORTH_COMPRESSING).and(NotImages))
}

/// The pages that stand on one store, or on a copy of it.
fn pages_of(site: Site, desk: &Arc<numbers::Desk>, cache: &PageCache) -> Router {
    let access = site.access().clone();
    Router::new()
        .merge(pages::routes())
        .merge(access::routes())
        .merge(embed::routes())
        .merge(api::routes())
        .merge(numbers::routes(Arc::clone(desk)))
        .route("/look", post(look))
        .fallback(|| async { Problem::NotFound })
        .with_state(site)
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn(etag::tag))
        .layer(compress())
        .layer(middleware::from_fn_with_state(
            cache.clone(),
            page_cache::keep,
        ))
        .layer(middleware::from_fn_with_state(
            (access, TABLES),
            access::guard,
        ))
}

/// Pictures are compressed already.
#[derive(Debug, Clone, Copy)]
struct NotImages;

impl Predicate for NotImages {
    fn should_compress<B: axum::body::HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        let media_type = response.headers().get(axum::http::header::CONTENT_TYPE);
        media_type.is_none_or(|media_type| media_type != "image/png")
    }
}

async fn harden(mut response: Response, is_https: bool) -> Response {
    if is_https {
        let year = HeaderValue::from_static("max-age=31536000");
        response
            .headers_mut()
            .insert(STRICT_TRANSPORT_SECURITY, year);
    }
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// What the form for colours sends.
#[derive(Deserialize)]
struct LookForm {
    look: String,
    back: Option<String>,
}

/// Keeps the colours that somebody chose in their browser, for a year.
async fn look(Form(form): Form<LookForm>) -> Result<Response, Problem> {
    let Some(look) = Look::of(&form.look) else {
        return Err(Problem::Bad("there are no such colours".to_owned()));
    };
    let cookie = format!(
        "{LOOK_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
        look.word()
    );
    let cookie = HeaderValue::try_from(cookie).expect("words are plain text");
    let back = back_to(form.back.as_deref());
    Ok((
        StatusCode::SEE_OTHER,
        [(SET_COOKIE, cookie), (LOCATION, back)],
    )
        .into_response())
}

/// An address of ours to go back to, and never one of others.
pub(crate) fn back_to(asked: Option<&str>) -> HeaderValue {
    let is_ours = |path: &&str| {
        path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t'])
    };
    let path = asked.filter(is_ours);
    let path = path.and_then(|path| HeaderValue::from_str(path).ok());
    path.unwrap_or(HeaderValue::from_static("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn browsers_that_come_by_https_are_told_to_stay_with_it() {
        for is_https in [true, false] {
            let response = harden(Response::default(), is_https).await;
            let is_told = response.headers().contains_key(STRICT_TRANSPORT_SECURITY);
            assert_eq!(is_told, is_https);
        }
    }

    #[test]
    fn nobody_is_sent_to_another_host() {
        for (asked, expected) in [
            ("/octo/hello?range=7d", "/octo/hello?range=7d"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example/", "/"),
            ("/a\r\nx: y", "/"),
            ("", "/"),
        ] {
            assert_eq!(back_to(Some(asked)), expected, "{asked}");
        }
        assert_eq!(back_to(None), "/");
    }
}
