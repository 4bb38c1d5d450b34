//! Draws pages, with what they mean to those who do not see them.

use std::collections::HashMap;
use std::num::NonZeroU16;

use gitratra_core::Day;
use gitratra_render::chart::Ink;
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, ListNumbering, SpanTag, TableHeaderScope, Tag, TagGroup,
    TagTree,
};
use krilla::{Document, SerializeSettings};

use super::Part;
use super::chart::Charts;
use super::face::Fonts;
use super::item::{Area, Colour, Geometry, Item, Mark, Role, Sheet, Type};
use crate::block::{Cell, Head};
use crate::question::ReportError;

const FOOT: Type = Type::plain(7.5, Colour::MUTED);

/// Draws all parts, one after another.
pub(super) fn draw(
    head: &Head,
    newest: Day,
    fonts: &Fonts,
    geometry: Geometry,
    parts: Vec<Part>,
) -> Result<Vec<u8>, ReportError> {
    let mut document = Document::new_with(SerializeSettings::default());
    document.set_metadata(metadata(head, newest));
    let mut outline = Outline::new();
    let mut places: HashMap<String, (usize, f32)> = HashMap::new();
    let mut first = 0;
    for part in &parts {
        add_marks(&part.marks, first, geometry, &mut outline, &mut places);
        first += part.sheets.len();
    }
    let mut drawer = Drawer {
        head,
        fonts,
        geometry,
        charts: Charts::new(),
        places,
        tree: TagTree::new().with_lang(Some("en".to_owned())),
        open: Vec::new(),
        pages: first,
    };
    let sheets = parts.into_iter().flat_map(|part| part.sheets);
    for (number, sheet) in sheets.enumerate() {
        drawer.page(&mut document, number, sheet);
    }
    document.set_outline(outline);
    document.set_tag_tree(drawer.tree);
    let refused = |error| ReportError::Pages(format!("{error:?}"));
    document.finish().map_err(refused)
}

/// Nothing of it is of the moment at which it is made.
fn metadata(head: &Head, newest: Day) -> Metadata {
    let (year, month, day) = newest.ymd();
    let small = |number: i8| u8::try_from(number).unwrap_or(1);
    let date = DateTime::new(u16::try_from(year).unwrap_or(1970))
        .month(small(month))
        .day(small(day))
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(0);
    Metadata::new()
        .title(head.title.clone())
        .description(format!(
            "{}, {}. {}",
            head.scope,
            head.days,
            head.privacy.text()
        ))
        .creator(head.made_by.trim_start_matches("made by ").to_owned())
        .language("en".to_owned())
        .creation_date(date)
}

/// Notes where the marks of a part are, and puts them into the outline.
fn add_marks(
    marks: &[Mark],
    first: usize,
    geometry: Geometry,
    outline: &mut Outline,
    places: &mut HashMap<String, (usize, f32)>,
) {
    let mut chapter: Option<OutlineNode> = None;
    for mark in marks {
        let page = first + mark.page;
        if !mark.anchor.is_empty() {
            places.insert(mark.anchor.clone(), (page, mark.y));
        }
        let place = Point::from_xy(geometry.left, (mark.y - 10.0).max(0.0));
        let node = OutlineNode::new(mark.text.clone(), XyzDestination::new(page, place));
        match (&mut chapter, mark.level) {
            (Some(chapter), 2..) => chapter.push_child(node),
            _ => {
                if let Some(done) = chapter.replace(node) {
                    outline.push_child(done);
                }
            }
        }
    }
    if let Some(done) = chapter {
        outline.push_child(done);
    }
}

/// What is open while a page is drawn.
enum Open {
    Group(Role, TagGroup),
    Artifact,
}

struct Drawer<'d> {
    head: &'d Head,
    fonts: &'d Fonts,
    geometry: Geometry,
    charts: Charts,
    /// Page and height of what links lead to.
    places: HashMap<String, (usize, f32)>,
    tree: TagTree,
    open: Vec<Open>,
    pages: usize,
}

