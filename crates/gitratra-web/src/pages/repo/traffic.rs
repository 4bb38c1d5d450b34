//! Views and clones over time, and what each weekday usually brings.

use gitratra_answer::{RepoAnswer, Traffic};
use gitratra_core::figures::{Fold, Step};
use gitratra_core::{Day, Metric};
use gitratra_render::chart::{
    ChartMark, ChartMarkKind, Ink, Layer, Point, PointValue, Shape, TimeChart, WeekdayChart,
    WeekdayValue,
};
use maud::{Markup, html};

use super::Shown;
use crate::pages::figure::{self, Place};
use crate::pages::words;

/// The heading, the words of events and people, and their colours.
const fn look(metric: Metric) -> (&'static str, &'static str, Ink, Ink) {
    match metric {
        Metric::Views => ("Views", "views", Ink::Views, Ink::ViewsUniques),
        Metric::Clones => ("Clones", "clones", Ink::Clones, Ink::ClonesUniques),
    }
}

pub(super) fn panel(shown: &Shown<'_>, answer: &RepoAnswer, metric: Metric) -> Markup {
    let Some(traffic) = answer.of(metric) else {
        return html! {};
    };
    let (heading, word, ..) = look(metric);
    let mut chart = chart(shown, answer, traffic);
    let data = format!(
        "{}/series.csv{}",
        api(shown),
        shown.params.with("metric", Some(word))
    );
    html! {
        section class="panel" aria-labelledby=(word) {
            header {
                h2 id=(word) { (heading) @if shown.view.is_cumulative { ", added up" } }
                p class="links" {
                    a href=(data) { "CSV" }
                    a href={ (api(shown)) (shown.params.with("metric", Some(word))) } { "JSON" }
                }
            }
            (figure::of_days(&mut chart, &format!("chart-{word}"), Place::Across))
            @if metric == Metric::Clones { (machines(answer)) }
        }
    }
}

/// Where the API has the repository.
pub(super) fn api(shown: &Shown<'_>) -> String {
    format!("/api/v1/repos/{}", shown.about.name)
}

/// The chart of one metric, with everything that happened.
pub(super) fn chart(shown: &Shown<'_>, answer: &RepoAnswer, traffic: &Traffic) -> TimeChart {
    let (heading, word, ink, people) = look(traffic.metric);
    let is_sum = shown.view.is_cumulative;
    let mut layers = Vec::new();
    if !traffic.over.is_empty() {
        let points = counts(&traffic.over, is_sum, answer.step);
        layers.push(layer("earlier", Ink::Before, Shape::Dashed, points));
    }
    layers.push(layer(
        word,
        ink,
        Shape::Area,
        counts(&traffic.folds, is_sum, answer.step),
    ));
    // People of several days are no sum, so that only days have them.
    if answer.step == Step::Day && !is_sum {
        let uniques = traffic
            .folds
            .iter()
            .map(|fold| point(fold, fold.uniques, Step::Day));
        layers.push(layer("uniques", people, Shape::Area, uniques.collect()));
    }
    TimeChart {
        id: String::new(),
        title: format!("{heading} of {}", shown.about.name),
        description: format!("{heading} from {}", words::days(answer.range)),
        range: answer.range,
        step: answer.step,
        scale: shown.view.scale,
        layers,
        marks: marks(answer, traffic.metric),
        newest: Some(answer.known.last()),
        unit: word.to_owned(),
        zero_based: true,
    }
}

fn layer(label: &str, ink: Ink, shape: Shape, points: Vec<Point>) -> Layer {
    Layer {
        label: label.to_owned(),
        ink,
        shape,
        points,
    }
}

/// What the range cuts off a week or a month is as little in its number as what was not read.
fn point(fold: &Fold, number: Option<u64>, step: Step) -> Point {
    let is_whole = fold.is_whole(step);
    Point {
        range: fold.range,
        value: number.map(|number| match is_whole {
            true => PointValue::Measured(large(number)),
            false => PointValue::Partial(large(number)),
        }),
    }
}

