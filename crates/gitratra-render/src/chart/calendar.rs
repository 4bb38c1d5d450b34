//! Weeks by weekdays: how much there was on each day, or how much of it is known.

use gitratra_core::{Day, DayRange};
use maud::{Markup, html};

use super::glyph::width;
use super::path::{Path, short};
use super::table::Table;
use super::theme::{Canvas, Ink, Role, safe_id};
use crate::axis::month_name;

/// A calendar of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Begins the ids of its elements.
    pub id: String,
    /// What it shows, in a few words.
    pub title: String,
    /// What it shows, in a sentence.
    pub description: String,
    /// The days from its first to its last; days outside before all others are left away.
    pub range: DayRange,
    /// The colour of what is measured.
    pub ink: Ink,
    /// Ascending; a day of the range that is not in it is outside.
    pub days: Vec<CalendarDay>,
    /// What the deepest colour stands for, at the end of the key: `more`, `every repository`.
    pub most: String,
    /// What the lightest stands for: `none`.
    pub least: String,
}

/// One day of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    /// The day.
    pub day: Day,
    /// What is known of it.
    pub cell: Cell,
    /// The same in words, for the table: `1,204 views`.
    pub text: String,
}

/// What is known of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// A level from 0, which is nothing, to 4.
    Measured(u8),
    /// At least this level.
    Partial(u8),
    /// Zeros that are not believed.
    Suspect,
    /// Never read.
    Gap,
    /// Not published yet.
    Unpublished,
    /// Before the history begins.
    Outside,
}

impl Cell {
    /// The level of a value where the largest is `largest`: 0 only for nothing.
    #[must_use]
    pub fn level(value: f64, largest: f64) -> u8 {
        match value / largest {
            share if share > 0.75 => 4,
            share if share > 0.5 => 3,
            share if share > 0.25 => 2,
            share if share > 0.0 => 1,
            _ => 0,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Measured(_) => "measured",
            Self::Partial(_) => "partial",
            Self::Suspect => "suspect",
            Self::Gap => "gap",
            Self::Unpublished => "not published yet",
            Self::Outside => "outside",
        }
    }
}

const TEXT_PX: f64 = 10.0;
const LEVELS: [&str; 5] = [".08", ".3", ".52", ".76", "1"];

/// The height of a row of the key.
const KEY_PX: f64 = 16.0;

/// The sign before an entry of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeySign {
    Levels,
    Gap,
    Open,
}

/// Where cells stand.
struct Places {
    left: f64,
    top: f64,
    /// The distance of two cells.
    pitch: f64,
    weeks: i64,
    /// Weeks in a row; where the canvas is too narrow for all, they go on below.
    in_row: i64,
    monday: Day,
}

impl Places {
    fn of(range: DayRange, canvas: &Canvas) -> Self {
        let monday = range.first().plus(-i64::from(range.first().weekday()));
        let weeks = range.last().days_since(monday) / 7 + 1;
        let pad = if canvas.theme.stands_alone() {
            12.0
        } else {
            0.0
        };
        let left = pad + width("Mon", TEXT_PX).ceil() + 6.0;
        let room = (canvas.width() - left - pad).max(40.0);
        let pitch = (room / weeks as f64).clamp(11.0, 15.0).floor();
        let in_row = ((room / pitch) as i64).clamp(1, weeks);
        // Rows of about the same length look calmer than a full one and a rest.
        let rows = (weeks + in_row - 1) / in_row;
        Self {
            left,
            top: pad,
            pitch,
            weeks,
            in_row: (weeks + rows - 1) / rows,
            monday,
        }
    }

    fn rows(&self) -> i64 {
        (self.weeks + self.in_row - 1) / self.in_row
    }

    fn row_height(&self) -> f64 {
        7.0 * self.pitch + 22.0
    }

    fn of_day(&self, day: Day) -> (f64, f64) {
        let days = day.days_since(self.monday);
        let (row, week) = (days / 7 / self.in_row, days / 7 % self.in_row);
        (
            self.left + week as f64 * self.pitch,
            self.row_top(row) + (days % 7) as f64 * self.pitch,
        )
    }

    fn row_top(&self, row: i64) -> f64 {
        self.top + 16.0 + row as f64 * self.row_height()
    }

    fn bottom(&self) -> f64 {
        self.top + self.rows() as f64 * self.row_height()
    }
}

