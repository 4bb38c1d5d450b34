//! The fleet.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gitratra_answer::fleet::{FleetAnswer, FleetLine, FleetMetric, LineMetric};
use gitratra_core::figures::Comparison;
use gitratra_core::{Metric, RepoId};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asking, InRange, limit};
use super::failure::{Failure, Refusals};
use crate::pages::fleet::{MOST_LINES, ask};
use crate::site::Site;

/// The fleet in a range.
#[derive(Serialize, ToSchema)]
struct FleetBody {
    from: Option<String>,
    to: Option<String>,
    /// Repositories that match; all sums are theirs.
    repositories: u64,
    metrics: Vec<SumBody>,
    repos: Vec<RepoBody>,
    owners: Vec<OwnerBody>,
    /// The groups that the viewer may know of, the first hundred by name. A repository may be in several: they have no sum.
    groups: Vec<GroupBody>,
    /// What to give as `cursor` for the lines after these; nothing at the end.
    next_cursor: Option<String>,
}

/// One metric of several repositories. Their people are not added up.
#[derive(Serialize, ToSchema)]
struct SumBody {
    metric: &'static str,
    kind: &'static str,
    /// Nothing where no day of any of them is known.
    count: Option<u64>,
    repositories_known: u64,
    /// Days that are not known, each once for each repository.
    repository_days_missing: u64,
    before: BeforeBody,
    steps: Vec<StepBody>,
}

#[derive(Serialize, ToSchema)]
struct StepBody {
    from: String,
    to: String,
    count: Option<u64>,
    /// Repositories of which all of it is known.
    repositories_known: u64,
    /// Repositories that were watched by then. Where more were watched than are known, the count is
    /// the least there was.
    repositories_watched: u64,
}

#[derive(Serialize, ToSchema)]
struct BeforeBody {
    count_now: u64,
    count_before: u64,
    days_compared: u64,
    percent: Option<f64>,
}

#[derive(Serialize, ToSchema)]
struct RepoBody {
    repo: String,
    is_private: bool,
    is_archived: bool,
    is_gone: bool,
    is_failing: bool,
    newest_views: Option<String>,
    newest_clones: Option<String>,
    days_safe: Option<u32>,
    stars: Option<u64>,
    views: CountBody,
    clones: CountBody,
}

#[derive(Serialize, ToSchema)]
struct CountBody {
    count: Option<u64>,
    days_missing: u64,
    before: BeforeBody,
    /// By the steps of the fleet's metrics.
    steps: Vec<Option<u64>>,
}

#[derive(Serialize, ToSchema)]
struct OwnerBody {
    owner: String,
    repositories: u64,
    views: Option<u64>,
    clones: Option<u64>,
    views_before: BeforeBody,
    clones_before: BeforeBody,
}

#[derive(Serialize, ToSchema)]
struct GroupBody {
    group: String,
    repositories: u64,
    views: Option<u64>,
    clones: Option<u64>,
    views_before: BeforeBody,
    clones_before: BeforeBody,
}

/// Which lines of the table.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `ask` reads")]
struct FleetParams {
    /// Only repositories of this owner
    #[param(required = false)]
    owner: String,
    /// Only repositories in this group
    #[param(required = false)]
    group: String,
    /// Only repositories with these words in their name
    #[param(required = false)]
    q: String,
    /// In which order; a `-` before it begins with the largest, and `-views` is usual
    #[param(required = false, inline)]
    sort: SortWord,
    /// So many lines at most; 50 where nothing is said
    #[param(required = false, minimum = 1, maximum = 200)]
    limit: u32,
    /// `next_cursor` of the answer before; a new repository moves nothing
    #[param(required = false, pattern = "^[0-9]{1,9}-[0-9]{1,18}$")]
    cursor: String,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `ask` reads")]
enum SortWord {
    #[schema(rename = "name")]
    Name,
    #[schema(rename = "-name")]
    NameDown,
    #[schema(rename = "views")]
    Views,
    #[schema(rename = "-views")]
    ViewsDown,
    #[schema(rename = "views-change")]
    ViewsChange,
    #[schema(rename = "-views-change")]
    ViewsChangeDown,
    #[schema(rename = "clones")]
    Clones,
    #[schema(rename = "-clones")]
    ClonesDown,
    #[schema(rename = "clones-change")]
    ClonesChange,
    #[schema(rename = "-clones-change")]
    ClonesChangeDown,
    #[schema(rename = "stars")]
    Stars,
    #[schema(rename = "-stars")]
    StarsDown,
    #[schema(rename = "newest")]
    Newest,
    #[schema(rename = "-newest")]
    NewestDown,
    #[schema(rename = "safe")]
    Safe,
    #[schema(rename = "-safe")]
    SafeDown,
}

/// All repositories: sums, chart and table
#[utoipa::path(
    get,
    path = "/api/v1/repos",
    params(InRange, FleetParams),
    responses((status = 200, description = "Sums, chart, owners and the lines of this page", body = FleetBody), Refusals)
)]
pub(super) async fn repos(
    State(site): State<Site>,
    Asking(call): Asking,
) -> Result<Response, Failure> {
    let limit = limit(&call.params, 50, MOST_LINES)?;
    let begin = match call.params.get("cursor") {
        None => (0, None),
        Some(text) => cursor(text)
            .ok_or_else(|| crate::Problem::Bad("the cursor is none of ours".to_owned()))?,
    };
    let answer = ask(&site, &call, begin, limit).await?;
    let body = match &answer {
        Some((offset, answer)) => told(answer, *offset),
        None => FleetBody {
            from: None,
            to: None,
            repositories: 0,
            metrics: Vec::new(),
            repos: Vec::new(),
            owners: Vec::new(),
            groups: Vec::new(),
            next_cursor: None,
        },
    };
    Ok(Json(body).into_response())
}

