//! Charts as SVG: one module for pages, embeds, reports and, through [`png`], pictures.
//!
//! Pure: the same values give the same bytes. Every chart takes a [`Canvas`], which says how large
//! it is and how colours are written ([`Theme`]), and draws for exactly that size: text is never
//! scaled, so draw at about the width at which the chart is shown.
//!
//! *Inside a page* ([`Theme::Css`]) there is neither a `style` attribute nor a `<style>` element:
//! a group carries a class, and [`PAGE_STYLE`] gives the class its colour from a variable of the
//! same name. [`LIGHT_VARS`] and [`DARK_VARS`] are the declarations of these variables:
//!
//! | classes (and variables, with `--` before) | what |
//! | --- | --- |
//! | `ink-views` `ink-views-uniques` `ink-clones` `ink-clones-uniques` | traffic |
//! | `ink-stars` `ink-lost` `ink-forks` `ink-downloads` | other numbers |
//! | `ink-before` | an earlier range, drawn over this one |
//! | `ink-series-0` to `ink-series-7` | repositories that are compared |
//! | `mark-release` `mark-tag` `mark-note` `mark-spike` | flags over the plot |
//! | `chart-ground` `chart-grid` `chart-axis` `chart-text` `chart-title` | what is around the data |
//! | `chart-gap` `chart-open` | days never read, days not published yet |
//!
//! Elements for a script: the root is `svg.chart` (`svg.spark` and `svg.rank` are the small ones in
//! table cells). A time chart's root has `data-plot-left`, `data-plot-top`, `data-plot-width` and
//! `data-plot-height` (in units of its `viewBox`), `data-first`, `data-last` (days) and `data-step`
//! (`day`, `week`, `month`); up to 130 periods have a `rect` in `g.periods` with `data-first`, with
//! `data-last` where that is another day, and with the values in words in its `<title>`. Marks are `.mark`, and links where they lead somewhere.
//!
//! A chart is a picture to assistive technology; its [`Table`] is the same data for everybody.

mod badge;
mod calendar;
mod date;
mod file;
mod glyph;
mod path;
mod rank;
mod sparkline;
mod table;
mod theme;
mod tick;
mod time;
mod weekday;

pub use badge::{Badge, BadgeColour, BadgeEndpoint};
pub use calendar::{Calendar, CalendarDay, Cell};
pub use file::{PngError, document, png};
pub use rank::rank_bar;
pub use sparkline::sparkline;
pub use table::Table;
pub use theme::{AUTO_STYLE, Canvas, DARK_VARS, Ink, LIGHT_VARS, PAGE_STYLE, Theme};
pub use time::{
    ChartMark, ChartMarkKind, Layer, Point, PointValue, Scale, Shape, TimeChart, step_that_fits,
};
pub use weekday::{WeekdayChart, WeekdayValue};
