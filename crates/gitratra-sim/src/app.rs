//! GitHub Apps: what a test says of them, and what the simulated GitHub keeps of them.
//!
//! An App proves itself by a signature (`jwt`), and gets a token for an hour for each account
//! that installed it.

use crate::clock::Time;
use crate::world::World;

/// A key pair made for tests, in both forms in which GitHub's and others' tools write it.
///
/// It is published with the source and protects nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppKey {
    pkcs1: &'static str,
    pkcs8: &'static str,
}

impl AppKey {
    /// The key that an App has unless a test says otherwise.
    pub const fn usual() -> Self {
        Self {
            pkcs1: include_str!("../keys/app.pkcs1.pem"),
            pkcs8: include_str!("../keys/app.pkcs8.pem"),
        }
    }

    /// Another key, to be refused with.
    pub const fn stranger() -> Self {
        Self {
            pkcs1: include_str!("../keys/stranger.pkcs1.pem"),
            pkcs8: include_str!("../keys/stranger.pkcs8.pem"),
        }
    }

    /// The private key as GitHub hands it out: PEM, `RSA PRIVATE KEY`.
    pub const fn pkcs1(self) -> &'static str {
        self.pkcs1
    }

    /// The private key as many tools convert it: PEM, `PRIVATE KEY`.
    pub const fn pkcs8(self) -> &'static str {
        self.pkcs8
    }
}

/// A GitHub App as a test describes it.
#[derive(Clone, Debug)]
pub struct AppSpec {
    pub(crate) id: u64,
    pub(crate) client_id: String,
    pub(crate) key: AppKey,
    pub(crate) installations: Vec<InstallationSpec>,
}

impl AppSpec {
    /// An App with this id, the client id `Iv23li` followed by it, and the usual key.
    pub fn new(id: u64) -> Self {
        Self {
            id,
            client_id: format!("Iv23li{id}"),
            key: AppKey::usual(),
            installations: Vec::new(),
        }
    }

    /// With this client id.
    #[must_use]
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = client_id.into();
        self
    }

    /// With this key instead of the usual one.
    #[must_use]
    pub fn key(mut self, key: AppKey) -> Self {
        self.key = key;
        self
    }

    /// Adds an installation; an account's login alone is one on everything it owns.
    #[must_use]
    pub fn installed(mut self, installation: impl Into<InstallationSpec>) -> Self {
        self.installations.push(installation.into());
        self
    }
}

/// An App's installation on one account, as a test describes it.
#[derive(Clone, Debug)]
pub struct InstallationSpec {
    pub(crate) id: Option<u64>,
    pub(crate) account: String,
    pub(crate) selected: Option<Vec<String>>,
    pub(crate) is_suspended: bool,
    pub(crate) administration: bool,
}

impl InstallationSpec {
    /// An installation on everything that `account` owns, with Administration: read.
    pub fn new(account: impl Into<String>) -> Self {
        Self {
            id: None,
            account: account.into(),
            selected: None,
            is_suspended: false,
            administration: true,
        }
    }

    /// With this id instead of the next free one, which begin at 5,000,001.
    #[must_use]
    pub fn id(mut self, id: u64) -> Self {
        self.id = Some(id);
        self
    }

    /// Only for these repositories, each `owner/name`.
    #[must_use]
    pub fn selected(mut self, repositories: &[&str]) -> Self {
        self.selected = Some(repositories.iter().map(ToString::to_string).collect());
        self
    }

    /// Suspended from the start.
    #[must_use]
    pub fn suspended(mut self) -> Self {
        self.is_suspended = true;
        self
    }

    /// Without the permission Administration: read, so without traffic.
    #[must_use]
    pub fn without_administration(mut self) -> Self {
        self.administration = false;
        self
    }
}

impl From<&str> for InstallationSpec {
    fn from(account: &str) -> Self {
        Self::new(account)
    }
}

/// An App as the simulated GitHub keeps it.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) id: u64,
    pub(crate) client_id: String,
    /// The public half, as PKCS#1 DER.
    pub(crate) public_key: Vec<u8>,
    /// The budget of requests signed by the App itself.
    pub(crate) pool: usize,
}

/// An installation as the simulated GitHub keeps it.
#[derive(Debug)]
pub(crate) struct Installation {
    pub(crate) id: u64,
    pub(crate) app_id: u64,
    pub(crate) account: String,
    /// The repositories chosen; `None` for all that the account owns.
    pub(crate) selected: Option<Vec<u64>>,
    pub(crate) suspended: Option<Time>,
    pub(crate) administration: bool,
    /// The budget of all its tokens.
    pub(crate) pool: usize,
    pub(crate) created: Time,
}

impl Installation {
    /// How many requests an hour its tokens have: 50 more for each repository beyond 20.
    ///
    /// Source: <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>.
    pub(crate) fn limit(&self, world: &World, primary: u64) -> u64 {
        const MOST: u64 = 12_500;
        let repositories = match &self.selected {
            Some(selected) => selected.len(),
            None => world
                .listed()
                .filter(|repo| repo.owner().eq_ignore_ascii_case(&self.account))
                .count(),
        };
        let more = 50 * (repositories as u64).saturating_sub(20);
        (primary + more).min(MOST.max(primary))
    }
}
