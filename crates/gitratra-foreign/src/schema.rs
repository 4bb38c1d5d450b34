//! Which tables and columns a database has, and by which of them a tool is known.

use std::collections::{BTreeMap, BTreeSet};

use gitratra_core::import::Kind;

use crate::error::ForeignError;
use crate::open::Database;

/// The kinds that this crate reads, in the order in which they are tried.
pub(crate) const KINDS: [Kind; 5] = [
    Kind::Ghstats,
    Kind::TrafficVault,
    Kind::GhTracker,
    Kind::GitCloneStats,
    Kind::Gghstats,
];

type Needed = &'static [(&'static str, &'static [&'static str])];

const NONE: Needed = &[];
const GHSTATS: Needed = &[
    ("repos", &["id", "name"]),
    (
        "repo_stats",
        &[
            "date",
            "stars",
            "forks",
            "watchers",
            "issues",
            "clones_count",
            "clones_uniques",
            "views_count",
            "views_uniques",
        ],
    ),
];
const GGHSTATS: Needed = &[
    ("views", &["repo", "date", "count", "uniques"]),
    ("clones", &["repo", "date", "count", "uniques"]),
    (
        "referrers",
        &["repo", "date", "referrer", "count", "uniques"],
    ),
    (
        "paths",
        &["repo", "date", "path", "title", "count", "uniques"],
    ),
];
const GIT_CLONE_STATS: Needed = &[("clone_history", &["repo", "timestamp", "count", "uniques"])];
const GH_TRACKER: Needed = &[(
    "daily_metrics",
    &[
        "repo_name",
        "date",
        "views",
        "unique_visitors",
        "clones",
        "unique_cloners",
        "stars_total",
        "forks_total",
    ],
)];
const TRAFFIC_VAULT: Needed = &[
    ("repos", &["id", "full_name"]),
    (
        "daily_views",
        &["repo_id", "date", "count", "uniques", "last_changed_at"],
    ),
    (
        "daily_clones",
        &["repo_id", "date", "count", "uniques", "last_changed_at"],
    ),
];

/// No tool has so many columns in all of its tables.
const MOST_COLUMNS: usize = 20_000;

/// The tables of a database with their columns, in lower case, as SQLite compares them.
pub(crate) struct Schema {
    tables: BTreeMap<String, BTreeSet<String>>,
}

impl Schema {
    /// Reads it. Views and virtual tables are not told: they could say anything.
    pub(crate) fn of(database: &Database) -> Result<Self, ForeignError> {
        const SQL: &str = "
select
  kept.name,
  info.name
from sqlite_schema as kept
join pragma_table_info(kept.name) as info
where kept.type = 'table'
  and kept.rootpage > 0";
        let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut columns = 0;
        database.each_pair(SQL, |table, column| {
            columns += 1;
            tables
                .entry(table.to_ascii_lowercase())
                .or_default()
                .insert(column.to_ascii_lowercase());
            if columns > MOST_COLUMNS {
                return Err("it has more columns than any of these tools".to_owned());
            }
            Ok(())
        })?;
        Ok(Self { tables })
    }

    /// Whether there is such a table.
    pub(crate) fn has_table(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// Whether there is such a table and has these columns.
    pub(crate) fn has(&self, table: &str, columns: &[&str]) -> bool {
        self.tables
            .get(table)
            .is_some_and(|known| columns.iter().all(|column| known.contains(*column)))
    }

    /// What is missing to make it a database of this kind.
    pub(crate) fn lacks(&self, kind: Kind) -> Option<String> {
        let needed = match kind {
            Kind::Ghstats => GHSTATS,
            Kind::Gghstats => GGHSTATS,
            Kind::GitCloneStats => GIT_CLONE_STATS,
            Kind::GhTracker => GH_TRACKER,
            Kind::TrafficVault => TRAFFIC_VAULT,
            _ => NONE,
        };
        for (table, columns) in needed {
            let Some(known) = self.tables.get(*table) else {
                return Some(format!("it has no table \"{table}\""));
            };
            if let Some(column) = columns.iter().find(|column| !known.contains(**column)) {
                return Some(format!("table \"{table}\" has no column \"{column}\""));
            }
        }
        let is_keyed = self.has("repo_stats", &["repo_id"]) || self.has("repo_stats", &["id"]);
        (kind == Kind::Ghstats && !is_keyed)
            .then(|| "table \"repo_stats\" has no column \"repo_id\"".to_owned())
    }
}
