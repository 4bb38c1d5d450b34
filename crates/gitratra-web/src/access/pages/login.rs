//! Logging in and out.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Visit, fault, see, sentence, show};
use crate::access::{Access, By, HasAccess, LoggedIn, SESSION_SECS, cookie};
use crate::problem::Problem;

/// Where to go on afterwards.
#[derive(Deserialize)]
pub(crate) struct Back {
    back: Option<String>,
}

pub(crate) async fn page<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
    Query(query): Query<Back>,
) -> Response {
    if visit.viewer.by != By::Nobody {
        return see(query.back.as_deref().unwrap_or("/"));
    }
    let form = Login {
        name: "",
        back: query.back.as_deref().unwrap_or("/"),
        elsewhere: state.access().elsewhere().map(|house| house.label()),
        why: None,
    };
    show(StatusCode::OK, &visit.frame, "Log in", &body(&form))
}

/// What the page is made of.
struct Login<'a> {
    name: &'a str,
    back: &'a str,
    elsewhere: Option<&'a str>,
    why: Option<&'a str>,
}

fn body(form: &Login<'_>) -> Markup {
    let wrong = form.why.map(|_| "password-error");
    html! {
        div class="welcome" {
            h1 { "Log in" }
            form class="stack" method="post" action="/login" {
                input type="hidden" name="back" value=(form.back);
                label for="name" { "Name" }
                input id="name" name="name" type="text" required maxlength="100" autocomplete="username" autocapitalize="none" spellcheck="false" value=(form.name) aria-describedby=[wrong];
                label for="password" { "Password" }
                input id="password" name="password" type="password" required maxlength="256" autocomplete="current-password" aria-invalid=[form.why.map(|_| "true")] aria-describedby=[wrong];
                (fault("password", form.why))
                button class="main" { "Log in" }
            }
            @if let Some(label) = form.elsewhere {
                p { a class="button" href=(elsewhere_path(form.back)) { "Log in with " (label) } }
            }
        }
    }
}

fn elsewhere_path(back: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!(
        "/login/elsewhere?{}",
        query.append_pair("back", back).finish()
    )
}

/// What the form sends. It is not shown.
#[derive(Deserialize)]
pub(crate) struct LoginForm {
    name: String,
    password: SecretText,
    back: Option<String>,
}

/// A secret out of a form.
#[derive(Deserialize)]
#[serde(from = "String")]
pub(crate) struct SecretText(pub(crate) SecretString);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

pub(crate) async fn log_in<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
    Form(form): Form<LoginForm>,
) -> Result<Response, Problem> {
    let access = state.access();
    let back = form.back.as_deref().unwrap_or("/");
    let logged_in = match form.name.parse() {
        Ok(name) => access.log_in(&name, form.password.0, visit.client).await?,
        Err(_) => LoggedIn::No,
    };
    let (status, why, wait) = match logged_in {
        LoggedIn::Yes(secret) => return enter(access, &visit, &secret, back).await,
        LoggedIn::No => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "this name and password do not belong together".to_owned(),
            None,
        ),
        LoggedIn::Wait(secs) => (
            StatusCode::TOO_MANY_REQUESTS,
            format!("there were too many tries; try again in {secs} seconds"),
            Some(secs),
        ),
    };
    let form = Login {
        name: &form.name,
        back,
        elsewhere: access.elsewhere().map(|house| house.label()),
        why: Some(&why),
    };
    let mut response = show(status, &visit.frame, "Log in", &body(&form));
    if let Some(secs) = wait {
        response.headers_mut().insert(RETRY_AFTER, secs.into());
    }
    Ok(response)
}

/// Goes on as somebody: the session before ends, so that nobody else's goes on under a new name.
pub(crate) async fn enter(
    access: &Access,
    visit: &Visit,
    secret: &SecretString,
    back: &str,
) -> Result<Response, Problem> {
    if let By::Session(hash) = visit.viewer.by {
        access.end_session(hash).await?;
    }
    let is_https = access.rules().is_https;
    let secret = secret.expose_secret();
    let cookie = cookie::write(access.session_cookie(), secret, SESSION_SECS, is_https);
    let mut response = see(back);
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

pub(crate) async fn log_out<S: HasAccess>(
    State(state): State<S>,
    visit: Visit,
) -> Result<Response, Problem> {
    let access = state.access();
    if let By::Session(hash) = visit.viewer.by {
        access.end_session(hash).await?;
    }
    let mut response = see("/login");
    for name in [access.session_cookie(), access.share_cookie()] {
        let cookie = cookie::write(name, "", 0, access.rules().is_https);
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A page that says why a login elsewhere came to nothing.
pub(crate) fn failed(visit: &Visit, why: &str) -> Response {
    let body = html! {
        div class="welcome" {
            h1 { "That was no login" }
            p role="alert" { (sentence(why)) }
            p { a class="button" href="/login" { "Try again" } }
        }
    };
    show(
        StatusCode::FORBIDDEN,
        &visit.frame,
        "That was no login",
        &body,
    )
    .into_response()
}
