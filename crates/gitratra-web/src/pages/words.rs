//! Numbers and names as pages write them.

use gitratra_core::figures::{Comparison, Step};
use gitratra_core::{Bounds, Day, DayRange, RepoName};
use gitratra_render::number::{grouped, signed_percent};
use maud::{Markup, html};

/// Owners whose names are words of ours; their repositories have a longer address.
const TAKEN: [&str; 16] = [
    "about", "account", "api", "assets", "badge", "chart", "compare", "csv", "health", "invite",
    "login", "metrics", "r", "settings", "share", "look",
];

/// Names that are listed at once.
const NAMES: usize = 20;

/// Where the page of a repository is.
pub(crate) fn path_of(name: &RepoName) -> String {
    let is_taken = TAKEN.contains(&name.owner().to_ascii_lowercase().as_str());
    if is_taken {
        format!("/r/{}/{}", name.owner(), name.name())
    } else {
        format!("/{}/{}", name.owner(), name.name())
    }
}

/// `1,234`, or a dash where nothing is known.
pub(crate) fn number(number: Option<u64>) -> String {
    number.map_or_else(|| "–".to_owned(), grouped)
}

/// Which weeks or months a range cuts, where it cuts any: their numbers are those of fewer days.
pub(crate) fn cut_note(step: Step, range: DayRange) -> Markup {
    let steps = step.of(range);
    let is_cut = |days: Option<&DayRange>| days.is_some_and(|days| step.is_cut(*days));
    let ends = match (is_cut(steps.first()), is_cut(steps.last())) {
        (false, false) => return html! {},
        (true, true) if steps.len() > 1 => "The first and the last",
        (true, _) => "The first",
        (false, true) => "The last",
    };
    let noun = match step {
        Step::Day => "day",
        Step::Week => "week",
        Step::Month => "month",
    };
    html! { p class="small muted" { (ends) " " (noun) " of the chart is cut by the range." } }
}

/// The first of some names, and how many more there are.
pub(crate) fn names(names: &[&RepoName]) -> String {
    let shown: Vec<String> = names.iter().take(NAMES).map(ToString::to_string).collect();
    let more = names.len().saturating_sub(NAMES);
    match more {
        0 => shown.join(", "),
        more => format!("{} and {} more", shown.join(", "), grouped(more as u64)),
    }
}

/// A large figure; a long one is written smaller, so that it is not broken in the middle.
pub(crate) fn figure(text: &str) -> Markup {
    let longest = text.split(' ').map(|word| word.chars().count()).max();
    let is_long = longest.unwrap_or_default() > 11;
    html! { dd class={ "large" @if is_long { " long" } } { (text) } }
}

/// `12`, `12–30`.
pub(crate) fn bounds(bounds: Bounds) -> String {
    match bounds.number() {
        Some(number) => grouped(number),
        None => format!("{}–{}", grouped(bounds.lower()), grouped(bounds.upper())),
    }
}

/// `1 day`, `1,200 days`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {noun}{s}", grouped(number))
}

/// `+12 %` against the range before, coloured; nothing where there is nothing to compare with.
pub(crate) fn change(comparison: &Comparison) -> Markup {
    match comparison.percent() {
        Some(percent) => signed(percent),
        None if comparison.days > 0 && comparison.now > 0 => html! {
            span class="up" title="none in the range before" { "new" }
        },
        None => html! { span class="muted" { "–" } },
    }
}

fn signed(percent: f64) -> Markup {
    let class = match percent {
        up if up > 0.0 => "up",
        down if down < 0.0 => "down",
        _ => "muted",
    };
    html! { span class=(class) { (signed_percent(percent, '−')) } }
}

/// A change of a total: `+12`, `−3`.
pub(crate) fn difference(change: i64) -> String {
    let size = grouped(change.unsigned_abs());
    match change {
        0 => "±0".to_owned(),
        up if up > 0 => format!("+{size}"),
        _ => format!("−{size}"),
    }
}

/// `2026-01-01`, `2026-01-01 to 2026-01-31`.
pub(crate) fn days(range: DayRange) -> String {
    if range.first() == range.last() {
        return range.first().to_string();
    }
    format!("{} to {}", range.first(), range.last())
}

/// A day for machines and people.
pub(crate) fn day(day: Day) -> Markup {
    html! { time datetime=(day) { (day) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_of_an_owner_with_a_word_of_ours_has_an_address() {
        let path = |text: &str| path_of(&text.parse().unwrap());
        assert_eq!(path("octo/hello"), "/octo/hello");
        assert_eq!(path("Api/v1"), "/r/Api/v1");
    }

    #[test]
    fn what_is_not_known_is_no_zero() {
        assert_eq!(number(None), "–");
        assert_eq!(number(Some(0)), "0");
        assert_eq!(bounds(Bounds::new(3, 1200).unwrap()), "3–1,200");
        assert_eq!(difference(-1200), "−1,200");
    }
}
