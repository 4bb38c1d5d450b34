//! The letters: how wide they are, which there are, and what stands for those that are missing.
//!
//! Letters are set side by side as they come, so that what is measured is what is drawn. Scripts
//! whose letters join are readable and not beautiful.

use std::borrow::Cow;
use std::cell::Cell;

use krilla::text::{Font, GlyphId, KrillaGlyph};

use super::item::Type;
use crate::question::ReportError;

/// Stands for letters that the font lacks.
const MISSING: char = '?';

/// Both weights.
pub(crate) struct Fonts {
    regular: Face,
    bold: Face,
    has_missed: Cell<bool>,
}

/// One weight.
struct Face {
    font: Font,
    letters: ttf_parser::Face<'static>,
    units: f32,
    /// Glyphs and widths of ASCII, which is most of what is written.
    ascii: Vec<(u16, f32)>,
}

impl Fonts {
    /// # Errors
    /// [`ReportError::Pages`] where the library cannot read the font that is built in.
    pub(crate) fn load() -> Result<Self, ReportError> {
        Ok(Self {
            regular: Face::of(dejavu::sans_condensed::regular())?,
            bold: Face::of(dejavu::sans_condensed::bold())?,
            has_missed: Cell::new(false),
        })
    }

    /// Whether any letter was missing so far.
    pub(crate) fn has_missed(&self) -> bool {
        self.has_missed.get()
    }

    const fn face(&self, is_bold: bool) -> &Face {
        match is_bold {
            true => &self.bold,
            false => &self.regular,
        }
    }

    pub(crate) fn font(&self, is_bold: bool) -> Font {
        self.face(is_bold).font.clone()
    }

    /// In points.
    pub(crate) fn width(&self, text: &str, look: Type) -> f32 {
        let face = self.face(look.is_bold);
        let widths = text.chars().map(|letter| match face.letter(letter) {
            Some((_, width)) => width,
            None => face.missing().1,
        });
        widths.sum::<f32>() * look.size
    }

    /// The text with something else for each run of letters that the font lacks.
    pub(crate) fn writable<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // One weight has what the other has, as far as anybody writes it.
        let has = |letter: char| self.regular.letter(letter).is_some();
        if text.chars().all(has) {
            return Cow::Borrowed(text);
        }
        self.has_missed.set(true);
        let mut written = String::with_capacity(text.len());
        let mut is_missing = false;
        for letter in text.chars() {
            // Chooses how the sign before it looks, and is none itself.
            if matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{200d}') {
                continue;
            }
            if has(letter) {
                written.push(letter);
                is_missing = false;
            } else if !std::mem::replace(&mut is_missing, true) {
                written.push(MISSING);
            }
        }
        Cow::Owned(written)
    }

    /// As much of a text as fits, with `…` where something was left out.
    pub(crate) fn fitted<'t>(&self, text: &'t str, look: Type, room: f32) -> Cow<'t, str> {
        if self.width(text, look) <= room {
            return Cow::Borrowed(text);
        }
        let room = room - self.width("…", look);
        let mut used = 0.0;
        let mut end = 0;
        for (at, letter) in text.char_indices() {
            used += self.width(letter.encode_utf8(&mut [0; 4]), look);
            if used > room {
                break;
            }
            end = at + letter.len_utf8();
        }
        Cow::Owned(format!("{}…", text[..end].trim_end()))
    }

    /// Lines no wider than `room`, at most so many; the last one says where something was left out.
    /// A word that is too long for a line is broken anywhere.
    pub(crate) fn lines(&self, text: &str, look: Type, room: f32, most: usize) -> Vec<String> {
        let text = self.writable(text);
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        let mut used = 0.0;
        let blank = self.width(" ", look);
        for word in text.split_whitespace() {
            let width = self.width(word, look);
            if !line.is_empty() && used + blank + width > room {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            if !line.is_empty() {
                line.push(' ');
                used += blank;
            }
            if width <= room {
                line.push_str(word);
                used += width;
                continue;
            }
            for letter in word.chars() {
                let width = self.width(letter.encode_utf8(&mut [0; 4]), look);
                if used + width > room && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(letter);
                used += width;
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                let full = format!("{last} …");
                *last = self.fitted(&full, look, room).into_owned();
            }
        }
        lines
    }

    /// The glyphs of a text, in units of its size.
    pub(crate) fn glyphs(&self, text: &str, is_bold: bool) -> Vec<KrillaGlyph> {
        let face = self.face(is_bold);
        let glyph = |(at, letter): (usize, char)| {
            let (id, width) = face.letter(letter).unwrap_or_else(|| face.missing());
            let range = at..at + letter.len_utf8();
            KrillaGlyph::new(GlyphId::new(id.into()), width, 0.0, 0.0, 0.0, range, None)
        };
        text.char_indices().map(glyph).collect()
    }
}

impl Face {
    fn of(data: &'static [u8]) -> Result<Self, ReportError> {
        let refused = || ReportError::Pages("the font that is built in cannot be read".to_owned());
        let letters = ttf_parser::Face::parse(data, 0).map_err(|_| refused())?;
        let mut face = Self {
            font: Font::new(data.into(), 0).ok_or_else(refused)?,
            units: f32::from(letters.units_per_em()),
            letters,
            ascii: Vec::new(),
        };
        let ascii = (0_u8..128).map(|letter| face.look_up(letter.into()).unwrap_or((0, 0.6)));
        face.ascii = ascii.collect();
        Ok(face)
    }

    fn look_up(&self, letter: char) -> Option<(u16, f32)> {
        let id = self.letters.glyph_index(letter).filter(|id| id.0 != 0)?;
        let width = self.letters.glyph_hor_advance(id).unwrap_or(0);
        Some((id.0, f32::from(width) / self.units))
    }

    fn letter(&self, letter: char) -> Option<(u16, f32)> {
        match self.ascii.get(letter as usize) {
            Some(known) => Some(*known),
            None => self.look_up(letter),
        }
    }

    fn missing(&self) -> (u16, f32) {
        self.letter(MISSING).unwrap_or((0, 0.6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::item::Colour;

    const LOOK: Type = Type::plain(10.0, Colour::INK);

    #[test]
    fn letters_that_the_font_lacks_are_no_boxes() {
        let fonts = Fonts::load().unwrap();
        assert_eq!(fonts.writable("naïve Ωμέγα Привет"), "naïve Ωμέγα Привет");
        assert!(!fonts.has_missed());
        assert_eq!(fonts.writable("a 世界 b"), "a ? b");
        assert!(fonts.has_missed());
    }

    #[test]
    fn text_breaks_between_words_and_where_it_must() {
        let fonts = Fonts::load().unwrap();
        let lines = fonts.lines("one two three", LOOK, 40.0, 9);
        assert!(lines.len() > 1);
        for line in &lines {
            assert!(fonts.width(line, LOOK) <= 40.0, "{line}");
        }
        let long = fonts.lines(&"x".repeat(100), LOOK, 50.0, 3);
        assert_eq!(long.len(), 3);
        assert!(long[2].ends_with('…'), "{long:?}");
        assert_eq!(fonts.fitted("short", LOOK, 90.0), "short");
        assert!(
            fonts
                .fitted("a rather long name", LOOK, 40.0)
                .ends_with('…')
        );
        assert!(fonts.lines("", LOOK, 40.0, 2).is_empty());
    }
}
