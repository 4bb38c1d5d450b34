//! A plain HTTP client that follows nothing and repeats nothing.

use std::sync::Once;

use gitratra_sim::Sim;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use serde_json::Value;

static PROVIDER: Once = Once::new();

/// Asks one simulation with one credential.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    authorization: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap().to_string()
    }
}

/// A client without a token.
pub(crate) fn nobody(sim: &Sim) -> Client {
    PROVIDER.call_once(|| {
        let provider = rustls::crypto::ring::default_provider();
        provider.install_default().unwrap();
    });
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .user_agent("tests")
        .build()
        .unwrap();
    Client {
        http,
        base: sim.url(),
        authorization: None,
    }
}

/// A client with a token.
pub(crate) fn holder(sim: &Sim, token: &str) -> Client {
    let mut client = nobody(sim);
    client.authorization = Some(format!("Bearer {token}"));
    client
}

impl Client {
    /// The same client for another address.
    pub(crate) fn at(mut self, base: &str) -> Self {
        self.base = base.into();
        self
    }

    pub(crate) fn authorization(mut self, value: &str) -> Self {
        self.authorization = Some(value.into());
        self
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base);
        let request = self.http.request(method.parse().unwrap(), url);
        match &self.authorization {
            Some(value) => request.header("authorization", value),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await?,
        })
    }

    pub(crate) async fn try_get(&self, path: &str) -> reqwest::Result<Answer> {
        self.send(self.request("GET", path)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.try_get(path).await.unwrap()
    }

    pub(crate) async fn get_with(&self, path: &str, header: (&str, &str)) -> Answer {
        let request = self.request("GET", path).header(header.0, header.1);
        self.send(request).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        let request = self.request("POST", path).body(body.to_string());
        self.send(request).await.unwrap()
    }

    /// The rows of views or clones as (day, count, uniques).
    pub(crate) async fn rows(&self, path: &str) -> Vec<(String, u64, u64)> {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        rows(&answer.json())
    }
}

/// The rows of a body of views or clones.
pub(crate) fn rows(body: &Value) -> Vec<(String, u64, u64)> {
    let list = body.get("views").or_else(|| body.get("clones")).unwrap();
    let row = |row: &Value| {
        let day = row["timestamp"].as_str().unwrap();
        let day = day.strip_suffix("T00:00:00Z").unwrap();
        let number = |name: &str| row[name].as_u64().unwrap();
        (day.to_string(), number("count"), number("uniques"))
    };
    list.as_array().unwrap().iter().map(row).collect()
}
