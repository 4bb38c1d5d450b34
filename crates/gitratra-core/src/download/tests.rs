//! Downloads by day against files of which every download is known.

use proptest::prelude::*;

use super::*;

/// The day that lies `n` days after 2026-01-01.
fn day(n: i64) -> Day {
    Day::from_epoch_days(20_454 + n).unwrap()
}

fn range(first: i64, last: i64) -> DayRange {
    DayRange::new(day(first), day(last)).unwrap()
}

fn bounds(lower: u64, upper: u64) -> Bounds {
    Bounds::new(lower, upper).unwrap()
}

/// Runs of days from (first day, last day, total).
fn totals(runs: &[(i64, i64, u64)]) -> Vec<(DayRange, u64)> {
    let run = |(first, last, total): &(i64, i64, u64)| (range(*first, *last), *total);
    runs.iter().map(run).collect()
}

fn file(uploaded: Option<i64>, gone: Option<i64>, runs: &[(i64, i64, u64)]) -> AssetHistory {
    AssetHistory::new(&AssetTotals {
        uploaded: uploaded.map(day),
        gone: gone.map(day),
        totals: totals(runs),
    })
}

/// The spans of a file as (first day, last day, downloads).
fn check(file: &AssetHistory, expected: &[(i64, i64, u64)]) {
    let number = |of: Day| of.days_since(day(0));
    let spans: Vec<_> = file
        .spans()
        .iter()
        .map(|span| {
            (
                number(span.days.first()),
                number(span.days.last()),
                span.downloads,
            )
        })
        .collect();
    assert_eq!(spans, expected);
}

#[test]
fn days_read_one_after_the_other_have_their_downloads() {
    let file = file(None, None, &[(3, 3, 100), (4, 5, 104), (6, 6, 110)]);
    check(&file, &[(4, 4, 4), (5, 5, 0), (6, 6, 6)]);
}

#[test]
fn days_that_were_not_read_share_a_span() {
    let file = file(None, None, &[(3, 3, 100), (7, 7, 120), (9, 9, 120)]);
    check(&file, &[(4, 7, 20), (8, 9, 0)]);
    let days = by_day([&file], range(3, 10));
    let told: Vec<_> = days.into_iter().map(|(_, downloads)| downloads).collect();
    let some = Some(bounds(0, 20));
    let none = Some(Bounds::ZERO);
    assert_eq!(told, [None, some, some, some, some, none, none, None]);
}

#[test]
fn what_the_first_reading_tells_came_since_the_upload() {
    let known = file(Some(1), None, &[(3, 3, 100)]);
    check(&known, &[(1, 3, 100)]);
    assert_eq!(known.undated(), 0);
    check(&file(Some(3), None, &[(3, 3, 8)]), &[(3, 3, 8)]);
    let unknown = file(None, None, &[(3, 3, 100), (4, 4, 101)]);
    check(&unknown, &[(4, 4, 1)]);
    assert_eq!(unknown.undated(), 100);
    assert_eq!(total([&unknown], range(1, 4)).count, Bounds::exact(1));
    assert_eq!(total([&unknown], range(1, 4)).days_missing, 3);
}

#[test]
fn before_its_upload_a_file_was_downloaded_by_nobody() {
    let file = file(Some(5), None, &[(5, 5, 2)]);
    let expected = Downloads {
        count: Bounds::exact(2),
        days_missing: 0,
    };
    assert_eq!(total([&file], range(0, 5)), expected);
}

#[test]
fn a_file_that_is_gone_keeps_its_history() {
    let file = file(Some(1), Some(4), &[(1, 1, 10), (2, 2, 30)]);
    check(&file, &[(1, 1, 10), (2, 2, 20)]);
    // The third and fourth day lie between the last reading and the one that missed it.
    let expected = Downloads {
        count: Bounds::exact(30),
        days_missing: 2,
    };
    assert_eq!(total([&file], range(0, 300)), expected);
}

