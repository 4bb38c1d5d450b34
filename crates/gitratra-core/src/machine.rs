//! How many of a day's clones continuous integration may have made: always an estimate, always an
//! interval, and never taken off the clones that GitHub counted.
//!
//! A run of a workflow may clone once, once for each of its jobs, or never, and nobody outside
//! GitHub knows which of these clones are counted. What a run clones is therefore learned from the
//! repository's own history, and where that tells nothing, any part of the clones may be meant.

use std::ops::Range;

use crate::measured::Measured;
use crate::{Bounds, Day, DayRange};

/// The clones of one run, in thousandths.
const ONE: i64 = 1_000;
/// What a run clones is taken to hold for so many days ...
const HOLDS_DAYS: i64 = 28;
/// ... and is learned from so many days before and after them.
const LEARNED_DAYS: i64 = 63;
/// Days are compared with the same weekday of so many weeks before, so that neither the rhythm of
/// the week nor slow growth, which people and runs share, passes for clones of runs.
const WEEKS_BACK: i64 = 4;
/// Fewer days than that teach nothing ...
const DAYS_AT_LEAST: usize = 28;
/// ... and neither do fewer pairs of days on which the numbers of runs differ.
const PAIRS_AT_LEAST: usize = 30;
/// The interval leaves out a fifth of what the pairs tell below it and a fifth above: narrower, and
/// it would miss the truth on more than one day in ten where jobs of a run come and go.
const LEFT_OUT: u64 = 5;

/// How many clones one run seems to make, in thousandths of a clone. This is an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    /// At least and at most.
    pub thousandths: Bounds,
    /// Days with known clones and runs that stand behind it.
    pub days: usize,
}

/// What an estimate rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// No run began on the day, so that none can have cloned.
    NoRuns,
    /// Runs began, and the history does not tell what a run clones, or the day contradicts it.
    Unknown,
    /// What runs seem to clone around that time.
    Learned(Rate),
}

/// How many of a day's clones the workflow runs of the repository may explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MachineEstimate {
    /// The day.
    pub day: Day,
    /// Clones as GitHub counted them. Nothing is ever taken off.
    pub clones: u64,
    /// Runs that began on the day.
    pub runs: u64,
    /// Clones that these runs explain: an estimate, never above `clones`. The rest need not be
    /// people: other machines clone too.
    pub by_machines: Bounds,
    /// What it rests on.
    pub basis: Basis,
}

/// Estimates for each day of which both clones and runs are known, ascending; nothing for the
/// others.
///
/// A run counts on the UTC day on which it began; what it clones after midnight is not seen. What a
/// run clones is the interval in which the middle three fifths of the differences in clones lie, for
/// each run more, between a day and the same weekday one to four weeks before; a difference of many
/// runs weighs as many times. In simulated histories the truth lay inside on more than nine days in
/// ten, however many jobs the runs had. Where people clone more *because* of what makes runs, as on
/// the day of a release, they are taken for machines, and the truth may lie below the interval.
#[must_use]
pub fn estimate(clones: &Measured, runs: &Measured) -> Vec<MachineEstimate> {
    let days: Vec<Known> = clones
        .days()
        .iter()
        .filter_map(|(day, clones)| {
            Some(Known {
                day: *day,
                clones: *clones,
                runs: runs.on(*day)?,
            })
        })
        .collect();
    let mut estimates = Vec::with_capacity(days.len());
    let mut start = 0;
    while let Some(first) = days.get(start) {
        let end = days.partition_point(|known| known.day.days_since(first.day) < HOLDS_DAYS);
        let around = around(&days, first.day);
        let rate = rate(&days[around]);
        estimates.extend(days[start..end].iter().map(|known| known.estimate(rate)));
        start = end;
    }
    estimates
}

