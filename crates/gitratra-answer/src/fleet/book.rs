//! The figures of every repository in one range, packed, and how they are read.

use std::collections::HashMap;
use std::sync::Arc;

use gitratra_core::figures::{Comparison, Step, Total};
use gitratra_core::{Day, DayRange, RepoId};
use gitratra_store::{FleetStars, Part, Store, StoreError};

use super::answer::Memory;
use super::gather::{GAP, Gather, LARGE, Plan};
use super::kept::Pace;
use super::roll::{self, Roll};

/// More steps than these are never drawn.
const STEPS: i64 = 131;

/// Repositories from which on two connections share the reading, where somebody waits for it.
const HALVED: usize = 512;

/// The figures of every repository in one range.
#[derive(Debug)]
pub struct Book {
    pub(super) roll: Arc<Roll>,
    pub(super) range: DayRange,
    pub(super) step: Step,
    pub(super) steps: Vec<DayRange>,
    /// For each repository, in the order of the roll.
    pub(super) lines: Vec<Line>,
    /// For each repository, metric and step the events, or [`GAP`], or [`LARGE`].
    values: Vec<u32>,
    /// Events that do not fit, by their place in `values`.
    large: HashMap<usize, u64>,
    /// A bit for each step of a repository and metric that has a number although a day of it has not.
    holed: Bits,
    /// A bit for each step of a repository and metric with a day in it that was seen running.
    partial: Bits,
    pub(super) memory: Memory,
}

/// What a range brought one repository, in the order of [`gitratra_core::Metric::ALL`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) sums: [Sum; 2],
    pub(super) stars: Option<LineStars>,
    /// The first step that does not end before the first known day; past the last one where all do.
    pub(super) since: u32,
    /// The first step that begins after the last known day of a repository that is gone; past the last
    /// one for all others.
    pub(super) until: u32,
}

/// One metric of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum {
    pub(super) total: Total,
    pub(super) comparison: Comparison,
}

/// Stars of a repository by the end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineStars {
    /// How many.
    pub stars: u64,
    /// On which day they were read.
    pub day: Day,
    /// How many more than when they were first read within the range, and on which day that was.
    pub change: Option<(i64, Day)>,
}

/// A bit for each step of each row.
#[derive(Debug, Default)]
pub(super) struct Bits {
    /// Words of a row.
    words: usize,
    bits: Vec<u64>,
}

impl Bits {
    pub(super) fn new(rows: usize, steps: usize) -> Self {
        let words = steps.div_ceil(64);
        Self {
            words,
            bits: vec![0; rows * words],
        }
    }

    pub(super) fn set(&mut self, row: usize, step: usize) {
        self.bits[row * self.words + step / 64] |= 1 << (step % 64);
    }

    /// The steps of a row that are set.
    pub(super) fn each(&self, row: usize, mut each: impl FnMut(usize)) {
        let words = &self.bits[row * self.words..][..self.words];
        for (at, word) in words.iter().enumerate() {
            let mut word = *word;
            while word != 0 {
                each(at * 64 + word.trailing_zeros() as usize);
                word &= word - 1;
            }
        }
    }

    /// Puts the rows of another one, whose row `from` becomes `to`.
    fn copy(&mut self, to: usize, other: &Self, from: usize) {
        let words = self.words;
        let row = &other.bits[from * words..][..words];
        self.bits[to * words..][..words].copy_from_slice(row);
    }
}

