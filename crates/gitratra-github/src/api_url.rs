//! The address of the API: what is accepted as one, and which other addresses belong to it.
//!
//! Two addresses are the same host only where scheme, host name and port are the same text.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

use crate::SiteUrl;

/// Where the API lies: `https://api.github.com`, or `https://HOST/api/v3` of an own server.
///
/// Invariant: `http` or `https` with a host; no user, no password, no query, no fragment; the path
/// does not end with a slash.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiUrl {
    url: Url,
    /// The address as text without the last slash, to which paths are appended.
    base: String,
}

impl ApiUrl {
    /// GitHub's own.
    pub const GITHUB: &str = "https://api.github.com";

    /// Reads an address.
    ///
    /// # Errors
    /// [`ApiUrlError`] with the address (without what may be secret in it) and what is wrong.
    pub fn parse(text: &str) -> Result<Self, ApiUrlError> {
        let wrong = |why| ApiUrlError {
            text: without_secrets(text),
            why,
        };
        let url = Url::parse(text).map_err(|_| wrong("write it as https://HOST"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("write it as https://HOST"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it must hold no user and no password"));
        }
        if url.query().is_some() {
            return Err(wrong("it must hold no query"));
        }
        if url.fragment().is_some() {
            return Err(wrong("it must hold no fragment"));
        }
        if matches!(url.host_str(), Some("github.com" | "www.github.com")) {
            return Err(wrong(
                "that is the web site, the API is at https://api.github.com",
            ));
        }
        let base = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { url, base })
    }

    /// The address as text, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.base
    }

    /// The full address of a path that begins with a slash.
    pub(crate) fn at(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.base))
            .expect("paths are made of checked names and numbers")
    }

    /// Where GraphQL is asked, on the same host.
    ///
    /// *Source*: docs.github.com, "Forming calls with GraphQL": beside `/api/v3` on an own server,
    /// below the address of the API elsewhere.
    pub(crate) fn graphql(&self) -> Url {
        let base = self.base.strip_suffix("/v3");
        let base = base.filter(|base| base.ends_with("/api"));
        Url::parse(&format!("{}/graphql", base.unwrap_or(&self.base)))
            .expect("a path that is appended leaves an address an address")
    }

    /// Whether an address is on the same host: same scheme, name and port, compared as text.
    pub(crate) fn is_home_of(&self, url: &Url) -> bool {
        url.scheme() == self.url.scheme()
            && url.host_str() == self.url.host_str()
            && url.port_or_known_default() == self.url.port_or_known_default()
    }

    /// Whether the host is this machine itself.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// The web site of this API's server, where people log in; nothing where that would be plain
    /// `http` over a network.
    #[must_use]
    pub fn site(&self) -> Option<SiteUrl> {
        let host = self.url.host_str().unwrap_or_default();
        let mut url = self.url.clone();
        url.set_path("");
        if let Some(site) = host.strip_prefix("api.") {
            let is_github = site == "github.com" || site.ends_with(".ghe.com");
            if is_github {
                url.set_host(Some(site)).ok()?;
            }
        }
        SiteUrl::parse(url.as_str()).ok()
    }

    /// Whether an address is an https page that a person may be sent to: GitHub's own web site or
    /// that of this API's server.
    pub(crate) fn is_site_page(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let own = self.url.host_str().unwrap_or_default();
        let site = own.strip_prefix("api.").unwrap_or(own);
        url.scheme() == "https"
            && url.username().is_empty()
            && url.password().is_none()
            && (host == "github.com" || host == site)
    }

    /// Whether this is a kind of server that has no traffic endpoints: GitHub Enterprise Server and
    /// GitHub Enterprise Cloud with data residency.
    ///
    /// *Source*: docs.github.com, "Viewing traffic to a repository".
    pub(crate) fn has_no_traffic(&self) -> bool {
        self.url.path().starts_with("/api/v3")
            || self
                .url
                .host_str()
                .is_some_and(|host| host.ends_with(".ghe.com"))
    }
}

/// Whether the host of an address is this machine itself.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_end_matches('.');
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse()
            .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.base)
    }
}

impl fmt::Debug for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

impl FromStr for ApiUrl {
    type Err = ApiUrlError;

    fn from_str(text: &str) -> Result<Self, ApiUrlError> {
        Self::parse(text)
    }
}

