//! How many different people came in a range of days: bounds, never a sum.
//!
//! GitHub tells people of a day, of a week from Monday to Sunday and of a window of 14 days, each
//! counted once within its period. Whoever came in two periods is in both, so that people of two
//! periods add up to too many. What follows for any range is this: at least as many came as in the
//! largest period inside it, and at most as many as the cheapest set of periods that covers it adds
//! up to. Where the range is itself such a period the two meet.

use std::collections::BTreeMap;

use crate::{Bounds, Day, DayRange, DayState, Metric, Series, Uniques, Week, Window};

/// Which kind of period GitHub counted people over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// A UTC day.
    Day,
    /// A week from Monday to Sunday.
    Week,
    /// A window of 14 days.
    Window,
}

impl Period {
    /// The word used in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Window => "window",
        }
    }
}

/// People of one period, as GitHub told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The days.
    pub range: DayRange,
    /// The people, each counted once.
    pub uniques: Uniques,
    /// What kind of period it is.
    pub period: Period,
    /// Whether the number is final. That of a day seen only while it was running may be too small,
    /// and says only how many came at least.
    pub is_final: bool,
}

/// What is known of the people of one repository in one metric.
///
/// *Shape*: told periods by the first of their days.
#[derive(Debug, Clone, Default)]
pub struct People {
    told: BTreeMap<Day, Vec<Told>>,
}

/// The longest period, in days.
const LONGEST: i64 = Window::DAYS as i64;

/// How many different people came in a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InRange {
    /// At least so many came in the whole range, and why; nothing where nobody is known of.
    pub at_least: Option<(u64, Ground)>,
    /// The people who came on the days that are covered: exact where the two ends meet.
    pub covered: Bounds,
    /// How many periods of each kind the upper end adds up.
    pub cover: Cover,
    /// Days of the range that a final number covers.
    pub days_covered: u64,
    /// Days in the range.
    pub of_days: u64,
}

impl InRange {
    /// Whether every day of the range is covered.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.days_covered == self.of_days
    }

    /// The people of the whole range; nothing where a day is not covered, on which anybody may have
    /// come.
    #[must_use]
    pub fn people(&self) -> Option<Bounds> {
        self.is_whole().then_some(self.covered)
    }

    /// The number of people in the range, where it is known.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.people()?.number()
    }
}

/// Why at least so many came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// So many came in a period inside the range.
    Inside(Period, DayRange),
    /// A period reaches beyond the range, and fewer people came on its days outside than in all of
    /// it.
    Overlapping(Period, DayRange),
}

/// Periods that together cover a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cover {
    /// Single days.
    pub days: u64,
    /// Weeks.
    pub weeks: u64,
    /// Windows.
    pub windows: u64,
}

impl Cover {
    fn count(&mut self, period: Period) {
        match period {
            Period::Day => self.days += 1,
            Period::Week => self.weeks += 1,
            Period::Window => self.windows += 1,
        }
    }
}

impl People {
    /// Puts together what was told of one metric. Suspect days count for nothing. A week or a window
    /// with one inside, or with fewer people than one of its days, says only how many came at least.
    #[must_use]
    pub fn new(
        series: &Series,
        metric: Metric,
        weeks: impl IntoIterator<Item = (Week, Uniques)>,
        windows: impl IntoIterator<Item = (Window, Uniques)>,
    ) -> Self {
        let mut people = Self::default();
        let mut daily: BTreeMap<Day, Option<Uniques>> = BTreeMap::new();
        for row in series.days() {
            let Some(value) = row.value(metric) else {
                continue;
            };
            if !value.state.is_believed() {
                daily.insert(row.day, None);
            } else {
                daily.insert(row.day, Some(value.count.uniques()));
                people.tell(Told {
                    range: DayRange::ending(row.day, 1),
                    uniques: value.count.uniques(),
                    period: Period::Day,
                    is_final: value.state == DayState::Measured,
                });
            }
        }
        let is_final = |range: DayRange, people: Uniques| {
            let mut days = daily.range(range.first()..=range.last());
            days.all(|(_, uniques)| uniques.is_some_and(|uniques| uniques <= people))
        };
        for (week, uniques) in weeks {
            people.tell(Told {
                range: week.range(),
                uniques,
                period: Period::Week,
                is_final: is_final(week.range(), uniques),
            });
        }
        for (window, uniques) in windows {
            people.tell(Told {
                range: window.range(),
                uniques,
                period: Period::Window,
                is_final: is_final(window.range(), uniques),
            });
        }
        people
    }

    fn tell(&mut self, told: Told) {
        self.told.entry(told.range.first()).or_default().push(told);
    }

    /// Everything that was told and shares a day with a range, by first day.
    fn touching(&self, range: DayRange) -> impl Iterator<Item = &Told> {
        let from = range.first().plus(1 - LONGEST);
        self.told
            .range(from..=range.last())
            .flat_map(|(_, told)| told)
            .filter(move |told| told.range.intersection(range).is_some())
    }

