//! The files of other tools.

use std::fs;

use gitratra_core::import::Kind;

use super::{check, left_out, refused, sample, told, told_of};

#[test]
fn fragments_are_answers_with_their_time_and_beat_the_aggregate() {
    let notes = told(Kind::GithubRepoStats, &sample("github-repo-stats")).unwrap();
    let name = "jgehrcke/github-repo-stats?";
    let has = |fact: &str| notes.facts.contains(&format!("{name} {fact}"));
    let lines_of = |part: &str| {
        let lines = notes.facts.iter().filter(|fact| fact.contains(part));
        lines.count()
    };
    // The oldest day of a window shrank, and was gone a day later.
    assert!(has("views 2021-10-05 8/6 at 2021-10-18T23:01:41Z"));
    assert_eq!(lines_of("views 2021-10-05"), 1);
    // A day grew between two readings; both are told.
    assert!(has("views 2021-10-18 2/2 at 2021-10-18T23:01:41Z"));
    assert!(has("views 2021-10-18 3/3 at 2021-10-19T23:01:25Z"));
    // Empty between two rows of the same metric is GitHub's zero, beyond the newest it is nothing.
    assert!(has("clones 2021-10-08 0/0 at 2021-10-18T23:01:41Z"));
    assert!(has("views 2021-10-09 0/0 at 2021-10-18T23:01:41Z"));
    assert!(
        !notes
            .facts
            .iter()
            .any(|fact| fact.contains("clones 2021-10-15 0/0 at 2021-10-18"))
    );
    // What no fragment has comes from the aggregate, whose zeros are the tool's.
    assert!(has("views 2021-01-18 3/2"));
    assert!(has("clones 2021-01-18 0/0 doubted"));
    assert!(has("views 2021-10-04 3/3"));
    assert_eq!(lines_of("clones 2021-10-16"), 1);
    assert!(has(
        "referrers window 2024-10-09 at 2024-10-10T23:18:23Z: Google 25/17, cdcgov.github.io 15/2, \
         github.com 13/7, qwant.com 2/1, gitcode.com 1/1, yandex.ru 1/1, kkgithub.com 1/1"
    ));
    assert!(has("stars 2021-01-14 4") && has("forks 2021-04-07 2"));
    left_out(&notes, "stars taken back");
}

#[test]
fn a_folder_that_names_nobody_is_of_nobody() {
    let home = "github-repo-stats/jgehrcke/github-repo-stats/ghrs-data";
    let notes = told(Kind::GithubRepoStats, &sample(home)).unwrap();
    assert!(notes.facts.iter().all(|fact| fact.starts_with("? ")));
}

#[test]
fn a_fragment_cannot_tell_of_days_after_it() {
    refused(
        Kind::GithubRepoStats,
        "time_iso8601,clones_total,clones_unique,views_total,views_unique\n\
         2026-01-02 00:00:00+00:00,,,1,1\n",
        "2026-01-01_230000_views_clones_series_fragment.csv",
        "\"2026-01-01_230000_views_clones_series_fragment.csv\" line 1, column 1: day 2026-01-02 is \
         in the future, the answer was made on 2026-01-01, expected days up to the time in its name",
    );
}

#[test]
fn stars_of_one_day_are_the_last_of_it() {
    let text = "time_iso8601,stars_cumulative\n2021-01-14 17:41:02+00:00,1\n\
                2021-01-14 17:45:57+00:00,2\n2021-01-22 20:47:55+00:00,3\n";
    let notes = told_of(Kind::GithubRepoStats, text.as_bytes(), "stars.csv").unwrap();
    assert_eq!(
        notes.facts,
        ["? stars 2021-01-14 2", "? stars 2021-01-22 3"]
    );
}

#[test]
fn unsorted_tables_with_holes_are_githubs_rows() {
    check(
        Kind::RepositoryTrafficAction,
        "repository-traffic-action/traffic",
        &[
            "? clones 2023-01-30 30/4",
            "? clones 2023-01-31 26/1",
            "? clones 2023-02-01 34/3",
            "? clones 2025-05-03 11/9",
            "? clones 2025-05-04 1/1",
            "? clones 2023-02-02 5/2",
            "? clones 2023-02-03 7/3",
            "? views 2023-01-30 23/5",
            "? views 2023-01-31 52/7",
            "? views 2023-02-01 30/8",
            "? views 2025-05-03 62/28",
            "? views 2025-05-04 62/17",
            "? views 2023-02-02 42/9",
            "? views 2023-02-03 39/10",
        ],
    );
}

