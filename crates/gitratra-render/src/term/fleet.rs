//! `show` without a repository: one line for each, and the totals.

use gitratra_core::figures::{Comparison, Total, compare, total};
use gitratra_core::{DayRange, DayState, Metric, Series};

use super::league::change_cell;
use super::paint::{Ink, Style};
use super::sparkline::sparkline;
use super::table::{Cell, Column, fits, painted_table};
use super::text::{flow, plain};
use crate::number::{counted, grouped};

/// One repository of the fleet.
#[derive(Debug, Clone, Copy)]
pub struct FleetLine<'a> {
    /// Its present name.
    pub name: &'a str,
    /// Its days in the range and in the range before it.
    pub series: &'a Series,
}

/// What to show of all repositories.
#[derive(Debug, Clone, Copy)]
pub struct ShowFleet<'a> {
    /// The days asked for.
    pub range: DayRange,
    /// The metric whose change and trend are shown.
    pub metric: Metric,
    /// The repositories in the order in which they are shown.
    pub lines: &'a [FleetLine<'a>],
}

/// The page as text, ended by a newline.
#[must_use]
pub fn show_fleet(show: &ShowFleet<'_>, style: Style) -> String {
    let number = u64::try_from(show.lines.len()).unwrap_or(u64::MAX);
    let noun = if number == 1 {
        "repository"
    } else {
        "repositories"
    };
    let range = asked_range(show);
    let head = [
        (Ink::Strong, format!("{} {noun}", grouped(number))),
        (Ink::Faint, format!("{} to {}", range.first(), range.last())),
    ];
    let out = flow(&head, 0, style);
    if show.lines.is_empty() {
        return out;
    }
    let figures: Vec<Figures> = show
        .lines
        .iter()
        .map(|line| Figures::new(line, range, show.metric))
        .collect();
    let all = Figures::sum(&figures);
    let mut table = String::new();
    for layout in LAYOUTS {
        let columns = layout.columns(show.metric, all.days_in_gaps > 0);
        let mut rows: Vec<Vec<Cell>> = figures
            .iter()
            .map(|figures| layout.row(figures, range, show.metric, style))
            .collect();
        if rows.len() > 1 {
            rows.push(layout.row(&all, range, show.metric, style));
        }
        let is_narrowest = layout.trend == 0 && !layout.has_clones;
        if fits(&columns, &rows, style) || is_narrowest {
            let last = if rows.len() > 1 { rows.pop() } else { None };
            table = painted_table(&columns, &rows, last.as_ref(), style);
            break;
        }
    }
    out + "\n" + &table + &notes(&figures, &all, show.metric, style)
}

/// The range asked for, or what is known where it has no ends.
fn asked_range(show: &ShowFleet<'_>) -> DayRange {
    let known = show.lines.iter().filter_map(|line| line.series.range());
    let widest = known.reduce(|a, b| {
        let (first, last) = (a.first().min(b.first()), a.last().max(b.last()));
        DayRange::new(first, last).unwrap_or(a)
    });
    match widest {
        Some(widest) if show.range == DayRange::ALL => widest,
        _ => show.range,
    }
}

/// A range of more days than this is not compared: it can only be a slip of the hand.
const COMPARED: i64 = 40_000;

const NOTHING: Comparison = Comparison {
    now: 0,
    before: 0,
    days: 0,
    of_days: 0,
};

/// What is known of one repository in the range, or of all.
struct Figures<'a> {
    line: Option<&'a FleetLine<'a>>,
    totals: [Total; 2],
    change: Comparison,
    days_in_gaps: u64,
}

impl<'a> Figures<'a> {
    fn new(line: &'a FleetLine<'a>, range: DayRange, metric: Metric) -> Self {
        let days = line.series.within(range);
        let gaps = days.iter().filter(|row| row.state() == DayState::Gap);
        let known = line.series.range();
        let has_before = known.is_some_and(|known| known.first() < range.first());
        Self {
            line: Some(line),
            totals: Metric::ALL.map(|metric| total(days, metric)),
            change: if has_before && range.days() < COMPARED {
                compare(line.series, range, metric)
            } else {
                NOTHING
            },
            days_in_gaps: gaps.map(|_| 1).sum(),
        }
    }

