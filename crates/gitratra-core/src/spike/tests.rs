//! Spikes against simulated histories whose truth is known.

use proptest::prelude::*;

use super::*;
use crate::dice::Dice;
use crate::series::{DayRow, DayState, Value};
use crate::{Count, Metric};

/// How a repository's days go.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Constant,
    /// Two days of the week have less than half.
    Weekly,
    /// Two days of the week have nearly nothing.
    Steep,
    /// Ten times as much after 900 days.
    Rising,
    /// A tenth after 900 days.
    Falling,
    /// Three days in ten are not measured.
    Holed,
}

impl Shape {
    const ALL: [Self; 6] = [
        Self::Constant,
        Self::Weekly,
        Self::Steep,
        Self::Rising,
        Self::Falling,
        Self::Holed,
    ];

    /// The mean of the `n`th day, where `mean` is usual.
    fn mean(self, mean: f64, n: u32) -> f64 {
        let is_weekend = day(n).weekday() >= 5;
        match self {
            Self::Weekly if is_weekend => mean * 0.4,
            Self::Steep if is_weekend => mean * 0.05,
            Self::Rising => mean * (1.0 + f64::from(n) / 100.0),
            Self::Falling => mean * (1.0 - f64::from(n.min(900)) / 1_000.0),
            _ => mean,
        }
    }

    /// The measured days, with counts that scatter around the means by chance alone.
    fn history(self, mean: f64, days: u32, dice: &mut Dice) -> Vec<(Day, u64)> {
        let mut history = Vec::new();
        for n in 0..days {
            if !matches!(self, Self::Holed) || !dice.is(30) {
                history.push((day(n), dice.poisson(self.mean(mean, n))));
            }
        }
        history
    }
}

/// Sparse, quiet, where chance is hardest to tell from a spike, and busy.
const MEANS: [f64; 7] = [0.03, 0.5, 2.0, 5.0, 8.0, 20.0, 120.0];

/// The day that lies `n` days after 2019-04-14, a Sunday.
fn day(n: u32) -> Day {
    Day::from_epoch_days(18_000 + i64::from(n)).unwrap()
}

/// The smallest whole number that is at least so much.
fn whole(least: f64) -> u64 {
    let whole = (0_u32..).find(|whole| f64::from(*whole) >= least);
    u64::from(whole.unwrap())
}

fn number(day: Day) -> u32 {
    u32::try_from(day.epoch_days() - 18_000).unwrap()
}

fn range(first: u32, last: u32) -> DayRange {
    DayRange::new(day(first), day(last)).unwrap()
}

fn find_in(days: &[(Day, u64)]) -> Vec<Spike> {
    find(&Measured::new(days.iter().copied()))
}

/// The spikes of days that are counted one after the other.
fn check(counts: impl IntoIterator<Item = u64>, expected: &[DayRange]) -> Vec<Spike> {
    let days: Vec<_> = (0..).map(day).zip(counts).collect();
    let found = find_in(&days);
    let ranges: Vec<_> = found.iter().map(|spike| spike.days).collect();
    assert_eq!(ranges, expected);
    found
}

#[test]
fn chance_makes_no_spike() {
    for shape in Shape::ALL {
        for mean in MEANS {
            for seed in 0..6 {
                let days = shape.history(mean, 1_200, &mut Dice::new(seed));
                assert_eq!(find_in(&days), [], "{shape:?} {mean} {seed}");
            }
        }
    }
}

#[test]
fn chance_makes_no_spike_of_a_short_history_either() {
    for shape in Shape::ALL {
        for mean in MEANS {
            for length in 0..90 {
                let days = shape.history(mean, length, &mut Dice::new(u64::from(length)));
                assert_eq!(find_in(&days), [], "{shape:?} {mean} {length}");
            }
        }
    }
}