/// Each step's number, or all up to it. A sum over a gap is the least that there was.
fn counts(folds: &[Fold], is_sum: bool, step: Step) -> Vec<Point> {
    let (mut sum, mut is_whole) = (0_u64, true);
    let points = folds.iter().map(|fold| {
        if !is_sum {
            return point(fold, fold.count, step);
        }
        sum = sum.saturating_add(fold.count.unwrap_or(0));
        is_whole &= fold.count.is_some() && fold.days_missing == 0 && !fold.is_partial;
        Point {
            range: fold.range,
            value: fold.count.map(|_| match is_whole {
                true => PointValue::Measured(large(sum)),
                false => PointValue::Partial(large(sum)),
            }),
        }
    });
    points.collect()
}

/// Whether a step has fewer days than a whole one.
#[expect(clippy::cast_precision_loss, reason = "pixels need fewer digits")]
pub(in crate::pages) const fn large(number: u64) -> f64 {
    number as f64
}

/// Releases, tags and notes, and the spikes of the metric.
fn marks(answer: &RepoAnswer, metric: Metric) -> Vec<ChartMark> {
    let happened = answer.marks.iter().map(|mark| ChartMark {
        day: mark.day,
        kind: match mark.kind {
            gitratra_core::spike::MarkKind::Release => ChartMarkKind::Release,
            gitratra_core::spike::MarkKind::Tag => ChartMarkKind::Tag,
            gitratra_core::spike::MarkKind::Note => ChartMarkKind::Note,
        },
        text: mark.text.clone(),
        href: None,
    });
    let spikes = answer.spikes.iter().filter(|found| found.metric == metric);
    let spikes = spikes.map(|found| ChartMark {
        day: found.spike.peak,
        kind: ChartMarkKind::Spike,
        text: "spike".to_owned(),
        href: Some(format!("#{}", spike_id(metric, found.spike.peak))),
    });
    let mut all: Vec<ChartMark> = happened.chain(spikes).collect();
    all.retain(|mark| answer.range.contains(mark.day));
    all.sort_by_key(|mark| mark.day);
    all
}

/// The place of a spike's explanation.
pub(super) fn spike_id(metric: Metric, peak: Day) -> String {
    format!("spike-{}-{peak}", metric.word())
}

fn machines(answer: &RepoAnswer) -> Markup {
    let Some(total) = answer.machines.filter(|total| total.days > 0) else {
        return html! {};
    };
    html! {
        p class="small muted" {
            "Of " (words::number(Some(total.clones))) " clones workflow runs may have made "
            strong { (words::bounds(total.by_machines)) } ", which is an estimate"
            @if total.days_missing > 0 { " and leaves out " (words::counted(total.days_missing, "day")) }
            "."
        }
    }
}

/// What each weekday usually brings.
pub(super) fn weekdays(answer: &RepoAnswer) -> Markup {
    let has_any = answer.traffic.iter().any(|traffic| {
        let figures = &traffic.weekdays.weekdays;
        figures.iter().any(|figure| figure.typical.is_some())
    });
    if !has_any {
        return html! {};
    }
    html! {
        section class="panel" aria-labelledby="weekdays" {
            header {
                h2 id="weekdays" { "By weekday" }
                p class="small muted" { "medians of the range: estimates of what is usual" }
            }
            div class="pair" {
                @for traffic in &answer.traffic {
                    @let (heading, word, ink, _) = look(traffic.metric);
                    @let chart = weekday_chart(traffic, heading, ink);
                    figure class="chart" {
                        h3 { (heading) }
                        div class="one" { (chart.svg(&figure::canvas((480, 170)))) }
                        (figure::behind(&chart.table(), &[]))
                        span class="unseen" { (word) }
                    }
                }
            }
        }
    }
}

fn weekday_chart(traffic: &Traffic, heading: &str, ink: Ink) -> WeekdayChart {
    let mut days = [None; 7];
    for figure in &traffic.weekdays.weekdays {
        if let Some(place) = days.get_mut(usize::from(figure.weekday)) {
            *place = figure.typical.map(|typical| WeekdayValue {
                median: typical.median,
                spread: None,
            });
        }
    }
    WeekdayChart {
        id: format!("weekdays-{}", traffic.metric.word()),
        title: format!("{heading} by weekday"),
        description: "medians, which are estimates of what is usual".to_owned(),
        unit: traffic.metric.word().to_owned(),
        ink,
        days,
    }
}