    /// Counts of several repositories add up; their uniques would not, and are not in it.
    fn sum(all: &[Self]) -> Self {
        let mut sum = Self {
            line: None,
            totals: [Total::default(); 2],
            change: NOTHING,
            days_in_gaps: 0,
        };
        for one in all {
            for (sum, one) in sum.totals.iter_mut().zip(&one.totals) {
                sum.count = sum.count.saturating_add(one.count);
                sum.days_measured += one.days_measured;
                sum.days_partial += one.days_partial;
            }
            sum.change.now = sum.change.now.saturating_add(one.change.now);
            sum.change.before = sum.change.before.saturating_add(one.change.before);
            sum.change.days += one.change.days;
            sum.change.of_days += one.change.of_days;
            sum.days_in_gaps += one.days_in_gaps;
        }
        sum
    }

    fn total(&self, metric: Metric) -> &Total {
        &self.totals[usize::from(metric == Metric::Clones)]
    }

    fn count(&self, metric: Metric) -> String {
        let total = self.total(metric);
        match total.days_measured + total.days_partial {
            0 => String::new(),
            _ => grouped(total.count),
        }
    }
}

/// Which columns are shown.
struct Layout {
    has_clones: bool,
    has_newest: bool,
    trend: usize,
}

/// From the richest to what fits anywhere; the first one that fits is taken.
const LAYOUTS: [Layout; 8] = [
    Layout::new(true, true, 30),
    Layout::new(true, true, 15),
    Layout::new(true, false, 15),
    Layout::new(true, false, 10),
    Layout::new(true, false, 7),
    Layout::new(true, false, 0),
    Layout::new(false, false, 7),
    Layout::new(false, false, 0),
];

impl Layout {
    const fn new(has_clones: bool, has_newest: bool, trend: usize) -> Self {
        Self {
            has_clones,
            has_newest,
            trend,
        }
    }

    fn columns(&self, metric: Metric, has_gaps: bool) -> Vec<Column<'static>> {
        let mut columns = vec![
            Column::name("repository"),
            Column::number(metric.word()),
            Column::number("change"),
        ];
        if self.trend > 0 {
            columns.push(Column::word("trend"));
        }
        if self.has_clones {
            columns.push(Column::number(other(metric).word()));
        }
        if self.has_newest {
            columns.push(Column::word("newest day"));
        }
        if has_gaps {
            columns.push(Column::number("gaps"));
        }
        columns
    }

    fn row(
        &self,
        figures: &Figures<'_>,
        range: DayRange,
        metric: Metric,
        style: Style,
    ) -> Vec<Cell> {
        let (name, ink) = match figures.line {
            Some(line) => (plain(line.name, style), Ink::Plain),
            None => ("together".to_owned(), Ink::Strong),
        };
        let mut row = vec![
            Cell::new(ink, name),
            Cell::new(ink, figures.count(metric)),
            change_cell(&figures.change, style),
        ];
        if self.trend > 0 {
            let trend = figures.line.map_or_else(String::new, |line| {
                sparkline(line.series, range, metric, self.trend, style)
            });
            row.push(Cell::new(Ink::of(metric), trend));
        }
        if self.has_clones {
            row.push(Cell::new(ink, figures.count(other(metric))));
        }
        if self.has_newest {
            let newest = figures.line.and_then(|line| line.series.newest_measured());
            let newest = newest.map_or_else(String::new, |day| day.to_string());
            row.push(Cell::new(Ink::Plain, newest));
        }
        row.push(gaps_cell(figures));
        row
    }
}

fn other(metric: Metric) -> Metric {
    match metric {
        Metric::Views => Metric::Clones,
        Metric::Clones => Metric::Views,
    }
}

fn gaps_cell(figures: &Figures<'_>) -> Cell {
    match figures.days_in_gaps {
        0 => Cell::new(Ink::Faint, "0"),
        days => Cell::new(Ink::Warn, grouped(days)),
    }
}

/// What the marks in the table mean, as far as they occur.
fn notes(figures: &[Figures<'_>], all: &Figures<'_>, metric: Metric, style: Style) -> String {
    let mut notes = Vec::new();
    if all.days_in_gaps > 0 {
        let days = counted(all.days_in_gaps, "day");
        let gap = style.glyphs().gap;
        notes.push((
            Ink::Warn,
            format!("{gap} gap: {days} never read, which is not zero"),
        ));
    }
    let is_part =
        |one: &Figures<'_>| one.change.percent().is_some() && one.change.days < one.change.of_days;
    if figures.iter().chain([all]).any(is_part) {
        let part = format!("* change of {metric} only by the days measured in both ranges");
        notes.push((Ink::Faint, part));
    }
    if notes.is_empty() {
        return String::new();
    }
    format!("\n{}", flow(&notes, 0, style))
}
