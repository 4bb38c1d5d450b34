//! Badges and charts for READMEs and other pages: pictures that stand alone.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gitratra_answer::{About, AllDownloads, Asked, Stars, all_days, people, usual_step};
use gitratra_core::figures::{self, Step};
use gitratra_core::{DayRange, Metric, RepoId, RepoName, Series};
use gitratra_render::chart::{
    self, Badge, BadgeColour, Canvas, Ink, Layer, Point, PointValue, Shape, Theme, TimeChart,
};
use gitratra_render::number::grouped;
use gitratra_render::term::people_text;
use ring::digest::{SHA256, digest};
use serde::Serialize;

use crate::access::{HasAccess as _, Viewer};
use crate::params::{Params, View};
use crate::problem::Problem;
use crate::site::{Call, Site};

mod picture;

/// Routes of pictures.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/badge/{owner}/{repo}/{file}", get(badge))
        .route("/chart/{owner}/{repo}/{file}", get(picture::chart))
}

/// What can be on a badge or in a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Count(Metric),
    People(Metric),
    Stars,
    Forks,
    Downloads,
}

const WHATS: [(&str, What); 7] = [
    ("views", What::Count(Metric::Views)),
    ("clones", What::Count(Metric::Clones)),
    ("visitors", What::People(Metric::Views)),
    ("cloners", What::People(Metric::Clones)),
    ("stars", What::Stars),
    ("forks", What::Forks),
    ("downloads", What::Downloads),
];

/// How long others may keep a picture of a public repository: days change once a day.
const KEEP: &str = "public, max-age=1800, stale-while-revalidate=86400";
const KEEP_PRIVATE: &str = "private, no-store";

/// Nothing is loaded or run in a picture but the one stylesheet of those that follow the viewer's
/// system, which is allowed by its hash.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    use base64::Engine as _;
    let hash = digest(&SHA256, chart::AUTO_STYLE.as_bytes());
    let hash = base64::engine::general_purpose::STANDARD.encode(hash);
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'");
    HeaderValue::try_from(policy).expect("base64 is plain text")
});

/// A picture with what goes with it.
fn answer(media_type: &'static str, body: impl IntoResponse, is_for_all: bool) -> Response {
    let keep = if is_for_all { KEEP } else { KEEP_PRIVATE };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (CACHE_CONTROL, HeaderValue::from_static(keep)),
        (CONTENT_SECURITY_POLICY, POLICY.clone()),
    ];
    (headers, body).into_response()
}

/// What a file's name asks for, and its ending.
fn what(file: &str) -> Option<(&'static str, What, &str)> {
    let (stem, ending) = file.rsplit_once('.')?;
    let (word, what) = WHATS.iter().find(|(word, _)| *word == stem)?;
    Some((word, *what, ending))
}

/// As shields.io reads it.
///
/// *Source*: <https://shields.io/badges/endpoint-badge>
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    schema_version: u8,
    label: String,
    message: String,
    color: String,
    cache_seconds: u32,
}

async fn badge(
    State(site): State<Site>,
    Path((owner, repo, file)): Path<(String, String, String)>,
    call: Call,
) -> Result<Response, Problem> {
    let Some((word, what, ending @ ("svg" | "json"))) = what(&file) else {
        return Err(Problem::NotFound);
    };
    let about = match seen(&site, &call, &owner, &repo).await {
        Err(Problem::NotFound) => return Ok(no_badge(word, ending)),
        seen => seen?,
    };
    let (range, words) = asked(&call.params)?;
    let value = value(&site, &about, what, range).await?;
    // Stars and forks are as they stand, whatever the range.
    let label = match (call.params.get("label"), what) {
        (Some(label), _) => label.to_owned(),
        (None, What::Stars | What::Forks) => word.to_owned(),
        (None, _) => format!("{word}, {words}"),
    };
    let colour = match value {
        Some(_) => BadgeColour::Blue,
        None => BadgeColour::Grey,
    };
    let badge = Badge {
        label,
        value: value.unwrap_or_else(|| "not known".to_owned()),
        colour,
    };
    Ok(written(badge, ending, is_for_all(&site, &about)))
}

/// Whether a picture is for everybody, so that others may keep it: where the public may look, and of
/// what is public.
fn is_for_all(site: &Site, about: &About) -> bool {
    site.access().rules().is_public && !about.is_private
}

