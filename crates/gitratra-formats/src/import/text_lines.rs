//! Lines of a text as they come, none of them longer than 1 MiB.

use std::io::{BufRead, Read};

use super::{ImportError, LONGEST_LINE};
use crate::FormatError;
use crate::lines::{Line, line_of};

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The lines of a file; a byte order mark and `\r` are taken off.
pub(super) struct TextLines<'a> {
    input: &'a mut dyn BufRead,
    file: &'a str,
    number: usize,
    buffer: Vec<u8>,
}

impl<'a> TextLines<'a> {
    pub(super) const fn new(input: &'a mut dyn BufRead, file: &'a str) -> Self {
        Self {
            input,
            file,
            number: 0,
            buffer: Vec::new(),
        }
    }

    /// The next line, also where it is blank.
    ///
    /// # Errors
    /// [`FormatError`] where it is too long or not UTF-8.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, ImportError> {
        self.buffer.clear();
        self.number += 1;
        let most = LONGEST_LINE as u64 + 1;
        let read = (&mut *self.input)
            .take(most)
            .read_until(b'\n', &mut self.buffer)
            .map_err(ImportError::io(self.file))?;
        if read == 0 {
            return Ok(None);
        }
        let mut raw: &[u8] = &self.buffer;
        if raw.len() > LONGEST_LINE {
            return Err(FormatError {
                file: self.file.to_owned(),
                line: self.number,
                column: LONGEST_LINE,
                found: "the line does not end within 1 MiB".to_owned(),
                expected: "a text with short lines".to_owned(),
            }
            .into());
        }
        if self.number == 1 {
            raw = raw.strip_prefix(MARK).unwrap_or(raw);
        }
        let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
        Ok(Some(line_of(raw, self.file, self.number)?))
    }
}
