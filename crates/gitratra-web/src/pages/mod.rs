//! The pages, a file for each.

pub(crate) mod about;
pub(crate) mod compare;
mod figure;
pub(crate) mod fleet;
pub(crate) mod health;
mod range;
pub(crate) mod repo;
pub(crate) mod settings;
mod welcome;
mod words;

pub(crate) use words::{names, path_of};

use axum::Router;
use axum::routing::{get, post};

use crate::site::Site;

/// The pages that are looked at.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(fleet::page))
        .route("/about", get(about::page))
        .route("/compare", get(compare::page))
        .route("/health", get(health::page))
        .route("/settings", get(settings::page))
        .route("/settings/preview", get(settings::preview))
        .route("/settings/rules", post(settings::add_rules))
        .route("/settings/rules/remove", post(settings::remove_rules))
        .route("/settings/notes/{repo}", post(settings::add_note))
        .route(
            "/settings/notes/{repo}/{note}/remove",
            post(settings::remove_note),
        )
        .route("/settings/alerts/test", post(settings::test_alerts))
        .route("/{owner}/{repo}", get(repo::page))
        .route("/r/{owner}/{repo}", get(repo::page))
}
