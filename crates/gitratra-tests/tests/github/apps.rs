//! GitHub Apps: proofs that are signed for GitHub's time, and tokens that renew themselves.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gitratra_core::{Metric, Timestamp};
use gitratra_github::{
    ApiUrl, App, AppError, AppOptions, Client, Clock, Credential, Failure, FailureKind,
    Installation, Options, RetryPolicy, SecretString,
};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};

use crate::server::{DATE_SECS, JumpingClock, NO_VIEWS, Reply, Seen, Server, repo};

const KEY: &str = include_str!("../../../gitratra-github/tests/data/app-key-pkcs1.pem");
const APP_ID: &str = "4711";
const HOUR: i64 = 3600;

/// A GitHub with one App, which knows its own time.
struct GitHub {
    server: Server,
    world: Arc<World>,
}

#[derive(Default)]
struct World {
    clock: Arc<JumpingClock>,
    /// How much later it is there than the clock of the client knows.
    ahead: AtomicI64,
    /// Tokens that are taken, with their ends.
    tokens: Mutex<HashMap<String, i64>>,
    given: AtomicU64,
    /// What every request for a token is answered with, where that is no token.
    refusal: Mutex<Option<Reply>>,
    /// What every question of an installation is answered with, where not with no views.
    answer: Mutex<Option<Reply>>,
    permissions: Mutex<&'static str>,
    /// No token is taken, whatever was given.
    takes_none: Mutex<bool>,
    has_no_limits_page: Mutex<bool>,
}

impl World {
    fn now(&self) -> i64 {
        let passed = i64::try_from(self.clock.now().as_secs()).unwrap();
        DATE_SECS + passed + self.ahead.load(Ordering::SeqCst)
    }

    fn answer(&self, seen: &Seen) -> Reply {
        let now = Timestamp::from_second(self.now()).unwrap();
        let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT");
        self.undated(seen).with("date", date)
    }

    fn undated(&self, seen: &Seen) -> Reply {
        let shown = seen.header("authorization").unwrap_or_default();
        let shown = shown.strip_prefix("Bearer ").unwrap_or_default();
        match (&*seen.method, &*seen.path) {
            ("GET", "/rate_limit") if shown.is_empty() => {
                if *self.has_no_limits_page.lock().unwrap() {
                    return Reply::refusal(401, "Requires authentication");
                }
                Reply::ok(r#"{"resources":{"core":{"limit":60,"remaining":0,"reset":9}}}"#)
                    .with_rate(60, 0, HOUR)
            }
            ("GET", "/app/installations?per_page=100") => match self.proof_is_wrong(shown) {
                Some(why) => Reply::refusal(401, &format!("{why} {shown}")),
                None => Reply::ok(
                    r#"[{"id":7,"account":{"login":"octo"},"repository_selection":"all",
                        "suspended_at":null,"permissions":{"administration":"read"}}]"#,
                )
                .with("link", r#"</app/installations?page=2>; rel="next""#),
            },
            ("GET", "/app/installations?page=2") => Reply::ok(
                r#"[{"id":7,"account":{"login":"octo"},"repository_selection":"all",
                        "suspended_at":null,"permissions":{"administration":"read"}},
                    {"id":8,"account":{"login":"sleepy"},"repository_selection":"selected",
                        "suspended_at":"2026-01-01T00:00:00Z","permissions":{}}]"#,
            ),
            ("POST", "/app/installations/7/access_tokens") => self.token(shown),
            ("POST", _) => Reply::refusal(404, "Not Found"),
            _ if self.is_taken(shown) => match &*self.answer.lock().unwrap() {
                Some(reply) => reply.clone(),
                None => Reply::ok(NO_VIEWS).with_rate(5000, 4000, HOUR),
            },
            // The limit of nobody.
            _ => Reply::refusal(401, &format!("Bad credentials: {shown}")).with_rate(60, 0, HOUR),
        }
        .slow()
    }

    fn token(&self, shown: &str) -> Reply {
        if let Some(why) = self.proof_is_wrong(shown) {
            return Reply::refusal(401, &format!("{why} {shown}"));
        }
        if let Some(refusal) = &*self.refusal.lock().unwrap() {
            return refusal.clone();
        }
        let given = self.given.fetch_add(1, Ordering::SeqCst);
        let token = format!("ghs_{given}_{}", "long".repeat(200));
        let ends = self.now() + HOUR;
        self.tokens.lock().unwrap().insert(token.clone(), ends);
        let ends = Timestamp::from_second(ends).unwrap();
        let permissions = match *self.permissions.lock().unwrap() {
            "" => r#"{"administration":"read","metadata":"read"}"#,
            other => other,
        };
        let body =
            format!(r#"{{"token":"{token}","expires_at":"{ends}","permissions":{permissions}}}"#);
        // The limit of the App itself, which is not that of the installation.
        Reply::new(201, body).with_rate(5000, 0, HOUR)
    }

    fn is_taken(&self, shown: &str) -> bool {
        let tokens = self.tokens.lock().unwrap();
        let is_alive = tokens.get(shown).is_some_and(|ends| *ends > self.now());
        is_alive && !*self.takes_none.lock().unwrap()
    }

    /// Why GitHub would not take this proof.
    fn proof_is_wrong(&self, proof: &str) -> Option<&'static str> {
        let Some((text, signature)) = proof.rsplit_once('.') else {
            return Some("A JSON web token could not be decoded");
        };
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let key = key_pair();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public());
        if public.verify(text.as_bytes(), &signature).is_err() {
            return Some("A JSON web token could not be decoded");
        }
        let claims = URL_SAFE_NO_PAD.decode(text.split('.').nth(1).unwrap());
        let claims: serde_json::Value = serde_json::from_slice(&claims.unwrap()).unwrap();
        let (from, to) = (
            claims["iat"].as_i64().unwrap(),
            claims["exp"].as_i64().unwrap(),
        );
        let now = self.now();
        if claims["iss"] != APP_ID {
            return Some("'Issuer' claim ('iss') must be an Integer");
        }
        if to <= now || to > now + 600 || from > now {
            return Some("'Expiration time' claim ('exp') must be a time in the future");
        }
        None
    }
}

