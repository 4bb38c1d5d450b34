//! Stores that are joined: in any order, in any grouping, twice; and names that only files told of.

use gitratra_core::history::{Gained, History, House, SourceName, Told};
use gitratra_core::suspect::Suspicion;
use gitratra_core::{
    Asset, Counters, CountersReading, Day, DayRange, Endpoint, GroupRule, Metric, Pattern, Profile,
    Ranking, Release, ReleasesReading, RepoId, Seen, Source, StarHistory, StarWeek, Tag,
    Visibility, Week, WeeklyReading,
};
use gitratra_store::{Outcome, Store, Visit};

use crate::place::{Kind, Place, on_both_engines_and_in_parts};
use crate::samples::{at, count, day, ranked, reading, repository, traffic, visit_to, window};

on_both_engines_and_in_parts![
    stores_join_in_any_order_and_grouping,
    a_store_that_is_read_and_put_together_again_is_the_same,
    two_stores_know_what_one_would_that_saw_everything,
    what_was_joined_is_held_as_in_the_origin,
    a_name_that_a_file_told_of_is_taken_over_by_who_bears_it,
    an_exact_rule_lets_its_repository_take_over_a_former_name,
    a_file_that_comes_after_the_repository_is_taken_over_at_once,
    what_is_removed_is_gone_from_every_table,
    sources_of_the_same_number_keep_their_names,
];

/// The same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % end
    }
}

const FIRST: &str = "2026-03-01";

/// A time on the morning of a day of March.
fn morning(number: u64, hour: u64) -> String {
    let day = day(FIRST).plus(i64::try_from(number).unwrap());
    format!("{day}T{hour:02}:30")
}

fn stars(dice: &mut Dice, read_at: &str) -> Outcome {
    let sunday = day("2026-03-01");
    let weeks = (0..2).map(|week| StarWeek {
        first: sunday.plus(7 * week),
        days: [0; 7].map(|_: u64| dice.below(3)),
    });
    Outcome::Stars {
        history: StarHistory {
            read_at: at(read_at),
            weeks: weeks.collect(),
        },
        reaches_back: dice.below(3) == 0,
        etag: Some("\"s\"".into()),
    }
}

fn releases(dice: &mut Dice, read_at: &str) -> Outcome {
    let releases = (1..=1 + dice.below(2)).map(|id| Release {
        id,
        tag: format!("v{id}"),
        name: Some(format!("Release\t{id}")),
        published_at: Some(at("2026-02-01T12:00")),
        is_prerelease: id == 2,
        assets: (0..=dice.below(2))
            .map(|file| Asset {
                id: id * 10 + file,
                name: format!("file-{file}"),
                size: 10,
                downloads: dice.below(4) * 5,
                created_at: None,
            })
            .collect(),
    });
    Outcome::Releases {
        reading: ReleasesReading {
            read_at: at(read_at),
            releases: releases.collect(),
            is_whole: true,
        },
        etag: None,
    }
}

fn counters(dice: &mut Dice, repo: RepoId, read_at: &str) -> Outcome {
    let number = dice.below(4);
    Outcome::Counters {
        reading: CountersReading {
            repo,
            read_at: at(read_at),
            counters: Counters {
                stars: number,
                open_both: (number > 1).then_some(7),
                ..Counters::default()
            },
            profile: Profile {
                description: (number > 0).then(|| format!("no. {number}")),
                language: None,
                licence: Some("MIT".into()),
                topics: vec!["one".into(), "two".into()],
                is_archived: false,
                visibility: Visibility::Public,
            },
            tags: Some(vec![Tag {
                name: "v1".into(),
                day: day("2026-02-01").plus(i64::try_from(number).unwrap()),
            }]),
        },
    }
}

