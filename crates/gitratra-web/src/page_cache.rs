//! Pages that many look at are made once and kept, compressed, for some seconds.
//!
//! Only what somebody sees may be told to them, so that a page is kept for one viewer, one address
//! and one look. Whoever changes something sees it at once: a page is good for one count of the changes
//! in the store, whoever made them.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{ACCEPT_ENCODING, ETAG, IF_NONE_MATCH, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::access::Viewer;
use crate::choice::Changes;
use crate::etag;
use crate::layout::{self, Look};

/// The pages that are kept; all others are made for each request.
const KEPT: &[&str] = &["/", "/compare", "/{owner}/{repo}"];
/// What anybody may send, and what changes no page.
const CHANGELESS: &[&str] = &["/look", "/login", "/logout"];
/// How long a page is good; what it is made of is good for at least ten seconds.
const GOOD: Duration = Duration::from_secs(5);
/// Bytes of all pages that are kept.
const MOST_BYTES: u64 = 4 << 20;
/// Longer pages are not kept.
const MOST_PAGE: usize = 512 << 10;
/// Longer addresses are not kept.
const MOST_ADDRESS: usize = 512;
/// A guess of how many there are.
const PAGES: usize = 128;

/// The pages that are kept. Clones share them.
#[derive(Clone)]
pub(crate) struct PageCache {
    inner: Arc<Inner>,
}

struct Inner {
    pages: Cache<Key, Arc<Page>, Bytesize>,
    began: Instant,
    good: Duration,
    changes: AtomicU64,
}

/// What tells one page from another. The time is part of it, so that what is old is never asked for
/// again and makes room.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    address: String,
    viewer: Viewer,
    look: Look,
    encoding: Option<HeaderValue>,
    turn: u64,
    /// How often this process has changed something, and how often anybody has.
    changes: (u64, i64),
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.address, self.turn, self.changes).hash(state);
    }
}

#[derive(Debug)]
struct Page {
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Debug, Clone)]
struct Bytesize;

impl Weighter<Key, Arc<Page>> for Bytesize {
    fn weight(&self, key: &Key, page: &Arc<Page>) -> u64 {
        // What whoever asks sends along is as long as they like.
        let told = key.address.len() + key.encoding.as_ref().map_or(0, HeaderValue::len);
        (size_of::<Key>() + told + size_of::<Page>() + page.body.len()) as u64
    }
}

impl Default for PageCache {
    fn default() -> Self {
        Self::new(GOOD)
    }
}

impl PageCache {
    /// One whose pages are good for so long.
    fn new(good: Duration) -> Self {
        let options = OptionsBuilder::new()
            .estimated_items_capacity(PAGES)
            .weight_capacity(MOST_BYTES)
            .shards(1)
            .build()
            .expect("both capacities are given");
        let pages = Cache::with_options(
            options,
            Bytesize,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        );
        Self {
            inner: Arc::new(Inner {
                pages,
                began: Instant::now(),
                good,
                changes: AtomicU64::new(0),
            }),
        }
    }

    /// Lets all pages go.
    pub(crate) fn forget(&self) {
        self.inner.changes.fetch_add(1, Ordering::Relaxed);
        self.inner.pages.clear();
    }

    /// Under what a page is kept, if it is one of those.
    fn key_of(&self, request: &Request) -> Option<Key> {
        let route = request.extensions().get::<MatchedPath>()?;
        let address = request.uri().path_and_query()?.as_str();
        let headers = request.headers();
        let counted = match request.extensions().get::<Changes>() {
            Some(Changes(counted)) => (*counted)?,
            None => 0,
        };
        let is_kept = request.method() == Method::GET
            && KEPT.contains(&route.as_str())
            && address.len() <= MOST_ADDRESS;
        is_kept.then(|| {
            Some(Key {
                address: address.to_owned(),
                viewer: request.extensions().get::<Viewer>()?.clone(),
                look: layout::look_of(headers),
                encoding: headers.get(ACCEPT_ENCODING).cloned(),
                turn: self.inner.began.elapsed().as_secs() / self.inner.good.as_secs().max(1),
                changes: (self.inner.changes.load(Ordering::Relaxed), counted),
            })
        })?
    }
}

/// Whether a request may change what pages show.
pub(crate) fn is_change(request: &Request) -> bool {
    let is_question = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    !is_question && !CHANGELESS.contains(&request.uri().path())
}

