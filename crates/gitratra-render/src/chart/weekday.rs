//! How the days of the week differ: a bar for each, and how far its weeks lie apart.

use maud::{Markup, html};

use super::glyph::width;
use super::path::{Path, short};
use super::table::Table;
use super::theme::{Canvas, Ink, Role, safe_id};
use super::tick::{ValueAxis, exact};

/// A bar for each weekday.
#[derive(Debug, Clone, PartialEq)]
pub struct WeekdayChart {
    /// Begins the ids of its elements.
    pub id: String,
    /// What it shows, in a few words.
    pub title: String,
    /// What it shows, in a sentence.
    pub description: String,
    /// What is counted: `views`.
    pub unit: String,
    /// Its colour.
    pub ink: Ink,
    /// From Monday to Sunday; nothing where no such day is known.
    pub days: [Option<WeekdayValue>; 7],
}

/// What is usual on one weekday.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeekdayValue {
    /// Half of the days had less.
    pub median: f64,
    /// From where to where most of them lie.
    pub spread: Option<(f64, f64)>,
}

const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const TEXT_PX: f64 = 11.0;

impl WeekdayChart {
    /// The chart.
    #[must_use]
    pub fn svg(&self, canvas: &Canvas) -> Markup {
        let id = safe_id(&self.id);
        let pad = if canvas.theme.stands_alone() {
            12.0
        } else {
            0.0
        };
        let (top, bottom) = (pad + 24.0, canvas.height() - pad - 18.0);
        let height = (bottom - top).max(20.0);
        let values = self.days.iter().flatten();
        let all: Vec<f64> = values
            .flat_map(|day| [Some(day.median), day.spread.map(|(_, high)| high)])
            .flatten()
            .filter(|value| value.is_finite())
            .collect();
        let axis = ValueAxis::linear(&all, true, height);
        let labels = axis.ticks.iter().map(|tick| width(&tick.text, TEXT_PX));
        let left = (pad + labels.fold(0.0, f64::max) + 7.0).ceil();
        let slot = (canvas.width() - left - pad.max(4.0)) / 7.0;
        let y = |value: f64| top + height * (1.0 - axis.place(value));
        let (grid, line, text, ink) = (
            canvas.theme.paint(Role::Grid),
            canvas.theme.paint(Role::Axis),
            canvas.theme.paint(Role::Text),
            canvas.theme.paint(self.ink.role()),
        );
        let mut ticks = Path::default();
        for tick in &axis.ticks {
            let y = (top + height * (1.0 - tick.place)).round() + 0.5;
            ticks.move_to(left, y).line_to(left + slot * 7.0, y);
        }
        let (mut bars, mut whiskers) = (Path::default(), Path::default());
        for (at, day) in self.days.iter().enumerate() {
            let Some(day) = day.filter(|day| day.median.is_finite()) else {
                continue;
            };
            let (x, wide) = (left + slot * (at as f64 + 0.16), slot * 0.68);
            bars.rect(x, y(day.median), wide, y(0.0) - y(day.median));
            if let Some((low, high)) = day.spread {
                let (middle, cap) = (x + wide / 2.0, (wide / 5.0).min(5.0));
                whiskers.move_to(middle, y(low)).line_to(middle, y(high));
                for end in [low, high] {
                    whiskers
                        .move_to(middle - cap, y(end))
                        .line_to(middle + cap, y(end));
                }
            }
        }
        html! {
            svg.chart.weekdays viewBox={ "0 0 " (canvas.width_px) " " (canvas.height_px) }
                width=(canvas.width_px) height=(canvas.height_px) role="img"
                aria-labelledby={ (id) "-t " (id) "-d" } font-family=[canvas.theme.fonts()] {
                (canvas.head(&id, &self.title, &self.description, canvas.height()))
                path class=[grid.class] color=[grid.color] d=(ticks.data())
                    stroke="currentColor" {}
                path class=[ink.class] color=[ink.color] d=(bars.data()) fill="currentColor"
                    fill-opacity=".75" {}
                path class=[line.class] color=[line.color] stroke="currentColor"
                    d={ "M" (short(left)) " " (short(bottom.round() + 0.5)) "h" (short(slot * 7.0)) } {}
                g class=[text.class] color=[text.color] fill="currentColor"
                    font-size=(TEXT_PX) {
                    path d=(whiskers.data()) stroke="currentColor" stroke-width="1.2" {}
                    text x=(short(pad)) y=(short(pad + 11.0)) { (self.unit) ", median of the days" }
                    g text-anchor="end" {
                        @for tick in &axis.ticks {
                            text x=(short(left - 6.0))
                                y=(short(top + height * (1.0 - tick.place) + 4.0)) { (tick.text) }
                        }
                    }
                    g text-anchor="middle" {
                        @for (at, name) in NAMES.iter().enumerate() {
                            @let x = short(left + slot * (at as f64 + 0.5));
                            text x=(x) y=(short(bottom + 15.0)) { (name) }
                            @if self.days[at].is_none() {
                                text x=(x) y=(short(bottom - 6.0)) { "?" }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The weekdays in words.
    #[must_use]
    pub fn table(&self) -> Table {
        let row = |(name, day): (&&str, &Option<WeekdayValue>)| {
            let spread = day.and_then(|day| day.spread);
            let spread = spread.map(|(low, high)| format!("{} to {}", exact(low), exact(high)));
            vec![
                (*name).to_owned(),
                day.map_or("–".to_owned(), |day| exact(day.median)),
                spread.unwrap_or_default(),
            ]
        };
        Table {
            caption: format!("{} ({})", self.title, self.unit),
            header: ["Weekday", "Median", "Most days"]
                .map(str::to_owned)
                .to_vec(),
            rows: NAMES.iter().zip(&self.days).map(row).collect(),
        }
    }
}
