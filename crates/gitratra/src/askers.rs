//! All that ask GitHub: every configured credential with its client, read anew as often as it is
//! wanted.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, Result, anyhow, bail};
use gitratra_core::Timestamp;
use gitratra_github::{
    App, AppOptions, BoxFuture, Client, Credential, FailureKind, Installation, Options, Purse,
    PurseWant, Share,
};
use gitratra_store::Store;
use gitratra_sync::{Asker, AskerKind, AskerSource, SharedPurse, Terms};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use crate::configured::{Configured, Place, TOKEN_LABEL, What};
use crate::credential;
use crate::settings::Settings;

/// The configured credentials.
pub(crate) struct Credentials {
    settings: Settings,
    points_per_minute: u32,
    jobs: usize,
    rate_share: f64,
    /// Where other processes ask with the same credentials.
    shared: Option<Shared>,
    memory: Mutex<Memory>,
}

/// A store in which budgets are shared, once it is open, and how.
pub(crate) type Shared = Arc<OnceLock<(Store, Terms)>>;

/// Shares of what one credential may spend, out of a store that is opened after the credential was
/// read.
struct StorePurse {
    shared: Shared,
    fingerprint: String,
    speed: f64,
}

impl StorePurse {
    fn purse(&self) -> Option<SharedPurse> {
        let (store, terms) = self.shared.get()?.clone();
        let purse = SharedPurse::new(store, terms, self.fingerprint.clone());
        Some(purse.at_speed(self.speed))
    }
}

impl Purse for StorePurse {
    fn take(&self, want: PurseWant) -> BoxFuture<'_, Result<Share, String>> {
        Box::pin(async move {
            match self.purse() {
                Some(purse) => purse.take(want).await,
                None => Err("the store is not open yet".to_owned()),
            }
        })
    }

    fn give_back(
        &self,
        resource: &'static str,
        ends_at: Timestamp,
        points: u64,
    ) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if let Some(purse) = self.purse() {
                purse.give_back(resource, ends_at, points).await;
            }
        })
    }
}

/// What came of looking for credentials.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Those that can ask, in the order in which they are configured, none twice.
    pub(crate) askers: Vec<Asker>,
    /// Those that cannot.
    pub(crate) missing: Vec<Missing>,
}

/// A credential that cannot be used.
#[derive(Debug)]
pub(crate) struct Missing {
    pub(crate) label: String,
    pub(crate) error: anyhow::Error,
    /// Whether waiting may help.
    pub(crate) is_passing: bool,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the credential \"{}\" cannot be used: {:#}",
            self.label, self.error
        )
    }
}

impl Found {
    /// The askers, or why there are none.
    pub(crate) fn some(mut self) -> Result<Self> {
        if !self.askers.is_empty() {
            return Ok(self);
        }
        match self.missing.len() {
            0 => bail!("there is no credential"),
            1 => Err(self.missing.remove(0).error),
            _ => Err(anyhow!(
                "no credential can be used:{}",
                lines(&self.missing)
            )),
        }
    }

    /// A credential that is named twice asks once, under the name that somebody gave it.
    fn add(&mut self, asker: Asker) {
        let is_same = |known: &&mut Asker| known.fingerprint == asker.fingerprint;
        match self.askers.iter_mut().find(is_same) {
            Some(known) if known.label == TOKEN_LABEL => known.label = asker.label,
            Some(_) => {}
            None => self.askers.push(asker),
        }
    }
}

fn lines(missing: &[Missing]) -> String {
    let line = |one: &Missing| format!("\n  {one}");
    missing.iter().map(line).collect()
}

/// What is remembered from one look to the next; nothing of it is ever shown but the texts.
#[derive(Default)]
struct Memory {
    /// What each credential gave, by its label.
    given: HashMap<String, Given>,
    /// What was warned of.
    told: HashSet<String>,
    /// Why a credential cannot be used, as told last, by its label; nothing of what passes.
    missing: HashMap<String, Option<String>>,
}

/// What a credential gave.
struct Given {
    fingerprints: Vec<String>,
    /// The App's key: installations are the same only as long as it is.
    key: Option<SecretString>,
}

/// Why a credential gave nobody.
struct Trouble {
    error: anyhow::Error,
    is_passing: bool,
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        Self {
            error,
            is_passing: false,
        }
    }
}

