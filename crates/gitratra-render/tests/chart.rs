//! Charts as they are, at three sizes and in every theme, and what must hold for all of them.

mod charts;

use std::collections::BTreeSet;

use gitratra_core::figures::Step;
use gitratra_core::{Day, DayRange};
use gitratra_render::chart::{
    AUTO_STYLE, Badge, BadgeColour, Canvas, Cell, ChartMark, ChartMarkKind, Ink, PngError,
    PointValue, Shape, Theme, TimeChart, document, png, rank_bar, sparkline, step_that_fits,
};
use maud::Markup;
use proptest::prelude::*;
use resvg::usvg::{self, roxmltree};

const SIZES: [(u32, u32); 3] = [(320, 180), (720, 260), (2560, 600)];
const THEMES: [Theme; 4] = [Theme::Css, Theme::Light, Theme::Dark, Theme::Auto];

fn time_charts() -> Vec<TimeChart> {
    let mut bars = charts::month(Shape::Bars);
    bars.id = "month-bars".to_owned();
    vec![
        charts::month(Shape::Area),
        bars,
        charts::year(),
        charts::decade(),
        charts::compared(),
        charts::bounds(),
        charts::lost(),
    ]
}

/// Every chart there is, by name.
fn all(canvas: &Canvas) -> Vec<(String, Markup)> {
    let mut charts: Vec<_> = time_charts();
    charts.extend(charts::extremes());
    charts.push(charts::unfolded());
    let mut all: Vec<_> = charts
        .iter()
        .map(|chart| (chart.id.clone(), chart.svg(canvas)))
        .collect();
    all.push(("weekdays".to_owned(), charts::weekdays().svg(canvas)));
    for days in [1, 40, 365, 1_500] {
        let calendar = charts::calendar(days);
        all.push((calendar.id.clone(), calendar.svg(canvas)));
    }
    all
}

fn canvas((width_px, height_px): (u32, u32), theme: Theme) -> Canvas {
    Canvas {
        width_px,
        height_px,
        theme,
    }
}

/// An element on each line, so that a change is seen where it is.
fn by_line(svg: &str) -> String {
    svg.replace("><", ">\n<")
}

#[test]
fn charts_stay_as_they_are() {
    for size in SIZES {
        let canvas = canvas(size, Theme::Css);
        let named = |name: &str| format!("{name}-{}", size.0);
        for chart in time_charts() {
            let svg = by_line(&chart.svg(&canvas).into_string());
            insta::assert_snapshot!(named(&chart.id), svg);
        }
        let weekdays = charts::weekdays().svg(&canvas).into_string();
        insta::assert_snapshot!(named("weekdays"), by_line(&weekdays));
        let calendar = charts::calendar(365).svg(&canvas).into_string();
        insta::assert_snapshot!(named("calendar"), by_line(&calendar));
    }
}

#[test]
fn themes_stay_as_they_are() {
    for theme in [Theme::Light, Theme::Dark, Theme::Auto] {
        let svg = document(charts::month(Shape::Area).svg(&canvas((720, 260), theme)));
        insta::assert_snapshot!(format!("month-{theme:?}"), by_line(&svg));
    }
}

#[test]
fn every_chart_is_well_formed_and_its_references_lead_somewhere() {
    for size in SIZES {
        for theme in THEMES {
            for (name, markup) in all(&canvas(size, theme)) {
                let file = document(markup);
                let tree = roxmltree::Document::parse(&file).unwrap();
                let ids: Vec<_> = tree
                    .descendants()
                    .filter_map(|node| node.attribute("id"))
                    .collect();
                let distinct: BTreeSet<_> = ids.iter().collect();
                assert_eq!(ids.len(), distinct.len(), "{name}");
                for node in tree.descendants() {
                    let fill = node.attribute("fill").unwrap_or("");
                    if let Some(id) = fill.strip_prefix("url(#") {
                        assert!(ids.contains(&id.trim_end_matches(')')), "{name}: {fill}");
                    }
                    let labels = node.attribute("aria-labelledby").unwrap_or("");
                    let is_known = |id: &str| ids.contains(&id);
                    assert!(labels.split_whitespace().all(is_known), "{name}: {labels}");
                }
            }
        }
    }
}

