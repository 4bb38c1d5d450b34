//! What is tracked, and what else can be changed.

use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use gitratra_core::{Day, NoteText, Pattern, RepoId, RepoName, Repository, Role, Rules, Verdict};
use gitratra_render::number::grouped;
use maud::{Markup, html};
use serde::Deserialize;

use super::words;
use crate::layout;
use crate::problem::Problem;
use crate::router::back_to;
use crate::site::{Call, Site};
use crate::tracking::Tracking;

/// Patterns of one form.
const PATTERNS: usize = 200;

/// Refuses those who may not change anything.
fn check(call: &Call) -> Result<(), Problem> {
    match call.viewer.may_change() {
        true => Ok(()),
        false => Err(Problem::Forbidden("Only editors may change settings")),
    }
}

pub(crate) async fn page(State(site): State<Site>, call: Call) -> Result<Response, Problem> {
    check(&call)?;
    with(&site, &call, None).await
}

/// The page, and what came of a test message.
async fn with(site: &Site, call: &Call, told: Option<&str>) -> Result<Response, Problem> {
    let tracking = Tracking::read(site.store()).await?;
    let preview = call.params.get("pattern");
    let body = html! {
        div class="title" { h1 { "Settings" } }
        nav class="links" aria-label="Settings" {
            @if call.viewer.may(Role::Admin) {
                a href="/settings/users" { "Users" }
                a href="/settings/groups" { "Groups" }
            }
            a href="/settings/shares" { "Share links" }
        }
        section class="panel" aria-labelledby="tracked" {
            header {
                h2 id="tracked" { "What is tracked" }
                p class="small muted" { "An exact name wins over a wildcard, an exclusion over an inclusion of the same weight; order never matters." }
            }
            form class="line" method="post" action="/settings/rules" {
                label {
                    "owner/name, owner/*, *, !owner/name, !fork, !archived, !private"
                    input id="pattern" type="text" name="pattern" required maxlength="2000" size="40" value=[preview] placeholder="octo/*" autocapitalize="none" spellcheck="false" data-previews="/settings/preview";
                }
                button class="main" { "Track" }
                button formmethod="get" formaction="/settings" { "Preview" }
            }
            div id="preview" aria-live="polite" {
                @if let Some(text) = preview { (matches(text, &tracking)) }
            }
            (rules_table(&tracking))
        }
        (alerts(told))
    };
    Ok(layout::page(&call.frame, "Settings", &body).into_response())
}

/// What a pattern would match of what is known, alone, for whoever is still typing.
pub(crate) async fn preview(State(site): State<Site>, call: Call) -> Result<Markup, Problem> {
    check(&call)?;
    let tracking = Tracking::read(site.store()).await?;
    let text = call.params.get("pattern").unwrap_or_default();
    Ok(matches(text, &tracking))
}

/// The patterns of a text, one after the other.
fn patterns(text: &str) -> Result<Vec<Pattern>, String> {
    let words = text.split_whitespace().take(PATTERNS + 1);
    let all: Result<Vec<Pattern>, _> = words.map(str::parse).collect();
    let all = all.map_err(|error: gitratra_core::PatternError| error.to_string())?;
    match all.len() {
        0 => Err("write a pattern".to_owned()),
        many if many > PATTERNS => Err(format!("at most {PATTERNS} patterns at once")),
        _ => Ok(all),
    }
}

fn matches(text: &str, tracking: &Tracking) -> Markup {
    let asked = match patterns(text) {
        Ok(asked) => asked,
        Err(why) => return html! { p class="error" { (why) } },
    };
    let now = tracking.rules.iter().cloned();
    let before = Rules::new(now.clone());
    let after = Rules::new(now.chain(asked.iter().cloned()));
    let tracked = |rules: &Rules, repo: &Repository| tracking.verdict(rules, repo).is_tracked();
    let mut added: Vec<&RepoName> = Vec::new();
    let mut removed: Vec<&RepoName> = Vec::new();
    for repo in tracking.repos() {
        match (tracked(&before, repo), tracked(&after, repo)) {
            (false, true) => added.push(&repo.name),
            (true, false) => removed.push(&repo.name),
            _ => {}
        }
    }
    html! {
        p class="small" {
            @if added.is_empty() && removed.is_empty() {
                "Of what is known nothing would change. "
            }
            @if !added.is_empty() { strong { (grouped(added.len() as u64)) } " more would be tracked: " (words::names(&added)) ". " }
            @if !removed.is_empty() { strong { (grouped(removed.len() as u64)) } " would be left out: " (words::names(&removed)) ". " }
            span class="muted" { "What only GitHub knows is found when it is next asked for its lists." }
        }
    }
}

