//! Bodies of answers to an App: its installations and their tokens.

use gitratra_core::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

use crate::app::{Grant, Installation};
use crate::decode::{Bad, Object, parse, parse_any};
use crate::failure::one_line;

/// A token of an installation. What is wrong with it is not repeated, since it may be the token.
pub(crate) fn installation_token(body: &[u8]) -> Result<Grant, Bad> {
    #[derive(Deserialize)]
    struct Wire {
        token: String,
        expires_at: Timestamp,
        permissions: Option<Permissions>,
    }
    let wire: Wire = parse(body).map_err(|bad| match bad {
        Bad::CutShort => Bad::CutShort,
        Bad::Wrong(_) => Bad::Wrong("the answer holds no token with its end".to_owned()),
    })?;
    Ok(Grant {
        token: SecretString::from(wire.token),
        expires_at: wire.expires_at,
        has_administration: wire
            .permissions
            .is_none_or(|list| list.has_administration()),
    })
}

/// A page of the installations of an App.
pub(crate) fn installations(body: &[u8]) -> Result<Vec<Installation>, Bad> {
    #[derive(Deserialize)]
    struct Account {
        login: Option<String>,
        /// Enterprises have no login.
        slug: Option<String>,
    }
    #[derive(Deserialize)]
    struct Wire {
        id: u64,
        account: Option<Account>,
        suspended_at: Option<String>,
        repository_selection: Option<String>,
        permissions: Option<Permissions>,
    }
    let list: Vec<Object<Wire>> = parse_any(body)?;
    let installations = list.into_iter().map(|Object(wire)| Installation {
        id: wire.id,
        account: wire
            .account
            .and_then(|account| account.login.or(account.slug))
            .map_or_else(|| "unknown".to_owned(), |account| one_line(&account, 100)),
        is_suspended: wire.suspended_at.is_some(),
        has_all: wire.repository_selection.as_deref() == Some("all"),
        has_administration: wire
            .permissions
            .is_none_or(|list| list.has_administration()),
    });
    Ok(installations.collect())
}

/// What an App was allowed, by name.
#[derive(Deserialize)]
struct Permissions {
    administration: Option<String>,
}

impl Permissions {
    fn has_administration(&self) -> bool {
        matches!(self.administration.as_deref(), Some("read" | "write"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_token_of_any_length_is_taken() {
        let long = "x".repeat(5000);
        for token in ["ghs_1", "v1.0123", &long] {
            let body = format!(
                r#"{{"token":"{token}","expires_at":"2026-01-08T18:18:15Z",
                "permissions":{{"administration":"read","metadata":"read"}},
                "repository_selection":"all"}}"#
            );
            let grant = installation_token(body.as_bytes()).unwrap_or_else(|_| panic!("{body}"));
            assert_eq!(grant.token.expose_secret(), token);
            assert!(grant.has_administration);
        }
    }

    #[test]
    fn a_wrong_answer_is_told_without_the_token() {
        for body in [
            r#"{"token":"ghs_secret"}"#,
            r#"{"token":"x","expires_at":"ghs_secret"}"#,
            r#"{"token":["ghs_secret"],"expires_at":"2026-01-08T18:18:15Z"}"#,
            r#""ghs_secret""#,
        ] {
            match installation_token(body.as_bytes()) {
                Err(Bad::Wrong(what)) => assert!(!what.contains("ghs_secret"), "{what}"),
                _ => panic!("{body}"),
            }
        }
    }

    #[test]
    fn installations_say_what_they_were_given() {
        let body = br#"[
            {"id":1,"account":{"login":"octo"},"suspended_at":null,"repository_selection":"all",
             "permissions":{"administration":"read"}},
            {"id":2,"account":{"slug":"firm"},"suspended_at":"2026-01-01T00:00:00Z",
             "repository_selection":"selected","permissions":{"metadata":"read"}},
            {"id":3,"account":null}
        ]"#;
        let found = installations(body).unwrap();
        let expected = [
            (1, "octo", false, true, true),
            (2, "firm", true, false, false),
            (3, "unknown", false, false, true),
        ];
        let found: Vec<_> = found
            .iter()
            .map(|one| {
                let account = &*one.account;
                (
                    one.id,
                    account,
                    one.is_suspended,
                    one.has_all,
                    one.has_administration,
                )
            })
            .collect();
        assert_eq!(found, expected);
    }
}
