//! What people wrote about days of a repository.

use futures_util::FutureExt;
use gitratra_core::{Day, DayRange, Note, NoteText, RepoId, Timestamp};

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::value::{Row, params};
use crate::{Store, StoreError};

impl Store {
    /// Keeps a note and gives its number. The same text about the same day is one note, however
    /// often it is added.
    pub async fn add_note(
        &self,
        repo: RepoId,
        day: Day,
        text: &NoteText,
        written_at: Timestamp,
    ) -> Result<u64, StoreError> {
        let text = text.clone();
        self.write(move |tx| add(tx, repo, day, text, written_at).boxed())
            .await
    }

    /// Removes a note; `false` where there is none with this number.
    pub async fn remove_note(&self, repo: RepoId, id: u64) -> Result<bool, StoreError> {
        self.write(move |tx| {
            async move {
                let removed = tx.execute(&sql::NOTE_REMOVE, &params![repo, id]).await?;
                Ok(removed > 0)
            }
            .boxed()
        })
        .await
    }

    /// The notes about the days of a range, or all of them. *Shape*: by day, then by number.
    pub async fn notes(
        &self,
        repo: RepoId,
        range: Option<DayRange>,
    ) -> Result<Vec<Note>, StoreError> {
        let range = range.unwrap_or(DayRange::ALL);
        self.read(move |tx| {
            async move {
                let params = params![repo, range.first(), range.last()];
                let rows = tx.query(&sql::NOTE_IN_DAYS, &params).await?;
                rows.iter().map(note).collect()
            }
            .boxed()
        })
        .await
    }
}

async fn add(
    tx: &mut Tx<'_>,
    repo: RepoId,
    day: Day,
    text: NoteText,
    written_at: Timestamp,
) -> Result<u64, Fault> {
    tx.lock(Lock::Repo(repo)).await?;
    let same = params![repo, day, text.as_str()];
    let mut rows = tx.query(&sql::NOTE_FIND, &same).await?;
    if rows.is_empty() {
        let params = params![repo, day, text.as_str(), written_at];
        rows = tx.query(&sql::NOTE_ADD, &params).await?;
    }
    let row = rows.first();
    row.ok_or_else(|| Fault::corrupt("no number for a note".into()))?
        .whole(0)
}

fn note(row: &Row) -> Result<Note, Fault> {
    Ok(Note {
        id: row.whole(0)?,
        day: row.day(1)?,
        text: row.parsed(2)?,
        written_at: row.time(3)?,
    })
}
