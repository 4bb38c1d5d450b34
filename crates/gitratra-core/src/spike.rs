//! Spikes: measured days that stand far above what was usual around them, and what moved with them.
//!
//! What is usual comes from the measured days of six weeks before and of six weeks after, each side
//! by its median and with the weekday taken into account; the higher side counts, so that neither
//! a trend nor a rise that stays is a spike. Gaps, partial and suspect days are not measured: they
//! bend nothing and are never spikes.
//!
//! This module calls nothing a cause: see [`explain`] for how sure it is of what moved along.

mod baseline;
mod cause;

pub use cause::{Clues, Explanation, Likelihood, Mark, MarkKind, Moved, Named, explain};

use baseline::Usual;

use crate::measured::Measured;
use crate::{Day, DayRange};

/// Days in a row that stand far above what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Spike {
    /// From its first to its last day, all of them measured.
    pub days: DayRange,
    /// The day that stands out most; of equals the first.
    pub peak: Day,
    /// Events on that day.
    pub count: u64,
    /// Events that were to be expected on that day, rounded. This is an estimate.
    pub usual: u64,
    /// Events beyond the expected ones, over all of its days. This is an estimate.
    pub excess: u64,
    /// Whether the day before its first or after its last is not measured although the history
    /// goes on there, so that it may have lasted longer.
    pub is_cut: bool,
    /// Whether enough days after it are measured to tell it from a rise that stays. What is not
    /// settled may turn out to be no spike.
    pub is_settled: bool,
}

impl Spike {
    /// How many times the expected events came on its peak; nothing where none were expected.
    #[must_use]
    pub fn times(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        (self.usual > 0).then(|| self.count as f64 / self.usual as f64)
    }
}

/// The spikes of a history, ascending.
///
/// A spike has a day with at least 17 events more than usual, 3.5 times the usual count, and four
/// times as far above it as nine in ten of the days of the quarter before and after are. The days
/// beside it that are at least twice the usual count belong to it. What happens on more than one
/// day in ten is a habit and no spike, and so is what lasts longer than about ten days. A history
/// of fewer than 15 measured days has no spikes.
#[must_use]
pub fn find(measured: &Measured) -> Vec<Spike> {
    let days = measured.days();
    let usual = baseline::usual(days);
    let raised = |at: usize| usual[at].is_some_and(|usual| usual.is_raised(days[at].1));
    let mut found: Vec<Spike> = Vec::new();
    let mut at = 0;
    while at < days.len() {
        if !raised(at) {
            at += 1;
            continue;
        }
        let first = at;
        while at < days.len()
            && raised(at)
            && days[at].0.days_since(days[first].0) == place(at - first)
        {
            at += 1;
        }
        found.extend(spike(days, &usual, first, at));
    }
    found
}

fn place(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

/// The spike that the raised days from `first` to before `end` make, if one of them stands out.
fn spike(days: &[(Day, u64)], usual: &[Option<Usual>], first: usize, end: usize) -> Option<Spike> {
    let run = || (first..end).filter_map(|at| Some((days[at].0, days[at].1, usual[at]?)));
    let stands_out = run().any(|(_, count, usual)| usual.is_far_above(count));
    let (peak, count, at_peak) = run()
        .filter(|_| stands_out)
        .max_by_key(|(day, count, usual)| (usual.excess(*count), std::cmp::Reverse(*day)))?;
    let days_of = DayRange::new(days[first].0, days[end - 1].0)?;
    let is_hole = |before: Option<&(Day, u64)>, after: Option<&(Day, u64)>| {
        before
            .zip(after)
            .is_some_and(|(before, after)| after.0.days_since(before.0) > 1)
    };
    Some(Spike {
        days: days_of,
        peak,
        count,
        usual: at_peak.events(),
        excess: run().map(|(_, count, usual)| usual.excess(count)).sum(),
        is_cut: is_hole(days[..first].last(), days.get(first))
            || is_hole(days.get(end - 1), days.get(end)),
        is_settled: usual[end - 1].is_some_and(|usual| usual.is_settled()),
    })
}

#[cfg(test)]
mod tests;
