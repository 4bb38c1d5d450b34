//! The schema: the same on both engines, readable by people, and asked in ways that stay quick.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gitratra_core::{
    Day, DayState, Endpoint, Metric, Ranking, RepoId, Rhythm, Source, StarDay, Visibility, Week,
};
use gitratra_store::Store;

use crate::access::UNDO_4;
use crate::imports::UNDO_6;
use crate::place::{Kind, Place, on_both_engines, with_place};
use crate::samples::{at, count, day, ranked, unchanged, visit_to};
use crate::seals::UNDO_5;

on_both_engines![
    every_statement_is_understood,
    an_older_store_is_brought_up_to_date_with_its_rows,
    a_store_of_version_2_is_brought_up_to_date_with_its_rows,
    lists_of_an_older_store_become_what_they_would_be_now,
    people_can_read_the_views,
];

fn statements() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gitratra-store/sql");
    let folders = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let folders = folders.filter(|folder| !folder.ends_with("migrations"));
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|file| file.unwrap().path());
    let statements = files.map(|path| (path.clone(), fs::read_to_string(path).unwrap()));
    statements.collect()
}

async fn every_statement_is_understood(place: Place) {
    place.open().await.close().await;
    let statements = statements();
    assert!(statements.len() > 30);
    for (path, text) in statements {
        match place.kind {
            Kind::Sqlite => {
                let connection = place.sqlite();
                let prepared = connection.prepare(&text.replace('$', "?"));
                assert!(prepared.is_ok(), "{path:?}: {prepared:?}");
            }
            Kind::Postgres | Kind::Parts => {
                let prepared = place.postgres().await.prepare(&text).await;
                assert!(prepared.is_ok(), "{path:?}: {prepared:?}");
            }
        }
    }
}

/// Rows as version 1 of the schema has them, written by hand.
const SAMPLE: &str = include_str!("../samples/V1.sql");

/// What version 2 has besides.
const SAMPLE_2: &str = include_str!("../samples/V2.sql");

/// What version 3 has besides.
const SAMPLE_3: &str = include_str!("../samples/V3.sql");

async fn a_store_of_version_2_is_brought_up_to_date_with_its_rows(place: Place) {
    make_second(&place).await;
    place.execute(SAMPLE).await;
    place.execute(SAMPLE_2).await;
    let store = place.open().await;
    let paths = store.newest_ranked(RepoId(1), Ranking::Paths).await;
    let (window, lines) = paths.unwrap().unwrap();
    assert_eq!(window.last, day("2026-01-13"));
    assert_eq!(lines[0].total.0, count(12, 5));
    second_version(&store).await;
    place.execute(SAMPLE_3).await;
    third_version(&store).await;
}

/// Takes away all that version 2 brought, which leaves what version 1 had made.
const UNDO_2: &str = "
    alter table asked drop column watched_since;
    alter table asked drop column span_seen_at;
    alter table asked drop column answered_by;
    drop table rhythm;
    drop table alarm;
    delete from gitratra_schema_history where version = 2;";

/// Takes away all that version 3 brought, which leaves what version 2 had made; the lists it has
/// are to be empty.
const UNDO_3: &str = "
    drop table counter_run;
    drop table profile;
    drop table tag;
    drop table traffic_week;
    drop table star_day;
    drop table star_span;
    drop table release;
    drop table asset;
    drop table asset_run;
    drop table note;
    drop table workflow_day;
    drop view ranked_read;
    drop table ranked_run;
    drop table ranked_window;
    create table ranked_window (
        repo_id bigint not null,
        ranking smallint not null,
        last_day integer not null,
        read_at bigint not null,
        lines integer not null,
        primary key (repo_id, ranking, last_day)
    );
    create table ranked (
        repo_id bigint not null,
        ranking smallint not null,
        last_day integer not null,
        name_id integer not null,
        count bigint not null,
        uniques bigint not null,
        primary key (repo_id, ranking, last_day, name_id)
    );
    create view ranked_read as
    select repo_id
    from ranked;
    delete from gitratra_schema_history where version = 3;";

/// Makes an empty store of version 2.
pub(crate) async fn make_second(place: &Place) {
    place.open().await.close().await;
    place.execute(crate::presence::UNDO_9).await;
    place.execute(crate::marks::UNDO_8).await;
    place.execute(crate::leases::UNDO_7).await;
    place.execute(UNDO_6).await;
    place.execute(UNDO_5).await;
    place.execute(UNDO_4).await;
    place.execute(UNDO_3).await;
    if place.kind == Kind::Sqlite {
        place.execute("pragma user_version = 2").await;
    }
}

