//! Adds up the days of a sweep as they come, one repository after the other.

use std::sync::Arc;

use gitratra_core::figures::{Comparison, Step, Total};
use gitratra_core::{DayRange, DayState, RepoId};
use gitratra_store::{Swept, SweptDay};

use super::book::{Bits, Line, Sum};
use super::roll::{Roll, signed};

/// A step of which no day is known.
pub(super) const GAP: u32 = u32::MAX;
/// A step with more events than fit; they are kept beside.
pub(super) const LARGE: u32 = u32::MAX - 1;

/// No measured day.
const NONE: u64 = u64::MAX;

/// What is gathered.
pub(super) struct Plan {
    pub(super) roll: Arc<Roll>,
    pub(super) range: DayRange,
    pub(super) step: Step,
    pub(super) steps: Vec<DayRange>,
    /// For each day of the range the step that it is in.
    step_at: Vec<u16>,
    days: i64,
}

impl Plan {
    pub(super) fn new(roll: Arc<Roll>, range: DayRange, step: Step) -> Self {
        let steps = step.of(range);
        let places = (0_u16..).zip(&steps);
        let step_at = places.flat_map(|(at, days)| days.iter().map(move |_| at));
        Self {
            step_at: step_at.collect(),
            days: range.days(),
            roll,
            range,
            step,
            steps,
        }
    }

    /// The days that are read: the range and the one before.
    pub(super) fn needed(&self) -> DayRange {
        let first = self.range.before().first();
        DayRange::new(first, self.range.last()).unwrap_or(self.range)
    }

    /// Lines without any day, for each repository of the roll.
    pub(super) fn blank_lines(&self) -> Vec<Line> {
        let places = 0..self.roll.repos().len();
        let lines = places.map(|place| Line {
            sums: self.blank(place),
            stars: None,
            since: self.since(place),
            until: self.until(place),
        });
        lines.collect()
    }

    /// The first step that does not end before the first day of a repository.
    fn since(&self, place: usize) -> u32 {
        let since = match self.roll.repos()[place].days {
            Some(days) => self
                .steps
                .partition_point(|step| step.last() < days.first()),
            None => self.steps.len(),
        };
        u32::try_from(since).unwrap_or(u32::MAX)
    }

    /// The first step that begins after the last day of a repository that is gone.
    fn until(&self, place: usize) -> u32 {
        let repo = &self.roll.repos()[place];
        let until = match repo.days.filter(|_| repo.gone.is_some()) {
            Some(days) => self
                .steps
                .partition_point(|step| step.first() <= days.last()),
            None => self.steps.len(),
        };
        u32::try_from(until).unwrap_or(u32::MAX)
    }

    /// Both metrics of a repository of which no day of the range is known.
    fn blank(&self, place: usize) -> [Sum; 2] {
        let of_days = self.days.unsigned_abs();
        [Sum {
            total: Total {
                days_missing: self.expected(place),
                ..Total::default()
            },
            comparison: Comparison {
                now: 0,
                before: 0,
                days: 0,
                of_days,
            },
        }; 2]
    }

    /// Days of the range between the first and the last day of a repository.
    fn expected(&self, place: usize) -> u64 {
        let days = self.roll.repos()[place].days;
        let inside = days.and_then(|days| days.intersection(self.range));
        inside.map_or(0, |inside| inside.days().unsigned_abs())
    }
}

/// A step of one metric while its days come in.
#[derive(Debug, Clone, Copy, Default)]
struct Open {
    count: u64,
    known: u32,
    is_partial: bool,
}

/// What was gathered of the repositories from one place in the order of the store to another.
pub(super) struct Gather {
    /// The first place.
    pub(super) first: usize,
    pub(super) sums: Vec<[Sum; 2]>,
    pub(super) values: Vec<u32>,
    pub(super) large: Vec<(usize, u64)>,
    pub(super) holed: Bits,
    pub(super) partial: Bits,
    /// The repository whose days come in, and its place from `first` on, where it is on the roll.
    now: Option<(RepoId, Option<usize>)>,
    /// Where the next repository is looked for.
    next: usize,
    /// Events on the measured days of the range before and of the range, by their place in it.
    before: Vec<[u64; 2]>,
    inside: Vec<[u64; 2]>,
    has_before: bool,
    /// Of each step and metric.
    open: Vec<[Open; 2]>,
}

