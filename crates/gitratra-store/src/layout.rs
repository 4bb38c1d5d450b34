//! How the tables of a store on a server lie: each as one, cut up by repository or by year, or spread
//! over several machines by Citus. The rows are the same, and so are all questions.
//!
//! One table after the other is made anew in a transaction of its own. What is not yet as it should be
//! is told by the server, so that whoever was cut off goes on when it is begun again.

use gitratra_core::Day;

use crate::engine::Engine;
use crate::tables::{Spread, TABLES, Table, spread_of};
use crate::{Store, StoreError};

/// The year in which GitHub began: what claims to be older lies with the rest.
const FIRST_YEAR: i16 = 2008;

/// How tables lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Each is one.
    Whole,
    /// Those of repositories are cut into so many parts by the repository.
    Parts(u16),
    /// Those that have a day in their key are cut into years.
    Years,
    /// Citus spreads those of repositories over its machines, in so many shards.
    Spread(u16),
}

/// What has to be done to a store, table by table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LayoutPlan {
    /// Why it cannot be done, with what to do about it.
    pub obstacles: Vec<String>,
    /// Nothing where the store already is so.
    pub steps: Vec<LayoutStep>,
}

/// What has to be done to one table, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutStep {
    /// The table.
    pub table: &'static str,
    /// About how many rows it has.
    pub rows: u64,
    /// How much of the disk it takes now, with its indexes.
    pub bytes: u64,
    /// In order.
    pub statements: Vec<String>,
}

impl Store {
    /// What would have to be done so that tables lie in one way. Nothing is changed.
    ///
    /// `today` says up to where years are made.
    pub async fn layout_plan(&self, to: Layout, today: Day) -> Result<LayoutPlan, StoreError> {
        let plan = match self.engine() {
            Engine::Sqlite(_) => {
                return Ok(LayoutPlan {
                    obstacles: vec![format!(
                        "\"{}\" is a file, which is one piece: move it to a PostgreSQL server first with `gitratra migrate`",
                        self.location()
                    )],
                    steps: Vec::new(),
                });
            }
            Engine::Postgres(database) => database.layout_plan(to, today).await,
        };
        plan.map_err(|fault| fault.at(self.location()).while_open())
    }

    /// Makes one table lie as it should, in one transaction; others wait for it or are told that the
    /// store is busy. Says whether there was anything to do.
    pub async fn lay_out(&self, table: &str, to: Layout, today: Day) -> Result<bool, StoreError> {
        let (Engine::Postgres(database), Some(table)) = (self.engine(), named(table)) else {
            return Ok(false);
        };
        let done = database.lay_out(table, to, today).await;
        done.map_err(|fault| fault.at(self.location()).while_open())
    }

    /// Where tables are cut into years, makes the parts of this year and of the next one. Until that is
    /// done what is written of them lies with the rest, and is moved then. Says how many were made.
    pub async fn prepare_years(&self, today: Day) -> Result<u64, StoreError> {
        let Engine::Postgres(database) = self.engine() else {
            return Ok(0);
        };
        let made = database.prepare_years(today).await;
        made.map_err(|fault| fault.at(self.location()).while_open())
    }
}

fn named(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// How one table lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lies {
    Whole,
    Parts(u16),
    Years,
    /// Cut up by Citus.
    Cut,
    /// The same on each machine of Citus.
    Copied,
}

/// How a table should lie.
pub(crate) fn wanted(table: &Table, to: Layout) -> Lies {
    match (to, spread_of(table.name)) {
        (Layout::Parts(parts), Spread::ByRepo) => Lies::Parts(parts),
        (Layout::Years, Spread::ByRepo) if day_of(table).is_some() => Lies::Years,
        (Layout::Spread(_), Spread::ByRepo) => Lies::Cut,
        (Layout::Spread(_), Spread::Everywhere) => Lies::Copied,
        _ => Lies::Whole,
    }
}

/// The column of a table's key that is a day.
pub(crate) fn day_of(table: &Table) -> Option<&'static str> {
    let is_day =
        |column: &&&'static str| ["day", "last_day", "monday", "last_window"].contains(*column);
    let is_of_repo = table.is_of_repo();
    table
        .key
        .iter()
        .find(is_day)
        .filter(|_| is_of_repo)
        .copied()
}

/// What a server tells of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) lies: Lies,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// `add constraint …` of its keys.
    pub(crate) keys: Vec<String>,
    /// `create index …` of its other indexes.
    pub(crate) indexes: Vec<String>,
    /// `create or replace view …` of the views that read it.
    pub(crate) views: Vec<String>,
    /// `grant …` of who may use it.
    pub(crate) grants: Vec<String>,
    /// What would be lost.
    pub(crate) obstacles: Vec<String>,
    /// The first day of which it has a row.
    pub(crate) since: Option<Day>,
}

