//! Given, existing and lost stars against stars of which every one is known.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// The day that lies `n` days after 2026-01-01.
fn day(n: i64) -> Day {
    Day::from_epoch_days(20_454 + n).unwrap()
}

fn range(first: i64, last: i64) -> DayRange {
    DayRange::new(day(first), day(last)).unwrap()
}

fn bounds(lower: u64, upper: u64) -> Option<Bounds> {
    Some(Bounds::new(lower, upper).unwrap())
}

/// Stars of days as (day, given, still), all days up to the 20th told for good, and totals.
fn ledger(days: &[(i64, u64, u64)], totals: &[(i64, i64, u64)]) -> StarLedger {
    let days = days.iter().map(|(n, given, still)| {
        let stars = StarDay {
            given: *given,
            still: *still,
        };
        (day(*n), stars)
    });
    let totals = totals
        .iter()
        .map(|(first, last, total)| (range(*first, *last), *total));
    let span = DayRange::new(Day::MIN, day(22)).unwrap();
    StarLedger::new(days, [(span, day(22).start())], totals.collect())
}

#[test]
fn a_star_taken_away_shows() {
    let ledger = ledger(&[(3, 2, 1)], &[(2, 2, 50), (3, 8, 52), (9, 9, 51)]);
    let given = ledger.day(day(3));
    assert_eq!((given.given, given.still), (Some(2), Some(1)));
    assert_eq!((given.total, given.net), (Some(52), Some(2)));
    assert_eq!(given.lost, bounds(0, 0));
    let taken = ledger.day(day(9));
    assert_eq!((taken.given, taken.net), (Some(0), Some(-1)));
    assert_eq!(taken.lost, bounds(1, 1));
    // The two of the 3rd may have been given before the last reading of the 2nd.
    assert_eq!(ledger.change(range(3, 9)).lost, bounds(0, 1));
}

#[test]
fn a_star_near_the_end_of_a_span_may_lie_outside() {
    let ledger = ledger(&[(4, 1, 1)], &[(2, 9, 50)]);
    for n in [3, 4, 5, 6] {
        assert_eq!(ledger.day(day(n)).lost, bounds(0, 1), "{n}");
    }
    assert_eq!(ledger.day(day(7)).lost, bounds(0, 0));
    // Whatever the hours were, it was given within these days, and the total did not rise.
    assert_eq!(ledger.change(range(3, 9)).lost, bounds(1, 1));
}

#[test]
fn a_rise_above_what_is_told_is_a_star_that_was_taken_away_unseen() {
    let ledger = ledger(&[], &[(2, 3, 50), (4, 4, 51), (5, 9, 50)]);
    assert_eq!(ledger.day(day(4)).lost, bounds(0, 0));
    assert_eq!(ledger.day(day(5)).lost, bounds(1, 1));
}

#[test]
fn a_day_that_was_not_read_stays_a_gap() {
    let ledger = ledger(&[(5, 9, 9)], &[(2, 3, 50), (7, 9, 58)]);
    let told: Vec<_> = ledger
        .days(range(2, 8))
        .iter()
        .map(|day| (day.total, day.net))
        .collect();
    let expected = [
        (Some(50), None),
        (Some(50), Some(0)),
        (None, None),
        (None, None),
        (None, None),
        (Some(58), None),
        (Some(58), Some(0)),
    ];
    assert_eq!(told, expected);
    assert!(
        ledger
            .days(range(4, 7))
            .iter()
            .all(|day| day.lost.is_none())
    );
    let over = ledger.change(range(4, 7));
    assert_eq!((over.net, over.lost), (Some(8), bounds(1, 1)));
}

#[test]
fn a_day_is_told_once_it_was_over_wherever_its_boundaries_lie() {
    let ledger = ledger(&[(20, 3, 3), (21, 4, 4)], &[]);
    assert_eq!(ledger.day(day(20)).given, Some(3));
    assert_eq!(ledger.day(day(21)).given, None);
    let change = ledger.change(range(18, 23));
    assert_eq!((change.given, change.days_missing), (3, 3));
}

