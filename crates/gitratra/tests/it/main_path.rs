//! The job itself: what GitHub published is kept and told as it was, day after day.

use gitratra_sim::{Day, Endpoint, Metric, Regime, RepoSpec, Sim};

use crate::exported::{Exported, Served, days, window};
use crate::house::{House, github};

const REPOS: [&str; 3] = ["octo/busy", "octo/quiet", "octo/young"];

fn three(at: &str) -> gitratra_sim::SimBuilder {
    github()
        .seed(11)
        .at(at)
        .repo(RepoSpec::new(REPOS[0]).mean_views(300.0))
        .repo(RepoSpec::new(REPOS[1]).mean_views(0.4))
        .repo(
            RepoSpec::new(REPOS[2])
                .mean_views(20.0)
                .created("2026-03-07"),
        )
}

/// One pass a day; returns what was ever served.
fn collect(sim: &Sim, house: &House, passes: i32) -> Served {
    let mut served = Served::default();
    for pass in 0..passes {
        if pass > 0 {
            sim.advance_days(1);
        }
        for repo in REPOS {
            served.look(sim, repo);
        }
        house.go("sync").exits(0);
    }
    served
}

#[test]
fn forty_days_of_the_new_regime_are_kept_as_they_were() {
    let sim = three("2026-03-10T12:00:00Z").start_on_thread();
    let house = House::with(&sim);
    house.go("track octo/busy octo/quiet octo/young").exits(0);
    let served = collect(&sim, &house, 40);
    let exported = house.export();
    served.check(&exported);
    for repo in REPOS {
        let newest = sim.newest(repo, Metric::Views);
        assert_eq!(newest, Day::from("2026-04-17"));
        exported.is_true(&sim, repo, days("2026-02-24", newest));
        assert_eq!(exported.days(repo).len(), 40 - 1 + 14, "{repo}");
    }
    let zeros = exported
        .rows
        .values()
        .filter(|row| row.views == Some((0, 0)));
    assert!(zeros.count() > 10, "no quiet day was tested");
}

#[test]
fn forty_days_of_the_old_regime_keep_the_largest_values() {
    let sim = three("2025-10-10T12:00:00Z")
        .regime(Regime::Old)
        .start_on_thread();
    let house = House::with(&sim);
    house.go("track octo/busy octo/quiet octo/young").exits(0);
    let served = collect(&sim, &house, 40);
    let exported = house.export();
    served.check(&exported);
    // Everything but the first day, which was already shrinking, and the last two, which still
    // grow, is the whole truth.
    exported.is_true(&sim, REPOS[0], days("2025-09-27", "2025-11-16"));
    let today = sim.now().day();
    assert_eq!(exported.days_in(REPOS[0], "partial"), [today]);
    let missing = days("2025-09-27", "2025-11-10").filter(|day| {
        sim.truth(REPOS[1], Metric::Views, *day) == (0, 0)
            && exported
                .find(REPOS[1], *day)
                .is_some_and(|row| row.state == "measured" && row.views == Some((0, 0)))
    });
    assert!(missing.count() > 5, "no day that was left out is a zero");
}

#[test]
fn the_change_of_regime_loses_nothing() {
    let sim = github()
        .seed(5)
        .at("2025-12-20T10:00:00Z")
        .regime(Regime::as_it_was())
        .repo(RepoSpec::new("octo/busy").mean_views(80.0))
        .start_on_thread();
    let house = House::with(&sim);
    let mut served = Served::default();
    for _ in 0..24 {
        served.look(&sim, "octo/busy");
        house.go("sync octo/busy").exits(0);
        sim.advance_days(1);
    }
    let exported = house.export();
    served.check(&exported);
    exported.is_true(&sim, "octo/busy", days("2025-12-07", "2026-01-11"));
}

#[test]
fn a_second_pass_asks_nothing_and_adds_nothing() {
    let sim = three("2026-03-10T12:00:00Z").start_on_thread();
    let house = House::with(&sim);
    let first = house
        .run(&["sync", "--json", "octo/busy", "octo/quiet"])
        .exits(0)
        .json();
    assert_eq!(first["new_days"], 2 * 14);
    assert_eq!(first["repos"]["ok"], 2);
    assert_eq!(first["failures"].as_array().unwrap().len(), 0);
    assert_eq!(first["rate"]["limit"], 5000);
    assert_eq!(first["started_at"], "2026-03-10T12:00:00Z");
    let before = house.export();
    sim.clear_log();
    let second = house.go("sync --json").exits(0).json();
    assert_eq!(second["new_days"], 0);
    assert_eq!(second["repos"]["skipped"], 2);
    assert_eq!(sim.counters().traffic(), 0, "nothing was due");
    let third = house.go("sync --all --json").exits(0).json();
    assert_eq!(
        (&third["new_days"], &third["repos"]["ok"]),
        (&0.into(), &2.into())
    );
    assert_eq!(
        third["requests"]["not_modified"], 8,
        "unchanged answers are free"
    );
    assert_eq!(house.export(), before);
}

