//! Stars, forks, watchers, issues and what a repository says of itself.

use gitratra_sim::{About, Number, RepoSpec, Sim};

use crate::client::{Client, holder};

const REPO: &str = "/repos/octo/alpha";

async fn start() -> (Sim, Client) {
    let spec = RepoSpec::new("octo/alpha").created("2024-05-01");
    let sim = Sim::builder()
        .repo(spec.stars(440).stars_per_day(4.0))
        .repo(RepoSpec::new("octo/quiet").stars(0))
        .token("ghp_t")
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    (sim, client)
}

#[tokio::test]
async fn the_numbers_answered_are_the_true_ones_on_every_day() {
    let (sim, client) = start().await;
    let mut stars = Vec::new();
    for _ in 0..40 {
        let whole = client.get(REPO).await.json();
        let numbers = sim.numbers("octo/alpha");
        for name in ["stargazers_count", "watchers_count", "watchers"] {
            assert_eq!(whole[name], numbers.stars);
        }
        assert_eq!(whole["subscribers_count"], numbers.watchers);
        for name in ["forks_count", "forks"] {
            assert_eq!(whole[name], numbers.forks);
        }
        for name in ["open_issues_count", "open_issues"] {
            assert_eq!(whole[name], numbers.issues + numbers.pulls);
        }
        let list = client.get("/user/repos").await.json();
        assert_eq!(list[0]["stargazers_count"], numbers.stars);
        assert_eq!(list[0].get("subscribers_count"), None);
        stars.push(numbers.stars);
        sim.advance_days(1);
    }
    assert_eq!(stars[0], 440);
    assert!(stars[39] > 500, "{stars:?}");
    assert_eq!(sim.numbers("octo/quiet").stars, 0);
}

#[tokio::test]
async fn stars_are_the_sum_of_what_was_given_and_lost() {
    let (sim, _) = start().await;
    let end = |day: &str| sim.numbers_at("octo/alpha", format!("{day}T23:59:59Z").as_str());
    let (given, lost) = sim.stars_moved("octo/alpha", "2026-03-20");
    assert_eq!(
        end("2026-03-20").stars + lost,
        end("2026-03-19").stars + given
    );
    let before = sim.numbers("octo/alpha").stars;
    sim.give_stars("octo/alpha", 5);
    sim.take_stars("octo/alpha", "2026-03-10", 2);
    assert_eq!(sim.numbers("octo/alpha").stars, before + 3);
    sim.set_stars("octo/alpha", 7);
    assert_eq!(sim.numbers("octo/alpha").stars, 7);
}

#[tokio::test]
async fn a_number_that_was_set_stays_and_the_past_is_left_alone() {
    let (sim, client) = start().await;
    let past = sim.numbers_at("octo/alpha", "2026-03-09T12:00:00Z");
    sim.set_number("octo/alpha", Number::Forks, 1234);
    client
        .post("/_sim/number?repo=octo/alpha&number=watchers&value=77", "")
        .await;
    sim.advance_days(20);
    let whole = client.get(REPO).await.json();
    assert_eq!(whole["forks_count"], 1234);
    assert_eq!(whole["subscribers_count"], 77);
    assert_eq!(sim.numbers_at("octo/alpha", "2026-03-09T12:00:00Z"), past);
}

#[tokio::test]
async fn a_repository_says_what_it_was_told_to() {
    let (sim, client) = start().await;
    let whole = client.get(REPO).await.json();
    assert_eq!(whole["language"], "Rust");
    assert!(whole["license"].is_null() && whole["description"].is_null());
    assert_eq!(whole["topics"], serde_json::json!([]));
    let about = About {
        description: Some("A \"tool\"".into()),
        language: None,
        license: Some("MIT".into()),
        topics: vec!["cli".into(), "rust".into()],
        size_kib: 42,
    };
    sim.set_about("octo/alpha", about);
    let whole = client.get(REPO).await.json();
    assert_eq!(whole["description"], "A \"tool\"");
    assert!(whole["language"].is_null());
    assert_eq!(whole["license"]["spdx_id"], "MIT");
    assert_eq!(whole["topics"], serde_json::json!(["cli", "rust"]));
    assert_eq!(
        (&whole["size"], &whole["visibility"], &whole["archived"]),
        (&42.into(), &"public".into(), &false.into())
    );
}

#[tokio::test]
async fn numbers_are_told_and_changed_over_http() {
    let (sim, client) = start().await;
    let told = client.get("/_sim/numbers?repo=octo/alpha").await.json();
    assert_eq!(told["stars"], 440);
    for order in [
        "give_stars?repo=octo/alpha&stars=9",
        "take_stars?repo=octo/alpha&given_on=2026-03-10&stars=4",
    ] {
        assert_eq!(client.post(&format!("/_sim/{order}"), "").await.status, 200);
    }
    let at = "/_sim/numbers?repo=octo/alpha&at=2026-03-10T12:00:00Z";
    assert_eq!(client.get(at).await.json()["stars"], 445);
    let days = "/_sim/stars?repo=octo/alpha&from=2026-03-20&to=2026-03-21";
    let days = client.get(days).await.json();
    let (given, lost) = sim.stars_moved("octo/alpha", "2026-03-21");
    assert_eq!(
        days[1],
        serde_json::json!({ "day": "2026-03-21", "given": given, "lost": lost })
    );
    client
        .post("/_sim/set_stars?repo=octo/alpha&stars=3", "")
        .await;
    assert_eq!(sim.numbers("octo/alpha").stars, 3);
}
