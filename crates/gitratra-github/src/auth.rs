//! Who asks: the credential, the header it becomes, and how it is kept out of every text.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::app::{AppKey, InstallationCredential};

/// What is shown to GitHub to be somebody. Its `Debug` shows no secret.
#[derive(Clone)]
pub enum Credential {
    /// A personal access token, or a token of an app.
    Token(SecretString),
    /// A user name with a personal access token; GitHub takes no passwords here.
    Basic {
        /// The user name.
        user: String,
        /// What is typed as the password.
        secret: SecretString,
    },
    /// An installation of a GitHub App: made by `App::credential`, its token is fetched and
    /// renewed by the client.
    Installation(InstallationCredential),
    /// A GitHub App itself, which may list its installations and hardly anything else.
    App(Arc<AppKey>),
    /// Nobody; 60 requests an hour and no traffic.
    Anonymous,
}

impl Credential {
    /// A short text by which answers to one credential are kept apart from those to another.
    ///
    /// *Shape*: 16 hexadecimal digits of a SHA-256. Tokens are random and long, so the text leads
    /// back to none. An installation keeps its text when its token is renewed.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        context.update(b"gitratra credential fingerprint 1\n");
        match self {
            Self::Token(secret) => {
                context.update(b"token\n");
                context.update(secret.expose_secret().as_bytes());
            }
            Self::Basic { user, secret } => {
                context.update(b"basic\n");
                context.update(user.as_bytes());
                context.update(b"\n");
                context.update(secret.expose_secret().as_bytes());
            }
            Self::Installation(credential) => {
                context.update(b"installation\n");
                context.update(&credential.installation_id().to_be_bytes());
                context.update(credential.app_id().as_bytes());
            }
            Self::App(key) => {
                context.update(b"app\n");
                context.update(key.app_id().as_bytes());
            }
            Self::Anonymous => context.update(b"anonymous\n"),
        }
        let digest = context.finish();
        digest.as_ref()[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The value of the `Authorization` header, marked as sensitive; nothing where there is none
    /// or where it changes with time.
    pub(crate) fn header(&self) -> Result<Option<HeaderValue>, &'static str> {
        match self {
            Self::Token(secret) => bearer(secret.expose_secret()).map(Some),
            Self::Basic { user, secret } => {
                filled(secret.expose_secret())?;
                sensitive(format!("Basic {}", pair(user, secret).expose_secret())).map(Some)
            }
            Self::Installation(_) | Self::App(_) | Self::Anonymous => Ok(None),
        }
    }

    /// The text with the secret blacked out, for servers that repeat what they were sent.
    pub(crate) fn black_out(&self, text: &str) -> String {
        match self {
            Self::Token(secret) => hide(text, secret.expose_secret()),
            Self::Basic { user, secret } => {
                let text = hide(text, pair(user, secret).expose_secret());
                hide(&text, secret.expose_secret())
            }
            Self::Installation(credential) => credential.lease.black_out(text),
            Self::App(key) => key.black_out(text),
            Self::Anonymous => text.to_owned(),
        }
    }
}

/// The header that shows a token; the error is what is wrong with it.
pub(crate) fn bearer(token: &str) -> Result<HeaderValue, &'static str> {
    sensitive(format!("Bearer {}", filled(token)?))
}

/// The text with a secret blacked out.
pub(crate) fn hide(text: &str, secret: &str) -> String {
    // A shorter one would black out half of every sentence.
    if secret.len() < 4 {
        return text.to_owned();
    }
    text.replace(secret, "[secret]")
}

fn sensitive(line: String) -> Result<HeaderValue, &'static str> {
    // The copy is cleared when this function returns.
    let line = SecretString::from(line);
    let mut value = HeaderValue::from_str(line.expose_secret())
        .map_err(|_| "it holds characters that cannot be sent")?;
    value.set_sensitive(true);
    Ok(value)
}

fn filled(secret: &str) -> Result<&str, &'static str> {
    match secret {
        "" => Err("it is empty"),
        text => Ok(text),
    }
}

fn pair(user: &str, secret: &SecretString) -> SecretString {
    let plain = SecretString::from(format!("{user}:{}", secret.expose_secret()));
    let engine = base64::engine::general_purpose::STANDARD;
    SecretString::from(engine.encode(plain.expose_secret()))
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(_) => f.write_str("Token(…)"),
            Self::Basic { user, .. } => write!(f, "Basic {{ user: {user:?}, … }}"),
            Self::Installation(credential) => credential.fmt(f),
            Self::App(key) => key.fmt(f),
            Self::Anonymous => f.write_str("Anonymous"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> Credential {
        Credential::Token(SecretString::from(text))
    }

    fn basic(user: &str, text: &str) -> Credential {
        Credential::Basic {
            user: user.to_owned(),
            secret: SecretString::from(text),
        }
    }

    #[test]
    fn no_secret_shows_in_debug_or_in_the_header() {
        for credential in [token("hunter2hunter2"), basic("me", "hunter2hunter2")] {
            assert!(!format!("{credential:?}").contains("hunter2"));
            let header = credential.header().unwrap().unwrap();
            assert!(header.is_sensitive());
            assert_eq!(format!("{header:?}"), "Sensitive");
        }
    }

    #[test]
    fn the_header_is_what_github_expects() {
        let text = |credential: Credential| {
            let header = credential.header().unwrap();
            header.map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(text(token("abc")).unwrap(), "Bearer abc");
        assert_eq!(text(basic("me", "abc")).unwrap(), "Basic bWU6YWJj");
        assert_eq!(text(Credential::Anonymous), None);
    }

    #[test]
    fn what_cannot_be_sent_is_refused_without_repeating_it() {
        assert!(token("").header().is_err());
        assert!(token("a\nb").header().is_err());
        assert!(basic("me", "").header().is_err());
    }

    #[test]
    fn fingerprints_tell_credentials_apart_and_are_short() {
        let all = [
            token("abc"),
            token("abd"),
            basic("me", "abc"),
            basic("m", "eabc"),
            Credential::Anonymous,
        ];
        let mut prints: Vec<_> = all.iter().map(Credential::fingerprint).collect();
        assert_eq!(prints[0], token("abc").fingerprint());
        assert!(prints.iter().all(|print| print.len() == 16));
        prints.sort();
        prints.dedup();
        assert_eq!(prints.len(), all.len());
    }

    #[test]
    fn a_secret_that_comes_back_is_blacked_out() {
        assert_eq!(
            token("hunter2").black_out("you sent hunter2!"),
            "you sent [secret]!"
        );
        let credential = basic("me", "hunter2");
        let text = credential.black_out("hunter2 and bWU6aHVudGVyMg==");
        assert_eq!(text, "[secret] and [secret]");
    }
}
