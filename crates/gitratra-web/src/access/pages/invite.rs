//! The page behind a link that works once: the first administrator, or a password.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use gitratra_core::PersonName;
use gitratra_store::Invited;
use maud::{Markup, html};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::login::{SecretText, enter};
use super::{Visit, fault, show};
use crate::access::{HasAccess, hash_of, password_fault};
use crate::problem::Problem;

pub(crate) async fn page<S: HasAccess>(
    State(state): State<S>,
    Path(secret): Path<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    let access = state.access();
    let invited = access.store().invited(hash_of(&secret), access.now());
    let invited = invited.await?.ok_or(Problem::NotFound)?;
    let body = body(&secret, &invited, "", None);
    Ok(show(StatusCode::OK, &visit.frame, "Welcome", &body))
}

/// A field and what is wrong with it.
type Wrong<'a> = Option<(&'static str, &'a str)>;

fn body(secret: &str, invited: &Invited, name: &str, wrong: Wrong<'_>) -> Markup {
    let why = |field| wrong.and_then(|(of, why)| (of == field).then_some(why));
    html! {
        div class="welcome" {
            h1 { "Welcome" }
            @match invited {
                Invited::First => p { "Nobody may look yet. Choose a name and a password: you become the first administrator." },
                Invited::Person(person) => p { "Hello " strong { (person.name) } ". Choose a password to log in with." },
            }
            form class="stack" method="post" action=(format!("/invite/{secret}")) {
                @match invited {
                    Invited::First => {
                        label for="name" { "Name" }
                        input id="name" name="name" type="text" required maxlength="100" autocomplete="username" autocapitalize="none" spellcheck="false" value=(name) aria-describedby=[why("name").map(|_| "name-error")];
                        (fault("name", why("name")))
                    },
                    Invited::Person(person) => input type="hidden" name="name" autocomplete="username" value=(person.name);,
                }
                label for="password" { "New password, 10 characters or more" }
                input id="password" name="password" type="password" required minlength="10" maxlength="256" autocomplete="new-password" aria-invalid=[why("password").map(|_| "true")] aria-describedby=[why("password").map(|_| "password-error")];
                (fault("password", why("password")))
                button class="main" { "Go on" }
            }
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct InviteForm {
    name: String,
    password: SecretText,
}

pub(crate) async fn accept<S: HasAccess>(
    State(state): State<S>,
    Path(secret): Path<String>,
    visit: Visit,
    Form(form): Form<InviteForm>,
) -> Result<Response, Problem> {
    let access = state.access();
    let hash = hash_of(&secret);
    let invited = access.store().invited(hash, access.now()).await?;
    let invited = invited.ok_or(Problem::NotFound)?;
    let again = |field, why: &str| {
        let body = body(&secret, &invited, &form.name, Some((field, why)));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(show(status, &visit.frame, "Welcome", &body))
    };
    let name = match &invited {
        Invited::Person(person) => person.name.clone(),
        Invited::First => match form.name.parse::<PersonName>() {
            Ok(name) => name,
            Err(error) => return again("name", &error.to_string()),
        },
    };
    if let Some(why) = password_fault(form.password.0.expose_secret()) {
        return again("password", why);
    }
    let password = access.passwords().hash(form.password.0.clone()).await;
    let accepted = access
        .store()
        .accept_invite(hash, &name, &password, access.now());
    let person = accepted.await?.ok_or(Problem::NotFound)?;
    let session = access.begin_session(person).await?;
    enter(access, &visit, &session.ok_or(Problem::NotFound)?, "/").await
}
