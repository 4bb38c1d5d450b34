//! What is counted beside traffic: stars with their losses, forks, and downloads.

use gitratra_answer::{AllDownloads, Stars};
use gitratra_core::download::{self, AssetHistory};
use gitratra_core::{Counters, DayRange};
use gitratra_render::chart::{Ink, Point, PointValue, Shape};
use gitratra_render::number::{counted, grouped};

use super::Told;
use crate::block::{Block, Cell, ColumnKind, Drawn, Table};
use crate::charts::{chart, cut_note, fit_axis, layer, of_bounds, of_number, sentences};
use crate::words::{self, large};

/// Files of a table where the report is about one repository, and where it is about several.
const FILES: [usize; 2] = [12, 5];

impl Told<'_> {
    pub(super) fn add_stars(&self, blocks: &mut Vec<Block>) {
        let Some(stars) = &self.answer.stars else {
            return;
        };
        blocks.push(Block::Heading("Stars".to_owned()));
        blocks.push(Block::Text(stars_words(stars)));
        let charts = self.stars_in_all(stars).into_iter();
        let charts: Vec<Drawn> = charts.chain(self.star_moves(stars)).collect();
        if !charts.is_empty() {
            blocks.push(Block::Charts(charts));
        }
    }

    /// Both beside each other, where the report is about several repositories.
    pub(super) fn add_stars_and_forks(&self, blocks: &mut Vec<Block>) {
        let stars = self.answer.stars.as_ref();
        let charts = stars.and_then(|stars| self.stars_in_all(stars)).into_iter();
        let charts: Vec<Drawn> = charts.chain(self.forks_in_all()).collect();
        if stars.is_none() && charts.is_empty() {
            return;
        }
        blocks.push(Block::Heading("Stars and forks".to_owned()));
        blocks.extend(stars.map(|stars| Block::Text(format!("Stars: {}", stars_words(stars)))));
        if !charts.is_empty() {
            blocks.push(Block::Charts(charts));
        }
    }

    fn stars_in_all(&self, stars: &Stars) -> Option<Drawn> {
        let totals = stars.steps.iter();
        let totals = totals.map(|(step, _, total)| of_number(*step, *total));
        let totals = only_known(totals);
        self.as_it_stood("Stars", Ink::Stars, stars.range, totals)
    }

    /// How many there were at the end of each step; nothing where that is known of one alone.
    fn as_it_stood(
        &self,
        what: &str,
        ink: Ink,
        range: DayRange,
        points: Vec<Point>,
    ) -> Option<Drawn> {
        let word = what.to_lowercase();
        let step = self.answer.coarse;
        let mut chart = chart(format!("{what} in all"), &word, range, step);
        chart.zero_based = false;
        let is_known = points.len() > 1;
        chart.layers.push(layer(&word, ink, Shape::Line, points));
        let note = format!(
            "As they stood at the end of each {}; the axis does not begin at zero.",
            words::step(step)
        );
        is_known.then(|| Drawn::time(chart, note))
    }

    fn star_moves(&self, stars: &Stars) -> Option<Drawn> {
        let step = self.answer.coarse;
        let title = format!("Stars given and lost by {}", words::step(step));
        let mut moves = chart(title, "stars", stars.range, step);
        let given = stars.steps.iter().map(|(days, change, _)| {
            let mut point = of_number(*days, (change.days_missing == 0).then_some(change.given));
            if step.is_cut(*days) {
                point.value = point.value.map(as_part);
            }
            point
        });
        let given: Vec<Point> = given.collect();
        let has_given = given.iter().any(|point| point.value.is_some());
        moves
            .layers
            .push(layer("given", Ink::Stars, Shape::Bars, given));
        let lost = stars.steps.iter();
        let lost = lost.map(|(days, change, _)| of_bounds(*days, change.lost));
        let lost: Vec<Point> = lost.collect();
        let is_lost = |change: &gitratra_core::stargazing::StarChange| {
            change.lost.is_some_and(|lost| lost.upper() > 0)
        };
        if stars.steps.iter().any(|(_, change, _)| is_lost(change)) {
            moves
                .layers
                .push(layer("lost", Ink::Lost, Shape::Band, lost));
        }
        let axis = fit_axis(&mut moves);
        let note = sentences([axis, &cut_note(step, stars.range)]);
        has_given.then(|| Drawn::time(moves, note))
    }

    pub(super) fn add_forks(&self, blocks: &mut Vec<Block>) {
        let charts = self.forks_in_all().into_iter();
        let charts: Vec<Drawn> = charts.chain(self.watchers_in_all()).collect();
        if !charts.is_empty() {
            blocks.push(Block::Heading("Forks and watchers".to_owned()));
            blocks.push(Block::Charts(charts));
        }
    }

    fn forks_in_all(&self) -> Option<Drawn> {
        let (range, points) = self.standing(|counters| Some(counters.forks))?;
        self.as_it_stood("Forks", Ink::Forks, range, points)
    }

    fn watchers_in_all(&self) -> Option<Drawn> {
        let (range, points) = self.standing(|counters| counters.watchers)?;
        self.as_it_stood("Watchers", Ink::Series(3), range, points)
    }

    /// What was counted last in each step.
    fn standing(&self, of: fn(&Counters) -> Option<u64>) -> Option<(DayRange, Vec<Point>)> {
        let last = self.answer.counters.last()?.days.last();
        let range = self.answer.range;
        let range = DayRange::new(range.first(), last.max(range.last()))?;
        let at = |step: DayRange| {
            let mut runs = self.answer.counters.iter().rev();
            let run = runs.find(|run| run.days.intersection(step).is_some());
            of_number(step, run.and_then(|run| of(&run.counters)))
        };
        let points = self.answer.coarse.of(range).into_iter().map(at);
        Some((range, only_known(points)))
    }

    pub(super) fn add_downloads(&self, blocks: &mut Vec<Block>) {
        let Some(all) = &self.answer.downloads else {
            return;
        };
        blocks.push(Block::Heading("Downloads".to_owned()));
        if all.programs().count() == 0 {
            let text = "No release with files is known, checksums and signatures left out.";
            blocks.push(Block::Text(text.to_owned()));
            return;
        }
        let mut text = format!(
            "{} downloads of {} of releases in the range, checksums and signatures left out.",
            words::bounds(all.total.count),
            counted(all.programs().count() as u64, "file")
        );
        if all.total.days_missing > 0 {
            text += &format!(
                " On {} those of some file are not known; they are not in the number.",
                counted(all.total.days_missing, "day")
            );
        }
        blocks.push(Block::Text(text));
        let step = self.answer.coarse;
        let title = format!("Downloads by {}", words::step(step));
        let mut by_time = chart(title, "downloads", all.range, step);
        let histories: Vec<&AssetHistory> = all.programs().map(|file| &file.history).collect();
        let points = step.of(all.range).into_iter().map(|days| {
            let found = download::total(histories.iter().copied(), days);
            let mut point = of_bounds(days, (found.days_missing == 0).then_some(found.count));
            if step.is_cut(days) {
                point.value = point.value.map(as_part);
            }
            point
        });
        by_time.layers.push(layer(
            "downloads",
            Ink::Downloads,
            Shape::Bars,
            points.collect(),
        ));
        let axis = fit_axis(&mut by_time);
        let is_unsure = |point: &Point| matches!(point.value, Some(PointValue::Bounds { .. }));
        let unsure = match by_time
            .layers
            .iter()
            .flat_map(|of| &of.points)
            .any(is_unsure)
        {
            true => "A light bar is the most there can have been: several days were read at once.",
            false => "",
        };
        let note = sentences([axis, unsure, &cut_note(step, all.range)]);
        blocks.push(Block::Charts(vec![Drawn::time(by_time, note)]));
        blocks.push(Block::Table(self.files(all)));
        if self.is_alone() && all.platforms.len() > 1 {
            blocks.push(Block::Table(platforms(all)));
        }
    }

    fn files(&self, all: &AllDownloads) -> Table {
        let shown = FILES[usize::from(!self.is_alone())];
        let columns = [
            ("File", ColumnKind::Name),
            ("Release", ColumnKind::Word),
            ("Downloads", ColumnKind::Number),
            ("Since upload", ColumnKind::Number),
            ("", ColumnKind::Picture),
        ];
        let mut table = Table::new("By file.", &columns);
        let most = all.files.iter().map(|file| file.downloads.count.upper());
        let most = large(most.max().unwrap_or(0).max(1));
        for file in all.files.iter().take(shown) {
            let count = file.downloads.count;
            table.rows.push(vec![
                Cell::text(words::cut(&file.file, 90)),
                Cell::text(words::cut(&file.release, 24)),
                Cell::text(words::bounds(count)),
                Cell::text(grouped(file.ever)),
                Cell::Bar(
                    large(count.lower()) / most,
                    large(count.upper()) / most,
                    Ink::Downloads,
                ),
            ]);
        }
        if all.files.len() > shown {
            let more = (all.files.len() - shown) as u64;
            table.note = format!("and {} more", counted(more, "file"));
        }
        table
    }
}

