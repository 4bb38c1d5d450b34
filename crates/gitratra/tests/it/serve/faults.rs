//! What breaks in the middle is said once and over without a restart.

use gitratra_sim::{Day, Limits, Metric, Sim};
use rusqlite::Connection;

use crate::exported::{days, window};
use crate::house::{House, github, until};
use crate::postgres::Database;

use super::line::{Line, Room, Way};
use super::service::{SPEED, Serving};

const REPOS: [&str; 3] = ["octo/alpha", "octo/beta", "octo/gamma"];

fn sim() -> Sim {
    let sim = github().seed(5).speed(SPEED).limits(Limits::none());
    let sim = REPOS.into_iter().fold(sim, |sim, repo| sim.repo(repo));
    sim.start_on_thread()
}

fn track(house: &House) {
    house.run(&[&["track"], &REPOS[..]].concat()).exits(0);
}

/// Waits until all of them hold a day.
fn hold(serving: &mut Serving, day: Day) {
    REPOS.iter().for_each(|repo| serving.holds(repo, day));
}

#[test]
fn a_network_that_is_cut_and_hangs_in_the_middle_costs_nothing() {
    let sim = sim();
    let line = Line::to(&sim.url(), Way::Open);
    let house = House::with(&sim).set("GITRATRA_API_URL", line.url());
    track(&house);
    let mut serving = Serving::start(&house, &[]);
    let newest = sim.newest("octo/alpha", Metric::Views);
    hold(&mut serving, newest);
    // A day without a network.
    line.set(Way::Cut);
    serving.says("GitHub does not answer");
    until(|| sim.newest("octo/alpha", Metric::Views) > newest);
    serving.answers("/healthz", 200);
    serving.answers("/readyz", 200);
    assert_eq!(
        serving.count("GitHub does not answer"),
        1,
        "{}",
        serving.log()
    );
    line.set(Way::Open);
    serving.holds("octo/alpha", newest.plus(1));
    // Whoever is asked does not answer at all.
    line.set(Way::Still);
    let came = line.came();
    until(|| line.came() > came);
    serving.answers("/healthz", 200);
    line.set(Way::Open);
    hold(&mut serving, newest.plus(2));
    serving.stop();
    for repo in REPOS {
        let range = days(newest.plus(-13), newest.plus(2));
        house.export().is_true(&sim, repo, range);
    }
}

#[test]
fn a_proxy_that_cuts_connections_is_named_and_waited_out() {
    let sim = sim();
    let proxy = Line::to(&sim.url(), Way::Open);
    // A name that only the proxy can find: nobody is asked without it.
    let house = House::with(&sim)
        .set("GITRATRA_API_URL", "http://github.invalid")
        .set("http_proxy", proxy.url());
    track(&house);
    let mut serving = Serving::start(&house, &[]);
    let newest = sim.newest("octo/alpha", Metric::Views);
    hold(&mut serving, newest);
    proxy.set(Way::Cut);
    serving.says("GitHub does not answer");
    until(|| sim.newest("octo/alpha", Metric::Views) > newest);
    assert!(serving.count("proxy") >= 1, "{}", serving.log());
    assert_eq!(
        serving.count("GitHub does not answer"),
        1,
        "{}",
        serving.log()
    );
    serving.answers("/healthz", 200);
    proxy.set(Way::Open);
    serving.says("GitHub answers again");
    hold(&mut serving, newest.plus(1));
    serving.stop();
    for repo in REPOS {
        house.export().is_true(&sim, repo, window(newest.plus(1)));
    }
}

#[test]
fn a_store_that_somebody_else_locks_is_waited_for() {
    let sim = sim();
    let house = House::with(&sim);
    track(&house);
    let mut serving = Serving::start(&house, &[]);
    let newest = sim.newest("octo/alpha", Metric::Views);
    hold(&mut serving, newest);
    let other = Connection::open(house.database()).unwrap();
    until(|| other.execute_batch("begin exclusive").is_ok());
    serving.says("kept busy by another process");
    let errors = |serving: &mut Serving| serving.metric("gitratra_store_errors_total");
    until(|| errors(&mut serving) >= Some(2));
    serving.answers("/healthz", 200);
    other.execute_batch("rollback").unwrap();
    drop(other);
    assert_eq!(
        serving.count("kept busy by another process"),
        1,
        "{}",
        serving.log()
    );
    serving.says("the store can be written again");
    serving.answers("/readyz", 200);
    let goal = sim.newest("octo/alpha", Metric::Views).plus(1);
    hold(&mut serving, goal);
    serving.stop();
    for repo in REPOS {
        house.export().is_true(&sim, repo, window(goal));
    }
}

#[test]
fn serve_ends_soon_though_the_store_is_locked() {
    let sim = sim();
    let house = House::with(&sim);
    track(&house);
    let mut serving = Serving::start(&house, &[]);
    let newest = sim.newest("octo/alpha", Metric::Views);
    hold(&mut serving, newest);
    let other = Connection::open(house.database()).unwrap();
    until(|| other.execute_batch("begin exclusive").is_ok());
    serving.says("kept busy by another process");
    serving.stop();
    drop(other);
    house.export().is_true(&sim, "octo/gamma", window(newest));
}

/// The same database, by way of a line.
fn by_line(url: &str) -> (Line, String) {
    let (_, place) = url.split_once('@').unwrap();
    let (server, _) = place.split_once('/').unwrap();
    let line = Line::to(server, Way::Open);
    let near = line.url().trim_start_matches("http://");
    let url = url.replace(server, near);
    (line, url)
}

#[test]
fn a_database_server_that_is_out_of_reach_is_waited_for() {
    let sim = sim();
    let database = Database::create();
    let (line, url) = by_line(&database.url);
    let house = House::with(&sim).set("GITRATRA_DB", &url);
    track(&house);
    let mut serving = Serving::start(&house, &[]);
    let newest = sim.newest("octo/alpha", Metric::Views);
    hold(&mut serving, newest);
    line.set(Way::Cut);
    serving.says("ERROR");
    serving.answers("/readyz", 503);
    until(|| sim.newest("octo/alpha", Metric::Views) > newest);
    serving.answers("/healthz", 200);
    assert!(serving.count("ERROR") <= 2, "{}", serving.log());
    line.set(Way::Open);
    serving.says("the store can be written again");
    hold(&mut serving, newest.plus(1));
    // A server that says nothing does not keep the program from ending.
    line.set(Way::Still);
    let came = line.came();
    until(|| line.came() > came);
    serving.stop();
    line.set(Way::Open);
    for repo in REPOS {
        house.export().is_true(&sim, repo, window(newest.plus(1)));
    }
}

#[test]
fn a_store_that_takes_nothing_for_long_is_told_all_the_same() {
    let sim = sim();
    let house = House::with(&sim);
    let room = Room::open();
    let text = format!(
        "alert_quiet_hours = 12\n[[notify]]\nkind = \"webhook\"\nurl = \"{}\"\n",
        room.url
    );
    house.write("config/gitratra/config.toml", text);
    track(&house);
    let mut serving = Serving::start(&house, &[]);
    hold(&mut serving, sim.newest("octo/alpha", Metric::Views));
    let other = Connection::open(house.database()).unwrap();
    until(|| other.execute_batch("begin exclusive").is_ok());
    until(|| room.count("raised", "nothing-stored") == 1);
    other.execute_batch("rollback").unwrap();
    drop(other);
    until(|| room.count("over", "nothing-stored") == 1);
    serving.stop();
    assert_eq!(room.heard().len(), 2, "{:?}", room.heard());
}
