//! The door: each path needs what a table says, and a path that is in no table needs everything.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::{HOST, HeaderName, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use gitratra_core::Role;

use super::{Access, By, HasAccess, Mode, Refused, Viewer};
use crate::problem::Problem;

/// What a path needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: whoever comes gets an answer that tells nothing, or brings its own permission.
    Nothing,
    /// Somebody who sees anything: everybody where everybody may look. What is not seen is not
    /// there.
    Look,
    /// Somebody who has logged in.
    Person,
    /// An editor.
    Editor,
    /// An administrator.
    Admin,
}

/// What one method of one path needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteRule {
    /// `GET` (which is also `HEAD`), `POST`, …
    pub method: &'static str,
    /// As it is routed: `/share/{secret}`.
    pub path: &'static str,
    /// What it needs.
    pub needs: Needs,
}

impl RouteRule {
    /// A line of a table.
    #[must_use]
    pub const fn new(method: &'static str, path: &'static str, needs: Needs) -> Self {
        Self {
            method,
            path,
            needs,
        }
    }
}

/// What a method of a path needs by these tables; an unknown one needs an administrator.
pub(crate) fn needs(tables: &[&[RouteRule]], method: &Method, path: &str) -> Needs {
    let method = if method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };
    let mut rules = tables.iter().flat_map(|table| table.iter());
    let rule = rules.find(|rule| rule.method == method && rule.path == path);
    rule.map_or(Needs::Admin, |rule| rule.needs)
}

/// The address from which a request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// What proxies add to a request.
const PROXIED: [&str; 4] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-real-ip",
];

/// Lets requests through to what they may reach, with the [`Viewer`] that they are from, and
/// nothing else. It has to be laid around routes, not around what serves them.
///
/// The tables say what each route needs; a path without a route answers as it does for everybody.
pub async fn guard(
    State((access, tables)): State<(Access, &'static [&'static [RouteRule]])>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match check(&access, tables, &parts).await {
        Ok(viewer) => {
            parts.extensions.insert(viewer);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(response) => response,
    }
}

async fn check(
    access: &Access,
    tables: &[&[RouteRule]],
    request: &Parts,
) -> Result<Viewer, Response> {
    let mode = access.mode().await;
    let mode = mode.map_err(|error| Problem::Store(error).into_response())?;
    if mode == Mode::Open && !is_own_host(access, request) {
        let text = "this host name is not one of this machine\n";
        return Err((StatusCode::MISDIRECTED_REQUEST, text).into_response());
    }
    // Nobody has to log in because only this machine gets here; through a proxy others do.
    if mode == Mode::Open
        && PROXIED
            .iter()
            .any(|name| request.headers.contains_key(*name))
    {
        let text = "this came through a proxy: set behind_proxy = true, so that people log in\n";
        return Err((StatusCode::FORBIDDEN, text).into_response());
    }
    let viewer = access.viewer(&request.headers).await;
    let viewer = viewer.map_err(IntoResponse::into_response)?;
    let path = request.extensions.get::<MatchedPath>();
    let needs = path.map_or(Needs::Look, |path| {
        needs(tables, &request.method, path.as_str())
    });
    let role = match needs {
        Needs::Nothing => return Ok(viewer),
        Needs::Look => {
            // A viewer without groups is somebody, and sees an empty house.
            return match mode == Mode::Public || viewer.by != By::Nobody || viewer.has_share {
                true => Ok(viewer),
                false => Err(log_in(request)),
            };
        }
        Needs::Person => Role::Viewer,
        Needs::Editor => Role::Editor,
        Needs::Admin => Role::Admin,
    };
    if viewer.may(role) {
        return Ok(viewer);
    }
    Err(match (viewer.role, role) {
        (None, _) => log_in(request),
        (Some(_), Role::Admin) => Problem::Forbidden("Only administrators may").into_response(),
        (Some(_), _) => Problem::Forbidden("Only editors may").into_response(),
    })
}

