//! Moving in: files of other tools, joined with what GitHub says, and nothing written that was not
//! read to its end.

use std::fmt::Write as _;

use gitratra_sim::{Metric, RepoSpec, Sim};

use crate::house::{House, github};

fn one(at: &str) -> Sim {
    github()
        .at(at)
        .repo(RepoSpec::new("octo/busy").mean_views(300.0))
        .start_on_thread()
}

/// The original tool's text, in which only the name and the days of views matter.
fn v1(name: &str, days: &[(&str, u64)]) -> String {
    let mut text = format!("gitratra_v1\n>{name}\n#clones\n#views\n");
    for (day, n) in days {
        writeln!(text, "{day} {n} {}", n.div_ceil(2)).unwrap();
    }
    text
}

#[test]
fn a_history_from_a_file_joins_the_repository_that_github_confirms() {
    let sim = one("2026-03-10T12:00:00Z");
    let house = House::with(&sim);
    house.write("out.txt", v1("octo/busy", &[("2026-02-01", 7)]));
    house
        .go("import out.txt")
        .exits(0)
        .says(&["gitratra track octo/busy"])
        .shows(&["octo/busy"]);
    let before = house.export();
    assert_eq!(before.rows.len(), 1);
    house.go("sync octo/busy").exits(0);
    let after = house.export();
    let days = after.days("octo/busy");
    assert_eq!(
        days.first().map(ToString::to_string).as_deref(),
        Some("2026-02-01")
    );
    assert_eq!(days.last(), Some(&sim.newest("octo/busy", Metric::Views)));
    let repos = house.go("repos --json").exits(0).json();
    assert_eq!(repos.as_array().map(Vec::len), Some(1), "{repos}");
    // Once more into the store that knows it by its number.
    house.go("import out.txt").exits(0).shows(&["nothing new"]);
    assert_eq!(house.export(), after);
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_changes_nothing() {
    let house = House::empty();
    house.write("good.txt", v1("octo/busy", &[("2026-02-01", 7)]));
    house.write(
        "bad.txt",
        v1("octo/busy", &[("2026-02-02", 7)]) + "2026-02-0",
    );
    house
        .go("import good.txt bad.txt")
        .exits(2)
        .says(&["bad.txt", "line 6, column 1"]);
    assert!(house.export().rows.is_empty());
}

#[test]
fn a_dry_run_says_what_would_come_and_writes_nothing() {
    let house = House::empty();
    house.write(
        "one.txt",
        v1("octo/busy", &[("2026-02-01", 7), ("2026-02-02", 9)]),
    );
    let dry = house.go("import one.txt --dry-run --json").exits(0).json();
    assert_eq!(dry["files"][0]["repos"][0]["added"], 2);
    assert_eq!(dry["dry_run"], true);
    assert!(house.export().rows.is_empty());
    house.go("import one.txt").exits(0);
    house.write(
        "two.txt",
        v1(
            "octo/busy",
            &[("2026-02-01", 8), ("2026-02-02", 4), ("2026-02-03", 1)],
        ),
    );
    let before = house.export();
    let ran = house.go("import two.txt --dry-run").exits(0).shows(&[
        "2026-02-01: 8 (4) in the file, 7 (4) held; raised",
        "2026-02-02: 4 (2) in the file, 9 (5) held; contradicted",
    ]);
    assert!(ran.out.contains("1 repository would change"), "{}", ran.out);
    assert_eq!(house.export(), before);
    let wet = house.go("import two.txt --json").exits(0).json();
    let repo = &wet["files"][0]["repos"][0];
    assert_eq!(
        (&repo["added"], &repo["raised"], &repo["contradicted"]),
        (&1.into(), &1.into(), &1.into())
    );
    house
        .go("why octo/busy 2026-02-02")
        .exits(0)
        .shows(&["two.txt", "one.txt", "not told"]);
}

#[test]
fn a_name_without_an_owner_has_to_be_given_one() {
    let house = House::empty();
    house.write("out.txt", v1("busy", &[("2026-02-01", 7)]));
    house
        .go("import out.txt")
        .exits(2)
        .says(&["--owner OWNER", "busy"]);
    house.go("import out.txt --owner octo").exits(0);
    // Now there is one of that name.
    house.go("import out.txt").exits(0).shows(&["nothing new"]);
}

#[test]
fn an_owner_that_is_said_beats_one_that_only_a_folder_tells() {
    let house = House::empty();
    let table = "_date,total_views,unique_views\n2026-02-01,3,2\n";
    house.write("kept/backups/alpha/traffic/views.csv", table);
    house.go("import kept --owner octo").exits(0);
    assert_eq!(house.export().repos(), ["octo/alpha"]);
    house.go("import kept --repo octo/beta").exits(0);
    assert_eq!(house.export().repos(), ["octo/alpha", "octo/beta"]);
    // Where nobody says anything, the folders do.
    house.go("import kept").exits(0);
    let all = ["backups/alpha", "octo/alpha", "octo/beta"];
    assert_eq!(house.export().repos(), all);
}

#[test]
fn what_is_said_of_nobody_is_refused() {
    let house = House::empty();
    house.write("out.txt", v1("octo/busy", &[("2026-02-01", 7)]));
    for said in ["--owner acme", "--repo octo/other"] {
        house.go(&format!("import out.txt {said}")).exits(2).says(&[
            said,
            "octo/busy",
            "leave it away",
        ]);
    }
    assert!(house.export().rows.is_empty());
    house.go("import out.txt --owner octo").exits(0);
    house.go("import out.txt --repo octo/busy").exits(0);
}

#[test]
fn several_files_come_all_or_not_at_all() {
    let house = House::empty();
    house.write("good.txt", v1("octo/busy", &[("2026-02-01", 7)]));
    house.write("bare.txt", v1("quiet", &[("2026-02-01", 7)]));
    house
        .go("import good.txt bare.txt")
        .exits(2)
        .says(&["bare.txt", "--owner OWNER"]);
    assert!(house.export().rows.is_empty());
    // A name that one file tells is known to the next.
    house.write("more.txt", v1("busy", &[("2026-02-02", 7)]));
    house.go("import good.txt more.txt").exits(0);
    assert_eq!(house.export().days("octo/busy").len(), 2);
}

#[test]
fn a_day_that_cannot_have_begun_is_refused() {
    let house = House::empty();
    house.write(
        "out.txt",
        v1("octo/busy", &[("2026-02-01", 7), ("2199-01-01", 1)]),
    );
    house
        .go("import out.txt")
        .exits(2)
        .says(&["octo/busy", "2199-01-01", "had not begun"]);
    assert!(house.export().rows.is_empty());
}

#[test]
fn what_only_a_file_told_of_is_asked_of_github_by_nobody() {
    let sim = one("2026-03-10T12:00:00Z");
    let house = House::with(&sim);
    house.write("out.txt", v1("octo/gone", &[("2026-02-01", 7)]));
    house.go("import out.txt").exits(0);
    house.go("track octo/*").exits(0);
    house.go("sync").exits(0);
    // Numbers of ours have nineteen digits.
    let is_ours = |target: &str| {
        target
            .split(|c: char| !c.is_ascii_digit())
            .any(|digits| digits.len() >= 19)
    };
    let asked = sim.log();
    assert!(asked.len() > 5, "{asked:?}");
    assert!(
        !asked.iter().any(|request| is_ours(&request.target)),
        "{asked:?}"
    );
    assert_eq!(house.export().days("octo/gone").len(), 1);
}

#[test]
fn whatever_is_exported_comes_in_again_as_it_was() {
    let sim = github()
        .at("2026-03-10T12:00:00Z")
        .repo(RepoSpec::new("octo/busy").mean_views(300.0))
        .repo(RepoSpec::new("octo/quiet").mean_views(0.4))
        .start_on_thread();
    let house = House::with(&sim);
    house.go("track octo/busy octo/quiet").exits(0);
    for _ in 0..3 {
        house.go("sync").exits(0);
        sim.advance_days(20);
    }
    let before = house.go("export daily").exits(0).out;
    assert!(before.contains(",gap\n"), "no gap was tested");
    for format in ["gitratra", "csv", "json", "jsonl"] {
        let file = house.path(&format!("days.{format}"));
        let file = file.to_str().unwrap();
        house
            .run(&["export", "daily", "--format", format, "-o", file])
            .exits(0);
        let other = House::empty();
        other.run(&["import", file]).exits(0);
        assert_eq!(other.go("export daily").exits(0).out, before, "{format}");
    }
}
