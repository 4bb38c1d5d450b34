//! What a report of several repositories tells of all of them: sums, the league table, who moved and
//! who went quiet.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use gitratra_answer::Asked;
use gitratra_answer::fleet::{Book, FleetAnswer, FleetQuestion, Pace, Roll};
use gitratra_core::change::{self, FLOOR, MoveOrder, Quiet};
use gitratra_core::figures::Comparison;
use gitratra_core::{DayRange, Metric, RepoId, RepoName, Series};
use gitratra_store::{FleetRepo, Store, StoreError};

use crate::read::AT_ONCE;

/// Days that tell whether a repository went quiet: eight weeks, and twelve before them.
const QUIET_DAYS: u32 = 8 * 7 + 12 * 7;

/// Several repositories in one range.
pub(crate) struct Fleet {
    /// All lines, the most views first.
    pub(crate) answer: FleetAnswer,
    /// More views than in the range before, the largest gain first.
    pub(crate) up: Vec<(RepoId, RepoName, Comparison)>,
    /// Fewer.
    pub(crate) down: Vec<(RepoId, RepoName, Comparison)>,
    /// Went quiet, the most missed first.
    pub(crate) quiet: Vec<(RepoId, RepoName, Quiet)>,
}

/// The repositories, and the days that are asked for.
pub(crate) struct Chosen {
    roll: Arc<Roll>,
    wanted: HashSet<RepoId>,
    pub(crate) known: Option<DayRange>,
}

impl Chosen {
    pub(crate) async fn read(store: &Store, repos: &[RepoId]) -> Result<Self, StoreError> {
        let roll = Arc::new(Roll::read(store).await?);
        let wanted: HashSet<RepoId> = repos.iter().copied().collect();
        let sees = |repo: &FleetRepo| wanted.contains(&repo.id);
        Ok(Self {
            known: roll.known(&sees),
            wanted,
            roll,
        })
    }

    /// By name. A name may be that of two, whose numbers order them.
    pub(crate) fn repos(&self) -> impl Iterator<Item = &FleetRepo> {
        let repos = self.roll.repos().iter();
        repos.filter(|repo| self.wanted.contains(&repo.id))
    }

    /// What the range asked for means here.
    pub(crate) fn range(&self, asked: Asked) -> Option<DayRange> {
        let known = self.known?;
        let range = asked.of(known)?;
        // Days to come are no matter of a report.
        DayRange::new(range.first(), range.last().min(known.last()))
    }

    pub(crate) async fn fleet(
        &self,
        store: &Store,
        (asked, range): (Asked, DayRange),
    ) -> Result<Fleet, StoreError> {
        let roll = self.roll.clone();
        let book = Book::read(store, roll, (range, None), Pace::Awaited).await?;
        let sees = |repo: &FleetRepo| self.wanted.contains(&repo.id);
        // How safe days are is no matter of a report, so that the newest day is time enough.
        let now = range.last().end();
        let question = FleetQuestion::all(&sees, self.wanted.len(), now);
        let mut fleet = Fleet {
            answer: book.ask(&question),
            up: Vec::new(),
            down: Vec::new(),
            quiet: Vec::new(),
        };
        self.compare(store, (asked, range), &mut fleet).await?;
        Ok(fleet)
    }

    /// Finds out who moved, one repository after the other, so that memory does not grow with days.
    async fn compare(
        &self,
        store: &Store,
        (asked, range): (Asked, DayRange),
        fleet: &mut Fleet,
    ) -> Result<(), StoreError> {
        let quiet = DayRange::ending(range.last(), QUIET_DAYS);
        let first = match asked {
            // Before everything there is nothing.
            Asked::All => quiet.first(),
            _ => range.before().first().min(quiet.first()),
        };
        let needed = DayRange::new(first, range.last());
        let repos: Vec<&FleetRepo> = self.repos().collect();
        let read = stream::iter(repos).map(|repo| async move {
            let days = store.days(repo.id, needed).await?;
            Ok::<_, StoreError>((repo, Series::new(days)))
        });
        let mut read = read.buffered(AT_ONCE);
        while let Some((repo, series)) = read.try_next().await? {
            let named = |comparison| (repo.id, repo.name.clone(), comparison);
            if asked != Asked::All {
                let alone = [((), &series)];
                let moved = change::movers(alone, range, Metric::Views, MoveOrder::Absolute, FLOOR);
                fleet
                    .up
                    .extend(moved.up.iter().map(|of| named(of.comparison)));
                fleet
                    .down
                    .extend(moved.down.iter().map(|of| named(of.comparison)));
            }
            if let Some(found) = change::gone_quiet(&series, range.last(), Metric::Views) {
                fleet.quiet.push((repo.id, repo.name.clone(), found));
            }
        }
        for list in [&mut fleet.up, &mut fleet.down] {
            // A stable sort keeps equals in the order of their names.
            list.sort_by_key(|(.., of)| std::cmp::Reverse(of.now.abs_diff(of.before)));
        }
        let missed = |quiet: &Quiet| quiet.usual - crate::words::large(quiet.count);
        fleet
            .quiet
            .sort_by(|(.., one), (.., other)| missed(other).total_cmp(&missed(one)));
        Ok(())
    }
}
