//! `top`: repositories in an order, each with the figures behind its place.

use gitratra_core::figures::Comparison;
use gitratra_core::{DayRange, Metric, Series};

use super::paint::{Ink, Style};
use super::sparkline::sparkline;
use super::table::{Cell, Column, fits, painted_table};
use super::text::{flow, plain};
use crate::number::{counted, grouped, signed_percent, with_tenth};

/// One repository of the table.
#[derive(Debug, Clone, Copy)]
pub struct TopLine<'a> {
    /// Its present name.
    pub name: &'a str,
    /// Its days in the range and in the one before it.
    pub series: &'a Series,
    /// Its rank; equals share one, and some have none.
    pub rank: Option<u64>,
    /// Events on its measured days; nothing where no day is measured.
    pub count: Option<u64>,
    /// What those days usually bring, where the order is about that.
    pub usual: Option<f64>,
    /// The days that stand behind the number.
    pub days: u64,
    /// The days of the range.
    pub of_days: u64,
    /// Against the range before.
    pub change: Comparison,
}

/// A whole table.
#[derive(Debug, Clone, Copy)]
pub struct ShowTop<'a> {
    /// What the order is, as a few words.
    pub order: &'a str,
    /// The metric.
    pub metric: Metric,
    /// The days.
    pub range: DayRange,
    /// The repositories in order.
    pub lines: &'a [TopLine<'a>],
    /// How many more there are.
    pub more: u64,
    /// How many cannot be placed, since too few of their days are measured.
    pub unplaced: u64,
}

/// The table as text, ended by a newline.
#[must_use]
pub fn show_top(show: &ShowTop<'_>, style: Style) -> String {
    let range = show.range;
    let head = [
        (
            Ink::Strong,
            format!("{} {}", show.metric.word().to_uppercase(), show.order),
        ),
        (Ink::Faint, format!("{} to {}", range.first(), range.last())),
    ];
    let mut out = flow(&head, 0, style);
    if show.lines.is_empty() {
        out += &flow(&[(Ink::Faint, "none".to_owned())], 0, style);
    } else {
        out += "\n";
        out += &lines(show, style);
    }
    let mut notes = Vec::new();
    if show.more > 0 {
        notes.push((Ink::Faint, format!("and {} more", grouped(show.more))));
    }
    if show.unplaced > 0 {
        let text = format!(
            "{} not placed: too few days are measured",
            grouped(show.unplaced)
        );
        notes.push((Ink::Warn, text));
    }
    let is_part =
        |line: &TopLine<'_>| line.change.days > 0 && line.change.days < line.change.of_days;
    if show.lines.iter().any(is_part) {
        let text = "* change only by the days measured in both ranges".to_owned();
        notes.push((Ink::Faint, text));
    }
    if !notes.is_empty() {
        out += "\n";
        out += &flow(&notes, 0, style);
    }
    out
}

/// Columns of the trend, from the widest; the first with which the table fits is taken.
const TRENDS: [usize; 4] = [30, 15, 7, 0];

fn lines(show: &ShowTop<'_>, style: Style) -> String {
    let has_usual = show.lines.iter().any(|line| line.usual.is_some());
    let has_gaps = show.lines.iter().any(|line| line.days < line.of_days);
    let mut table = String::new();
    for trend in TRENDS {
        let mut columns = vec![
            Column::number("#"),
            Column::name("repository"),
            Column::number(show.metric.word()),
        ];
        match has_usual {
            true => columns.push(Column::number("usually")),
            false => columns.push(Column::number("per day")),
        }
        columns.push(Column::number("change"));
        if trend > 0 {
            columns.push(Column::word("trend"));
        }
        if has_gaps {
            columns.push(Column::number("days"));
        }
        let row = |line: &TopLine<'_>| {
            let per_day = match (line.usual, line.count) {
                (Some(usual), _) => with_tenth(usual),
                (None, Some(count)) if line.days > 0 => with_tenth(per(count, line.days)),
                _ => String::new(),
            };
            let mut row = vec![
                Cell::new(Ink::Faint, line.rank.map_or_else(String::new, grouped)),
                Cell::new(Ink::Plain, plain(line.name, style)),
                Cell::new(Ink::Plain, line.count.map_or_else(String::new, grouped)),
                Cell::new(Ink::Plain, per_day),
                change_cell(&line.change, style),
            ];
            if trend > 0 {
                let trend = sparkline(line.series, show.range, show.metric, trend, style);
                row.push(Cell::new(Ink::of(show.metric), trend));
            }
            let days = format!("{} of {}", grouped(line.days), grouped(line.of_days));
            row.push(Cell::new(Ink::Faint, days));
            row
        };
        let rows: Vec<Vec<Cell>> = show.lines.iter().map(row).collect();
        if fits(&columns, &rows, style) || trend == 0 {
            table = painted_table(&columns, &rows, None, style);
            break;
        }
    }
    table
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn per(count: u64, days: u64) -> f64 {
    count as f64 / days as f64
}

