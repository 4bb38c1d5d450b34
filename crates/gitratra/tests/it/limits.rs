//! GitHub's limits: stopped in time, told until when, and what was read is kept.

use gitratra_sim::{Endpoint, Limits, Metric, RetryAfter, Sim};

use crate::exported::window;
use crate::house::{House, TOKEN, github};

const REPOS: [&str; 5] = ["octo/a", "octo/b", "octo/c", "octo/d", "octo/e"];
const NEWEST: &str = "2026-03-09";

fn five(limits: Limits) -> Sim {
    let github = github().seed(51).limits(limits);
    REPOS
        .into_iter()
        .fold(github, |github, repo| github.repo(repo))
        .start_on_thread()
}

fn track_all(house: &House) {
    let mut args = vec!["track"];
    args.extend(REPOS);
    house.run(&args).exits(0);
}

/// Demands that every answer with views or clones that was given is in the store.
#[track_caller]
fn keeps_what_was_answered(sim: &Sim, house: &House) -> usize {
    let exported = house.export();
    let mut kept = 0;
    for entry in sim.log().iter().filter(|entry| entry.status == 200) {
        let metric = match entry.endpoint {
            Endpoint::Views => Metric::Views,
            Endpoint::Clones => Metric::Clones,
            _ => continue,
        };
        let id = entry.repo_id.unwrap();
        for day in window(NEWEST) {
            let held = exported.row(&sim.full_name(id), day).value(metric);
            assert_eq!(held, Some(sim.truth(id, metric, day)));
        }
        kept += 1;
    }
    kept
}

#[test]
fn a_used_up_budget_stops_the_pass_and_the_next_one_finishes() {
    for jobs in ["1", "8"] {
        let sim = five(Limits::default().primary(12, 3600));
        let house = House::with(&sim);
        track_all(&house);
        let args = ["sync", "--json", "--jobs", jobs];
        let ran = house
            .run(&args)
            .exits(1)
            .says(&["rate limit", "2026-03-10T13:00:00Z"]);
        let report = ran.json();
        assert_eq!(report["rate"]["remaining"], 0);
        assert_eq!(report["rate"]["reset_at"], "2026-03-10T13:00:00Z");
        assert_eq!(report["ended"], "rate_limited");
        let counters = sim.counters();
        assert_eq!(counters.primary_violations, 0, "{counters:?}");
        assert_eq!(counters.secondary_violations, 0);
        assert!(keeps_what_was_answered(&sim, &house) >= 3);
        // Nothing goes while the budget is used up, but the question that is free.
        sim.clear_log();
        house.go("sync").exits(1).says(&["rate limit"]);
        assert_eq!(sim.counters().total, sim.counters().of(Endpoint::RateLimit));
        // An hour later the rest is read, and only the rest where it is known.
        sim.advance_secs(3600);
        let mut passes = 0;
        while house.go("sync").exit != 0 {
            sim.advance_secs(3600);
            passes += 1;
            assert!(passes < 4, "it never ends");
        }
        for repo in REPOS {
            house.export().is_true(&sim, repo, window(NEWEST));
        }
        assert_eq!(sim.counters().primary_violations, 0);
    }
}

#[test]
fn a_budget_that_others_use_up_costs_no_more_than_what_is_in_flight() {
    let sim = five(Limits::default());
    let house = House::with(&sim);
    track_all(&house);
    sim.set_latency_ms(5);
    let pass = house.start(&["sync", "--jobs", "4"]);
    crate::house::until(|| sim.counters().traffic() >= 8);
    sim.set_remaining(TOKEN, 0);
    let ran = crate::house::Ran::of(&pass.wait_with_output().unwrap());
    ran.exits(1).says(&["rate limit"]);
    assert!(
        sim.counters().primary_violations <= 4,
        "{:?}",
        sim.counters()
    );
    assert!(keeps_what_was_answered(&sim, &house) >= 2);
}

#[test]
fn a_pass_that_may_wait_finishes_by_itself() {
    let limits = Limits::default().primary(12, 3);
    let github = github().seed(51).limits(limits).speed(1.0);
    let sim = REPOS
        .into_iter()
        .fold(github, |github, repo| github.repo(repo))
        .start_on_thread();
    let house = House::with(&sim);
    track_all(&house);
    let ran = house
        .go("sync --wait --json")
        .exits(0)
        .says(&["waiting until"]);
    let report = ran.json();
    assert_eq!(report["repos"]["ok"], 5);
    assert_eq!(report["ended"], "done");
    assert_eq!(
        sim.counters().traffic(),
        20,
        "what was answered is not asked again"
    );
    assert_eq!(sim.counters().primary_violations, 0);
    for repo in REPOS {
        house.export().is_true(&sim, repo, window(NEWEST));
    }
}

#[test]
fn a_call_to_slow_down_is_heeded() {
    for refusal in [(403, RetryAfter::Secs), (429, RetryAfter::HttpDate)] {
        let limits = Limits::default()
            .points(10)
            .hold_secs(2)
            .refusal(refusal.0, refusal.1);
        let sim = five(limits);
        let house = House::with(&sim);
        track_all(&house);
        let pass = house.start(&["sync", "--jobs", "1"]);
        crate::house::until(|| sim.counters().secondary_violations == 1);
        sim.set_limits(Limits::default().refusal(refusal.0, refusal.1));
        let ran = crate::house::Ran::of(&pass.wait_with_output().unwrap());
        // Who waits at a terminal is told why.
        ran.exits(0).says(&["slow down", "pause_secs="]);
        let counters = sim.counters();
        assert_eq!(
            counters.secondary_violations, 1,
            "asked again too soon: {counters:?}"
        );
        for repo in REPOS {
            house.export().is_true(&sim, repo, window(NEWEST));
        }
    }
}

#[test]
fn the_usual_pace_never_offends() {
    let sim = github().seed(52).fleet("octo", 60).start_on_thread();
    let house = House::with(&sim).set("GITRATRA_POINTS_PER_MINUTE", "");
    house.run(&["sync", "octo/*", "--jobs", "50"]).exits(0);
    let counters = sim.counters();
    assert_eq!(counters.traffic(), 240);
    assert_eq!(counters.secondary_violations, 0);
    assert_eq!(counters.primary_violations, 0);
    assert!(counters.max_concurrent <= 50, "{counters:?}");
    assert!(counters.peak_points <= 900);
}

#[test]
fn a_smaller_pace_is_kept() {
    // Ten requests go at once; the others have to wait for the minute to pass, which the test does
    // not do: it looks at what was sent by the time the pass holds back, and ends it.
    let sim = five(Limits::default());
    let house = House::with(&sim);
    track_all(&house);
    let mut pass = house.start(&["sync", "--jobs", "8", "--points-per-minute", "10"]);
    crate::house::until(|| sim.counters().total >= 10);
    // Whoever does not hold back would be done by the time another program has run to its end.
    house.go("repos").exits(0);
    house.export();
    assert!(sim.counters().total <= 11, "{:?}", sim.counters());
    pass.kill().unwrap();
    pass.wait().unwrap();
}
