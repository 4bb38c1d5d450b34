//! What bounds promise: the truth lies between them, and they meet where everything was read.

use proptest::prelude::*;

use super::*;

fn first() -> Day {
    "2026-01-01".parse().unwrap()
}

fn range(from: i64, to: i64) -> DayRange {
    DayRange::new(first().plus(from), first().plus(to)).unwrap()
}

/// What each source brought on each day from [`first`] on.
struct Truth(Vec<Vec<u64>>);

impl Truth {
    fn days(&self) -> i64 {
        self.0[0].len() as i64
    }

    fn total(&self, source: usize, range: DayRange) -> u64 {
        let day = |day: Day| day.days_since(first());
        let days = self.0[source].iter().zip(0..);
        days.filter(|(_, at)| (day(range.first())..=day(range.last())).contains(at))
            .map(|(count, _)| count)
            .sum()
    }

    /// The list of a window as GitHub would give it.
    fn list(&self, last: i64) -> List<usize> {
        let window = Window {
            last: first().plus(last),
        };
        let mut lines: Vec<(usize, Count)> = (0..self.0.len())
            .map(|source| (source, self.total(source, window.range())))
            .filter(|(_, total)| *total > 0)
            .map(|(source, total)| (source, Count::new(total, total.div_ceil(2)).unwrap()))
            .collect();
        lines.sort_by_key(|(_, total)| std::cmp::Reverse(*total));
        lines.truncate(LINES);
        List { window, lines }
    }

    fn rolling(&self, read: impl IntoIterator<Item = i64>, since: Option<Day>) -> Sources<usize> {
        Sources::new(read.into_iter().map(|last| self.list(last)), since)
    }
}

/// One source with a count for each day, of a repository that came to be on the first day.
fn check(days: Vec<u64>, step: usize, expected: Bounds) {
    let truth = Truth(vec![days]);
    let all = range(0, truth.days() - 1);
    let read = (0..truth.days()).rev().step_by(step);
    let rolling = truth.rolling(read, Some(first()));
    let found = rolling.within(&0, all).unwrap();
    assert_eq!(found.count, expected);
    assert!(found.count.contains(truth.total(0, all)));
    assert_eq!(
        (found.days_known, found.of_days),
        (found.of_days, found.of_days)
    );
    assert!(rolling.contradicted().is_empty());
}

#[test]
fn ten_a_day_for_sixty_days_are_six_hundred() {
    check(vec![10; 60], 1, Bounds::exact(600));
}

/// A source that brings ten on each weekday, as the peers were tried with: 440 in nine weeks.
fn weekdays() -> Vec<u64> {
    let days: Vec<u64> = range(0, 61)
        .iter()
        .map(|day| if day.weekday() < 5 { 10 } else { 0 })
        .collect();
    assert_eq!(days.iter().sum::<u64>(), 440);
    days
}

#[test]
fn ten_on_each_weekday_are_four_hundred_and_forty() {
    check(weekdays(), 1, Bounds::exact(440));
}

#[test]
fn a_steady_source_read_every_second_day_is_exact() {
    check(vec![10; 60], 2, Bounds::exact(600));
}

#[test]
fn no_source_brought_more_than_all_together() {
    let truth = Truth(vec![vec![10; 40], vec![3; 40]]);
    let read = || (14..40).map(|last| truth.list(last));
    let all = Measured::new((0..40).map(|at| (first().plus(at), 13)));
    let (loose, tight) = (
        Sources::new(read(), None),
        Sources::of_measured(read(), None, &all),
    );
    let widest = |sources: &Sources<usize>| {
        let days = sources.by_day(&0).into_iter();
        days.map(|(_, bounds)| bounds.upper() - bounds.lower())
            .max()
    };
    assert_eq!(widest(&loose), Some(140));
    assert!(widest(&tight) <= Some(13), "{:?}", widest(&tight));
    // Days of which that is not measured, and lists that say otherwise, take nothing away.
    let none = Sources::of_measured(read(), None, &Measured::default());
    assert_eq!(none.by_day(&0), loose.by_day(&0));
    let wrong = Measured::new((0..40).map(|at| (first().plus(at), 1)));
    let believed = Sources::of_measured(read(), None, &wrong);
    assert_eq!(believed.by_day(&0), loose.by_day(&0));
    assert!(believed.contradicted().is_empty());
}

#[test]
fn a_source_of_every_other_day_is_exact() {
    check(
        (0..60).map(|day| day % 2 * 10).collect(),
        1,
        Bounds::exact(300),
    );
}

#[test]
fn a_spike_seen_every_third_day_is_counted_once() {
    let mut days = vec![0; 60];
    days[30] = 1000;
    check(days, 3, Bounds::exact(1000));
}

