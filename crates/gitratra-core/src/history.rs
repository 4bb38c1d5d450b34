//! Everything that is held of a repository, as plain values that two stores can join.
//!
//! Joining is commutative, associative and idempotent, part by part, so that copies of a history may
//! meet in any order, twice, and over any detour, and all end the same. Of days of traffic it is the
//! join of [`crate::merge`]; where a store keeps less than that would need, a rule was chosen that
//! goes by nothing but what is kept, and is told at its field.
//!
//! Not part of it, since it belongs to one house alone: people, tokens, sessions, links, keys, alarms,
//! the credentials and validators of answers, how questions failed, and the hour that a collector
//! expects (learnt anew in two weeks).

mod downloads;
mod gained;
mod house;
mod label;
mod ranked;
mod runs;
mod source;
mod stars;
#[cfg(test)]
mod tests;
mod told;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use self::downloads::{AssetFacts, ReleaseFacts};
pub use self::gained::Gained;
pub use self::house::{GroupFacts, House};
pub use self::label::{GoneFact, Label, NameSpan};
pub use self::ranked::{RankedList, Rankings};
pub use self::runs::Runs;
pub use self::source::{SourceName, Sources};
pub use self::stars::StarFacts;
pub use self::told::Told;

use crate::counters::{Counters, Profile};
use crate::import::Tally;
use crate::merge;
use crate::{Count, Day, DayRecord, Endpoint, Metric, NoteText, RepoId, RepoName, Uniques, Week};

/// All facts of one repository. Times are whole seconds of GitHub's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Whose they are.
    pub repo: RepoId,
    /// What it is called and what it is; the label that was confirmed last stays.
    pub label: Option<Label>,
    /// When it became known; the earlier stays.
    pub first_seen: Option<Timestamp>,
    /// Since when GitHub does not answer for it; the later stays, and only where its label was not
    /// confirmed afterwards.
    pub gone: Option<GoneFact>,
    /// Every name it ever had, by [`RepoName::key`].
    pub names: BTreeMap<String, NameSpan>,
    /// How far GitHub's good answers reach, by question.
    pub answered: BTreeMap<Endpoint, Answered>,
    /// What the sources of the days are called.
    pub sources: Sources,
    /// Days of which anything is known, both metrics in the order of [`Metric::ALL`].
    pub days: BTreeMap<Day, [KnownDay; 2]>,
    /// Whole weeks, in the order of [`Metric::ALL`]; the larger numbers stay.
    pub weeks: BTreeMap<Week, [Option<Count>; 2]>,
    /// Referrers and paths.
    pub rankings: Rankings,
    /// Stars, forks and the like. Of a day that was told twice the larger numbers stay: when each
    /// day was read is not kept.
    pub counters: Runs<Counters>,
    /// The last time at which the newest day of [`History::counters`] was read.
    pub counted: Option<(Day, Timestamp)>,
    /// What it is, as its owners describe it, by when it was first seen so.
    pub profiles: BTreeMap<Timestamp, Profile>,
    /// Tags by name. When a tag was told is not kept, so that of two days the later stays.
    pub tags: BTreeMap<String, Day>,
    /// Stars by day.
    pub stars: StarFacts,
    /// Releases by GitHub's number.
    pub releases: BTreeMap<u64, ReleaseFacts>,
    /// Files of releases by GitHub's number.
    pub assets: BTreeMap<u64, AssetFacts>,
    /// Running totals of downloads by the number of the file; the larger of a day stays.
    pub downloads: BTreeMap<u64, Runs<u64>>,
    /// What people wrote about days, and when: the earlier stays. That a note was removed is not
    /// part of a history.
    pub notes: BTreeMap<(Day, NoteText), Timestamp>,
    /// Stars and forks by day as only files told them; the larger total stays.
    pub totals: BTreeMap<(Tally, Day), u64>,
    /// Runs of workflows by day; the larger number stays.
    pub workflow_days: BTreeMap<Day, u64>,
}

/// One metric of one day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownDay {
    /// All that was said about the day, its sources by the numbers of [`History::sources`].
    pub record: Option<DayRecord>,
    /// People over the window that ends on this day; the larger number stays.
    pub window_uniques: Option<Uniques>,
}

/// How far the good answers to one question reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// When the last one was made.
    pub at: Timestamp,
    /// The newest day in any of them.
    pub newest: Option<Day>,
}

/// Where a metric stands in pairs that are in the order of [`Metric::ALL`].
#[must_use]
pub const fn place(metric: Metric) -> usize {
    match metric {
        Metric::Views => 0,
        Metric::Clones => 1,
    }
}

