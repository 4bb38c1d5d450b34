//! The fields of a line: divided by tabs, with what cannot stand in one written by a backslash.

use std::borrow::Cow;
use std::str::FromStr;

use gitratra_core::{Count, Day, Timestamp};

use crate::FormatError;
use crate::lines::Line;

/// With what every file begins, whatever the version.
pub(super) const MAGIC: &str = "#gitratra_archive ";

/// The first line of every file.
pub(super) const HEADER: &str = "#gitratra_archive 1";

/// What stands for a field that is not there.
pub(super) const NONE: &str = "-";

/// What git leaves where a merge was not ended.
const MARKERS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// Nothing, or a remark.
    Blank,
    /// The first line of ours.
    Header,
    /// A fact.
    Fact,
}

/// A line that is read field by field.
pub(super) struct Fields<'a> {
    line: Line<'a>,
    rest: Option<&'a str>,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(line: Line<'a>) -> Self {
        Self {
            rest: Some(line.text),
            line,
        }
    }

    /// What the line is.
    pub(super) fn kind(&self) -> Result<LineKind, FormatError> {
        let text = self.line.text;
        if text == HEADER {
            return Ok(LineKind::Header);
        }
        if text.starts_with(MAGIC) {
            let problem = "is of a newer program";
            let expected = format!("\"{HEADER}\": update gitratra to read it");
            return Err(self.line.wrong(text, problem, &expected));
        }
        if self.line.is_blank() || text.starts_with("# ") {
            return Ok(LineKind::Blank);
        }
        if MARKERS.iter().any(|marker| text.starts_with(marker)) {
            let problem = "is what git leaves of a merge that was not ended";
            let expected = "facts: keep the lines of both sides, take the markers out";
            return Err(self.line.wrong(text, problem, expected));
        }
        Ok(LineKind::Fact)
    }

    /// The next field as it stands.
    pub(super) fn next(&mut self, what: &str) -> Result<&'a str, FormatError> {
        let Some(rest) = self.rest else {
            let end = &self.line.text[self.line.text.len()..];
            return Err(self.line.wrong(end, "", what));
        };
        let (field, rest) = match rest.split_once('\t') {
            Some((field, rest)) => (field, Some(rest)),
            None => (rest, None),
        };
        self.rest = rest;
        Ok(field)
    }

    /// Whether another field follows.
    pub(super) const fn has_more(&self) -> bool {
        self.rest.is_some()
    }

    /// Demands that nothing follows.
    pub(super) fn end(&self) -> Result<(), FormatError> {
        match self.rest {
            None => Ok(()),
            Some(rest) => Err(self.line.wrong(rest, "is too much", "the end of the line")),
        }
    }

    /// An error about a field of this line.
    pub(super) fn wrong(&self, field: &'a str, problem: &str, expected: &str) -> FormatError {
        self.line.wrong(field, problem, expected)
    }

    /// A field as the value it stands for.
    pub(super) fn parsed<T: FromStr>(&mut self, what: &str) -> Result<T, FormatError> {
        let field = self.next(what)?;
        let parsed = field.parse();
        parsed.map_err(|_| self.wrong(field, &format!("is not {what}"), what))
    }

    pub(super) fn day(&mut self) -> Result<Day, FormatError> {
        self.parsed("a day as YYYY-MM-DD")
    }

    pub(super) fn opt_day(&mut self) -> Result<Option<Day>, FormatError> {
        self.opt(Self::day)
    }

    /// A time, which is a whole second of UTC.
    pub(super) fn time(&mut self) -> Result<Timestamp, FormatError> {
        const WHAT: &str = "a time as 2026-03-01T09:00:00Z";
        let field = self.next(WHAT)?;
        let parsed: Option<Timestamp> = field.parse().ok();
        let parsed = parsed.filter(|at| time(*at) == field);
        parsed.ok_or_else(|| self.wrong(field, "is no time", WHAT))
    }

    pub(super) fn opt_time(&mut self) -> Result<Option<Timestamp>, FormatError> {
        self.opt(Self::time)
    }

    /// A number in digits.
    pub(super) fn number(&mut self, what: &str) -> Result<u64, FormatError> {
        let field = self.next(what)?;
        let number: Option<u64> = field.parse().ok();
        // Numbers are kept with a sign.
        let number = number.filter(|number| number.to_string() == field);
        number.ok_or_else(|| self.wrong(field, "is no number", what))
    }

    pub(super) fn opt_number(&mut self, what: &str) -> Result<Option<u64>, FormatError> {
        self.opt(|fields| fields.number(what))
    }

    /// Events and people.
    pub(super) fn count(&mut self) -> Result<Count, FormatError> {
        let events = self.number("a count in digits")?;
        let before = self.rest;
        let people = self.number("uniques in digits")?;
        Count::new(events, people).map_err(|error| {
            let field = before.unwrap_or_default();
            let field = field.split('\t').next().unwrap_or_default();
            self.wrong(
                field,
                &format!("cannot be: {error}"),
                "uniques of at most the count",
            )
        })
    }

    /// One of some words.
    pub(super) fn one_of<T: Copy>(
        &mut self,
        all: &[T],
        word: impl Fn(T) -> &'static str,
        what: &str,
    ) -> Result<T, FormatError> {
        let field = self.next(what)?;
        let found = all.iter().copied().find(|one| word(*one) == field);
        found.ok_or_else(|| self.wrong(field, "is none of the words that can stand here", what))
    }

    /// Yes or no, by two words.
    pub(super) fn either(
        &mut self,
        yes: &'static str,
        no: &'static str,
    ) -> Result<bool, FormatError> {
        let words = |is| if is { yes } else { no };
        self.one_of(&[true, false], words, &format!("\"{yes}\" or \"{no}\""))
    }

    /// A text.
    pub(super) fn text(&mut self, what: &str) -> Result<String, FormatError> {
        let field = self.next(what)?;
        let read = unescaped(field);
        let read = read.ok_or_else(|| {
            let expected = r"\\, \t, \n, \r, \- or \u{…} after a backslash";
            self.wrong(field, "has a backslash that means nothing", expected)
        })?;
        Ok(read.into_owned())
    }

    pub(super) fn opt_text(&mut self, what: &str) -> Result<Option<String>, FormatError> {
        self.opt(|fields| fields.text(what))
    }

    fn opt<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, FormatError>,
    ) -> Result<Option<T>, FormatError> {
        let field = self.rest.map(|rest| rest.split('\t').next());
        if field == Some(Some(NONE)) {
            self.next("")?;
            return Ok(None);
        }
        read(self).map(Some)
    }
}

