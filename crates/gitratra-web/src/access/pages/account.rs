//! One's own account: the password, and tokens for programs.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use gitratra_core::{PersonId, TokenScope};
use gitratra_store::{NewToken, Token};
use maud::{Markup, html};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::login::SecretText;
use super::{Visit, day, fault, once, own, see, show};
use crate::access::{
    By, HasAccess, LoggedIn, TOKEN_PREFIX, fresh_secret, hash_of, later, password_fault,
};
use crate::problem::Problem;

/// Tokens of one person at most.
const MOST_TOKENS: usize = 50;

/// What the page says besides what is kept.
#[derive(Default)]
struct Said<'a> {
    token: Option<&'a str>,
    wrong: Option<(&'static str, &'a str)>,
    is_changed: bool,
}

pub(crate) async fn page<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
) -> Result<Response, Problem> {
    with(&state, &visit, StatusCode::OK, Said::default()).await
}

async fn tokens_of<S: HasAccess>(state: &S, id: PersonId) -> Result<Vec<Token>, Problem> {
    let mut tokens = state.access().store().tokens().await?;
    tokens.retain(|token| token.person == id);
    Ok(tokens)
}

async fn with<S: HasAccess>(
    state: &S,
    visit: &Visit,
    status: StatusCode,
    said: Said<'_>,
) -> Result<Response, Problem> {
    let id = own(&visit.viewer)?;
    let person = state.access().store().person(id).await?;
    let person = person.ok_or(Problem::NotFound)?;
    let tokens = tokens_of(state, id).await?;
    let why = |field| {
        said.wrong
            .and_then(|(of, why)| (of == field).then_some(why))
    };
    let body = html! {
        div class="title" { h1 { (person.name) } }
        @if let Some(token) = said.token { (once("Your new token", token)) }
        p class="muted" { "Role: " (person.role) "." @if let Some(issuer) = &person.issuer { " Known from " (issuer) "." } }
        @if person.has_password {
            section class="panel" aria-labelledby="password" {
                h2 id="password" { "Password" }
                @if said.is_changed { p role="status" { "The password is changed; other browsers are logged out." } }
                form class="stack" method="post" action="/account/password" {
                    input type="hidden" name="username" autocomplete="username" value=(person.name);
                    label for="old" { "Present password" }
                    input id="old" name="old" type="password" required maxlength="256" autocomplete="current-password" aria-describedby=[why("old").map(|_| "old-error")];
                    (fault("old", why("old")))
                    label for="new" { "New password, 10 characters or more" }
                    input id="new" name="new" type="password" required minlength="10" maxlength="256" autocomplete="new-password" aria-describedby=[why("new").map(|_| "new-error")];
                    (fault("new", why("new")))
                    button { "Change the password" }
                }
            }
        }
        (tokens_panel(&tokens, why("token")))
    };
    Ok(show(status, &visit.frame, "Account", &body))
}

