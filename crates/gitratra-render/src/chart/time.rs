//! Values over days as a picture.

use std::fmt::Write as _;

use gitratra_core::figures::Step;
use gitratra_core::{Day, DayRange};
use maud::{Markup, PreEscaped};

use super::pen::{Anchor, Pen, escaped, num};
use super::ticks::{self, Values};
use super::{Canvas, ChartMark, Layer, MarkShape, PointValue, Shape, Theme, TimeChart, auto_style};

/// Room for the flags of marks.
const FLAGS_PX: f64 = 18.0;
/// Room for dates.
const FOOT_PX: f64 = 24.0;
/// Room for the unit above the axis.
const HEAD_PX: f64 = 18.0;
/// A flag takes so much.
const FLAG_PX: f64 = 16.0;

/// Where values are on the canvas.
struct Plot {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    first: Day,
    days: f64,
    values: Values,
}

#[expect(clippy::cast_precision_loss, reason = "days are few")]
const fn float(number: i64) -> f64 {
    number as f64
}

impl Plot {
    fn new(chart: &TimeChart, canvas: &Canvas) -> Self {
        let (width, height) = (f64::from(canvas.width_px), f64::from(canvas.height_px));
        let flags = if chart.marks.is_empty() {
            0.0
        } else {
            FLAGS_PX
        };
        let top = HEAD_PX + flags;
        let plot = (height - top - FOOT_PX).max(20.0);
        let values = chart.layers.iter().flat_map(|layer| &layer.points);
        let most = values
            .filter_map(|point| point.value)
            .map(|value| value.bounds().1)
            .fold(0.0, f64::max);
        let values = Values::new(chart.scale, most, (plot / 44.0).max(2.0));
        let labels = values
            .ticks
            .iter()
            .map(|tick| ticks::width(&Values::label(*tick)));
        let left = labels.fold(18.0, f64::max) + 8.0;
        Self {
            left,
            top,
            width: (width - left - 10.0).max(40.0),
            height: plot,
            first: chart.range.first(),
            days: float(chart.range.days()),
            values,
        }
    }

    fn x(&self, day: Day) -> f64 {
        self.left + float(day.days_since(self.first)) / self.days * self.width
    }

    /// Both ends of some days.
    fn span(&self, range: DayRange) -> (f64, f64) {
        let end = float(range.last().days_since(self.first) + 1) / self.days * self.width;
        (self.x(range.first()), self.left + end)
    }

    fn middle(&self, range: DayRange) -> f64 {
        let (from, to) = self.span(range);
        f64::midpoint(from, to)
    }

    fn y(&self, value: f64) -> f64 {
        self.top + self.height * (1.0 - self.values.place(value))
    }

    fn foot(&self) -> f64 {
        self.top + self.height
    }
}

pub(super) fn svg(chart: &TimeChart, canvas: &Canvas) -> Markup {
    let plot = Plot::new(chart, canvas);
    let mut pen = Pen::new(canvas.theme);
    open(&mut pen, chart, canvas, &plot);
    grid(&mut pen, chart, canvas, &plot);
    gaps(&mut pen, chart, &plot);
    for layer in &chart.layers {
        draw(&mut pen, chart, layer, &plot);
    }
    open_end(&mut pen, chart, &plot);
    marks(&mut pen, chart, &plot);
    pen.raw("</svg>");
    PreEscaped(pen.out)
}

