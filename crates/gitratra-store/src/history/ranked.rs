//! Writes what a join changed of referrers and paths: which windows were read, and the runs of
//! totals that follow from all lists.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use gitratra_core::history::History;
use gitratra_core::{Count, Day, DayRange, Ranked, Ranking, Rolling};

use super::save::changed;
use crate::engine::Tx;
use crate::error::Fault;
use crate::sql;
use crate::table::ranked;
use crate::value::{Value, params};

pub(super) async fn save(tx: &mut Tx<'_>, before: &History, after: &History) -> Result<(), Fault> {
    let repo = after.repo;
    if before.rankings == after.rankings {
        return Ok(());
    }
    for ranking in Ranking::ALL {
        let mut kept = Kept::read(tx, after, ranking).await?;
        kept.save_titles(tx, before, after).await?;
        kept.save_runs(tx, after).await?;
    }
    let lists = changed(&before.rankings.lists, &after.rankings.lists);
    let rows: Vec<[Value; 4]> = lists
        .map(|((ranking, window), list)| {
            let seen = list.read_at.as_second() - window.last.end().as_second();
            let of = |one| Some(seen).filter(|_| one == *ranking);
            let (referrers, paths) = (of(Ranking::Referrers), of(Ranking::Paths));
            params![repo, window.last, referrers, paths]
        })
        .collect();
    tx.execute_each(&sql::RANKED_WINDOW_SAVE, &rows).await?;
    Ok(())
}

/// A total that stays the same from one window that was read to another.
type RunOf = (Arc<str>, DayRange, Count);

/// What is kept of one list before anything is written.
struct Kept {
    ranking: Ranking,
    /// Numbers of names.
    numbers: HashMap<Arc<str>, i64>,
    runs: Vec<RunOf>,
}

impl Kept {
    async fn read(tx: &mut Tx<'_>, of: &History, ranking: Ranking) -> Result<Self, Fault> {
        let repo = of.repo;
        let mut numbers: HashMap<Arc<str>, i64> = HashMap::new();
        for row in tx
            .query(&sql::RANKED_NAMES, &params![repo, ranking])
            .await?
        {
            numbers.insert(Arc::from(row.text(1)?), row.int(0)?);
        }
        let history = ranked::history(tx, repo, ranking, DayRange::ALL).await?;
        let mut runs = Vec::with_capacity(history.runs.len());
        for run in &history.runs {
            let name = history.names.get(run.name).map(|of| Arc::from(&*of.name));
            let days = DayRange::new(run.first.last, run.last.last);
            runs.extend(name.zip(days).map(|(name, days)| (name, days, run.total.0)));
        }
        Ok(Self {
            ranking,
            numbers,
            runs,
        })
    }

    /// Numbers the names that are new, and writes titles that became others.
    async fn save_titles(
        &mut self,
        tx: &mut Tx<'_>,
        before: &History,
        after: &History,
    ) -> Result<(), Fault> {
        let (repo, ranking) = (after.repo, self.ranking);
        let lists = after.rankings.lists.iter();
        let lists = lists.filter(|((of, _), _)| *of == ranking);
        // In the order of appearance, as they are numbered when they are read from GitHub.
        for name in lists.flat_map(|(_, list)| list.lines.keys()) {
            if !self.numbers.contains_key(name) {
                let title = after.rankings.titles.get(&(ranking, name.clone())).cloned();
                self.add(tx, after, name, title).await?;
            }
        }
        let titles = changed(&before.rankings.titles, &after.rankings.titles);
        for ((of, name), title) in titles.filter(|((of, _), _)| *of == ranking) {
            let title = Some(title.clone());
            match self.numbers.get(name) {
                Some(number) => {
                    let params = params![repo, *of, *number, title];
                    tx.execute(&sql::RANKED_NAME_TITLE, &params).await?;
                }
                None => self.add(tx, after, name, title).await?,
            }
        }
        Ok(())
    }

    async fn add(
        &mut self,
        tx: &mut Tx<'_>,
        of: &History,
        name: &Arc<str>,
        title: Option<String>,
    ) -> Result<(), Fault> {
        let line = Ranked {
            name: name.to_string(),
            title,
            total: Rolling(Count::ZERO),
        };
        let number = ranked::number(tx, of.repo, self.ranking, &line).await?;
        self.numbers.insert(name.clone(), number);
        Ok(())
    }

    async fn save_runs(&self, tx: &mut Tx<'_>, after: &History) -> Result<(), Fault> {
        let (repo, ranking) = (after.repo, self.ranking);
        let runs = runs(after, ranking);
        let number = |name: &Arc<str>| {
            let number = self.numbers.get(name).copied();
            number.ok_or_else(|| Fault::corrupt(format!("no number for \"{name}\"")))
        };
        let key = |run: &RunOf| (run.0.clone(), run.1.first(), run.1.last(), run.2);
        let held: std::collections::HashSet<_> = self.runs.iter().map(key).collect();
        let wanted: std::collections::HashSet<_> = runs.iter().map(key).collect();
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        for run in self.runs.iter().filter(|run| !wanted.contains(&key(run))) {
            removed.push(params![repo, ranking, run.1.last(), number(&run.0)?]);
        }
        for run in runs.iter().filter(|run| !held.contains(&key(run))) {
            let (name, days, total) = run;
            added.push(params![
                repo,
                ranking,
                number(name)?,
                days.first(),
                days.last(),
                total.count(),
                total.uniques().get(),
            ]);
        }
        tx.execute_each(&sql::RANKED_RUN_REMOVE, &removed).await?;
        tx.execute_each(&sql::RANKED_RUN_ADD, &added).await?;
        Ok(())
    }
}

/// The runs of all lists: as long as they can be over the windows that were read.
fn runs(history: &History, ranking: Ranking) -> Vec<RunOf> {
    let lists = history.rankings.lists.iter();
    let lists = lists.filter(|((of, _), _)| *of == ranking);
    let mut ended = Vec::new();
    let mut open: BTreeMap<Arc<str>, (Day, Count)> = BTreeMap::new();
    let mut before: Option<Day> = None;
    for ((_, window), list) in lists {
        let mut still = BTreeMap::new();
        for (name, total) in &list.lines {
            let since = match open.remove(name) {
                Some((since, same)) if same == *total => since,
                Some((since, other)) => {
                    ended.extend(run(name, since, before, other));
                    window.last
                }
                None => window.last,
            };
            still.insert(name.clone(), (since, *total));
        }
        for (name, (since, total)) in open {
            ended.extend(run(&name, since, before, total));
        }
        open = still;
        before = Some(window.last);
    }
    for (name, (since, total)) in open {
        ended.extend(run(&name, since, before, total));
    }
    ended
}

fn run(name: &Arc<str>, first: Day, last: Option<Day>, total: Count) -> Option<RunOf> {
    Some((name.clone(), DayRange::new(first, last?)?, total))
}
