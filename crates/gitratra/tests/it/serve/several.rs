//! Several of it at one store: one is put to sleep, another killed; and all of them share a minute.

use std::collections::BTreeMap;

use gitratra_sim::{Limits, Metric, Sim, Timing};
use rustix::process::Signal;

use crate::exported::days;
use crate::house::{House, Ran, github, until};
use crate::postgres::Database;

use super::service::{SPEED, Serving};

const REPOS: usize = 16;

fn names(sim: &Sim) -> Vec<String> {
    let first = sim.repo_id("octo/amber-api");
    (first..first + REPOS as u64)
        .map(|id| sim.full_name(id))
        .collect()
}

/// Waits until so much of the simulated time has passed.
fn pass(sim: &Sim, hours: i64) {
    let end = sim.now().plus_secs(hours * 3600);
    until(|| sim.now().secs() >= end.secs());
}

/// How often traffic of a repository was asked for again sooner than a collector alone ever asks:
/// within five minutes.
fn doubled(sim: &Sim) -> usize {
    let mut last: BTreeMap<(u64, String), i64> = BTreeMap::new();
    let mut doubled = 0;
    for entry in sim.log() {
        let is_traffic = entry.target.contains("/traffic/") && !entry.target.contains("per=week");
        let Some(id) = entry.repo_id.filter(|_| is_traffic) else {
            continue;
        };
        let at = entry.at.secs();
        let before = last.insert((id, format!("{:?}", entry.endpoint)), at);
        doubled += usize::from(before.is_some_and(|before| at - before < 300));
    }
    doubled
}

/// Some days with several of it, of which the first is put to sleep for longer than its leases last
/// and the second is killed.
fn sleep_and_kill(house: &House, sim: &Sim, number: usize) {
    house.run(&["track", "octo/*"]).exits(0);
    let first = sim.newest("octo/amber-api", Metric::Views).plus(-13);
    let start = || Serving::start_with(house, &["--listen", "127.0.0.1:0"], &[]);
    let mut all: Vec<Serving> = (0..number).map(|_| start()).collect();
    for serving in &mut all {
        serving.answers("/readyz", 200);
    }
    // Leases last three seconds at this speed, which are six hours.
    for _ in 0..2 {
        all[0].signal(Signal::STOP);
        pass(sim, 8);
        all[0].signal(Signal::CONT);
        pass(sim, 8);
    }
    all.remove(1).kill();
    let goal = sim.newest("octo/amber-api", Metric::Views).plus(1);
    let names = names(sim);
    for serving in &mut all {
        for name in &names {
            serving.holds(name, goal);
        }
    }
    for serving in all {
        serving.stop();
    }
    let exported = house.export();
    for name in &names {
        exported.is_true(sim, name, days(first, goal));
    }
    house.go("gaps").exits(0);
    let counters = sim.counters();
    assert_eq!(counters.secondary_violations, 0, "{counters:?}");
    assert_eq!(counters.primary_violations, 0, "{counters:?}");
    // Each tests itself with one question at its start, and what was under way when one was put to
    // sleep or killed is asked again.
    let doubled = doubled(sim);
    assert!(doubled <= number + 3 * JOBS, "{doubled}");
}

/// Requests that one has under way at most.
const JOBS: usize = 4;

fn sim(seed: u64) -> Sim {
    github()
        .seed(seed)
        .speed(SPEED)
        .limits(Limits::default().timing(Timing::Clock))
        .fleet("octo", REPOS)
        .log_capacity(1_000_000)
        .start_on_thread()
}

#[test]
fn three_on_postgresql_replace_whoever_sleeps_or_dies() {
    let database = Database::create();
    let sim = sim(64);
    let house = House::with(&sim)
        .set("GITRATRA_DB", &database.url)
        .set("GITRATRA_JOBS", "4");
    sleep_and_kill(&house, &sim, 3);
}

#[test]
fn two_on_one_file_replace_whoever_sleeps_or_dies() {
    let sim = sim(65);
    let house = House::with(&sim).set("GITRATRA_JOBS", "4");
    sleep_and_kill(&house, &sim, 2);
}

/// Two collectors and a pass with one token want far more than a minute has, for more than two
/// minutes of real time.
#[test]
fn a_minute_is_never_overdrawn_however_many_want_it_for_how_long() {
    const POINTS: u64 = 60;
    let database = Database::create();
    let sim = github()
        .seed(66)
        .speed(1.0)
        .limits(Limits::default().points(POINTS))
        .fleet("octo", 300)
        .start_on_thread();
    let house = House::with(&sim)
        .set("GITRATRA_DB", &database.url)
        .set("GITRATRA_POINTS_PER_MINUTE", &POINTS.to_string());
    house.run(&["track", "octo/*"]).exits(0);
    let serve = || {
        let args = ["serve", "--listen", "127.0.0.1:0"];
        Serving::run(house.command(&args))
    };
    let both = [serve(), serve()];
    let mut pass = house.start(&["sync", "--all"]);
    let end = sim.now().plus_secs(150);
    until(|| sim.now().secs() >= end.secs());
    let counters = sim.counters();
    assert!(counters.peak_points <= POINTS, "{counters:?}");
    assert_eq!(counters.secondary_violations, 0, "{counters:?}");
    // Together they did not stand still meanwhile; who of them asks is all the same.
    assert!(counters.total > POINTS, "{counters:?}");
    assert_eq!(pass.try_wait().unwrap(), None, "there is more to ask");
    let pass_id = rustix::process::Pid::from_child(&pass);
    rustix::process::kill_process(pass_id, Signal::INT).unwrap();
    Ran::of(&pass.wait_with_output().unwrap())
        .exits(1)
        .says(&["interrupted"]);
    let [one, two] = both;
    one.stop();
    two.stop();
}