/// A change in percent; marked where not all days could be compared.
pub(super) fn change_cell(change: &Comparison, style: Style) -> Cell {
    let ink = match change.now.cmp(&change.before) {
        std::cmp::Ordering::Greater => Ink::Up,
        std::cmp::Ordering::Less => Ink::Down,
        std::cmp::Ordering::Equal => Ink::Plain,
    };
    let text = match change.percent() {
        Some(percent) => {
            let mark = if change.days == change.of_days {
                ""
            } else {
                "*"
            };
            signed_percent(percent, style.glyphs().minus) + mark
        }
        None if change.days > 0 && change.now > 0 => "new".to_owned(),
        None => String::new(),
    };
    Cell::new(ink, text)
}

/// What the columns of a comparison say of one repository.
#[derive(Debug, Clone)]
pub struct CompareLine<'a> {
    /// Its present name.
    pub name: &'a str,
    /// Its days in the range and in the one before it.
    pub series: &'a Series,
    /// Events on its days that are known; nothing where none is.
    pub count: Option<u64>,
    /// The days that stand behind the number.
    pub days: u64,
    /// The days of the range.
    pub of_days: u64,
    /// Its people, as words: a number or bounds.
    pub people: String,
    /// Against the range before.
    pub change: Comparison,
}

/// One metric of several repositories side by side, as text ended by a newline.
#[must_use]
pub fn show_compared(
    metric: Metric,
    range: DayRange,
    lines: &[CompareLine<'_>],
    style: Style,
) -> String {
    let days = counted(u64::try_from(range.days()).unwrap_or(0), "day");
    let head = [
        (Ink::Strong, metric.word().to_uppercase()),
        (
            Ink::Faint,
            format!("{} to {}, {days}", range.first(), range.last()),
        ),
    ];
    let mut table = String::new();
    for trend in TRENDS {
        let mut columns = vec![
            Column::name("repository"),
            Column::number(metric.word()),
            Column::number("per day"),
            Column::number("change"),
            Column::number("uniques"),
            Column::number("days"),
        ];
        if trend > 0 {
            columns.push(Column::word("trend"));
        }
        let row = |line: &CompareLine<'_>| {
            let per_day = match line.count {
                Some(count) if line.days > 0 => with_tenth(per(count, line.days)),
                _ => String::new(),
            };
            let ink = match line.days < line.of_days {
                true => Ink::Warn,
                false => Ink::Faint,
            };
            let mut row = vec![
                Cell::new(Ink::Plain, plain(line.name, style)),
                Cell::new(Ink::Plain, line.count.map_or_else(String::new, grouped)),
                Cell::new(Ink::Plain, per_day),
                change_cell(&line.change, style),
                Cell::new(Ink::Plain, line.people.clone()),
                Cell::new(
                    ink,
                    format!("{} of {}", grouped(line.days), grouped(line.of_days)),
                ),
            ];
            if trend > 0 {
                let trend = sparkline(line.series, range, metric, trend, style);
                row.push(Cell::new(Ink::of(metric), trend));
            }
            row
        };
        let rows: Vec<Vec<Cell>> = lines.iter().map(row).collect();
        if fits(&columns, &rows, style) || trend == 0 {
            table = painted_table(&columns, &rows, None, style);
            break;
        }
    }
    let mut out = flow(&head, 0, style) + &table;
    let is_part =
        |line: &CompareLine<'_>| line.change.days > 0 && line.change.days < line.change.of_days;
    if lines.iter().any(is_part) {
        let text = "* change only by the days measured in both ranges".to_owned();
        out += &flow(&[(Ink::Faint, text)], 0, style);
    }
    out
}
