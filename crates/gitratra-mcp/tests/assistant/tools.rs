//! Each tool says what is kept.

use serde_json::{Value, json};

use crate::assistant::on_both;
use crate::world::{self, EVIL_CLEANED, GAP, SPIKE, first, last};

fn day(later: i64) -> String {
    first().plus(later).to_string()
}

fn find<'a>(values: &'a Value, key: &str, is: &str) -> &'a Value {
    let found = values.as_array().unwrap().iter().find(|of| of[key] == is);
    found.unwrap_or_else(|| panic!("{is} in {values}"))
}

#[tokio::test]
async fn repositories_are_listed_with_how_far_they_are_known() {
    on_both(false, async |assistant| {
        let told = assistant.call("list_repositories", json!({})).await;
        let data = told.data();
        assert_eq!(data["repositories"], 3);
        let hello = find(&data["repos"], "repo", "octo/hello");
        assert_eq!(hello["known_from"], day(0));
        assert_eq!(hello["newest_views"], last().to_string());
        assert!(hello["days_safe"] == 11, "{hello}");
        let unread = find(&data["repos"], "repo", "acme/unread");
        assert!(unread["known_from"].is_null() && unread["days_safe"].is_null());
        assert!(told.text.contains("known_from not known"), "{}", told.text);
        let one = json!({"search": "HELL oct"});
        let told = assistant.call("list_repositories", one).await;
        assert_eq!(told.data()["repositories"], 1);
        let one = json!({"owner": "ACME"});
        let told = assistant.call("list_repositories", one).await;
        assert_eq!(told.data()["repos"][0]["repo"], "acme/unread");
    })
    .await;
}

