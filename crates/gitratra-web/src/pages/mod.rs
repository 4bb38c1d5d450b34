//! The pages, a file for each.

pub(crate) mod about;
mod figure;
pub(crate) mod fleet;
mod range;
pub(crate) mod repo;
mod welcome;
mod words;

use axum::Router;
use axum::routing::get;

use crate::site::Site;

/// The pages that are looked at.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(fleet::page))
        .route("/about", get(about::page))
        .route("/{owner}/{repo}", get(repo::page))
        .route("/r/{owner}/{repo}", get(repo::page))
}
