//! Releases, their files and the running totals of downloads.

use gitratra_sim::{AssetSpec, Daily, Day, Endpoint, ReleaseSpec, RepoSpec, Sim};
use serde_json::{Value, json};

use crate::client::{Client, holder, nobody};

const RELEASES: &str = "/repos/octo/alpha/releases";

fn day(day: &str) -> Day {
    day.into()
}

async fn start() -> (Sim, Client) {
    let first = ReleaseSpec::new("v1.0")
        .name("First")
        .published("2026-03-01T12:00:00Z")
        .asset(AssetSpec::new("tool-linux.tar.gz").size(42))
        .asset(AssetSpec::new("tool-macos.zip").downloads(Daily::Steady(10)));
    let spec = RepoSpec::new("octo/alpha")
        .release(first)
        .release(
            ReleaseSpec::new("v1.1")
                .published("2026-03-05")
                .prerelease(),
        )
        .release(ReleaseSpec::new("v2.0").draft().asset("tool"));
    let sim = Sim::builder()
        .repo(spec)
        .repo("octo/plain")
        .token("ghp_t")
        .start()
        .await;
    let client = holder(&sim, "ghp_t");
    (sim, client)
}

async fn release(client: &Client, tag: &str) -> Option<Value> {
    let list = client.get(RELEASES).await.json();
    let mut list = list.as_array().unwrap().clone().into_iter();
    list.find(|release| release["tag_name"] == tag)
}

#[tokio::test]
async fn releases_come_newest_first_and_drafts_to_those_who_push() {
    let (sim, client) = start().await;
    let tags = async |client: &Client| -> Vec<String> {
        let list = client.get(RELEASES).await.json();
        let tag = |release: &Value| release["tag_name"].as_str().unwrap().to_string();
        list.as_array().unwrap().iter().map(tag).collect()
    };
    assert_eq!(tags(&client).await, ["v2.0", "v1.1", "v1.0"]);
    assert_eq!(tags(&nobody(&sim)).await, ["v1.1", "v1.0"]);
    let first = release(&client, "v1.0").await.unwrap();
    assert_eq!(first["name"], "First");
    assert_eq!(first["published_at"], "2026-03-01T12:00:00Z");
    assert_eq!(first["assets"][0]["name"], "tool-linux.tar.gz");
    assert_eq!(first["assets"][0]["size"], 42);
    assert_eq!(first["assets"][0]["state"], "uploaded");
    let draft = release(&client, "v2.0").await.unwrap();
    assert_eq!(
        (&draft["draft"], &draft["published_at"]),
        (&true.into(), &Value::Null)
    );
    assert_eq!(draft["assets"][0]["download_count"], 0);
    assert_eq!(release(&client, "v1.1").await.unwrap()["prerelease"], true);
    assert_eq!(client.get("/repos/octo/plain/releases").await.text, "[]");
    assert_eq!(client.get("/repos/octo/none/releases").await.status, 404);
    assert_eq!(sim.counters().of(Endpoint::Releases), 7);
}

#[tokio::test]
async fn totals_run_on_and_are_the_sum_of_the_true_days() {
    let (sim, client) = start().await;
    let id = sim.assets("octo/alpha")[0].id;
    let mut last = 0;
    for _ in 0..30 {
        sim.set_clock(sim.now().day().plus(1));
        let assets = release(&client, "v1.0").await.unwrap()["assets"].clone();
        let total = assets[0]["download_count"].as_u64().unwrap();
        let until = sim.now().day().number();
        let days = (day("2026-03-01").number()..until).map(Day::from_number);
        let sum: u64 = days.map(|day| sim.downloads("octo/alpha", id, day)).sum();
        assert_eq!((total, &assets[0]["id"]), (sum, &id.into()));
        assert!(total >= last);
        last = total;
        let days = (until - day("2026-03-01").number()) as u64;
        assert_eq!(assets[1]["download_count"], 10 * days - 5);
    }
    assert!(last > 100);
}

#[tokio::test]
async fn a_file_uploaded_anew_is_another_one_that_begins_at_zero() {
    let (sim, client) = start().await;
    let before = sim.assets("octo/alpha")[1].clone();
    let id = sim.replace_asset("octo/alpha", "v1.0", "tool-macos.zip");
    let assets = release(&client, "v1.0").await.unwrap()["assets"].clone();
    assert_eq!(assets.as_array().unwrap().len(), 2);
    assert_eq!(
        (&assets[1]["id"], &assets[1]["download_count"]),
        (&id.into(), &0.into())
    );
    assert_ne!(id, before.id);
    sim.advance_days(1);
    let assets = release(&client, "v1.0").await.unwrap()["assets"].clone();
    assert_eq!(assets[1]["download_count"], 10);
    let records = sim.assets("octo/alpha");
    let old = records
        .iter()
        .find(|record| record.id == before.id)
        .unwrap();
    assert_eq!(
        (old.total, old.removed),
        (before.total, Some("2026-03-10T12:00:00Z".into()))
    );
    let on_that_day = |id| sim.downloads("octo/alpha", id, "2026-03-10");
    assert_eq!((on_that_day(before.id), on_that_day(id)), (5, 5));
}

