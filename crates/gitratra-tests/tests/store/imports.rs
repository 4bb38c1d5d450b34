//! What files of other tools told: joined with GitHub's answers, doubted where it has to be, and
//! never in their way.

use gitratra_core::import::{DayFact, Fact, Tally};
use gitratra_core::{
    Day, DayRange, DayState, Metric, Ranking, RepoId, Source, Uniques, Week, Window,
};
use gitratra_store::{ImportEffect, Imported, Store, ToldRepo};

use crate::place::{Kind, Place, on_both_engines};
use crate::samples::{REPO, at, count, day, ranked, reading, repository, traffic, visit, visit_to};
use crate::seals::verify;

on_both_engines![
    importing_twice_changes_nothing,
    weighing_tells_what_importing_does_and_writes_nothing,
    what_github_says_beats_what_is_doubted,
    a_contradicted_day_keeps_both_values,
    a_day_told_while_it_ran_is_partial,
    sources_are_the_same_in_every_store,
    lists_weeks_windows_and_totals_are_kept,
    doubted_values_beside_believed_ones_are_no_damage,
    the_same_history_has_the_same_rows_whatever_came_first,
    a_repository_that_only_a_file_knows_is_private,
    a_date_of_a_file_does_not_hold_a_label_fast,
    a_source_brings_its_days_when_they_are_stored,
    doubt_is_in_no_question_about_the_fleet,
    a_store_of_version_5_is_brought_up_to_date,
];

/// Takes away all that version 6 brought, which leaves what version 5 had made.
pub(crate) const UNDO_6: &str = "
    drop table told_total;
    drop index source_by_label;
    drop view traffic_day_read;
    drop view sighting_read;
    alter table source drop column after_run;
    create view traffic_day_read as
    select repo_id
    from traffic_day;
    create view sighting_read as
    select
        repo_id,
        metric,
        day,
        count,
        first_seen
    from sighting;
    delete from gitratra_schema_history where version = 6;";

fn fact(text: &str, n: u64) -> DayFact {
    DayFact {
        metric: Metric::Views,
        day: day(text),
        count: count(n, n.div_ceil(2)),
        read_at: None,
        is_doubted: false,
    }
}

fn doubted(text: &str, n: u64) -> DayFact {
    DayFact {
        is_doubted: true,
        ..fact(text, n)
    }
}

fn batch(facts: impl IntoIterator<Item = DayFact>) -> Vec<Imported> {
    vec![Imported {
        repo: REPO,
        facts: facts.into_iter().map(Fact::Day).collect(),
    }]
}

async fn import(store: &Store, batch: Vec<Imported>) -> ImportEffect {
    let source = store.importing("csv", "views.csv").await.unwrap();
    store.import(batch, source).await.unwrap().remove(0)
}

async fn days(store: &Store) -> Vec<String> {
    let days = store.days(REPO, None).await.unwrap();
    let shown = days.iter().map(|row| {
        let value = row.views.unwrap();
        format!("{} {} {}", row.day, value.count.count(), value.state)
    });
    shown.collect()
}

async fn importing_twice_changes_nothing(place: Place) {
    let store = place.open().await;
    let facts = || batch([fact("2024-01-01", 5), fact("2024-01-02", 0)]);
    let first = import(&store, facts()).await;
    assert_eq!((first.added, first.known), (2, 0));
    let before = store.records(REPO, day("2024-01-01")).await.unwrap();
    let second = import(&store, facts()).await;
    assert_eq!((second.added, second.known), (0, 2));
    assert!(!second.changes());
    assert_eq!(
        store.records(REPO, day("2024-01-01")).await.unwrap(),
        before
    );
    assert_eq!(
        days(&store).await,
        ["2024-01-01 5 measured", "2024-01-02 0 measured"]
    );
}

async fn weighing_tells_what_importing_does_and_writes_nothing(place: Place) {
    let store = place.open().await;
    let answer = reading(
        Metric::Views,
        "2026-03-03T10:00",
        &[("2026-03-01", 7), ("2026-03-02", 9)],
    );
    store
        .record(visit("2026-03-03T10:00", vec![traffic(answer, "")]))
        .await
        .unwrap();
    let facts = || {
        batch([
            fact("2026-02-28", 3),
            fact("2026-03-01", 8),
            fact("2026-03-02", 4),
            doubted("2026-02-27", 0),
        ])
    };
    let before = days(&store).await;
    let weighed = store.weigh(facts()).await.unwrap().remove(0);
    assert_eq!(days(&store).await, before);
    let imported = import(&store, facts()).await;
    assert_eq!(weighed, imported);
    assert_eq!(
        (
            imported.added,
            imported.raised,
            imported.contradicted,
            imported.doubted
        ),
        (2, 1, 1, 1)
    );
    let shown = imported.differences.iter().map(|of| {
        (
            of.day.to_string(),
            of.held.count(),
            of.told.count(),
            of.is_raised,
        )
    });
    assert_eq!(
        Vec::from_iter(shown),
        [
            ("2026-03-01".to_owned(), 7, 8, true),
            ("2026-03-02".to_owned(), 9, 4, false)
        ]
    );
}

