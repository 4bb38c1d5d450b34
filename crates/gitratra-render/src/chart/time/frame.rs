//! The plot's place on the canvas, its axes, and the order in which everything is drawn.

use gitratra_core::DayRange;
use gitratra_core::figures::Step;
use maud::{Markup, html};

use super::{Layer, PointValue, Scale, TimeChart, period_text};
use crate::chart::date::DayAxis;
use crate::chart::glyph::{clean, shortened, width};
use crate::chart::path::{Path, short};
use crate::chart::theme::{Canvas, Role, safe_id};
use crate::chart::tick::ValueAxis;

/// The size of ordinary text.
pub(super) const TEXT_PX: f64 = 11.0;
const TITLE_PX: f64 = 14.0;
/// A row of the legend, and of the marks.
pub(super) const ROW_PX: f64 = 18.0;
/// Periods that a script and a pointer can find as elements.
const MOST_PERIODS: usize = 130;

/// Where the data is drawn.
pub(super) struct Plot {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) height: f64,
    pub(super) days: DayAxis,
    pub(super) values: ValueAxis,
}

impl Plot {
    pub(super) fn right(&self) -> f64 {
        self.left + self.days.width
    }

    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Left end, middle and right end of days.
    pub(super) fn across(&self, range: DayRange) -> (f64, f64, f64) {
        (
            self.left + self.days.start_of(range.first()),
            self.left + self.days.middle_of(range),
            self.left + self.days.end_of(range.last()),
        )
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        self.top + self.height * (1.0 - self.values.place(value))
    }

    /// Where bars and areas stand.
    pub(super) fn base(&self) -> f64 {
        self.y(0.0)
    }
}

impl TimeChart {
    /// The chart.
    #[must_use]
    pub fn svg(&self, canvas: &Canvas) -> Markup {
        let id = safe_id(&self.id);
        let legend = self.legend(canvas);
        let plot = self.plot(canvas, legend.height());
        let has_links = self.marks.iter().any(|mark| mark.href.is_some());
        let theme = canvas.theme;
        let text = theme.paint(Role::Text);
        let step = match self.step {
            Step::Day => "day",
            Step::Week => "week",
            Step::Month => "month",
        };
        html! {
            svg.chart viewBox={ "0 0 " (canvas.width_px) " " (canvas.height_px) }
                width=(canvas.width_px) height=(canvas.height_px)
                role=(if has_links { "group" } else { "img" })
                aria-labelledby={ (id) "-t " (id) "-d" } font-family=[theme.fonts()]
                data-plot-left=(short(plot.left)) data-plot-top=(short(plot.top))
                data-plot-width=(short(plot.days.width)) data-plot-height=(short(plot.height))
                data-first=(self.range.first()) data-last=(self.range.last()) data-step=(step) {
                (canvas.head(&id, &self.title, &self.description, canvas.height()))
                g aria-hidden=[has_links.then_some("true")] {
                    (self.unknown_days(canvas, &plot, &id))
                    (grid(canvas, &plot))
                    @for layer in &self.layers { (self.layer(layer, canvas, &plot)) }
                    (axes(canvas, &plot, self.step))
                    g class=[text.class] color=[text.color] fill="currentColor"
                        font-size=(TEXT_PX) {
                        (self.heading(canvas))
                        (legend.draw(canvas, heading_height(canvas), &id))
                        @if !self.has_values() {
                            text x=(short(plot.left + plot.days.width / 2.0))
                                y=(short(plot.top + plot.height / 2.0)) text-anchor="middle" {
                                "Nothing measured in these days"
                            }
                        }
                    }
                    (self.periods(canvas, &plot))
                }
                (self.flags(canvas, &plot))
            }
        }
    }

    pub(super) fn plot(&self, canvas: &Canvas, legend_height: f64) -> Plot {
        let pad = pad(canvas);
        let has_marks = self.shown_marks().next().is_some();
        let marks = if has_marks { ROW_PX } else { 0.0 };
        let top = heading_height(canvas) + legend_height + marks + 6.0;
        let height = (canvas.height() - top - ROW_PX - pad).max(20.0);
        let values = self.axis(height);
        let labels = values.ticks.iter().map(|tick| width(&tick.text, TEXT_PX));
        let left = (pad + labels.fold(0.0, f64::max) + 7.0).ceil();
        let width = (canvas.width() - left - pad.max(8.0)).max(20.0);
        Plot {
            left,
            top: top.ceil(),
            height: height.floor(),
            days: DayAxis {
                range: self.range,
                width,
            },
            values,
        }
    }