/// A number of a moment that was not read is no gap of traffic: the line just stops.
fn only_known(points: impl Iterator<Item = Point>) -> Vec<Point> {
    points.filter(|point| point.value.is_some()).collect()
}

fn platforms(all: &AllDownloads) -> Table {
    let columns = [
        ("Platform", ColumnKind::Name),
        ("Downloads", ColumnKind::Number),
        ("", ColumnKind::Picture),
    ];
    let mut table = Table::new("By platform, guessed by file names: an estimate.", &columns);
    let most = all.platforms.iter().map(|(_, of)| of.count.upper());
    let most = large(most.max().unwrap_or(0).max(1));
    for (platform, of) in all.platforms.iter().take(10) {
        table.rows.push(vec![
            Cell::text(words::cut(platform, 60)),
            Cell::text(words::bounds(of.count)),
            Cell::Bar(
                large(of.count.lower()) / most,
                large(of.count.upper()) / most,
                Ink::Downloads,
            ),
        ]);
    }
    table
}

/// A number of a week or month that the range cuts.
const fn as_part(value: PointValue) -> PointValue {
    match value {
        PointValue::Measured(number) => PointValue::Partial(number),
        other => other,
    }
}

fn stars_words(stars: &Stars) -> String {
    let of_days = stars.range.days().unsigned_abs();
    let told = of_days.saturating_sub(stars.change.days_missing);
    let mut text = match told {
        0 => "GitHub's history of these days was not read".to_owned(),
        told if told < of_days => format!(
            "{} given on the {} that were read",
            grouped(stars.change.given),
            counted(told, "day")
        ),
        _ => format!("{} given", grouped(stars.change.given)),
    };
    if let Some(lost) = stars.change.lost {
        text += &format!(", {} taken away", words::bounds(lost));
    }
    if let Some(net) = stars.change.net {
        text += &format!(", {} in all", words::difference(net));
    }
    if let Some((day, total)) = stars.newest {
        text += &format!("; {} on {day}", grouped(total));
    }
    text + "."
}
