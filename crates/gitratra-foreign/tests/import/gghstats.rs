//! hrodrig/gghstats in every version of its tables.

use gitratra_core::import::Kind;

use crate::heard::Heard;
use crate::made::Made;

/// The tables of a `user_version` from 1 to 5.
pub(crate) fn tables(version: u32) -> Vec<String> {
    let day = |table: &str| {
        format!(
            "create table {table} (repo text not null, date text not null,
             count integer not null, uniques integer not null, primary key (repo, date))"
        )
    };
    let mut statements = vec![
        day("views"),
        day("clones"),
        "create table referrers (repo text not null, date text not null, referrer text not null,
         count integer not null, uniques integer not null, primary key (repo, date, referrer))"
            .into(),
        "create table paths (repo text not null, date text not null, path text not null,
         title text not null, count integer not null, uniques integer not null,
         primary key (repo, date, path))"
            .into(),
    ];
    if version >= 2 {
        statements.push(
            "create table repos (name text primary key, description text default '',
             stars integer not null default 0, forks integer not null default 0,
             watchers integer not null default 0, issues integer not null default 0,
             prs integer not null default 0, fork integer not null default 0,
             archived integer not null default 0, hidden integer not null default 0,
             updated_at text not null default '')"
                .into(),
        );
        statements.push(
            "create table stars (repo text not null, date text not null, total integer not null,
             primary key (repo, date))"
                .into(),
        );
        for (table, column) in [
            ("referrers", "count_delta"),
            ("referrers", "uniques_delta"),
            ("paths", "count_delta"),
            ("paths", "uniques_delta"),
        ] {
            statements.push(format!(
                "alter table {table} add column {column} integer not null default 0"
            ));
        }
    }
    if version >= 3 {
        statements
            .push("alter table repos add column parent_full_name text not null default ''".into());
    }
    if version >= 4 {
        statements.push(
            "alter table repos add column last_seen_star_count integer not null default -1".into(),
        );
        statements
            .push("alter table repos add column last_starred_at text not null default ''".into());
    }
    if version >= 5 {
        statements.push(
            "create table alert_debounce (rule_key text not null primary key, stamp text not null)"
                .into(),
        );
    }
    statements.push(format!("pragma user_version = {version}"));
    statements
}

fn made(version: u32, rows: &[&str]) -> Made {
    let tables = tables(version);
    let all: Vec<&str> = tables
        .iter()
        .map(String::as_str)
        .chain(rows.to_vec())
        .collect();
    Made::of(&all)
}

#[test]
fn every_version_is_recognised_and_tells_its_days() {
    for version in 1..=5 {
        let made = made(
            version,
            &[
                "insert into views values ('octo/alpha', '2026-03-01', 90, 14),
                 ('octo/alpha', '2026-03-03', 0, 0)",
                "insert into clones values ('octo/alpha', '2026-03-01', 5, 2)",
                "insert into referrers (repo, date, referrer, count, uniques) values
                 ('octo/alpha', '2026-03-02', 'Google', 10, 5)",
                "insert into paths (repo, date, path, title, count, uniques) values
                 ('octo/alpha', '2026-03-02', '/octo/alpha', 'Overview', 7, 4)",
            ],
        );
        let kind = gitratra_foreign::recognise(&made.path).unwrap();
        assert_eq!(kind, Some(Kind::Gghstats), "version {version}");
        let heard = Heard::of(Kind::Gghstats, &made.path);
        assert_eq!(
            heard.facts,
            [
                "octo/alpha views 2026-03-01 90/14",
                "octo/alpha views 2026-03-03 0/0",
                "octo/alpha clones 2026-03-01 5/2",
                "octo/alpha referrers to 2026-03-01 at 2026-03-02T09:00:00Z: Google 10/5",
                "octo/alpha paths to 2026-03-01 at 2026-03-02T09:00:00Z: \
                 /octo/alpha (Overview) 7/4",
            ],
            "version {version}"
        );
        assert!(heard.notes("referrers: the differences"));
    }
}

#[test]
fn stars_and_forks_are_taken_with_a_note_that_they_never_fall() {
    let made = made(
        5,
        &[
            "insert into stars values ('octo/alpha', '2026-03-01', 12)",
            "insert into repos (name, stars, forks, updated_at) values
             ('octo/alpha', 15, 3, '2026-03-02 23:59:59'), ('octo/beta', 1, 9, '')",
        ],
    );
    let heard = Heard::of(Kind::Gghstats, &made.path);
    assert_eq!(
        heard.facts,
        [
            "octo/alpha stars 2026-03-01 12",
            "octo/alpha forks 2026-03-02 3"
        ]
    );
    assert!(heard.notes("stars taken away"));
    assert!(heard.notes("forks that went"));
}

#[test]
fn an_empty_database_tells_nothing_and_leaves_nothing_out() {
    let heard = Heard::of(Kind::Gghstats, &made(5, &[]).path);
    assert!(heard.facts.is_empty() && heard.notes.is_empty());
}

#[test]
fn more_people_than_events_are_an_error_with_the_row() {
    let made = made(
        3,
        &[
            "insert into clones values ('octo/a', '2026-03-01', 1, 1), ('octo/a', '2026-03-02', 1, 2)",
        ],
    );
    let error = Heard::error(Kind::Gghstats, &made.path).to_string();
    let place = "table \"clones\", row 2, column \"uniques\": found 2, expected at most the 1";
    assert!(error.contains(place), "{error}");
}
