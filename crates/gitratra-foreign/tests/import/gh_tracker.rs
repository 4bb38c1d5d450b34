//! rayketcham-lab/gh-tracker: days, and GitHub's answers beside them.

use gitratra_core::import::Kind;

use crate::heard::Heard;
use crate::made::Made;

const FIRST: [&str; 5] = [
    "create table daily_metrics (repo_name text not null, date text not null,
     views integer default 0, unique_visitors integer default 0, clones integer default 0,
     unique_cloners integer default 0, stars_total integer, forks_total integer,
     open_issues integer, open_prs integer, unique (repo_name, date))",
    "create table referrers (id integer primary key autoincrement, repo_name text not null,
     date text not null, referrer text not null, views integer default 0,
     unique_visitors integer default 0)",
    "create table popular_paths (id integer primary key autoincrement, repo_name text not null,
     date text not null, path text not null, title text default '', views integer default 0,
     unique_visitors integer default 0)",
    "create table etag_cache (endpoint text primary key, etag text not null)",
    "create table raw_responses (id integer primary key autoincrement, repo_name text not null,
     endpoint text not null, response_body text not null, collected_at text not null)",
];
const LATER: [&str; 3] = [
    "create table stargazers (repo_name text not null, username text not null, starred_at text,
     unique (repo_name, username))",
    "create table repo_metadata (repo_name text primary key, description text default '',
     stars integer default 0, forks integer default 0, watchers_count integer default 0,
     created_at text default '', collected_at text default '',
     health_percentage integer default 0)",
    "create table release_assets (repo_name text not null, release_tag text not null,
     asset_name text not null, download_count integer default 0)",
];

fn made(rows: &[&str]) -> Made {
    Made::of(&[&FIRST[..], &LATER[..], rows].concat())
}

fn answer(endpoint: &str, body: &str, at: &str) -> String {
    format!(
        "insert into raw_responses (repo_name, endpoint, response_body, collected_at)
         values ('octo/alpha', 'traffic/{endpoint}', '{body}', '{at}')"
    )
}

#[test]
fn both_versions_are_recognised() {
    let row = "insert into daily_metrics (repo_name, date, views, unique_visitors)
        values ('octo/alpha', '2026-04-01', 9, 4)";
    for made in [Made::of(&[&FIRST[..], &[row]].concat()), made(&[row])] {
        let kind = gitratra_foreign::recognise(&made.path).unwrap();
        assert_eq!(kind, Some(Kind::GhTracker));
        let heard = Heard::of(Kind::GhTracker, &made.path);
        assert_eq!(
            heard.facts,
            [
                "octo/alpha views 2026-04-01 9/4",
                "octo/alpha clones 2026-04-01 0/0 doubted",
            ]
        );
    }
}

#[test]
fn null_is_nothing_and_totals_are_told_where_they_are() {
    let made = made(&[
        "insert into daily_metrics (repo_name, date, views, unique_visitors, clones,
         unique_cloners, stars_total, forks_total) values
         ('octo/alpha', '2026-04-01', null, null, 5, 2, 12, null)",
    ]);
    let heard = Heard::of(Kind::GhTracker, &made.path);
    assert_eq!(
        heard.facts,
        [
            "octo/alpha clones 2026-04-01 5/2",
            "octo/alpha stars 2026-04-01 12"
        ]
    );
}

#[test]
fn answers_tell_when_and_the_people_of_a_whole_window() {
    let rows: Vec<String> = (1..=14)
        .map(|day| {
            let count = if day == 13 { 0 } else { 5 };
            let day = format!("2026-04-{day:02}T00:00:00Z");
            format!("{{\"timestamp\": \"{day}\", \"count\": {count}, \"uniques\": {count}}}")
        })
        .collect();
    let body = format!(
        "{{\"count\": 65, \"uniques\": 30, \"views\": [{}]}}",
        rows.join(", ")
    );
    let made = made(&[&answer("views", &body, "2026-04-15T06:00:03.123456+00:00")]);
    let heard = Heard::of(Kind::GhTracker, &made.path);
    assert_eq!(heard.facts.len(), 15);
    assert_eq!(
        heard.about("2026-04-13"),
        ["octo/alpha views 2026-04-13 0/0 at 2026-04-15T06:00:03.123456Z"]
    );
    assert_eq!(
        heard.about("window"),
        ["octo/alpha views window to 2026-04-14 30"]
    );
}

