//! How traffic changes: momentum, the weekday pattern, league tables, movers, and repositories that
//! have gone quiet. Its one job is to compare measured days with measured days; it never reads a
//! gap as a zero, never lets a partial or suspect day into a comparison, and never compares people.
//!
//! Every figure says how many of its days were measured. Where too few were, there is no figure.

mod league;
mod movers;
mod quiet;
mod weekday;

#[cfg(test)]
mod tests;

pub use league::{LeagueOrder, Place, league};
pub use movers::{Move, MoveOrder, Movers, is_move, movers};
pub use quiet::{Quiet, gone_quiet};
pub use weekday::{Typical, WeekdayFigure, WeekdayPattern, weekday_pattern};

use crate::figures::{Comparison, compare};
use crate::{Day, DayRange, Metric, Series};

/// Events below which a change is not worth a word: from 1 to 3 is threefold, and nothing.
pub const FLOOR: u64 = 20;

/// How the newest days did against as many before them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Momentum {
    /// The last 7 days against the 7 before.
    pub week: Comparison,
    /// The last 28 days against the 28 before. Both are whole weeks, so that each day meets its
    /// own weekday.
    pub four_weeks: Comparison,
}

/// The momentum of one metric up to `last`, which should be the newest published day.
///
/// A pair of days of which one is not measured is left out on both sides; each comparison says how
/// many pairs of how many stand behind it.
#[must_use]
pub fn momentum(series: &Series, last: Day, metric: Metric) -> Momentum {
    let over = |days| compare(series, DayRange::ending(last, days), metric);
    Momentum {
        week: over(7),
        four_weeks: over(28),
    }
}

/// Whether two numbers of events, both given in *half* events, differ by more than chance.
///
/// Counts of independent events scatter by their square root, and the difference of two by the root
/// of their sum; three times that is asked for. Page loads come in bunches and scatter more, so this
/// is the least that is asked for and not a proof.
fn is_beyond_chance(halves: u64, other_halves: u64) -> bool {
    let difference = u128::from(halves.abs_diff(other_halves));
    // d² > 9 (a + b) in events is D² / 4 > 9 (A + B) / 2 in halves.
    difference * difference > 18 * (u128::from(halves) + u128::from(other_halves))
}
