//! Every rule of what is kept has somebody who breaks it here, and the place is named.

use gitratra_core::{Ranking, RepoId};
use gitratra_store::Finding;

use crate::place::{Kind, Place, on_both_engines_and_in_parts, with_place};
use crate::samples::{at, ranked, repository, visit_to};
use crate::seals::{collect, places, verify};

on_both_engines_and_in_parts![
    a_history_that_was_collected_breaks_no_rule,
    what_breaks_a_rule_of_days_is_named,
    what_breaks_a_rule_is_named,
];

async fn make(place: &Place) -> gitratra_store::Store {
    let store = place.open().await;
    collect(&store, 1, 30).await;
    for (last, lines) in [
        ("2026-01-10", [("Google", 5), ("t.co", 2)]),
        ("2026-01-12", [("Google", 5), ("t.co", 3)]),
        ("2026-01-13", [("Google", 5), ("t.co", 3)]),
    ] {
        let read_at = format!("{last}T23:00");
        let list = ranked(Ranking::Referrers, &read_at, Some(last), &lines);
        let visit = visit_to(RepoId(1), &read_at, vec![list]);
        store.record(visit).await.unwrap();
    }
    let rows = "insert into counter_run (repo_id, first_day, last_day, stars, forks)
                values (1, 20450, 20455, 4, 1), (1, 20456, 20457, 5, 1);
                insert into star_span (repo_id, first_day, last_day, read_at)
                values (1, 0, 20450, 7), (1, 20451, 20460, 8);
                insert into star_day (repo_id, day, given, still) values (1, 20449, 4, 3);
                insert into release (repo_id, release_id, tag, is_prerelease, seen_at)
                values (1, 7, 'v1', false, 5);
                insert into asset (repo_id, asset_id, release_id, name, size_bytes)
                values (1, 70, 7, 'x.zip', 5);
                insert into asset_run (repo_id, asset_id, first_day, last_day, downloads)
                values (1, 70, 20450, 20451, 9), (1, 70, 20452, 20452, 10);
                insert into traffic_week (repo_id, monday, views, views_uniques)
                select 1, 20458, sum(views), 4 from traffic_day
                where repo_id = 1 and day between 20458 and 20464;";
    place.execute(rows).await;
    store
}

async fn a_history_that_was_collected_breaks_no_rule(place: Place) {
    let store = make(&place).await;
    assert_eq!(verify(&store).await.1, []);
}

async fn what_breaks_a_rule_of_days_is_named(place: Place) {
    let store = make(&place).await;
    let cases = [
        (
            "insert into sighting values (1, 0, 20464, 900, 2, 1768262400, 1768262400, 0)",
            "delete from sighting",
            "traffic_day",
            "2026-01-11",
            "were given",
        ),
        (
            "insert into sighting values (1, 1, 20000, 9, 2, 1768262400, 1768262400, 0)",
            "delete from sighting",
            "sighting",
            "2024-10-04",
            "of which nothing is kept",
        ),
        (
            "update traffic_day set views_source = 1073741824 where day = 20464;
             insert into sighting values (1, 0, 20464, 1, 1, 1768262400, 1768262400, 0)",
            "update traffic_day set views_source = 0; delete from sighting",
            "sighting",
            "2026-01-11",
            "are believed",
        ),
        (
            "update traffic_day set views_source = 9 where day = 20464",
            "update traffic_day set views_source = 0",
            "traffic_day",
            "2026-01-11",
            "source 9",
        ),
        (
            "update traffic_day set views_uniques = null where day = 20464",
            "update traffic_day set views_uniques = 1 where day = 20464",
            "traffic_day",
            "2026-01-11",
            "by halves",
        ),
    ];
    name_each(&place, &store, &cases).await;
}

