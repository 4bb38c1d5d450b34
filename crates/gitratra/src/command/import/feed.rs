//! The second reading of a file: its facts, a bounded batch at a time, on the way to the store.

use std::collections::{BTreeMap, HashMap};

use gitratra_core::import::{DayFact, Enough, Fact, LeftOut, Listener, Subject};
use gitratra_core::{RepoId, Timestamp};
use gitratra_store::Imported;
use tokio::sync::mpsc::Sender;

use super::survey::Account;

/// How many facts are held at once; each takes some 100 bytes.
const MOST: usize = 200_000;

/// Puts facts together by repository and hands them on.
pub(super) struct Feed {
    /// Which repository each subject is, and what the first reading found of it.
    whom: HashMap<Subject, (RepoId, Account)>,
    held: BTreeMap<RepoId, Vec<Fact>>,
    number: usize,
    to: Sender<Vec<Imported>>,
}

impl Feed {
    pub(super) fn new(
        whom: HashMap<Subject, (RepoId, Account)>,
        to: Sender<Vec<Imported>>,
    ) -> Self {
        Self {
            whom,
            held: BTreeMap::new(),
            number: 0,
            to,
        }
    }

    /// Hands on what is left.
    pub(super) fn finish(mut self) -> Result<(), Enough> {
        self.hand_on()
    }

    fn hand_on(&mut self) -> Result<(), Enough> {
        self.number = 0;
        let held = std::mem::take(&mut self.held).into_iter();
        let batch: Vec<_> = held.map(|(repo, facts)| Imported { repo, facts }).collect();
        if batch.is_empty() {
            return Ok(());
        }
        self.to.blocking_send(batch).map_err(|_| Enough)
    }
}

impl Listener for Feed {
    fn tell(&mut self, about: &Subject, fact: Fact) -> Result<(), Enough> {
        let Some((repo, account)) = self.whom.get(about) else {
            // The file has become another one since it was read the first time.
            return Err(Enough);
        };
        let fact = match fact {
            Fact::Day(fact) => Fact::Day(dated(fact, account)),
            other => other,
        };
        self.held.entry(*repo).or_default().push(fact);
        self.number += 1;
        if self.number >= MOST {
            self.hand_on()?;
        }
        Ok(())
    }

    fn leave_out(&mut self, _: LeftOut) {}
}

/// The fact with a time just before the end of its day, where it may have been running.
fn dated(fact: DayFact, account: &Account) -> DayFact {
    if fact.read_at.is_some() || !account.may_have_run(fact.metric, fact.day) {
        return fact;
    }
    let end = fact.day.end().as_second();
    DayFact {
        read_at: Timestamp::from_second(end - 1).ok(),
        ..fact
    }
}
