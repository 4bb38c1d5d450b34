//! Numbers that can be believed: uniques as bounds, what a range really brought, stars as they stood.

use gitratra_sim::{Metric, RepoSpec, Sim};
use serde_json::Value;

use crate::house::{House, github};

const REPO: &str = "octo/tool";

fn tool() -> Sim {
    let repo = RepoSpec::new(REPO).mean_views(40.0).stars(80);
    github().seed(3).repo(repo).start_on_thread()
}

/// A house that read the tool once a day.
fn reader(sim: &Sim, days: usize) -> House {
    let house = House::with(sim);
    house.go(&format!("track {REPO}")).exits(0);
    for day in 0..days {
        if day > 0 {
            sim.advance_days(1);
        }
        house.go("sync").exits(0);
    }
    house
}

fn shown(house: &House, options: &str) -> Value {
    house
        .go(&format!("show {REPO} --json {options}"))
        .exits(0)
        .json()
}

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("no number: {value}"))
}

#[test]
fn uniques_are_a_number_for_a_window_and_bounds_for_a_month() {
    let sim = tool();
    let house = reader(&sim, 30);
    let newest = sim.newest(REPO, Metric::Views);
    let window = shown(&house, &format!("--range {}..{newest}", newest.plus(-13)));
    let month = shown(&house, &format!("--range {}..{newest}", newest.plus(-29)));
    for metric in [0, 1] {
        let (window, month) = (&window["metrics"][metric], &month["metrics"][metric]);
        let uniques = &window["uniques"];
        assert_eq!(uniques["kind"], "measured", "{uniques}");
        assert_eq!(uniques["at_least"], uniques["at_most"]);
        let uniques = &month["uniques"];
        assert_eq!(uniques["kind"], "bounds", "{uniques}");
        assert_eq!(
            (&uniques["days_covered"], &uniques["of_days"]),
            (&30.into(), &30.into())
        );
        assert!(number(&uniques["at_least"]) >= number(&window["uniques"]["at_least"]));
        // Whoever came on two days is one of the sum of days twice, and of no bound.
        let days = month["steps"].as_array().unwrap().iter();
        let sum: u64 = days.map(|day| number(&day["uniques"])).sum();
        assert!(number(&uniques["at_most"]) < sum, "{uniques} {sum}");
    }
    let page = house.go(&format!("show {REPO}")).exits(0);
    let uniques = &shown(&house, "")["metrics"][0]["uniques"];
    let bounds = format!("{} to {} uniques", uniques["at_least"], uniques["at_most"]);
    page.shows(&[&bounds]);
}

#[test]
fn where_a_day_was_never_read_nobody_knows_how_many_came_at_most() {
    let sim = tool();
    let house = reader(&sim, 1);
    let uniques = &shown(&house, "--range 30d")["metrics"][0]["uniques"];
    assert!(uniques["at_most"].is_null(), "{uniques}");
    assert_eq!(uniques["kind"], "bounds");
    assert_eq!(uniques["days_covered"], 14);
    assert_eq!(
        uniques["covered"]["at_least"],
        uniques["covered"]["at_most"]
    );
    house
        .go(&format!("show {REPO}"))
        .shows(&["uniques on 14 of 30 days"]);
}

#[test]
fn referrers_of_a_window_are_its_list_and_those_of_a_month_lie_between() {
    let sim = tool();
    let house = reader(&sim, 30);
    let newest = sim.newest(REPO, Metric::Views);
    let window = shown(
        &house,
        &format!("--metric referrers --range {}..{newest}", newest.plus(-13)),
    );
    let (list, sources) = (&window["rankings"][0], &window["sources"][0]);
    assert_eq!(list["window_to"], newest.to_string());
    for line in list["lines"].as_array().unwrap() {
        let mut found = sources["lines"].as_array().unwrap().iter();
        let found = found.find(|source| source["name"] == line["name"]).unwrap();
        assert_eq!(found["kind"], "measured", "{found}");
        assert_eq!(
            (&found["at_least"], &found["at_most"]),
            (&line["count"], &line["count"])
        );
    }
    let month = shown(
        &house,
        &format!("--metric referrers --range {}..{newest}", newest.plus(-29)),
    );
    let views = number(&shown(&house, "--range all")["metrics"][0]["count"]);
    let sources = &month["sources"][0];
    assert_eq!(
        (&sources["days_known"], &sources["of_days"]),
        (&30.into(), &30.into())
    );
    for source in sources["lines"].as_array().unwrap() {
        let (least, most) = (number(&source["at_least"]), number(&source["at_most"]));
        assert!(least <= most && least <= views, "{source}");
    }
    house
        .go(&format!("show {REPO} --metric referrers --range 30d"))
        .exits(0)
        .shows(&["14-day totals, not daily", "REFERRERS IN 30 days", "Google"]);
}

#[test]
fn stars_come_with_a_look_up_and_with_a_list() {
    let sim = tool();
    for (tracked, has_watchers) in [(REPO, true), ("octo/*", false)] {
        let house = House::with(&sim);
        house.run(&["track", tracked]).exits(0);
        house.go("sync --dry-run").exits(0);
        house.go("sync").exits(0);
        let counters = &shown(&house, "")["counters"];
        assert_eq!(counters["stars"], 80, "{tracked}: {counters}");
        assert_eq!(counters["kind"], "measured");
        assert_eq!(counters["watchers"].is_u64(), has_watchers, "{tracked}");
        assert!(counters["open_issues"].is_null(), "{counters}");
        assert!(counters["open_issues_and_pulls"].is_u64(), "{counters}");
        house
            .go(&format!("show {REPO}"))
            .shows(&["80 stars", "open issues and pull requests"]);
    }
}

#[test]
fn a_list_does_not_push_out_what_a_look_up_told_on_the_same_day() {
    let sim = tool();
    let house = reader(&sim, 1);
    house.run(&["track", "octo/*"]).exits(0);
    house.go("sync --all").exits(0);
    house.go("sync").exits(0);
    assert!(shown(&house, "")["counters"]["watchers"].is_u64());
}
