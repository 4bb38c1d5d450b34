//! Where values came from, by number.

use futures_util::FutureExt;
use gitratra_core::Source;

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::value::params;
use crate::{Store, StoreError};

impl Store {
    /// What a source is called, if it is known, whether it is believed or not.
    pub async fn source_label(&self, source: Source) -> Result<Option<String>, StoreError> {
        self.read(move |tx| {
            async move {
                let rows = tx
                    .query(&sql::SOURCE_LABEL, &params![source.believed()])
                    .await?;
                let label = rows.first().map(|row| row.text(0).map(str::to_owned));
                label.transpose()
            }
            .boxed()
        })
        .await
    }
}

/// The number of a source that brings days now. Two stores number the same source alike, unless a
/// number is taken by another one, which is next to never.
pub(crate) async fn bring(tx: &mut Tx<'_>, kind: String, label: String) -> Result<Source, Fault> {
    let source = numbered(tx, &kind, &label).await?;
    tx.execute(&sql::SOURCE_BRINGS, &params![source]).await?;
    Ok(source)
}

/// The number of a source, which is written down where it is new.
pub(crate) async fn numbered(tx: &mut Tx<'_>, kind: &str, label: &str) -> Result<Source, Fault> {
    // Numbers are given one at a time, as those of runs are.
    tx.lock(Lock::Runs).await?;
    let known = tx
        .query(&sql::SOURCE_BY_LABEL, &params![kind, label])
        .await?;
    if let Some(row) = known.first() {
        return row.source(0);
    }
    let mut source = Source::called(kind, label);
    while !tx
        .query(&sql::SOURCE_LABEL, &params![source])
        .await?
        .is_empty()
    {
        source = source.next();
    }
    tx.execute(&sql::SOURCE_ADD, &params![source, kind, label])
        .await?;
    Ok(source)
}
