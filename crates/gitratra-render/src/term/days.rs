//! The numbers behind a chart: a row for each day, week or month.

use gitratra_core::figures::Step;
use gitratra_core::{DayRow, DayState, Metric};

use super::paint::{Ink, Style};
use super::table::{Cell, Column, painted_table};
use crate::axis::weekday_name;
use crate::bars::{Bar, Bars, Known};
use crate::number::grouped;

/// `days` (ascending, without holes) as a table; what is not known is an empty cell.
pub(super) fn days_table(days: &[DayRow], metrics: &[Metric], step: Step, style: Style) -> String {
    match step {
        Step::Day => by_day(days, metrics, style),
        Step::Week | Step::Month => by_step(days, metrics, step, style),
    }
}

fn by_day(days: &[DayRow], metrics: &[Metric], style: Style) -> String {
    let mut columns = vec![Column::word("day")];
    for metric in metrics {
        columns.push(Column::number(metric.word()));
        columns.push(Column::number("uniques"));
    }
    columns.push(Column::word("state"));
    let rows: Vec<Vec<Cell>> = days
        .iter()
        .map(|row| {
            let day = format!("{} {}", weekday_name(row.day), row.day);
            let mut cells = vec![Cell::new(Ink::Plain, day)];
            for metric in metrics {
                let shown = row.shown(*metric);
                let count = shown.map_or_else(String::new, |shown| grouped(shown.count()));
                let uniques =
                    shown.map_or_else(String::new, |shown| grouped(shown.uniques().get()));
                cells.push(Cell::new(Ink::of(*metric), count));
                cells.push(Cell::new(Ink::Plain, uniques));
            }
            cells.push(state_cell(row.state()));
            cells
        })
        .collect();
    painted_table(&columns, &rows, None, style)
}

fn state_cell(state: DayState) -> Cell {
    let ink = match state {
        DayState::Measured => Ink::Faint,
        DayState::Partial | DayState::Suspect | DayState::Doubted | DayState::Gap => Ink::Warn,
    };
    Cell::new(ink, state.word())
}

fn by_step(days: &[DayRow], metrics: &[Metric], step: Step, style: Style) -> String {
    let bars: Vec<Bars> = metrics
        .iter()
        .map(|metric| Bars::new(days, *metric, step, days.len()))
        .collect();
    let mut columns = vec![Column::word("from"), Column::word("to")];
    columns.extend(metrics.iter().map(|metric| Column::number(metric.word())));
    columns.push(Column::word("state"));
    let steps = bars.first().map_or(0, |bars| bars.bars.len());
    let rows: Vec<Vec<Cell>> = (0..steps)
        .map(|at| {
            let here: Vec<Bar> = bars.iter().map(|bars| bars.bars[at]).collect();
            let range = here[0].range;
            let mut cells = vec![
                Cell::new(Ink::Plain, range.first().to_string()),
                Cell::new(Ink::Plain, range.last().to_string()),
            ];
            for (bar, metric) in here.iter().zip(metrics) {
                let count = bar.known.count().map_or_else(String::new, grouped);
                cells.push(Cell::new(Ink::of(*metric), count));
            }
            cells.push(state_cell(state(&here)));
            cells
        })
        .collect();
    painted_table(&columns, &rows, None, style)
}

/// The least sure of the metrics: a week in which one of them lacks a day is not whole.
fn state(bars: &[Bar]) -> DayState {
    let states = bars.iter().map(|bar| match bar.known {
        Known::Whole(_) => DayState::Measured,
        Known::Part(_) => DayState::Partial,
        Known::Suspect => DayState::Suspect,
        Known::Gap => DayState::Gap,
    });
    let is_mixed = bars.iter().any(|bar| bar.known.count().is_some());
    match states.max() {
        Some(DayState::Suspect | DayState::Doubted | DayState::Gap) if is_mixed => {
            DayState::Partial
        }
        Some(state) => state,
        None => DayState::Gap,
    }
}