/// Makes a store of version 1 with its rows.
pub(crate) async fn make_first(place: &Place) {
    make_second(place).await;
    place.execute(UNDO_2).await;
    if place.kind == Kind::Sqlite {
        place.execute("pragma user_version = 1").await;
    }
    place.execute(SAMPLE).await;
}

/// Makes a store in which every version's sample rows are.
pub(crate) async fn make_everything(place: &Place) {
    make_first(place).await;
    place.open().await.close().await;
    for sample in [SAMPLE_2, SAMPLE_3, crate::access::SAMPLE_4] {
        place.execute(sample).await;
    }
}

/// The lists of a history that has everything: windows that nobody read, names that come and go,
/// totals that stay and change.
fn lists() -> Vec<(i64, Vec<(i64, u64)>)> {
    let mut seed = 7_u32;
    let mut next = move |below: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 16) % below
    };
    let mut lists = Vec::new();
    for last in 20_400..20_440 {
        if next(4) == 0 {
            continue;
        }
        let names = (1..=4).filter(|_| next(5) > 0).collect::<Vec<_>>();
        let lines = names.into_iter().map(|name| (name, u64::from(next(2)) + 1));
        lists.push((last, lines.collect()));
    }
    lists
}

async fn lists_of_an_older_store_become_what_they_would_be_now(place: Place) {
    make_second(&place).await;
    let mut rows = "insert into ranked_name (repo_id, ranking, name_id, name, title) values \
                    (5, 0, 1, '1', null), (5, 0, 2, '2', null), (5, 0, 3, '3', null), \
                    (5, 0, 4, '4', null);"
        .to_owned();
    for (last, lines) in lists() {
        let window = "insert into ranked_window (repo_id, ranking, last_day, read_at, lines)";
        let read_at = (last + 1) * 86_400 + 36_000;
        rows += &format!(
            "{window} values (5, 0, {last}, {read_at}, {});",
            lines.len()
        );
        for (name, n) in lines {
            let line = "insert into ranked (repo_id, ranking, last_day, name_id, count, uniques)";
            rows += &format!(
                "{line} values (5, 0, {last}, {name}, {n}, {});",
                n.div_ceil(2)
            );
        }
    }
    place.execute(&rows).await;
    let store = place.open().await;
    for (last, lines) in lists() {
        let last = Day::from_epoch_days(last).unwrap();
        let names: Vec<_> = lines
            .iter()
            .map(|(name, n)| (name.to_string(), *n))
            .collect();
        let lines: Vec<_> = names.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        let read_at = format!("{}T10:00", last.plus(1));
        let list = ranked(
            Ranking::Referrers,
            &read_at,
            Some(&last.to_string()),
            &lines,
        );
        store
            .record(visit_to(RepoId(6), &read_at, vec![list]))
            .await
            .unwrap();
    }
    let history = async |repo| {
        let all = store.rankings_of(RepoId(repo), Ranking::Referrers, None);
        all.await.unwrap()
    };
    let (old, new) = (history(5).await, history(6).await);
    assert!(new.runs.len() > 20 && new.runs.iter().any(|run| run.first < run.last));
    assert_eq!(old.lists(), new.lists());
    assert_eq!(old.runs.len(), new.runs.len());
    let times = "select count(distinct referrers_seen) from ranked_window \
                 where referrers_seen = 36000 and paths_seen is null";
    assert_eq!(place.number(times).await, 1);
}

async fn an_older_store_is_brought_up_to_date_with_its_rows(place: Place) {
    make_first(&place).await;
    let store = place.open().await;
    first_version(&store).await;
    let (_, held) = store.held().await.unwrap().remove(0);
    // Since the last good answer, or the last question where there was none.
    for endpoint in [Endpoint::Views, Endpoint::Clones] {
        let asked = held.asked(endpoint).unwrap();
        assert_eq!(asked.watched_since, at("2026-01-14T10:00"));
    }
    assert_eq!(held.rhythm, Rhythm::default());
    assert_eq!(store.credential_of().await.unwrap()[&RepoId(1)], "abc");
    // The answer that version 1 kept is the one that "not modified" speaks of.
    let again = vec![(Endpoint::Views, unchanged("W/\"1\""))];
    let mut visit = visit_to(RepoId(1), "2026-01-14T11:00", again);
    visit.credential = "abc".into();
    store.record(visit).await.unwrap();
    let records = store.records(RepoId(1), day("2026-01-12")).await.unwrap();
    // It was last seen on another day than the answer that is held, so it was not in it.
    assert_eq!(records[0].1.row().seen.last, at("2026-01-14T09:00"));
    place.execute(SAMPLE_2).await;
    second_version(&store).await;
    place.execute(SAMPLE_3).await;
    third_version(&store).await;
    store.close().await;
    assert_eq!(place.open().await.held().await.unwrap().len(), 2);
}

