//! One repository, its tables, and several side by side.

use axum::Json;
// By its own name it would be described a second time.
use axum::extract::{Path as Place, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gitratra_answer::RepoAccount;
use gitratra_core::{Metric, RepoName};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asking, InRange, OfRepo, OneMetric, OnePart, metric, part};
use super::failure::{Failure, Refusals};
use super::rows;
use crate::Problem;
use crate::pages::repo::{Read, read};
use crate::params::Params;
use crate::site::{Call, Site};

/// Repositories that are compared at most.
const MOST: usize = 8;

/// Which rows, and how they are written.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it describes what `Place` reads")]
struct TableParams {
    /// The table, and the format as its ending: `series` has the steps of the chart, `daily` each day
    #[param(inline, example = "series.csv")]
    file: rows::FileWord,
}

/// Which repositories.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `compare` reads")]
struct CompareParams {
    /// `owner/name`, up to eight times
    #[param(inline, min_items = 1, max_items = 8)]
    r: Vec<NameWord>,
}

#[derive(ToSchema)]
#[schema(
    pattern = "^[A-Za-z0-9_-]{1,39}/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$",
    example = "octo/hello"
)]
#[expect(dead_code, reason = "it describes what `compare` reads")]
struct NameWord(String);

/// Everything that is known of a repository in a range
#[utoipa::path(
    get,
    path = "/api/v1/repos/{owner}/{repo}",
    params(OfRepo, InRange, OnePart),
    responses(
        (status = 200, description = "What is known of it", body = RepoAccount<'static>),
        (status = 308, description = "It has another name now"),
        Refusals
    )
)]
pub(super) async fn repository(
    State(site): State<Site>,
    Place((owner, repo)): Place<(String, String)>,
    Asking(call): Asking,
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

/// The repository of an address, without what is known of its days.
pub(super) async fn named(
    site: &Site,
    call: &Call,
    owner: &str,
    repo: &str,
) -> Result<Read, Problem> {
    let name = RepoName::new(owner, repo).map_err(|_| Problem::NotFound)?;
    let named = site.repository(&call.viewer, &name).await?;
    Ok(Read {
        about: named.about,
        answer: None,
        is_moved: named.is_moved,
    })
}

/// The present address of what was asked for by another name.
pub(super) fn moved(read: &Read, rest: &str, params: &Params) -> Option<Response> {
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
    params(OfRepo, TableParams, InRange, OneMetric),
    responses(
        (status = 200, description = "The rows", content((Vec<rows::AnyRow<'static>> = "application/json"), (String = "text/csv"), (String = "application/jsonl"))),
        (status = 308, description = "It has another name now"),
        Refusals
    )
)]
pub(super) async fn table(
    State(site): State<Site>,
    Place((owner, repo, file)): Place<(String, String, String)>,
    Asking(call): Asking,
) -> Result<Response, Failure> {
    let (table, format) = rows::named(&file).ok_or(Problem::NotFound)?;
    let metric = metric(&call.params)?.unwrap_or(Metric::Views);
    let read = read(&site, &call, &owner, &repo).await?;
    if let Some(moved) = moved(&read, &format!("/{file}"), &call.params) {
        return Ok(moved);
    }
    rows::written(
        read.answer.as_ref(),
        table,
        metric,
        format,
        &read.about.name,
    )
}

/// Up to eight repositories in the same range
#[utoipa::path(
    get,
    path = "/api/v1/compare",
    params(CompareParams, InRange, OnePart),
    responses((status = 200, description = "What is known of each, in the order of the question", body = Vec<RepoAccount<'static>>), Refusals)
)]
pub(super) async fn compare(
    State(site): State<Site>,
    Asking(call): Asking,
) -> Result<Response, Failure> {
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
