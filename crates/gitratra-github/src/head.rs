//! What the status line and the headers of an answer say.

use gitratra_core::Timestamp;
use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, ETAG, HeaderMap, LINK, LOCATION, RETRY_AFTER};

use crate::limit::{Rate, Resource};

/// The status and the headers of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
}

/// What `X-GitHub-SSO` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sso {
    pub(crate) is_required: bool,
    pub(crate) url: Option<String>,
    pub(crate) organizations: Vec<String>,
}

impl Head {
    fn text(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The server's time of the answer.
    pub(crate) fn date(&self) -> Option<Timestamp> {
        http_date(self.headers.get(DATE)?.to_str().ok()?)
    }

    /// The validator for the next conditional question. One that is absurdly long is not kept.
    pub(crate) fn etag(&self) -> Option<String> {
        let etag = self.headers.get(ETAG)?.to_str().ok()?;
        (!etag.is_empty() && etag.len() <= 1024).then(|| etag.to_owned())
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.headers.get(LOCATION)?.to_str().ok()
    }

    /// The `rel="next"` of the `Link` headers.
    pub(crate) fn next_page(&self) -> Option<&str> {
        let links = self.headers.get_all(LINK).iter();
        links.filter_map(|link| link.to_str().ok()).find_map(next)
    }

    /// The state of the hourly limit, where the answer to a question of this resource is about that
    /// and not about another one's.
    pub(crate) fn rate(&self, resource: Resource) -> Option<Rate> {
        if self
            .text("x-ratelimit-resource")
            .is_some_and(|named| named != resource.word())
        {
            return None;
        }
        let number = |name| self.text(name)?.trim().parse::<u64>().ok();
        let reset = i64::try_from(number("x-ratelimit-reset")?).ok()?;
        Some(Rate {
            limit: number("x-ratelimit-limit")?,
            remaining: number("x-ratelimit-remaining")?,
            reset_at: Timestamp::from_second(reset).ok()?,
        })
    }

    /// `X-RateLimit-Remaining` alone, of whichever limit.
    pub(crate) fn remaining(&self) -> Option<u64> {
        self.text("x-ratelimit-remaining")?.trim().parse().ok()
    }

    /// Whether `Retry-After` is there at all, readable or not.
    pub(crate) fn has_retry_after(&self) -> bool {
        self.headers.contains_key(RETRY_AFTER)
    }

    /// How long `Retry-After` asks to wait, as seconds or as a date; `at` is the answer's time.
    pub(crate) fn retry_after(&self, at: Option<Timestamp>) -> Option<SignedDuration> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if is_number {
            let secs = text.parse::<u32>().unwrap_or(u32::MAX);
            return Some(SignedDuration::from_secs(i64::from(secs)));
        }
        Some(http_date(text)?.duration_since(at?))
    }