/// A text that is no address of an API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no API address: {why}")]
pub struct ApiUrlError {
    /// What was given, without user, password, query and fragment.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

/// The part of an address that can be shown: a password or a token may hide in the rest.
pub(crate) fn without_secrets(text: &str) -> String {
    let shown = text.split(['?', '#']).next().unwrap_or_default();
    let shown = shown.rsplit('@').next().unwrap_or_default();
    crate::failure::one_line(shown, 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let found = ApiUrl::parse(text).map(|url| url.to_string());
        let found = found.map_err(|error| error.to_string());
        match expected {
            Ok(url) => assert_eq!(found.as_deref(), Ok(url)),
            Err(part) => {
                let error = found.expect_err(text);
                assert!(error.contains(part), "{error}");
            }
        }
    }

    #[test]
    fn addresses_of_apis_are_taken() {
        check("https://api.github.com", Ok("https://api.github.com"));
        check("https://api.github.com/", Ok("https://api.github.com"));
        check("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080"));
        check(
            "https://git.example/api/v3/",
            Ok("https://git.example/api/v3"),
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        check("api.github.com", Err("write it as https://HOST"));
        check("localhost:80", Err("write it as https://HOST"));
        check("ftp://example.com", Err("write it as https://HOST"));
        check("", Err("write it as https://HOST"));
        check("https://", Err("write it as https://HOST"));
        check("https://api.github.com?a=b", Err("no query"));
        check("https://api.github.com#a", Err("no fragment"));
        check("https://github.com", Err("https://api.github.com"));
    }

    #[test]
    fn a_secret_in_an_address_is_not_repeated() {
        for text in [
            "https://me:hunter2@api.github.com",
            "https://hunter2@api.github.com",
            "https://api.github.com?access_token=hunter2",
            "https://api.github.com#hunter2",
        ] {
            let error = ApiUrl::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn another_name_or_port_is_another_host() {
        let api = ApiUrl::parse("http://localhost:8080/api/v3").unwrap();
        let is_home = |text: &str| api.is_home_of(&Url::parse(text).unwrap());
        assert!(is_home("http://LOCALHOST:8080/elsewhere"));
        assert!(!is_home("http://127.0.0.1:8080/"));
        assert!(!is_home("http://localhost:8081/"));
        assert!(!is_home("http://localhost/"));
        assert!(!is_home("https://localhost:8080/"));
        assert!(!is_home("http://localhost.example:8080/"));
    }

    #[test]
    fn only_this_machine_is_loopback() {
        let is_loopback = |text: &str| ApiUrl::parse(text).unwrap().is_loopback();
        for text in [
            "http://localhost:8080",
            "http://LOCALHOST",
            "http://127.0.0.1:1",
            "http://127.9.8.7/api/v3",
            "http://[::1]:8080",
        ] {
            assert!(is_loopback(text), "{text}");
        }
        for text in [
            "https://api.github.com",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://10.0.0.1",
            "http://[::2]",
        ] {
            assert!(!is_loopback(text), "{text}");
        }
    }

    #[test]
    fn graphql_lies_on_the_same_host() {
        for (api, expected) in [
            ("https://api.github.com", "https://api.github.com/graphql"),
            (
                "https://api.octo.ghe.com/",
                "https://api.octo.ghe.com/graphql",
            ),
            (
                "https://git.example/api/v3/",
                "https://git.example/api/graphql",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/graphql"),
            ("http://localhost/v3", "http://localhost/v3/graphql"),
        ] {
            let api = ApiUrl::parse(api).unwrap();
            let url = api.graphql();
            assert_eq!(url.as_str(), expected);
            assert!(api.is_home_of(&url));
        }
    }

    #[test]
    fn each_api_has_its_site() {
        let site = |text: &str| {
            let site = ApiUrl::parse(text).unwrap().site();
            site.map(|site| site.to_string())
        };
        for (api, expected) in [
            ("https://api.github.com", "https://github.com"),
            ("https://api.octo.ghe.com", "https://octo.ghe.com"),
            ("https://git.example/api/v3", "https://git.example"),
            ("https://api.example/api/v3/", "https://api.example"),
            (
                "https://git.example:8443/api/v3",
                "https://git.example:8443",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://localhost:8080/api/v3", "http://localhost:8080"),
        ] {
            assert_eq!(site(api).as_deref(), Some(expected), "{api}");
        }
        assert_eq!(site("http://git.example/api/v3"), None);
    }

    #[test]
    fn only_pages_of_the_site_are_shown() {
        let api = ApiUrl::parse("https://api.tenant.ghe.com").unwrap();
        let is_page = |text: &str| api.is_site_page(&Url::parse(text).unwrap());
        assert!(is_page(
            "https://github.com/orgs/o/sso?authorization_request=x"
        ));
        assert!(is_page("https://tenant.ghe.com/orgs/o/sso"));
        assert!(!is_page("http://github.com/orgs/o/sso"));
        assert!(!is_page("https://github.com.example/orgs/o/sso"));
        assert!(!is_page("https://github.com@evil.example/"));
        assert!(!is_page("https://me@github.com/"));
    }
}
