//! The contents: every section with its page, in two columns.

use super::Part;
use super::face::Fonts;
use super::flow::Flow;
use super::item::{Area, Colour, Geometry, Item, Role, Type};

const ENTRY: Type = Type::plain(8.5, Colour::INK);
const NUMBER: Type = Type::plain(8.5, Colour::MUTED);
const LINE: f32 = 13.0;
const BESIDE: f32 = 22.0;
/// Room for the heading on the first page.
const HEADING: f32 = 40.0;

/// Lays out the contents of `parts`, of which the first is the cover; the contents will stand after
/// it. `entries` are names and anchors of all parts but that.
pub(crate) fn lay_out(
    fonts: &Fonts,
    geometry: Geometry,
    entries: &[(&str, &str)],
    parts: &[Part],
) -> Part {
    let mut flow = Flow::new(fonts, geometry);
    flow.open(Role::Section);
    flow.chapter("Contents", "contents");
    // How many pages the contents take follows from the number of entries alone.
    let own = pages(geometry, entries.len());
    let mut page = parts.first().map_or(0, |cover| cover.sheets.len()) + own + 1;
    let mut lines: Vec<(&str, &str, usize)> = Vec::with_capacity(entries.len());
    for ((name, anchor), part) in entries.iter().zip(&parts[1..]) {
        lines.push((name, anchor, page));
        page += part.sheets.len();
    }
    let width = (geometry.room() - BESIDE) / 2.0;
    let mut rest = lines.as_slice();
    let mut is_first = true;
    while !rest.is_empty() {
        if !is_first {
            flow.new_page();
        }
        let top = match is_first {
            true => geometry.top + HEADING,
            false => geometry.top,
        };
        let in_column = rows(geometry, is_first);
        for column in 0..2 {
            let (shown, more) = rest.split_at(in_column.min(rest.len()));
            rest = more;
            let x = geometry.left + if column == 0 { 0.0 } else { width + BESIDE };
            flow.y = top;
            for (name, anchor, page) in shown {
                line(&mut flow, (x, width), name, anchor, *page);
            }
        }
        is_first = false;
    }
    flow.close();
    flow.finish()
}

fn line(flow: &mut Flow<'_>, (x, width): (f32, f32), name: &str, anchor: &str, page: usize) {
    let number = page.to_string();
    let wide = flow.fonts.width(&number, NUMBER);
    let name = flow.fonts.writable(name);
    let name = flow.fonts.fitted(&name, ENTRY, width - wide - 14.0);
    let name = name.into_owned();
    let end = x + flow.fonts.width(&name, ENTRY) + 4.0;
    let y = flow.y + LINE - 3.5;
    flow.put(Item::Link(
        Area {
            x,
            y: flow.y,
            width,
            height: LINE,
        },
        anchor.to_owned(),
    ));
    flow.open(Role::Paragraph);
    flow.text(x, y, ENTRY, name);
    // A thin line leads the eye to the number.
    let leader = Area {
        x: end,
        y: y - 0.3,
        width: (x + width - wide - 4.0 - end).max(0.0),
        height: 0.4,
    };
    flow.put(Item::Fill(leader, Colour::LINE));
    flow.text(x + width - wide, y, NUMBER, number);
    flow.close();
    flow.y += LINE;
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a page has few lines"
)]
fn rows(geometry: Geometry, is_first: bool) -> usize {
    let room = geometry.bottom - geometry.top - if is_first { HEADING } else { 0.0 };
    (room / LINE).floor() as usize
}

fn pages(geometry: Geometry, entries: usize) -> usize {
    let first = 2 * rows(geometry, true);
    let more = entries.saturating_sub(first);
    1 + more.div_ceil(2 * rows(geometry, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::Paper;

    #[test]
    fn the_contents_take_as_many_pages_as_they_say() {
        let fonts = Fonts::load().unwrap();
        let geometry = Geometry::of(Paper::A4);
        for number in [1, 60, 105, 106, 500] {
            let names: Vec<String> = (0..number).map(|at| format!("octo/name-{at}")).collect();
            let entries: Vec<(&str, &str)> =
                names.iter().map(|name| (name.as_str(), "a")).collect();
            let part = || Part {
                sheets: vec![Default::default()],
                marks: Vec::new(),
            };
            let parts: Vec<Part> = (0..=number).map(|_| part()).collect();
            let laid = lay_out(&fonts, geometry, &entries, &parts);
            assert_eq!(laid.sheets.len(), pages(geometry, number), "{number}");
        }
    }
}
