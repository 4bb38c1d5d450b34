//! GitHub Apps: who one is, where it is installed, and clients that ask as an installation.
//!
//! *Source*: docs.github.com, "Authenticating as a GitHub App installation".

mod key;
mod lease;
mod shown;
mod wire;

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use crate::ask::Asker;
use crate::endpoint::Question;
use crate::{
    ApiUrl, Client, ClientError, Clock, Credential, Failure, Options, RetryPolicy, SecretString,
    TokioClock,
};

pub use key::AppKey;
pub use lease::InstallationCredential;
pub(crate) use lease::{Grant, Lease, Token, Turn};
pub(crate) use wire::installation_token;

/// What an App is made of.
#[derive(Clone)]
pub struct AppOptions {
    /// Where the API lies.
    pub api: ApiUrl,
    /// The App's id or its client id.
    pub app_id: String,
    /// The private key in PEM form, as GitHub gives it (`RSA PRIVATE KEY`) or as other tools
    /// write it (`PRIVATE KEY`).
    pub key: SecretString,
    /// How patient to be.
    pub retry: RetryPolicy,
    /// What measures waiting.
    pub clock: Arc<dyn Clock>,
}

impl AppOptions {
    /// The usual patience, the machine's clock.
    #[must_use]
    pub fn new(api: ApiUrl, app_id: String, key: SecretString) -> Self {
        Self {
            api,
            app_id,
            key,
            retry: RetryPolicy::default(),
            clock: Arc::new(TokioClock::new()),
        }
    }
}

impl fmt::Debug for AppOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppOptions")
            .field("api", &self.api)
            .field("app_id", &self.app_id)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// Why an App cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The id is none.
    #[error("\"{app_id}\" is no App id: write the number or the client id of its settings page")]
    Id {
        /// What was given.
        app_id: String,
    },
    /// The key cannot be used.
    #[error("cannot use the private key of App \"{app_id}\": {why}")]
    Key {
        /// The App's id.
        app_id: String,
        /// What is wrong with the key.
        why: &'static str,
    },
    /// The HTTP client cannot be set up.
    #[error("cannot make a client for the App")]
    Client(#[from] ClientError),
}

/// An account that installed the App.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Its number.
    pub id: u64,
    /// The user or organization.
    pub account: String,
    /// Whether the account has suspended it, so that it gets no tokens.
    pub is_suspended: bool,
    /// Whether it was given all repositories of the account, also those to come.
    pub has_all: bool,
    /// Whether it was given the permission "Administration", without which no traffic is shown.
    pub has_administration: bool,
}

/// A GitHub App. Clones share everything.
#[derive(Debug, Clone)]
pub struct App {
    key: Arc<AppKey>,
    client: Client,
}

impl App {
    /// Makes an App; nothing is sent yet.
    ///
    /// # Errors
    /// [`AppError`] of any kind; none repeats anything of the key.
    pub fn new(options: AppOptions) -> Result<Self, AppError> {
        let app_id = options.app_id.trim().to_owned();
        let is_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if app_id.is_empty() || app_id.len() > 100 || !app_id.chars().all(is_id) {
            let app_id = crate::failure::one_line(&app_id, 100);
            return Err(AppError::Id { app_id });
        }
        let key = AppKey::read(app_id.clone(), &options.key);
        let key = Arc::new(key.map_err(|why| AppError::Key { app_id, why })?);
        let client = Client::new(Options {
            retry: options.retry,
            clock: options.clock,
            ..Options::new(options.api, Credential::App(Arc::clone(&key)))
        })?;
        Ok(Self { key, client })
    }

    /// All accounts that installed the App, suspended ones included, in GitHub's order.
    ///
    /// # Errors
    /// [`Failure`] of any kind; `Unauthorized` where the id and the key do not belong together.
    pub async fn installations(&self) -> Result<Vec<Installation>, Failure> {
        let asker: &Asker = self.client.asker();
        let mut all: Vec<Installation> = Vec::new();
        let mut ids = HashSet::new();
        let question = Question::installations();
        let pages = asker.pages(&question, wire::installations, |page, _| {
            // Lists move while they are read, so one may come on two pages.
            all.extend(page.into_iter().filter(|found| ids.insert(found.id)));
        });
        pages.await.map_err(|failure| Failure {
            deed: Some("cannot list the installations of the App"),
            ..failure
        })?;
        Ok(all)
    }

    /// The credential of an installation. Its token is fetched when it is first needed, renewed
    /// five minutes before its end and once more where GitHub refuses it, and kept in memory
    /// alone. Clients with clones of one credential share its token.
    #[must_use]
    pub fn credential(&self, installation: &Installation) -> Credential {
        let key = Arc::clone(&self.key);
        Credential::Installation(InstallationCredential::new(key, installation.id))
    }

    /// A client that asks as an installation, with [`App::credential`] in place of the one in
    /// `options`.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn client(
        &self,
        installation: &Installation,
        options: Options,
    ) -> Result<Client, ClientError> {
        Client::new(Options {
            credential: self.credential(installation),
            ..options
        })
    }

    /// What the App's own questions have done so far; those for tokens count with the clients
    /// that needed them.
    #[must_use]
    pub fn counters(&self) -> crate::Counters {
        self.client.counters()
    }

    /// The server's time now, reckoned from its latest answer to the App; nothing before the first
    /// one.
    #[must_use]
    pub fn server_now(&self) -> Option<gitratra_core::Timestamp> {
        self.client.server_now()
    }
}