#[test]
fn lists_of_every_third_day_bound_a_steady_source() {
    check(vec![10; 60], 3, Bounds::new(560, 680).unwrap());
}

#[test]
fn each_day_is_exact_where_every_window_was_read_from_the_first() {
    let truth = Truth(vec![
        (0..50).map(|day| (day * 7) % 11).collect(),
        (0..50).map(|day| (day * 5) % 3).collect(),
    ]);
    // A source that was absent from a complete list once is known from there on as well.
    let late = Truth(vec![[vec![0; 14], vec![3; 30]].concat(), vec![1; 44]]);
    for (truth, rolling, source) in [
        (&truth, truth.rolling(0..50, Some(first())), 0),
        (&truth, truth.rolling(0..50, Some(first())), 1),
        (&late, late.rolling(13..44, None), 0),
    ] {
        for (day, found) in rolling.by_day(&source) {
            let expected = if day < first() {
                0
            } else {
                truth.total(source, DayRange::ending(day, 1))
            };
            assert_eq!(found, Bounds::exact(expected), "{day}");
        }
    }
}

#[test]
fn windows_side_by_side_are_exact_though_their_days_are_not() {
    let truth = Truth(vec![vec![10; 42]]);
    let rolling = truth.rolling(13..42, None);
    assert_eq!(
        rolling.within(&0, range(0, 27)).unwrap().count,
        Bounds::exact(280)
    );
    let (_, day) = rolling.by_day(&0)[0];
    assert_eq!(day, Bounds::new(0, 140).unwrap());
}

#[test]
fn a_source_that_fell_out_of_the_ten_had_no_more_than_the_tenth() {
    // Ten sources bring 5 a day; the eleventh 3 for a while and then 1.
    let mut sources = vec![vec![5; 60]; 10];
    sources.push((0..60).map(|day| if day < 20 { 9 } else { 1 }).collect());
    let truth = Truth(sources);
    let rolling = truth.rolling(0..60, Some(first()));
    let all = range(0, 59);
    let found = rolling.within(&10, all).unwrap().count;
    assert!(found.contains(truth.total(10, all)), "{found}");
    assert_eq!(found.number(), None);
    assert!(found.upper() <= 9 * 20 + 70 * 3, "{found}");
    assert_eq!(rolling.ranked(all).len(), 11);
}

#[test]
fn days_that_no_list_speaks_of_are_said() {
    let truth = Truth(vec![vec![1; 60]]);
    let rolling = truth.rolling([13, 45], None);
    let found = rolling.within(&0, range(0, 59)).unwrap();
    assert_eq!((found.days_known, found.of_days), (28, 60));
    assert_eq!(found.count, Bounds::exact(28));
    assert_eq!(rolling.by_day(&0).len(), 28);
    assert!(rolling.within(&9, range(0, 59)).is_none());
}

#[test]
fn an_empty_list_is_a_measurement() {
    let empty = List {
        window: Window {
            last: first().plus(13),
        },
        lines: Vec::new(),
    };
    let truth = Truth(vec![[vec![0; 14], vec![4; 6]].concat()]);
    let lists = [empty, truth.list(19)];
    let rolling = Sources::new(lists, None);
    let found = rolling.within(&0, range(0, 19)).unwrap().count;
    assert_eq!(found, Bounds::exact(24));
}

#[test]
fn lists_that_contradict_each_other_are_left_out_and_named() {
    let truth = Truth(vec![[vec![0; 14], vec![4; 26]].concat()]);
    let mut lists: Vec<List<usize>> = (13..40).map(|last| truth.list(last)).collect();
    // A total that no days can make: more goes out than was ever there.
    lists[5].lines = vec![(0, Count::new(900, 1).unwrap())];
    let rolling = Sources::new(lists, None);
    assert!(!rolling.contradicted().is_empty());
    assert!(rolling.contradicted().len() < 20);
    for (_, found) in rolling.by_day(&0) {
        assert!(found.lower() <= found.upper());
    }
    assert!(rolling.within(&0, range(30, 39)).unwrap().count.upper() < 200);
}

#[test]
fn days_of_which_only_contradicted_lists_tell_are_not_known() {
    let list = |last, total| List {
        window: Window {
            last: first().plus(last),
        },
        lines: vec![(0, Count::new(total, 1).unwrap())],
    };
    // The windows around it leave no room for what the second one says; whichever is dropped, a
    // day of its own goes with it.
    let lists = [list(12, 3), list(13, 900), list(14, 3), list(40, 5)];
    let rolling = Sources::new(lists, None);
    assert!(!rolling.contradicted().is_empty());
    let by_day = rolling.by_day(&0);
    assert!(by_day.len() < 30 && by_day.iter().all(|(_, found)| found.upper() <= 900));
    let found = rolling.within(&0, range(-1, 40)).unwrap();
    assert!(found.count.upper() <= 908, "{}", found.count);
    assert_eq!(found.days_known, by_day.len() as u64);
    assert_eq!(rolling.days_known(range(-1, 40)), 30);
}