#[test]
fn a_pass_costs_four_requests_a_repository_and_one_look_up() {
    let sim = three("2026-03-10T12:00:00Z").start_on_thread();
    let house = House::with(&sim);
    house.go("track octo/busy octo/quiet octo/young").exits(0);
    for _ in 0..2 {
        sim.clear_log();
        house.go("sync --all").exits(0);
        let counters = sim.counters();
        assert_eq!(counters.traffic(), 12);
        assert!(counters.of(Endpoint::Repo) <= 3);
        assert!(counters.total <= 12 + 3 + 1, "{counters:?}");
    }
}

#[test]
fn an_outage_of_sixteen_days_costs_exactly_the_days_that_were_lost() {
    let sim = three("2026-03-10T12:00:00Z").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/busy").exits(0);
    house.go("gaps").exits(0);
    sim.advance_days(16);
    house
        .go("gaps")
        .exits(1)
        .shows(&["octo/busy", "2026-03-10", "2026-03-11"]);
    house.go("sync").exits(0);
    let exported = house.export();
    // Held to 03-09; answered on 03-26 are 03-12 to 03-25.
    let lost = [Day::from("2026-03-10"), Day::from("2026-03-11")];
    assert_eq!(exported.days_in("octo/busy", "gap"), lost);
    exported.is_true(&sim, "octo/busy", window("2026-03-09"));
    exported.is_true(&sim, "octo/busy", window("2026-03-25"));
    house
        .go("gaps")
        .exits(1)
        .shows(&["octo/busy", "2026-03-10"]);
    let told = house.go("gaps octo/busy --json").exits(1).json();
    let gap = &told[0]["gaps"][0];
    assert_eq!(told[0]["repo"], "octo/busy");
    assert_eq!(
        (&gap["from"], &gap["to"]),
        (&"2026-03-10".into(), &"2026-03-11".into())
    );
    house.go("show octo/busy").exits(0).shows(&["gap"]);
    house
        .go("show octo/busy --range 2026-03-01..2026-03-05")
        .exits(0);
    house
        .go("why octo/busy 2026-03-10")
        .exits(0)
        .shows(&["gap"]);
}

#[test]
fn an_outage_of_fourteen_days_costs_nothing() {
    let sim = three("2026-03-10T12:00:00Z").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/busy").exits(0);
    sim.advance_days(14);
    house.go("gaps").exits(0);
    house.go("sync").exits(0);
    house.go("gaps").exits(0);
    house
        .export()
        .is_true(&sim, "octo/busy", days("2026-02-24", "2026-03-23"));
}

#[test]
fn a_metric_that_is_published_later_is_empty_until_then() {
    let sim = three("2026-03-10T12:00:00Z").start_on_thread();
    sim.stall(gitratra_sim::Stall::new("octo/busy", "2026-03-09T00:00:00Z").metric(Metric::Clones));
    let house = House::with(&sim);
    house.go("sync octo/busy").exits(0);
    let exported = house.export();
    let row = exported.row("octo/busy", "2026-03-09");
    assert_eq!(row.state, "measured");
    assert_eq!(
        row.views,
        Some(sim.truth("octo/busy", Metric::Views, "2026-03-09"))
    );
    assert_eq!(row.clones, None, "not published is not zero");
    sim.end_stalls();
    sim.advance_secs(3600);
    house.go("sync").exits(0);
    house
        .export()
        .is_true(&sim, "octo/busy", window("2026-03-09"));
}

#[test]
fn every_format_tells_the_same_days() {
    let sim = three("2026-03-10T12:00:00Z").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/busy octo/quiet").exits(0);
    let expected = house.export();
    house.go("export daily -o days.csv").exits(0);
    assert_eq!(Exported::read(&house.read("days.csv")), expected);
    let json = house.go("export daily --format json").exits(0).json();
    assert_eq!(json.as_array().unwrap().len(), expected.rows.len());
    let lines = house.go("export daily --format jsonl").exits(0).out;
    for (line, ((repo, day), row)) in lines.lines().zip(&expected.rows) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["repo"], repo.as_str());
        assert_eq!(line["day"], day.to_string());
        let (views, uniques) = row.views.unwrap();
        assert_eq!(
            (&line["views"], &line["views_uniques"]),
            (&views.into(), &uniques.into())
        );
    }
    assert_eq!(lines.lines().count(), expected.rows.len());
    let v1 = house.go("export daily --format gitratra").exits(0).out;
    let (day, row) = (
        Day::from("2026-03-09"),
        expected.row("octo/busy", "2026-03-09"),
    );
    let (views, uniques) = row.views.unwrap();
    assert!(v1.starts_with("gitratra_v1\n>octo/busy\n#clones\n"), "{v1}");
    assert!(v1.contains(&format!("\n{day} {views} {uniques}\n")), "{v1}");
    let week = house
        .go("export daily --range 7d --repo octo/quiet")
        .exits(0)
        .out;
    let week = Exported::read(&week);
    assert_eq!(week.repos(), ["octo/quiet"]);
    assert_eq!(week.days("octo/quiet").len(), 7);
}