#[test]
fn a_list_is_told_once_with_the_best_time_there_is() {
    let referrers = r#"[{"referrer": "Google", "count": 10, "uniques": 5}]"#;
    let paths = r#"[{"path": "/octo/alpha", "title": "Overview", "count": 7, "uniques": 4}]"#;
    let made = made(&[
        &answer("referrers", referrers, "2026-04-15T06:00:03+00:00"),
        &answer("referrers", "[]", "2026-04-16T18:00:00+00:00"),
        &answer("paths", paths, "2026-04-15T18:00:00+00:00"),
        "insert into referrers (repo_name, date, referrer, views, unique_visitors) values
         ('octo/alpha', '2026-04-15', 'Google', 10, 5),
         ('octo/alpha', '2026-04-10', 'Bing', 3, 1)",
    ]);
    let heard = Heard::of(Kind::GhTracker, &made.path);
    assert_eq!(
        heard.about("to"),
        [
            "octo/alpha paths to 2026-04-14 at 2026-04-15T18:00:00Z: /octo/alpha (Overview) 7/4",
            "octo/alpha referrers to 2026-04-09 at 2026-04-10T09:00:00Z: Bing 3/1",
            "octo/alpha referrers to 2026-04-13 at 2026-04-15T06:00:03Z: Google 10/5",
            "octo/alpha referrers to 2026-04-15 at 2026-04-16T18:00:00Z: ",
        ]
    );
}

#[test]
fn an_answer_older_than_its_days_is_left_out() {
    let body = r#"{"count": 5, "uniques": 2,
        "clones": [{"timestamp": "2026-04-02T00:00:00Z", "count": 5, "uniques": 2}]}"#;
    let made = made(&[&answer("clones", body, "2026-04-01T06:00:00+00:00")]);
    let heard = Heard::of(Kind::GhTracker, &made.path);
    assert!(heard.facts.is_empty());
    assert!(heard.notes("answers that are older than the days"));
}

#[test]
fn an_answer_that_cannot_be_is_an_error_with_its_row() {
    for body in [
        "",
        "[",
        "{}",
        r#"{"count": 1, "uniques": 2, "views": []}"#,
        r#"{"count": 1, "uniques": 1, "views": [{"timestamp": "x", "count": 1, "uniques": 1}]}"#,
        r#"{"count": -1, "uniques": 1, "views": []}"#,
    ] {
        let made = made(&[&answer("views", body, "2026-04-15T06:00:00+00:00")]);
        let error = Heard::error(Kind::GhTracker, &made.path).to_string();
        let place = "table \"raw_responses\", row 1, column \"response_body\": found ";
        assert!(error.contains(place), "{body}: {error}");
    }
}

#[test]
fn stars_are_not_taken_from_a_row_that_was_written_anew_without_them() {
    let made = made(&[
        "insert into repo_metadata (repo_name, health_percentage, collected_at) values
         ('octo/alpha', 80, '2026-04-15T06:00:00+00:00')",
        "insert into repo_metadata (repo_name, stars, forks, created_at, collected_at) values
         ('octo/beta', 12, 0, '2020-01-01T00:00:00Z', '2026-04-15T06:00:00+00:00')",
    ]);
    let heard = Heard::of(Kind::GhTracker, &made.path);
    assert_eq!(
        heard.facts,
        [
            "octo/beta stars 2026-04-15 12",
            "octo/beta forks 2026-04-15 0"
        ]
    );
}

#[test]
fn people_are_left_out() {
    let made = made(&["insert into stargazers values ('octo/alpha', 'somebody', '2026-01-01')"]);
    let heard = Heard::of(Kind::GhTracker, &made.path);
    assert!(heard.facts.is_empty());
    assert!(heard.notes("who gave stars"));
    assert!(!format!("{heard:?}").contains("somebody"));
}