#[test]
fn a_file_that_came_back_was_not_gone() {
    let file = file(Some(1), Some(3), &[(1, 1, 10), (6, 6, 30)]);
    check(&file, &[(1, 1, 10), (2, 6, 20)]);
    assert_eq!(total([&file], range(1, 8)).days_missing, 2);
}

#[test]
fn a_file_uploaded_anew_is_one_more_file() {
    let old = file(Some(0), Some(3), &[(0, 0, 900), (1, 2, 1_000)]);
    let new = file(Some(3), None, &[(3, 3, 5), (4, 4, 9)]);
    let sum = total([&old, &new], range(0, 4));
    assert_eq!(
        sum,
        Downloads {
            count: Bounds::exact(1_009),
            days_missing: 1
        }
    );
    let days = by_day([&old, &new], range(1, 4));
    let told: Vec<_> = days.into_iter().map(|(_, downloads)| downloads).collect();
    let exact = |number| Some(Bounds::exact(number));
    assert_eq!(told, [exact(100), exact(0), None, exact(4)]);
}

#[test]
fn an_answer_from_before_takes_nothing_away() {
    let file = file(
        None,
        None,
        &[(0, 0, 100), (1, 1, 120), (2, 3, 100), (4, 4, 130)],
    );
    check(&file, &[(1, 1, 20), (2, 4, 10)]);
}

#[test]
fn a_fall_that_stays_is_believed_once_it_has_stayed() {
    let fell = [(0, 0, 100), (1, 1, 120), (2, 2, 7), (3, 3, 9)];
    let early = file(None, None, &fell);
    check(&early, &[(1, 1, 20)]);
    assert_eq!(total([&early], range(1, 3)).days_missing, 2);
    let later = [&fell[..], &[(4, 17, 11)]].concat();
    let late = file(None, None, &later);
    assert_eq!(late.spans()[..3], [span(1, 20), span(3, 2), span(4, 2)]);
    assert_eq!(total([&late], range(1, 5)).days_missing, 1);
}

fn span(n: i64, downloads: u64) -> Span {
    Span {
        days: range(n, n),
        downloads,
    }
}

#[test]
fn a_span_that_reaches_out_of_a_range_may_lie_in_it_or_not() {
    let file = file(None, None, &[(0, 0, 100), (4, 4, 120), (5, 5, 123)]);
    let count = |first, last| total([&file], range(first, last)).count;
    assert_eq!(count(3, 5), bounds(3, 23));
    assert_eq!(count(1, 5), Bounds::exact(23));
    assert_eq!(count(2, 3), bounds(0, 20));
}

#[test]
fn a_day_that_several_files_lack_is_missing_once() {
    let one = file(None, None, &[(0, 0, 1), (1, 1, 2)]);
    let two = file(None, None, &[(1, 1, 1), (2, 2, 9)]);
    let sum = total([&one, &two], range(0, 4));
    assert_eq!(
        sum,
        Downloads {
            count: Bounds::exact(9),
            days_missing: 5
        }
    );
    assert_eq!(total(&[], range(0, 4)).days_missing, 0);
}

/// A file whose every download is known.
#[derive(Debug, Clone)]
struct Truth {
    uploaded: i64,
    is_upload_told: bool,
    gone: i64,
    by_day: Vec<u64>,
    /// Whether the day is read, and whether with an answer from some days before.
    read: Vec<Option<Option<i64>>>,
}

const DAYS: i64 = 90;

impl Truth {
    fn on(&self, n: i64) -> u64 {
        let is_there = (self.uploaded..self.gone).contains(&n);
        if is_there {
            self.by_day[usize::try_from(n).unwrap()]
        } else {
            0
        }
    }

    fn until(&self, n: i64) -> u64 {
        (0..=n).map(|n| self.on(n)).sum()
    }

