//! The account of what was asked: held days, failures, `ETag`s, runs, the fleet, suspicions.

use gitratra_core::suspect::{FleetDay, Suspicion};
use gitratra_core::{DayRange, DayState, Endpoint, Metric, Ranking, RepoId};
use gitratra_store::{Outcome, Run, Store};

use crate::place::{Place, on_both_engines};
use crate::samples::{
    REPO, at, day, failed, ranked, reading, repository, traffic, unchanged, visit, visit_to, window,
};

on_both_engines![
    a_repository_is_asked_only_when_all_four_were,
    a_failed_endpoint_keeps_what_the_others_brought,
    a_failure_lasts_until_a_good_answer,
    a_failed_look_up_is_over_when_the_repository_is_looked_up,
    etags_belong_to_their_credential_and_their_answer,
    a_second_answer_of_one_visit_goes_on_from_the_first,
    a_late_visit_brings_its_days_and_changes_no_account,
    the_last_run_is_the_one_saved_last,
    a_run_that_may_have_been_saved_is_there_once,
    the_latest_time_comes_from_runs_and_answers,
    the_fleet_counts_measured_and_busy_repositories,
    a_suspect_day_tells_who_was_told_again,
    a_suspect_zero_is_not_measured,
    suspicions_are_replaced,
];

fn four(read_at: &str, last: &str) -> Vec<(Endpoint, Outcome)> {
    vec![
        traffic(window(Metric::Views, read_at, last, 4), "\"v\""),
        traffic(window(Metric::Clones, read_at, last, 1), "\"c\""),
        ranked(Ranking::Referrers, read_at, Some(last), &[("Google", 1)]),
        ranked(Ranking::Paths, read_at, Some(last), &[("/o/n", 2)]),
    ]
}

async fn a_repository_is_asked_only_when_all_four_were(place: Place) {
    let store = place.open().await;
    let mut outcomes = four("2026-01-14T10:00", "2026-01-13");
    let paths = outcomes.pop().unwrap();
    store
        .record(visit("2026-01-14T10:00", outcomes))
        .await
        .unwrap();
    let (repo, held) = store.held().await.unwrap().remove(0);
    assert_eq!((repo, held.asked_at()), (REPO, None));
    assert_eq!(held.newest(), Some(day("2026-01-13")));
    assert_eq!(held.rankings(), None);

    let visit = visit("2026-01-14T11:00", vec![paths]);
    store.record(visit).await.unwrap();
    let (_, held) = store.held().await.unwrap().remove(0);
    assert_eq!(held.asked_at(), Some(at("2026-01-14T10:00")));
    assert_eq!(held.newest(), Some(day("2026-01-13")));
    assert_eq!(held.rankings(), Some(day("2026-01-13")));
    assert!(!held.has_failed());
}

async fn a_failed_endpoint_keeps_what_the_others_brought(place: Place) {
    let store = place.open().await;
    let mut outcomes = four("2026-01-14T10:00", "2026-01-13");
    outcomes[1].1 = failed(Some(403), "Must have push access to repository");
    let recorded = store.record(visit("2026-01-14T10:00", outcomes)).await;
    assert_eq!(recorded.unwrap().new_days, 14);
    let (_, held) = store.held().await.unwrap().remove(0);
    let newest = |metric| held.newest_of(metric);
    assert_eq!(newest(Metric::Views), Some(day("2026-01-13")));
    assert_eq!(newest(Metric::Clones), None);
    assert!(held.has_failed());
    let problems = store.problems().await.unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].endpoint, Endpoint::Clones);
    assert_eq!(problems[0].status, Some(403));
    assert_eq!(problems[0].message, "Must have push access to repository");
    assert!(problems[0].action.starts_with("what to do"));
    assert_eq!(problems[0].since, at("2026-01-14T10:00"));
}

