//! A chart of values over days: what it is made of, and the table behind it.

mod frame;
mod layer;
mod legend;
mod mark;

use gitratra_core::figures::Step;
use gitratra_core::{Day, DayRange};

use super::table::Table;
use super::theme::Ink;
use super::tick::exact;

/// A chart of values over days.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeChart {
    /// Begins the ids of its elements, so it differs from every other chart's on the page.
    pub id: String,
    /// What it shows, in a few words; seen where the chart stands alone.
    pub title: String,
    /// What it shows, in a sentence, for those who do not see it.
    pub description: String,
    /// The days from its left to its right end.
    pub range: DayRange,
    /// What one point stands for; said on the axis where it is more than a day.
    pub step: Step,
    /// How values become heights.
    pub scale: Scale,
    /// From back to front.
    pub layers: Vec<Layer>,
    /// Flags over the plot, in any order.
    pub marks: Vec<ChartMark>,
    /// The newest published day; the days after it are drawn as open.
    pub newest: Option<Day>,
    /// What is counted: `views`.
    pub unit: String,
    /// Whether a linear axis begins at zero. Areas and bars should.
    pub zero_based: bool,
}

/// How values become heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Twice as much is twice as high.
    Linear,
    /// Ten times as much is a fixed step higher; zero stands at the base, and the axis says so.
    Log,
}

/// One set of values.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Its name in legend and table.
    pub label: String,
    /// Its colour.
    pub ink: Ink,
    /// How it is drawn.
    pub shape: Shape,
    /// Ascending and apart. Where another range is laid over this one, the caller moves its days
    /// into this range.
    pub points: Vec<Point>,
}

/// How a layer is drawn. Bounds become a band in every shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A line, filled down to the base.
    Area,
    /// A line.
    Line,
    /// A dashed line.
    Dashed,
    /// A bar for each point.
    Bars,
    /// The room between two bounds.
    Band,
}

/// The value of a day or of several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Its days.
    pub range: DayRange,
    /// The value; nothing where it is not known, which is never a zero.
    pub value: Option<PointValue>,
}

/// A value, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PointValue {
    /// The number.
    Measured(f64),
    /// At least so much: still running, or a day is missing.
    Partial(f64),
    /// Between two numbers, both included.
    Bounds {
        /// The least it can be.
        at_least: f64,
        /// The most it can be.
        at_most: f64,
    },
}

impl PointValue {
    /// The least and the most; nothing where there is no number.
    fn ends(self) -> Option<(f64, f64)> {
        let (low, high) = match self {
            Self::Measured(value) | Self::Partial(value) => (value, value),
            Self::Bounds { at_least, at_most } => (at_least, at_most.max(at_least)),
        };
        (low.is_finite() && high.is_finite()).then_some((low, high))
    }

    fn text(self) -> String {
        match self {
            Self::Measured(value) => exact(value),
            Self::Partial(value) => format!("≥ {}", exact(value)),
            Self::Bounds { at_least, at_most } if at_least >= at_most => exact(at_least),
            Self::Bounds { at_least, at_most } => {
                format!("{} to {}", exact(at_least), exact(at_most))
            }
        }
    }
}

/// Something that happened on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartMark {
    /// The day.
    pub day: Day,
    /// What kind of thing it is.
    pub kind: ChartMarkKind,
    /// A few words: `v1.2.0`.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
}

/// The kinds of marks; each has its own shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChartMarkKind {
    /// A release was published.
    Release,
    /// A tag was made.
    Tag,
    /// A person's own words.
    Note,
    /// Far more than usual.
    Spike,
}

impl ChartMarkKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Tag => "tag",
            Self::Note => "note",
            Self::Spike => "spike",
        }
    }
}

