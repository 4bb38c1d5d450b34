//! A chart on a page: the picture in two sizes, and the table that stands behind it.

use gitratra_core::DayRange;
use gitratra_render::chart::{Canvas, Table, TimeChart};
use maud::{Markup, html};

/// Sizes of a chart across the page, for large windows and for phones.
const WIDE: (u32, u32) = (1280, 300);
const NARROW: (u32, u32) = (360, 240);
/// Sizes of a chart in half a page.
const HALF: (u32, u32) = (620, 260);

/// How much of the page a chart takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Across,
    Half,
}

pub(super) const fn canvas((width_px, height_px): (u32, u32)) -> Canvas {
    Canvas::page(width_px, height_px)
}

/// A chart of days with everything around it.
pub(super) fn of_days(chart: &mut TimeChart, id: &str, place: Place) -> Markup {
    let wide = match place {
        Place::Across => WIDE,
        Place::Half => HALF,
    };
    chart.id = format!("{id}-w");
    let large = chart.svg(&canvas(wide));
    chart.id = format!("{id}-n");
    let small = chart.svg(&canvas(NARROW));
    html! {
        figure class="chart" id=(id) {
            div class="wide" { (large) }
            div class="narrow" { (small) }
            output class="told" hidden {}
            (behind(&chart.table(), &periods(chart)))
        }
    }
}

/// The days of each row of a chart's table.
fn periods(chart: &TimeChart) -> Vec<DayRange> {
    let points = chart.layers.iter().flat_map(|layer| &layer.points);
    let inside = points.filter(|point| chart.range.intersection(point.range).is_some());
    let mut periods: Vec<DayRange> = inside.map(|point| point.range).collect();
    periods.sort_by_key(|period| (period.first(), period.last()));
    periods.dedup_by_key(|period| period.first());
    periods
}

/// The table behind a chart. Rows of a chart of days have their days, for the script.
pub(super) fn behind(table: &Table, periods: &[DayRange]) -> Markup {
    html! {
        details class="behind" {
            summary { "Numbers as a table" }
            div class="scroll" tabindex="0" role="region" aria-label=(table.caption) {
                table class="behind" {
                    caption class="unseen" { (table.caption) }
                    thead {
                        tr {
                            @for (at, cell) in table.header.iter().enumerate() {
                                th scope="col" class=[(at > 0).then_some("number")] { (cell) }
                            }
                        }
                    }
                    tbody {
                        @for (at, row) in table.rows.iter().enumerate() {
                            @let days = periods.get(at);
                            tr data-first=[days.map(|days| days.first())] data-last=[days.map(|days| days.last())] {
                                @for (at, cell) in row.iter().enumerate() {
                                    @if at == 0 { th scope="row" { (cell) } }
                                    @else { td class="number" { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