    /// How many different people came in a range.
    ///
    /// Takes time in proportion to those days of the range between the first and the last period.
    #[must_use]
    pub fn within(&self, range: DayRange) -> InRange {
        let mut found = InRange {
            at_least: None,
            covered: Bounds::ZERO,
            cover: Cover::default(),
            days_covered: 0,
            of_days: range.days().unsigned_abs(),
        };
        let Some(spoken_of) = self.span().and_then(|span| span.intersection(range)) else {
            return found;
        };
        let cheapest = self.cheapest(spoken_of);
        found.cover = cheapest.cover;
        found.days_covered = cheapest.days_covered;
        let mut lower = 0;
        for told in self.touching(range) {
            let Some((people, ground)) = self.at_least(told, range) else {
                continue;
            };
            if found.at_least.is_none_or(|(known, _)| people > known) {
                found.at_least = Some((people, ground));
            }
            // Whoever came on a day that nothing covers is no matter of the others.
            let inside = told.range.intersection(spoken_of);
            if inside.is_some_and(|inside| told.is_final || cheapest.covers(inside, spoken_of)) {
                lower = people.max(lower);
            }
        }
        let upper = cheapest.people;
        // The two may still contradict each other, since days and windows are merged one by one.
        found.covered = Bounds::new(lower.min(upper), lower.max(upper)).unwrap_or_default();
        found
    }

    /// From the first to the last day that anything was told of.
    fn span(&self) -> Option<DayRange> {
        let (first, _) = self.told.first_key_value()?;
        let ends = self
            .told
            .values()
            .rev()
            .take(Window::DAYS as usize)
            .flatten();
        DayRange::new(*first, ends.map(|told| told.range.last()).max()?)
    }

    /// How many came in the range at least, as far as one period tells.
    fn at_least(&self, told: &Told, range: DayRange) -> Option<(u64, Ground)> {
        let inside = told.range.intersection(range)?;
        let people = told.uniques.get();
        if inside == told.range {
            return Some((people, Ground::Inside(told.period, told.range)));
        }
        let before = DayRange::new(told.range.first(), range.first().plus(-1));
        let after = DayRange::new(range.last().plus(1), told.range.last());
        let mut outside = 0_u64;
        for part in [before, after].into_iter().flatten() {
            let cheapest = self.cheapest(part);
            // Of a day that nothing covers anybody may have come.
            (cheapest.days_covered == u64::try_from(part.days()).unwrap_or(u64::MAX))
                .then_some(())?;
            outside = outside.saturating_add(cheapest.people);
        }
        let people = people.checked_sub(outside).filter(|people| *people > 0)?;
        Some((people, Ground::Overlapping(told.period, told.range)))
    }

    /// The cheapest set of periods that covers what can be covered of a range.
    fn cheapest(&self, range: DayRange) -> Cheapest {
        let days = usize::try_from(range.days()).unwrap_or(0);
        // The best way to cover the first so many days that can be covered.
        let mut best: Vec<Option<Step>> = vec![None; days + 1];
        let mut costs = vec![0_u64; days + 1];
        let place = |day: Day| usize::try_from(day.days_since(range.first())).unwrap_or(0);
        let mut touching = self.touching(range).filter(|told| told.is_final).peekable();
        for day in 0..days {
            while let Some(told) = touching.next_if(|told| place(told.range.first()) <= day) {
                let cost = costs[day].saturating_add(told.uniques.get());
                let last = place(told.range.last().min(range.last()));
                for slot in &mut best[day + 1..=last + 1] {
                    if slot.is_none_or(|step| cost < step.cost) {
                        *slot = Some(Step {
                            cost,
                            from: day,
                            period: told.period,
                        });
                    }
                }
            }
            costs[day + 1] = best[day + 1].map_or(costs[day], |step| step.cost);
        }
        let mut cover = Cover::default();
        let mut at = days;
        while at > 0 {
            match best[at] {
                Some(step) => {
                    cover.count(step.period);
                    at = step.from;
                }
                None => at -= 1,
            }
        }
        let is_covered: Vec<bool> = best[1..].iter().map(Option::is_some).collect();
        Cheapest {
            people: costs[days],
            cover,
            days_covered: is_covered.iter().filter(|is_covered| **is_covered).count() as u64,
            is_covered,
        }
    }
}

#[derive(Clone, Copy)]
struct Step {
    cost: u64,
    from: usize,
    period: Period,
}

struct Cheapest {
    people: u64,
    cover: Cover,
    days_covered: u64,
    /// For each day of the range.
    is_covered: Vec<bool>,
}

