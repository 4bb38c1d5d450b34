//! Share links: making them, ending them, and coming by one.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use gitratra_core::{GroupName, RepoName, Role, Timestamp};
use gitratra_store::{NewShare, Share, Shared};
use maud::{Markup, html};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::{Visit, day, fault, once, see, show, tabs};
use crate::access::{By, HasAccess, cookie, fresh_secret, hash_of, later};
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
    let (store, now) = (state.access().store(), state.access().now());
    let mut shares = Vec::new();
    for share in store.shares().await? {
        let shown = match &share.target {
            Shared::Group(group) => format!("the group {group}"),
            Shared::Repo(id) => {
                let about = gitratra_answer::About::read(store, *id).await?;
                about.map_or_else(|| "a repository".to_owned(), |about| about.name.to_string())
            }
        };
        shares.push((share, shown));
    }
    let is_admin = visit.viewer.may(Role::Admin);
    let body = html! {
        div class="title" { h1 { "Share links" } }
        (tabs("/settings/shares", is_admin))
        @if let Some(link) = link { (once("The new link", link)) }
        section class="panel" aria-labelledby="add" {
            header {
                h2 id="add" { "Make a link" }
                p class="small muted" { "Whoever has it sees one repository or one group until it ends, private ones among them." }
            }
            form class="line" method="post" action="/settings/shares" {
                label { "owner/name, or the name of a group" input name="target" type="text" required maxlength="200" autocapitalize="none" spellcheck="false" aria-describedby=[wrong.map(|_| "target-error")]; }
                label { "Whom it is for" input name="label" type="text" maxlength="80" autocomplete="off"; }
                label { "Days" input name="days" type="number" required min="1" max="3650" value="30"; }
                button class="main" { "Make a link" }
            }
            (fault("target", wrong))
        }
        (table(&shares, now))
        section class="panel" aria-labelledby="signed" {
            header {
                h2 id="signed" { "Signed addresses of pictures" }
                p class="small muted" { "Badges and charts of private repositories have an address that shows them to whoever has it. All of them can be ended at once; the pages then offer new ones." }
            }
            form method="post" action="/settings/shares/signed/revoke" {
                button class="danger" { "End all signed addresses" }
            }
        }
    };
    Ok(show(status, &visit.frame, "Share links", &body))
}

fn table(shares: &[(Share, String)], now: Timestamp) -> Markup {
    html! {
        @if shares.is_empty() {
            p class="muted" { "There are no links." }
        } @else {
            div class="scroll" { table {
                thead { tr { th scope="col" { "Shows" } th scope="col" { "For" } th scope="col" { "Made" } th scope="col" { "Ends" } th scope="col" { span class="unseen" { "Change" } } } }
                tbody { @for (share, shown) in shares { tr {
                    th scope="row" { (shown) }
                    td { (share.label) }
                    td { (day(share.created_at)) }
                    td { @match share.revoked_at { Some(at) => { "revoked " (day(at)) }, None => (day(share.expires_at)) } }
                    td class="number" { @if share.is_open(now) {
                        form method="post" action=(format!("/settings/shares/{}/revoke", share.id)) {
                            button class="bare danger" { "Revoke" span class="unseen" { " the link to " (shown) " for " (share.label) } }
                        }
                    } }
                } } }
            } }
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct ShareForm {
    target: String,
    #[serde(default)]
    label: String,
    days: String,
}

/// Makes a link; its path, or why there is none.
async fn make<S: HasAccess>(
    state: &S,
    visit: &Visit,
    form: &ShareForm,
) -> Result<Result<String, String>, Problem> {
    let access = state.access();
    let store = access.store();
    let label = form.label.trim();
    if label.chars().count() > 80 || label.chars().any(char::is_control) {
        return Ok(Err(
            "whom it is for is one line of at most 80 characters".to_owned()
        ));
    }
    let Ok(days @ 1..=3650) = form.days.trim().parse::<i64>() else {
        return Ok(Err("days are a number from 1 to 3650".to_owned()));
    };
    let unknown = || Ok(Err("there is no such repository or group".to_owned()));
    let target = if let Ok(name) = form.target.trim().parse::<RepoName>() {
        match store.find(&name).await? {
            Some(found) => Shared::Repo(found.id),
            None => return unknown(),
        }
    } else if let Ok(group) = form.target.parse::<GroupName>() {
        Shared::Group(group)
    } else {
        return unknown();
    };
    let (secret, now) = (fresh_secret(), access.now());
    let share = NewShare {
        hash: hash_of(secret.expose_secret()),
        label: label.to_owned(),
        target,
        person: visit.viewer.person.as_ref().map(|(id, _)| *id),
        expires_at: later(now, days * 86_400),
    };
    match store.add_share(&share, now).await? {
        Some(_) => Ok(Ok(format!("/share/{}", secret.expose_secret()))),
        None => unknown(),
    }
}

pub(crate) async fn add<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
    Form(form): Form<ShareForm>,
) -> Result<Response, Problem> {
    // A link lasts when the token that made it is gone.
    if matches!(visit.viewer.by, By::Token(_)) {
        return Err(Problem::Forbidden("Only who has logged in may"));
    }
    match make(&state, &visit, &form).await? {
        Ok(path) => with(&state, &visit, StatusCode::OK, Some(&path), None).await,
        Err(why) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            with(&state, &visit, status, None, Some(&why)).await
        }
    }
}

pub(crate) async fn revoke<S: HasAccess>(
    State(state): State<S>,
    Path(id): Path<u64>,
) -> Result<Response, Problem> {
    let access = state.access();
    match access.store().revoke_share(id, access.now()).await? {
        true => Ok(see("/settings/shares")),
        false => Err(Problem::NotFound),
    }
}

/// Ends every signed address of a picture.
pub(crate) async fn revoke_signed<S: HasAccess>(
    State(state): State<S>,
) -> Result<Response, Problem> {
    state.access().rotate_key().await?;
    Ok(see("/settings/shares"))
}

/// Whoever comes by a link keeps it in a cookie, and goes on to what it shows. A link that has ended
/// is as unknown as any.
pub(crate) async fn open<S: HasAccess>(
    State(state): State<S>,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    let access = state.access();
    let now = access.now();
    let found = access.store().share(hash_of(&secret)).await?;
    let found = found.filter(|(share, _)| share.is_open(now));
    let (share, _) = found.ok_or(Problem::NotFound)?;
    let to = match share.target {
        Shared::Group(_) => "/".to_owned(),
        Shared::Repo(id) => {
            let about = gitratra_answer::About::read(access.store(), id).await?;
            let about = about.ok_or(Problem::NotFound)?;
            crate::pages::path_of(&about.name)
        }
    };
    let secs = share.expires_at.as_second() - now.as_second();
    let is_https = access.rules().is_https;
    let cookie = cookie::write(access.share_cookie(), &secret, secs, is_https);
    let mut response = see(&to);
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}
