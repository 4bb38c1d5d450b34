//! What a refusal means: the status, the headers and GitHub's words, sorted by what is missing.
//!
//! Limits are told apart before this, in `limit`. GitHub hides what exists from those who may not
//! see it, so a 404 can be a lack of rights as well.

use gitratra_core::Endpoint;
use reqwest::{StatusCode, Url};

use crate::ApiUrl;
use crate::failure::{FailureKind, Hint, Need, is_traffic};
use crate::head::Head;

/// What the body of a refusal says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Words {
    pub(crate) message: String,
    /// Why the repository is blocked, where the body says that it is.
    pub(crate) blocked: Option<String>,
}

impl Words {
    /// Reads a body; one that is no JSON or says nothing gives the status's own name.
    pub(crate) fn of(status: u16, body: &[u8]) -> Self {
        let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let block = &value["block"];
        let reason = || block["reason"].as_str().unwrap_or("no reason given");
        let message = value["message"].as_str().map(str::trim).unwrap_or_default();
        Self {
            message: match message {
                "" => reason_phrase(status).to_owned(),
                message => message.to_owned(),
            },
            blocked: block.is_object().then(|| reason().to_owned()),
        }
    }
}

fn reason_phrase(status: u16) -> &'static str {
    StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("unknown status")
}

/// Whether GitHub's words (in lower case) are about rights, so that a used-up limit in the same
/// answer is a coincidence.
pub(crate) fn is_permission(message: &str) -> bool {
    const WORDS: [&str; 5] = [
        "must have",
        "resource not accessible",
        "saml enforcement",
        "access blocked",
        "bad credentials",
    ];
    WORDS.iter().any(|word| message.contains(word))
}

/// Whether GitHub's words say that there is no App with the id that a proof was made for.
pub(crate) fn is_unknown_app(words: &Words) -> bool {
    words
        .message
        .to_ascii_lowercase()
        .contains("integration not found")
}

/// Whether GitHub's words are about an installation that was suspended.
pub(crate) fn is_suspended(words: &Words) -> bool {
    let message = words.message.to_ascii_lowercase();
    message.contains("installation") && message.contains("suspended")
}

/// What a 4xx that is neither a 401 nor about a limit means.
pub(crate) fn kind(
    api: &ApiUrl,
    endpoint: Endpoint,
    head: &Head,
    words: &Words,
) -> (FailureKind, Hint) {
    let message = words.message.to_ascii_lowercase();
    let is_blocked = words.blocked.is_some() || message.contains("access blocked");
    match head.status {
        451 => (blocked(words), Hint::Nothing),
        403 if is_blocked => (blocked(words), Hint::Nothing),
        403 | 404 if sso_required(head, &message) => {
            (FailureKind::Forbidden(sso(api, head)), Hint::Nothing)
        }
        403 => {
            let need = need(endpoint, head, &message);
            (FailureKind::Forbidden(need), Hint::Nothing)
        }
        404 => {
            let hint = if is_traffic(endpoint) && api.has_no_traffic() {
                Hint::NoTraffic
            } else if head.scopes().is_some_and(|list| !list.contains(&"repo")) {
                Hint::PublicOnly
            } else {
                Hint::Nothing
            };
            (FailureKind::NotFound, hint)
        }
        _ => (FailureKind::Refused, Hint::Nothing),
    }
}

fn blocked(words: &Words) -> FailureKind {
    FailureKind::Blocked {
        reason: words
            .blocked
            .clone()
            .unwrap_or_else(|| "no reason given".to_owned()),
    }
}

fn sso_required(head: &Head, message: &str) -> bool {
    head.sso().is_some_and(|sso| sso.is_required) || message.contains("saml enforcement")
}

fn sso(api: &ApiUrl, head: &Head) -> Need {
    let sso = head.sso().unwrap_or_default();
    let url = sso.url.and_then(|url| Url::parse(&url).ok());
    Need::Sso {
        url: url.filter(|url| api.is_site_page(url)).map(String::from),
        organizations: sso.organizations,
    }
}

fn need(endpoint: Endpoint, head: &Head, message: &str) -> Need {
    let lacks_scope = head
        .scopes()
        .is_some_and(|list| !list.contains(&"repo") && !list.contains(&"public_repo"));
    let permission = head.accepted_permissions();
    let is_push = message.contains("push access") || message.contains("admin rights");
    if message.contains("resource not accessible") {
        return Need::Permission(
            permission.unwrap_or_else(|| usual_permission(endpoint).to_owned()),
        );
    }
    match permission {
        // Fine-grained tokens and apps have no scopes; they lack a permission.
        Some(permission) if head.scopes().is_none() => Need::Permission(permission),
        _ if lacks_scope => Need::Scope,
        _ if is_push => Need::PushAccess,
        _ => Need::Other,
    }
}

