//! The job itself with PostgreSQL as the store.

use std::sync::atomic::{AtomicU32, Ordering};

use gitratra_sim::{Metric, RepoSpec};
use tokio_postgres::NoTls;

use crate::exported::{Exported, days, window};
use crate::house::{House, Ran, github};

/// A database of its own, dropped at the end.
pub(crate) struct Database {
    server: String,
    name: String,
    pub(crate) url: String,
}

impl Database {
    pub(crate) fn create() -> Self {
        let server = std::env::var("GITRATRA_TEST_POSTGRES").expect(
            "these tests need a scratch PostgreSQL server: \
             export GITRATRA_TEST_POSTGRES=\"$(scripts/postgres-for-tests start /tmp/pg)\"",
        );
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("program_{}_{number}", std::process::id());
        execute(&server, &format!("create database \"{name}\""));
        let (address, _) = server.rsplit_once('/').unwrap();
        let url = format!("{address}/{name}");
        Self { server, name, url }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = &self.name;
        execute(
            &self.server,
            &format!("drop database \"{name}\" with (force)"),
        );
    }
}

/// The one number that a question answers.
pub(crate) fn ask(url: &str, sql: &str) -> i64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.query_one(sql, &[]).await.unwrap().get(0)
    })
}

pub(crate) fn execute(url: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
    });
}

#[test]
fn the_main_path_is_the_same_on_postgresql() {
    let database = Database::create();
    let sim = github()
        .seed(11)
        .repo(RepoSpec::new("octo/busy").mean_views(120.0))
        .repo(RepoSpec::new("octo/quiet").mean_views(0.3))
        .start_on_thread();
    let house = House::with(&sim).set("GITRATRA_DB", &database.url);
    house.go("track octo/busy octo/quiet").exits(0);
    for _ in 0..5 {
        house.go("sync").exits(0);
        sim.advance_days(1);
    }
    for repo in ["octo/busy", "octo/quiet"] {
        house
            .export()
            .is_true(&sim, repo, days("2026-02-24", "2026-03-13"));
    }
    // An outage, a rename, two passes at once.
    sim.advance_days(16);
    sim.rename("octo/busy", "octo/busier");
    let passes: Vec<_> = (0..2).map(|_| house.start(&["sync"])).collect();
    for pass in passes {
        Ran::of(&pass.wait_with_output().unwrap()).exits(0);
    }
    let exported = house.export();
    assert_eq!(exported.repos(), ["octo/busier", "octo/quiet"]);
    let newest = sim.newest("octo/busier", Metric::Views);
    exported.is_true(&sim, "octo/busier", window(newest));
    assert_eq!(
        exported.days_in("octo/busier", "gap"),
        days("2026-03-14", newest.plus(-14)).collect::<Vec<_>>()
    );
    house
        .go("gaps")
        .exits(1)
        .shows(&["octo/busier", "2026-03-14"]);
    house.go("show octo/busy").exits(0).shows(&["octo/busier"]);
    house.go("why octo/busier 2026-03-10").exits(0);
    house.go("repos").exits(0).shows(&["octo/quiet"]);
    // The simulation's clock is not this machine's, which is to be mended.
    house
        .go("doctor")
        .exits(1)
        .shows(&["PostgreSQL", "it can be written", "1 thing needs doing"]);
    // The same passes into a file end in the same numbers.
    assert!(
        house.files().is_empty(),
        "nothing is written beside: {:?}",
        house.files()
    );
    assert_ne!(exported, Exported::default());
}
