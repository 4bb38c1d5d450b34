//! A number that is known only to lie between two others.

use std::fmt;

/// At least `lower`, at most `upper`; an exact number where the two are the same.
///
/// Invariant: `lower <= upper`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Bounds {
    lower: u64,
    upper: u64,
}

impl Bounds {
    /// Nothing, exactly.
    pub const ZERO: Self = Self::exact(0);

    /// From `lower` to `upper`, or nothing where they are the wrong way round.
    #[must_use]
    pub const fn new(lower: u64, upper: u64) -> Option<Self> {
        if lower <= upper {
            Some(Self { lower, upper })
        } else {
            None
        }
    }

    /// A number that is known.
    #[must_use]
    pub const fn exact(number: u64) -> Self {
        Self {
            lower: number,
            upper: number,
        }
    }

    /// At least this.
    #[must_use]
    pub const fn lower(self) -> u64 {
        self.lower
    }

    /// At most this.
    #[must_use]
    pub const fn upper(self) -> u64 {
        self.upper
    }

    /// The number itself, where it is known.
    #[must_use]
    pub const fn number(self) -> Option<u64> {
        if self.lower == self.upper {
            Some(self.lower)
        } else {
            None
        }
    }

    /// Whether a number lies between the two.
    #[must_use]
    pub const fn contains(self, number: u64) -> bool {
        self.lower <= number && number <= self.upper
    }

    /// What both say; nothing where they contradict each other.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.lower.max(other.lower), self.upper.min(other.upper))
    }

    /// The sum of two numbers of *events*. People of two periods never add.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            lower: self.lower.saturating_add(other.lower),
            upper: self.upper.saturating_add(other.upper),
        }
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            Some(number) => number.fmt(f),
            None => write!(f, "{}–{}", self.lower, self.upper),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrong_way_round_is_refused_and_ends_that_meet_are_a_number() {
        assert_eq!(Bounds::new(3, 2), None);
        let bounds = Bounds::new(3, 5).unwrap();
        assert_eq!(bounds.to_string(), "3–5");
        assert_eq!(bounds.number(), None);
        assert!(bounds.contains(3) && bounds.contains(5) && !bounds.contains(6));
        assert_eq!(
            bounds.intersection(Bounds::exact(5)),
            Some(Bounds::exact(5))
        );
        assert_eq!(bounds.intersection(Bounds::exact(6)), None);
        assert_eq!(Bounds::exact(5).to_string(), "5");
    }
}