impl Calendar {
    /// The calendar. Its height follows from its weeks; of the canvas the width counts.
    #[must_use]
    pub fn svg(&self, canvas: &Canvas) -> Markup {
        let id = safe_id(&self.id);
        let shown = self.shown();
        let places = Places::of(shown, canvas);
        let pad = places.top;
        let (key, rows) = self.key(canvas, &places);
        let height = (places.bottom() + 2.0 + f64::from(rows) * KEY_PX + pad).ceil();
        let text = canvas.theme.paint(Role::Text);
        html! {
            svg.chart.calendar viewBox={ "0 0 " (canvas.width_px) " " (short(height)) }
                width=(canvas.width_px) height=(short(height)) role="img"
                aria-labelledby={ (id) "-t " (id) "-d" } font-family=[canvas.theme.fonts()]
                data-first=(shown.first()) data-last=(shown.last())
                data-left=(short(places.left)) data-top=(short(places.row_top(0)))
                data-pitch=(short(places.pitch)) data-weeks=(places.in_row)
                data-row=(short(places.row_height())) {
                (canvas.head(&id, &self.title, &self.description, height))
                (self.cells(canvas, shown, &places, &id))
                g class=[text.class] color=[text.color] fill="currentColor" font-size=(TEXT_PX) {
                    (self.names(shown, &places))
                    (self.draw_key(canvas, &key, &id))
                }
            }
        }
    }

    /// The days in words.
    #[must_use]
    pub fn table(&self) -> Table {
        let row = |day: &CalendarDay| {
            vec![
                day.day.to_string(),
                day.text.clone(),
                day.cell.word().to_owned(),
            ]
        };
        Table {
            caption: self.title.clone(),
            header: ["Day", "Value", "State"].map(str::to_owned).to_vec(),
            rows: self.days.iter().map(row).collect(),
        }
    }

    /// The days from the first on of which there is anything to draw.
    fn shown(&self) -> DayRange {
        let mut days = self.days.iter().filter(|day| self.range.contains(day.day));
        let first = days.find(|day| day.cell != Cell::Outside);
        first
            .and_then(|first| DayRange::new(first.day, self.range.last()))
            .unwrap_or(self.range)
    }

