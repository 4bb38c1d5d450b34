//! A token that is not taken ends the pass; one that is taken away in the middle as well.

use gitratra_sim::{Endpoint, Metric, Sim, TokenSpec};

use crate::exported::window;
use crate::house::{House, TOKEN, finish, github, until};

fn twenty() -> Sim {
    github().seed(9).fleet("octo", 20).start_on_thread()
}

#[test]
fn a_wrong_token_ends_the_pass_before_it_begins() {
    let sim = twenty();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "ghp_wrong");
    house
        .go("track octo/amber-api octo/atlas-cli octo/basalt-ui")
        .exits(0);
    for words in ["sync --all", "sync octo/amber-api --jobs 50", "sync"] {
        sim.clear_log();
        let ran = house.go(words).exits(2).says(&["Bad credentials"]);
        assert!(ran.out.is_empty(), "{}", ran.out);
        assert!(!ran.err.contains("ghp_wrong"), "{}", ran.err);
        let counters = sim.counters();
        assert_eq!(counters.total, counters.status(401));
        assert!(counters.total <= 8, "{counters:?}");
        assert_eq!(counters.traffic(), 0);
    }
}

#[test]
fn an_expired_token_is_told_as_such() {
    let expired = TokenSpec::full("ghp_expired").expires("2026-03-01T00:00:00Z");
    let sim = github().token(expired).repo("octo/alpha").start_on_thread();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "ghp_expired");
    house.go("sync octo/alpha").exits(2).says(&["expired"]);
}

#[test]
fn no_token_at_all_is_told_with_what_to_do() {
    let sim = twenty();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "");
    house
        .go("sync octo/amber-api")
        .exits(2)
        .says(&["no token", "GITRATRA_TOKEN", "--token-file"]);
    assert_eq!(sim.counters().total, 0);
}

#[test]
fn a_token_revoked_in_the_middle_stops_the_pass_and_costs_nothing_that_was_read() {
    for jobs in ["1", "8"] {
        let sim = twenty();
        sim.set_latency_ms(10);
        let house = House::with(&sim);
        let pass = house.start(&["sync", "octo/*", "--jobs", jobs]);
        until(|| sim.counters().traffic() >= 26);
        sim.revoke(TOKEN);
        let ran = crate::house::Ran::of(&pass.wait_with_output().unwrap());
        ran.exits(2).says(&["revoked"]);
        let counters = sim.counters();
        assert!(counters.status(401) <= 8, "{counters:?}");
        assert!(counters.traffic() < 80, "the pass went on: {counters:?}");
        let exported = house.export();
        let mut kept = 0;
        for entry in sim.log().iter().filter(|entry| entry.status == 200) {
            let metric = match entry.endpoint {
                Endpoint::Views => Metric::Views,
                Endpoint::Clones => Metric::Clones,
                _ => continue,
            };
            let id = entry.repo_id.unwrap();
            let repo = sim.full_name(id);
            for day in window(sim.newest(id, metric)) {
                let held = exported.row(&repo, day).value(metric);
                assert_eq!(held, Some(sim.truth(id, metric, day)), "{repo} {day}");
            }
            kept += 1;
        }
        assert!(kept >= 10, "only {kept} answers");
    }
}

#[test]
fn a_lockout_after_bad_tokens_is_no_rate_limit_and_ends_the_pass() {
    let sim = github()
        .repo("octo/alpha")
        .lockout(1, 600)
        .start_on_thread();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "ghp_wrong");
    house.go("sync octo/alpha").exits(2);
    sim.clear_log();
    // A good token is refused as well for a while.
    let good = House::with(&sim);
    let ran = finish(good.command(&["sync", "octo/alpha"]), "");
    assert!(ran.exit == 1 || ran.exit == 2, "{ran:?}");
    ran.says(&["login attempts"]);
    assert!(sim.counters().total <= 6, "{:?}", sim.counters());
}
