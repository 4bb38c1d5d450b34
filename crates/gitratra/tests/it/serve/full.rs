//! A full disk: told once, and over when there is room.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitratra_sim::{Limits, Metric};

use crate::exported::{Exported, window};
use crate::house::{House, Ran, finish, github, until};

use super::service::{SPEED, Serving};

/// Starts it with its data in a small file system of its own, which ends with it.
fn start_on_a_small_disk(house: &House, folder: &Path) -> Serving {
    let inner = Serving::command(house, &["--listen", "127.0.0.1:0"]);
    let mut command = Command::new("/usr/bin/unshare");
    command
        .args(["-rm", "/bin/sh", "-c"])
        .arg("mount -t tmpfs -o size=8m tmpfs \"$0\" && exec \"$@\"")
        .arg(folder)
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(house.folder())
        .env_clear();
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap());
    }
    command.env("PATH", "/usr/bin:/bin");
    Serving::run(command)
}

/// Another program that sees the same disk.
fn beside(serving: &Serving, house: &House, inner: &Command) -> Ran {
    let mut command = Command::new("/usr/bin/nsenter");
    command
        .args(["--user", "--mount", "--preserve-credentials", "--target"])
        .arg(serving.id().to_string())
        .arg(format!("--wd={}", house.folder().display()))
        .arg(inner.get_program())
        .args(inner.get_args())
        .env_clear();
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap());
    }
    finish(command, "")
}

/// Leaves no room on the disk of a store.
fn crowd(serving: &Serving, house: &House, store: &str) -> PathBuf {
    let path = format!("/proc/{}/root{store}.ballast", serving.id());
    let mut ballast = File::create(&path).unwrap();
    let mut fill = || while ballast.write_all(&[7; 1024]).is_ok() {};
    fill();
    // What the log of the store has taken is no room for it either.
    const SHRINK: &str = "import sqlite3, sys; \
        sqlite3.connect(sys.argv[1]).execute('pragma wal_checkpoint(truncate)')";
    let mut shrink = house.bare("/usr/bin/python3");
    shrink.args(["-c", SHRINK, store]);
    beside(serving, house, &shrink).exits(0);
    fill();
    path.into()
}

/// Where namespaces are not allowed, as in some containers, there is no small disk to try.
#[test]
fn a_full_disk_is_told_and_over_when_there_is_room() {
    let mut probe = Command::new("/usr/bin/unshare");
    probe.args(["-rm", "/bin/true"]);
    if !probe.status().is_ok_and(|status| status.success()) {
        return;
    }
    let sim = github().seed(9).speed(SPEED).limits(Limits::none());
    let sim = sim.repo("octo/alpha").repo("octo/beta").start_on_thread();
    let house = House::with(&sim);
    let folder = house.path("disk");
    std::fs::create_dir(&folder).unwrap();
    let database = folder.join("kept.db").display().to_string();
    let house = house.set("GITRATRA_DB", &database);
    let mut serving = start_on_a_small_disk(&house, &folder);
    serving.answers("/readyz", 200);
    let track = house.command(&["track", "octo/alpha", "octo/beta"]);
    beside(&serving, &house, &track).exits(0);
    let newest = sim.newest("octo/alpha", Metric::Views);
    serving.holds("octo/beta", newest);
    let ballast = crowd(&serving, &house, &database);
    serving.says("ERROR");
    serving.answers("/healthz", 200);
    let errors = |serving: &mut Serving| serving.metric("gitratra_store_errors_total");
    until(|| errors(&mut serving) >= Some(3));
    until(|| sim.newest("octo/alpha", Metric::Views) > newest);
    // Now and then a note of a few bytes finds room, and the next answer does not.
    let told = serving.count("ERROR");
    assert!(told <= 3, "{}", serving.log());
    std::fs::remove_file(ballast).unwrap();
    serving.says("the store can be written again");
    let goal = newest.plus(1);
    serving.holds("octo/alpha", goal);
    serving.holds("octo/beta", goal);
    let export = house.command(&["export", "daily"]);
    let ran = beside(&serving, &house, &export).exits(0);
    let exported = Exported::read(&ran.out);
    for repo in ["octo/alpha", "octo/beta"] {
        exported.is_true(&sim, repo, window(goal));
    }
    serving.stop();
}
