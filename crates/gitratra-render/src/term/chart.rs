//! A bar chart of one metric: blocks over a base line, numbers at the left, dates below.
//!
//! A gap is a hatched column as high as the chart, so that it can be taken neither for a zero nor
//! for a bar; a zero is a mark on the base line; a part of a number is hatched more densely.

use gitratra_core::Metric;
use gitratra_core::figures::Step;

use super::glyphs::Glyphs;
use super::paint::{Ink, Line, Style};
use super::text::{flow, width};
use crate::axis::date_labels;
use crate::bars::{Bar, Bars, Known};
use crate::number::short;
use crate::scale::Scale;

/// Rows of a chart, about: each step of the axis has whole rows.
const ROWS: u64 = 8;
/// Columns of one bar with the blank beside it, at most: room for a date where bars are few.
const fn widest_cell(bars: usize) -> usize {
    if bars <= 8 { 8 } else { 4 }
}

/// Columns left for bars, given the largest number on the axis.
fn room(style: Style, labels: usize) -> usize {
    style.columns().saturating_sub(labels + 2).max(1)
}

/// Draws `days` (ascending, without holes) with a legend below.
pub(super) fn chart(
    days: &[gitratra_core::DayRow],
    metric: Metric,
    step: Step,
    style: Style,
) -> String {
    // The width of the numbers depends on the bars, and how many bars fit depends on it: numbers
    // of an axis are at most five characters.
    let bars = Bars::new(days, metric, step, room(style, 5));
    let scale = Scale::up_to(bars.largest());
    let drawing = Drawing {
        bars: &bars,
        scale,
        rows_per_step: rows_per_step(scale, bars.largest()),
        cell: (room(style, 5) / bars.bars.len().max(1)).clamp(1, widest_cell(bars.bars.len())),
        ink: Ink::of(metric),
        metric,
        glyphs: style.glyphs(),
        style,
    };
    drawing.plot() + &drawing.base() + &drawing.legend(step)
}

fn rows_per_step(scale: Scale, largest: u64) -> u64 {
    if largest == 0 {
        // Nothing to compare heights of; gaps still need a place.
        return 2;
    }
    (ROWS + scale.steps / 2) / scale.steps
}

struct Drawing<'a> {
    bars: &'a Bars,
    scale: Scale,
    rows_per_step: u64,
    cell: usize,
    ink: Ink,
    metric: Metric,
    glyphs: &'static Glyphs,
    style: Style,
}

