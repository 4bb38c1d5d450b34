//! Points, layers and axes that several sections share.

use gitratra_core::figures::{Fold, Step};
use gitratra_core::{Bounds, DayRange, Metric};
use gitratra_render::chart::{Ink, Layer, Point, PointValue, Scale, Shape, TimeChart};

use crate::words::{self, large};

/// From so many times what nine in ten of the values stay below, the largest would flatten the rest.
const FAR: f64 = 8.0;
/// Of fewer values nobody can tell what is far.
const ENOUGH: usize = 10;

/// A chart without layers on a linear axis.
pub(crate) fn chart(
    title: impl Into<String>,
    unit: &str,
    range: DayRange,
    step: Step,
) -> TimeChart {
    let title = title.into();
    TimeChart {
        id: String::new(),
        description: format!("{title}, {}", words::days(range)),
        title,
        range,
        step,
        scale: Scale::Linear,
        layers: Vec::new(),
        marks: Vec::new(),
        newest: Some(range.last()),
        unit: unit.to_owned(),
        zero_based: true,
    }
}

pub(crate) fn layer(label: &str, ink: Ink, shape: Shape, points: Vec<Point>) -> Layer {
    Layer {
        label: words::cut(label, 60),
        ink,
        shape,
        points,
    }
}

/// The word, and the colours of events and of people.
pub(crate) const fn inks(metric: Metric) -> (Ink, Ink) {
    match metric {
        Metric::Views => (Ink::Views, Ink::ViewsUniques),
        Metric::Clones => (Ink::Clones, Ink::ClonesUniques),
    }
}

/// A step's number; one that lacks days is the least there was.
pub(crate) fn of_fold(fold: &Fold, number: Option<u64>, step: Step) -> Point {
    let is_whole = fold.is_whole(step);
    Point {
        range: fold.range,
        value: number.map(|number| match is_whole {
            true => PointValue::Measured(large(number)),
            false => PointValue::Partial(large(number)),
        }),
    }
}

pub(crate) fn of_bounds(range: DayRange, bounds: Option<Bounds>) -> Point {
    let value = bounds.map(|bounds| match bounds.number() {
        Some(number) => PointValue::Measured(large(number)),
        None => PointValue::Bounds {
            at_least: large(bounds.lower()),
            at_most: large(bounds.upper()),
        },
    });
    Point { range, value }
}

pub(crate) fn of_number(range: DayRange, number: Option<u64>) -> Point {
    of_bounds(range, number.map(Bounds::exact))
}

/// All events up to each step. Events add; after a gap the sum is the least there was.
pub(crate) fn added_up(folds: &[Fold]) -> Vec<Point> {
    let (mut sum, mut is_whole) = (0_u64, true);
    let points = folds.iter().map(|fold| {
        sum = sum.saturating_add(fold.count.unwrap_or(0));
        is_whole &= fold.count.is_some() && fold.days_missing == 0 && !fold.is_partial;
        Point {
            range: fold.range,
            value: fold.count.map(|_| match is_whole {
                true => PointValue::Measured(large(sum)),
                false => PointValue::Partial(large(sum)),
            }),
        }
    });
    points.collect()
}

/// Gives a chart whose largest value would flatten the rest an axis of powers of ten, and says so.
pub(crate) fn fit_axis(chart: &mut TimeChart) -> &'static str {
    let points = chart.layers.iter().take(1).flat_map(|layer| &layer.points);
    let values = points.filter_map(|point| match point.value? {
        PointValue::Measured(value) | PointValue::Partial(value) => Some(value),
        PointValue::Bounds { at_most, .. } => Some(at_most),
    });
    let mut values: Vec<f64> = values.filter(|value| *value > 0.0).collect();
    values.sort_by(f64::total_cmp);
    let (Some(largest), true) = (values.last(), values.len() >= ENOUGH) else {
        return "";
    };
    let usual = values[(values.len() - 1) * 9 / 10];
    if *largest < usual * FAR {
        return "";
    }
    chart.scale = Scale::Log;
    "Logarithmic axis: ten times as much is one step higher, so that the largest does not flatten the rest."
}

/// Which weeks or months a range cuts, where it cuts any: their numbers are those of fewer days.
pub(crate) fn cut_note(step: Step, range: DayRange) -> String {
    let steps = step.of(range);
    let is_cut = |days: Option<&DayRange>| days.is_some_and(|days| step.is_cut(*days));
    let ends = match (is_cut(steps.first()), is_cut(steps.last())) {
        (false, false) => return String::new(),
        (true, true) if steps.len() > 1 => "The first and the last",
        (true, _) => "The first",
        (false, true) => "The last",
    };
    format!("{ends} {} is cut by the range.", words::step(step))
}

/// Sentences, those that say something, with a blank between them.
pub(crate) fn sentences<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitratra_core::Day;

    fn with(values: &[f64]) -> TimeChart {
        let first: Day = "2026-01-01".parse().unwrap();
        let points = values.iter().zip(0..).map(|(value, later)| Point {
            range: DayRange::ending(first.plus(later), 1),
            value: Some(PointValue::Measured(*value)),
        });
        let range = DayRange::new(first, first.plus(30)).unwrap();
        let mut chart = chart("Views", "views", range, Step::Day);
        chart
            .layers
            .push(layer("views", Ink::Views, Shape::Area, points.collect()));
        chart
    }

    #[test]
    fn one_spike_does_not_flatten_the_rest_and_the_axis_says_so() {
        let mut calm: Vec<f64> = (0..30).map(|day| f64::from(20 + day % 5)).collect();
        let mut chart = with(&calm);
        assert_eq!(fit_axis(&mut chart), "");
        assert_eq!(chart.scale, Scale::Linear);
        calm[12] = 2_000.0;
        let mut chart = with(&calm);
        assert!(fit_axis(&mut chart).starts_with("Logarithmic axis"));
        assert_eq!(chart.scale, Scale::Log);
    }

    #[test]
    fn a_sum_over_a_gap_is_the_least_there_was() {
        let day = |text: &str, count| Fold {
            range: DayRange::ending(text.parse().unwrap(), 1),
            count,
            uniques: None,
            days_missing: u64::from(count.is_none()),
            is_partial: false,
        };
        let points = added_up(&[
            day("2026-01-01", Some(3)),
            day("2026-01-02", None),
            day("2026-01-03", Some(4)),
        ]);
        let values: Vec<_> = points.iter().map(|point| point.value).collect();
        assert_eq!(
            values,
            [
                Some(PointValue::Measured(3.0)),
                None,
                Some(PointValue::Partial(7.0))
            ]
        );
    }
}