/// One visit with something of everything.
fn any_visit(dice: &mut Dice, repo: RepoId) -> Visit {
    let number = 2 + dice.below(12);
    let read_at = morning(number, 7 + dice.below(10));
    let last = day(FIRST).plus(i64::try_from(number).unwrap() - 1);
    let last_text = last.to_string();
    let mut outcomes = Vec::new();
    for metric in Metric::ALL {
        let days: Vec<String> = (0..4).map(|back| last.plus(1 - back).to_string()).collect();
        let rows: Vec<(&str, u64)> = days
            .iter()
            .map(|day| (day.as_str(), dice.below(5)))
            .collect();
        match dice.below(3) {
            0 => outcomes.push(traffic(reading(metric, &read_at, &rows), "\"d\"")),
            1 => {
                let count = dice.below(3);
                outcomes.push(traffic(window(metric, &read_at, &last_text, count), ""));
            }
            _ => {}
        }
    }
    let names = ["Google", "a\\b", "tab\there"];
    for ranking in Ranking::ALL {
        let mut lines: Vec<(&str, u64)> = Vec::new();
        for name in names {
            if dice.below(2) == 0 {
                lines.push((name, dice.below(6) + 1));
            }
        }
        outcomes.push(ranked(ranking, &read_at, Some(&last_text), &lines));
    }
    let weekly = WeeklyReading {
        metric: Metric::Views,
        read_at: at(&read_at),
        rows: vec![(Week::of(day("2026-03-02")), count(dice.below(9) + 50, 5))],
    };
    let weekly = Outcome::Weekly {
        reading: weekly,
        newest: Some(last),
        etag: None,
    };
    outcomes.push((Endpoint::ViewsByWeek, weekly));
    match dice.below(4) {
        0 => outcomes.push((Endpoint::Stars, stars(dice, &read_at))),
        1 => outcomes.push((Endpoint::Releases, releases(dice, &read_at))),
        2 => outcomes.push((Endpoint::Counters, counters(dice, repo, &read_at))),
        _ => {
            let runs = dice.below(9);
            outcomes.push((
                Endpoint::WorkflowRuns,
                Outcome::WorkflowRuns { day: last, runs },
            ));
        }
    }
    visit_to(repo, &read_at, outcomes)
}

const REPOS: [RepoId; 2] = [RepoId(5), RepoId(6)];

/// A store with something of everything.
async fn fill(store: &Store, seed: u64) {
    let mut dice = Dice(seed);
    let names = ["octo/alpha", "Octo/Alpha", "octo/beta", "octo/gamma"];
    for _ in 0..3 {
        let repo = REPOS[usize::try_from(dice.below(2)).unwrap()];
        let name = names[usize::try_from(dice.below(4)).unwrap()];
        let seen_at = morning(dice.below(14), 6);
        let mut repository = repository(repo.0, name);
        repository.is_private = dice.below(4) == 0;
        repository.node_id = (dice.below(2) == 0).then(|| format!("R_{repo}"));
        let repositories = [repository];
        let saved = store.save_repositories(&repositories, at(&seen_at));
        saved.await.unwrap();
    }
    for _ in 0..8 {
        let repo = REPOS[usize::try_from(dice.below(2)).unwrap()];
        store.record(any_visit(&mut dice, repo)).await.unwrap();
    }
    let since = at(&morning(dice.below(20), 9));
    store.mark_gone(REPOS[0], 404, since).await.unwrap();
    let note = format!("note {}", dice.below(2)).parse().unwrap();
    let written_at = at(&morning(dice.below(9), 3));
    store
        .add_note(REPOS[0], day(FIRST), &note, written_at)
        .await
        .unwrap();
    let rule: Pattern = ["octo/*", "OCTO/*", "!fork", "octo/alpha"]
        [usize::try_from(dice.below(4)).unwrap()]
    .parse()
    .unwrap();
    store.add_rules(std::slice::from_ref(&rule)).await.unwrap();
    let name = "octo/alpha".parse().unwrap();
    store.bind(&name, REPOS[0]).await.unwrap();
    let rule = GroupRule::new("octo/beta".parse().unwrap(), None).unwrap();
    let group = ["Web", "web"][usize::try_from(dice.below(2)).unwrap()];
    store
        .add_to_group(&group.parse().unwrap(), &[rule])
        .await
        .unwrap();
    let suspicion = Suspicion {
        metric: Metric::Views,
        day: day(FIRST),
        since: at(&morning(dice.below(9), 9)),
    };
    store.save_suspicions(&[suspicion]).await.unwrap();
}

/// Lets a store know the repository with the number 5 by this name.
pub(crate) async fn know(store: &Store, name: &str) {
    let repositories = [repository(5, name)];
    let saved = store.save_repositories(&repositories, at("2026-03-01T06:00"));
    saved.await.unwrap();
}

/// Everything in a store that histories tell of.
async fn all(store: &Store) -> (Vec<History>, House) {
    let mut histories = Vec::new();
    for repo in store.repositories().await.unwrap() {
        let history = store.history(repo.repository.id).await.unwrap();
        histories.push(history.unwrap());
    }
    histories.sort_by_key(|history| history.repo);
    (histories, store.house().await.unwrap())
}

