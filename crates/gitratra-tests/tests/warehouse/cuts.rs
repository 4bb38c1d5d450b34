//! Runs that are cut off at each of their steps, and runs that meet.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gitratra_warehouse::{FolderPlace, Options, Place, WarehouseError, What};
use object_store::memory::InMemory;
use tokio::sync::Notify;

use crate::house::{House, contents, is_whole, quick};
use crate::places::{Fault, Faulty, Heedless, Still, bucket};

/// A few tables, so that a run has a few steps.
const SOME: [What; 3] = [What::Repos, What::Weekly, What::Daily];

/// What a run from nothing would write.
async fn fresh(house: &House) -> BTreeMap<String, String> {
    let store = Arc::new(InMemory::new());
    let place = bucket(&store);
    house.run_of(&place, &SOME, quick()).await.unwrap();
    contents(&place).await
}

/// Changes two months, a table without days, and takes all of a month away or brings it back.
fn change(house: &mut House, number: usize) {
    let there = number.is_multiple_of(2);
    let month = match there {
        true => "delete from traffic_week where monday < 20360".to_owned(),
        false => "insert into traffic_week (repo_id, monday, views, views_uniques)
                  select repo_id, 20353, 7, 7 from repo"
            .to_owned(),
    };
    house.change(&format!(
        "update traffic_day set views = views + 1 where day in (20489, 20700);
         update repo set is_archived = {there} where repo_id = 1;
         {month}"
    ));
}

/// Cuts a run at each of its steps. After each cut every file is one of before or of after; the
/// next run makes it what a run from nothing makes.
async fn cut_everywhere(place: &dyn Place, fault: Fault) -> usize {
    let mut house = House::small().await;
    house.run_of(place, &SOME, quick()).await.unwrap();
    let mut before = contents(place).await;
    for number in 0.. {
        change(&mut house, number);
        let after = fresh(&house).await;
        let faulty = Faulty::new(place, fault, number);
        let cut = house.run_of(&faulty, &SOME, quick()).await;
        assert_eq!(
            cut.is_err(),
            faulty.was_met() && fault != Fault::Lost,
            "{number}"
        );
        let between = contents(place).await;
        for (path, content) in &between {
            let is_known = [before.get(path), after.get(path)].contains(&Some(content));
            assert!(is_known, "{fault:?} {number}: {path} is of neither");
        }
        for (path, content) in &before {
            let stays = after.get(path) == Some(content);
            assert!(
                !stays || between.contains_key(path),
                "{fault:?} {number}: {path}"
            );
        }
        house.run_of(place, &SOME, quick()).await.unwrap();
        is_whole(place).await;
        assert_eq!(contents(place).await, after, "{fault:?} {number}");
        before = after;
        if !faulty.was_met() {
            return number;
        }
    }
    unreachable!("there is a last step");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ends_before_any_step_is_made_good_in_a_bucket() {
    let steps = cut_everywhere(&bucket(&Arc::new(InMemory::new())), Fault::Before).await;
    // The manifest, its files, and the manifest again.
    assert!(steps >= 9, "{steps}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ends_after_any_step_is_made_good_in_a_bucket() {
    cut_everywhere(&bucket(&Arc::new(InMemory::new())), Fault::After).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_ends_no_run() {
    cut_everywhere(&bucket(&Arc::new(InMemory::new())), Fault::Lost).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ends_at_any_step_is_made_good_in_a_folder() {
    for fault in [Fault::Before, Fault::After] {
        let folder = tempfile::tempdir().unwrap();
        cut_everywhere(&FolderPlace::open(folder.path()).unwrap(), fault).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_that_ends_at_any_step_is_gone_on_with() {
    let house = House::small().await;
    let expected = fresh(&house).await;
    for fault in [Fault::Before, Fault::After] {
        for number in [0, 1, 2, 3, 5, 8, 13, 17] {
            let place = bucket(&Arc::new(InMemory::new()));
            let faulty = Faulty::new(&place, fault, number);
            house.run_of(&faulty, &SOME, quick()).await.unwrap_err();
            house.run_of(&place, &SOME, quick()).await.unwrap();
            is_whole(&place).await;
            assert_eq!(contents(&place).await, expected, "{fault:?} {number}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_stood_still_replaces_nothing_of_the_one_that_took_over() {
    let paths = [
        "repos/part-0.parquet",
        "daily/year=2026/month=02/part-0.parquet",
        "daily/year=2026/month=09/part-0.parquet",
    ];
    for path in paths {
        let mut house = House::small().await;
        let place = bucket(&Arc::new(InMemory::new()));
        house.run_of(&place, &SOME, quick()).await.unwrap();
        change(&mut house, 0);
        let still = Still {
            place: &place,
            path: path.to_owned(),
            stands: Notify::new(),
            goes_on: Notify::new(),
        };
        let slow = house.run_of(&still, &SOME, quick());
        let other = async {
            still.stands.notified().await;
            // Something has happened since.
            house.change("update traffic_day set views = views + 1 where day in (20489, 20700)");
            let done = house.run_of(&place, &SOME, quick()).await.unwrap();
            let after = contents(&place).await;
            still.goes_on.notify_one();
            (done, after)
        };
        let (slow, (done, after)) = tokio::join!(slow, other);
        let error = slow.unwrap_err();
        assert!(matches!(error, WarehouseError::Overtaken(_)), "{error}");
        assert!(!done.written.is_empty());
        assert_eq!(contents(&place).await, after, "{path}");
        assert_eq!(after, fresh(&house).await, "{path}");
        is_whole(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_says_that_it_goes_on_is_let_go_on() {
    let mut house = House::small().await;
    let place = bucket(&Arc::new(InMemory::new()));
    house.run_of(&place, &SOME, quick()).await.unwrap();
    change(&mut house, 0);
    let still = Still {
        place: &place,
        path: "repos/part-0.parquet".to_owned(),
        stands: Notify::new(),
        goes_on: Notify::new(),
    };
    let lively = Options {
        beat: Duration::from_millis(5),
        ..quick()
    };
    let slow = house.run_of(&still, &SOME, lively);
    let other = async {
        still.stands.notified().await;
        let patient = Options {
            patience: Duration::from_secs(2),
            ..quick()
        };
        let refused = house.run_of(&place, &SOME, patient).await.unwrap_err();
        still.goes_on.notify_one();
        refused
    };
    let (slow, refused) = tokio::join!(slow, other);
    assert!(matches!(refused, WarehouseError::Busy(_)), "{refused}");
    slow.unwrap();
    is_whole(&place).await;
    assert_eq!(contents(&place).await, fresh(&house).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_folder_has_one_run_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = FolderPlace::open(folder.path()).unwrap();
    let error = FolderPlace::open(folder.path()).unwrap_err();
    assert!(matches!(error, WarehouseError::Busy(_)), "{error}");
    drop(first);
    // What a kill leaves is swept away.
    let left = folder.path().join("_gitratra/new-left");
    std::fs::write(&left, "half").unwrap();
    FolderPlace::open(folder.path()).unwrap();
    assert!(!left.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_heeds_no_condition_is_refused_unless_there_is_one_writer() {
    let house = House::small().await;
    let inner = bucket(&Arc::new(InMemory::new()));
    let place = Heedless { place: &inner };
    let error = house.run_of(&place, &SOME, quick()).await.unwrap_err();
    assert!(matches!(error, WarehouseError::Unconditional(_)), "{error}");
    assert!(contents(&place).await.is_empty());
    let options = Options {
        is_one_writer: true,
        ..quick()
    };
    house.run_of(&place, &SOME, options).await.unwrap();
    is_whole(&place).await;
}
