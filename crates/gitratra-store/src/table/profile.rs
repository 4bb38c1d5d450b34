//! What a repository is, as its owners describe it, and the tags it has.

use futures_util::FutureExt;
use gitratra_core::{Profile, RepoId, Tag, Timestamp, Visibility};

use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::value::{Row, Value, params};
use crate::{Store, StoreError};

impl Store {
    /// What a repository was, each with the time at which it was first seen so. *Shape*:
    /// ascending; the last is the present one. *Units*: GitHub's clock.
    pub async fn profiles(&self, repo: RepoId) -> Result<Vec<(Timestamp, Profile)>, StoreError> {
        self.read(move |tx| {
            async move {
                let rows = tx.query(&sql::PROFILE_OF_REPO, &params![repo]).await?;
                rows.iter().map(profile).collect()
            }
            .boxed()
        })
        .await
    }

    /// What a repository is, and since when it was seen so.
    pub async fn profile(&self, repo: RepoId) -> Result<Option<(Timestamp, Profile)>, StoreError> {
        self.read(move |tx| {
            async move {
                let rows = tx.query(&sql::PROFILE_LATEST, &params![repo]).await?;
                rows.first().map(profile).transpose()
            }
            .boxed()
        })
        .await
    }

    /// The tags of a repository. *Shape*: by day, then by name; a tag that was told once stays.
    pub async fn tags(&self, repo: RepoId) -> Result<Vec<Tag>, StoreError> {
        self.read(move |tx| {
            async move {
                let rows = tx.query(&sql::TAG_OF_REPO, &params![repo]).await?;
                let tags = rows.iter().map(|row| {
                    Ok(Tag {
                        name: row.text(0)?.to_owned(),
                        day: row.day(1)?,
                    })
                });
                tags.collect()
            }
            .boxed()
        })
        .await
    }
}

/// Keeps a profile where it is another one than the newest. The caller brings none that is older
/// than an answer before.
pub(crate) async fn save(
    tx: &mut Tx<'_>,
    repo: RepoId,
    profile: &Profile,
    seen_at: Timestamp,
) -> Result<(), Fault> {
    let row = cells(repo, profile, seen_at);
    let latest = tx.query(&sql::PROFILE_LATEST, &params![repo]).await?;
    // Without the time: what was seen before is seen again.
    if latest
        .first()
        .is_none_or(|latest| latest.0[1..] != row[2..])
    {
        tx.execute(&sql::PROFILE_SAVE, &row).await?;
    }
    Ok(())
}

/// Keeps tags. Where one was moved, the newest answer says where it is; a late one adds only those
/// that are not known.
pub(crate) async fn save_tags(
    tx: &mut Tx<'_>,
    repo: RepoId,
    tags: &[Tag],
    is_late: bool,
) -> Result<(), Fault> {
    let known = tx.query(&sql::TAG_OF_REPO, &params![repo]).await?;
    let is_known = |tag: &[Value; 3]| known.iter().any(|row| row.0 == tag[1..]);
    let rows = tags
        .iter()
        .map(|tag| params![repo, tag.name.as_str(), tag.day]);
    let rows: Vec<_> = rows.filter(|tag| !is_known(tag)).collect();
    let statement = if is_late {
        &sql::TAG_ADD
    } else {
        &sql::TAG_SAVE
    };
    tx.execute_each(statement, &rows).await?;
    Ok(())
}

/// A profile as a row.
pub(crate) fn cells(repo: RepoId, profile: &Profile, seen_at: Timestamp) -> [Value; 8] {
    params![
        repo,
        seen_at,
        profile.description.as_deref(),
        profile.language.as_deref(),
        profile.licence.as_deref(),
        profile.topics.join(" "),
        profile.is_archived,
        profile.visibility.word(),
    ]
}

/// A row as a profile.
pub(crate) fn profile(row: &Row) -> Result<(Timestamp, Profile), Fault> {
    let text = |at| Ok::<_, Fault>(row.opt_text(at)?.map(str::to_owned));
    let word = row.text(6)?;
    let visibility = Visibility::ALL
        .into_iter()
        .find(|known| known.word() == word);
    let profile = Profile {
        description: text(1)?,
        language: text(2)?,
        licence: text(3)?,
        topics: row.text(4)?.split_whitespace().map(str::to_owned).collect(),
        is_archived: row.is(5)?,
        visibility: visibility
            .ok_or_else(|| Fault::corrupt(format!("the visibility \"{word}\"")))?,
    };
    Ok((row.time(0)?, profile))
}