async fn join(store: &Store, (histories, house): &(Vec<History>, House)) -> Gained {
    store.absorb_house(house.clone()).await.unwrap();
    store.absorb(histories.clone()).await.unwrap()
}

/// A fresh store beside the place, which is gone with its folder.
async fn beside(place: &Place, name: &str) -> Store {
    let path = place.folder.path().join(name);
    let location = gitratra_store::Location::file(path);
    Store::open(&location).await.unwrap()
}

async fn stores_join_in_any_order_and_grouping(place: Place) {
    let rounds = if place.kind == Kind::Sqlite { 6 } else { 2 };
    let main = place.open().await;
    for round in 0..rounds {
        let mut told = Vec::new();
        for one in 0..3 {
            let store = beside(&place, &format!("{round}-{one}.db")).await;
            fill(&store, round * 10 + one).await;
            told.push(all(&store).await);
            store.close().await;
        }
        let mut ends = Vec::new();
        for (number, order) in [[0, 1, 2], [2, 1, 0], [1, 2, 0]].iter().enumerate() {
            let store = beside(&place, &format!("{round}-order-{number}.db")).await;
            for one in order {
                join(&store, &told[*one]).await;
            }
            ends.push(all(&store).await);
            // Once more changes nothing.
            for one in order {
                assert_eq!(join(&store, &told[*one]).await, Gained::default());
            }
            assert_eq!(all(&store).await, ends[number]);
            store.close().await;
        }
        // The first two meet before the third, on the engine of the place.
        let pair = beside(&place, &format!("{round}-pair.db")).await;
        join(&pair, &told[1]).await;
        join(&pair, &told[2]).await;
        for repo in REPOS {
            main.remove_history(repo).await.unwrap();
        }
        join(&main, &told[0]).await;
        join(&main, &all(&pair).await).await;
        let (histories, _) = all(&main).await;
        for (end, (other, _)) in ends.iter().enumerate() {
            assert_eq!(histories, *other, "round {round}, order {end}");
        }
        assert_eq!(ends[0].1, ends[1].1);
        assert_eq!(ends[0].1, ends[2].1);
        pair.close().await;
    }
}

async fn a_store_that_is_read_and_put_together_again_is_the_same(place: Place) {
    let origin = place.open().await;
    for seed in 0..4 {
        fill(&origin, 100 + seed).await;
    }
    let before = all(&origin).await;
    let copy = beside(&place, "copy.db").await;
    join(&copy, &before).await;
    assert_eq!(all(&copy).await, before);
    for repo in REPOS {
        assert_eq!(
            copy.days(repo, None).await.unwrap(),
            origin.days(repo, None).await.unwrap()
        );
        for ranking in Ranking::ALL {
            let lists = async |store: &Store| {
                let kept = store.rankings_of(repo, ranking, None).await.unwrap();
                format!("{:?} {:?}", kept.windows, kept.lists())
            };
            assert_eq!(lists(&copy).await, lists(&origin).await);
        }
        assert_eq!(
            copy.releases(repo).await.unwrap(),
            origin.releases(repo).await.unwrap()
        );
        assert_eq!(
            copy.counters(repo, None).await.unwrap(),
            origin.counters(repo, None).await.unwrap()
        );
        assert_eq!(
            copy.stars(repo, None).await.unwrap(),
            origin.stars(repo, None).await.unwrap()
        );
    }
    assert_eq!(
        copy.repositories().await.unwrap().len(),
        origin.repositories().await.unwrap().len()
    );
    assert_eq!(copy.rules().await.unwrap(), origin.rules().await.unwrap());
    assert_eq!(copy.groups().await.unwrap(), origin.groups().await.unwrap());
}

async fn two_stores_know_what_one_would_that_saw_everything(place: Place) {
    let whole = place.open().await;
    let halves = [beside(&place, "a.db").await, beside(&place, "b.db").await];
    let mut dice = Dice(77);
    for half in &halves {
        know(half, "octo/alpha").await;
    }
    know(&whole, "octo/alpha").await;
    for _ in 0..30 {
        let visit = any_visit(&mut dice, REPOS[0]);
        let half = &halves[usize::try_from(dice.below(2)).unwrap()];
        half.record(visit.clone()).await.unwrap();
        whole.record(visit).await.unwrap();
    }
    let [one, other] = &halves;
    join(one, &all(other).await).await;
    let (joined, expected) = (all(one).await.0.remove(0), all(&whole).await.0.remove(0));
    assert_eq!(joined.days, expected.days);
    assert_eq!(joined.rankings.lists, expected.rankings.lists);
    assert_eq!(joined.stars, expected.stars);
    assert_eq!(joined.downloads, expected.downloads);
    assert_eq!(joined.workflow_days, expected.workflow_days);
    assert_eq!(joined.names, expected.names);
    assert_eq!(joined.answered, expected.answered);
}

