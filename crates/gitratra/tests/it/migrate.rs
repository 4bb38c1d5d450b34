//! `migrate`: two simulated years move to a server and back to a file, and are the same everywhere.

use crate::house::House;
use crate::postgres::Database;

#[test]
fn two_years_move_to_a_server_and_back() {
    let house = House::empty().set("GITRATRA_API_URL", "http://127.0.0.1:1");
    house.go("--db mine.db demo --no-web").exits(0);
    let server = Database::create();
    let house = house.set("GITRATRA_DB", "mine.db");
    let before = house.go("export daily").exits(0).out;
    let head = house.go("verify --json").exits(0).json()["head"].clone();
    assert!(head["digest"].is_string(), "{head}");
    let there = |last: &[&'static str]| -> Vec<String> {
        let words = ["migrate", "--from", "mine.db", "--to", server.url.as_str()];
        let words = words.iter().chain(last).map(|word| (*word).to_owned());
        words.collect()
    };
    let run = |words: &[String]| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        house.run(&words)
    };
    let told = run(&there(&["--json"])).exits(0);
    told.says(&["pass 1", "on both sides", "from now on"]);
    let told = run(&there(&[])).exits(2);
    told.says(&["holds something already", "gitratra merge"]);
    house
        .run(&[
            "migrate",
            "--from",
            &server.url,
            "--to",
            "back.db",
            "--json",
        ])
        .exits(0);
    for place in [server.url.as_str(), "back.db"] {
        let found = house.run(&["--db", place, "export", "daily"]).exits(0);
        assert!(found.out == before, "{place}");
        let found = house.run(&["--db", place, "verify", "--json"]).exits(0);
        assert_eq!(found.json()["head"], head);
    }
    house
        .go("migrate --from mine.db --to ./mine.db")
        .exits(2)
        .says(&["into itself"]);
    house
        .go("migrate --from nothing.db --to new.db")
        .exits(2)
        .says(&["there is no database"]);
    assert!(!house.path("new.db").exists());
}

#[test]
fn what_is_not_whole_yet_is_not_used_and_a_move_goes_on() {
    let house = House::empty().set("GITRATRA_API_URL", "http://127.0.0.1:1");
    house.go("--db mine.db demo --no-web").exits(0);
    // As a move leaves it that was killed: marked, and with a part of the rows.
    house.go("migrate --from mine.db --to new.db").exits(0);
    let connection = rusqlite::Connection::open(house.path("new.db")).unwrap();
    connection
        .execute_batch(
            "insert into house_key (purpose, secret, made_at) values ('moving', 'mine.db', 0);
             delete from sighting where repo_id > 700000002;
             delete from asked; delete from run",
        )
        .unwrap();
    for words in ["show", "export daily", "backup copy.db", "serve"] {
        let said = house.go(&format!("--db new.db {words}")).exits(2);
        said.says(&["not whole yet", "gitratra migrate --from"]);
    }
    house
        .go("migrate --from other.db --to new.db")
        .exits(2)
        .says(&["there is no database"]);
    house.go("--db other.db track octo/alpha").exits(0);
    house
        .go("migrate --from other.db --to new.db")
        .exits(2)
        .says(&["a move from \"mine.db\"", "is not ended"]);
    house
        .go("migrate --from mine.db --to new.db")
        .exits(0)
        .says(&["going on", "on both sides"]);
    let export = |place: &str| house.go(&format!("--db {place} export daily")).exits(0).out;
    assert!(export("new.db") == export("mine.db"));
    house.go("--db new.db verify").exits(0);
}
