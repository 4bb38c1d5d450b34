//! Names that only files have told of, and the repositories that turn out to bear them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use gitratra_core::history::History;
use gitratra_core::{RepoId, RepoName};

use super::{Brought, forget, join, load};
use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::value::params;

/// Numbers of names that only files have told of, each with the repository that takes over what is
/// held under it. Both are locked.
#[must_use]
pub(crate) struct Waiting(Vec<(RepoId, RepoId)>);

/// Which repositories of which a name becomes known will take over what is held under it. Asked
/// before anything is written, so that what is locked is locked in order. Where no file ever told of
/// a name, which is nearly always so, this is one look.
pub(crate) async fn waiting(
    tx: &mut Tx<'_>,
    named: Vec<(RepoName, RepoId)>,
) -> Result<Waiting, Fault> {
    let rows = tx.query(&sql::REPO_UNCONFIRMED, &[]).await?;
    let held: Result<BTreeSet<RepoId>, Fault> = rows.iter().map(|row| row.repo(0)).collect();
    let held = held?;
    if held.is_empty() {
        return Ok(Waiting(Vec::new()));
    }
    let reals: BTreeSet<RepoId> = named.iter().map(|(_, real)| *real).collect();
    let mut pairs: Vec<(RepoId, RepoId)> = named
        .iter()
        .map(|(name, real)| (RepoId::unconfirmed(name), *real))
        .collect();
    // An exact name may have come to mean a repository before there was a row of it.
    for row in tx.query(&sql::RULE_BINDINGS, &[]).await? {
        let real = row.repo(1)?;
        if reals.contains(&real) {
            pairs.push((RepoId::unconfirmed(&row.parsed(0)?), real));
        }
    }
    pairs.retain(|(unconfirmed, real)| held.contains(unconfirmed) && !real.is_unconfirmed());
    tx.lock_repos(pairs.iter().flat_map(|(one, other)| [*one, *other]))
        .await?;
    Ok(Waiting(pairs))
}

impl Waiting {
    /// Lets them take over. Whoever has no row yet does so when it gets one.
    ///
    /// Boxed, since it ends where look-ups begin.
    pub(crate) fn take_over<'t>(self, tx: &'t mut Tx<'_>) -> BoxFuture<'t, Result<(), Fault>> {
        async move {
            let mut brought = Brought::default();
            for (unconfirmed, real) in self.0 {
                if !tx.query(&sql::REPO_ONE, &params![real]).await?.is_empty() {
                    adopt(tx, unconfirmed, real, &mut brought).await?;
                }
            }
            brought.note(tx).await
        }
        .boxed()
    }
}

/// The repositories of which anything may change where histories are joined: their own, and those
/// that bear a name that only a file has told of.
pub(super) async fn touched(
    tx: &mut Tx<'_>,
    histories: &[History],
) -> Result<BTreeSet<RepoId>, Fault> {
    let mut touched = BTreeSet::new();
    for history in histories {
        touched.insert(history.repo);
        let Some(name) = history.name() else {
            continue;
        };
        if history.repo.is_unconfirmed() {
            let bearer = tx.query(&sql::REPO_BEARER, &params![name.key()]).await?;
            touched.extend(bearer.first().map(|row| row.repo(0)).transpose()?);
        } else {
            touched.insert(RepoId::unconfirmed(name));
        }
    }
    for (unconfirmed, bearer) in bearers(tx).await? {
        touched.extend([unconfirmed, bearer]);
    }
    Ok(touched)
}

/// Lets everybody take over who bears a name that only a file has told of.
pub(super) async fn borne(tx: &mut Tx<'_>, brought: &mut Brought) -> Result<(), Fault> {
    let bearers = bearers(tx).await?;
    // Somebody else may have brought some since [`touched`] was asked.
    tx.lock_repos(bearers.iter().flat_map(|(one, other)| [*one, *other]))
        .await?;
    for (unconfirmed, bearer) in bearers {
        adopt(tx, unconfirmed, bearer, brought).await?;
    }
    Ok(())
}

/// Who bears each name that only a file has told of; of several the one that was confirmed last.
async fn bearers(tx: &mut Tx<'_>) -> Result<BTreeMap<RepoId, RepoId>, Fault> {
    let mut bearers = BTreeMap::new();
    let rows = tx.query(&sql::REPO_BORNE, &[]).await?;
    let mut same_name: Vec<RepoId> = Vec::new();
    let mut name = None;
    for row in &rows {
        let (repo, found) = (row.repo(0)?, Some(row.text(1)?));
        if found != name {
            same_name.clear();
            name = found;
        }
        if repo.is_unconfirmed() {
            same_name.push(repo);
        } else {
            // Whoever comes after the first one was confirmed earlier.
            bearers.extend(same_name.drain(..).map(|waiting| (waiting, repo)));
        }
    }
    Ok(bearers)
}

/// Moves everything from one number to another, both of which are locked.
async fn adopt(
    tx: &mut Tx<'_>,
    unconfirmed: RepoId,
    real: RepoId,
    brought: &mut Brought,
) -> Result<(), Fault> {
    let mut history = load::load(tx, unconfirmed).await?;
    if history.label.is_none() {
        return Ok(());
    }
    history.repo = real;
    // What GitHub says it is stands; of a file only the name is believed, as one that it had.
    history.label = None;
    history.gone = None;
    history.first_seen = None;
    join(tx, &history, brought).await?;
    for moved in [
        &sql::RULE_REBIND,
        &sql::GROUP_RULE_REBIND,
        &sql::SHARE_REBIND,
    ] {
        tx.execute(moved, &params![unconfirmed, real]).await?;
    }
    forget::all(tx, unconfirmed).await?;
    Ok(())
}
