//! Views and clones: both regimes, publication, stalls, zeros, stale and flapping answers.

use gitratra_sim::{Day, Metric, Regime, RepoSpec, Scope, Sim, StaleAnswers, Stall, ZeroDays};

use crate::client::{Client, holder, rows};

const VIEWS: &str = "/repos/octo/alpha/traffic/views";
const CLONES: &str = "/repos/octo/alpha/traffic/clones";

async fn start(at: &str, regime: Regime) -> (Sim, Client) {
    let sim = Sim::builder()
        .seed(7)
        .at(at)
        .regime(regime)
        .repo(
            RepoSpec::new("octo/alpha")
                .created("2024-01-01")
                .mean_views(40.0),
        )
        .repo(
            RepoSpec::new("octo/quiet")
                .created("2024-01-01")
                .mean_views(0.3),
        )
        .token("ghp_t")
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    (sim, client)
}

fn newest(rows: &[(String, u64, u64)]) -> &str {
    &rows.last().unwrap().0
}

#[tokio::test]
async fn a_window_is_the_truth_of_the_last_fourteen_published_days() {
    let (sim, client) = start("2026-03-10T12:00:00Z", Regime::New).await;
    for (path, metric) in [(VIEWS, Metric::Views), (CLONES, Metric::Clones)] {
        let answer = client.get(path).await;
        assert_eq!(answer.header("date"), Some("Tue, 10 Mar 2026 12:00:00 GMT"));
        assert_eq!(answer.headers.get_all("date").iter().count(), 1);
        let body = answer.json();
        let rows = rows(&body);
        assert_eq!(rows.len(), 14);
        assert_eq!(
            (rows[0].0.as_str(), newest(&rows)),
            ("2026-02-24", "2026-03-09")
        );
        let mut sums = (0, 0, 0);
        for (day, count, uniques) in rows {
            assert_eq!(
                sim.truth("octo/alpha", metric, day.as_str()),
                (count, uniques)
            );
            sums = (sums.0 + count, sums.1 + uniques, sums.2.max(uniques));
        }
        assert_eq!(body["count"], sums.0);
        let distinct = body["uniques"].as_u64().unwrap();
        assert!(sums.2 <= distinct && distinct < sums.1);
    }
}

#[tokio::test]
async fn quiet_days_are_explicit_zeros() {
    let (_sim, client) = start("2026-03-10T12:00:00Z", Regime::New).await;
    let rows = client.rows("/repos/octo/quiet/traffic/views").await;
    assert_eq!(rows.len(), 14);
    assert!(
        rows.iter()
            .any(|(_, count, uniques)| (*count, *uniques) == (0, 0))
    );
}

#[tokio::test]
async fn a_young_repository_has_fourteen_rows_too() {
    let (sim, client) = start("2026-03-10T12:00:00Z", Regime::New).await;
    sim.create(
        RepoSpec::new("octo/new")
            .created("2026-03-08")
            .mean_views(50.0),
    );
    let rows = client.rows("/repos/octo/new/traffic/views").await;
    assert_eq!(rows.len(), 14);
    assert_eq!(rows.iter().filter(|row| row.1 > 0).count(), 2);
}

#[tokio::test]
async fn yesterday_appears_at_its_moment_and_not_before() {
    let (sim, client) = start("2026-03-10T03:00:00Z", Regime::New).await;
    assert_eq!(newest(&client.rows(VIEWS).await), "2026-03-08");
    let moment = sim.publication_moment("octo/alpha", "2026-03-09");
    sim.set_clock(moment.plus_secs(-1));
    assert_eq!(newest(&client.rows(VIEWS).await), "2026-03-08");
    assert_eq!(
        sim.published("octo/alpha", Metric::Views, "2026-03-09"),
        None
    );
    sim.set_clock(moment);
    assert_eq!(newest(&client.rows(VIEWS).await), "2026-03-09");
    assert_eq!(
        sim.newest("octo/alpha", Metric::Views),
        Day::from("2026-03-09")
    );
}

