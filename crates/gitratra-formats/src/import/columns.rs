//! Which column of a CSV means what, as somebody says on the command line.

use std::str::FromStr;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// By the name in its header, whatever the case of its letters.
    Name(String),
    /// By its place, counted from 1.
    Number(usize),
}

/// Where the people behind a count stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uniques {
    /// In a column.
    Column(Column),
    /// Nowhere: the file does not have them. Its days are then told as lower bounds, with one
    /// person behind every count that is not zero, since no more is known.
    Missing,
}

/// Which column means what: `day=date,views=count,views_uniques=uniques`.
///
/// Invariant: there is a day and something besides, and views and clones say where their uniques
/// are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    pub(super) day: Column,
    pub(super) repo: Option<Column>,
    pub(super) views: Option<(Column, Uniques)>,
    pub(super) clones: Option<(Column, Uniques)>,
    pub(super) stars: Option<Column>,
    pub(super) forks: Option<Column>,
}

/// A text that says nothing about columns that could be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}; write for example day=date,views=count,views_uniques=uniques")]
pub struct ColumnsError {
    /// What is wrong.
    pub why: String,
}

/// What can be read out of a column, in the order of the help.
const WORDS: [&str; 8] = [
    "day",
    "repo",
    "views",
    "views_uniques",
    "clones",
    "clones_uniques",
    "stars",
    "forks",
];

impl FromStr for Columns {
    type Err = ColumnsError;

    fn from_str(text: &str) -> Result<Self, ColumnsError> {
        let wrong = |why: String| ColumnsError { why };
        let mut found: [Option<&str>; 8] = [None; 8];
        for part in text.split(',').map(str::trim) {
            let (word, column) = part
                .split_once('=')
                .map(|(word, column)| (word.trim(), column.trim()))
                .filter(|(_, column)| !column.is_empty())
                .ok_or_else(|| wrong(format!("\"{part}\" names no column")))?;
            let at = WORDS.iter().position(|known| *known == word);
            let words = WORDS.join(", ");
            let at = at.ok_or_else(|| wrong(format!("\"{word}\" is none of {words}")))?;
            if found[at].replace(column).is_some() {
                return Err(wrong(format!("\"{word}\" is there twice")));
            }
        }
        let column = |at: usize| found[at].map(column).transpose();
        let counted = |at: usize| match (found[at], found[at + 1]) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(wrong(format!("\"{}\" is missing", WORDS[at]))),
            (Some(_), None) => Err(wrong(format!(
                "\"{0}_uniques\" is missing: where the file has none, say {0}_uniques=none and its \
                 days count as lower bounds",
                WORDS[at]
            ))),
            (Some(count), Some("none")) => Ok(Some((self::column(count)?, Uniques::Missing))),
            (Some(count), Some(people)) => {
                let people = Uniques::Column(self::column(people)?);
                Ok(Some((self::column(count)?, people)))
            }
        };
        let columns = Self {
            day: column(0)?.ok_or_else(|| wrong("\"day\" is missing".to_owned()))?,
            repo: column(1)?,
            views: counted(2)?,
            clones: counted(4)?,
            stars: column(6)?,
            forks: column(7)?,
        };
        let has_any = columns.views.is_some()
            || columns.clones.is_some()
            || columns.stars.is_some()
            || columns.forks.is_some();
        has_any
            .then_some(columns)
            .ok_or_else(|| wrong("nothing but a day is there".to_owned()))
    }
}

fn column(text: &str) -> Result<Column, ColumnsError> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Column::Name(text.to_owned()));
    }
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(Column::Number).ok_or_else(|| ColumnsError {
        why: format!("\"{text}\" is no column: they are counted from 1"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, expected: &str) {
        let error = text.parse::<Columns>().unwrap_err();
        assert_eq!(error.why, expected, "{text}");
    }

    #[test]
    fn columns_are_names_or_numbers() {
        let columns: Columns = "day=1, views = Page views,views_uniques=none,stars=4"
            .parse()
            .unwrap();
        assert_eq!(columns.day, Column::Number(1));
        let views = Column::Name("Page views".into());
        assert_eq!(columns.views, Some((views, Uniques::Missing)));
        assert_eq!((columns.repo, columns.clones), (None, None));
        assert_eq!(columns.stars, Some(Column::Number(4)));
    }

    #[test]
    fn what_cannot_be_followed_says_what_to_write() {
        refused("", "\"\" names no column");
        refused("day", "\"day\" names no column");
        refused("day=", "\"day=\" names no column");
        refused("day=a,day=b", "\"day\" is there twice");
        refused(
            "day=0,stars=1",
            "\"0\" is no column: they are counted from 1",
        );
        refused("day=a", "nothing but a day is there");
        refused("stars=a", "\"day\" is missing");
        refused("day=a,views_uniques=b", "\"views\" is missing");
        refused(
            "day=a,clones=b",
            "\"clones_uniques\" is missing: where the file has none, say clones_uniques=none and \
             its days count as lower bounds",
        );
        refused(
            "day=a,visits=b",
            "\"visits\" is none of day, repo, views, views_uniques, clones, clones_uniques, stars, \
             forks",
        );
    }
}
