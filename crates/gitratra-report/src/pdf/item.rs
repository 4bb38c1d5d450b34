//! What stands on a page, and where.

use crate::block::{Cell, Picture};
use crate::question::Paper;

/// The page and its margins, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Geometry {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) left: f32,
    pub(crate) right: f32,
    pub(crate) top: f32,
    pub(crate) bottom: f32,
}

impl Geometry {
    pub(crate) const fn of(paper: Paper) -> Self {
        let (width, height) = match paper {
            Paper::A4 => (595.276, 841.89),
            Paper::Letter => (612.0, 792.0),
        };
        Self {
            width,
            height,
            left: 48.0,
            right: width - 48.0,
            top: 58.0,
            bottom: height - 58.0,
        }
    }

    /// The width of what is between the margins.
    pub(crate) const fn room(self) -> f32 {
        self.right - self.left
    }
}

/// A colour of the paper's palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl Colour {
    pub(crate) const INK: Self = Self(0x1f, 0x23, 0x28);
    pub(crate) const MUTED: Self = Self(0x57, 0x60, 0x6a);
    pub(crate) const LINE: Self = Self(0xd8, 0xde, 0xe4);
    pub(crate) const SOFT: Self = Self(0xf6, 0xf8, 0xfa);
    pub(crate) const ACCENT: Self = Self(0x2f, 0x6f, 0xdb);
    pub(crate) const UP: Self = Self(0x1a, 0x7f, 0x37);
    pub(crate) const DOWN: Self = Self(0xb4, 0x23, 0x42);
    pub(crate) const WARN: Self = Self(0x8a, 0x46, 0x00);
    pub(crate) const WARN_GROUND: Self = Self(0xff, 0xf4, 0xe0);
}

/// How text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Type {
    pub(crate) size: f32,
    pub(crate) is_bold: bool,
    pub(crate) colour: Colour,
}

impl Type {
    pub(crate) const fn plain(size: f32, colour: Colour) -> Self {
        Self {
            size,
            is_bold: false,
            colour,
        }
    }

    pub(crate) const fn bold(size: f32, colour: Colour) -> Self {
        Self {
            size,
            is_bold: true,
            colour,
        }
    }
}

/// A rectangle from its upper left corner, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

/// Something on a page.
#[derive(Debug)]
pub(crate) enum Item {
    /// A line of text whose baseline begins here.
    Text {
        x: f32,
        y: f32,
        look: Type,
        text: String,
    },
    /// A filled rectangle.
    Fill(Area, Colour),
    /// A chart.
    Chart(Area, Picture),
    /// A bar or a small line of a table.
    Small(Area, Cell),
    /// Leads to a section.
    Link(Area, String),
    /// From here on everything belongs to this, until it is closed.
    Open(Role),
    Close,
}

/// What a part of a page is to somebody who does not see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Section,
    Heading(u16, String),
    Paragraph,
    List,
    Point,
    Table,
    Row,
    Head,
    Data,
    /// With what it shows in words.
    Figure(String),
    /// Repeated for the eye alone.
    Artifact,
}

/// A page.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) items: Vec<Item>,
}

/// A place that the outline and links lead to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mark {
    /// From 1 on.
    pub(crate) level: u8,
    pub(crate) text: String,
    /// What links call it; empty where none do.
    pub(crate) anchor: String,
    /// The page within its part.
    pub(crate) page: usize,
    pub(crate) y: f32,
}
