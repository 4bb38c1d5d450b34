//! Quiet times: how soon a new day is held, and what that costs.

use gitratra_sim::Endpoint;

use crate::house::{House, TOKEN};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_day_is_held_soon_after_its_publication_for_some_six_requests() {
    let house = House::new(0.5, |sim| sim.fleet("octo", 100).token(TOKEN)).await;
    house.track(&["*"]).await;
    house.collect_until("2026-03-13T00:00:00Z").await;
    let ids = house.ids();
    house.sim.clear_log();
    house.collect_days(20).await;
    let counters = house.sim.counters();
    // Before half past six nothing can be new, and nothing is asked.
    house.sim.clear_log();
    house.collect_until("2026-04-02T06:29:00Z").await;
    assert_eq!(house.sim.counters().traffic(), 0);
    let of_each = |requests: u64| requests as f64 / (ids.len() * 20) as f64;
    let cost = of_each(counters.total);
    println!(
        "{counters:?}\n{:?}\n{:?}",
        house.losses(&ids).await.len(),
        house.status.snapshot().now
    );
    let mut delays: Vec<i64> = Vec::new();
    for id in &ids {
        let mut day = gitratra_sim::Day::from("2026-03-12");
        while day < gitratra_sim::Day::from("2026-04-01") {
            for metric in [gitratra_sim::Metric::Views, gitratra_sim::Metric::Clones] {
                let Some(seen) = house.sim.first_served_at(*id, metric, day) else {
                    println!("never {id} {metric:?} {day}");
                    continue;
                };
                delays.push(seen.secs() - house.sim.publication_moment(*id, day).secs());
            }
            day = day.plus(1);
        }
    }
    delays.sort_unstable();
    let median = delays[delays.len() / 2] / 60;
    let late = delays[delays.len() * 99 / 100] / 60;
    println!(
        "cost {cost:.2} a repository and day; median {median} min, 99 % {late} min; {counters:?}"
    );
    assert_eq!(house.losses(&ids).await.into_iter().next(), None);
    // Six for traffic, and half of one for weeks, stars, releases and counters together.
    assert!(cost <= 6.5, "{cost}");
    let counting = of_each(counters.of(Endpoint::Graphql));
    assert!(counting > 0.0 && counting <= 0.1, "{counting}");
    let stars = of_each(counters.of(Endpoint::StarHistory));
    assert!(stars > 0.0 && stars <= 1.0, "{stars}");
    assert!(median < 30, "{median}");
    assert!(late < 120, "{late}");
    assert_eq!(counters.secondary_violations, 0);
}