/// A cursor names the last line and how many there were: the next page begins after that line wherever
/// it stands by then, and after as many where it is gone.
fn cursor(text: &str) -> Option<(usize, Option<RepoId>)> {
    let (lines, repo) = text.split_once('-')?;
    let number = |text: &str, most: usize| {
        let is_plain = text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u64>().ok().filter(|_| is_plain)
    };
    let lines = usize::try_from(number(lines, 9)?).ok()?;
    Some((lines, Some(RepoId(number(repo, 18)?))))
}

fn told(answer: &FleetAnswer, offset: usize) -> FleetBody {
    let lines = offset + answer.lines.len();
    let last = answer.lines.last().filter(|_| lines < answer.repos_found);
    let metrics = Metric::ALL.into_iter().zip(&answer.metrics);
    let metrics = metrics
        .zip(answer.chart.iter())
        .map(|((metric, of), steps)| SumBody {
            metric: metric.word(),
            kind: "measured",
            count: known(of),
            repositories_known: of.repos_known as u64,
            repository_days_missing: of.total.days_missing,
            before: before(&of.comparison),
            steps: steps
                .iter()
                .map(|step| StepBody {
                    from: step.days.first().to_string(),
                    to: step.days.last().to_string(),
                    count: step.count,
                    repositories_known: step.repos_whole as u64,
                    repositories_watched: step.repos_watched as u64,
                })
                .collect(),
        });
    let owners = answer.owners.iter().map(|owner| OwnerBody {
        owner: owner.owner.clone(),
        repositories: owner.repos as u64,
        views: known(&owner.metrics[0]),
        clones: known(&owner.metrics[1]),
        views_before: before(&owner.metrics[0].comparison),
        clones_before: before(&owner.metrics[1].comparison),
    });
    let groups = answer.groups.iter().map(|group| GroupBody {
        group: group.name.to_string(),
        repositories: group.repos as u64,
        views: known(&group.metrics[0]),
        clones: known(&group.metrics[1]),
        views_before: before(&group.metrics[0].comparison),
        clones_before: before(&group.metrics[1].comparison),
    });
    FleetBody {
        from: Some(answer.range.first().to_string()),
        to: Some(answer.range.last().to_string()),
        repositories: answer.repos_found as u64,
        metrics: metrics.collect(),
        repos: answer.lines.iter().map(line).collect(),
        owners: owners.collect(),
        groups: groups.collect(),
        next_cursor: last.map(|last| format!("{lines}-{}", last.repo.id.0)),
    }
}

fn known(of: &FleetMetric) -> Option<u64> {
    (of.repos_known > 0).then_some(of.total.count)
}

fn before(comparison: &Comparison) -> BeforeBody {
    BeforeBody {
        count_now: comparison.now,
        count_before: comparison.before,
        days_compared: comparison.days,
        percent: comparison.percent(),
    }
}

fn line(line: &FleetLine) -> RepoBody {
    let [views, clones] = &line.metrics;
    let [newest_views, newest_clones] = line.repo.newest;
    RepoBody {
        repo: line.repo.name.to_string(),
        is_private: line.repo.is_private,
        is_archived: line.repo.is_archived,
        is_gone: line.repo.gone.is_some(),
        is_failing: line.repo.is_failing,
        newest_views: newest_views.map(|day| day.to_string()),
        newest_clones: newest_clones.map(|day| day.to_string()),
        days_safe: line.days_safe,
        stars: line.stars.map(|stars| stars.stars),
        views: count(views),
        clones: count(clones),
    }
}

fn count(of: &LineMetric) -> CountBody {
    let days = of.total.days_measured + of.total.days_partial;
    CountBody {
        count: (days > 0).then_some(of.total.count),
        days_missing: of.total.days_missing,
        before: before(&of.comparison),
        steps: of.steps.clone(),
    }
}
