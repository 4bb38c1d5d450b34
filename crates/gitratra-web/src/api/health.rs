//! How safe everything is, and what is missing.

use std::collections::{HashMap, HashSet};

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gitratra_answer::{About, GapAccount, ProblemAccount, gaps};
use gitratra_core::{RepoId, Rules, plan};
use gitratra_store::{FleetRepo, Run};
use serde::Serialize;
use utoipa::ToSchema;

use super::asked::{Asking, Page, limit};
use super::failure::{Failure, Refusals};
use crate::params::Params;
use crate::site::{Call, Site};
use crate::tracking::Tracking;
use crate::{CollectorState, CredentialRate};

/// How far each repository is known, and what failed.
#[derive(Serialize, ToSchema)]
struct HealthBody {
    /// GitHub's time.
    now: String,
    /// Of the whole house; only for those who may change something.
    house: Option<HouseBody>,
    repos: Vec<RepoHealth>,
    /// What to give as `cursor` for the repositories after these; nothing at the end.
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct HouseBody {
    last_pass: Option<PassBody>,
    credentials: Vec<RateBody>,
    /// All that ask GitHub for this store and were seen within a day.
    collectors: Vec<CollectorBody>,
}

/// A collector. Times are those of whoever keeps the store.
#[derive(Serialize, ToSchema)]
struct CollectorBody {
    /// The machine on which it runs.
    host: String,
    /// `serve` or `sync`.
    kind: String,
    since: String,
    seen_at: String,
    /// Repositories that it is asking about.
    repositories: u64,
    /// Whether it looks after alarms, copies and seals.
    is_caretaker: bool,
    /// Whether it should be there and was not seen for half an hour.
    is_missed: bool,
}

/// One pass of the collector. Times are GitHub's.
#[derive(Serialize, ToSchema)]
struct PassBody {
    started_at: String,
    finished_at: String,
    requests: u64,
    not_modified: u64,
    retried: u64,
    repositories_read: u64,
    repositories_failed: u64,
    repositories_not_due: u64,
    new_repository_days: u64,
}

/// The hourly limit of one credential.
#[derive(Serialize, ToSchema)]
struct RateBody {
    credential: String,
    limit: u64,
    remaining: u64,
    reset_at: String,
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
    params(Page),
    responses((status = 200, description = "The repositories of this page, by name", body = HealthBody), Refusals)
)]
pub(super) async fn health(
    State(site): State<Site>,
    Asking(call): Asking,
) -> Result<Response, Failure> {
    let roll = site.shelf().roll().await?;
    let (repos, next_cursor) = page(&call, roll.repos(), |_| true)?;
    let shown: HashSet<RepoId> = repos.iter().map(|repo| repo.id).collect();
    let mut problems: HashMap<RepoId, Vec<ProblemAccount>> = HashMap::new();
    for problem in site.store().problems().await? {
        if shown.contains(&problem.repo) {
            let of = problems.entry(problem.repo).or_default();
            of.push(ProblemAccount::of(&call.viewer.told(problem)));
        }
    }
    let now = site.now();
    let repos = repos.into_iter().map(|repo| RepoHealth {
        repo: repo.name.to_string(),
        newest_views: repo.newest[0].map(|day| day.to_string()),
        newest_clones: repo.newest[1].map(|day| day.to_string()),
        days_safe: days_safe(repo, now),
        is_gone: repo.gone.is_some(),
        problems: problems.remove(&repo.id).unwrap_or_default(),
    });
    let repos = repos.collect();
    let house = match call.viewer.may_change() {
        true => Some(house(&site).await?),
        false => None,
    };
    let body = HealthBody {
        now: format!("{now:.0}"),
        house,
        repos,
        next_cursor,
    };
    Ok(Json(body).into_response())
}

async fn house(site: &Site) -> Result<HouseBody, Failure> {
    let snapshot = site.watched().snapshot().await.unwrap_or_default();
    let collectors = snapshot.collectors.unwrap_or_default();
    Ok(HouseBody {
        last_pass: site.store().last_run().await?.map(pass),
        credentials: snapshot.rates.into_iter().map(rate).collect(),
        collectors: collectors.into_iter().map(collector).collect(),
    })
}

fn collector(state: CollectorState) -> CollectorBody {
    CollectorBody {
        host: state.host,
        kind: state.kind.to_owned(),
        since: format!("{:.0}", state.since),
        seen_at: format!("{:.0}", state.seen_at),
        repositories: state.repos,
        is_caretaker: state.is_caretaker,
        is_missed: state.is_missed,
    }
}

