//! Where an answer may lead: to another path of the same host and nowhere else.

use reqwest::Url;

use crate::ApiUrl;

/// How many redirects are followed for one question.
pub(crate) const HOPS: u32 = 5;

/// Why an address is not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Astray {
    /// It lies on another host, given with its port.
    OtherHost(String),
    /// It is no address, or one with a user in it.
    NoAddress,
}

/// The address that `location` means when it is found at `here`; it may be relative.
pub(crate) fn follow(api: &ApiUrl, here: &Url, location: &str) -> Result<Url, Astray> {
    let mut url = here.join(location).map_err(|_| Astray::NoAddress)?;
    if !api.is_home_of(&url) {
        let host = url.host_str().ok_or(Astray::NoAddress)?;
        let port = url.port().map(|port| format!(":{port}"));
        return Err(Astray::OtherHost(format!(
            "{host}{}",
            port.unwrap_or_default()
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Astray::NoAddress);
    }
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(location: &str, expected: Result<&str, Astray>) {
        let api = ApiUrl::parse("http://localhost:8080").unwrap();
        let here = api.at("/repos/o/r/traffic/views");
        let found = follow(&api, &here, location);
        assert_eq!(found.as_ref().map(Url::as_str), expected.as_ref().copied());
    }

    #[test]
    fn the_same_host_is_followed() {
        let there = "http://localhost:8080/repositories/7/traffic/views";
        check(there, Ok(there));
        check("/repositories/7/traffic/views", Ok(there));
        check("../../../../repositories/7/traffic/views", Ok(there));
        check(&format!("{there}#top"), Ok(there));
    }

    #[test]
    fn another_host_is_not() {
        let other = |host: &str| Err(Astray::OtherHost(host.to_owned()));
        check("http://127.0.0.1:8080/x", other("127.0.0.1:8080"));
        check("http://localhost:8081/x", other("localhost:8081"));
        check("https://localhost:8080/x", other("localhost:8080"));
        check("//evil.example/x", other("evil.example"));
        check("\\\\evil.example\\x", other("evil.example"));
        check("http://localhost:8080@evil.example/", other("evil.example"));
        check("http://me:pw@localhost:8080/x", Err(Astray::NoAddress));
        check("http://", Err(Astray::NoAddress));
        check("mailto:me@localhost", Err(Astray::NoAddress));
    }
}
