//! The schema's versions and their texts. A released migration is never edited: a change is a new
//! file with the next number.
//!
//! From version 8 on a program goes on with a schema that is newer than it knows, as long as that says
//! so: a version only adds, and what it takes away it takes away one release later, raising the oldest
//! program that may go on. What a text may do is checked by a test.

use refinery::{Migration, Runner};

use crate::error::Fault;

/// Each version: file name, the text for both engines, and what each engine has besides.
const VERSIONS: &[Version] = &[
    Version {
        name: "V1__start",
        text: include_str!("../../sql/migrations/V1__start.sql"),
        sqlite: include_str!("sqlite/V1__views.sql"),
        postgres: include_str!("postgres/V1__views.sql"),
    },
    Version {
        name: "V2__collector",
        text: include_str!("../../sql/migrations/V2__collector.sql"),
        sqlite: "",
        postgres: "",
    },
    Version {
        name: "V3__everything",
        text: include_str!("../../sql/migrations/V3__everything.sql"),
        sqlite: include_str!("sqlite/V3__views.sql"),
        postgres: include_str!("postgres/V3__views.sql"),
    },
    Version {
        name: "V4__access",
        text: include_str!("../../sql/migrations/V4__access.sql"),
        sqlite: "",
        postgres: "",
    },
    Version {
        name: "V5__seal",
        text: include_str!("../../sql/migrations/V5__seal.sql"),
        sqlite: "",
        postgres: "",
    },
    Version {
        name: "V6__import",
        text: include_str!("../../sql/migrations/V6__import.sql"),
        sqlite: include_str!("sqlite/V6__views.sql"),
        postgres: include_str!("postgres/V6__views.sql"),
    },
    Version {
        name: "V7__collectors",
        text: include_str!("../../sql/migrations/V7__collectors.sql"),
        sqlite: "",
        postgres: "",
    },
    Version {
        name: "V8__replicas",
        text: include_str!("../../sql/migrations/V8__replicas.sql"),
        sqlite: "",
        postgres: "",
    },
    Version {
        name: "V9__presence",
        text: include_str!("../../sql/migrations/V9__presence.sql"),
        sqlite: "",
        postgres: "",
    },
];

/// Says which is the oldest program, by the schema it knows, that may go on with a newer one.
pub(crate) const OLDEST_PROGRAM: &str = "select number from mark where mark = 'oldest_program'";

/// Where the versions that were applied are written down.
pub(crate) const HISTORY: &str = "gitratra_schema_history";

