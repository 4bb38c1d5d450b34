//! How wide, how colourful and with which characters; and the colours themselves.

use gitratra_core::Metric;

use super::glyphs::Glyphs;

/// What the terminal can do, as the program found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns to fill; 80 where the output is no terminal. Held between 30 and 500.
    pub width: usize,
    /// Whether ANSI colours are written.
    pub color: bool,
    /// Whether block characters are written; plain ASCII otherwise.
    pub unicode: bool,
}

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Strong,
    Faint,
    Views,
    Clones,
    /// The part of a bar that is uniques.
    Uniques,
    /// The same where the rest of the cell is the bar of a metric.
    UniquesIn(Metric),
    Up,
    Down,
    Warn,
}

impl Ink {
    pub(super) const fn of(metric: Metric) -> Self {
        match metric {
            Metric::Views => Self::Views,
            Metric::Clones => Self::Clones,
        }
    }

    /// One of the sixteen colours that follow the reader's own scheme, dark or light.
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Views => "36",
            Self::Clones => "35",
            Self::Uniques => "34",
            Self::UniquesIn(Metric::Views) => "34;46",
            Self::UniquesIn(Metric::Clones) => "34;45",
            Self::Up => "32",
            Self::Down => "31",
            Self::Warn => "33",
        }
    }
}

impl Style {
    pub(super) fn columns(self) -> usize {
        self.width.clamp(30, 500)
    }

    pub(super) const fn glyphs(self) -> &'static Glyphs {
        if self.unicode {
            &Glyphs::BLOCKS
        } else {
            &Glyphs::ASCII
        }
    }

    pub(super) fn paint(self, ink: Ink, text: &str) -> String {
        if !self.color || text.is_empty() || ink == Ink::Plain {
            return text.to_owned();
        }
        format!("\x1b[{}m{text}\x1b[0m", ink.code())
    }
}

/// Pieces of one line, each in its colour; neighbours of one colour share their codes.
#[derive(Debug, Default)]
pub(super) struct Line {
    pieces: Vec<(Ink, String)>,
}

impl Line {
    pub(super) fn put(&mut self, ink: Ink, text: &str) {
        match self.pieces.last_mut() {
            Some((last, piece)) if *last == ink => piece.push_str(text),
            _ => self.pieces.push((ink, text.to_owned())),
        }
    }

    /// The line without blanks at its end, and with its newline.
    pub(super) fn finish(mut self, style: Style) -> String {
        while let Some((_, piece)) = self.pieces.last_mut() {
            piece.truncate(piece.trim_end().len());
            if !piece.is_empty() {
                break;
            }
            self.pieces.pop();
        }
        let painted = self
            .pieces
            .iter()
            .map(|(ink, text)| style.paint(*ink, text));
        painted.collect::<String>() + "\n"
    }
}