    /// What single sign-on asks for or has hidden.
    pub(crate) fn sso(&self) -> Option<Sso> {
        let text = self.text("x-github-sso")?;
        let mut sso = Sso::default();
        // The address may hold anything but comes alone and last, so only the first ";" parts.
        let (word, rest) = text.split_once(';').unwrap_or((text, ""));
        sso.is_required = word.trim() == "required";
        if let Some(url) = rest.trim().strip_prefix("url=") {
            sso.url = Some(url.trim().to_owned());
        }
        if let Some(list) = rest.trim().strip_prefix("organizations=") {
            let list = list.split(',').map(str::trim);
            sso.organizations = list
                .filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()))
                .map(str::to_owned)
                .collect();
        }
        Some(sso)
    }

    /// The scopes of a classic token; fine-grained tokens and apps have none and no such header.
    pub(crate) fn scopes(&self) -> Option<Vec<&str>> {
        let text = self.text("x-oauth-scopes")?;
        Some(text.split(',').map(str::trim).collect())
    }

    /// When the token ends, where it does: `2026-12-01 00:00:00 UTC`, or with an offset in figures.
    pub(crate) fn token_end(&self) -> Option<Timestamp> {
        let text = self.text("github-authentication-token-expiration")?.trim();
        match text.strip_suffix(" UTC") {
            Some(time) => Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", format!("{time} +0000")),
            None => Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", text),
        }
        .ok()
    }

    /// `X-Accepted-GitHub-Permissions` in the words of GitHub's pages: `administration=read`
    /// becomes `Administration (read)`.
    pub(crate) fn accepted_permissions(&self) -> Option<String> {
        let text = self.text("x-accepted-github-permissions")?;
        let one = |pair: &str| {
            let (name, level) = pair.split_once('=').unwrap_or((pair, ""));
            let name = name.trim().replace('_', " ");
            let mut letters = name.chars();
            let name: String = match letters.next() {
                Some(first) => first.to_uppercase().chain(letters).collect(),
                None => return None,
            };
            Some(match level.trim() {
                "" => name,
                level => format!("{name} ({level})"),
            })
        };
        let set = |set: &str| {
            let names: Vec<_> = set.split(',').filter_map(one).collect();
            (!names.is_empty()).then(|| names.join(" and "))
        };
        let sets: Vec<_> = text.split(';').filter_map(set).collect();
        (!sets.is_empty()).then(|| crate::failure::one_line(&sets.join(" or "), 200))
    }
}

/// A date of HTTP, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    const PARSER: DateTimeParser = DateTimeParser::new();
    PARSER.parse_timestamp(text.trim()).ok()
}

/// The address of the next page in one `Link` header.
///
/// *Source*: RFC 8288, section 3. Commas and semicolons may stand inside the angle brackets and
/// inside quotes.
fn next(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let start = rest.find('<')?;
        let end = start + rest[start..].find('>')?;
        let url = &rest[start + 1..end];
        let tail = &rest[end + 1..];
        let stop = unquoted(tail, ',').next().unwrap_or(tail.len());
        let mut from = 0;
        for at in unquoted(&tail[..stop], ';').chain([stop]) {
            if is_next(&tail[from..at]) {
                return Some(url.trim());
            }
            from = at + 1;
        }
        rest = tail.get(stop + 1..)?;
    }
}

/// Where a sign stands outside quotes.
fn unquoted(text: &str, sign: char) -> impl Iterator<Item = usize> + '_ {
    let mut is_quoted = false;
    text.char_indices().filter_map(move |(at, c)| {
        is_quoted ^= c == '"';
        (c == sign && !is_quoted).then_some(at)
    })
}

