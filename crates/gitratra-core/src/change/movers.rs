//! Repositories that changed most between a range and the one before it. Small numbers stay out: a
//! change counts where it is larger than chance, and is weighed so that 1 to 3 leads no list.

use std::cmp::{Ordering, Reverse};

use super::is_beyond_chance;
use crate::figures::{Comparison, compare};
use crate::{DayRange, Metric, Series};

/// What movers are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MoveOrder {
    /// Events more or fewer.
    Absolute,
    /// How many times as many or as few, after the floor was added to both sides: that holds small
    /// numbers back, and gives a repository that came from nothing a finite place.
    Relative,
}

/// A repository that changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Move<K> {
    /// Which repository.
    pub repository: K,
    /// The days compared, and how many of how many they are.
    pub comparison: Comparison,
}

/// The repositories that changed, and those of which nobody can tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Movers<K> {
    /// Upwards, the largest first.
    pub up: Vec<Move<K>>,
    /// Downwards, the largest first.
    pub down: Vec<Move<K>>,
    /// Those of which fewer than half of the days could be compared, ascending. Nothing is said of
    /// their change.
    pub not_compared: Vec<K>,
}

/// The movers of `fleet` between `range` and the range of the same length before it.
///
/// A repository is a mover where at least half of the days are measured on both sides, the larger
/// side has at least `floor` events (see [`super::FLOOR`]) and the two sides differ by more than
/// chance. Equals are ordered by the other order and then by key, so that the same fleet gives the
/// same lists in whatever order it comes.
#[must_use]
pub fn movers<'a, K: Ord>(
    fleet: impl IntoIterator<Item = (K, &'a Series)>,
    range: DayRange,
    metric: Metric,
    order: MoveOrder,
    floor: u64,
) -> Movers<K> {
    let mut movers = Movers {
        up: Vec::new(),
        down: Vec::new(),
        not_compared: Vec::new(),
    };
    for (repository, series) in fleet {
        let comparison = compare(series, range, metric);
        if !comparison.is_mostly_measured() {
            movers.not_compared.push(repository);
        } else if is_large_enough(&comparison, floor) {
            let list = if comparison.now > comparison.before {
                &mut movers.up
            } else {
                &mut movers.down
            };
            list.push(Move {
                repository,
                comparison,
            });
        }
    }
    for list in [&mut movers.up, &mut movers.down] {
        list.sort_by(|one, other| {
            larger_first(&one.comparison, &other.comparison, order, floor)
                .then_with(|| one.repository.cmp(&other.repository))
        });
    }
    movers.not_compared.sort();
    movers
}

/// Whether a comparison is a move: at least half of the days are measured on both sides, the larger
/// side has at least `floor` events, and the two differ by more than chance.
#[must_use]
pub fn is_move(comparison: &Comparison, floor: u64) -> bool {
    comparison.is_mostly_measured() && is_large_enough(comparison, floor)
}

fn is_large_enough(comparison: &Comparison, floor: u64) -> bool {
    let (now, before) = (comparison.now, comparison.before);
    now.max(before) >= floor && is_beyond_chance(now.saturating_mul(2), before.saturating_mul(2))
}

/// Orders two moves of the same direction.
fn larger_first(one: &Comparison, other: &Comparison, order: MoveOrder, floor: u64) -> Ordering {
    let size = |comparison: &Comparison| Reverse(comparison.now.abs_diff(comparison.before));
    let absolute = size(one).cmp(&size(other));
    // The ratio of the larger side to the smaller, as whole numbers: a / b > c / d is a d > c b.
    let sides = |comparison: &Comparison| {
        let floor = u128::from(floor.max(1));
        let larger = u128::from(comparison.now.max(comparison.before)) + floor;
        (
            larger,
            u128::from(comparison.now.min(comparison.before)) + floor,
        )
    };
    let ((one_larger, one_smaller), (other_larger, other_smaller)) = (sides(one), sides(other));
    let relative = (other_larger * one_smaller).cmp(&(one_larger * other_smaller));
    match order {
        MoveOrder::Absolute => absolute.then(relative),
        MoveOrder::Relative => relative.then(absolute),
    }
}
