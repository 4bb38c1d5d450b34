//! Referrers and paths of the range: what each brought, as bounds, and the largest over time.

use gitratra_answer::{RepoAnswer, Told};
use gitratra_core::rolling::InRange;
use gitratra_core::{DayRange, Ranking};
use gitratra_render::chart::{Ink, Layer, Point, PointValue, Shape, TimeChart, rank_bar};
use gitratra_render::number::grouped;
use maud::{Markup, html};

use super::Shown;
use super::traffic::{api, large};
use crate::pages::figure::{self, Place};
use crate::pages::words;

/// Lines of a table.
const SHOWN: usize = 15;
/// Lines of a chart, which more would only tangle.
const DRAWN: u8 = 4;

pub(super) fn panels(shown: &Shown<'_>, answer: &RepoAnswer) -> Markup {
    html! {
        @if !answer.sources.is_empty() {
            div class="pair" {
                @for told in &answer.sources { (panel(shown, answer, told)) }
            }
        }
    }
}

fn panel(shown: &Shown<'_>, answer: &RepoAnswer, told: &Told) -> Markup {
    let (heading, noun) = match told.ranking {
        Ranking::Referrers => ("Referrers", "Referrer"),
        Ranking::Paths => ("Paths", "Path"),
    };
    let word = told.ranking.word();
    let ranked = told.sources.ranked(answer.range);
    let known = told.sources.days_known(answer.range);
    let of_days = answer.range.days().unsigned_abs();
    let most = ranked.iter().map(|(_, found)| found.count.upper()).max();
    let all_exact = ranked
        .iter()
        .all(|(_, found)| found.count.number().is_some());
    html! {
        section class="panel" aria-labelledby=(word) {
            header {
                h2 id=(word) { (heading) }
                p class="links" {
                    a href={ (api(shown)) "/" (word) ".csv" (shown.params) } { "CSV" }
                    a href={ (api(shown)) (shown.params.with("metric", Some(word))) } { "JSON" }
                }
            }
            @if ranked.is_empty() {
                p class="muted" { "None is known in these days." }
            } @else {
                div class="scroll" tabindex="0" role="region" aria-label="Table" {
                    table class="fold" {
                        caption {
                            @if known < of_days { "GitHub's lists speak of " (grouped(known)) " of " (words::counted(of_days, "day")) ". " }
                            @if all_exact { "Views each brought." } @else { "Views each brought, at least and at most; they follow from totals of 14 days." }
                        }
                        thead {
                            tr {
                                th scope="col" { (noun) }
                                th scope="col" class="number" { "Views" }
                                th scope="col" class="number drop" { "Uniques" }
                                th scope="col" class="wide drop" { span class="unseen" { "Share" } }
                            }
                        }
                        tbody {
                            @for (name, found) in ranked.iter().take(SHOWN) {
                                (line(told, name, found, most.unwrap_or(0)))
                            }
                        }
                    }
                }
                @if ranked.len() > SHOWN {
                    p class="small muted" { "and " (grouped((ranked.len() - SHOWN) as u64)) " more, in CSV and JSON" }
                }
                @if let Some(mut chart) = over_time(answer, told, &ranked) {
                    (figure::of_days(&mut chart, &format!("chart-{word}"), Place::Half))
                    (words::cut_note(answer.coarse, answer.range))
                }
            }
        }
    }
}

fn line(told: &Told, name: &str, found: &InRange, most: u64) -> Markup {
    let spellings = told.spellings(name);
    let share = |number: u64| large(number) / large(most.max(1));
    html! {
        tr {
            th scope="row" {
                (name)
                @if spellings.len() > 1 { " " span class="tag" title=(spellings.join("\n")) { (spellings.len()) " spellings" } }
            }
            td class="number" { (words::bounds(found.count)) }
            td class="number drop" { (words::bounds(found.people)) }
            td class="wide drop" { (rank_bar(share(found.count.lower()), share(found.count.upper()), Ink::Views, &figure::canvas((160, 12)))) }
        }
    }
}

/// The largest over time, each as a band from what is certain to what is possible.
fn over_time(answer: &RepoAnswer, told: &Told, ranked: &[(&String, InRange)]) -> Option<TimeChart> {
    let steps = answer.coarse.of(answer.range);
    let drawn = ranked.iter().zip(0..DRAWN);
    let layers: Vec<Layer> = drawn
        .map(|((name, _), at)| Layer {
            label: (*name).clone(),
            ink: Ink::Series(at),
            shape: Shape::Band,
            points: steps.iter().map(|step| point(told, name, *step)).collect(),
        })
        .collect();
    let has_any = layers
        .iter()
        .any(|layer| layer.points.iter().any(|point| point.value.is_some()));
    has_any.then(|| TimeChart {
        id: String::new(),
        title: format!("{} over time", told.ranking.word()),
        description: "views by day, at least and at most".to_owned(),
        range: answer.range,
        step: answer.coarse,
        scale: gitratra_render::chart::Scale::Linear,
        layers,
        marks: Vec::new(),
        newest: Some(answer.known.last()),
        unit: "views".to_owned(),
        zero_based: true,
    })
}

/// What a source brought in a step; nothing where a day of it is not known.
fn point(told: &Told, name: &String, step: DayRange) -> Point {
    let found = told.sources.within(name, step);
    let found = found.filter(|found| found.days_known == found.of_days);
    Point {
        range: step,
        value: found.map(|found| match found.count.number() {
            Some(number) => PointValue::Measured(large(number)),
            None => PointValue::Bounds {
                at_least: large(found.count.lower()),
                at_most: large(found.count.upper()),
            },
        }),
    }
}
