//! An HTTP receiver: one POST of JSON, signed where a secret is shared, never redirected.

use std::error::Error;

use gitratra_core::alarm::Message;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Response, redirect};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

use crate::WebhookConfig;
use crate::address::WebAddress;
use crate::outcome::{OpenError, Trouble, one_line};
use crate::payload;

/// How much of a refusal is read.
const MOST_REFUSAL: usize = 4 << 10;
const SIGNATURE: &str = "x-gitratra-signature";

/// A receiver.
pub(crate) struct Webhook {
    http: reqwest::Client,
    address: WebAddress,
    key: Option<hmac::Key>,
}

impl Webhook {
    pub(crate) fn open(
        config: &WebhookConfig,
        channel: &str,
        env: &dyn Fn(&str) -> Option<SecretString>,
    ) -> Result<Self, OpenError> {
        let wrong = |why: String| OpenError::Wrong {
            channel: channel.to_owned(),
            why,
        };
        let url = config.url.fetch(channel, env)?;
        let address = WebAddress::parse(url.expose_secret().trim())
            .map_err(|why| wrong(format!("its \"url\" {why}")))?;
        let secret = config.secret.as_ref();
        let secret = secret
            .map(|source| source.fetch(channel, env))
            .transpose()?;
        if secret
            .as_ref()
            .is_some_and(|text| text.expose_secret().is_empty())
        {
            return Err(wrong("its \"secret\" is empty".to_owned()));
        }
        let key = secret
            .map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes()));
        // An error means that the program has installed one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("gitratra/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // Messages are rare: no connection is worth keeping.
            .pool_max_idle_per_host(0);
        if address.is_loopback() {
            // A proxy would look for the address on its own machine.
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|error| wrong(format!("cannot set up HTTP: {}", innermost(&error))))?;
        Ok(Self { http, address, key })
    }

    pub(crate) async fn send(&self, message: &Message) -> Result<(), Trouble> {
        let body = payload::for_rooms(message).to_string();
        let mut request = self
            .http
            .post(self.address.url().clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = &self.key {
            request = request.header(SIGNATURE, signature(key, body.as_bytes()));
        }
        let to = self.address.host().to_owned();
        let response = match request.body(body).send().await {
            Ok(response) => response,
            Err(error) => {
                let why = self.discreet(&innermost(&error));
                return Err(if error.is_connect() {
                    Trouble::Unreachable { to, why }
                } else {
                    Trouble::Refused { to, why }
                });
            }
        };
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let why = if status.is_redirection() {
            format!(
                "it answered {}, and redirects are not followed",
                status.as_u16()
            )
        } else {
            match beginning(response).await {
                text if text.is_empty() => format!("it answered {}", status.as_u16()),
                text => format!("it answered {}: {}", status.as_u16(), self.discreet(&text)),
            }
        };
        Err(Trouble::Refused { to, why })
    }

    /// A text from outside, unless it repeats the address.
    fn discreet(&self, text: &str) -> String {
        if self.address.is_told_in(text) {
            "(not shown, it repeats the address)".to_owned()
        } else {
            text.to_owned()
        }
    }
}

/// `sha256=` and the HMAC-SHA256 of the body in hexadecimal digits.
fn signature(key: &hmac::Key, body: &[u8]) -> String {
    let tag = hmac::sign(key, body);
    let digits = tag.as_ref().iter().map(|byte| format!("{byte:02x}"));
    format!("sha256={}", digits.collect::<String>())
}

async fn beginning(mut response: Response) -> String {
    let mut body = Vec::new();
    while body.len() < MOST_REFUSAL {
        let Ok(Some(part)) = response.chunk().await else {
            break;
        };
        body.extend_from_slice(&part);
    }
    one_line(&String::from_utf8_lossy(&body))
}

/// Only the innermost cause: the outer ones repeat the address.
fn innermost(error: &reqwest::Error) -> String {
    let Some(mut cause) = error.source() else {
        return "the exchange broke off".to_owned();
    };
    while let Some(source) = cause.source() {
        cause = source;
    }
    one_line(&cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_rfc_4231() {
        // Test case 2 of <https://www.rfc-editor.org/rfc/rfc4231>.
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"Jefe");
        assert_eq!(
            signature(&key, b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
