//! Where values came from, by number.

use std::collections::{BTreeSet, HashMap};

use futures_util::FutureExt;
use gitratra_core::Source;
use gitratra_core::history::SourceName;

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

/// The number of a source. Two stores number the same source alike, unless a number is taken by
/// another one, which is next to never.
pub(crate) async fn number(tx: &mut Tx<'_>, name: &SourceName) -> Result<Source, Fault> {
    let numbers = numbers(tx, std::iter::once(name)).await?;
    let source = numbers.get(name).copied();
    source.ok_or_else(|| Fault::corrupt("no number for a source".into()))
}

/// Notes that sources brought something when the newest run was the newest, so that who takes over
/// what changed since then looks at them.
///
/// Called at the end of the transaction that brings it: until that is over no run is saved, so that
/// no export after a newer run can miss what is not yet there to be seen.
pub(crate) async fn brought(
    tx: &mut Tx<'_>,
    sources: impl IntoIterator<Item = Source>,
) -> Result<(), Fault> {
    let sources: BTreeSet<Source> = sources.into_iter().map(Source::believed).collect();
    if sources.is_empty() {
        return Ok(());
    }
    tx.lock(Lock::Runs).await?;
    let newest = tx.query(&sql::RUN_NEWEST, &[]).await?;
    let newest = newest.first().map_or(Ok(0), |row| row.int(0))?;
    let sources = sources.into_iter().map(|source| params![source, newest]);
    let sources: Vec<_> = sources.collect();
    tx.execute_each(&sql::SOURCE_BRINGS, &sources).await?;
    Ok(())
}

/// Every source that this store knows.
pub(crate) async fn all(tx: &mut Tx<'_>) -> Result<HashMap<Source, SourceName>, Fault> {
    let rows = tx.query(&sql::SOURCE_ALL, &[]).await?;
    let sources = rows.iter().map(|row| {
        let name = SourceName {
            kind: row.text(1)?.to_owned(),
            label: row.text(2)?.to_owned(),
        };
        Ok((row.source(0)?, name))
    });
    sources.collect()
}

/// The numbers of these names in this store; each that has none yet gets the first free one from
/// its own on.
pub(crate) async fn numbers<'n>(
    tx: &mut Tx<'_>,
    names: impl Iterator<Item = &'n SourceName> + Send,
) -> Result<HashMap<SourceName, Source>, Fault> {
    let names: Vec<&SourceName> = names.collect();
    let invert = |known: HashMap<Source, SourceName>| {
        let pairs = known.into_iter().map(|(number, name)| (name, number));
        pairs.collect::<HashMap<_, _>>()
    };
    let known = invert(all(tx).await?);
    if names.iter().all(|name| known.contains_key(name)) {
        return Ok(known);
    }
    tx.lock(Lock::Sources).await?;
    // Somebody else may have added some before the lock was taken.
    let mut taken = all(tx).await?;
    let mut known = invert(taken.clone());
    for name in names {
        if known.contains_key(name) {
            continue;
        }
        let mut number = name.number();
        while taken.contains_key(&number) {
            number = number.next();
        }
        let params = params![number, name.kind.as_str(), name.label.as_str()];
        tx.execute(&sql::SOURCE_ADD, &params).await?;
        taken.insert(number, name.clone());
        known.insert(name.clone(), number);
    }
    Ok(known)
}