    fn axis(&self, height: f64) -> ValueAxis {
        let ends = self.points().filter_map(|point| point.value?.ends());
        let values: Vec<f64> = ends.flat_map(|(low, high)| [low, high]).collect();
        match self.scale {
            Scale::Linear => ValueAxis::linear(&values, self.zero_based, height),
            Scale::Log => ValueAxis::log(&values, height),
        }
    }

    fn has_values(&self) -> bool {
        self.points()
            .any(|point| point.value.and_then(PointValue::ends).is_some())
    }

    /// The title, where the chart stands alone, and beside it the days where there is room.
    fn heading(&self, canvas: &Canvas) -> Markup {
        if !canvas.theme.stands_alone() {
            return html! {};
        }
        let (pad, paint) = (pad(canvas), canvas.theme.paint(Role::Title));
        let room = canvas.width() - 2.0 * pad;
        let title = shortened(&self.title, TITLE_PX * 1.08, room);
        let days = period_text(self.range);
        let has_room = width(&title, TITLE_PX * 1.08) + width(&days, TEXT_PX) + 24.0 <= room;
        html! {
            text class=[paint.class] color=[paint.color] x=(short(pad)) y=(short(pad + 12.0))
                font-size=(TITLE_PX) font-weight="600" { (title) }
            @if has_room {
                text x=(short(canvas.width() - pad)) y=(short(pad + 12.0)) text-anchor="end" {
                    (days)
                }
            }
        }
    }

    /// Days never read, hatched, and days not published yet, open.
    fn unknown_days(&self, canvas: &Canvas, plot: &Plot, id: &str) -> Markup {
        let (gap, open) = (
            canvas.theme.paint(Role::Gap),
            canvas.theme.paint(Role::Open),
        );
        let mut gaps = Path::default();
        for gap in self.gaps() {
            let (start, _, end) = plot.across(gap);
            gaps.rect(start, plot.top, (end - start).max(1.0), plot.height);
        }
        let unpublished = self.unpublished();
        html! {
            @if !gaps.is_empty() || self.legend_needs_hatch() {
                defs {
                    pattern id={ (id) "-gap" } width="5" height="5"
                        patternUnits="userSpaceOnUse" patternTransform="rotate(45)"
                        class=[gap.class] color=[gap.color] {
                        path d="M0 0v5" stroke="currentColor" stroke-width="2" {}
                    }
                }
                path d=(gaps.data()) fill={ "url(#" (id) "-gap)" } fill-opacity=".7" {}
            }
            @if let Some(days) = unpublished {
                @let (start, _, end) = plot.across(days);
                g class=[open.class] color=[open.color] {
                    rect x=(short(start)) y=(short(plot.top)) width=(short(end - start))
                        height=(short(plot.height)) fill="currentColor" fill-opacity=".09" {}
                    path d={ "M" (short(start)) " " (short(plot.top)) "v" (short(plot.height)) }
                        stroke="currentColor" stroke-dasharray="2 3" {}
                }
            }
        }
    }

    /// Runs of periods in which nothing of this range is known, ascending.
    pub(super) fn gaps(&self) -> Vec<DayRange> {
        let Some(first) = self.own_layers().find(|layer| !layer.points.is_empty()) else {
            return Vec::new();
        };
        let is_gap = |period: DayRange| {
            let mut points = self.own_layers().filter_map(|layer| layer.at(period));
            points.all(|point| point.value.and_then(PointValue::ends).is_none())
                && self.newest.is_none_or(|newest| period.first() <= newest)
        };
        let mut gaps: Vec<DayRange> = Vec::new();
        for period in first.points.iter().map(|point| point.range) {
            let Some(period) = self.range.intersection(period).filter(|_| is_gap(period)) else {
                continue;
            };
            let joined = gaps.last().and_then(|last| {
                (last.last().plus(1) == period.first())
                    .then(|| DayRange::new(last.first(), period.last()))?
            });
            match (gaps.last_mut(), joined) {
                (Some(last), Some(joined)) => *last = joined,
                _ => gaps.push(period),
            }
        }
        gaps
    }