#[tokio::test]
async fn a_stall_freezes_one_metric_of_one_repository() {
    let (sim, client) = start("2026-03-10T12:00:00Z", Regime::New).await;
    sim.stall(Stall::new("octo/alpha", sim.now()).metric(Metric::Clones));
    sim.advance_days(5);
    assert_eq!(newest(&client.rows(CLONES).await), "2026-03-09");
    assert_eq!(newest(&client.rows(VIEWS).await), "2026-03-14");
    let other = client.rows("/repos/octo/quiet/traffic/clones").await;
    assert_eq!(newest(&other), "2026-03-14");
    sim.end_stalls();
    assert_eq!(newest(&client.rows(CLONES).await), "2026-03-14");
}

#[tokio::test]
async fn a_window_can_stay_anchored_and_lack_rows() {
    let (sim, client) = start("2026-03-10T12:00:00Z", Regime::New).await;
    sim.stall(Stall::new(Scope::Public, sim.now()).rows_missing());
    sim.advance_days(6);
    let rows = client.rows(VIEWS).await;
    assert_eq!((rows.len(), newest(&rows)), (8, "2026-03-09"));
}

#[tokio::test]
async fn zeros_of_an_outage_are_filled_in_later() {
    let (sim, client) = start("2026-03-10T12:00:00Z", Regime::New).await;
    sim.zero_days(ZeroDays::new(Scope::All, "2026-03-07", "2026-03-08").until("2026-03-12"));
    let truth = sim.truth("octo/alpha", Metric::Views, "2026-03-08");
    let row = |rows: Vec<(String, u64, u64)>| {
        let row = rows.into_iter().find(|row| row.0 == "2026-03-08").unwrap();
        (row.1, row.2)
    };
    assert_eq!(row(client.rows(VIEWS).await), (0, 0));
    assert_eq!(
        sim.served("octo/alpha", Metric::Views, "2026-03-08"),
        Some((0, 0))
    );
    sim.advance_days(2);
    assert!(truth.0 > 0);
    assert_eq!(row(client.rows(VIEWS).await), truth);
}

#[tokio::test]
async fn pinned_days_are_answered_as_pinned() {
    let (sim, client) = start("2026-03-10T12:00:00Z", Regime::New).await;
    sim.pin("octo/alpha", Metric::Clones, "2026-03-09", (123, 45));
    let rows = client.rows(CLONES).await;
    assert_eq!(rows[13], ("2026-03-09".into(), 123, 45));
}

#[tokio::test]
async fn stale_windows_come_back_now_and_then() {
    let (sim, client) = start("2026-03-10T12:00:00Z", Regime::New).await;
    sim.stale(StaleAnswers::new(Scope::All, 0.5, 4));
    let mut seen = Vec::new();
    for _ in 0..40 {
        let rows = client.rows(VIEWS).await;
        assert_eq!(rows.len(), 14);
        seen.push(newest(&rows).to_string());
    }
    let fresh = seen.iter().filter(|day| *day == "2026-03-09").count();
    assert!((5..35).contains(&fresh), "{fresh}");
    assert!(seen.iter().all(|day| day.as_str() >= "2026-03-05"));
}

#[tokio::test]
async fn a_flapping_day_changes_from_answer_to_answer() {
    let (sim, client) = start("2026-03-10T12:00:00Z", Regime::New).await;
    let values = [(27, 9), (66, 20)];
    sim.flap("octo/alpha", Metric::Views, "2026-03-05", &values);
    let mut seen = Vec::new();
    for _ in 0..3 {
        let rows = client.rows(VIEWS).await;
        let row = rows.iter().find(|row| row.0 == "2026-03-05").unwrap();
        seen.push((row.1, row.2));
    }
    assert_eq!(seen, [(27, 9), (66, 20), (27, 9)]);
}

