//! Sources by number, and numbers for those that have none yet.

use std::collections::HashMap;

use gitratra_core::Source;
use gitratra_core::history::SourceName;

use crate::engine::{Lock, Tx};
use crate::error::Fault;
use crate::sql;
use crate::value::params;

/// Every source that this store knows.
pub(super) async fn all(tx: &mut Tx<'_>) -> Result<HashMap<Source, SourceName>, Fault> {
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
pub(super) async fn numbers<'n>(
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
