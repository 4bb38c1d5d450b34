//! Aligned columns, or, where they do not fit, each row as a short list.

use super::paint::{Ink, Line, Style};
use super::text::{blanks, plain, shortened, width};

/// On which side the text of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// What stands above it.
    pub heading: &'a str,
    /// On which side its text stands.
    pub align: Align,
    /// Whether its text may lose its middle where there is no room.
    pub shrinks: bool,
}

impl<'a> Column<'a> {
    /// A column of words that may be shortened.
    #[must_use]
    pub const fn name(heading: &'a str) -> Self {
        Self {
            heading,
            align: Align::Left,
            shrinks: true,
        }
    }

    /// A column of words that are always whole.
    #[must_use]
    pub const fn word(heading: &'a str) -> Self {
        Self {
            heading,
            align: Align::Left,
            shrinks: false,
        }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn number(heading: &'a str) -> Self {
        Self {
            heading,
            align: Align::Right,
            shrinks: false,
        }
    }
}

/// A table as text; each row has a cell for each column.
///
/// Where the columns do not fit into the width even when shortened, each row becomes a list of
/// `heading  text` lines. Cells lose their control characters.
#[must_use]
pub fn table(columns: &[Column<'_>], rows: &[Vec<String>], style: Style) -> String {
    let rows: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| row.iter().map(|text| Cell::plain(text, style)).collect())
        .collect();
    painted_table(columns, &rows, None, style)
}

/// A text with its colour.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) ink: Ink,
    pub(super) text: String,
}

impl Cell {
    pub(super) fn new(ink: Ink, text: impl Into<String>) -> Self {
        Self {
            ink,
            text: text.into(),
        }
    }

    fn plain(text: &str, style: Style) -> Self {
        Self::new(Ink::Plain, plain(text, style))
    }
}

/// Blanks between two columns.
const BETWEEN: usize = 2;
/// What a column is never shortened below.
const NARROWEST: usize = 10;
/// What a column of names should not be shortened below while others can be left out.
const TOLD_APART: usize = 22;

