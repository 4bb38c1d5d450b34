//! Links that show one repository or one group to whoever has them, by the hash of the link.

use futures_util::FutureExt;
use gitratra_core::{Group, GroupName, PersonId, RepoId, SecretHash, Timestamp};

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::table::group;
use crate::table::person::number;
use crate::value::{Row, params};
use crate::{Store, StoreError};

/// What a link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shared {
    /// One repository.
    Repo(RepoId),
    /// What is in a group at the time of looking.
    Group(GroupName),
}

/// A link as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewShare {
    /// The hash of the link's secret.
    pub hash: SecretHash,
    /// Whom it is for, in the words of who made it.
    pub label: String,
    /// What it shows.
    pub target: Shared,
    /// Who made it; nobody where it was made on the command line.
    pub person: Option<PersonId>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A link as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Its number.
    pub id: u64,
    /// Whom it is for.
    pub label: String,
    /// What it shows.
    pub target: Shared,
    /// Who made it.
    pub person: Option<PersonId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Share {
    /// Whether it shows anything at this time.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

impl Store {
    /// Keeps a link and gives its number, and drops some that are over. `None` where the group is
    /// not known.
    pub async fn add_share(
        &self,
        share: &NewShare,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let share = share.clone();
        self.write(move |tx| add(tx, share, now).boxed()).await
    }

    /// Every link that is kept, those that ended lately among them. *Shape*: by number.
    pub async fn shares(&self) -> Result<Vec<Share>, StoreError> {
        self.read(|tx| {
            async move {
                let rows = tx.query(&sql::SHARE_ALL, &[]).await?;
                rows.iter().map(share).collect()
            }
            .boxed()
        })
        .await
    }

    /// The link with this hash, and the group it shows, if it shows one. Whether it is open is for
    /// the caller to judge.
    pub async fn share(
        &self,
        hash: SecretHash,
    ) -> Result<Option<(Share, Option<Group>)>, StoreError> {
        self.read(move |tx| {
            async move {
                let params = params![hash.to_string()];
                let rows = tx.query(&sql::SHARE_FIND, &params).await?;
                let Some(share) = rows.first().map(share).transpose()? else {
                    return Ok(None);
                };
                let Shared::Group(name) = &share.target else {
                    return Ok(Some((share, None)));
                };
                let params = params![name.key()];
                let rows = tx.query(&sql::REPO_GROUP_ONE, &params).await?;
                Ok(Some((share, group::groups(&rows)?.pop())))
            }
            .boxed()
        })
        .await
    }

    /// Ends a link; `false` where there is no open one with this number.
    pub async fn revoke_share(&self, id: u64, now: Timestamp) -> Result<bool, StoreError> {
        self.write(move |tx| {
            async move { Ok(tx.execute(&sql::SHARE_REVOKE, &params![id, now]).await? > 0) }.boxed()
        })
        .await
    }
}

async fn add(tx: &mut Tx<'_>, share: NewShare, now: Timestamp) -> Result<Option<u64>, Fault> {
    tx.lock(Lock::Persons).await?;
    tx.execute(&sql::SHARE_SWEEP, &params![now]).await?;
    let (repo, group_key) = match share.target {
        Shared::Repo(repo) => (Some(repo), None),
        Shared::Group(name) => {
            let key = name.key();
            let rows = tx
                .query(&sql::REPO_GROUP_ONE, &params![key.as_str()])
                .await?;
            if rows.is_empty() {
                return Ok(None);
            }
            (None, Some(key))
        }
    };
    let params = params![
        share.hash.to_string(),
        share.label,
        repo,
        group_key,
        share.person.map(|person| person.0),
        now,
        share.expires_at,
    ];
    let rows = tx.query(&sql::SHARE_ADD, &params).await?;
    number(&rows).map(Some)
}

fn share(row: &Row) -> Result<Share, Fault> {
    let target = match row.opt_repo(2)? {
        Some(repo) => Shared::Repo(repo),
        None => Shared::Group(row.parsed(3)?),
    };
    Ok(Share {
        id: row.whole(0)?,
        label: row.text(1)?.to_owned(),
        target,
        person: row.opt_whole(4)?.map(PersonId),
        created_at: row.time(5)?,
        expires_at: row.time(6)?,
        revoked_at: row.opt_time(7)?,
    })
}
