//! What stands before the sections of several repositories: sums, the league table, movers, owners.

use gitratra_answer::fleet::{FleetAnswer, FleetLine, FleetMetric, OwnerSum, StepSum};
use gitratra_core::figures::{Comparison, Step};
use gitratra_core::{Metric, RepoId, RepoName};
use gitratra_render::chart::{Point, PointValue, Shape};
use gitratra_render::number::{counted, grouped, with_tenth};

use crate::block::{Block, Cell, Change, ColumnKind, Drawn, Figure, Table};
use crate::charts::{chart, cut_note, fit_axis, inks, layer, sentences};
use crate::fleet::Fleet;
use crate::words::{self, large};

/// Lines of the league table.
const LEAGUE: usize = 30;
/// Lines of the tables of movers and of those that went quiet.
const MOVERS: usize = 8;
/// Owners that are listed.
const OWNERS: usize = 12;

pub(crate) fn blocks(fleet: &Fleet) -> Vec<Block> {
    let answer = &fleet.answer;
    let mut blocks = vec![
        Block::Figures(figures(answer)),
        Block::Note(format!(
            "{}, {}. Changes are against the days before, by days measured in both. People are told for each repository alone: those of two repositories may be the same, and are not added up.",
            words::days(answer.range),
            counted(answer.range.days().unsigned_abs(), "day")
        )),
        Block::Charts(Metric::ALL.map(|metric| of_all(answer, metric)).into()),
        Block::Heading("League table".to_owned()),
        Block::Table(league(answer)),
    ];
    if !fleet.up.is_empty() || !fleet.down.is_empty() {
        blocks.push(Block::Heading("Movers".to_owned()));
        for (list, way) in [(&fleet.up, "More"), (&fleet.down, "Fewer")] {
            if !list.is_empty() {
                blocks.push(Block::Table(movers(list, way)));
            }
        }
    }
    if !fleet.quiet.is_empty() {
        blocks.push(Block::Heading("Gone quiet".to_owned()));
        blocks.push(Block::Table(quiet(fleet)));
    }
    if answer.owners.len() > 1 {
        blocks.push(Block::Heading("Owners".to_owned()));
        blocks.push(Block::Table(owners(&answer.owners)));
    }
    blocks.push(Block::Heading("Coverage of all".to_owned()));
    blocks.push(Block::List(coverage(answer)));
    blocks
}

/// The name of a section as a cell, which leads to it.
fn section(id: RepoId, name: &RepoName) -> Cell {
    Cell::Section(name.to_string(), words::anchor(id))
}

fn figures(answer: &FleetAnswer) -> Vec<Figure> {
    let of = |label, metric: &FleetMetric| Figure {
        label,
        value: words::number((metric.repos_known > 0).then_some(metric.total.count)),
        change: words::change(&metric.comparison),
        note: format!("of {}", words::repositories(metric.repos_known)),
    };
    let stars = answer.stars;
    vec![
        of("Views", &answer.metrics[0]),
        of("Clones", &answer.metrics[1]),
        Figure {
            label: "Stars",
            value: words::number((stars.repos_known > 0).then_some(stars.stars)),
            change: match stars.repos_compared {
                0 => Change::default(),
                _ => words::moved(stars.change),
            },
            note: format!("of {}", words::repositories(stars.repos_known)),
        },
        Figure {
            label: "Repositories",
            value: grouped(answer.repos_found as u64),
            change: Change::default(),
            note: match answer.attention.gone {
                0 => String::new(),
                gone => format!("{gone} gone"),
            },
        },
    ]
}

fn of_all(answer: &FleetAnswer, metric: Metric) -> Drawn {
    let (title, place) = match metric {
        Metric::Views => ("Views of all", 0),
        Metric::Clones => ("Clones of all", 1),
    };
    let (step, range) = (answer.step, answer.range);
    let title = format!("{title} by {}", words::step(step));
    let mut chart = chart(title, metric.word(), range, step);
    let sums = &answer.chart[place];
    let points = sums.iter().map(|sum| point(sum, step)).collect();
    chart
        .layers
        .push(layer(metric.word(), inks(metric).0, Shape::Area, points));
    let axis = fit_axis(&mut chart);
    let is_short = |sum: &&StepSum| sum.repos_whole < sum.repos_watched;
    let short = sums.iter().filter(is_short).count();
    let short = match short {
        0 => String::new(),
        short => format!(
            "On {} not all repositories are known: a hollow point or a dotted line is the least there was.",
            counted(short as u64, words::step(step))
        ),
    };
    Drawn::time(chart, sentences([axis, &short, &cut_note(step, range)]))
}

/// A sum that lacks some repositories is the least there was.
fn point(sum: &StepSum, step: Step) -> Point {
    let is_whole =
        sum.repos_whole >= sum.repos_watched && sum.repos_partial == 0 && !step.is_cut(sum.days);
    Point {
        range: sum.days,
        value: sum.count.map(|count| match is_whole {
            true => PointValue::Measured(large(count)),
            false => PointValue::Partial(large(count)),
        }),
    }
}