async fn what_github_says_beats_what_is_doubted(place: Place) {
    let store = place.open().await;
    let told = batch([doubted("2026-03-01", 50), doubted("2026-03-02", 0)]);
    import(&store, told.clone()).await;
    assert_eq!(
        days(&store).await,
        ["2026-03-01 50 doubted", "2026-03-02 0 doubted"]
    );
    let answer = reading(Metric::Views, "2026-03-02T10:00", &[("2026-03-01", 7)]);
    store
        .record(visit("2026-03-02T10:00", vec![traffic(answer, "")]))
        .await
        .unwrap();
    let after = ["2026-03-01 7 measured", "2026-03-02 0 doubted"];
    assert_eq!(days(&store).await, after);
    let again = import(&store, told).await;
    assert_eq!((again.added, again.raised, again.contradicted), (0, 0, 1));
    assert_eq!(days(&store).await, after);
    let records = store.records(REPO, day("2026-03-01")).await.unwrap();
    assert_eq!(records[0].1.doubted()[0].count, count(50, 25));
    let label = store.source_label(records[0].1.doubted()[0].source).await;
    assert_eq!(label.unwrap().as_deref(), Some("views.csv"));
}

async fn a_contradicted_day_keeps_both_values(place: Place) {
    let store = place.open().await;
    import(&store, batch([fact("2024-05-01", 73)])).await;
    let effect = import(&store, batch([fact("2024-05-01", 18)])).await;
    assert_eq!(effect.contradicted, 1);
    let records = store.records(REPO, day("2024-05-01")).await.unwrap();
    let counts = records[0].1.settled().iter().map(|of| of.count.count());
    assert_eq!(Vec::from_iter(counts), [18, 73]);
    assert_eq!(days(&store).await, ["2024-05-01 73 measured"]);
}

async fn a_day_told_while_it_ran_is_partial(place: Place) {
    let store = place.open().await;
    let running = DayFact {
        read_at: Some(at("2024-05-01T12:00")),
        ..fact("2024-05-01", 4)
    };
    import(&store, batch([running])).await;
    assert_eq!(days(&store).await, ["2024-05-01 4 partial"]);
    let effect = import(&store, batch([fact("2024-05-01", 6), running])).await;
    assert_eq!((effect.settled, effect.contradicted), (1, 0));
    assert_eq!(days(&store).await, ["2024-05-01 6 measured"]);
}

async fn sources_are_the_same_in_every_store(place: Place) {
    let store = place.open().await;
    let one = store.importing("csv", "views.csv").await.unwrap();
    assert_eq!(one, Source::called("csv", "views.csv"));
    assert_eq!(store.importing("csv", "views.csv").await.unwrap(), one);
    // Where a number is taken, the next one is.
    let taken = Source::called("csv", "other.csv");
    place
        .execute(&format!(
            "insert into source (source_id, kind, label) values ({}, 'x', 'y')",
            taken.0
        ))
        .await;
    assert_eq!(
        store.importing("csv", "other.csv").await.unwrap(),
        taken.next()
    );
}

