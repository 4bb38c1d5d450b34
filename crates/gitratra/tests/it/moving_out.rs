//! Moving out: typed formats say what the CSV says, and increments put together are the whole.

use std::collections::BTreeMap;
use std::path::Path;

use gitratra_sim::{Metric, RepoSpec, Scope, Sim, ZeroDays};
use gitratra_tables::{ReadDay, parquet_read};

use crate::exported::Exported;
use crate::house::{House, Ran, github};

const REPOS: [&str; 3] = ["octo/a", "octo/b", "octo/c"];

fn fleet() -> Sim {
    let github = github().seed(82);
    let fleet = REPOS.into_iter().fold(github, |github, repo| {
        github.repo(RepoSpec::new(repo).mean_views(40.0).stars(30))
    });
    fleet.start_on_thread()
}

fn synced(sim: &Sim) -> House {
    let house = House::with(sim);
    house.go("sync octo/a octo/b octo/c").exits(0);
    house
}

fn read(path: &Path) -> Vec<ReadDay> {
    let rows = parquet_read::read(path).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// The same days as CSV has them.
fn same(rows: &[ReadDay], csv: &Exported) {
    assert_eq!(rows.len(), csv.rows.len());
    for row in rows {
        let line = csv.row(&row.repo, row.day.to_string().as_str());
        let pair = |count: Option<gitratra_core::Count>| {
            count.map(|count| (count.count(), count.uniques().get()))
        };
        assert_eq!(
            (pair(row.views), pair(row.clones)),
            (line.views, line.clones)
        );
        assert_eq!(row.state.word(), line.state);
        assert!(row.repo_id.is_some());
    }
}

#[test]
fn parquet_of_one_file_and_by_year_says_what_csv_says() {
    let sim = fleet();
    let house = synced(&sim);
    house
        .go("export daily --format parquet -o days.parquet")
        .exits(0);
    house.go("export daily --format parquet -o years/").exits(0);
    let csv = house.export();
    let rows = read(&house.path("days.parquet"));
    same(&rows, &csv);
    let order: Vec<_> = rows.iter().map(|row| (row.repo.clone(), row.day)).collect();
    assert!(order.is_sorted());
    same(&read(&house.path("years")), &csv);
    assert!(house.path("years/year=2026/part-0.parquet").exists());
    // A pipe takes it too.
    let piped = house
        .command(&["export", "daily", "--format", "parquet"])
        .output();
    assert!(piped.unwrap().stdout.starts_with(b"PAR1"));
}

#[test]
fn every_table_has_its_typed_file_and_its_sheet() {
    let sim = fleet();
    let house = synced(&sim);
    house.go("export all --format parquet -o all").exits(0);
    house.go("export all --format csv -o text").exits(0);
    house.go("export all --format xlsx -o all.xlsx").exits(0);
    let tables = [
        "daily",
        "weekly",
        "windows",
        "referrers",
        "paths",
        "counters",
        "stars",
        "downloads",
    ];
    for table in tables {
        assert!(
            house.path(&format!("all/{table}.parquet")).exists(),
            "{table}"
        );
        assert!(house.path(&format!("text/{table}.csv")).exists(), "{table}");
    }
    let book = std::fs::read(house.path("all.xlsx")).unwrap();
    assert!(book.starts_with(b"PK"));
    house
        .go("export stars --format xlsx -o stars.xlsx")
        .exits(0);
    house
        .go("export weekly --format parquet -o weeks/")
        .exits(0);
}

#[test]
fn prometheus_is_told_of_measured_numbers_at_noon() {
    let sim = fleet();
    let house = synced(&sim);
    let text = house.go("export daily --format openmetrics").exits(0).out;
    let newest = sim.newest("octo/b", Metric::Views);
    let (views, uniques) = sim.truth("octo/b", Metric::Views, newest);
    let day: gitratra_core::Day = newest.to_string().parse().unwrap();
    let noon = day.start().as_second() + 43_200;
    let samples: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("repo=\"octo/b\""))
        .collect();
    let told = |name: &str, number: u64| {
        let begins = format!("{name}{{repo=\"octo/b\",repo_id=\"");
        let ends = format!("\"}} {number} {noon}");
        let mut samples = samples.iter();
        assert!(samples.any(|line| line.starts_with(&begins) && line.ends_with(&ends)));
    };
    told("gitratra_daily_views", views);
    told("gitratra_daily_views_uniques", uniques);
    assert!(text.ends_with("\n# EOF\n"));
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is() {
    let sim = fleet();
    let house = synced(&sim);
    std::fs::create_dir(house.path("folder")).unwrap();
    let refused = |words: &str, says: &str| {
        house.go(words).exits(2).says(&[says]);
    };
    refused("export all --format xlsx", "-o FILE.xlsx");
    refused("export all --format xlsx -o folder", "-o FILE.xlsx");
    refused("export stars --format openmetrics", "export daily");
    refused("export all --format parquet", "-o DIR");
    refused(
        "export daily --format parquet --since-run 1 -o folder",
        "-o FILE.parquet",
    );
    refused(
        "export daily --since-run 9",
        "there is no run 9, the newest is 1",
    );
    assert_eq!(std::fs::read_dir(house.path("folder")).unwrap().count(), 0);
}

/// The number that an export says to take the next time.
fn next_run(ran: &Ran) -> u64 {
    let (_, number) = ran.err.rsplit_once("next time --since-run ").unwrap();
    number.trim().parse().unwrap()
}

/// Lines by repository and day.
type Lines = BTreeMap<String, String>;

fn lines(text: &str) -> Lines {
    let key = |line: &str| line.splitn(3, ',').take(2).collect::<Vec<_>>().join(",");
    let lines = text.lines().skip(1).filter(|line| !line.ends_with(",gap"));
    lines.map(|line| (key(line), line.to_owned())).collect()
}

#[test]
fn increments_put_together_are_the_whole() {
    let sim = fleet();
    let house = synced(&sim);
    let mut copy = Lines::new();
    let mut run = 0;
    let mut told = Vec::new();
    for day in 0..24 {
        match day {
            5 => sim.zero_days(ZeroDays::new(Scope::All, "2026-03-14", "2026-03-15")),
            9 => sim.end_zero_days(),
            14 => sim.zero_days(ZeroDays::new(Scope::All, "2026-03-23", "2026-03-23")),
            15 => sim.pin("octo/b", Metric::Views, "2026-03-20", (900, 70)),
            _ => {}
        }
        if day > 0 {
            sim.advance_days(1);
        }
        // On some days nobody is there to ask, or nobody exports.
        if day % 6 == 4 {
            continue;
        }
        let synced = house.go("sync --all").exits(0);
        if day % 5 == 3 {
            continue;
        }
        let ran = house
            .go(&format!("export daily --since-run {run}"))
            .exits(0);
        let new = lines(&ran.out);
        told.push(new.len());
        copy.extend(new);
        run = next_run(&ran);
        drop(synced);
        let whole = lines(&house.go("export daily").exits(0).out);
        assert_eq!(copy, whole, "day {day}");
    }
    // Where nothing special happened: what the run before brought, told once more, and what is new.
    assert_eq!(told[2], 2 * REPOS.len(), "{told:?}");
    assert!(
        told[2..].iter().all(|rows| *rows <= 5 * REPOS.len()),
        "{told:?}"
    );
}

#[test]
fn the_number_of_the_run_is_told_by_sync_and_by_every_export() {
    let sim = fleet();
    let house = House::with(&sim);
    house.go("track octo/a").exits(0);
    let none = house.go("export daily --since-run 0").exits(0);
    assert_eq!(next_run(&none), 0);
    let account = house.go("sync --json").exits(0).json();
    assert_eq!(account["run"], 1);
    house
        .go("export daily")
        .exits(0)
        .says(&["newest run: 1; next time --since-run 1"]);
    // Nothing is new, and what came two hours before the run's beginning is told once more.
    sim.advance_secs(3 * 3600);
    let account = house.go("sync --json --all").exits(0).json();
    assert_eq!(account["run"], 2);
    let ran = house.go("export daily --since-run 2").exits(0);
    assert_eq!(next_run(&ran), 2);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    let lists = house.go("export referrers --since-run 2").exits(0).out;
    let all = house.go("export referrers").exits(0).out;
    assert!(lists.lines().count() <= all.lines().count());
    for table in [
        "weekly",
        "windows",
        "paths",
        "counters",
        "stars",
        "downloads",
    ] {
        house.go(&format!("export {table} --since-run 1")).exits(0);
    }
}

#[test]
fn an_increment_has_what_was_imported_or_merged_since() {
    let sim = fleet();
    let house = synced(&sim);
    let run = house.go("sync octo/a --json").exits(0).json()["run"]
        .as_u64()
        .unwrap();
    house.write(
        "old.txt",
        "gitratra_v1\n>octo/a\n#clones\n#views\n2020-05-01 7 3\n",
    );
    house.go("import old.txt").exits(0);
    let since = format!("export daily --since-run {run}");
    let rows = Exported::read(&house.go(&since).exits(0).out);
    assert_eq!(
        rows.row("octo/a", "2020-05-01").views,
        Some((7, 3)),
        "{rows:?}"
    );
    let other = House::empty();
    other.write(
        "older.txt",
        "gitratra_v1\n>octo/b\n#clones\n#views\n2019-05-01 5 2\n",
    );
    other.go("import older.txt").exits(0);
    let database = other.database();
    house.run(&["merge", database.to_str().unwrap()]).exits(0);
    let rows = Exported::read(&house.go(&since).exits(0).out);
    assert_eq!(rows.row("octo/b", "2019-05-01").views, Some((5, 2)));
}

#[test]
fn what_only_a_file_told_of_leaves_without_a_number_and_ends_ranges() {
    let house = House::empty();
    house.write(
        "old.txt",
        "gitratra_v1\n>octo/told\n#clones\n#views\n2020-05-01 7 3\n2020-06-30 5 2\n",
    );
    house.go("import old.txt").exits(0);
    let week = house.go("export daily --range 7d").exits(0).out;
    let rows = Exported::read(&week);
    assert_eq!(rows.days("octo/told").len(), 7, "{week}");
    assert_eq!(rows.row("octo/told", "2020-06-30").views, Some((5, 2)));
    house
        .go("export daily --format parquet -o days.parquet")
        .exits(0);
    let days = read(&house.path("days.parquet"));
    assert!(days.iter().all(|day| day.repo_id.is_none()));
    let text = house.go("export daily --format openmetrics").exits(0).out;
    assert!(text.contains("{repo=\"octo/told\"} 7 "), "{text}");
    // The newest day of an old file may have been running when it was written.
    assert!(!text.contains("} 5 "), "{text}");
    // It comes in again as it was.
    let other = House::empty();
    other
        .run(&["import", house.path("days.parquet").to_str().unwrap()])
        .exits(0);
    assert_eq!(other.export(), house.export());
}
