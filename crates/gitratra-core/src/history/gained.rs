//! What a join brought, in numbers that a person wants to read.

use std::ops::AddAssign;

use super::{History, KnownDay};
use crate::DayState;

/// What is known after a join and was not before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gained {
    /// Repositories of which nothing was known.
    pub repositories: u64,
    /// Repositories of which anything changed, the new ones included.
    pub changed: u64,
    /// Repository-days that became known or measured.
    pub new_days: u64,
    /// Repository-days of which a number became larger.
    pub raised: u64,
    /// Lists of referrers and paths.
    pub lists: u64,
    /// Days of stars, forks and the like.
    pub counters: u64,
    /// Days of downloads of files.
    pub downloads: u64,
    /// Notes.
    pub notes: u64,
}

impl Gained {
    /// Compares a history with what it was before, where there was one.
    #[must_use]
    pub fn between(before: Option<&History>, after: &History) -> Self {
        let nothing = History::new(after.repo);
        let was = before.unwrap_or(&nothing);
        if before == Some(after) {
            return Self::default();
        }
        let mut gained = Self {
            repositories: u64::from(was.label.is_none() && after.label.is_some()),
            changed: 1,
            lists: added(was.rankings.lists.len(), after.rankings.lists.len()),
            counters: after.counters.days().saturating_sub(was.counters.days()),
            downloads: downloads(after).saturating_sub(downloads(was)),
            notes: added(was.notes.len(), after.notes.len()),
            ..Self::default()
        };
        for (day, known) in &after.days {
            let was = was.days.get(day);
            let is_new = state(known) < was.map_or(DayState::Gap, state);
            let is_raised = was.is_some_and(|was| is_raised(was, known));
            gained.new_days += u64::from(is_new);
            gained.raised += u64::from(is_raised && !is_new);
        }
        gained
    }
}

impl AddAssign for Gained {
    fn add_assign(&mut self, other: Self) {
        self.repositories += other.repositories;
        self.changed += other.changed;
        self.new_days += other.new_days;
        self.raised += other.raised;
        self.lists += other.lists;
        self.counters += other.counters;
        self.downloads += other.downloads;
        self.notes += other.notes;
    }
}

fn added(before: usize, after: usize) -> u64 {
    after.saturating_sub(before) as u64
}

fn downloads(history: &History) -> u64 {
    history.downloads.values().map(super::Runs::days).sum()
}

fn state(known: &[KnownDay; 2]) -> DayState {
    let records = known.iter().filter_map(|known| known.record.as_ref());
    let states = records.map(crate::DayRecord::state);
    states.min().unwrap_or(DayState::Gap)
}

fn is_raised(before: &[KnownDay; 2], after: &[KnownDay; 2]) -> bool {
    let best = |known: &KnownDay| known.record.as_ref().map(crate::DayRecord::best);
    before
        .iter()
        .zip(after)
        .any(|(before, after)| best(before) != best(after))
}
