//! The first of two readings of a file: whether it can be read to its end, whom it speaks of, and
//! what must be known before any of it is stored.

use std::collections::{BTreeMap, BTreeSet};

use gitratra_core::import::{Enough, Fact, LeftOut, Listener, Subject};
use gitratra_core::{Day, Metric, Timestamp, regime};

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
    /// The newest day that must have begun for all of it to be true.
    begun: Option<Day>,
}

impl Account {
    /// Whether a day of which nobody tells when it was read may have been running then.
    pub(super) fn may_have_run(&self, metric: Metric, day: Day) -> bool {
        self.newest[place(metric)] == Some(day) && regime::may_be_told_running(day)
    }

    /// The newest time that it speaks of.
    pub(super) fn told_at(&self) -> Timestamp {
        self.last.unwrap_or(Day::MIN).end()
    }

    /// The newest day that must have begun for all of it to be true.
    pub(super) fn begun(&self) -> Day {
        self.begun.unwrap_or(Day::MIN)
    }

    fn take(&mut self, fact: &Fact) {
        let last = match fact {
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
        let begun = match fact {
            Fact::Week { week, .. } => week.monday(),
            _ => last,
        };
        self.last = self.last.max(Some(last));
        self.begun = self.begun.max(Some(begun));
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