impl Drawer<'_> {
    fn page(&mut self, document: &mut Document, number: usize, sheet: Sheet) {
        let Some(settings) = PageSettings::from_wh(self.geometry.width, self.geometry.height)
        else {
            return;
        };
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        let mut links = Vec::new();
        for item in sheet.items {
            self.item(&mut surface, item, &mut links);
        }
        self.edges(&mut surface, number);
        surface.finish();
        for (area, anchor) in links {
            let Some((to, y)) = self.places.get(&anchor) else {
                continue;
            };
            let place = Point::from_xy(self.geometry.left, (y - 10.0).max(0.0));
            let target = Target::Destination(XyzDestination::new(*to, place).into());
            let rect = Rect::from_xywh(area.x, area.y, area.width.max(1.0), area.height);
            if let Some(rect) = rect {
                let link = LinkAnnotation::new(rect, target);
                page.add_annotation(Annotation::new_link(link, None));
            }
        }
        page.finish();
    }

    fn item(&mut self, surface: &mut Surface<'_>, item: Item, links: &mut Vec<(Area, String)>) {
        match item {
            Item::Open(Role::Artifact) => self.open.push(Open::Artifact),
            Item::Open(role) => {
                let group = group(&role);
                self.open.push(Open::Group(role, group));
            }
            Item::Close => self.close(),
            Item::Link(area, anchor) => links.push((area, anchor)),
            Item::Fill(area, colour) => {
                decorated(surface, |surface| fill(surface, area, colour, 1.0));
            }
            Item::Text { x, y, look, text } => self.text(surface, (x, y), look, &text),
            Item::Chart(area, picture) => {
                let id = self.begin(surface, ContentTag::Other);
                self.charts.draw(surface, self.fonts, area, &picture);
                self.end(surface, id);
            }
            Item::Small(area, cell) => {
                let charts = &self.charts;
                let fonts = self.fonts;
                decorated(surface, |surface| match cell {
                    Cell::Bar(least, most, ink) => bar(surface, charts, area, (least, most), ink),
                    cell => charts.draw_small(surface, fonts, area, &cell),
                });
            }
        }
    }

    fn text(&mut self, surface: &mut Surface<'_>, at: (f32, f32), look: Type, text: &str) {
        let id = self.begin(surface, ContentTag::Span(SpanTag::empty()));
        set_text(surface, self.fonts, at, look, text);
        self.end(surface, id);
    }

    /// Begins content of what is open; outside of everything it is for the eye alone.
    fn begin(
        &self,
        surface: &mut Surface<'_>,
        tag: ContentTag<'_>,
    ) -> Option<krilla::tagging::Identifier> {
        match self.open.last() {
            Some(Open::Group(..)) => Some(surface.start_tagged(tag)),
            Some(Open::Artifact) | None => {
                surface.start_tagged(layout());
                None
            }
        }
    }

    fn end(&mut self, surface: &mut Surface<'_>, id: Option<krilla::tagging::Identifier>) {
        surface.end_tagged();
        if let (Some(id), Some(Open::Group(_, group))) = (id, self.open.last_mut()) {
            group.push(id);
        }
    }

    fn close(&mut self) {
        let Some(Open::Group(role, mut group)) = self.open.pop() else {
            return;
        };
        if group.children.is_empty() {
            return;
        }
        if role == Role::Point {
            group = TagGroup::with_children(Tag::LI, vec![group.into()]);
        }
        match self.open.last_mut() {
            Some(Open::Group(_, parent)) => parent.push(group),
            _ => self.tree.push(group),
        }
    }

    /// What stands above and below each page.
    fn edges(&self, surface: &mut Surface<'_>, number: usize) {
        let geometry = self.geometry;
        let (left, right) = (geometry.left, geometry.right);
        decorated(surface, |surface| {
            if number > 0 {
                let title = self.fonts.writable(&self.head.title);
                let title = self.fonts.fitted(&title, FOOT, geometry.room() - 120.0);
                set_text(surface, self.fonts, (left, 36.0), FOOT, &title);
                if self.head.privacy.has_any() {
                    let look = Type::bold(7.5, Colour::WARN);
                    let text = "contains PRIVATE data";
                    let x = right - self.fonts.width(text, look);
                    set_text(surface, self.fonts, (x, 36.0), look, text);
                }
                fill(surface, rule(geometry, 42.0), Colour::LINE, 1.0);
            }
            let y = geometry.height - 32.0;
            fill(surface, rule(geometry, y - 12.0), Colour::LINE, 1.0);
            let text = format!("{} · {}", self.head.days, self.head.made_by);
            set_text(surface, self.fonts, (left, y), FOOT, &text);
            let text = format!("{} / {}", number + 1, self.pages);
            let x = right - self.fonts.width(&text, FOOT);
            set_text(surface, self.fonts, (x, y), FOOT, &text);
        });
    }
}

