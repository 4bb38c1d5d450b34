//! How often and by how many: the pair of numbers GitHub gives for a day.
//!
//! Uniques of two days never add up to people, so their type has no addition.

use std::fmt;

/// Distinct people (by user name or IP address) in one period, as GitHub counted them.
///
/// There is deliberately no `Add`: the uniques of two days share people, and nobody outside GitHub
/// knows how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Uniques(u64);

impl Uniques {
    /// Wraps a number of distinct people.
    #[must_use]
    pub const fn new(people: u64) -> Self {
        Self(people)
    }

    /// The bare number, for showing and storing.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Uniques {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Events of a period and the distinct people behind them.
///
/// Invariant: `uniques <= count < Count::LIMIT`. The order (by count, then uniques) is only there
/// so that sightings can be kept sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Count {
    count: u64,
    uniques: Uniques,
}

impl Count {
    /// No events, which is a measurement and not a gap.
    pub const ZERO: Self = Self {
        count: 0,
        uniques: Uniques(0),
    };

    /// Counts from here on are absurd: a million million page loads of one repository.
    pub const LIMIT: u64 = 1_000_000_000_000;

    /// Checks the pair.
    ///
    /// # Errors
    /// [`CountError::Absurd`] from [`Count::LIMIT`] on, [`CountError::UniquesAboveCount`] where
    /// more people than events are claimed.
    pub const fn new(count: u64, uniques: u64) -> Result<Self, CountError> {
        if count >= Self::LIMIT {
            return Err(CountError::Absurd { count });
        }
        if uniques > count {
            return Err(CountError::UniquesAboveCount { count, uniques });
        }
        Ok(Self {
            count,
            uniques: Uniques(uniques),
        })
    }

    /// Events: page loads for views, full clones for clones.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.count
    }

    /// Distinct people behind the events.
    #[must_use]
    pub const fn uniques(self) -> Uniques {
        self.uniques
    }

    /// True where nothing happened.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.count == 0
    }

    /// The larger count and the larger uniques, field by field.
    ///
    /// It keeps the invariant: both uniques are at most their own count, so the larger one is at
    /// most the larger count.
    #[must_use]
    pub fn larger(self, other: Self) -> Self {
        Self {
            count: self.count.max(other.count),
            uniques: self.uniques.max(other.uniques),
        }
    }
}

/// Why a pair of numbers is no [`Count`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CountError {
    /// More events than a repository can have.
    #[error("count {count} is absurd, the limit is {limit}", limit = Count::LIMIT)]
    Absurd {
        /// The number given.
        count: u64,
    },
    /// More people than events.
    #[error("uniques {uniques} are more than the count {count}")]
    UniquesAboveCount {
        /// Events given.
        count: u64,
        /// People given.
        uniques: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_people_than_events_are_refused() {
        assert_eq!(
            Count::new(2, 3),
            Err(CountError::UniquesAboveCount {
                count: 2,
                uniques: 3
            })
        );
    }

    #[test]
    fn absurd_counts_are_refused() {
        assert_eq!(
            Count::new(Count::LIMIT, 1),
            Err(CountError::Absurd {
                count: Count::LIMIT
            })
        );
        assert!(Count::new(Count::LIMIT - 1, 1).is_ok());
    }

    #[test]
    fn the_larger_is_taken_field_by_field() {
        let a = Count::new(10, 2).unwrap();
        let b = Count::new(7, 5).unwrap();
        assert_eq!(a.larger(b), Count::new(10, 5).unwrap());
    }
}