impl Cheapest {
    /// Whether every day of a part of the range is covered.
    fn covers(&self, part: DayRange, range: DayRange) -> bool {
        let place = |day: Day| usize::try_from(day.days_since(range.first())).unwrap_or(0);
        let days = &self.is_covered[place(part.first())..=place(part.last())];
        days.iter().all(|is_covered| *is_covered)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::Count;
    use crate::series::{DayRow, Value};

    const FIRST: &str = "2026-03-02";

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// Who came on each day from [`FIRST`] on, a Monday.
    #[derive(Debug)]
    struct Truth(Vec<BTreeSet<u32>>);

    impl Truth {
        fn span(&self) -> DayRange {
            DayRange::new(day(FIRST), day(FIRST).plus(self.0.len() as i64 - 1)).unwrap()
        }

        fn people(&self, range: DayRange) -> u64 {
            let place = |day: Day| usize::try_from(day.days_since(self.span().first())).unwrap();
            let days = &self.0[place(range.first())..=place(range.last())];
            days.iter().flatten().collect::<BTreeSet<_>>().len() as u64
        }

        fn row(&self, day: Day, state: DayState) -> DayRow {
            let people = self.people(DayRange::ending(day, 1));
            let value = Value {
                count: Count::new(people * 2, people).unwrap(),
                state,
            };
            DayRow {
                views: Some(value),
                ..DayRow::gap(day)
            }
        }

        /// What GitHub would have told, as far as `is_told` says that it was read.
        fn told(&self, mut is_told: impl FnMut() -> bool) -> People {
            let span = self.span();
            let mut rows: Vec<DayRow> = Vec::new();
            let (mut weeks, mut windows) = (Vec::new(), Vec::new());
            for day in span.iter() {
                if is_told() {
                    rows.push(self.row(day, DayState::Measured));
                }
                let (week, window) = (Week::beginning(day), Window { last: day });
                if let Some(week) = week.filter(|week| span.contains(week.sunday()))
                    && is_told()
                {
                    weeks.push((week, Uniques::new(self.people(week.range()))));
                }
                if span.contains(window.range().first()) && is_told() {
                    windows.push((window, Uniques::new(self.people(window.range()))));
                }
            }
            People::new(&Series::new(rows), Metric::Views, weeks, windows)
        }
    }

    fn range(first: i64, days: u32) -> DayRange {
        DayRange::ending(day(FIRST).plus(first + i64::from(days) - 1), days)
    }

    /// Five regulars who come every day, and one other person each day.
    fn regulars() -> Truth {
        Truth(
            (0..60)
                .map(|day| (0..5).chain([100 + day]).collect())
                .collect(),
        )
    }

    #[test]
    fn a_day_a_week_and_a_window_are_numbers() {
        let people = regulars().told(|| true);
        for (range, expected) in [(range(3, 1), 6), (range(7, 7), 12), (range(9, 14), 19)] {
            let found = people.within(range);
            assert_eq!(found.number(), Some(expected), "{range}");
        }
    }

    #[test]
    fn thirty_days_lie_between_the_largest_window_and_the_cheapest_cover() {
        let found = regulars().told(|| true).within(range(0, 30));
        assert_eq!(found.people(), Bounds::new(19, 19 + 19 + 6 + 6));
        assert_eq!(found.cover.windows, 2);
        assert!(matches!(
            found.at_least,
            Some((19, Ground::Inside(Period::Window, _)))
        ));
        assert!(found.is_whole());
    }

    #[test]
    fn a_day_that_nothing_covers_is_said_and_not_taken_for_empty() {
        let truth = regulars();
        let span = truth.span();
        let rows = span.iter().filter(|day| *day != range(4, 1).first());
        let series = Series::new(rows.map(|day| truth.row(day, DayState::Measured)));
        let people = People::new(&series, Metric::Views, [], []);
        let found = people.within(range(3, 3));
        assert_eq!((found.days_covered, found.of_days), (2, 3));
        assert_eq!(found.number(), None);
        assert_eq!(
            (found.covered, found.people()),
            (Bounds::new(6, 12).unwrap(), None)
        );
        let nothing = people.within(range(4, 1));
        assert_eq!((nothing.covered, nothing.at_least), (Bounds::ZERO, None));
        assert!(!nothing.is_whole());
    }

    #[test]
    fn a_running_day_tells_only_how_many_came_at_least() {
        let truth = regulars();
        let series = Series::new([truth.row(day(FIRST), DayState::Partial)]);
        let people = People::new(&series, Metric::Views, [], []);
        let found = people.within(range(0, 1));
        assert!(matches!(found.at_least, Some((6, _))));
        assert_eq!((found.covered, found.days_covered), (Bounds::ZERO, 0));
        assert_eq!(found.people(), None);
    }

    #[test]
    fn whoever_came_on_a_day_without_cover_is_not_taken_for_the_others() {
        let truth = Truth(vec![(0..3).collect(), (0..40).collect()]);
        let rows = [(0, DayState::Measured), (1, DayState::Partial)]
            .map(|(day, state)| truth.row(range(day, 1).first(), state));
        let found = People::new(&Series::new(rows), Metric::Views, [], []).within(range(0, 2));
        assert_eq!((found.covered, found.days_covered), (Bounds::exact(3), 1));
        assert!(matches!(found.at_least, Some((40, _))));
    }

    #[test]
    fn days_beyond_all_that_was_told_are_not_covered() {
        let found = regulars().told(|| true).within(DayRange::ALL);
        assert_eq!(found.days_covered, 60);
        assert_eq!(found.of_days, u64::try_from(DayRange::ALL.days()).unwrap());
        assert!(found.covered.contains(65));
        let before = DayRange::ending(day(FIRST).plus(-1), 9);
        assert_eq!(regulars().told(|| true).within(before).days_covered, 0);
    }

    #[test]
    fn a_suspect_day_tells_nothing() {
        let truth = regulars();
        let series = Series::new([truth.row(day(FIRST), DayState::Suspect)]);
        let people = People::new(&series, Metric::Views, [], []);
        assert_eq!(people.within(range(0, 1)).at_least, None);
    }

    #[test]
    fn a_window_with_a_suspect_day_covers_nothing() {
        let truth = regulars();
        let series = Series::new([truth.row(day(FIRST), DayState::Suspect)]);
        let window = Window {
            last: day(FIRST).plus(13),
        };
        let windows = [(window, Uniques::new(9))];
        let found = People::new(&series, Metric::Views, [], windows).within(window.range());
        assert!(matches!(found.at_least, Some((9, _))));
        assert_eq!(found.days_covered, 0);
        assert_eq!(found.number(), None);
    }

    #[test]
    fn a_window_beyond_the_range_tells_how_many_came_inside_at_least() {
        let truth = Truth(
            (0..20_u32)
                .map(|day| {
                    if day == 5 {
                        BTreeSet::new()
                    } else {
                        (day * 10..day * 10 + 9).collect()
                    }
                })
                .collect(),
        );
        let windows = [range(0, 14), range(5, 14)].map(|days| {
            (
                Window { last: days.last() },
                Uniques::new(truth.people(days)),
            )
        });
        let series = Series::new([truth.row(day(FIRST), DayState::Measured)]);
        let people = People::new(&series, Metric::Views, [], windows);
        // All but the first day of the first window: 13 days with 12 × 9 people.
        let found = people.within(range(1, 13));
        assert_eq!(found.covered.lower(), 108);
        assert!(matches!(
            found.at_least,
            Some((108, Ground::Overlapping(..)))
        ));
    }

    #[test]
    fn a_window_with_fewer_people_than_one_of_its_days_covers_nothing() {
        let series = Series::new([DayRow {
            views: Some(Value {
                count: Count::new(50, 50).unwrap(),
                state: DayState::Measured,
            }),
            ..DayRow::gap(day(FIRST))
        }]);
        let window = Window {
            last: day(FIRST).plus(13),
        };
        let people = People::new(&series, Metric::Views, [], [(window, Uniques::new(9))]);
        let found = people.within(window.range());
        assert_eq!((found.covered, found.days_covered), (Bounds::exact(50), 1));
        assert_eq!(found.number(), None);
    }

    prop_compose! {
        fn truths()(
            days in prop::collection::vec(prop::collection::btree_set(0..40_u32, 0..20), 1..70)
        ) -> Truth {
            Truth(days)
        }
    }

    proptest! {
        #[test]
        fn the_truth_always_lies_between(
            truth in truths(),
            read in prop::collection::vec(any::<bool>(), 220),
            first in 0..70_i64,
            days in 1..70_u32,
        ) {
            let range = range(first, days).intersection(truth.span());
            let Some(range) = range else { return Ok(()) };
            let mut read = read.into_iter();
            let found = truth.told(|| read.next().unwrap_or(true)).within(range);
            let people = truth.people(range);
            let at_least = found.at_least.map_or(0, |(people, _)| people);
            prop_assert!(at_least <= people && found.covered.lower() <= at_least);
            if let Some(bounds) = found.people() {
                prop_assert!(bounds.contains(people));
                prop_assert_eq!(bounds.lower(), at_least);
            }
        }

        #[test]
        fn what_is_told_whole_is_exact(truth in truths()) {
            let people = truth.told(|| true);
            let span = truth.span();
            for day in span.iter() {
                for range in [
                    DayRange::ending(day, 1),
                    Week::of(day).range(),
                    Window { last: day }.range(),
                ] {
                    if span.contains(range.first()) && span.contains(range.last()) {
                        prop_assert_eq!(people.within(range).number(), Some(truth.people(range)));
                    }
                }
            }
        }
    }
}
