//! Days as squares, a column a week: how much was known or brought on each.

use std::fmt::Write as _;

use gitratra_core::{Day, DayRange};
use maud::{Markup, PreEscaped};

use super::pen::{Anchor, Pen, escaped, num};
use super::ticks::{long, width};
use super::{Canvas, Ink, Row, Table, Theme};

/// How a day looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DayShade {
    /// From 0 to 1.
    Level(f64),
    /// Nothing is known of it.
    Gap,
    /// It is not published yet.
    Unpublished,
}

/// The days of a range.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// Makes names inside of the picture its own.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// Its colour.
    pub ink: Ink,
    /// The heads of the table behind it.
    pub head: [String; 2],
    /// Each day with its look and its words, ascending and without holes.
    pub days: Vec<(Day, DayShade, String)>,
}

impl Calendar {
    /// The picture. Its height follows from its width.
    #[must_use]
    pub fn svg(&self, canvas: &Canvas) -> Markup {
        let (left, top) = (38.0, 18.0);
        let columns = self.weeks();
        let room = f64::from(canvas.width_px) - left;
        let cell = (room / columns.max(1.0)).clamp(4.0, 16.0);
        let total = (left + cell * columns, top + cell * 7.0);
        let mut pen = Pen::new(canvas.theme);
        let id = escaped(&self.id);
        let size = match canvas.theme {
            Theme::Css => " class=\"small\"",
            _ => "",
        };
        let _ = write!(
            pen.out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\"{size} width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
             role=\"img\" aria-labelledby=\"{id}-t\" font-family=\"DejaVu Sans,Verdana,Geneva,sans-serif\" \
             font-size=\"11\"><title id=\"{id}-t\">{}</title>",
            escaped(&self.title),
            w = num(total.0),
            h = num(total.1),
        );
        if cell >= 9.0 {
            for (at, name) in [(0.0, "Mon"), (2.0, "Wed"), (4.0, "Fri")] {
                let y = top + cell * (at + 0.5) + 4.0;
                pen.text((0.0, y), Anchor::Start, "axis", name);
            }
        }
        self.squares(&mut pen, cell, (left, top));
        pen.raw("</svg>");
        PreEscaped(pen.out)
    }

    #[expect(clippy::cast_precision_loss, reason = "weeks are few")]
    fn weeks(&self) -> f64 {
        let ends = self.days.first().zip(self.days.last());
        ends.map_or(0.0, |((first, ..), (last, ..))| {
            let monday = first.plus(-i64::from(first.weekday()));
            (last.days_since(monday) / 7 + 1) as f64
        })
    }

    fn squares(&self, pen: &mut Pen, cell: f64, (left, top): (f64, f64)) {
        let Some((first, ..)) = self.days.first() else {
            return;
        };
        let monday = first.plus(-i64::from(first.weekday()));
        let mut free_from = 0.0;
        for (day, shade, words) in &self.days {
            #[expect(clippy::cast_precision_loss, reason = "weeks are few")]
            let x = left + (day.days_since(monday) / 7) as f64 * cell;
            let y = top + f64::from(day.weekday()) * cell;
            let gap = (cell * 0.14).min(2.0);
            let (at, size) = ((x, y), (cell - gap, cell - gap));
            let _ = write!(pen.out, "<g><title>{}: {}</title>", day, escaped(words));
            match shade {
                DayShade::Level(level) => {
                    let opacity = num(level.clamp(0.0, 1.0) * 0.85 + 0.1);
                    let fill = pen.fill(self.ink.class());
                    pen.rect(at, size, &format!("{fill} opacity=\"{opacity}\" rx=\"2\""));
                }
                DayShade::Gap => {
                    let stroke = pen.stroke("lost");
                    pen.rect(
                        (at.0 + 0.5, at.1 + 0.5),
                        (size.0 - 1.0, size.1 - 1.0),
                        &format!("{stroke} rx=\"2\""),
                    );
                }
                DayShade::Unpublished => {
                    let stroke = pen.stroke("grid");
                    pen.rect(
                        (at.0 + 0.5, at.1 + 0.5),
                        (size.0 - 1.0, size.1 - 1.0),
                        &format!("{stroke} rx=\"2\""),
                    );
                }
            }
            pen.raw("</g>");
            let (_, _, of_month) = day.ymd();
            if of_month == 1 && x >= free_from {
                let label = long(*day);
                let label = label.trim_start_matches("1 ").to_owned();
                free_from = x + width(&label) + 6.0;
                pen.text((x, 11.0), Anchor::Start, "axis", &label);
            }
        }
    }

    /// The words behind it, the newest first.
    #[must_use]
    pub fn table(&self) -> Table {
        let rows = self.days.iter().rev().map(|(day, _, words)| Row {
            range: DayRange::ending(*day, 1),
            cells: vec![day.to_string(), words.clone()],
        });
        Table {
            title: self.title.clone(),
            head: self.head.to_vec(),
            rows: rows.collect(),
        }
    }
}
