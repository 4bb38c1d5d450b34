//! Forgets a repository.

use gitratra_core::RepoId;

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql::{self, Sql};
use crate::value::params;

/// One for each table that has rows of a repository.
static TABLES: [&Sql; 23] = [
    &sql::REPO_NAME_FORGET,
    &sql::RULE_FORGET_REPO,
    &sql::TRAFFIC_DAY_FORGET,
    &sql::SIGHTING_FORGET,
    &sql::RANKED_FORGET_WINDOWS,
    &sql::RANKED_FORGET_NAMES,
    &sql::RANKED_FORGET_RUNS,
    &sql::ASKED_FORGET,
    &sql::RHYTHM_FORGET,
    &sql::COUNTER_RUN_FORGET,
    &sql::PROFILE_FORGET,
    &sql::TAG_FORGET,
    &sql::TRAFFIC_WEEK_FORGET,
    &sql::STAR_DAY_FORGET,
    &sql::STAR_SPAN_FORGET,
    &sql::RELEASE_FORGET,
    &sql::ASSET_FORGET,
    &sql::ASSET_RUN_FORGET,
    &sql::NOTE_FORGET,
    &sql::WORKFLOW_DAY_FORGET,
    &sql::TOLD_TOTAL_FORGET,
    &sql::SHARE_FORGET_REPO,
    &sql::REPO_FORGET,
];

/// Forgets everything about a repository. An exact name in a group that has come to mean it still
/// does: whoever takes the name over does not get in.
pub(super) async fn all(tx: &mut Tx<'_>, repo: RepoId) -> Result<bool, Fault> {
    let mut rows = 0;
    for table in TABLES {
        rows += tx.execute(table, &params![repo]).await?;
    }
    Ok(rows > 0)
}
