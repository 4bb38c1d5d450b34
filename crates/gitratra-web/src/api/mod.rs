//! The JSON API: what pages show, for programs.
//!
//! Every handler describes itself, and the descriptions together are `/api/v1/openapi.json`.

mod failure;
mod fleet;
mod health;
mod reference;
mod repo;
mod rows;

use std::sync::LazyLock;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::site::Site;

use failure::Failure;

/// What the document says before its paths.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "gitratra",
        description = "Views, clones, uniques, referrers, paths, stars and downloads of GitHub repositories. Each number carries its kind: measured, bounds or estimate. What is not known is null and never zero. Days are UTC days."
    ),
    components(schemas(failure::ProblemDetails))
)]
struct Head;

fn described() -> OpenApiRouter<Site> {
    OpenApiRouter::with_openapi(Head::openapi())
        .routes(routes!(fleet::repos))
        .routes(routes!(repo::repository))
        .routes(routes!(repo::table))
        .routes(routes!(repo::compare))
        .routes(routes!(health::health))
}

static DOCUMENT: LazyLock<(Document, String)> = LazyLock::new(|| {
    let document = described().into_openapi();
    let text = document.to_pretty_json().unwrap_or_default();
    (document, text)
});

/// Routes of the API, and the page that explains them.
pub(crate) fn routes() -> Router<Site> {
    let (router, _) = described().split_for_parts();
    router
        .route("/api/v1/openapi.json", get(document))
        .route("/api/v1", get(nothing))
        .route("/api/v1/{*rest}", get(nothing))
        .route("/api", get(reference::page))
        .method_not_allowed_fallback(|| async { Failure::method() })
}

async fn document() -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT.1.as_str()).into_response()
}

async fn nothing() -> Failure {
    Failure::from(crate::Problem::NotFound)
}
