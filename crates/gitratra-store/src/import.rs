//! What files of other tools told, joined with what is held: by the same rules as GitHub's answers,
//! all of a batch or nothing. What it changes can be reckoned without writing.

use futures_util::FutureExt;
use gitratra_core::history::SourceName;
use gitratra_core::import::{DayFact, Fact, Tally};
use gitratra_core::merge::Change;
use gitratra_core::{
    Count, Day, DayRange, DayRecord, DayState, Metric, RepoId, RepoName, Seen, Sighting, Source,
    Timestamp,
};

use crate::days::Days;
use crate::engine::Tx;
use crate::error::Fault;
use crate::table::{ranked, source, told_total, traffic_day, traffic_week};
use crate::value::whole_second;
use crate::{Store, StoreError};

/// What a file told of one repository.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The repository.
    pub repo: RepoId,
    /// The facts, in any order and as often as one likes.
    pub facts: Vec<Fact>,
}

/// A repository that a file told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRepo {
    /// Its number, which may be [`RepoId::unconfirmed`].
    pub id: RepoId,
    /// What the file calls it.
    pub name: RepoName,
    /// The newest time that the file speaks of.
    pub told_at: Timestamp,
}

/// What a batch changes of one repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportEffect {
    /// Days of a metric that were not known.
    pub added: u64,
    /// Days of a metric that were known only while running, or only doubted.
    pub settled: u64,
    /// Days of a metric whose value becomes larger.
    pub raised: u64,
    /// Days of a metric for which something else is held, which stays; the file's value is kept beside.
    pub contradicted: u64,
    /// Days of a metric of which nothing new is told.
    pub known: u64,
    /// Of the days added, those that are not believed.
    pub doubted: u64,
    /// Numbers for people of windows and weeks that are new or larger.
    pub periods: u64,
    /// Lists of referrers or paths of which no reading is held, or an older one.
    pub lists: u64,
    /// Totals of stars and forks that are new or larger.
    pub totals: u64,
    /// The days that become larger or are contradicted, as many as [`ImportEffect::MOST`].
    pub differences: Vec<Difference>,
}

/// A day of which the file and the store say different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Views or clones.
    pub metric: Metric,
    /// The day.
    pub day: Day,
    /// What is held, or was.
    pub held: Count,
    /// What the file says.
    pub told: Count,
    /// Whether the file's counts from now on.
    pub is_raised: bool,
}

impl ImportEffect {
    /// How many differences are listed for a repository.
    pub const MOST: usize = 1_000;

    /// Adds what another batch changes of the same repository.
    pub fn add(&mut self, other: Self) {
        self.added += other.added;
        self.settled += other.settled;
        self.raised += other.raised;
        self.contradicted += other.contradicted;
        self.known += other.known;
        self.doubted += other.doubted;
        self.periods += other.periods;
        self.lists += other.lists;
        self.totals += other.totals;
        let room = Self::MOST.saturating_sub(self.differences.len());
        self.differences
            .extend(other.differences.into_iter().take(room));
    }

    /// Whether anything would be written.
    #[must_use]
    pub const fn changes(&self) -> bool {
        self.added + self.settled + self.raised + self.periods + self.lists + self.totals > 0
    }
}

impl Store {
    /// The number of a source, which is written down where it is new.
    pub async fn importing(&self, kind: &str, label: &str) -> Result<Source, StoreError> {
        let name = SourceName {
            kind: kind.to_owned(),
            label: label.to_owned(),
        };
        self.write(move |tx| async move { source::number(tx, &name).await }.boxed())
            .await
    }

    /// Makes rows for repositories that only a file has told of. They are private until GitHub says
    /// otherwise; of a known one nothing changes.
    pub async fn add_told_repositories(&self, repos: &[ToldRepo]) -> Result<(), StoreError> {
        let mut repos = repos.to_vec();
        repos.sort_by_key(|repo| repo.id);
        self.write(move |tx| crate::table::repo::add_told(tx, repos).boxed())
            .await
    }

    /// Joins what a file told, all of it or nothing, and notes that its source brought it after the
    /// newest run. *Shape*: in the order of the batch.
    pub async fn import(
        &self,
        batch: Vec<Imported>,
        source: Source,
    ) -> Result<Vec<ImportEffect>, StoreError> {
        self.write(move |tx| join_all(tx, batch, source, true).boxed())
            .await
    }

    /// What [`Store::import`] would change, without changing it.
    pub async fn weigh(&self, batch: Vec<Imported>) -> Result<Vec<ImportEffect>, StoreError> {
        // Which number a source would have makes no difference to what changes.
        self.read(move |tx| join_all(tx, batch, Source(1), false).boxed())
            .await
    }
}

