//! bulletinmybeard/github-traffic-vault: days, every change of them, and lists by run.

use gitratra_core::import::Kind;

use crate::heard::Heard;
use crate::made::Made;

const FIRST: [&str; 8] = [
    "create table repos (id integer not null primary key, owner varchar not null,
     name varchar not null, full_name varchar not null unique, is_fork boolean not null,
     is_archived boolean not null, stargazers integer not null, forks integer not null,
     watchers integer not null, first_seen_at datetime not null, last_seen_at datetime not null)",
    "create table sync_runs (id integer not null primary key, started_at datetime not null)",
    "create table repo_syncs (id integer not null primary key, sync_run_id integer not null,
     repo_id integer not null, started_at datetime not null, finished_at datetime)",
    "create table daily_views (repo_id integer not null, date date not null,
     count integer not null, uniques integer not null, first_seen_at datetime not null,
     last_changed_at datetime not null, change_count integer not null,
     primary key (repo_id, date))",
    "create table daily_clones (repo_id integer not null, date date not null,
     count integer not null, uniques integer not null, first_seen_at datetime not null,
     last_changed_at datetime not null, change_count integer not null,
     primary key (repo_id, date))",
    "create table referrer_snapshots (id integer not null primary key,
     sync_run_id integer not null, repo_id integer not null, referrer varchar not null,
     count integer not null, uniques integer not null)",
    "create table path_snapshots (id integer not null primary key, sync_run_id integer not null,
     repo_id integer not null, path varchar not null, title varchar, count integer not null,
     uniques integer not null)",
    "create table change_events (id integer not null primary key, sync_run_id integer not null,
     repo_id integer not null, kind varchar not null, date date not null, prev_count integer,
     new_count integer not null, count_delta integer not null, prev_uniques integer,
     new_uniques integer not null, uniques_delta integer not null,
     recorded_at datetime not null)",
];
const LATER: [&str; 3] = [
    "alter table repos add column created_at datetime",
    "alter table repos add column open_pr_count integer",
    "alter table repos add column is_private boolean default 0",
];
const ALPHA: &str = "insert into repos (id, owner, name, full_name, is_fork, is_archived,
    stargazers, forks, watchers, first_seen_at, last_seen_at) values
    (1, 'octo', 'alpha', 'octo/alpha', 0, 0, 12, 3, 12, '2026-06-07 10:00:00.000000',
     '2026-06-09 23:30:00.000000')";

fn made(rows: &[&str]) -> Made {
    Made::of(&[&FIRST[..], &LATER[..], rows].concat())
}

#[test]
fn both_versions_are_recognised_and_tell_stars_and_forks() {
    for made in [Made::of(&[&FIRST[..], &[ALPHA]].concat()), made(&[ALPHA])] {
        let kind = gitratra_foreign::recognise(&made.path).unwrap();
        assert_eq!(kind, Some(Kind::TrafficVault));
        let heard = Heard::of(Kind::TrafficVault, &made.path);
        assert_eq!(
            heard.facts,
            [
                "octo/alpha stars 2026-06-09 12",
                "octo/alpha forks 2026-06-09 3"
            ]
        );
        assert!(heard.notes("watchers:"));
    }
}

#[test]
fn every_value_that_a_day_had_is_told_with_its_time() {
    let made = made(&[
        ALPHA,
        "insert into daily_views values (1, '2026-06-01', 18, 6, '2026-06-07 10:00:00.000000',
         '2026-06-15 10:00:00.250000', 2)",
        "insert into daily_clones values (1, '2026-06-01', 0, 0, '2026-06-07 10:00:00',
         '2026-06-07 10:00:00', 1)",
        "insert into change_events values
         (1, 1, 1, 'views', '2026-06-01', null, 73, 73, null, 20, 20, '2026-06-07 10:00:00.5'),
         (2, 9, 1, 'views', '2026-06-01', 73, 18, -55, 20, 6, -14, '2026-06-15 10:00:00'),
         (3, 9, 1, 'else', 'no day', 73, 18, -55, 20, 6, -14, '')",
    ]);
    let heard = Heard::of(Kind::TrafficVault, &made.path);
    assert_eq!(
        heard.about("2026-06-01"),
        [
            "octo/alpha clones 2026-06-01 0/0 at 2026-06-07T10:00:00Z",
            "octo/alpha views 2026-06-01 18/6 at 2026-06-15T10:00:00.25Z",
            "octo/alpha views 2026-06-01 18/6 at 2026-06-15T10:00:00Z",
            "octo/alpha views 2026-06-01 73/20 at 2026-06-07T10:00:00.5Z",
        ]
    );
}

#[test]
fn lists_have_the_time_at_which_their_repository_was_read() {
    let made = made(&[
        ALPHA,
        "insert into sync_runs values (1, '2026-06-07 08:59:00'), (2, '2026-06-08 12:00:00')",
        "insert into repo_syncs values (1, 1, 1, '2026-06-07 09:00:01', null)",
        "insert into referrer_snapshots values (1, 1, 1, 'Bing', 3, 1),
         (2, 1, 1, 'Google', 10, 5), (3, 2, 1, 'Google', 12, 5)",
        "insert into path_snapshots values (1, 2, 1, '/octo/alpha', null, 7, 4)",
    ]);
    let heard = Heard::of(Kind::TrafficVault, &made.path);
    assert_eq!(
        heard.about(" to "),
        [
            "octo/alpha paths to 2026-06-07 at 2026-06-08T12:00:00Z: /octo/alpha 7/4",
            "octo/alpha referrers to 2026-06-06 at 2026-06-07T09:00:01Z: Google 10/5, Bing 3/1",
            "octo/alpha referrers to 2026-06-07 at 2026-06-08T12:00:00Z: Google 12/5",
        ]
    );
}

#[test]
fn a_time_before_the_day_itself_is_not_believed() {
    let made = made(&[
        ALPHA,
        "insert into daily_views values (1, '2026-06-02', 18, 6, '2026-06-01 10:00:00',
         '2026-06-01 10:00:00', 1)",
    ]);
    let heard = Heard::of(Kind::TrafficVault, &made.path);
    assert_eq!(
        heard.about("2026-06-02"),
        ["octo/alpha views 2026-06-02 18/6"]
    );
    assert!(heard.notes("times before the day"));
}

#[test]
fn a_day_of_nobody_is_an_error() {
    let made = made(&[
        "insert into daily_clones values (7, '2026-06-01', 0, 0, '2026-06-07 10:00:00',
         '2026-06-07 10:00:00', 1)",
    ]);
    let error = Heard::error(Kind::TrafficVault, &made.path).to_string();
    let place = "table \"daily_clones\", row 1, column \"repo_id\": found 7, expected an id of";
    assert!(error.contains(place), "{error}");
}
