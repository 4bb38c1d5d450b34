//! The address of GitHub's web site, where people log in: what is accepted as one.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

use crate::api_url::{is_loopback, without_secrets};

/// A web site: `https://github.com`, or that of an own server.
///
/// Invariant: `https`, or `http` on this machine itself; no user, no password, no path, no query,
/// no fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct SiteUrl {
    url: Url,
}

/// A text that is no address of a web site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no address of a site: {why}")]
pub struct SiteUrlError {
    /// What was given, without user, password, query and fragment.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl SiteUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// [`SiteUrlError`] with the address (without what may be secret in it) and what is wrong.
    pub fn parse(text: &str) -> Result<Self, SiteUrlError> {
        let wrong = |why| SiteUrlError {
            text: without_secrets(text),
            why,
        };
        let url = Url::parse(text).map_err(|_| wrong("write it as https://HOST"))?;
        let is_safe = match url.scheme() {
            "https" => true,
            "http" => is_loopback(&url),
            _ => return Err(wrong("write it as https://HOST")),
        };
        if !is_safe {
            return Err(wrong("it must be https, a secret is sent there"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it must hold no user and no password"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it must hold nothing after the host"));
        }
        Ok(Self { url })
    }

    /// The full address of a path that begins with a slash.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// The page at an address where it is on this site, so that a person may be sent to it.
    pub(crate) fn page(&self, address: &str) -> Option<Url> {
        let url = Url::parse(address).ok()?;
        let is_here = url.scheme() == self.url.scheme()
            && url.host_str() == self.url.host_str()
            && url.port_or_known_default() == self.url.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none();
        is_here.then_some(url)
    }
}

impl fmt::Display for SiteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.url.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for SiteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SiteUrl {
    type Err = SiteUrlError;

    fn from_str(text: &str) -> Result<Self, SiteUrlError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_sites_are_taken() {
        for text in ["https://github.com", "http://127.0.0.1:8", "http://[::1]:8"] {
            assert_eq!(SiteUrl::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "github.com",
            "ftp://github.com",
            "http://github.com",
            "https://me:hunter2@github.com",
            "https://github.com/login",
            "https://github.com?hunter2",
            "https://github.com#hunter2",
        ] {
            let error = SiteUrl::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn only_pages_of_this_site_are_shown() {
        let site = SiteUrl::parse("https://github.com").unwrap();
        assert!(site.page("https://github.com/login/device").is_some());
        for address in [
            "http://github.com/login/device",
            "https://github.com.example/login/device",
            "https://github.com:444/login/device",
            "https://me@github.com/login/device",
            "javascript:alert(1)",
            "/login/device",
        ] {
            assert!(site.page(address).is_none(), "{address}");
        }
    }
}
