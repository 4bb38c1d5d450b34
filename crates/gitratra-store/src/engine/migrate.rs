//! The schema's versions and their texts. A released migration is never edited: a change is a new
//! file with the next number.

use refinery::{Migration, Runner};

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
        name: "V8__presence",
        text: include_str!("../../sql/migrations/V8__presence.sql"),
        sqlite: "",
        postgres: "",
    },
];

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

/// Brings a schema to the newest version, each version in its own transaction.
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
}