async fn a_failure_lasts_until_a_good_answer(place: Place) {
    let store = place.open().await;
    let ask = async |asked_at: &str, outcome| {
        let visit = visit(asked_at, vec![(Endpoint::Views, outcome)]);
        store.record(visit).await.unwrap();
        let problems = store.problems().await.unwrap();
        problems
            .first()
            .map(|problem| (problem.status, problem.since.to_string()))
    };
    let first = Some("2026-01-14T10:00:00Z".to_owned());
    let found = ask("2026-01-14T10:00", failed(Some(502), "Server Error")).await;
    assert_eq!(found, first.clone().map(|since| (Some(502), since)));
    // The first time stays, the reason is the last one.
    let found = ask("2026-01-14T11:00", failed(None, "no answer")).await;
    assert_eq!(found, first.map(|since| (None, since)));
    assert_eq!(ask("2026-01-14T12:00", unchanged("\"v\"")).await, None);
    let found = ask("2026-01-15T10:00", failed(Some(500), "again")).await;
    assert_eq!(found, Some((Some(500), "2026-01-15T10:00:00Z".into())));
    let (_, good) = four("2026-01-15T11:00", "2026-01-14").remove(0);
    assert_eq!(ask("2026-01-15T11:00", good).await, None);
}

async fn a_failed_look_up_is_over_when_the_repository_is_looked_up(place: Place) {
    let store = place.open().await;
    let outcomes = vec![(Endpoint::Repository, failed(Some(500), "Server Error"))];
    store
        .record(visit("2026-01-14T10:00", outcomes))
        .await
        .unwrap();
    assert_eq!(store.problems().await.unwrap().len(), 1);
    let found = [repository(REPO.0, "o/n")];
    let seen_at = at("2026-01-14T11:00");
    store.save_repositories(&found, seen_at).await.unwrap();
    assert_eq!(store.problems().await.unwrap(), []);
}

async fn etags_belong_to_their_credential_and_their_answer(place: Place) {
    let store = place.open().await;
    let record = async |credential: &str, asked_at: &str, outcome: (Endpoint, Outcome)| {
        let mut visit = visit(asked_at, vec![outcome]);
        visit.credential = credential.into();
        store.record(visit).await.unwrap();
    };
    let views = |read_at, etag| traffic(window(Metric::Views, read_at, "2026-01-12", 4), etag);
    let etag = async |credential: &str| {
        let mut etags = store.etags(credential).await.unwrap();
        etags.remove(&(REPO, Endpoint::Views))
    };
    record(
        "mine",
        "2026-01-14T10:00",
        views("2026-01-14T10:00", "W/\"1\""),
    )
    .await;
    assert_eq!(etag("mine").await.as_deref(), Some("W/\"1\""));
    assert_eq!(etag("theirs").await, None);

    // Neither a failure nor "not modified" makes the answer that is held another one.
    record(
        "mine",
        "2026-01-14T11:00",
        (Endpoint::Views, failed(None, "x")),
    )
    .await;
    record(
        "mine",
        "2026-01-14T12:00",
        (Endpoint::Views, unchanged("W/\"1\"")),
    )
    .await;
    assert_eq!(etag("mine").await.as_deref(), Some("W/\"1\""));

    record(
        "theirs",
        "2026-01-14T13:00",
        views("2026-01-14T13:00", "W/\"2\""),
    )
    .await;
    assert_eq!(etag("mine").await, None);
    assert_eq!(etag("theirs").await.as_deref(), Some("W/\"2\""));
    record("theirs", "2026-01-14T14:00", views("2026-01-14T14:00", "")).await;
    assert_eq!(etag("theirs").await, None);
}

async fn a_second_answer_of_one_visit_goes_on_from_the_first(place: Place) {
    let store = place.open().await;
    let asked = "2026-01-14T10:00";
    let answer = |last: &str, etag: &str| traffic(window(Metric::Views, asked, last, 6), etag);
    let stale_last = vec![
        answer("2026-01-13", "\"new\""),
        answer("2026-01-08", "\"stale\""),
        (Endpoint::Views, unchanged("\"stale\"")),
    ];
    let recorded = store.record(visit(asked, stale_last)).await.unwrap();
    assert_eq!(
        recorded.held.newest_of(Metric::Views),
        Some(day("2026-01-13"))
    );
    let (_, held) = store.held().await.unwrap().remove(0);
    assert_eq!(held, recorded.held);
    let etags = store.etags("mine").await.unwrap();
    assert_eq!(etags[&(REPO, Endpoint::Views)], "\"stale\"");
}

