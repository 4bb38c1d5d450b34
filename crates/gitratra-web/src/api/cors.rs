//! Pages of other sites that may read the API from a browser: those of a list, and nobody else.
//!
//! They never act as the person who looks at them: no cookie of ours goes along, and nothing can be
//! written.

use std::str::FromStr;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, ETAG, IF_NONE_MATCH, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Uri};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// A site: `https://example.org`, with a port where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiOrigin(HeaderValue);

/// A text that is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no origin: write https://host or https://host:port, without a path")]
pub struct OriginError(String);

impl FromStr for ApiOrigin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let wrong = || OriginError(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let (scheme, host) = uri.scheme_str().zip(uri.authority()).ok_or_else(wrong)?;
        // Browsers compare by letters: what they send is in lower case and ends with the host.
        let told = format!("{scheme}://{host}").to_ascii_lowercase();
        let is_web = matches!(scheme, "http" | "https");
        if !is_web || told != text || host.as_str().contains('@') {
            return Err(wrong());
        }
        HeaderValue::try_from(told).map(Self).map_err(|_| wrong())
    }
}

/// Lets pages of these origins read the API.
pub(crate) fn layer(origins: &[ApiOrigin]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let origins = origins.to_vec();
    let is_let_in = move |origin: &HeaderValue, request: &Parts| {
        let is_api = request.uri.path().starts_with("/api/v1/");
        is_api && origins.iter().any(|known| known.0 == *origin)
    };
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_let_in))
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers([AUTHORIZATION, IF_NONE_MATCH])
        .expose_headers([ETAG, LOCATION])
        .max_age(Duration::from_secs(3600));
    Some(layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host_and_nothing_else() {
        for (text, is_good) in [
            ("https://example.org", true),
            ("http://localhost:3000", true),
            ("https://[::1]:8443", true),
            ("https://example.org/", false),
            ("https://example.org/app", false),
            ("https://Example.org", false),
            ("https://me@example.org", false),
            ("example.org", false),
            ("ftp://example.org", false),
            ("null", false),
            ("*", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<ApiOrigin>().is_ok(), is_good, "{text:?}");
        }
    }
}
