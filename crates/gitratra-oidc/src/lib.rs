//! Logging in to the dashboard through another house, by `OpenID` Connect: the code flow with PKCE.
//!
//! The dashboard asks nobody by itself; this crate asks the provider for it, and says who somebody
//! is. Nothing is kept between the two halves of a login but what the browser brings back in a
//! signed cookie. What the provider can do and its keys are read anew for each login, so that a
//! change of keys is no trouble.
//!
//! *Source*: `OpenID` Connect Core 1.0 and Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (`iss`).

mod claims;
mod http;

use std::collections::BTreeSet;
use std::fmt;
use std::time::{Duration, Instant};

use gitratra_web::BoxFuture;
use gitratra_web::access::{Begun, ElsewhereError, LoginElsewhere, Vouched, hash_of};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl,
    Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    StandardErrorResponse, StandardTokenResponse, TokenResponse,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::claims::Extra;
use crate::http::Questions;

/// Ways of signing that are believed: those by which only the provider can sign.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Fields = IdTokenFields<
    Extra,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type Tokens = StandardTokenResponse<Fields, CoreTokenType>;

type Provider = Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What has to be known of a provider.
#[derive(Debug, Clone)]
pub struct OidcConfig {
    /// What the button says: "Log in with …".
    pub label: String,
    /// The provider's address, as its tokens name it.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// Our secret there; none for a public client.
    pub client_secret: Option<SecretString>,
    /// The address of the dashboard as browsers know it, `https://traffic.example`.
    pub public_url: String,
    /// What is asked for besides `openid` and `profile`: `groups` at some providers.
    pub scopes: Vec<String>,
    /// The claim that names groups.
    pub groups_claim: String,
    /// Who is in one of these is an administrator.
    pub admin_groups: BTreeSet<String>,
    /// Who is in one of these is an editor.
    pub editor_groups: BTreeSet<String>,
    /// Who is in one of these is a viewer, and sees the groups of ours that are called the same.
    pub viewer_groups: BTreeSet<String>,
}

/// Why a provider cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// An address that is none.
    #[error("\"{0}\" is no address, write https://…")]
    Address(String),
    /// An address by which secrets would travel in the clear.
    #[error("\"{0}\" is not https, and its secrets would travel in the clear")]
    Plain(String),
    /// Nobody would ever be let in.
    #[error("name at least one group that is let in: admin_groups, editor_groups, viewer_groups")]
    NoGroups,
    /// No outgoing connection can be made.
    #[error("cannot prepare connections to the provider")]
    Client(#[source] reqwest::Error),
}

/// A provider that says who somebody is.
pub struct Oidc {
    config: OidcConfig,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    questions: Questions,
    /// What the provider could do when it was last asked for the beginning of a login.
    known: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

/// For so long the provider is not asked again what it can do, however many begin to log in. Their
/// ends ask anew, so that a change of keys is no trouble.
const KNOWN: Duration = Duration::from_secs(60);

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Oidc").field(&self.config.issuer).finish()
    }
}

/// What the browser keeps between the two halves.
#[derive(Serialize, Deserialize)]
struct Kept {
    state: String,
    nonce: String,
    verifier: String,
}

impl Oidc {
    /// Checks the configuration; nobody is asked yet.
    ///
    /// # Errors
    /// [`OidcError`] as it says.
    pub fn new(config: OidcConfig) -> Result<Self, OidcError> {
        let has_groups = [
            &config.admin_groups,
            &config.editor_groups,
            &config.viewer_groups,
        ];
        if has_groups.iter().all(|groups| groups.is_empty()) {
            return Err(OidcError::NoGroups);
        }
        let issuer = IssuerUrl::new(config.issuer.clone())
            .map_err(|_| OidcError::Address(config.issuer.clone()))?;
        let public = config.public_url.trim_end_matches('/');
        let redirect = RedirectUrl::new(format!("{public}/login/elsewhere/done"))
            .map_err(|_| OidcError::Address(config.public_url.clone()))?;
        for url in [issuer.url(), redirect.url()] {
            let host = url.host_str().unwrap_or_default();
            let is_local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
            if url.scheme() != "https" && !is_local {
                return Err(OidcError::Plain(url.to_string()));
            }
        }
        let questions = Questions::new().map_err(OidcError::Client)?;
        Ok(Self {
            config,
            issuer,
            redirect,
            questions,
            known: Mutex::new(None),
        })
    }

    async fn metadata(&self) -> Result<CoreProviderMetadata, ElsewhereError> {
        let metadata =
            CoreProviderMetadata::discover_async(self.issuer.clone(), &self.questions).await;
        metadata.map_err(|error| unreachable(&error))
    }