#[test]
fn zeros_before_github_gave_any_are_doubted() {
    let text = "_date,total_clones,unique_clones\n2025-12-16,0,0\n2025-12-17 00:00:00,0,0\n";
    let notes = told_of(Kind::RepositoryTrafficAction, text.as_bytes(), "clones.csv").unwrap();
    let expected = ["? clones 2025-12-16 0/0 doubted", "? clones 2025-12-17 0/0"];
    assert_eq!(notes.facts, expected);
}

#[test]
fn sums_of_the_descendant_are_doubted_and_its_snapshots_are_not() {
    let notes = check(
        Kind::RepositoryTrafficAction,
        "repository-traffic-action/plus",
        &[
            "? views 2026-01-06 14/6 doubted",
            "? views 2026-01-07 0/0 doubted",
            "? paths window 2026-01-07 at 2026-01-08T23:59:59Z: /octo/alpha 12/7",
            "? views 2026-01-06 7/3",
            "? views 2026-01-07 0/0 doubted",
            "? views 2026-01-08 2/1 at 2026-01-08T23:59:59Z",
        ],
    );
    left_out(&notes, "adds up");
    left_out(&notes, "referral_sources.csv");
}

#[test]
fn only_what_github_said_is_taken_from_a_gist() {
    let notes = check(
        Kind::GithubTrafficTracker,
        "github-traffic-tracker",
        &[
            "octo/alpha views 2026-01-30 120/1 at 2026-01-30T23:59:59Z",
            "octo/alpha clones 2026-01-30 15/1 at 2026-01-30T23:59:59Z",
            "? views 2026-02-10 0/0 at 2026-02-24T03:01:05Z",
            "? clones 2026-02-10 26/20 at 2026-02-24T03:01:05Z",
            "? views 2026-02-22 226/90 at 2026-02-24T03:01:05Z",
            "? clones 2026-02-22 94/1 at 2026-02-22T23:59:59Z",
            "? clones 2026-02-23 5/4 at 2026-02-24T03:01:05Z doubted",
            "? views 2026-02-24 0/0 at 2026-02-24T03:01:05Z doubted",
            "? clones 2026-02-24 0/0 at 2026-02-24T03:01:05Z doubted",
            "? stars 2026-02-24 79",
            "? forks 2026-02-24 3",
            "? referrers window 2026-02-22 at 2026-02-24T03:01:05Z: Google 98/48",
            "? paths window 2026-02-22 at 2026-02-24T03:01:05Z: /octo/alpha 24/9",
        ],
    );
    left_out(&notes, "organic");
    left_out(&notes, "uniques of days");
    left_out(&notes, "stars and forks by day");
}

#[test]
fn an_archive_of_traffic_is_githubs_rows_and_dated_lists() {
    let name = "traffic-archive";
    let expected = [
        "octo/alpha views 2026-08-10 0/0",
        "octo/alpha views 2026-08-11 26/3",
        "octo/alpha clones 2026-08-11 2/1",
        "octo/alpha referrers window 2026-08-10 at 2026-08-12T23:59:59Z: github.com 3/2",
        "octo/alpha referrers window 2026-08-11 at 2026-08-13T23:59:59Z: ",
        "octo/alpha paths window 2026-08-11 at 2026-08-13T23:59:59Z: /octo/alpha 9/3",
    ];
    check(Kind::TrafficArchive, name, &expected);
    check(
        Kind::TrafficArchive,
        "traffic-archive/octo__alpha",
        &expected,
    );
}

#[test]
fn zeros_of_repohistory_are_doubted_and_old_days_are_lower_bounds() {
    let expected = [
        "? clones 2026-01-01 1/1",
        "? views 2025-12-16 9/4 at 2025-12-16T23:59:59Z",
        "? views 2026-01-01 3/2",
        "? views 2026-01-02 0/0 doubted",
    ];
    let zip = "repohistory/octo-alpha-data-csv.zip";
    let notes = check(Kind::Repohistory, zip, &expected);
    left_out(&notes, "rolling totals");
    let folder = tempfile::tempdir().unwrap();
    for name in ["views.csv", "clones.csv", "referrers.csv"] {
        fs::copy(sample("repohistory").join(name), folder.path().join(name)).unwrap();
    }
    let notes = told(Kind::Repohistory, folder.path()).unwrap();
    assert_eq!(notes.facts, expected);
    left_out(&notes, "rolling totals");
}