fn key_pair() -> RsaKeyPair {
    let lines = KEY.lines().filter(|line| !line.starts_with('-'));
    let der = STANDARD.decode(lines.collect::<String>()).unwrap();
    RsaKeyPair::from_der(&der).unwrap()
}

impl GitHub {
    async fn start() -> Self {
        let world = Arc::new(World::default());
        let shared = Arc::clone(&world);
        let server = Server::start(move |seen| shared.answer(seen)).await;
        Self { server, world }
    }

    fn app(&self) -> App {
        self.app_with_id(APP_ID)
    }

    fn app_with_id(&self, id: &str) -> App {
        App::new(AppOptions {
            api: ApiUrl::parse(&self.server.url()).unwrap(),
            app_id: id.to_owned(),
            key: SecretString::from(KEY),
            retry: retry(),
            clock: Arc::<JumpingClock>::clone(&self.world.clock),
        })
        .unwrap()
    }

    fn client(&self) -> Client {
        self.client_of(&self.app(), 7)
    }

    fn client_of(&self, app: &App, id: u64) -> Client {
        app.client(&installation(id), self.options()).unwrap()
    }

    fn options(&self) -> Options {
        let api = ApiUrl::parse(&self.server.url()).unwrap();
        let mut options = Options::new(api, Credential::Anonymous);
        options.clock = Arc::<JumpingClock>::clone(&self.world.clock);
        options.retry = retry();
        options
    }

    fn asked(&self) -> Vec<String> {
        let seen = self.server.seen().into_iter();
        seen.map(|seen| format!("{} {}", seen.method, seen.path))
            .collect()
    }

    async fn pass(&self, secs: u64) {
        self.world.clock.sleep(Duration::from_secs(secs)).await;
    }
}

fn retry() -> RetryPolicy {
    RetryPolicy {
        seed: Some(1),
        ..RetryPolicy::default()
    }
}