    /// The same as it was less than a minute ago; one question at a time.
    async fn known_metadata(&self) -> Result<CoreProviderMetadata, ElsewhereError> {
        let mut known = self.known.lock().await;
        if let Some((at, metadata)) = &*known
            && at.elapsed() < KNOWN
        {
            return Ok(metadata.clone());
        }
        let metadata = self.metadata().await?;
        *known = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    fn provider(&self, metadata: CoreProviderMetadata) -> Provider {
        let secret = self.config.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let id = ClientId::new(self.config.client_id.clone());
        let provider = Provider::from_provider_metadata(metadata, id, secret);
        provider.set_redirect_uri(self.redirect.clone())
    }

    async fn begun(&self) -> Result<Begun, ElsewhereError> {
        let provider = self.provider(self.known_metadata().await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let scopes = self.config.scopes.iter().map(String::as_str);
        let scopes = std::iter::once("profile").chain(scopes);
        let (address, state, nonce) = provider
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(scopes.map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        let kept = Kept {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
        };
        let kept = serde_json::to_string(&kept).expect("three texts can be written as JSON");
        Ok(Begun {
            address: address.into(),
            kept: kept.into(),
        })
    }

    async fn finished(&self, kept: &str, query: &str) -> Result<Vouched, ElsewhereError> {
        let kept: Kept = serde_json::from_str(kept)
            .map_err(|_| unbelievable("the browser kept something else"))?;
        let code = self.code(&kept, query)?;
        let provider = self.provider(self.metadata().await?);
        let tokens: Tokens = provider
            .exchange_code(code)
            .map_err(|_| unbelievable("the provider has no address for tokens"))?
            .set_pkce_verifier(PkceCodeVerifier::new(kept.verifier))
            .request_async(&self.questions)
            .await
            .map_err(|error| match error {
                openidconnect::RequestTokenError::ServerResponse(told) => {
                    unbelievable(&format!("the provider refused the code: {}", told.error()))
                }
                other => unreachable(&other),
            })?;
        let token = tokens
            .id_token()
            .ok_or_else(|| unbelievable("the provider gave no ID token"))?;
        let verifier = provider.id_token_verifier().set_allowed_algs(ALGORITHMS);
        let nonce = Nonce::new(kept.nonce);
        let claims = token
            .claims(&verifier, &nonce)
            .map_err(|error| unbelievable(&error.to_string()))?;
        if let Some(expected) = claims.access_token_hash() {
            let bad = || unbelievable("the access token belongs to another login");
            let algorithm = token.signing_alg().map_err(|_| bad())?;
            let key = token.signing_key(&verifier).map_err(|_| bad())?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
                .map_err(|_| bad())?;
            if actual != *expected {
                return Err(bad());
            }
        }
        claims::vouched(&self.config, claims)
    }

    /// The code in what the provider sent the browser back with, if that belongs to this login.
    fn code(&self, kept: &Kept, query: &str) -> Result<AuthorizationCode, ElsewhereError> {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let value = |name: &str| {
            let pair = pairs.iter().find(|(key, _)| key == name);
            pair.map(|(_, value)| value.as_ref())
        };
        // Hashes are compared, so that time tells nothing of the state.
        let is_ours = value("state").is_some_and(|state| hash_of(state) == hash_of(&kept.state));
        if !is_ours {
            return Err(unbelievable("it belongs to another login"));
        }
        if value("iss").is_some_and(|issuer| issuer != self.config.issuer) {
            return Err(unbelievable("it comes from another provider"));
        }
        if let Some(error) = value("error") {
            let known: String = error.chars().take(60).collect();
            return Err(unbelievable(&format!("the provider said \"{known}\"")));
        }
        let code = value("code").ok_or_else(|| unbelievable("there is no code in it"))?;
        Ok(AuthorizationCode::new(code.to_owned()))
    }
}

fn unbelievable(why: &str) -> ElsewhereError {
    ElsewhereError::Unbelievable(why.to_owned())
}

/// An error with everything behind it on one line, for the log.
fn unreachable(error: &dyn std::error::Error) -> ElsewhereError {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text += &format!(": {error}");
        source = error.source();
    }
    ElsewhereError::Unreachable(text)
}

impl LoginElsewhere for Oidc {
    fn label(&self) -> &str {
        &self.config.label
    }

    fn begin(&self) -> BoxFuture<'_, Result<Begun, ElsewhereError>> {
        Box::pin(self.begun())
    }

    fn finish<'a>(
        &'a self,
        kept: &'a str,
        query: &'a str,
    ) -> BoxFuture<'a, Result<Vouched, ElsewhereError>> {
        Box::pin(self.finished(kept, query))
    }
}
