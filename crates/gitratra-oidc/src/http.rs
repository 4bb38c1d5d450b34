//! Questions to the provider: without redirects, within a time, and no answer too large to hold.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::http::Response;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer at most; documents and key sets have some thousands.
const LARGEST: usize = 1 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpFault {
    #[error("no answer came")]
    Unanswered(#[from] reqwest::Error),
    #[error("the answer is larger than 1 MiB")]
    TooLarge,
    #[error("the answer cannot be read")]
    Malformed(#[from] openidconnect::http::Error),
}

/// What asks. A redirect is not followed: it could lead to whatever only this machine reaches.
#[derive(Debug, Clone)]
pub(crate) struct Questions(reqwest::Client);

impl Questions {
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        // Somebody else in this process may have done it already; where nothing is collected nobody has.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .build();
        client.map(Self)
    }
}

impl<'c> AsyncHttpClient<'c> for Questions {
    type Error = HttpFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(ask(self.0.clone(), request))
    }
}

async fn ask(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, HttpFault> {
    let request = reqwest::Request::try_from(request)?;
    let mut answer = client.execute(request).await?;
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > LARGEST {
            return Err(HttpFault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(response.body(body)?)
}
