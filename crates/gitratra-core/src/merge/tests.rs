//! The join of readings, judged by what it promises: any order, any number of times.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{Metric, Reading};

type History = BTreeMap<Day, DayRecord>;

fn read(history: &mut History, reading: &Reading) {
    for (day, count) in reading.facts() {
        let record = DayRecord::of(day, count, reading.read_at(), Source::GITHUB);
        let mut known = history.remove(&day);
        join(&mut known, record);
        history.insert(day, known.unwrap());
    }
}

fn history<'a>(readings: impl IntoIterator<Item = &'a Reading>) -> History {
    let mut history = History::new();
    for reading in readings {
        read(&mut history, reading);
    }
    history
}

fn joined(mut left: History, right: &History) -> History {
    for (day, record) in right {
        let mut known = left.remove(day);
        join(&mut known, record.clone());
        left.insert(*day, known.unwrap());
    }
    left
}

fn count(count: u64, share: u64) -> Count {
    Count::new(count, if count == 0 { 0 } else { 1 + share % count }).unwrap()
}

const BASE: i64 = 20_000;

/// Exactly 14 rows with explicit zeros, ending one to four days ago.
fn new_regime() -> impl Strategy<Value = Reading> {
    let rows = prop::collection::vec((0_u64..40, any::<u64>()), 14);
    (0_i64..30, 1_i64..5, 0_i64..86_400, rows).prop_map(|(today, lag, secs, rows)| {
        let newest = Day::from_epoch_days(BASE + today - lag).unwrap();
        let rows = rows
            .into_iter()
            .enumerate()
            .map(|(back, (n, share))| (newest.plus(-i64::try_from(back).unwrap()), count(n, share)))
            .collect();
        let now = Timestamp::from_second((BASE + today) * 86_400 + secs).unwrap();
        Reading::new(Metric::Views, now, rows, Count::ZERO).unwrap()
    })
}

/// 14 or 15 rows up to the running day, zeros left out, the oldest cut down.
fn old_regime() -> impl Strategy<Value = Reading> {
    let rows = prop::collection::vec((0_u64..40, any::<u64>()), 14..=15);
    (0_i64..30, 0_i64..86_400, rows).prop_map(|(today, secs, mut rows)| {
        if let Some(oldest) = rows.last_mut() {
            oldest.0 /= 2;
        }
        let newest = Day::from_epoch_days(BASE + today).unwrap();
        let rows = rows
            .into_iter()
            .enumerate()
            .filter(|(_, (n, _))| *n > 0)
            .map(|(back, (n, share))| (newest.plus(-i64::try_from(back).unwrap()), count(n, share)))
            .collect();
        let now = Timestamp::from_second((BASE + today) * 86_400 + secs).unwrap();
        Reading::new(Metric::Views, now, rows, Count::ZERO).unwrap()
    })
}

fn readings() -> impl Strategy<Value = Vec<Reading>> {
    prop::collection::vec(prop_oneof![new_regime(), old_regime()], 0..8)
}

fn told(day: Day, n: u64, secs: i64, source: Source) -> DayRecord {
    let at = day.end().as_second() + secs;
    DayRecord::of(
        day,
        count(n, n),
        Timestamp::from_second(at).unwrap(),
        source,
    )
}

/// What several sources say of one day, some of them not believed, some while it was running.
fn tellings() -> impl Strategy<Value = Vec<DayRecord>> {
    let day = Day::from_epoch_days(BASE).unwrap();
    let one = (0_u64..4, -2_i64..3, 0_u32..3, any::<bool>());
    let one = one.prop_map(move |(n, secs, number, is_doubted)| {
        let source = Source(number);
        let source = if is_doubted { source.doubted() } else { source };
        told(day, n, secs, source)
    });
    prop::collection::vec(one, 1..7)
}

fn all(tellings: &[DayRecord]) -> DayRecord {
    let mut record = tellings[0].clone();
    for telling in &tellings[1..] {
        record.join(telling);
    }
    record
}

proptest! {
    #[test]
    fn doubt_joins_in_any_order_and_grouping(
        (tellings, shuffled) in tellings().prop_flat_map(|list| {
            (Just(list.clone()), Just(list).prop_shuffle())
        }),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = all(&tellings);
        prop_assert_eq!(&whole, &all(&shuffled));
        let cut = cut.index(tellings.len());
        if cut > 0 {
            let mut grouped = all(&tellings[..cut]);
            grouped.join(&all(&tellings[cut..]));
            prop_assert_eq!(&whole, &grouped);
        }
        let mut twice = whole.clone();
        prop_assert_eq!(twice.join(&whole), Change::Nothing);
    }

    #[test]
    fn doubt_never_counts_beside_what_is_believed(tellings in tellings()) {
        let whole = all(&tellings);
        let believed: Vec<_> = tellings
            .iter()
            .filter(|of| of.state() != DayState::Doubted)
            .cloned()
            .collect();
        if believed.is_empty() {
            prop_assert_eq!(whole.state(), DayState::Doubted);
        } else {
            let believed = all(&believed);
            prop_assert_eq!(
                (whole.best(), whole.row(), whole.state()),
                (believed.best(), believed.row(), believed.state())
            );
        }
    }

    #[test]
    fn what_is_kept_of_a_record_makes_it_again(tellings in tellings()) {
        let record = all(&tellings);
        let beyond = record.sightings_beyond_row().copied().collect();
        prop_assert_eq!(DayRecord::from_parts(record.day(), record.row(), beyond), record);
    }
}