impl Memory {
    /// Says something once.
    fn warn(&mut self, text: String) {
        if self.told.insert(text.clone()) {
            tracing::warn!("{text}");
        }
    }
}

impl Credentials {
    /// The credentials of the settings, and how much each may ask: points a minute (0 for no pace of
    /// our own), requests at once, and the part of its hour.
    pub(crate) fn new(
        settings: &Settings,
        points_per_minute: u32,
        jobs: usize,
        rate_share: f64,
    ) -> Self {
        Self {
            settings: settings.clone(),
            points_per_minute,
            jobs,
            rate_share,
            shared: None,
            memory: Mutex::default(),
        }
    }

    /// All who use this store spend one budget for each credential.
    pub(crate) fn sharing(self, store: Store, terms: Terms) -> Self {
        self.sharing_at(&Arc::new(OnceLock::from((store, terms))))
    }

    /// The same where the store is not open yet: nothing is spent before it is.
    pub(crate) fn sharing_at(mut self, shared: &Shared) -> Self {
        self.shared = Some(Arc::clone(shared));
        self
    }

    fn purse(&self, fingerprint: &str) -> Option<Arc<dyn Purse>> {
        let shared = Arc::clone(self.shared.as_ref()?);
        let fingerprint = fingerprint.to_owned();
        Some(Arc::new(StorePurse {
            shared,
            fingerprint,
            speed: self.settings.speed(),
        }))
    }

    /// Reads every credential, and asks for the installations of Apps. Who is among `known` and has
    /// not changed keeps the client. A credential that gives nobody now keeps those it gave before.
    pub(crate) async fn look(&self, known: &[Asker]) -> Found {
        let mut memory = self.memory.lock().await;
        let memory = &mut *memory;
        let mut found = Found::default();
        for configured in self.settings.credentials() {
            let label = &configured.label;
            match self.read(&configured, known, memory).await {
                Ok((askers, key)) => {
                    let prints = askers.iter().map(|asker| asker.fingerprint.clone());
                    let given = Given {
                        fingerprints: prints.collect(),
                        key,
                    };
                    memory.given.insert(label.clone(), given);
                    memory.missing.remove(label);
                    askers.into_iter().for_each(|asker| found.add(asker));
                }
                Err(Trouble { error, is_passing }) => {
                    if let Some(given) = memory.given.get(label) {
                        let is_its =
                            |asker: &&Asker| given.fingerprints.contains(&asker.fingerprint);
                        let kept = known.iter().filter(is_its).cloned();
                        kept.for_each(|asker| found.add(asker));
                    }
                    found.missing.push(Missing {
                        label: label.clone(),
                        error,
                        is_passing,
                    });
                }
            }
        }
        found
    }

    async fn read(
        &self,
        configured: &Configured,
        known: &[Asker],
        memory: &mut Memory,
    ) -> Result<(Vec<Asker>, Option<SecretString>), Trouble> {
        let credential = match &configured.what {
            What::Token(place) => Credential::Token(self.token(place, memory).await?),
            What::Basic { user, place } => Credential::Basic {
                user: user.clone(),
                secret: self.token(place, memory).await?,
            },
            What::App { id, key_file } => {
                return self
                    .installations(configured, id, key_file, known, memory)
                    .await;
            }
        };
        let asker = self.asker(
            configured.label.clone(),
            credential,
            AskerKind::Person,
            known,
        )?;
        Ok((vec![asker], None))
    }

    async fn token(&self, place: &Place, memory: &mut Memory) -> Result<SecretString> {
        let mut warn = |text| memory.warn(text);
        credential::read(place, &self.settings, &mut warn).await
    }

