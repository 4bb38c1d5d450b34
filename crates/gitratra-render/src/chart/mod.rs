//! Charts as SVG: for pages, README embeds, reports and, through a library, as PNG.
//!
//! The same values give the same bytes. A gap is hatched and never a zero, what is not published yet
//! is open at the right, a number that is only known to lie between two others is a band. Behind
//! every chart stands a [`Table`] with the same numbers for those who do not look at pictures.
//!
//! In [`Theme::Css`] there is no style in the picture: `f-…` fills and `s-…` strokes, and
//! [`page_style`] with [`light_vars`] and [`dark_vars`] says how. The root of a chart of days tells
//! scripts where it is: `data-plot-left`, `data-plot-width`, `data-first`, `data-last`.

mod badge;
mod calendar;
mod ink;
mod pen;
mod png;
mod small;
mod table;
mod ticks;
mod time;
mod weekday;

use gitratra_core::figures::Step;
use gitratra_core::{Day, DayRange};
use maud::Markup;

pub use badge::{Badge, BadgeColour};
pub use calendar::{Calendar, DayShade};
pub use ink::{Ink, Theme, auto_style, dark_vars, light_vars, page_style};
pub use png::{PngError, png};
pub use small::{rank_bar, sparkline, swatch};
pub use table::{Row, Table};
pub use ticks::Scale;
pub use weekday::WeekdayChart;

/// What a chart is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canvas {
    /// Pixels across.
    pub width_px: u32,
    /// Pixels down.
    pub height_px: u32,
    /// How colours are written.
    pub theme: Theme,
}

/// Values over days.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeChart {
    /// Makes names inside of the picture its own, where several are on a page.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// A sentence more.
    pub description: String,
    /// The days from left to right.
    pub range: DayRange,
    /// What one point stands for.
    pub step: Step,
    /// How values are spread.
    pub scale: Scale,
    /// What is drawn, the later over the earlier.
    pub layers: Vec<Layer>,
    /// What happened, by day.
    pub marks: Vec<ChartMark>,
    /// The newest day that is known; what comes after it is not published yet.
    pub newest: Option<Day>,
    /// What is counted, such as "views".
    pub unit: String,
}

/// One thing in a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Its name.
    pub label: String,
    /// Its colour.
    pub ink: Ink,
    /// How it is drawn.
    pub shape: Shape,
    /// Its values, ascending.
    pub points: Vec<Point>,
}

/// How a layer is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A line with the ground under it tinted.
    Area,
    /// A line.
    Line,
    /// A dashed line, for what is laid under another.
    Dashed,
    /// A bar for each step.
    Bars,
    /// From at least to at most, with a line at what is certain.
    Band,
}

/// The value of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Its days.
    pub range: DayRange,
    /// Nothing is a gap, and no zero.
    pub value: Option<PointValue>,
}

/// What is known of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PointValue {
    /// The number.
    Measured(f64),
    /// The least there was: not all of it was seen.
    Partial(f64),
    /// Between two numbers.
    Bounds {
        /// The least.
        at_least: f64,
        /// The most.
        at_most: f64,
    },
}

/// Something that happened on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartMark {
    /// When.
    pub day: Day,
    /// What kind of thing.
    pub kind: MarkShape,
    /// Its name.
    pub text: String,
    /// Where more is said of it.
    pub href: Option<String>,
}

/// Kinds of marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkShape {
    /// A release.
    Release,
    /// A tag without a release.
    Tag,
    /// What a person wrote down.
    Note,
    /// A day far above the usual.
    Spike,
}

impl PointValue {
    /// The least and the most.
    #[must_use]
    pub const fn bounds(self) -> (f64, f64) {
        match self {
            Self::Measured(value) | Self::Partial(value) => (value, value),
            Self::Bounds { at_least, at_most } => (at_least, at_most),
        }
    }
}

impl TimeChart {
    /// The picture.
    #[must_use]
    pub fn svg(&self, canvas: &Canvas) -> Markup {
        time::svg(self, canvas)
    }

    /// The numbers behind it. *Shape*: a row for each step of the range, the oldest first.
    #[must_use]
    pub fn table(&self) -> Table {
        table::of_days(self)
    }
}

/// A picture as a file of its own.
#[must_use]
pub fn document(picture: &Markup) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n",
        picture.0
    )
}

/// The step at which a chart of a range does not clutter: at most a step for every four pixels.
#[must_use]
pub fn step_that_fits(range: DayRange, width_px: u32) -> Step {
    let most = i64::from(width_px / 4).max(31);
    match range.days() {
        days if days <= most => Step::Day,
        days if days / 7 <= most => Step::Week,
        _ => Step::Month,
    }
}
