//! Measuring, cutting and breaking text in terminal columns.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::paint::{Ink, Line, Style};

/// Columns that the text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text without what could steer the terminal or turn its direction, and in ASCII mode
/// without what is not ASCII.
pub(super) fn plain(text: &str, style: Style) -> String {
    let unknown = style.glyphs().unknown;
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars()
        .map(|c| match c {
            c if steers(c) || (!style.unicode && !c.is_ascii()) => unknown,
            c => c,
        })
        .collect()
}

/// The text in at most `room` columns, with its middle left out if it must be: both ends of a
/// name or path tell more than its middle.
pub(super) fn shortened(text: &str, room: usize, style: Style) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let cut = style.glyphs().cut;
    let left = room.saturating_sub(width(cut));
    let tail = taken(text.chars().rev(), left / 2);
    let head = taken(text.chars(), left - left / 2);
    let tail: String = tail.chars().rev().collect();
    let short = format!("{head}{cut}{tail}");
    if width(&short) <= room {
        short
    } else {
        taken(short.chars(), room)
    }
}

fn taken(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .collect()
}

/// Blanks that fill the text up to `room` columns.
pub(super) fn blanks(text: &str, room: usize) -> String {
    " ".repeat(room.saturating_sub(width(text)))
}

/// Facts after one another with a dot between them, broken between facts, and within one only
/// where it does not fit into a line by itself. Further lines begin with `indent` blanks, as does
/// the first one if it is so `far` already.
pub(super) fn flow(facts: &[(Ink, String)], indent: usize, style: Style) -> String {
    let dot = style.glyphs().dot;
    let room = style.columns();
    let mut out = String::new();
    let mut line = Line::default();
    line.put(Ink::Plain, &" ".repeat(indent));
    let mut used = indent;
    for (ink, fact) in facts {
        let is_first = used == indent;
        let needed = width(fact) + if is_first { 0 } else { width(dot) };
        if !is_first && used + needed > room {
            out += &std::mem::take(&mut line).finish(style);
            line.put(Ink::Plain, &" ".repeat(indent));
            used = indent;
        } else if !is_first {
            line.put(Ink::Faint, dot);
            used += width(dot);
        }
        for (at, word) in fact.split(' ').enumerate() {
            let blank = usize::from(at > 0);
            if used > indent && used + blank + width(word) > room {
                out += &std::mem::take(&mut line).finish(style);
                line.put(Ink::Plain, &" ".repeat(indent));
                used = indent;
            } else if blank == 1 {
                line.put(*ink, " ");
                used += 1;
            }
            line.put(*ink, word);
            used += width(word);
        }
    }
    out + &line.finish(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style {
        width: 30,
        color: false,
        unicode: true,
    };

    #[test]
    fn the_middle_is_left_out() {
        let check = |text, room, expected: &str| {
            assert_eq!(shortened(text, room, STYLE), expected);
        };
        check("octo/alpha", 10, "octo/alpha");
        check("octo/alphabet", 9, "octo…abet");
        check("漢字漢字漢字", 7, "漢…字");
        check("abc", 1, "…");
        check("abc", 0, "");
    }

    #[test]
    fn names_from_outside_cannot_steer_the_terminal() {
        assert_eq!(
            plain("a\x1b[31mb\u{202e}c\n", STYLE),
            "a\u{fffd}[31mb\u{fffd}c\u{fffd}"
        );
        let ascii = Style {
            unicode: false,
            ..STYLE
        };
        assert_eq!(plain("ä\x07b", ascii), "??b");
    }

    #[test]
    fn facts_are_broken_between_each_other_first() {
        let facts: Vec<_> = ["one and two", "three and four", "five"]
            .map(|fact| (Ink::Plain, fact.to_owned()))
            .into();
        assert_eq!(
            flow(&facts, 2, STYLE),
            "  one and two · three and four\n  five\n"
        );
        let long = [(
            Ink::Plain,
            "a fact that does not fit into a line of thirty".to_owned(),
        )];
        assert_eq!(
            flow(&long, 0, STYLE),
            "a fact that does not fit into\na line of thirty\n"
        );
    }
}
