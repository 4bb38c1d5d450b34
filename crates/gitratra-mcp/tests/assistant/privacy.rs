//! A private repository is as if it were not, unless the server was started to tell of it.

use serde_json::{Value, json};

use crate::assistant::{Assistant, Told, on_both, options};
use crate::place::{Kind, Place};
use crate::world;

/// Questions that might tell of it.
fn questions() -> Vec<(&'static str, Value)> {
    let by_name = ["octo/secret-plans", "OCTO/Secret-Plans"];
    let mut asked = vec![
        ("list_repositories", json!({})),
        ("list_repositories", json!({"search": "secret"})),
        ("top", json!({})),
        ("top", json!({"range": "all"})),
        ("top", json!({"order": "rising", "range": "7d"})),
        ("top", json!({"metric": "clones", "owner": "octo"})),
        ("list_spikes", json!({"range": "all"})),
        ("gaps", json!({})),
        (
            "compare",
            json!({"repos": ["octo/hello", "octo/secret-plans"]}),
        ),
        ("series", json!({"repo": "octo/secret-plan"})),
        ("series", json!({"repo": "secret"})),
    ];
    for name in by_name {
        for tool in ["series", "sources", "list_spikes", "gaps"] {
            asked.push((tool, json!({"repo": name})));
        }
        asked.push(("explain_spike", json!({"repo": name, "day": "2026-02-01"})));
    }
    asked
}

/// The same question to two stores that differ in the private repository alone has one answer, but
/// for how many are withheld.
async fn check(kind: Kind) {
    let (with, without) = (Place::new(kind).await, Place::new(kind).await);
    let (all, public) = (with.open().await, without.open().await);
    world::fill(&all, true).await;
    world::fill(&public, false).await;
    let mut of_all = Assistant::of(all.clone(), options(false)).await;
    let mut of_public = Assistant::of(public.clone(), options(false)).await;
    for (tool, arguments) in questions() {
        let told = of_all.call(tool, arguments.clone()).await;
        let expected = of_public.call(tool, arguments.clone()).await;
        let withheld = |told: &Told| told.sent["withheld_private_repositories"].clone();
        let plain = |told: &Told| {
            let mut sent = told.sent.clone();
            if let Some(fields) = sent.as_object_mut() {
                fields.remove("withheld_private_repositories");
            }
            let line = "1 private repository is kept and not told here\n";
            (sent, told.text.replace(line, ""), told.is_error)
        };
        assert_eq!(plain(&told), plain(&expected), "{tool} {arguments}");
        if told.is_error {
            assert!(!told.text.contains("private"), "{}", told.text);
        }
        // However it is asked, the number is that of all of them.
        let is_of_all = arguments.get("repo").is_none() && arguments.get("repos").is_none();
        let counts = (withheld(&told) == 1, withheld(&expected) == 0);
        assert_eq!(counts, (is_of_all, is_of_all), "{tool} {arguments}");
    }
    drop((of_all.write, of_public.write));
    with.end(all).await;
    without.end(public).await;
}

#[tokio::test]
async fn a_private_repository_changes_no_answer_on_sqlite() {
    check(Kind::Sqlite).await;
}

#[tokio::test]
async fn a_private_repository_changes_no_answer_on_postgres() {
    check(Kind::Postgres).await;
}

#[tokio::test]
async fn private_repositories_are_counted_and_not_named() {
    on_both(false, async |assistant| {
        for tool in ["list_repositories", "top", "list_spikes", "gaps"] {
            let told = assistant.call(tool, json!({})).await;
            assert_eq!(told.sent["withheld_private_repositories"], 1, "{tool}");
            assert!(
                told.text
                    .contains("1 private repository is kept and not told here")
            );
            assert!(!told.text.contains("secret"), "{}", told.text);
        }
    })
    .await;
}

#[tokio::test]
async fn who_runs_it_may_let_private_ones_be_told() {
    on_both(true, async |assistant| {
        let told = assistant.call("top", json!({"range": "7d"})).await;
        assert_eq!(told.data()["places"][0]["repo"], "octo/secret-plans");
        assert_eq!(told.sent["withheld_private_repositories"], 0);
        let told = assistant
            .call("series", json!({"repo": "octo/secret-plans"}))
            .await;
        assert!(told.data()["count"].as_u64().unwrap() > 1000);
        let told = assistant
            .call("series", json!({"repo": "secret-plans"}))
            .await;
        assert!(told.error().contains("octo/secret-plans"));
    })
    .await;
}

#[tokio::test]
async fn a_name_that_a_private_one_took_means_the_public_one_that_had_it() {
    on_both(false, async |assistant| {
        let told = assistant
            .call("series", json!({"repo": "octo/silent"}))
            .await;
        assert_eq!(told.data()["repo"], "octo/quiet");
    })
    .await;
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let place = Place::new(kind).await;
        let store = place.open().await;
        world::fill(&store, false).await;
        world::take_name(&store, "octo/silent").await;
        let mut assistant = Assistant::of(store.clone(), options(false)).await;
        let told = assistant
            .call("series", json!({"repo": "octo/silent"}))
            .await;
        assert_eq!(told.data()["repo"], "octo/quiet");
        drop(assistant.write);
        place.end(store).await;
    }
}
