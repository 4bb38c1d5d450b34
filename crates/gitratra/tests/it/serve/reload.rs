//! SIGHUP: the configuration is read again, and one that cannot be used changes nothing.

use gitratra_sim::{Limits, Sim};
use rustix::process::Signal;

use crate::house::{House, TOKEN, github, until};

use super::line::Room;
use super::service::{SPEED, Serving};

const SECOND: &str = "ghp_anotherTokenThatNobodySees456";

fn sim() -> Sim {
    let sim = github().token(SECOND).speed(SPEED).limits(Limits::none());
    sim.repo("octo/alpha").repo("octo/beta").start_on_thread()
}

/// The tokens are in files that the configuration names.
fn house(sim: &Sim) -> House {
    let house = House::with(sim).set("GITRATRA_TOKEN", "");
    house.write("one.token", TOKEN);
    house.write("two.token", SECOND);
    configure(&house, "one.token", "");
    house.go("track octo/alpha octo/beta").exits(0);
    house
}

fn configure(house: &House, token: &str, more: &str) {
    let token = house.path(token).display().to_string();
    let text = format!("token_file = \"{token}\"\n{more}");
    house.write("config/gitratra/config.toml", text);
}

#[test]
fn another_token_and_another_channel_are_used_after_a_hang_up() {
    let sim = sim();
    let house = house(&sim);
    let mut serving = Serving::start(&house, &[]);
    serving.answers("/readyz", 200);
    let room = Room::open();
    let channel = format!("[[notify]]\nkind = \"webhook\"\nurl = \"{}\"\n", room.url);
    configure(&house, "two.token", &format!("jobs = 2\n{channel}"));
    serving.signal(Signal::HUP);
    serving.says("the configuration was read again");
    // Only the first token is refused now, and nobody minds.
    sim.revoke(TOKEN);
    sim.clear_log();
    until(|| sim.counters().total > 6);
    assert_eq!(sim.counters().by_status.get(&401), None);
    serving.answers("/readyz", 200);
    // The new channel hears of the second.
    sim.revoke(SECOND);
    until(|| room.count("raised", "credential-stopped") == 1);
    serving.stop();
}

#[test]
fn a_configuration_that_cannot_be_used_changes_nothing() {
    let sim = sim();
    let house = house(&sim);
    let mut serving = Serving::start(&house, &[]);
    serving.answers("/readyz", 200);
    let broken = [
        ("jobs = \"many\"\n", "jobs"),
        ("jobs = 5000\n", "out of range"),
        ("[[notify]]\nkind = \"pigeon\"\n", "pigeon"),
    ];
    for (number, (text, expected)) in broken.into_iter().enumerate() {
        configure(&house, "one.token", text);
        serving.signal(Signal::HUP);
        until(|| serving.count("going on with the settings there were") == number + 1);
        serving.says(expected);
    }
    // So does a token that is not there.
    configure(&house, "none.token", "");
    serving.signal(Signal::HUP);
    until(|| serving.count("going on with the settings there were") == 4);
    serving.says("none.token");
    configure(&house, "one.token", "");
    sim.clear_log();
    until(|| sim.counters().total > 6);
    serving.signal(Signal::HUP);
    serving.says("the configuration was read again");
    sim.clear_log();
    until(|| sim.counters().total > 6);
    serving.answers("/readyz", 200);
    serving.stop();
}
