//! How safe everything is: each repository's newest day, what failed and what to do, passes and
//! budgets.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gitratra_answer::Asked;
use gitratra_answer::fleet::{Direction, FleetLine, FleetQuestion, Sort};
use gitratra_core::{Endpoint, RepoId, Timestamp};
use gitratra_render::number::grouped;
use gitratra_store::{FleetRepo, Problem as Failure, Run};
use maud::{Markup, html};

use super::words;
use crate::access::Viewer;
use crate::layout;
use crate::params::Params;
use crate::problem::Problem;
use crate::site::{Call, Site};
use crate::{CollectorState, Snapshot};

/// Lines on a page.
const LINES: usize = 100;

pub(crate) async fn page(State(site): State<Site>, call: Call) -> Result<Response, Problem> {
    let page: usize = call
        .params
        .parsed("page")?
        .unwrap_or(1_usize)
        .clamp(1, 100_000);
    let only_trouble = call.params.get("only") == Some("trouble");
    let failures = failures(&site, &call.viewer).await?;
    let is_troubled = |repo: &FleetRepo| repo.is_failing || repo.gone.is_some();
    let sees = |repo: &FleetRepo| call.viewer.sees_in_fleet(repo);
    let in_trouble = |repo: &FleetRepo| is_troubled(repo);
    let question = FleetQuestion {
        in_group: only_trouble.then_some(&in_trouble as _),
        search: call.params.get("q"),
        sort: Sort::DaysSafe,
        direction: Direction::Up,
        offset: (page - 1) * LINES,
        ..FleetQuestion::all(&sees, LINES, site.now())
    };
    let answer = site.shelf().ask(Asked::Last(7), None, &question).await?;
    let (lines, found) = match &answer {
        Some(answer) => (answer.lines.as_slice(), answer.repos_found),
        None => (&[][..], 0),
    };
    // Budgets and passes are of the whole house, and for those who keep it.
    let house = match call.viewer.may_change() {
        true => Some((
            site.store().last_run().await?,
            site.watched().snapshot().await,
        )),
        false => None,
    };
    let body = html! {
        div class="title" { h1 { "Health" } }
        @if let Some(answer) = &answer { (summary(answer.attention.losing, answer.attention.least_days_safe, answer.attention.failing)) }
        @if let Some((run, snapshot)) = &house {
            (collector(run.as_ref(), snapshot.as_ref().ok(), site.now()))
            @if let Some(collectors) = snapshot.as_ref().ok().and_then(|snapshot| snapshot.collectors.as_ref()) {
                (machines(collectors))
            }
        }
        section class="panel" aria-labelledby="repositories" {
            header {
                h2 id="repositories" { "Repositories" }
                (filter(&call.params, only_trouble))
            }
            @if lines.is_empty() {
                p class="muted" { @if only_trouble { "Nothing is wrong with any of them." } @else { "No repository was read yet." } }
            } @else {
                (table(lines, &failures))
            }
            (paging(&call.params, page, found))
        }
    };
    Ok(layout::page(&call.frame, "Health", &body).into_response())
}

/// What failed, by repository; that one is not found says more than what followed from it.
async fn failures(site: &Site, viewer: &Viewer) -> Result<HashMap<RepoId, Failure>, Problem> {
    let mut found: HashMap<RepoId, Failure> = HashMap::new();
    for failure in site.store().problems().await? {
        let says_more = failure.endpoint == Endpoint::Repository;
        let is_beside = Endpoint::OTHERS.contains(&failure.endpoint);
        let failure = viewer.told(failure);
        match found.get(&failure.repo) {
            Some(_) if is_beside || !says_more => {}
            _ => {
                found.insert(failure.repo, failure);
            }
        }
    }
    Ok(found)
}

fn summary(losing: usize, least: Option<u32>, failing: usize) -> Markup {
    let text = match (losing, least) {
        (0, Some(days)) => format!(
            "No day is about to be lost: the collector may be away for {}.",
            words::counted(days.into(), "day")
        ),
        (0, None) => "Nothing that could be lost is known.".to_owned(),
        (losing, _) => format!(
            "{} about to lose a day or lost one: read them now.",
            match losing {
                1 => "1 repository is".to_owned(),
                more => format!("{} repositories are", grouped(more as u64)),
            }
        ),
    };
    html! {
        p class={ "notice " @if losing > 0 { "bad" } @else if failing > 0 { "warn" } } {
            (text)
            @if failing > 0 { " " (grouped(failing as u64)) " could not be read the last time." }
        }
    }
}

