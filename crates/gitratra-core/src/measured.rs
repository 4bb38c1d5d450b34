//! Events of measured days, for arithmetic that a gap, a partial or a suspect day must not bend.

use crate::{Count, Day, DayRow, DayState, Metric};

/// Events by day, of measured days only.
///
/// *Shape*: ascending, no day twice; a day that is not in it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Measured {
    days: Vec<(Day, u64)>,
}

impl Measured {
    /// Puts measured days in order; of a day that comes twice the larger count stays. Counts are
    /// held at [`Count::LIMIT`].
    #[must_use]
    pub fn new(days: impl IntoIterator<Item = (Day, u64)>) -> Self {
        let mut days: Vec<_> = days
            .into_iter()
            .map(|(day, count)| (day, count.min(Count::LIMIT)))
            .collect();
        days.sort_unstable_by_key(|(day, count)| (*day, std::cmp::Reverse(*count)));
        days.dedup_by_key(|(day, _)| *day);
        Self { days }
    }

    /// The measured days of one metric.
    #[must_use]
    pub fn of(rows: &[DayRow], metric: Metric) -> Self {
        Self::new(rows.iter().filter_map(|row| {
            let value = row.value(metric)?;
            (value.state == DayState::Measured).then(|| (row.day, value.count.count()))
        }))
    }

    /// The days.
    #[must_use]
    pub fn days(&self) -> &[(Day, u64)] {
        &self.days
    }

    /// Events on a day, where it is measured.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<u64> {
        let at = self.days.binary_search_by_key(&day, |(of, _)| *of).ok()?;
        Some(self.days[at].1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::series::Value;

    #[test]
    fn only_what_is_measured_counts() {
        let states = [
            Some(DayState::Partial),
            None,
            Some(DayState::Measured),
            Some(DayState::Suspect),
        ];
        let rows: Vec<_> = (0..)
            .zip(states)
            .map(|(n, state)| DayRow {
                day: Day::MIN.plus(n),
                views: state.map(|state| Value {
                    count: Count::ZERO,
                    state,
                }),
                clones: None,
            })
            .collect();
        let measured = Measured::of(&rows, Metric::Views);
        assert_eq!(measured.days(), [(Day::MIN.plus(2), 0)]);
        assert_eq!(measured.on(Day::MIN.plus(2)), Some(0));
        assert_eq!(measured.on(Day::MIN.plus(1)), None);
        assert_eq!(Measured::of(&rows, Metric::Clones), Measured::default());
    }

    proptest! {
        #[test]
        fn the_order_in_which_days_come_does_not_matter(
            (days, shuffled) in proptest::collection::vec((0..200_i64, any::<u64>()), 0..200)
                .prop_flat_map(|days| (Just(days.clone()), Just(days).prop_shuffle()))
        ) {
            let of = |days: Vec<(i64, u64)>| {
                Measured::new(days.into_iter().map(|(n, count)| (Day::MIN.plus(n), count)))
            };
            let measured = of(days);
            prop_assert_eq!(&measured, &of(shuffled));
            prop_assert!(measured.days().is_sorted_by(|a, b| a.0 < b.0));
        }
    }
}
