//! Who is asked when: every errand with the moment at which it is due.

use std::collections::{HashMap, HashSet};

use gitratra_core::plan::{self, Turn};
use gitratra_core::{Held, RepoId, Timestamp};

use crate::crew::Crew;
use crate::scope::{Errand, Job, Known};
use crate::visit::Visited;

/// All errands.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    entries: Vec<Entry>,
}

/// An errand and when it is due.
#[derive(Debug)]
struct Entry {
    errand: Errand,
    turn: Option<Turn>,
    due_at: Timestamp,
    failed: Option<Failed>,
}

/// That an errand came to nothing, and when.
#[derive(Debug, Clone, Copy)]
struct Failed {
    since: Timestamp,
    at: Timestamp,
}

impl Queue {
    /// Puts these errands in the place of all others; what failed before is remembered.
    pub(crate) fn lay_out(
        &mut self,
        errands: Vec<Errand>,
        known: &Known,
        held: &HashMap<RepoId, Held>,
        now: Timestamp,
    ) {
        let failed: HashMap<String, Failed> = self
            .entries
            .iter()
            .filter_map(|entry| Some((entry.errand.job.key(), entry.failed?)))
            .collect();
        let entry = |errand: Errand| {
            let mut entry = Entry {
                failed: failed.get(&errand.job.key()).copied(),
                errand,
                turn: None,
                due_at: Timestamp::MIN,
            };
            entry.place(known, held, now);
            entry
        };
        self.entries = errands.into_iter().map(entry).collect();
    }

    /// Forgets everything, as where other credentials stand in the places that errands name.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All errands.
    pub(crate) fn errands(&self) -> impl Iterator<Item = &Errand> {
        self.entries.iter().map(|entry| &entry.errand)
    }

    /// What is due and can be asked by a credential that may ask, the most endangered first, and so
    /// many at most.
    pub(crate) fn due(&self, now: Timestamp, closed: &[usize], most: usize) -> Vec<Errand> {
        let is_due = |entry: &&Entry| entry.due_at <= now && Crew::is_able(closed, &entry.errand);
        let mut due: Vec<&Entry> = self.entries.iter().filter(is_due).collect();
        due.sort_by_cached_key(|entry| (entry.turn, entry.errand.job.label().to_ascii_lowercase()));
        due.truncate(most);
        due.into_iter().map(|entry| entry.errand.clone()).collect()
    }

    /// Lets errands wait that another collector carries out.
    pub(crate) fn put_off(&mut self, errands: &[Errand], until: Timestamp) {
        let keys: HashSet<String> = errands.iter().map(|errand| errand.job.key()).collect();
        if keys.is_empty() {
            return;
        }
        for entry in &mut self.entries {
            if keys.contains(&entry.errand.job.key()) {
                entry.due_at = entry.due_at.max(until);
            }
        }
    }

    /// Says anew when these errands are due.
    pub(crate) fn place_again(
        &mut self,
        keys: &HashSet<String>,
        known: &Known,
        held: &HashMap<RepoId, Held>,
        now: Timestamp,
    ) {
        for entry in &mut self.entries {
            if keys.contains(&entry.errand.job.key()) {
                entry.place(known, held, now);
            }
        }
    }

    /// Says anew when errands about these repositories are due.
    pub(crate) fn learn(
        &mut self,
        changed: &HashSet<RepoId>,
        known: &Known,
        held: &HashMap<RepoId, Held>,
        now: Timestamp,
    ) {
        for entry in &mut self.entries {
            if entry.errand.job.ids().iter().any(|id| changed.contains(id)) {
                entry.place(known, held, now);
            }
        }
    }

    /// By their keys, what is due.
    pub(crate) fn due_keys(&self, now: Timestamp) -> HashSet<String> {
        let due = self.entries.iter().filter(|entry| entry.due_at <= now);
        due.map(|entry| entry.errand.job.key()).collect()
    }

    /// An errand as it is now.
    pub(crate) fn errand(&self, key: &str) -> Option<&Errand> {
        self.errands().find(|errand| errand.job.key() == key)
    }

    /// Whether anything is due, whoever could ask it.
    pub(crate) fn has_due(&self, now: Timestamp) -> bool {
        self.entries.iter().any(|entry| entry.due_at <= now)
    }

    /// When the first errand is due that can be asked.
    pub(crate) fn next(&self, closed: &[usize]) -> Option<Timestamp> {
        let able = self.entries.iter();
        able.filter(|entry| Crew::is_able(closed, &entry.errand))
            .map(|entry| entry.due_at)
            .min()
    }

    /// Takes in what came of errands, and when they are due again.
    pub(crate) fn account(
        &mut self,
        done: &[(Job, Visited)],
        known: &Known,
        held: &HashMap<RepoId, Held>,
        now: Timestamp,
    ) {
        let mut places: HashMap<String, usize> = HashMap::with_capacity(self.entries.len());
        for (place, entry) in self.entries.iter().enumerate() {
            places.insert(entry.errand.job.key(), place);
        }
        for (job, visited) in done {
            let place = places.get(&job.key()).copied();
            let Some(entry) = place.and_then(|place| self.entries.get_mut(place)) else {
                continue;
            };
            // Only what was not even read has its moment decided here; what was read and failed
            // has it from what is held.
            let is_lost = !visited.has_read && (visited.failed > 0 || !visited.is_unfinished);
            let before = entry.failed;
            entry.failed = is_lost.then(|| Failed {
                since: before.map_or(now, |failed| failed.since),
                at: now,
            });
            entry.place(known, held, now);
            if entry.due_at <= now && !visited.is_unfinished {
                // Whatever the reason: what was done just now is not done again at once.
                entry.failed = Some(Failed {
                    since: before.map_or(now, |failed| failed.since),
                    at: now,
                });
                entry.due_at = entry.again_at(now);
            }
        }
    }
}

impl Entry {
    /// Says when it is due and what its turn is.
    fn place(&mut self, known: &Known, held: &HashMap<RepoId, Held>, now: Timestamp) {
        let job = &self.errand.job;
        self.turn = job.turn(held);
        // What is gone has its own, longer waits.
        let ids = job.ids();
        let is_gone = !ids.is_empty() && ids.iter().all(|id| known.gone(job, *id).is_some());
        if is_gone {
            self.failed = None;
        }
        self.due_at = match self.failed {
            Some(_) => self.again_at(now),
            None => job.due_at(known, held, now),
        };
    }

    /// When what failed is tried again.
    fn again_at(&self, now: Timestamp) -> Timestamp {
        self.failed.map_or(now, |failed| {
            plan::retry_at(failed.since, failed.at.min(now))
        })
    }
}
