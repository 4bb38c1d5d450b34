//! Repositories that go, come back, or leave their name to another.

use gitratra_core::alarm::{Names, Receiver};
use gitratra_sim::{Right, TokenSpec};

use crate::house::{House, TOKEN};

/// Deletes and creates again under the same name; returns requests for each simulated day after it.
async fn requests_after_a_new_start(pattern: &str) -> f64 {
    const DAYS: i64 = 5;
    let house = House::new(0.5, |sim| sim.repo("octo/x").repo("octo/y").token(TOKEN)).await;
    house.track(&[pattern]).await;
    house.collect_days(1).await;
    house.sim.delete("octo/x");
    let new = house.sim.create("octo/x");
    house.collect_days(3).await;
    house.sim.clear_log();
    house.collect_days(DAYS).await;
    let lost = house.losses_since(&[new], "2026-03-12").await;
    assert_eq!(lost.into_iter().next(), None);
    house.sim.counters().total as f64 / DAYS as f64
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_was_deleted_and_created_again_costs_no_more_than_others() {
    let exact = requests_after_a_new_start("octo/x").await;
    assert!(exact <= 10.0, "{exact}");
    let all = requests_after_a_new_start("octo/*").await;
    assert!(all <= 25.0, "{all}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_may_read_is_no_part_of_the_fleet_and_no_trouble() {
    let mut house = House::new(0.5, |sim| {
        let token = TokenSpec::classic(TOKEN, "ada");
        let token = token.can(Right::Admin, "octo/mine");
        sim.repo("octo/mine")
            .repo("octo/theirs")
            .organization("octo")
            .token(token.can(Right::Read, "octo/theirs"))
    })
    .await;
    house.receivers = vec![Receiver {
        channel: "letters".into(),
        names: Names::All,
    }];
    house.track(&["octo/*"]).await;
    house.collect_days(3).await;
    let repos = house.status.snapshot().repos;
    let names: Vec<String> = repos.iter().map(|repo| repo.name.to_string()).collect();
    assert_eq!(names, ["octo/mine"]);
    assert_eq!(house.letters.sent.lock().unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repository_out_of_sight_is_told_of_and_loses_nothing_when_it_comes_back() {
    let mut house = House::new(0.5, |sim| {
        sim.repo("octo/x")
            .repo("octo/y")
            .token(TokenSpec::classic(TOKEN, "octo").can(Right::Admin, "octo/*"))
    })
    .await;
    house.receivers = vec![Receiver {
        channel: "letters".into(),
        names: Names::All,
    }];
    house.track(&["octo/x", "octo/y"]).await;
    house.collect_days(2).await;
    let id = house.sim.repo_id("octo/x");
    let unseen = gitratra_sim::Fault::status(404, "Not Found");
    house
        .sim
        .fault(gitratra_sim::FaultPlan::new(unseen).repo("octo/x"));
    house.collect_days(9).await;
    let told = |event: &str| {
        let sent = house.letters.sent.lock().unwrap();
        let of_it = sent.iter().filter(|message| {
            message.event.as_str() == event && message.key.starts_with("days-left")
        });
        of_it.count()
    };
    assert_eq!((told("raised"), told("over")), (1, 0));
    house.sim.clear_faults();
    house.collect_days(2).await;
    assert_eq!(house.losses(&[id]).await.into_iter().next(), None);
    assert_eq!((told("raised"), told("over")), (1, 1));
}