impl Drawing<'_> {
    fn rows(&self) -> u64 {
        self.rows_per_step * self.scale.steps
    }

    /// Columns of a bar without the blank beside it.
    fn thickness(&self) -> usize {
        if self.cell < 3 {
            self.cell
        } else {
            self.cell - 1
        }
    }

    fn number(&self, row: u64) -> String {
        let is_tick =
            row.is_multiple_of(self.rows_per_step) && (self.bars.largest() > 0 || row == 0);
        if is_tick {
            short(row / self.rows_per_step * self.scale.step)
        } else {
            String::new()
        }
    }

    fn numbers_width(&self) -> usize {
        let widths = (0..=self.rows()).map(|row| width(&self.number(row)));
        widths.max().unwrap_or(0)
    }

    fn put_number(&self, line: &mut Line, row: u64) {
        let number = self.number(row);
        let axis = match (row, number.as_str()) {
            (0, _) => self.glyphs.corner,
            (_, "") => self.glyphs.axis,
            _ => self.glyphs.axis_tick,
        };
        let room = self.numbers_width();
        line.put(Ink::Faint, &format!("{number:>room$} {axis}"));
    }

    /// The rows above the base line, from the top. A row is called by its upper edge.
    fn plot(&self) -> String {
        let mut out = String::new();
        for row in (1..=self.rows()).rev() {
            let mut line = Line::default();
            self.put_number(&mut line, row);
            for bar in &self.bars.bars {
                let (ink, glyph) = self.block(bar, row);
                let blank = self.cell - self.thickness();
                line.put(ink, &glyph.to_string().repeat(self.thickness()));
                line.put(Ink::Plain, &" ".repeat(blank));
            }
            out += &line.finish(self.style);
        }
        out
    }

    /// What a bar shows in a row.
    fn block(&self, bar: &Bar, row: u64) -> (Ink, char) {
        match bar.known {
            Known::Gap => (Ink::Faint, self.glyphs.gap),
            Known::Suspect if row == 1 => (Ink::Warn, self.glyphs.suspect),
            Known::Suspect => (Ink::Plain, ' '),
            Known::Part(count) => {
                // At least so many: a hatched cell has no eighths.
                let is_in = self.scale.height_of(count, self.rows()) >= row;
                let glyph = if is_in { self.glyphs.part } else { ' ' };
                (self.ink, glyph)
            }
            Known::Whole(count) => {
                let count = self.eighths(count, row);
                let uniques = bar.uniques.filter(|_| self.style.color);
                let uniques = uniques.map_or(0, |uniques| self.eighths(uniques, row));
                // A cell has two colours: of a bar that ends in it there is nothing to split.
                match (uniques, count) {
                    (0, _) => (self.ink, self.glyphs.eighths[count]),
                    (_, 8) if uniques < 8 => {
                        let ink = Ink::UniquesIn(self.metric);
                        (ink, self.glyphs.eighths[uniques])
                    }
                    _ if uniques == count => (Ink::Uniques, self.glyphs.eighths[count]),
                    _ => (self.ink, self.glyphs.eighths[count]),
                }
            }
        }
    }

    /// How many eighths of a row's cell a value fills, from 0 to 8.
    fn eighths(&self, value: u64, row: u64) -> usize {
        let all = self.scale.height_of(value, self.rows() * 8);
        usize::try_from(all.saturating_sub((row - 1) * 8).min(8)).unwrap_or(8)
    }

    /// The base line and the dates below it.
    fn base(&self) -> String {
        let room = room(self.style, self.numbers_width());
        let labels = date_labels(self.bars, self.cell, room);
        let mut base = Line::default();
        self.put_number(&mut base, 0);
        for (at, bar) in self.bars.bars.iter().enumerate() {
            let has_label = labels.iter().any(|label| label.bar == at);
            let glyph = match (bar.known.count() == Some(0), has_label) {
                (true, true) => self.glyphs.zero_tick,
                (true, false) => self.glyphs.zero,
                (false, true) => self.glyphs.tick,
                (false, false) => self.glyphs.base,
            };
            base.put(Ink::Faint, &glyph.to_string());
            let rest = self.glyphs.base.to_string().repeat(self.cell - 1);
            base.put(Ink::Faint, &rest);
        }
        let mut dates = " ".repeat(self.numbers_width() + 2);
        let start = dates.len();
        for label in &labels {
            let column = start + label.bar * self.cell;
            dates += &" ".repeat(column.saturating_sub(dates.len()));
            dates += &label.text;
        }
        let mut below = Line::default();
        below.put(Ink::Faint, &dates);
        base.finish(self.style) + &below.finish(self.style)
    }

    /// What the marks mean, as far as they occur.
    fn legend(&self, asked: Step) -> String {
        let each = self.bars.each();
        let is_folded = self.bars.step != asked || self.bars.times > 1;
        let because = if is_folded {
            format!(", no room for {} bars", asked_word(asked))
        } else {
            String::new()
        };
        let weeks = if self.bars.step == Step::Week {
            ", Monday to Sunday"
        } else {
            ""
        };
        let full = self.glyphs.eighths[8];
        let mut facts = vec![(
            self.ink,
            format!("{full} {} per {each}{weeks}{because}", self.metric),
        )];
        let has_uniques = |bar: &Bar| bar.uniques.is_some_and(|uniques| uniques > 0);
        if self.style.color && self.bars.bars.iter().any(has_uniques) {
            let uniques = format!("{full} uniques per day");
            facts.push((Ink::Uniques, uniques));
        }
        let is_day = self.bars.step == Step::Day;
        if self.bars.has(|known| matches!(known, Known::Part(_))) {
            let why = if is_day {
                "the day was still running"
            } else {
                "days are missing, running or out of range"
            };
            facts.push((self.ink, format!("{} partial: {why}", self.glyphs.part)));
        }
        if self.bars.has(|known| known == Known::Gap) {
            let gap = format!("{} gap: never read, which is not zero", self.glyphs.gap);
            facts.push((Ink::Faint, gap));
        }
        if self.bars.has(|known| known == Known::Suspect) {
            let suspect = format!("{} suspect: zeros not believed yet", self.glyphs.suspect);
            facts.push((Ink::Warn, suspect));
        }
        if self.bars.has(|known| known.count() == Some(0)) {
            facts.push((Ink::Faint, format!("{} none", self.glyphs.zero)));
        }
        flow(&facts, self.numbers_width() + 2, self.style)
    }
}

const fn asked_word(asked: Step) -> &'static str {
    match asked {
        Step::Day => "daily",
        Step::Week => "weekly",
        Step::Month => "monthly",
    }
}
