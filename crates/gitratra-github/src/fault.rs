//! What broke on the way to GitHub, in words a person can act on: the name service, the connection,
//! the encryption or the proxy.
//!
//! The words name a proxy by host and port alone, since its address may hold a password, and repeat
//! no address that was asked for.

use std::error::Error;
use std::fmt;
use std::io;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use crate::retry::Trouble;

/// Which proxy lies on the way to an address, as the HTTP client itself decides it.
pub(crate) struct Proxies(Option<Matcher>);

impl Proxies {
    pub(crate) fn of_the_system() -> Self {
        Self(Some(Matcher::from_system()))
    }

    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Host and port of the proxy.
    fn on_the_way_to(&self, url: &Url) -> Option<String> {
        let proxy = self.0.as_ref()?.intercept(&url.as_str().parse().ok()?)?;
        let host = proxy.uri().host()?;
        let port = proxy.uri().port_u16().map(|port| format!(":{port}"));
        Some(format!("{host}{}", port.unwrap_or_default()))
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proxies")
    }
}

/// Where on the way it broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Names,
    Connection,
    Tunnel,
    Encryption,
    Answer,
}

/// What broke while `url` was asked, in kind and words.
pub(crate) fn words(error: &reqwest::Error, url: &Url, proxies: &Proxies) -> (Trouble, String) {
    let (trouble, lead) = if error.is_connect() {
        (Trouble::NoConnection, "no connection")
    } else if error.is_timeout() {
        (Trouble::Broken, "the answer took too long")
    } else {
        (Trouble::Broken, "the answer broke off")
    };
    let (stage, cause) = stage_and_cause(error, url);
    let proxy = proxies.on_the_way_to(url);
    let place = match (stage, proxy) {
        (Stage::Encryption, None) => Some("tls".to_owned()),
        (Stage::Encryption, Some(proxy)) => Some(format!("tls through the proxy \"{proxy}\"")),
        (Stage::Names, None) => Some("dns".to_owned()),
        (Stage::Names, Some(proxy)) => Some(format!("dns of the proxy \"{proxy}\"")),
        (_, Some(proxy)) => Some(format!("proxy \"{proxy}\"")),
        (Stage::Tunnel, None) => Some("proxy".to_owned()),
        (Stage::Connection | Stage::Answer, None) => None,
    };
    let parts = [Some(lead.to_owned()), place, cause];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (trouble, parts.join(": "))
}

/// Only the innermost cause speaks: the outer ones repeat the address, query and all.
fn stage_and_cause(error: &reqwest::Error, url: &Url) -> (Stage, Option<String>) {
    // What is neither of the name service nor of the connection itself is of the encryption.
    let mut stage = match (error.is_connect(), url.scheme()) {
        (true, "https") if !error.is_timeout() => Stage::Encryption,
        (true, _) => Stage::Connection,
        (false, _) => Stage::Answer,
    };
    let mut cause = None;
    let mut tunnel = None;
    let mut next = error.source();
    while let Some(error) = next {
        // These are hyper-util's words; it has no public types for them.
        let text = error.to_string();
        if text.starts_with("dns error") {
            stage = Stage::Names;
        } else if text.starts_with("tcp ") {
            stage = Stage::Connection;
        } else if let Some(what) = text.strip_prefix("tunnel error: ") {
            stage = Stage::Tunnel;
            tunnel = Some(format!("no tunnel: {what}"));
        }
        let io = error.downcast_ref::<io::Error>();
        cause = Some(match io.map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => "connection refused".to_owned(),
            Some(io::ErrorKind::ConnectionReset) => "connection reset".to_owned(),
            _ => text,
        });
        next = error.source();
    }
    // Inside a tunnel its own words say more than the end of a stream does.
    let cause = if stage == Stage::Tunnel {
        tunnel.or(cause)
    } else {
        cause
    };
    (stage, cause)
}