fn open(pen: &mut Pen, chart: &TimeChart, canvas: &Canvas, plot: &Plot) {
    let Canvas {
        width_px,
        height_px,
        theme,
    } = *canvas;
    let id = escaped(&chart.id);
    let size = match theme {
        Theme::Css => String::new(),
        _ => format!(" width=\"{width_px}\" height=\"{height_px}\""),
    };
    let step = match chart.step {
        Step::Day => "day",
        Step::Week => "week",
        Step::Month => "month",
    };
    // Links inside of an image cannot be reached.
    let has_links = chart.marks.iter().any(|mark| mark.href.is_some());
    let role = if has_links { "group" } else { "img" };
    let _ = write!(
        pen.out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\"{size} viewBox=\"0 0 {width_px} {height_px}\" \
         role=\"{role}\" aria-labelledby=\"{id}-t {id}-d\" \
         font-family=\"DejaVu Sans,Verdana,Geneva,sans-serif\" font-size=\"12\" \
         data-plot-left=\"{}\" data-plot-width=\"{}\" data-plot-top=\"{}\" data-plot-height=\"{}\" \
         data-first=\"{}\" data-last=\"{}\" data-step=\"{step}\">\
         <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
        num(plot.left),
        num(plot.width),
        num(plot.top),
        num(plot.height),
        chart.range.first(),
        chart.range.last(),
        escaped(&chart.title),
        escaped(&chart.description),
    );
    if theme == Theme::Auto {
        let _ = write!(pen.out, "<style>{}</style>", auto_style());
    }
    if theme != Theme::Css {
        let paper = pen.fill("paper");
        let size = (f64::from(width_px), f64::from(height_px));
        pen.rect((0.0, 0.0), size, &paper);
    }
}

/// Lines for values, and dates.
fn grid(pen: &mut Pen, chart: &TimeChart, canvas: &Canvas, plot: &Plot) {
    let mut lines = String::new();
    for tick in &plot.values.ticks {
        let y = plot.y(*tick);
        let _ = write!(lines, "M{} {}h{}", num(plot.left), num(y), num(plot.width));
        let label = Values::label(*tick);
        pen.text((plot.left - 6.0, y + 4.0), Anchor::End, "axis", &label);
    }
    let stroke = pen.stroke("grid");
    pen.path(&lines, &stroke);
    let mut notches = String::new();
    let end = plot.left + plot.width;
    for (day, label) in ticks::dates(chart.range, plot.width) {
        let of = DayRange::ending(day, 1);
        // A day's label stands under its middle; one of many days where they begin.
        let x = if chart.range.days() <= 62 && chart.step == Step::Day {
            plot.middle(of)
        } else {
            plot.x(day)
        };
        let _ = write!(notches, "M{} {}v4", num(x), num(plot.foot()));
        let half = ticks::width(&label) / 2.0;
        let (x, anchor) = if x - half < 2.0 {
            (2.0, Anchor::Start)
        } else if x + half > end + 10.0 {
            (end + 10.0, Anchor::End)
        } else {
            (x, Anchor::Middle)
        };
        pen.text((x, plot.foot() + 17.0), anchor, "axis", &label);
    }
    let stroke = pen.stroke("axis");
    pen.path(&notches, &stroke);
    let unit = match chart.step {
        Step::Day => chart.unit.clone(),
        Step::Week => format!("{} by week", chart.unit),
        Step::Month => format!("{} by month", chart.unit),
    };
    let unit = match chart.scale {
        ticks::Scale::Linear => unit,
        ticks::Scale::Log => format!("{unit}, logarithmic"),
    };
    // On a page the heading and the legend stand around the picture.
    if canvas.theme == Theme::Css {
        pen.text((2.0, 12.0), Anchor::Start, "axis", unit.trim());
    } else {
        legend(pen, chart, canvas, unit.trim());
    }
}

/// What a picture that stands alone shows, in itself.
fn legend(pen: &mut Pen, chart: &TimeChart, canvas: &Canvas, unit: &str) {
    let title = if chart.title.is_empty() {
        unit
    } else {
        &chart.title
    };
    let mut x = f64::from(canvas.width_px) - 8.0;
    for layer in chart.layers.iter().rev() {
        let left = x - ticks::width(&layer.label) - 14.0;
        // The title goes before the legend where there is no room for both.
        if left < ticks::width(title) + 14.0 {
            break;
        }
        pen.text((left + 12.0, 12.0), Anchor::Start, "axis", &layer.label);
        let fill = pen.fill(layer.ink.class());
        pen.circle((left + 5.0, 8.0), 4.0, &fill);
        x = left - 8.0;
    }
    let title = cut(title, x - 8.0);
    pen.text((4.0, 12.0), Anchor::Start, "word", &title);
}

