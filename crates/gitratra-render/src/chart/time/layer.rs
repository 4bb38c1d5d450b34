//! How one layer of a time chart is drawn: lines, areas, bars and bands that stop at gaps.

use gitratra_core::figures::Step;
use maud::{Markup, html};

use super::frame::Plot;
use super::{Layer, PointValue, Shape, TimeChart};
use crate::chart::path::{Path, short};
use crate::chart::theme::{Canvas, Ink, Role};

/// A point on the plot.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Vertex {
    start: f64,
    x: f64,
    end: f64,
    /// Heights of the least and of the most it can be.
    low: f64,
    high: f64,
    is_partial: bool,
    is_bounds: bool,
}

/// Lines that are sure, and lines that lead to partial values.
#[derive(Default)]
struct Pair {
    whole: Path,
    part: Path,
}

impl TimeChart {
    pub(super) fn layer(&self, layer: &Layer, canvas: &Canvas, plot: &Plot) -> Markup {
        let runs = self.runs(layer, plot);
        let count: usize = runs.iter().map(Vec::len).sum();
        let paint = canvas.theme.paint(layer.ink.role());
        // Bars too thin to be told apart are drawn as the area that they make up.
        let thinnest = runs
            .iter()
            .flatten()
            .map(|vertex| vertex.end - vertex.start);
        let is_thin = thinnest.fold(f64::INFINITY, f64::min) < 1.5 && count > 2;
        let drawn = match layer.shape {
            Shape::Bars if !is_thin => bars(&runs, plot, layer.ink),
            shape => lines(&runs, shape, layer.ink, canvas, plot),
        };
        html! {
            g class=[paint.class] color=[paint.color] { (drawn) }
        }
    }

    /// Points that follow each other without a gap.
    fn runs(&self, layer: &Layer, plot: &Plot) -> Vec<Vec<Vertex>> {
        // Months of another year do not begin on the same days.
        let tolerance = match self.step {
            Step::Day => 0,
            Step::Week => 3,
            Step::Month => 4,
        };
        let mut runs: Vec<Vec<Vertex>> = Vec::new();
        let mut last = None;
        for point in &layer.points {
            let Some(shown) = self.range.intersection(point.range) else {
                continue;
            };
            let Some((value, (low, high))) =
                point.value.and_then(|value| Some((value, value.ends()?)))
            else {
                last = None;
                continue;
            };
            let (start, x, end) = plot.across(shown);
            let vertex = Vertex {
                start,
                x,
                end,
                low: plot.y(low),
                high: plot.y(high),
                is_partial: matches!(value, PointValue::Partial(_)),
                is_bounds: low < high,
            };
            let follows = last.is_some_and(|last: gitratra_core::Day| {
                point.range.first().days_since(last) <= 1 + tolerance
            });
            match runs.last_mut() {
                Some(run) if follows => run.push(vertex),
                _ => runs.push(vec![vertex]),
            }
            last = Some(point.range.last());
        }
        runs.into_iter().map(thinned).collect()
    }
}

/// Where there are several points to a pixel, the lowest and the highest of each.
fn thinned(run: Vec<Vertex>) -> Vec<Vertex> {
    let span = match (run.first(), run.last()) {
        (Some(first), Some(last)) => last.end - first.start,
        _ => return run,
    };
    if (run.len() as f64) < span * 2.0 || run.len() < 64 {
        return run;
    }
    let mut kept = Vec::new();
    for column in run.chunk_by(|one, other| one.x.floor() == other.x.floor()) {
        let lowest = (0..column.len()).max_by(|a, b| column[*a].low.total_cmp(&column[*b].low));
        let highest = (0..column.len()).min_by(|a, b| column[*a].high.total_cmp(&column[*b].high));
        let mut both: Vec<usize> = lowest.into_iter().chain(highest).collect();
        both.sort_unstable();
        both.dedup();
        kept.extend(both.into_iter().map(|at| column[at]));
    }
    kept
}