struct Version {
    name: &'static str,
    text: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// Which words of the common text are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// The newest version this program knows.
pub(crate) fn known() -> i64 {
    i64::try_from(VERSIONS.len()).expect("there are few versions")
}

/// Whether this program may go on with a schema that is newer than it knows.
pub(crate) fn may_go_on(found: i64, oldest_program: Option<i64>) -> Result<(), Fault> {
    match oldest_program.is_some_and(|oldest| oldest <= known()) {
        true => Ok(()),
        false => Err(newer(found)),
    }
}

/// Refuses what touches every table where a newer program has brought some that are not known here.
pub(crate) fn all_is_known(found: i64) -> Result<(), Fault> {
    match found <= known() {
        true => Ok(()),
        false => Err(newer(found)),
    }
}

fn newer(found: i64) -> Fault {
    Fault::Newer {
        found,
        known: known(),
    }
}

/// Brings a schema to the newest version, all or nothing.
pub(crate) fn runner(dialect: Dialect) -> Runner {
    let migrations: Vec<Migration> = VERSIONS
        .iter()
        .zip(1..)
        .map(|(version, number)| {
            let text = text(version, number, dialect);
            Migration::unapplied(version.name, &text).expect("our names are well formed")
        })
        .collect();
    let mut runner = Runner::new(&migrations).set_grouped(true);
    runner.set_migration_table_name(HISTORY);
    runner
}

fn text(version: &Version, number: i64, dialect: Dialect) -> String {
    let common = filled(version.text, dialect);
    match dialect {
        // The number is also kept where it can be read without touching a table.
        Dialect::Sqlite => {
            format!(
                "{common}\n{}\npragma user_version = {number};\n",
                version.sqlite
            )
        }
        Dialect::Postgres => format!("{common}\n{}", version.postgres),
    }
}

/// Puts in the words that stand in comments beginning with the engine's name.
pub(crate) fn filled(text: &str, dialect: Dialect) -> String {
    let opening = match dialect {
        Dialect::Sqlite => "/* sqlite: ",
        Dialect::Postgres => "/* postgres: ",
    };
    let mut parts = text.split(opening);
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (words, rest) = part.split_once(" */").expect("a comment of ours is closed");
        filled.push_str(words);
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_gets_its_own_words() {
        let text = "a /* sqlite: b */ /* postgres: c d */ e /* sqlite: f */;";
        let sqlite = filled(text, Dialect::Sqlite);
        assert_eq!(sqlite, "a b /* postgres: c d */ e f;");
        let postgres = filled(text, Dialect::Postgres);
        assert_eq!(postgres, "a /* sqlite: b */ c d e /* sqlite: f */;");
    }

    #[test]
    fn versions_are_numbered_without_holes() {
        let runner = runner(Dialect::Sqlite);
        let numbers = runner.get_migrations().iter().map(|m| m.version().into());
        assert_eq!(numbers.collect::<Vec<i64>>(), Vec::from_iter(1..=known()));
    }

    /// The first version that programs of the release before go on with.
    const FIRST_SHARED: i64 = 9;

    /// What a text does that a program of the release before could not bear, or that keeps it waiting
    /// for long: all but adding tables, columns that may be left out, indexes of new tables, rows of new
    /// tables, and views, which no program asks.
    fn what_breaks(text: &str) -> Vec<String> {
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("--"));
        let text = lines.collect::<Vec<_>>().join(" ").to_lowercase();
        let words = |statement: &str| {
            let words: Vec<String> = statement.split_whitespace().map(str::to_owned).collect();
            words
        };
        let statements: Vec<Vec<String>> = text.split(';').map(words).collect();
        let named = |start: &str| {
            let start = words(start);
            let named = statements.iter().filter(|words| words.starts_with(&start));
            let names = named.filter_map(|words| words.get(start.len()).cloned());
            names.collect::<Vec<String>>()
        };
        let (tables, views) = (named("create table"), named("create view"));
        let is_fine = |statement: &[String]| {
            let words: Vec<&str> = statement.iter().map(String::as_str).collect();
            match words[..] {
                [] | ["create", "table" | "view", ..] => true,
                ["drop", "view", name] => views.iter().any(|view| view == name),
                ["create", "index", _, "on", table, ..]
                | ["create", "unique", "index", _, "on", table, ..]
                | ["insert", "into", table, ..] => tables.iter().any(|name| name == table),
                ["alter", "table", _, "add", "column", ref column @ ..] => {
                    let has = |word| column.contains(&word);
                    let may_be_left_out = !has("not") || has("default");
                    may_be_left_out
                        && !["unique", "check", "references", "primary"]
                            .map(has)
                            .contains(&true)
                }
                _ => false,
            }
        };
        let broken = statements.iter().filter(|statement| !is_fine(statement));
        broken.map(|statement| statement.join(" ")).collect()
    }

    /// Whether a text says that only programs from its own version on may go on.
    fn is_raising(text: &str, number: i64) -> bool {
        let raise = format!("update mark set number = {number} where mark = 'oldest_program'");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        text.contains(&raise)
    }

    #[test]
    fn a_version_only_adds_or_says_that_older_programs_have_to_end() {
        for (version, number) in VERSIONS.iter().zip(1..) {
            if number < FIRST_SHARED {
                continue;
            }
            for text in [version.text, version.sqlite, version.postgres] {
                let broken = what_breaks(text);
                assert!(
                    broken.is_empty() || is_raising(version.text, number),
                    "{}: a program of the release before goes on with this schema, and could not \
                     bear {broken:?}; CONTRIBUTING.md says how to go about it",
                    version.name
                );
            }
        }
    }

    #[test]
    fn what_older_programs_cannot_bear_is_found() {
        let fine = "-- drop table repo;
            create table later (id bigint not null);
            create unique index later_by_id on later (id);
            insert into later (id) values (1);
            alter table repo add column words text;
            alter table repo add column number bigint not null default 0;
            drop view traffic_day_read;
            create view traffic_day_read as select day from traffic_day;";
        assert_eq!(what_breaks(fine), Vec::<String>::new());
        for broken in [
            "drop table repo",
            "drop view traffic_day_read",
            "alter table repo drop column node_id",
            "alter table repo rename to repository",
            "alter table repo rename column node_id to node",
            "alter table repo add column words text not null",
            "alter table repo add column words text unique",
            "alter table repo add constraint named check (full_name <> '')",
            "alter table repo alter column full_name type varchar",
            "create index repo_by_node on repo (node_id)",
            "create unique index repo_by_node on repo (node_id)",
            "create trigger later after insert on repo begin select 1",
            "insert into repo (repo_id) values (1)",
            "update traffic_day set views = 0",
            "delete from session",
        ] {
            assert_eq!(what_breaks(broken), [broken]);
        }
        let raising = "update mark\nset number = 9\nwhere mark = 'oldest_program'";
        assert!(is_raising(raising, 9) && !is_raising(raising, 10));
    }
}
