//! One request to one address: what is sent, how much of the answer is read, and what breaking off
//! looks like.
//!
//! It decides nothing: no retries, no redirects, no limits.

use std::error::Error;

use reqwest::header::{
    ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, USER_AGENT,
};
use reqwest::{Response, Url};

use crate::ApiUrl;
use crate::head::Head;
use crate::retry::{RetryPolicy, Trouble};

/// The most that is read of an answer.
const LARGEST_BODY: usize = 16 << 20;
/// The most that is read of a refusal, whose message is short.
const LARGEST_REFUSAL: usize = 64 << 10;

const API_VERSION: HeaderName = HeaderName::from_static("x-github-api-version");

/// The connections to the API's host.
#[derive(Debug)]
pub(crate) struct Socket {
    http: reqwest::Client,
    authorization: Option<HeaderValue>,
}

/// Why there is no whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Something on the way, in these words.
    Trouble(Trouble, String),
    /// The body is larger than any that can be right.
    TooLarge,
}

impl Socket {
    pub(crate) fn new(
        api: &ApiUrl,
        authorization: Option<HeaderValue>,
        policy: &RetryPolicy,
    ) -> Result<Self, reqwest::Error> {
        // An error means that the program has installed one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let agent = concat!("gitratra/", env!("CARGO_PKG_VERSION"));
        let headers = [
            (USER_AGENT, HeaderValue::from_static(agent)),
            (
                ACCEPT,
                HeaderValue::from_static("application/vnd.github+json"),
            ),
            (API_VERSION, HeaderValue::from_static("2022-11-28")),
        ];
        let mut builder = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter(headers))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(policy.connect_timeout)
            .timeout(policy.request_timeout)
            .pool_max_idle_per_host(100);
        if api.is_loopback() {
            // A proxy would look for the address on its own machine.
            builder = builder.no_proxy();
        }
        Ok(Self {
            http: builder.build()?,
            authorization,
        })
    }

    /// Sends one request; the address must be on the API's host.
    pub(crate) async fn get(
        &self,
        url: &Url,
        etag: Option<&str>,
    ) -> Result<(Head, Incoming), Broken> {
        let mut request = self.http.get(url.clone());
        if let Some(value) = &self.authorization {
            request = request.header(AUTHORIZATION, value.clone());
        }
        if let Some(value) = etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
            request = request.header(IF_NONE_MATCH, value);
        }
        let mut response = request.send().await.map_err(broken)?;
        let head = Head {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
        };
        Ok((head, Incoming { response }))
    }
}

/// A body that is still to be read.
pub(crate) struct Incoming {
    response: Response,
}

impl Incoming {
    /// Reads all of an answer, or the beginning of a refusal.
    pub(crate) async fn body(mut self) -> Result<Vec<u8>, Broken> {
        if self.response.status().as_u16() >= 300 {
            return Ok(self.beginning().await);
        }
        let announced = self.response.content_length().unwrap_or(0);
        if announced > LARGEST_BODY as u64 {
            return Err(Broken::TooLarge);
        }
        let mut body = Vec::new();
        while let Some(part) = self.response.chunk().await.map_err(broken)? {
            if body.len() + part.len() > LARGEST_BODY {
                return Err(Broken::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        Ok(body)
    }

    /// The status says enough where the body of a refusal breaks off or goes on and on.
    async fn beginning(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        while body.len() < LARGEST_REFUSAL {
            let Ok(Some(part)) = self.response.chunk().await else {
                break;
            };
            body.extend_from_slice(&part);
        }
        body
    }
}

fn broken(error: reqwest::Error) -> Broken {
    let (trouble, lead) = if error.is_connect() {
        (Trouble::NoConnection, "no connection")
    } else if error.is_timeout() {
        (Trouble::Broken, "the answer took too long")
    } else {
        (Trouble::Broken, "the answer broke off")
    };
    // Only the innermost cause: the outer ones repeat the address, query and all.
    let mut cause: &dyn Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let words = match error.source() {
        Some(_) => format!("{lead}: {cause}"),
        None => lead.to_owned(),
    };
    Broken::Trouble(trouble, words)
}
