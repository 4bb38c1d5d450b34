//! Ranges that hold less than was asked for, and metrics that begin later than others: what is not
//! known is never told as a number.

use gitratra_sim::{Endpoint, Fault, FaultPlan, RepoSpec, Sim};

use crate::house::{House, github};

fn one() -> Sim {
    github()
        .repo(RepoSpec::new("octo/tool").mean_views(40.0))
        .start_on_thread()
}

const BESIDE: [&str; 4] = [
    "2026-03-10..",
    "..2026-02-01",
    "2027-01-01..2027-02-01",
    "2020-01-01..2020-02-01",
];

#[test]
fn a_range_without_known_days_is_empty_and_not_everything() {
    let sim = one();
    let house = House::with(&sim);
    house.go("sync octo/tool").exits(0);
    let header = "repo,day,views,views_uniques,clones,clones_uniques,state\n";
    for range in BESIDE {
        let exported = house.go(&format!("export daily --range {range}")).exits(0);
        assert_eq!(exported.out, header, "{range}");
        let text = house
            .go(&format!("export daily --format gitratra --range {range}"))
            .exits(0);
        assert_eq!(text.out, "gitratra_v1\n", "{range}");
        for shown in ["show octo/tool", "show"] {
            let ran = house.go(&format!("{shown} --range {range}")).exits(0);
            assert!(ran.out.is_empty(), "{}", ran.out);
            ran.says(&["nothing", range]);
        }
        let fleet = house.go(&format!("show --json --range {range}")).exits(0);
        assert_eq!(fleet.json(), serde_json::json!([]), "{range}");
        let shown = house
            .go(&format!("show octo/tool --json --range {range}"))
            .exits(0)
            .json();
        assert_eq!(shown["metrics"], serde_json::json!([]), "{range}");
        assert!(shown["from"].is_null(), "{shown}");
    }
}

#[test]
fn a_range_that_reaches_beyond_the_known_days_counts_them_as_missing() {
    let sim = one();
    let house = House::with(&sim);
    house.go("sync octo/tool").exits(0);
    let shown = house
        .go("show octo/tool --json --range 2026-03-08..2026-03-20")
        .exits(0)
        .json();
    let views = &shown["metrics"][0];
    assert_eq!(views["days_measured"], 2, "{views}");
    assert_eq!(views["days_missing"], 11, "{views}");
    assert!(views["count"].is_u64(), "{views}");
}

#[test]
fn a_metric_that_was_never_read_has_no_count() {
    let sim = one();
    sim.fault(FaultPlan::new(Fault::status(403, "no")).endpoint(Endpoint::Clones));
    let house = House::with(&sim);
    house.go("sync octo/tool").exits(1);
    let shown = house.go("show octo/tool --json").exits(0).json();
    let clones = &shown["metrics"][1];
    assert_eq!(clones["metric"], "clones");
    for figure in ["count", "uniques"] {
        assert!(clones[figure].is_null(), "{figure}: {clones}");
        assert!(!shown["metrics"][0][figure].is_null(), "{figure}: {shown}");
    }
    assert_eq!(clones["days_missing"], 30);
}

#[test]
fn a_metric_that_was_first_read_later_has_no_gap_before_it() {
    let sim = one();
    sim.fault(FaultPlan::new(Fault::status(403, "no")).endpoint(Endpoint::Clones));
    let house = House::with(&sim);
    house.go("sync octo/tool").exits(1);
    sim.clear_faults();
    sim.advance_days(2);
    house.go("sync octo/tool").exits(0);
    let ran = house.go("gaps octo/tool --json").exits(0);
    assert_eq!(ran.json()[0]["gaps"], serde_json::json!([]));
}
