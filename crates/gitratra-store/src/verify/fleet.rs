//! The rules that are not about one repository: rows of repositories that are not known, and rows
//! that belong to something that is not there.

use super::Finding;
use crate::engine::Tx;
use crate::error::Fault;
use crate::sql::{self, Sql};
use crate::tables::{TABLES, Table};

pub(super) async fn look(tx: &mut Tx<'_>) -> Result<Vec<Finding>, Fault> {
    let mut findings = Vec::new();
    let strangers = match tx.is_spread().await? {
        true => strangers_apart,
        false => strangers,
    };
    for table in TABLES.iter().filter(|table| table.is_of_repo()) {
        for row in tx.query(&strangers(table), &[]).await? {
            findings.push(Finding {
                repo: Some(row.repo(0)?.to_string()),
                ..Finding::wrong(table.name, "the repository is not known".into())
            });
        }
    }
    for row in tx.query(&sql::VERIFY_LOOSE, &[]).await? {
        let (place, loose) = (row.text(0)?, row.int(1)?);
        let table = TABLES.iter().find(|table| table.name == place);
        if let Some(table) = table.filter(|_| loose > 0) {
            let what = format!("{loose} rows belong to something that is not there");
            findings.push(Finding::wrong(table.name, what));
        }
    }
    let rows = tx.query(&sql::VERIFY_RUNS, &[]).await?;
    let backwards = rows.first().map_or(Ok(0), |row| row.int(0))?;
    if backwards > 0 {
        let what = format!("{backwards} passes ended before they began");
        findings.push(Finding::wrong("run", what));
    }
    Ok(findings)
}

/// The repositories of a table that are not known. It goes from one to the next by the key, however
/// many rows each has.
fn strangers(table: &Table) -> Sql {
    let name = table.name;
    Sql::made(format!(
        "with recursive found (repo_id) as (
            select min(repo_id)
            from {name}
            union all
            select (
                select min(fact.repo_id)
                from {name} as fact
                where fact.repo_id > found.repo_id
            )
            from found
            where found.repo_id is not null
        )
        select found.repo_id
        from found
        where found.repo_id is not null
        and not exists (
            select 1
            from repo
            where repo.repo_id = found.repo_id
        )
        order by found.repo_id"
    ))
}

/// The same of a table that lies on several machines: each of them reads all that it has.
fn strangers_apart(table: &Table) -> Sql {
    let name = table.name;
    Sql::made(format!(
        "select distinct fact.repo_id
        from {name} as fact
        where not exists (
            select 1
            from repo
            where repo.repo_id = fact.repo_id
        )
        order by fact.repo_id"
    ))
}
