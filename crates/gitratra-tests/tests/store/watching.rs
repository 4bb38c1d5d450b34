//! What a collector that watches for years finds: how each endpoint stands, when days are
//! published, and which answer a "not modified" speaks of.

use gitratra_core::{Endpoint, Held, Metric, Ranking, RepoId};
use gitratra_store::{Outcome, Recorded, Store};

use crate::place::{Place, on_both_engines};
use crate::samples::{
    REPO, at, day, failed, ranked, reading, repository, traffic, unchanged, visit, visit_to, window,
};

on_both_engines![
    what_a_visit_leaves_is_told_at_once_and_found_later,
    a_late_answer_takes_no_time_back,
    each_endpoint_goes_by_the_time_of_its_own_answer,
    the_hour_of_publication_is_learnt,
    only_the_next_day_of_views_teaches_an_hour,
    what_was_learnt_and_cannot_be_read_is_learnt_anew,
    not_modified_speaks_of_the_answer_it_was_asked_about,
    two_processes_take_turns_without_claiming_what_was_not_said,
    a_name_tells_when_it_was_confirmed,
    the_latest_answer_is_told_and_no_failure,
    the_credential_that_got_views_is_known,
];

async fn record(store: &Store, at: &str, outcomes: Vec<(Endpoint, Outcome)>) -> Recorded {
    store.record(visit(at, outcomes)).await.unwrap()
}

async fn held(store: &Store) -> Held {
    let all = store.held().await.unwrap();
    all.into_iter().find(|(repo, _)| *repo == REPO).unwrap().1
}

/// An answer whose newest day is `last`.
fn views(read_at: &str, last: &str) -> (Endpoint, Outcome) {
    traffic(window(Metric::Views, read_at, last, 3), "\"v\"")
}

async fn what_a_visit_leaves_is_told_at_once_and_found_later(place: Place) {
    let store = place.open().await;
    let time = "2026-01-14T07:20";
    let outcomes = vec![
        views(time, "2026-01-13"),
        (Endpoint::Clones, failed(Some(502), "Server Error")),
    ];
    let recorded = record(&store, time, outcomes).await;
    assert_eq!(recorded.held, held(&store).await);
    let views_of = recorded.held.asked(Endpoint::Views).unwrap();
    assert_eq!(views_of.answered_at, Some(at(time)));
    assert_eq!(views_of.watched_since, at(time));
    assert_eq!(views_of.newest, Some(day("2026-01-13")));
    let clones = recorded.held.asked(Endpoint::Clones).unwrap();
    assert_eq!(clones.failed_since, Some(at(time)));

    // What a visit did not ask is told as well, and what it learnt.
    let time = "2026-01-15T07:20";
    let lists = vec![
        views("2026-01-15T06:40", "2026-01-13"),
        ranked(Ranking::Paths, time, Some("2026-01-13"), &[]),
    ];
    record(&store, "2026-01-15T06:40", lists).await;
    let recorded = record(&store, time, vec![views(time, "2026-01-14")]).await;
    assert_eq!(recorded.held, held(&store).await);
    assert_eq!(recorded.held.rhythm.to_string(), "400-440");
    assert!(recorded.held.has_failed());
    assert!(recorded.held.asked(Endpoint::Paths).is_some());
    assert_eq!(recorded.held.asked(Endpoint::Referrers), None);
}

async fn a_late_answer_takes_no_time_back(place: Place) {
    let store = place.open().await;
    record(
        &store,
        "2026-01-14T10:00",
        vec![views("2026-01-14T10:00", "2026-01-12")],
    )
    .await;
    let before = held(&store).await.asked(Endpoint::Views).unwrap();
    for outcome in [
        views("2026-01-14T09:00", "2026-01-13").1,
        unchanged("\"v\""),
        failed(None, "no answer"),
    ] {
        let late = vec![(Endpoint::Views, outcome)];
        let recorded = record(&store, "2026-01-14T09:00", late).await;
        let after = recorded.held.asked(Endpoint::Views).unwrap();
        // A day that is there is there, whenever it was read.
        assert_eq!(after.newest, Some(day("2026-01-13")));
        assert_eq!(
            gitratra_core::Asked {
                newest: before.newest,
                ..after
            },
            before
        );
    }
    assert_eq!(held(&store).await.rhythm, gitratra_core::Rhythm::default());
}

