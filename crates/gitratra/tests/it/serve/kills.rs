//! Power cuts of the long-running program, on both engines; and two of it at one store.

use std::hint::spin_loop;

use gitratra_sim::{Limits, Metric, Sim};

use crate::exported::{Exported, days};
use crate::house::{House, github, until};
use crate::postgres::Database;

use super::service::{SPEED, Serving};

const REPOS: [&str; 4] = ["octo/alpha", "octo/beta", "octo/gamma", "octo/delta"];

fn sim(seed: u64) -> Sim {
    let sim = github().seed(seed).speed(SPEED).limits(Limits::none());
    let sim = REPOS.into_iter().fold(sim, |sim, repo| sim.repo(repo));
    sim.start_on_thread()
}

/// Kills it so often, somewhere between two answers, then lets it catch up.
fn kill_often(sim: &Sim, house: &House, kills: u64) {
    house.run(&[&["track"], &REPOS[..]].concat()).exits(0);
    let first = sim.newest(REPOS[0], Metric::Views).plus(-13);
    let mut before = Exported::default();
    for round in 0..kills {
        sim.clear_log();
        let serving = Serving::start_with(house, &["--no-web"], &[]);
        let requests = round * 5 % 23;
        until(|| sim.counters().total >= requests);
        (0..round * 7919 % 300_000).for_each(|_| spin_loop());
        serving.kill();
        if round % 4 == 3 {
            let after = house.export();
            after.lost_nothing_of(&before);
            before = after;
        }
    }
    let mut serving = Serving::start(house, &[]);
    let goal = sim.newest(REPOS[0], Metric::Views);
    REPOS.iter().for_each(|repo| serving.holds(repo, goal));
    serving.stop();
    let exported = house.export();
    exported.lost_nothing_of(&before);
    assert_eq!(exported.repos().len(), REPOS.len());
    for repo in REPOS {
        exported.is_true(sim, repo, days(first, goal));
    }
    house.go("gaps").exits(0);
}

#[test]
fn twenty_kills_of_serve_lose_no_day() {
    let sim = sim(61);
    let house = House::with(&sim);
    kill_often(&sim, &house, 20);
}

#[test]
fn kills_of_serve_lose_no_day_on_postgresql() {
    let database = Database::create();
    let sim = sim(62);
    let house = House::with(&sim).set("GITRATRA_DB", &database.url);
    // The oldest day is gone after a day, which is twelve seconds here, and a server keeps each start
    // longer than a file does.
    house.run(&[&["track"], &REPOS[..]].concat()).exits(0);
    house.go("sync").exits(0);
    kill_often(&sim, &house, 8);
}

#[test]
fn two_of_them_at_one_store_do_not_disturb_each_other() {
    let database = Database::create();
    let sim = sim(63);
    let house = House::with(&sim).set("GITRATRA_DB", &database.url);
    house.run(&[&["track"], &REPOS[..]].concat()).exits(0);
    let first = sim.newest(REPOS[0], Metric::Views).plus(-13);
    let mut both = [Serving::start(&house, &[]), Serving::start(&house, &[])];
    let goal = first.plus(15);
    for serving in &mut both {
        REPOS.iter().for_each(|repo| serving.holds(repo, goal));
        assert_eq!(serving.metric("gitratra_store_errors_total"), Some(0));
    }
    let [one, two] = both;
    one.stop();
    two.stop();
    let exported = house.export();
    for repo in REPOS {
        exported.is_true(&sim, repo, days(first, goal));
    }
}
