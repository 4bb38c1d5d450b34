//! Under which names this machine is asked, where everybody who reaches it sees everything.
//!
//! A page of somebody else's may let its own name point to this machine, and then its visitors'
//! browsers would read for it what only they may reach. They send that name, and are refused.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::site::{Mode, Site};

/// Refuses to answer under names that are not this machine's own, where it is open.
pub(crate) async fn check(State(site): State<Site>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let is_own = host.is_none_or(is_loopback);
    if site.mode() == Mode::Open && !is_own {
        let text = "this dashboard is open to this machine alone: ask it as localhost\n";
        return (StatusCode::MISDIRECTED_REQUEST, text).into_response();
    }
    next.run(request).await
}

/// Whether a name, with or without a port, means the machine that asks.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let is_address = name
        .parse()
        .is_ok_and(|address: IpAddr| address.is_loopback());
    is_address || name.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_its_own() {
        for own in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:8080",
            "127.9.9.9",
            "[::1]:80",
            "[::1]",
        ] {
            assert!(is_loopback(own), "{own}");
        }
        for other in [
            "evil.example",
            "localhost.evil.example:80",
            "10.0.0.1",
            "0.0.0.0",
            "[::]",
            "",
        ] {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
