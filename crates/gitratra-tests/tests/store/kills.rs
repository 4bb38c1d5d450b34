//! Power cuts: whatever the moment, what was reported as stored is stored, and nothing is there by
//! halves or twice.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use gitratra_core::{Day, DayState, Endpoint, Metric, Ranking, Reading, RepoId, Timestamp, Window};
use gitratra_store::{Location, Outcome, Store, Visit};

use crate::place::{Kind, Place, with_place};
use crate::samples::{count, day, ranked};

/// How often a process is killed, on each engine.
const KILLS: u64 = 100;

/// Repositories, each written to by a task of its own.
const REPOS: u64 = 5;

/// Tells the process that is to be killed where it is to write.
const PLACE: &str = "GITRATRA_TEST_KILLED";

/// The window of the first visit to each repository.
fn first() -> Day {
    day("2020-01-14")
}

/// What GitHub says of a day, always the same.
fn events(repo: u64, day: Day, metric: Metric) -> u64 {
    let epoch_days = u64::try_from(day.epoch_days()).unwrap();
    1 + (epoch_days * 31 + repo * 7 + u64::from(metric == Metric::Clones)) % 90
}

/// The morning after a day.
fn morning(last: Day) -> Timestamp {
    Timestamp::from_second(last.end().as_second() + 8 * 3600).unwrap()
}

/// The visit that finds `last` published, all four answers in it.
fn visit(repo: u64, last: Day) -> Visit {
    let at = morning(last);
    let mut outcomes: Vec<(Endpoint, Outcome)> = Vec::new();
    for metric in Metric::ALL {
        let days = Window { last }.range();
        let rows: Vec<_> = days
            .iter()
            .map(|day| {
                let events = events(repo, day, metric);
                (day, count(events, events))
            })
            .collect();
        let total = rows.iter().map(|(_, count)| count.count()).sum();
        let reading = Reading::new(metric, at, rows, count(total, 1)).unwrap();
        let etag = Some(format!("\"{last}\""));
        outcomes.push((metric.into(), Outcome::Traffic { reading, etag }));
    }
    for ranking in Ranking::ALL {
        let lines = [("one", 9), ("two", 7), (&*format!("since {last}"), 1)];
        let text = last.to_string();
        let at = format!("{}T08:00", last.plus(1));
        outcomes.push(ranked(ranking, &at, Some(&text), &lines));
    }
    Visit {
        repo: RepoId(repo),
        asked_at: at,
        credential: "mine".into(),
        outcomes,
    }
}

/// Writes visits for ever and reports each one that is stored.
async fn write_for_ever(location: Location) {
    let store = Store::open(&location).await.unwrap();
    let held: BTreeMap<_, _> = store.held().await.unwrap().into_iter().collect();
    let tasks: Vec<_> = (1..=REPOS)
        .map(|repo| {
            let store = store.clone();
            let newest = held.get(&RepoId(repo)).and_then(|held| held.newest());
            let mut next = newest.map_or(first(), |newest| newest.plus(1));
            tokio::spawn(async move {
                // Until it is killed.
                loop {
                    store.record(visit(repo, next)).await.unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "stored {repo} {next}").unwrap();
                    out.flush().unwrap();
                    drop(out);
                    next = next.plus(1);
                }
            })
        })
        .collect();
    futures_util::future::join_all(tasks).await;
}

/// The process that is killed by the tests below; by itself it proves nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_writes_until_it_is_killed() {
    if let Ok(place) = std::env::var(PLACE) {
        write_for_ever(Location::parse(&place).unwrap()).await;
    }
}

/// A small source of chance that is the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

/// Takes reports in, the newest day of each repository.
fn take(text: &str, reported: &mut BTreeMap<u64, Day>) {
    // A report may follow the test harness's own words on a line, and the last one may be cut off.
    let Some(report) = text.split("stored ").nth(1) else {
        return;
    };
    let Some((repo, text)) = report.trim_end().split_once(' ') else {
        return;
    };
    if let (Ok(repo), Ok(day)) = (repo.parse(), text.parse())
        && report.ends_with('\n')
    {
        reported.insert(repo, day);
    }
}

/// Starts the writer, lets it store about so many visits and kills it in the middle of the next.
fn write_and_kill(place: &Place, chance: &mut Chance, reported: &mut BTreeMap<u64, Day>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::one_process_writes_until_it_is_killed"])
        .arg("--nocapture")
        .env(PLACE, &place.text)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    // Sometimes while it is only just opening the store.
    let visits = chance.below(20).saturating_sub(2);
    let mut line = String::new();
    while (line.matches("stored ").count() as u64) < visits {
        let mut next = String::new();
        assert!(
            lines.read_line(&mut next).unwrap() > 0,
            "it ended by itself"
        );
        take(&next, reported);
        line += &next;
    }
    (0..chance.below(2_000_000)).for_each(|_| std::hint::spin_loop());
    child.kill().unwrap();
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    for line in rest.split_inclusive('\n') {
        take(line, reported);
    }
    assert_eq!(child.wait().unwrap().code(), None, "it was killed");
}

