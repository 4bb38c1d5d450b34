//! Several writers at once, in one process and in several: nothing is lost.

use std::process::{Command, Stdio};

use gitratra_core::{Metric, Pattern, RepoId};
use gitratra_store::{Location, Store, StoreError};

use crate::place::{Kind, NEWEST, Place, on_both_engines, with_place};
use crate::samples::{REPO, ranked, reading, repository, traffic, visit, visit_to, window};

on_both_engines![
    many_may_open_a_new_store_at_once,
    many_may_update_an_older_store_at_once,
    two_handles_on_one_repository_lose_nothing,
    four_processes_lose_nothing,
    the_same_rules_in_another_order_wait_for_nobody_who_waits,
    many_ask_and_write_at_once,
    what_was_answered_is_there_after_a_drop,
    a_closed_store_refuses,
];

async fn many_may_update_an_older_store_at_once(place: Place) {
    for _ in 0..3 {
        crate::schema::make_first(&place).await;
        open_at_once(&place).await;
        let store = place.open().await;
        assert_eq!(store.repositories().await.unwrap().len(), 2);
        store.close().await;
        place.execute(EMPTY).await;
    }
}

/// Takes the sample rows away again.
const EMPTY: &str = "
    delete from repo;
    delete from repo_name;
    delete from rule;
    delete from rule_repo;
    delete from source where source_id = 1;
    delete from traffic_day;
    delete from sighting;
    delete from ranked_window;
    delete from ranked_name;
    delete from ranked_run;
    delete from asked;
    delete from run;
    delete from suspect;";

async fn many_may_open_a_new_store_at_once(place: Place) {
    open_at_once(&place).await;
}

async fn open_at_once(place: &Place) {
    let opening = (0..8).map(|_| {
        let location = place.location();
        tokio::spawn(async move { Store::open(&location).await })
    });
    for opened in opening.collect::<Vec<_>>() {
        let store = opened.await.unwrap().unwrap();
        store.check_writable().await.unwrap();
    }
    let versions = "select count(*) from gitratra_schema_history";
    assert_eq!(place.number(versions).await, NEWEST);
}

/// One writer among several: each day's count is larger than any before, and every writer has days
/// of its own, so that whatever gets lost shows.
async fn write(location: Location, writer: u64) {
    let store = Store::open(&location).await.unwrap();
    let metric = Metric::ALL[usize::try_from(writer % 2).unwrap()];
    for round in 0..25 {
        let minute = format!("2026-02-01T09:{:02}", 2 * round + writer % 2);
        let rows = [
            ("2026-01-20", 100 * writer + round),
            ("2026-01-21", 7 * (round + 1)),
        ];
        let lines = [("shared", round + 1), ("other", writer + 1)];
        let last = Some("2026-01-31");
        let outcomes = vec![
            traffic(reading(metric, &minute, &rows), "\"x\""),
            ranked(gitratra_core::Ranking::Paths, &minute, last, &lines),
        ];
        store.record(visit(&minute, outcomes)).await.unwrap();
        let name = format!("octo/w{writer}-{round}");
        let seen_at = crate::samples::at(&minute);
        let repositories = [
            repository(1000 * (writer + 1) + round, &name),
            repository(1, "o/n"),
        ];
        store
            .save_repositories(&repositories, seen_at)
            .await
            .unwrap();
    }
    store.close().await;
}

/// What [`write`] must have left behind, done by writers 0 to `writers`.
async fn check(place: &Place, writers: u64) {
    let store = place.open().await;
    let records = store.records(REPO, crate::samples::day("2026-01-20")).await;
    let records = records.unwrap();
    assert_eq!(records.len(), 2);
    for (metric, record) in records {
        let parity = u64::from(metric == Metric::Clones);
        let mine = (0..writers).filter(|writer| writer % 2 == parity);
        let given: Vec<_> = mine
            .flat_map(|w| (0..25).map(move |round| 100 * w + round))
            .collect();
        let kept: Vec<_> = record
            .settled()
            .iter()
            .map(|value| value.count.count())
            .collect();
        assert_eq!(kept, given);
    }
    let records = store.records(REPO, crate::samples::day("2026-01-21")).await;
    for (_, record) in records.unwrap() {
        assert_eq!(record.settled().len(), 25);
    }
    let newest = store
        .newest_ranked(REPO, gitratra_core::Ranking::Paths)
        .await;
    let (_, lines) = newest.unwrap().unwrap();
    let totals: Vec<_> = lines.iter().map(|line| line.total.0.count()).collect();
    assert_eq!(totals, [25, writers]);
    let names = place.number("select count(*) from ranked_name").await;
    assert_eq!(names, 2);
    let repositories = store.repositories().await.unwrap();
    assert_eq!(repositories.len() as u64, 25 * writers + 1);
}

async fn two_handles_on_one_repository_lose_nothing(place: Place) {
    let writers: Vec<_> = (0..4)
        .map(|writer| tokio::spawn(write(place.location(), writer)))
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    check(&place, 4).await;
}

