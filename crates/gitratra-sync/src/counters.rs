//! What lists and look-ups count beside: stars, forks and issues, kept once a day for nothing.

use std::collections::{BTreeMap, HashMap};

use gitratra_core::{CountersReading, Day, Endpoint, Held, RepoId};
use gitratra_store::{Store, StoreError};

use crate::asker::Asker;
use crate::scope::{Known, Lists};

/// Repositories whose counters are stored in one transaction.
const AT_ONCE: usize = 100;

/// Reads what is held, once what lists counted is kept: of the repositories that are tracked and can
/// be read, where nothing was kept of them on that day yet. A list knows less than a look-up, and
/// must not push that out.
pub(crate) async fn save_listed(
    store: &Store,
    askers: &[Asker],
    lists: &Lists,
    known: &Known,
) -> Result<HashMap<RepoId, Held>, StoreError> {
    let mut held: HashMap<RepoId, Held> = store.held().await?.into_iter().collect();
    let kept = store.latest_counters().await?.into_iter();
    let kept: HashMap<RepoId, Day> = kept.map(|(id, day, _)| (id, day)).collect();
    let mut wanted: BTreeMap<usize, Vec<CountersReading>> = BTreeMap::new();
    for (id, (place, reading)) in &lists.counters {
        let listing = lists.repositories.get(id);
        let is_ours = listing.is_some_and(|listing| {
            listing.can_be_read() && known.verdict(&listing.repository).is_tracked()
        });
        if is_ours && kept.get(id) < Some(&Day::of(reading.read_at)) {
            wanted.entry(*place).or_default().push(reading.clone());
        }
    }
    for (place, readings) in wanted {
        let Some(asker) = askers.get(place) else {
            continue;
        };
        // A transaction that is long keeps others waiting.
        for readings in readings.chunks(AT_ONCE) {
            let recorded =
                store.record_counters(readings, Endpoint::Repository, &asker.fingerprint);
            let recorded = recorded.await?.into_iter();
            held.extend(recorded.map(|(id, recorded)| (id, recorded.held)));
        }
    }
    Ok(held)
}