fn pass(run: Run) -> PassBody {
    PassBody {
        started_at: format!("{:.0}", run.started_at),
        finished_at: format!("{:.0}", run.finished_at),
        requests: run.sent,
        not_modified: run.not_modified,
        retried: run.retried,
        repositories_read: run.ok,
        repositories_failed: run.failed,
        repositories_not_due: run.skipped,
        new_repository_days: run.new_days,
    }
}

fn rate(rate: CredentialRate) -> RateBody {
    RateBody {
        credential: rate.label,
        limit: rate.limit,
        remaining: rate.remaining,
        reset_at: format!("{:.0}", rate.reset_at),
    }
}

/// What is missing of each repository.
#[derive(Serialize, ToSchema)]
struct GapsBody {
    /// GitHub's time.
    now: String,
    repos: Vec<RepoGaps>,
    /// What to give as `cursor` for the repositories after these; nothing at the end.
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct RepoGaps {
    repo: String,
    newest_day: Option<String>,
    /// Days left, today included, until the next one is lost.
    days_safe: Option<u32>,
    /// Days that were never seen and cannot be read any more.
    gaps: Vec<GapAccount>,
}

/// Days of the tracked repositories that were never seen
#[utoipa::path(
    get,
    operation_id = "gaps",
    path = "/api/v1/gaps",
    params(Page),
    responses((status = 200, description = "The repositories of this page, by name", body = GapsBody), Refusals)
)]
pub(super) async fn missing(
    State(site): State<Site>,
    Asking(call): Asking,
) -> Result<Response, Failure> {
    let tracked = tracked(&site).await?;
    let roll = site.shelf().roll().await?;
    let (repos, next_cursor) = page(&call, roll.repos(), |repo| tracked.contains(&repo.id))?;
    let now = site.now();
    let mut told = Vec::with_capacity(repos.len());
    for repo in repos {
        let days = site.store().days(repo.id, None).await?;
        let about = match repo.gone {
            Some(_) => About::read(site.store(), repo.id).await?,
            None => None,
        };
        let gone_since = about.and_then(|about| about.gone).map(|gone| gone.since);
        let [views, clones] = repo.newest;
        told.push(RepoGaps {
            repo: repo.name.to_string(),
            newest_day: views.min(clones).map(|day| day.to_string()),
            days_safe: days_safe(repo, now),
            gaps: GapAccount::joined(gaps(days, gone_since, Some(now))),
        });
    }
    let body = GapsBody {
        now: format!("{now:.0}"),
        repos: told,
        next_cursor,
    };
    Ok(Json(body).into_response())
}

/// The repositories that the rules track.
async fn tracked(site: &Site) -> Result<HashSet<RepoId>, Failure> {
    let tracking = Tracking::read(site.store()).await?;
    let rules = Rules::new(tracking.rules.iter().cloned());
    let tracked = tracking
        .repos()
        .filter(|repo| tracking.verdict(&rules, repo).is_tracked());
    Ok(tracked.map(|repo| repo.id).collect())
}

fn days_safe(repo: &FleetRepo, now: gitratra_core::Timestamp) -> Option<u32> {
    let [views, clones] = repo.newest;
    let newest = views.zip(clones).map(|(views, clones)| views.min(clones));
    let newest = newest.filter(|_| repo.gone.is_none());
    newest.map(|newest| plan::days_safe(newest, now))
}

/// The repositories of a page, and what the next one begins after.
fn page<'a>(
    call: &Call,
    repos: &'a [FleetRepo],
    is_meant: impl Fn(&FleetRepo) -> bool,
) -> Result<(Vec<&'a FleetRepo>, Option<String>), Failure> {
    let limit = limit(&call.params, 50, 200)?;
    let after = after(&call.params);
    let mut seen: Vec<&FleetRepo> = repos
        .iter()
        .filter(|repo| call.viewer.sees_in_fleet(repo) && is_meant(repo))
        .filter(|repo| after.as_ref().is_none_or(|after| key(repo) > *after))
        .collect();
    seen.sort_by_cached_key(|repo| key(repo));
    let has_more = seen.len() > limit;
    seen.truncate(limit);
    let next = seen.last().filter(|_| has_more).map(|repo| key(repo));
    Ok((seen, next))
}

/// A cursor is what to go on after, so that a new repository moves nothing.
fn after(params: &Params) -> Option<String> {
    params.get("cursor").map(str::to_owned)
}

/// Two repositories may have had one name; their numbers differ.
fn key(repo: &FleetRepo) -> String {
    format!("{}:{}", repo.name.key(), repo.id.0)
}