    /// The file as readings would tell of it.
    fn told(&self) -> AssetTotals {
        let mut totals: Vec<(DayRange, u64)> = Vec::new();
        let mut gone = None;
        let mut highest = 0;
        for n in self.uploaded..DAYS {
            let Some(before) = self.read[usize::try_from(n).unwrap()] else {
                continue;
            };
            if n >= self.gone {
                gone = gone.or(Some(day(n)));
                continue;
            }
            let old = before.map(|before| self.until(n - before));
            // What is not below an earlier reading cannot be told from an answer of today.
            let total = old
                .filter(|old| *old < highest)
                .unwrap_or_else(|| self.until(n));
            highest = highest.max(total);
            match totals.last_mut() {
                Some((days, of_run)) if *of_run == total && days.last() == day(n - 1) => {
                    *days = DayRange::new(days.first(), day(n)).unwrap();
                }
                _ => totals.push((range(n, n), total)),
            }
        }
        let uploaded = self.is_upload_told.then(|| day(self.uploaded));
        AssetTotals {
            uploaded,
            gone,
            totals,
        }
    }
}

fn truth(may_be_stale: bool) -> impl Strategy<Value = Truth> {
    let read = prop_oneof![
        6 => Just(Some(None)),
        3 => Just(None),
        1 => (1..20_i64).prop_map(move |before| Some(may_be_stale.then_some(before))),
    ];
    let days = usize::try_from(DAYS).unwrap();
    (
        0..40_i64,
        any::<bool>(),
        1..120_i64,
        proptest::collection::vec(prop_oneof![2 => Just(0), 3 => 0..50_u64], days),
        proptest::collection::vec(read, days),
    )
        .prop_map(|(uploaded, is_upload_told, lasted, by_day, read)| Truth {
            uploaded,
            is_upload_told,
            gone: uploaded + lasted,
            by_day,
            read,
        })
}

proptest! {
    #[test]
    fn the_truth_lies_between_the_bounds(
        truths in proptest::collection::vec(truth(true), 1..4),
        first in 0..DAYS,
        length in 0..60_i64,
    ) {
        let asked = range(first, (first + length).min(DAYS - 1));
        let files: Vec<_> = truths.iter().map(|truth| AssetHistory::new(&truth.told())).collect();
        for (truth, file) in truths.iter().zip(&files) {
            let unknown = file.unknown_in(asked);
            let known = asked.iter().filter(|day| !unknown.iter().any(|days| days.contains(*day)));
            let downloads: u64 = known.map(|of| truth.on(of.days_since(day(0)))).sum();
            prop_assert!(total([file], asked).count.contains(downloads));
        }
        for (of, downloads) in by_day(&files, asked) {
            let truth: u64 = truths.iter().map(|truth| truth.on(of.days_since(day(0)))).sum();
            prop_assert!(downloads.is_none_or(|downloads| downloads.contains(truth)), "{of}");
        }
        let missing = by_day(&files, asked).iter().filter(|(_, downloads)| downloads.is_none()).count();
        prop_assert_eq!(total(&files, asked).days_missing, missing as u64);
    }

    #[test]
    fn where_every_day_was_read_every_day_is_known(mut truth in truth(false)) {
        truth.read.fill(Some(None));
        truth.is_upload_told = true;
        let file = AssetHistory::new(&truth.told());
        for (of, downloads) in by_day([&file], range(0, DAYS - 1)) {
            let n = of.days_since(day(0));
            let is_known = n != truth.gone;
            prop_assert_eq!(downloads, is_known.then(|| Bounds::exact(truth.on(n))));
        }
    }

    #[test]
    fn whatever_totals_are_told_nothing_is_counted_twice(
        runs in proptest::collection::vec((0..4_i64, 0..3_i64, any::<u64>()), 0..30),
        uploaded in proptest::option::of(0..50_i64),
        gone in proptest::option::of(0..50_i64),
    ) {
        let mut next = 0;
        let runs: Vec<_> = runs.iter().map(|(pause, length, total)| {
            let first = next + pause;
            next = first + length + 1;
            (first, first + length, *total)
        }).collect();
        let file = file(uploaded, gone, &runs);
        let is_disjoint = file.spans().is_sorted_by(|a, b| a.days.last() < b.days.first());
        prop_assert!(is_disjoint);
    }
}