/// The statements that make a table lie as it should; none where it does.
pub(crate) fn statements(table: &Table, found: &Found, to: Layout, today: Day) -> Vec<String> {
    let name = table.name;
    let lies = wanted(table, to);
    match (found.lies, lies) {
        (is, should) if is == should => Vec::new(),
        (Lies::Cut | Lies::Copied, Lies::Whole) => {
            vec![format!("select undistribute_table('{name}')")]
        }
        (_, Lies::Cut) => {
            let together = match (name, to) {
                ("repo", Layout::Spread(shards)) => {
                    format!("colocate_with => 'none', shard_count => {shards}")
                }
                _ => "colocate_with => 'repo'".to_owned(),
            };
            vec![
                format!("select create_distributed_table('{name}', 'repo_id', {together})"),
                left_over(name),
            ]
        }
        (_, Lies::Copied) => vec![
            format!("select create_reference_table('{name}')"),
            left_over(name),
        ],
        _ => anew(table, found, lies, today),
    }
}

/// Citus copies the rows, and leaves those of before where they were.
fn left_over(name: &str) -> String {
    format!("select truncate_local_data_after_distributing_table('{name}')")
}

/// Makes a table anew with all rows in the order of its key.
fn anew(table: &Table, found: &Found, lies: Lies, today: Day) -> Vec<String> {
    let name = table.name;
    let key = table.key.join(", ");
    let by = match (lies, day_of(table)) {
        (Lies::Parts(_), _) => " partition by hash (repo_id)".to_owned(),
        (Lies::Years, Some(day)) => format!(" partition by range ({day})"),
        _ => String::new(),
    };
    let mut statements = vec![
        format!("lock table {name} in access exclusive mode"),
        format!("alter table {name} rename to {name}_before"),
        format!("create table {name} (like {name}_before {ALIKE}){by}"),
    ];
    match lies {
        Lies::Parts(parts) => statements.extend((0..parts).map(|part| {
            format!(
                "create table {name}_p{parts}_{part} partition of {name} \
                 for values with (modulus {parts}, remainder {part})"
            )
        })),
        Lies::Years => {
            let first = found.since.map_or(today, |since| since.min(today)).ymd().0;
            let last = today.ymd().0 + 1;
            for year in first.max(FIRST_YEAR)..=last {
                let (from, to) = days_of(year);
                statements.push(format!(
                    "create table {} partition of {name} for values from ({from}) to ({to})",
                    part_of(name, year)
                ));
            }
            statements.push(format!(
                "create table {} partition of {name} default",
                rest_of(name)
            ));
        }
        Lies::Whole | Lies::Cut | Lies::Copied => {}
    }
    statements.push(format!(
        "insert into {name} select * from {name}_before order by {key}"
    ));
    statements.extend(found.views.iter().cloned());
    statements.push(format!("drop table {name}_before"));
    // Their names are free now.
    statements.extend(found.keys.iter().cloned());
    statements.extend(found.indexes.iter().cloned());
    statements.extend(found.grants.iter().cloned());
    statements.push(format!("analyze {name}"));
    statements
}

/// What a table takes over from the one before it.
const ALIKE: &str = "including defaults including constraints including storage including comments";

fn part_of(name: &str, year: i16) -> String {
    format!("{name}_y{year}")
}

fn rest_of(name: &str) -> String {
    format!("{name}_rest")
}

/// From the first day of a year to the first of the next one.
fn days_of(year: i16) -> (i64, i64) {
    let first = |year| Day::from_ymd(year, 1, 1).map_or(0, Day::epoch_days);
    (first(year), first(year + 1))
}

