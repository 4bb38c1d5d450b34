//! Who may log in, as what, and which groups viewers see.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use gitratra_core::{GroupName, Person, PersonId, PersonName, Role};
use maud::{Markup, html};
use secrecy::ExposeSecret;

use super::{Visit, day, fault, once, see, show, tabs};
use crate::access::{self, HasAccess};
use crate::problem::Problem;

pub(crate) async fn page<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
) -> Result<Response, Problem> {
    with(&state, &visit, StatusCode::OK, None, None).await
}

async fn with<S: HasAccess>(
    state: &S,
    visit: &Visit,
    status: StatusCode,
    link: Option<&str>,
    wrong: Option<&str>,
) -> Result<Response, Problem> {
    let store = state.access().store();
    let persons = store.persons().await?;
    let groups: Vec<_> = store
        .groups()
        .await?
        .into_iter()
        .map(|group| group.name)
        .collect();
    let own = visit.viewer.person.as_ref().map(|(id, _)| *id);
    let body = html! {
        div class="title" { h1 { "Users" } }
        (tabs("/settings/users", true))
        @if let Some(link) = link { (once("A link that works once, for three days: give it to whom it is for", link)) }
        section class="panel" aria-labelledby="add" {
            header {
                h2 id="add" { "Add somebody" }
                p class="small muted" { "They choose their password by a link. Viewers see the groups ticked here; editors and administrators see everything." }
            }
            form class="line" method="post" action="/settings/users" {
                label { "Name" input name="name" type="text" required maxlength="100" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby=[wrong.map(|_| "name-error")]; }
                (role_and_groups(if persons.is_empty() { Role::Admin } else { Role::Viewer }, &[], &groups))
                button class="main" { "Add" }
            }
            (fault("name", wrong))
            @if persons.is_empty() { p class="small muted" { "As soon as there is somebody, everybody has to log in. Add an administrator first, and open the link yourself." } }
        }
        @for person in &persons { (card(person, own == Some(person.id), &groups)) }
    };
    Ok(show(status, &visit.frame, "Users", &body))
}

fn role_and_groups(role: Role, own: &[GroupName], groups: &[GroupName]) -> Markup {
    html! {
        label { "Role" select name="role" { @for one in Role::ALL { option value=(one) selected[one == role] { (one) } } } }
        @if !groups.is_empty() {
            fieldset {
                legend { "Groups" }
                @for group in groups {
                    label class="tick" { input type="checkbox" name="group" value=(group) checked[own.contains(group)]; (group) }
                }
            }
        }
    }
}

fn card(person: &Person, is_own: bool, groups: &[GroupName]) -> Markup {
    let to = |what: &str| format!("/settings/users/{}{what}", person.id);
    html! {
        section class="panel" aria-label=(person.name) {
            header {
                h2 { (person.name) }
                p class="small muted" {
                    "Added " (day(person.created_at)) ". "
                    @if let Some(issuer) = &person.issuer { "Known from " (issuer) ", which tells role and groups at each login. " }
                    @else if !person.has_password { "Has not chosen a password yet. " }
                    @if person.is_disabled { strong { "Disabled. " } }
                }
            }
            @if is_own {
                p class="small" { "This is you: another administrator can change it." }
            } @else {
                form class="line" method="post" action=(to("")) {
                    (role_and_groups(person.role, &person.groups, groups))
                    label class="tick" { input type="checkbox" name="disabled" value="yes" checked[person.is_disabled]; "Disabled" }
                    button { "Save" span class="unseen" { " " (person.name) } }
                }
                div class="line" {
                    @if person.issuer.is_none() { form method="post" action=(to("/invite")) { button class="bare" { "New link for a password" span class="unseen" { " of " (person.name) } } } }
                    form method="post" action=(to("/remove")) { button class="bare danger" { "Remove" span class="unseen" { " " (person.name) } } }
                }
            }
        }
    }
}

/// What the forms send: names and values, since a group may come several times.
type Fields = Vec<(String, String)>;

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.as_str())
}

fn role_of(fields: &Fields) -> Result<Role, Problem> {
    let role = field(fields, "role").parse::<Role>();
    role.map_err(|error| Problem::Bad(error.to_string()))
}

fn groups_of(fields: &Fields) -> Result<Vec<GroupName>, Problem> {
    let groups = fields.iter().filter(|(key, _)| key == "group");
    let groups = groups.map(|(_, value)| value.parse::<GroupName>());
    let groups: Result<_, _> = groups.collect();
    groups.map_err(|error| Problem::Bad(error.to_string()))
}

/// The number, unless it is one's own: an administrator who locks himself out is nobody's gain.
fn other(visit: &Visit, id: u64) -> Result<PersonId, Problem> {
    let own = visit.viewer.person.as_ref().map(|(id, _)| *id);
    match own == Some(PersonId(id)) {
        true => Err(Problem::Forbidden(
            "Only another administrator may change you",
        )),
        false => Ok(PersonId(id)),
    }
}

pub(crate) async fn add<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let access = state.access();
    let (role, groups) = (role_of(&fields)?, groups_of(&fields)?);
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let name = match field(&fields, "name").parse::<PersonName>() {
        Ok(name) => name,
        Err(error) => {
            return with(&state, &visit, refused, None, Some(&error.to_string())).await;
        }
    };
    // Everybody has to log in from then on, and nobody could add an administrator any more.
    if role != Role::Admin && !access.store().has_persons().await? {
        let why = Some("the first has to be an administrator");
        return with(&state, &visit, refused, None, why).await;
    }
    let now = access.now();
    let added = access.store().add_person(&name, role, &groups, now).await?;
    let Some(id) = added else {
        let why = Some("somebody has this name already");
        return with(&state, &visit, refused, None, why).await;
    };
    let link = access::invite(access.store(), Some(id), now).await?;
    with(
        &state,
        &visit,
        StatusCode::OK,
        Some(link.expose_secret()),
        None,
    )
    .await
}

pub(crate) async fn change<S: HasAccess>(
    State(state): State<S>,
    Path(id): Path<u64>,
    visit: Visit,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let store = state.access().store();
    let id = other(&visit, id)?;
    let (role, groups) = (role_of(&fields)?, groups_of(&fields)?);
    if !store.set_role(id, role).await? {
        return Err(Problem::NotFound);
    }
    store.set_person_groups(id, &groups).await?;
    let is_disabled = !field(&fields, "disabled").is_empty();
    store.set_disabled(id, is_disabled).await?;
    Ok(see("/settings/users"))
}

pub(crate) async fn invite<S: HasAccess>(
    State(state): State<S>,
    Path(id): Path<u64>,
    visit: Visit,
) -> Result<Response, Problem> {
    let access = state.access();
    let id = other(&visit, id)?;
    let person = access.store().person(id).await?;
    person
        .filter(|person| person.issuer.is_none())
        .ok_or(Problem::NotFound)?;
    let link = access::invite(access.store(), Some(id), access.now()).await?;
    with(
        &state,
        &visit,
        StatusCode::OK,
        Some(link.expose_secret()),
        None,
    )
    .await
}

pub(crate) async fn remove<S: HasAccess>(
    State(state): State<S>,
    Path(id): Path<u64>,
    visit: Visit,
) -> Result<Response, Problem> {
    let access = state.access();
    let id = other(&visit, id)?;
    if !access.store().remove_person(id).await? {
        return Err(Problem::NotFound);
    }
    Ok(see("/settings/users"))
}
