//! Repositories: GitHub's number is what they are, the name is a label with a history.

use std::collections::HashMap;

use futures_util::FutureExt;
use gitratra_core::{RepoId, RepoName, Repository, Timestamp};

use crate::engine::Tx;
use crate::error::Fault;
use crate::history::adopt;
use crate::sql;
use crate::table::{group, mark};
use crate::value::{Row, params};
use crate::{Store, StoreError, ToldRepo};

/// A repository as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRepo {
    /// What it was when it was last looked up; whether one may push is not kept.
    pub repository: Repository,
    /// Names it had before, the latest first.
    pub former: Vec<RepoName>,
    /// When GitHub last confirmed its present name, by the server's clock; 1970 where only a file has
    /// told of it.
    pub named_at: Timestamp,
    /// When it became known, by the server's clock.
    pub first_seen: Timestamp,
    /// Set where GitHub no longer answers for it.
    pub gone: Option<Gone>,
}

/// That GitHub does not answer for a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// The answer's status, 404 or 451.
    pub status: u16,
    /// When that was first met, by the server's clock.
    pub since: Timestamp,
    /// When it was last looked up in vain, by the server's clock; never before `since`.
    pub asked_at: Timestamp,
}

/// The repository that a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its number.
    pub id: RepoId,
    /// Its present name.
    pub name: RepoName,
    /// Whether the name asked for is one it had before.
    pub is_former: bool,
}

impl Store {
    /// Keeps what was looked up at `seen_at`: the label, its history, the marks. A repository that
    /// is looked up is not gone, and its look-up has not failed. What arrives late does not bring
    /// an older label back.
    pub async fn save_repositories(
        &self,
        repositories: &[Repository],
        seen_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut repositories = repositories.to_vec();
        // In one order, so that two who save the same do not wait for each other.
        repositories.sort_by_key(|repository| repository.id);
        self.write(move |tx| save(tx, repositories, seen_at).boxed())
            .await
    }