#[tokio::test]
async fn a_total_can_be_set_back_and_a_file_or_release_deleted() {
    let (sim, client) = start().await;
    sim.reset_asset("octo/alpha", "v1.0", "tool-macos.zip");
    sim.advance_days(2);
    let assets = release(&client, "v1.0").await.unwrap()["assets"].clone();
    assert_eq!(assets[1]["download_count"], 20);
    let id = assets[1]["id"].as_u64().unwrap();
    assert_eq!(sim.downloads("octo/alpha", id, "2026-03-09"), 10);
    sim.remove_asset("octo/alpha", "v1.0", "tool-linux.tar.gz");
    let assets = release(&client, "v1.0").await.unwrap()["assets"].clone();
    assert_eq!(assets.as_array().unwrap().len(), 1);
    sim.delete_release("octo/alpha", "v1.0");
    assert_eq!(release(&client, "v1.0").await, None);
    sim.advance_days(1);
    assert_eq!(sim.downloads("octo/alpha", id, "2026-03-12"), 5);
    assert_eq!(sim.downloads("octo/alpha", id, "2026-03-13"), 0);
}

#[tokio::test]
async fn many_releases_have_pages() {
    let (sim, client) = start().await;
    for number in 0..40 {
        sim.publish_release("octo/alpha", format!("v3.{number}").as_str());
    }
    let first = client.get(&format!("{RELEASES}?per_page=25")).await;
    assert_eq!(first.json().as_array().unwrap().len(), 25);
    assert!(first.header("link").unwrap().contains("rel=\"next\""));
    let second = client.get(&format!("{RELEASES}?per_page=25&page=2")).await;
    assert_eq!(second.json().as_array().unwrap().len(), 18);
    let small = client.get(&format!("{RELEASES}?per_page=100")).await;
    assert_eq!(small.header("link"), None);
}

#[tokio::test]
async fn graphql_counts_releases_and_knows_their_tags() {
    let (sim, client) = start().await;
    let query = json!({ "query": "{ repository(owner:\"octo\", name:\"alpha\") { \
        releases { totalCount } refs(refPrefix:\"refs/tags/\", first:9, \
        orderBy:{field:TAG_COMMIT_DATE, direction:DESC}) { nodes { name } } } }" });
    let ask = async || {
        let answer = client.post("/graphql", &query.to_string()).await.json();
        answer["data"]["repository"].clone()
    };
    let tags = json!([{ "name": "v1.1" }, { "name": "v1.0" }]);
    let before = ask().await;
    assert_eq!(
        (&before["releases"]["totalCount"], &before["refs"]["nodes"]),
        (&3.into(), &tags)
    );
    sim.delete_release("octo/alpha", "v1.1");
    let after = ask().await;
    assert_eq!(
        (&after["releases"]["totalCount"], &after["refs"]["nodes"]),
        (&2.into(), &tags)
    );
}

#[tokio::test]
async fn releases_are_changed_over_http() {
    let (sim, client) = start().await;
    let post = async |order: &str, body: &str| {
        let answer = client.post(&format!("/_sim/{order}"), body).await;
        assert_eq!(answer.status, 200, "{order}: {}", answer.text);
    };
    let spec = r#"{"tag":"v9","assets":[{"name":"a.zip","downloads":{"steady":3}},{"name":"b"}]}"#;
    post("publish_release?repo=octo/alpha", spec).await;
    sim.advance_days(2);
    post("replace_asset?repo=octo/alpha&tag=v9&asset=b", "").await;
    post("remove_asset?repo=octo/alpha&tag=v9&asset=b", "").await;
    let assets = client.get("/_sim/assets?repo=octo/alpha").await.json();
    let file = assets
        .as_array()
        .unwrap()
        .iter()
        .find(|file| file["name"] == "a.zip")
        .unwrap();
    assert_eq!((&file["total"], &file["tag"]), (&6.into(), &"v9".into()));
    let days = format!(
        "/_sim/downloads?repo=octo/alpha&asset={}&from=2026-03-10&to=2026-03-11",
        file["id"]
    );
    let days = client.get(&days).await.json();
    assert_eq!(days[1], json!({ "day": "2026-03-11", "count": 3 }));
    post("reset_asset?repo=octo/alpha&tag=v9&asset=a.zip", "").await;
    post("delete_release?repo=octo/alpha&tag=v1.0", "").await;
    let list = client.get(RELEASES).await.json();
    assert_eq!(list[0]["assets"][0]["download_count"], 0);
    assert_eq!(list.as_array().unwrap().len(), 3);
    for (order, message) in [
        (
            "delete_release?repo=octo/alpha&tag=v1.0",
            "no release \"v1.0\"",
        ),
        (
            "reset_asset?repo=octo/alpha&tag=v9&asset=c",
            "no file \"c\" in the release \"v9\"",
        ),
    ] {
        let answer = client.post(&format!("/_sim/{order}"), "").await;
        assert_eq!((answer.status, answer.message().as_str()), (404, message));
    }
}