fn league(answer: &FleetAnswer) -> Table {
    let columns = [
        ("", ColumnKind::Number),
        ("Repository", ColumnKind::Name),
        ("Views", ColumnKind::Number),
        ("Change", ColumnKind::Number),
        ("", ColumnKind::Picture),
        ("Clones", ColumnKind::Number),
        ("Change", ColumnKind::Number),
        ("Stars", ColumnKind::Number),
    ];
    let mut table = Table::new("By views in the range.", &columns);
    let lines = answer.lines.iter().zip(1_u64..).take(LEAGUE);
    table.rows = lines.map(|(line, rank)| row(line, rank)).collect();
    if answer.lines.len() > LEAGUE {
        table.note = format!(
            "and {} more, each with a section of its own",
            grouped((answer.lines.len() - LEAGUE) as u64)
        );
    }
    table
}

fn row(line: &FleetLine, rank: u64) -> Vec<Cell> {
    let mut name = line.repo.name.to_string();
    if line.repo.is_private {
        name += " (private)";
    }
    let count = |place: usize| {
        let total = line.metrics[place].total;
        let is_known = total.days_measured + total.days_partial > 0;
        Cell::text(words::number(is_known.then_some(total.count)))
    };
    let change = |place: usize| Cell::Change(words::change(&line.metrics[place].comparison));
    let steps = line.metrics[0].steps.iter();
    let steps = steps.map(|count| count.map(large)).collect();
    vec![
        Cell::text(grouped(rank)),
        Cell::Section(name, words::anchor(line.repo.id)),
        count(0),
        change(0),
        Cell::Spark(steps, inks(Metric::Views).0),
        count(1),
        change(1),
        Cell::text(words::number(line.stars.map(|stars| stars.stars))),
    ]
}

fn movers(list: &[(RepoId, RepoName, Comparison)], way: &str) -> Table {
    let columns = [
        ("Repository", ColumnKind::Name),
        ("Before", ColumnKind::Number),
        ("Now", ColumnKind::Number),
        ("Difference", ColumnKind::Number),
        ("Change", ColumnKind::Number),
        ("Days compared", ColumnKind::Number),
    ];
    let caption = format!("{way} views than in the days before, beyond chance.");
    let mut table = Table::new(caption, &columns);
    for (id, name, comparison) in list.iter().take(MOVERS) {
        table.rows.push(vec![
            section(*id, name),
            Cell::text(grouped(comparison.before)),
            Cell::text(grouped(comparison.now)),
            Cell::Change(words::moved(comparison.change().unwrap_or(0))),
            Cell::Change(words::change(comparison)),
            Cell::text(format!("{} of {}", comparison.days, comparison.of_days)),
        ]);
    }
    if list.len() > MOVERS {
        table.note = format!("and {} more", list.len() - MOVERS);
    }
    table
}

fn quiet(fleet: &Fleet) -> Table {
    let columns = [
        ("Repository", ColumnKind::Name),
        ("Days", ColumnKind::Word),
        ("Views", ColumnKind::Number),
        ("Usual ≈", ColumnKind::Number),
    ];
    let caption = "Brought traffic, and hardly do any more. What is usual is an estimate.";
    let mut table = Table::new(caption, &columns);
    for (id, name, quiet) in fleet.quiet.iter().take(MOVERS) {
        table.rows.push(vec![
            section(*id, name),
            Cell::text(words::days(quiet.range)),
            Cell::text(grouped(quiet.count)),
            Cell::text(with_tenth(quiet.usual)),
        ]);
    }
    if fleet.quiet.len() > MOVERS {
        table.note = format!("and {} more", fleet.quiet.len() - MOVERS);
    }
    table
}

fn owners(owners: &[OwnerSum]) -> Table {
    let columns = [
        ("Owner", ColumnKind::Name),
        ("Repositories", ColumnKind::Number),
        ("Views", ColumnKind::Number),
        ("Change", ColumnKind::Number),
        ("Clones", ColumnKind::Number),
        ("Change", ColumnKind::Number),
    ];
    let mut table = Table::new("By owner, the most views first.", &columns);
    let mut sorted: Vec<&OwnerSum> = owners.iter().collect();
    sorted.sort_by_key(|owner| std::cmp::Reverse(owner.metrics[0].total.count));
    for owner in sorted.iter().take(OWNERS) {
        let [views, clones] = &owner.metrics;
        let count = |metric: &FleetMetric| {
            Cell::text(words::number(
                (metric.repos_known > 0).then_some(metric.total.count),
            ))
        };
        table.rows.push(vec![
            Cell::text(owner.owner.clone()),
            Cell::text(grouped(owner.repos as u64)),
            count(views),
            Cell::Change(words::change(&views.comparison)),
            count(clones),
            Cell::Change(words::change(&clones.comparison)),
        ]);
    }
    if sorted.len() > OWNERS {
        table.note = format!("and {} more", sorted.len() - OWNERS);
    }
    table
}

fn coverage(answer: &FleetAnswer) -> Vec<String> {
    let mut points = Vec::new();
    for (metric, word) in answer.metrics.iter().zip(["Views", "Clones"]) {
        let total = metric.total;
        let mut text = format!(
            "{word}: {} of single repositories measured",
            counted(total.days_measured, "day")
        );
        if total.days_partial > 0 {
            text += &format!(", {} seen only while running", grouped(total.days_partial));
        }
        if total.days_missing > 0 {
            text += &format!(
                ", {} not known (before a repository was watched, or lost)",
                grouped(total.days_missing)
            );
        }
        points.push(text + ".");
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Way;

    #[test]
    fn a_change_keeps_its_way() {
        assert_eq!(words::moved(-3).way, Way::Down);
        assert_eq!(words::moved(0).way, Way::Level);
    }
}
