//! What a person meets first: help, manual, completions, the demonstration.

use std::process::Command;

use crate::exported::Exported;
use crate::house::{House, finish};

const COMMANDS: [&str; 30] = [
    "track",
    "untrack",
    "repos",
    "explain",
    "sync",
    "doctor",
    "login",
    "logout",
    "alerts",
    "show",
    "users",
    "group",
    "share",
    "why",
    "gaps",
    "export",
    "warehouse",
    "import",
    "archive",
    "merge",
    "migrate",
    "backup",
    "restore",
    "verify",
    "report",
    "admin",
    "demo",
    "completions",
    "man",
    "mcp",
];

#[test]
fn every_command_has_help() {
    let house = House::empty();
    let main = house.go("-h").exits(0).out;
    for command in COMMANDS {
        assert!(
            main.contains(&format!("  {command} ")),
            "{command} is not in:\n{main}"
        );
        for flag in ["-h", "--help"] {
            let ran = house.run(&[command, flag]).exits(0);
            assert!(
                ran.out.contains(&format!("gitratra {command}")),
                "{}",
                ran.out
            );
            assert!(ran.err.is_empty(), "{}", ran.err);
        }
    }
    let long = house.go("--help").exits(0).out;
    assert!(
        long.contains("token:-") && long.contains("GITRATRA_TOKEN"),
        "{long}"
    );
    let version = house.go("--version").exits(0).out;
    assert_eq!(version, house.go("-V").exits(0).out);
    assert!(version.starts_with("gitratra "), "{version}");
    assert!(house.files().is_empty(), "asking for help makes no files");
}

#[test]
fn a_wrong_call_is_told_on_standard_error() {
    let house = House::empty();
    for words in [
        "",
        "synch",
        "sync --bogus",
        "export",
        "import",
        "export hourly",
        "why octo/alpha",
        "show a b",
    ] {
        let ran = house.go(words).exits(2);
        assert!(ran.out.is_empty(), "{words}: {}", ran.out);
        assert!(ran.err.contains("--help"), "{words}: {}", ran.err);
    }
    house.go("show nonsense").exits(2).says(&["nonsense"]);
    house
        .go("why octo/alpha yesterday")
        .exits(2)
        .says(&["yesterday"]);
    house
        .go("show octo/alpha --range soon")
        .exits(2)
        .says(&["soon"]);
    house.go("sync").exits(2);
}

#[test]
fn an_empty_store_says_how_to_begin() {
    let house = House::empty();
    house.go("repos").exits(0).says(&["track"]);
    house.go("show").exits(0).says(&["sync"]);
    house.go("gaps").exits(0);
    assert_eq!(
        Exported::read(&house.go("export daily").exits(0).out),
        Exported::default()
    );
    let none: serde_json::Value = house.go("repos --json").exits(0).json();
    assert_eq!(none, serde_json::json!([]));
}

#[test]
fn completions_can_be_read_by_their_shells() {
    let house = House::empty();
    for shell in ["bash", "zsh", "fish"] {
        let text = house.run(&["completions", shell]).exits(0).out;
        for command in COMMANDS {
            assert!(text.contains(command), "{shell} does not know {command}");
        }
        for hidden in ["__original", "'original:", "\"original\""] {
            assert!(!text.contains(hidden), "{shell} shows what is hidden");
        }
        house.write(shell, &text);
        let checked = Command::new(shell)
            .arg("-n")
            .arg(house.path(shell))
            .output();
        match checked {
            Ok(output) => assert!(output.status.success(), "{shell}: {output:?}"),
            // Only bash is everywhere.
            Err(error) => assert_ne!(shell, "bash", "{error}"),
        }
    }
}

#[test]
fn the_manual_page_is_one() {
    let house = House::empty();
    let text = house.go("man").exits(0).out;
    assert!(text.contains(".TH gitratra 1"), "{}", &text[..200]);
    for section in [".SH NAME", ".SH SYNOPSIS"] {
        assert!(text.contains(section), "{section}");
    }
    for command in COMMANDS {
        assert!(text.contains(command), "{command}");
    }
}

#[test]
fn colour_is_for_terminals_or_on_request() {
    let house = House::empty();
    let plain = house.go("--color never -h").exits(0);
    assert!(!plain.out.contains('\u{1b}'));
    assert!(!house.go("repos").exits(0).err.contains('\u{1b}'));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let house = House::empty();
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", "(\"$0\" man; echo $? >code) | head -n 1; cat code"])
        .arg(env!("CARGO_BIN_EXE_gitratra"))
        .current_dir(house.folder())
        .env("HOME", house.folder());
    let ran = finish(command, "").exits(0);
    assert_eq!(ran.out.lines().last(), Some("0"), "{ran:?}");
    assert!(ran.err.is_empty(), "{ran:?}");
}

#[test]
fn the_demonstration_runs_and_the_commands_it_prints_work() {
    let house = House::empty();
    let ran = house.go("demo --no-web").exits(0);
    let mut shown = 0;
    for line in ran
        .out
        .lines()
        .filter(|line| line.trim().starts_with("gitratra "))
    {
        let line = line.trim().split("   ").next().unwrap();
        let line = line.split('|').next().unwrap().trim();
        let mut command = Command::new("/bin/sh");
        let program = env!("CARGO_BIN_EXE_gitratra");
        let line = line.replacen("gitratra", &format!("'{program}'"), 1);
        let inner = house.command(&[]);
        command
            .arg("-c")
            .arg(&line)
            .current_dir(house.folder())
            .env_clear();
        for (name, value) in inner.get_envs() {
            command.env(name, value.unwrap());
        }
        // Nobody is to be asked for the time.
        command.env("GITRATRA_API_URL", "http://127.0.0.1:1");
        let ran = finish(command, "");
        let expected = i32::from(line.contains(" gaps "));
        assert_eq!(ran.exit, expected, "{line}\n{}", ran.err);
        assert!(ran.out.lines().count() > 2, "{line}: {}", ran.out);
        if line.contains("export daily") {
            let exported = Exported::read(&ran.out);
            assert!(exported.rows.len() > 4000);
            assert!(exported.repos().contains(&"octo/atlas-maps"));
            assert_eq!(exported.days_in("octo/hello", "gap").len(), 22 - 14 + 1);
        }
        shown += 1;
    }
    assert!(shown >= 5, "{}", ran.out);
    assert!(
        !house.database().exists(),
        "simulated days stay out of the real store"
    );
    // A store in use is not touched.
    house.go("--db mine.db track octo/real").exits(0);
    house
        .go("--db mine.db demo --no-web")
        .exits(2)
        .says(&["mine.db"]);
}

#[test]
fn simulated_days_go_only_where_a_flag_says() {
    let house = House::empty().set("GITRATRA_DB", "real.db");
    house.write("config/gitratra/config.toml", "db = \"also-real.db\"\n");
    let ran = house.go("demo --no-web").exits(0).shows(&["demo.db"]);
    assert!(!house.path("real.db").exists(), "{ran:?}");
    assert!(!house.path("also-real.db").exists(), "{ran:?}");
}

#[test]
fn a_pass_without_rules_is_done_and_says_how_to_begin() {
    let house = House::empty().set("GITRATRA_TOKEN", "ghp_none");
    house.go("sync").exits(0).says(&["nothing is tracked yet"]);
    let report = house.go("sync --json").exits(0).json();
    assert!(report["started_at"].is_null(), "{report}");
    assert_eq!(report["repos"]["ok"], 0);
}