#[tokio::test]
async fn a_list_goes_on_where_its_cursor_says() {
    on_both(false, async |assistant| {
        for tool in ["list_repositories", "top", "gaps"] {
            let key = if tool == "top" { "places" } else { "repos" };
            let (mut names, mut cursor, mut pages) = (Vec::new(), Value::Null, 0);
            loop {
                let mut asked = json!({"limit": 1});
                if !cursor.is_null() {
                    asked["cursor"] = cursor.clone();
                }
                let told = assistant.call(tool, asked).await;
                let repo = &told.data()[key][0]["repo"];
                names.push(repo.as_str().unwrap().to_owned());
                pages += 1;
                assert!(told.sent["cut"].is_string(), "{tool}: {}", told.text);
                cursor = told.sent["next_cursor"].clone();
                if cursor.is_null() {
                    break;
                }
                assert!(
                    told.text.contains(cursor.as_str().unwrap()),
                    "{}",
                    told.text
                );
            }
            names.sort();
            names.dedup();
            assert_eq!(names.len(), pages, "{tool}: {names:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_series_has_every_day_of_its_range() {
    on_both(false, async |assistant| {
        let range = format!("{}..{}", day(GAP.start - 1), day(GAP.end));
        let asked = json!({"repo": "Octo/Hello", "range": range});
        let told = assistant.call("series", asked).await;
        let steps = told.data()["steps"].as_array().unwrap();
        assert_eq!(steps.len(), 5);
        assert_eq!(steps[0]["count"], world::views(GAP.start - 1));
        assert_eq!(steps[0]["state"], "measured");
        for gap in &steps[1..4] {
            assert!(gap["count"].is_null() && gap["state"] == "gap", "{gap}");
        }
        assert_eq!(told.data()["days_missing"], 3);
        assert_eq!(told.data()["uniques"]["kind"], "bounds");
        assert_eq!(told.sent["range"]["from"], day(GAP.start - 1));
        assert!(
            told.sent["kinds"]["gap"]
                .as_str()
                .unwrap()
                .contains("not zero")
        );
    })
    .await;
}

#[tokio::test]
async fn a_long_series_is_cut_and_goes_on() {
    on_both(false, async |assistant| {
        let asked = json!({"repo": "octo/hello", "range": "all", "by": "day", "limit": 40});
        let told = assistant.call("series", asked.clone()).await;
        assert_eq!(told.data()["steps"].as_array().unwrap().len(), 40);
        assert_eq!(told.sent["cut"], "steps 1 to 40 of 70");
        assert_eq!(told.sent["next_cursor"], day(40));
        let mut rest = asked;
        rest["cursor"] = told.sent["next_cursor"].clone();
        let told = assistant.call("series", rest).await;
        assert_eq!(told.data()["steps"][0]["from"], day(40));
        assert_eq!(told.data()["steps"].as_array().unwrap().len(), 30);
        assert!(told.sent["next_cursor"].is_null());
        // The figures of the range are those of all of it.
        let all: u64 = (0..70)
            .filter(|later| !GAP.contains(later))
            .map(world::views)
            .sum();
        assert_eq!(told.data()["count"], all);
    })
    .await;
}

#[tokio::test]
async fn stars_forks_and_downloads_are_series_too() {
    on_both(false, async |assistant| {
        let asked = json!({"repo": "octo/hello", "metric": "forks", "range": "7d", "by": "day"});
        let told = assistant.call("series", asked).await;
        let steps = told.data()["steps"].as_array().unwrap();
        let newest = steps.last().unwrap();
        assert_eq!(
            (&newest["value"], &newest["state"]),
            (&json!(7), &json!("measured"))
        );
        assert!(
            steps[0]["value"].is_null() && steps[0]["state"] == "gap",
            "{}",
            steps[0]
        );
        let asked = json!({"repo": "octo/hello", "metric": "stars", "range": "30d"});
        let told = assistant.call("series", asked).await;
        let steps = told.data()["steps"].as_array().unwrap();
        assert_eq!(steps.last().unwrap()["total"], 169, "{}", told.text);
        let asked =
            json!({"repo": "octo/hello", "metric": "downloads", "range": "30d", "by": "week"});
        let told = assistant.call("series", asked).await;
        let data = told.data();
        assert_eq!(data["files"][0]["since_upload"], 207);
        let week = &data["steps"].as_array().unwrap()[2];
        assert!(
            week["at_least"].as_u64() <= week["at_most"].as_u64(),
            "{week}"
        );
        assert!(
            told.text.contains("file quoted: \"tool-x86_64"),
            "{}",
            told.text
        );
        let asked = json!({"repo": "octo/hello", "metric": "watchers"});
        let told = assistant.call("series", asked).await;
        assert!(told.data()["steps"][0]["value"].is_null());
    })
    .await;
}

#[tokio::test]
async fn repositories_are_ranked_by_total_and_by_change() {
    on_both(false, async |assistant| {
        let told = assistant.call("top", json!({"range": "14d"})).await;
        let places = &told.data()["places"];
        assert_eq!(places[0]["repo"], "octo/hello");
        assert_eq!(
            (&places[0]["place"], &places[1]["place"]),
            (&json!(1), &json!(2))
        );
        let unread = find(places, "repo", "acme/unread");
        assert!(
            unread["count"].is_null() && unread["days_missing"] == 14,
            "{unread}"
        );
        let range = format!("{}..{}", day(SPIKE - 3), day(SPIKE + 3));
        let told = assistant
            .call("top", json!({"order": "rising", "range": range}))
            .await;
        assert_eq!(told.data()["places"].as_array().unwrap().len(), 1);
        assert_eq!(told.data()["places"][0]["repo"], "octo/hello");
        let after = format!("{}..{}", day(SPIKE + 4), day(SPIKE + 10));
        let told = assistant
            .call("top", json!({"order": "falling", "range": after}))
            .await;
        let before = &told.data()["places"][0]["before"];
        assert!(before["count_now"].as_u64() < before["count_before"].as_u64());
        let told = assistant.call("top", json!({"metric": "stars"})).await;
        let first = &told.data()["places"][0];
        assert_eq!(
            (&first["count"], &first["change"]),
            (&json!(169), &json!(19))
        );
    })
    .await;
}

#[tokio::test]
async fn a_comparison_is_of_the_same_days() {
    on_both(false, async |assistant| {
        // The quiet one is asked for by a name that it had before.
        let asked = json!({"repos": ["octo/hello", "octo/silent"], "range": "14d"});
        let told = assistant.call("compare", asked).await;
        let repos = told.data()["repos"].as_array().unwrap();
        assert_eq!(repos[1]["repo"], "octo/quiet");
        assert_eq!(repos[1]["metrics"][0]["count"], 7);
        assert_eq!(repos[0]["metrics"].as_array().unwrap().len(), 2);
        assert!(repos[0]["metrics"][0].get("steps").is_none());
        let asked =
            json!({"repos": ["octo/hello", "octo/quiet"], "metric": "clones", "by": "week"});
        let told = assistant.call("compare", asked).await;
        let metrics = &told.data()["repos"][0]["metrics"];
        assert_eq!(metrics.as_array().unwrap().len(), 1);
        assert!(metrics[0]["steps"].as_array().unwrap().len() > 3);
    })
    .await;
}

#[tokio::test]
async fn a_spike_is_found_and_explained() {
    on_both(false, async |assistant| {
        for asked in [json!({}), json!({"repo": "octo/hello", "metric": "views"})] {
            let told = assistant.call("list_spikes", asked).await;
            let spikes = &told.data()["spikes"];
            let spike = find(spikes, "metric", "views");
            assert_eq!(
                (&spike["peak"], &spike["count"]),
                (&json!(day(SPIKE)), &json!(400))
            );
            assert_eq!(spike["usual_kind"], "estimate");
            let moved = find(&spike["moved"], "what", "referrer");
            assert_eq!(moved["name"], EVIL_CLEANED);
        }
        let asked = json!({"repo": "octo/hello", "day": day(SPIKE)});
        let told = assistant.call("explain_spike", asked).await;
        let data = told.data();
        assert_eq!(data["spike"]["excess_kind"], "estimate");
        let brought = find(&data["referrers_of_the_day"], "name", EVIL_CLEANED);
        assert!(brought["at_least"].as_u64().unwrap() > 300, "{brought}");
        let note = find(&data["happened_near"], "what", "note");
        assert_eq!(note["text"], "on the front page: do as I say");
        assert!(find(&data["happened_near"], "what", "release")["text"] == "v1.0");
        assert!(
            told.sent["limits"][0]
                .as_str()
                .unwrap()
                .contains("no proof of a cause")
        );
        let asked = json!({"repo": "octo/hello", "day": day(SPIKE - 3)});
        let told = assistant.call("explain_spike", asked).await;
        assert!(told.data()["spike"].is_null());
        assert_eq!(told.data()["other_spikes_near"], json!([day(SPIKE)]));
        assert_eq!(told.data()["day"]["count"], world::views(SPIKE - 3));
        let asked = json!({"repo": "octo/hello", "day": day(GAP.start)});
        let told = assistant.call("explain_spike", asked).await;
        assert!(told.data()["day"]["count"].is_null());
        assert_eq!(told.data()["day"]["state"], "gap");
    })
    .await;
}

#[tokio::test]
async fn sources_are_rolling_totals_of_a_window_and_bounds_of_a_range() {
    on_both(false, async |assistant| {
        let told = assistant
            .call("sources", json!({"repo": "octo/hello"}))
            .await;
        let lists = &told.data()["lists_of_window"];
        let list = find(lists, "ranking", "referrers");
        assert_eq!(list["window_to"], last().to_string());
        assert_eq!(list["kind"], "rolling total over 14 days");
        let range = find(&told.data()["in_range"], "ranking", "referrers");
        let evil = find(&range["lines"], "name", EVIL_CLEANED);
        assert!(evil["at_least"].as_u64() <= evil["at_most"].as_u64());
        let window = day(SPIKE + 2);
        let asked = json!({"repo": "octo/hello", "ranking": "paths", "window": window, "limit": 1});
        let told = assistant.call("sources", asked).await;
        let lists = told.data()["lists_of_window"].as_array().unwrap();
        assert_eq!(lists.len(), 1);
        assert_eq!(lists[0]["window_to"], window);
        assert_eq!(lists[0]["lines"][0]["title"], EVIL_CLEANED);
        // No list reaches so far back.
        let asked = json!({"repo": "octo/hello", "window": day(3)});
        let told = assistant.call("sources", asked).await;
        assert_eq!(told.data()["lists_of_window"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn gaps_are_days_and_no_zeros() {
    on_both(false, async |assistant| {
        let told = assistant.call("gaps", json!({})).await;
        let hello = find(&told.data()["repos"], "repo", "octo/hello");
        assert_eq!(hello["days_missing"], 3);
        let gap = &hello["gaps"][0];
        assert_eq!(
            (&gap["from"], &gap["to"]),
            (&json!(day(GAP.start)), &json!(day(GAP.end - 1)))
        );
        assert_eq!(gap["metrics"], json!(["views", "clones"]));
        let told = assistant.call("gaps", json!({"repo": "octo/quiet"})).await;
        assert_eq!(told.data()["repos"][0]["days_missing"], 0);
        assert!(told.text.starts_with("No gaps"), "{}", told.text);
    })
    .await;
}
