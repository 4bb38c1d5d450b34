//! vladkens/ghstats in every version of its tables.

use gitratra_core::import::Kind;

use crate::heard::Heard;
use crate::made::Made;

const COUNTERS: &str = "stars integer not null default 0, forks integer not null default 0,
    watchers integer not null default 0, issues integer not null default 0,
    clones_count integer not null default 0, clones_uniques integer not null default 0,
    views_count integer not null default 0, views_uniques integer not null default 0";

/// Before the first release.
fn first() -> Vec<String> {
    vec![
        "create table repos (id integer primary key, name text not null)".into(),
        format!(
            "create table repo_stats (id integer not null, date text not null, {COUNTERS},
             primary key (id, date))"
        ),
    ]
}

/// The three versions of the releases, by `user_version`.
fn released(version: u32) -> Vec<String> {
    let list = |table: &str, keys: &str, last: &str| {
        format!(
            "create table {table} (repo_id integer not null, date text not null, {keys},
             count integer not null default 0, uniques integer not null default 0,
             count_delta integer not null default 0, uniques_delta integer not null default 0,
             primary key (repo_id, date, {last}))"
        )
    };
    let mut statements = vec![
        "create table repos (id integer primary key, name text not null,
         description text default null, archived boolean default false)"
            .into(),
        format!(
            "create table repo_stats (repo_id integer not null, date text not null, {COUNTERS},
             primary key (repo_id, date))"
        ),
        list("repo_referrers", "referrer text not null", "referrer"),
        list(
            "repo_popular_paths",
            "path text not null, title text not null",
            "path",
        ),
    ];
    if version >= 2 {
        for column in ["stars_synced", "fork", "hidden"] {
            statements.push(format!(
                "alter table repos add column {column} boolean default false"
            ));
        }
    }
    if version >= 3 {
        statements.push("alter table repo_stats add column prs integer not null default 0".into());
    }
    statements.push(format!("pragma user_version = {version}"));
    statements
}

fn made(version: u32, rows: &[&str]) -> Made {
    let tables = released(version);
    let all: Vec<&str> = tables
        .iter()
        .map(String::as_str)
        .chain(rows.to_vec())
        .collect();
    Made::of(&all)
}

const ALPHA: &str = "insert into repos (id, name) values (833875266, 'octo/alpha')";

fn stats(values: &str) -> String {
    format!(
        "insert into repo_stats (repo_id, date, stars, forks, watchers, issues, clones_count,
         clones_uniques, views_count, views_uniques) values (833875266, {values})"
    )
}

#[test]
fn every_version_is_recognised_and_tells_the_same() {
    let row = stats("'2026-03-01T00:00:00Z', 12, 3, 12, 4, 5, 2, 90, 14");
    for version in 1..=3 {
        let made = made(version, &[ALPHA, &row]);
        let kind = gitratra_foreign::recognise(&made.path).unwrap();
        assert_eq!(kind, Some(Kind::Ghstats), "version {version}");
        let heard = Heard::of(Kind::Ghstats, &made.path);
        assert_eq!(
            heard.facts,
            [
                "octo/alpha@833875266 views 2026-03-01 90/14",
                "octo/alpha@833875266 clones 2026-03-01 5/2",
                "octo/alpha@833875266 stars 2026-03-01 12",
                "octo/alpha@833875266 forks 2026-03-01 3",
            ]
        );
        assert!(heard.notes("watchers:"));
    }
}

#[test]
fn the_table_from_before_the_first_release_is_read_too() {
    let tables = first();
    let mut all: Vec<&str> = tables.iter().map(String::as_str).collect();
    let row = stats("'2024-07-20T00:00:00Z', 1, 0, 1, 0, 5, 2, 0, 0").replace("repo_id", "id");
    all.extend([ALPHA, &row]);
    let made = Made::of(&all);
    let kind = gitratra_foreign::recognise(&made.path).unwrap();
    assert_eq!(kind, Some(Kind::Ghstats));
    let heard = Heard::of(Kind::Ghstats, &made.path);
    assert_eq!(
        heard.about("clones"),
        ["octo/alpha@833875266 clones 2024-07-20 5/2"]
    );
}