fn written(badge: Badge, ending: &str, is_for_all: bool) -> Response {
    if ending == "svg" {
        return answer("image/svg+xml; charset=utf-8", badge.svg(), is_for_all);
    }
    let told = badge.endpoint();
    let endpoint = Endpoint {
        schema_version: told.schema_version,
        label: told.label,
        message: told.message,
        color: told.color,
        cache_seconds: 1800,
    };
    let body = serde_json::to_string(&endpoint).unwrap_or_default();
    answer("application/json", body, is_for_all)
}

/// What is shown for a repository that is not there, or not for this viewer: the same.
fn no_badge(word: &str, ending: &str) -> Response {
    let badge = Badge {
        label: word.to_owned(),
        value: "not found".to_owned(),
        colour: BadgeColour::Grey,
    };
    let mut response = written(badge, ending, false);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// The repository of an address, by any of its names, if the viewer may see it.
async fn seen(site: &Site, call: &Call, owner: &str, repo: &str) -> Result<About, Problem> {
    let name = RepoName::new(owner, repo).map_err(|_| Problem::NotFound)?;
    // An address that carries our signature shows the repository that it was made for to whoever has
    // it, and not the one that took over the name.
    let is_signed = site.access().is_signed(&call.frame.here).await?;
    let signed_for: Option<u64> = call.params.get(SIGNED_FOR).and_then(|id| id.parse().ok());
    let viewer = match signed_for.filter(|_| is_signed) {
        Some(id) => Viewer::of_one(RepoId(id)),
        None => call.viewer.clone(),
    };
    Ok(site.repository(&viewer, &name).await?.about)
}

/// The part of an address that says for which repository it was signed.
const SIGNED_FOR: &str = "for";

/// The address of a picture of a repository, for whoever has it.
pub(crate) async fn signed(site: &Site, picture: &str, repo: RepoId) -> Result<String, Problem> {
    let join = if picture.contains('?') { '&' } else { '?' };
    let address = format!("{picture}{join}{SIGNED_FOR}={repo}");
    Ok(site.access().sign(&address, None).await?)
}

/// The range of an address and how it is called.
fn asked(params: &Params) -> Result<(Asked, String), Problem> {
    let view = View::of(params)?;
    let words = match view.range.as_str() {
        "7d" => "7 days".to_owned(),
        "30d" => "30 days".to_owned(),
        "90d" => "90 days".to_owned(),
        "1y" => "1 year".to_owned(),
        "all" => "all time".to_owned(),
        other => other.to_owned(),
    };
    Ok((view.asked, words))
}

/// The number of a badge; nothing where nothing is known.
async fn value(
    site: &Site,
    about: &About,
    what: What,
    asked: Asked,
) -> Result<Option<String>, Problem> {
    let store = site.store();
    let range = about.known.and_then(|known| asked.of(known));
    let counters = || async { store.counters(about.id, None).await };
    Ok(match (what, range) {
        (What::Stars, _) => counters()
            .await?
            .last()
            .map(|run| grouped(run.counters.stars)),
        (What::Forks, _) => counters()
            .await?
            .last()
            .map(|run| grouped(run.counters.forks)),
        (What::Downloads, _) => {
            let known = about.known;
            let found = AllDownloads::read(store, about.id, (asked, known), site.rules()).await?;
            found.map(|found| {
                let sign = if found.total.days_missing > 0 {
                    "≥ "
                } else {
                    ""
                };
                match sign {
                    "" => bounds(found.total.count),
                    sign => format!("{sign}{}", grouped(found.total.count.lower())),
                }
            })
        }
        (_, None) => None,
        (What::Count(metric), Some(range)) => {
            let series = Series::new(store.days(about.id, Some(range)).await?);
            let total = figures::total(&all_days(&series, range), metric);
            let known = total.days_measured + total.days_partial;
            // Where a day is not known, or was seen only while it ran, there were at least so many.
            let is_least = total.days_measured < range.days().unsigned_abs();
            let sign = if is_least { "≥ " } else { "" };
            (known > 0).then(|| format!("{sign}{}", grouped(total.count)))
        }
        (What::People(metric), Some(range)) => {
            let days = store.days(about.id, Some(range)).await?;
            let series = Series::new(days);
            let found = people(store, about.id, metric, &series, Some(range)).await?;
            let found = found.within(range);
            let is_known = found.days_covered > 0 || found.at_least.is_some();
            is_known.then(|| people_text(&found))
        }
    })
}

fn bounds(bounds: gitratra_core::Bounds) -> String {
    match bounds.number() {
        Some(number) => grouped(number),
        None => format!("{}–{}", grouped(bounds.lower()), grouped(bounds.upper())),
    }
}
