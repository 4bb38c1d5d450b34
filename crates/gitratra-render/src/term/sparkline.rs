//! A chart in one row, for tables.

use gitratra_core::{DayRange, DayRow, Metric, Series};

use super::paint::Style;
use crate::bars::{Bars, Known, known_part};
use gitratra_core::figures::Step;

/// One character for each day of `range`, or for so many days that they fit into `room` columns.
///
/// The highest character is the largest value here, so two sparklines do not compare. Zero is the
/// lowest one, a gap is hatched, and days before the first or after the newest known one are blank,
/// so that sparklines of one range stand under each other day by day.
#[must_use]
pub fn sparkline(
    series: &Series,
    range: DayRange,
    metric: Metric,
    room: usize,
    style: Style,
) -> String {
    let days = known_part(series.within(range), metric);
    let room = i64::try_from(room.max(1)).unwrap_or(i64::MAX);
    let per_column = (range.days() + room - 1) / room;
    let columns = (range.days() + per_column - 1) / per_column;
    // Counted from the newest day, so that the last column is as full as the others.
    let known: Vec<Option<Known>> = (0..columns)
        .rev()
        .map(|from_end| {
            let last = range.last().plus(-from_end * per_column);
            let first = last.plus(1 - per_column).max(range.first());
            let start = days.partition_point(|row| row.day < first);
            let end = days.partition_point(|row| row.day <= last);
            (start < end).then(|| joined(&days[start..end], metric))
        })
        .collect();
    let largest = known
        .iter()
        .flatten()
        .filter_map(|known| known.count())
        .max();
    let glyphs = style.glyphs();
    let levels: &[char] = if style.unicode {
        // Not the full block: it would touch the row above.
        &['▁', '▂', '▃', '▄', '▅', '▆', '▇']
    } else {
        &['_', '.', '-', '=', '*', '#']
    };
    let highest = u64::try_from(levels.len() - 1).unwrap_or(1);
    known
        .iter()
        .map(|known| match known {
            Some(Known::Whole(count) | Known::Part(count)) => {
                let level = level(*count, largest.unwrap_or(0), highest);
                levels[usize::try_from(level).unwrap_or(0)]
            }
            Some(Known::Suspect) => glyphs.suspect,
            Some(Known::Gap) => glyphs.gap,
            None => ' ',
        })
        .collect()
}

/// From 0 for nothing over 1 for anything to `highest` for the largest.
fn level(count: u64, largest: u64, highest: u64) -> u64 {
    if largest == 0 {
        return 0;
    }
    let level = u128::from(count) * u128::from(highest);
    let level = (level + u128::from(largest) / 2) / u128::from(largest);
    let level = u64::try_from(level).unwrap_or(highest).min(highest);
    level.max(u64::from(count > 0))
}

/// The mean of the days that are known: a sum would sink wherever a day is missing. A day that is
/// still running counts only where there is no other.
fn joined(days: &[DayRow], metric: Metric) -> Known {
    let bars = Bars::new(days, metric, Step::Day, days.len());
    let is_measured = bars.has(|known| matches!(known, Known::Whole(_)));
    let (mut sum, mut number) = (0_u64, 0_u64);
    for bar in &bars.bars {
        match bar.known {
            Known::Whole(count) => (sum, number) = (sum.saturating_add(count), number + 1),
            Known::Part(count) if !is_measured => {
                (sum, number) = (sum.saturating_add(count), number + 1);
            }
            _ => {}
        }
    }
    match number {
        0 if bars.has(|known| known == Known::Suspect) => Known::Suspect,
        0 => Known::Gap,
        // Rounded up, so that something stays more than nothing.
        _ => Known::Whole(sum.div_ceil(number)),
    }
}

#[cfg(test)]
mod tests {
    use gitratra_core::{Count, Day, DayState, Value};

    use super::*;

    fn check(counts: &[Option<u64>], room: usize, unicode: bool, expected: &str) {
        let first: Day = "2026-11-01".parse().unwrap();
        let series = Series::new(counts.iter().zip(0..).map(|(count, later)| DayRow {
            day: first.plus(later),
            views: count.map(|count| Value {
                count: Count::new(count, 0).unwrap(),
                state: DayState::Measured,
            }),
            clones: None,
        }));
        let days = i64::try_from(counts.len()).unwrap();
        let range = DayRange::new(first, first.plus(days - 1)).unwrap();
        let style = Style {
            width: 80,
            color: false,
            unicode,
        };
        let drawn = sparkline(&series, range, Metric::Views, room, style);
        assert_eq!(drawn, expected);
    }

    #[test]
    fn a_gap_differs_from_a_zero_and_anything_from_nothing() {
        let counts = [Some(0), Some(1), None, Some(500), Some(1_000)];
        check(&counts, 10, true, "▁▂░▄▇");
        check(&counts, 10, false, "_.:=#");
    }

    #[test]
    fn days_without_room_are_joined_from_the_newest_on() {
        let counts = [Some(8), Some(4), None, Some(2), Some(2)];
        check(&counts, 3, true, "▇▄▃");
        check(&[None, None, Some(3)], 1, true, "▇");
    }

    #[test]
    fn days_outside_the_history_are_blank() {
        check(&[None, Some(2), None, Some(4), None], 10, true, " ▄░▇ ");
    }

    #[test]
    fn a_series_of_zeros_lies_on_the_ground() {
        check(&[Some(0), Some(0)], 10, true, "▁▁");
    }
}