#[tokio::test]
async fn weeks_begin_on_monday_and_add_up_to_the_same_count() {
    let (_sim, client) = start("2026-03-10T12:00:00Z", Regime::New).await;
    let days = client.get(VIEWS).await.json();
    let weeks = client.get(&format!("{VIEWS}?per=week")).await.json();
    let starts: Vec<_> = rows(&weeks).into_iter().map(|row| row.0).collect();
    assert_eq!(starts, ["2026-02-23", "2026-03-02", "2026-03-09"]);
    assert_eq!(weeks["count"], days["count"]);
    assert_eq!(weeks["uniques"], days["uniques"]);
    let sum: u64 = rows(&weeks).iter().map(|row| row.1).sum();
    assert_eq!(weeks["count"], sum);
}

#[tokio::test]
async fn the_old_regime_shows_the_running_day_and_shrinks_the_oldest() {
    let (sim, client) = start("2025-06-10T09:30:00Z", Regime::as_it_was()).await;
    let morning = client.rows(VIEWS).await;
    assert_eq!(morning.len(), 15);
    assert_eq!(morning[0].0, "2025-05-27");
    assert_eq!(newest(&morning), "2025-06-10");
    sim.advance_secs(10 * 3600);
    let evening = client.rows(VIEWS).await;
    assert!(evening[0].1 < morning[0].1);
    assert!(evening[14].1 > morning[14].1);
}

#[tokio::test]
async fn the_old_regime_leaves_quiet_days_out() {
    let (_sim, client) = start("2025-06-10T09:30:00Z", Regime::Old).await;
    let rows = client.rows("/repos/octo/quiet/traffic/views").await;
    assert!(rows.len() < 14);
    assert!(rows.iter().all(|row| row.1 > 0));
}

#[tokio::test]
async fn the_regime_changes_on_the_day_it_did() {
    let (sim, client) = start("2025-12-30T23:16:00Z", Regime::as_it_was()).await;
    assert_eq!(newest(&client.rows(VIEWS).await), "2025-12-30");
    sim.set_clock("2025-12-31T12:00:00Z");
    let rows = client.rows(VIEWS).await;
    assert_eq!((rows.len(), newest(&rows)), (14, "2025-12-30"));
}

#[tokio::test]
async fn the_same_seed_gives_the_same_answers() {
    let (_one, first) = start("2026-03-10T12:00:00Z", Regime::New).await;
    let (_two, second) = start("2026-03-10T12:00:00Z", Regime::New).await;
    assert_eq!(first.get(VIEWS).await.text, second.get(VIEWS).await.text);
}

#[tokio::test]
async fn a_day_of_the_old_regime_is_settled_a_day_after_its_end() {
    let (sim, client) = start("2025-06-10T09:30:00Z", Regime::Old).await;
    let published = |day: &str| sim.published("octo/alpha", Metric::Views, day);
    assert_eq!(published("2025-06-09"), None);
    let settled = published("2025-06-08").unwrap();
    let rows = client.rows(VIEWS).await;
    let row = rows.iter().find(|row| row.0 == "2025-06-08").unwrap();
    assert_eq!((row.1, row.2), settled);
}

#[tokio::test]
async fn a_stall_of_three_weeks_loses_days_for_good() {
    let (sim, client) = start("2026-03-10T12:00:00Z", Regime::New).await;
    sim.stall(Stall::new(Scope::All, "2026-03-10T12:00:00Z").until("2026-03-31T12:00:00Z"));
    let before = client.rows(VIEWS).await;
    sim.set_clock("2026-03-31T11:00:00Z");
    assert_eq!(client.rows(VIEWS).await, before);
    sim.set_clock("2026-03-31T12:00:00Z");
    let after = client.rows(VIEWS).await;
    assert_eq!(
        (after[0].0.as_str(), newest(&after)),
        ("2026-03-17", "2026-03-30")
    );
    let at = "2026-03-20T12:00:00Z";
    let stalled = sim.newest_at("octo/alpha", Metric::Views, at);
    assert_eq!(stalled, "2026-03-09".into());
}
