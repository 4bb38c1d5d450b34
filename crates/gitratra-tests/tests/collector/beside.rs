//! A pass beside a collector: what one reads the other does not ask.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gitratra_core::{Pattern, RepoId};
use gitratra_github::TokioClock;
use gitratra_store::{CollectorKind, Lease, Presence, StoreClock};
use gitratra_sync::{Ask, Ended, Event, Note, Terms};

use crate::house::{House, TOKEN};
use crate::place::{Place, on_both_engines};

on_both_engines![
    what_a_collector_reads_is_left_to_it,
    what_was_named_is_waited_for,
    what_another_one_read_meanwhile_is_not_asked_again,
    what_a_pass_held_that_was_killed_is_in_nobodys_way,
    nothing_is_held_once_a_pass_is_over,
];

const REPOS: usize = 20;

async fn house(place: Place) -> House {
    let house = House::at(place, 1.0, |sim| {
        sim.fleet("octo", REPOS)
            .token(TOKEN)
            .log_capacity(1_000_000)
    })
    .await;
    house.track(&["*"]).await;
    house
}

fn terms(holder: &str) -> Option<Terms> {
    let clock = Arc::new(TokioClock::new());
    Some(Terms::new(holder.into(), "here".into(), clock))
}

async fn is_there(house: &House, holder: &str, kind: CollectorKind) {
    let noted = house
        .store
        .note_collector(holder, "cellar", kind, StoreClock::Own);
    noted.await.unwrap();
}

async fn holds(house: &House, holder: &str, ids: &[u64], secs: u64) {
    let lease = |id: &u64| Lease {
        key: format!("repo {id}"),
        repo: Some(RepoId(*id)),
    };
    let leases: Vec<Lease> = ids.iter().map(lease).collect();
    let length = Duration::from_secs(secs);
    let taken = house
        .store
        .take_leases(holder, &leases, length, StoreClock::Own);
    assert!(taken.await.unwrap().into_iter().all(|had| had));
}

/// The numbers of the fleet.
fn ids(house: &House) -> Vec<u64> {
    let first = house.sim.repo_id("octo/amber-api");
    (first..first + REPOS as u64).collect()
}

/// Questions about days and lists: weeks are asked beside them, when there is room.
fn asked(house: &House, id: u64) -> usize {
    let log = house.sim.log();
    let of_it = log.iter().filter(|entry| {
        let is_week = entry.target.contains("per=week");
        entry.repo_id == Some(id) && entry.target.contains("/traffic/") && !is_week
    });
    of_it.count()
}

async fn what_a_collector_reads_is_left_to_it(place: Place) {
    let house = house(place).await;
    let ids = ids(&house);
    is_there(&house, "serve", CollectorKind::Serve).await;
    holds(&house, "serve", &ids[..3], 120).await;
    let report = house.pass_of(Ask::Due, terms("pass"), &|_| {}).await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.ok, report.skipped), (REPOS as u64 - 3, 3));
    let names: Vec<String> = ids[..3].iter().map(|id| house.sim.full_name(*id)).collect();
    let mut left = report.left_to_others;
    left.sort();
    let mut expected = names.clone();
    expected.sort();
    assert_eq!(left, expected);
    let note = report.notes.iter().find_map(|note| match note {
        Note::LeftToOther { host, .. } => Some((host.clone(), note.to_string())),
        _ => None,
    });
    let (host, text) = note.unwrap();
    assert_eq!(host.as_deref(), Some("cellar"));
    assert!(text.ends_with(
        "are being read by the collector on \"cellar\" right now, and they are left to it"
    ));
    for (at, id) in ids.iter().enumerate() {
        assert_eq!(asked(&house, *id) == 0, at < 3, "{id}");
    }
}

async fn what_was_named_is_waited_for(place: Place) {
    let house = house(place).await;
    let ids = ids(&house);
    house.pass().await;
    house.sim.advance_days(1);
    house.sim.clear_log();
    is_there(&house, "serve", CollectorKind::Serve).await;
    // That one is killed in the middle of its round.
    holds(&house, "serve", &ids[..2], 3).await;
    let events = Mutex::new(Vec::new());
    let name = house.sim.full_name(ids[1]);
    let pattern: Pattern = name.parse().unwrap();
    let report = house
        .pass_of(Ask::Named(vec![pattern]), terms("pass"), &|event| {
            events.lock().unwrap().push(event);
        })
        .await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.ok, report.left_to_others.len()), (1, 0));
    assert_eq!(asked(&house, ids[1]), 4);
    assert_eq!(asked(&house, ids[0]), 0);
    let host = Some("cellar".to_owned());
    let waiting = Event::WaitingFor { name, host };
    let told = events.into_inner().unwrap();
    let times = told.iter().filter(|event| **event == waiting).count();
    assert_eq!(times, 1, "{told:?}");
}

async fn what_another_one_read_meanwhile_is_not_asked_again(place: Place) {
    let house = house(place).await;
    house.pass().await;
    let ids = ids(&house);
    house.sim.advance_days(1);
    house.sim.clear_log();
    house.sim.set_latency_ms(10);
    is_there(&house, "serve", CollectorKind::Serve).await;
    let named: Vec<Pattern> = ids
        .iter()
        .map(|id| house.sim.full_name(*id).parse().unwrap())
        .collect();
    let one = house.pass_of(Ask::All, terms("one"), &|_| {});
    let other = async {
        while house.sim.counters().traffic() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        house
            .pass_of(Ask::Named(named), terms("other"), &|_| {})
            .await
    };
    let (one, other) = tokio::join!(one, other);
    assert!(one.is_clean() && other.is_clean(), "{one:?} {other:?}");
    assert_eq!(one.ok + other.ok, REPOS as u64);
    assert_eq!(other.skipped, REPOS as u64 - other.ok);
    assert!(other.notes.contains(&Note::ReadByOther(other.skipped)));
    for id in ids {
        assert_eq!(asked(&house, id), 4, "{id}");
    }
}

async fn what_a_pass_held_that_was_killed_is_in_nobodys_way(place: Place) {
    let house = house(place).await;
    let ids = ids(&house);
    is_there(&house, "killed", CollectorKind::Sync).await;
    holds(&house, "killed", &ids, 120).await;
    let report = house.pass_of(Ask::Due, terms("pass"), &|_| {}).await;
    assert_eq!(report.ended, Ended::Done);
    assert_eq!((report.ok, report.skipped), (REPOS as u64, 0));
}

async fn nothing_is_held_once_a_pass_is_over(place: Place) {
    let house = house(place).await;
    is_there(&house, "serve", CollectorKind::Serve).await;
    let report = house.pass_of(Ask::Due, terms("pass"), &|_| {}).await;
    assert_eq!((report.ok, report.ended), (REPOS as u64, Ended::Done));
    let ids = ids(&house);
    holds(&house, "serve", &ids, 120).await;
    let there: Presence = house.store.collectors(StoreClock::Own).await.unwrap();
    let holders: Vec<_> = there.seen.iter().map(|one| one.holder.as_str()).collect();
    assert_eq!(holders, ["serve"]);
}
