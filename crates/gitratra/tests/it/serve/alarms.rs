//! Trouble is told once when it begins and once when it is over, by HTTP and by mail.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use gitratra_sim::{Limits, Metric, Right, Sim, TokenSpec};
use serde_json::Value;

use crate::exported::window;
use crate::house::{House, TOKEN, github, until};

use super::line::{Line, Room, Way};
use super::service::{SPEED, Serving};

const SECOND: &str = "ghp_anotherTokenThatNobodySees456";

/// A mail server that keeps what it gets.
struct Post {
    port: u16,
    mails: Arc<Mutex<Vec<Value>>>,
    child: Child,
}

impl Post {
    fn open() -> Self {
        const SINK: &str = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../gitratra-notify/tests/send/sink.py"
        );
        // Packages of the system belong to its own Python, whatever else the path holds.
        let own = "/usr/bin/python3";
        let python = if Path::new(own).exists() {
            own
        } else {
            "python3"
        };
        let mut child = Command::new(python)
            .args([SINK, "plain"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next();
        let port = port
            .expect("the tests need Debian's python3-aiosmtpd")
            .unwrap();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&mails);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock()
                    .unwrap()
                    .push(serde_json::from_str(&line).unwrap());
            }
        });
        Self {
            port: port.parse().unwrap(),
            mails,
            child,
        }
    }

    fn count(&self) -> usize {
        self.mails.lock().unwrap().len()
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A token in a file, and a room.
fn configure(house: &House, room: &Room, more: &str) {
    let token = house.path("the.token").display().to_string();
    let text = format!(
        "token_file = \"{token}\"\n{more}\n[[notify]]\nkind = \"webhook\"\nurl = \"{}\"\n",
        room.url
    );
    house.write("config/gitratra/config.toml", text);
}

#[test]
fn a_credential_that_stops_is_told_and_a_new_one_is_used_without_a_restart() {
    let sim = github().token(SECOND).speed(SPEED).limits(Limits::none());
    let sim = sim.repo("octo/alpha").start_on_thread();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "");
    house.write("the.token", TOKEN);
    let (room, post) = (Room::open(), Post::open());
    configure(&house, &room, "");
    let mail = format!(
        "[[notify]]\nkind = \"email\"\nserver = \"smtp://127.0.0.1:{}\"\n\
         from = \"gitratra@example.org\"\nto = [\"ops@example.org\"]\n",
        post.port
    );
    let text = house.read("config/gitratra/config.toml");
    house.write("config/gitratra/config.toml", format!("{text}{mail}"));
    house.go("track octo/alpha").exits(0);
    let mut serving = Serving::start(&house, &[]);
    serving.answers("/readyz", 200);
    let before = sim.newest("octo/alpha", Metric::Views);
    serving.holds("octo/alpha", before);
    sim.revoke(TOKEN);
    until(|| room.count("raised", "credential-stopped/token") == 1 && post.count() == 1);
    // A page may be a second old.
    until(|| serving.metric("gitratra_alarms_open") == Some(1));
    serving.answers("/healthz", 200);
    // Days go by in which nothing can be asked.
    until(|| sim.newest("octo/alpha", Metric::Views) > before);
    house.write("the.token", SECOND);
    until(|| room.count("over", "credential-stopped/token") == 1 && post.count() == 2);
    serving.holds("octo/alpha", before.plus(1));
    let ran = serving.stop();
    let kinds: Vec<_> = room.heard().into_iter().map(|(event, _)| event).collect();
    assert_eq!(kinds, ["raised", "over"]);
    assert_eq!(post.count(), 2);
    for secret in [TOKEN, SECOND] {
        assert!(!ran.err.contains(secret), "{}", ran.err);
        let told = format!("{:?}{:?}", room.messages(), post.mails);
        assert!(!told.contains(secret), "{told}");
    }
    house
        .export()
        .is_true(&sim, "octo/alpha", window(before.plus(1)));
}

#[test]
fn a_repository_that_will_lose_days_is_told_while_the_others_go_on() {
    let sim = Sim::builder()
        .token(TokenSpec::classic(TOKEN, "bob").can(Right::Admin, "octo/alpha"))
        .speed(SPEED)
        .limits(Limits::none())
        .repo("octo/alpha")
        .repo("octo/beta")
        .start_on_thread();
    sim.grant(TOKEN, "octo/beta", Right::Admin);
    let house = House::with(&sim).set("GITRATRA_TOKEN", "");
    house.write("the.token", TOKEN);
    let room = Room::open();
    configure(&house, &room, "alert_days_left = 12");
    house.go("track octo/alpha octo/beta").exits(0);
    let mut serving = Serving::start(&house, &[]);
    let newest = sim.newest("octo/beta", Metric::Views);
    serving.holds("octo/beta", newest);
    sim.grant(TOKEN, "octo/beta", Right::Read);
    until(|| room.count("raised", "days-left") == 1);
    let told = room.messages();
    assert_eq!(told[0]["repositories"], serde_json::json!(["octo/beta"]));
    assert!(
        told[0]["text"].as_str().unwrap().contains("octo/beta"),
        "{told:?}"
    );
    serving.holds("octo/alpha", newest.plus(1));
    assert_eq!(room.count("raised", ""), 1, "{:?}", room.heard());
    sim.grant(TOKEN, "octo/beta", Right::Admin);
    until(|| room.count("over", "days-left") == 1);
    serving.holds("octo/beta", newest.plus(2));
    serving.stop();
    assert_eq!(room.heard().len(), 2, "{:?}", room.heard());
    let goal = newest.plus(2);
    for repo in ["octo/alpha", "octo/beta"] {
        house.export().is_true(&sim, repo, window(goal));
    }
}

#[test]
fn a_day_in_which_nothing_was_stored_is_told_though_github_is_out_of_reach() {
    let sim = github().speed(SPEED).limits(Limits::none());
    let sim = sim.repo("octo/alpha").start_on_thread();
    let line = Line::to(&sim.url(), Way::Open);
    let house = House::with(&sim)
        .set("GITRATRA_TOKEN", "")
        .set("GITRATRA_API_URL", line.url());
    house.write("the.token", TOKEN);
    let room = Room::open();
    configure(&house, &room, "alert_quiet_hours = 12");
    house.go("track octo/alpha").exits(0);
    let mut serving = Serving::start(&house, &[]);
    let newest = sim.newest("octo/alpha", Metric::Views);
    serving.holds("octo/alpha", newest);
    line.set(Way::Cut);
    until(|| room.count("raised", "nothing-stored") == 1);
    serving.answers("/healthz", 200);
    line.set(Way::Open);
    until(|| room.count("over", "nothing-stored") == 1);
    serving.stop();
    // The same where it was never reached since the start.
    line.set(Way::Cut);
    let serving = Serving::start(&house, &[]);
    until(|| room.count("raised", "nothing-stored") == 2);
    line.set(Way::Open);
    until(|| room.count("over", "nothing-stored") == 2);
    serving.stop();
    assert_eq!(room.heard().len(), 4, "{:?}", room.heard());
}
