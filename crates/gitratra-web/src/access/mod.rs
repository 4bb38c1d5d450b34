//! Who may look: sessions, tokens, links and signatures become a [`Viewer`], and every path says
//! what it needs.
//!
//! The session is a plain cookie with a random secret, of which the store keeps the hash. A library
//! for sessions would read the machine's clock itself and keep a bag of values; here a session is a
//! person and two times, and the clock is given.

mod cookie;
mod elsewhere;
mod guard;
mod pages;
mod password;
mod secret;
mod signed;
mod viewer;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use gitratra_core::person::Tried;
use gitratra_core::{Group, Person, SecretHash, Timestamp};
use gitratra_store::{HouseKey, Shared, Store, StoreError};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

use crate::fresh::Fresh;
use crate::places::network_of;

pub use elsewhere::{Begun, ElsewhereError, LoginElsewhere};
pub use gitratra_core::{GroupName, PersonName, Role};
pub use gitratra_store::Vouched;
pub(crate) use guard::is_near;
pub use guard::{ClientAddress, Needs, RouteRule, guard};
pub(crate) use pages::frame;
pub use pages::{RULES, routes};
pub use password::{Passwords, password_fault};
pub use secret::{fresh_secret, hash_of};
pub use viewer::{By, Scope, Seen, Viewer};

/// A session ends after this time in any case, and when it was not used for so long.
const SESSION_SECS: i64 = 30 * 86_400;
const SESSION_IDLE_SECS: i64 = 7 * 86_400;
/// Use is noted at most so often, so that looking writes nothing.
const TOUCH_SECS: i64 = 300;
/// A link that works once works for so long.
pub const INVITE_SECS: i64 = 3 * 86_400;
/// What every API token begins with, so that scanners for leaked secrets know it.
pub const TOKEN_PREFIX: &str = "gtr_";

/// How the house is to be guarded.
#[derive(Debug, Clone, Default)]
pub struct AccessRules {
    /// Only this machine can reach it; as long as there are no people, nobody has to log in.
    pub is_loopback: bool,
    /// Who has not logged in sees public repositories.
    pub is_public: bool,
    /// Browsers reach it by https, so that cookies may be bound to that.
    pub is_https: bool,
    /// A proxy stands before it, whose word on the client's address is believed.
    pub has_proxy: bool,
    /// Names by which it may be asked besides those of this machine, where nobody has to log in.
    pub hosts: Vec<String>,
}

/// Who has to log in, and who not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nobody: whoever sits at this machine may everything.
    Open,
    /// Whoever wants to see or do more than looking at public repositories.
    Public,
    /// Everybody.
    Closed,
}

/// Who is let in. Clones share it.
#[derive(Clone)]
pub struct Access {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    rules: AccessRules,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    passwords: Passwords,
    elsewhere: Option<Arc<dyn LoginElsewhere>>,
    has_persons: Fresh<bool>,
    key: Fresh<hmac::Key>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Access").field(&self.inner.rules).finish()
    }
}

/// What a state of routes has, so that the routes of this module can be mounted on it.
pub trait HasAccess: Clone + Send + Sync + 'static {
    /// Who is let in.
    fn access(&self) -> &Access;
}

impl HasAccess for Access {
    fn access(&self) -> &Access {
        self
    }
}

