//! Copies that are made while collecting goes on, and what is told where they fail.

use gitratra_sim::Limits;

use crate::house::{House, github, until};

use super::line::Room;
use super::service::{SPEED, Serving};

fn copies(house: &House) -> Vec<String> {
    let names = std::fs::read_dir(house.path("copies"))
        .into_iter()
        .flatten();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with("Z.db")).collect()
}

#[test]
fn copies_are_made_each_day_and_what_fails_is_told() {
    let sim = github().speed(SPEED).limits(Limits::none());
    let sim = sim.repo("octo/alpha").start_on_thread();
    let house = House::with(&sim);
    let room = Room::open();
    let place = house.path("copies").display().to_string();
    // A file in its place: nothing can be made there.
    house.write("copies", "in the way");
    house.write(
        "config/gitratra/config.toml",
        format!(
            "[backup]\nto = \"{place}\"\nevery_hours = 24\nkeep = {{ last = 2, daily = 0, weekly = 0, \
             monthly = 0 }}\n\n[[notify]]\nkind = \"webhook\"\nurl = \"{}\"\n",
            room.url
        ),
    );
    house.go("track octo/alpha").exits(0);
    let serving = Serving::start(&house, &[]);
    until(|| room.count("raised", "copies-fail") == 1);
    std::fs::remove_file(house.path("copies")).unwrap();
    until(|| room.count("over", "copies-fail") == 1);
    let first = copies(&house).remove(0);
    until(|| copies(&house).len() == 2 && !copies(&house).contains(&first));
    serving.stop();
    assert_eq!(room.heard().len(), 2);
    let newest = copies(&house).into_iter().max().unwrap();
    let words = format!("--db copies/{newest} verify");
    house.go(&words).exits(0).shows(&["1 repositories"]);
}

#[test]
fn a_table_of_copies_that_cannot_be_used_is_told_at_the_start() {
    let house = House::empty().set("GITRATRA_TOKEN", "ghp_none");
    for (table, word) in [
        ("to = \"ftp://x\"", "ftp"),
        ("to = \"copies\"\nevery_hours = 0", "every_hours"),
        ("to = \"copies\"\nsecret = \"x\"", "secret"),
        (
            "to = \"s3://bucket\"\nendpoint = \"http://127.0.0.1:1\"\nkeep = 3",
            "keep",
        ),
    ] {
        house.write(
            "config/gitratra/config.toml",
            format!("[backup]\n{table}\n"),
        );
        house.go("serve --no-web").exits(2).says(&[word]);
    }
}
