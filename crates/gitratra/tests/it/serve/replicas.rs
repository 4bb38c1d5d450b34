//! Several dashboards on one store behind a balancer that sends each request to the next of them: none
//! knows anything that the others do not.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use gitratra_sim::{Limits, RepoSpec, Sim};
use rustix::process::Signal;
use serde_json::json;

use crate::house::{House, github, until};
use crate::postgres::Database;

use super::balancer::{Balancer, Browser, Reply};
use super::provider::{CLIENT, Provider, SECRET};
use super::service::Serving;

const PASSWORD: &str = "correct horse battery";
const NEW_PASSWORD: &str = "another long password";

/// Dashboards with a balancer before them.
struct Dashboards {
    all: Vec<(SocketAddr, Serving)>,
    balancer: Balancer,
}

impl Dashboards {
    fn start(house: &House, count: usize, args: &[&str]) -> Self {
        let mut dashboards = Self {
            all: Vec::new(),
            balancer: Balancer::start(),
        };
        for _ in 0..count {
            dashboards.add(house, args);
        }
        dashboards
    }

    fn add(&mut self, house: &House, args: &[&str]) {
        let args = [&["--no-collect", "--listen", "127.0.0.1:0"], args].concat();
        let mut serving = Serving::start_with(house, &args, &[]);
        let at = serving.address();
        self.balancer.add(at);
        self.all.push((at, serving));
        let count = self.all.len();
        until(|| self.balancer.ready() == count);
    }

    fn at(&self) -> SocketAddr {
        self.balancer.at
    }

    /// What each of them answers.
    fn each(&self, mut ask: impl FnMut(SocketAddr) -> Reply) -> Vec<u16> {
        self.all.iter().map(|(at, _)| ask(*at).status).collect()
    }

    fn stop(self) {
        self.all.into_iter().for_each(|(_, serving)| {
            serving.stop();
        });
    }
}

/// A store with a public and a private repository, and an administrator.
fn furnish(house: &House) {
    house.go("track octo/open octo/vault").exits(0);
    house.go("sync").exits(0);
    add_user(house, "ada", "admin");
    house.write(
        "config/gitratra/config.toml",
        "behind_proxy = true\npublic_url = \"http://localhost:8080\"\n",
    );
}

fn add_user(house: &House, name: &str, role: &str) {
    let words = ["users", "add", name, "--role", role, "--password-stdin"];
    house
        .run_with_input(&words, &format!("{PASSWORD}\n"))
        .exits(0);
}

fn sim(seed: u64) -> Sim {
    github()
        .seed(seed)
        .limits(Limits::none())
        .repo(RepoSpec::new("octo/open").mean_views(90.0))
        .repo(RepoSpec::new("octo/vault").private())
        .start_on_thread()
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).finish()
}

fn log_in(at: SocketAddr, name: &str, password: &str) -> (Browser, Reply) {
    let mut browser = Browser::default();
    let reply = browser.post(
        at,
        "/login",
        &form(&[("name", name), ("password", password)]),
    );
    (browser, reply)
}

