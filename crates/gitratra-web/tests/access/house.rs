//! A house with a clock that stands still, and browsers that knock at its door.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use axum::http::{Request, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Router, response::IntoResponse};
use gitratra_core::{GroupName, GroupRule, PersonId, RepoId, Repository, Role, Timestamp};
use gitratra_store::{Location, Store};
use gitratra_web::access::{
    Access, AccessRules, ClientAddress, LoginElsewhere, Needs, RULES, RouteRule, Viewer, guard,
    routes,
};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tempfile::TempDir;
use tower_http::csrf::CsrfLayer;

pub(crate) const PASSWORD: &str = "correct horse battery";

const EXTRA: &[RouteRule] = &[
    RouteRule::new("GET", "/", Needs::Look),
    RouteRule::new("GET", "/seen", Needs::Look),
    RouteRule::new("GET", "/badge/{name}", Needs::Nothing),
    RouteRule::new("POST", "/edit", Needs::Editor),
];
const TABLES: &[&[RouteRule]] = &[RULES, EXTRA];

/// Who lives in it: a public repository 1, and private ones 2 and 3.
pub(crate) const REPOS: [(u64, &str, bool); 3] = [
    (1, "octo/open", false),
    (2, "octo/secret", true),
    (3, "other/secret", true),
];

pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) access: Access,
    pub(crate) clock: Arc<AtomicI64>,
    router: Router,
    _folder: TempDir,
}

/// An answer with what tests look at.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) to: Option<String>,
    pub(crate) cookies: Vec<String>,
    pub(crate) body: String,
}

impl Answer {
    /// The first cookie as a browser sends it back.
    pub(crate) fn cookie(&self) -> String {
        let first = self.cookies.first().expect("a cookie");
        first.split(';').next().unwrap().to_owned()
    }

    /// What stands between two texts.
    pub(crate) fn between(&self, before: &str, after: &str) -> String {
        let (_, rest) = self.body.split_once(before).expect(&self.body);
        rest.split_once(after).unwrap().0.to_owned()
    }
}

async fn seen(viewer: Viewer) -> String {
    let seen = REPOS.iter().filter(|(id, name, is_private)| {
        let name = name.parse().unwrap();
        viewer.scope.sees(RepoId(*id), &name, *is_private)
    });
    seen.map(|(id, ..)| id.to_string()).collect()
}

async fn badge(State(access): State<Access>, uri: axum::http::Uri) -> impl IntoResponse {
    let is = access.is_signed(uri.path_and_query().unwrap().as_str());
    match is.await.unwrap() {
        true => StatusCode::OK,
        false => StatusCode::NOT_FOUND,
    }
}

impl House {
    pub(crate) async fn new(rules: AccessRules) -> Self {
        Self::with(rules, None).await
    }

    pub(crate) async fn with(
        rules: AccessRules,
        elsewhere: Option<Arc<dyn LoginElsewhere>>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let location = Location::parse(path.to_str().unwrap()).unwrap();
        let store = Store::open(&location).await.unwrap();
        let clock = Arc::new(AtomicI64::new(1_772_611_200));
        let repositories = REPOS.map(|(id, name, is_private)| Repository {
            id: RepoId(id),
            node_id: None,
            name: name.parse().unwrap(),
            is_private,
            is_fork: false,
            is_archived: false,
            can_push: None,
        });
        let now = Timestamp::from_second(clock.load(Ordering::Relaxed)).unwrap();
        store.save_repositories(&repositories, now).await.unwrap();
        let ticking = Arc::clone(&clock);
        let now = move || Timestamp::from_second(ticking.load(Ordering::Relaxed)).unwrap();
        let access = Access::new(store.clone(), rules, now, elsewhere);
        let router = Router::new()
            .merge(routes())
            .route("/", get(seen))
            .route("/seen", get(seen))
            .route("/badge/{name}", get(badge))
            .route("/edit", axum::routing::post(seen))
            .route("/new", get(seen))
            .layer(from_fn_with_state((access.clone(), TABLES), guard))
            .layer(CsrfLayer::new())
            .with_state(access.clone());
        Self {
            store,
            access,
            clock,
            router,
            _folder: folder,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.load(Ordering::Relaxed)).unwrap()
    }

    pub(crate) fn pass(&self, secs: i64) {
        self.clock.fetch_add(secs, Ordering::Relaxed);
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        form: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(HOST, "127.0.0.1:8080");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if method == "POST" {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let address = ClientAddress("192.0.2.1".parse().unwrap());
        let request = request.extension(address);
        let request = request.body(Body::from(form.to_owned())).unwrap();
        let service = TowerToHyperService::new(self.router.clone());
        let response = service.call(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
        Answer {
            status: parts.status,
            to: parts.headers.get(LOCATION).map(text),
            cookies: parts.headers.get_all(SET_COOKIE).iter().map(text).collect(),
            body: String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask("GET", path, &[(COOKIE.as_str(), cookie)], "")
            .await
    }

    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        self.ask("POST", path, &[(COOKIE.as_str(), cookie)], form)
            .await
    }

    /// Adds somebody with [`PASSWORD`].
    pub(crate) async fn add(&self, name: &str, role: Role, groups: &[&str]) -> PersonId {
        let groups: Vec<GroupName> = groups.iter().map(|name| name.parse().unwrap()).collect();
        let name = name.parse().unwrap();
        let added = self.store.add_person(&name, role, &groups, self.now());
        let id = added.await.unwrap().unwrap();
        let passwords = gitratra_web::access::Passwords::default();
        let hash = passwords.hash(PASSWORD.into()).await;
        self.store.set_password(id, &hash, None).await.unwrap();
        id
    }

    pub(crate) async fn add_group(&self, name: &str, rules: &str) {
        let rules = rules.split_whitespace();
        let rules: Vec<_> = rules
            .map(|text| GroupRule::new(text.parse().unwrap(), None).unwrap())
            .collect();
        let name = name.parse().unwrap();
        self.store.add_to_group(&name, &rules).await.unwrap();
    }

    pub(crate) async fn try_login(&self, name: &str, password: &str) -> Answer {
        let password = password.replace(' ', "+");
        let form = format!("name={name}&password={password}&back=%2Fseen");
        self.post("/login", "", &form).await
    }

    /// Logs in and gives the cookie.
    pub(crate) async fn login(&self, name: &str) -> String {
        let answer = self.try_login(name, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(answer.to.as_deref(), Some("/seen"));
        answer.cookie()
    }
}
