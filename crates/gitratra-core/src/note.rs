//! What somebody wrote about a day of a repository: "blog post", "moved to another site".

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::Day;

/// What a note says: one line, without spaces around it.
///
/// Invariant: 1 to [`NoteText::LONGEST`] characters, none of which is a control character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoteText(String);

impl NoteText {
    /// Characters at most.
    pub const LONGEST: usize = 500;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NoteText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for NoteText {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NoteError::Empty);
        }
        if text.chars().any(char::is_control) {
            return Err(NoteError::Control);
        }
        match text.chars().count() {
            length if length > Self::LONGEST => Err(NoteError::TooLong { length }),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

/// A note as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its number within the repository; no other note ever gets it.
    pub id: u64,
    /// The UTC day it is about.
    pub day: Day,
    /// What it says.
    pub text: NoteText,
    /// When it was written down.
    pub written_at: Timestamp,
}

/// Why a text is no note.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Nothing, or spaces.
    #[error("the note is empty, write what happened")]
    Empty,
    /// A line break, a tab or another character that cannot be shown.
    #[error("the note has a line break or another control character, write it on one line")]
    Control,
    /// More than fits.
    #[error("the note has {length} characters, write {longest} at most", longest = NoteText::LONGEST)]
    TooLong {
        /// How many it has.
        length: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_line_that_can_be_shown() {
        let long = "ß".repeat(500);
        for (text, expected) in [
            (" on the front page ", Ok("on the front page")),
            (long.as_str(), Ok(long.as_str())),
            (" \n", Err(NoteError::Empty)),
            ("two\nlines", Err(NoteError::Control)),
            ("\u{1b}[31mred", Err(NoteError::Control)),
            ("a\0b", Err(NoteError::Control)),
        ] {
            let read = text.parse::<NoteText>();
            assert_eq!(
                read.as_ref().map(NoteText::as_str),
                expected.as_ref().copied()
            );
        }
        let longer = format!("{long}s").parse::<NoteText>();
        assert_eq!(longer, Err(NoteError::TooLong { length: 501 }));
    }
}
