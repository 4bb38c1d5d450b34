//! Folders with more in them than one history.

use std::fs;
use std::path::Path;

use gitratra_core::import::Kind;
use gitratra_formats::import::Options;
use tempfile::TempDir;

use super::{Notes, left_out, sample, told, told_with};

const DAYS: &str = "Date,Total Views,Unique Views\n2026-01-02,3,2\n";
const STATE: &str = r#"{"totalClones": 1, "lastSeenDates": [], "dailyHistory": [
    {"date": "2026-01-02T00:00:00.000Z", "clones": 3, "uniqueClones": 2,
     "capturedAt": "2026-01-09T03:00:00.000Z"}]}"#;

fn put(root: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in files {
        put(root.path(), name, text);
    }
    root
}

fn csv() -> Options {
    let columns = "day=day,views=n,views_uniques=none".parse().ok();
    Options { columns }
}

fn is_refused(kind: Kind, root: &Path, options: &Options) {
    let error = told_with(kind, root, options).err().map(|e| e.to_string());
    let error = error.unwrap_or_default();
    assert!(error.contains("do not say of which repository"), "{error}");
    assert!(error.contains("one of them at a time"), "{error}");
}

#[test]
fn two_histories_of_nobody_are_not_joined() {
    let none = Options::default();
    let one = folder(&[("a/views.csv", DAYS), ("b/views.csv", DAYS)]);
    is_refused(Kind::Repohistory, one.path(), &none);
    let zip = fs::read(sample("repohistory/octo-alpha-data-csv.zip")).unwrap();
    let zips = tempfile::tempdir().unwrap();
    put(zips.path(), "a.zip", &zip);
    told(Kind::Repohistory, zips.path()).unwrap();
    put(zips.path(), "b.zip", &zip);
    is_refused(Kind::Repohistory, zips.path(), &none);
    let states = folder(&[("a/state.json", STATE), ("b/state.json", STATE)]);
    is_refused(Kind::GithubTrafficTracker, states.path(), &none);
    let table = "day,n\n2026-01-02,3\n";
    let tables = folder(&[("a/t.csv", table), ("b/t.csv", table)]);
    is_refused(Kind::Csv, tables.path(), &csv());
    // Parts of one history lie in one folder.
    let parts = folder(&[("2025.csv", table), ("2026.csv", table)]);
    let notes = told_with(Kind::Csv, parts.path(), &csv()).unwrap();
    assert_eq!(notes.facts.len(), 2);
}

fn sums(notes: &Notes) -> bool {
    notes.facts.iter().all(|fact| fact.ends_with("doubted"))
}

#[test]
fn sums_are_doubted_also_where_the_table_itself_is_named() {
    let table = "_date,total_views,unique_views\n2026-01-02,3,2\n";
    let lists = "referrer,count,uniques\nGoogle,3,2\n";
    let root = folder(&[("views.csv", table)]);
    let path = root.path().join("views.csv");
    assert!(!sums(&told(Kind::RepositoryTrafficAction, &path).unwrap()));
    put(root.path(), "referral_sources.csv", lists);
    assert!(sums(&told(Kind::RepositoryTrafficAction, &path).unwrap()));
    assert!(sums(
        &told(Kind::RepositoryTrafficAction, root.path()).unwrap()
    ));
    // Beside the folder of the table's day.
    put(root.path(), "2026-01-02/views.csv", table);
    let path = root.path().join("2026-01-02/views.csv");
    assert!(sums(&told(Kind::RepositoryTrafficAction, &path).unwrap()));
}

#[test]
fn files_of_another_kind_are_named() {
    let ours = "gitratra_v1\n>octo/a\n#clones\n#views\n2026-01-02 3 2\n";
    let unknown = "hello\n";
    let table = "day,n\n2026-01-02,3\n";
    let rta = "_date,total_views,unique_views\n2026-01-02,3,2\n";
    let answer = r#"{"count": 0, "uniques": 0, "views": []}"#;
    let archive = r#"[{"timestamp": "2026-01-02T00:00:00Z", "count": 3, "uniques": 2}]"#;
    let stats = "time_iso8601,clones_total,clones_unique,views_total,views_unique\n\
                 2026-01-02 00:00:00+00:00,1,1,1,1\n";
    for (kind, name, text) in [
        (Kind::Csv, "own.csv", table),
        (Kind::Repohistory, "views.csv", DAYS),
        (Kind::GithubTrafficTracker, "state.json", STATE),
        (Kind::RepositoryTrafficAction, "views.csv", rta),
        (Kind::TrafficArchive, "octo__a/views.json", archive),
        (Kind::Raw, "traffic_views.json", answer),
        (Kind::GithubRepoStats, "views_clones_aggregate.csv", stats),
    ] {
        let root = folder(&[
            (name, text),
            ("other/out.txt", ours),
            ("other/what.json", unknown),
            ("README.md", unknown),
        ]);
        let notes = told_with(kind, root.path(), &csv()).unwrap();
        left_out(
            &notes,
            "\"other/out.txt\" is of the kind gitratra: import it by itself",
        );
        left_out(&notes, "\"other/what.json\" is nothing that is known here");
        assert!(!notes.left_out.iter().any(|what| what.contains("README")));
    }
    let many: Vec<String> = (0..7).map(|at| format!("{at}.txt")).collect();
    let mut files: Vec<_> = many.iter().map(|name| (name.as_str(), ours)).collect();
    files.push(("views.csv", DAYS));
    let notes = told(Kind::Repohistory, folder(&files).path()).unwrap();
    left_out(
        &notes,
        "\"3.txt\", \"4.txt\" and 2 more are of the kind gitratra: import them by themselves",
    );
}

#[test]
fn each_list_is_dated_by_the_views_next_to_it() {
    let mut files = Vec::new();
    for (hour, newest) in [("02", "2026-01-05"), ("20", "2026-01-06")] {
        let first = if newest.ends_with('5') {
            "2025-12-23"
        } else {
            "2025-12-24"
        };
        let views = format!(
            r#"{{"count": 2, "uniques": 2, "views": [
                {{"timestamp": "{first}T00:00:00Z", "count": 1, "uniques": 1}},
                {{"timestamp": "{newest}T00:00:00Z", "count": 1, "uniques": 1}}]}}"#
        );
        files.push((format!("views_20260107_{hour}0000.json"), views));
        let list = r#"[{"referrer": "Google", "count": 3, "uniques": 2}]"#;
        files.push((
            format!("referrers_20260107_{hour}3000.json"),
            list.to_owned(),
        ));
    }
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let notes = told(Kind::Raw, folder(&files).path()).unwrap();
    let lists: Vec<_> = notes
        .facts
        .iter()
        .filter(|fact| fact.contains("Google"))
        .collect();
    assert_eq!(
        lists,
        [
            "? referrers window 2026-01-05 at 2026-01-07T02:30:00Z: Google 3/2",
            "? referrers window 2026-01-06 at 2026-01-07T20:30:00Z: Google 3/2",
        ]
    );
}