/// Everything that somebody may do at the door, each step at another dashboard than the one before.
fn live_in(house: &House, dashboards: &Dashboards) {
    let at = dashboards.at();
    let (mut ada, reply) = log_in(at, "ada", PASSWORD);
    assert_eq!(reply.status, 303, "{reply:?}");
    let number = dashboards.all.len();
    assert_eq!(
        dashboards.each(|at| ada.get(at, "/account")),
        vec![200; number]
    );

    // A second browser is logged out everywhere when the password changes.
    let (mut other, _) = log_in(at, "ada", PASSWORD);
    assert_eq!(
        dashboards.each(|at| other.get(at, "/account")),
        vec![200; number]
    );
    let change = form(&[("old", PASSWORD), ("new", NEW_PASSWORD)]);
    let reply = ada.post(at, "/account/password", &change);
    assert!(reply.body.contains("password is changed"), "{reply:?}");
    assert_eq!(
        dashboards.each(|at| other.get(at, "/account")),
        vec![303; number]
    );
    assert_eq!(
        dashboards.each(|at| ada.get(at, "/account")),
        vec![200; number]
    );
    assert_eq!(log_in(at, "ada", PASSWORD).1.status, 422);
    assert_eq!(log_in(at, "ada", NEW_PASSWORD).1.status, 303);

    // A form from another site is refused by each.
    let forged = dashboards.each(|at| ada.clone().post_from(at, "/logout", "", "cross-site"));
    assert_eq!(forged, vec![403; number]);

    notes_show_at_once(dashboards, &mut ada);
    links_and_tokens_end_at_once(dashboards, &mut ada);
    whoever_is_disabled_is_out_at_once(house, dashboards, &mut ada);

    // Failures count together: five are free, wherever they are tried.
    for _ in 0..5 {
        assert_eq!(log_in(at, "mallory", "no password of theirs").1.status, 422);
    }
    let tried = dashboards.each(|at| log_in(at, "mallory", "no password of theirs").1);
    assert_eq!(tried[0], 429, "{tried:?}");

    let reply = ada.clone().post(at, "/logout", "");
    assert_eq!(reply.status, 303);
    assert_eq!(
        dashboards.each(|at| ada.get(at, "/account")),
        vec![303; number]
    );
}

/// What one changes every other shows with the next request, although each keeps pages.
fn notes_show_at_once(dashboards: &Dashboards, ada: &mut Browser) {
    let at = dashboards.at();
    let page = ada.get(at, "/octo/open");
    let add = page.between("action=\"/settings/notes/", "\"");
    for words in ["first news", "second news"] {
        let before = dashboards
            .all
            .iter()
            .map(|(at, _)| ada.get(*at, "/octo/open"));
        let seen = before.filter(|page| page.body.contains(words)).count();
        assert_eq!(seen, 0);
        let day = page.between("name=\"day\" required value=\"", "\"");
        let note = form(&[("day", &day), ("text", words)]);
        let reply = ada.post(at, &format!("/settings/notes/{add}"), &note);
        assert_eq!(reply.status, 303, "{reply:?}");
        for (at, _) in &dashboards.all {
            let page = ada.get(*at, "/octo/open");
            assert!(page.body.contains(words), "{}", page.body);
        }
    }
}

fn links_and_tokens_end_at_once(dashboards: &Dashboards, ada: &mut Browser) {
    let at = dashboards.at();
    let number = dashboards.all.len();
    let share = form(&[("target", "octo/vault"), ("label", "press"), ("days", "3")]);
    let reply = ada.post(at, "/settings/shares", &share);
    let link = format!("/share/{}", reply.between("/share/", "<"));
    let mut guest = Browser::default();
    assert_eq!(
        dashboards.each(|at| guest.get(at, "/octo/vault")),
        vec![303; number]
    );
    assert_eq!(guest.get(at, &link).status, 303);
    assert_eq!(
        dashboards.each(|at| guest.get(at, "/octo/vault")),
        vec![200; number]
    );
    let revoke = ada.get(at, "/settings/shares");
    let revoke = revoke.between("action=\"/settings/shares/", "\"");
    let reply = ada.post(at, &format!("/settings/shares/{revoke}"), "");
    assert_eq!(reply.status, 303, "{reply:?}");
    assert_eq!(
        dashboards.each(|at| guest.get(at, "/octo/vault")),
        vec![303; number]
    );

    let reply = ada.post(
        at,
        "/account/tokens",
        &form(&[("name", "x"), ("scope", "read"), ("days", "1")]),
    );
    let token = reply.between("<code class=\"secret\">", "<");
    let ask = |at| Browser::get_with(at, "/api/v1/repos", &token);
    assert_eq!(dashboards.each(ask), vec![200; number]);
    let tokens = ada.get(at, "/account");
    let remove = tokens.between("action=\"/account/tokens/", "\"");
    ada.post(at, &format!("/account/tokens/{remove}"), "");
    assert_eq!(dashboards.each(ask), vec![401; number]);
}