/// Clones that runs explain over a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MachineTotal {
    /// Clones of the days that stand behind it, as GitHub counted them.
    pub clones: u64,
    /// How many of them the runs explain. This is an estimate.
    pub by_machines: Bounds,
    /// Days that stand behind it.
    pub days: u64,
    /// Days of the range of which clones or runs are not known; they are in neither number.
    pub days_missing: u64,
}

/// Adds up the estimates (ascending) that lie in a range.
#[must_use]
pub fn total(estimates: &[MachineEstimate], range: DayRange) -> MachineTotal {
    let start = estimates.partition_point(|estimate| estimate.day < range.first());
    let end = estimates.partition_point(|estimate| estimate.day <= range.last());
    let inside = &estimates[start..end.max(start)];
    let days = inside.len() as u64;
    let add = |sum: Bounds, estimate: &MachineEstimate| sum.plus(estimate.by_machines);
    MachineTotal {
        clones: inside.iter().map(|estimate| estimate.clones).sum(),
        by_machines: inside.iter().fold(Bounds::ZERO, add),
        days,
        days_missing: range.days().unsigned_abs().saturating_sub(days),
    }
}

/// A day of which both numbers are known.
#[derive(Debug, Clone, Copy)]
struct Known {
    day: Day,
    clones: u64,
    runs: u64,
}

impl Known {
    fn estimate(&self, rate: Option<Rate>) -> MachineEstimate {
        let (by_machines, basis) = self.explained(rate);
        MachineEstimate {
            day: self.day,
            clones: self.clones,
            runs: self.runs,
            by_machines,
            basis,
        }
    }

    fn explained(&self, rate: Option<Rate>) -> (Bounds, Basis) {
        if self.runs == 0 {
            return (Bounds::ZERO, Basis::NoRuns);
        }
        let learned = rate.and_then(|rate| {
            let all = u128::from(ONE.unsigned_abs());
            let made = |thousandths: u64| u128::from(thousandths) * u128::from(self.runs);
            let lower = u64::try_from(made(rate.thousandths.lower()) / all).ok()?;
            let upper = made(rate.thousandths.upper()).div_ceil(all);
            let upper = u64::try_from(upper).unwrap_or(u64::MAX).min(self.clones);
            Some((Bounds::new(lower, upper)?, Basis::Learned(rate)))
        });
        let any = Bounds::new(0, self.clones).unwrap_or(Bounds::ZERO);
        learned.unwrap_or((any, Basis::Unknown))
    }
}

/// Where the days lie that teach what runs clone in the weeks from `first` on.
fn around(days: &[Known], first: Day) -> Range<usize> {
    let from = first.plus(-LEARNED_DAYS);
    let to = first.plus(HOLDS_DAYS + LEARNED_DAYS);
    days.partition_point(|known| known.day < from)..days.partition_point(|known| known.day < to)
}

/// What a run clones; nothing where too few days or too few differences tell of it.
fn rate(days: &[Known]) -> Option<Rate> {
    let mut differences = differences(days);
    if days.len() < DAYS_AT_LEAST || differences.len() < PAIRS_AT_LEAST {
        return None;
    }
    differences.sort_unstable();
    let weight: u64 = differences.iter().map(|(_, weight)| weight).sum();
    let lower = at_weight(&differences, weight / LEFT_OUT)?;
    let upper = at_weight(&differences, weight - weight / LEFT_OUT)?;
    let made = |slope: i64| u64::try_from(slope).unwrap_or(0);
    Some(Rate {
        thousandths: Bounds::new(made(lower), made(upper))?,
        days: days.len(),
    })
}

/// For each pair of days on which the numbers of runs differ, the difference in clones for each run
/// more, in thousandths, and how many runs the pair differs by: that is how much it tells.
fn differences(days: &[Known]) -> Vec<(i64, u64)> {
    let pair = |late: &Known, weeks: i64| {
        let day = late.day.plus(-7 * weeks);
        let at = days.binary_search_by_key(&day, |known| known.day).ok()?;
        let early = &days[at];
        let clones = i64::try_from(late.clones).ok()? - i64::try_from(early.clones).ok()?;
        let runs = i64::try_from(late.runs).ok()? - i64::try_from(early.runs).ok()?;
        (runs != 0).then(|| (clones * ONE / runs, runs.unsigned_abs()))
    };
    let pairs_of = |late| (1..=WEEKS_BACK).filter_map(move |weeks| pair(late, weeks));
    days.iter().flat_map(pairs_of).collect()
}

