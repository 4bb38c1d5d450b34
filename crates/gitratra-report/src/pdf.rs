//! A report as a PDF: laid out by ourselves, since headings stay with what they are of, tables
//! break over pages, and the contents need to know all pages; written by a library.
//!
//! First everything is laid out as [`item`]s on pages; then it is drawn. The pages of a section take
//! about a tenth of a megabyte until they are drawn.
//!
//! [`item`]: self

mod chart;
mod contents;
mod draw;
mod face;
mod flow;
mod item;
mod table;

use crate::block::{Block, Head, Section};
use crate::method;
use crate::question::{Paper, ReportError};
use crate::write::Report;

use self::face::Fonts;
use self::flow::Flow;
use self::item::{Geometry, Mark, Role, Sheet};

/// Said among the notes where a letter was left out.
const MISSING: &str = "Letters that the font of this document lacks are written as “?”; the HTML and the Markdown of the same report have them.";

/// The pages of a report that is being put together.
pub(crate) struct Pages<'r> {
    head: &'r Head,
    names: &'r [String],
    anchors: &'r [String],
    fonts: Fonts,
    geometry: Geometry,
    is_alone: bool,
    newest: gitratra_core::Day,
    notes: Vec<Block>,
    /// The cover, then the sections.
    parts: Vec<Part>,
}

/// Pages that belong together.
pub(crate) struct Part {
    pub(crate) sheets: Vec<Sheet>,
    pub(crate) marks: Vec<Mark>,
}

impl<'r> Pages<'r> {
    /// Lays out the cover.
    ///
    /// # Errors
    /// [`ReportError::Pages`] where the font cannot be read.
    pub(crate) fn begin(
        report: &'r mut Report<'_>,
        paper: Paper,
        notes: Vec<Block>,
    ) -> Result<Self, ReportError> {
        let fonts = Fonts::load()?;
        let geometry = Geometry::of(paper);
        let before = std::mem::take(&mut report.before);
        let report = &*report;
        let mut pages = Self {
            head: report.head,
            names: &report.names,
            anchors: &report.anchors,
            fonts,
            geometry,
            is_alone: report.is_alone,
            newest: report.range.last(),
            notes,
            parts: Vec::new(),
        };
        if !report.is_alone {
            let mut flow = Flow::new(&pages.fonts, geometry);
            flow.open(Role::Section);
            flow.title(report.head);
            flow.mark(1, "All repositories", "cover");
            flow.blocks(before);
            flow.close();
            let part = flow.finish();
            pages.parts.push(part);
        }
        Ok(pages)
    }

    /// Lays out a section.
    pub(crate) fn add(&mut self, section: Section) {
        let mut flow = Flow::new(&self.fonts, self.geometry);
        flow.open(Role::Section);
        match self.is_alone {
            true => flow.title(self.head),
            false => flow.section_name(&section),
        }
        flow.blocks(section.blocks);
        if self.is_alone {
            // Notes of a page of their own would only be one more to turn.
            flow.need(150.0);
            flow.y += 14.0;
            flow.chapter(method::TITLE, "method");
            flow.blocks(notes(&self.fonts, std::mem::take(&mut self.notes)));
        }
        flow.close();
        let part = flow.finish();
        self.parts.push(part);
    }

    /// Draws everything.
    ///
    /// # Errors
    /// [`ReportError::Pages`] where the library refuses.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, ReportError> {
        if !self.is_alone {
            let mut flow = Flow::new(&self.fonts, self.geometry);
            flow.open(Role::Section);
            flow.chapter(method::TITLE, "method");
            flow.blocks(notes(&self.fonts, std::mem::take(&mut self.notes)));
            flow.close();
            let part = flow.finish();
            self.parts.push(part);
            let entries: Vec<(&str, &str)> = self
                .names
                .iter()
                .zip(self.anchors)
                .map(|(name, anchor)| (name.as_str(), anchor.as_str()))
                .chain([(method::TITLE, "method")])
                .collect();
            let part = contents::lay_out(&self.fonts, self.geometry, &entries, &self.parts);
            self.parts.insert(1, part);
        }
        draw::draw(
            self.head,
            self.newest,
            &self.fonts,
            self.geometry,
            self.parts,
        )
    }
}

/// The notes, and that letters are missing, where some are.
fn notes(fonts: &Fonts, mut notes: Vec<Block>) -> Vec<Block> {
    if fonts.has_missed()
        && let Some(Block::List(points)) = notes.last_mut()
    {
        points.push(MISSING.to_owned());
    }
    notes
}