async fn lists_weeks_windows_and_totals_are_kept(place: Place) {
    let store = place.open().await;
    let window = Window {
        last: day("2024-05-14"),
    };
    let week = Week::beginning(day("2024-05-06")).unwrap();
    let (_, list) = ranked(
        Ranking::Referrers,
        "2024-05-15T10:00",
        Some("2024-05-14"),
        &[("Google", 20)],
    );
    let gitratra_store::Outcome::Ranked { reading, .. } = list else {
        panic!("{list:?}");
    };
    let facts = vec![
        Fact::Window {
            metric: Metric::Views,
            window,
            uniques: Uniques::new(12),
        },
        Fact::Week {
            metric: Metric::Clones,
            week,
            count: count(30, 9),
        },
        Fact::Ranked { window, reading },
        Fact::Total {
            tally: Tally::Stars,
            day: day("2024-05-14"),
            total: 40,
        },
        Fact::Total {
            tally: Tally::Stars,
            day: day("2024-05-14"),
            total: 39,
        },
    ];
    let batch = || {
        vec![Imported {
            repo: REPO,
            facts: facts.clone(),
        }]
    };
    let effect = import(&store, batch()).await;
    assert_eq!((effect.periods, effect.lists, effect.totals), (2, 1, 1));
    assert!(!import(&store, batch()).await.changes());
    let windows = store.windows(REPO, Metric::Views, None).await.unwrap();
    assert_eq!(windows, [(window, Uniques::new(12))]);
    let weeks = store.weeks(REPO, Metric::Clones, None).await.unwrap();
    assert_eq!(weeks, [(week, count(30, 9))]);
    let newest = store.newest_ranked(REPO, Ranking::Referrers).await.unwrap();
    assert_eq!(newest.unwrap().1[0].name, "Google");
    let stars = store.told_totals(REPO, Tally::Stars, None).await.unwrap();
    assert_eq!(stars, [(day("2024-05-14"), 40)]);
    assert_eq!(
        store.told_totals(REPO, Tally::Forks, None).await.unwrap(),
        []
    );
}

async fn known(store: &Store) {
    let repositories = [repository(REPO.0, "octo/alpha")];
    let saved = store.save_repositories(&repositories, at("2026-03-01T06:00"));
    saved.await.unwrap();
}

async fn doubted_values_beside_believed_ones_are_no_damage(place: Place) {
    let store = place.open().await;
    known(&store).await;
    let before_its_end = DayFact {
        read_at: Some(at("2026-03-04T12:00")),
        ..doubted("2026-03-04", 8)
    };
    let told = [
        // Several that are doubted; one that GitHub will contradict, above and below, and one that it
        // will confirm.
        doubted("2026-02-27", 3),
        doubted("2026-02-27", 9),
        doubted("2026-02-28", 50),
        doubted("2026-03-01", 2),
        doubted("2026-03-02", 6),
        doubted("2026-03-02", 7),
        before_its_end,
    ];
    import(&store, batch(told)).await;
    assert_eq!(verify(&store).await.1, []);
    let days = [
        ("2026-02-28", 7),
        ("2026-03-01", 7),
        ("2026-03-02", 7),
        ("2026-03-03", 7),
        ("2026-03-04", 4),
    ];
    let answer = reading(Metric::Views, "2026-03-04T10:00", &days);
    let seen = visit("2026-03-04T10:00", vec![traffic(answer, "")]);
    store.record(seen).await.unwrap();
    assert_eq!(verify(&store).await.1, []);
    import(&store, batch([doubted("2026-03-03", 1), before_its_end])).await;
    let answer = reading(Metric::Views, "2026-03-05T10:00", &[("2026-02-28", 6)]);
    let seen = visit("2026-03-05T10:00", vec![traffic(answer, "")]);
    store.record(seen).await.unwrap();
    assert_eq!(verify(&store).await.1, []);
}

async fn the_same_history_has_the_same_rows_whatever_came_first(place: Place) {
    let store = place.open().await;
    let [one, other] = [RepoId(1), RepoId(2)];
    let told = |repo| {
        let facts = [
            doubted("2026-03-01", 7),
            doubted("2026-03-01", 50),
            doubted("2026-03-03", 5),
            doubted("2026-03-03", 6),
        ];
        let facts = facts.into_iter().map(Fact::Day).collect();
        vec![Imported { repo, facts }]
    };
    let said = |repo| {
        let rows = [("2026-03-01", 7), ("2026-03-02", 3)];
        let answer = reading(Metric::Views, "2026-03-03T10:00", &rows);
        visit_to(repo, "2026-03-03T10:00", vec![traffic(answer, "")])
    };
    import(&store, told(one)).await;
    store.record(said(one)).await.unwrap();
    store.record(said(other)).await.unwrap();
    import(&store, told(other)).await;
    let rows = async |repo: RepoId| {
        let of = format!("select count(*) from sighting where repo_id = {repo}");
        place.number(&of).await
    };
    assert_eq!((rows(one).await, rows(other).await), (3, 3));
    for day in ["2026-03-01", "2026-03-02", "2026-03-03"].map(day) {
        let records = store.records(one, day).await.unwrap();
        assert_eq!(records, store.records(other, day).await.unwrap());
    }
}