/// Waits until a server has let go of the process that was killed: it may still be carrying out the
/// last thing that it was asked for.
async fn settle(place: &Place) {
    const OTHERS: &str = "select count(*) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()
        and backend_type = 'client backend'";
    const TRIES: u32 = 10_000;
    if place.kind == Kind::Sqlite {
        return;
    }
    let server = place.postgres().await;
    for _ in 0..TRIES {
        let others: i64 = server.query_one(OTHERS, &[]).await.unwrap().get(0);
        if others == 0 {
            return;
        }
    }
    panic!("the server does not let go of a process that was killed");
}

/// Checks that every visit is there whole or not at all, and those that were reported are there.
async fn check(place: &Place, reported: &BTreeMap<u64, Day>) -> u64 {
    let store = place.open().await;
    let mut visits = 0;
    for (repo, held) in store.held().await.unwrap() {
        let newest = held.newest().unwrap();
        assert_eq!(held.newest_of_any(), Some(newest));
        assert_eq!(held.rankings(), Some(newest));
        for endpoint in Endpoint::TRAFFIC {
            let asked = held.asked(endpoint).unwrap();
            assert_eq!(asked.answered_at, Some(morning(newest)), "{endpoint}");
        }
        if let Some(reported) = reported.get(&repo.0) {
            assert!(
                newest >= *reported,
                "{repo}: {newest}, {reported} was reported"
            );
        }
        let days = store.days(repo, None).await.unwrap();
        let mut expected = first().plus(-13);
        for row in &days {
            assert_eq!(row.day, expected, "no day is missing");
            assert_eq!(row.state(), DayState::Measured);
            for metric in Metric::ALL {
                let events = events(repo.0, row.day, metric);
                assert_eq!(row.value(metric).unwrap().count, count(events, events));
            }
            expected = expected.plus(1);
        }
        assert_eq!(expected, newest.plus(1));
        visits += days.len() as u64 - 13;
        let (window, lines) = store
            .newest_ranked(repo, Ranking::Paths)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((window.last, lines.len()), (newest, 3));
    }
    assert!(reported.len() <= store.held().await.unwrap().len());
    store.close().await;
    let whole = i64::try_from(visits).unwrap();
    for (question, each) in [
        (
            "select count(*) from ranked_window \
             where referrers_seen is not null and paths_seen is not null",
            1,
        ),
        ("select count(*) from ranked_read", 6),
        (
            "select count(*) from traffic_day where views_window_uniques is not null",
            1,
        ),
    ] {
        assert_eq!(place.number(question).await, each * whole, "{question}");
    }
    assert_eq!(place.number("select count(*) from sighting").await, 0);
    visits
}

async fn survive(place: Place) {
    let mut chance = Chance(match place.kind {
        Kind::Sqlite => 11,
        Kind::Postgres | Kind::Parts => 12,
    });
    let mut reported = BTreeMap::new();
    let mut before = 0;
    for _ in 0..KILLS {
        write_and_kill(&place, &mut chance, &mut reported);
        settle(&place).await;
        let visits = check(&place, &reported).await;
        assert!(visits >= before);
        before = visits;
    }
    assert!(before > 3 * KILLS, "only {before} visits");
    if place.kind == Kind::Sqlite {
        let sound = "select count(*) from pragma_integrity_check where integrity_check = 'ok'";
        assert_eq!(place.number(sound).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_kills_lose_nothing_that_was_stored_in_a_file() {
    with_place(Kind::Sqlite, survive).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_kills_lose_nothing_that_was_stored_on_a_server() {
    with_place(Kind::Postgres, survive).await;
}

/// The file as a kill leaves it while the log is tidied into it: its head names pages that are only
/// in the log yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_the_log_is_tidied_away_costs_nothing() {
    with_place(Kind::Sqlite, |place| async move {
        const PAGE_BYTES: u64 = 4096;
        const VISITS: i64 = 120;
        let store = place.open().await;
        let bytes = |path: &str| std::fs::metadata(path).unwrap().len();
        let new = bytes(&place.text);
        for later in 0..VISITS {
            store.record(visit(1, first().plus(later))).await.unwrap();
        }
        place.execute("pragma wal_checkpoint(passive)").await;
        let killed = place.folder.path().join("killed.db");
        let log = place.folder.path().join("killed.db-wal");
        std::fs::copy(&place.text, &killed).unwrap();
        std::fs::copy(format!("{}-wal", place.text), &log).unwrap();
        store.close().await;
        let file = std::fs::File::options().write(true).open(&killed).unwrap();
        let whole = file.metadata().unwrap().len();
        // What is cut off came with the visits, so that the log has it.
        assert!(whole - 2 * PAGE_BYTES >= new);
        file.set_len(whole - 2 * PAGE_BYTES).unwrap();
        drop(file);

        let store = Store::open(&Location::file(&killed)).await.unwrap();
        let (_, held) = store.held().await.unwrap().remove(0);
        assert_eq!(held.newest(), Some(first().plus(VISITS - 1)));
        assert_eq!(store.days(RepoId(1), None).await.unwrap().len(), 133);
        store.close().await;

        // Without its log such a file is damaged, and said to be.
        let file = std::fs::File::options().write(true).open(&killed).unwrap();
        file.set_len(whole - 2 * PAGE_BYTES).unwrap();
        let error = Store::open(&Location::file(&killed)).await.unwrap_err();
        assert!(
            matches!(error, gitratra_store::StoreError::Corrupt { .. }),
            "{error}"
        );
    })
    .await;
}
