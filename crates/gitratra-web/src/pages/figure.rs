//! A chart on a page: the picture in two sizes, its legend, and the table that stands behind it.

use gitratra_render::chart::{Canvas, Table, Theme, TimeChart, swatch};
use maud::{Markup, html};

/// Sizes of a chart across the page, for large windows and for phones.
const WIDE: (u32, u32) = (1120, 280);
const NARROW: (u32, u32) = (400, 240);
/// Sizes of a chart in half a page.
const HALF: (u32, u32) = (560, 240);

/// How much of the page a chart takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Across,
    Half,
}

pub(super) fn canvas((width_px, height_px): (u32, u32)) -> Canvas {
    Canvas {
        width_px,
        height_px,
        theme: Theme::Css,
    }
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
            ul class="legend" {
                @for layer in &chart.layers {
                    li { (swatch(layer)) (layer.label) }
                }
            }
            div class="wide" { (large) }
            div class="narrow" { (small) }
            output class="told" hidden {}
            (behind(&chart.table()))
        }
    }
}

/// The table behind a chart.
pub(super) fn behind(table: &Table) -> Markup {
    html! {
        details class="behind" {
            summary { "Numbers as a table" }
            div class="scroll" tabindex="0" role="region" aria-label=(table.title) {
                table class="behind" {
                    caption class="unseen" { (table.title) }
                    thead {
                        tr {
                            @for (at, cell) in table.head.iter().enumerate() {
                                th scope="col" class=[(at > 0).then_some("number")] { (cell) }
                            }
                        }
                    }
                    tbody {
                        @for row in &table.rows {
                            tr data-first=(row.range.first()) data-last=(row.range.last()) {
                                @for (at, cell) in row.cells.iter().enumerate() {
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
