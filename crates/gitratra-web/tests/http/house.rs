//! A site on a store with a public and a private repository.

use std::sync::Arc;

use gitratra_core::{
    Count, Counters, CountersReading, Day, DayRange, Endpoint, GroupRule, Metric, Profile, Reading,
    RepoId, Repository, Role, Timestamp, TokenScope, Visibility,
};
use gitratra_store::{Location, NewToken, Outcome, Store, Visit};
use gitratra_web::access::{Access, AccessRules, Mode, TOKEN_PREFIX, fresh_secret, hash_of};
use gitratra_web::{Server, Site, Watched};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::program::{NOW, Program};

/// A running site.
pub(crate) struct House {
    pub(crate) store: Store,
    base: String,
    http: reqwest::Client,
    stop: CancellationToken,
    _folder: TempDir,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// The number of the public repository, and of the private one.
pub(crate) const PUBLIC: u64 = 11;
pub(crate) const PRIVATE: u64 = 12;

impl House {
    /// Without any repository.
    pub(crate) async fn empty(mode: Mode) -> Self {
        Self::with_origins(mode, &[]).await
    }

    /// Without any repository, with sites whose pages may read the API.
    pub(crate) async fn with_origins(mode: Mode, origins: &[&str]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = TempDir::new().unwrap();
        let store = Store::open(&Location::file(folder.path().join("store.db")))
            .await
            .unwrap();
        let watched: Arc<dyn Watched> = Arc::new(Program::default());
        let rules = AccessRules {
            is_loopback: mode == Mode::Open,
            is_public: mode == Mode::Public,
            ..AccessRules::default()
        };
        let access = Access::new(store.clone(), rules, now, None);
        let site = Site::new(store.clone(), Arc::clone(&watched), Vec::new(), access)
            .with_api_origins(origins.iter().map(|text| text.parse().unwrap()).collect());
        let server = Server::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", server.local_addr().unwrap());
        let stop = CancellationToken::new();
        tokio::spawn(server.run(watched, Some(site), stop.clone()));
        let http = reqwest::Client::builder()
            .no_proxy()
            .no_gzip()
            .redirect(reqwest::redirect::Policy::none());
        Self {
            store,
            base,
            http: http.build().unwrap(),
            stop,
            _folder: folder,
        }
    }

    /// With a public and a private repository, of each fourteen days.
    pub(crate) async fn full(mode: Mode) -> Self {
        let house = Self::empty(mode).await;
        house.fill(PUBLIC, "octo/open", false, 90).await;
        house.fill(PRIVATE, "hidden/vault", true, 70_707).await;
        house
    }

    pub(crate) async fn fill(&self, id: u64, name: &str, is_private: bool, views: u64) {
        let repository = Repository {
            id: RepoId(id),
            node_id: None,
            name: name.parse().unwrap(),
            is_private,
            is_fork: false,
            is_archived: false,
            can_push: None,
        };
        self.store
            .save_repositories(&[repository], now())
            .await
            .unwrap();
        self.store.record(visit(id, views)).await.unwrap();
        let reading = CountersReading {
            repo: RepoId(id),
            read_at: now(),
            counters: Counters {
                stars: views * 3,
                forks: 5,
                ..Counters::default()
            },
            profile: Profile {
                description: Some("all <b>about</b> it".to_owned()),
                language: None,
                licence: None,
                topics: Vec::new(),
                is_archived: false,
                visibility: Visibility::Public,
            },
            tags: None,
        };
        let by = Endpoint::Counters;
        self.store
            .record_counters(&[reading], by, "tester")
            .await
            .unwrap();
    }

    /// A token of somebody of this role, who may do no more than the scope says.
    pub(crate) async fn token(&self, role: Role, scope: TokenScope) -> String {
        let name = format!("{role}-{scope}");
        self.token_of(&name, (role, &[]), scope).await
    }

    /// The same of somebody with a name, who is given these groups.
    pub(crate) async fn token_of(
        &self,
        name: &str,
        (role, groups): (Role, &[&str]),
        scope: TokenScope,
    ) -> String {
        let name = name.parse().unwrap();
        let groups: Vec<_> = groups.iter().map(|name| name.parse().unwrap()).collect();
        let person = self.store.add_person(&name, role, &groups, now()).await;
        let secret = fresh_secret();
        let token = NewToken {
            hash: hash_of(secret.expose_secret()),
            name: "test".to_owned(),
            scope,
            person: person.unwrap().unwrap(),
            expires_at: None,
        };
        self.store.add_token(&token, now()).await.unwrap().unwrap();
        format!("{TOKEN_PREFIX}{}", secret.expose_secret())
    }

    /// Makes a group.
    pub(crate) async fn group(&self, name: &str, patterns: &[&str]) {
        let rules = patterns
            .iter()
            .map(|text| GroupRule::new(text.parse().unwrap(), None).unwrap());
        let rules: Vec<_> = rules.collect();
        let name = name.parse().unwrap();
        self.store.add_to_group(&name, &rules).await.unwrap();
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(self.http.get(self.url(path))).await
    }

    /// Sends a form, as a page of this site does.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        let request = self.http.post(self.url(path));
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(form.to_owned());
        self.ask(request).await
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.http
    }

    pub(crate) async fn ask(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned(),
        }
    }
}

/// Fourteen days of views and clones.
fn visit(id: u64, views: u64) -> Visit {
    let last: Day = "2026-11-25".parse().unwrap();
    let answer = |metric, count: u64| {
        let days = DayRange::ending(last, 14).iter();
        let rows = days.map(|day| (day, Count::new(count, count / 3).unwrap()));
        let total = Count::new(count * 14, count).unwrap();
        Outcome::Traffic {
            reading: Reading::new(metric, now(), rows.collect(), total).unwrap(),
            etag: None,
        }
    };
    Visit {
        repo: RepoId(id),
        asked_at: now(),
        credential: "tester".to_owned(),
        outcomes: vec![
            (Endpoint::Views, answer(Metric::Views, views)),
            (Endpoint::Clones, answer(Metric::Clones, views / 5)),
        ],
    }
}