/// Why somebody is not let in.
#[derive(Debug)]
pub enum Refused {
    /// A token that is unknown, over, or whose owner is gone.
    Token,
    /// The store does not answer.
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What came of a login.
#[derive(Debug)]
pub enum LoggedIn {
    /// They are in; the secret is for their browser.
    Yes(SecretString),
    /// The name or the password is wrong, or they are disabled: which, is not told.
    No,
    /// There were too many tries; so many seconds have to pass.
    Wait(u64),
}

impl Access {
    /// `clock` is the time of this machine; sessions have no other.
    #[must_use]
    pub fn new(
        store: Store,
        rules: AccessRules,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
        elsewhere: Option<Arc<dyn LoginElsewhere>>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                rules,
                clock: Box::new(clock),
                passwords: Passwords::default(),
                elsewhere,
                has_persons: Fresh::default(),
                key: Fresh::default(),
            }),
        }
    }

    /// How the house is guarded.
    #[must_use]
    pub fn rules(&self) -> &AccessRules {
        &self.inner.rules
    }

    /// The time of this machine.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.inner.clock)()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    pub(crate) fn elsewhere(&self) -> Option<&Arc<dyn LoginElsewhere>> {
        self.inner.elsewhere.as_ref()
    }

    /// Who has to log in now.
    ///
    /// # Errors
    /// [`StoreError`] where the store does not answer.
    pub async fn mode(&self) -> Result<Mode, StoreError> {
        if self.rules().is_public {
            return Ok(Mode::Public);
        }
        if !self.rules().is_loopback || self.has_persons().await? {
            return Ok(Mode::Closed);
        }
        Ok(Mode::Open)
    }

    async fn has_persons(&self) -> Result<bool, StoreError> {
        let ask = self.store().has_persons();
        self.inner.has_persons.or(ask).await
    }

    /// Who asks, by the headers of a request. A token is believed before a cookie, and a wrong one
    /// is refused.
    ///
    /// # Errors
    /// [`Refused`] as it says.
    pub async fn viewer(&self, headers: &HeaderMap) -> Result<Viewer, Refused> {
        let mode = self.mode().await?;
        // Another scheme is a proxy's own matter.
        let bearer = headers.get(AUTHORIZATION).and_then(|header| {
            let text = header.to_str().ok()?;
            let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        if let Some(token) = bearer {
            return self.bearer(token).await;
        }
        if mode == Mode::Open {
            return Ok(Viewer::house());
        }
        let (has_public, is_https) = (mode == Mode::Public, self.rules().is_https);
        let session = cookie::read(headers, self.session_cookie(), is_https);
        let mut viewer = match session {
            Some(secret) => self.by_session(&secret, has_public).await?,
            None => Viewer::nobody(has_public),
        };
        if let Some(secret) = cookie::read(headers, self.share_cookie(), is_https) {
            self.add_share(&mut viewer, &secret).await?;
        }
        Ok(viewer)
    }

    async fn bearer(&self, token: &str) -> Result<Viewer, Refused> {
        let now = self.now();
        let secret = token.strip_prefix(TOKEN_PREFIX).ok_or(Refused::Token)?;
        let found = self.store().token(hash_of(secret)).await?;
        let (token, person, groups) = found.ok_or(Refused::Token)?;
        if token.expires_at.is_some_and(|end| end <= now) {
            return Err(Refused::Token);
        }
        let used = token.last_used_at.map_or(i64::MIN / 2, |at| at.as_second());
        if now.as_second() - used > TOUCH_SECS {
            note(self.store().touch_token(token.id, now).await);
        }
        let role = token.scope.role(person.role);
        let mut viewer = self.of(person, groups, By::Token(token.id));
        viewer.role = Some(role);
        Ok(viewer)
    }

    async fn by_session(&self, secret: &str, has_public: bool) -> Result<Viewer, StoreError> {
        let (hash, now) = (hash_of(secret), self.now());
        let session = self.store().session(hash).await?;
        let idle_end = now.as_second() - SESSION_IDLE_SECS;
        let lasting = session.filter(|session| {
            now < session.expires_at && session.last_seen_at.as_second() > idle_end
        });
        let Some(session) = lasting else {
            return Ok(Viewer::nobody(has_public));
        };
        if now.as_second() - session.last_seen_at.as_second() > TOUCH_SECS {
            note(self.store().touch_session(hash, now).await);
        }
        Ok(self.of(session.person, session.groups, By::Session(hash)))
    }

    fn of(&self, person: Person, groups: Vec<Group>, by: By) -> Viewer {
        let has_public = self.rules().is_public;
        let scope = match person.role {
            Role::Admin | Role::Editor => Scope::All,
            Role::Viewer => Scope::Some(Seen {
                has_public,
                groups,
                repos: Vec::new(),
            }),
        };
        Viewer {
            scope,
            role: Some(person.role),
            person: Some((person.id, person.name)),
            by,
            ..Viewer::nobody(has_public)
        }
    }

    async fn add_share(&self, viewer: &mut Viewer, secret: &str) -> Result<(), StoreError> {
        let found = self.store().share(hash_of(secret)).await?;
        let Some((share, group)) = found.filter(|(share, _)| share.is_open(self.now())) else {
            return Ok(());
        };
        viewer.has_share = true;
        if let Scope::Some(seen) = &mut viewer.scope {
            match share.target {
                Shared::Repo(repo) => seen.repos.push(repo),
                Shared::Group(_) => seen.groups.extend(group),
            }
        }
        Ok(())
    }

    /// Tries a name and a password from an address. Whatever is wrong, it takes as long.
    ///
    /// # Errors
    /// [`StoreError`] where the store does not answer.
    pub async fn log_in(
        &self,
        name: &PersonName,
        password: SecretString,
        address: Option<IpAddr>,
    ) -> Result<LoggedIn, StoreError> {
        let now = self.now();
        let mut keys = vec![(Tried::Name, hash_of(&name.key()).to_string())];
        keys.extend(address.map(|address| (Tried::Address, network_of(address).to_string())));
        if let Some(wait) = self.store().try_login(&keys, now).await? {
            return Ok(LoggedIn::Wait(wait));
        }
        let (person, kept) = self.store().login(name).await?.unzip();
        let is = self.passwords().is(password, kept.flatten()).await;
        let Some(person) = person.filter(|person| is && !person.is_disabled) else {
            return Ok(LoggedIn::No);
        };
        self.store().login_succeeded(&keys).await?;
        Ok(match self.begin_session(person.id).await? {
            Some(secret) => LoggedIn::Yes(secret),
            None => LoggedIn::No,
        })
    }

    /// Logs somebody in, under a secret that nobody has had before.
    pub(crate) async fn begin_session(
        &self,
        person: gitratra_core::PersonId,
    ) -> Result<Option<SecretString>, StoreError> {
        let secret = fresh_secret();
        let (hash, now) = (hash_of(secret.expose_secret()), self.now());
        let end = later(now, SESSION_SECS);
        let is_in = self.store().add_session(hash, person, now, end).await?;
        Ok(is_in.then_some(secret))
    }

    pub(crate) async fn end_session(&self, hash: SecretHash) -> Result<(), StoreError> {
        self.store().end_session(hash).await?;
        Ok(())
    }

    /// The path of a link by which the first administrator sets a password: where others can reach
    /// the house, nobody is there yet, and not everybody may look. The newest few before it work as
    /// well, since several processes may have started together; the first that is used ends them all.
    ///
    /// # Errors
    /// [`StoreError`] where the store does not answer or cannot be written.
    pub async fn first_admin_path(&self) -> Result<Option<SecretString>, StoreError> {
        let rules = self.rules();
        if rules.is_loopback || rules.is_public || self.store().has_persons().await? {
            return Ok(None);
        }
        let path = invite(self.store(), None, self.now()).await?;
        Ok(Some(path))
    }

    /// An address that shows what it names to whoever has it, until `ends_at`.
    ///
    /// # Errors
    /// [`StoreError`] where the store does not answer.
    pub async fn sign(
        &self,
        path_and_query: &str,
        ends_at: Option<Timestamp>,
    ) -> Result<String, StoreError> {
        let key = self.key().await?;
        Ok(signed::sign(&key, path_and_query, ends_at))
    }

    /// Whether an address carries our signature and has not ended.
    ///
    /// # Errors
    /// [`StoreError`] where the store does not answer.
    pub async fn is_signed(&self, path_and_query: &str) -> Result<bool, StoreError> {
        // Most addresses carry none, and need no key.
        if !path_and_query.contains("sig=") {
            return Ok(false);
        }
        let key = self.key().await?;
        Ok(signed::is_signed(&key, path_and_query, self.now()))
    }

    /// Makes every address void that was signed before.
    ///
    /// # Errors
    /// [`StoreError`] where the store does not answer or cannot be written.
    pub async fn rotate_key(&self) -> Result<(), StoreError> {
        void_signed(self.store(), self.now()).await
    }

    async fn key(&self) -> Result<hmac::Key, StoreError> {
        let ask = async {
            let fresh = HouseKey(fresh_secret().expose_secret().to_owned());
            let kept = self.store().house_key("signs", &fresh, self.now()).await?;
            Ok(hmac::Key::new(hmac::HMAC_SHA256, kept.0.as_bytes()))
        };
        self.inner.key.or(ask).await
    }

    pub(crate) const fn session_cookie(&self) -> &'static str {
        "gitratra_session"
    }

    pub(crate) const fn share_cookie(&self) -> &'static str {
        "gitratra_share"
    }
}

