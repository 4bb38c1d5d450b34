//! A dashboard that reads from a copy of its store: numbers may come late there, and nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;

use gitratra_sim::{Limits, RepoSpec, Sim};
use tempfile::TempDir;

use crate::house::{House, Ran, github, until};
use crate::postgres::{Database, ask, execute};

use super::balancer::Browser;
use super::service::Serving;

/// A server and a copy of it, gone when the test is over.
struct Servers {
    folder: TempDir,
    url: String,
    copy: String,
}

fn script(words: &[&str]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres-for-tests");
    let mut command = Command::new(path);
    command.args(words);
    let ran = Ran::of(&command.output().unwrap()).exits(0);
    ran.out.trim().to_owned()
}

impl Servers {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        open_to_all(folder.path());
        let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let url = script(&["start", &place("one")]);
        let copy = script(&["follow", &place("other"), &place("one")]);
        Self { folder, url, copy }
    }

    fn of_copy(&self) -> PathBuf {
        self.folder.path().join("other")
    }

    fn halt_copy(&self) {
        script(&["halt", self.of_copy().to_str().unwrap()]);
    }

    fn start_copy(&self) {
        script(&["go-on", self.of_copy().to_str().unwrap()]);
    }

    /// Lets the copy lag behind for as long as the test likes.
    fn pause(&self) {
        execute(&self.copy, "select pg_wal_replay_pause()");
        let state = "select cast(pg_get_wal_replay_pause_state() = 'paused' as int)::bigint";
        until(|| ask(&self.copy, state) == 1);
    }

    fn resume(&self) {
        execute(&self.copy, "select pg_wal_replay_resume()");
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for name in ["other", "one"] {
            let place = self.folder.path().join(name);
            script(&["stop", place.to_str().unwrap()]);
        }
    }
}

/// Servers are started as another user where the tests are root's.
fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let all = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder, all).unwrap();
}

fn sim() -> Sim {
    github()
        .seed(86)
        .limits(Limits::none())
        .repo(RepoSpec::new("octo/open").mean_views(90.0))
        .repo(RepoSpec::new("octo/other").mean_views(20.0))
        .start_on_thread()
}

const USED: &str = "gitratra_replica_used";

#[test]
fn what_a_copy_lacks_is_read_from_the_store() {
    let servers = Servers::start();
    let sim = sim();
    let house = House::with(&sim)
        .set("GITRATRA_DB", &servers.url)
        .set("GITRATRA_READ_DB", &servers.copy);
    house.go("track octo/open octo/other").exits(0);
    house.go("sync").exits(0);
    // It follows a moment later.
    until(|| house.go("doctor").out.contains("had what the store had"));
    // Whoever is not known is told the numbers of the house as well.
    house.write(
        "config/gitratra/config.toml",
        "metrics_show_private = true\n",
    );
    let mut serving = Serving::start(&house, &["--no-collect", "--public"]);
    until(|| serving.metric(USED) == Some(1));
    let at = serving.address();
    let page = |path: &str| Browser::default().get(at, path);
    assert_eq!(page("/octo/open").status, 200);

    // Numbers come from the copy, as late as it is.
    servers.pause();
    let most =
        "update traffic_day set views = 987654 where day = (select max(day) from traffic_day)";
    execute(&servers.url, most);
    let api = "/api/v1/repos/octo/other";
    for path in [api, "/octo/other?range=7d"] {
        let old = page(path);
        assert_eq!(old.status, 200);
        let shown = old.body.replace([',', '\u{202f}', '\u{a0}'], "");
        assert!(!shown.contains("987654"), "{path}: {shown}");
    }
    // What nobody may see any more is not shown, however late the copy is.
    sim.set_private("octo/open", true);
    house.go("sync octo/open").exits(0);
    for path in [
        "/octo/open",
        "/api/v1/repos/octo/open",
        "/badge/octo/open/views.svg",
    ] {
        assert_eq!(page(path).status, 404, "{path}");
    }
    assert!(!page("/").body.contains("octo/open"));
    assert!(!page("/api/v1/repos").body.contains("octo/open"));
    // The others are read from the store, which is ahead.
    assert!(page(api).body.contains("987654"));
    // An export waits for a moment for the copy, and then does without.
    let exported = house.go("export daily").exits(0).says(&["behind"]);
    assert!(exported.out.contains("987654"));

    servers.resume();
    until(|| page(api).body.contains("987654"));
    let exported = house.go("export daily").exits(0);
    assert!(
        !exported.err.contains("behind") && exported.out.contains("987654"),
        "{exported:?}"
    );
    assert_eq!(page("/octo/open").status, 404);

    // A copy that is away is told of once, and once when it is back.
    servers.halt_copy();
    until(|| {
        assert_eq!(page(api).status, 200);
        serving.metric(USED) == Some(0)
    });
    for _ in 0..10 {
        assert_eq!(page(api).status, 200);
    }
    assert_eq!(serving.count("cannot be read from"), 1, "{}", serving.log());
    servers.start_copy();
    until(|| {
        assert_eq!(page(api).status, 200);
        serving.metric(USED) == Some(1)
    });
    assert_eq!(serving.count("is read from again"), 1, "{}", serving.log());
    assert_eq!(serving.count("cannot be read from"), 1, "{}", serving.log());
    assert!(serving.metric("gitratra_replica_lag_seconds").is_some());
    serving.stop();
}

#[test]
fn a_change_shows_at_once_to_whoever_made_it() {
    let servers = Servers::start();
    let sim = sim();
    let house = House::with(&sim)
        .set("GITRATRA_DB", &servers.url)
        .set("GITRATRA_READ_DB", &servers.copy);
    house.go("track octo/open octo/other").exits(0);
    house.go("sync").exits(0);
    let mut serving = Serving::start(&house, &["--no-collect"]);
    until(|| serving.metric(USED) == Some(1));
    let at = serving.address();
    let mut browser = Browser::default();
    let page = browser.get(at, "/octo/open");
    servers.pause();
    let add = page.between("action=\"/settings/notes/", "\"");
    let day = page.between("name=\"day\" required value=\"", "\"");
    let form = format!("day={day}&text=great+news");
    let reply = browser.post(at, &format!("/settings/notes/{add}"), &form);
    assert_eq!(reply.status, 303, "{reply:?}");
    let page = browser.get(at, "/octo/open");
    assert!(page.body.contains("great news"), "{}", page.body);
    servers.resume();
    serving.stop();
}

#[test]
fn a_copy_of_another_store_is_never_read_from() {
    let (database, other) = (Database::create(), Database::create());
    let sim = sim();
    let house = House::with(&sim).set("GITRATRA_DB", &other.url);
    house.go("track octo/other").exits(0);
    house.go("sync").exits(0);
    let house = house.set("GITRATRA_DB", &database.url);
    house.go("track octo/open").exits(0);
    house.go("sync").exits(0);
    let house = house.set("GITRATRA_READ_DB", &other.url);
    house.go("doctor").shows(&["copy of another store"]);
    let mut serving = Serving::start(&house, &["--no-collect"]);
    serving.says("it is a copy of another store");
    let at = serving.address();
    assert_eq!(Browser::default().get(at, "/octo/open").status, 200);
    assert_eq!(Browser::default().get(at, "/octo/other").status, 404);
    assert_eq!(serving.metric(USED), Some(0));
    let exported = house.go("export daily").exits(0).says(&["another store"]);
    assert!(exported.out.contains("octo/open") && !exported.out.contains("octo/other"));
    serving.stop();
    let house = house.set("GITRATRA_READ_DB", "copy.db");
    house.go("export daily").exits(2).says(&["postgres://"]);
}