/// Answers with a page that is kept, or makes it and keeps it. It has to lie behind the guard, and
/// around whatever compresses.
pub(crate) async fn keep(
    State(cache): State<PageCache>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(key) = cache.key_of(&request) else {
        let is_change = is_change(&request);
        let response = next.run(request).await;
        let is_done = response.status().is_success() || response.status().is_redirection();
        if is_change && is_done {
            cache.forget();
        }
        return response;
    };
    // What is made is for others as well, who may not have it yet.
    let known = request.headers_mut().remove(IF_NONE_MATCH);
    let pages = &cache.inner.pages;
    let page = pages.get_or_insert_async(&key, async { whole(next.run(request).await).await });
    match page.await {
        Ok(page) => page.answer(known.as_ref()),
        Err(response) => response,
    }
}

/// A page that may be kept, or the answer as it is.
async fn whole(response: Response) -> Result<Arc<Page>, Response> {
    let is_good = response.status() == StatusCode::OK
        && response.headers().contains_key(ETAG)
        && !response.headers().contains_key(SET_COOKIE);
    if !is_good {
        return Err(response);
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, etag::MOST).await else {
        return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    if body.len() > MOST_PAGE {
        return Err(Response::from_parts(parts, Body::from(body)));
    }
    Ok(Arc::new(Page {
        headers: parts.headers,
        body,
    }))
}

impl Page {
    fn answer(&self, known: Option<&HeaderValue>) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        let tag = self.headers.get(ETAG);
        match tag.is_some_and(|tag| etag::is_known(known, tag)) {
            true => etag::not_modified(response),
            false => response,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use axum::Router;
    use axum::middleware::{from_fn, from_fn_with_state};
    use axum::routing::{get, post};
    use gitratra_core::SecretHash;
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;

    use super::*;
    use crate::access::By;

    /// Pages that count how often they are made.
    struct House {
        router: TowerToHyperService<Router>,
    }

    impl House {
        fn new() -> Self {
            let made = Arc::new(AtomicUsize::new(0));
            let page = move || {
                let made = 1 + made.fetch_add(1, Ordering::Relaxed);
                async move { format!("page {made}") }
            };
            let router = Router::new()
                .route("/", get(page.clone()))
                .route("/health", get(page))
                .route("/settings/rules", post(|| async {}))
                .route("/look", post(|| async {}))
                .layer(from_fn(etag::tag))
                .layer(from_fn_with_state(
                    PageCache::new(Duration::from_hours(1)),
                    keep,
                ));
            Self {
                router: TowerToHyperService::new(router),
            }
        }

        async fn ask(&self, request: (&str, &str), viewer: &Viewer, cookie: &str) -> String {
            let (method, path) = request;
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("cookie", cookie)
                .extension(viewer.clone());
            let response = self.router.call(request.body(Body::empty()).unwrap()).await;
            let body = to_bytes(response.unwrap().into_body(), 1024).await.unwrap();
            String::from_utf8(body.to_vec()).unwrap()
        }
    }

    #[tokio::test]
    async fn a_page_is_made_once_for_each_viewer_address_and_look_until_something_changes() {
        let house = House::new();
        let nobody = Viewer::nobody(true);
        let session = Viewer {
            by: By::Session(SecretHash([1; 32])),
            ..nobody.clone()
        };
        let get = ("GET", "/");
        for _ in 0..2 {
            assert_eq!(house.ask(get, &nobody, "").await, "page 1");
        }
        assert_eq!(house.ask(get, &session, "").await, "page 2");
        assert_eq!(house.ask(get, &nobody, "look=dark").await, "page 3");
        assert_eq!(house.ask(("GET", "/?q=x"), &nobody, "").await, "page 4");
        assert_eq!(house.ask(get, &nobody, "a=b").await, "page 1");
        house.ask(("POST", "/look"), &nobody, "").await;
        assert_eq!(house.ask(get, &nobody, "").await, "page 1");
        house.ask(("POST", "/settings/rules"), &nobody, "").await;
        assert_eq!(house.ask(get, &nobody, "").await, "page 5");
    }

    #[test]
    fn all_that_a_page_is_kept_with_has_its_weight() {
        let weight = |encoding: Option<&str>| {
            let key = Key {
                address: "/".to_owned(),
                viewer: Viewer::nobody(true),
                look: Look::Auto,
                encoding: encoding.map(|text| text.parse().unwrap()),
                turn: 0,
                changes: (0, 0),
            };
            let page = Page {
                headers: HeaderMap::new(),
                body: Bytes::from_static(b"page"),
            };
            Bytesize.weight(&key, &Arc::new(page))
        };
        assert_eq!(weight(Some("gzip")), weight(None) + 4);
    }

    #[tokio::test]
    async fn what_is_not_in_the_list_is_made_each_time() {
        let house = House::new();
        let nobody = Viewer::nobody(true);
        for expected in ["page 1", "page 2"] {
            assert_eq!(house.ask(("GET", "/health"), &nobody, "").await, expected);
        }
    }
}