async fn a_date_of_a_file_does_not_hold_a_label_fast(place: Place) {
    let store = place.open().await;
    let told = ToldRepo {
        id: REPO,
        name: "octo/before".parse().unwrap(),
        told_at: at("2990-01-01T00:00"),
    };
    store.add_told_repositories(&[told]).await.unwrap();
    known(&store).await;
    let known = store.repository(REPO).await.unwrap().unwrap();
    assert_eq!(known.repository.name.to_string(), "octo/alpha");
    assert!(!known.repository.is_private);
    assert_eq!(known.named_at, at("2026-03-01T06:00"));
    assert_eq!(known.former.len(), 1);
}

async fn a_source_brings_its_days_when_they_are_stored(place: Place) {
    let store = place.open().await;
    let source = store.importing("csv", "views.csv").await.unwrap();
    assert_eq!(store.sources_after_run(0).await.unwrap(), []);
    // A run that ends meanwhile, and an export after it, know nothing of the days.
    let run = store.save_run(&run()).await.unwrap();
    let facts = || batch([fact("2024-01-01", 5)]);
    store.import(facts(), source).await.unwrap();
    assert_eq!(store.sources_after_run(run).await.unwrap(), [source]);
    let later = store.save_run(&self::run()).await.unwrap();
    store.import(facts(), source).await.unwrap();
    assert_eq!(store.sources_after_run(later).await.unwrap(), []);
}

pub(crate) fn run() -> gitratra_store::Run {
    gitratra_store::Run {
        started_at: at("2026-03-01T06:00"),
        finished_at: at("2026-03-01T06:01"),
        sent: 1,
        not_modified: 0,
        retried: 0,
        ok: 1,
        failed: 0,
        skipped: 0,
        new_days: 1,
    }
}

async fn a_repository_that_only_a_file_knows_is_private(place: Place) {
    let store = place.open().await;
    let name: gitratra_core::RepoName = "octo/old".parse().unwrap();
    let told = ToldRepo {
        id: RepoId::unconfirmed(&name),
        name: name.clone(),
        told_at: at("2024-05-15T00:00"),
    };
    for _ in 0..2 {
        store
            .add_told_repositories(std::slice::from_ref(&told))
            .await
            .unwrap();
    }
    let known = store.repositories().await.unwrap();
    assert_eq!(known.len(), 1);
    assert!(known[0].repository.is_private && known[0].repository.id.is_unconfirmed());
    assert_eq!(store.find(&name).await.unwrap().unwrap().id, told.id);
}

async fn doubt_is_in_no_question_about_the_fleet(place: Place) {
    let store = place.open().await;
    let told = ToldRepo {
        id: REPO,
        name: "octo/alpha".parse().unwrap(),
        told_at: at("2024-05-15T00:00"),
    };
    store.add_told_repositories(&[told]).await.unwrap();
    import(
        &store,
        batch([doubted("2024-05-01", 9), fact("2024-05-02", 4)]),
    )
    .await;
    let fleet = store.fleet(DayRange::ALL).await.unwrap();
    let views = fleet.iter().filter(|of| of.metric == Metric::Views);
    let measured = views.map(|of| (of.day.to_string(), of.measured, of.busy));
    assert_eq!(
        Vec::from_iter(measured),
        [
            ("2024-05-01".to_owned(), 0, 0),
            ("2024-05-02".to_owned(), 1, 1)
        ]
    );
    let swept: Vec<(Day, Option<u64>)> = store
        .sweep(
            DayRange::ALL,
            gitratra_store::Part::ALL,
            Vec::new,
            |days: &mut Vec<_>, swept| {
                let views = swept.metrics[0].map(|of| {
                    assert_eq!(of.state, DayState::Measured);
                    of.count
                });
                days.push((swept.day, views));
            },
        )
        .await
        .unwrap();
    assert_eq!(
        swept,
        [(day("2024-05-01"), None), (day("2024-05-02"), Some(4))]
    );
    let words = "select count(*) from traffic_day_read where views_state = 'doubted' and views = 9";
    assert_eq!(place.number(words).await, 1);
}

async fn a_store_of_version_5_is_brought_up_to_date(place: Place) {
    place.open().await.close().await;
    place.execute(crate::presence::UNDO_9).await;
    place.execute(crate::marks::UNDO_8).await;
    place.execute(crate::leases::UNDO_7).await;
    place.execute(UNDO_6).await;
    if place.kind == Kind::Sqlite {
        place.execute("pragma user_version = 5").await;
    }
    place
        .execute("insert into source (source_id, kind, label) values (1, 'file', 'an older file')")
        .await;
    let store = place.open().await;
    let label = store.source_label(Source(1)).await.unwrap();
    assert_eq!(label.as_deref(), Some("an older file"));
    let effect = import(&store, batch([fact("2024-05-02", 4)])).await;
    assert_eq!(effect.added, 1);
}
