//! The OAuth device flow: a person types a short code on GitHub's web site, and a token comes back
//! here.
//!
//! *Source*: docs.github.com, "Authorizing OAuth apps", "Device flow"; RFC 8628. GitHub answers
//! errors with the status 200, and a client id that it does not know with 404.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::failure::one_line;
use crate::socket::{Broken, Letter, Socket};
use crate::{ClientError, Clock, RetryPolicy, SiteUrl, TokioClock};

const CODE_PATH: &str = "/login/device/code";
const TOKEN_PATH: &str = "/login/oauth/access_token";
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What is waited between two questions where GitHub does not say, and what is added each time it
/// asks to slow down.
const STEP: Duration = Duration::from_secs(5);
/// No wait between two questions is longer.
const LONGEST_INTERVAL_SECS: u64 = 300;
/// How long a code is good where GitHub does not say.
const USUAL_LIFE_SECS: u64 = 900;
/// No code is believed to be good for longer.
const LONGEST_LIFE_SECS: u64 = 24 * 60 * 60;

/// What a login is made of.
#[derive(Clone)]
pub struct DeviceOptions {
    /// Where people log in; [`ApiUrl::site`](crate::ApiUrl::site) of the API.
    pub site: SiteUrl,
    /// The client id of the OAuth app; it is no secret.
    pub client_id: String,
    /// The scopes to ask for, such as `repo`; apps with fine permissions take none.
    pub scope: String,
    /// What measures waiting.
    pub clock: Arc<dyn Clock>,
    /// How long connections and requests may take.
    pub retry: RetryPolicy,
}

impl DeviceOptions {
    /// The usual patience, the machine's clock.
    #[must_use]
    pub fn new(site: SiteUrl, client_id: String, scope: String) -> Self {
        Self {
            site,
            client_id,
            scope,
            clock: Arc::new(TokioClock::new()),
            retry: RetryPolicy::default(),
        }
    }
}

impl fmt::Debug for DeviceOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceOptions")
            .field("site", &self.site)
            .field("client_id", &self.client_id)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// Why there is no token. No text holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The person said no.
    #[error("the login was denied on GitHub's page")]
    Denied,
    /// Nobody typed the code in time.
    #[error("the code was not used in time")]
    Expired,
    /// The app may not use this way of logging in.
    #[error("the app with client id \"{client_id}\" allows no device flow")]
    Disabled {
        /// The client id.
        client_id: String,
    },
    /// There is no such app.
    #[error("GitHub knows no app with client id \"{client_id}\"")]
    WrongClientId {
        /// The client id.
        client_id: String,
    },
    /// Too many codes were asked for.
    #[error("GitHub gives no more codes for now")]
    TooMany,
    /// No answer came, or only ones that speak of GitHub's own trouble.
    #[error("cannot reach \"{site}\": {message}")]
    Unreachable {
        /// Where it was tried.
        site: SiteUrl,
        /// What broke.
        message: String,
    },
    /// The answer cannot be right.
    #[error("cannot log in at \"{site}\": {message}")]
    Malformed {
        /// Where it came from.
        site: SiteUrl,
        /// What is wrong with it.
        message: String,
    },
    /// GitHub refuses for another reason.
    #[error("GitHub refuses the login: {word}")]
    Refused {
        /// GitHub's word for the reason.
        word: String,
    },
    /// The HTTP client cannot be set up.
    #[error("cannot set up the login")]
    Client(#[from] ClientError),
}

impl DeviceError {
    /// What to do next, as one sentence without a full stop.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Denied => "log in again and allow it, or give a personal access token",
            Self::Expired => "log in again and type the code within the time given",
            Self::Disabled { .. } => {
                "switch on \"Enable Device Flow\" in the app's settings on GitHub, or give a \
                 personal access token"
            }
            Self::WrongClientId { .. } => "check the client id, and that the API address is right",
            Self::TooMany => "wait an hour, GitHub gives 50 codes an hour for one app",
            Self::Unreachable { .. } => {
                "check the network, the API address and the proxy settings, then log in again"
            }
            Self::Malformed { .. } => "check that the API address and any proxy lead to GitHub",
            Self::Refused { .. } => "log in again, or give a personal access token",
            Self::Client(_) => "check the proxy settings and the certificates of this machine",
        }
    }
}

