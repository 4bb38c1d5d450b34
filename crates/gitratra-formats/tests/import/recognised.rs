//! Files and folders are known by what is in them.

use std::fs;
use std::path::Path;

use gitratra_core::import::Kind;
use gitratra_formats::import::recognise;

use super::sample;

#[test]
fn every_sample_is_what_it_is() {
    for (name, kind) in [
        ("gitratra/out.txt", Kind::Gitratra),
        ("gitratra", Kind::Gitratra),
        ("daily/daily.csv", Kind::Daily),
        ("daily/daily.json", Kind::Daily),
        ("daily/daily.jsonl", Kind::Daily),
        ("github-repo-stats", Kind::GithubRepoStats),
        (
            "github-repo-stats/jgehrcke/github-repo-stats/ghrs-data/stargazers.csv",
            Kind::GithubRepoStats,
        ),
        ("repository-traffic-action", Kind::RepositoryTrafficAction),
        (
            "repository-traffic-action/traffic/views.csv",
            Kind::RepositoryTrafficAction,
        ),
        ("github-traffic-tracker", Kind::GithubTrafficTracker),
        (
            "github-traffic-tracker/state.json",
            Kind::GithubTrafficTracker,
        ),
        ("traffic-archive", Kind::TrafficArchive),
        ("repohistory/octo-alpha-data-csv.zip", Kind::Repohistory),
        ("repohistory", Kind::Repohistory),
        ("csv/semicolons.csv", Kind::Csv),
        ("raw", Kind::Raw),
        ("raw-heads/clones.txt", Kind::Raw),
    ] {
        assert_eq!(recognise(&sample(name)).unwrap(), Some(kind), "{name}");
    }
}

#[test]
fn a_name_alone_makes_no_kind() {
    let root = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = root.path().join(name);
        fs::write(&path, bytes).unwrap();
        recognise(&path).unwrap()
    };
    assert_eq!(put("views.csv", b"hello\n"), None);
    assert_eq!(put("state.json", b"not JSON"), None);
    assert_eq!(put("export.zip", b"PK\x03\x04 cut"), None);
    assert_eq!(put("stats.db", b"SQLite format 3\0"), None);
    assert_eq!(put("no-extension", b"gitratra_v1"), Some(Kind::Gitratra));
    assert!(recognise(Path::new("/no/such/file")).is_err());
}