const fn rule(geometry: Geometry, y: f32) -> Area {
    Area {
        x: geometry.left,
        y,
        width: geometry.room(),
        height: 0.5,
    }
}

fn group(role: &Role) -> TagGroup {
    match role {
        Role::Section => TagGroup::new(Tag::Section),
        Role::Heading(level, text) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            TagGroup::new(Tag::Hn(level, Some(text.clone())))
        }
        Role::Paragraph | Role::Artifact => TagGroup::new(Tag::P),
        Role::List => TagGroup::new(Tag::L(ListNumbering::Disc)),
        Role::Point => TagGroup::new(Tag::LBody),
        Role::Table => TagGroup::new(Tag::Table),
        Role::Row => TagGroup::new(Tag::TR),
        Role::Head => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
        Role::Data => TagGroup::new(Tag::TD),
        Role::Figure(alt) => TagGroup::new(Tag::Figure(Some(alt.clone()))),
    }
}

fn layout() -> ContentTag<'static> {
    ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout))
}

/// Draws what says nothing that is not said otherwise.
fn decorated(surface: &mut Surface<'_>, draw: impl FnOnce(&mut Surface<'_>)) {
    surface.start_tagged(layout());
    draw(surface);
    surface.end_tagged();
}

/// A line of text; the baseline begins at the place.
pub(super) fn set_text(
    surface: &mut Surface<'_>,
    fonts: &Fonts,
    (x, y): (f32, f32),
    look: Type,
    text: &str,
) {
    if text.is_empty() {
        return;
    }
    surface.set_stroke(None);
    surface.set_fill(Some(paint(look.colour, 1.0)));
    let glyphs = fonts.glyphs(text, look.is_bold);
    let font = fonts.font(look.is_bold);
    surface.draw_glyphs(Point::from_xy(x, y), &glyphs, font, text, look.size, false);
}

fn paint(colour: Colour, opacity: f32) -> Fill {
    let Colour(red, green, blue) = colour;
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE),
        ..Fill::default()
    }
}

fn fill(surface: &mut Surface<'_>, area: Area, colour: Colour, opacity: f32) {
    let Some(rect) = Rect::from_xywh(area.x, area.y, area.width, area.height) else {
        return;
    };
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    if let Some(path) = path.finish() {
        surface.set_stroke(None);
        surface.set_fill(Some(paint(colour, opacity)));
        surface.draw_path(&path);
    }
}

/// What is certain, and lighter what is possible.
#[expect(clippy::cast_possible_truncation, reason = "points need few digits")]
fn bar(
    surface: &mut Surface<'_>,
    charts: &Charts,
    area: Area,
    (least, most): (f64, f64),
    ink: Ink,
) {
    let colour = charts.colour(ink.class());
    let share = |value: f64| value.clamp(0.0, 1.0) as f32 * area.width;
    let (sure, most) = (share(least), share(most));
    // Something is never drawn as nothing.
    let sure = if sure > 0.0 { sure.max(0.8) } else { 0.0 };
    let part = |x: f32, width: f32| Area { x, width, ..area };
    if most > sure {
        fill(surface, part(area.x + sure, most - sure), colour, 0.3);
    }
    if sure > 0.0 {
        fill(surface, part(area.x, sure), colour, 1.0);
    }
}
