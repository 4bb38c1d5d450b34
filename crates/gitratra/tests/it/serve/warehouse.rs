//! A warehouse that is kept up to date while collecting goes on.

use gitratra_sim::{Limits, RepoSpec};

use crate::house::{House, github, until};
use crate::warehouse::months;

use super::line::Room;
use super::service::{SPEED, Serving};

fn generation(house: &House) -> u64 {
    let text = std::fs::read_to_string(house.path("kept/_gitratra/manifest.json"));
    let text = text.unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let is_whole = manifest["state"] == "complete";
    manifest["generation"]
        .as_u64()
        .filter(|_| is_whole)
        .unwrap_or(0)
}

#[test]
fn a_warehouse_follows_day_after_day() {
    let sim = github().speed(SPEED).limits(Limits::none());
    let sim = sim
        .repo(RepoSpec::new("octo/alpha"))
        .repo(RepoSpec::new("octo/secret").private());
    let sim = sim.start_on_thread();
    let house = House::with(&sim);
    let place = house.path("kept").display().to_string();
    house.write(
        "config/gitratra/config.toml",
        format!(
            "[warehouse]\nto = \"{place}\"\nwhat = [\"daily\", \"repos\"]\n\
             repo = [\"!private\"]\n"
        ),
    );
    house.go("track octo/alpha octo/secret").exits(0);
    let serving = Serving::start(&house, &[]);
    until(|| generation(&house) >= 3);
    serving.stop();
    let bytes = std::fs::read(house.path("kept/repos/part-0.parquet")).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("secret"));
    // By hand the same table counts.
    house
        .go("warehouse --json")
        .exits(0)
        .says(&["kept", "generation"]);
    let days = months(&house.path("kept/daily/year=2026"));
    let export = house.export();
    let public = export.days("octo/alpha");
    assert_eq!(days.len(), public.len());
    assert!(days.iter().all(|day| day.repo == "octo/alpha"));
}

#[test]
fn a_warehouse_that_fails_is_told_and_that_it_is_over() {
    let sim = github().speed(SPEED).limits(Limits::none());
    let sim = sim.repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    let room = Room::open();
    let place = house.path("kept").display().to_string();
    // A file in its place: nothing can be made there.
    house.write("kept", "in the way");
    house.write(
        "config/gitratra/config.toml",
        format!(
            "[warehouse]\nto = \"{place}\"\n\n[[notify]]\nkind = \"webhook\"\nurl = \"{}\"\n",
            room.url
        ),
    );
    house.go("track octo/alpha").exits(0);
    let serving = Serving::start(&house, &[]);
    until(|| room.count("raised", "warehouse-fails") == 1);
    std::fs::remove_file(house.path("kept")).unwrap();
    until(|| room.count("over", "warehouse-fails") == 1);
    assert!(generation(&house) > 0);
    serving.stop();
    assert_eq!(room.heard().len(), 2);
}

#[test]
fn a_table_of_a_warehouse_that_cannot_be_used_is_told_at_the_start() {
    let house = House::empty().set("GITRATRA_TOKEN", "ghp_none");
    for (table, word) in [
        ("to = \"ftp://x\"", "ftp"),
        ("to = \"kept\"\nevery_hours = 0", "every_hours"),
        ("to = \"kept\"\nsecret = \"x\"", "secret"),
        ("to = \"kept\"\nwhat = [\"hits\"]", "hits"),
        ("to = \"s3://\"", "s3://BUCKET"),
    ] {
        house.write(
            "config/gitratra/config.toml",
            format!("[warehouse]\n{table}\n"),
        );
        house.go("serve --no-web").exits(2).says(&[word]);
    }
}
