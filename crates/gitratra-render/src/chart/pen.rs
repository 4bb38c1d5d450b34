//! Writes shapes as SVG: short numbers, colours as the theme has them, text that cannot break out.

use std::fmt::Write as _;

use super::ink::{Theme, fixed};

/// What is written so far.
pub(super) struct Pen {
    pub(super) out: String,
    theme: Theme,
}

/// A length with one decimal at most.
pub(super) fn num(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded == rounded.trunc() {
        format!("{rounded:.0}").replace("-0", "0")
    } else {
        format!("{rounded:.1}")
    }
}

/// Text that stays text, also inside of an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no place for these.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                out.push('\u{fffd}');
            }
            other => out.push(other),
        }
    }
    out
}

/// Where a text stands on its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Pen {
    pub(super) fn new(theme: Theme) -> Self {
        Self {
            out: String::with_capacity(4096),
            theme,
        }
    }

    /// The attribute that fills with a colour.
    pub(super) fn fill(&self, class: &str) -> String {
        match self.theme {
            Theme::Css | Theme::Auto => format!("class=\"f-{class}\""),
            Theme::Light => format!("fill=\"{}\"", fixed(class, false)),
            Theme::Dark => format!("fill=\"{}\"", fixed(class, true)),
        }
    }

    /// The attributes that draw a line in a colour.
    pub(super) fn stroke(&self, class: &str) -> String {
        match self.theme {
            Theme::Css | Theme::Auto => format!("class=\"s-{class}\" fill=\"none\""),
            Theme::Light => format!("stroke=\"{}\" fill=\"none\"", fixed(class, false)),
            Theme::Dark => format!("stroke=\"{}\" fill=\"none\"", fixed(class, true)),
        }
    }

    pub(super) fn raw(&mut self, text: &str) {
        self.out.push_str(text);
    }

    pub(super) fn rect(&mut self, at: (f64, f64), size: (f64, f64), attributes: &str) {
        let _ = write!(
            self.out,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {attributes}/>",
            num(at.0),
            num(at.1),
            num(size.0.max(0.0)),
            num(size.1.max(0.0))
        );
    }

    pub(super) fn path(&mut self, d: &str, attributes: &str) {
        if !d.is_empty() {
            let _ = write!(self.out, "<path d=\"{d}\" {attributes}/>");
        }
    }

    pub(super) fn circle(&mut self, at: (f64, f64), r: f64, attributes: &str) {
        let _ = write!(
            self.out,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {attributes}/>",
            num(at.0),
            num(at.1),
            num(r)
        );
    }

    pub(super) fn text(&mut self, at: (f64, f64), anchor: Anchor, class: &str, text: &str) {
        let fill = self.fill(class);
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let _ = write!(
            self.out,
            "<text x=\"{}\" y=\"{}\"{anchor} {fill}>{}</text>",
            num(at.0),
            num(at.1),
            escaped(text)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, expected) in [(1.0, "1"), (1.25, "1.3"), (-0.04, "0"), (100.96, "101")] {
            assert_eq!(num(value), expected);
        }
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(
            escaped("<a \"b\"&\0>"),
            "&lt;a &quot;b&quot;&amp;\u{fffd}&gt;"
        );
    }
}
