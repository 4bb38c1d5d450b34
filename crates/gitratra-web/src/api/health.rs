//! How safe everything is.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gitratra_answer::ProblemAccount;
use gitratra_core::plan;
use serde::Serialize;
use utoipa::ToSchema;

use super::failure::{Failure, ProblemDetails};
use crate::site::{Call, Site};

/// How far each repository is known, and what failed.
#[derive(Serialize, ToSchema)]
struct HealthBody {
    /// GitHub's time.
    now: String,
    repos: Vec<RepoHealth>,
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct RepoHealth {
    repo: String,
    newest_views: Option<String>,
    newest_clones: Option<String>,
    /// Days left, today included, until one is lost.
    days_safe: Option<u32>,
    is_gone: bool,
    problems: Vec<ProblemAccount>,
}

/// Each repository's newest day, days safe, and last errors with what to do
#[utoipa::path(
    get,
    path = "/api/v1/health",
    params(
        ("limit" = Option<u32>, Query, description = "repositories, at most 1000", minimum = 1, maximum = 1000),
        ("cursor" = Option<String>, Query, description = "where to go on"),
    ),
    responses(
        (status = 200, body = HealthBody),
        (status = 400, body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn health(State(site): State<Site>, call: Call) -> Result<Response, Failure> {
    let bad = |why: &str| Failure::from(crate::Problem::Bad(why.to_owned()));
    let limit: usize = call.params.parsed("limit")?.unwrap_or(200);
    if !(1..=1000).contains(&limit) {
        return Err(bad("limit is from 1 to 1000"));
    }
    // A cursor is the name after which to go on, so that a new repository moves nothing.
    let after = call.params.get("cursor").map(str::to_ascii_lowercase);
    let problems = site.store().problems().await?;
    let roll = site.shelf().roll().await?;
    let now = site.now();
    let mut seen = roll.repos().iter().filter(|repo| {
        let key = repo.name.key();
        call.viewer.sees_in_fleet(repo) && after.as_ref().is_none_or(|after| key > *after)
    });
    let mut repos = Vec::new();
    let mut last = None;
    for repo in seen.by_ref().take(limit) {
        let [views, clones] = repo.newest;
        let newest = views.zip(clones).map(|(views, clones)| views.min(clones));
        let of = problems.iter().filter(|problem| problem.repo == repo.id);
        repos.push(RepoHealth {
            repo: repo.name.to_string(),
            newest_views: views.map(|day| day.to_string()),
            newest_clones: clones.map(|day| day.to_string()),
            days_safe: newest
                .filter(|_| repo.gone.is_none())
                .map(|newest| plan::days_safe(newest, now)),
            is_gone: repo.gone.is_some(),
            problems: of.map(ProblemAccount::of).collect(),
        });
        last = Some(repo.name.key());
    }
    let body = HealthBody {
        now: format!("{now:.0}"),
        repos,
        next_cursor: last.filter(|_| seen.next().is_some()),
    };
    Ok(Json(body).into_response())
}
