//! Where settings come from: flag beats environment beats file, and what is empty is absent.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use gitratra_sim::{Sim, TokenSpec};

use crate::house::{House, finish, github};

/// Tokens whose owners tell them apart.
fn sim() -> Sim {
    ["flag", "gitratra", "github", "gh", "program", "input"]
        .into_iter()
        .fold(github(), |github, owner| {
            github.token(TokenSpec::classic(format!("ghp_{owner}"), owner))
        })
        .repo("octo/alpha")
        .start_on_thread()
}

/// Whose token is used: a bare name belongs to the owner of the token.
#[track_caller]
fn owner(house: &House, options: &[&str], input: &str) -> String {
    house.write("bare.txt", "tool\n");
    let mut args = options.to_vec();
    args.extend(["track", "--json", "@bare.txt"]);
    let ran = house.run_with_input(&args, input).exits(0);
    let told = ran.json();
    let named = [&told["changed"][0], &told["unchanged"][0]];
    let name = named.into_iter().find_map(|name| name.as_str()).unwrap();
    name.split('/').next().unwrap().to_owned()
}

#[test]
fn a_flag_beats_the_environment_beats_the_file() {
    let sim = sim();
    let house = House::with(&sim).set("GITRATRA_DB", "from-environment.db");
    house.write(
        "config/gitratra/config.toml",
        "db = \"from-file.db\"\njobs = 77\n",
    );
    let databases = |house: &House| {
        let names = house.files().into_iter();
        let names = names.filter_map(|path| path.file_name()?.to_str().map(str::to_owned));
        names
            .filter(|name| name.ends_with(".db"))
            .collect::<Vec<_>>()
    };
    house.go("--db from-flag.db track octo/alpha").exits(0);
    assert_eq!(databases(&house), ["from-flag.db"]);
    house.go("track octo/alpha").exits(0);
    assert_eq!(databases(&house), ["from-environment.db", "from-flag.db"]);
    let house = house.set("GITRATRA_DB", "");
    house.go("track octo/alpha").exits(0);
    assert!(databases(&house).contains(&"from-file.db".to_owned()));
    // The number of jobs in the file is out of range; environment and flag take its place.
    house.go("sync").exits(2).says(&["77", "50"]);
    house.go("sync --jobs 3").exits(0);
    let house = house.set("GITRATRA_JOBS", "4");
    house.go("sync").exits(0);
    // A file named by flag takes the place of the usual one.
    house.write("other.toml", "db = \"from-other.db\"\n");
    house.go("--config other.toml track octo/alpha").exits(0);
    assert!(databases(&house).contains(&"from-other.db".to_owned()));
}

#[test]
fn numbers_out_of_range_are_named() {
    let sim = sim();
    for (name, value) in [
        ("GITRATRA_JOBS", "0"),
        ("GITRATRA_JOBS", "51"),
        ("GITRATRA_JOBS", "-1"),
        ("GITRATRA_JOBS", "many"),
        ("GITRATRA_POINTS_PER_MINUTE", "fast"),
    ] {
        let house = House::with(&sim).set(name, value);
        house.go("sync octo/alpha").exits(2).says(&[value]);
    }
    let house = House::with(&sim);
    for words in [
        "--jobs 0",
        "--jobs 51",
        "--jobs x",
        "--points-per-minute -3",
    ] {
        house.go(&format!("sync octo/alpha {words}")).exits(2);
    }
    assert_eq!(sim.counters().total, 0);
}