const CHILD: &str = "GITRATRA_TEST_WRITES_TO";

async fn four_processes_lose_nothing(place: Place) {
    let children: Vec<_> = (0..4)
        .map(|writer| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "together::one_process_writes_what_is_checked"])
                .env(CHILD, format!("{writer} {}", place.text))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
    }
    check(&place, 4).await;
}

/// Also the other process of [`four_processes_lose_nothing`], which names the place to write to.
#[tokio::test]
async fn one_process_writes_what_is_checked() {
    if let Ok(what) = std::env::var(CHILD) {
        let (writer, place) = what.split_once(' ').unwrap();
        return write(Location::parse(place).unwrap(), writer.parse().unwrap()).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let location = Location::file(folder.path().join("one.db"));
    write(location.clone(), 0).await;
    let store = Store::open(&location).await.unwrap();
    let records = store.records(REPO, crate::samples::day("2026-01-20")).await;
    assert_eq!(records.unwrap()[0].1.settled().len(), 25);
}

async fn the_same_rules_in_another_order_wait_for_nobody_who_waits(place: Place) {
    place.open().await.close().await;
    let rules: Vec<Pattern> = (0..40)
        .map(|n| format!("octo/r{n}").parse().unwrap())
        .collect();
    let writers = (0..4).map(|writer| {
        let (location, mut rules) = (place.location(), rules.clone());
        tokio::spawn(async move {
            let store = Store::open(&location).await?;
            rules.rotate_left(writer * 10);
            if writer % 2 == 1 {
                rules.reverse();
            }
            for _ in 0..10 {
                store.add_rules(&rules).await?;
                store.remove_rules(&rules).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap().unwrap();
    }
}

async fn many_ask_and_write_at_once(place: Place) {
    let store = place.open().await;
    let tasks: Vec<_> = (1..=60)
        .map(|id| {
            let store = store.clone();
            tokio::spawn(async move {
                let repo = RepoId(id);
                let views = window(Metric::Views, "2026-01-14T10:00", "2026-01-13", id);
                let visit = visit_to(repo, "2026-01-14T10:00", vec![traffic(views, "")]);
                let recorded = store.record(visit).await.unwrap();
                assert_eq!(recorded.new_days, 14);
                let days = store.days(repo, None).await.unwrap();
                assert!(
                    days.iter()
                        .all(|row| row.views.unwrap().count.count() == id)
                );
                store.held().await.unwrap().len()
            })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap() > 0);
    }
    assert_eq!(store.held().await.unwrap().len(), 60);
}

async fn what_was_answered_is_there_after_a_drop(place: Place) {
    let store = place.open().await;
    let views = window(Metric::Views, "2026-01-14T10:00", "2026-01-13", 3);
    let visit = visit("2026-01-14T10:00", vec![traffic(views, "")]);
    store.record(visit).await.unwrap();
    drop(store);
    let days = place.open().await.days(REPO, None).await.unwrap();
    assert_eq!(days.len(), 14);
}

async fn a_closed_store_refuses(place: Place) {
    let store = place.open().await;
    store.rules().await.unwrap();
    let clone = store.clone();
    store.close().await;
    assert!(matches!(
        clone.rules().await,
        Err(StoreError::Internal { .. })
    ));
    let refused = clone.check_writable().await;
    assert!(matches!(refused, Err(StoreError::Internal { .. })));
    clone.close().await;
}

#[tokio::test]
async fn a_job_that_fails_takes_no_other_with_it() {
    with_place(Kind::Sqlite, async |place: Place| {
        let store = place.open().await;
        let trap = "create trigger trap before insert on traffic_day when new.repo_id = 13 \
                    begin select raise(abort, 'thirteen'); end";
        place.execute(trap).await;
        let tasks: Vec<_> = (1..=40)
            .map(|id| {
                let store = store.clone();
                let views = window(Metric::Views, "2026-01-14T10:00", "2026-01-13", id);
                let visit = visit_to(RepoId(id), "2026-01-14T10:00", vec![traffic(views, "")]);
                (id, tokio::spawn(async move { store.record(visit).await }))
            })
            .collect();
        for (id, task) in tasks {
            assert_eq!(task.await.unwrap().is_ok(), id != 13, "{id}");
        }
        // Nothing of the one that failed is there, and all of the others.
        let held = store.held().await.unwrap();
        assert_eq!(held.len(), 39);
        assert!(held.iter().all(|(repo, _)| *repo != RepoId(13)));
    })
    .await;
}

#[tokio::test]
async fn a_closed_file_stands_alone() {
    with_place(Kind::Sqlite, async |place: Place| {
        let store = place.open().await;
        store.rules().await.unwrap();
        assert!(place.names().len() > 1);
        store.close().await;
        assert_eq!(place.names(), ["store.db"]);
    })
    .await;
}