async fn join_all(
    tx: &mut Tx<'_>,
    batch: Vec<Imported>,
    source: Source,
    writes: bool,
) -> Result<Vec<ImportEffect>, Fault> {
    if writes {
        tx.lock_repos(batch.iter().map(|of| of.repo)).await?;
    }
    let mut effects = Vec::with_capacity(batch.len());
    let mut changes = false;
    for imported in batch {
        let (effect, is_changed) = join(tx, imported, source, writes).await?;
        effects.push(effect);
        changes |= is_changed;
    }
    if writes && changes {
        source::brought(tx, [source]).await?;
    }
    Ok(effects)
}

/// What a file changes of one repository, and whether that is anything at all.
async fn join(
    tx: &mut Tx<'_>,
    imported: Imported,
    source: Source,
    writes: bool,
) -> Result<(ImportEffect, bool), Fault> {
    let Imported { repo, facts } = imported;
    let mut days = match reach(&facts) {
        Some(range) => Days::new(traffic_day::load(tx, repo, range).await?),
        None => Days::default(),
    };
    let mut effect = ImportEffect::default();
    let mut weeks = Vec::new();
    let mut totals: [Vec<(Day, u64)>; 2] = Default::default();
    for fact in facts {
        match fact {
            Fact::Day(fact) => join_day(&mut days, fact, source, &mut effect),
            Fact::Window {
                metric,
                window,
                uniques,
            } => effect.periods += u64::from(days.people(metric, window, uniques)),
            Fact::Week {
                metric,
                week,
                count,
            } => weeks.push((metric, week, count)),
            Fact::Ranked { window, reading } => {
                effect.lists += u64::from(ranked::is_new(tx, repo, window, &reading).await?);
                if writes {
                    ranked::save(tx, repo, window, &reading).await?;
                }
            }
            Fact::Total { tally, day, total } => {
                totals[told_total::place(tally)].push((day, total))
            }
        }
    }
    effect.periods += traffic_week::changes(tx, repo, &weeks).await?;
    for (tally, told) in Tally::ALL.into_iter().zip(totals) {
        effect.totals += told_total::join(tx, repo, tally, &told, writes).await?;
    }
    let rows = days.changed_rows();
    if writes {
        traffic_day::save(tx, repo, &rows).await?;
        traffic_week::save(tx, repo, &weeks).await?;
    }
    let is_changed = effect.changes() || !rows.is_empty();
    Ok((effect, is_changed))
}

/// The days that facts speak of.
fn reach(facts: &[Fact]) -> Option<DayRange> {
    let days = || {
        facts.iter().filter_map(|fact| match fact {
            Fact::Day(fact) => Some(fact.day),
            Fact::Window { window, .. } => Some(window.last),
            Fact::Week { .. } | Fact::Ranked { .. } | Fact::Total { .. } => None,
        })
    };
    DayRange::new(days().min()?, days().max()?)
}

fn join_day(days: &mut Days, fact: DayFact, source: Source, effect: &mut ImportEffect) {
    let DayFact {
        metric, day, count, ..
    } = fact;
    let held = days
        .record(metric, day)
        .map(|held| (held.best(), held.state()));
    let record = DayRecord::of_seen(
        day,
        Sighting {
            count,
            // A day of which nobody told when it was read is taken for seen as it ended.
            seen: Seen::once(whole_second(fact.read_at.unwrap_or(day.end()))),
            source: match fact.is_doubted {
                true => source.doubted(),
                false => source,
            },
        },
    );
    let change = days.join(metric, record);
    match change {
        Change::New => {
            effect.added += 1;
            effect.doubted += u64::from(fact.is_doubted);
        }
        Change::Settled => effect.settled += 1,
        Change::Raised => effect.raised += 1,
        Change::Nothing | Change::SeenAgain | Change::OtherValue => {
            let is_another = held.is_some_and(|(held, state)| {
                held != count && (state != DayState::Doubted || fact.is_doubted)
            });
            // A day that was told while it ran is less than the whole, and contradicts nothing.
            let ran = fact.read_at.is_some_and(|read_at| read_at < day.end());
            if is_another && !ran {
                effect.contradicted += 1;
            } else {
                effect.known += 1;
                return;
            }
        }
    }
    let Some((held, _)) = held else {
        return;
    };
    if held != count && effect.differences.len() < ImportEffect::MOST {
        effect.differences.push(Difference {
            metric,
            day,
            held,
            told: count,
            is_raised: matches!(change, Change::Raised | Change::Settled),
        });
    }
}