fn installation(id: u64) -> Installation {
    Installation {
        id,
        account: "octo".to_owned(),
        is_suspended: false,
        has_all: true,
        has_administration: true,
    }
}

async fn views(client: &Client) -> Result<(), Failure> {
    let answer = client.traffic(&repo("o/r"), Metric::Views, None).await;
    answer.map(|_| ())
}

/// Nothing that a failure says holds a token or a proof.
fn assert_clean(failure: &Failure) {
    let all = format!("{failure} {failure:?} {}", failure.action());
    assert!(!all.contains("ghs_") && !all.contains("eyJ"), "{all}");
    assert!(!all.contains('\n'), "{all}");
}

const TIME: &str = "GET /rate_limit";
const POST: &str = "POST /app/installations/7/access_tokens";
const VIEWS: &str = "GET /repos/o/r/traffic/views";

#[tokio::test]
async fn the_first_question_asks_the_time_and_a_token_before() {
    let github = GitHub::start().await;
    let client = github.client();
    views(&client).await.unwrap();
    views(&client).await.unwrap();
    assert_eq!(github.asked(), [TIME, POST, VIEWS, VIEWS]);
    assert!(github.server.seen()[0].header("authorization").is_none());
    // The limits in the answers to nobody and to the App are not the installation's.
    assert_eq!(client.rate().unwrap().remaining, 4000);
    assert_eq!(client.token_expires_at(), None);
    assert!(!client.lacks_administration());
    assert!(!format!("{client:?}").contains("ghs_"));
}

#[tokio::test]
async fn the_token_is_renewed_five_minutes_before_its_end() {
    let github = GitHub::start().await;
    let client = github.client();
    views(&client).await.unwrap();
    github.pass(54 * 60).await;
    views(&client).await.unwrap();
    assert_eq!(github.world.given.load(Ordering::SeqCst), 1);
    github.pass(2 * 60).await;
    views(&client).await.unwrap();
    assert_eq!(github.world.given.load(Ordering::SeqCst), 2);
    let refused = client
        .counters()
        .outcomes()
        .any(|(word, count)| word == "unauthorized" && count > 0);
    assert!(!refused, "no token was shown after its end");
}

