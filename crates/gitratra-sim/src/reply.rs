//! A reply before it is sent: status, body and the headers that this one has beyond all others.

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue};

use crate::body;
use crate::clock::Day;
use crate::identity::Token;
use crate::truth::Metric;

/// What a route answers.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// The scopes of classic tokens that would do; empty on traffic.
    pub(crate) accepted_scopes: &'static str,
    /// The days that the body tells of a metric.
    pub(crate) rows: Option<(Metric, Vec<Day>)>,
    /// The token that this answer hands out.
    pub(crate) issued: Option<Box<Token>>,
}

impl Reply {
    /// Any status with a JSON body.
    pub(crate) fn of(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            body: body.into(),
            headers: Vec::new(),
            accepted_scopes: "repo",
            rows: None,
            issued: None,
        }
    }

    pub(crate) fn json(body: impl Into<Bytes>) -> Self {
        Self::of(200, body)
    }

    pub(crate) fn error(status: u16, message: &str) -> Self {
        Self::of(status, body::error(status, message))
    }

    pub(crate) fn not_found() -> Self {
        Self::error(404, "Not Found")
    }

    pub(crate) fn requires_authentication() -> Self {
        Self::error(401, "Requires authentication")
    }

    pub(crate) fn moved(status: u16, location: &str) -> Self {
        Self::of(status, body::moved(location)).header("location", location)
    }

    pub(crate) fn sso_required(organization: &str) -> Self {
        let url = format!(
            "https://github.com/orgs/{organization}/sso?authorization_request=AZSCKL4B67CY7OUBYVTKUPDZPWT3SBK"
        );
        Self::error(
            403,
            "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.",
        )
        .header("x-github-sso", &format!("required; url={url}"))
    }

    /// Sets a header; what cannot be one is left out.
    #[must_use]
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            self.headers.retain(|(known, _)| *known != name);
            self.headers.push((name, value));
        }
        self
    }

    #[must_use]
    pub(crate) fn accepted_scopes(mut self, scopes: &'static str) -> Self {
        self.accepted_scopes = scopes;
        self
    }
}
