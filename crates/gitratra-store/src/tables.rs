//! All tables of the store by name, with what their rows are found by. Whatever copies or checks
//! everything goes by this list, so that nothing is forgotten; a test compares it with the schema.
//! What programs agree on at the moment is in a list of its own, and in no copy.

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The columns of its primary key, in order.
    pub(crate) key: &'static [&'static str],
}

impl Table {
    const fn new(name: &'static str, key: &'static [&'static str]) -> Self {
        Self { name, key }
    }

    /// Whether its rows are facts about a repository.
    pub(crate) fn is_of_repo(&self) -> bool {
        self.key.first() == Some(&"repo_id") && self.name != "repo"
    }
}

/// Where rows lie in a store that is cut up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spread {
    /// Those of each repository together, and of different ones apart.
    ByRepo,
    /// All of them wherever there are any of repositories, since those are read beside them.
    Everywhere,
    /// In one place: people, rules, and what collectors agree on.
    Here,
}

/// How the rows of a table lie in a store that is cut up.
pub(crate) fn spread_of(name: &str) -> Spread {
    let table = TABLES.iter().find(|table| table.name == name);
    match table {
        Some(table) if table.key.first() == Some(&"repo_id") => Spread::ByRepo,
        _ if matches!(name, "source" | "suspect") => Spread::Everywhere,
        _ => Spread::Here,
    }
}

/// Every table that is kept, in the order in which they are copied.
pub(crate) const TABLES: &[Table] = &[
    Table::new("repo", &["repo_id"]),
    Table::new("repo_name", &["repo_id", "name_key"]),
    Table::new("rule", &["pattern_key"]),
    Table::new("rule_repo", &["pattern_key", "repo_id"]),
    Table::new("source", &["source_id"]),
    Table::new("traffic_day", &["repo_id", "day"]),
    Table::new(
        "sighting",
        &["repo_id", "metric", "day", "count", "uniques"],
    ),
    Table::new("seal", &["repo_id", "last_day"]),
    Table::new("traffic_week", &["repo_id", "monday"]),
    Table::new("ranked_window", &["repo_id", "last_day"]),
    Table::new("ranked_name", &["repo_id", "ranking", "name_id"]),
    Table::new(
        "ranked_run",
        &["repo_id", "ranking", "last_window", "name_id"],
    ),
    Table::new("counter_run", &["repo_id", "last_day"]),
    Table::new("profile", &["repo_id", "seen_at"]),
    Table::new("tag", &["repo_id", "name"]),
    Table::new("star_day", &["repo_id", "day"]),
    Table::new("star_span", &["repo_id", "last_day"]),
    Table::new("release", &["repo_id", "release_id"]),
    Table::new("asset", &["repo_id", "asset_id"]),
    Table::new("asset_run", &["repo_id", "last_day", "asset_id"]),
    Table::new("told_total", &["repo_id", "tally", "day"]),
    Table::new("workflow_day", &["repo_id", "day"]),
    Table::new("note", &["repo_id", "note_id"]),
    Table::new("asked", &["repo_id", "endpoint"]),
    Table::new("rhythm", &["repo_id"]),
    Table::new("run", &["run_id"]),
    Table::new("suspect", &["metric", "day"]),
    Table::new("alarm", &["alarm_key", "channel"]),
    Table::new("person", &["person_id"]),
    Table::new("person_group", &["person_id", "group_key"]),
    Table::new("session", &["token_hash"]),
    Table::new("api_token", &["token_id"]),
    Table::new("share", &["share_id"]),
    Table::new("invite", &["secret_hash"]),
    Table::new("login_failure", &["tried"]),
    Table::new("house_key", &["purpose"]),
    Table::new("repo_group", &["group_key"]),
    Table::new("group_rule", &["group_key", "pattern_key"]),
];

/// Tables of what programs agree on at the moment. They are in no copy: in another place nobody holds
/// anything.
#[cfg(test)]
const OF_THE_MOMENT: &[Table] = &[
    Table::new("lease", &["lease_key"]),
    Table::new("budget", &["credential", "resource", "second_at", "holder"]),
    Table::new("budget_hour", &["credential", "resource"]),
    Table::new("collector", &["holder"]),
    Table::new("mark", &["mark"]),
    Table::new("collector_credential", &["holder", "credential"]),
];

/// The statement that reads all of a table in the order of its key.
pub(crate) fn select(table: &Table, columns: &[String]) -> String {
    format!(
        "select {} from {} order by {}",
        columns.join(", "),
        table.name,
        table.key.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A migration that brings a table has to put it into a list, else copies would lack it.
    #[test]
    fn the_list_has_every_table_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = crate::engine::sqlite_schema(&path).unwrap();
        let question = "select m.name, c.name from sqlite_master as m, \
                        pragma_table_info(m.name) as c where m.type = 'table' \
                        and m.name <> 'gitratra_schema_history' and c.pk > 0 \
                        order by m.name, c.pk";
        let mut statement = store.prepare(question).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let found: Vec<(String, String)> = rows.unwrap().map(Result::unwrap).collect();
        let listed = TABLES.iter().chain(OF_THE_MOMENT).flat_map(|table| {
            let pair = |column: &&str| (table.name.to_owned(), (*column).to_owned());
            table.key.iter().map(pair)
        });
        let mut listed: Vec<(String, String)> = listed.collect();
        listed.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(found, listed);
    }
}
