//! What happened in the range: spikes with what moved along, releases, tags and notes.

use gitratra_answer::{FoundSpike, RepoAnswer};
use gitratra_core::spike::{Explanation, Moved};
use gitratra_render::number::grouped;
use maud::{Markup, html};

use super::{Shown, traffic};
use crate::pages::words;

/// Marks that are listed; more are counted.
const LISTED: usize = 30;

pub(super) fn panel(shown: &Shown<'_>, answer: &RepoAnswer, may_change: bool) -> Markup {
    if answer.spikes.is_empty() && answer.marks.is_empty() && !may_change {
        return html! {};
    }
    html! {
        section class="panel" aria-labelledby="happened" {
            header { h2 id="happened" { "What happened" } }
            @if answer.spikes.is_empty() && answer.marks.is_empty() {
                p class="muted" { "No day stands far above the usual, and nothing was released or noted." }
            }
            @if !answer.spikes.is_empty() {
                ul class="plain" {
                    @for found in &answer.spikes { li { (spike(found)) } }
                }
            }
            @if !answer.marks.is_empty() {
                div class="scroll" tabindex="0" role="region" aria-label="Table" {
                    table {
                        thead { tr { th scope="col" { "Day" } th scope="col" { "What" } th scope="col" { "" } } }
                        tbody {
                            @for mark in answer.marks.iter().rev().take(LISTED) {
                                tr {
                                    td class="day" { (words::day(mark.day)) }
                                    td { span class="tag" { (mark.kind.word()) } }
                                    th scope="row" { (mark.text) }
                                }
                            }
                        }
                    }
                }
                @if answer.marks.len() > LISTED {
                    p class="small muted" { "and " (grouped((answer.marks.len() - LISTED) as u64)) " more before" }
                }
            }
            @if may_change { (add_note(shown, answer)) }
        }
    }
}

fn spike(found: &FoundSpike) -> Markup {
    let spike = &found.spike;
    let id = traffic::spike_id(found.metric, spike.peak);
    html! {
        details class="spike" {
            summary {
                span class="tag" { "spike" } " "
                (words::days(spike.days)) ": " (grouped(spike.count)) " " (found.metric.word())
                @if let Some(times) = spike.times() { ", " (times_text(times)) " the usual" }
            }
            div id=(id) {
                p class="small muted" {
                    "The peak was on " (words::day(spike.peak)) ". About " (grouped(spike.usual)) " are usual there, so some "
                    (grouped(spike.excess)) " came on top over all of its days. What is usual is an estimate"
                    @if spike.is_cut { "; days beside it were not measured, so it may have lasted longer" }
                    @if !spike.is_settled { "; it may yet turn out to be a rise that stays" }
                    "."
                }
                @if found.moved.is_empty() {
                    p class="small" { "Nothing that is known moved along." }
                } @else {
                    p class="small" { "What moved along, which is no proof of a cause:" }
                    ul {
                        @for moved in &found.moved { li class="small" { (explanation(moved)) } }
                    }
                }
            }
        }
    }
}

fn times_text(times: f64) -> String {
    format!("{times:.1} times")
}

fn explanation(found: &Explanation) -> Markup {
    html! {
        @match &found.moved {
            Moved::Referrer(name) => { "referrer " strong { (name) } }
            Moved::Path(name) => { "page " strong { (name) } }
            Moved::Stars => "stars",
            Moved::Mark(mark) => { (mark.kind.word()) " " strong { (mark.text) } ", " (words::day(mark.day)) }
        }
        @if let Some(more) = found.more { ", " (words::bounds(more)) " more than usual" }
        @if let Some(share) = found.share { ", " (words::bounds(share)) " % of the rise" }
        " " span class="tag" { (found.likelihood.word()) }
    }
}

/// A note explains a spike later.
fn add_note(shown: &Shown<'_>, answer: &RepoAnswer) -> Markup {
    html! {
        details class="behind" {
            summary { "Notes" }
            @if !answer.notes.is_empty() {
                ul class="plain" {
                    @for note in &answer.notes {
                        li {
                            form class="line" method="post" action={ "/settings/notes/" (shown.about.id.0) "/" (note.id) "/remove" } {
                                span { (words::day(note.day)) " " (note.text.as_str()) }
                                button class="bare danger" { "Remove" span class="unseen" { " the note of " (note.day) } }
                            }
                        }
                    }
                }
            }
            form class="line" method="post" action={ "/settings/notes/" (shown.about.id.0) } {
                label { "Day" input type="date" name="day" required value=(answer.range.last()); }
                label { "What happened" input type="text" name="text" required maxlength="200" size="40" placeholder="on the front page of a news site"; }
                button { "Add a note" }
            }
        }
    }
}
