//! Stores that cannot be used, and disks that are full: a clear word, and nothing that was there
//! is touched.

use std::fs;
use std::path::Path;
use std::process::Command;

use gitratra_sim::Sim;

use crate::exported::window;
use crate::house::{House, Ran, TOKEN, finish, github};

fn sim() -> Sim {
    github().seed(41).fleet("octo", 12).start_on_thread()
}

/// A repository of the fleet.
const REPO: &str = "octo/amber-api";

/// Demands that every command refuses a database, with words, and leaves it byte for byte.
#[track_caller]
fn is_left_alone(house: &House, path: &Path, words: &[&str]) {
    let before = fs::read(path).unwrap();
    let db = path.to_str().unwrap();
    for command in [
        "sync octo/amber-api",
        "track octo/amber-api",
        "repos",
        "show",
        "gaps",
        "export daily",
        "demo",
    ] {
        let ran = house
            .go(&format!("--db {db} {command}"))
            .exits(2)
            .says(words);
        assert!(ran.out.is_empty(), "{}", ran.out);
        assert!(fs::read(path).unwrap() == before, "{command} changed it");
        assert!(!path.with_extension("db-wal").exists());
    }
}

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let sim = sim();
    let house = House::with(&sim);
    let text = house.write(
        "diary.txt",
        "Dear diary, this is more than a hundred bytes. ".repeat(9),
    );
    is_left_alone(&house, &text, &["diary.txt", "no store"]);
    assert_eq!(sim.counters().traffic(), 0);
}

