//! What the colours, lines and signs of a time chart mean, in rows above the plot.

use gitratra_core::figures::Step;
use maud::{Markup, html};

use super::frame::{ROW_PX, TEXT_PX, pad};
use super::mark::symbol;
use super::{ChartMarkKind, PointValue, Scale, Shape, TimeChart};
use crate::chart::glyph::{shortened, width};
use crate::chart::path::short;
use crate::chart::theme::{Canvas, Ink, Role};

/// The sign before a text.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sign {
    None,
    Layer(Ink, Shape),
    Partial(Ink),
    Gap,
    Open,
    Mark(ChartMarkKind),
}

impl Sign {
    /// With the room after it.
    fn width(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Layer(_, Shape::Line | Shape::Dashed) => 23.0,
            Self::Layer(..) | Self::Partial(_) | Self::Gap | Self::Open => 16.0,
            Self::Mark(_) => 13.0,
        }
    }
}

struct Entry {
    sign: Sign,
    text: String,
    x: f64,
    row: u32,
}

/// Entries with their places.
pub(super) struct Legend {
    entries: Vec<Entry>,
    rows: u32,
}

const BETWEEN_PX: f64 = 16.0;

impl TimeChart {
    pub(super) fn legend(&self, canvas: &Canvas) -> Legend {
        let pad = pad(canvas);
        let room = canvas.width() - 2.0 * pad;
        // Most of the height is for the data; what the layers are called may take more of it.
        let rows = |share: f64| ((canvas.height() * share / ROW_PX) as u32).max(1);
        let (most_rows, most_for_layers) = (rows(0.2), rows(0.34));
        let mut legend = Legend {
            entries: Vec::new(),
            rows: 1,
        };
        let wanted = self.legend_texts(canvas);
        let (mut x, mut left_out) = (0.0, 0_u32);
        for (sign, text) in wanted {
            // Of many names at least two stand in a row.
            let most = match sign {
                Sign::Layer(..) if self.layers.len() > 3 => (room - BETWEEN_PX) / 2.0,
                _ => room,
            };
            let text = shortened(&text, TEXT_PX, most - sign.width());
            let wide = sign.width() + width(&text, TEXT_PX);
            if x > 0.0 && x + wide > room {
                let is_layer = matches!(sign, Sign::Layer(..));
                if legend.rows >= if is_layer { most_for_layers } else { most_rows } {
                    left_out += u32::from(is_layer);
                    continue;
                }
                (x, legend.rows) = (0.0, legend.rows + 1);
            }
            legend.entries.push(Entry {
                sign,
                text,
                x: x + pad,
                row: legend.rows - 1,
            });
            x += wide + BETWEEN_PX;
        }
        if left_out > 0 {
            legend.say_left_out(left_out, room + pad);
        }
        legend
    }

    fn legend_texts(&self, canvas: &Canvas) -> Vec<(Sign, String)> {
        let mut texts = Vec::new();
        let has_key = self.layers.len() > 1;
        let is_named = has_key && self.layers.iter().any(|layer| layer.label == self.unit);
        let about = [
            (!is_named).then(|| self.unit.clone()),
            match self.step {
                Step::Day => None,
                Step::Week => Some("by week".to_owned()),
                Step::Month => Some("by month".to_owned()),
            },
            (self.scale == Scale::Log).then(|| "log scale, 0 at the base".to_owned()),
        ];
        let about: Vec<String> = about.into_iter().flatten().collect();
        if !about.is_empty() {
            texts.push((Sign::None, about.join(", ")));
        }
        if has_key {
            let layers = self.layers.iter();
            texts.extend(
                layers.map(|layer| (Sign::Layer(layer.ink, layer.shape), layer.label.clone())),
            );
        }
        if let Some(ink) = self.partial_ink() {
            texts.push((Sign::Partial(ink), "partial".to_owned()));
        }
        if !self.gaps().is_empty() {
            texts.push((Sign::Gap, "gap".to_owned()));
        }
        // The plot's height, which is not known before the legend's, moves no sign sideways.
        let plot = self.plot(canvas, ROW_PX);
        let kinds = self.unexplained_kinds(&plot, canvas.width());
        texts.extend(
            kinds
                .into_iter()
                .map(|kind| (Sign::Mark(kind), kind.word().to_owned())),
        );
        if self.unpublished().is_some() {
            texts.push((Sign::Open, "not published yet".to_owned()));
        }
        texts
    }

