//! Single days of a repository: those that stand out, and what was ever told of one.

use axum::Json;
// By its own name it would be described a second time.
use axum::extract::{Path as Place, State};
use axum::response::{IntoResponse, Response};
use gitratra_answer::{DayStory, SpikeAccount};
use utoipa::IntoParams;

use super::asked::{Asking, InRange, OfRepo, OneMetric, day, metric};
use super::failure::{Failure, Refusals};
use super::repo::{moved, named};
use crate::pages::repo::read;
use crate::site::Site;

/// Days far above the usual, and what moved with them
#[utoipa::path(
    get,
    path = "/api/v1/repos/{owner}/{repo}/spikes",
    params(OfRepo, InRange, OneMetric),
    responses(
        (status = 200, description = "The spikes, views first, by day", body = Vec<SpikeAccount<'static>>),
        (status = 308, description = "It has another name now"),
        Refusals
    )
)]
pub(super) async fn spikes(
    State(site): State<Site>,
    Place((owner, repo)): Place<(String, String)>,
    Asking(call): Asking,
) -> Result<Response, Failure> {
    let metric = metric(&call.params)?;
    let read = read(&site, &call, &owner, &repo).await?;
    if let Some(moved) = moved(&read, "/spikes", &call.params) {
        return Ok(moved);
    }
    let name = read.about.name.to_string();
    let found = read.answer.iter().flat_map(|answer| &answer.spikes);
    let found = found.filter(|found| metric.is_none_or(|metric| metric == found.metric));
    let told: Vec<SpikeAccount<'_>> = found.map(|found| SpikeAccount::of(&name, found)).collect();
    Ok(Json(told).into_response())
}

/// Which day.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it describes what `Place` reads")]
struct OfDay {
    /// A UTC day
    #[param(format = Date)]
    day: String,
}

/// Every value that GitHub ever gave for a day, and which one counts
#[utoipa::path(
    get,
    path = "/api/v1/repos/{owner}/{repo}/days/{day}",
    params(OfRepo, OfDay),
    responses(
        (status = 200, description = "Every value, and which one counts", body = DayStory),
        (status = 308, description = "It has another name now"),
        Refusals
    )
)]
pub(super) async fn story(
    State(site): State<Site>,
    Place((owner, repo, text)): Place<(String, String, String)>,
    Asking(call): Asking,
) -> Result<Response, Failure> {
    let day = day("day", &text)?;
    let read = named(&site, &call, &owner, &repo).await?;
    if let Some(moved) = moved(&read, &format!("/days/{day}"), &call.params) {
        return Ok(moved);
    }
    let of = (read.about.id, &*read.about.name.to_string());
    let may_change = call.viewer.may_change();
    let story = DayStory::read(site.store(), of, day, may_change).await?;
    Ok(Json(story).into_response())
}