async fn a_late_visit_brings_its_days_and_changes_no_account(place: Place) {
    let store = place.open().await;
    let outcomes = four("2026-01-14T10:00", "2026-01-13");
    store
        .record(visit("2026-01-14T10:00", outcomes))
        .await
        .unwrap();
    let late = vec![
        traffic(
            window(Metric::Views, "2026-01-12T10:00", "2026-01-11", 6),
            "\"old\"",
        ),
        (Endpoint::Clones, failed(Some(500), "over long ago")),
        (Endpoint::Paths, unchanged("\"paths\"")),
    ];
    let recorded = store.record(visit("2026-01-12T10:00", late)).await.unwrap();
    assert_eq!((recorded.new_days, recorded.raised), (2, 12));
    assert_eq!(store.problems().await.unwrap(), []);
    let etags = store.etags("mine").await.unwrap();
    assert_eq!(etags[&(REPO, Endpoint::Views)], "\"v\"");
    let (_, held) = store.held().await.unwrap().remove(0);
    assert_eq!(held.asked_at(), Some(at("2026-01-14T10:00")));
    assert_eq!(held.newest(), Some(day("2026-01-13")));
}

fn run() -> Run {
    Run {
        started_at: at("2026-01-14T10:00"),
        finished_at: at("2026-01-14T10:02"),
        sent: 41,
        not_modified: 12,
        retried: 1,
        ok: 9,
        failed: 2,
        skipped: 30,
        new_days: 18,
    }
}

async fn a_run_that_may_have_been_saved_is_there_once(place: Place) {
    let store = place.open().await;
    assert_eq!(store.save_run_once(&run()).await.unwrap(), 1);
    assert_eq!(store.save_run_once(&run()).await.unwrap(), 1);
    let other = Run { sent: 42, ..run() };
    assert_eq!(store.save_run_once(&other).await.unwrap(), 2);
    assert_eq!(store.save_run_once(&run()).await.unwrap(), 1);
    assert_eq!(place.number("select count(*) from run").await, 2);
}

async fn the_last_run_is_the_one_saved_last(place: Place) {
    let store = place.open().await;
    let mut run = run();
    assert_eq!(store.newest_run().await.unwrap(), 0);
    assert_eq!(store.save_run(&run).await.unwrap(), 1);
    assert_eq!(store.last_run().await.unwrap(), Some(run));
    run.finished_at = at("2026-01-15T10:02");
    run.started_at = at("2026-01-15T10:00");
    run.skipped = 0;
    assert_eq!(store.save_run(&run).await.unwrap(), 2);
    assert_eq!(store.last_run().await.unwrap(), Some(run));
    assert_eq!(store.newest_run().await.unwrap(), 2);
    let began = async |number| store.run_started_at(number).await.unwrap();
    assert_eq!(began(1).await, Some(at("2026-01-14T10:00")));
    assert_eq!(began(2).await, Some(run.started_at));
    assert_eq!(began(3).await, None);
    assert_eq!(place.number("select count(*) from run").await, 2);
}

async fn the_latest_time_comes_from_runs_and_answers(place: Place) {
    let store = place.open().await;
    let latest = async || store.latest_time().await.unwrap().unwrap().to_string();
    let views = traffic(
        window(Metric::Views, "2026-01-14T10:07", "2026-01-13", 4),
        "",
    );
    store
        .record(visit("2026-01-14T10:00", vec![views]))
        .await
        .unwrap();
    assert_eq!(latest().await, "2026-01-14T10:07:00Z");
    let failure = vec![(Endpoint::Views, failed(None, "no answer"))];
    store
        .record(visit("2026-01-14T12:00", failure))
        .await
        .unwrap();
    assert_eq!(latest().await, "2026-01-14T12:00:00Z");
    let run = Run {
        started_at: at("2026-01-14T12:00"),
        finished_at: at("2026-01-14T12:30"),
        sent: 1,
        not_modified: 0,
        retried: 0,
        ok: 0,
        failed: 1,
        skipped: 0,
        new_days: 0,
    };
    store.save_run(&run).await.unwrap();
    assert_eq!(latest().await, "2026-01-14T12:30:00Z");
}

async fn fleet_of_three(store: &Store) {
    let repositories = [(1, "o/a"), (2, "o/b"), (3, "o/c")].map(|(id, name)| repository(id, name));
    let seen_at = at("2026-03-04T09:00");
    store
        .save_repositories(&repositories, seen_at)
        .await
        .unwrap();
    let read_at = "2026-03-04T09:00";
    for (id, yesterday) in [(1, 5), (2, 0), (3, 0)] {
        let rows = [
            ("2026-03-01", 1),
            ("2026-03-02", 0),
            ("2026-03-03", yesterday),
        ];
        let running = [("2026-03-03", 1), ("2026-03-04", 2)];
        let outcomes = vec![
            traffic(reading(Metric::Views, read_at, &rows), ""),
            traffic(reading(Metric::Clones, read_at, &running[..id.min(2)]), ""),
        ];
        let visit = visit_to(RepoId(id as u64), read_at, outcomes);
        store.record(visit).await.unwrap();
    }
}

