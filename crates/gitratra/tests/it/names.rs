//! Who a repository is: renames, transfers, deletions and names that are taken over.

use gitratra_sim::{Metric, RepoSpec, Sim};
use serde_json::Value;

use crate::exported::{days, window};
use crate::house::{House, github};

fn busy(name: &str) -> RepoSpec {
    RepoSpec::new(name).mean_views(120.0)
}

fn one(name: &str) -> Sim {
    github().seed(21).repo(busy(name)).start_on_thread()
}

/// Names and ids of what is tracked.
fn tracked(house: &House) -> Vec<(String, Option<u64>)> {
    let repos = house.go("repos --json").exits(0).json();
    let repos = repos.as_array().unwrap();
    let line = |repo: &Value| {
        let name = repo["name"].as_str().unwrap().to_owned();
        (name, repo["id"].as_u64())
    };
    repos.iter().map(line).collect()
}

fn pair(name: &str, id: u64) -> (String, Option<u64>) {
    (name.to_owned(), Some(id))
}

#[test]
fn a_renamed_repository_keeps_its_history_under_its_present_name() {
    let sim = one("octo/old");
    let id = sim.repo_id("octo/old");
    let house = House::with(&sim);
    house.go("sync octo/old").exits(0);
    sim.rename("octo/old", "octo/new");
    sim.advance_days(10);
    house.go("sync").exits(0).says(&["octo/old", "octo/new"]);
    let exported = house.export();
    assert_eq!(exported.repos(), ["octo/new"]);
    exported.is_true(&sim, "octo/new", days("2026-02-24", "2026-03-19"));
    assert_eq!(tracked(&house), [pair("octo/new", id)]);
    for name in ["octo/old", "octo/new"] {
        let shown = house.run(&["show", name]).exits(0);
        assert!(shown.out.contains("octo/new"), "{}", shown.out);
    }
    house.go("show octo/old").says(&["octo/new"]);
    house
        .go("why octo/old 2026-03-01")
        .exits(0)
        .shows(&["octo/new"]);
    house.go("gaps octo/old").exits(0).shows(&["octo/new"]);
    // The old name goes on to mean the same repository.
    sim.advance_days(1);
    house.go("sync octo/old").exits(0);
    assert_eq!(tracked(&house), [pair("octo/new", id)]);
    house
        .export()
        .is_true(&sim, "octo/new", days("2026-02-24", "2026-03-20"));
}

#[test]
fn a_transfer_is_followed() {
    let sim = github()
        .organization("acme")
        .repo(busy("octo/tool"))
        .start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/tool").exits(0);
    sim.rename("octo/tool", "acme/engine");
    sim.advance_days(1);
    house.go("sync").exits(0);
    let exported = house.export();
    assert_eq!(exported.repos(), ["acme/engine"]);
    exported.is_true(&sim, "acme/engine", days("2026-02-24", "2026-03-10"));
    house.go("show octo/tool").exits(0).says(&["acme/engine"]);
}

