//! A report as one HTML page: no script, nothing loaded, section after section written as it comes.

use std::io::{self, Write};

use gitratra_render::chart::{Canvas, DARK_VARS, LIGHT_VARS, PAGE_STYLE, rank_bar, sparkline};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::block::{
    Block, Cell, Change, Column, ColumnKind, Drawn, Figure, Head, Picture, Section, Table, Way,
};
use crate::method;
use crate::write::Report;

/// Up to so many repositories charts have tooltips and a table behind them.
pub(crate) const DETAILED: usize = 30;

const STYLE: &str = include_str!("html/report.css");

/// Sizes of charts across the page and in half of it.
const WIDE: (u32, u32) = (1000, 270);
const HALF: (u32, u32) = (488, 220);
const BAR: (u32, u32) = (120, 10);
const SPARK: (u32, u32) = (110, 22);

/// Everything before the sections.
pub(crate) fn begin(report: &Report<'_>, out: &mut (dyn Write + Send)) -> io::Result<()> {
    let head = report.head;
    let page = html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="generator" content=(head.made_by);
            // Nothing may be loaded, whatever a name holds.
            meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
            title { (head.title) ", " (head.days) }
            style { (PreEscaped(style())) }
        }
        (PreEscaped("<body>"))
        (top(head))
        (PreEscaped("<main>"))
        @if !report.is_alone {
            section class="cover" aria-label="All repositories" {
                (blocks(&report.before, "cover", report.is_large))
            }
            (contents(report))
        }
    };
    out.write_all(page.into_string().as_bytes())
}

fn style() -> String {
    format!(
        ":root{{{LIGHT_VARS}}}@media screen and (prefers-color-scheme:dark){{:root{{{DARK_VARS}}}}}{PAGE_STYLE}{STYLE}"
    )
}

fn top(head: &Head) -> Markup {
    html! {
        header {
            p class="kind" { "gitratra · traffic report" }
            h1 { (head.title) }
            p class="scope" { (head.scope) " · " (head.days) }
            p class={ "privacy" @if head.privacy.has_any() { " private" } } { (head.privacy.text()) }
            p class="small" { a href="#method" { (method::TITLE) } }
        }
    }
}

fn contents(report: &Report<'_>) -> Markup {
    html! {
        nav id="contents" aria-labelledby="contents-title" {
            h2 id="contents-title" { "Contents" }
            ol {
                @for (name, anchor) in report.names.iter().zip(&report.anchors) {
                    li { a href={ "#" (anchor) } { (name) } }
                }
                li { a href="#method" { (method::TITLE) } }
            }
        }
    }
}

/// One repository.
pub(crate) fn section(
    report: &Report<'_>,
    mut section: Section,
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    number_charts(&mut section.blocks, &section.anchor);
    let markup = html! {
        section class="repo" id=(section.anchor) aria-labelledby={ (section.anchor) "-name" } {
            div class="name" {
                h2 id={ (section.anchor) "-name" } { (section.name) }
                @for tag in &section.tags { span class={ "tag " (tag) } { (tag) } " " }
                @if !report.is_alone { a class="small" href="#contents" { "Contents" } }
            }
            (blocks(&section.blocks, &section.anchor, report.is_large))
        }
    };
    out.write_all(markup.into_string().as_bytes())
}

/// Everything after the sections.
pub(crate) fn end(
    report: &Report<'_>,
    notes: Vec<Block>,
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    let head = report.head;
    let markup = html! {
        section id="method" class="method" aria-labelledby="method-title" {
            h2 id="method-title" { (method::TITLE) }
            (blocks(&notes, "method", report.is_large))
        }
        (PreEscaped("</main>"))
        footer { p { (head.days) " · " (head.made_by) } }
        (PreEscaped("</body></html>\n"))
    };
    out.write_all(markup.into_string().as_bytes())
}

/// Gives each chart an id that no other one has.
pub(crate) fn number_charts(blocks: &mut [Block], prefix: &str) {
    let charts = blocks.iter_mut().filter_map(|block| match block {
        Block::Charts(charts) => Some(charts),
        _ => None,
    });
    for (at, drawn) in charts.flatten().enumerate() {
        drawn.picture.set_id(format!("{prefix}-{at}"));
    }
}

fn blocks(blocks: &[Block], prefix: &str, is_large: bool) -> Markup {
    html! {
        @for (at, block) in blocks.iter().enumerate() {
            @match block {
                Block::Heading(text) => h3 id={ (prefix) "-h" (at) } { (text) },
                Block::Text(text) => p { (text) },
                Block::Note(text) => p class="note" { (text) },
                Block::List(points) => ul { @for point in points { li { (point) } } },
                Block::Figures(figures) => (self::figures(figures)),
                Block::Charts(charts) => (self::charts(charts, is_large)),
                Block::Table(table) => (self::table(table)),
            }
        }
    }
}

