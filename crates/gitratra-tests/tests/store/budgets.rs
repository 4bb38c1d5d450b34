//! However many ask with one credential, together they are given what one may spend.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gitratra_store::{Given, Hour, Store, StoreClock, Want};

use crate::place::{Place, on_both_engines};
use crate::samples::at;

on_both_engines![
    together_they_are_given_a_minutes_points,
    many_at_once_are_never_given_more_than_a_minute_has,
    a_new_minute_begins_anew,
    whoever_is_alone_keeps_the_minute_by_itself,
    credentials_and_resources_have_budgets_of_their_own,
    many_at_once_are_never_given_more_than_their_part_of_the_hour,
    a_new_hour_begins_anew,
    what_is_given_back_is_there_for_others,
    the_smallest_part_of_an_hour_is_one_request,
    by_the_clock_of_the_store,
];

const END: &str = "2026-01-14T11:00";

fn want(holder: &str, points: u32) -> Want {
    Want {
        holder: holder.into(),
        credential: "print".into(),
        resource: "core",
        points,
        per_minute: 900,
        hour: None,
    }
}

fn hour(holder: &str, end: &str, points: u64) -> Want {
    Want {
        hour: Some(Hour {
            ends_at: at(end),
            points,
            least: 1,
            allowance: 500,
        }),
        ..want(holder, 0)
    }
}

fn millis(millis: u64) -> StoreClock {
    StoreClock::At(Duration::from_millis(millis))
}

async fn take(store: &Store, want: Want, clock: StoreClock) -> Given {
    store.take_budget(want, clock).await.unwrap()
}

async fn together_they_are_given_a_minutes_points(place: Place) {
    let store = place.open().await;
    // Two are there.
    assert_eq!(take(&store, want("one", 0), millis(0)).await.points, 0);
    assert_eq!(take(&store, want("one", 400), millis(0)).await.points, 400);
    let other = take(&store, want("other", 400), millis(10_000)).await;
    assert_eq!(other.points, 400);
    assert_eq!(
        take(&store, want("one", 400), millis(20_000)).await.points,
        100
    );
    let none = take(&store, want("other", 400), millis(30_500)).await;
    assert_eq!(none.points, 0);
    // When the oldest come free.
    assert_eq!(none.again_in, Duration::from_millis(39_500));
    assert_eq!(take(&store, want("one", 1), millis(69_999)).await.points, 0);
    let again = take(&store, want("one", 900), millis(70_000)).await;
    assert_eq!(again.points, 400);
}

async fn many_at_once_are_never_given_more_than_a_minute_has(place: Place) {
    let stores = [place.open().await, place.open().await];
    take(&stores[0], want("first", 1), StoreClock::Own).await;
    let sum = Arc::new(AtomicU64::new(1));
    let takers = (0..20_usize).map(|number| {
        let (store, sum) = (stores[number % 2].clone(), Arc::clone(&sum));
        tokio::spawn(async move {
            for _ in 0..10 {
                let want = want(&format!("taker {number}"), 7);
                let given = take(&store, want, StoreClock::Own).await;
                sum.fetch_add(given.points.into(), Ordering::SeqCst);
            }
        })
    });
    for taker in takers.collect::<Vec<_>>() {
        taker.await.unwrap();
    }
    // 1,400 were asked for, within far less than a minute.
    assert_eq!(sum.load(Ordering::SeqCst), 900);
}

async fn a_new_minute_begins_anew(place: Place) {
    let store = place.open().await;
    take(&store, want("one", 1), millis(0)).await;
    for minute in 0..5 {
        let begin = minute * 70_000 + 1_000;
        assert_eq!(
            take(&store, want("other", 9_000), millis(begin))
                .await
                .points,
            if minute == 0 { 899 } else { 900 },
            "{minute}"
        );
        let late = millis(begin + 30_000);
        assert_eq!(take(&store, want("one", 1), late).await.points, 0);
    }
    // Nothing of what is over is kept.
    assert!(place.number("select count(*) from budget").await <= 3);
}

async fn whoever_is_alone_keeps_the_minute_by_itself(place: Place) {
    let store = place.open().await;
    for second in 0..60 {
        let given = take(&store, want("one", 20), millis(second * 1_000)).await;
        assert_eq!(given.points, 20);
    }
    // One who comes is given nothing, and is noticed.
    let other = take(&store, want("other", 20), millis(60_000)).await;
    assert_eq!(other.points, 0);
    assert_eq!(
        take(&store, want("one", 20), millis(60_500)).await.points,
        0
    );
    let mut given = 0;
    for second in 61..131 {
        let clock = millis(second * 1_000);
        given += take(&store, want("one", 20), clock).await.points;
        given += take(&store, want("other", 20), clock).await.points;
    }
    assert!((500..=900).contains(&given), "{given}");
}