#[test]
fn quiet_days_with_ones_and_twos_have_no_spikes() {
    check(std::iter::repeat_n(0, 4_000), &[]);
    check(std::iter::repeat_n(7, 4_000), &[]);
    let mut dice = Dice::new(1);
    check(
        (0..4_000).map(|_| if dice.is(4) { 1 + dice.below(2) } else { 0 }),
        &[],
    );
}

#[test]
fn a_day_of_five_times_the_usual_and_twenty_more_is_found() {
    let (mut planted, mut missed) = (0, 0);
    for shape in Shape::ALL {
        for mean in MEANS {
            for seed in 0..12 {
                let mut dice = Dice::new(seed);
                let mut days = shape.history(mean, 600, &mut dice);
                let mut spots = Vec::new();
                for quarter in 0..4 {
                    let at = usize::try_from(quarter * 100 + 20 + dice.below(60)).unwrap();
                    let mean = shape.mean(mean, number(days[at].0));
                    let least = (mean * 5.0).max(mean + 20.0);
                    days[at].1 = whole(least);
                    spots.push(days[at].0);
                }
                let found = find_in(&days);
                let is_found = |spot: &&Day| !found.iter().any(|spike| spike.days.contains(**spot));
                planted += spots.len();
                missed += spots.iter().filter(is_found).count();
                assert!(
                    found.len() <= spots.len(),
                    "{shape:?} {mean} {seed}: {found:?}"
                );
            }
        }
    }
    assert!(missed * 500 <= planted, "{missed} of {planted}");
}

#[test]
fn a_spike_of_several_days_is_one() {
    for length in 1..=8 {
        for mean in [1.0, 10.0, 50.0] {
            let mut dice = Dice::new(length);
            let mut days = Shape::Weekly.history(mean, 400, &mut dice);
            let first = 200;
            let last = first + usize::try_from(length).unwrap() - 1;
            for (_, count) in &mut days[first..=last] {
                *count += 30 + 8 * dice.poisson(mean);
            }
            let found = find_in(&days);
            assert_eq!(found.len(), 1, "{length} {mean}: {found:?}");
            assert!(found[0].days.contains(days[first].0) && found[0].days.contains(days[last].0));
            assert!(found[0].days.days() <= i64::try_from(length).unwrap() + 1);
            assert!(found[0].is_settled && !found[0].is_cut);
        }
    }
}

#[test]
fn a_spike_tells_its_size() {
    let counts = (0..100).map(|n| match n {
        50 => 400,
        51 => 900,
        52 => 100,
        _ => 10,
    });
    let found = check(counts, &[range(50, 52)]);
    assert_eq!(
        (found[0].peak, found[0].count, found[0].usual),
        (day(51), 900, 10)
    );
    assert_eq!(found[0].excess, 390 + 890 + 90);
    assert_eq!(found[0].times(), Some(90.0));
}

#[test]
fn a_spike_out_of_nothing_is_no_number_of_times() {
    let found = check(
        (0..100).map(|n| if n == 50 { 400 } else { 0 }),
        &[range(50, 50)],
    );
    assert_eq!(found[0].times(), None);
}

#[test]
fn a_rise_that_stays_is_no_spike_once_that_shows() {
    let rise = |days| (0..days).map(|n| if n < 100 { 10 } else { 80 });
    let found = check(rise(105), &[range(100, 104)]);
    assert!(!found[0].is_settled);
    check(rise(120), &[]);
    check(rise(300), &[]);
}

#[test]
fn the_newest_day_can_be_a_spike() {
    let found = check(
        (0..30).map(|n| if n == 29 { 90 } else { 10 }),
        &[range(29, 29)],
    );
    assert!(!found[0].is_settled && !found[0].is_cut);
}

#[test]
fn the_day_on_which_a_history_begins_can_be_a_spike() {
    let found = check([900, 300, 60].into_iter().chain([10; 30]), &[range(0, 2)]);
    assert!(found[0].is_settled && !found[0].is_cut);
}

