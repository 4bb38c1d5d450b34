//! What is counted beside traffic: stars with their losses, forks, and downloads.

use gitratra_answer::{AllDownloads, RepoAnswer, Stars};
use gitratra_core::DayRange;
use gitratra_core::download::{self, AssetHistory};
use gitratra_render::chart::{Ink, Layer, Point, PointValue, Scale, Shape, TimeChart, rank_bar};
use gitratra_render::number::grouped;
use maud::{Markup, html};

use super::Shown;
use super::traffic::{api, large};
use crate::pages::figure::{self, Place};
use crate::pages::words;

/// Files of a table; the rest is counted.
const FILES: usize = 15;

pub(super) fn panels(shown: &Shown<'_>, answer: &RepoAnswer) -> Markup {
    html! {
        @if answer.stars.is_some() || !answer.counters.is_empty() {
            div class="pair" {
                @if let Some(stars) = &answer.stars { (stars_panel(shown, answer, stars)) }
                (forks_panel(shown, answer))
            }
        }
        @if let Some(downloads) = &answer.downloads { (downloads_panel(shown, answer, downloads)) }
    }
}

fn chart(title: &str, unit: &str, range: DayRange, answer: &RepoAnswer) -> TimeChart {
    TimeChart {
        id: String::new(),
        title: title.to_owned(),
        description: format!("{unit} from {}", words::days(range)),
        range,
        step: answer.step,
        scale: Scale::Linear,
        layers: Vec::new(),
        marks: Vec::new(),
        newest: Some(range.last()),
        unit: unit.to_owned(),
        zero_based: true,
    }
}

fn measured(range: DayRange, number: Option<u64>) -> Point {
    Point {
        range,
        value: number.map(|number| PointValue::Measured(large(number))),
    }
}