/// The permission that a question needs, where GitHub does not name it.
///
/// *Source*: docs.github.com, "Permissions required for fine-grained personal access tokens".
fn usual_permission(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::WorkflowRuns => "Actions (read)",
        Endpoint::Releases => "Contents (read)",
        Endpoint::Stars | Endpoint::Counters | Endpoint::Repository => "Metadata (read)",
        _ => "Administration (read)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    fn check(status: u16, headers: &[(&str, &str)], message: &str, expected: FailureKind) {
        assert_eq!(found(status, headers, message).0, expected, "{message}");
    }

    fn found(status: u16, headers: &[(&str, &str)], message: &str) -> (FailureKind, Hint) {
        let api = ApiUrl::parse("https://api.github.com").unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        let head = Head {
            status,
            headers: map,
        };
        let body = format!("{{\"message\":\"{message}\"}}");
        let words = Words::of(status, body.as_bytes());
        kind(&api, Endpoint::Views, &head, &words)
    }

    use FailureKind::{Forbidden, NotFound, Refused};

    #[test]
    fn what_is_missing_is_named() {
        let push = "Must have push access to repository";
        check(403, &[], push, Forbidden(Need::PushAccess));
        check(
            403,
            &[],
            "Must have admin rights to Repository.",
            Forbidden(Need::PushAccess),
        );
        check(
            403,
            &[("x-oauth-scopes", "repo, gist")],
            push,
            Forbidden(Need::PushAccess),
        );
        for scopes in ["", "gist, read:org"] {
            check(
                403,
                &[("x-oauth-scopes", scopes)],
                push,
                Forbidden(Need::Scope),
            );
        }
        let administration = || Forbidden(Need::Permission("Administration (read)".to_owned()));
        let accepted = ("x-accepted-github-permissions", "administration=read");
        let personal = "Resource not accessible by personal access token";
        check(403, &[accepted], personal, administration());
        check(403, &[accepted], push, administration());
        check(
            403,
            &[],
            "Resource not accessible by integration",
            administration(),
        );
        check(403, &[], "Go away", Forbidden(Need::Other));
    }

    #[test]
    fn single_sign_on_shows_only_pages_of_github() {
        let sso = |url: Option<&str>| {
            Forbidden(Need::Sso {
                url: url.map(str::to_owned),
                organizations: vec![],
            })
        };
        let saml = "Resource protected by organization SAML enforcement.";
        let good = "https://github.com/orgs/o/sso?authorization_request=x";
        let header = format!("required; url={good}");
        check(403, &[("x-github-sso", &header)], saml, sso(Some(good)));
        check(
            404,
            &[("x-github-sso", &header)],
            "Not Found",
            sso(Some(good)),
        );
        let evil = "required; url=https://evil.example/orgs/o/sso";
        check(403, &[("x-github-sso", evil)], saml, sso(None));
        check(403, &[], saml, sso(None));
    }

    #[test]
    fn a_404_hints_at_a_narrow_token() {
        check(404, &[], "Not Found", NotFound);
        let public = found(404, &[("x-oauth-scopes", "public_repo")], "Not Found");
        assert_eq!(public, (NotFound, Hint::PublicOnly));
    }

    #[test]
    fn blocked_repositories_are_named_as_such() {
        let body =
            br#"{"message":"Repository access blocked","block":{"reason":"dmca","html_url":"x"}}"#;
        let words = Words::of(451, body);
        assert_eq!(words.blocked.as_deref(), Some("dmca"));
        check(
            403,
            &[],
            "Repository access blocked",
            FailureKind::Blocked {
                reason: "no reason given".to_owned(),
            },
        );
    }

    #[test]
    fn other_refusals_stay_what_they_are() {
        for status in [400, 410, 422, 418] {
            check(status, &[], "Gone", Refused);
        }
        assert_eq!(Words::of(404, b"<html>").message, "Not Found");
        assert_eq!(Words::of(404, b"{\"message\":5}").message, "Not Found");
        assert_eq!(Words::of(404, b"[]").message, "Not Found");
    }
}