#[test]
fn a_habit_is_no_spike() {
    check((0..700).map(|n| if n % 7 == 3 { 100 } else { 0 }), &[]);
    check((0..20).map(|n| if n % 7 == 3 { 100 } else { 0 }), &[]);
    check((0..700).map(|n| if n % 8 == 3 { 100 } else { 1 }), &[]);
}

#[test]
fn a_weekday_has_a_usual_count_of_its_own() {
    let usual = |n: u32| if n.is_multiple_of(7) { 6 } else { 60 };
    let counts = (0..400).map(|n| if n == 210 { 40 } else { usual(n) });
    let found = check(counts, &[range(210, 210)]);
    assert_eq!(found[0].usual, 6);
    check((0..400).map(|n| if n == 211 { 90 } else { usual(n) }), &[]);
}

#[test]
fn a_spike_beside_a_gap_may_have_lasted_longer() {
    let counts = (0..100)
        .filter(|n| *n != 51)
        .map(|n| (day(n), if n == 50 { 400 } else { 10 }));
    let found = find(&Measured::new(counts));
    assert_eq!(found.len(), 1);
    assert!(found[0].is_cut);
}

#[test]
fn two_days_with_a_gap_between_them_are_two_spikes() {
    let count = |n| if n == 50 || n == 52 { 400 } else { 10 };
    let counts = (0..100).filter(|n| *n != 51).map(|n| (day(n), count(n)));
    let found = find(&Measured::new(counts));
    assert_eq!(found.len(), 2);
}

/// Rows of views in which the days of `unknown` are in this state with that count.
fn rows(counts: &[u64], unknown: &[(usize, DayState, u64)]) -> Vec<DayRow> {
    let value = |count, state| Value {
        count: Count::new(count, 0).unwrap(),
        state,
    };
    let mut rows: Vec<_> = (0..)
        .map(day)
        .zip(counts)
        .map(|(day, count)| DayRow {
            day,
            views: Some(value(*count, DayState::Measured)),
            clones: None,
        })
        .collect();
    for (at, state, count) in unknown {
        let at = at % rows.len();
        rows[at].views = (*state != DayState::Gap).then(|| value(*count, *state));
    }
    rows
}

fn unknown() -> impl Strategy<Value = Vec<(usize, DayState, u64)>> {
    let state = prop_oneof![Just(DayState::Partial), Just(DayState::Suspect)];
    proptest::collection::vec((0..400_usize, state, 0..5_000_u64), 0..80)
}

proptest! {
    #[test]
    fn days_that_are_not_measured_bend_nothing(
        counts in proptest::collection::vec(prop_oneof![8 => 0..30_u64, 1 => 0..2_000_u64], 1..300),
        unknown in unknown(),
    ) {
        let gaps: Vec<_> = unknown.iter().map(|(at, _, _)| (*at, DayState::Gap, 0)).collect();
        let seen = find(&Measured::of(&rows(&counts, &unknown), Metric::Views));
        let never_seen = find(&Measured::of(&rows(&counts, &gaps), Metric::Views));
        prop_assert_eq!(seen, never_seen);
    }

    #[test]
    fn whatever_was_counted_spikes_are_days_that_were_measured(
        counts in proptest::collection::vec(
            (0..900_u32, prop_oneof![4 => 0..9_u64, 2 => 0..900_u64, 1 => any::<u64>()]),
            0..300,
        ),
    ) {
        let measured = Measured::new(counts.iter().map(|(n, count)| (day(*n), *count)));
        let mut last = None;
        for spike in find(&measured) {
            prop_assert!(last < Some(spike.days.first()));
            last = Some(spike.days.last());
            prop_assert!(spike.days.contains(spike.peak));
            let of_days: Vec<_> = spike.days.iter().map(|day| {
                measured.days().iter().find(|(measured, _)| *measured == day).map(|(_, count)| *count)
            }).collect();
            prop_assert!(of_days.iter().all(Option::is_some), "a gap lies in it");
            prop_assert!(spike.count >= spike.usual + 17);
            prop_assert!(spike.excess >= spike.count - spike.usual);
        }
    }
}
