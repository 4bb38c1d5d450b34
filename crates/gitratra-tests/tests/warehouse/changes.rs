//! What is written anew, and what is left as it is.

use gitratra_warehouse::{FolderPlace, Options, Part, WarehouseError, What};

use crate::house::{House, contents, is_whole, manifest_of, quick};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_nothing_new_writes_nothing() {
    let house = House::small().await;
    let first = house.go("w").await;
    assert_eq!(first.generation, 1);
    assert_eq!(first.written.len(), first.files);
    assert!(first.files > 30, "{first:?}");
    let look = FolderPlace::look(&house.path("w"));
    is_whole(&look).await;
    let before = gitratra_warehouse::Place::list(&look).await.unwrap();
    let second = house.go("w").await;
    assert_eq!((second.generation, second.written.len()), (1, 0));
    assert_eq!((second.files, second.rows), (first.files, first.rows));
    // Times of files are part of this.
    assert_eq!(
        gitratra_warehouse::Place::list(&look).await.unwrap(),
        before
    );
}

/// Changes something, and demands that exactly these files are written, and that what lies there
/// then is what a run from nothing writes.
async fn check(house: &mut House, sql: &str, written: &[&str]) {
    house.change(sql);
    house.repos = house.names();
    let done = house.go("w").await;
    assert_eq!(done.written, written, "{sql}");
    let fresh = format!("fresh-{}", done.generation);
    let look = FolderPlace::look(&house.path("w"));
    assert_eq!(contents(&look).await, house.fresh(&fresh).await, "{sql}");
    is_whole(&look).await;
    // And it stays so.
    assert_eq!(house.go("w").await.written, Vec::<String>::new(), "{sql}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_writes_its_own_month_and_table_alone() {
    let mut house = House::small().await;
    let house = &mut house;
    house.go("w").await;
    for (sql, written) in [
        (
            // The 5th of February, long over; no week, window or list of it.
            "update traffic_day set views = views + 1 where repo_id = 2 and day = 20489",
            &["daily/year=2026/month=02/part-0.parquet"][..],
        ),
        (
            "update traffic_day set views_last_seen = -5, views_first_seen = -5
             where repo_id = 2 and day = 20489",
            &["daily/year=2026/month=02/part-0.parquet"],
        ),
        (
            "update traffic_day set views_window_uniques = 12345 where repo_id = 1 and day = 20370",
            &["windows/year=2025/month=10/part-0.parquet"],
        ),
        (
            "update traffic_week set views = views + 1 where repo_id = 1 and monday =
             (select min(monday) from traffic_week)",
            &["weekly/year=2025/month=09/part-0.parquet"],
        ),
        (
            "update ranked_run set count = count + 1 where repo_id = 3 and ranking = 0
             and last_window = (select max(last_window) from ranked_run where ranking = 0)",
            &["referrers/year=2025/month=10/part-0.parquet"],
        ),
        (
            "update ranked_window set paths_seen = null where repo_id = 3
             and last_day = (select min(first_window) from ranked_run where ranking = 1
             and first_window > 20361)",
            &["paths/year=2025/month=10/part-0.parquet"],
        ),
        (
            "update ranked_name set title = 'Another one' where repo_id = 1 and ranking = 1
             and name_id = 2",
            &["titles/part-0.parquet"],
        ),
        (
            "update counter_run set forks = forks + 1 where repo_id = 1
             and first_day = (select min(first_day) from counter_run)",
            &["counters/year=2025/month=09/part-0.parquet"],
        ),
        (
            "update star_day set still = 1 where repo_id = 1 and day = 20351 + 15",
            &["stars/year=2025/month=10/part-0.parquet"],
        ),
        (
            "update asset_run set downloads = downloads + 1 where repo_id = 1
             and first_day = (select max(first_day) from asset_run)",
            &["downloads/year=2025/month=11/part-0.parquet"],
        ),
        (
            "update release set name = 'Called so' where repo_id = 1 and tag = 'v1'",
            &["releases/part-0.parquet"],
        ),
        (
            "update repo set gone_status = 404, gone_since = 1790000000 where repo_id = 1",
            &["repos/part-0.parquet"],
        ),
        (
            "update repo set is_private = true where repo_id = 1",
            &["repos/part-0.parquet"],
        ),
        (
            // Suspicion takes the number away.
            "update traffic_day set views = 0, views_uniques = 0 where day = 20489;
             insert into suspect (metric, day, since) values (0, 20489, 1790000000)",
            &["daily/year=2026/month=02/part-0.parquet"],
        ),
    ] {
        check(house, sql, written).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_day_brings_its_month_and_the_gaps_after_it() {
    let mut house = House::small().await;
    house.go("w").await;
    let sql = "insert into traffic_day (repo_id, day, views, views_uniques, views_first_seen,
                   views_last_seen, views_source) values (1, 20290, 7, 3, 10, 10, 0)";
    let months =
        ["07", "08", "09"].map(|month| format!("daily/year=2025/month={month}/part-0.parquet"));
    let written: Vec<&str> = months.iter().map(String::as_str).collect();
    check(&mut house, sql, &written).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_repository_has_one_name_everywhere() {
    let mut house = House::small().await;
    let first = house.go("w").await;
    house.change(
        "update repo set full_name = 'octo/anew', name_key = 'octo/anew' where repo_id = 2",
    );
    house.repos = house.names();
    let done = house.go("w").await;
    assert_eq!(done.written.len(), first.files);
    assert_eq!((done.files, done.rows), (first.files, first.rows));
    let look = FolderPlace::look(&house.path("w"));
    assert_eq!(contents(&look).await, house.fresh("fresh").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_wanted_no_more_leaves_no_row() {
    let mut house = House::small().await;
    let first = house.go("w").await;
    house.repos.retain(|(id, _)| id.0 != 3);
    let done = house.go("w").await;
    assert_eq!(done.written.len(), first.files);
    assert!(done.rows < first.rows);
    let look = FolderPlace::look(&house.path("w"));
    assert_eq!(contents(&look).await, house.fresh("fresh").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_that_is_gone_is_removed_and_most_of_them_only_if_that_is_meant() {
    let house = House::small().await;
    let first = house.go("w").await;
    house.change("delete from traffic_day where day < 20362");
    let done = house.go("w").await;
    let gone =
        ["daily", "windows"].map(|table| format!("{table}/year=2025/month=09/part-0.parquet"));
    assert_eq!(done.removed, gone);
    assert_eq!(done.files, first.files - 2);
    is_whole(&FolderPlace::look(&house.path("w"))).await;

    let other = House::new().await;
    let place = FolderPlace::open(&house.path("w")).unwrap();
    let before = contents(&place).await;
    let error = other.run(&place, quick()).await.unwrap_err();
    assert!(matches!(error, WarehouseError::Shrinks { .. }), "{error}");
    assert!(error.to_string().contains("--shrink"), "{error}");
    assert_eq!(contents(&place).await, before);
    let options = Options {
        may_shrink: true,
        ..quick()
    };
    let done = other.run(&place, options).await.unwrap();
    assert_eq!((done.files, done.rows), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_a_run_then_does() {
    let house = House::small().await;
    let dry = Options {
        is_dry: true,
        ..quick()
    };
    let look = FolderPlace::look(&house.path("w"));
    let told = house.run(&look, dry).await.unwrap();
    assert!(!house.path("w").exists());
    let sorted = |mut paths: Vec<String>| {
        paths.sort();
        paths
    };
    assert_eq!(sorted(told.written), sorted(house.go("w").await.written));
    house.change("update traffic_day set views = views + 1 where day = 20489");
    let told = house.run(&look, dry).await.unwrap();
    assert_eq!(told.written, ["daily/year=2026/month=02/part-0.parquet"]);
    assert_eq!(house.go("w").await.written, told.written);
}

#[tokio::test(flavor = "multi_thread")]
async fn some_tables_leave_the_others_as_they_are() {
    let house = House::small().await;
    let place = FolderPlace::open(&house.path("w")).unwrap();
    let done = house.run_of(&place, &[What::Daily], quick()).await.unwrap();
    assert!(done.written.iter().all(|path| path.starts_with("daily/")));
    let more = house.run_of(&place, &[What::Repos], quick()).await.unwrap();
    assert_eq!(more.written, ["repos/part-0.parquet"]);
    assert_eq!(more.files, done.files + 1);
    is_whole(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_has_changed_there_is_put_right() {
    let house = House::small().await;
    house.go("w").await;
    let before = contents(&FolderPlace::look(&house.path("w"))).await;
    let day = "2026-02-05".parse().unwrap();
    let (torn, gone) = (Part::of(What::Daily, day), Part::whole(What::Repos));
    std::fs::write(house.path("w").join(torn.path()), "torn").unwrap();
    std::fs::remove_file(house.path("w").join(gone.path())).unwrap();
    let done = house.go("w").await;
    assert_eq!(done.written, [gone.path(), torn.path()]);
    let look = FolderPlace::look(&house.path("w"));
    assert_eq!(contents(&look).await, before);
    assert_eq!(manifest_of(&look).await.generation, 2);
    // A file of somebody else is told of, and left.
    std::fs::write(house.path("w/daily/mine.parquet"), "mine").unwrap();
    let done = house.go("w").await;
    assert_eq!(done.strangers, ["daily/mine.parquet"]);
    assert!(house.path("w/daily/mine.parquet").exists());
    // A folder full of somebody else's is none for us.
    std::fs::create_dir(house.path("other")).unwrap();
    std::fs::write(house.path("other/x.parquet"), "x").unwrap();
    let place = FolderPlace::open(&house.path("other")).unwrap();
    let error = house.run(&place, quick()).await.unwrap_err();
    assert!(matches!(error, WarehouseError::NotOurs { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_and_a_full_look_agree() {
    let house = House::small().await;
    house.go("w").await;
    let full = Options {
        is_full: true,
        ..quick()
    };
    let place = FolderPlace::open(&house.path("w")).unwrap();
    let done = house.run(&place, full).await.unwrap();
    assert_eq!(done.written, Vec::<String>::new());
    assert_eq!(done.same, done.files);
    assert_eq!(done.generation, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_is_newer_or_torn_is_left() {
    let house = House::small().await;
    house.go("w").await;
    let path = house.path("w/_gitratra/manifest.json");
    let text = std::fs::read_to_string(&path).unwrap();
    for (text, expected) in [
        (text.replace("\"format\": 1", "\"format\": 2"), "newer"),
        (text[..text.len() / 2].to_owned(), "cannot be read"),
    ] {
        std::fs::write(&path, &text).unwrap();
        let place = FolderPlace::open(&house.path("w")).unwrap();
        let error = house.run(&place, quick()).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}