/// Makes a link by which this person, or the first administrator, sets a password.
///
/// # Errors
/// [`StoreError`] where the store does not answer or cannot be written.
pub async fn invite(
    store: &Store,
    person: Option<gitratra_core::PersonId>,
    now: Timestamp,
) -> Result<SecretString, StoreError> {
    let secret = fresh_secret();
    let hash = hash_of(secret.expose_secret());
    let end = later(now, INVITE_SECS);
    store.add_invite(hash, person, now, end).await?;
    Ok(format!("/invite/{}", secret.expose_secret()).into())
}

/// Makes every address void that was signed before, in all processes that share the store.
///
/// # Errors
/// [`StoreError`] where the store does not answer or cannot be written.
pub async fn void_signed(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let fresh = HouseKey(fresh_secret().expose_secret().to_owned());
    store.rotate_house_key("signs", &fresh, now).await
}

/// The time so many seconds later.
pub(crate) fn later(time: Timestamp, secs: i64) -> Timestamp {
    Timestamp::from_second(time.as_second().saturating_add(secs)).unwrap_or(Timestamp::MAX)
}

/// That use cannot be noted, on a full disk, keeps nobody from looking.
fn note(noted: Result<(), StoreError>) {
    if let Err(error) = noted {
        tracing::warn!(%error, "the use of a session or token could not be noted");
    }
}
