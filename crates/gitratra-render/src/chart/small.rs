//! Small pictures that stand in a line of text or a cell of a table.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped};

use super::pen::{Pen, num};
use super::{Canvas, Ink, Layer, Shape, Theme};

/// How values went, without axes. *Shape*: one value a step, nothing for a gap.
#[must_use]
pub fn sparkline(values: &[Option<f64>], ink: Ink, canvas: &Canvas) -> Markup {
    let (width, height) = (f64::from(canvas.width_px), f64::from(canvas.height_px));
    let most = values
        .iter()
        .flatten()
        .copied()
        .fold(0.0, f64::max)
        .max(1.0);
    #[expect(clippy::cast_precision_loss, reason = "values are few")]
    let (count, place) = (values.len().max(1) as f64, |at: usize| at as f64);
    let step = width / count;
    let y = |value: f64| height - 1.5 - value / most * (height - 3.0);
    let mut pen = Pen::new(canvas.theme);
    open(&mut pen, canvas);
    let (mut line, mut ground) = (String::new(), String::new());
    let mut at = 0;
    while at < values.len() {
        let run: Vec<f64> = values[at..].iter().map_while(|value| *value).collect();
        if run.is_empty() {
            at += 1;
            continue;
        }
        let x = |offset: usize| (place(at + offset) + 0.5) * step;
        if run.len() == 1 {
            let from = place(at) * step;
            let _ = write!(line, "M{} {}h{}", num(from), num(y(run[0])), num(step));
        } else {
            let _ = write!(ground, "M{} {}", num(x(0)), num(height));
            for (offset, value) in run.iter().enumerate() {
                let letter = if offset == 0 { 'M' } else { 'L' };
                let _ = write!(line, "{letter}{} {}", num(x(offset)), num(y(*value)));
                let _ = write!(ground, "L{} {}", num(x(offset)), num(y(*value)));
            }
            let _ = write!(ground, "L{} {}Z", num(x(run.len() - 1)), num(height));
        }
        at += run.len();
    }
    let (fill, stroke) = (pen.fill(ink.class()), pen.stroke(ink.class()));
    pen.path(&ground, &format!("{fill} opacity=\"0.15\""));
    pen.path(
        &line,
        &format!("{stroke} stroke-width=\"1.3\" stroke-linejoin=\"round\""),
    );
    pen.raw("</svg>");
    PreEscaped(pen.out)
}

/// A bar for a part of the largest: what is certain, and paler what is possible.
#[must_use]
pub fn rank_bar(at_least: f64, at_most: f64, ink: Ink, canvas: &Canvas) -> Markup {
    let (width, height) = (f64::from(canvas.width_px), f64::from(canvas.height_px));
    let part = |part: f64| part.clamp(0.0, 1.0) * width;
    let mut pen = Pen::new(canvas.theme);
    open(&mut pen, canvas);
    let fill = pen.fill(ink.class());
    if at_most > at_least {
        pen.rect(
            (0.0, 0.0),
            (part(at_most), height),
            &format!("{fill} opacity=\"0.3\" rx=\"2\""),
        );
    }
    pen.rect(
        (0.0, 0.0),
        (part(at_least), height),
        &format!("{fill} opacity=\"0.85\" rx=\"2\""),
    );
    pen.raw("</svg>");
    PreEscaped(pen.out)
}

/// The sample of a layer in a legend.
#[must_use]
pub fn swatch(layer: &Layer) -> Markup {
    let mut pen = Pen::new(Theme::Css);
    pen.raw("<svg viewBox=\"0 0 14 10\" aria-hidden=\"true\">");
    let (fill, stroke) = (pen.fill(layer.ink.class()), pen.stroke(layer.ink.class()));
    match layer.shape {
        Shape::Bars => pen.rect((1.0, 1.0), (12.0, 8.0), &fill),
        Shape::Area | Shape::Band => {
            pen.rect((0.0, 3.0), (14.0, 7.0), &format!("{fill} opacity=\"0.3\""));
            pen.path("M0 3h14", &format!("{stroke} stroke-width=\"2\""));
        }
        Shape::Line => pen.path("M0 5h14", &format!("{stroke} stroke-width=\"2\"")),
        Shape::Dashed => pen.path(
            "M0 5h14",
            &format!("{stroke} stroke-width=\"2\" stroke-dasharray=\"4 3\""),
        ),
    }
    pen.raw("</svg>");
    PreEscaped(pen.out)
}

fn open(pen: &mut Pen, canvas: &Canvas) {
    let (width, height) = (canvas.width_px, canvas.height_px);
    let _ = write!(
        pen.out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"small\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" aria-hidden=\"true\">"
    );
}
