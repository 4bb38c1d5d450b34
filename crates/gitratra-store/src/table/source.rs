//! Where values came from, by number.

use futures_util::FutureExt;
use gitratra_core::Source;

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
