//! Up to eight repositories in the same range, as they are or each against its own mean.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gitratra_answer::{About, all_days, people, usual_step};
use gitratra_core::figures::{self, Comparison, Fold, Step, Total};
use gitratra_core::people::InRange;
use gitratra_core::{DayRange, Metric, RepoName, Series};
use gitratra_render::chart::{Ink, Layer, Point, PointValue, Shape, TimeChart};
use gitratra_render::term::people_text;
use maud::{Markup, html};

use super::figure::{self, Place};
use super::repo::large;
use super::{range, words};
use crate::layout;
use crate::params::{Params, View};
use crate::problem::Problem;
use crate::site::{Call, Site};

/// More lines would only tangle.
const MOST: usize = 8;

/// One of those that are compared.
struct Side {
    about: About,
    total: Total,
    comparison: Comparison,
    people: InRange,
    folds: Vec<Fold>,
}

pub(crate) async fn page(State(site): State<Site>, call: Call) -> Result<Response, Problem> {
    let view = View::of(&call.params)?;
    let metric = metric(&call.params)?;
    let (abouts, missing) = named(&site, &call).await?;
    let known = abouts
        .iter()
        .filter_map(|about| about.known)
        .reduce(|one, other| {
            let (first, last) = (one.first().min(other.first()), one.last().max(other.last()));
            DayRange::new(first, last).unwrap_or(one)
        });
    let range = known.and_then(|known| view.asked.of(known));
    if range.is_some_and(|range| !View::is_sane(range)) {
        return Err(Problem::Bad("the range is longer than 40 years".to_owned()));
    }
    let step = range.map(|range| view.step.unwrap_or_else(|| usual_step(range)));
    let mut sides = Vec::with_capacity(abouts.len());
    if let (Some(range), Some(step)) = (range, step) {
        for about in abouts {
            sides.push(side(&site, about, metric, range, step).await?);
        }
    }
    let body = html! {
        div class="title" { h1 { "Compare" } }
        (choose(&call.params, &sides, metric, &missing))
        @if let (Some(range), Some(step)) = (range, step) {
            div class="controls" {
                (range::presets(&view, &call.params))
                (range::between(&call.params, range, known))
                (how(&call.params, metric))
            }
            (picture(&sides, metric, range, step, &view, is_indexed(&call.params)))
            (table(&sides, range, &call.params))
        } @else {
            section class="panel" {
                p { "Name two repositories or more; the address of this page then shows the same to others." }
            }
        }
    };
    Ok(layout::page(&call.frame, "Compare", &body).into_response())
}

fn metric(params: &Params) -> Result<Metric, Problem> {
    match params.get("metric").unwrap_or("views") {
        "views" => Ok(Metric::Views),
        "clones" => Ok(Metric::Clones),
        other => Err(Problem::Bad(format!(
            "\"{other}\" cannot be compared: it is views or clones"
        ))),
    }
}

fn is_indexed(params: &Params) -> bool {
    params.get("index") == Some("yes")
}

/// Those that are named and may be seen, and the names of which nothing is known.
async fn named(site: &Site, call: &Call) -> Result<(Vec<About>, Vec<String>), Problem> {
    let names: Vec<&str> = call.params.all("r").collect();
    if names.len() > MOST {
        return Err(Problem::Bad(format!("at most {MOST} can be compared")));
    }
    let (mut abouts, mut missing) = (Vec::new(), Vec::new());
    for text in names {
        let name: Option<RepoName> = text.trim().parse().ok();
        let found = match &name {
            Some(name) => site.repository(&call.viewer, name).await,
            None => Err(Problem::NotFound),
        };
        match found {
            Ok(named) => {
                let is_new = |about: &About| about.id != named.about.id;
                if abouts.iter().all(is_new) {
                    abouts.push(named.about);
                }
            }
            Err(Problem::NotFound) => missing.push(text.to_owned()),
            Err(other) => return Err(other),
        }
    }
    Ok((abouts, missing))
}

async fn side(
    site: &Site,
    about: About,
    metric: Metric,
    range: DayRange,
    step: Step,
) -> Result<Side, Problem> {
    let store = site.store();
    let reach = DayRange::new(range.before().first(), range.last()).unwrap_or(range);
    let series = Series::new(store.days(about.id, Some(reach)).await?);
    let people = people(store, about.id, metric, &series, Some(range)).await?;
    let days = all_days(&series, range);
    Ok(Side {
        total: figures::total(&days, metric),
        comparison: figures::compare(&series, range, metric),
        people: people.within(range),
        folds: figures::fold(&days, metric, step),
        about,
    })
}

fn choose(params: &Params, sides: &[Side], metric: Metric, missing: &[String]) -> Markup {
    html! {
        section class="panel" {
            @for text in missing { p class="error" role="alert" { "Nothing is known of “" (text) "”." } }
            @if !sides.is_empty() {
              ul class="chips" {
                @for side in sides {
                    li {
                        span class="tag" {
                            a href=(words::path_of(&side.about.name)) { (side.about.name) }
                            " "
                            a href={ "/compare" (without(params, sides, side)) } aria-label={ "Leave out " (side.about.name) } { "×" }
                        }
                    }
                }
              }
            }
            @if sides.len() < MOST {
                form class="line" method="get" action="/compare" {
                    @for (name, value) in params.beside(&["r"]) { input type="hidden" name=(name) value=(value); }
                    @for side in sides { input type="hidden" name="r" value=(side.about.name); }
                    label { "owner/name" input type="text" name="r" required maxlength="140" size="28" placeholder="octo/hello" autocapitalize="none" spellcheck="false"; }
                    @if sides.is_empty() {
                        label { "and another" input type="text" name="r" maxlength="140" size="28" placeholder="octo/world" autocapitalize="none" spellcheck="false"; }
                    }
                    button class="main" { @if sides.is_empty() { "Compare" } @else { "Add" } }
                }
            }
            @if metric == Metric::Clones { p class="small muted" { "Checkouts by continuous integration are clones." } }
        }
    }
}