/// The slope at which so much weight is reached.
fn at_weight(sorted: &[(i64, u64)], weight: u64) -> Option<i64> {
    let mut reached = 0;
    let at = sorted.iter().position(|(_, of_pair)| {
        reached += of_pair;
        reached >= weight
    });
    at.or(sorted.len().checked_sub(1)).map(|at| sorted[at].0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dice::Dice;

    /// What one run clones.
    #[derive(Debug, Clone, Copy)]
    enum Jobs {
        /// So many times.
        Always(u64),
        /// From never to four times, by chance.
        Some,
        /// Once in the first half of the history, four times afterwards.
        More,
    }

    /// Clones, runs and the truth: clones that runs made.
    struct History {
        clones: Measured,
        runs: Measured,
        made: Vec<u64>,
    }

    const DAYS: u32 = 400;

    fn day(n: u32) -> Day {
        Day::from_epoch_days(20_000 + i64::from(n)).unwrap()
    }

    /// People and runs that come by chance; on weekends fewer of both where there is a rhythm.
    fn history(jobs: Jobs, people: f64, runs: f64, has_rhythm: bool, dice: &mut Dice) -> History {
        let (mut clones, mut began, mut made) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..DAYS {
            let is_weekend = has_rhythm && day(n).weekday() >= 5;
            let part = if is_weekend { 0.2 } else { 1.0 };
            let runs = dice.poisson(runs * part);
            let by_runs = match jobs {
                Jobs::Always(jobs) => jobs * runs,
                Jobs::Some => (0..runs).map(|_| dice.below(5)).sum(),
                Jobs::More => runs * if n < DAYS / 2 { 1 } else { 4 },
            };
            clones.push((day(n), by_runs + dice.poisson(people * part)));
            began.push((day(n), runs));
            made.push(by_runs);
        }
        History {
            clones: Measured::new(clones),
            runs: Measured::new(began),
            made,
        }
    }

    #[test]
    fn on_more_than_nine_days_in_ten_the_truth_lies_inside() {
        let all_jobs = [
            Jobs::Always(0),
            Jobs::Always(1),
            Jobs::Always(3),
            Jobs::Some,
            Jobs::More,
        ];
        for jobs in all_jobs {
            for people in [0.5, 5.0, 40.0] {
                for (runs, has_rhythm) in [(3.0, false), (20.0, false), (12.0, true)] {
                    let (mut inside, mut days) = (0, 0);
                    for seed in 0..8 {
                        let dice = &mut Dice::new(seed);
                        let history = history(jobs, people, runs, has_rhythm, dice);
                        let estimates = estimate(&history.clones, &history.runs);
                        let ran = estimates.iter().zip(&history.made);
                        let ran = ran.filter(|(estimate, _)| estimate.runs > 0);
                        for (estimate, made) in ran {
                            days += 1;
                            inside += u32::from(estimate.by_machines.contains(*made));
                        }
                    }
                    let setting = (jobs, people, runs, has_rhythm);
                    assert!(inside * 10 > days * 9, "{setting:?}: {inside} of {days}");
                }
            }
        }
    }

    #[test]
    fn where_runs_tell_much_the_interval_is_narrow() {
        let history = history(Jobs::Always(3), 2.0, 12.0, true, &mut Dice::new(1));
        let range = DayRange::new(day(0), day(DAYS - 1)).unwrap();
        let total = total(&estimate(&history.clones, &history.runs), range);
        let made: u64 = history.made.iter().sum();
        assert!(total.by_machines.contains(made));
        let width = total.by_machines.upper() - total.by_machines.lower();
        assert!(width * 4 < total.clones, "{total:?}");
    }

    fn measured(days: impl IntoIterator<Item = (u32, u64)>) -> Measured {
        Measured::new(days.into_iter().map(|(n, count)| (day(n), count)))
    }

    fn bounds(lower: u64, upper: u64) -> Bounds {
        Bounds::new(lower, upper).unwrap()
    }

    #[test]
    fn without_runs_no_clone_is_made_by_one_and_without_history_any_may_be() {
        let found = estimate(
            &measured([(0, 9), (1, 8), (2, 7), (4, 6)]),
            &measured([(0, 0), (1, 2), (3, 5)]),
        );
        let told: Vec<_> = found
            .iter()
            .map(|estimate| (estimate.day, estimate.by_machines, estimate.basis))
            .collect();
        assert_eq!(
            told,
            [
                (day(0), Bounds::ZERO, Basis::NoRuns),
                (day(1), bounds(0, 8), Basis::Unknown),
            ]
        );
    }

    #[test]
    fn runs_that_never_change_teach_nothing() {
        let mut dice = Dice::new(1);
        let clones = measured((0..200).map(|n| (n, 4 + dice.below(3))));
        let found = estimate(&clones, &measured((0..200).map(|n| (n, 4))));
        let is_unknown = |estimate: &MachineEstimate| estimate.basis == Basis::Unknown;
        assert!(found.len() == 200 && found.iter().all(is_unknown));
    }

    #[test]
    fn a_day_that_contradicts_what_was_learned_may_have_any_part() {
        let runs = |n: u32| u64::from(n % 5);
        let clones = (0..200).map(|n| (n, if n == 104 { 1 } else { 3 * runs(n) + 1 }));
        let found = estimate(&measured(clones), &measured((0..200).map(|n| (n, runs(n)))));
        assert_eq!(found[104].by_machines, bounds(0, 1));
        assert_eq!(found[104].basis, Basis::Unknown);
        assert_eq!(found[109].by_machines, Bounds::exact(12));
        assert!(matches!(found[109].basis, Basis::Learned(_)));
    }

    #[test]
    fn a_total_says_which_days_it_lacks() {
        let clones = measured([(0, 9), (1, 8), (2, 7), (3, 6)]);
        let found = estimate(&clones, &measured([(0, 1), (1, 0), (3, 2)]));
        let total = total(&found, DayRange::new(day(1), day(5)).unwrap());
        let expected = MachineTotal {
            clones: 14,
            by_machines: bounds(0, 6),
            days: 2,
            days_missing: 3,
        };
        assert_eq!(total, expected);
    }

    proptest! {
        #[test]
        fn what_github_counted_stays_and_no_estimate_is_above_it(
            days in proptest::collection::vec(
                (any::<Option<u64>>(), proptest::option::of(0..9_u64), any::<bool>()),
                0..200,
            ),
        ) {
            let clones = (0..).zip(&days).filter_map(|(n, (clones, _, is_small))| {
                Some((n, (*clones)? % if *is_small { 40 } else { u64::MAX }))
            });
            let clones = measured(clones);
            let runs = measured((0..).zip(&days).filter_map(|(n, (_, runs, _))| Some((n, (*runs)?))));
            let found = estimate(&clones, &runs);
            let both = clones.days().iter().filter(|(day, _)| runs.on(*day).is_some());
            prop_assert_eq!(found.len(), both.count());
            for estimate in found {
                prop_assert_eq!(Some(estimate.clones), clones.on(estimate.day));
                prop_assert_eq!(Some(estimate.runs), runs.on(estimate.day));
                prop_assert!(estimate.by_machines.upper() <= estimate.clones);
                if estimate.runs == 0 {
                    prop_assert_eq!(estimate.by_machines, Bounds::ZERO);
                }
            }
        }
    }
}