fn whoever_is_disabled_is_out_at_once(house: &House, dashboards: &Dashboards, ada: &mut Browser) {
    let at = dashboards.at();
    let number = dashboards.all.len();
    add_user(house, "bo", "editor");
    let (mut bo, _) = log_in(at, "bo", PASSWORD);
    assert_eq!(
        dashboards.each(|at| bo.get(at, "/octo/vault")),
        vec![200; number]
    );
    let users = ada.get(at, "/settings/users");
    let row = users.body.split_once("<h2>bo</h2>").unwrap().1;
    let id = row.split_once("action=\"/settings/users/").unwrap().1;
    let id = id.split_once('"').unwrap().0;
    let change = form(&[("role", "editor"), ("disabled", "yes")]);
    let reply = ada.post(at, &format!("/settings/users/{id}"), &change);
    assert_eq!(reply.status, 303, "{reply:?}");
    assert_eq!(
        dashboards.each(|at| bo.get(at, "/octo/vault")),
        vec![303; number]
    );
    assert_eq!(log_in(at, "bo", PASSWORD).1.status, 422);
}

#[test]
fn three_dashboards_are_one_on_postgresql() {
    let (database, sim) = (Database::create(), sim(81));
    let house = House::with(&sim).set("GITRATRA_DB", &database.url);
    furnish(&house);
    let dashboards = Dashboards::start(&house, 3, &[]);
    live_in(&house, &dashboards);
    dashboards.stop();
}

#[test]
fn two_dashboards_are_one_on_a_file() {
    let sim = sim(82);
    let house = House::with(&sim);
    furnish(&house);
    let dashboards = Dashboards::start(&house, 2, &[]);
    live_in(&house, &dashboards);
    dashboards.stop();
}

#[test]
fn a_login_elsewhere_ends_at_another_dashboard_than_it_began() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let claims = json!({"sub": "s-1", "preferred_username": "grace", "groups": ["ops"]});
    let provider = runtime.block_on(Provider::start(claims));
    let sim = sim(83);
    let house = House::with(&sim);
    furnish(&house);
    let secret = house.write("oidc.secret", SECRET);
    house.write(
        "config/gitratra/config.toml",
        format!(
            "behind_proxy = true\npublic_url = \"http://localhost:8080\"\n[oidc]\n\
             issuer = \"{}\"\nclient_id = \"{CLIENT}\"\nclient_secret_file = \"{}\"\n\
             scopes = [\"groups\"]\nadmin_groups = [\"ops\"]\n",
            provider.issuer,
            secret.display()
        ),
    );
    let dashboards = Dashboards::start(&house, 2, &[]);
    let [(one, _), (other, _)] = &dashboards.all[..] else {
        panic!("two were started");
    };
    let mut grace = Browser::default();
    let begun = grace.get(*one, "/login/elsewhere?back=/octo/vault");
    assert_eq!(begun.status, 303, "{begun:?}");
    let query = provider.log_in(begun.header("location").unwrap());
    let done = grace.get(*other, &format!("/login/elsewhere/done?{query}"));
    assert_eq!(done.header("location"), Some("/octo/vault"), "{done:?}");
    assert_eq!(
        dashboards.each(|at| grace.get(at, "/octo/vault")),
        [200, 200]
    );
    dashboards.stop();
}

#[test]
fn each_of_several_tells_a_link_for_the_first_administrator_and_one_is_used() {
    let house = House::empty();
    house.write(
        "config/gitratra/config.toml",
        "behind_proxy = true\npublic_url = \"http://localhost:8080\"\n",
    );
    let dashboards = Dashboards::start(&house, 2, &[]);
    let links: Vec<String> = dashboards
        .all
        .iter()
        .map(|(_, serving)| {
            let log = serving.log();
            let link = log.split_once("/invite/").unwrap().1;
            format!("/invite/{}", link.split_whitespace().next().unwrap())
        })
        .collect();
    let at = dashboards.at();
    for link in &links {
        assert_eq!(
            dashboards.each(|at| Browser::default().get(at, link)),
            [200, 200]
        );
    }
    let mut first = Browser::default();
    let account = form(&[("name", "ada"), ("password", PASSWORD)]);
    assert_eq!(first.post(at, &links[0], &account).status, 303);
    assert_eq!(dashboards.each(|at| first.get(at, "/account")), [200, 200]);
    for link in &links {
        assert_eq!(
            dashboards.each(|at| Browser::default().get(at, link)),
            [404, 404]
        );
    }
    dashboards.stop();
}

