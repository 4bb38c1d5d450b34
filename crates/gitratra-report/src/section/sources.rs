//! Referrers and paths: what each brought in the range, how it moved, and the largest over time.

use gitratra_answer::Told as Lists;
use gitratra_core::rolling::InRange;
use gitratra_core::{DayRange, Ranked, Ranking, Window};
use gitratra_render::chart::{Ink, Shape, TimeChart};
use gitratra_render::number::{counted, grouped};

use super::Told;
use crate::block::{Block, Cell, ColumnKind, Drawn, Table};
use crate::charts::{chart, cut_note, fit_axis, layer, of_bounds, sentences};
use crate::words::{self, large};

/// Lines of a table where the report is about one repository, and where it is about several.
const SHOWN: [usize; 2] = [15, 8];
/// Lines of a chart, which more would only tangle; fewer of a chart in half of the page.
const DRAWN: [u8; 2] = [5, 3];

impl Told<'_> {
    /// Referrers and paths; where the report is about several repositories, their charts stand
    /// beside each other.
    pub(super) fn add_all_sources(&self, blocks: &mut Vec<Block>) {
        if self.is_alone() {
            for told in &self.answer.sources {
                blocks.push(Block::Heading(heading(told.ranking).to_owned()));
                blocks.extend(self.over_time(told).map(|chart| Block::Charts(vec![chart])));
                self.add_tables(blocks, told);
            }
            return;
        }
        if self.answer.sources.is_empty() {
            return;
        }
        blocks.push(Block::Heading("Referrers and paths".to_owned()));
        let charts = self.answer.sources.iter();
        let charts: Vec<Drawn> = charts.filter_map(|told| self.over_time(told)).collect();
        if !charts.is_empty() {
            blocks.push(Block::Charts(charts));
        }
        for told in &self.answer.sources {
            self.add_tables(blocks, told);
        }
    }

    fn add_tables(&self, blocks: &mut Vec<Block>, told: &Lists) {
        let ranked = told.sources.ranked(self.answer.range);
        if ranked.is_empty() {
            let text = format!("{}: none is known in these days.", heading(told.ranking));
            blocks.push(Block::Text(text));
            return;
        }
        let noun = match told.ranking {
            Ranking::Referrers => "Referrer",
            Ranking::Paths => "Path",
        };
        blocks.push(Block::Table(self.ranked(told, noun, &ranked)));
        let newest = &self.answer.newest_lists;
        let newest = newest.iter().find(|(ranking, ..)| *ranking == told.ranking);
        if let Some((_, window, lines)) = newest
            && self.is_alone()
            && !lines.is_empty()
        {
            blocks.push(Block::Table(self.newest(noun, *window, lines)));
        }
    }

    fn ranked(&self, told: &Lists, noun: &str, ranked: &[(&String, InRange)]) -> Table {
        let range = self.answer.range;
        let shown = SHOWN[usize::from(!self.is_alone())];
        let fortnights = fortnights(told);
        let mut columns = vec![
            (noun, ColumnKind::Name),
            ("Views", ColumnKind::Number),
            ("Uniques", ColumnKind::Number),
        ];
        if fortnights.is_some() {
            columns.push(("14 days before", ColumnKind::Number));
            columns.push(("Last 14 days", ColumnKind::Number));
        }
        columns.push(("", ColumnKind::Picture));
        let of_days = range.days().unsigned_abs();
        let known = told.sources.days_known(range);
        let speaks = match known < of_days {
            true => format!(
                " GitHub's lists speak of {} of {}.",
                grouped(known),
                counted(of_days, "day")
            ),
            false => String::new(),
        };
        let caption = format!("What each brought in the range, at least and at most.{speaks}");
        let mut table = Table::new(caption, &columns);
        let most = ranked.iter().map(|(_, found)| found.count.upper()).max();
        let share = |number: u64| large(number) / large(most.unwrap_or(0).max(1));
        for (name, found) in ranked.iter().take(shown) {
            let mut row = vec![
                Cell::text(words::foreign(name)),
                Cell::text(words::bounds(found.count)),
                Cell::text(words::bounds(found.people)),
            ];
            if let Some((before, last)) = fortnights {
                for days in [before, last] {
                    row.push(Cell::text(match in_window(told, name, days) {
                        Some(count) => words::bounds(count),
                        None => "–".to_owned(),
                    }));
                }
            }
            row.push(Cell::Bar(
                share(found.count.lower()),
                share(found.count.upper()),
                Ink::Views,
            ));
            table.rows.push(row);
        }
        if ranked.len() > shown {
            table.note = format!("and {} more", grouped((ranked.len() - shown) as u64));
        }
        table
    }

    /// The list as GitHub gave it last.
    fn newest(&self, noun: &str, window: Window, lines: &[Ranked]) -> Table {
        let columns = [
            (noun, ColumnKind::Name),
            ("Views", ColumnKind::Number),
            ("Uniques", ColumnKind::Number),
        ];
        let caption = format!(
            "GitHub's newest list: rolling totals of {}.",
            words::days(window.range())
        );
        let mut table = Table::new(caption, &columns);
        for line in lines {
            let count = line.total.0;
            table.rows.push(vec![
                Cell::text(words::foreign(&line.name)),
                Cell::text(grouped(count.count())),
                Cell::text(grouped(count.uniques().get())),
            ]);
        }
        table
    }

    /// The largest over time, each as a band from what is certain to what is possible.
    fn over_time(&self, told: &Lists) -> Option<Drawn> {
        let ranked = told.sources.ranked(self.answer.range);
        let step = self.answer.coarse;
        let title = match told.ranking {
            Ranking::Referrers => format!("Views by referrer and {}", words::step(step)),
            Ranking::Paths => format!("Views by path and {}", words::step(step)),
        };
        let mut chart: TimeChart = chart(title, "views", self.answer.range, step);
        chart.newest = Some(self.answer.known.last());
        let steps = step.of(self.answer.range);
        let drawn = DRAWN[usize::from(!self.is_alone())];
        for ((name, _), at) in ranked.iter().zip(0..drawn) {
            let points = steps
                .iter()
                .map(|step| of_bounds(*step, whole(told, name, *step)));
            chart
                .layers
                .push(layer(name, Ink::Series(at), Shape::Band, points.collect()));
        }
        let has_any = chart
            .layers
            .iter()
            .any(|layer| layer.points.iter().any(|point| point.value.is_some()));
        let axis = fit_axis(&mut chart);
        let note = sentences([
            "Bands reach from what is certain to what is possible, as totals of 14 days allow.",
            axis,
            &cut_note(step, self.answer.range),
        ]);
        has_any.then(|| Drawn::time(chart, note))
    }
}

const fn heading(ranking: Ranking) -> &'static str {
    match ranking {
        Ranking::Referrers => "Referrers",
        Ranking::Paths => "Paths",
    }
}

/// What a source brought in a step; nothing where a day of it is not known.
fn whole(told: &Lists, name: &String, days: DayRange) -> Option<gitratra_core::Bounds> {
    let found = told.sources.within(name, days)?;
    (found.days_known == found.of_days).then_some(found.count)
}

/// The days of the newest window that was read, after the 14 before it.
fn fortnights(told: &Lists) -> Option<(DayRange, DayRange)> {
    let last = told.sources.windows().last()?.range();
    Some((last.before(), last))
}

fn in_window(told: &Lists, name: &String, days: DayRange) -> Option<gitratra_core::Bounds> {
    let found = told.sources.within(name, days)?;
    (found.days_known > 0).then_some(found.count)
}
