//! A report as Markdown, as GitHub shows it and as a person can read it as text.

use std::io::{self, Write};

use gitratra_render::chart::{Point, PointValue, TimeChart};
use gitratra_render::number::grouped;

use crate::block::{Block, Cell, ColumnKind, Drawn, Picture, Section, Table};
use crate::method;
use crate::write::Report;

/// Characters of a line of blocks.
const COLUMNS: usize = 60;
/// From low to high; the full block would touch the line above.
const LEVELS: [char; 7] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'];
/// A day of which nothing is known.
const GAP: char = '░';

/// Everything before the sections.
pub(crate) fn begin(report: &Report<'_>, out: &mut (dyn Write + Send)) -> io::Result<()> {
    let head = report.head;
    writeln!(out, "# {}\n", escaped(&head.title))?;
    writeln!(out, "{} · {}\n", escaped(&head.scope), head.days)?;
    let privacy = head.privacy;
    match privacy.has_any() {
        true => writeln!(out, "> **{}**\n", privacy.text())?,
        false => writeln!(out, "> {}\n", privacy.text())?,
    }
    if report.is_alone {
        return Ok(());
    }
    blocks(&report.before, "##", out)?;
    writeln!(out, "## Contents\n")?;
    for (name, anchor) in report.names.iter().zip(&report.anchors) {
        writeln!(out, "- [{}](#{anchor})", escaped(name))?;
    }
    writeln!(out, "- [{}](#how-to-read-these-numbers)\n", method::TITLE)
}

/// One repository.
pub(crate) fn section(
    report: &Report<'_>,
    section: &Section,
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    let deeper = if report.is_alone { "##" } else { "###" };
    if !report.is_alone {
        // The name of a heading is GitHub's own; this one is ours, and is the same everywhere.
        writeln!(out, "<a id=\"{}\"></a>\n", section.anchor)?;
        write!(out, "## {}", escaped(&section.name))?;
        for tag in &section.tags {
            write!(out, " `{tag}`")?;
        }
        writeln!(out, "\n")?;
    }
    blocks(&section.blocks, deeper, out)
}

/// Everything after the sections.
pub(crate) fn end(
    report: &Report<'_>,
    notes: &[Block],
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    writeln!(out, "## {}\n", method::TITLE)?;
    blocks(notes, "###", out)?;
    writeln!(
        out,
        "Lines of blocks go from the first to the last day of the range, each from zero to its own highest; `{GAP}` is not known.\n"
    )?;
    writeln!(out, "---\n\n{} · {}", report.head.days, report.head.made_by)
}

fn blocks(blocks: &[Block], heading: &str, out: &mut (dyn Write + Send)) -> io::Result<()> {
    for block in blocks {
        match block {
            Block::Heading(text) => writeln!(out, "{heading} {}\n", escaped(text))?,
            Block::Text(text) => writeln!(out, "{}\n", escaped(text))?,
            Block::Note(text) => writeln!(out, "<sub>{}</sub>\n", escaped(text))?,
            Block::List(points) => {
                for point in points {
                    writeln!(out, "- {}", escaped(point))?;
                }
                writeln!(out)?;
            }
            Block::Figures(figures) => {
                writeln!(out, "| | | change | |\n|---|---:|---:|---|")?;
                for figure in figures {
                    writeln!(
                        out,
                        "| {} | **{}** | {} | {} |",
                        figure.label,
                        escaped(&figure.value),
                        escaped(&figure.change.text),
                        escaped(&figure.note)
                    )?;
                }
                writeln!(out)?;
            }
            Block::Charts(charts) => {
                for drawn in charts {
                    chart(drawn, out)?;
                }
            }
            Block::Table(table) => self::table(table, out)?,
        }
    }
    Ok(())
}