/// Days of which nothing is known.
fn gaps(pen: &mut Pen, chart: &TimeChart, plot: &Plot) {
    let is_main = |layer: &&Layer| layer.shape != Shape::Dashed;
    let layers: Vec<&Layer> = chart.layers.iter().filter(is_main).collect();
    let newest = chart.newest.unwrap_or(chart.range.last());
    let mut stretches: Vec<DayRange> = Vec::new();
    for step in chart.step.of(chart.range) {
        let is_known = layers.iter().any(|layer| {
            let at = layer
                .points
                .partition_point(|point| point.range.last() < step.first());
            let point = layer.points.get(at);
            point.is_some_and(|point| {
                point.value.is_some() && point.range.intersection(step).is_some()
            })
        });
        let published = DayRange::new(step.first(), step.last().min(newest));
        let Some(published) = published.filter(|_| !is_known) else {
            continue;
        };
        match stretches.last_mut() {
            Some(last) if last.last().plus(1) == published.first() => {
                *last = DayRange::new(last.first(), published.last()).unwrap_or(*last);
            }
            _ => stretches.push(published),
        }
    }
    if stretches.is_empty() {
        return;
    }
    let id = escaped(&chart.id);
    let stroke = pen.stroke("gap");
    let _ = write!(
        pen.out,
        "<defs><pattern id=\"{id}-g\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><path d=\"M0 0v6\" stroke-width=\"1.4\" {stroke}/></pattern></defs>"
    );
    for gap in stretches {
        let (from, to) = plot.span(gap);
        let _ = write!(pen.out, "<g><title>not known: {}</title>", days(gap));
        let fill = format!("fill=\"url(#{id}-g)\" opacity=\"0.55\"");
        pen.rect((from, plot.top), (to - from, plot.height), &fill);
        pen.raw("</g>");
    }
}

fn days(range: DayRange) -> String {
    if range.days() == 1 {
        range.first().to_string()
    } else {
        format!("{} to {}", range.first(), range.last())
    }
}

/// One step of a layer on the canvas.
#[derive(Clone, Copy)]
struct Spot {
    x: f64,
    span: (f64, f64),
    low: f64,
    high: f64,
    value: PointValue,
}

/// Steps that follow each other without a gap.
fn runs(chart: &TimeChart, layer: &Layer, plot: &Plot) -> Vec<Vec<Spot>> {
    let mut runs: Vec<Vec<Spot>> = Vec::new();
    let mut is_open = false;
    for point in &layer.points {
        let (Some(value), Some(range)) = (point.value, point.range.intersection(chart.range))
        else {
            is_open = false;
            continue;
        };
        let (low, high) = value.bounds();
        let spot = Spot {
            x: plot.middle(range),
            span: plot.span(range),
            low: plot.y(low),
            high: plot.y(high),
            value,
        };
        match runs.last_mut() {
            Some(run) if is_open => run.push(spot),
            _ => runs.push(vec![spot]),
        }
        is_open = true;
    }
    runs
}

