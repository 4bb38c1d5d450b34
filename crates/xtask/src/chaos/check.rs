//! What has to be so at the end of a run: what happened is what is held.

use std::time::{Duration, Instant};

use anyhow::Result;
use gitratra_core::{Metric, RepoId};
use gitratra_sim::Day;
use gitratra_store::{Location, Store};

use super::world::World;

/// How long everything may take to catch up once nothing is wrong any more.
const PATIENCE: Duration = Duration::from_secs(200);

/// What has to be held: of each repository and metric the days up to one.
#[derive(Debug)]
pub(super) struct Goal(Vec<(u64, Metric, Day)>);

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) days: usize,
    pub(super) problems: Vec<String>,
}

const fn word(metric: Metric) -> &'static str {
    match metric {
        Metric::Views => "views",
        Metric::Clones => "clones",
    }
}

impl World {
    /// All that is published by now.
    pub(super) fn goal(&self) -> Result<Goal> {
        let mut goal = Vec::new();
        for id in self.github.repositories()? {
            for metric in [Metric::Views, Metric::Clones] {
                goal.push((id, metric, self.github.newest(id, word(metric))?));
            }
        }
        Ok(Goal(goal))
    }

    /// Waits until all is held that is published by now; says how long that took. What is not held
    /// then is missing for good.
    pub(super) fn catch_up(&mut self) -> Result<(Duration, Goal)> {
        let goal = self.goal()?;
        let began = Instant::now();
        let store = loop {
            match self.open() {
                Ok(store) => break store,
                Err(error) if began.elapsed() >= PATIENCE => return Err(error),
                Err(_) => self.pass(Duration::from_millis(300))?,
            }
        };
        while began.elapsed() < PATIENCE {
            // The database may still be about to come back.
            if self.is_reached(&store, &goal).unwrap_or_default() {
                break;
            }
            self.pass(Duration::from_millis(300))?;
        }
        self.runtime.block_on(store.close());
        if self.first.is_none() {
            // Whoever was read a day later than the others has a day less of those before.
            let newest = self.goal()?.0.iter().map(|(.., newest)| *newest).max();
            self.first = newest.map(|newest| newest.plus(-12));
        }
        Ok((began.elapsed(), goal))
    }

    fn open(&self) -> Result<Store> {
        let location = Location::parse(&self.postgres.url(self.net.as_ref(), 0))?;
        Ok(self.runtime.block_on(Store::open(&location))?)
    }

    fn is_reached(&self, store: &Store, goal: &Goal) -> Result<bool> {
        let held = self.runtime.block_on(store.held())?;
        let held: std::collections::HashMap<_, _> = held.into_iter().collect();
        Ok(goal.0.iter().all(|(id, metric, newest)| {
            let endpoint = match metric {
                Metric::Views => gitratra_core::Endpoint::Views,
                Metric::Clones => gitratra_core::Endpoint::Clones,
            };
            let asked = held.get(&RepoId(*id)).and_then(|held| held.asked(endpoint));
            let reached = asked.and_then(|asked| asked.newest);
            reached.is_some_and(|day| day.epoch_days() >= i64::from(newest.number()))
        }))
    }

    /// Compares what is held with what happened: every day up to the goal is there, and every day
    /// that is there is right.
    pub(super) fn compare(&self, goal: &Goal) -> Result<Found> {
        let store = self.open()?;
        let mut found = Found::default();
        let mut rows = (RepoId(0), Vec::new());
        for (id, metric, newest) in &goal.0 {
            if rows.0 != RepoId(*id) {
                let days = self.runtime.block_on(store.days(RepoId(*id), None))?;
                rows = (RepoId(*id), days);
            }
            let values = rows.1.iter().filter_map(|row| {
                let value = row.value(*metric)?;
                let counts = (value.count.count(), value.count.uniques().get());
                Some((row.day.epoch_days(), counts))
            });
            let held: std::collections::BTreeMap<i64, (u64, u64)> = values.collect();
            let last = held.keys().next_back().copied().unwrap_or_default();
            let to = i32::try_from(last).unwrap_or_default().max(newest.number());
            let to = Day::from_number(to);
            let first = self.first.unwrap_or(*newest);
            for (day, truth) in self.github.truth(*id, word(*metric), (first, to))? {
                let ours = held.get(&i64::from(day.number()));
                let is_due = day <= *newest;
                found.days += usize::from(is_due);
                if ours.is_some_and(|ours| *ours != truth) || (is_due && ours.is_none()) {
                    let word = word(*metric);
                    let problem = format!("{id} {word} {day}: {ours:?} is held of {truth:?}");
                    found.problems.push(problem);
                }
            }
        }
        self.runtime.block_on(store.close());
        Ok(found)
    }

    /// Runs that were accounted for twice: a collector writes each once, also where the answer to
    /// its writing was lost.
    pub(super) fn doubled_runs(&self) -> Result<i64> {
        const QUESTION: &str = "select coalesce(sum(n - 1), 0)::int8 from (select count(*) as n \
            from run group by started_at, finished_at, sent, not_modified, retried, ok, failed, \
            skipped, new_days) as same";
        self.runtime.block_on(async {
            let client = self.postgres.connect("traffic", "gitratra").await?;
            Ok(client.query_one(QUESTION, &[]).await?.try_get(0)?)
        })
    }
}
