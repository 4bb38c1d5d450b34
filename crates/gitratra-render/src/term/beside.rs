//! What is counted beside traffic: stars with their losses, forks, downloads by file and platform.

use gitratra_core::download::Downloads;
use gitratra_core::machine::MachineTotal;
use gitratra_core::stargazing::StarChange;
use gitratra_core::{Bounds, Day, DayRange};

use super::paint::{Ink, Style};
use super::rank::bar;
use super::table::{Cell, Column, painted_table};
use super::text::{flow, plain};
use crate::number::{counted, grouped};

/// Stars of a range, step by step.
#[derive(Debug, Clone)]
pub struct ShowStars<'a> {
    /// The days.
    pub range: DayRange,
    /// The newest total and its day.
    pub newest: Option<(Day, u64)>,
    /// The whole range.
    pub change: StarChange,
    /// Its steps: the days, what came of them, and the total at their end.
    pub steps: &'a [(DayRange, StarChange, Option<u64>)],
}

/// The stars as text, ended by a newline.
#[must_use]
pub fn show_stars(show: &ShowStars<'_>, style: Style) -> String {
    let mut head = heading("STARS", show.range);
    if let Some((day, total)) = show.newest {
        head.push((Ink::Plain, format!("{} on {day}", counted(total, "star"))));
    }
    let change = &show.change;
    let mut facts = Vec::new();
    let days = show.range.days().unsigned_abs();
    if change.days_missing < days {
        let mut text = format!("{} given", grouped(change.given));
        if change.days_missing > 0 {
            let told = grouped(days - change.days_missing);
            text += &format!(" on {told} of {} that were told", counted(days, "day"));
        }
        facts.push((Ink::Plain, text));
    }
    if let Some(lost) = change.lost {
        facts.push((Ink::Plain, format!("{} taken away", between(lost))));
    }
    if let Some(net) = change.net {
        let text = format!("{} in all", signed(net, style));
        facts.push((Ink::Plain, text));
    }
    let mut out = flow(&head, 0, style);
    if facts.is_empty() {
        let nothing =
            "not known in these days; `gitratra doctor` says what cannot be read".to_owned();
        return out + &flow(&[(Ink::Faint, nothing)], 0, style);
    }
    out += &flow(&facts, 0, style);
    let largest = show.steps.iter().map(|(_, change, _)| change.given).max();
    let columns = [
        Column::word("from"),
        Column::number("given"),
        Column::number("lost"),
        Column::number("change"),
        Column::number("total"),
        Column::word(""),
    ];
    let row = |(range, change, total): &(DayRange, StarChange, Option<u64>)| {
        let is_told = change.days_missing < range.days().unsigned_abs();
        // What is told only of some of the days is the least there was.
        let mark = if change.days_missing > 0 { "+" } else { "" };
        let given = match is_told {
            true => grouped(change.given) + mark,
            false => String::new(),
        };
        vec![
            Cell::new(Ink::Faint, range.first().to_string()),
            Cell::new(Ink::Plain, given),
            Cell::new(Ink::Plain, change.lost.map_or_else(String::new, between)),
            Cell::new(
                Ink::Plain,
                change
                    .net
                    .map_or_else(String::new, |net| signed(net, style)),
            ),
            Cell::new(Ink::Plain, total.map_or_else(String::new, grouped)),
            Cell::new(Ink::Views, bar(change.given, largest.unwrap_or(0), style)),
        ]
    };
    let rows: Vec<Vec<Cell>> = show.steps.iter().map(row).collect();
    out += "\n";
    out += &painted_table(&columns, &rows, None, style);
    out
}

/// One number by day, step by step: forks.
#[derive(Debug, Clone)]
pub struct ShowStanding<'a> {
    /// What is counted, as a heading.
    pub what: &'a str,
    /// The days.
    pub range: DayRange,
    /// Its steps, and how the number stood at the end of each; nothing where it was not read.
    pub steps: &'a [(DayRange, Option<u64>)],
}

/// The number as text, ended by a newline.
#[must_use]
pub fn show_standing(show: &ShowStanding<'_>, style: Style) -> String {
    let head = heading(&show.what.to_uppercase(), show.range);
    let out = flow(&head, 0, style);
    let largest = show.steps.iter().filter_map(|(_, number)| *number).max();
    let Some(largest) = largest else {
        let nothing = format!("{} were not read in these days", show.what);
        return out + &flow(&[(Ink::Faint, nothing)], 0, style);
    };
    let columns = [
        Column::word("from"),
        Column::number(show.what),
        Column::number("change"),
        Column::word(""),
    ];
    let mut before: Option<u64> = None;
    let mut rows: Vec<Vec<Cell>> = Vec::with_capacity(show.steps.len());
    for (range, number) in show.steps {
        let change = number
            .zip(before)
            .map(|(now, before)| difference(now, before));
        before = number.or(before);
        rows.push(vec![
            Cell::new(Ink::Faint, range.first().to_string()),
            Cell::new(Ink::Plain, number.map_or_else(String::new, grouped)),
            Cell::new(
                Ink::Plain,
                change.map_or_else(String::new, |change| signed(change, style)),
            ),
            Cell::new(Ink::Views, bar(number.unwrap_or(0), largest, style)),
        ]);
    }
    out + &painted_table(&columns, &rows, None, style)
}

