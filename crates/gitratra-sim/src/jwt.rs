//! The signed text by which an App says who it is: RS256 over three base64url parts.
//!
//! Checks what GitHub checks, by the simulated clock: the signature, that `iat` is not in the
//! future, and that `exp` is, by no more than ten minutes. Rules:
//! <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;

use crate::app::{App, AppKey};
use crate::clock::Time;

const GRACE_SECS: i64 = 60;
const LONGEST_SECS: i64 = 600;

const NOT_DECODED: &str = "A JSON web token could not be decoded";
const ISSUED_LATER: &str = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
const EXPIRED: &str = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
const TOO_FAR: &str = "'Expiration time' claim ('exp') is too far in the future";
const NO_ISSUER: &str = "'Issuer' claim ('iss') must be an Integer";
const NO_APP: &str = "Integration not found";

/// Why a text proves nothing: status and message.
pub(crate) type Refused = (u16, &'static str);

/// Who did not come with a signed text where one is needed.
pub(crate) const UNSIGNED: Refused = (401, NOT_DECODED);

/// Whether a secret is a signed text and no token.
pub(crate) fn is_signed_text(secret: &str) -> bool {
    secret.starts_with("eyJ") && secret.split('.').count() == 3
}

/// The App that signed a text.
pub(crate) fn verify<'a>(text: &str, apps: &'a [App], at: Time) -> Result<&'a App, Refused> {
    let (signed, signature) = text.rsplit_once('.').ok_or(UNSIGNED)?;
    let (header, claims) = signed.split_once('.').ok_or(UNSIGNED)?;
    let (header, claims) = (json(header)?, json(claims)?);
    if header["alg"] != "RS256" {
        return Err(UNSIGNED);
    }
    let issuer = match &claims["iss"] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err((401, NO_ISSUER)),
    };
    let app = apps
        .iter()
        .find(|app| app.client_id == issuer || app.id.to_string() == issuer)
        .ok_or((404, NO_APP))?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| UNSIGNED)?;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &app.public_key)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| UNSIGNED)?;
    check_times(&claims, at)?;
    Ok(app)
}

fn check_times(claims: &Value, at: Time) -> Result<(), Refused> {
    let issued = claims["iat"].as_i64().ok_or((401, ISSUED_LATER))?;
    let expires = claims["exp"].as_i64().ok_or((401, EXPIRED))?;
    if expires <= at.secs() {
        Err((401, EXPIRED))
    } else if expires > at.secs() + LONGEST_SECS {
        Err((401, TOO_FAR))
    } else if issued > at.secs() + GRACE_SECS {
        Err((401, ISSUED_LATER))
    } else {
        Ok(())
    }
}

fn json(part: &str) -> Result<Value, Refused> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| UNSIGNED)?;
    serde_json::from_slice(&bytes).map_err(|_| UNSIGNED)
}

/// The public half of a key, as PKCS#1 DER.
pub(crate) fn public_key(key: AppKey) -> Vec<u8> {
    let body: String = key
        .pkcs1()
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let der = STANDARD.decode(body).expect("our own file is PEM");
    let pair = KeyPair::from_der(&der).expect("our own file holds an RSA key");
    pair.public().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::RSA_PKCS1_SHA256;
    use serde_json::json;

    const NOW: i64 = 1_773_144_000;

    fn pair(key: AppKey) -> KeyPair {
        let lines = key.pkcs8().lines().filter(|line| !line.starts_with('-'));
        let der = STANDARD.decode(lines.collect::<String>()).unwrap();
        KeyPair::from_pkcs8(&der).unwrap()
    }

    fn signed(header: &Value, claims: &Value, key: AppKey) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(header), part(claims));
        let pair = pair(key);
        let mut signature = vec![0; pair.public().modulus_len()];
        let random = SystemRandom::new();
        pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
            .unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn check(claims: &Value, key: AppKey, expected: Result<u64, Refused>) {
        let apps = [App {
            id: 42,
            client_id: "Iv23liX".into(),
            public_key: public_key(AppKey::usual()),
            pool: 0,
        }];
        let text = signed(&json!({ "alg": "RS256", "typ": "JWT" }), claims, key);
        assert!(is_signed_text(&text));
        let found = verify(&text, &apps, Time::from_secs(NOW)).map(|app| app.id);
        assert_eq!(found, expected, "{claims}");
    }

    #[test]
    fn an_app_is_known_by_its_id_or_client_id_and_by_its_key() {
        let claims = |iss: Value| json!({ "iat": NOW - 60, "exp": NOW + 540, "iss": iss });
        check(&claims(json!("42")), AppKey::usual(), Ok(42));
        check(&claims(json!(42)), AppKey::usual(), Ok(42));
        check(&claims(json!("Iv23liX")), AppKey::usual(), Ok(42));
        check(&claims(json!("42")), AppKey::stranger(), Err(UNSIGNED));
        check(&claims(json!("43")), AppKey::usual(), Err((404, NO_APP)));
        check(&claims(json!(null)), AppKey::usual(), Err((401, NO_ISSUER)));
    }

    #[test]
    fn a_clock_that_is_wrong_is_refused_in_githubs_words() {
        let key = AppKey::usual();
        let claims =
            |iat: i64, exp: i64| json!({ "iat": NOW + iat, "exp": NOW + exp, "iss": "42" });
        check(&claims(60, 600), key, Ok(42));
        check(&claims(61, 600), key, Err((401, ISSUED_LATER)));
        check(&claims(-60, 0), key, Err((401, EXPIRED)));
        check(&claims(-60, 601), key, Err((401, TOO_FAR)));
        check(&json!({ "iss": "42" }), key, Err((401, ISSUED_LATER)));
    }

    #[test]
    fn other_texts_prove_nothing() {
        for text in ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "ghp_x"] {
            let found = verify(text, &[], Time::from_secs(NOW)).map(|app| app.id);
            assert_eq!(found, Err(UNSIGNED), "{text}");
        }
        assert!(!is_signed_text("ghs_42_eyJ.eyJ.x"));
    }
}