impl Book {
    /// Reads the figures of every repository on the roll in a range. Where no step is asked for, or
    /// one that makes too many of the range, the finest one is taken that does not.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn read(
        store: &Store,
        roll: Arc<Roll>,
        (range, step): (DayRange, Option<Step>),
        pace: Pace,
    ) -> Result<Self, StoreError> {
        let plan = Arc::new(Plan::new(roll, range, step_of(range, step)));
        let repos = plan.roll.repos().len();
        let (early, late) = if repos < HALVED || pace == Pace::Ahead {
            (sweep(store, &plan, 0, repos).await?, None)
        } else {
            let half = repos / 2;
            let halves = tokio::try_join!(
                sweep(store, &plan, 0, half),
                sweep(store, &plan, half, repos)
            )?;
            (halves.0, Some(halves.1))
        };
        let mut book = Self::blank(&plan);
        for gathered in std::iter::once(early).chain(late) {
            book.take(&plan, gathered);
        }
        book.read_stars(store).await?;
        Ok(book)
    }

    fn blank(plan: &Plan) -> Self {
        let rows = plan.roll.repos().len() * 2;
        Self {
            lines: plan.blank_lines(),
            values: vec![GAP; rows * plan.steps.len()],
            large: HashMap::new(),
            holed: Bits::new(rows, plan.steps.len()),
            partial: Bits::new(rows, plan.steps.len()),
            memory: Memory::default(),
            roll: plan.roll.clone(),
            range: plan.range,
            step: plan.step,
            steps: plan.steps.clone(),
        }
    }

    /// Puts what was gathered by number where it belongs by name.
    fn take(&mut self, plan: &Plan, gathered: Gather) {
        let steps = self.steps.len();
        let places = &plan.roll.by_id()[gathered.first..];
        for (from, sums) in gathered.sums.iter().enumerate() {
            let to = places[from] as usize;
            self.lines[to].sums = *sums;
            for metric in 0..2 {
                let (from, to) = (from * 2 + metric, to * 2 + metric);
                let row = &gathered.values[from * steps..][..steps];
                self.values[to * steps..][..steps].copy_from_slice(row);
                self.holed.copy(to, &gathered.holed, from);
                self.partial.copy(to, &gathered.partial, from);
            }
        }
        for (at, count) in gathered.large {
            let (row, step) = (at / steps, at % steps);
            let to = places[row / 2] as usize * 2 + row % 2;
            self.large.insert(to * steps + step, count);
        }
    }

    /// Numbers of a moment are of today, where a day of traffic is published when it is over: of a
    /// repository whose newest day the range has, stars are told as they stand now.
    async fn read_stars(&mut self, store: &Store) -> Result<(), StoreError> {
        let is_open = |repo| roll::newest(repo).is_none_or(|newest| newest <= self.range.last());
        let repos = self.roll.repos().len();
        let open = self
            .roll
            .repos()
            .iter()
            .filter(|repo| is_open(repo))
            .count();
        let first = self.range.first();
        for (is_needed, last, of_open) in [
            (open > 0, Day::MAX, true),
            (open < repos, self.range.last(), false),
        ] {
            let (true, Some(range)) = (is_needed, DayRange::new(first, last)) else {
                continue;
            };
            let found = store.fleet_stars(range).await?;
            let mut found = found.iter().peekable();
            for place in self.roll.by_id() {
                let repo = &self.roll.repos()[*place as usize];
                if let Some(stars) = of(&mut found, repo.id)
                    && is_open(repo) == of_open
                {
                    self.lines[*place as usize].stars = Some(line_stars(stars));
                }
            }
        }
        Ok(())
    }

    /// The range of the book.
    #[must_use]
    pub const fn range(&self) -> DayRange {
        self.range
    }

    /// About how many bytes it takes, the roll apart.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.values)
            + size_of_val(&*self.lines)
            + size_of_val(&*self.holed.bits)
            + size_of_val(&*self.partial.bits)
            + self.large.len() * 3 * size_of::<u64>()
    }

    /// The packed events of a row, which is twice the place of a repository and its metric.
    pub(super) fn row(&self, row: usize) -> &[u32] {
        let steps = self.steps.len();
        &self.values[row * steps..][..steps]
    }

    /// The events of a step, where a day of it is known.
    pub(super) fn value(&self, row: usize, step: usize) -> Option<u64> {
        let at = row * self.steps.len() + step;
        match self.values[at] {
            GAP => None,
            LARGE => self.large.get(&at).copied(),
            count => Some(count.into()),
        }
    }

    /// Whether any events do not fit into the packed rows.
    pub(super) fn has_large(&self) -> bool {
        !self.large.is_empty()
    }

    pub(super) const fn holed(&self) -> &Bits {
        &self.holed
    }

    pub(super) const fn partial(&self) -> &Bits {
        &self.partial
    }
}

/// How a range is folded: as asked for, or, where nothing is or that makes too many steps, as fine
/// as still can be drawn.
#[must_use]
pub fn step_of(range: DayRange, asked: Option<Step>) -> Step {
    let fits = |step: &Step| {
        let days_of = match step {
            Step::Day => 1,
            Step::Week => 7,
            Step::Month => 28,
        };
        range.days() / days_of <= STEPS
    };
    let finest = [Step::Day, Step::Week].into_iter().find(fits);
    asked.filter(fits).or(finest).unwrap_or(Step::Month)
}

/// Reads the repositories from one place in the order of the store to another.
async fn sweep(
    store: &Store,
    plan: &Arc<Plan>,
    first: usize,
    end: usize,
) -> Result<Gather, StoreError> {
    let made = plan.clone();
    let begin = move || Gather::new(&made, first, end);
    if first == end {
        return Ok(begin());
    }
    let part = Part {
        first: plan.roll.id_at(first),
        last: plan.roll.id_at(end - 1),
    };
    let shared = plan.clone();
    let mut gather = store
        .sweep(plan.needed(), part, begin, move |gather, day| {
            gather.row(&shared, day);
        })
        .await?;
    gather.finish(plan);
    Ok(gather)
}

/// The next stars, where they are those of `repo`; both go by number.
fn of<'s>(
    found: &mut std::iter::Peekable<std::slice::Iter<'s, FleetStars>>,
    repo: RepoId,
) -> Option<&'s FleetStars> {
    while found
        .next_if(|stars| roll::signed(stars.repo) < roll::signed(repo))
        .is_some()
    {}
    found.next_if(|stars| stars.repo == repo)
}

fn line_stars(stars: &FleetStars) -> LineStars {
    let (day, count) = stars.last;
    LineStars {
        stars: count,
        day,
        change: stars.first.map(|(day, before)| {
            let size = i64::try_from(count.abs_diff(before)).unwrap_or(i64::MAX);
            (if count < before { -size } else { size }, day)
        }),
    }
}
