//! The machine: its clock, its network, its store and its disk.

use std::process::Command;

use serde_json::Value;

use crate::house::{House, Ran, finish, github};

use super::{check, here, set_mode, told};

/// Root may write everywhere, so the program runs as somebody else where that is possible.
fn as_nobody(house: &House, args: &[&str]) -> Ran {
    let inner = house.command(args);
    let mut command = if rustix::process::getuid().is_root() {
        let mut command = Command::new("/usr/bin/setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(inner.get_program());
        command
    } else {
        Command::new(inner.get_program())
    };
    command
        .args(inner.get_args())
        .current_dir(house.folder())
        .env_clear();
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap());
    }
    finish(command, "")
}

#[test]
fn a_clock_that_is_wrong_is_told_and_not_believed() {
    // The simulation's clock stands in March.
    let sim = github().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha").exits(0);
    let report = house.go("doctor --json").exits(1).json();
    told(
        &report,
        "github",
        "clock",
        "warn",
        "days ahead of GitHub's",
        "set this machine's clock",
    );
    assert_eq!(report["now"], "2026-03-10T12:00:00Z");
    assert_eq!(report["repos"][0]["days_safe"], 15);
    told(
        &report,
        "days",
        "octo/alpha",
        "ok",
        "its day 2026-03-10 is lost on 2026-03-25, 15 days are left",
        "",
    );
    assert_eq!(
        report["first_loss"],
        serde_json::json!({"repo": "octo/alpha", "day": "2026-03-10", "on": "2026-03-25"})
    );
}

#[test]
fn a_store_that_cannot_be_written_is_told() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    set_mode(house.folder(), 0o755);
    house
        .run(&["--db", "kept.db", "sync", "octo/alpha"])
        .exits(0);
    let store = rusqlite::Connection::open(house.path("kept.db")).unwrap();
    store.pragma_update(None, "journal_mode", "delete").unwrap();
    drop(store);
    set_mode(&house.path("kept.db"), 0o444);
    set_mode(house.folder(), 0o555);
    let ran = as_nobody(&house, &["--db", "kept.db", "doctor", "--json"]);
    set_mode(house.folder(), 0o755);
    let report = ran.exits(1).json();
    let all = report["checks"].as_array().unwrap().iter();
    let bad: Vec<&Value> = all
        .filter(|check| check["area"] == "store" && check["state"] == "bad")
        .collect();
    assert_eq!(bad.len(), 1, "{report:#}");
    assert!(
        bad[0]["found"].as_str().unwrap().contains("kept.db"),
        "{report:#}"
    );
    assert!(
        bad[0]["action"].as_str().unwrap().starts_with("check "),
        "{report:#}"
    );
}

#[test]
fn a_place_where_no_store_can_be_made_is_told() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    set_mode(house.folder(), 0o555);
    let ran = as_nobody(
        &house,
        &["--db", "new.db", "doctor", "octo/alpha", "--json"],
    );
    set_mode(house.folder(), 0o755);
    let report = ran.exits(1).json();
    told(
        &report,
        "store",
        "place",
        "bad",
        "\"new.db\" is not there yet, and its folder cannot be written",
        "name another place",
    );
}

#[test]
fn without_its_store_nothing_is_said_of_losses() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim).set("GITRATRA_DB", "postgres://me:hunter2@127.0.0.1:1/x");
    for words in ["doctor --json", "doctor octo/alpha --json"] {
        let ran = house.go(words).exits(1);
        assert!(!ran.out.contains("hunter2"), "{}", ran.out);
        let report = ran.json();
        let action = "check that the server runs";
        told(&report, "store", "place", "bad", "cannot reach", action);
        told(&report, "days", "first loss", "unknown", "not known", "");
        assert!(report["first_loss"].is_null());
        for repo in report["repos"].as_array().unwrap() {
            assert!(repo["next_day_lost_on"].is_null(), "{repo}");
        }
    }
    let report = house.go("doctor --json").exits(1).json();
    told(&report, "repositories", "none", "unknown", "not known", "");
}

#[test]
fn what_is_no_store_is_told_and_left_as_it_is() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.write("letter.txt", "Dear octopus,\n".repeat(200));
    let before = house.read("letter.txt");
    let report = house
        .go("--db letter.txt doctor octo/alpha --json")
        .exits(1)
        .json();
    told(
        &report,
        "store",
        "place",
        "bad",
        "is no store",
        "name another place",
    );
    told(
        &report,
        "repositories",
        "octo/alpha",
        "ok",
        "can be read",
        "",
    );
    assert_eq!(house.read("letter.txt"), before);
}

#[test]
fn room_on_the_disk_is_told() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha").exits(0);
    let report = house.go("doctor --json").exits(0).json();
    told(&report, "store", "disk", "ok", " are free", "");
    told(&report, "store", "place", "ok", "SQLite, ", "");
    told(&report, "store", "writing", "ok", "it can be written", "");
    told(&report, "store", "last stored", "ok", " UTC", "");
}

#[test]
fn without_github_nothing_can_be_told_and_losses_still_are() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    house.go("sync octo/alpha").exits(0);
    drop(sim);
    let house = house.set("GITRATRA_API_URL", "http://127.0.0.1:1");
    let report = house.go("doctor --json").exits(2).json();
    told(
        &report,
        "credentials",
        "token",
        "unknown",
        "GitHub cannot be reached",
        "check the network",
    );
    told(
        &report,
        "github",
        "clock",
        "unknown",
        "cannot be reached",
        "check the network",
    );
    assert_eq!(report["is_reached"], false);
    let days = check(&report, "days", "octo/alpha");
    assert_eq!(days.0, "unknown");
    assert!(days.1.contains("as of GitHub's last answer"), "{days:?}");
    house
        .go("doctor")
        .exits(2)
        .shows(&["things cannot be told"]);
}

#[test]
fn with_nothing_tracked_it_says_how_to_begin() {
    let sim = here().repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    let report = house.go("doctor --json").exits(1).json();
    told(
        &report,
        "repositories",
        "none",
        "warn",
        "nothing is tracked",
        "`gitratra track OWNER/NAME`",
    );
    told(&report, "store", "place", "note", "is not there yet", "");
    told(&report, "credentials", "token", "ok", "taken", "");
    assert_eq!(report["repos"], serde_json::json!([]));
    assert!(
        house.files().is_empty(),
        "nothing was begun: {:?}",
        house.files()
    );
}

#[test]
fn nothing_at_all_is_told_without_a_fuss() {
    let house = House::empty().set("GITRATRA_API_URL", "http://127.0.0.1:1");
    house
        .go("doctor")
        .exits(1)
        .shows(&["no token", "nothing is tracked", "none was read"]);
}