fn tokens_panel(tokens: &[Token], why: Option<&str>) -> Markup {
    html! {
        section class="panel" aria-labelledby="tokens" {
            header {
                h2 id="tokens" { "Tokens for programs" }
                p class="small muted" { "A program shows one as \"Authorization: Bearer …\". It never sees or does more than you." }
            }
            @if !tokens.is_empty() {
                div class="scroll" { table {
                    thead { tr { th scope="col" { "For" } th scope="col" { "Scope" } th scope="col" { "Made" } th scope="col" { "Ends" } th scope="col" { "Last used" } th scope="col" { span class="unseen" { "Change" } } } }
                    tbody { @for token in tokens { tr {
                        th scope="row" { (token.name) }
                        td { (token.scope) }
                        td { (day(token.created_at)) }
                        td { (token.expires_at.map_or_else(|| "never".to_owned(), day)) }
                        td { (token.last_used_at.map_or_else(|| "never".to_owned(), day)) }
                        td class="number" { form method="post" action=(format!("/account/tokens/{}/remove", token.id)) {
                            button class="bare danger" { "Remove" span class="unseen" { " the token for " (token.name) } }
                        } }
                    } } }
                } }
            }
            form class="line" method="post" action="/account/tokens" {
                label { "What it is for" input name="name" type="text" required maxlength="80" autocomplete="off"; }
                label { "Scope" select name="scope" { @for scope in TokenScope::ALL { option value=(scope) { (scope) } } } }
                label { "Days, empty for no end" input name="days" type="number" min="1" max="3650" value="90"; }
                button class="main" { "Make a token" }
            }
            (fault("token", why))
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct PasswordForm {
    old: SecretText,
    new: SecretText,
}

pub(crate) async fn set_password<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
    Form(form): Form<PasswordForm>,
) -> Result<Response, Problem> {
    let By::Session(hash) = visit.viewer.by else {
        return Err(Problem::Forbidden("Only who has logged in may"));
    };
    let access = state.access();
    let id = own(&visit.viewer)?;
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let wrong = |field, why| Said {
        wrong: Some((field, why)),
        ..Said::default()
    };
    if let Some(why) = password_fault(form.new.0.expose_secret()) {
        return with(&state, &visit, refused, wrong("new", why)).await;
    }
    let person = access.store().person(id).await?.ok_or(Problem::NotFound)?;
    // Tried as a login, so that an open browser is no place to guess in.
    let tried = access
        .log_in(&person.name, form.old.0, visit.client)
        .await?;
    match tried {
        LoggedIn::Yes(secret) => {
            access.end_session(hash_of(secret.expose_secret())).await?;
        }
        LoggedIn::No => {
            let why = wrong("old", "this is not the present password");
            return with(&state, &visit, refused, why).await;
        }
        LoggedIn::Wait(_) => {
            let why = wrong("old", "there were too many tries; try again in a minute");
            return with(&state, &visit, StatusCode::TOO_MANY_REQUESTS, why).await;
        }
    }
    let password = access.passwords().hash(form.new.0).await;
    access
        .store()
        .set_password(id, &password, Some(hash))
        .await?;
    let said = Said {
        is_changed: true,
        ..Said::default()
    };
    with(&state, &visit, StatusCode::OK, said).await
}

#[derive(Deserialize)]
pub(crate) struct TokenForm {
    name: String,
    scope: String,
    #[serde(default)]
    days: String,
}

pub(crate) async fn add_token<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
    Form(form): Form<TokenForm>,
) -> Result<Response, Problem> {
    // A token that makes tokens would outlive its own removal.
    by_session(&visit.viewer)?;
    let access = state.access();
    let id = own(&visit.viewer)?;
    let (scope, days) = match read(&form) {
        Ok(made) if tokens_of(&state, id).await?.len() < MOST_TOKENS => made,
        other => {
            let full = || "there are 50 tokens already, remove one".to_owned();
            let why = other.err().unwrap_or_else(full);
            let said = Said {
                wrong: Some(("token", &why)),
                ..Said::default()
            };
            return with(&state, &visit, StatusCode::UNPROCESSABLE_ENTITY, said).await;
        }
    };
    let (secret, now) = (fresh_secret(), access.now());
    let token = NewToken {
        hash: hash_of(secret.expose_secret()),
        name: form.name.trim().to_owned(),
        scope,
        person: id,
        expires_at: days.map(|days| later(now, days * 86_400)),
    };
    let added = access.store().add_token(&token, now).await?;
    added.ok_or(Problem::NotFound)?;
    let text = format!("{TOKEN_PREFIX}{}", secret.expose_secret());
    let said = Said {
        token: Some(&text),
        ..Said::default()
    };
    with(&state, &visit, StatusCode::OK, said).await
}

fn read(form: &TokenForm) -> Result<(TokenScope, Option<i64>), String> {
    let name = form.name.trim();
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        return Err("say what it is for, on one line of at most 80 characters".to_owned());
    }
    let scope = form.scope.parse::<TokenScope>();
    let scope = scope.map_err(|error| error.to_string())?;
    let days = match form.days.trim() {
        "" => None,
        text => match text.parse::<i64>() {
            Ok(days @ 1..=3650) => Some(days),
            _ => return Err("days are a number from 1 to 3650".to_owned()),
        },
    };
    Ok((scope, days))
}

/// What only somebody who has logged in may do, and no token of theirs.
fn by_session(viewer: &crate::access::Viewer) -> Result<(), Problem> {
    match viewer.by {
        By::Session(_) => Ok(()),
        _ => Err(Problem::Forbidden("Only who has logged in may")),
    }
}

pub(crate) async fn remove_token<S: HasAccess>(
    State(state): State<S>,
    Path(id): Path<u64>,
    visit: Visit,
) -> Result<Response, Problem> {
    let person = own(&visit.viewer)?;
    by_session(&visit.viewer)?;
    let store = state.access().store();
    match store.remove_token(person, id).await? {
        true => Ok(see("/account")),
        false => Err(Problem::NotFound),
    }
}