    /// The installations of an App that are not suspended, each with its own budget.
    async fn installations(
        &self,
        configured: &Configured,
        id: &str,
        key_file: &Path,
        known: &[Asker],
        memory: &mut Memory,
    ) -> Result<(Vec<Asker>, Option<SecretString>), Trouble> {
        let key = credential::app_key(key_file, &mut |text| memory.warn(text))?;
        let given = memory.given.get(&configured.label);
        let old = given.and_then(|given| given.key.as_ref());
        let is_same_key = old.is_some_and(|old| old.expose_secret() == key.expose_secret());
        // A client keeps the key that it was made with.
        let known = if is_same_key { known } else { &[] };
        let mut options = AppOptions::new(self.settings.api_url()?, id.to_owned(), key.clone());
        options.clock = self.settings.clock();
        let app = App::new(options).map_err(|error| {
            let why = anyhow::Error::from(error);
            why.context(format!(
                "the key file \"{}\" cannot be used",
                key_file.display()
            ))
        })?;
        let installations = app.installations().await.map_err(|failure| Trouble {
            error: anyhow!("{failure}: {}", failure.action()),
            is_passing: matches!(
                failure.kind,
                FailureKind::Unreachable | FailureKind::Server | FailureKind::RateLimited { .. }
            ),
        })?;
        let (suspended, active): (Vec<Installation>, Vec<Installation>) = installations
            .into_iter()
            .partition(|installation| installation.is_suspended);
        for installation in &suspended {
            memory.warn(format!(
                "the installation of the App \"{id}\" for \"{0}\" is suspended, so its repositories are not read: \
                 unsuspend it in the settings of \"{0}\" on GitHub, under \"Applications\"",
                installation.account
            ));
        }
        if active.is_empty() {
            return Err(self.installed_nowhere(id, &suspended).into());
        }
        let table = match &configured.label {
            label if *label == format!("App {id}") => String::new(),
            label => format!("{label}: "),
        };
        let asker = |installation: &Installation| {
            let account = installation.account.clone();
            self.asker(
                format!("{table}installation {account}"),
                app.credential(installation),
                AskerKind::Installation { account },
                known,
            )
        };
        let askers = active.iter().map(asker).collect::<Result<_>>()?;
        Ok((askers, Some(key)))
    }

    fn installed_nowhere(&self, id: &str, suspended: &[Installation]) -> anyhow::Error {
        if !suspended.is_empty() {
            return anyhow!("every installation of the App \"{id}\" is suspended");
        }
        let site = self.settings.api_url().ok().and_then(|api| api.site());
        let page = site.map_or_else(String::new, |site| format!(" ({site}/settings/apps)"));
        anyhow!(
            "the App \"{id}\" is installed nowhere: install it on the accounts whose repositories it is to read, \
             in the App's settings on GitHub{page} under \"Install App\", with the repository permission \
             \"Administration: read\""
        )
    }

    /// The one that asks with a credential: with the client it had, or with a new one.
    fn asker(
        &self,
        label: String,
        credential: Credential,
        kind: AskerKind,
        known: &[Asker],
    ) -> Result<Asker> {
        let fingerprint = credential.fingerprint();
        let in_use = known.iter().find(|known| known.fingerprint == fingerprint);
        let client = match in_use {
            Some(known) => known.client.clone(),
            None => Client::new(Options {
                points_per_minute: self.points_per_minute,
                concurrency: self.jobs,
                rate_share: self.rate_share,
                purse: self.purse(&fingerprint),
                clock: self.settings.clock(),
                minute: self.settings.minute(),
                ..Options::new(self.settings.api_url()?, credential)
            })
            .context("cannot make an HTTP client")?,
        };
        Ok(Asker {
            label,
            client,
            fingerprint,
            kind,
        })
    }

    /// Says what cannot be used, where that was not said before. What passes by itself is one
    /// trouble, however each try happens to fail.
    async fn tell(&self, missing: &[Missing]) {
        let mut memory = self.memory.lock().await;
        for one in missing {
            let trouble = (!one.is_passing).then(|| one.to_string());
            if memory.missing.get(&one.label) != Some(&trouble) {
                tracing::warn!("{one}");
                memory.missing.insert(one.label.clone(), trouble);
            }
        }
    }
}

impl AskerSource for Credentials {
    /// Nobody at the start where nobody can ask because GitHub cannot be reached.
    fn askers<'a>(&'a self, known: &'a [Asker]) -> BoxFuture<'a, Result<Vec<Asker>, String>> {
        Box::pin(async move {
            let found = self.look(known).await;
            let is_passing = found.missing.iter().any(|one| one.is_passing);
            let is_start = self.memory.lock().await.given.is_empty();
            if found.askers.is_empty() && is_start && is_passing {
                self.tell(&found.missing).await;
                return Ok(Vec::new());
            }
            match found.some() {
                Ok(found) => {
                    self.tell(&found.missing).await;
                    Ok(found.askers)
                }
                Err(error) => Err(format!("{error:#}")),
            }
        })
    }
}
