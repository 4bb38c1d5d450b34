//! What fails costs nothing but itself: no other repository, and no other endpoint of the same one.

use gitratra_sim::{Endpoint, Fault, FaultPlan, Metric, Right, Sim, TokenSpec};
use serde_json::Value;

use crate::exported::window;
use crate::house::{House, github};

const NEWEST: &str = "2026-03-09";

fn three() -> Sim {
    github()
        .seed(3)
        .repo("octo/alpha")
        .repo("octo/broken")
        .repo("octo/gamma")
        .start_on_thread()
}

/// A pass over all three, of which `octo/broken` fails.
fn pass_with_one_failure(sim: &Sim, house: &House) -> Value {
    let args = ["sync", "--json", "octo/alpha", "octo/broken", "octo/gamma"];
    let ran = house.run(&args).exits(1).says(&["octo/broken"]);
    assert!(!ran.err.contains("octo/alpha"), "{}", ran.err);
    let exported = house.export();
    exported.is_true(sim, "octo/alpha", window(NEWEST));
    exported.is_true(sim, "octo/gamma", window(NEWEST));
    let report = ran.json();
    assert_eq!(
        (&report["repos"]["ok"], &report["repos"]["failed"]),
        (&2.into(), &1.into())
    );
    for failure in report["failures"].as_array().unwrap() {
        assert_eq!(failure["repo"], "octo/broken");
        for name in ["endpoint", "message", "action"] {
            let text = failure[name].as_str().unwrap();
            assert!(!text.is_empty(), "{name} of {failure}");
        }
        assert!(failure.get("status").is_some());
    }
    report
}

fn asked(sim: &Sim, repo: &str, endpoint: Endpoint) -> usize {
    let id = sim.repo_id(repo);
    let log = sim.log();
    log.iter()
        .filter(|entry| entry.repo_id == Some(id) && entry.endpoint == endpoint)
        .count()
}

fn check(fault: Fault, status: Option<u16>, is_asked_once: bool) {
    let sim = three();
    let house = House::with(&sim);
    sim.fault(FaultPlan::new(fault.clone()).repo("octo/broken"));
    let report = pass_with_one_failure(&sim, &house);
    let failures = report["failures"].as_array().unwrap();
    assert!(!failures.is_empty());
    for failure in failures {
        assert_eq!(
            failure["status"].as_u64(),
            status.map(u64::from),
            "{failure}"
        );
    }
    assert_eq!(
        house.export().repos(),
        ["octo/alpha", "octo/gamma"],
        "{fault:?}"
    );
    if is_asked_once {
        for endpoint in Endpoint::TRAFFIC.into_iter().chain([Endpoint::Repo]) {
            assert!(
                asked(&sim, "octo/broken", endpoint) <= 1,
                "{endpoint:?} {fault:?}"
            );
        }
    }
    // Trouble that is over is forgotten.
    sim.clear_faults();
    house.go("repos").exits(0);
    house.go("sync").exits(0);
    house.export().is_true(&sim, "octo/broken", window(NEWEST));
    let repos = house.go("repos --json").exits(0).json();
    for repo in repos.as_array().unwrap() {
        assert_eq!(repo["last_error"], Value::Null, "{repo}");
    }
}

#[test]
fn a_forbidden_repository_costs_no_other_anything() {
    check(
        Fault::status(403, "Must have push access to repository"),
        Some(403),
        true,
    );
}

#[test]
fn a_repository_that_is_not_found_costs_no_other_anything() {
    check(Fault::status(404, "Not Found"), Some(404), true);
}

#[test]
fn a_blocked_repository_costs_no_other_anything() {
    check(
        Fault::status(451, "Repository access blocked"),
        Some(451),
        true,
    );
}

#[test]
fn server_errors_cost_no_other_anything() {
    check(Fault::status(500, "Server Error"), Some(500), false);
}

#[test]
fn gateway_errors_cost_no_other_anything() {
    check(Fault::status(502, "Bad Gateway"), Some(502), false);
}

#[test]
fn a_page_for_people_costs_no_other_anything() {
    check(Fault::Html, Some(200), true);
}

#[test]
fn a_connection_that_closes_costs_no_other_anything() {
    check(Fault::Close, None, false);
}

#[test]
fn a_connection_that_is_reset_costs_no_other_anything() {
    check(Fault::Reset, None, false);
}

#[test]
fn unknown_statuses_cost_no_other_anything() {
    check(Fault::status(418, "I'm a teapot"), Some(418), true);
}

#[test]
fn each_failing_endpoint_keeps_the_others() {
    for endpoint in Endpoint::TRAFFIC {
        let sim = three();
        let house = House::with(&sim);
        let fault = Fault::status(403, "Must have push access to repository");
        sim.fault(FaultPlan::new(fault).repo("octo/broken").endpoint(endpoint));
        let report = pass_with_one_failure(&sim, &house);
        let failures = report["failures"].as_array().unwrap();
        assert_eq!(failures.len(), 1, "{endpoint:?}");
        assert_eq!(asked(&sim, "octo/broken", endpoint), 1, "{endpoint:?}");
        let exported = house.export();
        for day in window(NEWEST) {
            let row = exported.row("octo/broken", day);
            for (of, metric) in [
                (Endpoint::Views, Metric::Views),
                (Endpoint::Clones, Metric::Clones),
            ] {
                let truth = sim.truth("octo/broken", metric, day);
                let expected = (of != endpoint).then_some(truth);
                assert_eq!(row.value(metric), expected, "{endpoint:?} {day}");
            }
            assert_eq!(row.state, "measured");
        }
        let shown = house.go("show octo/broken --json").exits(0).json();
        let rankings = shown["rankings"].as_array().unwrap();
        let has = |name: &str| rankings.iter().any(|ranking| ranking["ranking"] == name);
        assert_eq!(has("referrers"), endpoint != Endpoint::Referrers);
        assert_eq!(has("paths"), endpoint != Endpoint::Paths);
    }
}

