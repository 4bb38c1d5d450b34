//! `doctor`: what it finds, what it says to change, and how it ends. It changes nothing.

mod machine;
mod repositories;
mod rights;

use std::fs;
use std::path::Path;

use gitratra_sim::{Sim, SimBuilder, Time};
use serde_json::Value;

use crate::house::{House, TOKEN, github};

/// The state, what was found and what to change, of one check.
type Told = (String, String, Option<String>);

/// A simulated GitHub whose clock goes with this machine's, so that nothing is said of clocks.
fn here() -> SimBuilder {
    days_ago(0)
}

/// The same some days ago.
fn days_ago(days: i64) -> SimBuilder {
    github().at(now().plus_secs(-days * 86_400)).speed(1.0)
}

/// What the clock of this machine says.
fn now() -> Time {
    #[expect(
        clippy::disallowed_methods,
        reason = "the program compares this clock with GitHub's"
    )]
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    Time::from_secs(i64::try_from(since.as_secs()).unwrap())
}

fn checks(report: &Value, area: &str, subject: &str) -> Vec<Told> {
    let all = report["checks"].as_array().unwrap().iter();
    let of = all.filter(|check| check["area"] == area && check["subject"] == subject);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    of.map(|check| {
        (
            text(&check["state"]).unwrap(),
            text(&check["found"]).unwrap(),
            text(&check["action"]),
        )
    })
    .collect()
}

#[track_caller]
fn check(report: &Value, area: &str, subject: &str) -> Told {
    let mut found = checks(report, area, subject);
    assert_eq!(found.len(), 1, "{area} {subject}: {report:#}");
    found.remove(0)
}

/// Demands a state, words in what was found, and words in what to change (none: nothing).
#[track_caller]
fn told(report: &Value, area: &str, subject: &str, state: &str, found: &str, action: &str) {
    let told = check(report, area, subject);
    assert_eq!(told.0, state, "{told:?}");
    assert!(told.1.contains(found), "{told:?}");
    match action {
        "" => assert_eq!(told.2, None, "{told:?}"),
        action => assert!(told.2.as_ref().unwrap().contains(action), "{told:?}"),
    }
}

fn traffic_requests(sim: &Sim) -> u64 {
    sim.counters().traffic()
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn where_all_is_well_it_says_so_and_changes_nothing() {
    let sim = here()
        .repo("octo/alpha")
        .repo("octo/beta")
        .start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha octo/beta").exits(0);
    let before = fs::read(house.database()).unwrap();
    sim.clear_log();
    let ran = house.go("doctor").exits(0);
    assert!(ran.err.is_empty(), "{}", ran.err);
    let ran = ran.shows(&[
        "credentials\n  ok       token",
        "taken, it is octo's, classic with the scope repo",
        "this machine's goes with GitHub's",
        "it can be written",
        "octo/alpha  views, clones, referrers, paths can be read",
        "the first day is lost on ",
        "all is well\n",
    ]);
    assert!(!ran.out.contains(TOKEN), "{}", ran.out);
    // What has not changed costs nothing of the rate limit.
    assert_eq!(traffic_requests(&sim), 8);
    assert_eq!(sim.counters().status(304), 8);
    assert_eq!(fs::read(house.database()).unwrap(), before);
    let report = house.go("doctor --json").exits(0).json();
    let repo = &report["repos"][0];
    assert_eq!(repo["repo"], "octo/alpha");
    assert_eq!(repo["endpoints"]["views"]["state"], "ok");
    assert_eq!(repo["is_live"], true);
    assert!(repo["days_safe"].as_u64().unwrap() >= 14, "{repo}");
    // While GitHub publishes a day, one may have it already and the other not.
    let repos = report["repos"].as_array().unwrap().iter();
    let first = repos
        .filter_map(|repo| repo["next_day_lost_on"].as_str())
        .min();
    assert!(first.is_some() && report["first_loss"]["on"].as_str() == first);
    assert_eq!(report["credentials"][0]["account"], "octo");
    assert_eq!(report["credentials"][0]["rate"]["limit"], 5000);
    assert_eq!(report["is_reached"], true);
}