/// The address without one of them.
fn without(params: &Params, sides: &[Side], left_out: &Side) -> Params {
    let mut left = params.with("r", None);
    for side in sides {
        if side.about.id != left_out.about.id {
            left = left.and("r", &side.about.name.to_string());
        }
    }
    left
}

fn how(params: &Params, metric: Metric) -> Markup {
    html! {
        form class="at-once" method="get" action="/compare" {
            @for (name, value) in params.beside(&["metric", "index"]) {
                input type="hidden" name=(name) value=(value);
            }
            label class="unseen" for="metric" { "What" }
            select id="metric" name="metric" {
                option value="views" selected[metric == Metric::Views] { "Views" }
                option value="clones" selected[metric == Metric::Clones] { "Clones" }
            }
            label { input type="checkbox" name="index" value="yes" checked[is_indexed(params)]; " Each against its own mean" }
            noscript { button { "Show" } }
        }
    }
}

fn picture(
    sides: &[Side],
    metric: Metric,
    range: DayRange,
    step: Step,
    view: &View,
    is_indexed: bool,
) -> Markup {
    let layers = sides.iter().zip(0..).map(|(side, at)| Layer {
        label: side.about.name.to_string(),
        ink: Ink::Series(at),
        shape: Shape::Line,
        points: points(&side.folds, step, is_indexed),
    });
    let word = metric.word();
    let mut chart = TimeChart {
        id: String::new(),
        title: format!("{word} of {}", sides_text(sides.len())),
        description: format!("{word} from {}", words::days(range)),
        range,
        step,
        scale: view.scale,
        layers: layers.collect(),
        marks: Vec::new(),
        newest: None,
        zero_based: true,
        unit: if is_indexed {
            format!("{word}, each one's mean is 100")
        } else {
            word.to_owned()
        },
    };
    html! {
        section class="panel" { (figure::of_days(&mut chart, "chart-compare", Place::Across)) }
    }
}

fn points(folds: &[Fold], step: Step, is_indexed: bool) -> Vec<Point> {
    let whole = |fold: &&Fold| fold.is_whole(step);
    let counts: Vec<f64> = folds
        .iter()
        .filter(whole)
        .filter_map(|fold| fold.count.map(large))
        .collect();
    let mean = counts.iter().sum::<f64>() / large(counts.len().max(1) as u64);
    // Without a whole step there is no mean, and nothing to measure by.
    let scaled = |count: u64| match is_indexed {
        true => (mean > 0.0).then(|| large(count) / mean * 100.0),
        false => Some(large(count)),
    };
    let points = folds.iter().map(|fold| Point {
        range: fold.range,
        value: fold
            .count
            .and_then(scaled)
            .map(|value| match fold.is_whole(step) {
                true => PointValue::Measured(value),
                false => PointValue::Partial(value),
            }),
    });
    points.collect()
}

fn table(sides: &[Side], range: DayRange, params: &Params) -> Markup {
    let query = ["r", "metric", "index"]
        .iter()
        .fold(params.clone(), |left, name| left.with(name, None));
    html! {
        section class="panel" {
            div class="scroll" tabindex="0" role="region" aria-label="Table" {
                table {
                    caption { (words::days(range)) ". Change against the days before, by days measured in both. Uniques are people, each counted once." }
                    thead {
                        tr {
                            th scope="col" { "Repository" }
                            th scope="col" class="number" { "In all" }
                            th scope="col" class="number" { "Change" }
                            th scope="col" class="number" { "Uniques" }
                            th scope="col" class="number" { "Days known" }
                        }
                    }
                    tbody {
                        @for side in sides {
                            @let days = side.total.days_measured + side.total.days_partial;
                            tr {
                                th scope="row" { a href={ (words::path_of(&side.about.name)) (query) } { (side.about.name) } }
                                td class="number" { (words::number((days > 0).then_some(side.total.count))) }
                                td class="number" { (words::change(&side.comparison)) }
                                td class="number" {
                                    @if side.people.days_covered > 0 || side.people.at_least.is_some() { (people_text(&side.people)) } @else { "–" }
                                }
                                td class="number" { (days) " of " (range.days()) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn sides_text(number: usize) -> String {
    match number {
        1 => "1 repository".to_owned(),
        more => format!("{more} repositories"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_whole_step_there_is_no_mean_to_measure_by() {
        let cut = Fold {
            range: DayRange::new("2026-11-10".parse().unwrap(), "2026-11-20".parse().unwrap())
                .unwrap(),
            count: Some(70),
            uniques: None,
            days_missing: 0,
            is_partial: false,
        };
        let value = |is_indexed| points(&[cut], Step::Month, is_indexed)[0].value;
        assert_eq!(value(true), None);
        assert_eq!(value(false), Some(PointValue::Partial(70.0)));
        let of_week = points(&[cut], Step::Week, true)[0].value;
        assert_eq!(of_week, Some(PointValue::Measured(100.0)));
    }
}
