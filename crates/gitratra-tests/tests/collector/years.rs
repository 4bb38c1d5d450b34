//! A year with everything that a year brings, and machines that are rarely up.

use gitratra_core::alarm::{Names, Receiver};
use gitratra_sim::{FaultMix, Metric, Right, StaleAnswers, Stall, Time, TokenSpec, ZeroDays};

use crate::house::{House, TOKEN};

const NEW_TOKEN: &str = "ghp_replacement";

fn full(secret: &str) -> TokenSpec {
    TokenSpec::full(secret).can(Right::Admin, "*")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_of_every_trouble_loses_no_day() {
    let mut house = House::new(0.5, |sim| {
        sim.at("2026-01-10T12:00:00Z")
            .fleet("octo", 200)
            .token(full(TOKEN).expires("2026-06-01T03:00:00Z"))
            .token(full(NEW_TOKEN))
            .fault_mix(FaultMix::new(0.05))
    })
    .await;
    house.receivers = vec![Receiver {
        channel: "letters".into(),
        names: Names::All,
    }];
    house.track(&["*"]).await;
    house.collect_until("2026-01-20T00:00:00Z").await;
    let ids = house.ids();
    assert_eq!(ids.len(), 200);
    let sim = &house.sim;

    // Three stalls: of everything, of one repository for long, of clones alone.
    sim.stall(Stall::new(gitratra_sim::Scope::All, "2026-02-01").until("2026-02-05T10:00:00Z"));
    sim.stall(Stall::new(ids[7], "2026-02-10").until("2026-02-21T15:00:00Z"));
    sim.stall(
        Stall::new(gitratra_sim::Scope::All, "2026-03-01")
            .metric(Metric::Clones)
            .until("2026-03-05T18:00:00Z"),
    );
    // Zeros for everybody, which GitHub mends.
    sim.zero_days(
        ZeroDays::new(gitratra_sim::Scope::All, "2026-03-15", "2026-03-15")
            .until("2026-03-18T12:00:00Z"),
    );
    house.collect_until("2026-03-20T00:00:00Z").await;

    // Ten renames, and two of the old names go to others.
    let names: Vec<String> = ids[20..30].iter().map(|id| sim.full_name(*id)).collect();
    for (number, name) in names.iter().enumerate() {
        sim.rename(name.as_str(), &format!("octo/renamed-{number}"));
    }
    let reused: Vec<u64> = names[..2]
        .iter()
        .map(|name| sim.create(name.as_str()))
        .collect();
    house.collect_until("2026-05-01T04:00:00Z").await;

    // Twelve days without the machine.
    house.sleep_days(12);
    house.collect_until("2026-06-03T09:00:00Z").await;

    // The token expired two days ago; now it is replaced.
    house.tokens.set(&[NEW_TOKEN]);
    house.collect_until("2027-01-10T23:00:00Z").await;

    assert_eq!(house.losses(&ids).await.into_iter().next(), None);
    for id in &reused {
        assert_eq!(
            house
                .losses_since(&[*id], "2026-03-21")
                .await
                .into_iter()
                .next(),
            None
        );
    }
    let counters = house.sim.counters();
    println!("{counters:?}");
    assert_eq!(counters.secondary_violations, 0);
    assert_eq!(counters.primary_violations, 0);
    let told: Vec<String> = house
        .letters
        .sent
        .lock()
        .unwrap()
        .iter()
        .map(|message| {
            format!(
                "{} {} {}",
                message.at,
                message.event.as_str(),
                message.subject
            )
        })
        .collect();
    println!("{}", told.join("\n"));
    let of = |word: &str, key: &str| {
        let sent = house.letters.sent.lock().unwrap();
        let of_it = sent
            .iter()
            .filter(|message| message.event.as_str() == word && message.key.starts_with(key));
        of_it.count()
    };
    assert_eq!(
        (
            of("raised", "credential-stopped"),
            of("over", "credential-stopped")
        ),
        (1, 1)
    );
    assert_eq!((of("raised", "outage"), of("over", "outage")), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_is_up_one_day_in_twelve_loses_no_day_to_stale_answers() {
    let house = House::new(0.5, |sim| {
        sim.fleet("octo", 200).token(TOKEN).stale(StaleAnswers::new(
            gitratra_sim::Scope::All,
            0.1,
            7,
        ))
    })
    .await;
    house.track(&["*"]).await;
    for _ in 0..30 {
        house.collect_days(1).await;
        house.sleep_days(11);
    }
    house.collect_days(1).await;
    let ids = house.ids();
    assert_eq!(ids.len(), 200);
    assert_eq!(house.losses(&ids).await.into_iter().next(), None);
    assert_eq!(house.sim.counters().secondary_violations, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn single_passes_twelve_days_apart_lose_no_day_to_stale_answers() {
    let house = House::new(1.0, |sim| {
        sim.fleet("octo", 60).token(TOKEN).stale(StaleAnswers::new(
            gitratra_sim::Scope::All,
            0.1,
            7,
        ))
    })
    .await;
    house.track(&["*"]).await;
    for _ in 0..30 {
        house.pass().await;
        house.sleep_days(12);
    }
    house.pass().await;
    let ids = house.ids();
    assert_eq!(ids.len(), 60);
    // The last pass may have been told an older window; what it has not is still to be had.
    let last: Vec<String> = house.losses(&ids).await.into_iter().collect();
    let reachable = [
        "2027-02-27",
        "2027-02-28",
        "2027-03-01",
        "2027-03-02",
        "2027-03-03",
        "2027-03-04",
    ];
    let lost = last
        .iter()
        .find(|loss| !reachable.iter().any(|day| loss.contains(day)));
    assert_eq!(lost, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_sixteen_days_costs_exactly_the_days_that_left_the_window() {
    let house = House::new(0.5, |sim| sim.fleet("octo", 20).token(TOKEN)).await;
    house.track(&["*"]).await;
    house.collect_until("2026-03-20T23:00:00Z").await;
    house.sim.set_clock("2026-04-05T23:00:00Z");
    house.collect_until("2026-04-07T12:00:00Z").await;
    let ids = house.ids();
    let lost = house.losses(&ids).await;
    // 2026-04-04 is the newest day then, so that 2026-03-22 is the oldest in the window.
    let expected = ids.iter().flat_map(|id| {
        ["views", "clones"].into_iter().flat_map(move |metric| {
            ["2026-03-20", "2026-03-21"].map(|day| format!("{id} {metric} {day}: None"))
        })
    });
    assert_eq!(lost, expected.collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_repositories_within_five_thousand_requests_an_hour() {
    const REPOS: usize = 5000;
    let house = House::new(1.0, |sim| {
        sim.at("2026-03-10T12:00:00Z")
            .fleet("octo", REPOS)
            .token(TOKEN)
    })
    .await;
    house.track(&["*"]).await;
    house.collect_until("2026-03-14T12:00:00Z").await;
    let ids = house.ids();
    assert_eq!(ids.len(), REPOS);
    assert_eq!(house.losses(&ids).await.into_iter().next(), None);
    let mut longest = 0;
    for id in &ids {
        let mut read_at: Time = "2026-03-10T12:00:00Z".into();
        for day in ["2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12"] {
            let next = house.sim.first_served_at(*id, Metric::Clones, day).unwrap();
            longest = longest.max(next.secs() - read_at.secs());
            read_at = next;
        }
    }
    let counters = house.sim.counters();
    println!("longest {} h; {counters:?}", longest / 3600);
    assert!(longest <= 36 * 3600, "{longest}");
    assert_eq!(counters.primary_violations, 0);
    assert_eq!(counters.secondary_violations, 0);
}
