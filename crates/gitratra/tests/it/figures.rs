//! The commands that set figures against each other, and those that write them down.

use gitratra_sim::{AssetSpec, Daily, Metric, ReleaseSpec, RepoSpec, Sim};
use serde_json::Value;

use crate::house::{House, github};

const REPO: &str = "octo/tool";
const OTHER: &str = "octo/other";

fn two() -> Sim {
    let release = ReleaseSpec::new("v1.0")
        .published("2026-03-01T12:00:00Z")
        .asset(AssetSpec::new("tool-linux-x64.tar.gz").downloads(Daily::Steady(12)))
        .asset(AssetSpec::new("=cmd.exe").downloads(Daily::Steady(3)));
    let tool = RepoSpec::new(REPO)
        .created("2024-01-01T00:00:00Z")
        .mean_views(40.0)
        .stars(80)
        .release(release)
        .workflow_runs(Daily::cycle("2026-03-01", &[2, 0, 5]), 3);
    let other = RepoSpec::new(OTHER).mean_views(15.0).stars(5);
    github().seed(3).repo(tool).repo(other).start_on_thread()
}

/// A house that read both once a day.
fn reader(sim: &Sim, days: usize) -> House {
    let house = House::with(sim).set("GITRATRA_WORKFLOW_RUNS", REPO);
    house.go(&format!("track {REPO} {OTHER}")).exits(0);
    for day in 0..days {
        if day > 0 {
            sim.advance_days(1);
        }
        house.go("sync").exits(0);
    }
    house
}

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("no number: {value}"))
}

fn lines(house: &House, what: &str) -> Vec<Value> {
    let json = house
        .go(&format!("export {what} --format json"))
        .exits(0)
        .json();
    json.as_array().unwrap().clone()
}

#[test]
fn every_table_is_written_with_the_kind_of_its_figures() {
    let sim = two();
    let house = reader(&sim, 20);
    for (what, kind, least) in [
        ("weekly", "measured", 4),
        ("windows", "measured", 40),
        ("referrers", "rolling", 40),
        ("paths", "rolling", 100),
        ("counters", "measured", 40),
        ("downloads", "measured", 10),
    ] {
        let rows = lines(&house, what);
        assert!(rows.len() >= least, "{what}: {}", rows.len());
        for row in &rows {
            assert_eq!(row["kind"], kind, "{what}: {row}");
            assert!(row["repo"] == REPO || row["repo"] == OTHER, "{row}");
        }
    }
    let stars = lines(&house, "stars");
    let is_kind = |row: &Value| row["kind"] == "measured" || row["kind"] == "bounds";
    assert!(!stars.is_empty() && stars.iter().all(is_kind));
    assert!(stars.iter().any(|row| row["given"].is_u64()), "the past");
    assert!(
        stars.iter().any(|row| row["change"].is_i64()),
        "the present"
    );
    for week in lines(&house, "weekly") {
        let sum: u64 = lines(&house, "daily")
            .iter()
            .filter(|day| day["repo"] == week["repo"])
            .filter(|day| {
                let day = day["day"].as_str().unwrap();
                week["from"].as_str().unwrap() <= day && day <= week["to"].as_str().unwrap()
            })
            .map(|day| number(&day["views"]))
            .sum();
        assert_eq!(number(&week["views"]), sum, "{week}");
    }
}

#[test]
fn a_folder_takes_all_tables_and_a_spreadsheet_takes_no_formula() {
    let sim = two();
    let house = reader(&sim, 4);
    house.go("export all").exits(2).says(&["-o DIR"]);
    house
        .go("export weekly --format gitratra")
        .exits(2)
        .says(&["export daily"]);
    house.go("export all -o out").exits(0);
    for what in [
        "daily",
        "weekly",
        "windows",
        "referrers",
        "paths",
        "counters",
        "stars",
        "downloads",
    ] {
        let text = house.read(&format!("out/{what}.csv"));
        assert!(text.starts_with("repo,"), "{what}: {text}");
        let same = house.go(&format!("export {what}")).exits(0).out;
        assert_eq!(text, same, "{what}");
    }
    let downloads = house.read("out/downloads.csv");
    assert!(downloads.contains(",'=cmd.exe,windows,"), "{downloads}");
    assert!(downloads.contains(",tool-linux-x64.tar.gz,linux x86-64,"));
    let rows = lines(&house, "downloads");
    assert!(rows.iter().any(|row| row["file"] == "=cmd.exe"));
    house
        .go("export referrers --repo octo/nobody")
        .exits(0)
        .says(&["octo/nobody"]);
}

