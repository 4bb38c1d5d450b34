//! The numbers of the range at a glance.

use gitratra_answer::{RepoAnswer, Traffic};
use gitratra_core::Metric;
use gitratra_core::people::InRange;
use gitratra_render::number::grouped;
use gitratra_render::term::people_text;
use maud::{Markup, html};

use super::Shown;
use crate::pages::words;

pub(super) fn figures(shown: &Shown<'_>, answer: &RepoAnswer) -> Markup {
    html! {
        dl class="figures" {
            @for traffic in &answer.traffic {
                (events(traffic))
                (people(traffic))
            }
            (standing(answer))
            @if let Some(downloads) = &answer.downloads {
                div {
                    dt { "Downloads" }
                    (words::figure(&words::bounds(downloads.total.count)))
                    dd class="small muted" {
                        @if downloads.total.days_missing > 0 { (words::counted(downloads.total.days_missing, "day")) " not known" }
                        @else { "of releases' files" }
                    }
                }
            }
        }
        p class="muted small" {
            (words::days(answer.range)) ", " (words::counted(answer.range.days().unsigned_abs(), "day"))
            " · change against the days before, by days measured in both"
            @if shown.view.over.is_some() { " · dashed: earlier days" }
        }
    }
}

const fn name(metric: Metric) -> (&'static str, &'static str) {
    match metric {
        Metric::Views => ("Views", "People who viewed"),
        Metric::Clones => ("Clones", "People who cloned"),
    }
}

fn events(traffic: &Traffic) -> Markup {
    let total = &traffic.total;
    let days = total.days_measured + total.days_partial;
    html! {
        div {
            dt { (name(traffic.metric).0) }
            (words::figure(&words::number((days > 0).then_some(total.count))))
            dd class="small" {
                (words::change(&traffic.comparison))
                @if total.days_missing > 0 { span class="muted" { " · " (words::counted(total.days_missing, "day")) " not known" } }
                @if total.days_partial > 0 { span class="muted" { " · " (words::counted(total.days_partial, "day")) " partial" } }
            }
        }
    }
}

fn people(traffic: &Traffic) -> Markup {
    let found = &traffic.people;
    let is_known = found.days_covered > 0 || found.at_least.is_some();
    html! {
        div {
            dt { (name(traffic.metric).1) }
            @if is_known { (words::figure(&people_text(found))) } @else { (words::figure("–")) }
            dd class="small muted" { (ground(found)) }
        }
    }
}

/// Why it is a number, or only bounds.
fn ground(found: &InRange) -> String {
    if found.number().is_some() && found.days_covered > 0 {
        return "uniques, as GitHub counted them".to_owned();
    }
    if !found.is_whole() && found.days_covered > 0 {
        let covered = grouped(found.days_covered);
        return format!(
            "uniques; {covered} of {} days known",
            grouped(found.of_days)
        );
    }
    "uniques, at least and at most".to_owned()
}

fn standing(answer: &RepoAnswer) -> Markup {
    let Some(standing) = answer.standing else {
        return html! {};
    };
    let counters = standing.counters;
    let moved = |now: u64, before: Option<u64>| {
        let before =
            before.and_then(|before| i64::try_from(i128::from(now) - i128::from(before)).ok());
        before.map(words::difference)
    };
    let stars = moved(counters.stars, standing.before.map(|(_, stars, _)| stars));
    let forks = moved(counters.forks, standing.before.map(|(_, _, forks)| forks));
    let day = standing.day;
    let since = standing.before.map(|(day, _, _)| day);
    html! {
        (counter("Stars", counters.stars, stars.as_deref(), since, day))
        (counter("Forks", counters.forks, forks.as_deref(), since, day))
        @if let Some(watchers) = counters.watchers { (counter("Watchers", watchers, None, None, day)) }
    }
}

fn counter(
    label: &str,
    number: u64,
    moved: Option<&str>,
    since: Option<gitratra_core::Day>,
    read_on: gitratra_core::Day,
) -> Markup {
    html! {
        div {
            dt { (label) }
            (words::figure(&grouped(number)))
            dd class="small muted" {
                @if let (Some(moved), Some(since)) = (moved, since) { (moved) " since " (words::day(since)) }
                @else { "on " (words::day(read_on)) }
            }
        }
    }
}
