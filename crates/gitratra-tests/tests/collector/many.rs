//! Several collectors over one store: what one asks the others do not, and whoever dies or stands
//! still is replaced.

use crate::place::{Place, on_both_engines};
use crate::several::{JOBS, Member, QuietClock, REPOS, assert_good, collect, house};

on_both_engines![
    three_collectors_ask_no_more_than_one,
    whoever_is_killed_in_a_round_is_replaced,
    whoever_stood_still_drops_the_rest_of_its_round,
];

async fn three_collectors_ask_no_more_than_one(place: Place) {
    let alone = house(Place::file(), REPOS).await;
    let clock = QuietClock::new(&alone).await;
    let one = Member::new(&alone, "one", &clock).await;
    collect(&[&one], &clock, async {}).await;
    assert_good(&alone, 1, 0).await;

    let house = house(place, REPOS).await;
    let clock = QuietClock::new(&house).await;
    let one = Member::new(&house, "one", &clock).await;
    let two = Member::new(&house, "two", &clock).await;
    let three = Member::new(&house, "three", &clock).await;
    collect(&[&one, &two, &three], &clock, async {}).await;
    assert_good(&house, 3, 0).await;
    let (all, few) = (house.sim.counters(), alone.sim.counters());
    let (all, few) = (all.traffic(), few.traffic());
    assert!(all <= few + few / 20, "{all} instead of {few}");
}

async fn whoever_is_killed_in_a_round_is_replaced(place: Place) {
    let house = house(place, REPOS).await;
    let clock = QuietClock::new(&house).await;
    let one = Member::new(&house, "one", &clock).await;
    let two = Member::new(&house, "two", &clock).await;
    let three = Member::new(&house, "three", &clock).await;
    collect(&[&one, &two, &three], &clock, async {
        two.in_a_round(&house.store).await;
        two.fate.kill();
    })
    .await;
    // What was on its way then.
    assert_good(&house, 3, JOBS).await;
}

async fn whoever_stood_still_drops_the_rest_of_its_round(place: Place) {
    const TIMES: usize = 3;
    let house = house(place, REPOS).await;
    let clock = QuietClock::new(&house).await;
    let one = Member::new(&house, "one", &clock).await;
    let two = Member::new(&house, "two", &clock).await;
    collect(&[&one, &two], &clock, async {
        for _ in 0..TIMES {
            two.in_a_round(&house.store).await;
            two.fate.freeze();
            clock.pass(240).await;
            two.fate.thaw();
        }
    })
    .await;
    assert_good(&house, 2, JOBS * TIMES).await;
}
