//! Kills: whatever the moment, a file that is copied to and a store that is put back are the old one
//! or the new one.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gitratra_backup::{Restore, make, put_back};
use gitratra_store::Location;

use crate::samples::{count, fill, open};

const KILLS: u64 = 12;

/// Tells the process that is to be killed where it is to work.
const PLACE: &str = "GITRATRA_TEST_KILLED_COPIES";

const HOW: Restore = Restore {
    may_replace: true,
    accepts_unsound: false,
};

/// Copies two stores to the same file in turn, and puts each copy in the place of the same store.
async fn copy_for_ever(folder: PathBuf) {
    let stores = [
        open(&folder.join("one.db")).await,
        open(&folder.join("two.db")).await,
    ];
    let file = folder.join("copy.db");
    let location = Location::file(folder.join("store.db"));
    for store in stores.iter().cycle() {
        make(store, &file, true).await.unwrap();
        #[expect(clippy::print_stdout, reason = "the parent counts these lines")]
        {
            println!("copied");
        }
        put_back(&file, &location, HOW).await.unwrap();
    }
}

/// The process that is killed by the test below; by itself it proves nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_copies_until_it_is_killed() {
    if let Ok(place) = std::env::var(PLACE) {
        copy_for_ever(place.into()).await;
    }
}

fn copy_and_kill(folder: &Path, copies: u64, spins: u64) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::one_process_copies_until_it_is_killed"])
        .arg("--nocapture")
        .env(PLACE, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Kept until the end: who writes into a pipe that nobody reads ends by itself.
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let copied = lines
        .by_ref()
        .map(Result::unwrap)
        .filter(|line| line.contains("copied"))
        .take(usize::try_from(copies).unwrap())
        .count();
    assert_eq!(copied as u64, copies, "it ended by itself");
    (0..spins).for_each(|_| std::hint::spin_loop());
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "it was killed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_leaves_the_old_one_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    fill(&folder.path().join("one.db"), 1).await.close().await;
    let two = fill(&folder.path().join("two.db"), 2).await;
    make(&two, &folder.path().join("copy.db"), false)
        .await
        .unwrap();
    two.close().await;
    let (file, store) = (
        folder.path().join("copy.db"),
        folder.path().join("store.db"),
    );
    put_back(&file, &Location::file(&store), HOW).await.unwrap();
    let mut seed = 5_u64;
    for kill in 0..KILLS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        copy_and_kill(folder.path(), 1 + kill % 2, (seed >> 33) % 40_000_000);
        assert!([1, 2].contains(&count(&store).await));
        assert!([1, 2].contains(&count(&file).await));
    }
}
