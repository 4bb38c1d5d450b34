//! Where a request is read from: each begins with a look at how often what may be seen has changed in
//! the store, and each that changes something counts on.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use gitratra_answer::fleet::BookShelf;
use gitratra_store::{Mark, Store, StoreError};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use crate::fresh::Fresh;
use crate::page_cache::is_change;
use crate::replica::Replica;

/// Whoever has waited for a copy for so long is answered out of the store.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is read from a copy begins with one of these, is one of these, or is a repository's page.
const READ: &[&str] = &[
    "/api/v1/repos",
    "/api/v1/compare",
    "/badge/",
    "/chart/",
    "/r/",
];
const READ_WHOLE: &[&str] = &["/", "/compare"];
/// Pages of two parts that are of no repository.
const OTHERS: &[&str] = &[
    "account", "api", "assets", "invite", "login", "settings", "share",
];

/// How often what may be seen had changed when a request came; nothing where that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Changes(pub(crate) Option<i64>);

/// Counts what changes, and knows where to read.
pub(crate) struct Choice {
    store: Store,
    asked: Fresh<Mark>,
    seen: AtomicI64,
    /// What is kept of the store, and has to go where something has changed.
    shelves: Vec<BookShelf>,
    copy: Option<(Replica, TowerToHyperService<Router>)>,
}

impl Choice {
    /// On a store, with what is kept of it; and on a copy, with the pages that stand on that.
    pub(crate) fn new(
        store: Store,
        shelves: Vec<BookShelf>,
        copy: Option<(Replica, Router)>,
    ) -> Self {
        Self {
            store,
            asked: Fresh::default(),
            seen: AtomicI64::new(-1),
            shelves,
            copy: copy.map(|(replica, router)| (replica, TowerToHyperService::new(router))),
        }
    }

    /// How often what may be seen has changed by now.
    async fn changes(&self) -> Result<i64, StoreError> {
        let ask = async {
            let mark = self.store.mark().await?;
            if self.seen.swap(mark.changes, Ordering::Relaxed) != mark.changes {
                self.shelves.iter().for_each(BookShelf::forget);
            }
            if let Some((replica, _)) = &self.copy {
                replica.must_hold(mark);
            }
            Ok(mark)
        };
        Ok(self.asked.or(ask).await?.changes)
    }

    /// The answer of the copy, where it has one.
    async fn ask_copy(&self, question: Request) -> Option<Response> {
        let (replica, pages) = self.copy.as_ref()?;
        if !replica.is_usable() {
            return None;
        }
        let answering = pages.call(question);
        if let Ok(Ok(answer)) = tokio::time::timeout(PATIENCE, answering).await
            && answer.status() != StatusCode::SERVICE_UNAVAILABLE
        {
            return Some(answer);
        }
        replica.doubt();
        None
    }
}

/// Answers out of the copy where that is good enough, else out of the store.
pub(crate) async fn choose(
    State(choice): State<Arc<Choice>>,
    mut request: Request,
    next: Next,
) -> Response {
    if is_change(&request) {
        let response = next.run(request).await;
        let is_done = response.status().is_success() || response.status().is_redirection();
        if is_done && let Err(error) = choice.store.note_change().await {
            tracing::warn!(%error, "a change could not be counted; other replicas show it within a minute");
        }
        return response;
    }
    let changes = choice.changes().await.ok();
    request.extensions_mut().insert(Changes(changes));
    let question = (changes.is_some() && is_read(&request)).then(|| twin(&request));
    if let Some(question) = question
        && let Some(response) = choice.ask_copy(question).await
    {
        return response;
    }
    next.run(request).await
}

/// Whether a request only reads what a copy has.
fn is_read(request: &Request) -> bool {
    let is_question = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path();
    let is_repo = || {
        let mut parts = path.split('/').skip(1);
        let owner = parts.next().unwrap_or_default();
        let has_name = parts.next().is_some_and(|name| !name.is_empty());
        has_name && parts.next().is_none() && !OTHERS.contains(&owner)
    };
    is_question
        && (READ_WHOLE.contains(&path)
            || READ.iter().any(|start| path.starts_with(start))
            || is_repo())
}

/// The same question once more; questions have no body.
fn twin(request: &Request) -> Request {
    let mut twin = Request::new(Body::empty());
    *twin.method_mut() = request.method().clone();
    *twin.uri_mut() = request.uri().clone();
    *twin.version_mut() = request.version();
    *twin.headers_mut() = request.headers().clone();
    *twin.extensions_mut() = request.extensions().clone();
    twin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_questions_about_what_was_collected_are_read_from_a_copy() {
        let is_read = |method: &str, path: &str| {
            let request = Request::builder().method(method).uri(path);
            is_read(&request.body(Body::empty()).unwrap())
        };
        for path in [
            "/",
            "/?range=7d",
            "/compare?repo=a/b",
            "/octo/hello",
            "/api/v1/repos",
            "/api/v1/repos/octo/hello/days.csv",
            "/badge/octo/hello/views.svg",
        ] {
            assert!(is_read("GET", path) && is_read("HEAD", path), "{path}");
            assert!(!is_read("POST", path), "{path}");
        }
        for path in [
            "/login",
            "/login/elsewhere",
            "/settings",
            "/settings/users",
            "/share/secret",
            "/invite/secret",
            "/account",
            "/health",
            "/metrics",
            "/api/v1/rules",
            "/about",
        ] {
            assert!(!is_read("GET", path), "{path}");
        }
    }
}
