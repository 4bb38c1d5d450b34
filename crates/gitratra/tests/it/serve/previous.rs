//! The program of the release before on a schema that a newer one has made: it goes on while that
//! happens and afterwards.
//!
//! `scripts/previous-program-test` gives the program of an earlier commit; without it the present one
//! plays that part. The schema is the present one and one version more, which adds what a version may.

use std::path::Path;

use gitratra_sim::{Limits, Metric};

use crate::exported::days;
use crate::house::{House, github};
use crate::postgres::{Database, execute};

use super::service::{SPEED, Serving};

/// What the next version adds.
const ADDS: &str = "
    create table later (
        repo_id bigint not null,
        words text not null,
        primary key (repo_id)
    );
    alter table repo add column later_words text;
    alter table traffic_day add column later_count bigint not null default 0;
    alter table session add column later_words text;
    insert into gitratra_schema_history (version, name, applied_on, checksum)
    values (1000, 'later', '2030-01-01T00:00:00Z', '1');";

fn go_on(file: Option<&Path>, server: Option<&str>, sql: &str) {
    match (file, server) {
        (Some(path), _) => {
            let connection = rusqlite::Connection::open(path).unwrap();
            connection
                .busy_timeout(std::time::Duration::from_secs(60))
                .unwrap();
            let sql = format!("begin immediate; {sql} commit;");
            connection.execute_batch(&sql).unwrap();
        }
        (None, Some(url)) => execute(url, &format!("begin; {sql} commit;")),
        (None, None) => panic!("a store is somewhere"),
    }
}

fn check(house: House, file: Option<&Path>, server: Option<&str>, seed: u64) {
    let sim = github().seed(seed).speed(SPEED).limits(Limits::none());
    let sim = sim.repo("octo/alpha").repo("octo/beta").start_on_thread();
    let house = house
        .set("GITRATRA_API_URL", &sim.url())
        .set("GITRATRA_TOKEN", crate::house::TOKEN)
        .set("GITRATRA_POINTS_PER_MINUTE", "0");
    let old = match std::env::var("GITRATRA_PREVIOUS_PROGRAM") {
        Ok(program) => house.with_program(&program),
        Err(_) => house,
    };
    old.go("track octo/alpha octo/beta").exits(0);
    let first = sim.newest("octo/alpha", Metric::Views).plus(-13);
    let mut serving = Serving::start(&old, &[]);
    serving.holds("octo/alpha", first.plus(13));

    // The new program comes, and then the one after it.
    let new = old.run_by(env!("CARGO_BIN_EXE_gitratra"), &["repos"]);
    new.exits(0);
    let version = match file {
        Some(_) => "pragma user_version = 1000;",
        None => "",
    };
    go_on(file, server, &format!("{ADDS} {version}"));

    let goal = sim.newest("octo/alpha", Metric::Views).plus(2);
    for repo in ["octo/alpha", "octo/beta"] {
        serving.holds(repo, goal);
    }
    assert_eq!(serving.metric("gitratra_store_errors_total"), Some(0));
    assert_eq!(serving.get("/octo/alpha").0, 200);
    serving.stop();

    // And it is started anew.
    let exported = old.export();
    for repo in ["octo/alpha", "octo/beta"] {
        exported.is_true(&sim, repo, days(first, goal));
    }
    old.go("archive there").exits(0);
    old.go("import there --from archive").exits(0);
    old.go("sync octo/alpha").exits(0);
    old.go("show octo/alpha").exits(0);
    old.go("users add ada --role admin").exits(0);
    let copied = old.go("backup copy.db");
    match file {
        Some(_) => {
            copied.exits(0);
        }
        None => {
            copied.exits(2).says(&["newer gitratra"]);
        }
    }
    let raise = "update mark set number = 1000 where mark = 'oldest_program';";
    go_on(file, server, raise);
    old.go("repos").exits(2).says(&["newer gitratra"]);
}

#[test]
fn the_program_before_goes_on_at_a_newer_file() {
    let house = House::empty();
    let file = house.database();
    check(house, Some(&file), None, 91);
}

#[test]
fn the_program_before_goes_on_at_a_newer_database() {
    let database = Database::create();
    let house = House::empty().set("GITRATRA_DB", &database.url);
    check(house, None, Some(&database.url), 92);
}
