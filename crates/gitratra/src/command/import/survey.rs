//! The first of two readings of a file: whether it can be read to its end, whom it speaks of, and
//! what must be known before any of it is stored.

use std::collections::{BTreeMap, BTreeSet};

use gitratra_core::import::{Enough, Fact, LeftOut, Listener, Subject};
use gitratra_core::{Day, Metric, Timestamp};

/// What a file has.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Whom it speaks of.
    pub(super) subjects: BTreeMap<Subject, Account>,
    /// What is not taken over.
    pub(super) left_out: BTreeSet<LeftOut>,
    /// How many facts it has.
    pub(super) facts: u64,
}

/// What it has of one of them.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Account {
    /// The newest day of views and of clones of which nobody tells when it was read.
    newest: [Option<Day>; 2],
    /// The newest day that anything is about.
    last: Option<Day>,
}

/// The newest of these may have been running when a file was written, and nobody says so: since then
/// GitHub tells of no day before it is over.
///
/// *Source*: measured, see `docs/numbers.md`.
const LAST_WITH_RUNNING: (i16, i8, i8) = (2025, 12, 30);

impl Account {
    /// Whether a day of which nobody tells when it was read may have been running then.
    pub(super) fn may_have_run(&self, metric: Metric, day: Day) -> bool {
        let (year, month, last) = LAST_WITH_RUNNING;
        self.newest[place(metric)] == Some(day)
            && Day::from_ymd(year, month, last).is_some_and(|last| day <= last)
    }

    /// The newest time that it speaks of.
    pub(super) fn told_at(&self) -> Timestamp {
        self.last.unwrap_or(Day::MIN).end()
    }

    fn take(&mut self, fact: &Fact) {
        let day = match fact {
            Fact::Day(fact) => {
                if fact.read_at.is_none() {
                    let newest = &mut self.newest[place(fact.metric)];
                    *newest = (*newest).max(Some(fact.day));
                }
                fact.day
            }
            Fact::Window { window, .. } | Fact::Ranked { window, .. } => window.last,
            Fact::Week { week, .. } => week.sunday(),
            Fact::Total { day, .. } => *day,
        };
        self.last = self.last.max(Some(day));
    }
}

const fn place(metric: Metric) -> usize {
    match metric {
        Metric::Views => 0,
        Metric::Clones => 1,
    }
}

impl Listener for Survey {
    fn tell(&mut self, about: &Subject, fact: Fact) -> Result<(), Enough> {
        self.facts += 1;
        match self.subjects.get_mut(about) {
            Some(account) => account.take(&fact),
            None => self.subjects.entry(about.clone()).or_default().take(&fact),
        }
        Ok(())
    }

    fn leave_out(&mut self, what: LeftOut) {
        self.left_out.insert(what);
    }
}
