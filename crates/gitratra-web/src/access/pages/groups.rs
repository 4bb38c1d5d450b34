//! Groups of repositories: what viewers and links are shown.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use gitratra_core::{Group, GroupName, GroupRule, Pattern, RepoName};
use gitratra_render::number::grouped;
use gitratra_store::KnownRepo;
use maud::{Markup, html};
use serde::Deserialize;

use super::{Visit, fault, see, show, tabs};
use crate::access::HasAccess;
use crate::pages::names;
use crate::problem::Problem;

/// Patterns of one form at most.
const PATTERNS: usize = 200;

/// `?name=…&patterns=…` fills the form in and tells what the patterns match.
pub(crate) async fn page<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
    Query(form): Query<GroupForm>,
) -> Result<Response, Problem> {
    with(&state, &visit, StatusCode::OK, Some(&form), None).await
}

/// What patterns match of what is known, alone, for whoever is still typing.
pub(crate) async fn preview<S: HasAccess>(
    State(state): State<S>,
    Query(form): Query<GroupForm>,
) -> Result<Markup, Problem> {
    let known = state.access().store().repositories().await?;
    Ok(matches(&form, &known))
}

fn matches(form: &GroupForm, known: &[KnownRepo]) -> Markup {
    let rules = match form.rules() {
        Ok(rules) => rules,
        Err(why) => return html! { p class="error" { (why) } },
    };
    // The patterns alone, whatever the group is to be called.
    let group = Group {
        name: "preview".parse().expect("a word is a name"),
        rules,
    };
    let known = known.iter().map(|known| &known.repository);
    let held: Vec<&RepoName> = known
        .filter(|repo| group.holds(repo.id, &repo.name))
        .map(|repo| &repo.name)
        .collect();
    html! {
        p class="small" {
            @match held.len() {
                0 => "Of what is known nothing matches.",
                _ => { strong { (grouped(held.len() as u64)) } " of what is known: " (names(&held)) "." },
            }
        }
    }
}

async fn with<S: HasAccess>(
    state: &S,
    visit: &Visit,
    status: StatusCode,
    form: Option<&GroupForm>,
    wrong: Option<&str>,
) -> Result<Response, Problem> {
    let store = state.access().store();
    let groups = store.groups().await?;
    let known = store.repositories().await?;
    let size = |group: &Group| {
        let known = known.iter().map(|known| &known.repository);
        known
            .filter(|repo| group.holds(repo.id, &repo.name))
            .count()
    };
    let (name, patterns) = form.map_or(("", ""), |form| (&form.name, &form.patterns));
    let body = html! {
        div class="title" { h1 { "Groups" } }
        (tabs("/settings/groups", true))
        section class="panel" aria-labelledby="add" {
            header {
                h2 id="add" { "Make a group, or add to one" }
                p class="small muted" { "An exact name means the repository that bears it now and follows it through renames; who takes the name over later does not get in." }
            }
            form class="line" method="post" action="/settings/groups" {
                label { "Name" input name="name" type="text" required maxlength="60" autocomplete="off" value=(name); }
                label { "owner/name, owner/*, *, !owner/name, !owner/*" input name="patterns" type="text" required maxlength="20000" size="40" autocapitalize="none" spellcheck="false" data-previews="/settings/groups/preview" value=(patterns) aria-describedby=[wrong.map(|_| "patterns-error")]; }
                button class="main" { "Add" }
                button formmethod="get" formaction="/settings/groups" formnovalidate { "Preview" }
            }
            (fault("patterns", wrong))
            div id="preview" aria-live="polite" {
                @if let Some(form) = form.filter(|form| wrong.is_none() && !form.patterns.trim().is_empty()) { (matches(form, &known)) }
            }
        }
        @for group in &groups { (card(group, size(group))) }
    };
    Ok(show(status, &visit.frame, "Groups", &body))
}

fn card(group: &Group, size: usize) -> Markup {
    let one = |pattern: &str, label: Markup| {
        html! {
            form method="post" action="/settings/groups/remove" {
                input type="hidden" name="name" value=(group.name);
                input type="hidden" name="patterns" value=(pattern);
                button class="bare danger" { (label) }
            }
        }
    };
    html! {
        section class="panel" aria-label=(group.name) {
            header {
                h2 { (group.name) }
                p class="small muted" { (size) " of the repositories that are known are in it." }
            }
            @if !group.rules.is_empty() {
                div class="scroll" { table {
                    thead { tr { th scope="col" { "Rule" } th scope="col" { span class="unseen" { "Change" } } } }
                    tbody { @for rule in &group.rules { tr {
                        th scope="row" { code { (rule.pattern()) } }
                        td class="number" { (one(&rule.pattern().to_string(), html! { "Remove" span class="unseen" { " " (rule.pattern()) " from " (group.name) } })) }
                    } } }
                } }
            }
            (one("", html! { "Remove the group " (group.name) }))
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct GroupForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    patterns: String,
}

impl GroupForm {
    fn read(&self) -> Result<(GroupName, Vec<GroupRule>), String> {
        let name = self.name.parse::<GroupName>();
        let name = name.map_err(|error| error.to_string())?;
        Ok((name, self.rules()?))
    }

    fn rules(&self) -> Result<Vec<GroupRule>, String> {
        let words = self.patterns.split_whitespace().take(PATTERNS + 1);
        let rules = words.map(|word| {
            let pattern: Pattern = word
                .parse()
                .map_err(|error: gitratra_core::PatternError| error.to_string())?;
            GroupRule::new(pattern, None).map_err(|error| error.to_string())
        });
        let rules = rules.collect::<Result<Vec<_>, _>>()?;
        match rules.len() {
            many if many > PATTERNS => Err(format!("at most {PATTERNS} patterns at once")),
            _ => Ok(rules),
        }
    }
}

pub(crate) async fn add<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
    Form(form): Form<GroupForm>,
) -> Result<Response, Problem> {
    match form.read() {
        Ok((name, rules)) => {
            let store = state.access().store();
            store.add_to_group(&name, &rules).await?;
            Ok(see("/settings/groups"))
        }
        Err(why) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            with(&state, &visit, status, Some(&form), Some(&why)).await
        }
    }
}

/// Without patterns the whole group goes.
pub(crate) async fn remove<S: HasAccess>(
    State(state): State<S>,
    Form(form): Form<GroupForm>,
) -> Result<Response, Problem> {
    let (name, rules) = form.read().map_err(Problem::Bad)?;
    let store = state.access().store();
    let removed = match rules.is_empty() {
        true => store.remove_group(&name).await?,
        false => store.remove_from_group(&name, &rules).await? > 0,
    };
    match removed {
        true => Ok(see("/settings/groups")),
        false => Err(Problem::NotFound),
    }
}
