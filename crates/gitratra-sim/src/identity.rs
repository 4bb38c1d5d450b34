//! Who asks: tokens, what each may see and do, and how GitHub refuses the rest.
//!
//! Reads the `Authorization` header; knows nothing of budgets. A secret is never part of a
//! `Debug` text: a credential is named by a fingerprint.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use crate::clock::Time;
use crate::repo::Repo;

/// What somebody may do with a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Not even see it.
    None,
    /// See it.
    Read,
    /// Push to it, and so read its traffic.
    Push,
    /// Everything.
    Admin,
}

/// The sorts of token that GitHub treats differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A personal access token with scopes, or an OAuth token.
    Classic,
    /// A personal access token for chosen repositories and permissions.
    FineGrained,
    /// A token of a GitHub App's installation.
    Installation,
}

/// A token as a test describes it.
#[derive(Clone)]
pub struct TokenSpec {
    pub(crate) secret: String,
    pub(crate) kind: TokenKind,
    pub(crate) login: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) administration: bool,
    pub(crate) rules: Vec<(String, Right)>,
    pub(crate) denied: Vec<u64>,
    pub(crate) sso: Vec<String>,
    pub(crate) expires: Option<Time>,
    pub(crate) revoked: bool,
    pub(crate) limit: Option<u64>,
}

impl TokenSpec {
    fn new(secret: impl Into<String>, kind: TokenKind, login: Option<String>) -> Self {
        Self {
            secret: secret.into(),
            kind,
            login,
            scopes: Vec::new(),
            administration: true,
            rules: Vec::new(),
            denied: Vec::new(),
            sso: Vec::new(),
            expires: None,
            revoked: false,
            limit: None,
        }
    }

    /// A classic token with the scope `repo` and admin rights on everything there is.
    ///
    /// Its login is the owner of the first repository.
    pub fn full(secret: impl Into<String>) -> Self {
        let mut token = Self::new(secret, TokenKind::Classic, None);
        token.scopes.push("repo".into());
        token.can(Right::Admin, "*")
    }

    /// A classic token of `login` with the scope `repo`: admin of what `login` owns.
    pub fn classic(secret: impl Into<String>, login: impl Into<String>) -> Self {
        let mut token = Self::new(secret, TokenKind::Classic, Some(login.into()));
        token.scopes.push("repo".into());
        token
    }

    /// A fine-grained token of `login` with Administration: read on what `login` owns.
    pub fn fine_grained(secret: impl Into<String>, login: impl Into<String>) -> Self {
        Self::new(secret, TokenKind::FineGrained, Some(login.into()))
    }

    /// A token of an App's installation on the account `login`, for everything it owns.
    pub fn installation(secret: impl Into<String>, login: impl Into<String>) -> Self {
        Self::new(secret, TokenKind::Installation, Some(login.into()))
    }

    /// Adds a right on `owner/name`, `owner/*` or `*`; the greatest right that fits counts.
    #[must_use]
    pub fn can(mut self, right: Right, pattern: impl Into<String>) -> Self {
        self.rules.push((pattern.into().to_lowercase(), right));
        self
    }

    /// Exactly these scopes instead of `repo` (classic tokens).
    #[must_use]
    pub fn scopes(mut self, scopes: &[&str]) -> Self {
        self.scopes = scopes.iter().map(ToString::to_string).collect();
        self
    }

    /// Without the permission Administration: read (fine-grained and installation tokens).
    #[must_use]
    pub fn without_administration(mut self) -> Self {
        self.administration = false;
        self
    }

    /// Authorised for an organization that demands single sign-on.
    #[must_use]
    pub fn sso(mut self, organization: impl Into<String>) -> Self {
        self.sso.push(organization.into().to_lowercase());
        self
    }

    /// Valid until `at`, then 401.
    #[must_use]
    pub fn expires(mut self, at: impl Into<Time>) -> Self {
        self.expires = Some(at.into());
        self
    }

    /// With this many requests an hour instead of the simulation's default.
    #[must_use]
    pub fn limit(mut self, per_hour: u64) -> Self {
        self.limit = Some(per_hour);
        self
    }
}

impl fmt::Debug for TokenSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSpec")
            .field("fingerprint", &fingerprint(&self.secret))
            .field("kind", &self.kind)
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

impl From<&str> for TokenSpec {
    /// A token with every right.
    fn from(secret: &str) -> Self {
        Self::full(secret)
    }
}

/// Twelve letters that stand for a secret and do not give it away.
pub(crate) fn fingerprint(secret: &str) -> String {
    let hash = digest(&SHA256, secret.as_bytes());
    hash.as_ref()[..6]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A token that GitHub knows, with what follows from it worked out.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) spec: TokenSpec,
    pub(crate) login: String,
    pub(crate) fingerprint: String,
    /// The budget it draws on: one for all tokens of a user, one for each installation.
    pub(crate) pool: usize,
    /// Rights on repositories named exactly, which follow them through renames.
    pub(crate) by_id: Vec<(u64, Right)>,
    /// The installation it was issued to.
    pub(crate) installation: Option<u64>,
    /// The only repositories it reaches; `None` for no such bound.
    pub(crate) reach: Option<Vec<u64>>,
}

