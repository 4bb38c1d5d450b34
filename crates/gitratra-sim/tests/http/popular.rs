//! Referrers and popular paths.

use gitratra_sim::{RepoSpec, Sim};

use crate::client::holder;

#[tokio::test]
async fn lists_are_ordered_totals_of_at_most_ten() {
    let sim = Sim::builder()
        .repo(RepoSpec::new("Octo/Alpha").mean_views(80.0))
        .token("ghp_t")
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    for (list, key) in [("paths", "path"), ("referrers", "referrer")] {
        let path = format!("/repos/octo/alpha/traffic/popular/{list}");
        let before = client.get(&path).await.json();
        let lines = before.as_array().unwrap();
        assert!(!lines.is_empty() && lines.len() <= 10);
        let counts: Vec<_> = lines
            .iter()
            .map(|line| line["count"].as_u64().unwrap())
            .collect();
        assert!(counts.is_sorted_by(|a, b| a >= b));
        assert!(lines.iter().all(|line| line[key].is_string()));
        assert_eq!(lines[0].get("title").is_some(), list == "paths");
        sim.advance_days(1);
        assert_ne!(client.get(&path).await.json(), before);
    }
    assert_eq!(sim.paths("octo/alpha")[0].title, "Overview");
    assert_eq!(sim.paths("octo/alpha")[0].name, "/Octo/Alpha");
}

#[tokio::test]
async fn a_repository_without_visitors_has_empty_lists() {
    let sim = Sim::builder()
        .repo(RepoSpec::new("octo/alpha").mean_views(0.0))
        .token("ghp_t")
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    let answer = client
        .get("/repos/octo/alpha/traffic/popular/referrers")
        .await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "[]"));
}