async fn each_endpoint_goes_by_the_time_of_its_own_answer(place: Place) {
    let store = place.open().await;
    // A long visit by one process, and a short one by another in the middle of it.
    let long = vec![
        views("2026-01-14T10:00", "2026-01-12"),
        traffic(
            window(Metric::Clones, "2026-01-14T10:09", "2026-01-13", 5),
            "\"long\"",
        ),
    ];
    let short = vec![
        views("2026-01-14T10:05", "2026-01-13"),
        traffic(
            window(Metric::Clones, "2026-01-14T10:05", "2026-01-13", 5),
            "\"short\"",
        ),
    ];
    record(&store, "2026-01-14T10:05", short).await;
    record(&store, "2026-01-14T10:09", long).await;
    let held = held(&store).await;
    let asked_at = |endpoint| held.asked(endpoint).unwrap().asked_at;
    assert_eq!(asked_at(Endpoint::Views), at("2026-01-14T10:05"));
    assert_eq!(asked_at(Endpoint::Clones), at("2026-01-14T10:09"));
    let etags = store.etags("mine").await.unwrap();
    assert_eq!(etags[&(REPO, Endpoint::Clones)], "\"long\"");
}

async fn the_hour_of_publication_is_learnt(place: Place) {
    let store = place.open().await;
    let mut last = day("2026-01-13");
    record(
        &store,
        "2026-01-14T08:00",
        vec![views("2026-01-14T08:00", "2026-01-13")],
    )
    .await;
    for _ in 0..20 {
        last = last.plus(1);
        let morning = last.plus(1);
        let (lacked, seen) = (format!("{morning}T07:00"), format!("{morning}T07:30"));
        let before = last.plus(-1).to_string();
        record(&store, &lacked, vec![views(&lacked, &before)]).await;
        record(&store, &seen, vec![views(&seen, &last.to_string())]).await;
    }
    let expected = ["420-450"; 14].join(" ");
    assert_eq!(held(&store).await.rhythm.to_string(), expected);
    assert_eq!(place.number("select count(*) from rhythm").await, 1);
    store.close().await;
    let store = place.open().await;
    assert_eq!(held(&store).await.rhythm.to_string(), expected);
}

async fn only_the_next_day_of_views_teaches_an_hour(place: Place) {
    let store = place.open().await;
    let clones = |read_at, last| traffic(window(Metric::Clones, read_at, last, 1), "");
    for outcomes in [
        vec![
            views("2026-01-14T07:00", "2026-01-12"),
            clones("2026-01-14T07:00", "2026-01-12"),
        ],
        // Clones alone, and views that jump over a day.
        vec![clones("2026-01-14T07:30", "2026-01-13")],
        vec![views("2026-01-15T07:00", "2026-01-14")],
        // An older window, a failure, and "not modified".
        vec![views("2026-01-15T07:10", "2026-01-13")],
        vec![(Endpoint::Views, failed(None, "no answer"))],
        vec![(Endpoint::Views, unchanged("\"v\""))],
    ] {
        record(&store, "2026-01-15T07:30", outcomes).await;
        assert_eq!(held(&store).await.rhythm.to_string(), "");
    }
    assert_eq!(place.number("select count(*) from rhythm").await, 0);
    // "Not modified" is an answer that did not have the next day.
    let time = "2026-01-16T07:00";
    record(&store, time, vec![(Endpoint::Views, unchanged("\"v\""))]).await;
    let time = "2026-01-16T07:20";
    record(&store, time, vec![views(time, "2026-01-15")]).await;
    assert_eq!(held(&store).await.rhythm.to_string(), "420-440");
}

