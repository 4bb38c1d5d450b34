//! Several programs at once on one store: nothing is lost, nothing is damaged.

use gitratra_sim::{Limits, Sim};

use crate::exported::window;
use crate::house::{House, Ran, github};

fn fleet() -> Sim {
    github()
        .seed(91)
        .limits(Limits::none())
        .fleet("octo", 12)
        .start_on_thread()
}

#[test]
fn passes_at_once_lose_and_damage_nothing() {
    let sim = fleet();
    sim.set_latency_ms(3);
    let house = House::with(&sim);
    for round in 0..4 {
        // The first round also makes the store.
        let passes: Vec<_> = (0..3).map(|_| house.start(&["sync", "octo/*"])).collect();
        for pass in passes {
            Ran::of(&pass.wait_with_output().unwrap()).exits(0);
        }
        let exported = house.export();
        assert_eq!(exported.repos().len(), 12);
        for repo in exported.repos() {
            let newest = sim.newest(repo, gitratra_sim::Metric::Views);
            exported.is_true(&sim, repo, window(newest));
            assert_eq!(exported.days(repo).len(), 14 + round);
        }
        sim.advance_days(1);
    }
    let store = rusqlite::Connection::open(house.database()).unwrap();
    let sound: String = store
        .query_row("pragma integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
}

#[test]
fn readers_and_trackers_do_not_disturb_a_pass() {
    let sim = fleet();
    let house = House::with(&sim);
    house.run(&["sync", "octo/*"]).exits(0);
    let before = house.export();
    sim.set_latency_ms(5);
    sim.advance_days(1);
    let pass = house.start(&["sync"]);
    for number in 0..10 {
        house.export().lost_nothing_of(&before);
        house
            .run(&["track", &format!("!acme/tool-{number}")])
            .exits(0);
        house.go("show").exits(0);
    }
    Ran::of(&pass.wait_with_output().unwrap()).exits(0);
    let repos = house.go("repos --json").exits(0).json();
    assert_eq!(repos.as_array().unwrap().len(), 12);
    house
        .export()
        .is_true(&sim, "octo/amber-api", window("2026-03-10"));
}