#[test]
fn a_zero_that_may_be_a_default_is_doubted() {
    let counted_only = stats("'2026-03-01', 12, 3, 12, 4, 0, 0, 0, 0");
    let one_of_two = stats("'2026-03-02', 12, 3, 12, 4, 5, 2, 0, 0");
    let made = made(3, &[ALPHA, &counted_only, &one_of_two]);
    let heard = Heard::of(Kind::Ghstats, &made.path);
    assert_eq!(
        heard.about("views"),
        [
            "octo/alpha@833875266 views 2026-03-01 0/0 doubted",
            "octo/alpha@833875266 views 2026-03-02 0/0",
        ]
    );
    assert_eq!(
        heard.about("clones"),
        [
            "octo/alpha@833875266 clones 2026-03-01 0/0 doubted",
            "octo/alpha@833875266 clones 2026-03-02 5/2",
        ]
    );
}

#[test]
fn stars_and_forks_that_may_be_defaults_are_not_told() {
    let traffic_only = stats("'2026-03-01', 0, 0, 0, 0, 5, 2, 9, 4");
    let from_history = stats("'2020-03-01', 7, 0, 0, 0, 0, 0, 0, 0");
    let no_stars_yet = stats("'2026-03-03', 0, 1, 0, 0, 5, 2, 9, 4");
    let made = made(3, &[ALPHA, &traffic_only, &from_history, &no_stars_yet]);
    let heard = Heard::of(Kind::Ghstats, &made.path);
    assert_eq!(
        heard.about("stars"),
        [
            "octo/alpha@833875266 stars 2020-03-01 7",
            "octo/alpha@833875266 stars 2026-03-03 0",
        ]
    );
    assert_eq!(
        heard.about("forks"),
        ["octo/alpha@833875266 forks 2026-03-03 1"]
    );
    assert!(heard.notes("stars taken away"));
}

#[test]
fn fewer_issues_than_pull_requests_hurt_nobody() {
    let row = stats("'2026-03-01', 1, 0, 1, -2, 5, 2, 9, 4");
    let heard = Heard::of(Kind::Ghstats, &made(3, &[ALPHA, &row]).path);
    assert_eq!(
        heard.about("stars"),
        ["octo/alpha@833875266 stars 2026-03-01 1"]
    );
}

#[test]
fn lists_are_rolling_totals_of_their_day_and_never_differences() {
    let made = made(
        3,
        &[
            ALPHA,
            "insert into repo_referrers values
             (833875266, '2026-03-01T00:00:00Z', 'Google', 10, 5, 10, 5),
             (833875266, '2026-03-02T00:00:00Z', 'Google', 14, 6, 4, 1),
             (833875266, '2026-03-02T00:00:00Z', 'github.com', 20, 6, 20, 6)",
            "insert into repo_popular_paths values
             (833875266, '2026-03-02T00:00:00Z', '/octo/alpha', 'Overview', 7, 4, 7, 4),
             (833875266, '2026-03-02T00:00:00Z', '/octo/alpha/issues', '', 8, 4, 8, 4)",
        ],
    );
    let heard = Heard::of(Kind::Ghstats, &made.path);
    assert_eq!(
        heard.facts,
        [
            "octo/alpha@833875266 referrers to 2026-02-28 at 2026-03-01T09:00:00Z: Google 10/5",
            "octo/alpha@833875266 referrers to 2026-03-01 at 2026-03-02T09:00:00Z: \
             github.com 20/6, Google 14/6",
            "octo/alpha@833875266 paths to 2026-03-01 at 2026-03-02T09:00:00Z: \
             /octo/alpha/issues 8/4, /octo/alpha (Overview) 7/4",
        ]
    );
    assert!(heard.notes("referrers: the differences"));
    assert!(heard.notes("paths: the differences"));
}