async fn what_was_joined_is_held_as_in_the_origin(place: Place) {
    let origin = beside(&place, "origin.db").await;
    know(&origin, "octo/alpha").await;
    let outcomes = Metric::ALL.map(|metric| {
        let reading = window(metric, "2026-03-20T09:00", "2026-03-19", 3);
        traffic(reading, "\"e\"")
    });
    origin
        .record(visit_to(REPOS[0], "2026-03-20T09:00", outcomes.to_vec()))
        .await
        .unwrap();
    let (mut histories, house) = all(&origin).await;
    let store = place.open().await;
    join(&store, &(histories.clone(), house)).await;
    assert_eq!(store.held().await.unwrap(), origin.held().await.unwrap());
    // The validators stay where they are.
    assert!(store.etags("mine").await.unwrap().is_empty());
    // Also where a text tells of days alone.
    histories[0].answered.clear();
    store.remove_history(REPOS[0]).await.unwrap();
    store.absorb(histories).await.unwrap();
    let held = store.held().await.unwrap().remove(0).1;
    assert_eq!(held.newest(), Some(day("2026-03-19")));
    let views = held.asked(Endpoint::Views).unwrap();
    assert_eq!(views.answered_at, Some(at("2026-03-20T09:00")));
}

/// What a file tells of a name: one day.
pub(crate) fn from_file(name: &str, views: u64) -> History {
    let name = name.parse().unwrap();
    let mut history = History::new(RepoId::unconfirmed(&name));
    let mut told = repository(history.repo.0, &name.to_string());
    told.is_private = true;
    history.label = Some(gitratra_core::history::Label {
        named_at: at("2020-01-01T00:00"),
        name: name.clone(),
        node_id: None,
        is_private: told.is_private,
        is_fork: false,
        is_archived: false,
    });
    history.first_seen = Some(at("2020-01-01T00:00"));
    let span = gitratra_core::history::NameSpan {
        spelled: name.to_string(),
        first_seen: at("2020-01-01T00:00"),
        last_seen: at("2020-01-01T00:00"),
    };
    history.names.insert(name.key(), span);
    history.tell(&[Told {
        day: day("2020-01-01"),
        metric: Metric::Views,
        count: count(views, 1),
        seen: Seen::once(at("2020-01-05T00:00")),
        source: SourceName {
            kind: "csv".into(),
            label: "old.csv".into(),
        },
        is_doubted: false,
    }]);
    let note = (day("2020-01-01"), "from a file".parse().unwrap());
    history.notes.insert(note, at("2020-01-05T00:00"));
    history
}

pub(crate) async fn old_days(store: &Store, repo: RepoId) -> Vec<(Day, u64)> {
    let days = DayRange::ending(day("2020-12-31"), 366);
    let days = store.days(repo, Some(days)).await.unwrap();
    let views = |row: &gitratra_core::DayRow| row.views.unwrap().count.count();
    days.iter().map(|row| (row.day, views(row))).collect()
}

