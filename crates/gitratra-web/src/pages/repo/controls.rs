//! Which days are looked at, and how: every choice is a link or a form without script.

use gitratra_answer::{Over, RepoAnswer};
use gitratra_core::figures::Step;
use gitratra_render::chart::Scale;
use maud::{Markup, html};

use super::Shown;
use crate::pages::range;

pub(super) fn controls(shown: &Shown<'_>, answer: &RepoAnswer) -> Markup {
    let view = shown.view;
    html! {
        div class="controls" {
            (range::presets(view, shown.params))
            (range::between(shown.params, answer.range, Some(answer.known)))
            form class="at-once" method="get" {
                @for (name, value) in shown.params.beside(&["by", "scale", "sum", "over"]) {
                    input type="hidden" name=(name) value=(value);
                }
                label for="by" class="unseen" { "Fold days into" }
                select id="by" name="by" {
                    (option("", "Days as fit", view.step.is_none()))
                    (option("day", "By day", view.step == Some(Step::Day)))
                    (option("week", "By week", view.step == Some(Step::Week)))
                    (option("month", "By month", view.step == Some(Step::Month)))
                }
                label for="over" class="unseen" { "Lay under it" }
                select id="over" name="over" {
                    (option("", "Nothing under it", view.over.is_none()))
                    (option("before", "The days before", view.over == Some(Over::Before)))
                    (option("year", "A year ago", view.over == Some(Over::YearAgo)))
                }
                label { input type="checkbox" name="scale" value="log" checked[view.scale == Scale::Log]; " Logarithmic" }
                label { input type="checkbox" name="sum" value="yes" checked[view.is_cumulative]; " Cumulative" }
                noscript { button { "Show" } }
            }
        }
    }
}

fn option(value: &str, label: &str, is_chosen: bool) -> Markup {
    html! { option value=(value) selected[is_chosen] { (label) } }
}
