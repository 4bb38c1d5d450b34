//! What an empty store greets with: what to do next.

use maud::{Markup, html};

pub(super) fn nothing_tracked(may_change: bool) -> Markup {
    html! {
        div class="welcome" {
            h1 { "Nothing is tracked yet" }
            p { "GitHub forgets the traffic of a repository after 14 days. From the first reading on, gitratra keeps it for good." }
            @if may_change {
                section class="panel" {
                    header { h2 { "1. Name a repository" } }
                    form class="line" method="post" action="/settings/rules" {
                        label { "owner/name, owner/* or *" input type="text" name="pattern" required maxlength="140" size="28" placeholder="octo/hello" autocapitalize="none" spellcheck="false"; }
                        button class="main" { "Track" }
                    }
                    p class="small muted" { "or in a terminal" }
                    pre { "gitratra track 'octo/*' '!fork'" }
                }
                section class="panel" {
                    header { h2 { "2. Let it read" } }
                    p class="small" { "The collector needs a token that may read traffic: a fine-grained one with the permission Administration: read, or a classic one with repo. It is read from GITRATRA_TOKEN, from a file, or from the keychain." }
                    pre { "gitratra login\ngitratra doctor\ngitratra serve" }
                    p class="small muted" { "The first pass reads the last 14 days within a minute." }
                }
                section class="panel" {
                    header { h2 { "Or have a look first" } }
                    p class="small" { "Two simulated years, without token and network:" }
                    pre { "gitratra demo" }
                }
            } @else {
                p { "Somebody who may change settings has to name the first repository." }
            }
        }
    }
}

pub(super) fn nothing_read(tracked: usize) -> Markup {
    html! {
        div class="welcome" {
            h1 { "Waiting for the first reading" }
            p { (super::words::counted(tracked as u64, "rule")) " say what is tracked, and nothing was read yet." }
            section class="panel" {
                p class="small" { "If the collector runs, the first days are here within a minute. If not:" }
                pre { "gitratra doctor    # token, permissions, clock, store: what to change\ngitratra serve     # collects for ever" }
            }
        }
    }
}

/// Something is there, and nothing of it is for this viewer.
pub(super) fn nothing_to_see(may_log_in: bool) -> Markup {
    html! {
        div class="welcome" {
            h1 { "Nothing to see here yet" }
            p { "No repository is shown to everybody." @if may_log_in { " " a href="/login" { "Log in" } " to see more." } }
        }
    }
}