async fn first_version(store: &Store) {
    let known = store.repositories().await.unwrap();
    assert_eq!(known[0].repository.name.to_string(), "Octo/Alpha");
    assert_eq!(known[0].former[0].to_string(), "octo/old-alpha");
    assert_eq!(known[1].gone.unwrap().status, 404);
    assert_eq!(known[1].gone.unwrap().since, at("2026-01-10T00:00"));
    let rules = store.rules().await.unwrap();
    assert_eq!(rules[0].to_string(), "!fork");
    let bindings = store.bindings().await.unwrap();
    assert_eq!(bindings[0].1, RepoId(1));
    let label = store.source_label(Source(1)).await.unwrap();
    assert_eq!(label.as_deref(), Some("an older file"));

    let days = store.days(RepoId(1), None).await.unwrap();
    let states: Vec<_> = days
        .iter()
        .map(|row| (row.day.to_string(), row.state()))
        .collect();
    use DayState::{Measured, Partial};
    let expected = [
        ("2026-01-12", Measured),
        ("2026-01-13", Measured),
        ("2026-01-14", Partial),
    ];
    assert_eq!(states, expected.map(|(day, state)| (day.to_owned(), state)));
    assert_eq!(days[0].clones.unwrap().state, DayState::Suspect);
    assert_eq!(days[1].clones, None);
    let records = store.records(RepoId(1), day("2026-01-13")).await.unwrap();
    let (metric, record) = &records[0];
    assert_eq!((*metric, record.best()), (Metric::Views, count(78, 21)));
    let row = record.row();
    assert_eq!(row.seen.first, at("2026-01-14T01:00"));
    assert_eq!(row.seen.last, at("2026-01-15T00:00"));
    assert_eq!(record.settled().len(), 2);
    assert_eq!(record.settled()[0].count, count(57, 20));
    assert_eq!(record.settled()[0].source, Source(1));

    let newest = store
        .newest_ranked(RepoId(1), Ranking::Paths)
        .await
        .unwrap();
    let (window, lines) = newest.unwrap();
    assert_eq!(window.last, day("2026-01-13"));
    assert_eq!(lines[0].name, "/Octo/Alpha");
    assert_eq!(lines[0].title.as_deref(), Some("Overview"));
    let problems = store.problems().await.unwrap();
    assert_eq!(problems[0].endpoint, Endpoint::Clones);
    assert_eq!(problems[0].status, Some(403));
    assert_eq!(store.etags("abc").await.unwrap().len(), 1);
    let (_, held) = store.held().await.unwrap().remove(0);
    assert_eq!(held.newest_of(Metric::Views), Some(day("2026-01-13")));
    assert_eq!(store.last_run().await.unwrap().unwrap().new_days, 3);
    assert_eq!(
        store.suspicions().await.unwrap()[0].since,
        at("2026-01-13T09:00")
    );
}

async fn second_version(store: &Store) {
    let (repo, held) = store.held().await.unwrap().remove(1);
    assert_eq!(repo, RepoId(2));
    let views = held.asked(Endpoint::Views).unwrap();
    assert_eq!(views.watched_since, at("2026-01-14T08:00"));
    assert_eq!(held.rhythm.to_string(), "471-480 475-482");
    assert_eq!(store.credential_of().await.unwrap()[&RepoId(2)], "def");
    assert_eq!(store.etags("def").await.unwrap().len(), 0);
    let alarms = store.alarms().await.unwrap();
    let told: Vec<_> = alarms
        .iter()
        .map(|row| (row.key.as_str(), row.is_told, row.tries))
        .collect();
    assert_eq!(
        told,
        [("days-left/2", true, 0), ("nothing-stored", false, 2)]
    );
    let latest = store.latest_stored().await.unwrap();
    assert!(latest >= Some(at("2026-01-14T10:00")));
}

