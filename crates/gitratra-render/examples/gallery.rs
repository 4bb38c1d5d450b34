//! Writes every chart into the folder that is named: pages that hold them as the
//! dashboard does, and files of SVG and PNG as a README and a chat would embed them.

use std::fs;
use std::path::Path;

use gitratra_render::chart::{
    Badge, BadgeColour, Canvas, DARK_VARS, Ink, LIGHT_VARS, PAGE_STYLE, Shape, Theme, document,
    png, rank_bar, sparkline,
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

#[path = "../tests/charts/mod.rs"]
mod charts;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for (width_px, height_px) in [(320, 180), (720, 260), (1200, 300), (2560, 600)] {
        let page = page(&Canvas::page(width_px, height_px)).into_string();
        fs::write(folder.join(format!("page-{width_px}.html")), page)?;
    }
    let month = charts::month(Shape::Area);
    for (name, theme) in [
        ("light", Theme::Light),
        ("dark", Theme::Dark),
        ("auto", Theme::Auto),
    ] {
        let canvas = Canvas {
            width_px: 800,
            height_px: 300,
            theme,
        };
        let svg = document(month.svg(&canvas));
        fs::write(folder.join(format!("month-{name}.svg")), &svg)?;
        if theme != Theme::Auto {
            fs::write(folder.join(format!("month-{name}.png")), png(&svg, 1.5)?)?;
        }
    }
    for (at, badge) in badges().iter().enumerate() {
        fs::write(folder.join(format!("badge-{at}.svg")), badge.svg())?;
        fs::write(
            folder.join(format!("badge-{at}.png")),
            png(&badge.svg(), 2.0)?,
        )?;
    }
    Ok(())
}

fn badges() -> Vec<Badge> {
    let badge = |label: &str, value: &str, colour| Badge {
        label: label.to_owned(),
        value: value.to_owned(),
        colour,
    };
    vec![
        badge("views 30d", "12.3k", BadgeColour::Blue),
        badge("clones 7d", "≥ 401", BadgeColour::Orange),
        badge("stars", "1,204", BadgeColour::Purple),
        badge("downloads", "1.5M", BadgeColour::Teal),
        badge("views", "not known", BadgeColour::Grey),
    ]
}

fn page(canvas: &Canvas) -> Markup {
    let (spark, bar) = (Canvas::page(120, 26), Canvas::page(160, 8));
    let style = format!(
        ":root{{{LIGHT_VARS}}}@media(prefers-color-scheme:dark){{:root{{{DARK_VARS}}}}}\
         {PAGE_STYLE}body{{background:var(--chart-ground);color:var(--chart-title);\
         font:14px system-ui,sans-serif;margin:24px}}figure{{margin:0 0 28px}}\
         figcaption{{margin-bottom:6px;font-weight:600}}td{{padding:4px 12px}}\
         svg.chart{{width:auto;max-width:none}}"
    );
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Charts" } style { (PreEscaped(style)) } }
            body {
                @for chart in [charts::month(Shape::Area), charts::month(Shape::Bars),
                    charts::year(), charts::decade(), charts::compared(), charts::bounds(),
                    charts::lost(), charts::unfolded()] {
                    figure { figcaption { (chart.title) } (chart.svg(canvas)) }
                }
                figure { (charts::weekdays().svg(canvas)) }
                figure { (charts::calendar(365).svg(canvas)) }
                figure { (charts::calendar(1_500).svg(canvas)) }
                @for chart in charts::extremes() {
                    figure { figcaption { (chart.title) } (chart.svg(canvas)) }
                }
                table {
                    @for ink in [Ink::Views, Ink::Clones, Ink::Stars, Ink::Downloads] {
                        tr {
                            td { (sparkline(&charts::sparks(), true, ink, &spark)) }
                            td { (sparkline(&charts::sparks()[..9], false, ink, &spark)) }
                            td { (rank_bar(0.7, 0.7, ink, &bar)) }
                            td { (rank_bar(0.2, 0.5, ink, &bar)) }
                        }
                    }
                }
                @for badge in badges() { p { (PreEscaped(badge.svg())) } }
                (charts::month(Shape::Area).table().markup())
            }
        }
    }
}
