//! Referrers and paths: a ranked list with bars, under the window it belongs to.

use gitratra_core::{Ranked, Ranking, Window};

use super::paint::{Ink, Style};
use super::table::{Cell, Column, painted_table};
use super::text::{flow, plain};
use crate::number::grouped;

/// One ranked list and the window it is a total of.
#[derive(Debug, Clone, Copy)]
pub struct ShowRanking<'a> {
    /// Referrers or paths.
    pub ranking: Ranking,
    /// The 14 days it speaks of.
    pub window: Window,
    /// The lines in GitHub's order.
    pub lines: &'a [Ranked],
}

/// Columns of the longest bar, at most.
const BAR: usize = 24;

/// The list as a table: rank, name, views and uniques over the window, and a bar.
#[must_use]
pub fn show_ranking(list: &ShowRanking<'_>, style: Style) -> String {
    let range = list.window.range();
    let mut out = String::new();
    let heading = list.ranking.word().to_uppercase();
    let note = format!(
        "14-day totals, not daily: {} to {}",
        range.first(),
        range.last()
    );
    out += &flow(&[(Ink::Strong, heading), (Ink::Faint, note)], 0, style);
    if list.lines.is_empty() {
        let none = format!("no {} in these days", list.ranking);
        return out + &flow(&[(Ink::Faint, none)], 0, style);
    }
    let noun = match list.ranking {
        Ranking::Referrers => "referrer",
        Ranking::Paths => "path",
    };
    let columns = [
        Column::number("#"),
        Column::name(noun),
        Column::number("views"),
        Column::number("uniques"),
        Column::word(""),
    ];
    let counts = list.lines.iter().map(|line| line.total.0.count());
    let largest = counts.max().unwrap_or(0);
    let rows: Vec<Vec<Cell>> = list
        .lines
        .iter()
        .zip(1_u64..)
        .map(|(line, rank)| {
            let total = line.total.0;
            vec![
                Cell::new(Ink::Faint, rank.to_string()),
                Cell::new(Ink::Plain, plain(&line.name, style)),
                Cell::new(Ink::Plain, grouped(total.count())),
                Cell::new(Ink::Plain, grouped(total.uniques().get())),
                Cell::new(Ink::Views, bar(total.count(), largest, style)),
            ]
        })
        .collect();
    out + &painted_table(&columns, &rows, None, style)
}

/// A bar along the row; nothing only for nothing.
pub(super) fn bar(count: u64, largest: u64, style: Style) -> String {
    let room = if style.columns() < 60 { 8 } else { BAR };
    let largest = u128::from(largest.max(1));
    let columns = (u128::from(count) * room as u128 + largest / 2) / largest;
    let columns = usize::try_from(columns).unwrap_or(room).min(room);
    let columns = columns.max(usize::from(count > 0));
    style.glyphs().length.to_string().repeat(columns)
}
