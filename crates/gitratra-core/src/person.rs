//! People who may look or change things, what they may do, and how often a login may be tried.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::GroupName;

/// The store's number of a person; no other ever gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u64);

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name by which somebody logs in: one line, without spaces around it. Letter case does not
/// tell two apart.
///
/// Invariant: 1 to [`PersonName::LONGEST`] characters, none of which is a control character.
#[derive(Debug, Clone)]
pub struct PersonName(String);

impl PersonName {
    /// Characters at most.
    pub const LONGEST: usize = 100;

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which names are compared and found: lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl PartialEq for PersonName {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for PersonName {}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for PersonName {
    type Err = PersonError;

    fn from_str(text: &str) -> Result<Self, PersonError> {
        let name = text.trim();
        if name.is_empty() {
            return Err(PersonError::NoName);
        }
        if name.chars().any(char::is_control) || name.chars().count() > Self::LONGEST {
            return Err(PersonError::BadName);
        }
        Ok(Self(name.to_owned()))
    }
}

/// Why a text is no name, role or scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// Nothing, or spaces.
    #[error("the name is empty")]
    NoName,
    /// Too long or not one line.
    #[error("a name is one line of at most {longest} characters", longest = PersonName::LONGEST)]
    BadName,
    /// No role of ours.
    #[error("\"{0}\" is no role, write viewer, editor or admin")]
    Role(String),
    /// No scope of ours.
    #[error("\"{0}\" is no scope, write read, write or admin")]
    Scope(String),
}

/// What a person may do; each includes what the one before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees the groups that were named.
    Viewer,
    /// Sees everything, and changes what is tracked, notes and shares.
    Editor,
    /// Also decides who may do what.
    Admin,
}

impl Role {
    /// From the least to the most.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Admin];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = PersonError;

    fn from_str(text: &str) -> Result<Self, PersonError> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| PersonError::Role(text.to_owned()))
    }
}

/// What an API token may be used for; each includes the one before. A token never does more than
/// its owner may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenScope {
    /// Reading what the owner sees.
    Read,
    /// Also changing what an editor may change.
    Write,
    /// Everything that the owner may.
    Admin,
}

impl TokenScope {
    /// From the least to the most.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// What its bearer may do where its owner has this role. What is *seen* stays the owner's.
    #[must_use]
    pub fn role(self, owner: Role) -> Role {
        let most = match self {
            Self::Read => Role::Viewer,
            Self::Write => Role::Editor,
            Self::Admin => Role::Admin,
        };
        most.min(owner)
    }
}

impl fmt::Display for TokenScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for TokenScope {
    type Err = PersonError;

    fn from_str(text: &str) -> Result<Self, PersonError> {
        let found = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| PersonError::Scope(text.to_owned()))
    }
}

/// Somebody who may log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The number.
    pub id: PersonId,
    /// The name.
    pub name: PersonName,
    /// What they may do.
    pub role: Role,
    /// The groups a viewer sees, sorted; of no meaning for the other roles.
    pub groups: Vec<GroupName>,
    /// When they were added.
    pub created_at: Timestamp,
    /// May not log in, and is not logged in any more.
    pub is_disabled: bool,
    /// Has a password here.
    pub has_password: bool,
    /// Who else vouches for them: the address of an `OpenID` Connect provider.
    pub issuer: Option<String>,
}

/// Whose failed logins are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// One name, from wherever.
    Name,
    /// One address, with whatever name.
    Address,
}

/// For how long nothing more is tried after this many failures in a row. Growing, so that guessing
/// does not pay; bounded for a name, so that others cannot lock its owner out for long. Several
/// people may share an address, so it is given more tries.
#[must_use]
pub fn wait_secs(tried: Tried, failures: u64) -> i64 {
    let (free, longest) = match tried {
        Tried::Name => (4, 60),
        Tried::Address => (19, 900),
    };
    match failures.checked_sub(free) {
        None | Some(0) => 0,
        Some(over) if over > 10 => longest,
        Some(over) => (1_i64 << over).min(longest),
    }
}

/// Failures that lie this far back do not count any more.
pub const FAILURE_FORGOTTEN_SECS: i64 = 24 * 3600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_scopes_are_words_and_have_an_order() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        for scope in TokenScope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
        assert!("Admin".parse::<Role>().is_err() && "".parse::<TokenScope>().is_err());
        assert!(Role::Viewer < Role::Editor && Role::Editor < Role::Admin);
    }

    #[test]
    fn a_token_never_does_more_than_its_owner() {
        use {Role::*, TokenScope as Scope};
        for (scope, owner, expected) in [
            (Scope::Read, Admin, Viewer),
            (Scope::Write, Admin, Editor),
            (Scope::Admin, Admin, Admin),
            (Scope::Admin, Viewer, Viewer),
            (Scope::Write, Viewer, Viewer),
            (Scope::Admin, Editor, Editor),
        ] {
            assert_eq!(scope.role(owner), expected, "{scope} of {owner}");
        }
    }

    #[test]
    fn waits_grow_to_a_bound() {
        let waits = |tried| (0..40).map(move |failures| wait_secs(tried, failures));
        for tried in [Tried::Name, Tried::Address] {
            assert!(waits(tried).is_sorted());
        }
        let name: Vec<_> = waits(Tried::Name).take(12).collect();
        assert_eq!(name, [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(wait_secs(Tried::Address, 19), 0);
        assert_eq!(wait_secs(Tried::Address, 20), 2);
        assert_eq!(wait_secs(Tried::Address, u64::MAX), 900);
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(
            " Ada Ł ".parse::<PersonName>().map(|name| name.to_string()),
            Ok("Ada Ł".to_owned())
        );
        assert_eq!("ADA".parse::<PersonName>(), "ada".parse());
        assert_eq!("  ".parse::<PersonName>(), Err(PersonError::NoName));
        assert_eq!("a\nb".parse::<PersonName>(), Err(PersonError::BadName));
        assert!("x".repeat(101).parse::<PersonName>().is_err());
    }
}