impl Gather {
    pub(super) fn new(plan: &Plan, first: usize, end: usize) -> Self {
        let repos = end - first;
        let steps = plan.steps.len();
        let places = &plan.roll.by_id()[first..end];
        Self {
            first,
            sums: places
                .iter()
                .map(|place| plan.blank(*place as usize))
                .collect(),
            values: vec![GAP; repos * 2 * steps],
            large: Vec::new(),
            holed: Bits::new(repos * 2, steps),
            partial: Bits::new(repos * 2, steps),
            now: None,
            next: 0,
            before: vec![[NONE; 2]; plan.step_at.len()],
            inside: vec![[NONE; 2]; plan.step_at.len()],
            has_before: false,
            open: vec![<[Open; 2]>::default(); steps],
        }
    }

    /// Takes in the next day.
    pub(super) fn row(&mut self, plan: &Plan, row: SweptDay) {
        let at = match self.now {
            Some((repo, at)) if repo == row.repo => at,
            _ => self.turn(plan, row.repo),
        };
        let Some(at) = at else { return };
        let later = row.day.days_since(plan.range.first());
        if later < 0 {
            // Days before the calendar begins have no partner, and none is ever read.
            if let Some(kept) = usize::try_from(later + plan.days)
                .ok()
                .and_then(|place| self.before.get_mut(place))
            {
                *kept = row.metrics.map(|swept| measured(swept).unwrap_or(NONE));
                self.has_before = true;
            }
            return;
        }
        let Ok(place) = usize::try_from(later) else {
            return;
        };
        let Some(step) = plan.step_at.get(place) else {
            return;
        };
        let open = &mut self.open[usize::from(*step)];
        for (metric, swept) in row.metrics.into_iter().enumerate() {
            let Some(swept) = swept.filter(|swept| swept.state.is_believed()) else {
                continue;
            };
            let total = &mut self.sums[at][metric].total;
            total.count += swept.count;
            total.days_missing = total.days_missing.saturating_sub(1);
            open[metric].count += swept.count;
            open[metric].known += 1;
            if swept.state == DayState::Partial {
                total.days_partial += 1;
                open[metric].is_partial = true;
                continue;
            }
            total.days_measured += 1;
            self.inside[place][metric] = swept.count;
        }
    }

    /// Ends one repository and begins the next; says where it is, if it is on the roll.
    fn turn(&mut self, plan: &Plan, repo: RepoId) -> Option<usize> {
        self.finish(plan);
        while self.next < self.sums.len()
            && signed(plan.roll.id_at(self.first + self.next)) < signed(repo)
        {
            self.next += 1;
        }
        let is_found =
            self.next < self.sums.len() && plan.roll.id_at(self.first + self.next) == repo;
        let at = is_found.then_some(self.next);
        self.now = Some((repo, at));
        at
    }

    /// Packs the steps of the repository whose days came in.
    pub(super) fn finish(&mut self, plan: &Plan) {
        let Some((_, Some(at))) = self.now.take() else {
            return;
        };
        let steps = plan.steps.len();
        for (step, open) in self.open.iter_mut().enumerate() {
            for (metric, open) in open.iter_mut().enumerate() {
                if open.known == 0 {
                    continue;
                }
                let row = at * 2 + metric;
                let packed = u32::try_from(open.count).ok();
                let packed = packed.filter(|count| *count < LARGE);
                self.values[row * steps + step] = packed.unwrap_or(LARGE);
                if packed.is_none() {
                    self.large.push((row * steps + step, open.count));
                }
                if i64::from(open.known) < plan.steps[step].days() {
                    self.holed.set(row, step);
                }
                if open.is_partial {
                    self.partial.set(row, step);
                }
                *open = Open::default();
            }
        }
        self.compare(at);
    }

    /// Compares each day of the repository with its partner, where both are measured.
    fn compare(&mut self, at: usize) {
        let has_before = std::mem::take(&mut self.has_before);
        for (before, inside) in self.before.iter_mut().zip(&mut self.inside) {
            for metric in 0..2 {
                let (before, now) = (before[metric], inside[metric]);
                if has_before && before != NONE && now != NONE {
                    let comparison = &mut self.sums[at][metric].comparison;
                    comparison.now += now;
                    comparison.before += before;
                    comparison.days += 1;
                }
            }
            *before = [NONE; 2];
            *inside = [NONE; 2];
        }
    }
}

fn measured(swept: Option<Swept>) -> Option<u64> {
    let swept = swept.filter(|swept| swept.state == DayState::Measured);
    swept.map(|swept| swept.count)
}
