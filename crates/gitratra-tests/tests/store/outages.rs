//! A PostgreSQL server that goes away and comes back, or takes no more connections.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::task::Poll;

use gitratra_store::{Location, Store, StoreError};

use crate::faults::{kept, write};
use crate::place::{Kind, Place, connect, with_place};

/// A server of its own, gone with the value.
struct Server {
    folder: PathBuf,
    url: String,
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    output
}

fn script() -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Command::new(root.join("../../scripts/postgres-for-tests"))
}

impl Server {
    fn start() -> Self {
        // Not below a folder of ours: root becomes another user for the server.
        let unique = tempfile::tempdir().unwrap();
        let folder = unique.path().with_extension("postgres");
        let output = run(script().arg("start").arg(&folder));
        let url = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        Self { folder, url }
    }

    /// Calls `pg_ctl` as whoever the server belongs to.
    fn control(&self, args: &[&str]) {
        let data = self.folder.join("data");
        // Its first word is the program that was started.
        let started = fs::read_to_string(data.join("postmaster.opts")).unwrap();
        let program = started.split_whitespace().next().unwrap();
        let control = Path::new(program).with_file_name("pg_ctl");
        let is_root = fs::metadata("/proc/self")
            .is_ok_and(|found| std::os::unix::fs::MetadataExt::uid(&found) == 0);
        let mut command = if is_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(control);
            command
        } else {
            Command::new(control)
        };
        let log = self.folder.join("data/server.log");
        command
            .current_dir("/")
            .arg("-D")
            .arg(data)
            .arg("-w")
            .arg("-l");
        // What it starts keeps the pipes open, so that waiting for their end would never end.
        let status = command
            .arg(log)
            .args(args)
            .stdout(std::process::Stdio::null());
        assert!(status.status().unwrap().success());
    }

    fn stop(&self) {
        self.control(&["-m", "fast", "stop"]);
    }

    fn start_again(&self) {
        self.start_with("");
    }

    fn start_with(&self, more: &str) {
        let port = self.place().split_once(':').unwrap().1;
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off {more}"
        );
        self.control(&["-o", &options, "start"]);
    }

    /// Its host and port.
    fn place(&self) -> &str {
        let (_, place) = self.url.split_once('@').unwrap();
        place.split_once('/').unwrap().0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Whatever it says, there is nothing more to be done.
        let _ = script().arg("stop").arg(&self.folder).output();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_is_used_again() {
    let server = Server::start();
    let location = Location::parse(&server.url).unwrap();
    let store = Store::open(&location).await.unwrap();
    for round in 0..3 {
        // Several connections are open when it goes.
        let writing: Vec<_> = (1..=5)
            .map(|id| {
                let store = store.clone();
                tokio::spawn(async move { write(&store, 10 * round + id).await })
            })
            .collect();
        for task in writing {
            task.await.unwrap().unwrap();
        }
        server.stop();
        for _ in 0..3 {
            let error = write(&store, 99).await.unwrap_err();
            assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
            assert!(error.is_passing());
            let error = store.held().await.unwrap_err();
            assert!(error.is_passing(), "{error:?}");
        }
        server.start_again();
        // At once, whatever is left of the old connections.
        write(&store, 10 * round + 6).await.unwrap();
    }
    let expected: Vec<u64> = (0..3)
        .flat_map(|round| (1..=6).map(move |id| 10 * round + id))
        .collect();
    assert_eq!(kept(&store).await, expected);
}

/// The addresses of several servers as one.
fn all_of(places: &[&str]) -> Location {
    let places = places.join(",");
    Location::parse(&format!(
        "postgres://gitratra@{places}/postgres?connect_timeout=1"
    ))
    .unwrap()
}

/// What a standby says: it may be read and not written.
const STANDBY: &str = "-c default_transaction_read_only=on";

#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_the_one_that_takes_writes_is_used() {
    let (one, two) = (Server::start(), Server::start());
    for server in [&one, &two] {
        let location = Location::parse(&server.url).unwrap();
        Store::open(&location).await.unwrap().close().await;
    }
    one.stop();
    one.start_with(STANDBY);
    let store = Store::open(&all_of(&[one.place(), two.place()]))
        .await
        .unwrap();
    write(&store, 1).await.unwrap();
    // The other takes over, and nobody opens anything anew.
    two.stop();
    let error = write(&store, 2).await.unwrap_err();
    assert!(error.is_passing(), "{error:?}");
    one.stop();
    one.start_again();
    write(&store, 2).await.unwrap();
    assert_eq!(kept(&store).await, [2]);
    // And back again, the one that is left being no more than a standby.
    one.stop();
    two.start_with(STANDBY);
    let error = write(&store, 3).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    one.start_with(STANDBY);
    let error = write(&store, 3).await.unwrap_err();
    assert!(matches!(error, StoreError::Standby { .. }), "{error:?}");
    assert!(error.is_passing());
    two.stop();
    two.start_again();
    write(&store, 3).await.unwrap();
    assert_eq!(kept(&store).await, [1, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_connections_and_says_nothing_is_passed_over() {
    // The system takes connections for whoever listens.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = listener.local_addr().unwrap().to_string();
    with_place(Kind::Postgres, async move |place: Place| {
        let (address, name) = place.text.rsplit_once('/').unwrap();
        let (_, server) = address.split_once('@').unwrap();
        let both = format!("postgres://gitratra@{silent},{server}/{name}?connect_timeout=1");
        let store = Store::open(&Location::parse(&both).unwrap()).await.unwrap();
        write(&store, 1).await.unwrap();
        assert_eq!(kept(&store).await, [1]);
        store.close().await;
    })
    .await;
}

const CUT: &str = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                   where datname = current_database() and pid <> pg_backend_pid() \
                   and application_name = 'gitratra'";

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_in_the_middle_lose_nothing_that_was_answered() {
    with_place(Kind::Postgres, async |place: Place| {
        let store = place.open().await;
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut failed = 0;
                    for id in (0..40).map(|n| 1000 * writer + n + 1) {
                        // Trying again does no harm where it had been stored after all.
                        while let Err(error) = write(&store, id).await {
                            assert!(error.is_passing(), "{error:?}");
                            failed += 1;
                        }
                    }
                    failed
                })
            })
            .collect();
        let mut failed = 0;
        let mut cut = 0;
        for writer in writers {
            while !writer.is_finished() {
                cut += place.number(CUT).await;
            }
            failed += writer.await.unwrap();
        }
        assert!(
            cut > 10 && failed > 0,
            "{cut} connections, {failed} failures"
        );
        assert_eq!(kept(&store).await.len(), 160);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_idle_and_was_cut_fails_nobody() {
    with_place(Kind::Postgres, async |place: Place| {
        let store = place.open().await;
        for round in 1..=3 {
            let writing: Vec<_> = (1..=8)
                .map(|id| {
                    let store = store.clone();
                    tokio::spawn(async move { write(&store, 10 * round + id).await })
                })
                .collect();
            for task in writing {
                task.await.unwrap().unwrap();
            }
            assert!(place.number(CUT).await > 0);
            store.held().await.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_more_connections_is_waited_for() {
    with_place(Kind::Postgres, async |place: Place| {
        place.open().await.close().await;
        let role = format!("few_{}", place.text.rsplit('/').next().unwrap());
        let make = format!(
            "create role {role} login connection limit 2;
             grant usage on schema public to {role};
             grant select, insert, update, delete on all tables in schema public to {role};"
        );
        place.execute(&make).await;
        let address = place.text.replace("gitratra@", &format!("{role}@"));
        let store = Store::open(&Location::parse(&address).unwrap())
            .await
            .unwrap();
        write(&store, 1).await.unwrap();
        let ours = CUT.replace(
            "application_name = 'gitratra'",
            &format!("usename = '{role}'"),
        );
        place.number(&ours).await;
        let others = {
            // The place of the one that was cut becomes free a moment later.
            let mut others = Vec::new();
            while others.len() < 2 {
                if let Ok(other) = connect(&address).await {
                    others.push(other);
                }
            }
            others
        };
        let error = write(&store, 2).await.unwrap_err();
        assert!(matches!(error, StoreError::Crowded { .. }), "{error:?}");
        assert!(error.is_passing());
        drop(others);
        while let Err(error) = write(&store, 3).await {
            assert!(matches!(error, StoreError::Crowded { .. }), "{error:?}");
        }
        assert_eq!(kept(&store).await, [1, 3]);
        store.close().await;
        place.number(&ours).await;
        place
            .execute(&format!("drop owned by {role}; drop role {role}"))
            .await;
    })
    .await;
}

/// Processes that do nothing until they are let go.
struct Frozen(Vec<i32>);

impl Frozen {
    async fn all_of(place: &Place) -> Self {
        let ours = "select pid from pg_stat_activity where datname = current_database() \
                    and application_name = 'gitratra'";
        let rows = place.postgres().await.query(ours, &[]).await.unwrap();
        let frozen = Self(rows.iter().map(|row| row.get(0)).collect());
        assert!(!frozen.0.is_empty());
        frozen.signal("-STOP");
        frozen
    }

    fn signal(&self, signal: &str) {
        let pids = self.0.iter().map(i32::to_string);
        run(Command::new("kill").arg(signal).args(pids));
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.signal("-CONT");
    }
}

/// A process that stands still in the middle of a write, and others that want to write the same.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_stands_still_with_a_lock_is_put_out_after_a_while() {
    with_place(Kind::Postgres, async |place: Place| {
        let locks = "select count(*) from pg_locks where locktype = 'advisory' and granted \
                     and database = (select oid from pg_database where datname = current_database())";
        let (still, other) = (place.open().await, place.open().await);
        let mut writing = Box::pin(write(&still, 1));
        while place.number(locks).await == 0 {
            let step = std::future::poll_fn(|cx| Poll::Ready(writing.as_mut().poll(cx))).await;
            assert!(step.is_pending());
        }
        // From here on it does nothing. Each try of the other waits for some seconds.
        let mut tries = 0;
        while let Err(error) = write(&other, 1).await {
            assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
            tries += 1;
        }
        assert!((1..8).contains(&tries), "{tries}");
        let error = writing.await.unwrap_err();
        assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
        write(&still, 2).await.unwrap();
        assert_eq!(kept(&still).await, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_falls_silent_is_not_waited_for_for_ever() {
    with_place(Kind::Postgres, async |place: Place| {
        let store = place.open().await;
        write(&store, 1).await.unwrap();
        let frozen = Frozen::all_of(&place).await;
        // There is but one thread, and time passes at once where nothing is left for it to do.
        tokio::time::pause();
        let error = write(&store, 2).await.unwrap_err();
        tokio::time::resume();
        assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
        assert!(error.is_passing());
        // The next question does not get the silent connection.
        write(&store, 3).await.unwrap();
        drop(frozen);
        assert_eq!(kept(&store).await, [1, 3]);
    })
    .await;
}
