//! `backup`, `restore` and `verify`, seen from outside: two simulated years are copied, changed, found
//! out and put back.

use std::os::unix::fs::PermissionsExt as _;

use crate::house::House;

fn house() -> House {
    let house = House::empty().set("GITRATRA_API_URL", "http://127.0.0.1:1");
    house.go("--db mine.db demo --no-web").exits(0);
    house.set("GITRATRA_DB", "mine.db")
}

fn change(house: &House, sql: &str) {
    let connection = rusqlite::Connection::open(house.path("mine.db")).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[test]
fn two_years_are_copied_changed_found_out_and_put_back() {
    let house = house();
    let before = house.export();
    let clean = house
        .go("verify")
        .exits(0)
        .shows(&["nothing wrong", "head up to"]);
    let told = house.go("verify --json").exits(0).json();
    assert!(told["sealed_months"].as_u64().unwrap() > 100, "{told}");
    assert_eq!(told["wrong"], 0);
    let head = told["head"]["digest"].as_str().unwrap().to_owned();
    assert!(clean.out.contains(&head));
    house.go(&format!("verify --head {head}")).exits(0);
    house
        .go("verify --head nonsense")
        .exits(1)
        .shows(&["no month"]);

    house
        .go("backup copy.db")
        .exits(0)
        .says(&["copied to copy.db", "hashes of passwords"]);
    let mode = std::fs::metadata(house.path("copy.db"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    house.go("backup copy.db").exits(2).says(&["--force"]);
    house.go("backup copy.db --force --json").exits(0);
    house.go("backup").exits(2).says(&["[backup]"]);
    let copied = house.go("backup --to copies --json").exits(0).json();
    assert!(
        copied["place"]
            .as_str()
            .unwrap()
            .starts_with("copies/gitratra-2"),
        "{copied}"
    );
    assert_eq!(copied["sha256"].as_str().unwrap().len(), 64);

    change(
        &house,
        "update traffic_day set views = views + 1 where day = 20500 and repo_id = \
         (select repo_id from repo where full_name = 'octo/atlas-maps')",
    );
    let ran = house.go("verify").exits(1);
    ran.shows(&["octo/atlas-maps 2026-02-16 traffic_day: the day is not what it was"]);
    house.go(&format!("verify --head {head}")).exits(1);
    house
        .go("restore copy.db")
        .exits(2)
        .says(&["mine.db", "--overwrite"]);
    house
        .go("restore copy.db --overwrite")
        .exits(0)
        .says(&["mine.db"]);
    house.go(&format!("verify --head {head}")).exits(0);
    assert_eq!(house.export(), before);
    house
        .go("restore nowhere.db --overwrite")
        .exits(2)
        .says(&["nowhere.db"]);
    house.write("text.db", "no store, only a text");
    house
        .go("restore text.db --overwrite")
        .exits(2)
        .says(&["text.db", "no store"]);
    assert_eq!(house.export(), before);
}

#[test]
fn a_file_that_is_torn_is_a_finding() {
    let house = house();
    let bytes = std::fs::read(house.path("mine.db")).unwrap();
    let half = bytes.len() / 2;
    house.write("torn.db", &bytes[..half]);
    let ran = house.go("--db torn.db verify").exits(1);
    assert!(
        ran.out.contains("torn.db") || ran.out.contains("file:"),
        "{}",
        ran.out
    );
    house.go("--db torn.db verify --json").exits(1);
    house
        .go("--db new.db restore torn.db")
        .exits(2)
        .says(&["torn.db"]);
    assert!(!house.path("new.db").exists());
}