async fn what_was_learnt_and_cannot_be_read_is_learnt_anew(place: Place) {
    let store = place.open().await;
    for (time, last) in [
        ("2026-01-14T07:00", "2026-01-12"),
        ("2026-01-14T07:20", "2026-01-13"),
    ] {
        record(&store, time, vec![views(time, last)]).await;
    }
    place
        .execute("update rhythm set publications = 'x'; update asked set watched_since = null")
        .await;
    let before = held(&store).await;
    assert_eq!(before.rhythm.to_string(), "");
    let since = before.asked(Endpoint::Views).unwrap().watched_since;
    assert_eq!(since, at("2026-01-14T07:20"));
    for (time, last) in [
        ("2026-01-15T07:00", "2026-01-13"),
        ("2026-01-15T07:20", "2026-01-14"),
    ] {
        record(&store, time, vec![views(time, last)]).await;
    }
    assert_eq!(held(&store).await.rhythm.to_string(), "420-440");
}

/// `count first..last` of every value given for views of a day.
async fn given(store: &Store, text: &str) -> Vec<String> {
    let records = store.records(REPO, day(text)).await.unwrap();
    let values = records[0].1.settled().iter();
    values
        .map(|value| {
            let seen = [value.seen.first, value.seen.last].map(|time| {
                let text = time.to_string();
                text[11..16].to_owned()
            });
            format!("{} {}..{}", value.count.count(), seen[0], seen[1])
        })
        .collect()
}

fn value(read_at: &str, n: u64, etag: &str) -> Vec<(Endpoint, Outcome)> {
    let rows = [("2026-01-12", n)];
    vec![traffic(reading(Metric::Views, read_at, &rows), etag)]
}

async fn not_modified_speaks_of_the_answer_it_was_asked_about(place: Place) {
    let store = place.open().await;
    let time = |minute: u32| format!("2026-01-14T10:{minute:02}");
    record(&store, &time(0), value(&time(0), 7, "\"one\"")).await;
    record(&store, &time(1), value(&time(1), 9, "\"two\"")).await;
    let again = |etag: &str| vec![(Endpoint::Views, unchanged(etag))];
    // Of the answer before, of one that nobody knows, and by another credential.
    for (minute, etag, credential) in [
        (2, "\"one\"", "mine"),
        (3, "\"x\"", "mine"),
        (4, "\"two\"", "theirs"),
    ] {
        let mut visit = visit(&time(minute), again(etag));
        visit.credential = credential.into();
        let recorded = store.record(visit).await.unwrap();
        assert_eq!((recorded.new_days, recorded.raised), (0, 0));
        let views = recorded.held.asked(Endpoint::Views).unwrap();
        // It is an answer all the same: what was asked is not asked again at once.
        assert_eq!(views.answered_at, Some(at(&time(minute))));
        assert_eq!(views.newest, Some(day("2026-01-12")));
    }
    let expected = ["7 10:00..10:00", "9 10:01..10:01"];
    assert_eq!(given(&store, "2026-01-12").await, expected);
    // What is held is still what was answered last, and can be seen again.
    for minute in [5, 6] {
        record(&store, &time(minute), again("\"two\"")).await;
    }
    let expected = ["7 10:00..10:00", "9 10:01..10:06"];
    assert_eq!(given(&store, "2026-01-12").await, expected);
    let etags = store.etags("mine").await.unwrap();
    assert_eq!(etags[&(REPO, Endpoint::Views)], "\"two\"");
}