async fn what_breaks_a_rule_is_named(place: Place) {
    let store = make(&place).await;
    let cases = [
        (
            "update counter_run set first_day = 20455 where last_day = 20457",
            "update counter_run set first_day = 20456 where last_day = 20457",
            "counter_run",
            "2026-01-02",
            "the same day",
        ),
        (
            "update counter_run set stars = 4 where last_day = 20457",
            "update counter_run set stars = 5 where last_day = 20457",
            "counter_run",
            "2026-01-02",
            "goes on unchanged",
        ),
        (
            "update star_span set read_at = 7",
            "update star_span set read_at = 8 where last_day = 20460",
            "star_span",
            "2025-12-28",
            "goes on unchanged",
        ),
        (
            "update asset_run set downloads = 9",
            "update asset_run set downloads = 10 where last_day = 20452",
            "asset_run",
            "2025-12-29",
            "x.zip",
        ),
        (
            "update ranked_window set referrers_seen = null where last_day = 20463",
            "update ranked_window set referrers_seen = 0 where last_day = 20463",
            "ranked_run",
            "2026-01-10",
            "was not read",
        ),
        (
            "update ranked_run set count = 3, uniques = 2 where last_window = 20463 and count = 2",
            "update ranked_run set count = 2, uniques = 1 where last_window = 20463 and count = 3",
            "ranked_run",
            "2026-01-10",
            "t.co",
        ),
        (
            "update traffic_week set monday = 20459",
            "update traffic_week set monday = 20458",
            "traffic_week",
            "2026-01-06",
            "Monday",
        ),
        (
            "update asked set newest_day = 20700 where endpoint = 'views'",
            "update asked set newest_day = 20483 where endpoint = 'views'",
            "traffic_day",
            "2026-09-04",
            "nothing of it is kept",
        ),
    ];
    name_each(&place, &store, &cases).await;
    without_a_day(&place, &store).await;
}

/// A change that breaks a rule, what takes it back, and where it is found with which words.
type Case<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

async fn name_each(place: &Place, store: &gitratra_store::Store, cases: &[Case<'_>]) {
    for (change, back, table, day, what) in cases {
        place.execute(change).await;
        let (verified, findings) = verify(store).await;
        assert!(verified.wrong > 0, "{change}");
        let is_it = |finding: &&Finding| finding.what.contains(what);
        let it: Vec<Finding> = findings.iter().filter(is_it).cloned().collect();
        let expected = (*table, Some("octo/r1"), Some((*day).to_owned()));
        assert!(places(&it).contains(&expected), "{change}: {findings:?}");
        place.execute(back).await;
        assert_eq!(verify(store).await.1, [], "{back}");
    }
}

async fn without_a_day(place: &Place, store: &gitratra_store::Store) {
    for (change, back, table, repo) in [
        (
            "update repo set name_key = 'octo/other'",
            "update repo set name_key = 'octo/r1'",
            "repo",
            Some("octo/r1"),
        ),
        (
            "insert into workflow_day values (77, 20460, 3)",
            "delete from workflow_day",
            "workflow_day",
            Some("77"),
        ),
        (
            "insert into rule_repo values ('octo/x', 1)",
            "delete from rule_repo",
            "rule_repo",
            None,
        ),
        (
            "update asset set release_id = 8",
            "update asset set release_id = 7",
            "asset",
            Some("octo/r1"),
        ),
        (
            "insert into run values (5, 9, 8, 0, 0, 0, 0, 0, 0, 0)",
            "delete from run",
            "run",
            None,
        ),
    ] {
        place.execute(change).await;
        let (_, findings) = verify(store).await;
        assert!(
            places(&findings).contains(&(table, repo, None)),
            "{change}: {findings:?}"
        );
        place.execute(back).await;
        assert_eq!(verify(store).await.1, [], "{back}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_that_was_turned_on_the_disk_is_found() {
    with_place(Kind::Sqlite, async |place: Place| {
        let store = place.open().await;
        collect(&store, 1, 100).await;
        store
            .save_repositories(&[repository(2, "octo/marked")], at("2026-01-01T00:00"))
            .await
            .unwrap();
        store.seal(None, u64::MAX).await.unwrap();
        // A number that stands nowhere else in the file.
        let mark = "update traffic_day set clones_window_uniques = 123456789 where day = 20480";
        place.execute(mark).await;
        let again = "delete from seal";
        place.execute(again).await;
        store.seal(None, u64::MAX).await.unwrap();
        assert_eq!(verify(&store).await.0.wrong, 0);
        store.close().await;
        let mut bytes = std::fs::read(&place.text).unwrap();
        let mark = 123_456_789_u32.to_be_bytes();
        let found = bytes.windows(4).position(|four| four == mark).unwrap();
        bytes[found + 3] ^= 1;
        std::fs::write(&place.text, bytes).unwrap();
        let store = place.open().await;
        let (verified, findings) = verify(&store).await;
        assert_eq!(verified.wrong, 1);
        let findings: Vec<_> = findings.into_iter().filter(|one| !one.is_remark).collect();
        let expected = (
            "traffic_day",
            Some("octo/r1"),
            Some("2026-01-27".to_owned()),
        );
        assert_eq!(places(&findings), [expected]);
    })
    .await;
}