#[tokio::test]
async fn a_machine_that_slept_is_told_the_time_by_a_refusal() {
    let github = GitHub::start().await;
    let client = github.client();
    views(&client).await.unwrap();
    // The clock that measures waiting stood still meanwhile.
    github.world.ahead.store(11 * 24 * HOUR, Ordering::SeqCst);
    views(&client).await.unwrap();
    assert_eq!(github.asked(), [TIME, POST, VIEWS, VIEWS, POST, VIEWS]);
    let app = github.app();
    app.installations().await.unwrap();
    github.world.ahead.store(22 * 24 * HOUR, Ordering::SeqCst);
    assert_eq!(app.installations().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_server_that_tells_nobody_the_time_tells_it_in_its_refusal() {
    let github = GitHub::start().await;
    *github.world.has_no_limits_page.lock().unwrap() = true;
    let client = github.client();
    views(&client).await.unwrap();
    assert_eq!(github.asked(), [TIME, POST, VIEWS]);
}

#[tokio::test]
async fn a_token_that_is_refused_is_made_anew_once_for_all() {
    let github = GitHub::start().await;
    let client = github.client();
    views(&client).await.unwrap();
    github.world.tokens.lock().unwrap().clear();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { views(&client).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(github.world.given.load(Ordering::SeqCst), 2);
    let rate = client.rate().unwrap();
    assert_eq!((rate.limit, rate.remaining), (5000, 4000));
}

#[tokio::test]
async fn many_questions_at_the_start_fetch_one_token() {
    let github = GitHub::start().await;
    let app = github.app();
    let credential = app.credential(&installation(7));
    // Two clients of one credential share it.
    let clients = [(); 2].map(|()| {
        let mut options = github.options();
        options.credential = credential.clone();
        Client::new(options).unwrap()
    });
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let client = clients[n % 2].clone();
            tokio::spawn(async move { views(&client).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let posts = github.asked().iter().filter(|asked| *asked == POST).count();
    assert_eq!(posts, 1);
}

#[tokio::test]
async fn a_second_token_that_is_refused_ends_it() {
    let github = GitHub::start().await;
    *github.world.takes_none.lock().unwrap() = true;
    let client = github.client();
    for _ in 0..3 {
        let failure = views(&client).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        assert!(
            failure.action().contains("installed"),
            "{}",
            failure.action()
        );
        assert_eq!(failure.repo.as_deref(), Some("o/r"));
        assert_clean(&failure);
    }
    assert_eq!(github.asked(), [TIME, POST, VIEWS, POST, VIEWS]);
}

#[tokio::test]
async fn a_wrong_id_is_told_after_one_proof_and_no_more_is_sent() {
    let github = GitHub::start().await;
    let app = github.app_with_id("Iv1.wrong");
    let client = github.client_of(&app, 7);
    for _ in 0..2 {
        let failure = views(&client).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        let action = failure.action();
        assert!(action.contains("check the App's id and that the key file"));
        assert_clean(&failure);
    }
    assert_eq!(github.asked(), [TIME, POST]);
    let failure = app.installations().await.unwrap_err();
    assert!(failure.action().contains("key file"));
    assert!(failure.to_string().contains("the installations of the App"));
    assert_clean(&failure);
}

#[tokio::test]
async fn an_id_that_no_app_has_is_told_as_such() {
    let server = Server::always(Reply::refusal(404, "Integration not found")).await;
    let api = ApiUrl::parse(&server.url()).unwrap();
    let key = SecretString::from(KEY);
    let app = App::new(AppOptions::new(api, "1".to_owned(), key)).unwrap();
    let mut failures = vec![app.installations().await.unwrap_err()];
    let api = ApiUrl::parse(&server.url()).unwrap();
    let client = app
        .client(&installation(7), Options::new(api, Credential::Anonymous))
        .unwrap();
    failures.push(views(&client).await.unwrap_err());
    for failure in failures {
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        let action = failure.action();
        assert!(action.contains("check the App's id"), "{action}");
    }
}

#[tokio::test]
async fn what_ends_an_installation_is_told_and_nothing_more_is_sent() {
    let github = GitHub::start().await;
    let gone = github.client_of(&github.app(), 99);
    for _ in 0..2 {
        let failure = views(&gone).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        assert!(failure.action().contains("not installed there any more"));
    }
    assert_eq!(github.asked().len(), 2);

    let suspended = Reply::refusal(403, "This installation has been suspended");
    *github.world.refusal.lock().unwrap() = Some(suspended);
    let client = github.client();
    for _ in 0..2 {
        let failure = views(&client).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        assert!(failure.action().contains("unsuspend"), "{failure}");
        assert!(failure.to_string().contains("has been suspended"));
    }
    assert_eq!(github.asked().len(), 4);
    // The account has unsuspended it: a new client asks again.
    *github.world.refusal.lock().unwrap() = None;
    views(&github.client()).await.unwrap();
}

#[tokio::test]
async fn an_old_token_serves_while_no_new_one_can_be_had() {
    let github = GitHub::start().await;
    let client = github.client();
    views(&client).await.unwrap();
    *github.world.refusal.lock().unwrap() = Some(Reply::new(500, ""));
    github.pass(56 * 60).await;
    views(&client).await.unwrap();
    github.pass(5 * 60).await;
    let failure = views(&client).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Server);
    assert!(failure.message.contains("no token for the installation"));
    // Trouble that passes stops nothing.
    *github.world.refusal.lock().unwrap() = None;
    views(&client).await.unwrap();
}

#[tokio::test]
async fn many_questions_share_one_failure_to_fetch() {
    let github = GitHub::start().await;
    *github.world.refusal.lock().unwrap() = Some(Reply::new(500, ""));
    let client = github.client();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { views(&client).await })
        })
        .collect();
    for task in tasks {
        let failure = task.await.unwrap().unwrap_err();
        assert_eq!(failure.kind, FailureKind::Server);
        assert_eq!(failure.repo.as_deref(), Some("o/r"));
    }
    let posts = github.asked().iter().filter(|asked| *asked == POST).count();
    assert_eq!(posts, 4, "one question with its retries");
}

#[tokio::test]
async fn an_installation_that_is_suspended_meanwhile_stops() {
    let github = GitHub::start().await;
    let client = github.client();
    views(&client).await.unwrap();
    let suspended = Reply::refusal(403, "This installation has been suspended");
    *github.world.answer.lock().unwrap() = Some(suspended);
    for _ in 0..2 {
        let failure = views(&client).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        assert_eq!(failure.status, Some(403));
        assert!(failure.action().contains("unsuspend"));
    }
    assert_eq!(github.asked().len(), 4);
}

#[tokio::test]
async fn no_token_is_fetched_while_the_hour_is_used_up() {
    let github = GitHub::start().await;
    let client = github.client();
    let used_up = Reply::ok(NO_VIEWS).with_rate(5000, 0, 3 * HOUR);
    *github.world.answer.lock().unwrap() = Some(used_up);
    views(&client).await.unwrap();
    github.pass(2 * 3600).await;
    let failure = views(&client).await.unwrap_err();
    assert!(matches!(
        failure.kind,
        FailureKind::RateLimited { until: Some(_) }
    ));
    assert_eq!(github.asked(), [TIME, POST, VIEWS]);
    *github.world.answer.lock().unwrap() = None;
    github.pass(3600).await;
    views(&client).await.unwrap();
    assert_eq!(github.asked().len(), 5);
}

#[tokio::test]
async fn a_missing_permission_is_known_from_the_token() {
    let github = GitHub::start().await;
    *github.world.permissions.lock().unwrap() = r#"{"metadata":"read"}"#;
    let client = github.client();
    views(&client).await.unwrap();
    assert!(client.lacks_administration());
}

#[tokio::test]
async fn a_token_costs_five_points_of_the_minute() {
    let github = GitHub::start().await;
    let app = github.app();
    let mut options = github.options();
    options.points_per_minute = 7;
    let client = app.client(&installation(7), options).unwrap();
    views(&client).await.unwrap();
    assert_eq!(github.world.clock.now(), Duration::ZERO);
    views(&client).await.unwrap();
    assert!(github.world.clock.now() > Duration::from_secs(60));
}

#[tokio::test]
async fn installations_are_listed_to_the_last_page() {
    let github = GitHub::start().await;
    let found = github.app().installations().await.unwrap();
    let mut expected = [installation(7), installation(8)];
    expected[1].account = "sleepy".to_owned();
    expected[1].is_suspended = true;
    expected[1].has_all = false;
    expected[1].has_administration = false;
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_fingerprint_stays_when_the_token_is_renewed() {
    let github = GitHub::start().await;
    let client = github.client();
    let before = client.fingerprint();
    views(&client).await.unwrap();
    github.pass(7200).await;
    views(&client).await.unwrap();
    assert_eq!(client.fingerprint(), before);
    assert_eq!(github.client().fingerprint(), before);
    assert_eq!(
        github.app().credential(&installation(7)).fingerprint(),
        before
    );
    let other = github.client_of(&github.app(), 8).fingerprint();
    assert_ne!(other, before);
}

#[test]
fn what_is_no_app_is_refused_without_repeating_the_key() {
    let api = ApiUrl::parse(ApiUrl::GITHUB).unwrap();
    let new = |id: &str, key: &str| {
        let key = SecretString::from(key);
        let options = AppOptions::new(api.clone(), id.to_owned(), key);
        assert!(!format!("{options:?}").contains("MII"));
        App::new(options)
    };
    let error = new("", KEY).unwrap_err();
    assert!(matches!(error, AppError::Id { .. }));
    assert!(matches!(new("a b", KEY), Err(AppError::Id { .. })));
    let error = new("1", "hunter2").unwrap_err();
    assert!(matches!(error, AppError::Key { .. }));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    let app = new(" 1 ", KEY).unwrap();
    assert!(!format!("{app:?}").contains("MII"), "{app:?}");
}