    /// One path for all cells that look alike.
    fn cells(&self, canvas: &Canvas, shown: DayRange, places: &Places, id: &str) -> Markup {
        let mut levels: [Path; 5] = Default::default();
        let (mut partial, mut hatched, mut open) =
            (Path::default(), Path::default(), Path::default());
        let side = places.pitch - 2.0;
        for day in self.days.iter().filter(|day| shown.contains(day.day)) {
            let (x, y) = places.of_day(day.day);
            match day.cell {
                Cell::Measured(level) => {
                    levels[usize::from(level.min(4))].rect(x, y, side, side);
                }
                Cell::Partial(level) => {
                    levels[usize::from(level.min(3))].rect(x, y, side, side);
                    partial.rect(x + 0.5, y + 0.5, side - 1.0, side - 1.0);
                }
                Cell::Suspect | Cell::Gap => {
                    hatched.rect(x, y, side, side);
                }
                Cell::Unpublished => {
                    open.rect(x + 0.5, y + 0.5, side - 1.0, side - 1.0);
                }
                Cell::Outside => {}
            }
        }
        let ink = canvas.theme.paint(self.ink.role());
        let (gap, hollow) = (
            canvas.theme.paint(Role::Gap),
            canvas.theme.paint(Role::Open),
        );
        html! {
            defs {
                pattern id={ (id) "-gap" } width="4" height="4" patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)" class=[gap.class] color=[gap.color] {
                    path d="M0 0v4" stroke="currentColor" stroke-width="2" {}
                }
            }
            g class=[ink.class] color=[ink.color] fill="currentColor" {
                @for (path, opacity) in levels.iter().zip(LEVELS) {
                    @if !path.is_empty() { path d=(path.data()) fill-opacity=(opacity) {} }
                }
                @if !partial.is_empty() {
                    path d=(partial.data()) fill="none" stroke="currentColor"
                        stroke-dasharray="2 1.5" {}
                }
            }
            @if !hatched.is_empty() {
                path d=(hatched.data()) fill={ "url(#" (id) "-gap)" } {}
            }
            @if !open.is_empty() {
                path class=[hollow.class] color=[hollow.color] d=(open.data()) fill="none"
                    stroke="currentColor" stroke-dasharray="1.5 2" {}
            }
        }
    }

    /// Months over the weeks in which they begin, weekdays at the left.
    fn names(&self, shown: DayRange, places: &Places) -> Markup {
        let mut months: Vec<(f64, f64, String)> = Vec::new();
        for week in 0..places.weeks {
            let monday = places.monday.plus(week * 7);
            let begins = (0..7)
                .map(|day| monday.plus(day))
                .find(|day| day.ymd().2 == 1 || *day == shown.first());
            let Some(day) = begins.filter(|day| shown.contains(*day)) else {
                continue;
            };
            let (x, _) = places.of_day(monday);
            let y = places.row_top(week / places.in_row) - 5.0;
            let (year, month, _) = day.ymd();
            let text = match month {
                1 => format!("{year:04}"),
                _ if months.is_empty() => format!("{} {year:04}", month_name(month)),
                _ => month_name(month).to_owned(),
            };
            let is_free = months.last().is_none_or(|(last, height, text)| {
                *height != y || last + width(text, TEXT_PX) + 6.0 <= x
            });
            if is_free {
                months.push((x, y, text));
            }
        }
        html! {
            @for (x, y, text) in &months { text x=(short(*x)) y=(short(*y)) { (text) } }
            @for row in 0..places.rows() {
                @for (at, name) in [(0.0, "Mon"), (2.0, "Wed"), (4.0, "Fri")] {
                    text x=(short(places.top))
                        y=(short(places.row_top(row) + at * places.pitch + places.pitch - 4.0)) {
                        (name)
                    }
                }
            }
        }
    }

    /// From nothing to most, and what is not known: entries with their places, and the rows.
    fn key(&self, canvas: &Canvas, places: &Places) -> (Vec<(KeySign, f64, f64, &str)>, u32) {
        let has = |cells: &[Cell]| self.days.iter().any(|day| cells.contains(&day.cell));
        let mut wanted = vec![(KeySign::Levels, self.most.as_str())];
        if has(&[Cell::Gap, Cell::Suspect]) {
            wanted.push((KeySign::Gap, "gap"));
        }
        if has(&[Cell::Unpublished]) {
            wanted.push((KeySign::Open, "not published yet"));
        }
        let least = width(&self.least, TEXT_PX) + 6.0;
        let (mut entries, mut x, mut rows) = (Vec::new(), places.left, 1);
        for (sign, text) in wanted {
            let wide = match sign {
                KeySign::Levels => least + 64.0 + width(text, TEXT_PX),
                KeySign::Gap | KeySign::Open => 14.0 + width(text, TEXT_PX),
            };
            if x > places.left && x + wide > canvas.width() - places.top {
                (x, rows) = (places.left, rows + 1);
            }
            let y = places.bottom() + 4.0 + f64::from(rows - 1) * KEY_PX;
            entries.push((sign, x, y, text));
            x += wide + 16.0;
        }
        (entries, rows)
    }

    fn draw_key(&self, canvas: &Canvas, key: &[(KeySign, f64, f64, &str)], id: &str) -> Markup {
        let ink = canvas.theme.paint(self.ink.role());
        let open = canvas.theme.paint(Role::Open);
        let least = width(&self.least, TEXT_PX) + 6.0;
        let levels = || (0..).map(|at| f64::from(at) * 12.0).zip(LEVELS);
        html! {
            @for (sign, x, y, text) in key {
                @match sign {
                    KeySign::Levels => {
                        text x=(short(*x)) y=(short(y + 9.0)) { (self.least) }
                        g class=[ink.class] color=[ink.color] fill="currentColor" {
                            @for (along, opacity) in levels() {
                                rect x=(short(x + least + along)) y=(short(*y)) width="10"
                                    height="10" fill-opacity=(opacity) {}
                            }
                        }
                        text x=(short(x + least + 64.0)) y=(short(y + 9.0)) { (text) }
                    }
                    KeySign::Gap => {
                        rect x=(short(*x)) y=(short(*y)) width="10" height="10"
                            fill={ "url(#" (id) "-gap)" } {}
                        text x=(short(x + 14.0)) y=(short(y + 9.0)) { (text) }
                    }
                    KeySign::Open => {
                        rect class=[open.class] color=[open.color] x=(short(x + 0.5))
                            y=(short(y + 0.5)) width="9" height="9" fill="none"
                            stroke="currentColor" stroke-dasharray="1.5 2" {}
                        text x=(short(x + 14.0)) y=(short(y + 9.0)) { (text) }
                    }
                }
            }
        }
    }
}
