//! Disks that are full and files that may not be written, as a process meets them that is not root.
//! Each of these tests starts itself again as a process that the fault is made for.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitratra_store::{Location, Store, StoreError};

use crate::faults::{kept, write};

/// Tells the second process of a test in which folder it is to work.
const FOLDER: &str = "GITRATRA_TEST_FOLDER";

fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Runs a test of this file once more by a command, and tells whether it went well.
fn run_again(test: &str, folder: &Path, mut command: Command) {
    let output = command
        .args(["--exact", &format!("disk::{test}"), "--nocapture"])
        .env(FOLDER, folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

fn this_program() -> PathBuf {
    std::env::current_exe().unwrap()
}

async fn open(folder: &Path) -> Store {
    let location = Location::file(folder.join("store.db"));
    Store::open(&location).await.unwrap()
}

/// Writes visits from `first` on until one fails.
async fn fill(store: &Store, first: u64) -> (Vec<u64>, StoreError) {
    let mut written = Vec::new();
    for id in first.. {
        match write(store, id).await {
            Ok(()) => written.push(id),
            Err(error) => return (written, error),
        }
    }
    unreachable!("no disk is without end")
}

/// Leaves no more than this much room in a folder's file system.
fn crowd(folder: &Path, room: u64) -> PathBuf {
    let path = folder.join("ballast");
    let mut ballast = fs::File::create(&path).unwrap();
    while ballast.write_all(&[7; 4096]).is_ok() {}
    let size = ballast.metadata().unwrap().len();
    ballast.set_len(size - room).unwrap();
    path
}

/// A small file system in a namespace of its own, which goes with the process. Where that
/// is not allowed (in some containers) only the limit below is tested.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_takes_nothing_that_was_stored_and_is_over_when_there_is_room() {
    let Some(folder) = folder() else {
        let folder = tempfile::tempdir().unwrap();
        let mut probe = Command::new("unshare");
        probe.args(["-rm", "true"]);
        if !probe.status().is_ok_and(|status| status.success()) {
            return;
        }
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c"]);
        command.arg("mount -t tmpfs -o size=8m tmpfs \"$0\" && exec \"$@\"");
        command.arg(folder.path()).arg(this_program());
        let test = "a_full_disk_takes_nothing_that_was_stored_and_is_over_when_there_is_room";
        return run_again(test, folder.path(), command);
    };
    let store = open(&folder).await;
    let mut stored = Vec::new();
    for round in 1..=3 {
        let ballast = crowd(&folder, 300_000);
        let (written, error) = fill(&store, round * 100_000).await;
        assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
        assert!(error.is_passing());
        stored.extend(written);
        assert_eq!(kept(&store).await, stored);
        fs::remove_file(ballast).unwrap();
        write(&store, round * 100_000 + 99_999).await.unwrap();
        stored.push(round * 100_000 + 99_999);
        assert_eq!(kept(&store).await, stored);
    }
    store.close().await;
    sound(&folder);
    assert_eq!(kept(&open(&folder).await).await, stored);
}

/// A limit on the size of files is met as a quota is: the write itself fails, with another number
/// than a full disk has.
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_on_files_is_over_when_it_is_raised() {
    let Some(folder) = folder() else {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        // Without the trap the first write beyond the limit would end the process.
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
        command.arg(this_program());
        return run_again(
            "a_limit_on_files_is_over_when_it_is_raised",
            folder.path(),
            command,
        );
    };
    let limit = |bytes: &str| {
        let status = Command::new("prlimit")
            .arg(format!("--pid={}", std::process::id()))
            .arg(format!("--fsize={bytes}:"))
            .status();
        assert!(status.unwrap().success());
    };
    let store = open(&folder).await;
    let mut stored = Vec::new();
    for round in 1..=3_u64 {
        limit(&format!("{}", 300_000 * round));
        let (written, error) = fill(&store, round * 100_000).await;
        assert!(matches!(error, StoreError::Disk { .. }), "{error:?}");
        assert!(error.is_passing());
        stored.extend(written);
        assert_eq!(kept(&store).await, stored);
        limit("unlimited");
        write(&store, round * 100_000 + 99_999).await.unwrap();
        stored.push(round * 100_000 + 99_999);
        assert_eq!(kept(&store).await, stored);
    }
    store.close().await;
    sound(&folder);
    assert_eq!(kept(&open(&folder).await).await, stored);
}

/// A backup that root put in the place of the open file, say.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_be_written_is_written_once_it_may() {
    let Some(folder) = folder() else {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(this_program());
        // Root may write everything, so somebody else has to try.
        if fs::read("/proc/self/uid_map").is_ok() && is_root(folder.path()) {
            std::os::unix::fs::chown(folder.path(), Some(65_534), Some(65_534)).unwrap();
            let copy = folder.path().join("program");
            fs::copy(this_program(), &copy).unwrap();
            command = Command::new(copy);
            command.uid(65_534).gid(65_534);
        }
        let test = "a_file_that_may_not_be_written_is_written_once_it_may";
        return run_again(test, folder.path(), command);
    };
    let path = folder.join("store.db");
    let store = open(&folder).await;
    write(&store, 1).await.unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    let backup = folder.join("backup");
    other
        .execute_batch(&format!("vacuum into '{}'", backup.display()))
        .unwrap();
    drop(other);
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&backup, 0o400);
    fs::rename(&backup, &path).unwrap();
    for _ in 0..2 {
        let error = write(&store, 2).await.unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
        assert!(error.is_passing());
        assert_eq!(kept(&store).await, [1]);
    }
    for end in ["", "-wal", "-shm"] {
        let path = folder.join(format!("store.db{end}"));
        if path.exists() {
            mode(&path, 0o600);
        }
    }
    write(&store, 2).await.unwrap();
    assert_eq!(kept(&store).await, [1, 2]);
    store.close().await;
    // The same where nothing may be made in the folder, which the log has to be.
    let store = open(&folder).await;
    write(&store, 3).await.unwrap();
    let away = folder.join("away");
    fs::copy(&path, &away).unwrap();
    store.clone().close().await;
    let store = open(&folder).await;
    fs::rename(&path, folder.join("old")).unwrap();
    fs::rename(&away, &path).unwrap();
    mode(&folder, 0o500);
    let error = write(&store, 4).await.unwrap_err();
    assert!(error.is_passing(), "{error:?}");
    mode(&folder, 0o700);
    write(&store, 4).await.unwrap();
    store.close().await;
    sound(&folder);
}

fn is_root(folder: &Path) -> bool {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata(folder).unwrap()) == 0
}

fn sound(folder: &Path) {
    let file = rusqlite::Connection::open(folder.join("store.db")).unwrap();
    let check: String = file
        .query_row("pragma integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
}
