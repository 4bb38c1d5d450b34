//! Badges: a label and a value in a line of a README.

use std::fmt::Write as _;

use super::pen::escaped;

/// The colour behind a badge's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadgeColour {
    /// For numbers.
    Blue,
    /// For what is not known.
    Grey,
}

impl BadgeColour {
    const fn hex(self) -> &'static str {
        match self {
            Self::Blue => "#1f66b8",
            Self::Grey => "#616a73",
        }
    }

    /// As shields.io calls it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Grey => "lightgrey",
        }
    }
}

/// A badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// What it is.
    pub label: String,
    /// How much.
    pub value: String,
    /// The colour behind the value.
    pub colour: BadgeColour,
}

/// Longer labels are cut.
const MOST_LETTERS: usize = 60;

impl Badge {
    /// The picture, a file of its own.
    #[must_use]
    pub fn svg(&self) -> String {
        let (label, value) = (cut(&self.label), cut(&self.value));
        let (left, right) = (width(&label) + 12, width(&value) + 12);
        let total = left + right;
        let told = escaped(&format!("{label}: {value}"));
        let mut out = String::with_capacity(1024);
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{total}\" height=\"20\" viewBox=\"0 0 {total} 20\" \
             role=\"img\" aria-label=\"{told}\"><title>{told}</title>\
             <clipPath id=\"r\"><rect width=\"{total}\" height=\"20\" rx=\"3\"/></clipPath>\
             <g clip-path=\"url(#r)\"><path fill=\"#3d444d\" d=\"M0 0h{left}v20H0z\"/>\
             <path fill=\"{}\" d=\"M{left} 0h{right}v20H{left}z\"/></g>\
             <g fill=\"#fff\" font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\" font-size=\"11\">",
            self.colour.hex()
        );
        for (text, from, room) in [(&label, 0, left), (&value, left, right)] {
            let _ = write!(
                out,
                "<text x=\"{}\" y=\"14\" textLength=\"{}\">{}</text>",
                from + 6,
                room - 12,
                escaped(text)
            );
        }
        out.push_str("</g></svg>\n");
        out
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MOST_LETTERS {
        return text.to_owned();
    }
    let kept: String = text.chars().take(MOST_LETTERS - 1).collect();
    kept + "…"
}

/// How wide a text is at eleven pixels, roughly; `textLength` makes it exact.
fn width(text: &str) -> u32 {
    let tenths: u32 = text.chars().map(letter_tenths).sum();
    tenths.div_ceil(10)
}

const fn letter_tenths(letter: char) -> u32 {
    match letter {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '\'' | '!' => 35,
        ' ' | 'f' | 't' | 'r' | 'I' | '/' | '(' | ')' | '[' | ']' | '-' => 45,
        'm' | 'M' | 'W' | '%' | '@' => 105,
        'w' | 'G' | 'O' | 'Q' | '+' | '–' => 88,
        'A'..='Z' => 78,
        '0'..='9' => 70,
        'a'..='z' => 68,
        other if other.is_ascii() => 70,
        _ => 110,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn badge(label: &str, value: &str) -> String {
        let badge = Badge {
            label: label.to_owned(),
            value: value.to_owned(),
            colour: BadgeColour::Blue,
        };
        badge.svg()
    }

    #[test]
    fn a_badge_holds_any_text() {
        let svg = badge("<b>&\"", "x".repeat(500).as_str());
        assert!(!svg.contains("<b>") && svg.contains("&lt;b&gt;&amp;&quot;"));
        assert!(svg.contains('…') && svg.len() < 3000);
        insta::assert_snapshot!("badge", badge("views, 30 days", "12,345"));
    }
}
