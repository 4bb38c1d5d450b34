//! `admin distribute`: tables are cut up and put together again, and nobody sees a difference.

use crate::house::House;
use crate::postgres::{Database, execute};

#[test]
fn two_years_are_cut_up_and_put_together_again() {
    let house = House::empty().set("GITRATRA_API_URL", "http://127.0.0.1:1");
    house.go("--db mine.db demo --no-web").exits(0);
    let server = Database::create();
    house
        .run(&["migrate", "--from", "mine.db", "--to", &server.url])
        .exits(0);
    let house = house.set("GITRATRA_DB", &server.url);
    let before = house.go("export daily").exits(0).out;
    let head = house.go("verify --json").exits(0).json()["head"].clone();
    let planned = house
        .go("admin distribute --partitions 3 --dry-run")
        .exits(0);
    for part in [
        "begin;",
        "partition by hash (repo_id)",
        "modulus 3, remainder 2",
        "commit;",
    ] {
        assert!(
            planned.out.contains(part),
            "{part} is not in {}",
            planned.out
        );
    }
    let same = |house: &House| {
        assert!(house.go("export daily").exits(0).out == before);
        assert_eq!(house.go("verify --json").exits(0).json()["head"], head);
    };
    // A collector that runs would be told that the store is busy, again and again.
    let collector = "insert into collector (holder, host, since, seen_at) \
                     select 'x', 'a-machine', n, n from (select extract(epoch from now())::bigint as n) as now";
    execute(&server.url, collector);
    house
        .go("admin distribute --partitions 3")
        .exits(2)
        .says(&["a-machine", "stop every `gitratra serve`"]);
    execute(&server.url, "delete from collector");
    for (words, told) in [
        ("admin distribute --partitions 3", "tables are made anew"),
        ("admin distribute --partitions 3", "nothing was changed"),
        ("admin distribute --years", "tables are made anew"),
        ("admin distribute --years", "nothing was changed"),
        ("admin distribute --undo", "tables are made anew"),
        ("admin distribute --undo", "nothing was changed"),
    ] {
        house.go(words).exits(0).says(&[told]);
        same(&house);
    }
    house
        .go("admin distribute")
        .exits(2)
        .says(&["no Citus", "--partitions"]);
    let planned = house
        .go("admin distribute --dry-run --json")
        .exits(0)
        .json();
    let first = &planned["tables"][0]["statements"][0];
    let first = first.as_str().unwrap_or_default();
    assert!(
        first.starts_with("select create_distributed_table('repo', 'repo_id'"),
        "{first}"
    );
}

#[test]
fn a_file_is_one_piece() {
    let house = House::empty().set("GITRATRA_API_URL", "http://127.0.0.1:1");
    house
        .go("admin distribute")
        .exits(2)
        .says(&["there is no store"]);
    house.go("track octo/alpha").exits(0);
    house
        .go("admin distribute --years")
        .exits(2)
        .says(&["is a file", "gitratra migrate"]);
    house.go("admin distribute --partitions 1").exits(2);
    house.go("admin distribute --partitions 4 --years").exits(2);
}
