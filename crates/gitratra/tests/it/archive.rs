//! Whole histories out and in: archives give everything back, and stores that are joined know what
//! all of them knew, whoever joined whom.

use std::collections::BTreeMap;
use std::path::Path;

use gitratra_sim::{AssetSpec, ReleaseSpec, RepoSpec, Sim};

use crate::house::{House, Ran, github};
use crate::postgres::Database;

/// All files below a folder but git's own, with what is in them.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == ".git" {
            continue;
        }
        if path.is_dir() {
            let inner = files(&path).into_iter();
            found.extend(inner.map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, std::fs::read(&path).unwrap());
        }
    }
    found
}

/// Demands the same files with the same bytes.
#[track_caller]
pub(crate) fn are_the_same(one: &Path, other: &Path) {
    let (one, other) = (files(one), files(other));
    let names =
        |files: &BTreeMap<String, Vec<u8>>| -> Vec<String> { files.keys().cloned().collect() };
    assert_eq!(names(&one), names(&other));
    for (name, bytes) in &one {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            *bytes == other[name],
            "{name} differs:\n{}\n---\n{}",
            text(bytes),
            text(&other[name])
        );
    }
}

/// Reads an archive into a database while GitHub cannot be reached.
fn restore(house: &House, archive: &str, db: &str) -> Ran {
    let ran = house.run(&[
        "--db",
        db,
        "--api-url",
        "http://127.0.0.1:1",
        "sync",
        "--archive",
        archive,
    ]);
    ran.says(&["cannot be reached"]).exits(1)
}

#[test]
fn a_database_that_is_made_from_an_archive_exports_and_archives_the_same() {
    let house = House::empty().set("GITRATRA_TOKEN", "ghp_any");
    house.go("--db demo.db demo --no-web").exits(0);
    let database = Database::create();
    house.go("--db demo.db archive first").exits(0);
    let again = house
        .go("--db demo.db archive first --json")
        .exits(0)
        .json();
    assert_eq!(again["files_written"], 0, "{again}");
    assert_eq!(again["repositories"], 6);
    let export = |db: &str, to: &str| {
        house
            .run(&["--db", db, "export", "all", "--format", "csv", "-o", to])
            .exits(0);
    };
    export("demo.db", "exported");
    let gaps = |db: &str| house.run(&["--db", db, "gaps", "--json"]).json();
    for (number, db) in ["copy.db", database.url.as_str()].into_iter().enumerate() {
        restore(&house, "first", db);
        let (archive, exported) = (format!("archive-{number}"), format!("exported-{number}"));
        house.run(&["--db", db, "archive", &archive]).exits(0);
        are_the_same(&house.path("first"), &house.path(&archive));
        export(db, &exported);
        are_the_same(&house.path("exported"), &house.path(&exported));
        assert_eq!(gaps(db), gaps("demo.db"));
    }
    // A name from before the rename still leads to its repository.
    let names = house.read("first/repositories.txt");
    assert!(names.contains("octo/"), "{names}");
}

#[test]
fn an_archive_of_others_is_not_written_over() {
    let sim = github()
        .seed(5)
        .repo("octo/a")
        .repo("octo/b")
        .start_on_thread();
    let house = House::with(&sim);
    house.go("--db a.db sync octo/a").exits(0);
    house.go("--db b.db sync octo/b").exits(0);
    house.go("--db a.db archive folder").exits(0);
    let before = files(&house.path("folder"));
    house.go("--db b.db archive folder").exits(2).says(&[
        "octo/a",
        "import --from archive",
        "--prune",
    ]);
    assert!(files(&house.path("folder")) == before);
    house.write("folder/README.md", "mine");
    house.go("--db b.db archive folder --prune").exits(0);
    let names = house.read("folder/repositories.txt");
    assert!(
        names.contains("octo/b") && !names.contains("octo/a"),
        "{names}"
    );
    assert_eq!(house.read("folder/README.md"), "mine");
}

#[test]
fn a_line_that_is_no_fact_ends_it_with_its_place_and_nothing_is_asked() {
    let sim = github().seed(5).repo("octo/a").start_on_thread();
    let house = House::with(&sim);
    house.go("--db a.db sync octo/a").exits(0);
    house.go("--db a.db archive folder").exits(0);
    let id = sim.repo_id("octo/a");
    let name = format!("folder/{id}/2026.txt");
    let text = house.read(&name);
    for (line, word) in [
        ("<<<<<<< HEAD\n", "merge that was not ended"),
        ("2026-01-01\tviews\t1\n", "the line ends"),
    ] {
        house.write(&name, format!("{text}{line}"));
        let before = sim.counters().traffic();
        house
            .go("sync --archive folder octo/a")
            .exits(2)
            .says(&["2026.txt", "line ", "column ", word]);
        assert_eq!(sim.counters().traffic(), before);
    }
}

fn fleet() -> Sim {
    let release = ReleaseSpec::new("v1").asset(AssetSpec::new("tool.zip"));
    let one = RepoSpec::new("octo/one")
        .mean_views(9.0)
        .stars(30)
        .release(release);
    github()
        .seed(12)
        .repo(one)
        .repo(RepoSpec::new("octo/two").mean_views(2.0))
        .start_on_thread()
}