#[test]
fn a_page_needs_no_exception_for_a_chart() {
    for size in SIZES {
        for (name, markup) in all(&canvas(size, Theme::Css)) {
            let file = document(markup);
            let tree = roxmltree::Document::parse(&file).unwrap();
            for node in tree.descendants() {
                let element = node.tag_name().name();
                assert!(!matches!(element, "style" | "script"), "{name}: {element}");
                for attribute in node.attributes() {
                    let attribute = attribute.name();
                    let is_forbidden = attribute == "style" || attribute.starts_with("on");
                    assert!(!is_forbidden && attribute != "color", "{name}: {attribute}");
                }
            }
        }
    }
}

#[test]
fn the_stylesheet_inside_a_chart_is_constant() {
    for (name, markup) in all(&canvas((720, 260), Theme::Auto)) {
        let style = format!("<style>{AUTO_STYLE}</style>");
        assert_eq!(markup.into_string().matches(&style).count(), 1, "{name}");
    }
}

/// The boxes of all texts as they are drawn with the font of the pictures.
fn texts(svg: &str) -> Vec<(String, usvg::Rect)> {
    fn collect(group: &usvg::Group, found: &mut Vec<(String, usvg::Rect)>) {
        for node in group.children() {
            match node {
                usvg::Node::Group(group) => collect(group, found),
                usvg::Node::Text(text) => {
                    let words = text.chunks().iter().map(usvg::TextChunk::text);
                    found.push((words.collect(), text.abs_bounding_box()));
                }
                _ => {}
            }
        }
    }
    let mut options = usvg::Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    let tree = usvg::Tree::from_str(svg, &options).expect("an SVG file");
    let mut found = Vec::new();
    collect(tree.root(), &mut found);
    found
}

fn assert_readable(name: &str, svg: &str, size: (u32, u32)) {
    let texts = texts(svg);
    for (at, (text, one)) in texts.iter().enumerate() {
        let is_inside = one.left() >= -0.5 && one.right() <= size.0 as f32 + 0.5;
        assert!(is_inside, "{name} {size:?}: \"{text}\" leaves the canvas");
        for (other_text, other) in &texts[at + 1..] {
            let apart = one.right() <= other.left()
                || other.right() <= one.left()
                || one.bottom() <= other.top() + 1.0
                || other.bottom() <= one.top() + 1.0;
            assert!(
                apart,
                "{name} {size:?}: \"{text}\" touches \"{other_text}\""
            );
        }
    }
}