    /// The days of the range that are not published yet.
    pub(super) fn unpublished(&self) -> Option<DayRange> {
        let newest = self.newest?;
        DayRange::new(newest.plus(1).max(self.range.first()), self.range.last())
    }

    /// Elements for a pointer and a script, with the values in words.
    fn periods(&self, canvas: &Canvas, plot: &Plot) -> Markup {
        let longest = self.own_layers().max_by_key(|layer| layer.points.len());
        let points = longest.map_or(&[][..], |layer| &layer.points);
        if canvas.theme.stands_alone() || points.len() > MOST_PERIODS {
            return html! {};
        }
        let inside = points.iter().filter_map(|point| {
            let shown = self.range.intersection(point.range)?;
            Some((point.range, plot.across(shown)))
        });
        html! {
            g.periods fill="none" pointer-events="all" {
                @for (range, (start, _, end)) in inside {
                    rect x=(short(start)) width=(short(end - start)) height="100%"
                        data-first=(range.first())
                        data-last=[(range.days() > 1).then_some(range.last())] {
                        title { (clean(&self.words(range))) }
                    }
                }
            }
        }
    }

    /// `2026-11-16: views 1,204, uniques 310`.
    fn words(&self, period: DayRange) -> String {
        let value = |layer: &Layer| {
            let point = layer.at(period)?;
            let value = point.value.map_or("not known".to_owned(), PointValue::text);
            Some(format!("{} {value}", layer.label))
        };
        let values: Vec<_> = self.layers.iter().filter_map(value).collect();
        format!("{}: {}", period_text(period), values.join(", "))
    }
}

/// The room around a chart that stands alone.
pub(super) fn pad(canvas: &Canvas) -> f64 {
    match canvas.theme.stands_alone() {
        true if canvas.width_px >= 480 => 16.0,
        true => 10.0,
        false => 0.0,
    }
}

fn heading_height(canvas: &Canvas) -> f64 {
    match canvas.theme.stands_alone() {
        true => pad(canvas) + 22.0,
        false => 0.0,
    }
}

fn grid(canvas: &Canvas, plot: &Plot) -> Markup {
    let paint = canvas.theme.paint(Role::Grid);
    let mut lines = Path::default();
    for tick in &plot.values.ticks {
        let y = (plot.top + plot.height * (1.0 - tick.place)).round() + 0.5;
        lines.move_to(plot.left, y).line_to(plot.right(), y);
    }
    html! {
        path class=[paint.class] color=[paint.color] d=(lines.data()) stroke="currentColor" {}
    }
}

fn axes(canvas: &Canvas, plot: &Plot, step: Step) -> Markup {
    let (axis, text) = (
        canvas.theme.paint(Role::Axis),
        canvas.theme.paint(Role::Text),
    );
    let base = plot.base().round() + 0.5;
    let bottom = plot.bottom().round() + 0.5;
    let mut lines = Path::default();
    lines.move_to(plot.left, base).line_to(plot.right(), base);
    let beyond = canvas.width() - plot.right();
    let dates = plot.days.dates(step, TEXT_PX, beyond.min(8.0));
    for date in &dates {
        let x = (plot.left + date.tick).round() + 0.5;
        lines.move_to(x, bottom).line_to(x, bottom + 4.0);
    }
    html! {
        path class=[axis.class] color=[axis.color] d=(lines.data()) stroke="currentColor"
            fill="none" {}
        g class=[text.class] color=[text.color] fill="currentColor" font-size=(TEXT_PX) {
            g text-anchor="end" {
                @for tick in &plot.values.ticks {
                    text x=(short(plot.left - 6.0))
                        y=(short(plot.top + plot.height * (1.0 - tick.place) + 4.0)) {
                        (tick.text)
                    }
                }
            }
            @for date in &dates {
                @let is_centred = date.start != date.tick;
                @let x = if is_centred { date.start + date.width / 2.0 } else { date.start };
                text x=(short(plot.left + x)) y=(short(bottom + 14.0))
                    text-anchor=[is_centred.then_some("middle")] { (date.text) }
            }
        }
    }
}