fn draw(pen: &mut Pen, chart: &TimeChart, layer: &Layer, plot: &Plot) {
    let class = layer.ink.class();
    let (fill, stroke) = (pen.fill(class), pen.stroke(class));
    let (mut ground, mut line, mut bars) = (String::new(), String::new(), String::new());
    let mut hollow = Vec::new();
    let mut solid = Vec::new();
    let foot = plot.foot();
    for run in runs(chart, layer, plot) {
        if layer.shape == Shape::Bars {
            for spot in &run {
                let room = spot.span.1 - spot.span.0;
                let inset = (room * 0.15).min(2.0);
                let _ = write!(
                    bars,
                    "M{} {}V{}H{}V{}Z",
                    num(spot.span.0 + inset),
                    num(foot),
                    num(spot.high),
                    num(spot.span.1 - inset),
                    num(foot)
                );
            }
            continue;
        }
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        for (at, spot) in run.iter().enumerate() {
            let letter = if at == 0 { 'M' } else { 'L' };
            let _ = write!(line, "{letter}{} {}", num(spot.x), num(spot.low));
        }
        // A step that stands alone is as wide as it is.
        if run.len() == 1 {
            line.truncate(line.rfind('M').unwrap_or(0));
            let (from, to) = first.span;
            let _ = write!(line, "M{} {}H{}", num(from), num(first.low), num(to));
            if to - from < 6.0 {
                solid.push((first.x, first.low));
            }
        }
        match layer.shape {
            Shape::Area => {
                let (from, to) = match run.len() {
                    1 => first.span,
                    _ => (first.x, last.x),
                };
                let _ = write!(ground, "M{} {}", num(from), num(foot));
                for spot in &run {
                    let x = if run.len() == 1 { from } else { spot.x };
                    let _ = write!(ground, "L{} {}", num(x), num(spot.low));
                }
                if run.len() == 1 {
                    let _ = write!(ground, "H{}", num(to));
                }
                let _ = write!(ground, "L{} {}Z", num(to), num(foot));
            }
            Shape::Band => band(&mut ground, &run),
            Shape::Line | Shape::Dashed | Shape::Bars => {}
        }
        let partial = run
            .iter()
            .filter(|spot| matches!(spot.value, PointValue::Partial(_)));
        hollow.extend(partial.map(|spot| (spot.x, spot.low)));
    }
    pen.path(&bars, &format!("{fill} opacity=\"0.85\""));
    let tint = if layer.shape == Shape::Band {
        "0.28"
    } else {
        "0.16"
    };
    pen.path(&ground, &format!("{fill} opacity=\"{tint}\""));
    let dash = if layer.shape == Shape::Dashed {
        " stroke-dasharray=\"5 4\""
    } else {
        ""
    };
    pen.path(
        &line,
        &format!(
            "{stroke} stroke-width=\"1.8\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{dash}"
        ),
    );
    for at in solid {
        pen.circle(at, 2.4, &fill);
    }
    // Many of them would only be noise; the table says which they are.
    if hollow.len() <= 40 && layer.shape != Shape::Dashed {
        let paper = match pen.fill("paper") {
            class if class.starts_with("class") => {
                format!(
                    "class=\"f-paper s-{class_name}\"",
                    class_name = class_of(layer)
                )
            }
            fixed => format!("{fixed} {}", stroke.replace(" fill=\"none\"", "")),
        };
        for at in hollow {
            pen.circle(at, 3.0, &format!("{paper} stroke-width=\"1.5\""));
        }
    }
}

const fn class_of(layer: &Layer) -> &'static str {
    layer.ink.class()
}

/// From the least to the most of each step.
fn band(ground: &mut String, run: &[Spot]) {
    let is_wide = run.iter().any(|spot| spot.low - spot.high > 0.4);
    if !is_wide {
        return;
    }
    if let [only] = run {
        let (from, to) = only.span;
        let _ = write!(
            ground,
            "M{} {}H{}V{}H{}Z",
            num(from),
            num(only.high),
            num(to),
            num(only.low),
            num(from)
        );
        return;
    }
    for (at, spot) in run.iter().enumerate() {
        let letter = if at == 0 { 'M' } else { 'L' };
        let _ = write!(ground, "{letter}{} {}", num(spot.x), num(spot.high));
    }
    for spot in run.iter().rev() {
        let _ = write!(ground, "L{} {}", num(spot.x), num(spot.low));
    }
    ground.push('Z');
}

/// Days that are not published yet: nothing closes them.
fn open_end(pen: &mut Pen, chart: &TimeChart, plot: &Plot) {
    let Some(newest) = chart.newest else {
        return;
    };
    if newest < chart.range.first() || newest > chart.range.last() {
        return;
    }
    let (_, x) = plot.span(DayRange::ending(newest, 1));
    let stroke = pen.stroke("axis");
    let line = format!("M{} {}V{}", num(x), num(plot.top), num(plot.foot()));
    pen.path(&line, &format!("{stroke} stroke-dasharray=\"2 4\""));
    let room = plot.left + plot.width - x;
    let text = "not published yet";
    if room > ticks::width(text) + 8.0 {
        let at = (x + 6.0, plot.top + 12.0);
        pen.text(at, Anchor::Start, "axis", text);
    }
}