#[test]
fn no_text_touches_another_or_leaves_the_canvas() {
    for size in SIZES {
        for (name, markup) in all(&canvas(size, Theme::Light)) {
            assert_readable(&name, &document(markup), size);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_chart_can_be_read(
        days in prop_oneof![1_u32..10, 1_u32..100, 1_u32..4_000],
        marks in proptest::collection::vec((0_i64..4_000, 0_u8..4, "[a-zé世 ]{0,30}"), 0..30),
        largest in prop_oneof![Just(0.0), 0.001_f64..1.0, 1.0_f64..1e4, 1e4_f64..1e13],
        size in (240_u32..1_400, 150_u32..500),
        is_log: bool,
    ) {
        let mut chart = charts::bounds();
        let range = DayRange::ending(chart.range.last(), days);
        chart.range = range;
        chart.step = step_that_fits(range, size.0);
        chart.scale = if is_log {
            gitratra_render::chart::Scale::Log
        } else {
            gitratra_render::chart::Scale::Linear
        };
        let periods = chart.step.of(range).into_iter().enumerate();
        chart.layers[0].points = periods
            .map(|(at, range)| gitratra_render::chart::Point {
                range,
                value: (at % 7 != 3).then_some(PointValue::Measured(largest / (at + 1) as f64)),
            })
            .collect();
        chart.marks = marks
            .into_iter()
            .map(|(back, kind, text)| ChartMark {
                day: range.last().plus(-(back % range.days())),
                kind: [
                    ChartMarkKind::Release,
                    ChartMarkKind::Tag,
                    ChartMarkKind::Note,
                    ChartMarkKind::Spike,
                ][usize::from(kind)],
                text,
                href: None,
            })
            .collect();
        let svg = document(chart.svg(&canvas(size, Theme::Light)));
        assert_readable("any", &svg, size);
    }
}

#[test]
fn a_month_is_light() {
    let canvas = Canvas::page(720, 260);
    let mut month = charts::month(Shape::Area);
    let full = month.svg(&canvas).into_string();
    assert!(full.len() < 12_000, "{} bytes", full.len());
    month.layers.pop();
    month.marks.truncate(2);
    let usual = month.svg(&canvas).into_string();
    assert!(usual.len() < 9_500, "{} bytes", usual.len());
    let unfolded = charts::unfolded().svg(&canvas).into_string();
    assert!(unfolded.len() < 60_000, "{} bytes", unfolded.len());
}

#[test]
fn a_gap_is_never_drawn_as_a_value() {
    let canvas = Canvas::page(720, 260);
    let [nothing, zeros] = ["nothing known", "all zeros"].map(|id| {
        let chart = charts::extremes().into_iter().find(|chart| chart.id == id);
        chart.unwrap().svg(&canvas).into_string()
    });
    let layer = "<g class=\"ink-views\">";
    assert!(nothing.contains(&format!("{layer}</g>")));
    assert!(nothing.contains("url(#nothing-known-gap)"));
    assert!(!zeros.contains(&format!("{layer}</g>")));
    assert!(!zeros.contains("url(#all-zeros-gap)"));
}

#[test]
fn every_mark_that_leads_somewhere_is_a_link_outside_of_the_picture() {
    let chart = charts::month(Shape::Area);
    let file = document(chart.svg(&Canvas::page(720, 260)));
    let tree = roxmltree::Document::parse(&file).unwrap();
    let links: Vec<_> = tree
        .descendants()
        .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "a")))
        .collect();
    let hrefs: Vec<_> = links.iter().map(|link| link.attribute("href")).collect();
    let expected: Vec<_> = chart
        .marks
        .iter()
        .map(|mark| mark.href.as_deref())
        .collect();
    assert_eq!(hrefs, expected);
    for link in links {
        let title = link
            .descendants()
            .find(|node| node.tag_name().name() == "title");
        assert!(title.is_some_and(|title| !title.text().unwrap_or("").is_empty()));
        // What is inside a picture or hidden cannot be a link.
        let is_lost = |node: roxmltree::Node<'_, '_>| {
            node.attribute("role") == Some("img") || node.attribute("aria-hidden").is_some()
        };
        assert!(!link.ancestors().any(is_lost));
    }
}

#[test]
fn periods_can_be_found_by_a_script() {
    let file = document(charts::month(Shape::Area).svg(&Canvas::page(720, 260)));
    let tree = roxmltree::Document::parse(&file).unwrap();
    let root = tree.root_element();
    assert_eq!(root.attribute("data-first"), Some("2026-10-24"));
    assert_eq!(root.attribute("data-last"), Some("2026-11-22"));
    assert_eq!(root.attribute("data-step"), Some("day"));
    let number = |node: &roxmltree::Node<'_, '_>, name| -> f64 {
        node.attribute(name).unwrap().parse().unwrap()
    };
    let periods: Vec<_> = tree
        .descendants()
        .filter(|node| node.tag_name().name() == "rect" && node.attribute("data-first").is_some())
        .collect();
    assert_eq!(periods.len(), 30);
    let left = number(&root, "data-plot-left");
    let right = left + number(&root, "data-plot-width");
    assert!((number(&periods[0], "x") - left).abs() < 0.2);
    let last = periods.last().unwrap();
    assert!((number(last, "x") + number(last, "width") - right).abs() < 0.2);
    let words = periods[0].first_element_child().unwrap().text();
    let expected = "2026-10-24: views 282, unique visitors 89, views, 30 days before 410";
    assert_eq!(words, Some(expected));
}