    /// Notes that GitHub does not answer for a repository. The first `since` stays.
    pub async fn mark_gone(
        &self,
        repo: RepoId,
        status: u16,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            async move {
                let params = params![repo, i64::from(status), since];
                tx.execute(&sql::REPO_MARK_GONE, &params).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }

    /// Every repository known. *Shape*: sorted by present name, then by number.
    pub async fn repositories(&self) -> Result<Vec<KnownRepo>, StoreError> {
        self.read(|tx| all(tx).boxed()).await
    }

    /// The repositories that a holder has leases on. *Shape*: by number, without their former names.
    pub async fn repositories_of_leases(&self, holder: &str) -> Result<Vec<KnownRepo>, StoreError> {
        let holder = holder.to_owned();
        self.read(|tx| {
            async move {
                let rows = tx.query(&sql::REPO_LEASED, &params![holder]).await?;
                rows.iter().map(|row| known(row, Vec::new())).collect()
            }
            .boxed()
        })
        .await
    }

    /// One repository with its former names; nothing where it is not known.
    pub async fn repository(&self, repo: RepoId) -> Result<Option<KnownRepo>, StoreError> {
        self.read(move |tx| {
            async move {
                let rows = tx.query(&sql::REPO_NAMES_OF, &params![repo]).await?;
                let former = rows.iter().map(|row| row.parsed(0));
                let former = former.collect::<Result<Vec<RepoName>, Fault>>()?;
                let rows = tx.query(&sql::REPO_ONE, &params![repo]).await?;
                rows.first().map(|row| known(row, former)).transpose()
            }
            .boxed()
        })
        .await
    }

    /// The repository that a name means: a present name beats a former one, and among equals the
    /// one that was confirmed last wins.
    pub async fn find(&self, name: &RepoName) -> Result<Option<Found>, StoreError> {
        let key = name.key();
        self.read(|tx| {
            async move {
                let rows = tx.query(&sql::REPO_FIND, &params![key]).await?;
                let found = rows.first().map(|row| {
                    Ok(Found {
                        id: row.repo(0)?,
                        name: row.parsed(1)?,
                        is_former: row.is(2)?,
                    })
                });
                found.transpose()
            }
            .boxed()
        })
        .await
    }
}

async fn save(
    tx: &mut Tx<'_>,
    mut repositories: Vec<Repository>,
    seen_at: Timestamp,
) -> Result<(), Fault> {
    // In one order, so that two who save the same do not wait for each other.
    repositories.sort_by_key(|repo| repo.id);
    let named = repositories.iter().map(|repo| (repo.name.clone(), repo.id));
    let waiting = adopt::waiting(tx, named.collect()).await?;
    let labels: Vec<_> = repositories
        .iter()
        .map(|repo| (repo.id, repo.name.key(), repo.is_private))
        .collect();
    mark::count_labels(tx, &labels).await?;
    let labels: Vec<_> = repositories
        .iter()
        .map(|repo| {
            params![
                repo.id,
                repo.node_id.clone(),
                repo.name.to_string(),
                repo.name.key(),
                repo.is_private,
                repo.is_fork,
                repo.is_archived,
                seen_at,
            ]
        })
        .collect();
    tx.execute_each(&sql::REPO_SAVE, &labels).await?;
    let names: Vec<_> = repositories
        .iter()
        .map(|repo| params![repo.id, repo.name.key(), repo.name.to_string(), seen_at])
        .collect();
    tx.execute_each(&sql::REPO_SAVE_NAME, &names).await?;
    let ids: Vec<_> = repositories.iter().map(|repo| params![repo.id]).collect();
    tx.execute_each(&sql::ASKED_CLEAR_LOOK_UP, &ids).await?;
    waiting.take_over(tx).await?;
    group::bind(tx).await
}

/// Makes rows for what only files told of.
pub(crate) async fn add_told(tx: &mut Tx<'_>, repos: Vec<ToldRepo>) -> Result<(), Fault> {
    // A file may know the number of a name that an earlier one had without it.
    let named = repos.iter().map(|repo| (repo.name.clone(), repo.id));
    let waiting = adopt::waiting(tx, named.collect()).await?;
    for repo in &repos {
        let (name, key) = (repo.name.to_string(), repo.name.key());
        let row = params![
            repo.id,
            name.as_str(),
            key.as_str(),
            true,
            false,
            repo.told_at
        ];
        if tx.execute(&sql::REPO_ADD_TOLD, &row).await? > 0 {
            let label = params![repo.id, key, name, repo.told_at];
            tx.execute(&sql::REPO_SAVE_NAME, &label).await?;
        }
    }
    waiting.take_over(tx).await?;
    group::bind(tx).await
}

async fn all(tx: &mut Tx<'_>) -> Result<Vec<KnownRepo>, Fault> {
    let mut former: HashMap<RepoId, Vec<RepoName>> = HashMap::new();
    for row in tx.query(&sql::REPO_FORMER_NAMES, &[]).await? {
        former.entry(row.repo(0)?).or_default().push(row.parsed(1)?);
    }
    let rows = tx.query(&sql::REPO_ALL, &[]).await?;
    let known = rows
        .iter()
        .map(|row| known(row, former.remove(&row.repo(0)?).unwrap_or_default()));
    known.collect()
}

fn known(row: &Row, former: Vec<RepoName>) -> Result<KnownRepo, Fault> {
    Ok(KnownRepo {
        repository: repository(row)?,
        former,
        named_at: row.time(9)?,
        first_seen: row.time(10)?,
        gone: gone(row)?,
    })
}

/// A row of `repo/one.sql` as a repository.
pub(crate) fn repository(row: &Row) -> Result<Repository, Fault> {
    Ok(Repository {
        id: row.repo(0)?,
        node_id: row.opt_text(1)?.map(str::to_owned),
        name: row.parsed(2)?,
        is_private: row.is(3)?,
        is_fork: row.is(4)?,
        is_archived: row.is(5)?,
        can_push: None,
    })
}

fn gone(row: &Row) -> Result<Option<Gone>, Fault> {
    let Some(status) = row.opt_status(6)? else {
        return Ok(None);
    };
    let since = row.time(7)?;
    Ok(Some(Gone {
        status,
        since,
        asked_at: row.opt_time(8)?.unwrap_or(since).max(since),
    }))
}
