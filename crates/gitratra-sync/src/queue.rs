//! Who is asked when: every errand with the moment at which it is due.
//!
//! Errands wait in the order of their moments. Those whose moment has come stand in the order of their
//! turns, in a line for each set of credentials that can carry them out. So a step costs what it takes
//! up and what has changed, however many errands there are and however many of them cannot be asked
//! for the moment.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

use gitratra_core::plan::{self, Turn};
use gitratra_core::{Held, RepoId, Timestamp};

use crate::crew::Crew;
use crate::scope::{Errand, Job, Known};
use crate::visit::Visited;

/// All errands.
#[derive(Debug)]
pub(crate) struct Queue {
    /// By their names, so that a place says who goes first among those that are equal otherwise.
    entries: Vec<Entry>,
    places: HashMap<String, usize>,
    of_repo: HashMap<RepoId, Vec<usize>>,
    lines: Vec<Line>,
    /// The moment up to which errands have gone from waiting to their lines.
    now: Timestamp,
}

/// An errand and when it is due.
#[derive(Debug)]
struct Entry {
    errand: Errand,
    turn: Option<Turn>,
    due_at: Timestamp,
    failed: Option<Failed>,
    /// In which line it stands or waits.
    line: usize,
    /// Whether it stands in line, and does not wait.
    is_ready: bool,
}

/// The errands that the same credentials can carry out.
#[derive(Debug)]
struct Line {
    /// Places of those credentials.
    asked: Vec<usize>,
    ready: BTreeSet<(Option<Turn>, usize)>,
    waiting: BTreeSet<(Timestamp, usize)>,
}

/// What came to nothing, by the keys of the errands.
#[derive(Debug, Default)]
pub(crate) struct Failures(HashMap<String, Failed>);

/// That an errand came to nothing, and when.
#[derive(Debug, Clone, Copy)]
struct Failed {
    since: Timestamp,
    at: Timestamp,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            places: HashMap::new(),
            of_repo: HashMap::new(),
            lines: Vec::new(),
            now: Timestamp::MIN,
        }
    }
}

impl Queue {
    /// Lets go of all errands, so that there is room for those in their place, and says what failed of
    /// them.
    pub(crate) fn make_room(&mut self) -> Failures {
        let entries = std::mem::take(self).entries.into_iter();
        let failed = entries.filter_map(|entry| Some((entry.errand.job.key(), entry.failed?)));
        Failures(failed.collect())
    }

    /// Puts these errands in the place of all others; what failed before is remembered.
    pub(crate) fn lay_out(
        &mut self,
        mut errands: Vec<Errand>,
        failed: &Failures,
        known: &Known,
        held: &HashMap<RepoId, Held>,
        now: Timestamp,
    ) {
        errands.sort_by_cached_key(|errand| errand.job.label().to_ascii_lowercase());
        *self = Self {
            now,
            ..Self::default()
        };
        let mut line_of: HashMap<Vec<usize>, usize> = HashMap::new();
        let mut orders: Vec<(Vec<_>, Vec<_>)> = Vec::new();
        for (place, errand) in errands.into_iter().enumerate() {
            let mut asked = Crew::asked(&errand).to_vec();
            asked.sort_unstable();
            let line = *line_of.entry(asked).or_insert_with_key(|asked| {
                self.lines.push(Line::of(asked.clone()));
                orders.push(Default::default());
                self.lines.len() - 1
            });
            let key = errand.job.key();
            let mut entry = Entry {
                failed: failed.0.get(&key).copied(),
                errand,
                turn: None,
                due_at: Timestamp::MIN,
                line,
                is_ready: false,
            };
            entry.place(known, held, now);
            entry.is_ready = entry.due_at <= now;
            let (ready, waiting) = &mut orders[line];
            match entry.is_ready {
                true => ready.push((entry.turn, place)),
                false => waiting.push((entry.due_at, place)),
            }
            for id in entry.errand.job.ids() {
                self.of_repo.entry(id).or_default().push(place);
            }
            self.places.insert(key, place);
            self.entries.push(entry);
        }
        for (line, (ready, waiting)) in self.lines.iter_mut().zip(orders) {
            line.ready = ready.into_iter().collect();
            line.waiting = waiting.into_iter().collect();
        }
    }

    /// Forgets everything, as where other credentials stand in the places that errands name.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
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
    pub(crate) fn due(&mut self, now: Timestamp, closed: &[usize], most: usize) -> Vec<Errand> {
        self.tell_time(now);
        let able = self.lines.iter().filter(|line| line.is_able(closed));
        let mut lines: Vec<_> = able.map(|line| line.ready.iter()).collect();
        let mut heads = BinaryHeap::with_capacity(lines.len());
        for (line, rest) in lines.iter_mut().enumerate() {
            heads.extend(rest.next().map(|head| Reverse((*head, line))));
        }
        let mut due = Vec::new();
        while due.len() < most
            && let Some(Reverse(((_, place), line))) = heads.pop()
        {
            due.push(self.entries[place].errand.clone());
            heads.extend(lines[line].next().map(|head| Reverse((*head, line))));
        }
        due
    }

