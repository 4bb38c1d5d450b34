//! The days of traffic that a visit speaks of, merged in memory by [`gitratra_core::merge`] between
//! reading and writing them. This file asks no database.

use std::collections::{BTreeMap, BTreeSet};

use gitratra_core::merge::{self, Change};
use gitratra_core::{
    Count, Day, DayRecord, DayState, Endpoint, Metric, Reading, Source, Timestamp, Uniques, Window,
};

use crate::table::asked::Account;
use crate::table::traffic_day::{History, Kept, place};
use crate::value::whole_second;

/// The days that a visit speaks of, as they were and as they become.
#[derive(Default)]
pub(crate) struct Days {
    history: History,
    before: BTreeMap<Day, DayState>,
    changed: BTreeSet<Day>,
    /// Known values that became larger.
    pub(crate) raised: u64,
}

impl Days {
    pub(crate) fn new(history: History) -> Self {
        let before = history.iter().map(|(day, kept)| (*day, state(kept)));
        Self {
            before: before.collect(),
            history,
            ..Self::default()
        }
    }

    /// Joins what an answer says.
    pub(crate) fn read(&mut self, reading: &Reading) {
        let metric = reading.metric();
        let read_at = whole_second(reading.read_at());
        for (day, count) in reading.facts() {
            self.join(metric, DayRecord::of(day, count, read_at, Source::GITHUB));
        }
        if let Some((window, people)) = reading.window_uniques() {
            self.people(metric, window, people);
        }
    }

    /// Joins the people of a window.
    pub(crate) fn people(&mut self, metric: Metric, window: Window, people: Uniques) -> bool {
        let kept = &mut self.history.entry(window.last).or_default()[place(metric)];
        let larger = kept.window_uniques.max(Some(people.get()));
        let is_larger = kept.window_uniques != larger;
        if is_larger {
            kept.window_uniques = larger;
            self.changed.insert(window.last);
        }
        is_larger
    }

    /// What is known of a day.
    pub(crate) fn record(&self, metric: Metric, day: Day) -> Option<&DayRecord> {
        self.history.get(&day)?[place(metric)].record.as_ref()
    }

    /// Takes "not modified" for what it says: whatever the answer that is held gave is given again.
    pub(crate) fn see_again(&mut self, endpoint: Endpoint, account: &mut Account, at: Timestamp) {
        let metric = Metric::ALL
            .into_iter()
            .find(|metric| Endpoint::from(*metric) == endpoint);
        let (Some(metric), Some(span)) = (metric, &mut account.span) else {
            return;
        };
        let before = std::mem::replace(&mut span.seen_at, at);
        let days = span.days;
        for day in days.iter() {
            let kept = self.history.get(&day).map(|kept| &kept[place(metric)]);
            let Some(record) = kept.and_then(|kept| kept.record.as_ref()) else {
                continue;
            };
            if record.state() == DayState::Doubted {
                continue;
            }
            let row = record.row();
            let given = match record.settled() {
                [] => std::slice::from_ref(&row),
                settled => settled,
            };
            let again: Vec<DayRecord> = given
                .iter()
                .filter(|value| value.seen.last == before)
                .map(|value| DayRecord::of(day, value.count, at, Source::GITHUB))
                .collect();
            for record in again {
                self.join(metric, record);
            }
        }
        // A day that was running then may be over now.
        let newest = days.last().min(Day::of(at).plus(-1));
        account.reach(Some(newest).filter(|newest| days.contains(*newest)));
    }

    /// Joins one record, and says what that changed.
    pub(crate) fn join(&mut self, metric: Metric, record: DayRecord) -> Change {
        let day = record.day();
        let kept = &mut self.history.entry(day).or_default()[place(metric)];
        let change = merge::join(&mut kept.record, record);
        match change {
            Change::Nothing => return change,
            Change::Raised => self.raised += 1,
            Change::SeenAgain | Change::OtherValue | Change::Settled | Change::New => {}
        }
        self.changed.insert(day);
        change
    }

    /// What is measured of a day, with what this visit brings.
    pub(crate) fn measured(&self, metric: Metric, day: Day) -> Option<Count> {
        let record = self.record(metric, day)?;
        (!record.is_partial()).then(|| record.best())
    }

    pub(crate) fn changed_rows(&self) -> Vec<(Day, &[Kept; 2])> {
        let changed = self.changed.iter();
        changed
            .filter_map(|day| Some((*day, self.history.get(day)?)))
            .collect()
    }

    /// Days that became known or measured.
    pub(crate) fn new_days(&self) -> u64 {
        let improved = self.changed_rows().into_iter().filter(|(day, kept)| {
            let before = self.before.get(day).copied().unwrap_or(DayState::Gap);
            state(kept) < before
        });
        improved.count() as u64
    }
}

/// The best of what is known of either metric, as [`gitratra_core::DayRow::state`] has it.
fn state(kept: &[Kept; 2]) -> DayState {
    let records = kept.iter().filter_map(|kept| kept.record.as_ref());
    let states = records.map(DayRecord::state);
    states.min().unwrap_or(DayState::Gap)
}