/// Sends a browser to log in; a program is told that it has to show a token.
fn log_in(request: &Parts) -> Response {
    let is_page = request.method == Method::GET && !request.uri.path().starts_with("/api/");
    if !is_page {
        return Refused::Token.into_response();
    }
    let back = request.uri.path_and_query();
    Problem::LogIn(back.map_or_else(String::new, ToString::to_string)).into_response()
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Token => {
                let mut response =
                    (StatusCode::UNAUTHORIZED, "log in, or show a valid token\n").into_response();
                let bearer = axum::http::HeaderValue::from_static("Bearer");
                response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
                response
            }
            Self::Store(error) => Problem::Store(error).into_response(),
        }
    }
}

/// Whether a request names this machine. A page of somebody else's whose name was made to mean this
/// machine names its own host, and would otherwise read everything here.
fn is_own_host(access: &Access, request: &Parts) -> bool {
    let named = request.headers.get(HOST);
    let named = named.and_then(|host| host.to_str().ok());
    let named = named.or_else(|| request.uri.authority().map(|host| host.as_str()));
    named.is_some_and(|host| {
        let name = without_port(host);
        let is_ours = |own: &String| own.eq_ignore_ascii_case(name);
        is_local(name) || access.rules().hosts.iter().any(is_ours)
    })
}

fn without_port(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

fn is_local(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    match name.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => {
            let name = name.to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

/// The address that guesses are counted under: the connection's, or, behind a proxy of ours, the
/// one the proxy tells, which is the last of its line.
pub(crate) fn client(access: &Access, parts: &Parts) -> Option<IpAddr> {
    let direct = parts.extensions.get::<ClientAddress>();
    let direct = direct.map(|ClientAddress(address)| *address);
    // A proxy of ours stands on this machine or in this network; whoever else comes directly tells
    // what they like.
    let is_near = direct.is_some_and(|address| is_near(address.to_canonical()));
    if !access.rules().has_proxy || !is_near {
        return direct;
    }
    told_by_proxy(&parts.headers).or(direct)
}

/// Whether an address is of this machine or of a network that is nobody else's.
pub(crate) fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

fn told_by_proxy(headers: &HeaderMap) -> Option<IpAddr> {
    let name = HeaderName::from_static("x-forwarded-for");
    let line = headers.get_all(name).iter().next_back()?;
    let last = line.to_str().ok()?.rsplit(',').next()?.trim();
    last.parse().ok()
}

impl<S: HasAccess> FromRequestParts<S> for Viewer {
    type Rejection = Refused;

    /// The viewer whom the guard has let through, or, without a guard, who asks.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match parts.extensions.get::<Self>() {
            Some(viewer) => Ok(viewer.clone()),
            None => state.access().viewer(&parts.headers).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for (host, expected) in [
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("127.9.9.9", true),
            ("dash.localhost:1", true),
            ("localhost.evil.example", false),
            ("192.0.2.1", false),
            ("evil.example:8080", false),
            ("", false),
        ] {
            assert_eq!(is_local(without_port(host)), expected, "{host:?}");
        }
    }

    #[test]
    fn a_route_without_a_line_needs_an_administrator() {
        const TABLE: &[RouteRule] = &[RouteRule::new("GET", "/", Needs::Look)];
        let check = |method: Method, path| needs(&[&[], TABLE], &method, path);
        assert_eq!(check(Method::GET, "/"), Needs::Look);
        assert_eq!(check(Method::HEAD, "/"), Needs::Look);
        assert_eq!(check(Method::POST, "/"), Needs::Admin);
        assert_eq!(check(Method::GET, "/new"), Needs::Admin);
    }

    #[test]
    fn only_the_proxys_own_word_counts() {
        let mut headers = HeaderMap::new();
        assert_eq!(told_by_proxy(&headers), None);
        let told = "192.0.2.9, 198.51.100.7".parse().unwrap();
        headers.insert("x-forwarded-for", told);
        let expected = "198.51.100.7".parse().ok();
        assert_eq!(told_by_proxy(&headers), expected);
    }
}
