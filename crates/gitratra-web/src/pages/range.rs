//! Choosing the days that are looked at.

use gitratra_core::DayRange;
use maud::{Markup, html};

use crate::params::{PRESETS, Params, View};

/// The ranges that have a name, as links.
pub(super) fn presets(view: &View, params: &Params) -> Markup {
    let params = params.with("from", None).with("to", None);
    html! {
        nav aria-label="Range" {
            ul class="choices" {
                @for (word, label) in PRESETS {
                    li {
                        a href=(params.with("range", Some(word))) aria-current=[view.is_preset(word).then_some("true")] { (label) }
                    }
                }
            }
        }
    }
}

/// From one day to another.
pub(super) fn between(params: &Params, range: DayRange, known: Option<DayRange>) -> Markup {
    html! {
        form method="get" {
            @for (name, value) in params.beside(&["range", "from", "to"]) {
                input type="hidden" name=(name) value=(value);
            }
            label for="from" { "From" }
            input id="from" type="date" name="from" value=(range.first()) min=[known.map(|known| known.first())] max=[known.map(|known| known.last())];
            label for="to" { "to" }
            input id="to" type="date" name="to" value=(range.last()) min=[known.map(|known| known.first())] max=[known.map(|known| known.last())];
            button { "Show" }
        }
    }
}