#[test]
fn a_dashboard_that_does_not_collect_tells_of_those_who_do() {
    let database = Database::create();
    let sim = sim(84);
    let house = House::with(&sim).set("GITRATRA_DB", &database.url);
    house.go("track octo/open octo/vault octo/nobody").exits(0);
    let mut collecting = Serving::start(&house, &[]);
    let tracked = "gitratra_repositories{state=\"tracked\"}";
    until(|| collecting.metric(tracked) == Some(3));
    let newest = "gitratra_newest_day_timestamp_seconds{repo=\"octo/open\",metric=\"views\"}";
    until(|| collecting.metric(newest).is_some());
    let mut looking = Serving::start(&house, &["--no-collect"]);
    assert_eq!(looking.metric(tracked), Some(3));
    assert!(looking.metric(newest).is_some());
    assert!(
        looking
            .metric("gitratra_last_stored_timestamp_seconds")
            .is_some()
    );
    let (_, page) = looking.get("/metrics");
    assert!(
        page.contains("repo=\"private-") && !page.contains("octo/vault"),
        "{page}"
    );
    looking.stop();
    collecting.stop();
}

/// Three dashboards are replaced one after the other while requests come, and none fails.
#[test]
fn a_rolling_restart_fails_no_request() {
    let (database, sim) = (Database::create(), sim(85));
    let house = House::with(&sim).set("GITRATRA_DB", &database.url);
    furnish(&house);
    let mut dashboards = Dashboards::start(&house, 3, &[]);
    let at = dashboards.at();
    let (ada, _) = log_in(at, "ada", PASSWORD);
    let is_over = Arc::new(AtomicBool::new(false));
    let (answers, failures) = (Arc::new(AtomicUsize::new(0)), Arc::default());
    let askers: Vec<_> = ["/", "/octo/open?range=7d", "/api/v1/repos", "/account"]
        .into_iter()
        .map(|path| {
            let (mut ada, is_over, answers) = (ada.clone(), is_over.clone(), answers.clone());
            let failures: Arc<Mutex<Vec<Reply>>> = Arc::clone(&failures);
            thread::spawn(move || {
                while !is_over.load(Ordering::SeqCst) {
                    let reply = ada.get(at, path);
                    answers.fetch_add(1, Ordering::SeqCst);
                    if reply.status != 200 {
                        failures.lock().unwrap().push(reply);
                    }
                }
            })
        })
        .collect();
    for _ in 0..3 {
        let before = answers.load(Ordering::SeqCst);
        until(|| answers.load(Ordering::SeqCst) >= before + 20);
        let (address, serving) = dashboards.all.remove(0);
        serving.stop().says(&["stopping"]);
        dashboards.balancer.remove(address);
        dashboards.add(&house, &[]);
    }
    is_over.store(true, Ordering::SeqCst);
    askers.into_iter().for_each(|asker| asker.join().unwrap());
    let failures = failures.lock().unwrap();
    assert!(
        failures.is_empty(),
        "{} failed: {:?}",
        failures.len(),
        failures.first()
    );
    dashboards.stop();
}

#[test]
fn who_is_about_to_end_says_so_and_still_answers() {
    let house = House::empty();
    let mut serving = Serving::start(&house, &["--no-collect", "--drain", "600"]);
    serving.answers("/readyz", 200);
    let at = serving.address();
    serving.signal(Signal::TERM);
    serving.answers("/readyz", 503);
    assert_eq!(serving.get("/healthz").0, 200);
    let reply = Browser::default().get(at, "/");
    assert_eq!(
        (reply.status, reply.header("connection")),
        (200, Some("close"))
    );
    // Whoever is in a hurry says so once more.
    serving.stop();
    house
        .go("serve --no-collect --drain 601")
        .exits(2)
        .says(&["--drain 601"]);
}