/// A number of a week or month that the range cuts.
const fn as_part(value: PointValue) -> PointValue {
    match value {
        PointValue::Measured(number) => PointValue::Partial(number),
        other => other,
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

fn stars_panel(shown: &Shown<'_>, answer: &RepoAnswer, stars: &Stars) -> Markup {
    let steps = &stars.steps;
    let mut moves = chart("Stars given and lost", "stars", stars.range, answer);
    moves.step = answer.coarse;
    let given = steps.iter().map(|(step, change, _)| {
        let is_told = change.days_missing == 0;
        let mut point = measured(*step, is_told.then_some(change.given));
        if answer.coarse.is_cut(*step) {
            point.value = point.value.map(as_part);
        }
        point
    });
    let lost = steps.iter().map(|(step, change, _)| Point {
        range: *step,
        value: change.lost.map(|lost| match lost.number() {
            Some(number) => PointValue::Measured(large(number)),
            None => PointValue::Bounds {
                at_least: large(lost.lower()),
                at_most: large(lost.upper()),
            },
        }),
    });
    let has_lost = steps
        .iter()
        .any(|(_, change, _)| change.lost.is_some_and(|lost| lost.upper() > 0));
    let lost: Vec<Point> = lost.collect();
    moves.layers = vec![layer("given", Ink::Stars, Shape::Bars, given.collect())];
    if has_lost {
        moves
            .layers
            .push(layer("lost", Ink::Lost, Shape::Band, lost));
    }
    let mut total = chart("Stars in all", "stars", stars.range, answer);
    total.step = answer.coarse;
    let totals = steps.iter().map(|(step, _, total)| measured(*step, *total));
    total.layers = vec![layer("stars", Ink::Stars, Shape::Line, totals.collect())];
    let has_totals = steps.iter().filter(|(_, _, total)| total.is_some()).count() > 1;
    html! {
        section class="panel" aria-labelledby="stars" {
            header {
                h2 id="stars" { "Stars" }
                p class="links" {
                    a href={ (api(shown)) "/stars.csv" (shown.params) } { "CSV" }
                    a href={ (api(shown)) (shown.params.with("metric", Some("stars"))) } { "JSON" }
                }
            }
            p class="small muted" { (stars_words(stars)) }
            (figure::of_days(&mut moves, "chart-stars", Place::Half))
            (words::cut_note(answer.coarse, stars.range))
            @if has_totals { (figure::of_days(&mut total, "chart-stars-total", Place::Half)) }
        }
    }
}

fn stars_words(stars: &Stars) -> String {
    let of_days = stars.range.days().unsigned_abs();
    let told = of_days.saturating_sub(stars.change.days_missing);
    let mut text = match told {
        0 => "GitHub's history of these days was not read".to_owned(),
        told if told < of_days => format!(
            "{} given on the {} that were read",
            grouped(stars.change.given),
            words::counted(told, "day")
        ),
        _ => format!("{} given", grouped(stars.change.given)),
    };
    if let Some(lost) = stars.change.lost {
        text += &format!(", {} taken away", words::bounds(lost));
    }
    if let Some(net) = stars.change.net {
        text += &format!(", {} in all", words::difference(net));
    }
    text + "."
}

fn forks_panel(shown: &Shown<'_>, answer: &RepoAnswer) -> Markup {
    let last = answer.counters.last().map(|run| run.days.last());
    let range =
        last.and_then(|last| DayRange::new(answer.range.first(), last.max(answer.range.last())));
    let Some(range) = range else {
        return html! {};
    };
    let standing = |step: &DayRange, of: fn(&gitratra_core::Counters) -> Option<u64>| {
        let runs = answer.counters.iter();
        let run = runs
            .rev()
            .find(|run| run.days.intersection(*step).is_some());
        measured(*step, run.and_then(|run| of(&run.counters)))
    };
    let steps = answer.step.of(range);
    let points = |of| steps.iter().map(|step| standing(step, of)).collect();
    let mut forks = chart("Forks and watchers", "", range, answer);
    forks.layers = vec![layer(
        "forks",
        Ink::Forks,
        Shape::Line,
        points(|counters| Some(counters.forks)),
    )];
    let watchers: Vec<Point> = points(|counters| counters.watchers);
    if watchers.iter().any(|point| point.value.is_some()) {
        let watchers = layer("watchers", Ink::Series(3), Shape::Line, watchers);
        forks.layers.push(watchers);
    }
    html! {
        section class="panel" aria-labelledby="forks" {
            header {
                h2 id="forks" { "Forks and watchers" }
                p class="links" { a href={ (api(shown)) "/counters.csv" (shown.params) } { "CSV" } }
            }
            p class="small muted" { "As they stood at the end of each step." }
            (figure::of_days(&mut forks, "chart-forks", Place::Half))
        }
    }
}

fn downloads_panel(shown: &Shown<'_>, answer: &RepoAnswer, all: &AllDownloads) -> Markup {
    let mut by_time = chart("Downloads", "downloads", all.range, answer);
    let histories: Vec<&AssetHistory> = all.programs().map(|file| &file.history).collect();
    let points = answer.step.of(all.range).into_iter().map(|step| {
        let found = download::total(histories.iter().copied(), step);
        let value = (found.days_missing == 0).then(|| match found.count.number() {
            Some(number) => PointValue::Measured(large(number)),
            None => PointValue::Bounds {
                at_least: large(found.count.lower()),
                at_most: large(found.count.upper()),
            },
        });
        Point { range: step, value }
    });
    by_time.layers = vec![layer(
        "downloads",
        Ink::Downloads,
        Shape::Band,
        points.collect(),
    )];
    let most = |counts: &mut dyn Iterator<Item = u64>| counts.max().unwrap_or(0).max(1);
    let most_platform = most(&mut all.platforms.iter().map(|(_, of)| of.count.upper()));
    let most_file = most(&mut all.files.iter().map(|file| file.downloads.count.upper()));
    let bar = |of: &download::Downloads, most: u64| {
        let share = |number: u64| large(number) / large(most);
        rank_bar(
            share(of.count.lower()),
            share(of.count.upper()),
            Ink::Downloads,
            &figure::canvas((160, 12)),
        )
    };
    html! {
        section class="panel" aria-labelledby="downloads" {
            header {
                h2 id="downloads" { "Downloads" }
                p class="links" {
                    a href={ (api(shown)) "/downloads.csv" (shown.params) } { "CSV" }
                    a href={ (api(shown)) (shown.params.with("metric", Some("downloads"))) } { "JSON" }
                }
            }
            (figure::of_days(&mut by_time, "chart-downloads", Place::Across))
            (words::cut_note(answer.step, all.range))
            div class="pair" {
                div class="scroll" tabindex="0" role="region" aria-label="Table" {
                    table {
                        caption { "By platform, guessed by file names: an estimate." }
                        thead { tr { th scope="col" { "Platform" } th scope="col" class="number" { "Downloads" } th scope="col" class="wide" { span class="unseen" { "Share" } } } }
                        tbody {
                            @for (platform, of) in &all.platforms {
                                tr {
                                    th scope="row" { (platform) }
                                    td class="number" { (words::bounds(of.count)) }
                                    td class="wide" { (bar(of, most_platform)) }
                                }
                            }
                        }
                    }
                }
                div class="scroll" tabindex="0" role="region" aria-label="Table" {
                    table class="fold" {
                        caption { "By file." }
                        thead {
                            tr {
                                th scope="col" { "File" }
                                th scope="col" { "Release" }
                                th scope="col" class="number" { "Downloads" }
                                th scope="col" class="number drop" { "Since upload" }
                                th scope="col" class="wide drop" { span class="unseen" { "Share" } }
                            }
                        }
                        tbody {
                            @for file in all.files.iter().take(FILES) {
                                tr {
                                    th scope="row" { (file.file) }
                                    td { (file.release) }
                                    td class="number" { (words::bounds(file.downloads.count)) }
                                    td class="number drop" { (grouped(file.ever)) }
                                    td class="wide drop" { (bar(&file.downloads, most_file)) }
                                }
                            }
                        }
                    }
                }
            }
            @if all.files.len() > FILES {
                p class="small muted" { "and " (grouped((all.files.len() - FILES) as u64)) " more files, in CSV and JSON" }
            }
        }
    }
}
