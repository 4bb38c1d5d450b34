//! The history, the number and the givers of stars.

use gitratra_sim::{Day, Endpoint, RepoSpec, Right, Sim, TokenSpec};
use serde_json::{Value, json};

use crate::client::{Client, holder, nobody};

const HISTORY: &str = "/repos/octo/alpha/stargazers/history";
const COUNT: &str = "/repos/octo/alpha/stargazers/count";
const GAZERS: &str = "/repos/octo/alpha/stargazers";

async fn start() -> (Sim, Client) {
    let spec = RepoSpec::new("octo/alpha").created("2024-01-03");
    let sim = Sim::builder()
        .repo(spec.stars(300).stars_per_day(5.0))
        .repo(RepoSpec::new("octo/secret").private())
        .token("ghp_t")
        .token(TokenSpec::classic("ghp_eve", "eve").can(Right::Read, "octo/secret"))
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    (sim, client)
}

/// Every week of every page, the newest first.
async fn weeks(client: &Client) -> Vec<Value> {
    let mut weeks = Vec::new();
    for page in 1.. {
        let answer = client.get(&format!("{HISTORY}?page={page}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        match answer.json().as_array().unwrap() {
            lines if lines.is_empty() => break,
            lines => weeks.extend(lines.clone()),
        }
    }
    weeks
}

fn total(weeks: &[Value]) -> u64 {
    weeks
        .iter()
        .map(|week| week["total"].as_u64().unwrap())
        .sum()
}

#[tokio::test]
async fn history_count_repository_and_graphql_agree_on_every_day() {
    let (sim, client) = start().await;
    let query = r#"{"query":"{ repository(owner:\"octo\", name:\"alpha\") { stargazerCount } }"}"#;
    for _ in 0..60 {
        let stars = sim.numbers("octo/alpha").stars;
        let weeks = weeks(&client).await;
        assert_eq!(total(&weeks), stars, "{}", sim.now());
        assert_eq!(client.get(COUNT).await.json(), json!({ "count": stars }));
        let repo = client.get("/repos/octo/alpha").await.json();
        assert_eq!(repo["stargazers_count"], stars);
        let answer = client.post("/graphql", query).await.json();
        assert_eq!(answer["data"]["repository"]["stargazerCount"], stars);
        sim.advance_secs(86_400 + 3000);
    }
}

#[tokio::test]
async fn weeks_from_sunday_come_newest_first_with_those_at_zero() {
    let (_sim, client) = start().await;
    let weeks = weeks(&client).await;
    let starts: Vec<_> = weeks
        .iter()
        .map(|week| week["week"].as_i64().unwrap())
        .collect();
    assert_eq!(starts[0], Day::from("2026-03-08").start().secs());
    assert_eq!(
        *starts.last().unwrap(),
        Day::from("2023-12-31").start().secs()
    );
    assert!(
        starts
            .windows(2)
            .all(|pair| pair[0] - pair[1] == 7 * 86_400)
    );
    assert!(weeks.iter().any(|week| week["total"] == 0));
    for week in &weeks {
        let days = week["days"].as_array().unwrap();
        let sum: u64 = days.iter().map(|day| day.as_u64().unwrap()).sum();
        assert_eq!((days.len(), &week["total"]), (7, &sum.into()));
    }
}

#[tokio::test]
async fn a_day_to_come_is_zero_and_the_running_one_grows() {
    let (sim, client) = start().await;
    sim.set_clock("2026-03-25T00:00:00Z");
    let newest = async || client.get(&format!("{HISTORY}?per_page=1")).await.json()[0].clone();
    let (given, lost) = sim.stars_moved("octo/alpha", "2026-03-25");
    assert!(given > 0 && lost == 0);
    let morning = newest().await;
    assert_eq!(morning["days"][3], 0);
    sim.set_clock("2026-03-25T23:59:59Z");
    let evening = newest().await;
    assert_eq!(evening["days"][3], given);
    assert_eq!(
        (&evening["days"][4], &evening["days"][6]),
        (&0.into(), &0.into())
    );
}

#[tokio::test]
async fn a_star_taken_away_lowers_the_day_it_was_given_on() {
    let (sim, client) = start().await;
    sim.give_stars("octo/alpha", 20);
    sim.advance_days(40);
    let before = weeks(&client).await;
    sim.take_stars("octo/alpha", "2026-03-10", 15);
    let after = weeks(&client).await;
    assert_eq!(total(&before) - total(&after), 15);
    let changed = before.iter().zip(&after).filter(|(a, b)| a != b);
    let changed: Vec<_> = changed.collect();
    assert_eq!(changed.len(), 1);
    let day = |week: &Value| week["days"][2].as_u64().unwrap();
    assert_eq!(day(changed[0].0) - day(changed[0].1), 15);
}

#[tokio::test]
async fn pages_may_be_short_or_empty_and_bad_ones_are_refused() {
    let (_sim, client) = start().await;
    let length = async |query: &str| {
        let answer = client.get(&format!("{HISTORY}?{query}")).await;
        let lines = answer.json().as_array().map(Vec::len);
        (answer.status, lines)
    };
    assert_eq!(length("").await, (200, Some(30)));
    assert_eq!(length("per_page=30&page=4").await, (200, Some(25)));
    assert_eq!(length("page=5").await, (200, Some(0)));
    assert_eq!(length("page=100").await, (200, Some(0)));
    for bad in [
        "per_page=31",
        "per_page=0",
        "page=101",
        "page=0",
        "page=x",
        "page=",
    ] {
        assert_eq!(length(bad).await, (422, None), "{bad}");
    }
}

#[tokio::test]
async fn everybody_is_told_how_many_and_only_those_who_push_are_told_who() {
    let (sim, client) = start().await;
    let (nobody, eve) = (nobody(&sim), holder(&sim, "ghp_eve"));
    for path in [HISTORY, COUNT] {
        assert_eq!(nobody.get(path).await.status, 200);
        assert_eq!(eve.get(path).await.status, 200);
    }
    let secret = "/repos/octo/secret/stargazers/history";
    assert_eq!(nobody.get(secret).await.status, 404);
    assert_eq!(eve.get(secret).await.status, 200);
    assert_eq!(sim.counters().of(Endpoint::Stargazers), 0);
    assert_eq!(nobody.get(GAZERS).await.status, 401);
    assert_eq!(eve.get(GAZERS).await.status, 404);
    let list = client.get(&format!("{GAZERS}?per_page=100&page=3")).await;
    assert_eq!(list.json().as_array().unwrap().len(), 100);
    assert!(list.header("link").unwrap().contains("page=2"));
    let accept = ("accept", "application/vnd.github.star+json");
    let list = client.get_with(GAZERS, accept).await.json();
    assert!(list[0]["starred_at"].is_string());
    let counters = sim.counters();
    assert_eq!(
        [
            Endpoint::Stargazers,
            Endpoint::StarHistory,
            Endpoint::StarCount
        ]
        .map(|each| counters.of(each)),
        [4, 4, 2]
    );
}

#[tokio::test]
async fn an_older_server_tells_neither_number_nor_history() {
    let sim = Sim::builder()
        .repo("octo/alpha")
        .without_star_history()
        .start()
        .await;
    let client = nobody(&sim);
    for path in [HISTORY, COUNT] {
        assert_eq!(client.get(path).await.status, 404);
    }
    assert_eq!(client.get("/repos/octo/alpha").await.status, 200);
    sim.set_star_history(true);
    assert_eq!(client.get(HISTORY).await.status, 200);
}

#[tokio::test]
async fn a_former_name_leads_to_the_history() {
    let (sim, client) = start().await;
    let before = client.get(HISTORY).await.text;
    sim.rename("octo/alpha", "beta");
    let moved = client.get(HISTORY).await;
    assert_eq!(moved.status, 301);
    let location = moved
        .header("location")
        .unwrap()
        .strip_prefix(&sim.url())
        .unwrap();
    assert_eq!(client.get(location).await.text, before);
}
