//! How long the arithmetic takes on ten years of one repository; prints, and asserts nothing.
//!
//! `cargo run --release -p gitratra-core --example speed`

#![expect(clippy::print_stdout, reason = "an example that prints")]

use std::time::Instant;

use gitratra_core::people::People;
use gitratra_core::rolling::{List, Sources};
use gitratra_core::series::{DayRow, Value};
use gitratra_core::{Count, Day, DayRange, DayState, Metric, Series, Uniques, Week, Window};

const DAYS: u32 = 3652;

fn main() {
    let last = Day::from_ymd(2036, 1, 1).unwrap_or(Day::MAX);
    let range = DayRange::ending(last, DAYS);
    people(range);
    referrers(range);
}

/// Some number that differs from day to day.
fn some(day: Day, salt: u64) -> u64 {
    let mixed = (day.epoch_days().unsigned_abs() + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed >> 58
}

fn people(range: DayRange) {
    let rows = range.iter().map(|day| DayRow {
        views: Count::new(some(day, 1) * 2, some(day, 1))
            .ok()
            .map(|count| Value {
                count,
                state: DayState::Measured,
            }),
        ..DayRow::gap(day)
    });
    let series = Series::new(rows);
    let weeks = range.iter().filter_map(Week::beginning);
    let weeks: Vec<_> = weeks.map(|week| (week, Uniques::new(200))).collect();
    let windows: Vec<_> = range
        .iter()
        .map(|last| (Window { last }, Uniques::new(300 + some(last, 2))))
        .collect();
    let begun = Instant::now();
    let people = People::new(&series, Metric::Views, weeks, windows);
    let prepared = begun.elapsed();
    let begun = Instant::now();
    let found = people.within(range);
    println!(
        "people of ten years: {} (prepared in {prepared:?}, bounds in {:?})",
        found.covered,
        begun.elapsed()
    );
}

fn referrers(range: DayRange) {
    let brought = |day: Day, source: u64| some(day, source * 7919) / (source + 1);
    let lists: Vec<List<u64>> = range
        .iter()
        .map(|last| {
            let window = Window { last };
            let total = |source| -> u64 {
                let days = window.range().iter().filter(|day| range.contains(*day));
                days.map(|day| brought(day, source)).sum()
            };
            let lines = (0..10).filter_map(|source| {
                let count = Count::new(total(source), total(source)).ok()?;
                (!count.is_zero()).then_some((source, count))
            });
            List {
                window,
                lines: lines.collect(),
            }
        })
        .collect();
    let begun = Instant::now();
    let rolling = Sources::new(lists, Some(range.first()));
    let days: usize = rolling.names().map(|name| rolling.by_day(name).len()).sum();
    println!(
        "ten referrers by day over ten years: {days} days in {:?}",
        begun.elapsed()
    );
    let begun = Instant::now();
    let ranked = rolling.ranked(range);
    println!(
        "their totals over ten years: {} sources in {:?}",
        ranked.len(),
        begun.elapsed()
    );
    let month = DayRange::ending(range.last(), 30);
    let begun = Instant::now();
    let ranked = rolling.ranked(month);
    println!(
        "their totals over a month: {} sources in {:?}",
        ranked.len(),
        begun.elapsed()
    );
}