fn chart(drawn: &Drawn, out: &mut (dyn Write + Send)) -> io::Result<()> {
    // Weekdays and calendars are told by numbers alone; pictures of them need more than a line.
    let Picture::Time(chart) = &drawn.picture else {
        return weekdays(drawn, out);
    };
    writeln!(out, "**{}**\n\n```text", escaped(&chart.title))?;
    let labels = chart.layers.iter().map(|layer| plain(&layer.label, 24));
    let labels: Vec<String> = labels.collect();
    let widest = labels.iter().map(|label| label.chars().count()).max();
    let widest = widest.unwrap_or(0);
    for (layer, label) in chart.layers.iter().zip(&labels) {
        let (line, highest) = spark(chart, &layer.points);
        let highest = highest.map_or("not known".to_owned(), |highest| {
            let (word, most) = match highest {
                Highest::Known(most) => ("up to", most),
                Highest::AtLeast(most) => ("at least", most),
            };
            format!("{word} {}", grouped(most))
        });
        writeln!(out, "{label:widest$}  {line}  {highest}")?;
    }
    writeln!(out, "```\n")
}

fn weekdays(drawn: &Drawn, out: &mut (dyn Write + Send)) -> io::Result<()> {
    let Picture::Weekday(chart) = &drawn.picture else {
        return Ok(());
    };
    let table = chart.table();
    writeln!(out, "**{}**\n", escaped(&chart.title))?;
    let names = table
        .rows
        .iter()
        .map(|row| row.first().map_or("", String::as_str));
    let values = table
        .rows
        .iter()
        .map(|row| row.get(1).map_or("", String::as_str));
    let names: Vec<String> = names.map(escaped).collect();
    let values: Vec<String> = values.map(escaped).collect();
    writeln!(out, "| {} |", names.join(" | "))?;
    writeln!(out, "|{}", "---:|".repeat(names.len()))?;
    writeln!(
        out,
        "| {} |\n\n<sub>{}</sub>\n",
        values.join(" | "),
        escaped(&drawn.note)
    )
}

/// A line of blocks over the range, and the highest value. Where there are more periods than
/// columns, a column is the mean of those that are known.
fn spark(chart: &TimeChart, points: &[Point]) -> (String, Option<Highest>) {
    let value = |point: &Point| match point.value? {
        PointValue::Measured(value) | PointValue::Partial(value) => Some(value),
        PointValue::Bounds { at_least, at_most } => Some(f64::midpoint(at_least, at_most)),
    };
    let steps = chart.step.of(chart.range);
    let columns = COLUMNS.min(steps.len()).max(1);
    let mut sums = vec![(0.0, 0_u32); columns];
    for point in points {
        let at = steps.partition_point(|step| step.last() < point.range.first());
        if let (Some(value), true) = (value(point), at < steps.len()) {
            let (sum, number) = &mut sums[at * columns / steps.len()];
            *sum += value;
            *number += 1;
        }
    }
    let means = sums
        .iter()
        .map(|(sum, number)| (*number > 0).then(|| sum / f64::from(*number)));
    let means: Vec<Option<f64>> = means.collect();
    let largest = means.iter().flatten().copied().fold(0.0, f64::max);
    let line = means.iter().map(|mean| match mean {
        None => GAP,
        Some(mean) => {
            let level = (mean / largest * 6.0).round();
            let level = if *mean > 0.0 { level.max(1.0) } else { 0.0 };
            LEVELS[(level as usize).min(6)]
        }
    });
    (line.collect(), highest(points))
}

/// The highest value of a line.
enum Highest {
    /// No value is higher.
    Known(u64),
    /// The highest one belongs to a period that may have more.
    AtLeast(u64),
}

/// The highest that any value may be: of bounds the upper one.
fn highest(points: &[Point]) -> Option<Highest> {
    let values = points.iter().filter_map(|point| match point.value? {
        PointValue::Measured(value) => Some((value, false)),
        PointValue::Partial(value) => Some((value, true)),
        PointValue::Bounds { at_most, .. } => Some((at_most, false)),
    });
    let (most, is_least) = values.max_by(|one, other| one.0.total_cmp(&other.0))?;
    let most = most as u64;
    Some(match is_least {
        true => Highest::AtLeast(most),
        false => Highest::Known(most),
    })
}