fn difference(now: u64, before: u64) -> i64 {
    let size = i64::try_from(now.abs_diff(before)).unwrap_or(i64::MAX);
    if now < before { -size } else { size }
}

/// A file of a release in a range.
#[derive(Debug, Clone)]
pub struct FileLine<'a> {
    /// Its name.
    pub file: &'a str,
    /// The release's tag.
    pub release: &'a str,
    /// Its platform, as words.
    pub platform: String,
    /// Downloads in the range.
    pub downloads: Downloads,
    /// Downloads since it was uploaded, by the newest reading.
    pub ever: u64,
}

/// Downloads of a range.
#[derive(Debug, Clone)]
pub struct ShowDownloads<'a> {
    /// The days.
    pub range: DayRange,
    /// All files together.
    pub total: Downloads,
    /// By platform, the most first.
    pub platforms: &'a [(String, Downloads)],
    /// By file, the most first.
    pub files: &'a [FileLine<'a>],
}

/// Files that are named; the rest is counted.
const FILES: usize = 20;

/// The downloads as text, ended by a newline.
#[must_use]
pub fn show_downloads(show: &ShowDownloads<'_>, style: Style) -> String {
    let mut head = heading("DOWNLOADS", show.range);
    if show.files.is_empty() {
        head.push((Ink::Faint, "no release with files is known".to_owned()));
        return flow(&head, 0, style);
    }
    let text = format!("{} of release files", between(show.total.count));
    head.push((Ink::Plain, text));
    if show.total.days_missing > 0 {
        let days = counted(show.total.days_missing, "day");
        head.push((Ink::Warn, format!("{days} not read, and not in it")));
    }
    let mut out = flow(&head, 0, style);
    let most = |downloads: &Downloads| downloads.count.upper();
    let largest = show.platforms.iter().map(|(_, of)| most(of)).max();
    let largest = largest.unwrap_or(0);
    let columns = [
        Column::name("platform"),
        Column::number("downloads"),
        Column::word(""),
    ];
    let row = |(platform, downloads): &(String, Downloads)| {
        vec![
            Cell::new(Ink::Plain, platform.clone()),
            Cell::new(Ink::Plain, between(downloads.count)),
            Cell::new(Ink::Clones, bar(most(downloads), largest, style)),
        ]
    };
    let rows: Vec<Vec<Cell>> = show.platforms.iter().map(row).collect();
    out += "\n";
    out += &painted_table(&columns, &rows, None, style);
    let columns = [
        Column::name("file"),
        Column::name("release"),
        Column::name("platform"),
        Column::number("downloads"),
        Column::number("since upload"),
    ];
    let row = |line: &FileLine<'_>| {
        vec![
            Cell::new(Ink::Plain, plain(line.file, style)),
            Cell::new(Ink::Faint, plain(line.release, style)),
            Cell::new(Ink::Faint, line.platform.clone()),
            Cell::new(Ink::Plain, between(line.downloads.count)),
            Cell::new(Ink::Faint, grouped(line.ever)),
        ]
    };
    let rows: Vec<Vec<Cell>> = show.files.iter().take(FILES).map(row).collect();
    out += "\n";
    out += &painted_table(&columns, &rows, None, style);
    let rest = show.files.len().saturating_sub(FILES);
    if rest > 0 {
        let more = format!("and {} more files", grouped(rest as u64));
        out += &flow(&[(Ink::Faint, more)], 0, style);
    }
    out
}

/// How many clones workflow runs may have made: an estimate, as a line of its own.
pub(super) fn machines_line(total: &MachineTotal, style: Style) -> String {
    if total.days == 0 {
        return String::new();
    }
    let mut text = format!(
        "estimate: workflow runs explain {} of {}",
        between(total.by_machines),
        counted(total.clones, "clone")
    );
    if total.days_missing > 0 {
        text += &format!(", on the {} counted", counted(total.days, "day"));
    }
    flow(&[(Ink::Faint, text)], 0, style)
}

fn heading(what: &str, range: DayRange) -> Vec<(Ink, String)> {
    vec![
        (Ink::Strong, what.to_owned()),
        (Ink::Faint, format!("{} to {}", range.first(), range.last())),
    ]
}

pub(super) fn between(bounds: Bounds) -> String {
    match bounds.number() {
        Some(number) => grouped(number),
        None => format!("{} to {}", grouped(bounds.lower()), grouped(bounds.upper())),
    }
}

fn signed(number: i64, style: Style) -> String {
    let size = grouped(number.unsigned_abs());
    match number {
        0 => size,
        up if up > 0 => format!("+{size}"),
        _ => format!("{}{size}", style.glyphs().minus),
    }
}