#[test]
fn sources_are_numbered_by_what_they_are_called() {
    let one = Source::called("ghstats", "ghstats.db");
    assert_eq!(one, Source::called("ghstats", "ghstats.db"));
    assert_ne!(one, Source::called("ghstats", "ghstats2.db"));
    assert!(one != Source::GITHUB && !one.is_doubted() && one.doubted().is_doubted());
    let other = Source::called("csv", "b.csv");
    assert_eq!(one.with_doubt_of(other), one);
    assert_eq!(one.with_doubt_of(other.doubted()), one.doubted());
    assert_eq!(one.doubted().with_doubt_of(other), one);
    assert_eq!(one.doubted().believed(), one);
    assert_eq!(Source((1 << 30) - 1).next(), Source(1));
}

proptest! {
    #[test]
    fn reading_twice_changes_nothing(readings in readings()) {
        let once = history(&readings);
        let twice = history(readings.iter().chain(&readings));
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn order_does_not_matter(
        (readings, shuffled) in readings().prop_flat_map(|list| {
            (Just(list.clone()), Just(list).prop_shuffle())
        })
    ) {
        prop_assert_eq!(history(&readings), history(&shuffled));
    }

    #[test]
    fn histories_join_in_any_grouping(a in readings(), b in readings(), c in readings()) {
        let (a, b, c) = (history(&a), history(&b), history(&c));
        let left = joined(joined(a.clone(), &b), &c);
        let right = joined(a.clone(), &joined(b.clone(), &c));
        prop_assert_eq!(&left, &right);
        let swapped = joined(c, &joined(b, &a));
        prop_assert_eq!(&left, &swapped);
        prop_assert_eq!(&joined(left.clone(), &left), &left);
    }

    #[test]
    fn a_larger_value_is_never_lost(readings in readings()) {
        let history = history(&readings);
        for reading in &readings {
            for (day, count) in reading.facts() {
                let best = history[&day].best();
                prop_assert!(best.count() >= count.count());
                prop_assert!(best.uniques() >= count.uniques());
            }
        }
        for (day, record) in &history {
            let all = readings.iter().flat_map(Reading::facts);
            let largest = all.filter(|(of, _)| of == day).map(|(_, count)| count);
            prop_assert_eq!(record.best(), largest.reduce(Count::larger).unwrap());
        }
    }

    #[test]
    fn every_value_given_after_the_day_is_remembered(readings in readings()) {
        let history = history(&readings);
        for reading in &readings {
            for (day, count) in reading.facts().filter(|(day, _)| reading.read_at() >= day.end()) {
                let kept = history[&day].settled().iter().find(|kept| kept.count == count);
                let seen = kept.expect("the value is there").seen;
                prop_assert!(seen.first <= reading.read_at() && reading.read_at() <= seen.last);
            }
        }
    }

    #[test]
    fn a_record_is_kept_whole_by_its_row_and_the_rest(readings in readings()) {
        for (day, record) in history(&readings) {
            let again = DayRecord::from_parts(
                day,
                record.row(),
                record.sightings_beyond_row().copied().collect(),
            );
            prop_assert_eq!(again, record);
        }
    }
}

fn record(day: &str, n: u64, at: &str) -> DayRecord {
    let count = Count::new(n, n).unwrap();
    DayRecord::of(
        day.parse().unwrap(),
        count,
        at.parse().unwrap(),
        Source::GITHUB,
    )
}

#[test]
fn the_shrinking_oldest_row_keeps_its_first_value() {
    let mut known = record("2020-12-21", 78, "2021-01-03T01:00:00Z");
    for (n, at) in [(57, "2021-01-03T08:00:00Z"), (3, "2021-01-04T07:00:00Z")] {
        assert_eq!(known.join(&record("2020-12-21", n, at)), Change::OtherValue);
    }
    assert_eq!(known.best().count(), 78);
    let values: Vec<_> = known.settled().iter().map(|s| s.count.count()).collect();
    assert_eq!(values, [3, 57, 78]);
}

#[test]
fn the_running_day_is_partial_until_it_is_seen_afterwards() {
    let mut known = record("2025-06-01", 4, "2025-06-01T08:00:00Z");
    assert!(known.is_partial());
    assert_eq!(
        known.join(&record("2025-06-01", 9, "2025-06-01T20:00:00Z")),
        Change::Raised
    );
    assert!(known.is_partial() && known.settled().is_empty());
    assert_eq!(
        known.join(&record("2025-06-01", 9, "2025-06-02T00:00:00Z")),
        Change::Settled
    );
    assert!(!known.is_partial());
}

#[test]
fn zero_is_a_measurement() {
    let mut known = None;
    assert_eq!(
        join(&mut known, record("2026-01-01", 0, "2026-01-02T09:00:00Z")),
        Change::New
    );
    assert!(!known.unwrap().is_partial());
}
