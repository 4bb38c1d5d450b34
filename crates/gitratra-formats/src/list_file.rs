//! What a user lists, one thing a line: repositories for the original tool's call, patterns for
//! `track @FILE`.
//!
//! Blank lines and `#` comments are passed over, also after an entry; blanks around an entry and a
//! byte order mark are taken off. A `#` that touches a name is part of it, and wrong.

use gitratra_core::repo::check_name;
use gitratra_core::{Pattern, RepoName};

use crate::FormatError;
use crate::lines::{self, lines};

/// A repository as a line of the list gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `name` or `owner/name`, as spelled.
    pub text: String,
    /// The line, counted from 1.
    pub line: usize,
}

/// Reads a list of repositories, in the order of the file, repeats included.
///
/// # Errors
/// [`FormatError`] at the first line that names no repository.
pub fn parse(bytes: impl AsRef<[u8]>, file_name: &str) -> Result<Vec<Entry>, FormatError> {
    let mut entries = Vec::new();
    for line in lines(bytes.as_ref(), file_name) {
        let line = line?;
        let Some(text) = entry_text(&line) else {
            continue;
        };
        check_entry(text).map_err(|why| {
            line.wrong(
                text,
                &format!("is no repository: {why}"),
                "name or owner/name",
            )
        })?;
        entries.push(Entry {
            text: text.to_owned(),
            line: line.number(),
        });
    }
    Ok(entries)
}

/// One line of a list of patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A pattern.
    Pattern(Pattern),
    /// A name without an owner, which belongs to the owner of the token.
    BareName(String),
}

/// Reads a list of patterns and bare names, in the order of the file, repeats included.
///
/// # Errors
/// [`FormatError`] at the first line that is neither.
pub fn parse_patterns(bytes: impl AsRef<[u8]>, file_name: &str) -> Result<Vec<Line>, FormatError> {
    let mut found = Vec::new();
    for line in lines(bytes.as_ref(), file_name) {
        let line = line?;
        let Some(text) = entry_text(&line) else {
            continue;
        };
        let is_bare = !text.contains(['/', '!', '*']) && check_name(text).is_ok();
        found.push(if is_bare {
            Line::BareName(text.to_owned())
        } else {
            let pattern = text.parse().map_err(|error: gitratra_core::PatternError| {
                line.wrong(
                    text,
                    &format!("is no pattern: {}", error.why),
                    "a pattern such as owner/*",
                )
            });
            Line::Pattern(pattern?)
        });
    }
    Ok(found)
}

/// Checks `name` or `owner/name`.
pub(crate) fn check_entry(text: &str) -> Result<(), &'static str> {
    if text.contains('/') {
        text.parse::<RepoName>()
            .map(|_| ())
            .map_err(|error| error.why)
    } else if text.is_empty() {
        Err("the name is missing")
    } else {
        check_name(text)
    }
}

/// The line without comment and blanks, if anything is left.
fn entry_text<'a>(line: &lines::Line<'a>) -> Option<&'a str> {
    let text = line.text.trim();
    let comment = text.char_indices().find(|(at, c)| {
        *c == '#'
            && text[..*at]
                .chars()
                .next_back()
                .is_none_or(char::is_whitespace)
    });
    let text = match comment {
        Some((at, _)) => text[..at].trim_end(),
        None => text,
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, usize)]) {
        let entries = parse(text, "repos.txt").unwrap();
        let found: Vec<_> = entries
            .iter()
            .map(|entry| (entry.text.as_str(), entry.line))
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    fn refused(text: &[u8], expected: &str) {
        assert_eq!(parse(text, "repos.txt").unwrap_err().to_string(), expected);
    }

    #[test]
    fn names_are_kept_as_spelled_with_their_lines() {
        check(
            "\u{feff}# mine\r\n\r\n  Alpha \r\nocto/Beta\t# the second\n#gamma\nalpha",
            &[("Alpha", 3), ("octo/Beta", 4), ("alpha", 6)],
        );
    }

    #[test]
    fn a_list_of_nothing_is_empty() {
        check("", &[]);
        check("# nothing\n \n", &[]);
    }

    #[test]
    fn a_line_that_names_no_repository_is_refused_where_it_stands() {
        refused(
            b"alpha\n  octo/be ta\n",
            "\"repos.txt\" line 2, column 3: \"octo/be ta\" is no repository: a name has only \
             letters, digits, \"-\", \"_\" and \".\", expected name or owner/name",
        );
        refused(
            b"alpha#beta\n",
            "\"repos.txt\" line 1, column 1: \"alpha#beta\" is no repository: a name has only \
             letters, digits, \"-\", \"_\" and \".\", expected name or owner/name",
        );
        refused(
            b"octo/\n",
            "\"repos.txt\" line 1, column 1: \"octo/\" is no repository: the name after the owner \
             is missing, expected name or owner/name",
        );
        refused(
            b"ok\n\xFF\xFEa\n",
            "\"repos.txt\" line 2, column 1: the byte 0xFF is no text, expected UTF-8",
        );
    }

    #[test]
    fn patterns_are_read_with_their_comments_passed_over() {
        let found = parse_patterns("octo/* # all\n!fork\r\n\n!octo/x\nalpha\n", "list").unwrap();
        let words: Vec<_> = found
            .iter()
            .map(|line| match line {
                Line::Pattern(pattern) => pattern.to_string(),
                Line::BareName(name) => format!("bare {name}"),
            })
            .collect();
        assert_eq!(words, ["octo/*", "!fork", "!octo/x", "bare alpha"]);
    }

    #[test]
    fn what_is_neither_pattern_nor_name_is_refused_where_it_stands() {
        let error = parse_patterns("octo/*\n octo/*x\n", "list").unwrap_err();
        assert_eq!((error.line, error.column), (2, 2));
        let told = error.to_string();
        assert!(told.contains("\"octo/*x\" is no pattern"), "{told}");
    }
}