#[test]
fn days_between_spans_are_missing() {
    let read_at = day(90).start();
    let spans = [(5, 9), (0, 2), (3, 4), (20, 30)].map(|(a, b)| (range(a, b), read_at));
    let ledger = StarLedger::new([], spans, Vec::new());
    assert_eq!(ledger.change(range(0, 30)).days_missing, 10);
    assert_eq!(ledger.change(range(2, 7)).days_missing, 0);
    assert_eq!(ledger.day(day(10)).given, None);
    assert_eq!(ledger.day(day(9)).given, Some(0));
}

/// A star, by the hours at which it was given and taken away.
type Star = (i64, Option<i64>);

const DAYS: i64 = 60;

/// What a collector finds that reads the history every day, where stars' days begin `shift` hours
/// late, and the total on some days at some hour.
fn found(stars: &[Star], shift: i64, read: &[Option<i64>]) -> StarLedger {
    let is_there =
        |star: &Star, hour: i64| star.0 <= hour && star.1.is_none_or(|taken| taken > hour);
    let mut days: BTreeMap<Day, StarDay> = BTreeMap::new();
    for today in 0..DAYS {
        let noon = today * 24 + 12;
        let mut told: BTreeMap<Day, u64> = days.keys().map(|day| (*day, 0)).collect();
        for star in stars.iter().filter(|star| is_there(star, noon)) {
            *told
                .entry(day((star.0 - shift).div_euclid(24)))
                .or_default() += 1;
        }
        for (of, stars) in told {
            days.entry(of).or_default().tell(stars, Ordering::Greater);
        }
    }
    let totals = (0..).zip(read).filter_map(|(n, hour)| {
        let hour = n * 24 + (*hour)?;
        let total = stars.iter().filter(|star| is_there(star, hour)).count();
        Some((range(n, n), total as u64))
    });
    let span = DayRange::new(Day::MIN, day(DAYS - 1)).unwrap();
    StarLedger::new(days, [(span, day(DAYS).start())], totals.collect())
}

proptest! {
    #[test]
    fn the_stars_lost_lie_between_the_bounds(
        stars in proptest::collection::vec((0..DAYS * 24, proptest::option::of(96..900_i64)), 0..60),
        shift in -14..=14_i64,
        read in proptest::collection::vec(proptest::option::weighted(0.8, 0..24_i64), 60),
        first in 1..DAYS,
        length in 0..40_i64,
    ) {
        let stars: Vec<Star> = stars.iter().map(|(given, life)| (*given, life.map(|life| given + life))).collect();
        let ledger = found(&stars, shift, &read);
        let last = (first + length).min(DAYS - 1);
        let hour = |n: i64| Some(n * 24 + read[usize::try_from(n).unwrap()]?);
        let change = ledger.change(range(first, last));
        prop_assert_eq!(change.net.is_some(), hour(first - 1).is_some() && hour(last).is_some());
        if let (Some(from), Some(to)) = (hour(first - 1), hour(last)) {
            let lost = stars.iter().filter(|star| star.1.is_some_and(|taken| from < taken && taken <= to));
            let lost = lost.count() as u64;
            let is_told = last + 1 < DAYS - 1;
            prop_assert_eq!(change.lost.is_some(), is_told);
            prop_assert!(change.lost.is_none_or(|bounds| bounds.contains(lost)), "{:?} {}", change, lost);
        }
    }

    #[test]
    fn a_range_is_the_sum_of_its_days(
        stars in proptest::collection::vec((0..DAYS * 24, proptest::option::of(96..900_i64)), 0..60),
        first in 1..DAYS,
        length in 0..40_i64,
    ) {
        let stars: Vec<Star> = stars.iter().map(|(given, life)| (*given, life.map(|life| given + life))).collect();
        let ledger = found(&stars, 0, &[Some(7); 60]);
        let asked = range(first, (first + length).min(DAYS - 1));
        let days = ledger.days(asked);
        let change = ledger.change(asked);
        prop_assert_eq!(change.net, days.iter().map(|day| day.net).sum::<Option<i64>>());
        prop_assert_eq!(change.given, days.iter().filter_map(|day| day.given).sum::<u64>());
        prop_assert_eq!(change.days_missing, days.iter().filter(|day| day.given.is_none()).count() as u64);
        prop_assert!(days.iter().all(|day| day.still <= day.given));
    }
}