impl Token {
    pub(crate) fn is_valid(&self, now: Time) -> bool {
        !self.spec.revoked && self.spec.expires.is_none_or(|at| now < at)
    }

    /// What the token's holder may do, public sight apart.
    pub(crate) fn granted(&self, repo: &Repo) -> Right {
        let is_in_reach = self.reach.as_ref().is_none_or(|ids| ids.contains(&repo.id));
        if !is_in_reach || self.spec.denied.contains(&repo.id) {
            return Right::None;
        }
        let named = self.by_id.iter().filter(|(id, _)| *id == repo.id);
        let named = named.map(|(_, right)| *right).max();
        let lower = &repo.lower_name;
        let pattern = self.spec.rules.iter().filter(|(pattern, _)| {
            pattern == "*"
                || pattern == lower
                || pattern
                    .strip_suffix('*')
                    .is_some_and(|owner| owner.ends_with('/') && lower.starts_with(owner))
        });
        let pattern = pattern.map(|(_, right)| *right).max();
        let own = self.login.eq_ignore_ascii_case(repo.owner());
        let own = if own { Right::Admin } else { Right::None };
        own.max(named.unwrap_or(Right::None))
            .max(pattern.unwrap_or(Right::None))
    }

    /// What the token may do; a public repository is seen by everybody.
    pub(crate) fn right(&self, repo: &Repo) -> Right {
        let granted = self.granted(repo);
        if !repo.private {
            return granted.max(Right::Read);
        }
        let classic = self.spec.kind == TokenKind::Classic;
        if classic && !self.has_scope("repo") {
            return Right::None;
        }
        granted
    }

    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        self.spec.scopes.iter().any(|held| held == scope)
    }

    pub(crate) fn is_authorised_for(&self, organization: &str) -> bool {
        self.spec.kind != TokenKind::Classic
            || self
                .spec
                .sso
                .iter()
                .any(|known| known.eq_ignore_ascii_case(organization))
    }

    /// Why the token may not read the traffic of a repository that it sees.
    pub(crate) fn traffic_refusal(&self, repo: &Repo) -> Option<TrafficRefusal> {
        let granted = self.granted(repo);
        match self.spec.kind {
            TokenKind::Classic if granted < Right::Push => Some(TrafficRefusal::NoPush),
            TokenKind::Classic if self.has_scope("repo") => None,
            TokenKind::Classic if self.has_scope("public_repo") && !repo.private => None,
            TokenKind::Classic => Some(TrafficRefusal::NoPush),
            TokenKind::FineGrained if self.spec.administration && granted >= Right::Push => None,
            TokenKind::FineGrained => Some(TrafficRefusal::PersonalToken),
            TokenKind::Installation if self.spec.administration && granted >= Right::Read => None,
            TokenKind::Installation => Some(TrafficRefusal::Integration),
        }
    }
}

/// The three texts with which GitHub refuses traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrafficRefusal {
    NoPush,
    PersonalToken,
    Integration,
}

/// What a request's `Authorization` header holds.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    Absent,
    Secret(String),
    /// A scheme or form that GitHub does not read.
    Unreadable(String),
}

impl Credential {
    /// Reads a header value: `Bearer`, `token`, or `Basic` with the token as user or password.
    pub(crate) fn read(header: Option<&str>) -> Self {
        let Some(header) = header else {
            return Self::Absent;
        };
        let secret = header.split_once(' ').and_then(|(scheme, rest)| {
            let rest = rest.trim();
            match scheme.to_ascii_lowercase().as_str() {
                "bearer" | "token" => Some(rest.to_string()),
                "basic" => basic_secret(rest),
                _ => None,
            }
        });
        secret.map_or_else(|| Self::Unreadable(header.into()), Self::Secret)
    }

    pub(crate) fn fingerprint(&self) -> String {
        match self {
            Self::Absent => "none".into(),
            Self::Secret(text) | Self::Unreadable(text) => fingerprint(text),
        }
    }
}

/// The password of a Basic credential, or the user where there is no password.
fn basic_secret(encoded: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    let secret = if password.is_empty() { user } else { password };
    Some(secret.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expected: &str) {
        let read = Credential::read(Some(header));
        assert!(read == Credential::Secret(expected.into()), "{header}");
    }

    #[test]
    fn tokens_come_in_three_schemes() {
        check("Bearer ghp_x", "ghp_x");
        check("token ghp_x", "ghp_x");
        check("bearer  ghp_x", "ghp_x");
        check("Basic b2N0bzpnaHBfeA==", "ghp_x");
        check("Basic Z2hwX3g6", "ghp_x");
        assert!(Credential::read(None) == Credential::Absent);
        assert!(matches!(
            Credential::read(Some("Digest x")),
            Credential::Unreadable(_)
        ));
    }

    #[test]
    fn a_secret_is_no_part_of_its_debug_text() {
        let text = format!("{:?}", TokenSpec::full("ghp_verysecret"));
        assert!(!text.contains("verysecret"), "{text}");
    }
}
