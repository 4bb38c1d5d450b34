//! Forgets a repository.

use gitratra_core::RepoId;

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql::{self, Sql};
use crate::tables::TABLES;
use crate::value::params;

/// Forgets everything about a repository. An exact name in a group that has come to mean it still
/// does: whoever takes the name over does not get in.
pub(super) async fn all(tx: &mut Tx<'_>, repo: RepoId) -> Result<bool, Fault> {
    let mut rows = 0;
    for table in TABLES.iter().filter(|table| table.is_of_repo()) {
        let rest = Sql::made(format!("delete from {} where repo_id = $1", table.name));
        rows += tx.execute(&rest, &params![repo]).await?;
    }
    for place in [
        &sql::RULE_FORGET_REPO,
        &sql::SHARE_FORGET_REPO,
        &sql::REPO_FORGET,
    ] {
        rows += tx.execute(place, &params![repo]).await?;
    }
    // Whoever is about to ask about it learns that it may not any more.
    tx.execute(&sql::LEASE_FORGET_REPO, &params![repo]).await?;
    Ok(rows > 0)
}