fn figures(figures: &[Figure]) -> Markup {
    html! {
        dl class="figures" {
            @for figure in figures {
                div {
                    dt { (figure.label) }
                    dd class={ "large" @if figure.value.chars().count() > 9 { " long" } } { (figure.value) }
                    dd class="small" { (change(&figure.change)) " " span class="muted" { (figure.note) } }
                }
            }
        }
    }
}

fn change(change: &Change) -> Markup {
    let class = match change.way {
        Way::Up => "up",
        Way::Down => "down",
        Way::Level => "muted",
    };
    html! { @if !change.text.is_empty() { span class=(class) { (change.text) } } }
}

fn charts(charts: &[Drawn], is_large: bool) -> Markup {
    html! {
        div class={ "charts" @if charts.len() > 1 { " pair" } } {
            @for drawn in charts {
                @let size = if charts.len() > 1 { HALF } else { WIDE };
                figure {
                    figcaption { (drawn.picture.title()) }
                    div class="scroll" { (PreEscaped(svg(&drawn.picture, size, is_large))) }
                    @if !drawn.note.is_empty() { p class="note" { (drawn.note) } }
                    @if !is_large { (behind(&drawn.picture)) }
                }
            }
        }
    }
}

fn svg(picture: &Picture, (width_px, height_px): (u32, u32), is_large: bool) -> String {
    let canvas = Canvas::page(width_px, height_px);
    match picture {
        Picture::Time(chart) => {
            let text = chart.svg(&canvas).into_string();
            if is_large {
                without_tooltips(text)
            } else {
                text
            }
        }
        Picture::Weekday(chart) => chart.svg(&canvas).into_string(),
        Picture::Calendar(chart) => chart.svg(&canvas).into_string(),
    }
}

/// Leaves out the elements that only show a tooltip; hundreds of sections would weigh too much.
pub(crate) fn without_tooltips(mut svg: String) -> String {
    let start = svg.find("<g class=\"periods\"");
    let end = start.and_then(|start| Some(start + svg[start..].find("</g>")? + "</g>".len()));
    if let (Some(start), Some(end)) = (start, end) {
        svg.replace_range(start..end, "");
    }
    svg
}

/// The numbers of a chart for whoever does not see it, or wants to copy them.
fn behind(picture: &Picture) -> Markup {
    let table = match picture {
        Picture::Time(chart) => chart.table(),
        Picture::Weekday(chart) => chart.table(),
        Picture::Calendar(chart) => chart.table(),
    };
    html! { details { summary { "Numbers as a table" } div class="scroll" { (table.markup()) } } }
}

fn table(table: &Table) -> Markup {
    html! {
        div class="scroll" {
            table {
                caption { (table.caption) }
                thead {
                    tr { @for column in &table.columns { th scope="col" class=(class(column)) { (column.head) } } }
                }
                tbody {
                    @for row in &table.rows {
                        tr { @for (column, cell) in table.columns.iter().zip(row) { td class=(class(column)) { (self::cell(cell)) } } }
                    }
                }
            }
        }
        @if !table.note.is_empty() { p class="note" { (table.note) } }
    }
}

const fn class(column: &Column) -> &'static str {
    match column.kind {
        ColumnKind::Name => "name",
        ColumnKind::Word => "word",
        ColumnKind::Number => "number",
        ColumnKind::Picture => "picture",
    }
}

fn cell(cell: &Cell) -> Markup {
    html! {
        @match cell {
            Cell::Text(text) => (text),
            Cell::Section(name, anchor) => a href={ "#" (anchor) } { (name) },
            Cell::Change(change) => (self::change(change)),
            Cell::Bar(least, most, ink) => (rank_bar(*least, *most, *ink, &Canvas::page(BAR.0, BAR.1))),
            Cell::Spark(values, ink) => (sparkline(values, false, *ink, &Canvas::page(SPARK.0, SPARK.1))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_nothing() {
        for word in ["http:", "https:", "url(", "@import", "<script"] {
            assert!(!style().contains(word), "{word}");
        }
    }

    #[test]
    fn tooltips_go_and_the_rest_stays() {
        let svg = "<svg><path/><g class=\"periods\" fill=\"none\"><rect><title>x</title></rect></g><g>y</g></svg>";
        let told = without_tooltips(svg.to_owned());
        assert_eq!(told, "<svg><path/><g>y</g></svg>");
        assert_eq!(without_tooltips("<svg></svg>".to_owned()), "<svg></svg>");
    }
}
