//! The JSON API: what pages show, for programs.
//!
//! Every handler describes itself, and the descriptions together are `/api/v1/openapi.json`.

mod asked;
mod body;
mod cors;
mod failure;
mod fleet;
mod health;
mod moments;
mod notes;
mod reference;
mod repo;
mod rows;
mod rules;

use std::sync::LazyLock;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::site::Site;

use failure::Failure;

pub(crate) use cors::layer as cors;
pub use cors::{ApiOrigin, OriginError};
pub(crate) use failure::problems;

/// What the document says before its paths.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "gitratra",
        description = "Views, clones, uniques, referrers, paths, stars and downloads of GitHub repositories. Each number carries its kind: measured, bounds or estimate. What is not known is null and never zero. Days are UTC days."
    ),
    components(schemas(failure::ProblemDetails)),
    modifiers(&Tokens),
    security((), ("token" = []))
)]
struct Head;

/// How programs say who they are.
struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut Document) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.description = Some(
            "A token from the page Account, with the scope read, write or admin. Where nobody has to log in, and for public repositories where these are for everybody, none is needed."
                .to_owned(),
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

fn described() -> OpenApiRouter<Site> {
    OpenApiRouter::with_openapi(Head::openapi())
        .routes(routes!(fleet::repos))
        .routes(routes!(repo::repository))
        .routes(routes!(repo::table))
        .routes(routes!(moments::spikes))
        .routes(routes!(moments::story))
        .routes(routes!(notes::list, notes::add))
        .routes(routes!(notes::remove))
        .routes(routes!(repo::compare))
        .routes(routes!(health::health))
        .routes(routes!(health::missing))
        .routes(routes!(
            rules::list,
            rules::add,
            rules::replace,
            rules::remove
        ))
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
        .route("/api/v1", any(nothing))
        .route("/api/v1/{*rest}", any(nothing))
        .route("/api", get(reference::page))
        .method_not_allowed_fallback(|| async { Failure::method() })
}

async fn document() -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT.1.as_str()).into_response()
}

async fn nothing() -> Failure {
    Failure::from(crate::Problem::NotFound)
}