fn rules_table(tracking: &Tracking) -> Markup {
    let rules = &tracking.rules;
    let all = Rules::new(rules.iter().cloned());
    let decided = |pattern: &Pattern| {
        let of = tracking
            .repos()
            .filter(|repo| match tracking.verdict(&all, repo) {
                Verdict::Tracked(by) | Verdict::Excluded(by) => by == *pattern,
                Verdict::Unmentioned => false,
            });
        of.count() as u64
    };
    html! {
        @if rules.is_empty() {
            p class="muted" { "Nothing is tracked yet." }
        } @else {
            div class="scroll" tabindex="0" role="region" aria-label="Table" {
                table {
                    thead { tr { th scope="col" { "Rule" } th scope="col" class="number" { "Decides about" } th scope="col" { span class="unseen" { "Change" } } } }
                    tbody {
                        @for rule in rules {
                            tr {
                                th scope="row" { code { (rule) } }
                                td class="number" { (words::number(Some(decided(rule)))) }
                                td class="number" {
                                    form method="post" action="/settings/rules/remove" {
                                        input type="hidden" name="pattern" value=(rule);
                                        button class="bare danger" { "Remove" span class="unseen" { " the rule " (rule) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            p class="small muted" { "What was read of a repository stays, also when it is not tracked any more." }
        }
    }
}

fn alerts(told: Option<&str>) -> Markup {
    html! {
        section class="panel" aria-labelledby="alerts" {
            header { h2 id="alerts" { "Alarms" } }
            p class="small muted" { "Trouble is told once when it begins and once when it is over, through the channels of the configuration." }
            form method="post" action="/settings/alerts/test" {
                button { "Send a test message" }
            }
            @if let Some(told) = told { p role="status" { (told) } }
        }
    }
}

/// What the forms for rules send.
#[derive(Deserialize)]
pub(crate) struct RuleForm {
    pattern: String,
}

pub(crate) async fn add_rules(
    State(site): State<Site>,
    call: Call,
    Form(form): Form<RuleForm>,
) -> Result<Response, Problem> {
    check(&call)?;
    let patterns = patterns(&form.pattern).map_err(Problem::Bad)?;
    site.store().add_rules(&patterns).await?;
    site.shelf().forget();
    Ok(see("/settings"))
}

pub(crate) async fn remove_rules(
    State(site): State<Site>,
    call: Call,
    Form(form): Form<RuleForm>,
) -> Result<Response, Problem> {
    check(&call)?;
    let patterns = patterns(&form.pattern).map_err(Problem::Bad)?;
    forget_rules(&site, &patterns).await?;
    Ok(see("/settings"))
}

/// Removes rules, and what exact names among them have come to mean.
pub(crate) async fn forget_rules(site: &Site, patterns: &[Pattern]) -> Result<(), Problem> {
    site.store().remove_rules(patterns).await?;
    for (name, repo) in site.store().bindings().await? {
        if patterns.contains(&Pattern::Name(name.clone())) {
            site.store().unbind(&name, repo).await?;
        }
    }
    site.shelf().forget();
    Ok(())
}

/// What the form for notes sends.
#[derive(Deserialize)]
pub(crate) struct NoteForm {
    day: String,
    text: String,
}

/// The repository with a number, if the caller may write about it.
async fn writable(site: &Site, call: &Call, id: u64) -> Result<RepoName, Problem> {
    check(call)?;
    let about = gitratra_answer::About::read(site.store(), RepoId(id)).await?;
    let about = about.filter(|about| call.viewer.sees(about));
    about.map(|about| about.name).ok_or(Problem::NotFound)
}

pub(crate) async fn add_note(
    State(site): State<Site>,
    Path(id): Path<u64>,
    call: Call,
    Form(form): Form<NoteForm>,
) -> Result<Response, Problem> {
    let name = writable(&site, &call, id).await?;
    let bad = |why: &dyn std::fmt::Display| Problem::Bad(why.to_string());
    let day: Day = form.day.parse().map_err(|error| bad(&error))?;
    let text: NoteText = form.text.parse().map_err(|error| bad(&error))?;
    let now = site.now();
    site.store().add_note(RepoId(id), day, &text, now).await?;
    Ok(see(&words::path_of(&name)))
}

pub(crate) async fn remove_note(
    State(site): State<Site>,
    Path((id, note)): Path<(u64, u64)>,
    call: Call,
) -> Result<Response, Problem> {
    let name = writable(&site, &call, id).await?;
    site.store().remove_note(RepoId(id), note).await?;
    Ok(see(&words::path_of(&name)))
}

pub(crate) async fn test_alerts(State(site): State<Site>, call: Call) -> Result<Response, Problem> {
    check(&call)?;
    let told = site.watched().test_alerts().await;
    with(&site, &call, Some(&told)).await
}

/// Goes on to a page of ours.
fn see(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, back_to(Some(path)))]).into_response()
}
