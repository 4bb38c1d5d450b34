//! What each weekday usually brings, as seven bars.

use std::fmt::Write as _;

use gitratra_core::{Day, DayRange};
use maud::{Markup, PreEscaped};

use super::pen::{Anchor, Pen, escaped};
use super::table::whole;
use super::ticks::{Scale, Values};
use super::{Canvas, Ink, Row, Table, Theme};

const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A value for each weekday, Monday first; nothing where too little is known.
#[derive(Debug, Clone, PartialEq)]
pub struct WeekdayChart {
    /// Makes names inside of the picture its own.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// Its colour.
    pub ink: Ink,
    /// The medians.
    pub medians: [Option<f64>; 7],
}

impl WeekdayChart {
    /// The picture.
    #[must_use]
    pub fn svg(&self, canvas: &Canvas) -> Markup {
        let (width, height) = (f64::from(canvas.width_px), f64::from(canvas.height_px));
        let mut pen = Pen::new(canvas.theme);
        let id = escaped(&self.id);
        let size = match canvas.theme {
            Theme::Css => String::new(),
            _ => format!(" width=\"{width}\" height=\"{height}\""),
        };
        let _ = write!(
            pen.out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\"{size} viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-labelledby=\"{id}-t\" font-family=\"DejaVu Sans,Verdana,Geneva,sans-serif\" font-size=\"12\">\
             <title id=\"{id}-t\">{}</title>",
            escaped(&self.title)
        );
        let most = self.medians.iter().flatten().copied().fold(0.0, f64::max);
        let values = Values::new(Scale::Linear, most, 3.0);
        let (top, foot) = (20.0, height - 22.0);
        let room = width / 7.0;
        let bar = (room * 0.62).min(64.0);
        let mut x = room / 2.0;
        for (name, median) in NAMES.into_iter().zip(self.medians) {
            pen.text((x, height - 6.0), Anchor::Middle, "axis", name);
            if let Some(median) = median {
                let tall = (foot - top) * values.place(median);
                let fill = pen.fill(self.ink.class());
                pen.rect(
                    (x - bar / 2.0, foot - tall),
                    (bar, tall),
                    &format!("{fill} opacity=\"0.85\" rx=\"2\""),
                );
                pen.text(
                    (x, foot - tall - 5.0),
                    Anchor::Middle,
                    "word",
                    &whole(median),
                );
            } else {
                pen.text((x, foot - 5.0), Anchor::Middle, "axis", "–");
            }
            x += room;
        }
        let axis = pen.stroke("axis");
        pen.path(&format!("M0 {foot}H{width}"), &axis);
        pen.raw("</svg>");
        PreEscaped(pen.out)
    }

    /// The numbers behind it. *Shape*: seven rows, Monday first.
    #[must_use]
    pub fn table(&self) -> Table {
        // Any week will do: 1970-01-05 was a Monday.
        let monday = Day::MIN.plus((7 - i64::from(Day::MIN.weekday())) % 7);
        let rows = NAMES.iter().zip(self.medians).zip(0..);
        Table {
            title: self.title.clone(),
            head: vec!["Weekday".to_owned(), "Median".to_owned()],
            rows: rows
                .map(|((name, median), at)| Row {
                    range: DayRange::ending(monday.plus(at), 1),
                    cells: vec![
                        (*name).to_owned(),
                        median.map_or_else(|| "too little known".to_owned(), whole),
                    ],
                })
                .collect(),
        }
    }
}