#[test]
fn a_list_of_several_readings_keeps_its_ten_largest() {
    let rows: Vec<String> = (1..=13)
        .map(|n| format!("(833875266, '2026-03-01', 'site{n:02}', {n}, 1, 0, 0)"))
        .collect();
    let insert = format!("insert into repo_referrers values {}", rows.join(", "));
    let heard = Heard::of(Kind::Ghstats, &made(3, &[ALPHA, &insert]).path);
    let list = heard.about("referrers")[0];
    assert!(list.contains("site13 13/1, site12 12/1"), "{list}");
    assert!(list.ends_with("site04 4/1"), "{list}");
    assert!(heard.notes("referrers: lines beyond the ten largest"));
}

#[test]
fn a_name_that_two_repositories_bore_stays_two_repositories() {
    let made = made(
        3,
        &[
            "insert into repos (id, name, hidden) values (1, 'octo/alpha', true),
             (2, 'octo/alpha', false)",
            "insert into repo_stats (repo_id, date, views_count, views_uniques) values
             (1, '2025-01-01', 5, 5), (2, '2026-03-01', 6, 6), (3, '2026-03-01', 7, 7)",
        ],
    );
    let heard = Heard::of(Kind::Ghstats, &made.path);
    assert_eq!(
        heard.about("views"),
        [
            "octo/alpha@1 views 2025-01-01 5/5",
            "octo/alpha@2 views 2026-03-01 6/6",
        ]
    );
    assert!(heard.notes("days of repositories that are not in table \"repos\""));
}

#[test]
fn values_that_cannot_be_are_named_by_table_row_and_column() {
    let check = |values: &str, expected: &str| {
        let good = stats("'2026-02-01', 1, 1, 1, 1, 5, 2, 9, 4");
        let made = made(3, &[ALPHA, &good, &stats(values)]);
        let error = Heard::error(Kind::Ghstats, &made.path).to_string();
        let place = format!("some.db\": table \"repo_stats\", row 2, {expected}; ");
        assert!(error.contains(&place), "{error}");
    };
    check(
        "'2026-03-01', 1, 1, 1, 1, 5, 2, -9, 4",
        "column \"views_count\": found -9, expected a whole number from 0 on",
    );
    check(
        "'2026-03-01', 1, 1, 1, 1, 5, 6, 9, 4",
        "column \"clones_uniques\": found 6, expected at most the 5 of column \"clones_count\"",
    );
    check(
        "'2026-03-01', 1, 1, 1, 1, 5, 2, 'many', 4",
        "column \"views_count\": found \"many\", expected a whole number from 0 on",
    );
    check(
        "'2026-03-01', 1, 1, 1, 1, 5, 2, 9.5, 4",
        "column \"views_count\": found 9.5, expected a whole number from 0 on",
    );
    check(
        "'2026-03-01', 1, 1, 1, 1, 5, 2, 1000000000000, 4",
        "column \"views_count\": found 1000000000000, expected a number below 1000000000000",
    );
    check(
        "'2026-03-01', 1000000000000, 1, 1, 1, 5, 2, 9, 4",
        "column \"stars\": found 1000000000000, expected a number below 1000000000000",
    );
    check(
        "'1.3.2026', 1, 1, 1, 1, 5, 2, 9, 4",
        "column \"date\": found \"1.3.2026\", expected a UTC day as YYYY-MM-DD, or its midnight \
         as YYYY-MM-DDT00:00:00Z",
    );
    check(
        "'2026-03-01T07:00:00Z', 1, 1, 1, 1, 5, 2, 9, 4",
        "column \"date\": found \"2026-03-01T07:00:00Z\", expected a UTC day as YYYY-MM-DD, or \
         its midnight as YYYY-MM-DDT00:00:00Z",
    );
}

#[test]
fn a_name_that_github_cannot_have_given_is_an_error() {
    let made = made(3, &["insert into repos (id, name) values (7, 'alpha')"]);
    let error = Heard::error(Kind::Ghstats, &made.path).to_string();
    let place = "table \"repos\", row 7, column \"name\": found \"alpha\"";
    assert!(error.contains(place), "{error}");
}
