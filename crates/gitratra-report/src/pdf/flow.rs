//! Blocks on pages: from top to bottom, and on the next page where there is no room.

use super::Part;
use super::face::Fonts;
use super::item::{Area, Colour, Geometry, Item, Mark, Role, Sheet, Type};
use super::table;
use crate::block::{Block, Change, Drawn, Figure, Head, Picture, Section, Way};

pub(crate) const BODY: Type = Type::plain(9.0, Colour::INK);
pub(crate) const SMALL: Type = Type::plain(7.5, Colour::MUTED);
const HEADING: Type = Type::bold(12.0, Colour::INK);
const CHART_TITLE: Type = Type::bold(8.5, Colour::INK);
/// From one baseline to the next, as a part of the size.
const LEADING: f32 = 1.38;
/// Between two charts or cards beside each other.
const BESIDE: f32 = 14.0;
/// Cards in a row.
const CARDS: usize = 4;
const CARD_HEIGHT: f32 = 52.0;

/// The sizes of charts: as many pixels as they are drawn for, on so many points.
const PIXELS: f32 = 1.28;
const WIDE_HEIGHT: f32 = 150.0;
const HALF_HEIGHT: f32 = 132.0;
const CALENDAR_HEIGHT: f32 = 118.0;

/// Pages that grow.
pub(crate) struct Flow<'f> {
    pub(crate) fonts: &'f Fonts,
    pub(crate) geometry: Geometry,
    sheets: Vec<Sheet>,
    marks: Vec<Mark>,
    /// The lower end of what is there.
    pub(crate) y: f32,
}

impl<'f> Flow<'f> {
    pub(crate) fn new(fonts: &'f Fonts, geometry: Geometry) -> Self {
        Self {
            fonts,
            geometry,
            sheets: vec![Sheet::default()],
            marks: Vec::new(),
            y: geometry.top,
        }
    }

    pub(crate) fn finish(self) -> Part {
        Part {
            sheets: self.sheets,
            marks: self.marks,
        }
    }

