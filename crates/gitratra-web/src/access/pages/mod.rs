//! The pages of logging in, of one's own account, and of who may look.

mod account;
mod elsewhere;
mod groups;
mod invite;
mod login;
mod shares;
mod users;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use gitratra_core::Timestamp;
use maud::{Markup, html};

use super::guard::{Needs, RouteRule, client};
use super::{Access, By, HasAccess, Mode, Refused, Viewer};
use crate::layout::{self, Frame};
use crate::problem::Problem;
use crate::router::back_to;

/// What the routes of this module need.
pub const RULES: &[RouteRule] = &[
    RouteRule::new("GET", "/login", Needs::Nothing),
    RouteRule::new("POST", "/login", Needs::Nothing),
    RouteRule::new("GET", "/login/elsewhere", Needs::Nothing),
    RouteRule::new("GET", "/login/elsewhere/done", Needs::Nothing),
    RouteRule::new("POST", "/logout", Needs::Nothing),
    RouteRule::new("GET", "/invite/{secret}", Needs::Nothing),
    RouteRule::new("POST", "/invite/{secret}", Needs::Nothing),
    RouteRule::new("GET", "/share/{secret}", Needs::Nothing),
    RouteRule::new("GET", "/account", Needs::Person),
    RouteRule::new("POST", "/account/password", Needs::Person),
    RouteRule::new("POST", "/account/tokens", Needs::Person),
    RouteRule::new("POST", "/account/tokens/{id}/remove", Needs::Person),
    RouteRule::new("GET", "/settings/users", Needs::Admin),
    RouteRule::new("POST", "/settings/users", Needs::Admin),
    RouteRule::new("POST", "/settings/users/{id}", Needs::Admin),
    RouteRule::new("POST", "/settings/users/{id}/invite", Needs::Admin),
    RouteRule::new("POST", "/settings/users/{id}/remove", Needs::Admin),
    RouteRule::new("GET", "/settings/groups", Needs::Admin),
    RouteRule::new("POST", "/settings/groups", Needs::Admin),
    RouteRule::new("GET", "/settings/groups/preview", Needs::Admin),
    RouteRule::new("POST", "/settings/groups/remove", Needs::Admin),
    RouteRule::new("GET", "/settings/shares", Needs::Editor),
    RouteRule::new("POST", "/settings/shares", Needs::Editor),
    RouteRule::new("POST", "/settings/shares/{id}/revoke", Needs::Editor),
    RouteRule::new("POST", "/settings/shares/signed/revoke", Needs::Editor),
];

/// The routes; [`RULES`] says what each needs, and [`super::guard`] has to stand before them.
pub fn routes<S: HasAccess>() -> Router<S> {
    Router::new()
        .route("/login", get(login::page::<S>).post(login::log_in::<S>))
        .route("/login/elsewhere", get(elsewhere::begin::<S>))
        .route("/login/elsewhere/done", get(elsewhere::done::<S>))
        .route("/logout", post(login::log_out::<S>))
        .route(
            "/invite/{secret}",
            get(invite::page::<S>).post(invite::accept::<S>),
        )
        .route("/share/{secret}", get(shares::open::<S>))
        .route("/account", get(account::page::<S>))
        .route("/account/password", post(account::set_password::<S>))
        .route("/account/tokens", post(account::add_token::<S>))
        .route(
            "/account/tokens/{id}/remove",
            post(account::remove_token::<S>),
        )
        .route(
            "/settings/users",
            get(users::page::<S>).post(users::add::<S>),
        )
        .route("/settings/users/{id}", post(users::change::<S>))
        .route("/settings/users/{id}/invite", post(users::invite::<S>))
        .route("/settings/users/{id}/remove", post(users::remove::<S>))
        .route(
            "/settings/groups",
            get(groups::page::<S>).post(groups::add::<S>),
        )
        .route("/settings/groups/preview", get(groups::preview::<S>))
        .route("/settings/groups/remove", post(groups::remove::<S>))
        .route(
            "/settings/shares",
            get(shares::page::<S>).post(shares::add::<S>),
        )
        .route("/settings/shares/{id}/revoke", post(shares::revoke::<S>))
        .route(
            "/settings/shares/signed/revoke",
            post(shares::revoke_signed::<S>),
        )
}

/// A request for one of these pages.
pub(crate) struct Visit {
    pub(crate) viewer: Viewer,
    pub(crate) frame: Frame,
    pub(crate) client: Option<std::net::IpAddr>,
}

impl<S: HasAccess> FromRequestParts<S> for Visit {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let viewer = Viewer::from_request_parts(parts, state).await?;
        let frame = frame(state.access(), &viewer, parts).await?;
        let client = client(state.access(), parts);
        Ok(Self {
            viewer,
            frame,
            client,
        })
    }
}

/// The frame of a page as this viewer is to have it.
pub(crate) async fn frame(
    access: &Access,
    viewer: &Viewer,
    parts: &Parts,
) -> Result<Frame, Refused> {
    let mode = access.mode().await?;
    Ok(Frame {
        person: viewer.person.as_ref().map(|(_, name)| name.to_string()),
        may_log_in: viewer.by == By::Nobody && mode != Mode::Open,
        may_change: viewer.may(gitratra_core::Role::Editor),
        has_pages: mode == Mode::Public || viewer.by != By::Nobody || viewer.has_share,
        ..Frame::of(parts)
    })
}

/// A page that nobody keeps a copy of, and whose address nobody is told.
fn show(status: StatusCode, frame: &Frame, title: &str, body: &Markup) -> Response {
    let mut response = (status, layout::page(frame, title, body)).into_response();
    private(&mut response);
    response
}

fn private(response: &mut Response) {
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
}

/// Goes on to a page of ours.
fn see(path: &str) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, back_to(Some(path)))]).into_response();
    private(&mut response);
    response
}

/// The sentence beside a field whose content is wrong, and what ties it to the field.
fn fault(id: &str, why: Option<&str>) -> Markup {
    html! {
        @if let Some(why) = why { span class="error" id=(format!("{id}-error")) role="alert" { (sentence(why)) } }
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// What is shown once and never again.
fn once(what: &str, secret: &str) -> Markup {
    html! {
        section class="panel" role="status" {
            h2 { (what) }
            p { "Copy it now: it is not kept here and cannot be shown again." }
            p { code class="secret" { (secret) } }
        }
    }
}

/// The pages beside each other.
fn tabs(here: &str, is_admin: bool) -> Markup {
    let places = [
        ("/settings", "Tracking", true),
        ("/settings/shares", "Share links", true),
        ("/settings/users", "Users", is_admin),
        ("/settings/groups", "Groups", is_admin),
    ];
    html! {
        nav class="tabs" aria-label="Settings" {
            ul {
                @for (to, name, is_there) in places {
                    @if is_there { li { a href=(to) aria-current=[(to == here).then_some("page")] { (name) } } }
                }
            }
        }
    }
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// The number of a person who is logged in as such; the house itself is nobody.
fn own(viewer: &Viewer) -> Result<gitratra_core::PersonId, Problem> {
    let person = viewer.person.as_ref();
    let id = person.map(|(id, _)| *id);
    id.ok_or(Problem::Forbidden(
        "Nobody has to log in here, so nobody has an account",
    ))
}
