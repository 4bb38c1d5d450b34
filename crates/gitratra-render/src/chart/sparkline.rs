//! A line without axes for the cell of a table; the numbers stand beside it.

use maud::{Markup, html};

use super::path::{Path, short};
use super::theme::{Canvas, Ink};

/// A small line over the values, from zero to the largest of them.
///
/// A value that is not known leaves a hole. Where the newest is partial the line to it is dotted.
/// Hidden from assistive technology: the row's numbers say it better. It stands inside something:
/// no theme gives it a ground or a stylesheet.
#[must_use]
pub fn sparkline(
    values: &[Option<f64>],
    newest_is_partial: bool,
    ink: Ink,
    canvas: &Canvas,
) -> Markup {
    let paint = canvas.theme.paint(ink.role());
    let known = |value: &Option<f64>| value.filter(|value| value.is_finite());
    let largest = values.iter().filter_map(known).fold(0.0, f64::max);
    let (wide, base) = (canvas.width() - 4.0, canvas.height() - 2.0);
    let x = |at: usize| 2.0 + wide * (at as f64 + 0.5) / values.len().max(1) as f64;
    let y = |value: f64| match largest {
        0.0 => base - 0.5,
        largest => base - (value.max(0.0) / largest) * (base - 2.0),
    };
    let points: Vec<Option<(f64, f64)>> = values
        .iter()
        .enumerate()
        .map(|(at, value)| Some((x(at), y(known(value)?))))
        .collect();
    let last = points.len().saturating_sub(1);
    let is_partial = newest_is_partial && points.last().is_some_and(Option::is_some);
    let whole = if is_partial {
        &points[..last]
    } else {
        &points[..]
    };
    let (mut line, mut fill, mut part) = (Path::default(), Path::default(), Path::default());
    for run in whole.split(Option::is_none) {
        let run: Vec<(f64, f64)> = run.iter().flatten().copied().collect();
        draw(&mut line, &mut fill, &run, base);
    }
    let end = points.last().copied().flatten();
    if let (true, Some(end)) = (is_partial, end) {
        let before = last.checked_sub(1).and_then(|at| points[at]);
        let from = before.unwrap_or((end.0 - 2.0, end.1));
        part.move_to(from.0, from.1).line_to(end.0, end.1);
    }
    html! {
        svg class=(paint.beside("spark")) viewBox={ "0 0 " (canvas.width_px) " " (canvas.height_px) }
            width=(canvas.width_px) height=(canvas.height_px) aria-hidden="true"
            color=[paint.color] fill="none" stroke="currentColor"
            stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" {
            @if !fill.is_empty() {
                path d=(fill.data()) fill="currentColor" fill-opacity=".15" stroke="none" {}
            }
            @if !line.is_empty() { path d=(line.data()) {} }
            @if !part.is_empty() { path d=(part.data()) stroke-dasharray=".5 2.5" {} }
            @if let Some((x, y)) = end {
                circle cx=(short(x)) cy=(short(y)) r="1.6" stroke-width="1.2"
                    fill=[(!is_partial).then_some("currentColor")] {}
            }
        }
    }
}

fn draw(line: &mut Path, fill: &mut Path, run: &[(f64, f64)], base: f64) {
    match run {
        [] => {}
        // A line needs two ends.
        [(x, y)] => {
            line.move_to(x - 1.0, *y).line_to(x + 1.0, *y);
        }
        [first, rest @ ..] => {
            line.move_to(first.0, first.1);
            fill.move_to(first.0, base).line_to(first.0, first.1);
            for (x, y) in rest {
                line.line_to(*x, *y);
                fill.line_to(*x, *y);
            }
            let end = rest.last().unwrap_or(first);
            fill.line_to(end.0, base).close();
        }
    }
}
