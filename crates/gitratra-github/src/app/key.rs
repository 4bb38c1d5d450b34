//! The private key of a GitHub App: how it is read, and the short-lived proof that it signs.
//!
//! *Source*: docs.github.com, "Generating a JSON Web Token (JWT) for a GitHub App"; RFC 7515.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gitratra_core::Timestamp;
use jiff::SignedDuration;
use reqwest::header::HeaderValue;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use crate::app::shown::Shown;
use crate::auth::bearer;

/// GitHub takes proofs made before its own now, and clocks of its machines differ a little.
const BEFORE: SignedDuration = SignedDuration::from_secs(60);
/// GitHub takes ten minutes at most.
const AHEAD: SignedDuration = SignedDuration::from_mins(9);

/// A GitHub App and its private key. Its `Debug` shows the App's id alone.
pub struct AppKey {
    id: String,
    pair: RsaKeyPair,
    shown: Shown,
}

impl AppKey {
    /// Reads a key; the error is what is wrong with it and repeats nothing of it.
    pub(crate) fn read(id: String, pem: &SecretString) -> Result<Self, &'static str> {
        Ok(Self {
            id,
            pair: key_pair(pem.expose_secret())?,
            shown: Shown::default(),
        })
    }

    /// The id or the client id of the App.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.id
    }

    /// The header that proves to GitHub at `now`, by its own clock, that this is the App.
    pub(crate) fn proof(&self, now: Timestamp) -> HeaderValue {
        let token = self.token(now);
        let header = bearer(token.expose_secret()).expect("a token of base64 can be sent");
        self.shown.note(token);
        header
    }

    fn token(&self, now: Timestamp) -> SecretString {
        let at = |time: Timestamp| time.as_second();
        let claims = serde_json::json!({
            "iat": at(now.saturating_sub(BEFORE).unwrap_or(now)),
            "exp": at(now.saturating_add(AHEAD).unwrap_or(now)),
            "iss": self.id,
        });
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
        let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
        let text = format!("{head}.{claims}");
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text.as_bytes(),
                &mut signature,
            )
            .expect("the room for the signature is as long as the key");
        let signature = URL_SAFE_NO_PAD.encode(signature);
        SecretString::from(format!("{text}.{signature}"))
    }

    /// The text without the proofs that were shown of late.
    pub(crate) fn black_out(&self, text: &str) -> String {
        self.shown.black_out(text)
    }
}

impl fmt::Debug for AppKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

fn key_pair(pem: &str) -> Result<RsaKeyPair, &'static str> {
    const NO_KEY: &str = "it is no RSA key of 2048 bits or more";
    let after = pem.split_once("-----BEGIN ").map(|(_, after)| after);
    let (label, rest) = after
        .and_then(|after| after.split_once("-----"))
        .ok_or("it is no key file in PEM form, which begins with \"-----BEGIN\"")?;
    let (body, _) = rest
        .split_once("-----END ")
        .ok_or("it breaks off before \"-----END\"")?;
    if label.contains("ENCRYPTED") || body.contains("ENCRYPTED") {
        return Err("it is locked with a password");
    }
    // Variables of the environment often hold line ends as two letters.
    let body = SecretString::from(body.replace("\\n", "").replace(char::is_whitespace, ""));
    let der = STANDARD.decode(body.expose_secret());
    let der = SecretSlice::from(der.map_err(|_| "its lines are damaged")?);
    match label {
        "RSA PRIVATE KEY" => RsaKeyPair::from_der(der.expose_secret()).map_err(|_| NO_KEY),
        "PRIVATE KEY" => RsaKeyPair::from_pkcs8(der.expose_secret()).map_err(|_| NO_KEY),
        "PUBLIC KEY" | "RSA PUBLIC KEY" | "CERTIFICATE" => Err("it is public, not the private key"),
        _ => Err(NO_KEY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    const PKCS1: &str = include_str!("../../tests/data/app-key-pkcs1.pem");
    const PKCS8: &str = include_str!("../../tests/data/app-key-pkcs8.pem");

    fn key(pem: &str) -> Result<AppKey, &'static str> {
        AppKey::read("Iv1.abc\"".to_owned(), &SecretString::from(pem))
    }

    #[test]
    fn both_forms_of_the_key_sign_alike() {
        let now: Timestamp = "2026-01-08T17:18:15Z".parse().unwrap();
        let in_a_variable = PKCS1.replace('\n', "\\n");
        let tokens = [PKCS1, PKCS8, &in_a_variable, &format!("\r\n{PKCS1}\n\n")].map(|pem| {
            let key = key(pem).unwrap();
            let token = key.token(now).expose_secret().to_owned();
            let (text, signature) = token.rsplit_once('.').unwrap();
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.pair.public());
            public.verify(text.as_bytes(), &signature).unwrap();
            token
        });
        assert!(tokens.iter().all(|token| *token == tokens[0]));
        let mut parts = tokens[0].split('.').map(|part| {
            let part = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
            serde_json::from_slice::<serde_json::Value>(&part).unwrap_or_default()
        });
        assert_eq!(parts.next().unwrap()["alg"], "RS256");
        let claims = parts.next().unwrap();
        assert_eq!(claims["iss"], "Iv1.abc\"");
        assert_eq!(claims["iat"], now.as_second() - 60);
        assert_eq!(claims["exp"], now.as_second() + 540);
    }

    fn check(pem: &str, expected: &str) {
        let why = key(pem).expect_err(expected);
        assert!(why.contains(expected), "{why}");
    }

    #[test]
    fn what_is_no_key_is_told_without_repeating_it() {
        check("", "PEM");
        check("ghp_token", "PEM");
        check(&PKCS1[..500], "END");
        check(&PKCS1.replace("RSA PRIVATE", "EC PRIVATE"), "RSA");
        check(&PKCS1.replace("RSA PRIVATE", "PUBLIC"), "public");
        check(&PKCS1.replace("RSA PRIVATE", "ENCRYPTED PRIVATE"), "locked");
        check(&PKCS1.replace("MII", "M*I"), "damaged");
        check(&PKCS1.replace("MII", "AAA"), "RSA");
        check(&PKCS8.replace("PRIVATE", "RSA PRIVATE"), "RSA");
    }

    #[test]
    fn nothing_of_the_key_or_the_proof_shows() {
        let key = key(PKCS1).unwrap();
        assert_eq!(format!("{key:?}"), r#"AppKey { id: "Iv1.abc\"", .. }"#);
        let header = key.proof("2026-01-08T17:18:15Z".parse().unwrap());
        assert!(header.is_sensitive());
        let token = header.to_str().unwrap().strip_prefix("Bearer ").unwrap();
        assert_eq!(
            key.black_out(&format!("you sent {token}")),
            "you sent [secret]"
        );
    }
}
