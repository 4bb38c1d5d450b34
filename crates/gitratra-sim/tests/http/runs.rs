//! Workflow runs of a day, and the clones they make.

use gitratra_sim::{Daily, Day, Endpoint, Metric, RepoSpec, Sim};
use serde_json::Value;

use crate::client::{Client, nobody};

const REPO: &str = "octo/alpha";

async fn sim(runs: Daily, clones: u64) -> Sim {
    let repo = RepoSpec::new(REPO).workflow_runs(runs, clones);
    Sim::builder().repo(repo).start().await
}

async fn told(client: &Client, created: &str) -> Value {
    let path = format!("/repos/{REPO}/actions/runs?created={created}&per_page=1");
    client.get(&path).await.json()
}

#[tokio::test]
async fn runs_of_days_are_told_and_their_clones_are_part_of_the_days() {
    let sim = sim(Daily::cycle("2026-03-02", &[3, 0, 7]), 4).await;
    let plain = RepoSpec::new(REPO);
    let without = Sim::builder().repo(plain).start().await;
    let client = nobody(&sim);
    for (day, runs) in [("2026-03-02", 3), ("2026-03-03", 0), ("2026-03-04", 7)] {
        assert_eq!(
            told(&client, &format!("{day}..{day}")).await["total_count"],
            runs
        );
        assert_eq!(sim.runs(REPO, day), (runs, runs * 4));
        let (clones, people) = sim.truth(REPO, Metric::Clones, day);
        let (before, people_before) = without.truth(REPO, Metric::Clones, day);
        assert_eq!((clones, people), (before + runs * 4, people_before + runs));
        let views = sim.truth(REPO, Metric::Views, day);
        assert_eq!(views, without.truth(REPO, Metric::Views, day));
    }
    let whole = told(&client, "2026-03-02..2026-03-04").await;
    assert_eq!(whole["total_count"], 10);
    assert_eq!(sim.counters().of(Endpoint::Runs), 4);
    let bad = client
        .get(&format!("/repos/{REPO}/actions/runs?created=yesterday"))
        .await;
    assert_eq!(bad.status, 422);
}

#[tokio::test]
async fn different_people_of_days_lie_between_the_largest_day_and_the_sum() {
    let sim = sim(Daily::Steady(0), 0).await;
    let first = Day::from("2026-02-01");
    let uniques = (0..20).map(|n| sim.truth(REPO, Metric::Views, first.plus(n)).1);
    let uniques: Vec<u64> = uniques.collect();
    let people = sim.distinct(REPO, Metric::Views, first, first.plus(19));
    assert!(people >= *uniques.iter().max().unwrap());
    assert!(people <= uniques.iter().sum());
    assert_eq!(sim.distinct(REPO, Metric::Views, first, first), uniques[0]);
}