fn is_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return false;
    };
    let value = value.trim().trim_matches('"');
    name.trim().eq_ignore_ascii_case("rel")
        && value
            .split_ascii_whitespace()
            .any(|rel| rel.eq_ignore_ascii_case("next"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn head(pairs: &[(&str, &str)]) -> Head {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        Head {
            status: 200,
            headers,
        }
    }

    #[test]
    fn the_date_is_the_time_of_the_answer() {
        let date = |text| head(&[("Date", text)]).date().map(|at| at.to_string());
        assert_eq!(
            date("Sun, 06 Nov 1994 08:49:37 GMT").as_deref(),
            Some("1994-11-06T08:49:37Z")
        );
        assert_eq!(date("yesterday"), None);
        assert_eq!(date(""), None);
    }

    fn check_next(links: &[&str], expected: Option<&str>) {
        let links: Vec<_> = links.iter().map(|link| ("Link", *link)).collect();
        assert_eq!(head(&links).next_page(), expected);
    }

    #[test]
    fn only_the_next_page_is_found() {
        check_next(&[], None);
        check_next(
            &[r#"<https://h/a?page=1>; rel="prev", <https://h/a?page=3>; rel="next""#],
            Some("https://h/a?page=3"),
        );
        check_next(&[r#"<https://h/a,b;c>; rel=next"#], Some("https://h/a,b;c"));
        check_next(
            &[r#"</a>; title="x, <y>; rel=next", </b>; rel="last""#],
            None,
        );
        check_next(&[r#"</a>; rel="last next""#], Some("/a"));
        check_next(&[r#"</a>; rel="last""#, r#"</b>; rel="next""#], Some("/b"));
        check_next(&["</a; rel=next", "nothing", "<>"], None);
    }

    #[test]
    fn the_limit_of_another_resource_is_not_ours() {
        let limit = [
            ("X-RateLimit-Limit", "5000"),
            ("X-RateLimit-Remaining", "4999"),
            ("X-RateLimit-Reset", "1790000000"),
        ];
        let rate = head(&limit).rate(Resource::Core).unwrap();
        assert_eq!((rate.limit, rate.remaining), (5000, 4999));
        assert_eq!(rate.reset_at.as_second(), 1_790_000_000);
        let core = [&limit[..], &[("X-RateLimit-Resource", "core")]].concat();
        assert!(head(&core).rate(Resource::Core).is_some());
        let search = [&limit[..], &[("X-RateLimit-Resource", "search")]].concat();
        assert!(head(&search).rate(Resource::Core).is_none());
        assert!(head(&core).rate(Resource::GraphQl).is_none());
        let graphql = [&limit[..], &[("X-RateLimit-Resource", "graphql")]].concat();
        assert!(head(&graphql).rate(Resource::GraphQl).is_some());
        assert!(head(&graphql).rate(Resource::Core).is_none());
        assert!(head(&limit[..2]).rate(Resource::Core).is_none());
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let at = http_date("Sun, 06 Nov 1994 08:49:37 GMT");
        let wait = |text, at| {
            let wait = head(&[("Retry-After", text)]).retry_after(at);
            wait.map(|wait| wait.as_secs())
        };
        assert_eq!(wait("60", None), Some(60));
        assert_eq!(wait("Sun, 06 Nov 1994 08:50:00 GMT", at), Some(23));
        assert_eq!(wait("Sun, 06 Nov 1994 08:50:00 GMT", None), None);
        assert_eq!(
            wait("99999999999999999999", None),
            Some(i64::from(u32::MAX))
        );
        assert_eq!(wait("-1", at), None);
        assert_eq!(wait("soon", at), None);
    }

    #[test]
    fn sso_is_asked_for_or_hides_organizations() {
        let sso = |text| head(&[("X-GitHub-SSO", text)]).sso().unwrap();
        let required = sso("required; url=https://github.com/orgs/o/sso?a=1;b=2");
        assert!(required.is_required);
        assert_eq!(
            required.url.as_deref(),
            Some("https://github.com/orgs/o/sso?a=1;b=2")
        );
        let partial = sso("partial-results; organizations=21955855,20582480");
        assert!(!partial.is_required);
        assert_eq!(partial.organizations, ["21955855", "20582480"]);
    }

    #[test]
    fn the_end_of_a_token_is_read_or_unknown() {
        let end = |text| {
            let end = head(&[("GitHub-Authentication-Token-Expiration", text)]).token_end();
            end.map(|end| end.to_string())
        };
        let expected = Some("2026-12-01T00:00:00Z".to_owned());
        assert_eq!(end("2026-12-01 00:00:00 UTC"), expected);
        assert_eq!(end("2026-12-01 00:00:00 +0000"), expected);
        assert_eq!(end("2026-11-30 16:00:00 -0800"), expected);
        for wrong in ["", "UTC", "never", "2026-12-01", "2026-13-01 00:00:00 UTC"] {
            assert_eq!(end(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn permissions_are_named_as_on_githubs_pages() {
        let named = |text| head(&[("X-Accepted-GitHub-Permissions", text)]).accepted_permissions();
        assert_eq!(
            named("administration=read").as_deref(),
            Some("Administration (read)")
        );
        assert_eq!(
            named("pull_requests=write,contents=read; issues=read").as_deref(),
            Some("Pull requests (write) and Contents (read) or Issues (read)")
        );
        assert_eq!(named(""), None);
    }
}
