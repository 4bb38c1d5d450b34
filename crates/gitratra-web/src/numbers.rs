//! `/metrics`: numbers for Prometheus, of the repositories that whoever asks may see.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gitratra_answer::Asked;
use gitratra_answer::fleet::{FleetAnswer, FleetQuestion};
use gitratra_core::figures::Step;
use gitratra_store::FleetRepo;

use crate::Watched;
use crate::access::{Scope, Viewer};
use crate::metrics::{self, classic, open_metrics};
use crate::probe::plain;
use crate::recent::Recent;
use crate::site::Site;

/// A page may be so old.
const FRESH: Duration = Duration::from_secs(1);
/// The days over which events are added up.
const RECENT_DAYS: u32 = 30;
/// Of so many repositories at most, the busiest, numbers of events are told.
pub(crate) const MOST_TOLD: usize = 1000;

/// A page, or why there is none.
type Page = Result<Bytes, String>;

/// Pages for those who come without being known, in both formats: for them they are written once
/// however many ask.
#[derive(Debug)]
struct Kept {
    of_all: [Recent<Page>; 2],
    of_public: [Recent<Page>; 2],
    of_none: [Recent<Page>; 2],
}

/// What pages are made of.
pub(crate) struct Desk {
    watched: Arc<dyn Watched>,
    limit: Duration,
    kept: Kept,
}

impl Desk {
    pub(crate) fn new(watched: Arc<dyn Watched>, limit: Duration) -> Arc<Self> {
        let fresh = || [Recent::new(FRESH), Recent::new(FRESH)];
        Arc::new(Self {
            watched,
            limit,
            kept: Kept {
                of_all: fresh(),
                of_public: fresh(),
                of_none: fresh(),
            },
        })
    }
}

/// The route of a site.
pub(crate) fn routes(desk: Arc<Desk>) -> Router<Site> {
    let page = async move |State(site): State<Site>, viewer: Viewer, headers: HeaderMap| {
        desk.page(Some(&site), &viewer.scope, &headers).await
    };
    Router::new().route("/metrics", get(page))
}

/// The route where there is no site, and so nobody to tell apart.
pub(crate) fn alone(desk: Arc<Desk>) -> Router {
    let page = async move |headers: HeaderMap| desk.page(None, &Scope::All, &headers).await;
    Router::new().route("/metrics", get(page))
}

impl Desk {
    async fn page(&self, site: Option<&Site>, scope: &Scope, headers: &HeaderMap) -> Response {
        let mut accepted = headers.get_all(ACCEPT).iter();
        let is_open = accepted.any(|value| {
            let text = value.to_str().unwrap_or_default();
            text.contains("application/openmetrics-text")
        });
        let kept = match scope {
            Scope::All => Some(&self.kept.of_all),
            Scope::Some(seen) if seen.groups.is_empty() && seen.repos.is_empty() => {
                Some(match seen.has_public {
                    true => &self.kept.of_public,
                    false => &self.kept.of_none,
                })
            }
            Scope::Some(_) => None,
        };
        let write = self.write(site, scope, is_open);
        let page = match kept {
            Some(kept) => kept[usize::from(is_open)].or(write).await,
            None => write.await,
        };
        let media_type = match is_open {
            true => metrics::OPEN_METRICS,
            false => metrics::CLASSIC,
        };
        match page {
            Ok(page) => (
                [(CONTENT_TYPE, media_type), (CACHE_CONTROL, "no-store")],
                page,
            )
                .into_response(),
            Err(why) => plain(StatusCode::SERVICE_UNAVAILABLE, &why),
        }
    }

    async fn write(&self, site: Option<&Site>, scope: &Scope, is_open: bool) -> Page {
        let asked = tokio::time::timeout(self.limit, self.watched.snapshot()).await;
        let mut snapshot = asked.map_err(|_| "the numbers took too long".to_owned())??;
        snapshot.replica = site.and_then(|site| Some(site.replica()?.state()));
        // Who shows private repositories here has decided to show them to everybody who asks.
        let scope = match snapshot.shows_private {
            true => &Scope::All,
            false => scope,
        };
        let snapshot = match scope {
            Scope::All => snapshot,
            Scope::Some(_) => snapshot.of(|repo| scope.sees(repo.id, &repo.name, repo.is_private)),
        };
        let fleet = match site {
            Some(site) => fleet(site, scope).await?,
            None => None,
        };
        // Many repositories make a long page, which is not to hold other answers up.
        let write = move || {
            let page = open_metrics(snapshot, fleet.as_ref());
            if is_open { page } else { classic(&page) }
        };
        let page = tokio::task::spawn_blocking(write).await;
        page.map(Bytes::from).map_err(|error| error.to_string())
    }
}

/// The busiest repositories of the last days, from the book that the overview opens with.
async fn fleet(site: &Site, scope: &Scope) -> Result<Option<FleetAnswer>, String> {
    let sees = |repo: &FleetRepo| scope.sees(repo.id, &repo.name, repo.is_private);
    let question = FleetQuestion::all(&sees, MOST_TOLD, site.now());
    let asked = Asked::Last(RECENT_DAYS);
    let answer = site.shelf().ask(asked, Some(Step::Day), &question).await;
    answer.map_err(|_| "the store does not answer".to_owned())
}