/// A time as it is written.
pub(super) fn time(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// What may be missing, as it is written.
pub(super) fn opt<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| value.to_string())
}

pub(super) fn opt_time(at: Option<Timestamp>) -> String {
    opt(at.map(time))
}

pub(super) fn opt_text(text: Option<&str>) -> String {
    opt(text.map(escaped))
}

/// A text as it can stand in a field.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if text == NONE {
        return r"\-".into();
    }
    if !text.chars().any(|c| c == '\\' || c.is_control()) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\\' => out.push_str(r"\\"),
            '\t' => out.push_str(r"\t"),
            '\n' => out.push_str(r"\n"),
            '\r' => out.push_str(r"\r"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.into()
}

/// The text that a field stands for.
fn unescaped(field: &str) -> Option<Cow<'_, str>> {
    if !field.contains('\\') {
        return Some(field.into());
    }
    let mut out = String::with_capacity(field.len());
    let mut rest = field;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let c = after.chars().next()?;
        rest = &after[c.len_utf8()..];
        match c {
            '\\' | '-' => out.push(c),
            't' => out.push('\t'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            'u' => {
                let (digits, after) = rest.strip_prefix('{')?.split_once('}')?;
                out.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                rest = after;
            }
            _ => return None,
        }
    }
    out.push_str(rest);
    Some(out.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_comes_back_from_a_field(text in any::<String>()) {
            let field = escaped(&text);
            prop_assert!(!field.chars().any(char::is_control) && field != NONE);
            let read = unescaped(&field);
            prop_assert_eq!(read.as_deref(), Some(text.as_str()));
        }
    }

    #[test]
    fn a_backslash_before_anything_else_is_no_text() {
        for bad in ["\\", "a\\x", "\\u{", "\\u{d800}", "\\u41"] {
            assert_eq!(unescaped(bad), None, "{bad}");
        }
    }
}
