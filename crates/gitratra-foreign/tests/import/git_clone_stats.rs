//! taylorwilsdon/git-clone-stats in every version of its tables.

use gitratra_core::import::Kind;

use crate::heard::Heard;
use crate::made::Made;

const CLONES: &str = "create table clone_history (repo text not null, timestamp text not null,
    count integer not null, uniques integer not null, primary key (repo, timestamp))";
const VIEWS: &str = "create table view_history (repo text not null, timestamp text not null,
    count integer not null, uniques integer not null, primary key (repo, timestamp))";
const TRACKED: &str = "create table tracked_repos (repo_name text primary key,
    added_at text not null, is_active integer default 1)";
const TRACKED_BY: &str = "create table tracked_repos (repo_name text primary key,
    added_at text not null, is_active integer default 1, last_sync text,
    owner_type text default 'user')";
const STARS: &str = "create table repo_stars (repo text primary key, star_count integer not null,
    last_updated text not null)";
const USERS: &str = "create table users (id integer primary key autoincrement,
    github_id integer unique not null, github_username text not null, github_name text,
    github_email text, github_avatar_url text, github_token text not null,
    created_at text not null, last_login text not null)";

const SOME_CLONES: &str = "insert into clone_history (repo, timestamp, count, uniques) values
    ('alpha', '2025-07-01T00:00:00Z', 5, 2), ('hub/beta', '2026-03-01T00:00:00Z', 7, 3)";

fn with_users() -> Vec<&'static str> {
    vec![
        CLONES,
        VIEWS,
        TRACKED_BY,
        STARS,
        USERS,
        "alter table clone_history add column user_id integer",
        "alter table view_history add column user_id integer",
        "alter table tracked_repos add column user_id integer",
        "alter table repo_stars add column user_id integer",
    ]
}

#[test]
fn every_version_is_recognised() {
    let versions: [&[&str]; 4] = [
        &[CLONES],
        &[CLONES, TRACKED, STARS],
        &[CLONES, VIEWS, TRACKED_BY, STARS],
        &with_users(),
    ];
    for tables in versions {
        let made = Made::of(tables);
        made.run(&[SOME_CLONES]);
        let kind = gitratra_foreign::recognise(&made.path).unwrap();
        assert_eq!(kind, Some(Kind::GitCloneStats));
        let heard = Heard::of(Kind::GitCloneStats, &made.path);
        assert_eq!(
            heard.about("2026"),
            ["hub/beta clones 2026-03-01 7/3"],
            "{tables:?}"
        );
        assert_eq!(heard.about("?/alpha clones 2025-07-01 5/2").len(), 1);
    }
}

#[test]
fn first_answers_of_the_time_of_running_days_are_partial() {
    let made = Made::of(&[
        CLONES,
        "insert into clone_history values ('alpha', '2025-12-30T00:00:00Z', 5, 2),
         ('alpha', '2025-12-31T00:00:00Z', 6, 2)",
    ]);
    let heard = Heard::of(Kind::GitCloneStats, &made.path);
    assert_eq!(
        heard.facts,
        [
            "?/alpha clones 2025-12-30 5/2 at 2025-12-30T23:59:59Z",
            "?/alpha clones 2025-12-31 6/2",
        ]
    );
    assert!(heard.notes("the final numbers of days before 2025-12-31"));
}

#[test]
fn later_versions_keep_the_last_answer_and_have_views() {
    let made = Made::of(&[
        CLONES,
        VIEWS,
        "insert into view_history values ('alpha', '2025-12-30T00:00:00Z', 0, 0)",
    ]);
    let heard = Heard::of(Kind::GitCloneStats, &made.path);
    assert_eq!(heard.facts, ["?/alpha views 2025-12-30 0/0"]);
    assert!(heard.notes.is_empty());
}

#[test]
fn a_users_repository_gets_its_owner_unless_an_organisation_may_own_it() {
    let made = Made::of(&with_users());
    made.run(&[
        "insert into users (id, github_id, github_username, github_token, created_at, last_login)
         values (1, 100, 'octo', 'ghp_secret', '', ''), (2, 101, 'hub', 'ghp_secret', '', '')",
        "insert into tracked_repos (repo_name, added_at, owner_type, user_id)
         values ('beta', '', 'org', 2)",
        "insert into view_history (repo, timestamp, count, uniques, user_id) values
         ('alpha', '2026-03-01T00:00:00Z', 5, 2, 1), ('beta', '2026-03-01T00:00:00Z', 6, 2, 2),
         ('gamma', '2026-03-01T00:00:00Z', 7, 2, null)",
    ]);
    let heard = Heard::of(Kind::GitCloneStats, &made.path);
    assert_eq!(
        heard.facts,
        [
            "octo/alpha views 2026-03-01 5/2",
            "?/beta views 2026-03-01 6/2",
            "?/gamma views 2026-03-01 7/2",
        ]
    );
    assert!(!format!("{heard:?}").contains("secret"));
}

#[test]
fn stars_of_an_unknown_zone_are_left_out() {
    let made = Made::of(&[
        CLONES,
        TRACKED,
        STARS,
        "insert into repo_stars values ('alpha', 12, '2025-07-01T10:00:00.5')",
    ]);
    let heard = Heard::of(Kind::GitCloneStats, &made.path);
    assert!(heard.facts.is_empty() && heard.notes("stars:"));
}

#[test]
fn a_bare_name_that_cannot_be_is_an_error() {
    let made = Made::of(&[
        CLONES,
        "insert into clone_history values ('al pha', '2025-12-30T00:00:00Z', 5, 2)",
    ]);
    let error = Heard::error(Kind::GitCloneStats, &made.path).to_string();
    let place = "table \"clone_history\", row 1, column \"repo\": found \"al pha\", expected a \
                 repository's name";
    assert!(error.contains(place), "{error}");
}