/// As [`table`], with colours and with a last row under a rule.
pub(super) fn painted_table(
    columns: &[Column<'_>],
    rows: &[Vec<Cell>],
    last: Option<&Vec<Cell>>,
    style: Style,
) -> String {
    let Some(widths) = widths(columns, rows.iter().chain(last), NARROWEST, style) else {
        return lists(columns, rows.iter().chain(last), style);
    };
    let mut out = String::new();
    if columns.iter().any(|column| !column.heading.is_empty()) {
        let headings: Vec<_> = columns
            .iter()
            .map(|column| Cell::new(Ink::Faint, column.heading))
            .collect();
        out += &row_text(columns, &headings, &widths, style);
    }
    for row in rows {
        out += &row_text(columns, row, &widths, style);
    }
    if let Some(last) = last {
        let whole = widths.iter().sum::<usize>() + BETWEEN * widths.len().saturating_sub(1);
        let mut rule = Line::default();
        rule.put(Ink::Faint, &style.glyphs().rule.to_string().repeat(whole));
        out += &rule.finish(style);
        out += &row_text(columns, last, &widths, style);
    }
    out
}

/// Whether the columns fit into the width with names that can still be told apart.
pub(super) fn fits(columns: &[Column<'_>], rows: &[Vec<Cell>], style: Style) -> bool {
    widths(columns, rows.iter(), TOLD_APART, style).is_some()
}

/// How wide each column is, or nothing where they do not fit.
fn widths<'a>(
    columns: &[Column<'_>],
    rows: impl Iterator<Item = &'a Vec<Cell>>,
    narrowest: usize,
    style: Style,
) -> Option<Vec<usize>> {
    let mut widths: Vec<usize> = columns.iter().map(|column| width(column.heading)).collect();
    for row in rows {
        for (at, cell) in row.iter().enumerate().take(widths.len()) {
            widths[at] = widths[at].max(width(&cell.text));
        }
    }
    let between = BETWEEN * columns.len().saturating_sub(1);
    let mut over = (widths.iter().sum::<usize>() + between).saturating_sub(style.columns());
    // The widest gives first, until it is as wide as the next one.
    while over > 0 {
        let (widest, _) = columns
            .iter()
            .enumerate()
            .filter(|(at, column)| column.shrinks && widths[*at] > narrowest)
            .max_by_key(|(at, _)| widths[*at])?;
        widths[widest] -= 1;
        over -= 1;
    }
    Some(widths)
}

fn row_text(columns: &[Column<'_>], row: &[Cell], widths: &[usize], style: Style) -> String {
    let mut line = Line::default();
    for (at, ((column, cell), room)) in columns.iter().zip(row).zip(widths).enumerate() {
        if at > 0 {
            line.put(Ink::Plain, &" ".repeat(BETWEEN));
        }
        let text = shortened(&cell.text, *room, style);
        let blanks = blanks(&text, *room);
        match column.align {
            Align::Left => {
                line.put(cell.ink, &text);
                line.put(Ink::Plain, &blanks);
            }
            Align::Right => {
                line.put(Ink::Plain, &blanks);
                line.put(cell.ink, &text);
            }
        }
    }
    line.finish(style)
}

/// Each row as lines of heading and text, with a blank line between rows.
fn lists<'a>(
    columns: &[Column<'_>],
    rows: impl Iterator<Item = &'a Vec<Cell>>,
    style: Style,
) -> String {
    let headings = columns.iter().map(|column| width(column.heading));
    let heading_room = headings.max().unwrap_or(0);
    let text_room = style
        .columns()
        .saturating_sub(heading_room + BETWEEN)
        .max(NARROWEST);
    let mut out = String::new();
    for row in rows {
        if !out.is_empty() {
            out.push('\n');
        }
        for (column, cell) in columns
            .iter()
            .zip(row)
            .filter(|(_, cell)| !cell.text.is_empty())
        {
            let mut line = Line::default();
            line.put(Ink::Faint, column.heading);
            line.put(Ink::Plain, &blanks(column.heading, heading_room + BETWEEN));
            line.put(cell.ink, &shortened(&cell.text, text_room, style));
            out += &line.finish(style);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn drawn(width: usize) -> String {
        let columns = [
            Column::name("repository"),
            Column::number("id"),
            Column::word("newest day"),
            Column::name("last error"),
        ];
        let row = |cells: [&str; 4]| cells.map(str::to_owned).into();
        let rows: [Vec<String>; 2] = [
            row(["octo/alpha", "1", "2026-11-21", ""]),
            row([
                "octo/a-name-that-goes-on-and-on",
                "1296269",
                "2026-11-18",
                "cannot read views: \x1b[31mforbidden",
            ]),
        ];
        let style = Style {
            width,
            color: false,
            unicode: true,
        };
        table(&columns, &rows, style)
    }

    #[test]
    fn columns_are_as_wide_as_their_text_where_there_is_room() {
        assert_snapshot!(drawn(120), @r"
        repository                            id  newest day  last error
        octo/alpha                             1  2026-11-21
        octo/a-name-that-goes-on-and-on  1296269  2026-11-18  cannot read views: �[31mforbidden
        ");
    }

    #[test]
    fn names_lose_their_middle_where_there_is_little_room() {
        assert_snapshot!(drawn(60), @r"
        repository                id  newest day  last error
        octo/alpha                 1  2026-11-21
        octo/a-na…on-and-on  1296269  2026-11-18  cannot re…orbidden
        ");
    }

    #[test]
    fn rows_become_lists_where_there_is_none() {
        assert_snapshot!(drawn(40), @r"
        repository  octo/alpha
        id          1
        newest day  2026-11-21

        repository  octo/a-name-th…oes-on-and-on
        id          1296269
        newest day  2026-11-18
        last error  cannot read vi…[31mforbidden
        ");
    }

    #[test]
    fn a_table_of_nothing_is_its_headings() {
        let style = Style {
            width: 80,
            color: false,
            unicode: true,
        };
        assert_eq!(
            table(&[Column::name("a"), Column::number("b")], &[], style),
            "a  b\n"
        );
    }
}