/// Flags above the plot; those too close to each other are one with their number.
fn marks(pen: &mut Pen, chart: &TimeChart, plot: &Plot) {
    let mut groups: Vec<(f64, Vec<&ChartMark>)> = Vec::new();
    for mark in &chart.marks {
        let x = plot.middle(DayRange::ending(mark.day, 1));
        match groups.last_mut() {
            Some((at, group)) if x - *at < FLAG_PX => group.push(mark),
            _ => groups.push((x, vec![mark])),
        }
    }
    let ends: Vec<f64> = groups.iter().skip(1).map(|(x, _)| *x).collect();
    let right = plot.left + plot.width;
    for (at, (x, group)) in groups.iter().enumerate() {
        let Some(first) = group.first() else { continue };
        let room = ends.get(at).copied().unwrap_or(right + 8.0) - x - FLAG_PX;
        let href = group.iter().find_map(|mark| mark.href.as_deref());
        if let Some(href) = href {
            let _ = write!(pen.out, "<a href=\"{}\">", escaped(href));
        } else {
            pen.raw("<g>");
        }
        let told: Vec<String> = group
            .iter()
            .map(|mark| format!("{}: {} {}", mark.day, word(mark.kind), mark.text))
            .collect();
        let _ = write!(pen.out, "<title>{}</title>", escaped(&told.join("\n")));
        let stroke = pen.stroke("axis");
        let line = format!("M{} {}V{}", num(*x), num(HEAD_PX + 13.0), num(plot.foot()));
        pen.path(
            &line,
            &format!("{stroke} stroke-width=\"1\" opacity=\"0.45\""),
        );
        let is_spike = group.iter().any(|mark| mark.kind == MarkShape::Spike);
        let fill = pen.fill(if is_spike { "lost" } else { "axis" });
        let y = HEAD_PX + 7.0;
        pen.path(&shape(first.kind, *x, y), &fill);
        let label = match group.len() {
            1 => first.text.clone(),
            more => format!("{more}×"),
        };
        let label = cut(&label, room);
        if !label.is_empty() {
            pen.text((x + 7.0, y + 4.0), Anchor::Start, "axis", &label);
        }
        pen.raw(if href.is_some() { "</a>" } else { "</g>" });
    }
}

const fn word(kind: MarkShape) -> &'static str {
    match kind {
        MarkShape::Release => "release",
        MarkShape::Tag => "tag",
        MarkShape::Note => "note",
        MarkShape::Spike => "spike",
    }
}

/// A shape for each kind, since colours are not for everybody.
fn shape(kind: MarkShape, x: f64, y: f64) -> String {
    let (x, y) = (|by: f64| num(x + by), |by: f64| num(y + by));
    match kind {
        MarkShape::Release => format!(
            "M{} {}L{} {}L{} {}Z",
            x(-5.0),
            y(4.0),
            x(0.0),
            y(-5.0),
            x(5.0),
            y(4.0)
        ),
        MarkShape::Tag => format!(
            "M{} {}L{} {}L{} {}L{} {}Z",
            x(-5.0),
            y(0.0),
            x(0.0),
            y(-5.0),
            x(5.0),
            y(0.0),
            x(0.0),
            y(5.0)
        ),
        MarkShape::Note => format!("M{} {}h9v8h-9Z", x(-4.5), y(-4.0)),
        MarkShape::Spike => format!(
            "M{} {}L{} {}H{}L{} {}L{} {}H{}Z",
            x(1.0),
            y(-6.0),
            x(-4.5),
            y(1.0),
            x(-0.5),
            x(-1.5),
            y(6.0),
            x(4.5),
            y(-1.5),
            x(0.5)
        ),
    }
}

/// As much of a text as has room; nothing where that would be too little to tell anything.
fn cut(text: &str, room_px: f64) -> String {
    if ticks::width(text) <= room_px {
        return text.to_owned();
    }
    let mut cut = String::new();
    for letter in text.chars() {
        cut.push(letter);
        if ticks::width(&cut) + 7.0 > room_px {
            cut.pop();
            break;
        }
    }
    if cut.chars().count() < 3 {
        return String::new();
    }
    cut + "…"
}