/// A login that waits for a person. Its `Debug` shows no secret.
pub struct Begun {
    /// What the person has to type.
    pub user_code: String,
    /// The page to type it on: one of the site itself.
    pub verification_uri: String,
    /// How long the code is good from its beginning.
    pub expires_in: Duration,
    device_code: SecretString,
    interval: Duration,
    started: Duration,
    post: Post,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun")
            .field("user_code", &self.user_code)
            .field("verification_uri", &self.verification_uri)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// Asks for a code that a person can type.
///
/// # Errors
/// [`DeviceError`] of any kind but `Denied` and `Expired`.
pub async fn begin(options: &DeviceOptions) -> Result<Begun, DeviceError> {
    let is_loopback = options.site.is_loopback();
    let socket = Socket::new(is_loopback, &options.retry)
        .map_err(|error| ClientError::Http(error.into()))?;
    let post = Post {
        options: options.clone(),
        socket,
    };
    let started = options.clock.now();
    let fields = [
        ("client_id", &*options.client_id),
        ("scope", &*options.scope),
    ];
    let code: Code = match post.send(CODE_PATH, &fields).await? {
        Reply::Is(code) => code,
        Reply::Error(word, _) => return Err(post.refused(&word)),
        Reply::Trouble(message) => return Err(post.unreachable(message)),
    };
    let page = options.site.page(&code.verification_uri);
    let page = page.ok_or_else(|| post.malformed("the page to open is not on this site"))?;
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let user_code = code.user_code;
    if !(1..=40).contains(&user_code.len()) || !user_code.chars().all(is_letter) {
        return Err(post.malformed("the code to type is none"));
    }
    if code.device_code.is_empty() {
        return Err(post.malformed("the answer holds no device code"));
    }
    let life_secs = code.expires_in.unwrap_or(USUAL_LIFE_SECS);
    Ok(Begun {
        user_code,
        verification_uri: page.into(),
        expires_in: Duration::from_secs(life_secs.min(LONGEST_LIFE_SECS)),
        device_code: SecretString::from(code.device_code),
        interval: interval(code.interval).unwrap_or(STEP),
        started,
        post,
    })
}

impl Begun {
    /// Waits until the person has typed the code, and gives the token.
    ///
    /// # Errors
    /// [`DeviceError`]; `Expired` at the end of [`Begun::expires_in`], `Unreachable` where GitHub
    /// could not be reached at that end.
    pub async fn wait(self) -> Result<SecretString, DeviceError> {
        let Post { options, .. } = &self.post;
        let ends = self.started + self.expires_in;
        let mut interval = self.interval;
        let mut trouble = None;
        loop {
            let next = options.clock.now() + interval;
            if next >= ends {
                options
                    .clock
                    .sleep(ends.saturating_sub(options.clock.now()))
                    .await;
                return Err(match trouble {
                    Some(message) => self.post.unreachable(message),
                    None => DeviceError::Expired,
                });
            }
            options.clock.sleep(interval).await;
            let fields = [
                ("client_id", &*options.client_id),
                ("device_code", self.device_code.expose_secret()),
                ("grant_type", GRANT_TYPE),
            ];
            trouble = None;
            match self.post.send(TOKEN_PATH, &fields).await? {
                Reply::Is(Granted { access_token }) if !access_token.is_empty() => {
                    return Ok(SecretString::from(access_token));
                }
                Reply::Is(_) => return Err(self.post.malformed("the token is empty")),
                Reply::Error(word, new) => match &*word {
                    "authorization_pending" => {}
                    "slow_down" => {
                        let asked = self::interval(new).unwrap_or_default();
                        interval = asked.max(interval + STEP);
                    }
                    word => return Err(self.post.refused(word)),
                },
                Reply::Trouble(message) => {
                    // The person may be typing all the same, so this does not end the waiting.
                    interval += STEP;
                    trouble = Some(message);
                }
            }
        }
    }
}

fn interval(secs: Option<u64>) -> Option<Duration> {
    let secs = secs?.clamp(1, LONGEST_INTERVAL_SECS);
    Some(Duration::from_secs(secs))
}

#[derive(Deserialize)]
struct Code {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: Option<u64>,
    interval: Option<u64>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
    interval: Option<u64>,
}

/// What a form was answered with.
enum Reply<T> {
    Is(T),
    /// GitHub's word for an error, and the interval that comes with it.
    Error(String, Option<u64>),
    /// Something that may pass.
    Trouble(String),
}

/// Sends forms to the site.
struct Post {
    options: DeviceOptions,
    socket: Socket,
}

impl Post {
    async fn send<T: for<'a> Deserialize<'a>>(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<Reply<T>, DeviceError> {
        let url = self.options.site.at(path);
        let letter = Letter::Form(form(fields));
        let (head, incoming) = match self.socket.send(&url, letter, None).await {
            Ok(answer) => answer,
            Err(broken) => return self.broken(broken),
        };
        let status = head.status;
        let body = match incoming.body().await {
            Ok(body) => body,
            Err(broken) => return self.broken(broken),
        };
        // A message of serde's may hold the token, so none is repeated.
        let refused = serde_json::from_slice::<Refused>(&body).ok();
        let refused = refused.filter(|refused| is_word(&refused.error));
        match (status, refused) {
            (500.., _) => Ok(Reply::Trouble(format!("status {status}"))),
            (404, _) => Err(self.wrong_client_id()),
            (200..500, Some(refused)) => Ok(Reply::Error(refused.error, refused.interval)),
            (403 | 429, None) => Ok(Reply::Trouble(format!("status {status}"))),
            (200, None) => match serde_json::from_slice(&body) {
                Ok(value) => Ok(Reply::Is(value)),
                Err(_) => Err(self.malformed("the answer is not what GitHub answers")),
            },
            (status, None) => Err(self.malformed(&format!("status {status} is no answer"))),
            (..200, _) => Err(self.malformed("the answer is none")),
        }
    }

    fn broken<T>(&self, broken: Broken) -> Result<Reply<T>, DeviceError> {
        match broken {
            Broken::Trouble(_, message) => Ok(Reply::Trouble(one_line(&message, 300))),
            Broken::TooLarge => Err(self.malformed("the answer is larger than 16 MiB")),
        }
    }

    fn refused(&self, word: &str) -> DeviceError {
        match word {
            "access_denied" => DeviceError::Denied,
            "expired_token" | "token_expired" => DeviceError::Expired,
            "slow_down" => DeviceError::TooMany,
            "device_flow_disabled" => DeviceError::Disabled {
                client_id: self.client_id(),
            },
            "incorrect_client_credentials" => self.wrong_client_id(),
            word => DeviceError::Refused {
                word: word.to_owned(),
            },
        }
    }

    fn wrong_client_id(&self) -> DeviceError {
        let client_id = self.client_id();
        DeviceError::WrongClientId { client_id }
    }

    fn client_id(&self) -> String {
        one_line(&self.options.client_id, 100)
    }

    fn unreachable(&self, message: String) -> DeviceError {
        let site = self.options.site.clone();
        DeviceError::Unreachable { site, message }
    }

    fn malformed(&self, message: &str) -> DeviceError {
        DeviceError::Malformed {
            site: self.options.site.clone(),
            message: message.to_owned(),
        }
    }
}

/// Whether a text is a word for an error, as RFC 6749 has them; anything else is not repeated.
fn is_word(text: &str) -> bool {
    (1..=60).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut url = Url::parse("https://form/").expect("this is an address");
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_written_as_browsers_do() {
        let fields = [("a", "b&c=d"), ("scope", "repo read:org")];
        assert_eq!(form(&fields), "a=b%26c%3Dd&scope=repo+read%3Aorg");
    }

    #[test]
    fn only_words_are_errors() {
        assert!(is_word("access_denied"));
        assert!(!is_word("gho_0123456789ABC"));
        assert!(!is_word(""));
    }
}