impl History {
    /// A history of which nothing is known.
    #[must_use]
    pub fn new(repo: RepoId) -> Self {
        Self {
            repo,
            label: None,
            first_seen: None,
            gone: None,
            names: BTreeMap::new(),
            answered: BTreeMap::new(),
            sources: Sources::default(),
            days: BTreeMap::new(),
            weeks: BTreeMap::new(),
            rankings: Rankings::default(),
            counters: Runs::new(),
            counted: None,
            profiles: BTreeMap::new(),
            tags: BTreeMap::new(),
            stars: StarFacts::default(),
            releases: BTreeMap::new(),
            assets: BTreeMap::new(),
            downloads: BTreeMap::new(),
            notes: BTreeMap::new(),
            totals: BTreeMap::new(),
            workflow_days: BTreeMap::new(),
        }
    }

    /// Its present name, where a label is known.
    #[must_use]
    pub fn name(&self) -> Option<&RepoName> {
        self.label.as_ref().map(|label| &label.name)
    }

    /// Joins what another store holds of the same repository. [`History::repo`] stays as it is.
    pub fn join(&mut self, other: &Self) {
        self.join_label(other);
        for (endpoint, answered) in &other.answered {
            self.reach(*endpoint, answered.newest, answered.at);
        }
        self.join_days(other);
        for (week, told) in &other.weeks {
            let kept = self.weeks.entry(*week).or_default();
            for (kept, told) in kept.iter_mut().zip(told) {
                *kept = merge::larger(*kept, *told);
            }
        }
        self.rankings.join(&other.rankings);
        self.counters.join(&other.counters);
        self.counted = self.counted.max(other.counted);
        for (at, profile) in &other.profiles {
            keep(&mut self.profiles, at, profile, |kept, told| *told > *kept);
        }
        for (name, day) in &other.tags {
            keep(&mut self.tags, name, day, |kept, told| told > kept);
        }
        self.stars.join(&other.stars);
        self.join_releases(other);
        for (note, at) in &other.notes {
            keep(&mut self.notes, note, at, |kept, told| told < kept);
        }
        for (day, total) in &other.totals {
            keep(&mut self.totals, day, total, |kept, told| told > kept);
        }
        for (day, runs) in &other.workflow_days {
            keep(&mut self.workflow_days, day, runs, |kept, told| told > kept);
        }
    }

    /// Takes in how far an answer reaches that was made at some time.
    pub fn reach(&mut self, endpoint: Endpoint, newest: Option<Day>, at: Timestamp) {
        let answered = Answered { at, newest };
        let kept = self.answered.entry(endpoint).or_insert(answered);
        kept.at = kept.at.max(at);
        kept.newest = kept.newest.max(newest);
    }

    fn join_days(&mut self, other: &Self) {
        if self.sources != other.sources {
            let names = self.sources.names().chain(other.sources.names());
            self.number_sources(Sources::new(names.cloned()));
        }
        for (day, known) in &other.days {
            let kept = self.days.entry(*day).or_default();
            for (kept, known) in kept.iter_mut().zip(known) {
                kept.window_uniques = kept.window_uniques.max(known.window_uniques);
                if let Some(record) = &known.record {
                    let number = |source| other.sources.translated(source, &self.sources);
                    merge::join(&mut kept.record, record.renumbered(number));
                }
            }
        }
        self.drop_unused_sources();
    }

    /// Leaves only those sources that any day still names.
    fn drop_unused_sources(&mut self) {
        let mut used: Vec<_> = self.records().flat_map(|(_, _, of)| sources(of)).collect();
        used.sort_unstable();
        used.dedup();
        let names = used.iter().filter_map(|source| self.sources.name(*source));
        let names = Sources::new(names.cloned());
        self.number_sources(names);
    }

    fn number_sources(&mut self, sources: Sources) {
        let before = std::mem::replace(&mut self.sources, sources);
        let is_same = |name: &SourceName| before.number(name) == self.sources.number(name);
        if before.names().all(is_same) {
            return;
        }
        let records = self.days.values_mut().flatten();
        for record in records.filter_map(|known| known.record.as_mut()) {
            *record = record.renumbered(|source| before.translated(source, &self.sources));
        }
    }

    /// Everything that was told of days. *Shape*: by day, views first.
    pub fn records(&self) -> impl Iterator<Item = (Day, Metric, &DayRecord)> {
        self.days.iter().flat_map(|(day, known)| {
            let records = Metric::ALL.into_iter().zip(known);
            records.filter_map(|(metric, known)| Some((*day, metric, known.record.as_ref()?)))
        })
    }
}

/// Every source that a record names, without doubt.
fn sources(record: &DayRecord) -> impl Iterator<Item = crate::Source> {
    let values = record.settled().iter().chain(record.doubted());
    let values = values.map(|value| value.source);
    values
        .chain(std::iter::once(record.row().source))
        .map(crate::Source::believed)
}

/// Puts a value where there is none, or in the place of one that it beats.
fn keep<K: Ord + Clone, V: Clone>(
    map: &mut BTreeMap<K, V>,
    key: &K,
    value: &V,
    beats: impl Fn(&V, &V) -> bool,
) {
    match map.get_mut(key) {
        None => {
            map.insert(key.clone(), value.clone());
        }
        Some(kept) => {
            if beats(kept, value) {
                *kept = value.clone();
            }
        }
    }
}
