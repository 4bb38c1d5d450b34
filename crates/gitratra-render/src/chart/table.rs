//! The numbers behind a chart, for keyboards, screen readers and those who want to know exactly.

use gitratra_core::DayRange;
use gitratra_core::figures::Step;

use super::{Layer, PointValue, TimeChart};
use crate::number::grouped;

/// Rows of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What the chart shows.
    pub title: String,
    /// The heads of the columns.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its days.
    pub range: DayRange,
    /// Its cells, as many as there are heads.
    pub cells: Vec<String>,
}

pub(super) fn of_days(chart: &TimeChart) -> Table {
    let mut head = vec![
        match chart.step {
            Step::Day => "Day",
            Step::Week => "Week",
            Step::Month => "Month",
        }
        .to_owned(),
    ];
    head.extend(chart.layers.iter().map(|layer| layer.label.clone()));
    let rows = chart.step.of(chart.range).into_iter().map(|range| {
        let is_out = chart.newest.is_some_and(|newest| range.first() > newest);
        let mut cells = vec![period(range)];
        let values = chart.layers.iter();
        cells.extend(values.map(|layer| cell(layer, range, is_out)));
        Row { range, cells }
    });
    Table {
        title: chart.title.clone(),
        head,
        rows: rows.collect(),
    }
}

/// `2026-01-05`, `2026-01-05 to 2026-01-11`.
fn period(range: DayRange) -> String {
    if range.days() == 1 {
        range.first().to_string()
    } else {
        format!("{} to {}", range.first(), range.last())
    }
}

fn cell(layer: &Layer, range: DayRange, is_out: bool) -> String {
    let point = layer
        .points
        .iter()
        .find(|point| point.range.intersection(range).is_some());
    match point.and_then(|point| point.value) {
        Some(value) => words(value),
        None if is_out => "not published".to_owned(),
        None => "gap".to_owned(),
    }
}

fn words(value: PointValue) -> String {
    match value {
        PointValue::Measured(value) => whole(value),
        PointValue::Partial(value) => format!("{} (partial)", whole(value)),
        PointValue::Bounds { at_least, at_most } => {
            format!("{}–{}", whole(at_least), whole(at_most))
        }
    }
}

/// A number as it is; of a small one that is not whole a tenth.
pub(super) fn whole(value: f64) -> String {
    if value.fract() != 0.0 && value < 1000.0 {
        return format!("{value:.1}");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts are not negative, and casts stop at the largest"
    )]
    grouped(value.round() as u64)
}
