//! Names that only files have told of, and the repositories that turn out to bear them.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use gitratra_core::history::Gained;
use gitratra_core::{RepoId, RepoName};

use super::{forget, join, load};
use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::value::params;

/// Lets repositories of which a name became known take over what was held under it. Where no file
/// ever told of a name, which is nearly always so, this is one look.
///
/// Boxed, since it ends where look-ups begin.
pub(crate) fn named<'t>(
    tx: &'t mut Tx<'_>,
    named: Vec<(RepoName, RepoId)>,
) -> BoxFuture<'t, Result<(), Fault>> {
    async move {
        let any = tx.query(&sql::REPO_ANY_UNCONFIRMED, &[]).await?;
        if any.is_empty() {
            return Ok(());
        }
        for (name, real) in named {
            let unconfirmed = RepoId::unconfirmed(&name);
            let held = tx.query(&sql::REPO_ONE, &params![unconfirmed]).await?;
            if !held.is_empty() && !real.is_unconfirmed() {
                adopt(tx, unconfirmed, real).await?;
            }
        }
        Ok(())
    }
    .boxed()
}

/// The same for every name whose bearer is known.
pub(super) async fn borne(tx: &mut Tx<'_>) -> Result<(), Fault> {
    let any = tx.query(&sql::REPO_ANY_UNCONFIRMED, &[]).await?;
    if any.is_empty() {
        return Ok(());
    }
    for row in tx.query(&sql::REPO_UNCONFIRMED, &[]).await? {
        let (unconfirmed, name): (RepoId, RepoName) = (row.repo(0)?, row.parsed(1)?);
        let bearer = tx.query(&sql::REPO_BEARER, &params![name.key()]).await?;
        if let Some(bearer) = bearer.first() {
            adopt(tx, unconfirmed, bearer.repo(0)?).await?;
        }
    }
    Ok(())
}

/// Moves everything from one number to another.
pub(super) async fn adopt(
    tx: &mut Tx<'_>,
    unconfirmed: RepoId,
    real: RepoId,
) -> Result<Gained, Fault> {
    if !unconfirmed.is_unconfirmed() || unconfirmed == real {
        return Ok(Gained::default());
    }
    tx.lock(Lock::Repo(unconfirmed)).await?;
    let mut history = load::load(tx, unconfirmed).await?;
    if history.label.is_none() {
        return Ok(Gained::default());
    }
    history.repo = real;
    // What GitHub says it is stands; of a file only the name is believed, as one that it had.
    history.label = None;
    history.gone = None;
    history.first_seen = None;
    let gained = join(tx, &history).await?;
    for moved in [
        &sql::RULE_REBIND,
        &sql::GROUP_RULE_REBIND,
        &sql::SHARE_REBIND,
    ] {
        tx.execute(moved, &params![unconfirmed, real]).await?;
    }
    forget::all(tx, unconfirmed).await?;
    Ok(gained)
}
