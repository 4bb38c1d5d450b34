//! How far the numbers go: days measured, days lost, and clones that machines may have made.

use gitratra_answer::{GapAccount, gaps};
use gitratra_core::{DayState, Metric};
use gitratra_render::chart::{Calendar, CalendarDay, Cell as Shade, Ink};
use gitratra_render::number::{counted, grouped};

use super::Told;
use crate::block::{Block, Drawn, Picture};
use crate::words::{self, large};

/// Gaps that are listed; more are counted.
const GAPS: usize = 10;
/// Days of which a calendar can be drawn.
const DAYS: i64 = 400;

impl Told<'_> {
    pub(super) fn add_coverage(&self, blocks: &mut Vec<Block>) {
        blocks.push(Block::Heading("Coverage".to_owned()));
        let mut points = Vec::new();
        let watched = self.watched();
        let of_days = watched.days().unsigned_abs();
        for traffic in &self.answer.traffic {
            let (measured, partial) = (traffic.total.days_measured, traffic.total.days_partial);
            let mut text = format!(
                "{}: {} of {} measured",
                super::traffic::heading(traffic.metric),
                grouped(measured),
                counted(of_days, "day")
            );
            if partial > 0 {
                text += &format!(", {} seen only while running", grouped(partial));
            }
            let missing = of_days.saturating_sub(measured + partial);
            if missing > 0 {
                text += &format!(", {} not known", grouped(missing));
            }
            points.push(text + ".");
        }
        let days = self.answer.days.clone();
        let since = self.about.gone.as_ref().map(|gone| gone.since);
        let lost = GapAccount::joined(gaps(days, since, None));
        if lost.is_empty() {
            points.push("No day amid the known ones was lost.".to_owned());
        }
        for gap in lost.iter().take(GAPS) {
            points.push(format!(
                "Lost for good: {} to {}, {} of {}. These days are gaps, not zeros.",
                gap.from(),
                gap.to(),
                counted(gap.days().unsigned_abs(), "day"),
                gap.metrics().join(" and ")
            ));
        }
        if lost.len() > GAPS {
            points.push(format!("and {} more gaps.", lost.len() - GAPS));
        }
        if let Some(machines) = self.answer.machines.filter(|total| total.days > 0) {
            points.push(format!(
                "Of {} clones workflow runs may have made {}, which is an estimate of {}.",
                grouped(machines.clones),
                words::bounds(machines.by_machines),
                counted(machines.days, "day")
            ));
        }
        blocks.push(Block::List(points));
        if self.is_alone() && self.answer.range.days() <= DAYS {
            blocks.push(Block::Charts(vec![self.calendar()]));
        }
    }

    /// Views of each day as a shade, and of which days nothing is known.
    fn calendar(&self) -> Drawn {
        let days = &self.answer.days;
        let known = |row: &gitratra_core::DayRow| {
            let value = row.value(Metric::Views)?;
            value.state.is_believed().then(|| value.count.count())
        };
        let largest = large(days.iter().filter_map(known).max().unwrap_or(0));
        let first = self.answer.known.first();
        let cells = days.iter().map(|row| {
            let value = row.value(Metric::Views);
            let cell = match value {
                _ if row.day < first => Shade::Outside,
                None => Shade::Gap,
                Some(value) => {
                    let level = Shade::level(large(value.count.count()), largest);
                    match value.state {
                        DayState::Measured => Shade::Measured(level),
                        DayState::Partial => Shade::Partial(level),
                        DayState::Suspect | DayState::Doubted => Shade::Suspect,
                        DayState::Gap => Shade::Gap,
                    }
                }
            };
            CalendarDay {
                day: row.day,
                cell,
                text: format!("{} views", words::number(known(row))),
            }
        });
        Drawn {
            picture: Picture::Calendar(Box::new(Calendar {
                id: String::new(),
                title: "Days that are known, and how many views they had".to_owned(),
                description: words::days(self.answer.range),
                range: self.answer.range,
                ink: Ink::Views,
                days: cells.collect(),
                most: format!("{} views", words::number(Some(largest as u64))),
                least: "none".to_owned(),
            })),
            note: String::new(),
        }
    }
}
