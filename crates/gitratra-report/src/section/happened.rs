//! Spikes with what moved along, and what was released or noted.

use gitratra_core::spike::{Explanation, Moved};
use gitratra_render::number::grouped;

use super::Told;
use crate::block::{Block, Cell, ColumnKind, Table};
use crate::words;

/// Explanations of one spike.
const MOVED: usize = 4;
/// Spikes that are told, the largest.
const SPIKES: usize = 8;
/// Marks of a table; the newest are shown.
const MARKS: usize = 20;

impl Told<'_> {
    pub(super) fn add_spikes(&self, blocks: &mut Vec<Block>) {
        let mut spikes: Vec<_> = self.answer.spikes.iter().collect();
        if spikes.is_empty() {
            return;
        }
        spikes.sort_by_key(|found| (std::cmp::Reverse(found.spike.excess), found.spike.peak));
        let more = spikes.len().saturating_sub(SPIKES);
        spikes.truncate(SPIKES);
        spikes.sort_by_key(|found| (found.spike.peak, found.metric));
        let columns = [
            ("Days", ColumnKind::Word),
            ("What", ColumnKind::Word),
            ("Peak", ColumnKind::Number),
            ("Usual ≈", ColumnKind::Number),
            ("Beyond ≈", ColumnKind::Number),
            ("What moved along", ColumnKind::Name),
        ];
        let mut table = Table::new("Days far above the usual.", &columns);
        for found in spikes {
            let spike = &found.spike;
            let moved = found.moved.iter().take(MOVED).map(explanation);
            let moved: Vec<String> = moved.collect();
            table.rows.push(vec![
                Cell::text(words::days(spike.days)),
                Cell::text(found.metric.word()),
                Cell::text(grouped(spike.count)),
                Cell::text(grouped(spike.usual)),
                Cell::text(grouped(spike.excess)),
                Cell::text(match moved.is_empty() {
                    true => "nothing that is known".to_owned(),
                    false => moved.join("; "),
                }),
            ]);
        }
        let unsettled = self
            .answer
            .spikes
            .iter()
            .any(|found| !found.spike.is_settled);
        table.note = "What is usual, and what came beyond it, are estimates. What moved along is no proof of a cause.".to_owned();
        if unsettled {
            table.note += " The newest may yet turn out to be a rise that stays.";
        }
        if more > 0 {
            table.note += &format!(" {more} smaller ones are left out.");
        }
        blocks.push(Block::Heading("Spikes".to_owned()));
        blocks.push(Block::Table(table));
    }

    pub(super) fn add_marks(&self, blocks: &mut Vec<Block>) {
        let marks = &self.answer.marks;
        if marks.is_empty() {
            return;
        }
        let columns = [
            ("Day", ColumnKind::Word),
            ("What", ColumnKind::Word),
            ("Name or words", ColumnKind::Name),
        ];
        let mut table = Table::new(
            "Releases, tags and notes of the range, the newest first.",
            &columns,
        );
        for mark in marks.iter().rev().take(MARKS) {
            table.rows.push(vec![
                Cell::text(mark.day.to_string()),
                Cell::text(mark.kind.word()),
                Cell::text(words::foreign(&mark.text)),
            ]);
        }
        if marks.len() > MARKS {
            table.note = format!("and {} more before", grouped((marks.len() - MARKS) as u64));
        }
        blocks.push(Block::Heading("What happened".to_owned()));
        blocks.push(Block::Table(table));
    }
}

fn explanation(found: &Explanation) -> String {
    let mut text = match &found.moved {
        Moved::Referrer(name) => format!("referrer {}", words::cut(name, 60)),
        Moved::Path(name) => format!("page {}", words::cut(name, 60)),
        Moved::Stars => "stars".to_owned(),
        Moved::Mark(mark) => {
            format!(
                "{} {} of {}",
                mark.kind.word(),
                words::cut(&mark.text, 60),
                mark.day
            )
        }
    };
    if let Some(more) = found.more {
        text += &format!(", {} more than usual", words::bounds(more));
    }
    if let Some(share) = found.share {
        text += &format!(", {} % of the rise", words::bounds(share));
    }
    text + &format!(" ({})", found.likelihood.word())
}