#[test]
fn a_transfer_out_of_a_wildcard_keeps_the_history() {
    let sim = github()
        .organization("acme")
        .repo(busy("octo/tool"))
        .repo(busy("octo/other"))
        .start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/*").exits(0);
    let before = house.export();
    sim.rename("octo/tool", "acme/engine");
    sim.advance_days(1);
    house.go("sync").exits(0);
    let after = house.export();
    assert_eq!(after.repos(), ["acme/engine", "octo/other"]);
    assert!(after.days("acme/engine").len() >= before.days("octo/tool").len());
    after.is_true(&sim, "acme/engine", window("2026-03-09"));
    after.is_true(&sim, "octo/other", window("2026-03-10"));
}

/// `octo/tool` becomes `octo/tool-1`, and another repository takes its name.
fn reuse(has_pass_between: bool) {
    let sim = one("octo/tool");
    let first = sim.repo_id("octo/tool");
    let house = House::with(&sim);
    house.go("sync octo/tool").exits(0);
    sim.rename("octo/tool", "octo/tool-1");
    if has_pass_between {
        sim.advance_days(1);
        house.go("sync").exits(0);
    }
    let second = sim.create(busy("octo/tool").created("2026-03-12"));
    sim.set_clock("2026-03-15T12:00:00Z");
    house.go("sync").exits(0);
    sim.advance_days(1);
    house.go("sync").exits(0);
    let exported = house.export();
    assert_eq!(exported.repos(), ["octo/tool", "octo/tool-1"]);
    for day in days("2026-02-24", "2026-03-15") {
        let row = exported.row("octo/tool-1", day);
        assert_eq!(
            row.views,
            Some(sim.truth(first, Metric::Views, day)),
            "{day}"
        );
        assert_eq!(
            row.clones,
            Some(sim.truth(first, Metric::Clones, day)),
            "{day}"
        );
    }
    for day in exported.days("octo/tool") {
        let row = exported.row("octo/tool", day);
        assert_eq!(
            row.views,
            Some(sim.truth(second, Metric::Views, day)),
            "{day}"
        );
    }
    let newest = exported.row("octo/tool", "2026-03-15").views;
    assert_eq!(newest, Some(sim.truth(second, Metric::Views, "2026-03-15")));
    let expected = [pair("octo/tool", second), pair("octo/tool-1", first)];
    assert_eq!(tracked(&house), expected);
}

#[test]
fn a_name_taken_over_between_two_passes_never_merges_histories() {
    reuse(false);
}

#[test]
fn a_name_taken_over_after_a_pass_never_merges_histories() {
    reuse(true);
}

#[test]
fn two_repositories_that_swap_names_stay_apart() {
    let sim = github()
        .repo(busy("octo/left"))
        .repo(RepoSpec::new("octo/right").mean_views(3.0))
        .start_on_thread();
    let (left, right) = (sim.repo_id("octo/left"), sim.repo_id("octo/right"));
    let house = House::with(&sim);
    house.go("sync octo/left octo/right").exits(0);
    sim.rename(left, "octo/between");
    sim.rename(right, "octo/left");
    sim.rename(left, "octo/right");
    sim.advance_days(1);
    house.go("sync").exits(0);
    let exported = house.export();
    exported.is_true(&sim, "octo/left", days("2026-02-24", "2026-03-10"));
    exported.is_true(&sim, "octo/right", days("2026-02-24", "2026-03-10"));
    let expected = [pair("octo/left", right), pair("octo/right", left)];
    assert_eq!(tracked(&house), expected);
}

#[test]
fn a_deleted_repository_and_its_successor_never_merge() {
    let sim = one("octo/tool");
    let first = sim.repo_id("octo/tool");
    let house = House::with(&sim);
    house.go("sync octo/tool").exits(0);
    let before = house.export();
    sim.delete(first);
    let second = sim.create(busy("octo/tool").created("2026-03-11"));
    assert_ne!(first, second);
    sim.set_clock("2026-03-14T12:00:00Z");
    // The one that is gone is a failure, the new one is read.
    house.go("sync").exits(1).says(&["octo/tool", "deleted"]);
    let after = house.export();
    let former = format!("octo/tool@{first}");
    assert_eq!(after.repos(), ["octo/tool", &former]);
    for day in window("2026-03-09") {
        assert_eq!(after.row(&former, day), before.row("octo/tool", day));
    }
    // What the original tool's readers take must be a name that GitHub allows.
    let text = house.go("export daily --format gitratra").exits(0).out;
    let former = format!("\n>octo/tool.former-{first}\n");
    assert!(text.contains(&former), "{text}");
    assert_eq!(text.matches("\n>octo/tool\n").count(), 1, "{text}");
    let shown = house
        .go("show octo/tool --range all --json")
        .exits(0)
        .json();
    let steps = shown["metrics"][0]["steps"].as_array().unwrap();
    let newest = steps.last().unwrap();
    assert_eq!(newest["to"], "2026-03-13");
    let (count, uniques) = sim.truth(second, Metric::Views, "2026-03-13");
    assert_eq!(
        (&newest["count"], &newest["uniques"]),
        (&count.into(), &uniques.into())
    );
    let total: u64 = window("2026-03-13")
        .map(|day| sim.truth(second, Metric::Views, day).0)
        .sum();
    assert_eq!(
        shown["metrics"][0]["count"], total,
        "the days of another repository"
    );
}

#[test]
fn names_are_the_same_in_any_spelling_of_case() {
    let sim = one("Octo/Tool");
    let house = House::with(&sim);
    house.go("track OCTO/TOOL octo/tool").exits(0);
    house.go("sync").exits(0);
    assert_eq!(house.export().repos(), ["Octo/Tool"]);
    assert_eq!(tracked(&house).len(), 1);
    assert_eq!(sim.counters().traffic(), 4, "read once");
    house.go("show octo/tool").exits(0);
}

#[test]
fn two_names_of_one_repository_are_read_once() {
    let sim = one("octo/old");
    sim.rename("octo/old", "octo/new");
    let house = House::with(&sim);
    house.go("sync octo/old octo/new").exits(0);
    assert_eq!(sim.counters().traffic(), 4);
    assert_eq!(tracked(&house), [pair("octo/new", sim.repo_id("octo/new"))]);
}

#[test]
fn untracking_keeps_the_history_and_ends_the_asking() {
    let sim = github()
        .repo("octo/alpha")
        .repo("octo/beta")
        .start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha octo/beta").exits(0);
    let before = house.export();
    house.go("untrack octo/alpha").exits(0);
    sim.advance_days(1);
    let asked = |name| sim.requests_by_repo()[&sim.repo_id(name)];
    let (alpha, beta) = (asked("octo/alpha"), asked("octo/beta"));
    house.go("sync --all").exits(0);
    assert_eq!(asked("octo/alpha"), alpha);
    assert!(asked("octo/beta") >= beta + 4);
    assert_eq!(tracked(&house).len(), 1);
    house.export().lost_nothing_of(&before);
    house
        .go("untrack octo/alpha")
        .exits(1)
        .says(&["octo/alpha"]);
}
