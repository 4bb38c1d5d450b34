//! What a report is asked for, and what can go wrong.

use std::io;
use std::path::Path;

use gitratra_answer::Asked;
use gitratra_core::platform::Rule;
use gitratra_core::{DayRange, RepoId};
use gitratra_store::StoreError;

/// What a report is about.
#[derive(Debug, Clone)]
pub struct Question {
    /// Which days.
    pub asked: Asked,
    /// The repositories, in any order; one of them makes a report without a cover.
    pub repos: Vec<RepoId>,
    /// What was asked for in words, as `group web`; it stands below the title.
    pub scope: String,
    /// The title; nothing for one that says what the report is about.
    pub title: Option<String>,
    /// The user's own rules for platforms.
    pub rules: Vec<Rule>,
    /// The paper of a PDF.
    pub paper: Paper,
    /// The version of the program, for the foot of the page.
    pub version: String,
}

/// The size of a PDF's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paper {
    /// 210 × 297 mm.
    #[default]
    A4,
    /// 8.5 × 11 inches.
    Letter,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One page that loads nothing.
    Html,
    /// As GitHub shows it.
    Markdown,
    /// Pages of paper.
    Pdf,
}

/// A file name whose ending says no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" does not say how to write the report: end it with .html, .md or .pdf")]
pub struct UnknownEnding(String);

impl Format {
    /// What the ending of a file's name says; letter case does not matter.
    ///
    /// # Errors
    /// [`UnknownEnding`] for any other ending than `.html`, `.htm`, `.md`, `.markdown` and `.pdf`.
    pub fn of(path: &Path) -> Result<Self, UnknownEnding> {
        let ending = path.extension().and_then(|ending| ending.to_str());
        match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("html" | "htm") => Ok(Self::Html),
            Some("md" | "markdown") => Ok(Self::Markdown),
            Some("pdf") => Ok(Self::Pdf),
            _ => Err(UnknownEnding(path.display().to_string())),
        }
    }
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// No repository was asked for.
    #[error("a report needs a repository")]
    NoRepositories,
    /// Nothing is known of any of them in the range; `known` are the days that are.
    #[error("nothing is known of {what} in this range: {}", advice(*known))]
    Nothing {
        /// The repositories in words.
        what: String,
        /// The days of which something is known.
        known: Option<DayRange>,
    },
    /// More sections than fit into one document.
    #[error(
        "{repos} repositories are too many for one {kind}, which holds {most}: \
         name a group or an owner, as in `gitratra report 'octo/*'`"
    )]
    TooMany {
        /// How many were asked for.
        repos: usize,
        /// How many there may be.
        most: usize,
        /// The format.
        kind: &'static str,
    },
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The report could not be written to where it goes.
    #[error("cannot write the report")]
    Unwritten(#[from] io::Error),
    /// The pages could not be put together.
    #[error("cannot put the pages of the report together: {0}")]
    Pages(String),
}

fn advice(known: Option<DayRange>) -> String {
    match known {
        Some(known) => format!(
            "days from {} to {} are, ask for them with --range {}..{}",
            known.first(),
            known.last(),
            known.first(),
            known.last()
        ),
        None => "read them with `gitratra sync` first".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_says_the_format_and_another_one_is_answered_with_all_three() {
        let check = |name: &str| Format::of(Path::new(name));
        assert_eq!(check("a.html"), Ok(Format::Html));
        assert_eq!(check("a.b.MD"), Ok(Format::Markdown));
        assert_eq!(check("dir/a.Pdf"), Ok(Format::Pdf));
        for bad in ["report", "report.docx", ".pdf", ""] {
            let told = check(bad).unwrap_err().to_string();
            for ending in [".html", ".md", ".pdf"] {
                assert!(told.contains(ending), "{told}");
            }
        }
    }
}
