//! A text as numbered lines, with what editors and systems add to it taken off: a byte order mark,
//! `\r` before `\n`, a missing newline at the end.

use crate::FormatError;

/// How much of a wrong text an error repeats.
const QUOTED: usize = 40;

/// One line without its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    file: &'a str,
    number: usize,
}

/// The lines of a file; each is an error where it is not UTF-8.
pub(crate) fn lines<'a>(
    bytes: &'a [u8],
    file: &'a str,
) -> impl Iterator<Item = Result<Line<'a>, FormatError>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    (1..)
        .zip(bytes.split(|b| *b == b'\n'))
        .map(move |(number, raw)| line_of(raw, file, number))
}

/// One line of a file, without its `\r`.
pub(crate) fn line_of<'a>(
    raw: &'a [u8],
    file: &'a str,
    number: usize,
) -> Result<Line<'a>, FormatError> {
    let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
    let line = |text| Line { text, file, number };
    std::str::from_utf8(raw).map(line).map_err(|error| {
        let (good, bad) = raw.split_at(error.valid_up_to());
        FormatError {
            file: file.to_owned(),
            line: number,
            column: String::from_utf8_lossy(good).chars().count() + 1,
            found: format!("the byte 0x{:02X} is no text", bad.first().unwrap_or(&0)),
            expected: "UTF-8".to_owned(),
        }
    })
}

impl<'a> Line<'a> {
    pub(crate) const fn number(&self) -> usize {
        self.number
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// An error about `part`, which must be a part of this line. Where it is empty, the error is
    /// about what stands there instead.
    pub(crate) fn wrong(&self, part: &'a str, problem: &str, expected: &str) -> FormatError {
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let (before, after) = self
            .text
            .split_at_checked(offset)
            .unwrap_or((self.text, ""));
        let part = match part {
            "" => after.get(..1).unwrap_or(after),
            part => part,
        };
        let found = match part {
            "" => "the line ends".to_owned(),
            part => format!("{} {problem}", quoted(part)),
        };
        FormatError {
            file: self.file.to_owned(),
            line: self.number,
            column: before.chars().count() + 1,
            found,
            expected: expected.to_owned(),
        }
    }
}

/// The text in quotes, without control characters and not too long for a message.
pub(crate) fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("\"{}\"", short.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &[&str]) {
        let found: Vec<_> = lines(bytes, "f").map(|line| line.unwrap().text).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn line_ends_and_marks_are_taken_off() {
        check(b"\xEF\xBB\xBFa\r\nb\n", &["a", "b", ""]);
        check(b"a\n\nb", &["a", "", "b"]);
        check(b"", &[""]);
    }

    #[test]
    fn bytes_that_are_no_text_are_named_by_line_and_column() {
        let error = lines(b"a\n\xC3\xA4\xFF", "f")
            .find_map(Result::err)
            .unwrap();
        assert_eq!(
            error.to_string(),
            "\"f\" line 2, column 2: the byte 0xFF is no text, expected UTF-8"
        );
    }

    #[test]
    fn long_texts_are_shortened_in_messages() {
        assert_eq!(quoted("a\tb"), "\"a\\tb\"");
        assert!(quoted(&"x".repeat(1000)).len() < 60);
    }
}