fn lines(runs: &[Vec<Vertex>], shape: Shape, ink: Ink, canvas: &Canvas, plot: &Plot) -> Markup {
    let is_filled = matches!(shape, Shape::Area | Shape::Bars);
    let (mut strokes, mut fills, mut bands) = (Pair::default(), Pair::default(), Path::default());
    let mut rings: Vec<&Vertex> = Vec::new();
    for run in runs {
        let has_bounds = run.iter().any(|vertex| vertex.is_bounds) || shape == Shape::Band;
        let corners = corners(run, is_filled || has_bounds);
        if has_bounds {
            band(&mut bands, &corners);
        }
        for piece in pieces(&corners) {
            let is_partial = piece.iter().any(|corner| corner.is_partial);
            let (stroke, fill) = match is_partial {
                true => (&mut strokes.part, &mut fills.part),
                false => (&mut strokes.whole, &mut fills.whole),
            };
            trace(stroke, piece, |corner| corner.low);
            if has_bounds {
                trace(stroke, piece, |corner| corner.high);
            }
            if is_filled {
                fill_to(fill, piece, plot.base());
            }
        }
        rings.extend(run.iter().filter(|vertex| vertex.is_partial));
    }
    // Of very many partial points the dotted line says enough.
    if rings.len() > 40 {
        rings.clear();
    }
    let weight = match (shape, ink) {
        (Shape::Band, _) => "1",
        (_, Ink::Before) => "1.5",
        (Shape::Area, ink) if ink.is_uniques() => "1.5",
        _ => "1.8",
    };
    let dashes = match shape {
        Shape::Dashed => Some("4 3"),
        _ => ink.dashes(),
    };
    let opacity = if ink.is_uniques() { ".5" } else { ".2" };
    let ground = canvas.theme.paint(Role::Ground);
    html! {
        @if !fills.whole.is_empty() {
            path d=(fills.whole.data()) fill="currentColor" fill-opacity=(opacity) {}
        }
        @if !fills.part.is_empty() {
            path d=(fills.part.data()) fill="currentColor" fill-opacity=".1" {}
        }
        @if !bands.is_empty() {
            path d=(bands.data()) fill="currentColor" fill-opacity=".25" {}
        }
        @if !strokes.whole.is_empty() {
            path d=(strokes.whole.data()) fill="none" stroke="currentColor"
                stroke-width=(weight) stroke-linejoin="round" stroke-linecap="round"
                stroke-dasharray=[dashes] {}
        }
        @if !strokes.part.is_empty() {
            path d=(strokes.part.data()) fill="none" stroke="currentColor"
                stroke-width=(weight) stroke-linejoin="round" stroke-dasharray="1.5 2.5" {}
        }
        @for ring in rings {
            circle class=[ground.class] cx=(short(ring.x)) cy=(short(ring.low)) r="2.6"
                color=[ground.color] fill="currentColor" {}
            circle cx=(short(ring.x)) cy=(short(ring.low)) r="2.6" fill="none"
                stroke="currentColor" stroke-width="1.4" {}
        }
    }
}

/// The corners of a run's line. A filled run reaches to the ends of its first and last days; a
/// single point becomes a short line, since a line needs two ends.
fn corners(run: &[Vertex], reaches_out: bool) -> Vec<Vertex> {
    let (Some(first), Some(last)) = (run.first(), run.last()) else {
        return Vec::new();
    };
    let mut corners = run.to_vec();
    if reaches_out || run.len() == 1 {
        let least = if run.len() == 1 { 2.0 } else { 0.0 };
        corners.insert(
            0,
            Vertex {
                x: first.start.min(first.x - least),
                ..*first
            },
        );
        corners.push(Vertex {
            x: last.end.max(last.x + least),
            ..*last
        });
    }
    corners
}

/// Pieces that are sure or not sure as a whole; a piece begins where the one before it ends.
fn pieces(corners: &[Vertex]) -> Vec<&[Vertex]> {
    let is_part = |at: usize| corners[at].is_partial || corners[at + 1].is_partial;
    let mut pieces = Vec::new();
    let mut from = 0;
    for at in 1..corners.len() {
        let ends = at + 1 == corners.len() || is_part(at) != is_part(at - 1);
        if ends {
            pieces.push(&corners[from..=at]);
            from = at;
        }
    }
    pieces
}

fn trace(path: &mut Path, corners: &[Vertex], y: impl Fn(&Vertex) -> f64) {
    for (at, corner) in corners.iter().enumerate() {
        if at == 0 {
            path.move_to(corner.x, y(corner));
        } else {
            path.line_to(corner.x, y(corner));
        }
    }
}

fn fill_to(path: &mut Path, corners: &[Vertex], base: f64) {
    let (Some(first), Some(last)) = (corners.first(), corners.last()) else {
        return;
    };
    path.move_to(first.x, base);
    for corner in corners {
        path.line_to(corner.x, corner.low);
    }
    path.line_to(last.x, base).close();
}

fn band(path: &mut Path, corners: &[Vertex]) {
    trace(path, corners, |corner| corner.low);
    for corner in corners.iter().rev() {
        path.line_to(corner.x, corner.high);
    }
    path.close();
}

fn bars(runs: &[Vec<Vertex>], plot: &Plot, ink: Ink) -> Markup {
    let (mut whole, mut part, mut unsure) = (Path::default(), Path::default(), Path::default());
    let base = plot.base();
    for vertex in runs.iter().flatten() {
        let wide = vertex.end - vertex.start;
        let apart = match wide {
            wide if wide >= 24.0 => wide * 0.18,
            wide if wide >= 10.0 => 2.0,
            wide if wide >= 4.0 => 1.0,
            _ => 0.0,
        };
        let (x, wide) = (vertex.start + apart / 2.0, wide - apart);
        // Something is never drawn as nothing.
        let top = match vertex.low {
            low if low < base => low.min(base - 1.0),
            low => low,
        };
        match vertex.is_partial {
            true => part.rect(
                x + 0.5,
                top.min(base) + 0.5,
                wide - 1.0,
                (base - top).abs() - 0.5,
            ),
            false => whole.rect(x, top.min(base), wide, (base - top).abs()),
        };
        if vertex.is_bounds {
            unsure.rect(x, vertex.high, wide, vertex.low - vertex.high);
        }
    }
    let opacity = (!ink.is_uniques()).then_some(".75");
    html! {
        @if !whole.is_empty() {
            path d=(whole.data()) fill="currentColor" fill-opacity=[opacity] {}
        }
        @if !part.is_empty() {
            path d=(part.data()) fill="currentColor" fill-opacity=".25" stroke="currentColor"
                stroke-dasharray="2 2" {}
        }
        @if !unsure.is_empty() {
            path d=(unsure.data()) fill="currentColor" fill-opacity=".3" {}
        }
    }
}