    pub(crate) fn put(&mut self, item: Item) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.items.push(item);
        }
    }

    pub(crate) fn open(&mut self, role: Role) {
        self.put(Item::Open(role));
    }

    pub(crate) fn close(&mut self) {
        self.put(Item::Close);
    }

    /// How much room is left on the page.
    pub(crate) fn left(&self) -> f32 {
        self.geometry.bottom - self.y
    }

    pub(crate) fn new_page(&mut self) {
        self.sheets.push(Sheet::default());
        self.y = self.geometry.top;
    }

    /// Goes to the next page where this one has no room for so much.
    pub(crate) fn need(&mut self, height: f32) {
        if height > self.left() && self.y > self.geometry.top {
            self.new_page();
        }
    }

    /// Remembers this place for the outline and for links.
    pub(crate) fn mark(&mut self, level: u8, text: &str, anchor: &str) {
        self.marks.push(Mark {
            level,
            text: text.to_owned(),
            anchor: anchor.to_owned(),
            page: self.sheets.len() - 1,
            y: self.y,
        });
    }

    pub(crate) fn text(&mut self, x: f32, y: f32, look: Type, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.put(Item::Text { x, y, look, text });
        }
    }

    /// A paragraph over the width of the page, broken over pages where it has to be.
    pub(crate) fn paragraph(&mut self, text: &str, look: Type, indent: f32) {
        let room = self.geometry.room() - indent;
        let step = look.size * LEADING;
        for line in self.fonts.lines(text, look, room, 60) {
            self.need(step);
            self.y += step;
            let x = self.geometry.left + indent;
            self.text(x, self.y - step * 0.27, look, line);
        }
    }

    fn height_of(&self, text: &str, look: Type, indent: f32) -> f32 {
        let room = self.geometry.room() - indent;
        let lines = self.fonts.lines(text, look, room, 60).len();
        #[expect(clippy::cast_precision_loss, reason = "there are few lines")]
        let lines = lines as f32;
        lines * look.size * LEADING
    }

    /// What stands above everything.
    pub(crate) fn title(&mut self, head: &Head) {
        let left = self.geometry.left;
        let area = Area {
            x: left,
            y: self.geometry.top - 8.0,
            width: 44.0,
            height: 4.0,
        };
        self.put(Item::Fill(area, Colour::ACCENT));
        self.y += 12.0;
        self.mark(1, &head.title, "top");
        self.open(Role::Heading(1, head.title.clone()));
        let size = if head.title.chars().count() > 60 {
            18.0
        } else {
            24.0
        };
        self.paragraph(&head.title, Type::bold(size, Colour::INK), 0.0);
        self.close();
        self.y += 3.0;
        self.open(Role::Paragraph);
        self.paragraph(&head.scope, Type::plain(11.0, Colour::MUTED), 0.0);
        self.paragraph(&head.days, Type::plain(11.0, Colour::MUTED), 0.0);
        self.close();
        self.y += 8.0;
        let (ink, ground) = match head.privacy.has_any() {
            true => (Colour::WARN, Colour::WARN_GROUND),
            false => (Colour::MUTED, Colour::SOFT),
        };
        let look = Type {
            size: 9.0,
            is_bold: head.privacy.has_any(),
            colour: ink,
        };
        self.boxed(&head.privacy.text(), look, ground);
        self.y += 8.0;
    }

    /// A line on a ground of its own.
    fn boxed(&mut self, text: &str, look: Type, ground: Colour) {
        let text = self.fonts.writable(text).into_owned();
        let width = self.fonts.width(&text, look) + 16.0;
        let area = Area {
            x: self.geometry.left,
            y: self.y,
            width,
            height: 18.0,
        };
        self.put(Item::Fill(area, ground));
        self.open(Role::Paragraph);
        self.text(area.x + 8.0, self.y + 12.3, look, text);
        self.close();
        self.y += 18.0;
    }

    /// The name of a section, at the top of its first page.
    pub(crate) fn section_name(&mut self, section: &Section) {
        self.chapter(&section.name, &section.anchor);
        if section.tags.is_empty() {
            return;
        }
        let is_private = section.tags.contains(&"private");
        let (ink, ground) = match is_private {
            true => (Colour::WARN, Colour::WARN_GROUND),
            false => (Colour::MUTED, Colour::SOFT),
        };
        let look = Type {
            size: 8.0,
            is_bold: is_private,
            colour: ink,
        };
        self.boxed(&section.tags.join(" · "), look, ground);
        self.y += 4.0;
    }

    /// A heading of the first level.
    pub(crate) fn chapter(&mut self, text: &str, anchor: &str) {
        self.mark(1, text, anchor);
        let area = Area {
            x: self.geometry.left,
            y: self.y,
            width: 32.0,
            height: 3.0,
        };
        self.put(Item::Fill(area, Colour::ACCENT));
        self.y += 8.0;
        self.open(Role::Heading(1, text.to_owned()));
        self.paragraph(text, Type::bold(17.0, Colour::INK), 0.0);
        self.close();
        self.y += 5.0;
    }

    pub(crate) fn blocks(&mut self, blocks: Vec<Block>) {
        let mut blocks = blocks.into_iter().peekable();
        let mut heading: Option<String> = None;
        while let Some(block) = blocks.next() {
            if let Block::Heading(text) = block {
                heading = Some(text);
                continue;
            }
            // A heading stays with what follows, and an introduction with its chart.
            let mut height = self.least_height(&block);
            if let (Block::Text(_), Some(next @ Block::Charts(_))) = (&block, blocks.peek()) {
                height += self.least_height(next);
            }
            if let Some(text) = heading.take() {
                self.need(height + 34.0);
                self.heading(&text);
            } else {
                self.need(height);
            }
            self.block(block);
        }
    }

    /// How much of a block has to stand together.
    fn least_height(&self, block: &Block) -> f32 {
        match block {
            Block::Heading(_) => 60.0,
            Block::Text(text) => self.height_of(text, BODY, 0.0) + 5.0,
            Block::Note(text) => self.height_of(text, SMALL, 0.0) + 5.0,
            Block::List(points) => {
                let first = points.first().map_or("", String::as_str);
                self.height_of(first, BODY, 10.0) + 4.0
            }
            Block::Figures(figures) => {
                #[expect(clippy::cast_precision_loss, reason = "there are few cards")]
                let rows = figures.len().div_ceil(CARDS) as f32;
                rows * (CARD_HEIGHT + 6.0) + 4.0
            }
            Block::Charts(charts) => self.charts_height(charts),
            Block::Table(table) => 50.0 + if table.rows.len() > 1 { 14.0 } else { 0.0 },
        }
    }

    fn block(&mut self, block: Block) {
        match block {
            Block::Heading(text) => self.heading(&text),
            Block::Text(text) => {
                self.open(Role::Paragraph);
                self.paragraph(&text, BODY, 0.0);
                self.close();
                self.y += 5.0;
            }
            Block::Note(text) => {
                self.open(Role::Paragraph);
                self.paragraph(&text, SMALL, 0.0);
                self.close();
                self.y += 5.0;
            }
            Block::List(points) => self.list(&points),
            Block::Figures(figures) => self.figures(&figures),
            Block::Charts(charts) => self.charts(charts),
            Block::Table(rows) => table::lay_out(self, rows),
        }
    }

    fn heading(&mut self, text: &str) {
        if self.y > self.geometry.top {
            self.y += 10.0;
        }
        self.mark(2, text, "");
        self.open(Role::Heading(2, text.to_owned()));
        self.paragraph(text, HEADING, 0.0);
        self.close();
        self.y += 2.0;
    }

    fn list(&mut self, points: &[String]) {
        self.open(Role::List);
        for point in points {
            let height = self.height_of(point, BODY, 10.0);
            // Points of a few lines are not torn apart.
            self.need(height.min(60.0));
            self.open(Role::Point);
            let y = self.y + BODY.size * LEADING * 0.73;
            self.text(self.geometry.left, y, BODY, "•");
            self.paragraph(point, BODY, 10.0);
            self.close();
            self.y += 3.0;
        }
        self.close();
        self.y += 2.0;
    }

    fn figures(&mut self, figures: &[Figure]) {
        #[expect(clippy::cast_precision_loss, reason = "there are few cards")]
        let number = figures.len().clamp(1, CARDS) as f32;
        let gap = 8.0;
        let width = (self.geometry.room() - gap * (number - 1.0)) / number;
        for row in figures.chunks(CARDS) {
            let mut x = self.geometry.left;
            for figure in row {
                self.card(figure, x, width);
                x += width + gap;
            }
            self.y += CARD_HEIGHT + 6.0;
        }
        self.y += 2.0;
    }

    fn card(&mut self, figure: &Figure, x: f32, width: f32) {
        let area = Area {
            x,
            y: self.y,
            width,
            height: CARD_HEIGHT,
        };
        self.put(Item::Fill(area, Colour::SOFT));
        self.open(Role::Paragraph);
        let (x, room) = (x + 8.0, width - 16.0);
        self.text(x, self.y + 12.0, SMALL, figure.label);
        let mut look = Type::bold(16.0, Colour::INK);
        let value = self.fonts.writable(&figure.value).into_owned();
        while look.size > 9.0 && self.fonts.width(&value, look) > room {
            look.size -= 0.5;
        }
        let value = self.fonts.fitted(&value, look, room).into_owned();
        self.text(x, self.y + 29.0, look, value);
        let mut at = x;
        let change = Type {
            colour: colour_of(&figure.change),
            ..SMALL
        };
        if !figure.change.text.is_empty() {
            self.text(at, self.y + 43.0, change, figure.change.text.clone());
            at += self.fonts.width(&figure.change.text, change) + 5.0;
        }
        let note = self.fonts.fitted(&figure.note, SMALL, x + room - at);
        let note = note.into_owned();
        self.text(at, self.y + 43.0, SMALL, note);
        self.close();
    }

    fn charts_height(&self, charts: &[Drawn]) -> f32 {
        let is_half = charts.len() > 1;
        let width = self.chart_width(charts.len());
        let heights = charts.iter().map(|drawn| {
            let note = self.fonts.lines(&drawn.note, SMALL, width, 6).len();
            #[expect(clippy::cast_precision_loss, reason = "there are few lines")]
            let note = note as f32 * SMALL.size * LEADING;
            16.0 + picture_height(&drawn.picture, is_half) + note
        });
        heights.fold(0.0, f32::max) + 8.0
    }

    fn chart_width(&self, number: usize) -> f32 {
        match number {
            0 | 1 => self.geometry.room(),
            _ => (self.geometry.room() - BESIDE) / 2.0,
        }
    }

    fn charts(&mut self, charts: Vec<Drawn>) {
        let height = self.charts_height(&charts);
        let is_half = charts.len() > 1;
        let width = self.chart_width(charts.len());
        let mut x = self.geometry.left;
        for drawn in charts {
            let area = Area {
                x,
                y: self.y + 15.0,
                width,
                height: picture_height(&drawn.picture, is_half),
            };
            let title = self.fonts.writable(drawn.picture.title()).into_owned();
            self.open(Role::Paragraph);
            let shown = self.fonts.fitted(&title, CHART_TITLE, width).into_owned();
            self.text(x, self.y + 10.0, CHART_TITLE, shown);
            self.close();
            self.open(Role::Figure(title));
            self.put(Item::Chart(area, drawn.picture));
            self.close();
            let mut y = area.y + area.height;
            self.open(Role::Paragraph);
            for line in self.fonts.lines(&drawn.note, SMALL, width, 6) {
                y += SMALL.size * LEADING;
                self.text(x, y - 1.0, SMALL, line);
            }
            self.close();
            x += width + BESIDE;
        }
        self.y += height;
    }
}

pub(crate) fn colour_of(change: &Change) -> Colour {
    match change.way {
        Way::Up => Colour::UP,
        Way::Down => Colour::DOWN,
        Way::Level => Colour::MUTED,
    }
}

const fn picture_height(picture: &Picture, is_half: bool) -> f32 {
    match picture {
        Picture::Calendar(_) => CALENDAR_HEIGHT,
        _ if is_half => HALF_HEIGHT,
        _ => WIDE_HEIGHT,
    }
}

/// For how many pixels a chart of so many points is drawn.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a page is small"
)]
pub(crate) fn pixels(points: f32) -> u32 {
    (points * PIXELS).round() as u32
}
