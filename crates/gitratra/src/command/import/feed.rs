//! The second reading of a file: its facts, a bounded batch at a time, on the way to the store.

use std::collections::{BTreeMap, HashMap};

use gitratra_core::RepoId;
use gitratra_core::import::{DayFact, Enough, Fact, LeftOut, Listener, Subject};
use gitratra_store::Imported;
use tokio::sync::mpsc::Sender;

use super::survey::Account;

/// How much is held at once: days, and lines of lists, each of which takes some 100 bytes.
const MOST: usize = 200_000;

/// Puts facts together by repository and hands them on.
pub(super) struct Feed {
    /// Which repository each subject is, and what the first reading found of it.
    whom: HashMap<Subject, (RepoId, Account)>,
    held: BTreeMap<RepoId, Vec<Fact>>,
    number: usize,
    /// Whether the file speaks of somebody of whom it did not speak the first time.
    has_changed: bool,
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
            has_changed: false,
            to,
        }
    }

    /// Whether the file has become another one since it was read the first time.
    pub(super) const fn has_changed(&self) -> bool {
        self.has_changed
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
            self.has_changed = true;
            return Err(Enough);
        };
        let fact = match fact {
            Fact::Day(fact) => Fact::Day(dated(fact, account)),
            other => other,
        };
        self.number += weight(&fact);
        self.held.entry(*repo).or_default().push(fact);
        if self.number >= MOST {
            self.hand_on()?;
        }
        Ok(())
    }

    fn leave_out(&mut self, _: LeftOut) {}
}

/// How much room a fact takes, counted in days.
const fn weight(fact: &Fact) -> usize {
    match fact {
        Fact::Ranked { reading, .. } => 1 + reading.lines.len(),
        _ => 1,
    }
}

/// The fact with a time just before the end of its day, where it may have been running.
fn dated(fact: DayFact, account: &Account) -> DayFact {
    if fact.read_at.is_some() || !account.may_have_run(fact.metric, fact.day) {
        return fact;
    }
    DayFact {
        read_at: Some(fact.day.last_second()),
        ..fact
    }
}

#[cfg(test)]
mod tests {
    use gitratra_core::{
        Count, Metric, Ranked, RankedReading, Ranking, Rolling, Timestamp, Window,
    };
    use tokio::sync::mpsc;

    use super::*;

    fn feed(to: Sender<Vec<Imported>>) -> (Feed, Subject) {
        let about = Subject::Bare("alpha".into());
        let whom = HashMap::from([(about.clone(), (RepoId(7), Account::default()))]);
        (Feed::new(whom, to), about)
    }

    fn list() -> Fact {
        let line = |at: usize| Ranked {
            name: at.to_string(),
            title: None,
            total: Rolling(Count::new(1, 1).unwrap()),
        };
        let read_at = Timestamp::UNIX_EPOCH;
        Fact::Ranked {
            window: Window::read_on(read_at),
            reading: RankedReading {
                ranking: Ranking::Paths,
                read_at,
                lines: (0..9).map(line).collect(),
            },
        }
    }

    #[test]
    fn whoever_was_not_met_the_first_time_is_noticed() {
        let (to, _batches) = mpsc::channel(1);
        let (mut feed, about) = feed(to);
        let fact = Fact::Day(DayFact {
            metric: Metric::Views,
            day: "2026-01-02".parse().unwrap(),
            count: Count::new(3, 2).unwrap(),
            read_at: None,
            is_doubted: false,
        });
        assert!(feed.tell(&about, fact.clone()).is_ok() && !feed.has_changed());
        assert!(feed.tell(&Subject::Bare("beta".into()), fact).is_err());
        assert!(feed.has_changed());
    }

    #[test]
    fn a_list_takes_the_room_of_its_lines() {
        let (to, mut batches) = mpsc::channel(1);
        let (mut feed, about) = feed(to);
        for _ in 0..MOST / 10 {
            assert!(batches.try_recv().is_err());
            feed.tell(&about, list()).unwrap();
        }
        assert_eq!(batches.try_recv().unwrap()[0].facts.len(), MOST / 10);
    }
}
