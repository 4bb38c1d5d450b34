//! GitHub takes numbers back, repeats old windows and falls behind: the largest value stays, and
//! every value can be looked up.

use gitratra_sim::{Metric, Regime, RepoSpec, Sim, StaleAnswers, Stall};
use serde_json::Value;

use crate::exported::{Served, days};
use crate::house::{House, github};

const REPO: &str = "octo/tool";

fn one(at: &str, regime: Regime) -> Sim {
    github()
        .seed(71)
        .at(at)
        .regime(regime)
        .repo(RepoSpec::new(REPO).mean_views(90.0))
        .start_on_thread()
}

/// Every value of views that `why` tells of a day, with whether it counts.
fn told(house: &House, day: &str) -> Vec<(u64, u64, bool)> {
    let story = house.run(&["why", REPO, day, "--json"]).exits(0).json();
    let views = &story["metrics"]
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["metric"] == "views");
    let sightings = views.unwrap()["sightings"].as_array().unwrap().clone();
    let line = |told: &Value| {
        let number = |name: &str| told[name].as_u64().unwrap();
        (number("count"), number("uniques"), told["counts"] == true)
    };
    sightings.iter().map(line).collect()
}

#[test]
fn the_oldest_row_shrinks_and_its_largest_value_stays() {
    let sim = one("2025-10-10T12:00:00Z", Regime::Old);
    let house = House::with(&sim);
    let mut served = Served::default();
    let day = "2025-10-09";
    // From the day after to the hours in which the day leaves the window.
    for hours in [0, 24, 24 * 11, 12, 4, 4, 4, 4] {
        sim.advance_secs(hours * 3600);
        served.look(&sim, REPO);
        house.go("sync --all octo/tool").exits(0);
    }
    let exported = house.export();
    served.check(&exported);
    let truth = sim.truth(REPO, Metric::Views, day);
    assert_eq!(exported.row(REPO, day).views, Some(truth));
    let told = told(&house, day);
    assert!(told.len() >= 4, "every value is told: {told:?}");
    let counting: Vec<_> = told.iter().filter(|told| told.2).collect();
    assert_eq!(counting, [&(truth.0, truth.1, true)]);
    assert!(
        told.iter().any(|told| told.0 < truth.0 / 2),
        "it shrank: {told:?}"
    );
}

#[test]
fn a_day_that_flaps_keeps_its_largest_value() {
    let sim = one("2026-03-10T12:00:00Z", Regime::New);
    let values = [(15, 9), (24, 5), (62, 9), (24, 5), (15, 9)];
    sim.flap(REPO, Metric::Views, "2026-03-05", &values);
    let house = House::with(&sim);
    for _ in values {
        house.go("sync octo/tool").exits(0);
        sim.advance_secs(3600);
    }
    let exported = house.export();
    assert_eq!(exported.row(REPO, "2026-03-05").views, Some((62, 9)));
    let mut told = told(&house, "2026-03-05");
    told.sort_unstable();
    assert_eq!(told, [(15, 9, false), (24, 5, false), (62, 9, true)]);
    house.go("why octo/tool 2026-03-05").exits(0).shows(&[
        "15",
        "24",
        "62",
        "counts",
        "2026-03-10",
    ]);
}

#[test]
fn counts_and_uniques_are_kept_field_by_field() {
    let sim = one("2026-03-10T12:00:00Z", Regime::New);
    sim.flap(
        REPO,
        Metric::Clones,
        "2026-03-05",
        &[(10, 9), (12, 5), (10, 9)],
    );
    let house = House::with(&sim);
    for _ in 0..3 {
        house.go("sync octo/tool").exits(0);
        sim.advance_secs(3600);
    }
    assert_eq!(house.export().row(REPO, "2026-03-05").clones, Some((12, 9)));
}

#[test]
fn stale_windows_move_nothing_back() {
    let sim = one("2026-03-10T12:00:00Z", Regime::New);
    sim.stale(StaleAnswers::new(REPO, 0.5, 10));
    let house = House::with(&sim);
    house.go("sync octo/tool").exits(0);
    let mut before = house.export();
    for _ in 0..12 {
        sim.advance_days(1);
        house.go("sync octo/tool").exits(0);
        let after = house.export();
        after.lost_nothing_of(&before);
        before = after;
    }
    sim.end_stale();
    house.go("sync octo/tool").exits(0);
    let after = house.export();
    after.lost_nothing_of(&before);
    after.is_true(&sim, REPO, days("2026-03-09", "2026-03-21"));
    assert!(after.days_in(REPO, "gap").is_empty());
}

#[test]
fn days_held_back_are_no_zeros_and_no_gaps_and_come_later() {
    let sim = one("2026-03-10T12:00:00Z", Regime::New);
    sim.stall(Stall::new(REPO, "2026-03-10T00:00:00Z").until("2026-03-17T00:00:00Z"));
    let house = House::with(&sim);
    for _ in 0..6 {
        house.go("sync octo/tool").exits(0);
        let exported = house.export();
        assert!(
            exported.find(REPO, "2026-03-10").is_none(),
            "not published is nothing"
        );
        sim.advance_days(1);
    }
    sim.advance_days(2);
    house.go("sync octo/tool").exits(0);
    house.go("gaps").exits(0);
    house
        .export()
        .is_true(&sim, REPO, days("2026-02-25", "2026-03-17"));
}

#[test]
fn windows_that_shrink_and_are_filled_later_lose_nothing() {
    // As it was from 2025-08-14 to 08-22.
    let sim = one("2025-08-10T12:00:00Z", Regime::Old);
    sim.stall(
        Stall::new(REPO, "2025-08-14T12:00:00Z")
            .until("2025-08-22T06:00:00Z")
            .rows_missing(),
    );
    let house = House::with(&sim);
    let mut served = Served::default();
    for _ in 0..20 {
        served.look(&sim, REPO);
        house.go("sync --all octo/tool").exits(0);
        sim.advance_days(1);
    }
    let exported = house.export();
    served.check(&exported);
    exported.is_true(&sim, REPO, days("2025-07-28", "2025-08-27"));
}