#[test]
fn a_configuration_that_cannot_be_used_is_named() {
    let sim = sim();
    let house = House::with(&sim);
    house.write("unknown.toml", "jobs = 3\njbos = 4\n");
    house
        .go("--config unknown.toml repos")
        .exits(2)
        .says(&["unknown.toml", "jbos"]);
    house.write("broken.toml", "jobs = \n");
    house
        .go("--config broken.toml repos")
        .exits(2)
        .says(&["broken.toml"]);
    house.write("wrong.toml", "jobs = \"three\"\n");
    house
        .go("--config wrong.toml repos")
        .exits(2)
        .says(&["wrong.toml", "jobs"]);
    house
        .go("--config nowhere.toml repos")
        .exits(2)
        .says(&["nowhere.toml"]);
    assert_eq!(
        house.files().len(),
        3,
        "nothing was begun: {:?}",
        house.files()
    );
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let sim = sim();
    let house = House::empty()
        .set("GITRATRA_API_URL", "")
        .set("GITHUB_API_URL", &sim.url())
        .set("GITRATRA_TOKEN", "")
        .set("GITHUB_TOKEN", "")
        .set("GH_TOKEN", "ghp_gh")
        .set("GITRATRA_DB", "")
        .set("GITRATRA_JOBS", "")
        .set("GITRATRA_POINTS_PER_MINUTE", "");
    assert_eq!(owner(&house, &[], ""), "gh");
    assert!(house.database().exists());
    house.go("sync octo/alpha").exits(1).says(&["push access"]);
    let house = house.set("GITRATRA_API_URL", "http://127.0.0.1:1");
    house
        .go("sync octo/alpha")
        .exits(1)
        .says(&["cannot be reached"]);
}

#[test]
fn who_cannot_reach_github_hears_of_every_repository_and_of_no_time() {
    let house = House::empty()
        .set("GITRATRA_API_URL", "http://127.0.0.1:1")
        .set("GITRATRA_TOKEN", "ghp_none");
    let names: Vec<String> = (0..25).map(|number| format!("octo/r{number:02}")).collect();
    let mut track = vec!["track"];
    track.extend(names.iter().map(String::as_str));
    house.run(&track).exits(0);
    let ran = house.go("sync --json").exits(1);
    let report = ran.json();
    assert!(report["started_at"].is_null(), "{report}");
    assert!(report["finished_at"].is_null(), "{report}");
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    ran.says(&names);
}

#[test]
fn tokens_are_looked_for_in_their_order() {
    let sim = sim();
    let house = House::with(&sim)
        .set("GITRATRA_TOKEN", "ghp_gitratra")
        .set("GITHUB_TOKEN", "ghp_github")
        .set("GH_TOKEN", "ghp_gh");
    house.write("token.txt", " ghp_flag\r\n");
    assert_eq!(owner(&house, &["--token-file", "token.txt"], ""), "flag");
    assert_eq!(
        owner(&house, &["--token-file", "-"], "ghp_input\n"),
        "input"
    );
    assert_eq!(owner(&house, &[], ""), "gitratra");
    let house = house.set("GITRATRA_TOKEN", "");
    assert_eq!(owner(&house, &[], ""), "github");
    let house = house.set("GITHUB_TOKEN", "");
    assert_eq!(owner(&house, &[], ""), "gh");
    let house = house.set("GH_TOKEN", "");
    house
        .run(&["track", "@bare.txt"])
        .exits(2)
        .says(&["no token"]);
    // What `gh` is logged in with comes last.
    let gh = house.write(
        "no-programs/gh",
        "#!/bin/sh\n[ \"$1 $2\" = 'auth token' ] && echo ghp_program\n",
    );
    fs::set_permissions(gh, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(owner(&house, &[], ""), "program");
    house.write(
        "config/gitratra/config.toml",
        "token_file = \"token.txt\"\n",
    );
    assert_eq!(owner(&house, &[], ""), "flag");
    for bad in ["empty.txt", "missing.txt"] {
        house.write("empty.txt", "\n");
        house
            .run(&["--token-file", bad, "sync", "octo/alpha"])
            .exits(2)
            .says(&[bad]);
    }
}

#[test]
fn the_store_lies_in_the_platforms_folder_and_nobody_else_can_read_it() {
    let sim = sim();
    let house = House::with(&sim);
    house.go("sync octo/alpha").exits(0);
    assert_eq!(house.files(), [house.database()]);
    let mode = fs::metadata(house.database()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    let mut command = house.command(&["sync", "octo/alpha"]);
    command.env_remove("XDG_DATA_HOME");
    finish(command, "").exits(0);
    assert!(
        house
            .path("home/.local/share/gitratra/gitratra.db")
            .exists()
    );
}
