//! Referrers and paths over any range: what each brought at least and at most.

use gitratra_core::rolling::InRange;
use gitratra_core::{DayRange, Ranking};

use super::paint::{Ink, Style};
use super::rank::bar;
use super::table::{Cell, Column, painted_table};
use super::text::{flow, plain};
use crate::number::{counted, grouped};

/// What the sources of a repository brought in a range.
#[derive(Debug, Clone, Copy)]
pub struct ShowSources<'a> {
    /// Referrers or paths.
    pub ranking: Ranking,
    /// The days asked for.
    pub range: DayRange,
    /// Each source, the largest first.
    pub lines: &'a [(&'a str, InRange)],
}

/// So many are shown; the rest is counted.
const SHOWN: usize = 25;

/// The sources as a table: rank, name, views at least and at most, and a bar for what is certain.
#[must_use]
pub fn show_sources(sources: &ShowSources<'_>, style: Style) -> String {
    let ShowSources {
        ranking,
        range,
        lines,
    } = *sources;
    let days = counted(u64::try_from(range.days()).unwrap_or(0), "day");
    let heading = format!("{} IN {days}", ranking.word().to_uppercase());
    let note = format!("{} to {}", range.first(), range.last());
    let mut head = vec![(Ink::Strong, heading), (Ink::Faint, note)];
    let Some((_, first)) = lines.first() else {
        head.push((Ink::Faint, format!("no {ranking} in these days")));
        return flow(&head, 0, style);
    };
    if first.days_known < first.of_days {
        let known = grouped(first.days_known);
        let lists = format!("lists speak of {known} of {days}");
        head.push((Ink::Warn, lists));
    }
    let noun = match ranking {
        Ranking::Referrers => "referrer",
        Ranking::Paths => "path",
    };
    let is_exact = |found: &InRange| found.count.number().is_some();
    let all_exact = lines.iter().all(|(_, found)| is_exact(found));
    let mut columns = vec![Column::number("#"), Column::name(noun)];
    columns.push(Column::number(if all_exact { "views" } else { "at least" }));
    if !all_exact {
        columns.push(Column::number("at most"));
    }
    columns.push(Column::word(""));
    let largest = lines.iter().map(|(_, found)| found.count.lower()).max();
    let rows: Vec<Vec<Cell>> = lines
        .iter()
        .zip(1_u64..)
        .take(SHOWN)
        .map(|((name, found), rank)| {
            let mut row = vec![
                Cell::new(Ink::Faint, rank.to_string()),
                Cell::new(Ink::Plain, plain(name, style)),
                Cell::new(Ink::Plain, grouped(found.count.lower())),
            ];
            if !all_exact {
                row.push(Cell::new(Ink::Plain, grouped(found.count.upper())));
            }
            let bar = bar(found.count.lower(), largest.unwrap_or(0), style);
            row.push(Cell::new(Ink::Views, bar));
            row
        })
        .collect();
    let mut out = flow(&head, 0, style) + &painted_table(&columns, &rows, None, style);
    let rest = lines.len().saturating_sub(SHOWN);
    if rest > 0 {
        let more = format!("and {} more", grouped(rest as u64));
        out += &flow(&[(Ink::Faint, more)], 0, style);
    }
    out
}
