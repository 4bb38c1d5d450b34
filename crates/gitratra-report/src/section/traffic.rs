//! Views and clones: by day with people, added up, and by weekday.

use gitratra_answer::Traffic;
use gitratra_core::figures::{self, Step};
use gitratra_core::spike::MarkKind;
use gitratra_core::{Metric, figures::Fold};
use gitratra_render::chart::{ChartMark, ChartMarkKind, Point, Shape, WeekdayChart, WeekdayValue};
use gitratra_render::number::{counted, grouped, with_tenth};

use super::Told;
use crate::block::{Block, Drawn, Picture};
use crate::charts::{added_up, chart, cut_note, fit_axis, inks, layer, of_fold, sentences};
use crate::words::{self, large};

impl Told<'_> {
    /// Both metrics beside each other, where the report is about several repositories.
    pub(super) fn add_both(&self, blocks: &mut Vec<Block>) {
        blocks.push(Block::Heading("Views and clones".to_owned()));
        for traffic in &self.answer.traffic {
            blocks.push(Block::Text(self.words_of(traffic)));
        }
        let folds = Metric::ALL.map(|metric| (metric, self.folds(metric)));
        let each = |draw: &dyn Fn(Metric, &[Fold]) -> Drawn| {
            let charts = folds.iter().map(|(metric, folds)| draw(*metric, folds));
            Block::Charts(charts.collect())
        };
        blocks.push(each(&|metric, folds| self.by_step(metric, folds)));
        blocks.push(each(&|metric, folds| self.in_all(metric, folds)));
    }

    pub(super) fn add_traffic(&self, blocks: &mut Vec<Block>, metric: Metric) {
        let Some(traffic) = self.answer.of(metric) else {
            return;
        };
        let folds = self.folds(metric);
        blocks.push(Block::Heading(heading(metric).to_owned()));
        blocks.push(Block::Text(self.words_of(traffic)));
        blocks.push(Block::Charts(vec![self.by_step(metric, &folds)]));
        let mut beside = vec![self.in_all(metric, &folds)];
        beside.extend(self.by_weekday(traffic));
        blocks.push(Block::Charts(beside));
    }

    /// What the range brought, in sentences.
    fn words_of(&self, traffic: &Traffic) -> String {
        let word = traffic.metric.word();
        let total = traffic.total;
        let days = total.days_measured + total.days_partial;
        if days == 0 {
            return format!(
                "No day of the range is known, which does not mean that there were no {word}."
            );
        }
        let mut text = format!(
            "{} {word} on {} that {} known, {} a day.",
            grouped(total.count),
            counted(days, "day"),
            if days == 1 { "is" } else { "are" },
            with_tenth(large(total.count) / large(days)),
        );
        let people = words::people(&traffic.people);
        if people != "–" {
            text += &format!(" In the whole range: {people} different people.");
        }
        if let Some((day, count)) = figures::busiest(&self.answer.days, traffic.metric) {
            text += &format!(
                " The busiest day was {day} with {} {word} by {} people.",
                grouped(count.count()),
                grouped(count.uniques().get())
            );
        }
        text
    }

    fn by_step(&self, metric: Metric, folds: &[Fold]) -> Drawn {
        let (step, word) = (self.answer.step, metric.word());
        let (ink, people) = inks(metric);
        let title = format!(
            "{} and unique {} by {}",
            heading(metric),
            actors(metric),
            words::step(step)
        );
        let title = match step {
            Step::Day => title,
            // People of several days are no sum, so that only days have them.
            _ => format!("{} by {}", heading(metric), words::step(step)),
        };
        let mut chart = chart(title, word, self.answer.range, step);
        chart.newest = Some(self.answer.known.last());
        let counts = folds.iter().map(|fold| of_fold(fold, fold.count, step));
        chart
            .layers
            .push(layer(word, ink, Shape::Area, counts.collect()));
        if step == Step::Day {
            let uniques = folds.iter().map(|fold| of_fold(fold, fold.uniques, step));
            let uniques: Vec<Point> = uniques.collect();
            chart
                .layers
                .push(layer("uniques", people, Shape::Area, uniques));
        }
        chart.marks = self.marks(metric);
        let axis = fit_axis(&mut chart);
        Drawn::time(chart, sentences([axis, &cut_note(step, self.answer.range)]))
    }

    /// Releases, tags, notes, and the spikes of the metric.
    fn marks(&self, metric: Metric) -> Vec<ChartMark> {
        let happened = self.answer.marks.iter().map(|mark| ChartMark {
            day: mark.day,
            kind: match mark.kind {
                MarkKind::Release => ChartMarkKind::Release,
                MarkKind::Tag => ChartMarkKind::Tag,
                MarkKind::Note => ChartMarkKind::Note,
            },
            text: words::cut(&mark.text, 60),
            href: None,
        });
        let spikes = self
            .answer
            .spikes
            .iter()
            .filter(|found| found.metric == metric);
        let spikes = spikes.map(|found| ChartMark {
            day: found.spike.peak,
            kind: ChartMarkKind::Spike,
            text: "spike".to_owned(),
            href: None,
        });
        let mut all: Vec<ChartMark> = happened.chain(spikes).collect();
        all.retain(|mark| self.answer.range.contains(mark.day));
        all.sort_by_key(|mark| mark.day);
        all
    }

    /// Events add up; people do not.
    fn in_all(&self, metric: Metric, folds: &[Fold]) -> Drawn {
        let title = format!("{} added up", heading(metric));
        let mut chart = chart(title, metric.word(), self.answer.range, self.answer.step);
        chart.newest = Some(self.answer.known.last());
        let (ink, _) = inks(metric);
        let label = format!("{} so far", metric.word());
        let points = added_up(folds);
        chart.layers.push(layer(&label, ink, Shape::Area, points));
        let has_gap = folds.iter().any(|fold| !fold.is_known());
        let note = match has_gap {
            true => "After a gap the sum is the least there was.",
            false => "",
        };
        Drawn::time(chart, note)
    }

    fn by_weekday(&self, traffic: &Traffic) -> Option<Drawn> {
        let mut days = [None; 7];
        for figure in &traffic.weekdays.weekdays {
            if let Some(place) = days.get_mut(usize::from(figure.weekday)) {
                *place = figure.typical.map(|typical| WeekdayValue {
                    median: typical.median,
                    spread: None,
                });
            }
        }
        days.iter().any(Option::is_some).then(|| Drawn {
            picture: Picture::Weekday(Box::new(WeekdayChart {
                id: String::new(),
                title: format!("{} by weekday", heading(traffic.metric)),
                description: "medians of the range, which are estimates of what is usual"
                    .to_owned(),
                unit: traffic.metric.word().to_owned(),
                ink: inks(traffic.metric).0,
                days,
            })),
            note: "Medians of the range: estimates of what is usual.".to_owned(),
        })
    }
}

pub(super) const fn heading(metric: Metric) -> &'static str {
    match metric {
        Metric::Views => "Views",
        Metric::Clones => "Clones",
    }
}

const fn actors(metric: Metric) -> &'static str {
    match metric {
        Metric::Views => "visitors",
        Metric::Clones => "cloners",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitratra_render::chart::Ink;

    #[test]
    fn headings_are_words_of_the_glossary() {
        let told = Metric::ALL.map(|metric| (heading(metric), inks(metric).0));
        assert_eq!(told, [("Views", Ink::Views), ("Clones", Ink::Clones)]);
    }
}