async fn two_processes_take_turns_without_claiming_what_was_not_said(place: Place) {
    let (one, other) = (place.open().await, place.open().await);
    let time = |minute: u32| format!("2026-01-14T10:{minute:02}");
    record(&one, &time(0), value(&time(0), 4, "\"first\"")).await;
    // Both take the ETag along. The second asks later, gets a new answer and stores it before the
    // first one stores that nothing had changed when it asked.
    let mut held = one.etags("mine").await.unwrap();
    let known = held.remove(&(REPO, Endpoint::Views)).unwrap();
    record(&other, &time(2), value(&time(2), 6, "\"second\"")).await;
    let early = vec![(Endpoint::Views, unchanged(&known))];
    record(&one, &time(1), early).await;
    assert_eq!(
        given(&one, "2026-01-12").await,
        ["4 10:00..10:00", "6 10:02..10:02"]
    );
    // The first one asks again with what it had taken along, and a stale copy says "not modified".
    let stale = vec![(Endpoint::Views, unchanged(&known))];
    record(&one, &time(3), stale).await;
    assert_eq!(
        given(&one, "2026-01-12").await,
        ["4 10:00..10:00", "6 10:02..10:02"]
    );
    let second = vec![(Endpoint::Views, unchanged("\"second\""))];
    record(&other, &time(4), second).await;
    assert_eq!(
        given(&one, "2026-01-12").await,
        ["4 10:00..10:00", "6 10:02..10:04"]
    );
}

async fn a_name_tells_when_it_was_confirmed(place: Place) {
    let store = place.open().await;
    let named_at = async || store.repositories().await.unwrap()[0].named_at;
    for (seen_at, expected) in [
        ("2026-01-14T10:00", "2026-01-14T10:00"),
        ("2026-01-16T10:00", "2026-01-16T10:00"),
        ("2026-01-15T10:00", "2026-01-16T10:00"),
    ] {
        let found = [repository(REPO.0, "o/n")];
        store.save_repositories(&found, at(seen_at)).await.unwrap();
        assert_eq!(named_at().await, at(expected), "{seen_at}");
    }
}

async fn the_latest_answer_is_told_and_no_failure(place: Place) {
    let store = place.open().await;
    assert_eq!(store.latest_stored().await.unwrap(), None);
    record(
        &store,
        "2026-01-14T09:00",
        vec![(Endpoint::Views, failed(None, "no answer"))],
    )
    .await;
    assert_eq!(store.latest_stored().await.unwrap(), None);
    for time in ["2026-01-14T10:00", "2026-01-14T11:00"] {
        record(&store, time, vec![views(time, "2026-01-13")]).await;
        assert_eq!(store.latest_stored().await.unwrap(), Some(at(time)));
    }
    let again = vec![(Endpoint::Views, unchanged("\"v\""))];
    record(&store, "2026-01-14T12:00", again).await;
    let fails = vec![(Endpoint::Views, failed(None, "no answer"))];
    record(&store, "2026-01-14T13:00", fails).await;
    let latest = store.latest_stored().await.unwrap();
    assert_eq!(latest, Some(at("2026-01-14T12:00")));
}

async fn the_credential_that_got_views_is_known(place: Place) {
    let store = place.open().await;
    let time = "2026-01-14T10:00";
    let answered = |n: u64, credential: &str, outcome: (Endpoint, Outcome)| {
        let mut visit = visit_to(RepoId(n), time, vec![outcome]);
        visit.credential = credential.into();
        visit
    };
    // Also where the answer had no ETag.
    let plain = || traffic(window(Metric::Views, time, "2026-01-13", 3), "");
    let clones = traffic(window(Metric::Clones, time, "2026-01-13", 3), "");
    for visit in [
        answered(1, "mine", plain()),
        answered(2, "mine", plain()),
        answered(2, "theirs", plain()),
        answered(3, "mine", clones),
        answered(4, "mine", plain()),
        answered(4, "theirs", (Endpoint::Views, failed(Some(403), "no"))),
    ] {
        store.record(visit).await.unwrap();
    }
    let mut found: Vec<_> = store.credential_of().await.unwrap().into_iter().collect();
    found.sort();
    let expected = [(1, "mine"), (2, "theirs"), (4, "mine")];
    let expected = expected.map(|(n, word)| (RepoId(n), word.to_owned()));
    assert_eq!(found, expected);
}
