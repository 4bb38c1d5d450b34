//! Charts in a PDF: the very SVG of pages. Its shapes are drawn by krilla-svg; its texts are set
//! with the fonts of the document, so that they are text to whoever searches or copies.

use std::collections::HashMap;

use gitratra_render::chart::{Canvas, LIGHT_VARS, document, sparkline};
use krilla::geom::{Size, Transform};
use krilla::surface::Surface;
use krilla_svg::{SurfaceExt as _, SvgSettings};
use resvg::usvg::roxmltree::{self, Node};
use resvg::usvg::{ImageHrefResolver, Options, Tree};

use super::draw::set_text;
use super::face::Fonts;
use super::flow::pixels;
use super::item::{Area, Colour, Type};
use crate::block::{Cell, Picture};
use crate::html::without_tooltips;

/// How charts are read.
pub(super) struct Charts {
    options: Options<'static>,
    /// The colours of classes.
    colours: HashMap<&'static str, Colour>,
}

/// What a text takes over from the elements around it.
#[derive(Clone, Copy)]
struct Around<'d> {
    look: Type,
    anchor: &'d str,
}

impl Charts {
    pub(super) fn new() -> Self {
        let mut colours = HashMap::new();
        let mut style = String::new();
        // The variables of pages are the one list of colours.
        for declaration in LIGHT_VARS.split(';') {
            let parts = declaration.trim_start_matches("--").split_once(':');
            if let Some((class, colour)) = parts
                && let Some(known) = parsed(colour)
            {
                style += &format!(".{class}{{color:{colour}}}");
                colours.insert(class, known);
            }
        }
        Self {
            options: Options {
                style_sheet: Some(style),
                // Nothing that a name smuggled in is ever opened.
                image_href_resolver: ImageHrefResolver {
                    resolve_data: Box::new(|_, _, _| None),
                    resolve_string: Box::new(|_, _| None),
                },
                ..Options::default()
            },
            colours,
        }
    }

    pub(super) fn colour(&self, class: &str) -> Colour {
        self.colours.get(class).copied().unwrap_or(Colour::INK)
    }

    /// Draws a chart; one that cannot be read leaves its place empty.
    pub(super) fn draw(
        &self,
        surface: &mut Surface<'_>,
        fonts: &Fonts,
        area: Area,
        picture: &Picture,
    ) {
        let canvas = Canvas::page(pixels(area.width), pixels(area.height));
        let svg = match picture {
            Picture::Time(chart) => without_tooltips(document(chart.svg(&canvas))),
            Picture::Weekday(chart) => document(chart.svg(&canvas)),
            Picture::Calendar(chart) => document(chart.svg(&canvas)),
        };
        self.draw_svg(surface, fonts, area, &svg);
    }

    /// Draws the line of a table's cell.
    pub(super) fn draw_small(
        &self,
        surface: &mut Surface<'_>,
        fonts: &Fonts,
        area: Area,
        cell: &Cell,
    ) {
        if let Cell::Spark(values, ink) = cell {
            let canvas = Canvas::page(pixels(area.width), pixels(area.height));
            let svg = document(sparkline(values, false, *ink, &canvas));
            self.draw_svg(surface, fonts, area, &svg);
        }
    }

    fn draw_svg(&self, surface: &mut Surface<'_>, fonts: &Fonts, area: Area, svg: &str) {
        let Ok(read) = roxmltree::Document::parse(svg) else {
            return;
        };
        // There are no fonts in the options, so that the tree has shapes alone.
        let Ok(tree) = Tree::from_xmltree(&read, &self.options) else {
            return;
        };
        // A calendar is as high as it has rows.
        let scale = (area.width / tree.size().width()).min(area.height / tree.size().height());
        let size = Size::from_wh(tree.size().width() * scale, tree.size().height() * scale);
        let Some(size) = size else { return };
        surface.push_transform(&Transform::from_translate(area.x, area.y));
        surface.draw_svg(&tree, size, SvgSettings::default());
        surface.pop();
        let around = Around {
            look: Type::plain(11.0, Colour::MUTED),
            anchor: "start",
        };
        self.texts(surface, fonts, read.root_element(), around, (area, scale));
    }

    fn texts(
        &self,
        surface: &mut Surface<'_>,
        fonts: &Fonts,
        node: Node<'_, '_>,
        around: Around<'_>,
        (area, scale): (Area, f32),
    ) {
        if matches!(node.tag_name().name(), "title" | "desc" | "defs" | "style") {
            return;
        }
        let mut look = around.look;
        if let Some(size) = number(node, "font-size") {
            look.size = size;
        }
        if let Some(weight) = node.attribute("font-weight") {
            look.is_bold = matches!(weight, "600" | "700" | "bold");
        }
        let classes = node.attribute("class").unwrap_or_default();
        let known = classes.split(' ').find_map(|class| self.colours.get(class));
        if let Some(colour) = known {
            look.colour = *colour;
        }
        let around = Around {
            look,
            anchor: node.attribute("text-anchor").unwrap_or(around.anchor),
        };
        if node.tag_name().name() != "text" {
            for child in node.children().filter(Node::is_element) {
                self.texts(surface, fonts, child, around, (area, scale));
            }
            return;
        }
        let text: String = node
            .descendants()
            .filter(Node::is_text)
            .filter_map(|part| part.text())
            .collect();
        let text = fonts.writable(text.trim());
        let look = Type {
            size: around.look.size * scale,
            ..around.look
        };
        let width = fonts.width(&text, look);
        let x = area.x + number(node, "x").unwrap_or(0.0) * scale;
        let x = match around.anchor {
            "middle" => x - width / 2.0,
            "end" => x - width,
            _ => x,
        };
        let y = area.y + number(node, "y").unwrap_or(0.0) * scale;
        set_text(surface, fonts, (x, y), look, &text);
    }
}

fn number(node: Node<'_, '_>, name: &str) -> Option<f32> {
    node.attribute(name)?.parse().ok()
}

/// `#2f6fdb`.
fn parsed(colour: &str) -> Option<Colour> {
    let digits = colour
        .strip_prefix('#')
        .filter(|digits| digits.len() == 6)?;
    let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some(Colour(channel(0)?, channel(2)?, channel(4)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitratra_render::chart::Ink;

    #[test]
    fn charts_have_the_colours_of_pages() {
        let charts = Charts::new();
        assert_eq!(charts.colour(Ink::Views.class()), Colour(0x2f, 0x6f, 0xdb));
        assert_ne!(charts.colour(Ink::Clones.class()), Colour::INK);
    }
}