#[test]
fn missing_push_access_is_named_and_asked_once() {
    let token = TokenSpec::classic("ghp_collaborator", "somebody")
        .can(Right::Push, "octo/alpha")
        .can(Right::Push, "octo/gamma");
    let sim = github()
        .token(token)
        .repo("octo/alpha")
        .repo("octo/broken")
        .repo("octo/gamma")
        .start_on_thread();
    let house = House::with(&sim).set("GITRATRA_TOKEN", "ghp_collaborator");
    let report = pass_with_one_failure(&sim, &house);
    let failure = &report["failures"][0];
    assert_eq!(failure["status"], 403);
    assert!(
        failure["action"].as_str().unwrap().contains("push access"),
        "{failure}"
    );
    for endpoint in Endpoint::TRAFFIC {
        assert!(asked(&sim, "octo/broken", endpoint) <= 1);
    }
}

#[test]
fn blocked_and_deleted_repositories_are_named_as_such_and_keep_their_history() {
    for is_blocked in [true, false] {
        let sim = three();
        let house = House::with(&sim);
        house.go("sync octo/alpha octo/broken octo/gamma").exits(0);
        let before = house.export();
        sim.advance_days(1);
        match is_blocked {
            true => sim.set_blocked("octo/broken", Some("dmca")),
            false => sim.delete("octo/broken"),
        }
        let word = if is_blocked { "blocked" } else { "deleted" };
        house.go("sync").exits(1).says(&["octo/broken", word]);
        let after = house.export();
        after.lost_nothing_of(&before);
        after.is_true(&sim, "octo/alpha", window("2026-03-10"));
        assert_eq!(after.days("octo/broken"), before.days("octo/broken"));
        let status = if is_blocked { "451" } else { "404" };
        house.go("repos").exits(0).shows(&["octo/broken", status]);
    }
}

#[test]
fn trouble_that_passes_is_not_even_told() {
    let sim = three();
    let house = House::with(&sim);
    sim.fault(
        FaultPlan::new(Fault::status(502, "Bad Gateway"))
            .endpoint(Endpoint::Views)
            .once(),
    );
    sim.fault(
        FaultPlan::new(Fault::Close)
            .endpoint(Endpoint::Clones)
            .once(),
    );
    sim.fault(
        FaultPlan::new(Fault::Truncated { keep_bytes: 40 })
            .endpoint(Endpoint::Paths)
            .once(),
    );
    let report = house
        .go("sync --json octo/alpha octo/broken octo/gamma")
        .exits(0)
        .json();
    assert_eq!(report["requests"]["retried"], 3);
    let exported = house.export();
    for repo in ["octo/alpha", "octo/broken", "octo/gamma"] {
        exported.is_true(&sim, repo, window(NEWEST));
    }
}

#[test]
fn slow_answers_are_waited_for() {
    let sim = three();
    let house = House::with(&sim);
    sim.fault(FaultPlan::new(Fault::Slow { before_ms: 400 }).repo("octo/broken"));
    sim.fault(
        FaultPlan::new(Fault::Trickle {
            chunk_bytes: 100,
            between_ms: 5,
        })
        .repo("octo/gamma"),
    );
    house.go("sync octo/alpha octo/broken octo/gamma").exits(0);
    let exported = house.export();
    for repo in ["octo/alpha", "octo/broken", "octo/gamma"] {
        exported.is_true(&sim, repo, window(NEWEST));
    }
}

#[test]
fn a_list_that_fails_is_named_and_what_is_known_is_read_all_the_same() {
    let sim = three();
    let house = House::with(&sim);
    house.run(&["track", "octo/*"]).exits(0);
    house.go("sync").exits(0);
    sim.advance_days(1);
    for endpoint in [
        Endpoint::OrgRepos,
        Endpoint::UserRepos,
        Endpoint::UsersRepos,
    ] {
        sim.fault(FaultPlan::new(Fault::status(403, "no lists today")).endpoint(endpoint));
    }
    house
        .go("sync")
        .exits(1)
        .says(&["octo/*", "no lists today"]);
    let exported = house.export();
    for repo in ["octo/alpha", "octo/broken", "octo/gamma"] {
        exported.is_true(&sim, repo, window("2026-03-10"));
    }
}

#[test]
fn without_a_server_the_pass_says_so_and_keeps_what_it_had() {
    let sim = three();
    let house = House::with(&sim);
    house.go("sync octo/alpha").exits(0);
    let before = house.export();
    drop(sim);
    house
        .go("sync")
        .exits(1)
        .says(&["cannot be reached", "octo/alpha"]);
    assert_eq!(house.export(), before);
}