async fn the_fleet_counts_measured_and_busy_repositories(place: Place) {
    let store = place.open().await;
    fleet_of_three(&store).await;
    let range = DayRange::new(day("2026-03-02"), day("2026-03-31")).unwrap();
    let fleet = store.fleet(range).await.unwrap();
    let expected = [
        (Metric::Views, "2026-03-02", 3, 0),
        (Metric::Clones, "2026-03-02", 0, 0),
        (Metric::Views, "2026-03-03", 3, 1),
        (Metric::Clones, "2026-03-03", 3, 3),
        (Metric::Views, "2026-03-04", 0, 0),
        // The running day is not measured yet.
        (Metric::Clones, "2026-03-04", 0, 0),
    ];
    let expected = expected.map(|(metric, text, measured, busy)| FleetDay {
        metric,
        day: day(text),
        measured,
        busy,
        read_again: 0,
    });
    assert_eq!(fleet, expected);
}

async fn a_suspect_day_tells_who_was_told_again(place: Place) {
    let store = place.open().await;
    fleet_of_three(&store).await;
    let suspicion = Suspicion {
        metric: Metric::Views,
        day: day("2026-03-02"),
        since: at("2026-03-04T09:30"),
    };
    store.save_suspicions(&[suspicion]).await.unwrap();
    let range = DayRange::ending(suspicion.day, 1);
    let again = async || {
        let fleet = store.fleet(range).await.unwrap();
        let of = |metric| {
            fleet
                .iter()
                .find(|day| day.metric == metric)
                .unwrap()
                .read_again
        };
        (of(Metric::Views), of(Metric::Clones))
    };
    assert_eq!(again().await, (0, 0));
    for (read_at, told) in [("2026-03-04T23:59", 0), ("2026-03-05T00:00", 1)] {
        let rows = [("2026-03-02", 0), ("2026-03-03", 4)];
        let views = traffic(reading(Metric::Views, read_at, &rows), "");
        store
            .record(visit_to(RepoId(1), read_at, vec![views]))
            .await
            .unwrap();
        assert_eq!(again().await, (told, 0), "{read_at}");
    }
}

async fn a_suspect_zero_is_not_measured(place: Place) {
    let store = place.open().await;
    fleet_of_three(&store).await;
    let suspicion = |metric, text| Suspicion {
        metric,
        day: day(text),
        since: at("2026-03-04T09:30"),
    };
    let suspicions = [
        suspicion(Metric::Views, "2026-03-02"),
        suspicion(Metric::Views, "2026-03-03"),
        suspicion(Metric::Clones, "2026-03-03"),
    ];
    store.save_suspicions(&suspicions).await.unwrap();
    assert_eq!(store.suspicions().await.unwrap(), suspicions);
    let states = async |id| {
        let days = store.days(RepoId(id), None).await.unwrap();
        let states = days.iter().map(|row| row.views.map(|value| value.state));
        states.take(3).collect::<Vec<_>>()
    };
    use DayState::{Measured, Suspect};
    // Only a zero is suspect: the first repository had views on the last of the days.
    assert_eq!(
        states(1).await,
        [Some(Measured), Some(Suspect), Some(Measured)]
    );
    assert_eq!(
        states(2).await,
        [Some(Measured), Some(Suspect), Some(Suspect)]
    );
    let days = store.days(RepoId(2), None).await.unwrap();
    assert_eq!(days[2].clones.unwrap().state, Measured);
}

async fn suspicions_are_replaced(place: Place) {
    let store = place.open().await;
    let suspicion = |text| Suspicion {
        metric: Metric::Clones,
        day: day(text),
        since: at("2026-03-04T09:30"),
    };
    let first = [suspicion("2026-03-01"), suspicion("2026-03-02")];
    store.save_suspicions(&first).await.unwrap();
    let second = [suspicion("2026-03-02"), suspicion("2026-03-03")];
    store.save_suspicions(&second).await.unwrap();
    assert_eq!(store.suspicions().await.unwrap(), second);
    store.save_suspicions(&[]).await.unwrap();
    assert_eq!(store.suspicions().await.unwrap(), []);
}
