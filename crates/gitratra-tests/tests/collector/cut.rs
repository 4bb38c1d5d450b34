//! Collectors of which one is cut off: from the store, or from GitHub.

use gitratra_sim::Time;

use crate::house::House;
use crate::place::{Kind, Place, on_both_engines, with_place};
use crate::several::{JOBS, Member, QuietClock, REPOS, SPARE, assert_good, collect, house};
use crate::wire::Wire;

on_both_engines![whoever_reaches_github_no_more_lets_others_ask];

/// Answers that one had been given or was about to be, and could not store: four endpoints of each
/// repository that it was reading.
const LOST: usize = 4 * JOBS;
const HOUR: i64 = 3600;

/// By which the log knows the one credential of a member.
async fn print_of(house: &House, member: &Member) -> String {
    let asker = member.tokens.asker(SPARE);
    asker.client.rate_limit().await.unwrap();
    house.sim.log().last().unwrap().credential.clone()
}

/// How often a credential asked for traffic in that time.
fn asked_by(house: &House, print: &str, from: Time, to: Time) -> usize {
    let log = house.sim.log();
    let ours = log.iter().filter(|entry| {
        let is_then = (from.secs()..to.secs()).contains(&entry.at.secs());
        is_then && entry.credential == print && entry.target.contains("/traffic/")
    });
    ours.count()
}

/// Goes on until one has asked for traffic again. On some days the other is quicker with everything.
async fn comes_back(house: &House, clock: &QuietClock, print: &str, mended: Time) {
    while asked_by(house, print, mended, house.sim.now()) == 0 {
        clock.pass(HOUR).await;
    }
    // What is published meanwhile is read too.
    clock.pass(6 * HOUR).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reaches_the_store_no_more_asks_nothing() {
    const TIMES: usize = 3;
    with_place(Kind::Postgres, async |place: Place| {
        let wire = Wire::to(place.server()).await;
        let way = place.by_way_of(&wire.address);
        let house = house(place, REPOS).await;
        let clock = QuietClock::new(&house).await;
        let one = Member::new(&house, "one", &clock).await;
        let two = Member::by_way_of(&house, "two", &clock, &way, &house.sim.url()).await;
        two.tokens.set(&[SPARE]);
        let print = print_of(&house, &two).await;
        let mut mended = house.sim.now();
        collect(&[&one, &two], &clock, async {
            for _ in 0..TIMES {
                two.in_a_round(&house.store).await;
                wire.cut();
                // What it holds is its own that long, and not for a moment longer.
                clock.pass(120).await;
                let over = house.sim.now();
                clock.pass(HOUR).await;
                let asked = asked_by(&house, &print, over, house.sim.now());
                wire.mend();
                assert_eq!(asked, 0);
                mended = house.sim.now();
                clock.pass(6 * HOUR).await;
            }
            comes_back(&house, &clock, &print, mended).await;
        })
        .await;
        assert_good(&house, 2, TIMES * LOST).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_connections_the_server_ends_goes_on() {
    const TIMES: usize = 4;
    const END: &str = "
        select pg_terminate_backend(pid)
        from pg_stat_activity
        where application_name = 'two'";
    with_place(Kind::Postgres, async |mut place: Place| {
        let server = place.connection().await.unwrap();
        let plain = place.text.clone();
        place.text = format!("{plain}?application_name=two");
        let way = place.location();
        place.text = plain;
        let house = house(place, REPOS).await;
        let clock = QuietClock::new(&house).await;
        let one = Member::new(&house, "one", &clock).await;
        let two = Member::by_way_of(&house, "two", &clock, &way, &house.sim.url()).await;
        collect(&[&one, &two], &clock, async {
            for _ in 0..TIMES {
                two.in_a_round(&house.store).await;
                let ended = server.query(END, &[]).await.unwrap();
                assert!(!ended.is_empty());
                clock.pass(6 * HOUR).await;
            }
        })
        .await;
        assert_good(&house, 2, TIMES * LOST).await;
    })
    .await;
}

async fn whoever_reaches_github_no_more_lets_others_ask(place: Place) {
    const TIMES: usize = 2;
    let way = place.location();
    let house = house(place, REPOS).await;
    let url = house.sim.url();
    let wire = Wire::to(url.trim_start_matches("http://")).await;
    let github = format!("http://{}", wire.address);
    let clock = QuietClock::new(&house).await;
    let one = Member::new(&house, "one", &clock).await;
    let two = Member::by_way_of(&house, "two", &clock, &way, &github).await;
    two.tokens.set(&[SPARE]);
    let print = print_of(&house, &two).await;
    let mut mended = house.sim.now();
    collect(&[&one, &two], &clock, async {
        for _ in 0..TIMES {
            two.in_a_round(&house.store).await;
            wire.cut();
            clock.pass(12 * HOUR).await;
            wire.mend();
            mended = house.sim.now();
            clock.pass(12 * HOUR).await;
        }
        comes_back(&house, &clock, &print, mended).await;
    })
    .await;
    assert_good(&house, 2, TIMES * LOST).await;
}