#[test]
fn the_table_tells_what_the_chart_shows() {
    let table = charts::month(Shape::Area).table();
    let told = |day: &str| {
        let row = table.rows.iter().find(|row| row[0] == day).unwrap();
        row[1..].join(" | ")
    };
    assert_eq!(
        table.header.join(" | "),
        "Day | views | unique visitors | views, 30 days before | State | Marks"
    );
    let measured = "574 | 181 | 402 | measured | release v1.2.0";
    assert_eq!(told("2026-10-28"), measured);
    assert_eq!(told("2026-11-04"), "– | – | 436 | gap | ");
    assert_eq!(told("2026-11-20"), "≥ 233 | ≥ 74 | 403 | partial | ");
    assert_eq!(told("2026-11-22"), "– | – | 322 | not published yet | ");
    for row in &table.rows {
        assert_eq!(row.len(), table.header.len());
    }
}

#[test]
fn days_are_folded_where_they_would_clutter() {
    let check = |days, width_px, expected| {
        let range = DayRange::ending(Day::from_epoch_days(20_000).unwrap(), days);
        assert_eq!(
            step_that_fits(range, width_px),
            expected,
            "{days} {width_px}"
        );
    };
    check(30, 320, Step::Day);
    check(90, 320, Step::Week);
    check(90, 720, Step::Day);
    check(365, 720, Step::Week);
    check(365, 2_560, Step::Day);
    check(7_300, 720, Step::Month);
}

#[test]
fn a_picture_has_the_size_and_the_text_of_its_chart() {
    let chart = charts::month(Shape::Area);
    let svg = document(chart.svg(&canvas((720, 260), Theme::Light)));
    let picture = png(&svg, 2.0).unwrap();
    let pixels = resvg::tiny_skia::Pixmap::decode_png(&picture).unwrap();
    assert_eq!((pixels.width(), pixels.height()), (1440, 520));
    for (text, bounds) in texts(&svg) {
        let dark = (bounds.left() as u32 * 2..bounds.right() as u32 * 2).any(|x| {
            let y = (bounds.top() as u32 * 2..bounds.bottom() as u32 * 2)
                .map(|y| pixels.pixel(x, y))
                .find(|pixel| pixel.is_some_and(|pixel| pixel.red() < 140));
            y.is_some()
        });
        assert!(dark, "\"{text}\" is not seen");
    }
}

#[test]
fn a_picture_is_neither_colourless_nor_endless() {
    let chart = charts::month(Shape::Area);
    let colourless = document(chart.svg(&Canvas::page(720, 260)));
    assert!(matches!(png(&colourless, 1.0), Err(PngError::NoColours)));
    let auto = document(chart.svg(&canvas((720, 260), Theme::Auto)));
    assert!(matches!(png(&auto, 1.0), Err(PngError::NoColours)));
    let huge = document(chart.svg(&canvas((60_000, 60_000), Theme::Light)));
    assert!(matches!(png(&huge, 1.0), Err(PngError::TooLarge { .. })));
    assert!(matches!(
        png("no picture", 1.0),
        Err(PngError::Malformed(_))
    ));
}

#[test]
fn nothing_in_a_picture_is_read_from_a_file() {
    let with = |image: &str| {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\">{image}</svg>"
        );
        png(&svg, 1.0).unwrap()
    };
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/charts/dot.svg");
    let image = format!("<image href=\"{here}\" width=\"9\" height=\"9\"/>");
    assert_eq!(with(&image), with(""));
}

