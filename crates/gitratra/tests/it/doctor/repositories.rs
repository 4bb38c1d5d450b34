//! What becomes of single repositories, and which days they lose.

use crate::house::{House, github};
use gitratra_sim::{Endpoint, Fault, FaultPlan, Metric, Scope, Stall};

use super::{check, checks, days_ago, here, told, traffic_requests};

#[test]
fn one_endpoint_that_fails_is_told_apart_from_the_others() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha").exits(0);
    let fault = Fault::status(403, "Must have push access to repository");
    sim.fault(FaultPlan::new(fault).endpoint(Endpoint::Paths));
    let report = house.go("doctor --json").exits(1).json();
    let found = checks(&report, "repositories", "octo/alpha");
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].1, "views, clones, referrers can be read");
    assert_eq!(found[1].1, "paths: 403 Must have push access to repository");
    let endpoints = &report["repos"][0]["endpoints"];
    assert_eq!(endpoints["views"]["state"], "ok");
    assert_eq!(endpoints["paths"]["state"], "bad");
}

#[test]
fn what_is_deleted_blocked_renamed_or_archived_is_said_to_be() {
    let sim = here()
        .repo("octo/alpha")
        .repo("octo/gone")
        .repo("octo/barred")
        .repo("octo/old")
        .repo("octo/shelf")
        .start_on_thread();
    let house = House::with(&sim);
    house
        .go("sync octo/alpha octo/gone octo/barred octo/old octo/shelf")
        .exits(0);
    sim.delete("octo/gone");
    sim.set_blocked("octo/barred", Some("dmca"));
    sim.rename("octo/old", "octo/new");
    sim.set_archived("octo/shelf", true);
    let report = house.go("doctor --json").exits(1).json();
    told(
        &report,
        "repositories",
        "octo/gone",
        "bad",
        "404 Not Found: deleted, or private and out of this credential's sight, which GitHub does \
         not tell apart",
        "the repository was deleted",
    );
    told(
        &report,
        "repositories",
        "octo/barred",
        "bad",
        "451 Repository access blocked: blocked by GitHub (dmca)",
        "what was collected is kept",
    );
    let renamed = checks(&report, "repositories", "octo/new");
    assert_eq!(renamed[0].0, "note");
    assert_eq!(renamed[0].1, "was renamed, it was octo/old");
    assert_eq!(renamed[1].0, "ok");
    let archived = checks(&report, "repositories", "octo/shelf");
    assert_eq!(archived[0].1, "is archived; its traffic goes on");
    assert_eq!(archived[1].0, "ok");
    told(
        &report,
        "repositories",
        "octo/alpha",
        "ok",
        "can be read",
        "",
    );
    // Nothing of what was seen is kept: that is for a pass to do.
    house.go("repos").exits(0);
    let repos = house.go("repos --json").exits(0).json();
    assert!(
        repos
            .as_array()
            .unwrap()
            .iter()
            .all(|repo| repo["last_error"].is_null())
    );
    // A pass notes it; then it is marked everywhere, with since when.
    house.go("sync --all").exits(1);
    let gone = house.go("doctor octo/gone").exits(1);
    gone.shows(&["gone since ", "(404)", "gitratra untrack octo/gone"]);
    house.go("repos").exits(0).shows(&[
        "gone since",
        "404",
        "451",
        "what to do",
        "octo/gone: the repository was deleted",
    ]);
    house.go("gaps").exits(0).shows(&["gone since "]);
}

#[test]
fn a_name_that_is_not_there_is_told_by_name_and_by_every_pass() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha octo/typo").exits(1);
    let report = house.go("doctor octo/typo --json").exits(1).json();
    told(
        &report,
        "repositories",
        "octo/typo",
        "bad",
        "404 Not Found",
        "the name has a typo",
    );
    assert!(
        checks(&report, "days", "octo/typo").is_empty(),
        "{report:#}"
    );
    assert!(report["first_loss"].is_null(), "{report:#}");
    let repos = house.go("repos --json").exits(0).json();
    let typo = &repos[1];
    assert_eq!(typo["name"], "octo/typo");
    let error = &typo["last_error"];
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("not found by any pass"),
        "{typo}"
    );
    assert!(
        error["action"]
            .as_str()
            .unwrap()
            .contains("gitratra doctor octo/typo"),
        "{typo}"
    );
    house
        .go("repos")
        .exits(0)
        .shows(&["not found", "check the spelling"]);
}

#[test]
fn a_name_that_is_not_tracked_can_be_tried_too() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    let report = house
        .go("doctor octo/alpha octo/alpha --json")
        .exits(1)
        .json();
    told(
        &report,
        "repositories",
        "octo/alpha",
        "ok",
        "can be read",
        "",
    );
    told(
        &report,
        "days",
        "octo/alpha",
        "warn",
        "never read",
        "gitratra sync",
    );
    told(&report, "store", "place", "note", "is not there yet", "");
    assert!(!house.database().exists());
    house.go("doctor nonsense").exits(2).says(&["nonsense"]);
}