/// The statements that make a part for each year that has none yet, with what lies with the rest of
/// it. `parts` are the parts that there are.
pub(crate) fn years(parts: &[String], today: Day) -> Vec<(String, Vec<String>)> {
    let is_there = |part: &String| parts.contains(part);
    let mut missing = Vec::new();
    for table in TABLES {
        let (Some(day), name) = (day_of(table), table.name) else {
            continue;
        };
        if !is_there(&rest_of(name)) {
            continue;
        }
        for year in today.ymd().0..=today.ymd().0 + 1 {
            let (part, rest, (from, to)) = (part_of(name, year), rest_of(name), days_of(year));
            if is_there(&part) {
                continue;
            }
            let made = vec![
                format!("create table {part} (like {name} {ALIKE})"),
                format!(
                    "with moved as (delete from {rest} where {day} >= {from} and {day} < {to} \
                     returning *) insert into {part} select * from moved"
                ),
                format!(
                    "alter table {name} attach partition {part} for values from ({from}) to ({to})"
                ),
            ];
            missing.push((part, made));
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lies: Lies) -> Found {
        Found {
            lies,
            rows: 1,
            bytes: 8192,
            keys: vec!["KEYS".into()],
            indexes: vec!["INDEXES".into()],
            views: vec!["VIEWS".into()],
            grants: vec!["GRANTS".into()],
            obstacles: Vec::new(),
            since: "2025-03-04".parse().ok(),
        }
    }

    fn check(name: &str, lies: Lies, to: Layout, expected: &[&str]) {
        let today = "2026-05-06".parse().unwrap();
        let made = statements(named(name).unwrap(), &found(lies), to, today);
        assert_eq!(made, expected);
    }

    #[test]
    fn what_lies_as_it_should_stays() {
        check("star_day", Lies::Whole, Layout::Whole, &[]);
        check("star_day", Lies::Parts(4), Layout::Parts(4), &[]);
        check("star_day", Lies::Years, Layout::Years, &[]);
        check("star_day", Lies::Cut, Layout::Spread(32), &[]);
        check("source", Lies::Copied, Layout::Spread(32), &[]);
        // Its key has no day, and it is about nobody's repository.
        check("note", Lies::Whole, Layout::Years, &[]);
        check("rule", Lies::Whole, Layout::Parts(4), &[]);
    }

    #[test]
    fn a_table_is_cut_by_repository() {
        check(
            "star_day",
            Lies::Whole,
            Layout::Parts(2),
            &[
                "lock table star_day in access exclusive mode",
                "alter table star_day rename to star_day_before",
                "create table star_day (like star_day_before including defaults including constraints \
                 including storage including comments) partition by hash (repo_id)",
                "create table star_day_p2_0 partition of star_day for values with (modulus 2, remainder 0)",
                "create table star_day_p2_1 partition of star_day for values with (modulus 2, remainder 1)",
                "insert into star_day select * from star_day_before order by repo_id, day",
                "VIEWS",
                "drop table star_day_before",
                "KEYS",
                "INDEXES",
                "GRANTS",
                "analyze star_day",
            ],
        );
    }

    #[test]
    fn a_table_is_cut_by_year_up_to_the_next_one() {
        let today = "2026-05-06".parse().unwrap();
        let made = statements(
            named("seal").unwrap(),
            &found(Lies::Whole),
            Layout::Years,
            today,
        );
        let parts: Vec<&String> = made
            .iter()
            .filter(|text| text.contains("partition of"))
            .collect();
        assert_eq!(
            parts,
            [
                "create table seal_y2025 partition of seal for values from (20089) to (20454)",
                "create table seal_y2026 partition of seal for values from (20454) to (20819)",
                "create table seal_y2027 partition of seal for values from (20819) to (21184)",
                "create table seal_rest partition of seal default",
            ]
        );
        assert!(
            made[2].ends_with("partition by range (last_day)"),
            "{}",
            made[2]
        );
    }

    #[test]
    fn citus_is_asked_to_keep_repositories_together() {
        let left = "select truncate_local_data_after_distributing_table('repo')";
        let first = "select create_distributed_table('repo', 'repo_id', colocate_with => 'none', shard_count => 24)";
        check("repo", Lies::Whole, Layout::Spread(24), &[first, left]);
        let next =
            "select create_distributed_table('star_day', 'repo_id', colocate_with => 'repo')";
        let left = "select truncate_local_data_after_distributing_table('star_day')";
        check("star_day", Lies::Whole, Layout::Spread(24), &[next, left]);
        let everywhere = "select create_reference_table('source')";
        let left = "select truncate_local_data_after_distributing_table('source')";
        check(
            "source",
            Lies::Whole,
            Layout::Spread(24),
            &[everywhere, left],
        );
        check(
            "source",
            Lies::Copied,
            Layout::Whole,
            &["select undistribute_table('source')"],
        );
        check("rule", Lies::Whole, Layout::Spread(24), &[]);
    }

    #[test]
    fn parts_of_years_are_made_where_tables_are_cut_so() {
        let today = "2026-12-31".parse().unwrap();
        assert_eq!(years(&["note_rest".into()], today), []);
        let there = ["seal_rest", "seal_y2026"].map(str::to_owned);
        let made = years(&there, today);
        assert_eq!(made.len(), 1);
        assert_eq!(made[0].0, "seal_y2027");
    }
}
