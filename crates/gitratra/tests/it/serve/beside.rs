//! A pass beside it: what the collector is reading is left to it, and what was named is waited for.

use gitratra_sim::{Limits, Sim};

use crate::house::{House, Ran, github, until};
use crate::postgres::Database;

use super::service::Serving;

const LAST: &str = "octo/zoo";
const REPOS: usize = 12;

/// A GitHub that takes its time, so that a round lasts some seconds.
fn sim(seed: u64) -> Sim {
    let sim = github().seed(seed).speed(1.0).limits(Limits::none());
    let sim = (1..REPOS).fold(sim, |sim, number| sim.repo(format!("octo/a{number}")));
    let sim = sim.repo(LAST).log_capacity(100_000).start_on_thread();
    sim.set_latency_ms(100);
    sim
}

/// How often traffic of a repository was asked for.
fn asked(sim: &Sim, repo: &str) -> usize {
    let id = sim.repo_id(repo);
    let log = sim.log();
    let of_it = log
        .iter()
        .filter(|entry| entry.repo_id == Some(id) && entry.target.contains("/traffic/"));
    of_it.count()
}

fn beside(house: &House, sim: &Sim) {
    house.run(&["track", "octo/*"]).exits(0);
    let args = ["serve", "--jobs", "1", "--listen", "127.0.0.1:0"];
    let mut serving = Serving::run(house.command(&args));
    serving.answers("/readyz", 200);
    // It has begun, and is far from the last of its round.
    let before = sim.counters().traffic();
    until(|| sim.counters().traffic() >= before + 4);
    let named = house.start(&["sync", LAST]);
    let due = house.run(&["sync", "--json"]).exits(0);
    let left = due.json()["left_to_others"].as_array().unwrap().len();
    assert!(left >= 2, "{due:?}");
    assert!(due.err.contains("left to it"), "{due:?}");
    Ran::of(&named.wait_with_output().unwrap())
        .exits(0)
        .says(&[LAST, "waiting until it is done"]);
    let exported = house.export();
    let newest = sim.newest(LAST, gitratra_sim::Metric::Views);
    exported.is_true(sim, LAST, crate::exported::window(newest));
    assert_eq!(asked(sim, LAST), 4, "it was not asked twice");
    until(|| house.export().repos().len() == REPOS);
    serving.stop();
}

#[test]
fn sync_beside_serve_on_one_file() {
    let sim = sim(71);
    beside(&House::with(&sim), &sim);
}

#[test]
fn sync_beside_serve_on_postgresql() {
    let database = Database::create();
    let sim = sim(72);
    let house = House::with(&sim).set("GITRATRA_DB", &database.url);
    beside(&house, &sim);
}
