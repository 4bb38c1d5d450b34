//! A small provider that can be told to lie.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use ring::{hmac, signature};
use serde_json::{Value, json};

pub(crate) const CLIENT: &str = "dashboard";
pub(crate) const SECRET: &str = "shared secret";

/// What is wrong with the tokens of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    Nothing,
    /// No signature at all.
    AlgNone,
    /// Signed with the secret that the client knows.
    Hmac,
    /// Signed with a key that is not in the set.
    OtherKey,
    Audience,
    Issuer,
    Nonce,
    Expired,
    Changed,
    AccessToken,
    NoIdToken,
}

#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) claims: Value,
    inner: Arc<Mutex<Inner>>,
    key: Arc<EcdsaKeyPair>,
    other_key: Arc<EcdsaKeyPair>,
}

struct Inner {
    lie: Lie,
    /// Codes that were given and not used, with the challenge and the nonce.
    codes: HashMap<String, (String, String)>,
    given: u32,
}

fn key() -> Arc<EcdsaKeyPair> {
    let random = SystemRandom::new();
    let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let key =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random);
    Arc::new(key.unwrap())
}

impl Provider {
    /// Listens, and claims this of whoever logs in.
    pub(crate) async fn start(claims: Value) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            claims,
            inner: Arc::new(Mutex::new(Inner {
                lie: Lie::Nothing,
                codes: HashMap::new(),
                given: 0,
            })),
            key: key(),
            other_key: key(),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub(crate) fn lie(&self, lie: Lie) {
        self.inner.lock().unwrap().lie = lie;
    }

    /// What a browser comes back with from an address it was sent to.
    pub(crate) fn log_in(&self, address: &str) -> String {
        let (base, query) = address.split_once('?').unwrap();
        assert_eq!(base, format!("{}/authorize", self.issuer));
        let pairs: HashMap<String, String> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        assert_eq!(pairs["client_id"], CLIENT);
        assert_eq!(pairs["response_type"], "code");
        assert_eq!(pairs["code_challenge_method"], "S256");
        assert_eq!(
            pairs["redirect_uri"],
            "http://localhost:8080/login/elsewhere/done"
        );
        assert_eq!(pairs["scope"], "openid profile groups");
        let mut inner = self.inner.lock().unwrap();
        inner.given += 1;
        let code = format!("code-{}", inner.given);
        let asked = (pairs["code_challenge"].clone(), pairs["nonce"].clone());
        inner.codes.insert(code.clone(), asked);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("code", &code);
        query.append_pair("state", &pairs["state"]);
        query.append_pair("iss", &self.issuer).finish()
    }

    fn id_token(&self, lie: Lie, nonce: &str, access_token: &str) -> String {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let hash = digest(&SHA256, access_token.as_bytes());
        let mut claims = self.claims.clone();
        let standard = json!({
            "iss": self.issuer, "aud": CLIENT, "nonce": nonce,
            "iat": now, "exp": now + 60, "at_hash": BASE64.encode(&hash.as_ref()[..16]),
        });
        for (name, value) in standard.as_object().unwrap() {
            claims[name] = value.clone();
        }
        match lie {
            Lie::Audience => claims["aud"] = json!("somebody-else"),
            Lie::Issuer => claims["iss"] = json!("https://evil.example"),
            Lie::Nonce => claims["nonce"] = json!("another"),
            Lie::Expired => claims["exp"] = json!(now - 1),
            Lie::AccessToken => claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA"),
            _ => {}
        }
        let algorithm = match lie {
            Lie::AlgNone => "none",
            Lie::Hmac => "HS256",
            _ => "ES256",
        };
        let header = json!({"alg": algorithm, "typ": "JWT", "kid": "one"});
        let part = |value: &Value| BASE64.encode(value.to_string());
        let mut signed = format!("{}.{}", part(&header), part(&claims));
        let random = SystemRandom::new();
        let by = |key: &EcdsaKeyPair| {
            let signature = key.sign(&random, signed.as_bytes()).unwrap();
            BASE64.encode(signature)
        };
        let signature = match lie {
            Lie::AlgNone => String::new(),
            Lie::Hmac => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
                BASE64.encode(hmac::sign(&key, signed.as_bytes()))
            }
            Lie::OtherKey => by(&self.other_key),
            _ => by(&self.key),
        };
        if lie == Lie::Changed {
            claims["sub"] = json!("somebody-else");
            signed = format!("{}.{}", part(&header), part(&claims));
        }
        format!("{signed}.{signature}")
    }
}

async fn configuration(State(provider): State<Provider>) -> Json<Value> {
    let issuer = &provider.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["none", "HS256", "ES256"],
    }))
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    // An uncompressed point: one byte, then both coordinates.
    let (x, y) = provider.key.public_key().as_ref()[1..].split_at(32);
    Json(json!({"keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "one",
        "x": BASE64.encode(x), "y": BASE64.encode(y),
    }]}))
}

async fn token(
    State(provider): State<Provider>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mut inner = provider.inner.lock().unwrap();
    let asked = inner.codes.remove(&form["code"]);
    let challenge = digest(&SHA256, form["code_verifier"].as_bytes());
    let challenge = BASE64.encode(challenge);
    let Some((_, nonce)) = asked.filter(|(expected, _)| *expected == challenge) else {
        let refused = json!({"error": "invalid_grant"});
        return (StatusCode::BAD_REQUEST, Json(refused)).into_response();
    };
    let mut answer = json!({"access_token": "access", "token_type": "Bearer"});
    if inner.lie != Lie::NoIdToken {
        answer["id_token"] = json!(provider.id_token(inner.lie, &nonce, "access"));
    }
    Json(answer).into_response()
}
