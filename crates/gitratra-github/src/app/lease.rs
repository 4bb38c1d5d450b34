//! The token of an installation: held in memory, lent to requests, renewed once for all of them.
//!
//! How a new one is fetched is in `standing`; this file only keeps it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gitratra_core::Timestamp;
use jiff::SignedDuration;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, MutexGuard};

use crate::Failure;
use crate::app::key::AppKey;
use crate::app::shown::Shown;
use crate::auth::bearer;

/// A token is renewed so long before its end, by the server's clock.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// An installation of a GitHub App, as which a client asks. Clones share the token. Its `Debug`
/// shows no secret.
#[derive(Clone)]
pub struct InstallationCredential {
    pub(crate) lease: Arc<Lease>,
}

impl InstallationCredential {
    pub(crate) fn new(key: Arc<AppKey>, installation: u64) -> Self {
        Self {
            lease: Arc::new(Lease {
                key,
                installation,
                held: Mutex::default(),
                rounds: AtomicU64::new(0),
                lacks_administration: AtomicBool::new(false),
                shown: Shown::default(),
            }),
        }
    }

    /// The id or the client id of the App.
    #[must_use]
    pub fn app_id(&self) -> &str {
        self.lease.key.app_id()
    }

    /// The number of the installation.
    #[must_use]
    pub fn installation_id(&self) -> u64 {
        self.lease.installation
    }
}

impl fmt::Debug for InstallationCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstallationCredential")
            .field("app_id", &self.app_id())
            .field("installation_id", &self.installation_id())
            .finish_non_exhaustive()
    }
}

/// The place where the token of one installation is held.
pub(crate) struct Lease {
    pub(crate) key: Arc<AppKey>,
    pub(crate) installation: u64,
    held: Mutex<Held>,
    /// How often fetching has ended, well or not.
    rounds: AtomicU64,
    lacks_administration: AtomicBool,
    shown: Shown,
}

/// What is held under the lock; who has it may fetch.
#[derive(Default)]
pub(crate) struct Held {
    token: Option<Token>,
    failure: Option<Failure>,
    numbers: u64,
}

/// A token that can be shown.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) header: HeaderValue,
    /// Later ones have higher numbers.
    pub(crate) number: u64,
    ends: Timestamp,
}

/// A token as GitHub gave it.
pub(crate) struct Grant {
    pub(crate) token: SecretString,
    pub(crate) expires_at: Timestamp,
    pub(crate) has_administration: bool,
}

/// What is to be done by who wants a token.
pub(crate) enum Turn<'a> {
    Take(Token),
    /// Another one fetched meanwhile and failed.
    Failed(Failure),
    Fetch(MutexGuard<'a, Held>),
}

impl Lease {
    /// Waits for the lock and says what to do; `refused` is the number of a token that GitHub did
    /// not take.
    pub(crate) async fn turn(
        &self,
        refused: Option<u64>,
        now: impl Fn() -> Option<Timestamp>,
    ) -> Turn<'_> {
        let round = self.rounds.load(Ordering::Acquire);
        let held = self.held.lock().await;
        if let Some(token) = held.usable(refused, now(), MARGIN) {
            return Turn::Take(token);
        }
        if round != self.rounds.load(Ordering::Acquire)
            && let Some(failure) = &held.failure
        {
            return Turn::Failed(failure.clone());
        }
        Turn::Fetch(held)
    }

    /// Takes in a new token; an error is what is wrong with it.
    pub(crate) fn renew(&self, held: &mut Held, grant: Grant) -> Result<Token, &'static str> {
        let header = bearer(grant.token.expose_secret())?;
        self.shown.note(grant.token);
        self.lacks_administration
            .store(!grant.has_administration, Ordering::Relaxed);
        held.numbers += 1;
        let token = Token {
            header,
            number: held.numbers,
            ends: grant.expires_at,
        };
        held.token = Some(token.clone());
        held.failure = None;
        self.rounds.fetch_add(1, Ordering::Release);
        Ok(token)
    }

    /// Notes for those who wait that there is no new token. Gives the old one where that is not
    /// over yet.
    pub(crate) fn fail(
        &self,
        held: &mut Held,
        failure: &Failure,
        refused: Option<u64>,
        now: Option<Timestamp>,
    ) -> Option<Token> {
        held.failure = Some(failure.clone());
        self.rounds.fetch_add(1, Ordering::Release);
        held.usable(refused, now, SignedDuration::ZERO)
    }

    /// Whether the latest token came without the permission that traffic needs.
    pub(crate) fn lacks_administration(&self) -> bool {
        self.lacks_administration.load(Ordering::Relaxed)
    }

    /// The text without the tokens and proofs that were shown of late.
    pub(crate) fn black_out(&self, text: &str) -> String {
        self.key.black_out(&self.shown.black_out(text))
    }
}

impl Held {
    fn usable(
        &self,
        refused: Option<u64>,
        now: Option<Timestamp>,
        margin: SignedDuration,
    ) -> Option<Token> {
        let token = self.token.as_ref()?;
        let is_new = refused.is_none_or(|refused| token.number > refused);
        // Where nothing is known of the time, GitHub will say whether it is over.
        let is_alive = now.is_none_or(|now| token.ends.duration_since(now) > margin);
        (is_new && is_alive).then(|| token.clone())
    }
}
