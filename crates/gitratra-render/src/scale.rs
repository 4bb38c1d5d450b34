//! Where a value axis has its ticks: at round numbers, from zero up.

/// An axis from zero to a round number at or above the largest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// The distance of two ticks, at least 1.
    pub step: u64,
    /// How many steps there are up to the top, from 1 to 4.
    pub steps: u64,
}

impl Scale {
    /// The axis with the least room left above `largest`; with more ticks where that is equal.
    #[must_use]
    pub fn up_to(largest: u64) -> Self {
        let mut best: Option<Self> = None;
        // A single step would leave the middle of the axis without a number.
        let fewest = if largest <= 1 { 1 } else { 2 };
        for steps in fewest..=4.min(largest.max(1)) {
            let scale = Self {
                step: round_up(largest.div_ceil(steps).max(1)),
                steps,
            };
            if best.is_none_or(|best| scale.top() <= best.top()) {
                best = Some(scale);
            }
        }
        best.unwrap_or(Self { step: 1, steps: 1 })
    }

    /// The value at the top, at least 1.
    #[must_use]
    pub const fn top(self) -> u64 {
        self.step.saturating_mul(self.steps)
    }

    /// How high `value` stands when the top is at `height`: rounded, but never down to nothing
    /// for a value that is something.
    #[must_use]
    pub fn height_of(self, value: u64, height: u64) -> u64 {
        let top = u128::from(self.top());
        let scaled = (u128::from(value) * u128::from(height) + top / 2) / top;
        let scaled = u64::try_from(scaled).unwrap_or(height).min(height);
        scaled.max(u64::from(value > 0))
    }
}

/// The next number of the form 1, 2, 2.5 or 5 times a power of ten.
fn round_up(number: u64) -> u64 {
    let mut power: u64 = 1;
    loop {
        let rounds = [power, power * 2, power / 2 * 5, power * 5];
        // 2.5 is no whole number of events.
        let is_whole = |round: &u64| *round >= power;
        if let Some(round) = rounds
            .into_iter()
            .filter(is_whole)
            .filter(|round| *round >= number)
            .min()
        {
            return round;
        }
        match power
            .checked_mul(10)
            .filter(|power| *power <= u64::MAX / 10)
        {
            Some(next) => power = next,
            None => return number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(largest: u64, step: u64, steps: u64) {
        assert_eq!(Scale::up_to(largest), Scale { step, steps }, "{largest}");
    }

    #[test]
    fn ticks_are_round_and_close_above_the_largest() {
        check(0, 1, 1);
        check(1, 1, 1);
        check(3, 1, 3);
        check(7, 2, 4);
        check(25, 10, 3);
        check(100, 25, 4);
        check(1_204, 500, 3);
        check(9_999, 2_500, 4);
        check(1_200_000, 500_000, 3);
    }

    #[test]
    fn a_value_that_is_something_is_never_drawn_as_nothing() {
        let scale = Scale::up_to(1_000_000);
        assert_eq!(scale.height_of(1, 64), 1);
        assert_eq!(scale.height_of(0, 64), 0);
        assert_eq!(scale.height_of(scale.top(), 64), 64);
    }

    #[test]
    fn the_largest_numbers_have_an_axis() {
        for largest in [u64::MAX, u64::MAX / 2, 999_999_999_999] {
            let scale = Scale::up_to(largest);
            assert_eq!(
                scale.height_of(largest, 64).min(64),
                scale.height_of(largest, 64)
            );
        }
    }
}
