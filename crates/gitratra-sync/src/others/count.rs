//! Counters of many repositories at once by GraphQL, and of each alone where that does not tell.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use gitratra_core::{Endpoint, Held, RepoId};
use gitratra_github::{CountedMany, FailureKind};
use gitratra_store::StoreError;
use jiff::SignedDuration;

use super::{Subject, Told, Untold};
use crate::report::stops_everything;
use crate::round::Ending;
use crate::visit::{Shared, Visited, lock};

/// Without GraphQL counters are asked of each repository by itself, which is dear, so rarely.
const ALONE: SignedDuration = SignedDuration::from_hours(24 * 10);

/// Asks for the counters of up to a hundred at once; of half as many where that was too much, and
/// of each alone, ever so rarely, where GraphQL does not tell.
pub(super) async fn count(
    shared: &Shared<'_>,
    place: usize,
    subjects: &[Subject],
    ending: &mut Ending,
) -> Result<Told, StoreError> {
    let mut told = Told::default();
    let mut parts = vec![subjects];
    while let Some(part) = parts.pop() {
        if !shared.may_wait(place) {
            if shared.is_spent(place) {
                told.left += part.len() as u64;
            }
            continue;
        }
        told.has_asked = true;
        let client = &shared.desks[place].asker.client;
        let asked = part.iter().filter_map(|subject| {
            let node_id = subject.node_id.clone()?;
            Some((subject.id, node_id))
        });
        let asked: Vec<(RepoId, String)> = asked.collect();
        let Some(answer) = shared.unless_stopped(client.counters_of(&asked)).await else {
            break;
        };
        match answer {
            Ok(many) => {
                shared.hear(None);
                save(shared, place, part, many, (&mut told, ending)).await?;
            }
            Err(failure) if failure.is_too_much_at_once() && part.len() > 1 => {
                let (one, other) = part.split_at(part.len() / 2);
                parts.extend([one, other]);
            }
            Err(failure) if failure.kind == FailureKind::Unauthorized => {
                shared.desks[place].is_closed.store(true, Ordering::Relaxed);
                ending.stopped.insert(place, failure);
            }
            // GraphQL has an hour of its own, and all else goes on.
            Err(failure) if stops_everything(&failure) => {
                told.has_asked = false;
                break;
            }
            // That GraphQL alone cannot be reached says nothing of the network.
            Err(failure) => {
                for subject in part {
                    let untold = Untold::by(&failure, &subject.name);
                    count_alone(shared, subject, untold, (&mut told, ending)).await?;
                }
            }
        }
    }
    Ok(told)
}

/// Keeps what was counted of many; those that nothing was said of are asked alone.
async fn save(
    shared: &Shared<'_>,
    place: usize,
    subjects: &[Subject],
    many: CountedMany,
    (told, ending): (&mut Told, &mut Ending),
) -> Result<(), StoreError> {
    let credential = &shared.desks[place].asker.fingerprint;
    let read_at = many.readings.iter().map(|reading| reading.read_at).max();
    told.at = told.at.max(read_at);
    let by = Endpoint::Counters;
    let recorded = shared
        .store
        .record_counters(&many.readings, by, credential)
        .await?;
    let recorded: HashMap<RepoId, Held> = recorded
        .into_iter()
        .map(|(id, recorded)| (id, recorded.held))
        .collect();
    let unsaid = subjects
        .iter()
        .filter(|subject| !recorded.contains_key(&subject.id));
    let unsaid: Vec<&Subject> = unsaid.collect();
    lock(shared.held).extend(recorded);
    for subject in unsaid {
        let untold = Untold::left_out(&subject.name, many.is_partial);
        count_alone(shared, subject, untold, (&mut *told, &mut *ending)).await?;
    }
    Ok(())
}

/// Looks one repository up for its counters, where they have not been told for long; else notes
/// that they were not told.
async fn count_alone(
    shared: &Shared<'_>,
    subject: &Subject,
    untold: Untold,
    (told, ending): (&mut Told, &mut Ending),
) -> Result<(), StoreError> {
    let place = subject.place;
    if shared.is_over() || shared.open(&[place]).is_empty() {
        return Ok(());
    }
    let now = shared.time();
    let held = shared.held_of(subject.id);
    let counted = held
        .asked(Endpoint::Counters)
        .and_then(|asked| asked.answered_at);
    let is_old = counted.is_none_or(|at| now.duration_since(at) >= ALONE);
    if is_old && shared.may_wait(place) {
        let client = &shared.desks[place].asker.client;
        let target = shared.target(subject);
        let asking = client.look_up(&target);
        let Some(answer) = shared.unless_stopped(asking).await else {
            return Ok(());
        };
        shared.hear(answer.as_ref().err());
        let counters = match answer {
            Ok(found) => found.counters,
            Err(failure) if stops_everything(&failure) => {
                shared.desks[place].is_closed.store(true, Ordering::Relaxed);
                ending.stopped.insert(place, failure);
                return Ok(());
            }
            Err(_) => None,
        };
        if let Some(reading) = counters.filter(|reading| reading.repo == subject.id) {
            let credential = &shared.desks[place].asker.fingerprint;
            let by = Endpoint::Counters;
            let recorded = shared
                .store
                .record_counters(&[reading], by, credential)
                .await?;
            let recorded = recorded.into_iter();
            lock(shared.held).extend(recorded.map(|(id, recorded)| (id, recorded.held)));
            return Ok(());
        }
    }
    let outcomes = vec![(Endpoint::Counters, untold.outcome())];
    told.fail(untold);
    let mut visited = Visited::default();
    shared
        .record(subject.id, now, place, outcomes, &mut visited)
        .await
}