async fn a_name_that_a_file_told_of_is_taken_over_by_who_bears_it(place: Place) {
    let store = place.open().await;
    store
        .absorb(vec![from_file("octo/alpha", 9), from_file("octo/other", 4)])
        .await
        .unwrap();
    let unconfirmed = RepoId::unconfirmed(&"octo/alpha".parse().unwrap());
    assert!(old_days(&store, RepoId(5)).await.is_empty());
    let rule = GroupRule::new("octo/alpha".parse().unwrap(), None).unwrap();
    let group = store.add_to_group(&"web".parse().unwrap(), &[rule]).await;
    assert_eq!(group.unwrap().rules[0].repo(), Some(unconfirmed));
    know(&store, "Octo/Alpha").await;
    assert_eq!(old_days(&store, RepoId(5)).await, [(day("2020-01-01"), 9)]);
    let notes = store.notes(RepoId(5), None).await.unwrap();
    assert_eq!(notes[0].text.as_str(), "from a file");
    assert_eq!(store.repository(unconfirmed).await.unwrap(), None);
    let known = store.repository(RepoId(5)).await.unwrap().unwrap();
    assert!(!known.repository.is_private);
    assert_eq!(known.named_at, at("2026-03-01T06:00"));
    assert_eq!(known.repository.name.to_string(), "Octo/Alpha");
    let group = store.group(&"web".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(group.rules[0].repo(), Some(RepoId(5)));
    let source = Source::called("csv", "old.csv");
    let label = store.source_label(source).await.unwrap();
    assert_eq!(label.as_deref(), Some("old.csv"));
    let other = RepoId::unconfirmed(&"octo/other".parse().unwrap());
    assert!(store.repository(other).await.unwrap().is_some());
}

async fn an_exact_rule_lets_its_repository_take_over_a_former_name(place: Place) {
    let store = place.open().await;
    store
        .absorb(vec![from_file("octo/before", 9)])
        .await
        .unwrap();
    know(&store, "octo/now").await;
    assert!(old_days(&store, RepoId(5)).await.is_empty());
    let before = "octo/before".parse().unwrap();
    store.bind(&before, RepoId(5)).await.unwrap();
    assert_eq!(old_days(&store, RepoId(5)).await, [(day("2020-01-01"), 9)]);
    let found = store.find(&before).await.unwrap().unwrap();
    assert_eq!((found.id, found.is_former), (RepoId(5), true));
}

async fn a_file_that_comes_after_the_repository_is_taken_over_at_once(place: Place) {
    let store = place.open().await;
    know(&store, "octo/alpha").await;
    for _ in 0..2 {
        store
            .absorb(vec![from_file("octo/alpha", 9)])
            .await
            .unwrap();
        assert_eq!(old_days(&store, RepoId(5)).await, [(day("2020-01-01"), 9)]);
        assert_eq!(store.repositories().await.unwrap().len(), 1);
    }
}

async fn what_is_removed_is_gone_from_every_table(place: Place) {
    let store = place.open().await;
    fill(&store, 3).await;
    for repo in REPOS {
        store.remove_history(repo).await.unwrap();
    }
    assert!(!store.remove_history(REPOS[0]).await.unwrap());
    let tables = [
        "repo",
        "repo_name",
        "rule_repo",
        "traffic_day",
        "sighting",
        "ranked_window",
        "ranked_name",
        "ranked_run",
        "asked",
        "rhythm",
        "counter_run",
        "profile",
        "tag",
        "traffic_week",
        "star_day",
        "star_span",
        "release",
        "asset",
        "asset_run",
        "note",
        "seal",
        "told_total",
        "workflow_day",
        "share",
        "lease",
    ];
    for table in tables {
        let rows = place.number(&format!("select count(*) from {table}")).await;
        assert_eq!(rows, 0, "{table}");
    }
    // No table of repositories was left out, but those whose binding is what keeps others out.
    let all = match place.kind {
        Kind::Sqlite => {
            "select count(*) from sqlite_master as t, pragma_table_info(t.name) as c
             where t.type = 'table' and c.name = 'repo_id' and t.name <> 'group_rule'"
        }
        Kind::Postgres | Kind::Parts => {
            "select count(*) from information_schema.columns as c
             inner join information_schema.tables as t using (table_schema, table_name)
             where t.table_type = 'BASE TABLE' and c.column_name = 'repo_id'
             and c.table_name <> 'group_rule' and not exists (
                 select 1 from pg_class as part
                 where part.relname = c.table_name and part.relispartition
             )"
        }
    };
    assert_eq!(
        place.number(all).await,
        i64::try_from(tables.len()).unwrap()
    );
}

async fn sources_of_the_same_number_keep_their_names(place: Place) {
    let store = place.open().await;
    store.close().await;
    let number = Source::called("csv", "old.csv").0;
    place
        .execute(&format!(
            "insert into source (source_id, kind, label) values ({number}, 'csv', 'taken.csv')"
        ))
        .await;
    let store = place.open().await;
    store
        .absorb(vec![from_file("octo/alpha", 9)])
        .await
        .unwrap();
    let repo = RepoId::unconfirmed(&"octo/alpha".parse().unwrap());
    let records = store.records(repo, day("2020-01-01")).await.unwrap();
    let source = records[0].1.row().source;
    assert_eq!(source, Source::called("csv", "old.csv").next());
    let label = store.source_label(source).await.unwrap();
    assert_eq!(label.as_deref(), Some("old.csv"));
    let history = store.history(repo).await.unwrap().unwrap();
    let names: Vec<_> = history.sources.names().map(|name| &*name.label).collect();
    assert_eq!(names, ["old.csv"]);
}