async fn third_version(store: &Store) {
    let runs = store.counters(RepoId(1), None).await.unwrap();
    let shown: Vec<_> = runs
        .iter()
        .map(|run| {
            (
                run.days.to_string(),
                run.counters.stars,
                run.counters.watchers,
            )
        })
        .collect();
    let expected = [
        ("2026-01-11..2026-01-12".to_owned(), 40, Some(3)),
        ("2026-01-13..2026-01-13".to_owned(), 41, None),
    ];
    assert_eq!(shown, expected);
    assert_eq!(runs[1].counters.open_both, Some(7));
    let latest = store.latest_counters().await.unwrap();
    assert_eq!(latest, [(RepoId(1), day("2026-01-13"), runs[1].counters)]);
    let (since, profile) = store.profile(RepoId(1)).await.unwrap().unwrap();
    assert_eq!(since, at("2026-01-14T10:00"));
    assert_eq!(profile.description, None);
    assert_eq!(profile.topics, ["cli", "rust"]);
    assert_eq!(profile.visibility, Visibility::Public);
    third_version_by_day(store).await;
    let tags = store.tags(RepoId(1)).await.unwrap();
    assert_eq!(
        (tags[0].name.as_str(), tags[0].day),
        ("v1.0.0", day("2026-01-12"))
    );
}

async fn third_version_by_day(store: &Store) {
    let lists = store.rankings_of(RepoId(2), Ranking::Referrers, None).await;
    let lists = lists.unwrap();
    let shown: Vec<_> = lists
        .lists()
        .iter()
        .map(|(window, lines)| format!("{} {}", window.last, lines.len()))
        .collect();
    assert_eq!(shown, ["2026-01-11 2", "2026-01-13 1"]);
    let weeks = store.weeks(RepoId(1), Metric::Views, None).await.unwrap();
    let week = Week::beginning(day("2026-01-05")).unwrap();
    assert_eq!(weeks, [(week, count(300, 80))]);
    let clones = store.weeks(RepoId(1), Metric::Clones, None).await.unwrap();
    assert_eq!(clones, []);
    let stars = store.stars(RepoId(1), None).await.unwrap();
    let given = StarDay { given: 3, still: 2 };
    assert_eq!(stars.days, [(day("2026-01-12"), given)]);
    let spans: Vec<_> = stars
        .spans
        .iter()
        .map(|(days, _)| days.to_string())
        .collect();
    assert_eq!(spans, ["1970-01-01..2026-01-10", "2026-01-11..2026-01-14"]);
    let releases = store.releases(RepoId(1)).await.unwrap();
    let [new, old] = &releases[..] else {
        panic!("{releases:?}");
    };
    assert_eq!((new.tag.as_str(), new.gone_since), ("v1.0.0", None));
    let [asset] = &new.assets[..] else {
        panic!("{new:?}");
    };
    let runs: Vec<_> = asset
        .downloads
        .iter()
        .map(|(days, total)| (days.to_string(), *total))
        .collect();
    let expected = [
        ("2026-01-12..2026-01-12".to_owned(), 10),
        ("2026-01-13..2026-01-14".to_owned(), 12),
    ];
    assert_eq!(runs, expected);
    assert_eq!(old.gone_since, Some(at("2026-01-10T00:00")));
    assert!(old.is_prerelease && old.assets.is_empty());
    let notes = store.notes(RepoId(1), None).await.unwrap();
    assert_eq!(
        (notes[0].id, notes[0].text.as_str()),
        (2, "on the front page")
    );
    assert_eq!(notes.len(), 1);
    let runs = store.workflow_days(RepoId(1), None).await.unwrap();
    assert_eq!(runs, [(day("2026-01-12"), 0), (day("2026-01-13"), 31)]);
}

async fn people_can_read_the_views(place: Place) {
    make_first(&place).await;
    place.open().await.close().await;
    place.execute(SAMPLE_2).await;
    place.execute(SAMPLE_3).await;
    for question in [
        "select count(*) from traffic_day_read where repo = 'Octo/Alpha' and day = '2026-01-12' \
         and views_state = 'measured' and clones = 0 and clones_state = 'suspect'",
        "select count(*) from traffic_day_read where day = '2026-01-14' \
         and views_state = 'partial' and clones_state is null",
        "select count(*) from sighting_read where metric = 'views' and day = '2026-01-13' \
         and count = 57 and first_seen = '2026-01-14T20:00:00Z' and source = 'an older file'",
        "select count(*) from ranked_read where repo = 'Octo/Alpha' and ranking = 'paths' \
         and last_day = '2026-01-13' and name = '/Octo/Alpha' and count = 12 and uniques = 5",
        // The window in the middle of the run was not read.
        "select count(*) from ranked_read where repo = 'octo/beta' and last_day = '2026-01-11' \
         and name = 'Google' and count = 20",
        "select count(*) - 1 from ranked_read where repo = 'octo/beta' and name = 'Google'",
        "select count(*) from asked_read where endpoint = 'clones' \
         and failed_since = '2026-01-14T10:00:00Z' and newest_day is null",
    ] {
        assert_eq!(place.number(question).await, 1, "{question}");
    }
}