#[test]
fn days_about_to_be_lost_stand_out_everywhere() {
    let sim = days_ago(13)
        .repo("octo/late")
        .repo("octo/more")
        .start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/late octo/more").exits(0);
    sim.advance_days(13);
    let report = house.go("doctor --json").exits(1).json();
    let late = check(&report, "days", "octo/late");
    assert_eq!(late.0, "bad", "{late:?}");
    assert!(late.2.unwrap().contains("gitratra sync"));
    // Either may be the first, while GitHub publishes a day.
    let first = &report["first_loss"];
    let (repo, on) = (
        first["repo"].as_str().unwrap(),
        first["on"].as_str().unwrap(),
    );
    assert!(["octo/late", "octo/more"].contains(&repo), "{first}");
    let text = format!("the first day is lost on {on} ({repo}) unless it is read before");
    house.go("doctor").exits(1).shows(&[&text]);
    house.go("repos").exits(0).shows(&[" !", "what to do", on]);
    house
        .go("gaps")
        .exits(0)
        .shows(&[" !", on, "read these now"]);
    let repos = house.go("repos --json").exits(0).json();
    let mut repos = repos.as_array().unwrap().iter();
    let listed = repos.find(|listed| listed["name"] == repo).unwrap();
    assert_eq!(listed["is_urgent"], true);
    assert_eq!(listed["next_day_lost_on"], on);
    house.go("sync").exits(0);
    house.go("doctor").exits(0);
}

#[test]
fn days_that_are_lost_are_counted_and_no_reason_to_do_anything() {
    let sim = days_ago(16).repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha").exits(0);
    sim.advance_days(16);
    house.go("sync").exits(0);
    let report = house.go("doctor --json").exits(0).json();
    let gaps = check(&report, "days", "gaps");
    assert_eq!(gaps.0, "note");
    assert!(
        gaps.1.contains("of 1 repository were never seen") || gaps.1.contains("1 day of"),
        "{gaps:?}"
    );
    assert!(gaps.1.contains("`gitratra gaps`"));
}

#[test]
fn many_repositories_are_not_asked_one_by_one() {
    let mut builder = here();
    for number in 0..40 {
        builder = builder.repo(format!("octo/r{number:02}").as_str());
    }
    let sim = builder.start_on_thread();
    let house = House::with(&sim);
    house.run(&["track", "octo/*"]).exits(0);
    sim.fault(
        FaultPlan::new(Fault::status(403, "Must have push access to repository")).repo("octo/r07"),
    );
    house.go("sync").exits(1);
    sim.clear_log();
    let report = house.go("doctor --json").exits(1).json();
    assert_eq!(traffic_requests(&sim), 0);
    assert!(sim.counters().total <= 6, "{:?}", sim.counters());
    let bad = check(&report, "repositories", "octo/r07");
    assert_eq!(bad.0, "bad", "{bad:?}");
    assert!(bad.1.contains("403 Must have push access"), "{bad:?}");
    assert!(bad.1.contains("(since "), "{bad:?}");
    told(
        &report,
        "repositories",
        "all others",
        "ok",
        "can be read of 39 repositories, as their last answers say",
        "",
    );
    assert_eq!(report["repos"].as_array().unwrap().len(), 40);
    assert_eq!(report["repos"][0]["is_live"], false);
    sim.clear_faults();
    sim.clear_log();
    // The rest is sound again, which only GitHub can tell.
    house
        .go("doctor --live")
        .exits(1)
        .shows(&["can be read of 40 repositories\n"]);
    assert_eq!(traffic_requests(&sim), 160);
    sim.clear_log();
    house.go("doctor octo/r07").exits(1);
    assert_eq!(traffic_requests(&sim), 4);
}

#[test]
fn what_came_after_a_repository_was_gone_is_no_gap() {
    let sim = github()
        .repo("octo/gone")
        .repo("octo/alpha")
        .start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/gone octo/alpha").exits(0);
    sim.delete("octo/gone");
    sim.advance_days(1);
    house.go("sync").exits(1);
    sim.advance_days(13);
    house.go("sync").exits(1);
    sim.advance_days(13);
    house.go("sync").exits(1);
    let gaps = house.go("gaps --json").exits(1).json();
    // Held to 03-09 and met as gone on 03-11: only the day between was there and never seen.
    assert_eq!(gaps[1]["repo"], "octo/gone");
    let gone = gaps[1]["gaps"].as_array().unwrap();
    assert_eq!(gone.len(), 1, "{gaps:#}");
    assert_eq!(
        (&gone[0]["from"], &gone[0]["to"]),
        (&"2026-03-10".into(), &"2026-03-10".into())
    );
    assert_eq!(gaps[0]["gaps"], serde_json::json!([]));
    assert!(
        gaps[1]["gone_since"]
            .as_str()
            .unwrap()
            .starts_with("2026-03-11")
    );
    assert!(gaps[1]["next_day_lost_on"].is_null());
}

#[test]
fn an_outage_of_github_is_told_as_such() {
    let mut builder = days_ago(3);
    for name in ["octo/alpha", "octo/beta", "octo/gamma"] {
        builder = builder.repo(name);
    }
    let sim = builder.start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha octo/beta octo/gamma").exits(0);
    let newest = sim.newest("octo/alpha", Metric::Views);
    sim.stall(Stall::new(Scope::All, sim.now()));
    sim.advance_days(3);
    house.go("sync --all").exits(0);
    let report = house.go("doctor --json").exits(0).json();
    let found = format!("no day after {newest} for 3 of 3 repositories");
    told(&report, "github", "publication", "note", &found, "");
}