async fn credentials_and_resources_have_budgets_of_their_own(place: Place) {
    let store = place.open().await;
    take(&store, want("one", 1), millis(0)).await;
    assert_eq!(
        take(&store, want("other", 900), millis(0)).await.points,
        899
    );
    assert_eq!(take(&store, want("other", 900), millis(0)).await.points, 0);
    for (credential, resource) in [("print", "graphql"), ("another", "core")] {
        for (holder, expected) in [("one", 1), ("other", 899)] {
            let want = Want {
                credential: credential.into(),
                resource,
                ..want(holder, expected)
            };
            assert_eq!(take(&store, want, millis(0)).await.points, expected);
        }
    }
    let unpaced = Want {
        per_minute: 0,
        ..want("other", 5_000)
    };
    assert_eq!(take(&store, unpaced, millis(0)).await.points, 5_000);
}

async fn many_at_once_are_never_given_more_than_their_part_of_the_hour(place: Place) {
    let stores = [place.open().await, place.open().await];
    let sum = Arc::new(AtomicU64::new(0));
    let takers = (0..20_usize).map(|number| {
        let (store, sum) = (stores[number % 2].clone(), Arc::clone(&sum));
        tokio::spawn(async move {
            for _ in 0..10 {
                let want = hour(&format!("taker {number}"), END, 3);
                let given = take(&store, want, StoreClock::Own).await;
                let all = sum.fetch_add(given.hourly, Ordering::SeqCst) + given.hourly;
                assert!(all <= 500, "{all}");
            }
        })
    });
    for taker in takers.collect::<Vec<_>>() {
        taker.await.unwrap();
    }
    assert_eq!(sum.load(Ordering::SeqCst), 500);
}

async fn a_new_hour_begins_anew(place: Place) {
    let store = place.open().await;
    let given = take(&store, hour("one", END, 480), millis(0)).await;
    assert_eq!((given.hourly, given.hour_left), (480, 20));
    // Two answers do not name the end alike to the second.
    let later = Want {
        hour: hour("one", END, 30).hour.map(|hour| Hour {
            ends_at: hour.ends_at + Duration::from_secs(2),
            ..hour
        }),
        ..want("other", 0)
    };
    assert_eq!(take(&store, later, millis(0)).await.hourly, 20);
    assert_eq!(take(&store, hour("one", END, 1), millis(0)).await.hourly, 0);
    let next = hour("other", "2026-01-14T12:00", 30);
    assert_eq!(take(&store, next, millis(0)).await.hourly, 30);
    // Whoever still believes in the hour before is given nothing.
    let stale = take(&store, hour("one", END, 1), millis(0)).await;
    assert_eq!(stale.hourly, 0);
}

async fn what_is_given_back_is_there_for_others(place: Place) {
    let store = place.open().await;
    let give_back = async |end: &str, points| {
        let given = store.return_budget("print", "core", at(end), points).await;
        given.unwrap();
    };
    // Nothing was given yet.
    give_back(END, 5).await;
    let given = take(&store, hour("one", END, 500), millis(0)).await;
    assert_eq!(given.hourly, 500);
    assert_eq!(
        take(&store, hour("other", END, 9), millis(0)).await.hourly,
        0
    );
    give_back(END, 20).await;
    // Of another hour.
    give_back("2026-01-14T10:00", 20).await;
    let given = take(&store, hour("other", END, 30), millis(0)).await;
    assert_eq!((given.hourly, given.hour_left), (20, 0));
}

async fn the_smallest_part_of_an_hour_is_one_request(place: Place) {
    let store = place.open().await;
    let dear = |holder: &str| Want {
        hour: Some(Hour {
            ends_at: at(END),
            points: 7,
            least: 7,
            allowance: 1,
        }),
        ..want(holder, 0)
    };
    assert_eq!(take(&store, dear("one"), millis(0)).await.hourly, 7);
    assert_eq!(take(&store, dear("other"), millis(0)).await.hourly, 0);
}

async fn by_the_clock_of_the_store(place: Place) {
    let store = place.open().await;
    let before = place.number(NOW[place.kind as usize]).await;
    take(&store, want("one", 5), StoreClock::Own).await;
    let second = place.number("select min(second_at) from budget").await;
    let after = place.number(NOW[place.kind as usize]).await;
    assert!((before..=after).contains(&second), "{second}");
}

/// The second by the clock of SQLite and of PostgreSQL.
const NOW: [&str; 2] = [
    "select unixepoch()",
    "select cast(floor(extract(epoch from clock_timestamp())) as bigint)",
];
