//! One repository, its tables, and several side by side.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gitratra_answer::{Part, RepoAccount};
use gitratra_core::{Metric, Ranking, RepoName};

use super::failure::{Failure, ProblemDetails};
use super::rows;
use crate::Problem;
use crate::pages::repo::{Read, read};
use crate::params::Params;
use crate::site::{Call, Site};

/// Repositories that are compared at most.
const MOST: usize = 8;

/// Everything that is known of a repository in a range
#[utoipa::path(
    get,
    path = "/api/v1/repos/{owner}/{repo}",
    params(
        ("owner" = String, Path, description = "the owner's name"),
        ("repo" = String, Path, description = "the repository's name"),
        ("range" = Option<String>, Query, description = "7d, 30d, 90d, 1y, all or FROM..TO with days as YYYY-MM-DD; 30d where nothing is said"),
        ("by" = Option<String>, Query, description = "day, week or month; what fits where nothing is said"),
        ("metric" = Option<String>, Query, description = "only views, clones, referrers, paths, stars or downloads"),
    ),
    responses(
        (status = 200, body = RepoAccount<'static>),
        (status = 308, description = "it has another name now"),
        (status = 400, body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn repository(
    State(site): State<Site>,
    Path((owner, repo)): Path<(String, String)>,
    call: Call,
) -> Result<Response, Failure> {
    let part = part(&call.params)?;
    let read = read(&site, &call, &owner, &repo).await?;
    if let Some(moved) = moved(&read, "", &call.params) {
        return Ok(moved);
    }
    let name = read.about.name.to_string();
    let of = (name.as_str(), &read.about);
    let account = RepoAccount::of_answer(of, read.answer.as_ref(), part, site.now());
    Ok(Json(account).into_response())
}

fn part(params: &Params) -> Result<Option<Part>, Problem> {
    Ok(match params.get("metric") {
        None => None,
        Some("views") => Some(Part::Traffic(Metric::Views)),
        Some("clones") => Some(Part::Traffic(Metric::Clones)),
        Some("referrers") => Some(Part::Sources(Ranking::Referrers)),
        Some("paths") => Some(Part::Sources(Ranking::Paths)),
        Some("stars") => Some(Part::Stars),
        Some("downloads") => Some(Part::Downloads),
        Some(other) => {
            return Err(Problem::Bad(format!(
                "\"{other}\" is no metric: it is views, clones, referrers, paths, stars or downloads"
            )));
        }
    })
}

/// The present address of what was asked for by another name.
fn moved(read: &Read, rest: &str, params: &Params) -> Option<Response> {
    read.is_moved.then(|| {
        let to = format!("/api/v1/repos/{}{rest}{params}", read.about.name);
        let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/api"));
        (StatusCode::PERMANENT_REDIRECT, [(LOCATION, to)]).into_response()
    })
}

/// The rows of a table or a chart of a repository
#[utoipa::path(
    get,
    path = "/api/v1/repos/{owner}/{repo}/{file}",
    params(
        ("owner" = String, Path, description = "the owner's name"),
        ("repo" = String, Path, description = "the repository's name"),
        ("file" = String, Path, description = "series, referrers, paths, stars, counters or downloads, with .csv, .json or .jsonl"),
        ("range" = Option<String>, Query, description = "7d, 30d, 90d, 1y, all or FROM..TO with days as YYYY-MM-DD; 30d where nothing is said"),
        ("by" = Option<String>, Query, description = "day, week or month; what fits where nothing is said"),
        ("metric" = Option<String>, Query, description = "of series: views or clones"),
    ),
    responses(
        (status = 200, content((String = "text/csv"), (serde_json::Value = "application/json"), (String = "application/jsonl"))),
        (status = 308, description = "it has another name now"),
        (status = 400, body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn table(
    State(site): State<Site>,
    Path((owner, repo, file)): Path<(String, String, String)>,
    call: Call,
) -> Result<Response, Failure> {
    let (table, format) = rows::named(&file).ok_or(Problem::NotFound)?;
    let metric = match (part(&call.params)?, table) {
        (Some(Part::Traffic(metric)), _) => metric,
        (None, _) => Metric::Views,
        (Some(_), rows::TableOf::Series) => {
            let why = "a series is of views or clones".to_owned();
            return Err(Problem::Bad(why).into());
        }
        (Some(_), _) => Metric::Views,
    };
    let read = read(&site, &call, &owner, &repo).await?;
    if let Some(moved) = moved(&read, &format!("/{file}"), &call.params) {
        return Ok(moved);
    }
    let name = read.about.name.name();
    rows::written(read.answer.as_ref(), table, metric, format, name)
}

/// Up to eight repositories in the same range
#[utoipa::path(
    get,
    path = "/api/v1/compare",
    params(
        ("r" = Vec<String>, Query, description = "owner/name, two to eight times"),
        ("range" = Option<String>, Query, description = "7d, 30d, 90d, 1y, all or FROM..TO with days as YYYY-MM-DD; 30d where nothing is said"),
        ("by" = Option<String>, Query, description = "day, week or month; what fits where nothing is said"),
        ("metric" = Option<String>, Query, description = "only views, clones, referrers, paths, stars or downloads"),
    ),
    responses(
        (status = 200, body = Vec<RepoAccount<'static>>),
        (status = 400, body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn compare(State(site): State<Site>, call: Call) -> Result<Response, Failure> {
    let part = part(&call.params)?;
    let names: Vec<&str> = call.params.all("r").collect();
    if !(1..=MOST).contains(&names.len()) {
        return Err(Problem::Bad("name repositories with r, at most eight".to_owned()).into());
    }
    let mut all = Vec::with_capacity(names.len());
    for text in names {
        let name: RepoName = text.parse().map_err(|_| Problem::NotFound)?;
        all.push(read(&site, &call, name.owner(), name.name()).await?);
    }
    let named: Vec<String> = all.iter().map(|read| read.about.name.to_string()).collect();
    let accounts: Vec<RepoAccount<'_>> = all
        .iter()
        .zip(&named)
        .map(|(read, name)| {
            let of = (name.as_str(), &read.about);
            RepoAccount::of_answer(of, read.answer.as_ref(), part, site.now())
        })
        .collect();
    Ok(Json(accounts).into_response())
}
