//! One request to one address: what is sent, how much of the answer is read, and what breaking off
//! looks like.
//!
//! It decides nothing: no retries, no redirects, no limits.

use std::sync::Arc;

use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    IF_NONE_MATCH, USER_AGENT,
};
use reqwest::{Method, RequestBuilder, Response, Url};

use crate::fault::{self, Proxies};
use crate::head::Head;
use crate::retry::{RetryPolicy, Trouble};

/// The most that is read of an answer.
const LARGEST_BODY: usize = 16 << 20;
/// The most that is read of a refusal, whose message is short.
const LARGEST_REFUSAL: usize = 64 << 10;

const API_VERSION: HeaderName = HeaderName::from_static("x-github-api-version");

/// The connections to one host.
#[derive(Debug)]
pub(crate) struct Socket {
    http: reqwest::Client,
    proxies: Arc<Proxies>,
}

/// What is sent.
#[derive(Debug)]
pub(crate) enum Letter<'a> {
    /// A question, perhaps with the validator of an earlier answer.
    Get(Option<&'a str>),
    /// A POST without anything in it.
    Post,
    /// A POST of JSON.
    Json(&'a str),
    /// A POST of a form to the web site, which is answered in JSON.
    Form(String),
}

/// Why there is no whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Something on the way, in these words.
    Trouble(Trouble, String),
    /// The body is larger than any that can be right.
    TooLarge,
}

impl Broken {
    /// Whether the request may have reached the server, which then has counted it.
    pub(crate) fn may_have_arrived(&self) -> bool {
        !matches!(self, Self::Trouble(Trouble::NoConnection, _))
    }
}

impl Socket {
    /// `is_loopback` where the host is this machine itself.
    pub(crate) fn new(is_loopback: bool, policy: &RetryPolicy) -> Result<Self, reqwest::Error> {
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
            // Without these, all requests would go on waiting on one connection that died while
            // the machine slept or changed its network.
            .http2_keep_alive_interval(policy.request_timeout / 3)
            .http2_keep_alive_timeout(policy.request_timeout / 3)
            .pool_max_idle_per_host(100);
        let mut proxies = Proxies::of_the_system();
        if is_loopback {
            // A proxy would look for the address on its own machine.
            builder = builder.no_proxy();
            proxies = Proxies::none();
        }
        Ok(Self {
            http: builder.build()?,
            proxies: Arc::new(proxies),
        })
    }

    /// Sends one request; the address must be on the one host.
    pub(crate) async fn send(
        &self,
        url: &Url,
        letter: Letter<'_>,
        authorization: Option<&HeaderValue>,
    ) -> Result<(Head, Incoming), Broken> {
        let mut request = self.request(url, letter);
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value.clone());
        }
        let sent = request.send().await;
        let mut response = sent.map_err(|error| broken(&error, url, &self.proxies))?;
        let head = Head {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
        };
        let incoming = Incoming {
            response,
            url: url.clone(),
            proxies: Arc::clone(&self.proxies),
        };
        Ok((head, incoming))
    }

    fn request(&self, url: &Url, letter: Letter<'_>) -> RequestBuilder {
        let request = match letter {
            Letter::Get(_) => self.http.get(url.clone()),
            Letter::Post | Letter::Json(_) | Letter::Form(_) => {
                self.http.request(Method::POST, url.clone())
            }
        };
        match letter {
            Letter::Get(etag) => match etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
                Some(value) => request.header(IF_NONE_MATCH, value),
                None => request,
            },
            Letter::Post => request.header(CONTENT_LENGTH, 0),
            Letter::Json(json) => request
                .header(CONTENT_TYPE, "application/json")
                .body(json.to_owned()),
            Letter::Form(form) => request
                .header(ACCEPT, "application/json")
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form),
        }
    }
}

/// A body that is still to be read.
pub(crate) struct Incoming {
    response: Response,
    url: Url,
    proxies: Arc<Proxies>,
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
        loop {
            let part = self.response.chunk().await;
            let part = part.map_err(|error| broken(&error, &self.url, &self.proxies))?;
            let Some(part) = part else {
                return Ok(body);
            };
            if body.len() + part.len() > LARGEST_BODY {
                return Err(Broken::TooLarge);
            }
            body.extend_from_slice(&part);
        }
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

fn broken(error: &reqwest::Error, url: &Url, proxies: &Proxies) -> Broken {
    let (trouble, words) = fault::words(error, url, proxies);
    Broken::Trouble(trouble, words)
}