#[test]
fn a_database_of_somebody_else_is_left_as_it_is() {
    let sim = sim();
    let house = House::with(&sim);
    let path = house.path("notes.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch("create table note (text text); insert into note values ('milk');")
        .unwrap();
    drop(other);
    is_left_alone(&house, &path, &["notes.db", "no store"]);
}

#[test]
fn a_store_of_a_newer_program_is_left_as_it_is() {
    let sim = sim();
    let house = House::with(&sim);
    let path = house.path("new.db");
    house.run(&["--db", "new.db", "sync", REPO]).exits(0);
    let store = rusqlite::Connection::open(&path).unwrap();
    // What a later version of this program would leave: one migration more.
    store
        .execute_batch(
            "insert into gitratra_schema_history (version, name, applied_on, checksum)
             select max(version) + 1, 'later', max(applied_on), '1'
             from gitratra_schema_history;
             update mark set number = 99 where mark = 'oldest_program';
             pragma user_version = 99;",
        )
        .unwrap();
    store.pragma_update(None, "journal_mode", "delete").unwrap();
    drop(store);
    is_left_alone(&house, &path, &["new.db", "newer"]);
}

#[test]
fn a_folder_in_the_place_of_a_store_is_told() {
    let sim = sim();
    let house = House::with(&sim);
    fs::create_dir(house.path("folder.db")).unwrap();
    house
        .run(&["--db", "folder.db", "sync", REPO])
        .exits(2)
        .says(&["folder.db"]);
    house.write("file", "");
    house
        .run(&["--db", "file/inside.db", "sync", REPO])
        .exits(2)
        .says(&["file/inside.db"]);
    assert_eq!(sim.counters().traffic(), 0);
}

#[test]
fn a_store_that_was_cut_short_is_told_and_left() {
    let sim = sim();
    let house = House::with(&sim);
    house.go("sync octo/*").exits(0);
    let store = rusqlite::Connection::open(house.database()).unwrap();
    store.pragma_update(None, "journal_mode", "delete").unwrap();
    drop(store);
    let bytes = fs::read(house.database()).unwrap();
    fs::write(house.database(), &bytes[..bytes.len() / 2]).unwrap();
    let ran = house.go("sync --all");
    assert!(ran.exit == 2 || ran.exit == 1, "{ran:?}");
    ran.says(&["gitratra.db"]);
}

/// A command run under a limit on the size of files.
fn limited(house: &House, bytes: u64, args: &[&str]) -> Ran {
    let mut command = Command::new("prlimit");
    let inner = house.command(args);
    command
        .arg(format!("--fsize={bytes}"))
        // The default reaction to the limit would end the process before it could say a word.
        .args(["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(house.folder())
        .env_clear();
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap());
    }
    // `prlimit` and `sh` have to be found; the program itself needs no path.
    command.env("PATH", "/usr/bin:/bin");
    finish(command, TOKEN)
}

/// Runs `sync` on a disk with so much room besides the store; the store comes back afterwards.
///
/// The disk is a small one in memory that only the program sees. Where the system does not let
/// users have that, the size of files is limited instead.
fn sync_on_small_disk(house: &House, room: u64) -> Ran {
    let size = fs::metadata(house.database()).unwrap().len();
    let sync = ["sync", "octo/*"];
    let has_namespaces = Command::new("unshare")
        .args(["-rm", "true"])
        .status()
        .is_ok_and(|status| status.success());
    if !has_namespaces {
        return limited(house, size + room, &sync);
    }
    let inner = house.command(&sync);
    let mut command = Command::new("unshare");
    command
        .args(["-rm", "sh", "-c"])
        .arg(
            "set -e; mkdir -p small; mount -t tmpfs -o size=\"$1\" tmpfs small
             cp \"$2\" small/gitratra.db; shift 2
             set +e; \"$@\" --db small/gitratra.db; code=$?; set -e
             cp small/* data/gitratra/; exit $code",
        )
        .arg("sh")
        .arg((size + room).to_string())
        .arg(house.database())
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(house.folder())
        .env_clear();
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap());
    }
    command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    finish(command, "")
}

#[test]
fn a_full_disk_is_told_and_nothing_that_was_kept_is_lost() {
    let sim = sim();
    let house = House::with(&sim);
    house.run(&["sync", REPO]).exits(0);
    let mut before = house.export();
    let mut failed = 0;
    for room in [8_192, 36_864, 49_152, 65_536, 98_304] {
        let store = rusqlite::Connection::open(house.database()).unwrap();
        store
            .query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
            .unwrap();
        drop(store);
        sim.advance_days(1);
        let ran = sync_on_small_disk(&house, room);
        if ran.exit != 0 {
            assert!(ran.exit == 1 || ran.exit == 2, "{ran:?}");
            ran.says(&["gitratra.db"]);
            failed += 1;
        }
        let after = house.export();
        after.lost_nothing_of(&before);
        before = after;
    }
    assert!(failed >= 3, "the disk was never full");
    house.go("sync --all").exits(0);
    let after = house.export();
    after.lost_nothing_of(&before);
    after.is_true(&sim, REPO, window("2026-03-14"));
}

#[test]
fn a_full_disk_leaves_the_file_of_the_original_call_as_it_was() {
    let sim = sim();
    let house = House::with(&sim);
    house.write("list.txt", REPO);
    let args = ["token:-", "list.txt", "out.txt"];
    house.run_with_input(&args, TOKEN).exits(0);
    let before = house.read("out.txt");
    sim.advance_days(5);
    limited(&house, 100, &args).exits(2).says(&["out.txt"]);
    assert_eq!(house.read("out.txt"), before);
    assert_eq!(
        house.files(),
        [house.path("list.txt"), house.path("out.txt")]
    );
}

#[test]
fn an_export_that_cannot_be_written_is_told() {
    let sim = sim();
    let house = House::with(&sim);
    house.run(&["sync", REPO]).exits(0);
    house
        .go("export daily -o /dev/full")
        .exits(2)
        .says(&["cannot write"]);
    let mut command = Command::new("/bin/sh");
    let inner = house.command(&["export", "daily"]);
    command
        .args(["-c", "exec \"$0\" \"$@\" > /dev/full"])
        .arg(inner.get_program())
        .args(inner.get_args())
        .env_clear();
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap());
    }
    finish(command, "").exits(2).says(&["cannot write"]);
    house
        .go("export daily -o nowhere/days.csv")
        .exits(2)
        .says(&["nowhere/days.csv"]);
}

/// Root may write everywhere, so the program runs as somebody else where that is possible.
fn as_nobody(house: &House, args: &[&str]) -> Ran {
    let inner = house.command(args);
    let is_root = rustix::process::getuid().is_root();
    let mut command = if is_root {
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

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_place_that_may_not_be_written_is_told() {
    let sim = sim();
    let house = House::with(&sim);
    set_mode(house.folder(), 0o755);
    house.run(&["--db", "kept.db", "sync", REPO]).exits(0);
    let store = rusqlite::Connection::open(house.path("kept.db")).unwrap();
    store.pragma_update(None, "journal_mode", "delete").unwrap();
    drop(store);
    let before = fs::read(house.path("kept.db")).unwrap();
    set_mode(&house.path("kept.db"), 0o444);
    set_mode(house.folder(), 0o555);
    let old = as_nobody(&house, &["--db", "kept.db", "sync", REPO]);
    let new = as_nobody(&house, &["--db", "new.db", "sync", REPO]);
    set_mode(house.folder(), 0o755);
    old.exits(2).says(&["kept.db"]);
    new.exits(2).says(&["new.db"]);
    assert_eq!(fs::read(house.path("kept.db")).unwrap(), before);
    assert!(!house.path("new.db").exists());
}
