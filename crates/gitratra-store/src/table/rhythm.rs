//! When the days of each repository were published lately, as [`gitratra_core::Rhythm`] puts it.

use std::collections::HashMap;

use gitratra_core::{RepoId, Rhythm};

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql::{self, Sql};
use crate::value::{Value, params};

/// What was learnt of the repositories that a question chooses.
pub(crate) async fn by(
    tx: &mut Tx<'_>,
    question: &Sql,
    params: &[Value],
) -> Result<HashMap<RepoId, Rhythm>, Fault> {
    let rows = tx.query(question, params).await?;
    let rhythms = rows
        .iter()
        .map(|row| Ok((row.repo(0)?, learnt(row.text(1)?))));
    rhythms.collect()
}

/// What was learnt of a repository.
pub(crate) async fn of_repo(tx: &mut Tx<'_>, repo: RepoId) -> Result<Rhythm, Fault> {
    let rows = tx.query(&sql::RHYTHM_OF_REPO, &params![repo]).await?;
    let text = rows.first().map(|row| row.text(0)).transpose()?;
    Ok(text.map(learnt).unwrap_or_default())
}

pub(crate) async fn save(tx: &mut Tx<'_>, repo: RepoId, rhythm: &Rhythm) -> Result<(), Fault> {
    let params = params![repo, rhythm.to_string()];
    tx.execute(&sql::RHYTHM_SAVE, &params).await?;
    Ok(())
}

/// What cannot be read is learnt anew, which takes two weeks and costs a few questions more; a store
/// that refused because of it would cost days.
fn learnt(text: &str) -> Rhythm {
    text.parse().unwrap_or_default()
}