#[test]
fn databases_join_in_any_order_and_twice_to_the_same_archive() {
    let sim = fleet();
    let house = House::with(&sim);
    // Three machines that see different days, in a different order, at different hours.
    for (db, rest) in [
        ("a.db", 3),
        ("b.db", 9),
        ("c.db", 21),
        ("a.db", 8),
        ("c.db", 5),
    ] {
        house
            .run(&["--db", db, "sync", "octo/one", "octo/two"])
            .exits(0);
        house.run(&[
            "--db",
            db,
            "note",
            "add",
            "octo/one",
            "2026-03-01",
            &format!("seen by {db}"),
        ]);
        sim.advance_days(rest);
        sim.advance_secs(3_600 * 5);
    }
    for (number, order) in [["a", "b", "c"], ["c", "b", "a"], ["b", "c", "a"]]
        .iter()
        .enumerate()
    {
        let all = format!("all-{number}.db");
        for one in order {
            let ran = house.run(&["--db", &all, "merge", &format!("{one}.db"), "--json"]);
            let told = ran.exits(0).json();
            assert!(told["changed_repositories"].as_u64().unwrap() > 0, "{told}");
        }
        let again = house
            .run(&["--db", &all, "merge", "b.db", "--json"])
            .exits(0)
            .json();
        assert_eq!(again["changed_repositories"], 0, "{again}");
        assert_eq!(again["rules_and_groups"], 0, "{again}");
        let archive = format!("archive-{number}");
        house.run(&["--db", &all, "archive", &archive]).exits(0);
        are_the_same(&house.path("archive-0"), &house.path(&archive));
        let export = house.run(&["--db", &all, "export", "daily"]).exits(0).out;
        let first = house
            .run(&["--db", "all-0.db", "export", "daily"])
            .exits(0)
            .out;
        assert_eq!(export, first);
    }
}

#[test]
fn a_dry_run_says_what_would_come_and_changes_nothing() {
    let sim = fleet();
    let house = House::with(&sim);
    house.go("--db a.db sync octo/one").exits(0);
    sim.advance_days(3);
    house.go("--db b.db sync octo/one octo/two").exits(0);
    let before = house.run(&["--db", "a.db", "export", "daily"]).out;
    let would = house
        .go("--db a.db merge b.db --dry-run --json")
        .exits(0)
        .json();
    assert_eq!(house.run(&["--db", "a.db", "export", "daily"]).out, before);
    let came = house.go("--db a.db merge b.db --json").exits(0).json();
    for key in [
        "new_repositories",
        "new_days",
        "raised_days",
        "lists",
        "rules_and_groups",
    ] {
        assert_eq!(would[key], came[key], "{key}");
    }
    assert_eq!(came["new_repositories"], 1);
    assert!(came["new_days"].as_u64().unwrap() >= 3, "{came}");
    let ran = house.go("--db a.db merge b.db").exits(0);
    ran.says(&["nothing new"]);
}

#[test]
fn what_cannot_be_joined_is_told() {
    let house = House::empty();
    house
        .go("--db a.db merge b.db")
        .exits(2)
        .says(&["b.db", "no database"]);
    assert!(!house.path("b.db").exists());
    house.go("--db a.db track octo/a").exits(0);
    house
        .go("--db a.db merge a.db")
        .exits(2)
        .says(&["the database itself"]);
    house.write("notes.txt", "my notes, which are no database at all");
    house
        .go("--db a.db merge notes.txt")
        .exits(2)
        .says(&["notes.txt"]);
}

#[test]
fn a_poorer_database_takes_nothing_from_an_archive() {
    let sim = github().seed(5).repo("octo/a").start_on_thread();
    let house = House::with(&sim);
    house.go("--db old.db sync octo/a").exits(0);
    sim.advance_days(40);
    house.go("--db new.db sync octo/a").exits(0);
    house.go("--db old.db archive folder").exits(0);
    house.go("--db new.db archive folder").exits(0);
    let both = files(&house.path("folder"));
    // Without its mark it is an archive all the same.
    std::fs::remove_file(house.path("folder/gitratra-archive.txt")).unwrap();
    house.go("--db new.db archive folder").exits(0);
    assert!(files(&house.path("folder")) == both);
    house.go("--db all.db import folder").exits(0);
    let days = |database: &str| {
        let ran = house.run(&["--db", database, "export", "daily"]).exits(0);
        ran.out
            .lines()
            .filter(|line| line.ends_with("measured"))
            .count()
    };
    assert_eq!(days("all.db"), days("old.db") + days("new.db"));
    assert!(days("old.db") >= 14);
    // To be pruned means to be what the database holds.
    house.go("--db new.db archive folder --prune").exits(0);
    assert!(files(&house.path("folder")) != both);
}

#[test]
fn a_repository_that_lost_a_file_is_not_passed_over() {
    let sim = github().seed(5).repo("octo/a").start_on_thread();
    let house = House::with(&sim);
    house.go("--db a.db sync octo/a").exits(0);
    house.go("--db a.db archive folder").exits(0);
    let id = sim.repo_id("octo/a");
    let lost = house.path(&format!("folder/{id}/repository.txt"));
    std::fs::remove_file(lost).unwrap();
    house
        .go("--db b.db import --from archive folder")
        .exits(2)
        .says(&["repository.txt"]);
}