fn collector(run: Option<&Run>, snapshot: Option<&Snapshot>, now: Timestamp) -> Markup {
    html! {
        section class="panel" aria-labelledby="collector" {
            header { h2 id="collector" { "Collector" } }
            div class="pair" {
                dl class="facts" {
                    @if let Some(run) = run {
                        dt { "Last pass" } dd { (moment(run.finished_at)) " " span class="muted" { "(" (ago(run.finished_at, now)) ")" } }
                        dt { "Read" } dd { (grouped(run.ok)) " repositories, " (grouped(run.new_days)) " new days" @if run.failed > 0 { ", " span class="down" { (grouped(run.failed)) " failed" } } }
                        dt { "Requests" } dd { (grouped(run.sent)) ", of which " (grouped(run.not_modified)) " were “not modified” and " (grouped(run.retried)) " were sent again" }
                    } @else {
                        dt { "Last pass" } dd { "there was none yet" }
                    }
                    @if let Some(stored) = snapshot.and_then(|snapshot| snapshot.last_stored_at) {
                        dt { "Last stored" } dd { (moment(stored)) " " span class="muted" { "(" (ago(stored, now)) ")" } }
                    }
                    @if let Some(snapshot) = snapshot {
                        dt { "Open alarms" } dd { (grouped(snapshot.alarms_open)) }
                    }
                }
                @if let Some(snapshot) = snapshot.filter(|snapshot| !snapshot.rates.is_empty()) {
                    div class="scroll" tabindex="0" role="region" aria-label="Table" {
                        table {
                            caption { "What is left of each credential's hour." }
                            thead { tr { th scope="col" { "Credential" } th scope="col" class="number" { "Left" } th scope="col" { "Anew at" } } }
                            tbody {
                                @for rate in &snapshot.rates {
                                    tr {
                                        th scope="row" { (rate.label) }
                                        td class="number" { (grouped(rate.remaining)) " of " (grouped(rate.limit)) }
                                        td { (moment(rate.reset_at)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Who shares the work.
fn machines(collectors: &[CollectorState]) -> Markup {
    html! {
        @if !collectors.is_empty() {
            section class="panel" aria-labelledby="collectors" {
                header { h2 id="collectors" { "Who collects" } }
                div class="scroll" tabindex="0" role="region" aria-label="Table" {
                    table {
                        caption { "All that ask GitHub for this store, as they were last seen." }
                        thead {
                            tr {
                                th scope="col" { "Machine" }
                                th scope="col" { "What" }
                                th scope="col" { "Since" }
                                th scope="col" { "Last seen" }
                                th scope="col" class="number" { "Asking about" }
                            }
                        }
                        tbody {
                            @for one in collectors {
                                tr {
                                    th scope="row" { (one.host) }
                                    td {
                                        (one.kind)
                                        @if one.is_caretaker { ", looks after alarms and copies" }
                                    }
                                    td { (moment(one.since)) }
                                    td {
                                        (moment(one.seen_at))
                                        @if one.is_missed { " " span class="tag bad" { "missed" } }
                                    }
                                    td class="number" { (grouped(one.repos)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn moment(at: Timestamp) -> Markup {
    html! { time datetime=(format!("{at:.0}")) { (format!("{at:.0}").replace('T', " ").replace('Z', " UTC")) } }
}

/// `3 hours ago`.
fn ago(at: Timestamp, now: Timestamp) -> String {
    let secs = now
        .as_second()
        .saturating_sub(at.as_second())
        .max(0)
        .unsigned_abs();
    match secs {
        0..=119 => "just now".to_owned(),
        120..=7199 => format!("{} minutes ago", secs / 60),
        7200..=172_799 => format!("{} hours ago", secs / 3600),
        _ => format!("{} days ago", secs / 86_400),
    }
}

fn filter(params: &Params, only_trouble: bool) -> Markup {
    html! {
        form class="line at-once" method="get" {
            @for (name, value) in params.beside(&["q", "only"]) { input type="hidden" name=(name) value=(value); }
            label class="unseen" for="q" { "Name" }
            input id="q" type="search" name="q" value=[params.get("q")] placeholder="Filter by name" maxlength="140";
            label { span { input type="checkbox" name="only" value="trouble" checked[only_trouble]; " Only with trouble" } }
            button { "Filter" }
        }
    }
}

fn table(lines: &[FleetLine], failures: &HashMap<RepoId, Failure>) -> Markup {
    html! {
        div class="scroll" tabindex="0" role="region" aria-label="Table" {
            table {
                caption { "Those that lose a day first stand first." }
                thead {
                    tr {
                        th scope="col" { "Repository" }
                        th scope="col" { "Newest day" }
                        th scope="col" class="number" { "Safe for" }
                        th scope="col" { "Last error, and what to do" }
                    }
                }
                tbody {
                    @for line in lines {
                        @let newest = line.repo.newest[0].min(line.repo.newest[1]).or(line.repo.newest[0]);
                        tr {
                            th scope="row" {
                                a href=(words::path_of(&line.repo.name)) { (line.repo.name) }
                                @if line.repo.is_private { " " span class="tag" { "private" } }
                            }
                            td { @match newest { Some(day) => (words::day(day)), None => "never read" } }
                            td class="number" {
                                @match line.days_safe {
                                    Some(0) => span class="tag bad" { "losing days" },
                                    Some(days @ 1..=3) => span class="tag warn" { (words::counted(days.into(), "day")) },
                                    Some(days) => { (words::counted(days.into(), "day")) }
                                    None => "–",
                                }
                            }
                            td {
                                @if let Some(status) = line.repo.gone { "gone: GitHub answers " (status) ". " }
                                @if let Some(failure) = failures.get(&line.repo.id) {
                                    (failure.endpoint.word()) ": " (failure.message)
                                    @if !failure.action.is_empty() { ". " strong { (failure.action) } }
                                } @else if line.repo.gone.is_none() {
                                    span class="muted" { "none" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn paging(params: &Params, page: usize, found: usize) -> Markup {
    let pages = found.div_ceil(LINES).max(1);
    let at = |page: usize| params.with("page", Some(&page.to_string()));
    html! {
        @if pages > 1 {
            nav class="pages" aria-label="Pages of the table" {
                span { @if page > 1 { a rel="prev" href=(at(page - 1)) { "← Before" } } }
                span class="muted" { "Page " (page) " of " (pages) }
                span { @if page < pages { a rel="next" href=(at(page + 1)) { "Next →" } } }
            }
        }
    }
}