    /// Lets those stand in line whose moment has come. Time may also go back, where a clock was
    /// wrong.
    fn tell_time(&mut self, now: Timestamp) {
        let goes_back = now < self.now;
        self.now = now;
        for line in &mut self.lines {
            while let Some((due_at, place)) = line.waiting.first().copied()
                && due_at <= now
            {
                line.waiting.pop_first();
                let entry = &mut self.entries[place];
                entry.is_ready = true;
                line.ready.insert((entry.turn, place));
            }
            if goes_back {
                let entries = &mut self.entries;
                let waiting = &mut line.waiting;
                line.ready.retain(|(_, place)| {
                    let entry = &mut entries[*place];
                    entry.is_ready = entry.due_at <= now;
                    if !entry.is_ready {
                        waiting.insert((entry.due_at, *place));
                    }
                    entry.is_ready
                });
            }
        }
    }

    /// Changes an entry, and has it stand or wait where it then belongs.
    fn change(&mut self, place: usize, change: impl FnOnce(&mut Entry)) {
        let now = self.now;
        let Some(entry) = self.entries.get_mut(place) else {
            return;
        };
        let line = &mut self.lines[entry.line];
        match entry.is_ready {
            true => line.ready.remove(&(entry.turn, place)),
            false => line.waiting.remove(&(entry.due_at, place)),
        };
        change(entry);
        entry.is_ready = entry.due_at <= now;
        match entry.is_ready {
            true => line.ready.insert((entry.turn, place)),
            false => line.waiting.insert((entry.due_at, place)),
        };
    }

    /// Lets errands wait that another collector carries out.
    pub(crate) fn put_off(&mut self, errands: &[Errand], until: Timestamp) {
        for errand in errands {
            if let Some(place) = self.places.get(&errand.job.key()).copied() {
                self.change(place, |entry| entry.due_at = entry.due_at.max(until));
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
        for key in keys {
            if let Some(place) = self.places.get(key).copied() {
                self.change(place, |entry| entry.place(known, held, now));
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
        for id in changed {
            for place in self.of_repo.get(id).cloned().unwrap_or_default() {
                self.change(place, |entry| entry.place(known, held, now));
            }
        }
    }

    /// Whether the errand with this key is due.
    pub(crate) fn is_due(&self, key: &str, now: Timestamp) -> bool {
        self.entry(key).is_some_and(|entry| entry.due_at <= now)
    }

    /// An errand as it is now.
    pub(crate) fn errand(&self, key: &str) -> Option<&Errand> {
        self.entry(key).map(|entry| &entry.errand)
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(*self.places.get(key)?)
    }

    /// Whether anything is due, whoever could ask it.
    pub(crate) fn has_due(&mut self, now: Timestamp) -> bool {
        self.tell_time(now);
        self.lines.iter().any(|line| !line.ready.is_empty())
    }

    /// How many errands stood in line when what is due was last asked for.
    pub(crate) fn in_line(&self) -> usize {
        self.lines.iter().map(|line| line.ready.len()).sum()
    }

    /// When the first errand is due that can be asked; a moment that has passed where one is due
    /// already.
    pub(crate) fn next(&self, closed: &[usize]) -> Option<Timestamp> {
        let able = self.lines.iter().filter(|line| line.is_able(closed));
        let first = able.filter_map(|line| match line.ready.is_empty() {
            true => line.waiting.first().map(|(due_at, _)| *due_at),
            false => Some(Timestamp::MIN),
        });
        first.min()
    }

    /// Takes in what came of errands, and when they are due again.
    pub(crate) fn account(
        &mut self,
        done: &[(Job, Visited)],
        known: &Known,
        held: &HashMap<RepoId, Held>,
        now: Timestamp,
    ) {
        for (job, visited) in done {
            if let Some(place) = self.places.get(&job.key()).copied() {
                self.change(place, |entry| entry.account(visited, known, held, now));
            }
        }
    }
}

impl Line {
    fn of(asked: Vec<usize>) -> Self {
        Self {
            asked,
            ready: BTreeSet::new(),
            waiting: BTreeSet::new(),
        }
    }

    /// Whether any of its credentials may ask now.
    fn is_able(&self, closed: &[usize]) -> bool {
        self.asked.iter().any(|place| !closed.contains(place))
    }
}

impl Entry {
    /// Says when it is due and what its turn is.
    fn place(&mut self, known: &Known, held: &HashMap<RepoId, Held>, now: Timestamp) {
        let job = &self.errand.job;
        let (turn, due_at) = job.standing(known, held, now);
        self.turn = turn;
        if self.failed.is_some() {
            // What is gone has its own, longer waits.
            let ids = job.ids();
            let is_gone = !ids.is_empty() && ids.iter().all(|id| known.gone(job, *id).is_some());
            if is_gone {
                self.failed = None;
            }
        }
        self.due_at = match self.failed {
            Some(_) => self.again_at(now),
            None => due_at,
        };
    }

    /// Takes in what came of it.
    fn account(
        &mut self,
        visited: &Visited,
        known: &Known,
        held: &HashMap<RepoId, Held>,
        now: Timestamp,
    ) {
        // Only what was not even read has its moment decided here; what was read and failed has it
        // from what is held.
        let is_lost = !visited.has_read && (visited.failed > 0 || !visited.is_unfinished);
        let before = self.failed;
        let failed = Failed {
            since: before.map_or(now, |failed| failed.since),
            at: now,
        };
        self.failed = is_lost.then_some(failed);
        self.place(known, held, now);
        if self.due_at <= now && !visited.is_unfinished {
            // Whatever the reason: what was done just now is not done again at once.
            self.failed = Some(failed);
            self.due_at = self.again_at(now);
        }
    }

    /// When what failed is tried again.
    fn again_at(&self, now: Timestamp) -> Timestamp {
        self.failed.map_or(now, |failed| {
            plan::retry_at(failed.since, failed.at.min(now))
        })
    }
}