fn badge(label: &str, value: &str) -> Badge {
    Badge {
        label: label.to_owned(),
        value: value.to_owned(),
        colour: BadgeColour::Blue,
    }
}

#[test]
fn a_badge_stays_as_it_is() {
    insta::assert_snapshot!(by_line(&badge("views 30d", "12.3k").svg()));
}

#[test]
fn a_badge_takes_any_text() {
    for (label, value) in [
        ("", "1"),
        ("<b>&\"'", "\u{202e}\u{0}]]>"),
        (&"long ".repeat(80), "世界"),
        ("views", ""),
    ] {
        let svg = badge(label, value).svg();
        let tree = roxmltree::Document::parse(&svg).unwrap();
        let wide: f64 = tree
            .root_element()
            .attribute("width")
            .unwrap()
            .parse()
            .unwrap();
        assert!((12.0..480.0).contains(&wide), "{wide}");
    }
    let long = badge(&"long ".repeat(80), "1").svg();
    assert!(long.contains("…</text>"), "{long}");
}

#[test]
fn a_badge_for_another_service_says_the_same() {
    let endpoint = badge(" views ", "12.3k").endpoint();
    assert_eq!(endpoint.schema_version, 1);
    assert_eq!(
        (
            endpoint.label.as_str(),
            endpoint.message.as_str(),
            endpoint.color.as_str()
        ),
        ("views", "12.3k", "1f62c9")
    );
}

#[test]
fn a_sparkline_is_small_and_has_a_hole_where_nothing_is_known() {
    let canvas = Canvas::page(120, 26);
    let svg = |values: &[Option<f64>]| sparkline(values, false, Ink::Views, &canvas).into_string();
    let lines = |svg: &str| {
        svg.rsplit("<path d=\"")
            .next()
            .unwrap()
            .matches('M')
            .count()
    };
    assert_eq!(
        lines(&svg(&[Some(1.0), Some(2.0), Some(3.0), Some(2.0)])),
        1
    );
    assert_eq!(
        lines(&svg(&[Some(1.0), Some(2.0), None, Some(3.0), Some(2.0)])),
        2
    );
    let month = sparkline(&charts::sparks(), true, Ink::Views, &canvas).into_string();
    assert!(month.len() < 1_000, "{} bytes", month.len());
    assert!(!svg(&[None, None]).contains("<path"));
    assert!(!svg(&[]).contains("NaN"));
}

#[test]
fn the_unsure_part_of_a_bar_is_lighter() {
    let canvas = Canvas::page(100, 8);
    let bar = |least, most| rank_bar(least, most, Ink::Views, &canvas).into_string();
    assert!(!bar(0.5, 0.5).contains("fill-opacity"));
    assert!(bar(0.5, 0.8).contains("x=\"50\" width=\"30\""));
    assert!(bar(0.000_1, 0.000_1).contains("width=\"1\" height=\"8\""));
    assert!(!bar(0.0, 0.0).contains("<rect"));
    assert!(!bar(f64::NAN, f64::INFINITY).contains("NaN"));
}

#[test]
fn a_calendar_begins_with_its_history() {
    let calendar = charts::calendar(365);
    let svg = calendar.svg(&Canvas::page(720, 0)).into_string();
    let begins = calendar.days.iter().find(|day| day.cell != Cell::Outside);
    assert!(svg.contains(&format!("data-first=\"{}\"", begins.unwrap().day)));
    assert_eq!(calendar.table().rows.len(), 365);
}

#[test]
fn a_level_is_nothing_only_where_there_is_nothing() {
    let check = |value, expected| assert_eq!(Cell::level(value, 1_000.0), expected, "{value}");
    check(0.0, 0);
    check(1.0, 1);
    check(250.0, 1);
    check(251.0, 2);
    check(1_000.0, 4);
    assert_eq!(Cell::level(0.0, 0.0), 0);
}
