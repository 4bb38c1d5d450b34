//! Cookies: read out of a request, and written so that no script and no other site gets them.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

/// With this name in front, a browser takes a cookie by https only, for this host alone.
const HOST_ONLY: &str = "__Host-";

/// The value of a cookie, under the name that it was given. Where browsers come by https the plain
/// name counts for nothing: another site of the same domain could have set that.
pub(crate) fn read(headers: &HeaderMap, name: &str, is_https: bool) -> Option<String> {
    let name = name_of(name, is_https);
    let lines = headers.get_all(COOKIE).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let cookies = lines.flat_map(Cookie::split_parse).filter_map(Result::ok);
    let mut ours = cookies.filter(|cookie| cookie.name() == name);
    ours.next().map(|cookie| cookie.value().to_owned())
}

fn name_of(name: &str, is_https: bool) -> String {
    match is_https {
        true => format!("{HOST_ONLY}{name}"),
        false => name.to_owned(),
    }
}

/// The header that gives a browser a cookie for so long, or takes it away again where `secs` is 0.
pub(crate) fn write(name: &str, value: &str, secs: i64, is_https: bool) -> HeaderValue {
    let cookie = Cookie::build((name_of(name, is_https), value.to_owned()))
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
            assert_eq!(read(&headers, "x", is_https).as_deref(), Some("secret"));
            assert_eq!(read(&headers, "x", !is_https), None);
            assert_eq!(read(&headers, "y", is_https), None);
        }
    }
}
