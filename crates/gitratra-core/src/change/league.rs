//! Repositories in the order of what a range brought them. Partial and suspect days are left out,
//! and a repository of which nothing was measured has no place, which is not the last one.

use std::cmp::{Ordering, Reverse};

use crate::{DayRange, Metric, Series};

/// What a league table goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeagueOrder {
    /// Events of the measured days. A repository with gaps stands lower than it should.
    Count,
    /// Events for each measured day, so that gaps do not push a repository down. Only repositories
    /// of which at least half of the days were measured have a place.
    CountPerDay,
}

/// A repository in a league table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<K> {
    /// Which repository.
    pub repository: K,
    /// From 1 on; equals share a rank, and the next one is as much lower as there are of them.
    /// Nothing where too few days were measured.
    pub rank: Option<u64>,
    /// Events of the measured days, at least so many of the whole range; nothing where no day was
    /// measured.
    pub count: Option<u64>,
    /// Days of the range that were measured.
    pub days: u64,
    /// Days of the range.
    pub of_days: u64,
}

impl<K> Place<K> {
    /// Events for each measured day.
    #[must_use]
    pub fn count_per_day(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        self.count.map(|count| count as f64 / self.days as f64)
    }

    /// Whether the table gives it a rank.
    const fn has_rank(&self, order: LeagueOrder) -> bool {
        match order {
            LeagueOrder::Count => self.days > 0,
            LeagueOrder::CountPerDay => self.days > 0 && self.days * 2 >= self.of_days,
        }
    }

    /// How two places with a rank stand to each other, the larger first.
    fn compare(&self, other: &Self, order: LeagueOrder) -> Ordering {
        let count = |place: &Self| u128::from(place.count.unwrap_or(0));
        match order {
            LeagueOrder::Count => count(other).cmp(&count(self)),
            LeagueOrder::CountPerDay => {
                (count(other) * u128::from(self.days)).cmp(&(count(self) * u128::from(other.days)))
            }
        }
    }
}

/// Ranks `fleet` by what `range` brought.
///
/// *Shape*: one place for each repository; those without a rank at the end. Equals are ordered by
/// their key, so that the same fleet gives the same table in whatever order it comes.
#[must_use]
pub fn league<'a, K: Ord>(
    fleet: impl IntoIterator<Item = (K, &'a Series)>,
    range: DayRange,
    metric: Metric,
    order: LeagueOrder,
) -> Vec<Place<K>> {
    let mut places: Vec<Place<K>> = fleet
        .into_iter()
        .map(|(repository, series)| unranked(repository, series, range, metric))
        .collect();
    places.sort_by(|one, other| {
        let without_rank = |place: &Place<K>| Reverse(place.has_rank(order));
        let by_figures = || {
            if one.has_rank(order) && other.has_rank(order) {
                one.compare(other, order)
            } else {
                Ordering::Equal
            }
        };
        without_rank(one)
            .cmp(&without_rank(other))
            .then_with(by_figures)
            .then_with(|| one.repository.cmp(&other.repository))
    });
    rank(&mut places, order);
    places
}

fn unranked<K>(repository: K, series: &Series, range: DayRange, metric: Metric) -> Place<K> {
    let mut place = Place {
        repository,
        rank: None,
        count: None,
        days: 0,
        of_days: u64::try_from(range.days()).unwrap_or(0),
    };
    for row in series.within(range) {
        if let Some(measured) = series.measured(row.day, metric) {
            place.count = Some(place.count.unwrap_or(0) + measured.count());
            place.days += 1;
        }
    }
    place
}

/// Numbers places that are in order already.
fn rank<K>(places: &mut [Place<K>], order: LeagueOrder) {
    for at in 0..places.len() {
        if !places[at].has_rank(order) {
            break;
        }
        let is_equal = at > 0 && places[at].compare(&places[at - 1], order).is_eq();
        places[at].rank = if is_equal {
            places[at - 1].rank
        } else {
            u64::try_from(at + 1).ok()
        };
    }
}