#[test]
fn nothing_read_is_nothing_known() {
    let rolling: Sources<usize> = Sources::new([], Some(first()));
    assert_eq!(rolling.names().count(), 0);
    assert!(rolling.ranked(range(0, 9)).is_empty());
}

prop_compose! {
    fn truths()(days in 20..70_usize)(
        sources in prop::collection::vec(
            prop::collection::vec(prop_oneof![3 => Just(0_u64), 2 => 0..30_u64, 1 => Just(10)], days),
            1..15,
        )
    ) -> Truth {
        Truth(sources)
    }
}

impl std::fmt::Debug for Truth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

proptest! {
    #[test]
    fn the_truth_always_lies_between(
        truth in truths(),
        read in prop::collection::vec(any::<bool>(), 70),
        is_new in any::<bool>(),
        from in 0..70_i64,
        days in 0..70_i64,
    ) {
        let first_window = if is_new { 0 } else { 13 };
        let lasts = (first_window..truth.days()).filter(|last| read[usize::try_from(*last).unwrap()]);
        let rolling = truth.rolling(lasts, is_new.then(first));
        prop_assert!(rolling.contradicted().is_empty());
        let span = range(0, truth.days() - 1);
        for source in 0..truth.0.len() {
            let by_day = rolling.by_day(&source);
            for (day, found) in &by_day {
                let was = truth.total(source, DayRange::ending(*day, 1));
                let was = if span.contains(*day) { was } else { 0 };
                prop_assert!(found.contains(was), "{} of {}: {}", source, day, found);
            }
            let Some(asked) = range(from, from + days).intersection(span) else { continue };
            let Some(found) = rolling.within(&source, asked) else { continue };
            let known = by_day.iter().filter(|(day, _)| asked.contains(*day));
            let was: u64 = known.clone().map(|(day, _)| truth.total(source, DayRange::ending(*day, 1))).sum();
            prop_assert!(found.count.contains(was), "{} in {}: {}", source, asked, found.count);
            let most: u64 = known.clone().map(|(_, day)| day.upper()).sum();
            let least: u64 = known.map(|(_, day)| day.lower()).sum();
            prop_assert!(found.count.lower() >= least && found.count.upper() <= most);
        }
    }

    #[test]
    fn what_all_brought_together_only_makes_bounds_narrower(
        truth in truths(),
        read in prop::collection::vec(any::<bool>(), 70),
        others in 0..20_u64,
    ) {
        let lasts = || (13..truth.days()).filter(|last| read[usize::try_from(*last).unwrap()]);
        let lists = || lasts().map(|last| truth.list(last));
        let all = range(0, truth.days() - 1).iter().map(|day| {
            let of_all = (0..truth.0.len()).map(|source| truth.total(source, DayRange::ending(day, 1)));
            (day, of_all.sum::<u64>() + others)
        });
        let measured = Measured::new(all);
        let (loose, tight) = (Sources::new(lists(), None), Sources::of_measured(lists(), None, &measured));
        prop_assert!(tight.contradicted().is_empty());
        for source in 0..truth.0.len() {
            for ((day, wide), (same, narrow)) in loose.by_day(&source).into_iter().zip(tight.by_day(&source)) {
                let was = truth.total(source, DayRange::ending(day, 1));
                prop_assert_eq!(day, same);
                prop_assert!(narrow.contains(was), "{} of {}: {} in {}", source, day, was, narrow);
                prop_assert!(wide.lower() <= narrow.lower() && narrow.upper() <= wide.upper());
            }
            let whole = range(0, truth.days() - 1);
            let (Some(wide), Some(narrow)) = (loose.within(&source, whole), tight.within(&source, whole)) else { continue };
            prop_assert!(wide.count.lower() <= narrow.count.lower());
            prop_assert!(narrow.count.upper() <= wide.count.upper());
        }
    }

    #[test]
    fn what_was_read_every_day_from_the_first_is_exact(truth in truths()) {
        let few = Truth(truth.0.into_iter().take(LINES - 1).collect());
        let rolling = few.rolling(0..few.days(), Some(first()));
        for source in 0..few.0.len() {
            for (day, found) in rolling.by_day(&source).into_iter().filter(|(day, _)| *day >= first()) {
                prop_assert_eq!(found.number(), Some(few.total(source, DayRange::ending(day, 1))));
            }
        }
    }
}