    /// The ink of the first layer that has partial values.
    fn partial_ink(&self) -> Option<Ink> {
        let is_partial = |value: &PointValue| matches!(value, PointValue::Partial(_));
        let mut layers = self.own_layers();
        let found = layers.find(|layer| {
            let values = layer.points.iter().filter_map(|point| point.value.as_ref());
            values.into_iter().any(is_partial)
        });
        found.map(|layer| layer.ink)
    }

    pub(super) fn legend_needs_hatch(&self) -> bool {
        !self.gaps().is_empty()
    }
}

impl Legend {
    pub(super) fn height(&self) -> f64 {
        f64::from(self.rows) * ROW_PX
    }

    /// Puts `+3 more` where the last row has room for it, instead of its last entries if need be.
    fn say_left_out(&mut self, mut left_out: u32, end: f64) {
        loop {
            let text = format!("+{left_out} more");
            let last = self.entries.last();
            let x = last.map_or(0.0, |last| {
                last.x + last.sign.width() + width(&last.text, TEXT_PX) + BETWEEN_PX
            });
            let row = last.map_or(0, |last| last.row);
            let fits = x + width(&text, TEXT_PX) <= end;
            if fits || self.entries.len() <= 1 {
                self.entries.push(Entry {
                    sign: Sign::None,
                    text,
                    x,
                    row,
                });
                self.rows = row + 1;
                return;
            }
            if let Some(Entry {
                sign: Sign::Layer(..),
                ..
            }) = self.entries.pop()
            {
                left_out += 1;
            }
        }
    }

    pub(super) fn draw(&self, canvas: &Canvas, top: f64, id: &str) -> Markup {
        html! {
            @for entry in &self.entries {
                @let y = top + f64::from(entry.row) * ROW_PX + 11.0;
                (draw_sign(entry.sign, canvas, entry.x, y, id))
                text x=(short(entry.x + entry.sign.width())) y=(short(y)) { (entry.text) }
            }
        }
    }
}

fn draw_sign(sign: Sign, canvas: &Canvas, x: f64, y: f64, id: &str) -> Markup {
    let theme = canvas.theme;
    let (left, top, middle) = (short(x), short(y - 9.0), short(y - 3.5));
    match sign {
        Sign::None => html! {},
        Sign::Layer(ink, Shape::Line | Shape::Dashed) => {
            let paint = theme.paint(ink.role());
            let is_dashed = matches!(sign, Sign::Layer(_, Shape::Dashed));
            let dashes = if is_dashed { Some("4 3") } else { ink.dashes() };
            html! {
                path class=[paint.class] color=[paint.color] d={ "M" (left) " " (middle) "h17" }
                    stroke="currentColor" stroke-width="2" stroke-dasharray=[dashes] {}
            }
        }
        Sign::Layer(ink, shape) => {
            let paint = theme.paint(ink.role());
            let opacity = (shape == Shape::Band).then_some(".35");
            html! {
                rect class=[paint.class] color=[paint.color] x=(left) y=(top) width="10"
                    height="10" rx="2" fill="currentColor" fill-opacity=[opacity] {}
            }
        }
        Sign::Partial(ink) => {
            let paint = theme.paint(ink.role());
            html! {
                rect class=[paint.class] color=[paint.color] x=(short(x + 0.5))
                    y=(short(y - 8.5)) width="9" height="9" rx="2" fill="currentColor"
                    fill-opacity=".25" stroke="currentColor" stroke-dasharray="2 2" {}
            }
        }
        Sign::Gap => html! {
            rect x=(left) y=(top) width="10" height="10" rx="2" fill={ "url(#" (id) "-gap)" } {}
        },
        Sign::Open => {
            let paint = theme.paint(Role::Open);
            html! {
                g class=[paint.class] color=[paint.color] {
                    rect x=(left) y=(top) width="10" height="10" fill="currentColor"
                        fill-opacity=".15" {}
                    path d={ "M" (short(x + 0.5)) " " (top) "v10" } stroke="currentColor"
                        stroke-dasharray="2 2" {}
                }
            }
        }
        Sign::Mark(kind) => {
            let paint = theme.paint(kind.role());
            html! {
                g class=[paint.class] color=[paint.color] { (symbol(kind, x + 4.0, y - 4.0)) }
            }
        }
    }
}