/// The finest step whose points are still told apart on a chart of this width.
#[must_use]
pub fn step_that_fits(range: DayRange, width_px: u32) -> Step {
    // What is left for the plot; four pixels for a point.
    let points = i64::from(width_px.saturating_sub(60) / 4).max(1);
    if range.days() <= points {
        Step::Day
    } else if range.days() / 7 <= points {
        Step::Week
    } else {
        Step::Month
    }
}

impl TimeChart {
    /// The data behind the chart.
    ///
    /// *Shape*: a row for each period that any layer has a point for, ascending; the period, each
    /// layer's value, its state, and the marks where there are any.
    #[must_use]
    pub fn table(&self) -> Table {
        let mut periods: Vec<DayRange> = self.points().map(|point| point.range).collect();
        periods.sort_by_key(|period| (period.first(), period.last()));
        periods.dedup_by_key(|period| period.first());
        let mut header = vec![match self.step {
            Step::Day => "Day".to_owned(),
            Step::Week => "Week".to_owned(),
            Step::Month => "Month".to_owned(),
        }];
        header.extend(self.layers.iter().map(|layer| layer.label.clone()));
        header.push("State".to_owned());
        if !self.marks.is_empty() {
            header.push("Marks".to_owned());
        }
        let row = |period: &DayRange| {
            let mut row = vec![period_text(*period)];
            row.extend(self.layers.iter().map(|layer| layer.text_at(*period)));
            row.push(self.state_of(*period).to_owned());
            if !self.marks.is_empty() {
                row.push(self.marks_in(*period));
            }
            row
        };
        Table {
            caption: format!("{} ({})", self.title, self.unit_text()),
            header,
            rows: periods.iter().map(row).collect(),
        }
    }

    /// The points inside the range.
    fn points(&self) -> impl Iterator<Item = &Point> {
        let points = self.layers.iter().flat_map(|layer| &layer.points);
        points.filter(|point| self.range.intersection(point.range).is_some())
    }

    /// The layers of this range; those of an earlier one say nothing about its gaps.
    fn own_layers(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter().filter(|layer| layer.ink != Ink::Before)
    }

    fn state_of(&self, period: DayRange) -> &'static str {
        if self.newest.is_some_and(|newest| period.first() > newest) {
            return "not published yet";
        }
        let values = self.own_layers().filter_map(|layer| layer.at(period));
        let values: Vec<_> = values.map(|point| point.value).collect();
        let has = |test: fn(&PointValue) -> bool| values.iter().flatten().any(test);
        if values.iter().all(Option::is_none) {
            "gap"
        } else if has(|value| matches!(value, PointValue::Partial(_))) {
            "partial"
        } else if has(|value| matches!(value, PointValue::Measured(_))) {
            "measured"
        } else {
            "bounds"
        }
    }

    fn marks_in(&self, period: DayRange) -> String {
        let marks = self.marks.iter().filter(|mark| period.contains(mark.day));
        let texts: Vec<_> = marks
            .map(|mark| format!("{} {}", mark.kind.word(), mark.text))
            .collect();
        texts.join("; ")
    }

    /// What is counted, and by what.
    fn unit_text(&self) -> String {
        match self.step {
            Step::Day => self.unit.clone(),
            Step::Week => format!("{}, by week", self.unit),
            Step::Month => format!("{}, by month", self.unit),
        }
    }
}

impl Layer {
    fn at(&self, period: DayRange) -> Option<&Point> {
        let at = self
            .points
            .partition_point(|point| point.range.first() < period.first());
        let point = self.points.get(at)?;
        (point.range.first() == period.first()).then_some(point)
    }

    fn text_at(&self, period: DayRange) -> String {
        match self.at(period) {
            Some(point) => point.value.map_or("–".to_owned(), PointValue::text),
            None => String::new(),
        }
    }
}

/// `2026-11-16`, or `2026-11-16 to 2026-11-22`.
fn period_text(period: DayRange) -> String {
    if period.days() == 1 {
        period.first().to_string()
    } else {
        format!("{} to {}", period.first(), period.last())
    }
}
