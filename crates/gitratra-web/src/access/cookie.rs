//! Cookies: read out of a request, and written so that no script and no other site gets them.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

/// With this name in front, a browser takes a cookie by https only, for this host alone.
const HOST_ONLY: &str = "__Host-";

/// The value of a cookie, under either of the two names it may have.
pub(crate) fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let mut plain = None;
    for cookie in lines.flat_map(Cookie::split_parse).filter_map(Result::ok) {
        if cookie.name().strip_prefix(HOST_ONLY) == Some(name) {
            return Some(cookie.value().to_owned());
        }
        if cookie.name() == name {
            plain = Some(cookie.value().to_owned());
        }
    }
    plain
}

/// The header that gives a browser a cookie for so long, or takes it away again where `secs` is 0.
pub(crate) fn write(name: &str, value: &str, secs: i64, is_https: bool) -> HeaderValue {
    let name = match is_https {
        true => format!("{HOST_ONLY}{name}"),
        false => name.to_owned(),
    };
    let cookie = Cookie::build((name, value.to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https)
        .max_age(Duration::seconds(secs));
    let header = HeaderValue::try_from(cookie.to_string());
    let mut header = header.expect("names and secrets of ours are plain text");
    header.set_sensitive(true);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for is_https in [false, true] {
            let written = write("x", "secret", 60, is_https);
            let text = written.to_str().unwrap();
            for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=60"] {
                assert!(text.contains(part), "{text}");
            }
            assert_eq!(text.contains("Secure"), is_https);
            assert!(!format!("{written:?}").contains("secret"));
            let sent = text.split(';').next().unwrap();
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, format!("a=b; {sent}").parse().unwrap());
            assert_eq!(read(&headers, "x").as_deref(), Some("secret"));
            assert_eq!(read(&headers, "y"), None);
        }
    }
}