#[test]
fn downloads_are_told_by_platform_and_own_rules_go_first() {
    let sim = two();
    let house = reader(&sim, 6);
    let shown = |house: &House| {
        house
            .go(&format!(
                "show {REPO} --metric downloads --json --range all"
            ))
            .exits(0)
            .json()["downloads"]
            .clone()
    };
    let downloads = shown(&house);
    let platforms = downloads["platforms"].as_array().unwrap();
    assert_eq!(platforms[0]["platform"], "linux x86-64");
    assert_eq!(platforms[0]["platform_kind"], "estimate");
    let files: u64 = downloads["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| number(&file["at_least"]))
        .sum();
    assert_eq!(number(&downloads["at_least"]), files);
    assert!(number(&platforms[0]["at_most"]) >= 12 * 4, "{downloads}");
    house
        .go(&format!("show {REPO} --metric downloads"))
        .exits(0)
        .shows(&["linux x86-64", "tool-linux-x64.tar.gz", "v1.0"]);
    house.write(
        "config/gitratra/config.toml",
        "platform_rules = [\"*.exe = macos arm64\"]\n",
    );
    let platforms = shown(&house)["platforms"].clone();
    assert_eq!(platforms[1]["platform"], "macos arm64");
    house.write(
        "config/gitratra/config.toml",
        "platform_rules = [\"*.exe = beos\"]\n",
    );
    house
        .go(&format!("show {REPO} --metric downloads"))
        .exits(2)
        .says(&["platform_rules", "beos"]);
}

#[test]
fn clones_by_machines_are_an_estimate_beside_the_raw_number() {
    let sim = two();
    let house = reader(&sim, 30);
    let shown = house
        .go(&format!("show {REPO} --json --metric clones --range 14d"))
        .exits(0)
        .json();
    let machines = &shown["clones_by_machines"];
    assert_eq!(machines["kind"], "estimate", "{machines}");
    let (least, most) = (number(&machines["at_least"]), number(&machines["at_most"]));
    let newest = sim.newest(REPO, Metric::Clones);
    let truth: u64 = (0..14).map(|n| sim.runs(REPO, newest.plus(-n)).1).sum();
    assert!(least <= truth && truth <= most, "{machines} {truth}");
    let clones = number(&shown["metrics"][0]["count"]);
    let counted: u64 = (0..14)
        .map(|n| sim.truth(REPO, Metric::Clones, newest.plus(-n)).0)
        .sum();
    assert_eq!(clones, counted, "nothing is taken off");
    house
        .go(&format!("show {REPO} --metric clones"))
        .shows(&["estimate: workflow runs explain"]);
    let other = house.go(&format!("show {OTHER} --json")).json();
    assert!(other["clones_by_machines"].is_null());
}

#[test]
fn stars_and_forks_are_told_by_step_with_what_was_lost() {
    let sim = two();
    let house = reader(&sim, 12);
    let stars = house
        .go(&format!("show {REPO} --metric stars --json --range 7d"))
        .exits(0)
        .json()["stars"]
        .clone();
    assert!(stars["change"].is_i64(), "{stars}");
    assert_eq!(stars["change_kind"], "measured");
    let steps = stars["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["total"].is_u64()), "{stars}");
    house
        .go(&format!("show {REPO} --metric stars"))
        .exits(0)
        .shows(&["STARS", "given", "lost", "total"]);
    house
        .go(&format!("show {REPO} --metric forks"))
        .exits(0)
        .shows(&["FORKS", "change"]);
    house
        .go("show --metric stars")
        .exits(2)
        .says(&["name a repository"]);
}

#[test]
fn two_repositories_stand_side_by_side_with_the_figures_that_each_has_alone() {
    let sim = two();
    let house = reader(&sim, 10);
    let both = house
        .go(&format!("compare {REPO} {OTHER} --json"))
        .exits(0)
        .json();
    for (at, name) in [REPO, OTHER].into_iter().enumerate() {
        let alone = house.go(&format!("show {name} --json")).exits(0).json();
        assert_eq!(both[at]["repo"], name);
        assert_eq!(both[at]["metrics"], alone["metrics"], "{name}");
    }
    house
        .go(&format!("compare {REPO} {OTHER} --by week"))
        .exits(0)
        .shows(&["VIEWS", "CLONES", REPO, OTHER, "week from"]);
    house
        .go(&format!("compare {REPO} OCTO/tool"))
        .exits(2)
        .says(&["named twice"]);
    house.go(&format!("compare {REPO}")).exits(2);
}

#[test]
fn the_top_is_ranked_by_what_each_brought() {
    let sim = two();
    let house = reader(&sim, 10);
    let top = house.go("top --json --range 14d").exits(0).json();
    let top = top.as_array().unwrap();
    assert_eq!(top.len(), 2);
    assert_eq!(
        (&top[0]["repo"], &top[0]["rank"]),
        (&REPO.into(), &1.into())
    );
    for line in top {
        assert_eq!(line["kind"], "measured");
        assert_eq!(line["days_measured"], 14);
        let name = line["repo"].as_str().unwrap();
        let alone = house.go(&format!("show {name} --json --range 14d")).json();
        assert_eq!(line["count"], alone["metrics"][0]["count"]);
    }
    let one = house.go("top --json -n 1 --metric clones").exits(0).json();
    assert_eq!(one.as_array().unwrap().len(), 1);
    house
        .go("top -n 1")
        .exits(0)
        .shows(&["VIEWS by total", "and 1 more"]);
    for order in ["per-day", "rising", "falling", "quiet"] {
        house.go(&format!("top --order {order}")).exits(0);
    }
    let new = House::with(&sim);
    assert_eq!(
        new.go("top --json").exits(0).json(),
        Value::Array(Vec::new())
    );
}

#[test]
fn a_spike_is_found_with_the_note_about_its_day() {
    let sim = two();
    let spike = sim.newest(OTHER, Metric::Views).plus(25);
    sim.pin(OTHER, Metric::Views, spike, (900, 300));
    let house = reader(&sim, 34);
    house
        .run(&["note", "add", OTHER, &spike.to_string(), "on a front page"])
        .exits(0);
    let spikes = house
        .go(&format!("spikes {OTHER} --json --metric views"))
        .exits(0)
        .json();
    let found = spikes.as_array().unwrap().iter();
    let found: Vec<_> = found
        .filter(|found| found["peak"] == spike.to_string())
        .collect();
    assert_eq!(found.len(), 1, "{spikes}");
    assert_eq!(
        (&found[0]["count"], &found[0]["kind"]),
        (&900.into(), &"measured".into())
    );
    assert_eq!(found[0]["usual_kind"], "estimate");
    let note = &found[0]["moved"][0];
    assert_eq!(
        (&note["what"], &note["confidence"]),
        (&"note".into(), &"likely".into())
    );
    house
        .go("spikes")
        .exits(0)
        .shows(&[OTHER, "900 views", "likely", "on a front page"]);
}

#[test]
fn notes_are_added_listed_and_removed() {
    let sim = two();
    let house = reader(&sim, 1);
    house.go("note list").exits(0).says(&["there are no notes"]);
    let add = ["note", "add", REPO, "2026-03-05", "moved house"];
    house.run(&add).exits(0).says(&["note 1"]);
    house.run(&add).exits(0).says(&["note 1"]);
    house
        .run(&["note", "add", OTHER, "2026-03-06", "b"])
        .exits(0);
    let all = house.go("note list --json").exits(0).json();
    assert_eq!(all.as_array().unwrap().len(), 2);
    let listed = house.go(&format!("note list {REPO}")).exits(0);
    listed.shows(&["2026-03-05", "moved house"]);
    house.go(&format!("note remove {REPO} 1")).exits(0);
    house
        .go(&format!("note remove {REPO} 1"))
        .exits(2)
        .says(&["note list"]);
    house
        .run(&["note", "add", REPO, "2026-03-05", "two\nlines"])
        .exits(2)
        .says(&["line break"]);
    house.run(&["note", "add", REPO, "yesterday", "x"]).exits(2);
}

#[test]
fn show_tells_what_happened_and_how_it_changes() {
    let sim = two();
    let house = reader(&sim, 40);
    let newest = sim.newest(REPO, Metric::Views);
    let day = newest.plus(-3).to_string();
    house.run(&["note", "add", REPO, &day, "moved"]).exits(0);
    let shown = house
        .go(&format!("show {REPO} --json --range 35d"))
        .exits(0)
        .json();
    let marks = shown["marks"].as_array().unwrap();
    assert_eq!(marks.len(), 1, "the release is older: {marks:?}");
    assert_eq!(
        (&marks[0]["what"], &marks[0]["text"]),
        (&"note".into(), &"moved".into())
    );
    assert_eq!(shown["profile"]["visibility"], "public");
    let views = &shown["metrics"][0];
    let week = &views["momentum"]["week"];
    let brought = |from: i32, days: i32| -> u64 {
        let days = (0..days).map(|n| sim.truth(REPO, Metric::Views, newest.plus(-from - n)).0);
        days.sum()
    };
    assert_eq!(week["count_now"], brought(0, 7));
    assert_eq!(week["count_before"], brought(7, 7));
    assert_eq!(week["days_compared"], 7);
    let weekdays = views["weekdays"].as_array().unwrap();
    assert_eq!(weekdays.len(), 7);
    assert!(weekdays.iter().all(|one| one["kind"] == "estimate"));
    assert!(weekdays.iter().all(|one| one["median"].is_number()));
    house
        .go(&format!("show {REPO} --range all"))
        .exits(0)
        .shows(&["note moved", "release v1.0"]);
}