/// Table or view, then its columns with whether they may be empty.
type Columns = BTreeMap<String, Vec<(String, bool)>>;

fn sqlite_columns(place: &Place) -> Columns {
    let connection = place.sqlite();
    let question = "select m.name, c.name, c.\"notnull\" from sqlite_master as m, \
                    pragma_table_info(m.name) as c where m.type in ('table', 'view') \
                    and m.name <> 'gitratra_schema_history' order by m.name, c.cid";
    let mut statement = connection.prepare(question).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let mut columns = Columns::new();
    for row in rows.unwrap() {
        let (table, column, is_required): (String, String, bool) = row.unwrap();
        columns
            .entry(table)
            .or_default()
            .push((column, is_required));
    }
    columns
}

async fn postgres_columns(place: &Place) -> Columns {
    let question = "select table_name::text, column_name::text, is_nullable = 'NO' \
                    from information_schema.columns where table_schema = 'public' \
                    and table_name <> 'gitratra_schema_history' \
                    order by table_name, ordinal_position";
    let mut columns = Columns::new();
    for row in place.postgres().await.query(question, &[]).await.unwrap() {
        let column = (row.get(1), row.get(2));
        columns.entry(row.get(0)).or_default().push(column);
    }
    columns
}

#[tokio::test]
async fn both_engines_have_the_same_columns() {
    with_place(Kind::Postgres, async |server: Place| {
        with_place(Kind::Sqlite, async move |file: Place| {
            file.open().await.close().await;
            server.open().await.close().await;
            let (one, other) = (sqlite_columns(&file), postgres_columns(&server).await);
            assert_eq!(one, other);
            let described = fs::read_to_string(
                Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema.md"),
            );
            let described = described.unwrap();
            for (table, columns) in one {
                assert!(described.contains(&format!("## `{table}`")), "{table}");
                for (column, _) in columns {
                    let is_there = described.contains(&format!("`{column}`"));
                    assert!(is_there, "{table}.{column} is not described");
                }
            }
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_fleet_is_found_by_seeking_and_not_by_walking() {
    with_place(Kind::Sqlite, async |place: Place| {
        place.open().await.close().await;
        for path in [
            "sweep/days.sql",
            "traffic_day/fleet.sql",
            "traffic_day/of_days.sql",
            "sighting/of_days.sql",
        ] {
            let text = statements()
                .into_iter()
                .find(|(found, _)| found.ends_with(path));
            let text = text.unwrap().1.replace('$', "?");
            let text = format!("explain query plan {text}");
            let connection = place.sqlite();
            let mut statement = connection.prepare(&text).unwrap();
            let params = rusqlite::params_from_iter(vec![0; statement.parameter_count()]);
            let plan = statement
                .query_map(params, |row| row.get(3))
                .unwrap()
                .map(Result::<String, _>::unwrap)
                .collect::<Vec<_>>()
                .join("; ");
            assert!(plan.contains("day>? AND day<?"), "{path}: {plan}");
            assert!(!plan.contains("SCAN fact"), "{path}: {plan}");
            // A sweep is as long as the fleet has days; sorting it would double its cost.
            let is_sorted = path.starts_with("sweep/") && plan.contains("TEMP B-TREE");
            assert!(!is_sorted, "{path}: {plan}");
        }
    })
    .await;
}

/// The whole way of the program's shortest commands; see that nobody puts something slow into it.
#[tokio::test]
async fn opening_a_current_store_writes_nothing() {
    with_place(Kind::Sqlite, async |place: Place| {
        place.open().await.close().await;
        let before = fs::read(&place.text).unwrap();
        let store: Store = place.open().await;
        store.rules().await.unwrap();
        store.close().await;
        assert!(before == fs::read(&place.text).unwrap());
    })
    .await;
}