fn table(table: &Table, out: &mut (dyn Write + Send)) -> io::Result<()> {
    // Bars are told by the numbers beside them.
    let is_kept = |at: usize| {
        let is_picture = table.columns[at].kind == ColumnKind::Picture;
        let mut rows = table.rows.iter();
        !is_picture || rows.any(|row| matches!(row.get(at), Some(Cell::Spark(..))))
    };
    let kept: Vec<usize> = (0..table.columns.len()).filter(|at| is_kept(*at)).collect();
    writeln!(out, "{}\n", escaped(&table.caption))?;
    let heads = kept.iter().map(|at| escaped(&table.columns[*at].head));
    writeln!(out, "| {} |", heads.collect::<Vec<_>>().join(" | "))?;
    let rules = kept.iter().map(|at| match table.columns[*at].kind {
        ColumnKind::Number => "---:|",
        _ => "---|",
    });
    writeln!(out, "|{}", rules.collect::<String>())?;
    for row in &table.rows {
        let cells = kept.iter().filter_map(|at| row.get(*at)).map(cell);
        writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "))?;
    }
    writeln!(out)?;
    if !table.note.is_empty() {
        writeln!(out, "<sub>{}</sub>\n", escaped(&table.note))?;
    }
    Ok(())
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => escaped(text),
        Cell::Section(name, anchor) => format!("[{}](#{anchor})", escaped(name)),
        Cell::Change(change) => escaped(&change.text),
        Cell::Bar(..) => String::new(),
        Cell::Spark(values, _) => {
            let largest = values.iter().flatten().copied().fold(0.0, f64::max);
            let width = 16.min(values.len()).max(1);
            let column = |at: usize| {
                let part = &values[at * values.len() / width..(at + 1) * values.len() / width];
                let known: Vec<f64> = part.iter().flatten().copied().collect();
                if known.is_empty() {
                    return GAP;
                }
                let mean = known.iter().sum::<f64>() / known.len() as f64;
                let level = if largest > 0.0 {
                    mean / largest * 6.0
                } else {
                    0.0
                };
                LEVELS[(level.round() as usize).min(6)]
            };
            (0..width).map(column).collect()
        }
    }
}

/// Text between fences: what would close them is no text of ours.
fn plain(text: &str, most: usize) -> String {
    crate::words::cut(text, most).replace('`', "'")
}

/// Text that Markdown, its tables and HTML leave as it is. Names of strangers neither link nor
/// mention anybody.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // An entity is text to every reader, and begins neither a cell, a mention nor an issue.
            '|' => safe.push_str("&#124;"),
            '@' => safe.push_str("&#64;"),
            '#' => safe.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '!' | '$' => {
                safe.push('\\');
                safe.push(sign);
            }
            // Otherwise an address would become a link by itself.
            ':' if before.is_ascii_alphabetic() && is_address(&safe) => safe.push_str("&#58;"),
            '.' if ends_with_www(&safe) => safe.push_str("&#46;"),
            '\n' | '\r' => safe.push(' '),
            other => safe.push(other),
        }
        before = sign;
    }
    // Signs that begin a list, a quote or a rule do so only at the beginning of a line.
    match safe.chars().next() {
        Some('-' | '+' | '=') => format!("\\{safe}"),
        _ => safe,
    }
}

fn is_address(before: &str) -> bool {
    let before = before.to_ascii_lowercase();
    ["http", "https", "ftp", "mailto"]
        .iter()
        .any(|word| before.ends_with(word))
}

fn ends_with_www(before: &str) -> bool {
    before.to_ascii_lowercase().ends_with("www")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_strangers_stay_text() {
        let check = |text: &str, expected: &str| assert_eq!(escaped(text), expected);
        check("a|b", "a&#124;b");
        check("<script>", "&lt;script&gt;");
        check("[x](y)", "\\[x\\](y)");
        check("@octo #1", "&#64;octo &#35;1");
        check("https://evil.example", "https&#58;//evil.example");
        check("www.example", "www&#46;example");
        check("- list", "\\- list");
        check("a_b*c`d", "a\\_b\\*c\\`d");
        check("one\ntwo", "one two");
        check("a: b", "a: b");
    }
}
